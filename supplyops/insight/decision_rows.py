"""What waits for somebody's word beside orders: rotations, late entries, purchase plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.insight.rows import Found, Work, WorkRow
from supplyops.kernel.access import Permission
from supplyops.places.tables import Site
from supplyops.reserves.plan_rules import PurchasePlanState
from supplyops.reserves.tables import PurchasePlan
from supplyops.rotations.rules import RotationState
from supplyops.rotations.tables import Rotation
from supplyops.runtime import Context, also_showing
from supplyops.stock.rules import LatePermitState
from supplyops.stock.tables import LatePermit, Lot


def _rotations(state: RotationState) -> Callable[[Context], Found]:
    def statement(_ctx: Context) -> Found:
        found = (
            select(Rotation, Item.name, Site.name)
            .join(Lot, Lot.id == Rotation.lot_id)
            .join(Item, Item.id == Lot.item_id)
            .join(Site, Site.id == Rotation.site_id)
            .where(Rotation.state == state)
            .order_by(Rotation.proposed_at, Rotation.number)
        )
        return also_showing(found, Site)

    return statement


def _rotation_row(row: Any) -> WorkRow:
    found, item, site = row
    return WorkRow("rotation", found.id, found.number, f"{site} {item}", found.reason, found.state, None)


def _late_asked(_ctx: Context) -> Found:
    found = (
        select(LatePermit, Site.name)
        .join(Site, Site.id == LatePermit.site_id)
        .where(LatePermit.state == LatePermitState.ASKED)
        .order_by(LatePermit.asked_at, LatePermit.number)
    )
    return also_showing(found, Site)


def _late_row(row: Any) -> WorkRow:
    found, site = row
    return WorkRow(
        "late_permit", found.id, found.number, f"{site} {found.asked_by_name}", found.reason, found.state, None
    )


def _plans_submitted(_ctx: Context) -> Found:
    waiting = select(PurchasePlan).where(PurchasePlan.state == PurchasePlanState.SUBMITTED)
    return waiting.order_by(PurchasePlan.submitted_at, PurchasePlan.number)


def _plan_row(row: Any) -> WorkRow:
    (found,) = row
    return WorkRow("purchase_plan", found.id, found.number, str(found.year), found.note, found.state, None)


DECISIONS: dict[str, Work] = {
    "rotations_to_decide": Work(Permission.ROTATIONS_DECIDE, _rotations(RotationState.PROPOSED), _rotation_row),
    "rotations_to_carry_out": Work(Permission.STOCK_ISSUE, _rotations(RotationState.APPROVED), _rotation_row),
    "late_to_decide": Work(Permission.STOCK_LATE, _late_asked, _late_row),
    "purchase_plans_to_decide": Work(Permission.RESERVES_APPROVE, _plans_submitted, _plan_row),
}
