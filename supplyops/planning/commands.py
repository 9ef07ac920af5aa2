"""Making plans and deciding on their parts."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.access import Permission
from supplyops.planning.rules import PartState, PlanState
from supplyops.planning.tables import Plan, PlanPart
from supplyops.runtime import Context, command


@command(Permission.INTERNAL)
def decide_part(ctx: Context, part_id: UUID, state: PartState, note: str) -> None:
    """Note what an owner said; when every owner has spoken the plan is decided."""
    part = ctx.session.get(PlanPart, part_id)
    assert part is not None
    part.state, part.decided_at, part.decided_by_id, part.note = state, ctx.now, ctx.principal.user_id, note
    ctx.session.flush()  # the query below counts this one
    waiting = select(PlanPart.id).where(PlanPart.plan_id == part.plan_id, PlanPart.state == PartState.PROPOSED).limit(1)
    plan = ctx.session.get(Plan, part.plan_id, execution_options={"unscoped": True})
    assert plan is not None
    if ctx.session.scalar(waiting) is None:
        plan.state = PlanState.DECIDED
