"""What has to come back, by when, and in which condition it does."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks

MONTHS_MAX = 600
REPEAT_MAX = 200


class DueKind(StrEnum):
    """How the goods went out: issued by a store for use, or handed over to a place."""

    ISSUED = "issued"
    HANDED_OVER = "handed_over"


class RecoveryCondition(StrEnum):
    """成色 of F13."""

    USABLE = "usable"
    REPAIR = "repair"
    SCRAP = "scrap"


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def shared_out(quantities: list[int], lying: int) -> list[int]:
    """How much of what still lies at a place is of each delivery, given oldest first: the oldest were given on first."""
    result = []
    for quantity in reversed(quantities):
        taken = min(quantity, lying)
        result.append(taken)
        lying -= taken
    return result[::-1]


@dataclass(frozen=True, slots=True)
class RecoveryLimitInput:
    """How many months an item may be out before it has to come back, from a day on."""

    sku: str
    months: int
    effective_from: date
    source_mark: str
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("sku", self.sku, length_max=6)
        check.whole("months", self.months, minimum=1, maximum=MONTHS_MAX)
        check.text("source_mark", self.source_mark, length_max=20)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class RecoveredInput:
    """What came back of one due line, by condition."""

    due_id: UUID
    usable: int = 0
    repair: int = 0
    scrap: int = 0

    @property
    def quantity(self) -> int:
        """All of it."""
        return self.usable + self.repair + self.scrap


@dataclass(frozen=True, slots=True)
class RecoveryInput:
    """Goods come back to a store (F13). Usable ones go on the shelf, others into quarantine; 报废 starts an application."""

    source_number: str
    site_code: str
    returned_by: str
    recovered_at: datetime
    lines: tuple[RecoveredInput, ...]
    is_cleaned: bool = False
    is_disinfected: bool = False
    location_code: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("source_number", self.source_number, length_max=80)
        check.text("site_code", self.site_code, length_max=40)
        check.text("returned_by", self.returned_by, length_max=80)
        check.text("location_code", self.location_code, length_max=60, required=False)
        check.text("note", self.note, required=False)
        check.aware("recovered_at", self.recovered_at)
        check.that(any(line.quantity for line in self.lines), "lines", "nothing_recovered")
        check.that(len({line.due_id for line in self.lines}) == len(self.lines), "lines", "repeated", value="")
        for place, line in enumerate(self.lines):
            for name in ("usable", "repair", "scrap"):
                check.whole(f"lines.{place}.{name}", getattr(line, name))
        used_again = any(line.usable for line in self.lines)
        check.that(self.is_cleaned or not used_again, "is_cleaned", "not_cleaned")
        check.done()


@dataclass(frozen=True, slots=True)
class RepairInput:
    """What became of goods that had to be mended: mended ones go back on the shelf, the others to be scrapped."""

    recovery: str
    line_no: int
    repaired: int
    condemned: int
    repaired_by: str
    cost_fen: int = 0
    location_code: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("recovery", self.recovery, length_max=80)
        check.whole("line_no", self.line_no, minimum=1)
        check.whole("repaired", self.repaired)
        check.whole("condemned", self.condemned)
        check.that(self.repaired + self.condemned > 0, "repaired", "nothing_repaired")
        check.text("repaired_by", self.repaired_by, length_max=80)
        check.whole("cost_fen", self.cost_fen, maximum=10**15)
        check.text("location_code", self.location_code, length_max=60, required=False)
        check.text("note", self.note, required=False)
        check.done()
