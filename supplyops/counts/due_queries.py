"""What should be counted next: goods that are counted every month, stores that are counted as a whole."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from supplyops.catalogue.tables import Item
from supplyops.counts.figures import Figures, figures
from supplyops.counts.rules import FULL_KINDS, CountKind, CountState, month_later
from supplyops.counts.tables import StockCount, StockCountLine
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, query
from supplyops.stock.age_queries import first_held
from supplyops.stock.tables import Lot, StockBalance


@dataclass(frozen=True, slots=True)
class DueCount:
    """A count that is proposed: what of which store, since when it waits."""

    kind: CountKind
    site_id: UUID
    site_code: str
    site_name: str
    skus: tuple[str, ...]
    item_names: tuple[str, ...]
    lots: int
    last_on: date | None
    due_on: date
    is_overdue: bool


@query(Permission.STOCK_SEE)
def due_counts(ctx: Context, site_code: str = "", by: date | None = None) -> list[DueCount]:
    """Counts of stores in reach that are due by a day (today), the longest overdue first.

    Goods on the monthly list are due a month after they were last counted, a store as a whole three months after its last
    full count, and once in the last month of the year; what was never counted counts from the day it came. All figures
    are parameters.
    """
    known, today = figures(ctx), business_day(ctx.now)
    until = by or today
    sites = _own_sites(ctx, site_code)
    found: list[DueCount] = []
    stock = _stock(ctx)
    arrived = _arrived(ctx, list(sites))
    last = _last(ctx)
    for site_id, lots in stock.items():
        site = sites.get(site_id)
        if site is None:
            continue
        first = min((arrived.get((site_id, item.id), today) for item in lots), default=today)
        found += [
            each
            for each in (
                *_cycle(site, lots, known, arrived, last, today),
                *_full(site, lots, known, first, last, today),
            )
            if each.due_on <= until or each.kind is CountKind.ANNUAL
        ]
    return sorted(found, key=lambda each: (each.due_on, each.site_code, each.kind))


def _own_sites(ctx: Context, site_code: str) -> dict[UUID, Site]:
    """Stores below the reader's own bodies; those above are shown for their stock, not to be counted."""
    rows = ctx.session.execute(
        select(Site, Organisation.path)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .where(Site.is_active.is_(True))
    )
    grants = ctx.principal.grants
    return {
        site.id: site
        for site, path in rows
        if (not site_code or site.code == site_code)
        and (ctx.principal.is_system or any(path.startswith(grant.path) for grant in grants))
    }


Stock = dict[Item, int]
Arrived = dict[tuple[UUID, UUID], date]


def _stock(ctx: Context) -> dict[UUID, Stock]:
    """site -> item -> how many lots lie there."""
    rows = ctx.session.execute(
        select(StockBalance.site_id, StockBalance.item_id, func.count())
        .join(Location, Location.id == StockBalance.location_id)
        .where(StockBalance.on_hand > 0, StockBalance.site_id.is_not(None))
        .group_by(StockBalance.site_id, StockBalance.item_id)
    ).all()
    items = {row.id: row for row in ctx.session.scalars(select(Item).where(Item.id.in_({row[1] for row in rows})))}
    found: dict[UUID, Stock] = defaultdict(dict)
    for site_id, item_id, lots in rows:
        if site_id is not None:
            found[site_id][items[item_id]] = lots
    return found


def _arrived(ctx: Context, site_ids: list[UUID]) -> Arrived:
    """(site, item) -> since when it waits to be counted: the day its oldest lot was booked, not before the store began."""
    begun = first_held(ctx, site_ids)
    rows = ctx.session.execute(
        select(StockBalance.site_id, StockBalance.item_id, func.min(Lot.created_at))
        .join(Lot, Lot.id == StockBalance.lot_id)
        .where(StockBalance.on_hand > 0, StockBalance.site_id.in_(site_ids))
        .group_by(StockBalance.site_id, StockBalance.item_id)
    )
    return {
        (site_id, item_id): max(business_day(at), begun.get(site_id, date.min))
        for site_id, item_id, at in rows
        if site_id is not None
    }


@dataclass(frozen=True, slots=True)
class _Last:
    items: dict[tuple[UUID, UUID], date]
    full: dict[UUID, date]
    annual: dict[UUID, date]


def _last(ctx: Context) -> _Last:
    """When goods, and stores as a whole, were last counted to the end."""
    posted = StockCount.state == CountState.POSTED
    items = ctx.session.execute(
        select(StockCount.site_id, StockCountLine.item_id, func.max(StockCount.base_at))
        .join(StockCountLine, StockCountLine.count_id == StockCount.id)
        .where(posted)
        .group_by(StockCount.site_id, StockCountLine.item_id)
    )
    kinds = ctx.session.execute(
        select(StockCount.site_id, StockCount.kind, func.max(StockCount.base_at))
        .where(posted, StockCount.kind.in_(FULL_KINDS))
        .group_by(StockCount.site_id, StockCount.kind)
    )
    full: dict[UUID, date] = {}
    annual: dict[UUID, date] = {}
    for site_id, kind, at in kinds:
        full[site_id] = max(business_day(at), full.get(site_id, date.min))
        if kind is CountKind.ANNUAL:
            annual[site_id] = business_day(at)
    return _Last({(site_id, item_id): business_day(at) for site_id, item_id, at in items}, full, annual)


def _cycle(site: Site, lots: Stock, known: Figures, arrived: Arrived, last: _Last, today: date) -> list[DueCount]:
    """One proposal for all goods on the monthly list that are due together."""
    due: dict[date, list[Item]] = defaultdict(list)
    for item in lots:
        if any(_is_of(item, kind, value) for kind, value in known.cycle_goods):
            since = last.items.get((site.id, item.id)) or arrived.get((site.id, item.id), today)
            due[month_later(since, known.cycle_months)].append(item)
    over = {day: items for day, items in due.items() if day <= today}
    groups = [(min(over), [item for items in over.values() for item in items])] if over else []
    groups += [(day, items) for day, items in due.items() if day > today]
    return [_due(CountKind.CYCLE, site, items, lots, day, today, _earliest(site, items, last)) for day, items in groups]


def _is_of(item: Item, kind: str, value: str) -> bool:
    if kind == "load_group":
        return item.load_group.value == value
    if kind == "need_class":
        return item.need_class == value
    return kind == "sku" and item.sku.startswith(value)


def _earliest(site: Site, items: list[Item], last: _Last) -> date | None:
    days = [last.items.get((site.id, item.id)) for item in items]
    return None if None in days else min(day for day in days if day is not None)


def _full(site: Site, lots: Stock, known: Figures, first: date, last: _Last, today: date) -> list[DueCount]:
    full = last.full.get(site.id)
    found = [_due(CountKind.QUARTERLY, site, [], lots, month_later(full or first, known.full_months), today, full)]
    annual = last.annual.get(site.id)
    month = date(today.year, known.annual_month, 1)
    if today >= month and (annual is None or annual < month):
        found.append(_due(CountKind.ANNUAL, site, [], lots, date(today.year, 12, 31), today, annual))
    return found


def _due(
    kind: CountKind, site: Site, items: list[Item], lots: Stock, day: date, today: date, last_on: date | None
) -> DueCount:
    ordered = sorted(items, key=lambda item: item.sku)
    return DueCount(
        kind,
        site.id,
        site.code,
        site.name,
        tuple(item.sku for item in ordered),
        tuple(item.name for item in ordered),
        sum(lots[item] for item in ordered) if ordered else sum(lots.values()),
        last_on,
        day,
        day < today,
    )
