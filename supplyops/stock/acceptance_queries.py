"""Reading acceptances: which receipts wait for the inspector's signature or for their report, and which are late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, literal, select

from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.places.tables import Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.documents import AcceptanceState
from supplyops.stock.rules import StockDocumentState
from supplyops.stock.tables import Acceptance, StockDocument

PAGE = 50


@dataclass(frozen=True, slots=True)
class AcceptanceRow:
    """A receipt with who signed for it and what became of its report."""

    id: UUID
    number: str
    organisation_id: UUID
    site_code: str
    site_name: str
    source: str
    keeper_id: UUID | None
    keeper_name: str
    accepted_at: datetime
    inspector_id: UUID | None
    inspector_name: str
    inspected_at: datetime | None
    report_due_on: date
    reported_at: datetime | None
    reported_by_name: str
    reported_to: str
    report_number: str
    note: str
    state: AcceptanceState
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class AcceptanceFilter:
    """Which acceptances are asked for; empty fields do not narrow."""

    state: AcceptanceState | None = None
    site_code: str = ""
    text: str = ""
    only_overdue: bool = False


_state = case(
    (StockDocument.state == StockDocumentState.REVERSED, literal(AcceptanceState.REVERSED.value)),
    (Acceptance.reported_at.is_not(None), literal(AcceptanceState.REPORTED.value)),
    (Acceptance.inspected_at.is_not(None), literal(AcceptanceState.UNREPORTED.value)),
    else_=literal(AcceptanceState.UNSIGNED.value),
)
_OPEN = (AcceptanceState.UNSIGNED.value, AcceptanceState.UNREPORTED.value)


def acceptance_rows(where: AcceptanceFilter, today: date) -> Select[Any]:
    """The statement behind every list of acceptances: (acceptance, document, site, state), the first to be due first."""
    statement = (
        select(Acceptance, StockDocument, Site, _state)
        .join(StockDocument, StockDocument.id == Acceptance.id)
        .join(Site, Site.id == StockDocument.site_id)
        .order_by(Acceptance.reported_at.is_not(None), Acceptance.report_due_on, StockDocument.number)
    )
    if where.state is not None:
        statement = statement.where(_state == where.state.value)
    if where.only_overdue:
        statement = statement.where(_state.in_(_OPEN), Acceptance.report_due_on < today)
    if where.site_code:
        statement = statement.where(Site.code == where.site_code)
    if where.text:
        statement = statement.where(
            StockDocument.number.contains(where.text, autoescape=True)
            | StockDocument.counterpart.contains(where.text, autoescape=True)
        )
    return also_showing(statement, Site)


@query(Permission.STOCK_SEE)
def acceptances(ctx: Context, where: AcceptanceFilter, offset: int = 0, limit: int = PAGE) -> list[AcceptanceRow]:
    """Acceptances in reach: what is not reported yet first, by the day it is due."""
    rows = ctx.session.execute(acceptance_rows(where, business_day(ctx.now)).offset(offset).limit(limit))
    return [_row(ctx, *row) for row in rows]


@query(Permission.STOCK_SEE)
def count_acceptances(ctx: Context, where: AcceptanceFilter) -> int:
    """How many there are."""
    counted = select(func.count()).select_from(acceptance_rows(where, business_day(ctx.now)).order_by(None).subquery())
    return int(ctx.session.scalar(also_showing(counted, Site)) or 0)


@query(Permission.STOCK_SEE)
def acceptance(ctx: Context, number: str) -> AcceptanceRow:
    """The acceptance of a receipt, by the receipt's number."""
    statement = acceptance_rows(AcceptanceFilter(), business_day(ctx.now)).where(StockDocument.number == number)
    found = ctx.session.execute(statement).one_or_none()
    if found is None:
        raise NotFound("acceptance", number=number)
    return _row(ctx, *found)


def _row(ctx: Context, row: Acceptance, document: StockDocument, site: Site, state: str) -> AcceptanceRow:
    taken = {"number", "site_code", "site_name", "source", "state", "is_overdue"}
    return AcceptanceRow(
        **{name: getattr(row, name) for name in AcceptanceRow.__dataclass_fields__ if name not in taken},
        number=document.number,
        site_code=site.code,
        site_name=site.name,
        source=document.counterpart,
        state=AcceptanceState(state),
        is_overdue=state in _OPEN and row.report_due_on < business_day(ctx.now),
    )
