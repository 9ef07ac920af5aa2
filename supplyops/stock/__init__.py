"""The ledger: lots, moves, balances, reservations, and the papers that move them."""
