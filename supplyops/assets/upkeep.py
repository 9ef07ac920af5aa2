"""Keeping units fit: work done, what is broken, what is mended."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.assets.finding import numbered_unit
from supplyops.assets.rules import AssetWorkInput, AssetWorkKind, OutOfOrderInput
from supplyops.assets.tables import AssetPlan, AssetWork
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import FieldError, InvalidInput, WrongState
from supplyops.kernel.reference import DocumentRef
from supplyops.places.rules import REAL_KINDS
from supplyops.places.tables import Location
from supplyops.runtime import Context, command
from supplyops.stock import ledger
from supplyops.stock.numbering import note
from supplyops.stock.rules import AssetEventKind, AssetState
from supplyops.stock.tables import Asset


@command(Permission.ASSETS_KEEP)
def record_work(ctx: Context, work: AssetWorkInput) -> UUID:
    """Write down maintenance, calibration, inspection or repair. Work that was not passed puts the unit out of order.

    Raises InvalidInput for a day to come, a plan the item does not have, or a meter that ran backwards.
    """
    asset = _own(ctx, work.asset_number)
    today = business_day(ctx.now)
    if work.done_on > today:
        raise InvalidInput(fields=(FieldError("done_on", "in_the_future"),))
    if work.meter_hours is not None and work.meter_hours < asset.meter_hours and work.done_on == today:
        raise InvalidInput(fields=(FieldError("meter_hours", "meter_backwards", {"minimum": asset.meter_hours}),))
    plan = _plan(ctx, asset, work)
    row = AssetWork(
        id=ctx.new_id(),
        asset_id=asset.id,
        plan_id=plan.id if plan else None,
        kind=work.kind,
        done_on=work.done_on,
        done_by=work.done_by,
        is_passed=work.is_passed,
        defect=work.defect,
        meter_hours=asset.meter_hours if work.meter_hours is None else work.meter_hours,
        cost_fen=work.cost_fen,
        certificate=work.certificate,
        valid_until=work.valid_until,
        note=work.note,
        recorded_at=ctx.now,
        recorded_by=ctx.principal.name,
    )
    ctx.session.add(row)
    asset.meter_hours = max(asset.meter_hours, row.meter_hours)
    said = (plan.name if plan else "", work.done_by, work.certificate, work.defect)
    text = " ".join(part for part in said if part)
    note(ctx, asset, AssetEventKind(work.kind.value), text)
    if not work.is_passed:
        _break(ctx, asset, work.defect)
    elif work.back_in_service:
        _mend(ctx, asset, text)
    ctx.about("asset", asset.id, asset.number, work=work.kind.value)
    return row.id


def _own(ctx: Context, number: str) -> Asset:
    asset = numbered_unit(ctx, number)
    ctx.require(Permission.ASSETS_KEEP, asset.custodian_id or asset.owner_id)
    return asset


def _plan(ctx: Context, asset: Asset, work: AssetWorkInput) -> AssetPlan | None:
    """The plan that the work answers: the one named, else the only one of its kind."""
    if work.kind is AssetWorkKind.REPAIR and not work.plan_name:
        return None
    statement = select(AssetPlan).where(AssetPlan.item_id == asset.item_id, AssetPlan.kind == work.kind)
    plans = ctx.session.scalars(statement.order_by(AssetPlan.name)).all()
    if not work.plan_name:
        if len(plans) > 1:
            names = "、".join(plan.name for plan in plans)
            raise InvalidInput(fields=(FieldError("plan_name", "which_plan", {"plans": names}),))
        return plans[0] if plans else None
    named = next((plan for plan in plans if plan.name == work.plan_name), None)
    if named is None:
        raise InvalidInput(fields=(FieldError("plan_name", "unknown_reference", {"value": work.plan_name}),))
    return named


@command(Permission.ASSETS_KEEP)
def put_out_of_order(ctx: Context, broken: OutOfOrderInput) -> None:
    """A unit is not to be given out until it is mended; one that is handed out counts as broken when it comes back."""
    asset = _own(ctx, broken.asset_number)
    asset.follow_up_on = broken.follow_up_on
    _break(ctx, asset, broken.defect)
    ctx.about("asset", asset.id, asset.number)


@command(Permission.ASSETS_KEEP)
def put_back_in_service(ctx: Context, asset_number: str, because: str) -> None:
    """A unit is fit again. Raises WrongState for one that is not out of order."""
    check = Checks()
    check.text("because", because)
    check.done()
    asset = _own(ctx, asset_number)
    if not asset.defect:
        raise WrongState("asset", asset.state.value, AssetState.OUT_OF_ORDER.value)
    _mend(ctx, asset, because)
    ctx.about("asset", asset.id, asset.number)


def _break(ctx: Context, asset: Asset, defect: str) -> None:
    asset.defect = defect
    asset.picked_at, asset.picked_for = None, ""
    note(ctx, asset, AssetEventKind.OUT_OF_ORDER, defect)
    if asset.state is AssetState.READY:
        asset.state = AssetState.OUT_OF_ORDER
        place = ctx.session.get(Location, asset.location_id)
        if place is not None and place.kind in REAL_KINDS:
            ledger.hold_unit(ctx, asset, DocumentRef("asset", asset.id, asset.number))


def _mend(ctx: Context, asset: Asset, because: str) -> None:
    asset.defect, asset.follow_up_on = "", None
    if asset.state is AssetState.OUT_OF_ORDER:
        asset.state = AssetState.READY
        ledger.free_unit(ctx, asset)
    note(ctx, asset, AssetEventKind.BACK_IN_SERVICE, because)
