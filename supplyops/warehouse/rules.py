"""Which bin goods go to: what it offers, what room it has, how often the goods are fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks
from supplyops.kernel.keeping import StorageClass, suits

_FAR = 1_000_000
"""The walk rank of a bin of which nobody has said how near it is."""


class Turnover(StrEnum):
    """How often goods are fetched: the third fetched most, those fetched at all, those not fetched."""

    FAST = "fast"
    NORMAL = "normal"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Goods:
    """What is to be put away."""

    unit_volume_cm3: int
    pack_quantity: int
    storage_class: StorageClass
    turnover: Turnover


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin as it is now. `free_cm3` is None where nobody has said how large it is."""

    id: UUID
    code: str
    storage_class: StorageClass | None
    free_cm3: int | None
    walk_rank: int | None
    holds_item: bool
    """Some of the same item lies there already."""
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Placement:
    """So much goes to a bin."""

    bin_id: UUID
    code: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PutAwayInput:
    """So much of one lot goes from the receiving area to a bin. A bin without room or not made for it needs a reason."""

    lot_number: str
    from_code: str
    to_code: str
    quantity: int
    reason: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        for name in ("lot_number", "from_code", "to_code"):
            check.text(name, getattr(self, name), length_max=60)
        check.whole("quantity", self.quantity, minimum=1)
        check.text("reason", self.reason, length_max=120, required=False)
        check.that(self.from_code != self.to_code, "to_code", "own_target")
        check.done()


def turnover_of(fetched: Mapping[UUID, int], item_id: UUID) -> Turnover:
    """How often an item is fetched beside the others of its store (item -> how often)."""
    times = fetched.get(item_id, 0)
    if not times:
        return Turnover.SLOW
    oftener = sum(1 for count in fetched.values() if count > times)
    return Turnover.FAST if oftener < max(len(fetched) / 3, 1) else Turnover.NORMAL


def capacity_for(goods: Goods, bin_: Bin, quantity: int) -> int:
    """How much of a quantity fits: all of it, or as many whole packages as there is room for."""
    if bin_.free_cm3 is None:
        return quantity
    fitting = max(bin_.free_cm3, 0) // goods.unit_volume_cm3
    return quantity if fitting >= quantity else fitting - fitting % goods.pack_quantity


def suggest(goods: Goods, quantity: int, bins: Sequence[Bin]) -> tuple[tuple[Placement, ...], int]:
    """Where goods should go, and how much finds no place.

    Bins made for such goods come first, then those that hold the item already, then empty ones; among equals those that
    take everything, then by turnover: what is fetched often goes near the door, what is never fetched far from it.
    """
    fitting = [bin_ for bin_ in bins if suits(goods.storage_class, bin_.storage_class) is not None]
    placements: list[Placement] = []
    left = quantity
    for bin_ in sorted(fitting, key=lambda bin_: _preference(goods, quantity, bin_)):
        taken = capacity_for(goods, bin_, left)
        if taken > 0:
            placements.append(Placement(bin_.id, bin_.code, taken))
            left -= taken
        if not left:
            break
    return tuple(placements), left


def _preference(goods: Goods, quantity: int, bin_: Bin) -> tuple[int | str | bool, ...]:
    near = bin_.walk_rank if bin_.walk_rank is not None else _FAR
    walk = {Turnover.FAST: near, Turnover.NORMAL: 0, Turnover.SLOW: -near if bin_.walk_rank is not None else 0}
    return (
        suits(goods.storage_class, bin_.storage_class) or 0,
        bin_.free_cm3 is None,
        not bin_.holds_item,
        not bin_.is_empty,
        capacity_for(goods, bin_, quantity) < quantity,
        walk[goods.turnover],
        bin_.free_cm3 or 0,
        bin_.code,
    )
