"""Reserves on paper: the yearly purchase plan, and how full a reserve is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from supplyops.papers.contents.parts import Signed, known_amount, price_times, unpriced


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """One item to be bought, with the figures behind it."""

    name: str
    unit: str
    quantity: int
    spec: str = ""
    sku: str = ""
    target: int = 0
    usable: int = 0
    expiring: int = 0
    contract: int = 0
    gap: int = 0
    unit_price_fen: int | None = None
    reason: str = ""

    @property
    def amount_fen(self) -> int | None:
        """Quantity times price."""
        return price_times(self.quantity, self.unit_price_fen)


@dataclass(frozen=True, slots=True)
class PurchaseSums:
    """What some lines come to."""

    amount_fen: int
    unpriced: int


def purchase_sums(lines: tuple[PurchaseLine, ...]) -> PurchaseSums:
    """What some lines of a plan come to."""
    return PurchaseSums(known_amount(lines), unpriced(lines))


@dataclass(frozen=True, slots=True)
class PurchasePlanPaper:
    """应急物资年度采购计划: what is missing at the end of a year and is to be bought."""

    organisation: str
    year: int
    lines: tuple[PurchaseLine, ...]
    basis: str = ""
    note: str = ""
    prepared: Signed | None = None
    approved: Signed | None = None

    @property
    def sums(self) -> PurchaseSums:
        """What the whole plan comes to."""
        return purchase_sums(self.lines)


@dataclass(frozen=True, slots=True)
class AdequacyLine:
    """One item: what should be there and what is."""

    name: str
    unit: str
    target: int
    usable: int
    colour: str
    spec: str = ""
    sku: str = ""
    delegated: int = 0
    contract: int = 0
    social: int = 0
    coverage_permille: int | None = None
    gap: int = 0
    gap_cost_fen: int = 0
    gap_volume_cm3: int = 0
    gap_pallets: int = 0


@dataclass(frozen=True, slots=True)
class AdequacyPaper:
    """应急物资储备充足性报告: how full one place's reserve is on a day."""

    organisation: str
    day: date
    season: str
    lines: tuple[AdequacyLine, ...]
    basis: str = ""
    summary: str = ""
    prepared: Signed | None = None

    @property
    def gap_cost_fen(self) -> int:
        """What filling every gap would cost."""
        return sum(line.gap_cost_fen for line in self.lines)
