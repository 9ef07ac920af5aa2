"""Reading what is owed, by whom, since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.database.parts import by_parts
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.obligations.counting import reversed_documents
from supplyops.obligations.rules import AgeBand, SettlementKind, Standing, age_band, standing
from supplyops.obligations.tables import Obligation, ObligationLine, ObligationSettlement
from supplyops.people.tables import Organisation
from supplyops.runtime import Context, query

_Creditor, _Debtor = aliased(Organisation), aliased(Organisation)


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """One part given back."""

    sku: str
    kind: SettlementKind
    quantity: int
    amount_fen: int
    document_kind: str
    document_number: str
    voucher: str
    note: str
    recorded_at: datetime
    recorded_by_name: str
    counts: bool
    """No, where the receipt that showed it was reversed."""


@dataclass(frozen=True, slots=True)
class ObligationLineRow:
    """So much of one item owed, and how much of it is settled."""

    line_no: int
    item_id: UUID
    sku: str
    item_name: str
    unit: str
    quantity: int
    settled: int
    value_fen: int

    @property
    def outstanding(self) -> int:
        """What is still to be given back."""
        return max(self.quantity - self.settled, 0)

    @property
    def outstanding_fen(self) -> int:
        """What that was worth when it was taken."""
        return self.value_fen * self.outstanding // self.quantity


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """What one body owes another for one document."""

    id: UUID
    number: str
    creditor_id: UUID
    creditor_code: str
    creditor_name: str
    debtor_id: UUID
    debtor_code: str
    debtor_name: str
    basis_kind: str
    basis_number: str
    arose_at: datetime
    due_on: date | None
    age_days: int
    band: AgeBand
    standing: Standing
    note: str
    lines: tuple[ObligationLineRow, ...]
    settlements: tuple[SettlementRow, ...]

    @property
    def outstanding_fen(self) -> int:
        """What is still owed, as it was worth when it was taken."""
        return sum(line.outstanding_fen for line in self.lines)

    @property
    def is_overdue(self) -> bool:
        """Open after its day."""
        return self.standing is not Standing.SETTLED and self.band is not AgeBand.NOT_DUE


@dataclass(frozen=True, slots=True)
class ObligationFilter:
    """Which obligations are asked for; empty fields do not narrow."""

    only_open: bool = False
    only_overdue: bool = False
    creditor_code: str = ""
    debtor_code: str = ""
    band: AgeBand | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """What one body still owes another, by how long it has been due, in fen of the day it was taken."""

    creditor_name: str
    debtor_name: str
    count: int
    not_due_fen: int
    to_30_fen: int
    to_90_fen: int
    over_90_fen: int

    @property
    def total_fen(self) -> int:
        """All of it."""
        return self.not_due_fen + self.to_30_fen + self.to_90_fen + self.over_90_fen


@query(Permission.TRANSFERS_SEE)
def obligations(ctx: Context, where: ObligationFilter = ObligationFilter()) -> list[ObligationRow]:
    """Obligations in reach, the longest due first."""
    statement = (
        select(Obligation, _Creditor, _Debtor)
        .join(_Creditor, _Creditor.id == Obligation.creditor_id)
        .join(_Debtor, _Debtor.id == Obligation.debtor_id)
        .order_by(Obligation.due_on, Obligation.number)
    )
    if where.creditor_code:
        statement = statement.where(_Creditor.code == where.creditor_code)
    if where.debtor_code:
        statement = statement.where(_Debtor.code == where.debtor_code)
    if where.text:
        named = (Obligation.number, Obligation.basis_number, _Creditor.name, _Debtor.name)
        statement = statement.where(
            named[0].contains(where.text, autoescape=True)
            | named[1].contains(where.text, autoescape=True)
            | named[2].contains(where.text, autoescape=True)
            | named[3].contains(where.text, autoescape=True)
        )
    return [row for row in _rows(ctx, statement) if _wanted(row, where)]


def _wanted(row: ObligationRow, where: ObligationFilter) -> bool:
    is_open = row.standing is not Standing.SETTLED
    return (
        (is_open or not (where.only_open or where.only_overdue))
        and (row.is_overdue or not where.only_overdue)
        and (where.band is None or (is_open and row.band is where.band))
    )


@query(Permission.TRANSFERS_SEE)
def obligation(ctx: Context, reference: str) -> ObligationRow:
    """One obligation by its number."""
    statement = (
        select(Obligation, _Creditor, _Debtor)
        .join(_Creditor, _Creditor.id == Obligation.creditor_id)
        .join(_Debtor, _Debtor.id == Obligation.debtor_id)
        .where(Obligation.number == reference)
    )
    found = _rows(ctx, statement)
    if not found:
        raise NotFound("obligation", reference=reference)
    return found[0]


@query(Permission.TRANSFERS_SEE)
def ageing(ctx: Context) -> list[AgeingRow]:
    """What is still open, by creditor and debtor, in bands of how long it has been due."""
    sums: dict[tuple[str, str], dict[AgeBand, int]] = defaultdict(lambda: defaultdict(int))
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in obligations(ctx, ObligationFilter(only_open=True)):
        key = (row.creditor_name, row.debtor_name)
        sums[key][row.band] += row.outstanding_fen
        counts[key] += 1
    return [
        AgeingRow(creditor, debtor, counts[creditor, debtor], *(amounts[band] for band in AgeBand))
        for (creditor, debtor), amounts in sorted(sums.items())
    ]


def _rows(ctx: Context, statement: Any) -> list[ObligationRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(statement).all())


def _whole(ctx: Context, found: Sequence[Any]) -> list[ObligationRow]:
    ids = [row[0].id for row in found]
    settlements = _settlements(ctx, ids)
    lines = _lines(ctx, ids, settlements)
    today = business_day(ctx.now)
    result = []
    for row, creditor, debtor in found:
        own = lines.get(row.id, [])
        owed = sum(line.quantity for line in own)
        settled = sum(min(line.settled, line.quantity) for line in own)
        result.append(
            ObligationRow(
                row.id,
                row.number,
                row.creditor_id,
                creditor.code,
                creditor.name,
                row.debtor_id,
                debtor.code,
                debtor.name,
                row.basis_kind,
                row.basis_number,
                row.arose_at,
                row.due_on,
                (today - business_day(row.arose_at)).days,
                age_band(row.due_on, today),
                standing(owed, settled),
                row.note,
                tuple(own),
                tuple(settlements.get(row.id, ())),
            )
        )
    return result


def _lines(
    ctx: Context, ids: Sequence[UUID], settlements: dict[UUID, list[SettlementRow]]
) -> dict[UUID, list[ObligationLineRow]]:
    found: dict[UUID, list[ObligationLineRow]] = {}
    rows = ctx.session.execute(
        select(ObligationLine, Item)
        .join(Item, Item.id == ObligationLine.item_id)
        .where(ObligationLine.obligation_id.in_(ids))
        .order_by(ObligationLine.obligation_id, ObligationLine.line_no)
    )
    for line, item in rows:
        settled = sum(
            each.quantity for each in settlements.get(line.obligation_id, ()) if each.counts and each.sku == item.sku
        )
        found.setdefault(line.obligation_id, []).append(
            ObligationLineRow(
                line.line_no, item.id, item.sku, item.name, item.unit, line.quantity, settled, line.value_fen
            )
        )
    return found


def _settlements(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[SettlementRow]]:
    rows = ctx.session.execute(
        select(ObligationSettlement, ObligationLine.obligation_id, Item.sku)
        .join(ObligationLine, ObligationLine.id == ObligationSettlement.line_id)
        .join(Item, Item.id == ObligationLine.item_id)
        .where(ObligationLine.obligation_id.in_(ids))
        .order_by(ObligationSettlement.seq)
    ).all()
    gone = reversed_documents(ctx, [row[0].document_id for row in rows if row[0].document_id is not None])
    found: dict[UUID, list[SettlementRow]] = {}
    for row, obligation_id, sku in rows:
        found.setdefault(obligation_id, []).append(
            SettlementRow(
                sku,
                row.kind,
                row.quantity,
                row.amount_fen,
                row.document_kind,
                row.document_number,
                row.voucher,
                row.note,
                row.recorded_at,
                row.recorded_by_name,
                row.document_id not in gone,
            )
        )
    return found
