"""Asking after numbered units: where they are, who has them, what is due, what happened."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from supplyops.assets.keeping import upkeep_of
from supplyops.assets.rules import AssetInput, AssetPlanInput
from supplyops.assets.tables import AssetLoan, AssetLoanLine, AssetPlan, AssetWork
from supplyops.assets.views import (
    PAGE,
    AssetEventRow,
    AssetFilter,
    AssetPlanRow,
    AssetRow,
    AssetUpkeepRow,
    AssetWorkRow,
)
from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.rules import REAL_KINDS
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.rules import AssetState
from supplyops.stock.tables import Asset, AssetEvent, Lot
from supplyops.teams.tables import RescueTeam

_Owner, _Holder = aliased(Organisation), aliased(Organisation)
_REAL = sorted(REAL_KINDS)


@query(Permission.STOCK_SEE)
def assets(ctx: Context, where: AssetFilter, offset: int = 0, limit: int = PAGE) -> list[AssetRow]:
    """Units in reach, by item and serial number."""
    statement = units_where(where).order_by(Item.sku, Asset.serial_number, Asset.number).offset(offset).limit(limit)
    return [_asset_row(*row) for row in ctx.session.execute(also_showing(statement, Site, AssetLoan, RescueTeam))]


@query(Permission.STOCK_SEE)
def count_assets(ctx: Context, where: AssetFilter) -> int:
    """How many `assets` there are in all."""
    counted = units_where(where).with_only_columns(func.count(), maintain_column_froms=True)
    return int(ctx.session.scalar(also_showing(counted, Site, AssetLoan, RescueTeam)) or 0)


@query(Permission.STOCK_SEE)
def asset(ctx: Context, number: str) -> AssetRow:
    """One unit by asset number or, where only one in reach has it, serial number."""
    for named in (Asset.number == number, Asset.serial_number == number):
        statement = also_showing(units_where(AssetFilter(include_gone=True)).where(named), Site, AssetLoan, RescueTeam)
        rows = ctx.session.execute(statement).all()
        if len(rows) == 1:
            return _asset_row(*rows[0])
    raise NotFound("asset", number=number)


def units_where(
    where: AssetFilter,
) -> Select[Asset, Item, str, Organisation, Location, Site, str, AssetLoan, RescueTeam]:
    """Units with what they are, where they lie and the slip they are out on; to be read `also_showing` the last three."""
    out = and_(AssetLoanLine.asset_id == Asset.id, AssetLoanLine.handed_back_at.is_(None))
    return (
        select(Asset, Item, Lot.number, _Owner, Location, Site, _Holder.name, AssetLoan, RescueTeam)
        .join(Item, Item.id == Asset.item_id)
        .join(Lot, Lot.id == Asset.lot_id)
        .join(_Owner, _Owner.id == Asset.owner_id)
        .join(Location, Location.id == Asset.location_id)
        .outerjoin(Site, Site.id == Location.site_id)
        .outerjoin(_Holder, _Holder.id == Asset.holder_id)
        .outerjoin(AssetLoanLine, out)
        .outerjoin(AssetLoan, AssetLoan.id == AssetLoanLine.loan_id)
        .outerjoin(RescueTeam, RescueTeam.id == AssetLoan.team_id)
        .where(*_conditions(where))
    )


def _conditions(where: AssetFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if not where.include_gone:
        conditions.append(Location.kind.in_(_REAL))
    if where.text:
        raw, folded = where.text.strip(), where.text.strip().lower()
        conditions.append(
            or_(
                Asset.serial_number.contains(raw, autoescape=True),
                Asset.number.contains(raw, autoescape=True),
                Asset.maker_number.contains(raw, autoescape=True),
                Item.name.contains(raw, autoescape=True),
                Item.sku == raw.upper(),
                Item.pinyin.contains(folded, autoescape=True),
                Item.initials.contains(folded, autoescape=True),
                AssetLoan.received_by.contains(raw, autoescape=True),
            )
        )
    equal = (
        (Item.sku, where.sku),
        (Lot.number, where.lot_number),
        (Site.code, where.site_code),
        (RescueTeam.code, where.team_code),
        (Asset.location_id, where.location_id),
        (Asset.state, where.state),
    )
    return conditions + [column == value for column, value in equal if value]


def _asset_row(
    row: Asset,
    item: Item,
    lot_number: str,
    owner: Organisation,
    place: Location,
    site: Site | None,
    holder_name: str | None,
    loan: AssetLoan | None,
    team: RescueTeam | None,
) -> AssetRow:
    own = ("id", "number", "serial_number", "maker_number", "custodian_id", "location_id", "state", "defect", "follow_up_on")  # fmt: skip
    later = ("picked_for", "meter_hours", "in_service_on", "warranty_until", "note", "created_at")
    return AssetRow(
        **{name: getattr(row, name) for name in own + later},
        sku=item.sku,
        item_name=item.name,
        spec=item.spec,
        lot_number=lot_number,
        owner_code=owner.code,
        owner_name=owner.name,
        location_code=place.code,
        location_name=place.name,
        location_kind=place.kind,
        site_code=site.code if site else "",
        site_name=site.name if site else "",
        holder_name=holder_name or "",
        team_name=team.name if team else "",
        received_by=loan.received_by if loan else "",
        loan_number=loan.number if loan else "",
        due_on=loan.due_on if loan else None,
    )


@query(Permission.STOCK_SEE)
def asset_history(ctx: Context, number: str) -> list[AssetEventRow]:
    """Everything that happened to a unit in reach, newest first."""
    found = asset(ctx, number)
    rows = ctx.session.execute(
        select(AssetEvent, Lot.number, Location.name)
        .join(Lot, Lot.id == AssetEvent.lot_id)
        .join(Location, Location.id == AssetEvent.location_id)
        .where(AssetEvent.asset_id == found.id)
        .order_by(AssetEvent.seq.desc())
    )
    own = [name for name in AssetEventRow.__dataclass_fields__ if name not in {"lot_number", "location_name"}]
    return [
        AssetEventRow(**{name: getattr(event, name) for name in own}, lot_number=lot_number, location_name=place)
        for event, lot_number, place in rows
    ]


@query(Permission.STOCK_SEE)
def asset_upkeep(ctx: Context, number: str) -> list[AssetUpkeepRow]:
    """What is done to a unit again and again, and when next."""
    row = ctx.session.get(Asset, asset(ctx, number).id)
    assert row is not None
    today = business_day(ctx.now)
    return [
        AssetUpkeepRow(
            each.kind,
            each.name,
            each.last_on,
            each.due.on,
            each.due.at_hours,
            each.certificate,
            each.due.is_overdue(today, row.meter_hours),
        )
        for each in upkeep_of(ctx, [row])[row.id]
    ]


@query(Permission.STOCK_SEE)
def asset_works(ctx: Context, number: str) -> list[AssetWorkRow]:
    """Work done on a unit, newest first."""
    found = asset(ctx, number)
    rows = ctx.session.execute(
        select(AssetWork, AssetPlan.name)
        .outerjoin(AssetPlan, AssetPlan.id == AssetWork.plan_id)
        .where(AssetWork.asset_id == found.id)
        .order_by(AssetWork.done_on.desc(), AssetWork.recorded_at.desc())
    )
    own = [name for name in AssetWorkRow.__dataclass_fields__ if name != "plan_name"]
    return [
        AssetWorkRow(**{name: getattr(work, name) for name in own}, plan_name=plan_name or "")
        for work, plan_name in rows
    ]


@query(Permission.STOCK_SEE)
def asset_plans(ctx: Context, sku: str = "") -> list[AssetPlanRow]:
    """How often units are worked on, by item."""
    statement = select(AssetPlan, Item.sku, Item.name).join(Item, Item.id == AssetPlan.item_id)
    if sku:
        statement = statement.where(Item.sku == sku)
    own = [name for name in AssetPlanRow.__dataclass_fields__ if name not in {"sku", "item_name"}]
    return [
        AssetPlanRow(**{name: getattr(plan, name) for name in own}, sku=code, item_name=name)
        for plan, code, name in ctx.session.execute(statement.order_by(Item.sku, AssetPlan.kind, AssetPlan.name))
    ]


@query(Permission.STOCK_SEE)
def asset_inputs(ctx: Context) -> list[AssetInput]:
    """Units in reach that lie at places of stores, as files take them in."""
    statement = units_where(AssetFilter()).where(Location.site_id.is_not(None)).order_by(Item.sku, Asset.serial_number)
    rows = ctx.session.execute(also_showing(statement, Site, AssetLoan, RescueTeam))
    told = ("maker_number", "in_service_on", "warranty_until", "meter_hours", "note")
    return [
        AssetInput(item.sku, unit.serial_number, number, place.code, **{name: getattr(unit, name) for name in told})
        for unit, item, number, _, place, *_ in rows
    ]


@query(Permission.STOCK_SEE)
def asset_plan_inputs(ctx: Context) -> list[AssetPlanInput]:
    """Plans as files take them in."""
    return [
        AssetPlanInput(
            row.sku, row.kind, row.name, row.every_months, row.every_hours, row.instructions, row.source_mark
        )
        for row in asset_plans(ctx)
    ]


@query(Permission.STOCK_SEE)
def count_by_state(ctx: Context) -> dict[AssetState, int]:
    """How many units in reach are ready, handed out, out of order."""
    statement = (
        select(Asset.state, func.count())
        .join(Location, Location.id == Asset.location_id)
        .where(Location.kind.in_(_REAL))
        .group_by(Asset.state)
    )
    counted = {state: int(count) for state, count in ctx.session.execute(statement)}
    return {state: counted.get(state, 0) for state in AssetState}
