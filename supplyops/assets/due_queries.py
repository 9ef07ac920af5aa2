"""What is to be done about numbered units, and which units have no number yet."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, func, select

from supplyops.assets.keeping import upkeep_of
from supplyops.assets.queries import units_where
from supplyops.assets.rules import AssetDueKind
from supplyops.assets.tables import AssetLoan
from supplyops.assets.views import AssetDueRow, AssetFilter, UnregisteredRow
from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.norms import figures
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.tables import Asset, Lot, StockBalance
from supplyops.teams.tables import RescueTeam


@query(Permission.STOCK_SEE)
def assets_due(ctx: Context, *, only_overdue: bool = False, site_code: str = "") -> list[AssetDueRow]:
    """What is due or overdue about units in reach: loans to come back, work to be done, defects to be mended.

    How long before a day or a meter reading something counts as due are parameters.
    """
    days, hours = _figure(ctx, "asset.due_days"), _figure(ctx, "asset.due_hours")
    today = business_day(ctx.now)
    statement = also_showing(units_where(AssetFilter(site_code=site_code)), Site, AssetLoan, RescueTeam)
    rows = ctx.session.execute(statement).all()
    upkeep = upkeep_of(ctx, [row[0] for row in rows])
    found: list[AssetDueRow] = []
    for unit, item, _, _, place, site, holder, loan, team in rows:

        def due(kind: AssetDueKind, what: str, **more: Any) -> None:
            found.append(_due_row(unit, item, place, site, kind, what, **more))  # noqa: B023  called in this turn only

        if _ends_soon(loan, today, days):
            what = " ".join(part for part in (team.name if team else holder, loan.received_by, loan.purpose) if part)
            due(AssetDueKind.LOAN, what, due_on=loan.due_on, is_overdue=loan.due_on < today, loan_number=loan.number)
        if unit.defect:
            late = unit.follow_up_on is None or unit.follow_up_on < today
            due(AssetDueKind.REPAIR, unit.defect, due_on=unit.follow_up_on, is_overdue=late)
        for each in upkeep[unit.id]:
            if each.due.is_near(today, unit.meter_hours, days, hours):
                what = " ".join(part for part in (each.name, each.certificate) if part)
                late = each.due.is_overdue(today, unit.meter_hours)
                due(AssetDueKind(each.kind.value), what, due_on=each.due.on, due_at_hours=each.due.at_hours, is_overdue=late)  # fmt: skip
    found.sort(key=lambda row: (not row.is_overdue, row.due_on or today, row.item_name, row.serial_number))
    return [row for row in found if row.is_overdue or not only_overdue]


def _ends_soon(loan: AssetLoan | None, today: date, days: int) -> bool:
    return loan is not None and (loan.due_on - today).days <= days


def _figure(ctx: Context, key: str) -> int:
    """A parameter; where nobody has set it, only what is overdue is due."""
    try:
        return figures.number(ctx, key)
    except NotFound:
        return 0


def _due_row(
    unit: Asset,
    item: Item,
    place: Location,
    site: Site | None,
    kind: AssetDueKind,
    what: str,
    *,
    due_on: Any = None,
    due_at_hours: int | None = None,
    is_overdue: bool,
    loan_number: str = "",
) -> AssetDueRow:
    return AssetDueRow(
        kind,
        unit.id,
        unit.number,
        unit.serial_number,
        item.name,
        site.code if site else "",
        site.name if site else "",
        place.name,
        what,
        due_on,
        due_at_hours,
        unit.meter_hours,
        is_overdue,
        loan_number,
    )


@query(Permission.STOCK_SEE)
def unregistered(ctx: Context, site_code: str = "") -> list[UnregisteredRow]:
    """Places in reach where units of serial-tracked lots have no number yet, by site and item."""
    counts = (
        select(Asset.location_id, Asset.lot_id, func.count().label("registered"))
        .group_by(Asset.location_id, Asset.lot_id)
        .subquery()
    )
    registered = func.coalesce(counts.c.registered, 0)
    statement = (
        select(StockBalance, Item, Lot.number, Location, Site.name, registered)
        .join(Item, Item.id == StockBalance.item_id)
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Location, Location.id == StockBalance.location_id)
        .outerjoin(Site, Site.id == Location.site_id)
        .outerjoin(
            counts, and_(counts.c.location_id == StockBalance.location_id, counts.c.lot_id == StockBalance.lot_id)
        )
        .where(Item.is_serial_tracked.is_(True), StockBalance.on_hand > registered)
        .order_by(Site.name, Item.sku, Lot.number, Location.code)
    )
    if site_code:
        statement = statement.where(Site.code == site_code)
    return [
        UnregisteredRow(
            item.sku, item.name, item.unit, number, place.code, place.name, site or "", balance.on_hand, int(there)
        )
        for balance, item, number, place, site, there in ctx.session.execute(also_showing(statement, Site, Asset))
    ]
