"""Reading requests, what they have got, and what is still needed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.parts import by_parts
from supplyops.incidents.queries import GrossNeed, gross_need
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.tables import Area, Site
from supplyops.requests.rules import RequestState, Urgency, net_need, to_ask_for
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, also_showing, query, unscoped
from supplyops.stock.rules import MoveReason
from supplyops.stock.tables import Lot, Reservation, StockMove

PAGE = 50
USE_REASONS = (MoveReason.ISSUE, MoveReason.DISPATCH)


@dataclass(frozen=True, slots=True)
class RequestLineRow:
    """One item of a request and what became of it."""

    id: UUID
    line_no: int
    item_id: UUID
    sku: str
    item_name: str
    spec: str
    unit: str
    computed_need: int
    already_met: int
    quantity: int
    class_rank: int
    severity: int
    persons: int
    protected_permille: int
    minimum_fill: int
    allows_substitutes: bool
    latest_arrival_at: datetime
    note: str
    accepted: int
    approved: int
    loaded: int
    delivered: int

    @property
    def outstanding(self) -> int:
        """Accepted but not yet approved by any owner: what a plan has to find."""
        return max(self.accepted - self.approved, 0)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A supply request with its lines."""

    id: UUID
    number: str
    version: int
    state: RequestState
    incident_id: UUID
    incident_number: str
    incident_name: str
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    addressee_id: UUID
    addressee_code: str
    addressee_name: str
    urgency: Urgency
    area_code: str
    area_name: str
    delivery_site_id: UUID
    delivery_site_code: str
    delivery_site_name: str
    receiver: str
    receiver_phone: str
    vehicle_class_max: int
    road_note: str
    receives_from: datetime | None
    reason: str
    own_stock_used: tuple[Any, ...]
    own_stock_note: str
    report_version: int | None
    created_at: datetime
    created_by_id: UUID | None
    submitted_at: datetime | None
    submitted_by_id: UUID | None
    reviewed_at: datetime | None
    review_note: str
    lines: tuple[RequestLineRow, ...]


@dataclass(frozen=True, slots=True)
class UsedStock:
    """How much of an item a body has used of its own for an incident."""

    sku: str
    name: str
    unit: str
    quantity: int


@dataclass(frozen=True, slots=True)
class NetNeed:
    """A gross need with what is met already and what is asked for but neither approved nor refused yet."""

    need: GrossNeed
    delivered: int
    on_the_way: int
    requested: int

    @property
    def net(self) -> int:
        """What nobody has met or sent yet."""
        return net_need(self.need.packed, self.delivered, self.on_the_way)

    @property
    def to_draft(self) -> int:
        """What nobody has asked for yet either."""
        return to_ask_for(self.net, self.requested)


_Addressee = aliased(Organisation)


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests are asked for; empty fields do not narrow."""

    incident_id: UUID | None = None
    state: RequestState | None = None
    urgency: Urgency | None = None
    text: str = ""
    """A part of the number, who asks, where for, why."""
    request_id: UUID | None = None
    number: str = ""


@query(Permission.REQUESTS_SEE)
def requests(
    ctx: Context, *, incident_id: UUID | None = None, state: RequestState | None = None, request_id: UUID | None = None
) -> list[RequestRow]:
    """Requests in reach with their lines, newest first."""
    return page_of_requests(ctx, RequestFilter(incident_id, state, request_id=request_id), limit=None)


@query(Permission.REQUESTS_SEE)
def page_of_requests(ctx: Context, where: RequestFilter, offset: int = 0, limit: int | None = PAGE) -> list[RequestRow]:
    """The same, page by page."""
    order = (SupplyRequest.created_at.desc(), SupplyRequest.number.desc())
    statement = _narrowed(where, _requests()).order_by(*order).offset(offset).limit(limit)
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, Incident, Site)).all())


@query(Permission.REQUESTS_SEE)
def count_requests(ctx: Context, where: RequestFilter, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    rows = counted(_narrowed(where, _requests()), most)
    return int(ctx.session.scalar(also_showing(rows, Incident, Site)) or 0)


def _requests() -> Any:
    return (
        select(SupplyRequest, Incident, Organisation, _Addressee, Area.name, Site.code, Site.name)
        .join(Incident, Incident.id == SupplyRequest.incident_id)
        .join(Organisation, Organisation.id == SupplyRequest.organisation_id)
        .join(_Addressee, _Addressee.id == SupplyRequest.addressee_id)
        .join(Area, Area.code == SupplyRequest.area_code)
        .join(Site, Site.id == SupplyRequest.delivery_site_id)
    )


def _narrowed(where: RequestFilter, statement: Any) -> Any:
    for column, value in (
        (SupplyRequest.incident_id, where.incident_id),
        (SupplyRequest.state, where.state),
        (SupplyRequest.urgency, where.urgency),
        (SupplyRequest.id, where.request_id),
        (SupplyRequest.number, where.number),
    ):
        if value:
            statement = statement.where(column == value)
    if where.text:
        named = (SupplyRequest.number, Organisation.name, Area.name, SupplyRequest.reason)
        statement = statement.where(or_(*(column.contains(where.text, autoescape=True) for column in named)))
    return statement


def _whole(ctx: Context, rows: Sequence[Any]) -> list[RequestRow]:
    lines = _lines(ctx, [row[0].id for row in rows])
    return [_request_row(row, tuple(lines.get(row[0].id, ()))) for row in rows]


def _request_row(row: Any, lines: tuple[RequestLineRow, ...]) -> RequestRow:
    request, incident, asking, asked, area_name, site_code, site_name = row
    plain_names = set(SupplyRequest.__mapper__.columns.keys())
    own = {
        name: getattr(request, name)
        for name in RequestRow.__dataclass_fields__
        if name in plain_names and name != "own_stock_used"
    }
    return RequestRow(
        **own,
        own_stock_used=tuple(request.own_stock_used),
        incident_number=incident.number,
        incident_name=incident.name,
        organisation_code=asking.code,
        organisation_name=asking.name,
        addressee_code=asked.code,
        addressee_name=asked.name,
        area_name=area_name,
        delivery_site_code=site_code,
        delivery_site_name=site_name,
        lines=lines,
    )


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines of requests are asked for; empty fields do not narrow."""

    incident_id: UUID | None = None
    state: RequestState = RequestState.ACCEPTED
    """Of the request."""
    rank: int | None = None
    sku: str = ""
    only_unmet: bool = False
    """Only those that a plan still has to find something for."""


@query(Permission.REQUESTS_SEE)
def page_of_lines(
    ctx: Context, where: LineFilter, offset: int = 0, limit: int = PAGE
) -> list[tuple[RequestRow, RequestLineRow]]:
    """Lines of requests in reach, each with its request, those of the newest request first."""
    order = (SupplyRequest.created_at.desc(), SupplyRequest.number.desc(), SupplyRequestLine.line_no)
    wanted = _lines_wanted(where).order_by(*order).offset(offset).limit(limit)
    return by_parts(partial(_with_requests, ctx), ctx.session.execute(wanted).all())


def _with_requests(ctx: Context, keys: Sequence[Any]) -> list[tuple[RequestRow, RequestLineRow]]:
    ids = {request_id for _, request_id in keys}
    rows = ctx.session.execute(also_showing(_requests().where(SupplyRequest.id.in_(ids)), Incident, Site)).all()
    known = {row.id: row for row in _whole(ctx, rows)}
    by_id = {line.id: line for row in known.values() for line in row.lines}
    return [(known[request_id], by_id[line_id]) for line_id, request_id in keys]


@query(Permission.REQUESTS_SEE)
def count_lines(ctx: Context, where: LineFilter, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    return int(ctx.session.scalar(counted(_lines_wanted(where), most)) or 0)


def _lines_wanted(where: LineFilter) -> Any:
    statement = (
        select(SupplyRequestLine.id, SupplyRequest.id)
        .join_from(SupplyRequest, SupplyRequestLine, SupplyRequestLine.request_id == SupplyRequest.id)
        .where(SupplyRequest.state == where.state)
    )
    if where.incident_id is not None:
        statement = statement.where(SupplyRequest.incident_id == where.incident_id)
    if where.rank is not None:
        statement = statement.where(SupplyRequestLine.class_rank == where.rank)
    if where.sku:
        statement = statement.where(SupplyRequestLine.item_id.in_(select(Item.id).where(Item.sku == where.sku)))
    if where.only_unmet:
        statement = statement.where(SupplyRequestLine.accepted > SupplyRequestLine.approved)
    return statement


@query(Permission.REQUESTS_SEE)
def request(ctx: Context, reference: str) -> RequestRow:
    """One request by number or id."""
    named = RequestFilter(number=reference)
    with suppress(ValueError):
        named = RequestFilter(request_id=UUID(reference))
    found = page_of_requests(ctx, named)
    if not found or not reference:
        raise NotFound("supply_request", reference=reference)
    return found[0]


def _lines(ctx: Context, request_ids: list[UUID]) -> dict[UUID, list[RequestLineRow]]:
    rows = ctx.session.execute(
        select(SupplyRequestLine, Item)
        .join(Item, Item.id == SupplyRequestLine.item_id)
        .where(SupplyRequestLine.request_id.in_(request_ids))
        .order_by(SupplyRequestLine.request_id, SupplyRequestLine.line_no)
    )
    found: dict[UUID, list[RequestLineRow]] = {}
    taken = {"sku", "item_name", "spec", "unit"}
    for line, item in rows:
        own = {name: getattr(line, name) for name in RequestLineRow.__dataclass_fields__ if name not in taken}
        found.setdefault(line.request_id, []).append(
            RequestLineRow(**own, sku=item.sku, item_name=item.name, spec=item.spec, unit=item.unit)
        )
    return found


@query(Permission.REQUESTS_SEE)
def net_needs(ctx: Context, incident_id: UUID) -> list[NetNeed]:
    """What each place needs, what it has got, what is on its way, what is asked for and waits for an answer."""
    met = met_by_area(ctx, incident_id)
    asked = _asked_by_area(ctx, incident_id)
    return [
        NetNeed(need, *met.get((need.area_code, need.sku), (0, 0)), requested=asked.get((need.area_code, need.sku), 0))
        for need in gross_need(ctx, incident_id)
    ]


def met_by_area(ctx: Context, incident_id: UUID) -> dict[tuple[str, str], tuple[int, int]]:
    """(area, sku) -> (delivered, approved and on its way), over all requests of an incident, whoever asked."""
    statement = (
        select(
            SupplyRequest.area_code,
            Item.sku,
            func.sum(SupplyRequestLine.delivered),
            func.sum(SupplyRequestLine.approved - SupplyRequestLine.delivered),
        )
        .join(SupplyRequestLine, SupplyRequestLine.request_id == SupplyRequest.id)
        .join(Item, Item.id == SupplyRequestLine.item_id)
        .where(SupplyRequest.incident_id == incident_id)
        .group_by(SupplyRequest.area_code, Item.sku)
    )
    rows = ctx.session.execute(unscoped(statement, "what others sent also meets the need"))
    return {(area, sku): (int(delivered), max(int(on_the_way), 0)) for area, sku, delivered, on_the_way in rows}


def _asked_by_area(ctx: Context, incident_id: UUID) -> dict[tuple[str, str], int]:
    """(area, sku) -> asked for and neither approved nor refused yet, over all requests of an incident, whoever asked."""
    accepted = SupplyRequestLine.accepted - SupplyRequestLine.approved
    waiting = case(
        (SupplyRequest.state.in_([RequestState.DRAFT, RequestState.SUBMITTED]), SupplyRequestLine.quantity),
        (accepted > 0, accepted),
        else_=0,
    )
    statement = (
        select(SupplyRequest.area_code, Item.sku, func.sum(waiting))
        .join(SupplyRequestLine, SupplyRequestLine.request_id == SupplyRequest.id)
        .join(Item, Item.id == SupplyRequestLine.item_id)
        .where(
            SupplyRequest.incident_id == incident_id,
            SupplyRequest.state.in_([RequestState.DRAFT, RequestState.SUBMITTED, RequestState.ACCEPTED]),
        )
        .group_by(SupplyRequest.area_code, Item.sku)
    )
    rows = ctx.session.execute(unscoped(statement, "what others asked for need not be asked for again"))
    return {(area, sku): int(quantity) for area, sku, quantity in rows}


def own_stock_used(ctx: Context, incident_id: UUID, organisation_id: UUID) -> list[UsedStock]:
    """What a body and those below it have used of their own stock for an incident: gone out, or held to go out."""
    path = ctx.path_of(organisation_id)
    own = select(Organisation.id).where(Organisation.path.startswith(path, autoescape=True))
    totals: dict[tuple[str, str, str], int] = {}
    moved = (
        select(Item.sku, Item.name, Item.unit, func.sum(StockMove.quantity))
        .join(Item, Item.id == StockMove.item_id)
        .where(
            StockMove.incident_id == incident_id,
            StockMove.owner_id.in_(own),
            StockMove.reason.in_(USE_REASONS),
            StockMove.reverses_id.is_(None),
        )
        .group_by(Item.sku, Item.name, Item.unit)
    )
    held = (
        select(
            Item.sku,
            Item.name,
            Item.unit,
            func.sum(Reservation.quantity - Reservation.fulfilled - Reservation.released),
        )
        .join(Lot, Lot.id == Reservation.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .where(Reservation.incident_id == incident_id, Reservation.closed_at.is_(None), Lot.owner_id.in_(own))
        .group_by(Item.sku, Item.name, Item.unit)
    )
    for statement in (moved, held):
        for sku, name, unit, quantity in ctx.session.execute(statement):
            totals[sku, name, unit] = totals.get((sku, name, unit), 0) + int(quantity)
    return [UsedStock(sku, name, unit, quantity) for (sku, name, unit), quantity in sorted(totals.items()) if quantity]
