"""Reading expected deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from supplyops.arrivals.progress import state as state_column
from supplyops.arrivals.progress import taken_in
from supplyops.arrivals.rules import OPEN_STATES, ArrivalState, outstanding
from supplyops.arrivals.tables import Arrival, ArrivalLine, ArrivalLoad
from supplyops.catalogue.tables import Item
from supplyops.database.parts import by_parts
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.documents import ReceiptKind
from supplyops.stock.tables import Acceptance, StockDocument, StockDocumentLine

PAGE = 50
_SHOWN = (Site, StockDocument, Acceptance)
"""What a delivery in reach points at is shown with it."""


@dataclass(frozen=True, slots=True)
class ArrivalLineRow:
    """One item of a delivery: announced, accepted so far, rejected so far."""

    line_no: int
    sku: str
    item_name: str
    spec: str
    unit: str
    quantity: int
    accepted: int
    rejected: int
    unit_price_fen: int
    manufacturer: str
    note: str

    @property
    def outstanding(self) -> int:
        """What is still to come."""
        return outstanding(self.quantity, self.accepted)


@dataclass(frozen=True, slots=True)
class ArrivalLoadRow:
    """One vehicle's load as it was found, and the receipt it became."""

    load_no: int
    arrived_at: datetime
    vehicle: str
    delivered_by: str
    is_seal_intact: bool | None
    seal_number: str
    is_appearance_good: bool
    matches_list: bool
    finding: str
    is_refused: bool
    inspector_id: UUID
    inspector_name: str
    inspected_at: datetime
    ended_at: datetime | None
    document_number: str


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A delivery with its lines and loads."""

    id: UUID
    number: str
    kind: ReceiptKind
    state: ArrivalState
    organisation_id: UUID
    site_code: str
    site_name: str
    owner_code: str
    owner_name: str
    source: str
    fund_source: str
    source_document: str
    contact: str
    note: str
    expected_on: date
    incident_id: UUID | None
    is_exercise: bool
    announced_at: datetime
    announced_by_name: str
    ended_because: str
    is_late: bool
    lines: tuple[ArrivalLineRow, ...]
    loads: tuple[ArrivalLoadRow, ...]

    @property
    def waiting_load(self) -> ArrivalLoadRow | None:
        """The load that was inspected and waits to be taken in."""
        return next((load for load in self.loads if load.ended_at is None), None)


@dataclass(frozen=True, slots=True)
class ArrivalFilter:
    """Which deliveries are asked for; empty fields do not narrow."""

    state: ArrivalState | None = None
    kind: ReceiptKind | None = None
    site_code: str = ""
    text: str = ""
    only_open: bool = False
    only_late: bool = False


def arrival_rows(where: ArrivalFilter, today: date) -> Select[*tuple[Any, ...]]:
    """The statement behind every list of deliveries: (arrival, site, owner, state), the next to come first."""
    statement: Select[*tuple[Any, ...]] = (
        select(Arrival, Site, Organisation, state_column)
        .join(Site, Site.id == Arrival.site_id)
        .join(Organisation, Organisation.id == Arrival.owner_id)
        .order_by(Arrival.expected_on.desc(), Arrival.number.desc())
    )
    if where.state is not None:
        statement = statement.where(state_column == where.state.value)
    if where.kind is not None:
        statement = statement.where(Arrival.kind == where.kind)
    if where.site_code:
        statement = statement.where(Site.code == where.site_code)
    if where.only_open or where.only_late:
        statement = statement.where(state_column.in_([state.value for state in OPEN_STATES]))
    if where.only_late:
        statement = statement.where(Arrival.expected_on < today)
    if where.text:
        statement = statement.where(
            Arrival.number.contains(where.text, autoescape=True)
            | Arrival.source.contains(where.text, autoescape=True)
            | Arrival.source_document.contains(where.text, autoescape=True)
        )
    return also_showing(statement, *_SHOWN)


@query(Permission.STOCK_SEE)
def arrivals(ctx: Context, where: ArrivalFilter, offset: int = 0, limit: int = PAGE) -> list[ArrivalRow]:
    """Deliveries in reach, the latest expected first."""
    return _rows(ctx, arrival_rows(where, business_day(ctx.now)).offset(offset).limit(limit))


@query(Permission.STOCK_SEE)
def count_arrivals(ctx: Context, where: ArrivalFilter) -> int:
    """How many there are."""
    counted = select(func.count()).select_from(arrival_rows(where, business_day(ctx.now)).order_by(None).subquery())
    return int(ctx.session.scalar(also_showing(counted, *_SHOWN)) or 0)


@query(Permission.STOCK_SEE)
def arrival(ctx: Context, number: str) -> ArrivalRow:
    """One delivery by number."""
    found = _rows(ctx, arrival_rows(ArrivalFilter(), business_day(ctx.now)).where(Arrival.number == number))
    if not found:
        raise NotFound("arrival", number=number)
    return found[0]


@query(Permission.STOCK_SEE)
def arrival_by_id(ctx: Context, arrival_id: UUID) -> ArrivalRow:
    """One delivery by id."""
    found = _rows(ctx, arrival_rows(ArrivalFilter(), business_day(ctx.now)).where(Arrival.id == arrival_id))
    if not found:
        raise NotFound("arrival")
    return found[0]


def _rows(ctx: Context, statement: Select[*tuple[Any, ...]]) -> list[ArrivalRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(statement).all())


def _whole(ctx: Context, rows: Sequence[Any]) -> list[ArrivalRow]:
    ids = [row[0].id for row in rows]
    lines, loads = _lines(ctx, ids), _loads(ctx, ids)
    taken = {"state", "site_code", "site_name", "owner_code", "owner_name", "is_late", "lines", "loads"}
    own = [name for name in ArrivalRow.__dataclass_fields__ if name not in taken]
    today = business_day(ctx.now)
    return [
        ArrivalRow(
            **{name: getattr(row, name) for name in own},
            state=ArrivalState(state),
            site_code=site.code,
            site_name=site.name,
            owner_code=owner.code,
            owner_name=owner.name,
            is_late=ArrivalState(state) in OPEN_STATES and row.expected_on < today,
            lines=tuple(lines.get(row.id, ())),
            loads=tuple(loads.get(row.id, ())),
        )
        for row, site, owner, state in rows
    ]


def _lines(ctx: Context, ids: list[UUID]) -> dict[UUID, list[ArrivalLineRow]]:
    statement = (
        select(ArrivalLine, Item, taken_in(StockDocumentLine.actual), taken_in(StockDocumentLine.rejected))
        .join(Item, Item.id == ArrivalLine.item_id)
        .where(ArrivalLine.arrival_id.in_(ids))
        .order_by(ArrivalLine.arrival_id, ArrivalLine.line_no)
    )
    found: dict[UUID, list[ArrivalLineRow]] = {}
    for line, item, accepted, rejected in ctx.session.execute(also_showing(statement, *_SHOWN)):
        found.setdefault(line.arrival_id, []).append(
            ArrivalLineRow(
                line.line_no, item.sku, item.name, item.spec, item.unit, line.quantity, int(accepted), int(rejected),
                line.unit_price_fen, line.manufacturer, line.note,
            )
        )  # fmt: skip
    return found


def _loads(ctx: Context, ids: list[UUID]) -> dict[UUID, list[ArrivalLoadRow]]:
    statement = (
        select(ArrivalLoad, StockDocument.number)
        .outerjoin(StockDocument, StockDocument.id == ArrivalLoad.document_id)
        .where(ArrivalLoad.arrival_id.in_(ids))
        .order_by(ArrivalLoad.arrival_id, ArrivalLoad.load_no)
    )
    own = [name for name in ArrivalLoadRow.__dataclass_fields__ if name != "document_number"]
    found: dict[UUID, list[ArrivalLoadRow]] = {}
    for load, number in ctx.session.execute(also_showing(statement, *_SHOWN)):
        found.setdefault(load.arrival_id, []).append(
            ArrivalLoadRow(**{name: getattr(load, name) for name in own}, document_number=number or "")
        )
    return found
