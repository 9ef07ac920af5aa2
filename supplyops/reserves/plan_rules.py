"""The yearly purchase plan: what is missing at the end of a year, line by line, drafted from figures and decided by people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from supplyops.kernel.checks import Checks
from supplyops.people.rules import Level

YEARS_AHEAD = 5
LINES_MAX = 2_000


class PurchasePlanState(StrEnum):
    """A purchase plan from draft to approved. What is sent back is a draft again."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PurchasePlanInput:
    """Whose reserve, and for which year."""

    level: Level
    area_code: str
    year: int
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("area_code", self.area_code, length_max=20)
        check.whole("year", self.year, minimum=2000, maximum=2999)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class PurchasePlanLineInput:
    """What is to be bought of one item. A quantity other than the drafted one needs a reason; so does an added item."""

    sku: str
    quantity: int
    unit_price_fen: int | None = None
    reason: str = ""

    def check(self, check: Checks, at: str) -> None:
        """Note what is wrong with the line under `at`."""
        check.text(f"{at}sku", self.sku, length_max=6)
        check.whole(f"{at}quantity", self.quantity)
        if self.unit_price_fen is not None:
            check.whole(f"{at}unit_price_fen", self.unit_price_fen, maximum=10**12)
        check.text(f"{at}reason", self.reason, required=False)


@dataclass(frozen=True, slots=True)
class PurchasePlanEdit:
    """Changed lines of a draft; lines that are not named stay as they are."""

    lines: tuple[PurchasePlanLineInput, ...]

    def __post_init__(self) -> None:
        check = Checks()
        check.that(bool(self.lines), "lines", "required")
        check.that(len(self.lines) <= LINES_MAX, "lines", "too_many", count=len(self.lines), maximum=LINES_MAX)
        seen: set[str] = set()
        for place, line in enumerate(self.lines):
            line.check(check, f"lines.{place}.")
            check.that(line.sku not in seen, f"lines.{place}.sku", "repeated", value=line.sku[:40])
            seen.add(line.sku)
        check.done()


@dataclass(frozen=True, slots=True)
class PurchasePlanDecision:
    """Approved, or sent back with what is to be changed."""

    is_approved: bool
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("note", self.note, required=not self.is_approved)
        check.done()


def lasts_from(shelf_life_days: int | None, bought_in: int, year: int) -> bool:
    """Is what is bought some time in one year still good at the end of another? What is bought later is not asked."""
    return shelf_life_days is None or shelf_life_days > (year_end(year) - date(bought_in, 1, 1)).days


def year_end(year: int) -> date:
    """What expires by this day is gone before the next plan is carried out: it counts as missing."""
    return date(year, 12, 31)
