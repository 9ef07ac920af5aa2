"""What is owed, how it is settled, and how old it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from supplyops.kernel.checks import Checks
from supplyops.kernel.reference import DocumentRef
from supplyops.people.rules import Level


class SettlementKind(StrEnum):
    """By goods or by money."""

    IN_KIND = "in_kind"
    MONEY = "money"


class Standing(StrEnum):
    """How far an obligation has been settled."""

    OPEN = "open"
    PARTLY = "partly"
    SETTLED = "settled"


class AgeBand(StrEnum):
    """How long an obligation has been due."""

    NOT_DUE = "not_due"
    TO_30 = "to_30"
    TO_90 = "to_90"
    OVER_90 = "over_90"


def age_band(due_on: date | None, today: date) -> AgeBand:
    """The band of a day; the due day itself is not overdue."""
    late = 0 if due_on is None else (today - due_on).days
    if late <= 0:
        return AgeBand.NOT_DUE
    return AgeBand.TO_30 if late <= 30 else AgeBand.TO_90 if late <= 90 else AgeBand.OVER_90


def standing(owed: int, settled: int) -> Standing:
    """How far so much of so much is."""
    return Standing.SETTLED if settled >= owed else Standing.PARTLY if settled else Standing.OPEN


_RANK = {level: rank for rank, level in enumerate(Level)}


def owes_for(
    owner: Level, owner_path: str, taker: Level, taker_path: str, receiver_path: str, *, same_house: bool
) -> bool:
    """Does a taker owe the owner for goods? When the owner stands beside or below the taker and the goods did not stay there.

    `same_house` says that owner and taker are one government and its department. A higher level that supports a lower
    one is owed nothing; nor is a body whose own people the goods went to.
    """
    if same_house or owner_path == taker_path or receiver_path.startswith(owner_path):
        return False
    return _RANK[owner] >= _RANK[taker]


@dataclass(frozen=True, slots=True)
class Owed:
    """So much of an item, worth so much in all."""

    item_id: UUID
    quantity: int
    value_fen: int


@dataclass(frozen=True, slots=True)
class Debt:
    """What arises when goods are taken."""

    creditor_id: UUID
    debtor_id: UUID
    basis: DocumentRef
    lines: tuple[Owed, ...]
    due_on: date | None = None
    incident_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SettlementInput:
    """So much of an item was given back: goods by a receipt of the creditor's store, or money by a voucher."""

    obligation: str
    sku: str
    quantity: int
    kind: SettlementKind
    receipt_number: str = ""
    amount_fen: int = 0
    voucher: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("obligation", self.obligation, length_max=80)
        check.text("sku", self.sku, length_max=6)
        check.whole("quantity", self.quantity, minimum=1)
        by_money = self.kind is SettlementKind.MONEY
        check.text("receipt_number", self.receipt_number, length_max=80, required=not by_money)
        check.text("voucher", self.voucher, length_max=80, required=by_money)
        check.whole("amount_fen", self.amount_fen, minimum=1 if by_money else 0, maximum=10**15)
        check.that(by_money or (not self.amount_fen and not self.voucher.strip()), "kind", "goods_or_money")
        check.that(not by_money or not self.receipt_number.strip(), "kind", "goods_or_money")
        check.text("note", self.note, required=False)
        check.done()
