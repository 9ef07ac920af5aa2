"""When work on a unit is due, reckoned from its plans and from what was done last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from supplyops.assets.rules import AssetWorkKind, Due, next_due
from supplyops.assets.tables import AssetPlan, AssetWork
from supplyops.kernel.clock import business_day
from supplyops.runtime import Context
from supplyops.stock.tables import Asset


@dataclass(frozen=True, slots=True)
class Upkeep:
    """One plan of a unit: when it was last done and when it is due."""

    plan_id: UUID | None
    kind: AssetWorkKind
    name: str
    last_on: date | None
    """None: never since it is in service."""
    certificate: str
    due: Due


def upkeep_of(ctx: Context, assets: Sequence[Asset]) -> dict[UUID, list[Upkeep]]:
    """Asset id -> its plans with what is due, and certificates that run out without any plan."""
    plans: dict[UUID, list[AssetPlan]] = {}
    for plan in ctx.session.scalars(
        select(AssetPlan)
        .where(AssetPlan.item_id.in_({asset.item_id for asset in assets}))
        .order_by(AssetPlan.kind, AssetPlan.name)
    ):
        plans.setdefault(plan.item_id, []).append(plan)
    last = _last_done(ctx, assets)
    found: dict[UUID, list[Upkeep]] = {}
    for asset in assets:
        own = [_planned(asset, plan, last.get((asset.id, plan.id))) for plan in plans.get(asset.item_id, ())]
        loose = [
            Upkeep(None, work.kind, "", work.done_on, work.certificate, Due(work.valid_until, None))
            for work in (last.get((asset.id, None, kind)) for kind in AssetWorkKind)
            if work is not None and work.valid_until is not None
        ]
        found[asset.id] = own + loose
    return found


def _planned(asset: Asset, plan: AssetPlan, work: AssetWork | None) -> Upkeep:
    since = asset.in_service_on or business_day(asset.created_at)
    if work is None:
        due = next_due(since, 0, plan.every_months, plan.every_hours)
        return Upkeep(plan.id, plan.kind, plan.name, None, "", due)
    due = next_due(work.done_on, work.meter_hours, plan.every_months, plan.every_hours, work.valid_until)
    return Upkeep(plan.id, plan.kind, plan.name, work.done_on, work.certificate, due)


_Last = dict[tuple[object, ...], AssetWork]


def _last_done(ctx: Context, assets: Sequence[Asset]) -> _Last:
    """The newest passed work by (asset, plan), and by (asset, None, kind) for work that answers no plan."""
    ids = [asset.id for asset in assets]
    found: _Last = {}
    for start in range(0, len(ids), 5_000):
        rows = ctx.session.scalars(
            select(AssetWork)
            .where(AssetWork.asset_id.in_(ids[start : start + 5_000]), AssetWork.is_passed.is_(True))
            .order_by(AssetWork.done_on, AssetWork.recorded_at)
        )
        for work in rows:
            key = (work.asset_id, work.plan_id) if work.plan_id else (work.asset_id, None, work.kind)
            found[key] = work
    return found


def overdue_calibration(ctx: Context, asset: Asset) -> date | None:
    """The day on which a unit's calibration ran out, if it has."""
    today = business_day(ctx.now)
    days = [
        each.due.on
        for each in upkeep_of(ctx, [asset])[asset.id]
        if each.kind is AssetWorkKind.CALIBRATION and each.due.on is not None and each.due.on < today
    ]
    return min(days, default=None)
