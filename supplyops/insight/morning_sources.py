"""What a store has before it in the morning, one function a room; another room's dates are one more function in `SOURCES`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from supplyops.arrivals import queries as arrivals
from supplyops.arrivals.queries import ArrivalFilter
from supplyops.catalogue.tables import Item
from supplyops.contracts.tables import Contract
from supplyops.counts import due_queries as due_counts
from supplyops.counts import queries as counts
from supplyops.dispatch import queries as dispatch
from supplyops.dispatch.rules import ConsignmentState
from supplyops.dispatch.tables import Consignment
from supplyops.insight.morning_assets import assets_due
from supplyops.insight.morning_owing import owed, to_come_back, transferred
from supplyops.insight.morning_rows import MorningKind, MorningLine
from supplyops.insight.rows import CONTRACT_WARNING
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.norms.targets import Targets
from supplyops.people.tables import Organisation
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, unscoped
from supplyops.stock import acceptance_queries as acceptances
from supplyops.stock.acceptance_queries import AcceptanceFilter
from supplyops.stock.blocking import blocked_lots
from supplyops.stock.documents import AcceptanceState
from supplyops.stock.tables import Lot, StockBalance
from supplyops.upkeep import due_queries as due_upkeep
from supplyops.upkeep import queries as upkeep
from supplyops.upkeep.rules import OF_LOTS, DutyState
from supplyops.wording.labels import label

Source = Callable[[Context, Site, dict[str, str]], Sequence[MorningLine]]
_Other = aliased(Site)


def _figure(figures: dict[str, str], key: str) -> int:
    if key not in figures:
        raise NotFound("parameter", key=key)
    return int(figures[key])


def _duty(ctx: Context, site: Site, _figures: dict[str, str]) -> list[MorningLine]:
    return [
        MorningLine(
            MorningKind.DUTY,
            f"{row.outgoing_name} → {row.incoming_name}",
            label(row.state),
            row.number,
            business_day(row.offered_at),
            row.offered_at,
            business_day(row.offered_at) < business_day(ctx.now),
        )
        for row in upkeep.handovers(ctx, site.code, DutyState.OFFERED)
    ]


def _leaving(ctx: Context, site: Site, _figures: dict[str, str]) -> list[MorningLine]:
    """Orders to be accepted, picked and loaded."""
    if not ctx.principal.holds(Permission.ORDERS_SEE):
        return []
    rows = ctx.session.execute(
        unscoped(
            select(Consignment, _Other.name)
            .join(_Other, _Other.id == Consignment.delivery_site_id)
            .where(
                Consignment.origin_site_id == site.id,
                Consignment.state.in_((ConsignmentState.ORDERED, ConsignmentState.ACCEPTED, ConsignmentState.LOADED)),
            )
            .order_by(Consignment.load_by, Consignment.number),
            "the store was found to be in reach",
        )
    )
    return [_order_line(MorningKind.OUT, f"发往{there}", row, row.load_by, ctx.now) for row, there in rows]


def _order_line(kind: MorningKind, title: str, row: Consignment, due_at: datetime, now: datetime) -> MorningLine:
    return MorningLine(kind, title, label(row.state), row.number, business_day(due_at), due_at, due_at < now)


def _arriving(ctx: Context, site: Site, _figures: dict[str, str]) -> list[MorningLine]:
    """Consignments on the way, and what suppliers are to bring."""
    found: list[MorningLine] = []
    if ctx.principal.holds(Permission.ORDERS_SEE):
        rows = ctx.session.execute(
            unscoped(
                select(Consignment, _Other.name)
                .join(_Other, _Other.id == Consignment.origin_site_id)
                .where(
                    Consignment.delivery_site_id == site.id,
                    Consignment.state.in_((ConsignmentState.LOADED, ConsignmentState.IN_TRANSIT)),
                )
                .order_by(Consignment.planned_arrival_at, Consignment.number),
                "the store was found to be in reach",
            )
        )
        found += [
            _order_line(MorningKind.IN, f"来自{there}", row, row.planned_arrival_at, ctx.now) for row, there in rows
        ]
    found += [
        MorningLine(
            MorningKind.IN,
            f"{row.supplier_name} {row.item_name}",
            f"{row.promised - row.received}{row.unit}",
            row.call_off_number,
            business_day(row.due_at),
            row.due_at,
            row.due_at < ctx.now,
        )
        for row in dispatch.expected(ctx)
        if row.site_code == site.code
    ]
    return found


def _announced(ctx: Context, site: Site, _figures: dict[str, str]) -> list[MorningLine]:
    """Deliveries that were announced and are not taken in, and receipts whose result is not reported."""
    found = [
        MorningLine(
            MorningKind.IN, f"来自{row.source}", label(row.state), row.number, row.expected_on, None, row.is_late
        )
        for row in arrivals.arrivals(ctx, ArrivalFilter(site_code=site.code, only_open=True), 0, 200)
    ]
    for state in (AcceptanceState.UNSIGNED, AcceptanceState.UNREPORTED):
        found += [
            MorningLine(
                MorningKind.ACCEPTANCE,
                f"入库单 {row.source}",
                label(row.state),
                row.number,
                row.report_due_on,
                None,
                row.is_overdue,
            )
            for row in acceptances.acceptances(ctx, AcceptanceFilter(state=state, site_code=site.code), 0, 200)
        ]
    return found


def _upkeep(ctx: Context, site: Site, _figures: dict[str, str]) -> list[MorningLine]:
    """Rounds due, lots of one kind together; and what was found and is not mended."""
    groups = due_upkeep.grouped(due_upkeep.due_upkeep(ctx, site.code))
    found = [
        MorningLine(
            MorningKind.UPKEEP,
            label(row.kind),
            f"{row.number}批" if row.kind in OF_LOTS else "",
            "",
            row.due_on,
            None,
            row.is_overdue,
            row.kind.value,
        )
        for row in groups
    ]
    soon = business_day(ctx.now) + timedelta(days=7)
    return found + [
        MorningLine(
            MorningKind.FINDING, row.description, row.responsible, row.round_number, row.due_on, None, row.is_overdue
        )
        for row in upkeep.findings(ctx, site.code)
        if row.due_on <= soon
    ]


def _counts(ctx: Context, site: Site, _figures: dict[str, str]) -> list[MorningLine]:
    """Counts that go on, and those that are due."""
    open_counts = counts.counts(ctx, counts.CountFilter(site_code=site.code, only_open=True), 0, 100)
    found = [
        MorningLine(
            MorningKind.COUNT,
            f"{label(row.kind)}盘点",
            f"{label(row.state)},余{row.left}行" if row.left else label(row.state),
            row.number,
            business_day(row.base_at),
            None,
            False,
        )
        for row in open_counts
    ]
    return found + [
        MorningLine(
            MorningKind.COUNT_DUE,
            f"{label(due.kind)}盘点",
            "、".join(due.item_names[:4]) + ("等" if len(due.item_names) > 4 else ""),
            "",
            due.due_on,
            None,
            due.is_overdue,
        )
        for due in due_counts.due_counts(ctx, site.code)
    ]


def _expiring(ctx: Context, site: Site, figures: dict[str, str]) -> list[MorningLine]:
    """Lots on the shelves that are past their date or soon will be."""
    today = business_day(ctx.now)
    until = today + timedelta(days=_figure(figures, "morning.expiry_days"))
    rows = ctx.session.execute(
        unscoped(
            select(Lot, Item, func.sum(StockBalance.on_hand))
            .join(StockBalance, StockBalance.lot_id == Lot.id)
            .join(Item, Item.id == Lot.item_id)
            .join(Location, Location.id == StockBalance.location_id)
            .where(
                StockBalance.site_id == site.id,
                StockBalance.on_hand > 0,
                Location.kind == LocationKind.STORAGE,
                Lot.is_exercise.is_(False),
                Lot.expires_on <= until,
            )
            .group_by(Lot.id, Item.id)
            .order_by(Lot.expires_on, Lot.number),
            "the store was found to be in reach",
        )
    )
    return [
        MorningLine(
            MorningKind.EXPIRY,
            item.name,
            f"{int(amount)}{item.unit}",
            lot.number,
            lot.expires_on,
            None,
            lot.expires_on is not None and lot.expires_on < today,
        )
        for lot, item, amount in rows
    ]


def _below_floor(ctx: Context, site: Site, _figures: dict[str, str]) -> list[MorningLine]:
    """Goods the store keeps of which less is free than must stay for a second event."""
    targets = Targets(ctx)
    with_norms = set(targets.items_at(site.level))
    if not with_norms:
        return []
    today = business_day(ctx.now)
    free = func.sum(StockBalance.on_hand - StockBalance.reserved)
    good = or_(Lot.expires_on.is_(None), Lot.expires_on >= today)
    kept = set(
        ctx.session.scalars(
            unscoped(
                select(StockBalance.item_id).where(StockBalance.site_id == site.id).distinct(),
                "the store was found to be in reach",
            )
        )
    )
    rows = ctx.session.execute(
        unscoped(
            select(StockBalance.item_id, free)
            .join(Lot, Lot.id == StockBalance.lot_id)
            .join(Location, Location.id == StockBalance.location_id)
            .where(
                StockBalance.site_id == site.id,
                Location.kind == LocationKind.STORAGE,
                Lot.is_exercise.is_(False),
                Lot.id.not_in(blocked_lots()),
                good,
            )
            .group_by(StockBalance.item_id),
            "the store was found to be in reach",
        )
    )
    amounts = {item_id: int(amount) for item_id, amount in rows}
    items = ctx.session.scalars(select(Item).where(Item.id.in_(kept & with_norms)).order_by(Item.sku))
    found = []
    for item in items:
        target = targets.known(site.level, site.area_code, item.id)
        floor = target.floor if target else 0
        amount = amounts.get(item.id, 0)
        if amount < floor:
            detail = f"可用{amount}{item.unit},底线{floor}{item.unit}"
            found.append(MorningLine(MorningKind.FLOOR, item.name, detail, item.sku, None, None, False))
    return found


def _ending(ctx: Context, site: Site, _figures: dict[str, str]) -> list[MorningLine]:
    """Contracts that end soon, of the body that keeps the store or of its sisters: who keeps goods rarely signs for them."""
    if not ctx.principal.holds(Permission.CONTRACTS_SEE):
        return []
    today = business_day(ctx.now)
    keeper = ctx.session.get(Organisation, site.organisation_id)
    assert keeper is not None
    sisters = and_(Organisation.parent_id == keeper.parent_id, Organisation.level == keeper.level)
    rows = ctx.session.scalars(
        select(Contract)
        .join(Organisation, Organisation.id == Contract.buyer_id)
        .where(
            or_(Organisation.id == keeper.id, sisters),
            Contract.valid_to >= today,
            Contract.valid_to <= today + CONTRACT_WARNING,
        )
        .order_by(Contract.valid_to, Contract.number)
    )
    return [MorningLine(MorningKind.CONTRACT, row.title, "", row.number, row.valid_to, None, False) for row in rows]


SOURCES: tuple[Source, ...] = (
    _duty,
    _leaving,
    _arriving,
    _announced,
    _upkeep,
    assets_due,
    _counts,
    _expiring,
    _below_floor,
    transferred,
    to_come_back,
    owed,
    _ending,
)
"""Where the lines come from."""
