"""How parts become kits: which lots go into which kit, so that every kit lot can be taken apart into exactly what it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from supplyops.kernel.checks import Checks
from supplyops.stock.rules import Pick

KITS_MAX = 100_000


class KitWorkKind(StrEnum):
    """Parts become kits, or kits become parts again."""

    BUILD = "build"
    BREAK = "break"


class KitWorkState(StrEnum):
    """Kit work counts from the moment it is posted; a mistake is reversed, never deleted."""

    POSTED = "posted"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class KitBuildInput:
    """So many kits from parts of one owner and one fund source, first to expire first."""

    site_code: str
    owner_code: str
    fund_source: str
    sku: str
    quantity: int
    location_code: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        for name, length in (("site_code", 40), ("owner_code", 40), ("fund_source", 40), ("sku", 6)):
            check.text(name, getattr(self, name), length_max=length)
        check.whole("quantity", self.quantity, minimum=1, maximum=KITS_MAX)
        check.text("location_code", self.location_code, length_max=60, required=False)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class KitBreakInput:
    """So many kits of one lot, taken apart where they lie; the parts go to `to_code`, or stay at the same place."""

    lot_number: str
    location_code: str
    quantity: int
    because: str
    to_code: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("lot_number", self.lot_number, length_max=40)
        check.text("location_code", self.location_code, length_max=60)
        check.whole("quantity", self.quantity, minimum=1, maximum=KITS_MAX)
        check.text("because", self.because)
        check.text("to_code", self.to_code, length_max=60, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class Batch:
    """Kits that are made of the same lots: how many, and how much of each lot is in every one of them."""

    quantity: int
    contents: Mapping[UUID, int]


def batches(quantity: int, parts: Sequence[tuple[int, Sequence[Pick]]]) -> list[Batch]:
    """Kits in the order in which picked parts run out, those of equal contents together.

    `parts` are (units in a kit, picks that come to `quantity` kits). Kits are filled one after the other, so each batch
    holds kits of exactly equal contents, and few of them are mixed.
    """
    ends = {0, quantity}
    for per_kit, picks in parts:
        taken = 0
        for pick in picks:
            taken += pick.quantity
            ends |= {taken // per_kit, -(-taken // per_kit)}
    cuts = sorted(ends)
    found: list[Batch] = []
    for start, end in pairwise(cuts):
        contents: dict[UUID, int] = {}
        for per_kit, picks in parts:
            for lot_id, amount in _window(picks, start * per_kit, per_kit):
                contents[lot_id] = contents.get(lot_id, 0) + amount
        if found and found[-1].contents == contents:
            found[-1] = Batch(found[-1].quantity + end - start, contents)
        else:
            found.append(Batch(end - start, contents))
    return found


def _window(picks: Sequence[Pick], start: int, length: int) -> list[tuple[UUID, int]]:
    """Which lots the units from `start` on come from."""
    found, at = [], 0
    for pick in picks:
        overlap = min(at + pick.quantity, start + length) - max(at, start)
        if overlap > 0:
            found.append((pick.lot_id, overlap))
        at += pick.quantity
    return found


def earliest(days: Sequence[date | None]) -> date | None:
    """A kit is good for as long as its first part to expire; None where no part expires."""
    return min((day for day in days if day is not None), default=None)
