"""What a store has to do now: its rounds, and the lots that are old enough to be restacked or sampled."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.norms.queries import parameters
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind, SiteKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, query
from supplyops.stock.age_queries import came_to_place, first_held
from supplyops.stock.rules import MoveReason, came_on
from supplyops.stock.tables import Lot, StockBalance
from supplyops.upkeep.rules import OF_LOTS, Clock, SamplingGroup, UpkeepKind
from supplyops.upkeep.tables import UpkeepInterval, UpkeepRound, UpkeepRoundLot

STORES = (SiteKind.WAREHOUSE, SiteKind.RESERVE_POINT)


@dataclass(frozen=True, slots=True)
class DueUpkeep:
    """Something that has to be done at a store; for lots, to which one at which place."""

    kind: UpkeepKind
    site_id: UUID
    site_code: str
    site_name: str
    lot_number: str
    location_code: str
    location_name: str
    item_name: str
    manufacturer: str
    on_hand: int
    interval_days: int
    last_on: date | None
    due_on: date
    is_overdue: bool


@query(Permission.STOCK_SEE)
def due_upkeep(
    ctx: Context, site_code: str = "", by: date | None = None, kind: UpkeepKind | None = None
) -> list[DueUpkeep]:
    """What stores of the reader's own bodies have to do by a day (today), the longest overdue first."""
    today = business_day(ctx.now)
    until = by or today
    figures = {row.key: row.value for row in parameters(ctx)}
    stores = _stores(ctx, site_code)
    own = {
        (row.site_id, row.kind): row
        for row in ctx.session.scalars(select(UpkeepInterval).where(UpkeepInterval.site_id.in_(stores)))
    }
    since = first_held(ctx, list(stores))
    found: list[DueUpkeep] = []
    for wanted in (kind,) if kind else tuple(UpkeepKind):
        days = _figure(figures, f"upkeep.{wanted.value}_days")
        if wanted in OF_LOTS:
            found += _of_lots(ctx, wanted, stores, own, figures, days, today)
        else:
            found += _of_sites(ctx, wanted, stores, own, days, since, today)
    due = [each for each in found if each.due_on <= until]
    return sorted(due, key=lambda each: (each.due_on, each.site_code, each.kind, each.lot_number, each.location_code))


def _figure(figures: dict[str, str], key: str) -> int:
    if key not in figures:
        raise NotFound("parameter", key=key)
    return int(figures[key])


def _stores(ctx: Context, site_code: str) -> dict[UUID, Site]:
    rows = ctx.session.execute(
        select(Site, Organisation.path)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .where(Site.is_active.is_(True), Site.kind.in_(STORES))
    )
    grants = ctx.principal.grants
    return {
        site.id: site
        for site, path in rows
        if (not site_code or site.code == site_code)
        and (ctx.principal.is_system or any(path.startswith(grant.path) for grant in grants))
    }


Own = dict[tuple[UUID, UpkeepKind], UpkeepInterval]


def _of_sites(
    ctx: Context,
    kind: UpkeepKind,
    stores: dict[UUID, Site],
    own: Own,
    days: int,
    since: dict[UUID, date],
    today: date,
) -> list[DueUpkeep]:
    """Rounds of whole stores: due from the day on which a store first held anything."""
    last = {
        site_id: business_day(at)
        for site_id, at in ctx.session.execute(
            select(UpkeepRound.site_id, func.max(UpkeepRound.done_at))
            .where(UpkeepRound.kind == kind, UpkeepRound.site_id.in_(stores))
            .group_by(UpkeepRound.site_id)
        )
    }
    found = []
    for site_id, site in stores.items():
        set_here = own.get((site_id, kind))
        interval = set_here.interval_days if set_here else days
        starts = set_here.starts_on if set_here else None
        if not interval or (site_id not in since and starts is None and site_id not in last):
            continue
        first = starts or since.get(site_id, today) + timedelta(days=interval)
        clock = Clock(interval, first, last.get(site_id))
        found.append(
            DueUpkeep(
                kind, site.id, site.code, site.name, "", "", "", "", "", 0, interval, clock.last_on, clock.due_on,
                clock.due_on < today,
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class _Held:
    """A lot at its place, and since when it counts."""

    site_id: UUID
    place: Location
    lot: Any
    """The columns of its lot that count."""
    item: Item
    on_hand: int
    since: date


def _of_lots(
    ctx: Context,
    kind: UpkeepKind,
    stores: dict[UUID, Site],
    own: Own,
    figures: dict[str, str],
    days: int,
    today: date,
) -> list[DueUpkeep]:
    age = _figure(figures, "upkeep.sampling_age_days") if kind is UpkeepKind.SAMPLING else None
    done = _Done(ctx, kind)
    found = []
    for held in _held(ctx, stores, by_age=kind is UpkeepKind.SAMPLING):
        set_here = own.get((held.site_id, kind))
        interval = set_here.interval_days if set_here else days
        if not interval:
            continue
        last = done.last_on(held)
        if last is not None and last < held.since:
            last = None
        first = held.since + timedelta(days=interval if age is None else age)
        clock = Clock(interval, first, last)
        site = stores[held.site_id]
        found.append(
            DueUpkeep(
                kind, site.id, site.code, site.name, held.lot.number, held.place.code, held.place.name, held.item.name,
                held.lot.manufacturer, held.on_hand, interval, last, clock.due_on, clock.due_on < today,
            )
        )  # fmt: skip
    return found


def _held(ctx: Context, stores: dict[UUID, Site], *, by_age: bool) -> list[_Held]:
    """What lies on shelves, with the day it was made (`by_age`) or came to its place.

    What was there before the books were opened lies there since it was stored; where nobody said when, since it was made.
    """
    # There may be very many lots: bare columns of each, and the few items and places once.
    lots = ctx.session.execute(
        select(
            StockBalance.site_id,
            StockBalance.location_id,
            StockBalance.on_hand,
            Lot.id,
            Lot.number,
            Lot.item_id,
            Lot.manufacturer,
            Lot.produced_on,
            Lot.stored_on,
            Lot.created_at,
        )
        .join(Lot, Lot.id == StockBalance.lot_id)
        .where(
            StockBalance.on_hand > 0,
            StockBalance.site_id.in_(stores),
            StockBalance.location_id.in_(select(Location.id).where(Location.kind == LocationKind.STORAGE)),
            StockBalance.is_exercise.is_(False),
        )
    ).all()
    places = {row.id: row for row in ctx.session.scalars(select(Location).where(Location.site_id.in_(stores)))}
    items = {row.id: row for row in ctx.session.scalars(select(Item))}
    came = came_to_place(ctx, list(stores))
    found = []
    for lot in lots:
        day, reason = came.get((lot.location_id, lot.id), (business_day(ctx.now), MoveReason.RECEIPT))
        since = day
        if by_age:
            since = lot.produced_on or min(came_on(lot.stored_on, lot.created_at), day)
        elif reason is MoveReason.OPENING:
            since = lot.stored_on or lot.produced_on or day
        if lot.site_id is not None:
            found.append(_Held(lot.site_id, places[lot.location_id], lot, items[lot.item_id], lot.on_hand, since))
    return found


class _Done:
    """When lots were last restacked or sampled. A sample may stand for all goods of its kind, or of its maker."""

    def __init__(self, ctx: Context, kind: UpkeepKind) -> None:
        self._at_place: dict[tuple[UUID, UUID], date] = {}
        self._by_lot: dict[tuple[UUID, UUID], date] = {}
        self._by_maker: dict[tuple[UUID, UUID, str], date] = {}
        self._by_item: dict[tuple[UUID, UUID], date] = {}
        rows = ctx.session.execute(
            select(UpkeepRound, UpkeepRoundLot, Lot)
            .join(UpkeepRoundLot, UpkeepRoundLot.round_id == UpkeepRound.id)
            .join(Lot, Lot.id == UpkeepRoundLot.lot_id)
            .where(UpkeepRound.kind == kind)
            .order_by(UpkeepRound.done_at)
        )
        for done, at, lot in rows:
            day = business_day(done.done_at)
            self._at_place[at.location_id, lot.id] = day
            self._by_lot[done.site_id, lot.id] = day
            if done.sampling_group is SamplingGroup.MAKER:
                self._by_maker[done.site_id, lot.item_id, lot.manufacturer] = day
            if done.sampling_group is SamplingGroup.CATEGORY:
                self._by_item[done.site_id, lot.item_id] = day
        self._is_sampling = kind is UpkeepKind.SAMPLING

    def last_on(self, held: _Held) -> date | None:
        """When it was last done to this lot, or to one that stands for it."""
        if not self._is_sampling:
            return self._at_place.get((held.place.id, held.lot.id))
        days = [
            self._by_lot.get((held.site_id, held.lot.id)),
            self._by_maker.get((held.site_id, held.lot.item_id, held.lot.manufacturer)),
            self._by_item.get((held.site_id, held.lot.item_id)),
        ]
        return max((day for day in days if day is not None), default=None)


@dataclass(frozen=True, slots=True)
class DueGroup:
    """How much of one kind is due at a store."""

    kind: UpkeepKind
    site_code: str
    site_name: str
    number: int
    due_on: date
    is_overdue: bool


def grouped(rows: list[DueUpkeep]) -> list[DueGroup]:
    """Lots of one kind at one store as one line."""
    found: dict[tuple[str, UpkeepKind], list[DueUpkeep]] = defaultdict(list)
    for row in rows:
        found[row.site_code, row.kind].append(row)
    return [
        DueGroup(
            kind, code, these[0].site_name, len(these), min(row.due_on for row in these), any(row.is_overdue for row in these)
        )
        for (code, kind), these in found.items()
    ]  # fmt: skip
