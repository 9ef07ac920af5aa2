"""Goods that come back (F13) and goods that are of no more use (F7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from supplyops.papers.contents.parts import Signed, known_amount, price_times


@dataclass(frozen=True, slots=True)
class RecoveredLine:
    """One lot that came back, in one condition."""

    name: str
    unit: str
    quantity: int
    condition: str
    spec: str = ""
    sku: str = ""
    lot: str = ""
    due: int = 0
    outstanding: int = 0
    location: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecoveryRegister:
    """F13 回收登记表: what was to come back of one issue, what came, in which condition."""

    organisation: str
    warehouse: str
    source_document: str
    holder: str
    lines: tuple[RecoveredLine, ...]
    due_on: date | None = None
    recovered_at: datetime | None = None
    is_cleaned: bool | None = None
    is_disinfected: bool | None = None
    receipt_number: str = ""
    scrap_number: str = ""
    returned_by: Signed | None = None
    stored: Signed | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ScrapGoods:
    """One lot to be scrapped."""

    name: str
    unit: str
    quantity: int
    reason: str
    spec: str = ""
    sku: str = ""
    lot: str = ""
    location: str = ""
    made_on: date | None = None
    stored_on: date | None = None
    used: str = ""
    unit_price_fen: int | None = None
    note: str = ""

    @property
    def amount_fen(self) -> int | None:
        """The original value."""
        return price_times(self.quantity, self.unit_price_fen)


@dataclass(frozen=True, slots=True)
class ScrapWord:
    """What one of the four bodies said."""

    body: str
    organisation: str
    opinion: str
    signed: Signed


@dataclass(frozen=True, slots=True)
class ScrapApplication:
    """F7 报废申请单: from the application to the disposal; what has not happened yet is left to the pen."""

    organisation: str
    warehouse: str
    lines: tuple[ScrapGoods, ...]
    applied_on: date
    applied: Signed
    institution: str = ""
    report_number: str = ""
    experts: tuple[str, ...] = ()
    conclusion: str = ""
    appraised_on: date | None = None
    words: tuple[ScrapWord, ...] = ()
    public_place: str = ""
    public_from: date | None = None
    public_to: date | None = None
    method: str = ""
    buyer: str = ""
    agreement_number: str = ""
    income_fen: int | None = None
    disposed_at: datetime | None = None
    witness: str = ""
    evidence: str = ""
    note: str = ""

    @property
    def amount_fen(self) -> int:
        """The original value of everything whose price is known."""
        return known_amount(self.lines)
