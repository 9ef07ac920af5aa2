"""A checked solution becomes the draft that waits for its owners."""

from __future__ import annotations

from sqlalchemy import select

from optimizer.solution import Solution, Verdict
from supplyops.people.tables import Organisation
from supplyops.planning.rules import PlanState
from supplyops.planning.saving import summary_of, write_draft
from supplyops.planning.tables import Plan, PlanPart
from supplyops.runtime import Context, unscoped


def become_draft(ctx: Context, plan: Plan, solution: Solution, verdict: Verdict) -> None:
    """Write a feasible plan's rows and figures; the incident's older drafts wait for nobody any more."""
    aside = plan.summary.get("aside", {})
    write_draft(ctx, plan, solution, aside)
    ctx.session.flush()  # the owners are read back from the rows
    owners = ctx.session.scalars(
        select(Organisation.code)
        .join(PlanPart, PlanPart.owner_id == Organisation.id)
        .where(PlanPart.plan_id == plan.id)
    )
    plan.summary = {"aside": aside, **summary_of(plan, solution, verdict, owners)}
    plan.state = PlanState.DRAFT
    _supersede(ctx, plan)


def _supersede(ctx: Context, plan: Plan) -> None:
    """Older drafts are not decided on any more; what was approved of them goes on."""
    older = select(Plan).where(
        Plan.incident_id == plan.incident_id,
        Plan.organisation_id == plan.organisation_id,
        Plan.state == PlanState.DRAFT,
        Plan.id != plan.id,
    )
    for row in ctx.session.scalars(unscoped(older.with_for_update(), "drafts of the same incident")):
        row.state = PlanState.SUPERSEDED
