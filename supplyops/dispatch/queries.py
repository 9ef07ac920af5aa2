"""What may be asked about orders, noun by noun."""

from supplyops.dispatch.arrival_queries import discrepancies, expected, expected_of
from supplyops.dispatch.consignment_queries import consignment, consignments, count_consignments, pickup_of
from supplyops.dispatch.instruction_queries import count_instructions, instruction, instructions
from supplyops.dispatch.narrowing import PAGE
from supplyops.dispatch.shipment_queries import count_shipments, shipment, shipments

__all__ = [
    "PAGE",
    "consignment",
    "consignments",
    "count_consignments",
    "count_instructions",
    "count_shipments",
    "discrepancies",
    "expected",
    "expected_of",
    "instruction",
    "instructions",
    "pickup_of",
    "shipment",
    "shipments",
]
