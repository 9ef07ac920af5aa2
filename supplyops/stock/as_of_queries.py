"""Stock as it was at any moment, reckoned from the balances of today backwards or from nothing forwards, whichever is shorter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select, union_all

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.people.rules import Level
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.narrowing import asked
from supplyops.stock.queries import OWNER
from supplyops.stock.tables import Lot, StockBalance, StockMove
from supplyops.stock.views import PAGE, StockFilter


class StockClock(StrEnum):
    """Whose time counts: when a move was written into the books, or when it happened."""

    RECORDED = "recorded"
    OCCURRED = "occurred"


@dataclass(frozen=True, slots=True)
class AsOf:
    """A moment, and which time of a move is compared with it. What happened at the very moment counts."""

    moment: datetime
    by: StockClock = StockClock.RECORDED


@dataclass(frozen=True, slots=True)
class StockThenRow:
    """So much of one lot lay at one place then."""

    lot_number: str
    sku: str
    item_name: str
    spec: str
    unit: str
    site_code: str
    site_name: str
    site_level: Level | None
    location_code: str
    location_name: str
    location_kind: LocationKind
    owner_code: str
    owner_name: str
    owner_level: Level
    unit_price_fen: int
    produced_on: date | None
    came_on: date
    expires_on: date | None
    on_hand: int
    on_hand_now: int


@dataclass(frozen=True, slots=True)
class ItemThenRow:
    """So much of one item lay on shelves, on the road and in quarantine then, and on shelves by level."""

    sku: str
    name: str
    spec: str
    unit: str
    on_hand: int
    in_transit: int
    quarantined: int
    on_hand_now: int
    by_owner: dict[Level, int]
    by_place: dict[Level, int]


@query(Permission.STOCK_SEE)
def stock_rows_as_of(
    ctx: Context, where: StockFilter, as_of: AsOf, offset: int = 0, limit: int = PAGE
) -> list[StockThenRow]:
    """Stock lot by lot as it was, in the order of the list of today."""
    net, then = _then(ctx, where, as_of)
    statement = (
        _joined(select(StockBalance.on_hand, then, Lot, Item, Location, Site, OWNER), net)
        .where(*_asked(ctx, where), then != 0)
        .order_by(Item.sku, func.coalesce(Lot.expires_on, date.max), Lot.number, Location.code)
        .offset(offset)
        .limit(limit)
    )
    return [_row(*row) for row in ctx.session.execute(also_showing(statement, Site))]


@query(Permission.STOCK_SEE)
def count_stock_rows_as_of(ctx: Context, where: StockFilter, as_of: AsOf) -> int:
    """How many rows `stock_rows_as_of` has in all."""
    net, then = _then(ctx, where, as_of)
    counted = _joined(select(func.count()).select_from(StockBalance), net).where(*_asked(ctx, where), then != 0)
    return int(ctx.session.scalar(also_showing(counted, Site)) or 0)


@query(Permission.STOCK_SEE)
def item_stock_as_of(ctx: Context, where: StockFilter, as_of: AsOf) -> list[ItemThenRow]:
    """Stock item by item as it was, split by the level of owner and place."""
    net, then = _then(ctx, where, as_of)
    shelf = Location.kind.in_([LocationKind.STORAGE, LocationKind.TEAM])

    def summed(condition: ColumnElement[bool], amount: Any) -> Any:
        return func.sum(case((condition, amount), else_=0))

    statement = (
        _joined(
            select(
                Item,
                OWNER.level,
                Site.level,
                summed(shelf, then),
                summed(Location.kind == LocationKind.TRANSIT, then),
                summed(Location.kind == LocationKind.QUARANTINE, then),
                summed(shelf, StockBalance.on_hand),
            ).select_from(StockBalance),
            net,
        )
        .where(*_asked(ctx, where))
        .group_by(Item.id, OWNER.level, Site.level)
        .order_by(Item.sku)
    )
    found: dict[str, list[Any]] = {}
    for row in ctx.session.execute(also_showing(statement, Site)):
        found.setdefault(row[0].sku, []).append(row)
    return [each for rows in found.values() if (each := _item_row(rows)) is not None]


def _asked(ctx: Context, where: StockFilter) -> list[ColumnElement[bool]]:
    """What the filter asks, empty places included: there may have been something then."""
    return asked(ctx, replace(where, include_empty=True)).of_balances()


def _item_row(rows: list[Any]) -> ItemThenRow | None:
    """One item's rows by level as one; None where there was nothing of it."""
    item: Item = rows[0][0]
    by_owner: dict[Level, int] = {}
    by_place: dict[Level, int] = {}
    for _, owner_level, site_level, on_shelf, *_ in rows:
        by_owner[owner_level] = by_owner.get(owner_level, 0) + int(on_shelf)
        if site_level is not None:
            by_place[site_level] = by_place.get(site_level, 0) + int(on_shelf)
    on_hand, in_transit, quarantined, now = (sum(int(row[place]) for row in rows) for place in (3, 4, 5, 6))
    if not (on_hand or in_transit or quarantined):
        return None
    return ItemThenRow(
        item.sku, item.name, item.spec, item.unit, on_hand, in_transit, quarantined, now, by_owner, by_place
    )


def _joined(statement: Any, net: Subquery) -> Any:
    return (
        statement.join(Lot, Lot.id == StockBalance.lot_id)
        .join(Item, Item.id == StockBalance.item_id)
        .join(Location, Location.id == StockBalance.location_id)
        .outerjoin(Site, Site.id == StockBalance.site_id)
        .join(OWNER, OWNER.id == StockBalance.owner_id)
        .outerjoin(net, and_(net.c.location_id == StockBalance.location_id, net.c.lot_id == StockBalance.lot_id))
    )


def _then(ctx: Context, where: StockFilter, as_of: AsOf) -> tuple[Subquery, Any]:
    """The moves to reckon with, summed by place and lot, and what lay there then."""
    time = StockMove.recorded_at if as_of.by is StockClock.RECORDED else StockMove.occurred_at
    first: datetime | None = ctx.session.scalar(select(func.min(time)))
    last: datetime | None = ctx.session.scalar(select(func.max(time)))
    backwards = first is None or last is None or last - as_of.moment <= as_of.moment - first
    narrowed = [time > as_of.moment if backwards else time <= as_of.moment, *_narrowing(where)]
    net = _net(narrowed)
    change = func.coalesce(net.c.change, 0)
    return net, (StockBalance.on_hand - change if backwards else change)


def _narrowing(where: StockFilter) -> list[ColumnElement[bool]]:
    """Moves of other goods need not be read."""
    conditions: list[ColumnElement[bool]] = []
    if where.sku:
        conditions.append(StockMove.item_id.in_(select(Item.id).where(Item.sku == where.sku)))
    if where.lot_number:
        conditions.append(StockMove.lot_id.in_(select(Lot.id).where(Lot.number == where.lot_number)))
    return conditions


def _net(conditions: list[ColumnElement[bool]]) -> Subquery:
    came = select(StockMove.target_id.label("location_id"), StockMove.lot_id, StockMove.quantity.label("change"))
    went = select(StockMove.source_id.label("location_id"), StockMove.lot_id, (-StockMove.quantity).label("change"))
    legs = union_all(came.where(*conditions), went.where(*conditions)).subquery()
    return (
        select(legs.c.location_id, legs.c.lot_id, func.sum(legs.c.change).label("change"))
        .group_by(legs.c.location_id, legs.c.lot_id)
        .subquery()
    )


def _row(now: int, then: int, lot: Lot, item: Item, place: Location, site: Site | None, owner: Any) -> StockThenRow:
    return StockThenRow(
        lot.number,
        item.sku,
        item.name,
        item.spec,
        item.unit,
        site.code if site else "",
        site.name if site else "",
        site.level if site else None,
        place.code,
        place.name,
        place.kind,
        owner.code,
        owner.name,
        owner.level,
        lot.unit_price_fen,
        lot.produced_on,
        lot.came_on,
        lot.expires_on,
        int(then),
        now,
    )
