"""Rank: who may take stock from whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks
from supplyops.people.rules import Level

NO_RESPONSE = 9
LAST_CLASS = 99
LEVELS = tuple(Level)
NOT_FOR_USE = frozenset({"asset", "asset_loan", "scrap"})
"""Documents that hold what nobody can be given: a unit that is lent or out of order, goods that are to be scrapped."""


class RankPart(StrEnum):
    """What is compared, in the order that the office has set."""

    RESPONSE = "response"
    CLASS = "class"
    LEVEL = "level"


class HoldState(StrEnum):
    """How a hold stands or ended."""

    OPEN = "open"
    USED = "used"
    RELEASED = "released"
    EXPIRED = "expired"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Rank:
    """How urgent a claim on stock is; a smaller number goes first in every part."""

    response: int = NO_RESPONSE
    """The level of the event's response, 1 to 4; without one it comes last."""
    need_class: int = LAST_CLASS
    """The rank of the line's need class."""
    level: int = len(LEVELS)
    """The place of the approving body's level, the highest first."""

    def by(self, order: Sequence[RankPart]) -> tuple[int, ...]:
        """What is compared, first things first."""
        parts = {RankPart.RESPONSE: self.response, RankPart.CLASS: self.need_class, RankPart.LEVEL: self.level}
        return tuple(parts[part] for part in order)

    def outranks(self, other: Rank, order: Sequence[RankPart]) -> bool:
        """May this claim take from the other? Never from an equal."""
        return self.by(order) < other.by(order)


def order_of(text: str) -> tuple[RankPart, ...]:
    """The order of comparison from its parameter; each part counts once, where it stands first."""
    parts = [RankPart(part.strip()) for part in text.replace("，", ",").split(",") if part.strip()]
    return tuple(dict.fromkeys(parts))


def level_rank(level: Level) -> int:
    """The place of a level, the highest first."""
    return LEVELS.index(level)


@dataclass(frozen=True, slots=True)
class TakeOverInput:
    """So much of a hold is to serve a line of a request instead."""

    reservation_id: UUID
    request_line_id: UUID
    quantity: int
    because: str

    def __post_init__(self) -> None:
        check = Checks()
        check.whole("quantity", self.quantity, minimum=1)
        check.text("because", self.because)
        check.done()
