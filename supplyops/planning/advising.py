"""Asking what would help a plan, stopping it, keeping the answer, reading it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from optimizer.codec import to_json
from optimizer.remedy import Advice
from supplyops.incidents.tables import Incident
from supplyops.kernel import codec
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.errors import Conflict
from supplyops.planning import asked
from supplyops.planning.asked import WorkState
from supplyops.planning.contents import GapRow, gaps_of
from supplyops.planning.helping import CheckedReason, Helper, RemedyRow
from supplyops.planning.queries import PlanHead, head
from supplyops.planning.refusals import refused_for
from supplyops.planning.rules import ADVICE_JOB_KIND, AdviceOptions, AdviceState
from supplyops.planning.saving import booked_advice, unbooked
from supplyops.planning.snapshot import offers_of
from supplyops.planning.tables import Plan, PlanAdvice
from supplyops.runtime import Context, command, query

BECAUSE = "who may see a plan sees what would help it"


@dataclass(frozen=True, slots=True)
class AdviceOrder:
    """What the worker needs to advise on a plan."""

    problem: dict[str, Any]
    plan: dict[str, Any]
    offers: list[Any]
    seconds: int | None
    trials: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class HelpedGap:
    """A line the plan leaves short, whether its reasons hold, and what would help it."""

    gap: GapRow
    reasons: tuple[CheckedReason, ...]
    remedies: tuple[RemedyRow, ...]


@dataclass(frozen=True, slots=True)
class PlanAdviceRow:
    """The newest advice on a plan, or how far it is."""

    plan: PlanHead
    id: UUID | None
    state: AdviceState | None
    created_by: str
    created_at: datetime | None
    finished_at: datetime | None
    options: dict[str, Any]
    progress: dict[str, Any]
    error: dict[str, Any]
    is_lost: bool
    trials: int
    milliseconds: int
    stopped_by: str
    remedies: tuple[RemedyRow, ...]
    """Every change tried, by what it asks for and how much it helps."""
    gaps: tuple[HelpedGap, ...]


@command(Permission.PLANS_MAKE)
def start_advice(ctx: Context, plan_id: UUID, options: AdviceOptions) -> UUID:
    """Queue the search for what would help a plan. Raises WrongState for a plan without a solution, Conflict
    `advice_running` while another search for it is under way, `no_gaps` when nothing is short."""
    plan = asked.plan_with_result(ctx, plan_id)
    if not any(gap["quantity"] for gap in plan.solution["gaps"]):
        raise Conflict("no_gaps", number=plan.number)
    asked.refuse_second(ctx, PlanAdvice, PlanAdvice.plan_id == plan.id, "advice_running", plan.number)
    incident = ctx.session.get(Incident, plan.incident_id, execution_options={"unscoped": True})
    assert incident is not None
    row = asked.queue(
        ctx, PlanAdvice, ADVICE_JOB_KIND, plan_id=plan.id, options=plain(codec.to_json(options)),
        offers=to_json(offers_of(ctx, incident, plan.starts_at, refused_for(ctx, plan))), answer={},
    )  # fmt: skip
    ctx.about("plan", plan.id, plan.number)
    return row.id


@command(Permission.PLANS_MAKE)
def cancel_advice(ctx: Context, plan_id: UUID) -> None:
    """Stop the search. Raises NotFound when none is under way."""
    asked.cancel(ctx, PlanAdvice, plan_id)


@command(Permission.INTERNAL)
def save_advice(ctx: Context, advice_id: UUID, job_id: UUID, attempt: int, advice: Advice) -> bool:
    """Keep the answer. False, and nothing changes, when the job is not this attempt's any more."""
    row = asked.running(ctx, PlanAdvice, advice_id, job_id, attempt)
    if row is None:
        return False
    row.state, row.answer, row.finished_at = AdviceState.DONE, booked_advice(advice), ctx.now
    return True


@command(Permission.INTERNAL)
def fail_advice(ctx: Context, advice_id: UUID, job_id: UUID, attempt: int, error: dict[str, Any]) -> bool:
    """Note why nothing came out. False, and nothing changes, when the job is not this attempt's any more."""
    return asked.fail(ctx, PlanAdvice, advice_id, job_id, attempt, error)


@query(Permission.INTERNAL)
def advice_order(ctx: Context, advice_id: UUID) -> AdviceOrder | None:
    """What to work on; None when nobody waits for it any more."""
    row = ctx.session.get(PlanAdvice, advice_id)
    if row is None or row.state is not AdviceState.RUNNING:
        return None
    plan = ctx.get(Plan, row.plan_id)
    options = row.options
    return AdviceOrder(
        plan.problem, unbooked(plan.solution), row.offers, options["seconds"], options["trials"], options["seed"]
    )


@query(Permission.PLANS_SEE)
def advice(ctx: Context, reference: str) -> PlanAdviceRow:
    """What would help a plan, by number or id: the newest answer, or how far the search is."""
    plan = head(ctx, reference)
    row = asked.newest(ctx, PlanAdvice, PlanAdvice.plan_id == plan.id)
    gaps = tuple(gap for gap in gaps_of(ctx, plan.id) if gap.quantity)
    if row is None:
        helped = tuple(HelpedGap(gap, (), ()) for gap in gaps)
        return PlanAdviceRow(
            plan=plan, **asked.NOBODY_ASKED, trials=0, milliseconds=0, stopped_by="", remedies=(), gaps=helped
        )
    found, run = row.answer, row.answer.get("run", {})
    helper = Helper(ctx, plan, row.answer) if found else None
    remedies = helper.remedies() if helper else ()
    return PlanAdviceRow(
        plan=plan,
        **asked.told(ctx, row),
        trials=found.get("trials", 0),
        milliseconds=run.get("milliseconds", 0),
        stopped_by=run.get("stopped_by", ""),
        remedies=remedies,
        gaps=tuple(
            HelpedGap(
                gap,
                helper.reasons(str(gap.request_line_id)) if helper else (),
                tuple(each for each in remedies if each.helps(gap.request_line_id)),
            )
            for gap in gaps
        ),
    )


@query(Permission.PLANS_SEE)
def advice_state(ctx: Context, reference: str) -> WorkState | None:
    """How far the newest advice on a plan is; None where nobody has asked for any."""
    row = asked.newest(ctx, PlanAdvice, PlanAdvice.plan_id == head(ctx, reference).id)
    return asked.state_of(ctx, row) if row else None
