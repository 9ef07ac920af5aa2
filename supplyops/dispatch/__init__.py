"""From an approved plan to a signed receipt: release instructions, consignments, shipments, loading, delivery."""
