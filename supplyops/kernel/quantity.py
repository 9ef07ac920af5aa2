"""Quantities are whole base units of an item; packages are how they travel."""

from __future__ import annotations

QUANTITY_MAX = 1_000_000_000
"""Upper bound of one quantity in base units: far above any reserve, far below where sums overflow."""


def packages(quantity: int, pack_quantity: int) -> int:
    """How many packages hold `quantity` base units; the last one may be part full."""
    return -(-quantity // pack_quantity)


def whole_packages(quantity: int, pack_quantity: int) -> int:
    """`quantity` base units rounded up to full packages, in base units."""
    return packages(quantity, pack_quantity) * pack_quantity


def with_unit(quantity: int, unit: str) -> str:
    """A quantity as people write it: `1,200 顶`."""
    return f"{quantity:,} {unit}".strip()
