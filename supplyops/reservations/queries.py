"""Reading holds: who has what, for which order, until when; what could take them; what was taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.dispatch.tables import Consignment, ConsignmentLine
from supplyops.incidents.access import may_see_class
from supplyops.incidents.rules import IncidentState
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.requests.rules import RequestState
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.reservations.ranking import order_in_force, rank_of_claim, rank_of_hold
from supplyops.reservations.rules import NOT_FOR_USE, HoldState, Rank
from supplyops.reservations.tables import TakeOver
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.ledger import UNTIL_RELEASED
from supplyops.stock.tables import Lot, Reservation, StockBalance, StockTotal

PAGE = 50
SOON = timedelta(hours=6)
_Keeper = aliased(Organisation)
Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class HoldFilter:
    """Which holds are asked for; empty fields do not narrow. Without a state: those that are open."""

    state: HoldState = HoldState.OPEN
    text: str = ""
    """Part of an item, a lot, an order."""
    lot_number: str = ""
    sku: str = ""
    site_code: str = ""
    only_soon: bool = False
    """Only those that end within six hours."""


OPEN = HoldFilter()


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold: who has how much of what, for which order, until when."""

    id: UUID
    state: HoldState
    document_kind: str
    document_number: str
    order_number: str
    """The order whose line it stands behind; the document itself where there is none."""
    incident_name: str
    response_level: int | None
    class_rank: int | None
    site_name: str
    location_name: str
    lot_number: str
    sku: str
    item_name: str
    unit: str
    owner_name: str
    quantity: int
    open_quantity: int
    taken: int
    expires_at: datetime
    created_at: datetime
    closed_at: datetime | None
    may_take: bool
    is_until_released: bool
    """A unit that is lent or out of order: held until it is back or mended, whatever day stands in the books."""


@query(Permission.STOCK_SEE)
def holds(ctx: Context, where: HoldFilter = OPEN, offset: int = 0, limit: int = PAGE) -> list[HoldRow]:
    """Holds on stock in reach, the first to end first; those that have ended, the newest first."""
    order = (Reservation.expires_at, Reservation.id)
    if where.state is not HoldState.OPEN:
        order = (Reservation.closed_at.desc(), Reservation.id)  # type: ignore[assignment]
    statement = _narrowed(ctx, where, _rows()).order_by(*order).offset(offset).limit(limit)
    return [_row(ctx, *each) for each in ctx.session.execute(_shown(statement))]


@query(Permission.STOCK_SEE)
def count_holds(ctx: Context, where: HoldFilter = OPEN, most: int = COUNTED_MAX) -> int:
    """How many there are: all that are open; of others one more than `most` where there are more."""
    if where.state is HoldState.OPEN and not (where.text or where.lot_number or where.only_soon):
        return _count_open(ctx, where)
    return int(ctx.session.scalar(_shown(counted(_narrowed(ctx, where, _rows()), most))) or 0)


def _count_open(ctx: Context, where: HoldFilter) -> int:
    """The ledger counts open holds as it places and ends them."""
    statement = select(func.sum(StockTotal.holds))
    if where.sku:
        statement = statement.where(StockTotal.item_id.in_(select(Item.id).where(Item.sku == where.sku)))
    if where.site_code:
        statement = statement.where(StockTotal.site_id.in_(select(Site.id).where(Site.code == where.site_code)))
    return int(ctx.session.scalar(_shown(statement)) or 0)


@query(Permission.STOCK_SEE)
def hold(ctx: Context, reservation_id: UUID) -> HoldRow:
    """One hold on stock in reach."""
    found = ctx.session.execute(_shown(_rows().where(Reservation.id == reservation_id))).one_or_none()
    if found is None:
        raise NotFound("reservation")
    return _row(ctx, *found)


def _rows() -> Rows:
    return (
        select(
            Reservation, Location.name, Site.name, Lot, Item, Organisation.name, Organisation.path, Consignment.number, Incident,
            SupplyRequestLine.class_rank,
        )
        .join(
            StockBalance,
            and_(StockBalance.location_id == Reservation.location_id, StockBalance.lot_id == Reservation.lot_id),
        )
        .join(Location, Location.id == Reservation.location_id)
        .outerjoin(Site, Site.id == StockBalance.site_id)
        .join(Lot, Lot.id == Reservation.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .join(Organisation, Organisation.id == Lot.owner_id)
        .outerjoin(ConsignmentLine, ConsignmentLine.reservation_id == Reservation.id)
        .outerjoin(Consignment, Consignment.id == ConsignmentLine.consignment_id)
        .outerjoin(SupplyRequestLine, SupplyRequestLine.id == ConsignmentLine.request_line_id)
        .outerjoin(Incident, Incident.id == Reservation.incident_id)
    )  # fmt: skip


def _shown(statement: Any) -> Any:
    """Whoever sees the goods sees who holds them."""
    return also_showing(statement, Site, Consignment, Incident, SupplyRequest)


def _narrowed(ctx: Context, where: HoldFilter, statement: Rows) -> Rows:
    ended, ran_out = Reservation.closed_at.is_not(None), Reservation.closed_at >= Reservation.expires_at
    none: ColumnElement[int] = literal_column("0")  # as the indexes of what has ended have it
    given_back = Reservation.released > Reservation.taken
    states = {
        HoldState.OPEN: Reservation.closed_at.is_(None),
        HoldState.USED: and_(ended, Reservation.fulfilled > none),
        HoldState.TAKEN: Reservation.taken > none,
        HoldState.EXPIRED: and_(ended, ran_out, given_back),
        HoldState.RELEASED: and_(ended, given_back, ~ran_out, Reservation.fulfilled == 0, Reservation.taken == 0),
    }
    statement = statement.where(states[where.state])
    for column, value in ((Lot.number, where.lot_number), (Item.sku, where.sku), (Site.code, where.site_code)):
        if value:
            statement = statement.where(column == value)
    if where.only_soon:
        statement = statement.where(Reservation.closed_at.is_(None), Reservation.expires_at <= ctx.now + SOON)
    if where.text:
        columns = (Item.name, Item.sku, Lot.number, Consignment.number, Reservation.document_number)
        statement = statement.where(or_(*(column.contains(where.text, autoescape=True) for column in columns)))
    return statement


def _row(
    ctx: Context,
    row: Reservation,
    place: str,
    site: str | None,
    lot: Lot,
    item: Item,
    owner: str,
    owner_path: str,
    order: str | None,
    incident: Incident | None,
    class_rank: int | None,
) -> HoldRow:
    told = incident if incident is not None and may_see_class(ctx, incident.event_class) else None
    is_open = row.closed_at is None
    return HoldRow(
        row.id,
        _state(row),
        row.document_kind,
        row.document_number,
        order or row.document_number,
        told.name if told else "",
        told.response_level if told else None,
        class_rank,
        site or "",
        place,
        lot.number,
        item.sku,
        item.name,
        item.unit,
        owner,
        row.quantity,
        row.open_quantity,
        row.taken,
        row.expires_at,
        row.created_at,
        row.closed_at,
        is_open
        and row.document_kind not in NOT_FOR_USE
        and (ctx.principal.is_system or ctx.principal.holds_at(Permission.RESERVATIONS_TAKE, owner_path)),
        row.expires_at - row.created_at >= UNTIL_RELEASED,
    )


def _state(row: Reservation) -> HoldState:
    if row.closed_at is None:
        return HoldState.OPEN
    if row.fulfilled:
        return HoldState.USED
    if row.closed_at >= row.expires_at:
        return HoldState.EXPIRED
    return HoldState.TAKEN if row.taken else HoldState.RELEASED


@dataclass(frozen=True, slots=True)
class ChallengerRow:
    """A request line that wants the same goods, and whether it may take them from the hold."""

    line_id: UUID
    request_number: str
    line_no: int
    organisation_name: str
    incident_name: str
    response_level: int | None
    class_rank: int
    outstanding: int
    latest_arrival_at: datetime
    outranks: bool


@query(Permission.STOCK_SEE)
def challengers(ctx: Context, reservation_id: UUID) -> list[ChallengerRow]:
    """Lines in reach that still need the goods of a hold, the most urgent first."""
    row = ctx.session.get(Reservation, reservation_id)
    if row is None:
        raise NotFound("reservation")
    hold(ctx, reservation_id)
    lot = ctx.session.get_one(Lot, row.lot_id)
    order, theirs = order_in_force(ctx), rank_of_hold(ctx, row)
    found = ctx.session.execute(
        also_showing(
            select(SupplyRequestLine, SupplyRequest, Incident, Organisation.name)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .join(Incident, Incident.id == SupplyRequest.incident_id)
            .join(Organisation, Organisation.id == SupplyRequest.organisation_id)
            .where(
                SupplyRequestLine.item_id == lot.item_id,
                SupplyRequestLine.accepted > SupplyRequestLine.approved,
                SupplyRequest.state == RequestState.ACCEPTED,
                Incident.state == IncidentState.OPEN,
            ),
            Incident,
        )
    )
    ranked: list[tuple[Rank, ChallengerRow]] = []
    for line, request, incident, body in found:
        ours = rank_of_claim(ctx, line, lot.owner_id)
        ranked.append(
            (
                ours,
                ChallengerRow(
                    line.id,
                    request.number,
                    line.line_no,
                    body,
                    incident.name,
                    incident.response_level,
                    line.class_rank,
                    line.accepted - line.approved,
                    line.latest_arrival_at,
                    row.document_kind not in NOT_FOR_USE and ours.outranks(theirs, order),
                ),
            )
        )
    return [each for _, each in sorted(ranked, key=lambda entry: (entry[0].by(order), entry[1].request_number))]


@dataclass(frozen=True, slots=True)
class TakeOverRow:
    """Stock that one claim lost to another."""

    id: UUID
    loser_number: str
    winner_number: str
    item_name: str
    unit: str
    lot_number: str
    quantity: int
    because: str
    taken_at: datetime
    taken_by_name: str


@query(Permission.STOCK_SEE)
def take_overs(ctx: Context, offset: int = 0, limit: int = PAGE) -> list[TakeOverRow]:
    """What was taken over of goods in reach, the newest first."""
    rows = ctx.session.execute(
        select(TakeOver, Item, Lot.number)
        .join(Reservation, Reservation.id == TakeOver.loser_reservation_id)
        .join(Lot, Lot.id == Reservation.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .order_by(TakeOver.taken_at.desc(), TakeOver.id)
        .offset(offset)
        .limit(limit)
    )
    own = [name for name in TakeOverRow.__dataclass_fields__ if name not in {"item_name", "unit", "lot_number"}]
    return [
        TakeOverRow(**{name: getattr(row, name) for name in own}, item_name=item.name, unit=item.unit, lot_number=lot)
        for row, item, lot in rows
    ]
