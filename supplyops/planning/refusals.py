"""What owners have refused: a plan made on the base of an older one need not ask them for the same goods again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select

from supplyops.planning.rules import PartState
from supplyops.planning.tables import Plan, PlanLine, PlanPart
from supplyops.runtime import Context, unscoped

BECAUSE = "what an owner refused concerns whoever plans for the incident"
Refused = Mapping[tuple[UUID, UUID], str]
"""Owner and item -> number of the plan in which that was refused."""


def refused_since(ctx: Context, based_on: UUID | None) -> Refused:
    """What was refused in a plan and those it was made from, unless the owner approved the same goods later."""
    said: dict[tuple[UUID, UUID], tuple[PartState, str]] = {}
    while based_on is not None:
        plan = ctx.session.scalars(unscoped(select(Plan).where(Plan.id == based_on), BECAUSE)).one_or_none()
        if plan is None:
            break
        rows = select(PlanPart.owner_id, PlanLine.item_id, PlanPart.state).join(
            PlanLine, (PlanLine.plan_id == PlanPart.plan_id) & (PlanLine.owner_id == PlanPart.owner_id)
        )
        decided = rows.where(PlanPart.plan_id == plan.id, PlanPart.state != PartState.PROPOSED).distinct()
        for owner_id, item_id, state in ctx.session.execute(unscoped(decided, BECAUSE)):
            said.setdefault((owner_id, item_id), (state, plan.number))
        before = plan.options.get("based_on")
        based_on = UUID(before) if before else None
    return {goods: number for goods, (state, number) in said.items() if state is PartState.REFUSED}


def refused_for(ctx: Context, plan: Plan) -> Refused:
    """What the plan itself left out for that reason."""
    wanted = plan.options.get("without_refused")
    return refused_since(ctx, UUID(plan.options["based_on"])) if wanted else {}
