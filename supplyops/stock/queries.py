"""Asking the books: stock by tier, item, place and lot; history; holds."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
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
from supplyops.stock.expiry import NO_DATE, with_band
from supplyops.stock.rules import Balance, LotState
from supplyops.stock.tables import Lot, Reservation, StockBalance, StockDocument, StockMove
from supplyops.stock.views import PAGE, ItemStock, LotRow, MoveFilter, MoveRow, ReservationRow, StockFilter, StockRow

OWNER = aliased(Organisation)
"""The owner of goods, as every list of stock joins it."""
_Owner = OWNER


@query(Permission.STOCK_SEE)
def stock_rows(ctx: Context, where: StockFilter, offset: int = 0, limit: int = PAGE) -> list[StockRow]:
    """Stock lot by lot, by item and first expiry.

    Which rows a page has is found out first: sorting all of them with everything that is shown would carry it all along.
    """
    order = (Item.sku, func.coalesce(Lot.expires_on, date.max), Lot.number, Location.code)
    asked = with_band(ctx, where)
    if limit > PAGE:
        whole = _rows().where(*conditions_of(asked)).order_by(*order).offset(offset).limit(limit)
        return [_stock_row(*row) for row in ctx.session.execute(also_showing(whole, Site))]
    keys = joined(select(StockBalance.location_id, StockBalance.lot_id), asked, Item, Location)
    keys = keys.where(*conditions_of(asked)).order_by(*order).offset(offset).limit(limit)
    page = {(row[0], row[1]): number for number, row in enumerate(ctx.session.execute(also_showing(keys, Site)))}
    lots = _rows().where(StockBalance.lot_id.in_({lot_id for _, lot_id in page}))
    found = [_stock_row(*row) for row in ctx.session.execute(also_showing(lots, Site))]
    shown = [row for row in found if (row.location_id, row.lot_id) in page]
    return sorted(shown, key=lambda row: page[row.location_id, row.lot_id])


@query(Permission.STOCK_SEE)
def count_stock_rows(ctx: Context, where: StockFilter) -> int:
    """How many rows `stock_rows` has in all."""
    asked = with_band(ctx, where)
    statement = joined(select(func.count()).select_from(StockBalance), asked).where(*conditions_of(asked))
    return int(ctx.session.scalar(also_showing(statement, Site)) or 0)


def _rows() -> Select[StockBalance, Lot, Item, Location, Site, Organisation, LotState | None]:
    return (
        select(StockBalance, Lot, Item, Location, Site, _Owner, state_in_force())
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Item, Item.id == StockBalance.item_id)
        .join(Location, Location.id == StockBalance.location_id)
        .outerjoin(Site, Site.id == StockBalance.site_id)
        .join(_Owner, _Owner.id == StockBalance.owner_id)
    )


def joined(statement: Select[*tuple[Any, ...]], where: StockFilter, *wanted: Any) -> Select[*tuple[Any, ...]]:
    """Balances joined with their lots, with what is wanted, and with what a filter narrows by: each join costs as much as the scan."""
    statement = statement.join(Lot, Lot.id == StockBalance.lot_id)
    if Item in wanted or where.text or where.sku:
        statement = statement.join(Item, Item.id == StockBalance.item_id)
    if Location in wanted or where.location_code or where.place_kinds:
        statement = statement.join(Location, Location.id == StockBalance.location_id)
    if where.site_level or where.site_code:
        statement = statement.join(Site, Site.id == StockBalance.site_id)
    if where.owner_level or where.owner_code:
        statement = statement.join(_Owner, _Owner.id == StockBalance.owner_id)
    return statement


def conditions_of(where: StockFilter) -> list[ColumnElement[bool]]:
    """What a filter asks of stock rows joined with lot, item, place, site and owner."""
    conditions: list[ColumnElement[bool]] = []
    if not where.include_empty:
        conditions.append(StockBalance.on_hand > 0)
    if not where.include_exercise:
        conditions.append(Lot.is_exercise.is_(False))
    if where.text:
        raw, folded = where.text.strip(), where.text.strip().lower()
        conditions.append(
            or_(
                Item.name.contains(raw, autoescape=True),
                Item.sku.contains(raw.upper(), autoescape=True),
                Item.pinyin.contains(folded, autoescape=True),
                Item.initials.contains(folded, autoescape=True),
                Lot.number.contains(raw, autoescape=True),
            )
        )
    equal = (
        (Item.sku, where.sku),
        (_Owner.level, where.owner_level),
        (Site.level, where.site_level),
        (Site.code, where.site_code),
        (_Owner.code, where.owner_code),
        (Lot.number, where.lot_number),
        (StockBalance.location_id, where.location_id),
        (Location.code, where.location_code),
    )
    conditions += [column == value for column, value in equal if value]
    if where.place_kinds:
        conditions.append(Location.kind.in_(where.place_kinds))
    if where.expires_by is not None:
        conditions.append(Lot.expires_on <= where.expires_by)
    if where.expires_from is not None:
        conditions.append(Lot.expires_on >= where.expires_from)
    if where.band == NO_DATE:
        conditions.append(Lot.expires_on.is_(None))
    if where.lot_state is LotState.NORMAL:
        conditions.append(Lot.id.not_in(blocked_lots()))
    elif where.lot_state is not None:
        conditions.append(state_in_force() == where.lot_state)
    return conditions


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
    asked = with_band(ctx, where)
    amount = StockBalance.on_hand
    spoiled = or_(Lot.id.in_(blocked_lots()), Lot.expires_on < business_day(ctx.now))
    columns = (StockBalance.item_id, StockBalance.owner_id, StockBalance.site_id, StockBalance.location_id)
    summed = select(
        *columns,
        func.sum(amount).label("amount"),
        func.sum(StockBalance.reserved).label("reserved"),
        func.sum(case((spoiled, amount - StockBalance.reserved), else_=0)).label("spoiled"),
    ).select_from(StockBalance)
    # Names are joined to the few rows that the sums leave.
    lying = joined(summed, asked).where(*conditions_of(asked)).group_by(*columns).subquery()
    on_shelf = Location.kind.in_([LocationKind.STORAGE, LocationKind.TEAM])
    statement = (
        select(
            Item,
            _Owner.level,
            Site.level,
            func.sum(case((on_shelf, lying.c.amount), else_=0)),
            func.sum(case((on_shelf, lying.c.reserved), else_=0)),
            func.sum(case((Location.kind == LocationKind.TRANSIT, lying.c.amount), else_=0)),
            func.sum(case((Location.kind == LocationKind.QUARANTINE, lying.c.amount), else_=0)),
            func.sum(case((on_shelf, lying.c.spoiled), else_=0)),
        )
        .join_from(lying, Item, Item.id == lying.c.item_id)
        .join(Location, Location.id == lying.c.location_id)
        .outerjoin(Site, Site.id == lying.c.site_id)
        .join(_Owner, _Owner.id == lying.c.owner_id)
        .group_by(Item.id, _Owner.level, Site.level)
        .order_by(Item.sku)
    )
    found: dict[UUID, ItemStock] = {}
    for item, owner_level, site_level, on_hand, reserved, in_transit, quarantined, unusable in ctx.session.execute(
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
            before.unusable + int(unusable),
        )
    return list(found.values())


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
