"""Asking the books: stock by tier, item, place and lot; history; holds."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, union_all
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.blocking import blocked_lots, state_in_force, statuses_of
from supplyops.stock.narrowing import Asked, asked, keys_of_page, lots_by_item
from supplyops.stock.rules import Balance, LotState
from supplyops.stock.tables import Lot, Reservation, StockBalance, StockDocument, StockMove, StockTotal
from supplyops.stock.views import (
    PAGE,
    ItemStock,
    LotRow,
    MoveFilter,
    MoveRow,
    ReservationRow,
    StockFilter,
    StockPage,
    StockRow,
)

ON_SHELF = (LocationKind.STORAGE, LocationKind.TEAM)
OWNER = aliased(Organisation)
"""The owner of goods, as every list of stock joins it."""
_Owner = OWNER


@query(Permission.STOCK_SEE)
def stock_rows(ctx: Context, where: StockFilter, offset: int = 0, limit: int = PAGE) -> list[StockRow]:
    """Stock lot by lot, by item and first expiry.

    Which rows a page has is found out first: items by their counts, then the lots of these by an index that has them in order.
    """
    wanted = asked(ctx, where)
    if limit > PAGE:
        order = (Item.sku, StockBalance.good_until, StockBalance.lot_number, Location.code)
        whole = _rows().where(*wanted.of_balances()).order_by(*order).offset(offset).limit(limit)
        return [_stock_row(*row) for row in ctx.session.execute(also_showing(whole, Site))]
    return _rows_of_page(ctx, wanted, lots_by_item(ctx, wanted), offset, limit)


@query(Permission.STOCK_SEE)
def stock_page(ctx: Context, where: StockFilter, page: int) -> StockPage:
    """One page of the list with how many rows it has in all; a page beyond the end is the last one."""
    wanted = asked(ctx, where)
    counts = lots_by_item(ctx, wanted)
    total = sum(counts.values())
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    return StockPage(_rows_of_page(ctx, wanted, counts, (page - 1) * PAGE, PAGE), total, page, pages)


def _rows_of_page(ctx: Context, wanted: Asked, counts: dict[UUID, int], offset: int, limit: int) -> list[StockRow]:
    page = {key: number for number, key in enumerate(keys_of_page(ctx, wanted, counts, offset, limit))}
    lots = _rows().where(StockBalance.lot_id.in_({lot_id for _, lot_id in page}))
    found = [_stock_row(*row) for row in ctx.session.execute(also_showing(lots, Site))]
    shown = [row for row in found if (row.location_id, row.lot_id) in page]
    return sorted(shown, key=lambda row: page[row.location_id, row.lot_id])


@query(Permission.STOCK_SEE)
def count_stock_rows(ctx: Context, where: StockFilter) -> int:
    """How many rows `stock_rows` has in all."""
    return sum(lots_by_item(ctx, asked(ctx, where)).values())


def _rows() -> Select[StockBalance, Lot, Item, Location, Site, Organisation, LotState | None]:
    return (
        select(StockBalance, Lot, Item, Location, Site, _Owner, state_in_force())
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Item, Item.id == StockBalance.item_id)
        .join(Location, Location.id == StockBalance.location_id)
        .outerjoin(Site, Site.id == StockBalance.site_id)
        .join(_Owner, _Owner.id == StockBalance.owner_id)
    )


def _stock_row(
    balance: StockBalance,
    lot: Lot,
    item: Item,
    place: Location,
    site: Site | None,
    owner: Organisation,
    state: LotState | None,
) -> StockRow:
    return StockRow(
        place.id,
        place.code,
        place.name,
        place.kind,
        balance.site_id,
        site.code if site else "",
        site.name if site else "",
        site.level if site else None,
        lot.id,
        lot.number,
        item.sku,
        item.name,
        item.spec,
        item.unit,
        owner.code,
        owner.name,
        owner.level,
        lot.fund_source,
        lot.produced_on,
        lot.came_on,
        lot.expires_on,
        lot.unit_price_fen,
        lot.restriction,
        balance.on_hand,
        balance.reserved,
        state or LotState.NORMAL,
    )


@query(Permission.STOCK_SEE)
def item_stock(ctx: Context, where: StockFilter) -> list[ItemStock]:
    """Stock item by item, split by the owner's level and by the level of the place: the two are not the same."""
    wanted = asked(ctx, where)
    lying = _lying(wanted).subquery()
    unusable = _unusable(ctx, wanted)
    on_shelf = Location.kind.in_(ON_SHELF)
    statement = (
        select(
            Item,
            _Owner.level,
            Site.level,
            func.sum(case((on_shelf, lying.c.on_hand), else_=0)),
            func.sum(case((on_shelf, lying.c.reserved), else_=0)),
            func.sum(case((Location.kind == LocationKind.TRANSIT, lying.c.on_hand), else_=0)),
            func.sum(case((Location.kind == LocationKind.QUARANTINE, lying.c.on_hand), else_=0)),
        )
        .join_from(lying, Item, Item.id == lying.c.item_id)
        .join(Location, Location.id == lying.c.location_id)
        .outerjoin(Site, Site.id == lying.c.site_id)
        .join(_Owner, _Owner.id == lying.c.owner_id)
        .group_by(Item.id, _Owner.level, Site.level)
        .having(func.sum(lying.c.lots) > 0)
        .order_by(Item.sku)
    )
    found: dict[UUID, ItemStock] = {}
    for item, owner_level, site_level, on_hand, reserved, in_transit, quarantined in ctx.session.execute(
        also_showing(statement, Site)
    ):
        before = found.get(item.id) or ItemStock(
            item.id, item.sku, item.name, item.spec, item.unit, item.need_class, 0, 0, 0, 0, {}, {}
        )
        by_owner, by_place = dict(before.by_owner), dict(before.by_place)
        by_owner[owner_level] = by_owner.get(owner_level, 0) + int(on_hand)
        if site_level is not None:
            by_place[site_level] = by_place.get(site_level, 0) + int(on_hand)
        found[item.id] = ItemStock(
            item.id,
            item.sku,
            item.name,
            item.spec,
            item.unit,
            item.need_class,
            before.on_hand + int(on_hand),
            before.reserved + int(reserved),
            before.in_transit + int(in_transit),
            before.quarantined + int(quarantined),
            by_owner,
            by_place,
            unusable.get(item.id, 0),
        )
    return list(found.values())


def _lying(wanted: Asked) -> Any:
    """How much lies where of what and whose: from the totals where these can tell."""
    columns = ("item_id", "owner_id", "site_id", "location_id")
    amounts = ("on_hand", "reserved")
    if not wanted.is_of_totals:
        rows = select(
            *(getattr(StockBalance, name) for name in columns),
            *(func.sum(getattr(StockBalance, name)).label(name) for name in amounts),
            func.count().label("lots"),
        )
        return rows.where(*wanted.of_balances()).group_by(*(getattr(StockBalance, name) for name in columns))
    totals = select(*(getattr(StockTotal, name) for name in (*columns, *amounts, "lots"))).where(*wanted.of_totals())
    taken_off = wanted.taken_off()
    if taken_off is None:
        return totals
    less = select(
        *(getattr(StockBalance, name) for name in columns),
        *(-func.sum(getattr(StockBalance, name)) for name in amounts),
        -func.count(),
    )
    return union_all(totals, less.where(taken_off).group_by(*(getattr(StockBalance, name) for name in columns)))


def _unusable(ctx: Context, wanted: Asked) -> dict[UUID, int]:
    """Item -> what lies on shelves unreserved, but is kept back or past its date."""
    today = business_day(ctx.now)
    gone = wanted.up_to(today - timedelta(days=1))
    free = select(
        StockBalance.item_id, StockBalance.location_id, (StockBalance.on_hand - StockBalance.reserved).label("free")
    )
    kept_back = free.where(
        *wanted.of_balances(), StockBalance.good_until >= today, StockBalance.lot_id.in_(blocked_lots())
    )
    parts = (kept_back if gone is None else union_all(free.where(*gone.of_balances()), kept_back)).subquery()
    statement = (
        select(parts.c.item_id, func.sum(parts.c.free))
        .join(Location, Location.id == parts.c.location_id)
        .where(Location.kind.in_(ON_SHELF))
        .group_by(parts.c.item_id)
    )
    return {item_id: int(amount) for item_id, amount in ctx.session.execute(also_showing(statement, Site))}


@query(Permission.STOCK_SEE)
def balances(ctx: Context, location_ids: Sequence[UUID]) -> list[Balance]:
    """Balances of some places, in key order."""
    rows = ctx.session.scalars(
        select(StockBalance)
        .where(StockBalance.location_id.in_(location_ids))
        .order_by(StockBalance.location_id, StockBalance.lot_id)
    )
    return [Balance(row.location_id, row.lot_id, row.on_hand, row.reserved) for row in rows]


@query(Permission.STOCK_SEE)
def balance_as_of(ctx: Context, location_id: UUID, lot_id: UUID, moment: datetime) -> int:
    """What lay at a place of a lot when everything recorded up to a moment had happened; summed from the moves."""
    if ctx.session.get(StockBalance, (location_id, lot_id)) is None:
        return 0
    signed = case((StockMove.target_id == location_id, StockMove.quantity), else_=-StockMove.quantity)
    here = or_(StockMove.source_id == location_id, StockMove.target_id == location_id)
    total = select(func.sum(signed)).where(StockMove.lot_id == lot_id, here, StockMove.recorded_at <= moment)
    return int(ctx.session.scalar(total) or 0)


@query(Permission.STOCK_SEE)
def history(ctx: Context, where: MoveFilter) -> list[MoveRow]:
    """Moves, newest first, of lots the reader may see."""
    source, target = aliased(Location), aliased(Location)
    statement = (
        select(StockMove, Lot.number, Item, source.name, target.name, StockDocument.is_late)
        .join(Lot, Lot.id == StockMove.lot_id)
        .join(Item, Item.id == StockMove.item_id)
        .join(source, source.id == StockMove.source_id)
        .join(target, target.id == StockMove.target_id)
        .outerjoin(StockDocument, StockDocument.id == StockMove.document_id)
        .order_by(StockMove.seq.desc())
        .limit(where.limit)
    )
    if not ctx.principal.is_system:
        visible = select(StockBalance.lot_id).where(
            and_(
                StockBalance.lot_id == StockMove.lot_id,
                StockBalance.location_id.in_([StockMove.source_id, StockMove.target_id]),
            )
        )
        statement = statement.where(visible.exists())
    for column, value in (
        (StockMove.lot_id, where.lot_id),
        (StockMove.item_id, where.item_id),
        (StockMove.document_id, where.document_id),
        (StockMove.posting_id, where.posting_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    statement = statement.where(*_narrowed(where, source, target))
    if where.before_seq is not None:
        statement = statement.where(StockMove.seq < where.before_seq)
    ways = itertools.product(_at_place(ctx, where), _by_actor(ctx, where))
    found = [
        row
        for way in ways
        for row in ctx.session.execute(also_showing(statement.where(*itertools.chain(*way)), StockDocument))
    ]
    found.sort(key=lambda row: row[0].seq, reverse=True)
    return [move_row(*row) for row in found[: where.limit]]


Ways = list[tuple[ColumnElement[bool], ...]]
"""Conditions that exclude each other: each is asked for by itself, so that an index gives its newest moves in order."""
APART_MAX = 6
"""So many names are asked for one by one; more in one go."""


def _at_place(ctx: Context, where: MoveFilter) -> Ways:
    """Moves out of a place, and moves into it."""
    places = {where.location_id} - {None}
    if where.location_code:
        coded = ctx.session.scalar(select(Location.id).where(Location.code == where.location_code))
        if coded is None or (places and coded not in places):
            return []
        places = {coded}
    if not places:
        return [()]
    (place,) = places
    return [(StockMove.source_id == place,), (StockMove.target_id == place,)]  # no move goes from a place to itself


def _by_actor(ctx: Context, where: MoveFilter) -> Ways:
    """Moves of everybody whose name has the words in it; the names are leapt along in their index."""
    if not where.actor:
        return [()]
    first = select(func.min(StockMove.actor_name).label("name")).cte("name", recursive=True)
    after = select(func.min(StockMove.actor_name)).where(StockMove.actor_name > first.c.name).scalar_subquery()
    names = first.union_all(select(after).where(first.c.name.is_not(None)))
    wanted = select(names.c.name).where(names.c.name.contains(where.actor, autoescape=True))
    found = list(ctx.session.scalars(wanted))
    if len(found) > APART_MAX:
        return [(StockMove.actor_name.in_(found),)]
    return [(StockMove.actor_name == name,) for name in found]


def _narrowed(where: MoveFilter, source: Any, target: Any) -> list[ColumnElement[bool]]:
    """What the words of a filter mean for moves joined with lot, item and both places; empty ones do not narrow."""
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (Item.sku, where.sku),
        (Lot.number, where.lot_number),
        (StockMove.document_number, where.document_number),
        (StockMove.reason, where.reason),
    ):
        if value:
            conditions.append(column == value)
    if where.site_code:
        there = select(Site.id).where(Site.code == where.site_code)
        conditions.append(or_(source.site_id.in_(there), target.site_id.in_(there)))
    time = StockMove.occurred_at if where.by_occurred else StockMove.recorded_at
    if where.since is not None:
        conditions.append(time >= where.since)
    if where.until is not None:
        conditions.append(time <= where.until)
    return conditions


def move_row(
    move: StockMove, lot_number: str, item: Item, source_name: str, target_name: str, is_late: bool | None
) -> MoveRow:
    """A move as people read it."""
    return MoveRow(
        move.seq,
        move.posting_id,
        move.reason,
        move.lot_id,
        lot_number,
        item.sku,
        item.name,
        item.unit,
        move.source_id,
        source_name,
        move.target_id,
        target_name,
        move.quantity,
        move.document_kind,
        move.document_id,
        move.document_number,
        move.occurred_at,
        move.recorded_at,
        move.actor_name,
        move.reverses_id,
        move.note,
        bool(is_late) and move.reverses_id is None,
    )


@query(Permission.STOCK_SEE)
def lot(ctx: Context, number: str) -> LotRow:
    """One lot by number, if any of it lies within reach."""
    visible = select(StockBalance.lot_id).where(StockBalance.lot_id == Lot.id).exists()
    found = ctx.session.execute(
        select(Lot, Item, _Owner)
        .join(Item, Item.id == Lot.item_id)
        .join(_Owner, _Owner.id == Lot.owner_id)
        .where(Lot.number == number, visible)
    ).one_or_none()
    if found is None:
        raise NotFound("lot", number=number)
    row, item, owner = found
    own = {name: getattr(row, name) for name in LotRow.__dataclass_fields__ if hasattr(row, name)}
    status = statuses_of(ctx, [row.id]).get(row.id)
    return LotRow(
        **own,
        sku=item.sku,
        item_name=item.name,
        spec=item.spec,
        unit=item.unit,
        owner_code=owner.code,
        owner_name=owner.name,
        state=status.state if status else LotState.NORMAL,
        state_reason=status.reason if status else "",
        state_at=status.recorded_at if status else None,
        state_by=status.actor_name if status else "",
    )


@query(Permission.STOCK_SEE)
def reservations(ctx: Context, *, lot_id: UUID | None = None, document_id: UUID | None = None) -> list[ReservationRow]:
    """Open holds on stock within reach, the first to end first."""
    statement = (
        select(Reservation, Location.name, Lot.number, Item)
        .join(
            StockBalance,
            and_(StockBalance.location_id == Reservation.location_id, StockBalance.lot_id == Reservation.lot_id),
        )
        .join(Location, Location.id == Reservation.location_id)
        .join(Lot, Lot.id == Reservation.lot_id)
        .join(Item, Item.id == Lot.item_id)
        .where(Reservation.closed_at.is_(None))
        .order_by(Reservation.expires_at, Reservation.id)
    )
    if lot_id is not None:
        statement = statement.where(Reservation.lot_id == lot_id)
    if document_id is not None:
        statement = statement.where(Reservation.document_id == document_id)
    return [
        ReservationRow(
            row.id,
            row.document_kind,
            row.document_id,
            row.document_number,
            place,
            number,
            item.sku,
            item.name,
            row.quantity,
            row.open_quantity,
            row.expires_at,
            row.created_at,
        )
        for row, place, number, item in ctx.session.execute(statement)
    ]
