"""Drafts that nobody shall approve any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.access import Permission
from supplyops.kernel.errors import WrongState
from supplyops.planning.rules import PartState, PlanState
from supplyops.planning.tables import Plan, PlanPart
from supplyops.runtime import Context, command, query


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A plan that still waits for its owners."""

    id: UUID
    number: str
    solved_at: datetime | None


@query(Permission.PLANS_SEE)
def drafts(ctx: Context, incident_id: UUID) -> tuple[DraftRow, ...]:
    """Plans of an incident that wait for their owners, the newest first."""
    rows = ctx.session.scalars(
        select(Plan)
        .where(Plan.incident_id == incident_id, Plan.state == PlanState.DRAFT)
        .order_by(Plan.created_at.desc(), Plan.id.desc())
    )
    return tuple(DraftRow(row.id, row.number, row.solved_at) for row in rows)


@command(Permission.PLANS_MAKE)
def set_aside(ctx: Context, plan_id: UUID) -> None:
    """Put a draft aside. Raises WrongState when it is no draft or an owner has decided on a part of it already."""
    plan = ctx.get(Plan, plan_id, lock=True)
    ctx.require(Permission.PLANS_MAKE, plan.organisation_id)
    decided = select(PlanPart.id).where(PlanPart.plan_id == plan.id, PlanPart.state != PartState.PROPOSED).limit(1)
    if plan.state is not PlanState.DRAFT or ctx.session.scalar(decided) is not None:
        raise WrongState("plan", plan.state.value, PlanState.DRAFT.value)
    plan.state = PlanState.CANCELLED
    ctx.about("plan", plan.id, plan.number)
