"""What several papers share: the stamp every paper carries, people, the incident, goods and their sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class Ended(StrEnum):
    """Why a paper no longer holds; printed across it."""

    NO = ""
    SUPERSEDED = "superseded"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class PaperStamp:
    """What identifies one printing of a paper, whatever it says.

    `document_number` is the office's own number (发文字号); `qr_text` is printed as a QR mark with the typed
    `check_code` beside it; `reprint_count` is how often the paper had been printed before; `warnings` are printed.
    """

    number: str
    issued_at: datetime
    issued_by: str
    content_hash: str
    check_code: str
    qr_text: str
    document_number: str = ""
    version: int = 1
    reprint_count: int = 0
    ended: Ended = Ended.NO
    is_exercise: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who can be called."""

    name: str
    phone: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who did a step in the system, and when. The pen signs beside it."""

    name: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OralOrder:
    """An order given by word of mouth, whose paper follows."""

    by: str
    to: str
    at: datetime
    witness: str = ""
    paper_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentRef:
    """The incident a paper serves. `response_level` is written out: `三级响应`."""

    name: str
    number: str = ""
    kind: str = ""
    level: str = ""
    response_level: str = ""
    place: str = ""
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """So much of one item, as sentences and summaries name it."""

    name: str
    unit: str
    quantity: int
    spec: str = ""

    @property
    def phrase(self) -> str:
        """`棉被1500床`; a name that ends in a figure keeps it apart from the quantity: `水550ml×24（20箱）`."""
        amount = f"{self.quantity}{self.unit}"
        last = self.name[-1:]
        return f"{self.name}（{amount}）" if last.isascii() and last.isalnum() else f"{self.name}{amount}"


@dataclass(frozen=True, slots=True)
class DeliveryPoint:
    """Where goods are received, and by whom."""

    name: str
    address: str = ""
    receiver: str = ""
    phone: str = ""
    road: str = ""


@dataclass(frozen=True, slots=True)
class LotLabel:
    """What tells one lot from another on a shelf."""

    number: str = ""
    made_on: date | None = None
    expires_on: date | None = None


UNLABELLED = LotLabel()
"""Goods whose lot is not told apart."""


class _Priced(Protocol):
    @property
    def amount_fen(self) -> int | None: ...


def price_times(quantity: int | None, unit_price_fen: int | None) -> int | None:
    """What a quantity costs; None while either is unknown."""
    return None if quantity is None or unit_price_fen is None else quantity * unit_price_fen


def known_amount(lines: Iterable[_Priced]) -> int:
    """The sum of the amounts that are known."""
    return sum(line.amount_fen or 0 for line in lines)


def unpriced(lines: Iterable[_Priced]) -> int:
    """How many lines have no amount yet."""
    return sum(line.amount_fen is None for line in lines)


def goods_phrase(goods: tuple[Goods, ...], named_max: int = 4) -> str:
    """`棉被1500床、折叠床600张`; with more kinds than `named_max`, `棉被1500床……等9种物资`."""
    named = "、".join(item.phrase for item in goods[:named_max])
    return f"{named}等{len(goods)}种物资" if len(goods) > named_max else named
