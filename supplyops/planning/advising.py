"""Asking what would help a plan, stopping it, keeping the answer, reading it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer.codec import to_json
from optimizer.remedy import Advice
from supplyops.incidents.tables import Incident
from supplyops.jobs import commands as jobs
from supplyops.jobs.rules import OPEN_STATES, JobState
from supplyops.jobs.tables import Job
from supplyops.kernel import codec
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.errors import Conflict, NotFound, WrongState
from supplyops.people.tables import User
from supplyops.planning.contents import GapRow, gaps_of
from supplyops.planning.helping import CheckedReason, Helper, RemedyRow
from supplyops.planning.queries import PlanHead, head
from supplyops.planning.rules import ADVICE_JOB_KIND, AdviceOptions, AdviceState, PlanState
from supplyops.planning.saving import booked_advice, unbooked
from supplyops.planning.snapshot import offers_of
from supplyops.planning.tables import Plan, PlanAdvice
from supplyops.runtime import Context, command, query, unscoped

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
    plan = ctx.get(Plan, plan_id, lock=True)
    ctx.require(Permission.PLANS_MAKE, plan.organisation_id)
    if not plan.solution or plan.state in {PlanState.SOLVING, PlanState.FAILED}:
        raise WrongState("plan", plan.state.value, PlanState.DRAFT.value)
    if not any(gap["quantity"] for gap in plan.solution["gaps"]):
        raise Conflict("no_gaps", number=plan.number)
    _refuse_second(ctx, plan)
    incident = ctx.session.get(Incident, plan.incident_id, execution_options={"unscoped": True})
    assert incident is not None
    advice_id = ctx.new_id()
    ctx.session.add(
        PlanAdvice(
            id=advice_id,
            plan_id=plan.id,
            state=AdviceState.RUNNING,
            job_id=jobs.enqueue(ctx, ADVICE_JOB_KIND, {"advice_id": advice_id}, key=f"{ADVICE_JOB_KIND}:{advice_id}"),
            options=plain(codec.to_json(options)),
            offers=to_json(offers_of(ctx, incident, plan.starts_at)),
            answer={},
            error={},
            created_at=ctx.now,
            created_by_id=ctx.principal.user_id,
            finished_at=None,
        )
    )
    ctx.about("plan", plan.id, plan.number)
    return advice_id


def _refuse_second(ctx: Context, plan: Plan) -> None:
    rows = ctx.session.execute(
        select(PlanAdvice, Job.state)
        .outerjoin(Job, Job.id == PlanAdvice.job_id)
        .where(PlanAdvice.plan_id == plan.id, PlanAdvice.state == AdviceState.RUNNING)
    )
    for row, job_state in rows:
        if job_state in OPEN_STATES:
            raise Conflict("advice_running", number=plan.number)
        row.state = AdviceState.CANCELLED if job_state is JobState.CANCELLED else AdviceState.FAILED
        row.error, row.finished_at = {"code": "worker_lost", "params": {}}, ctx.now


@command(Permission.PLANS_MAKE)
def cancel_advice(ctx: Context, plan_id: UUID) -> None:
    """Stop the search. Raises NotFound when none is under way."""
    plan = ctx.get(Plan, plan_id, lock=True)
    ctx.require(Permission.PLANS_MAKE, plan.organisation_id)
    row = _newest(ctx, plan.id)
    if row is None or row.state is not AdviceState.RUNNING:
        raise NotFound("plan_advice")
    if row.job_id is not None:
        jobs.cancel(ctx, row.job_id)
    row.state, row.finished_at = AdviceState.CANCELLED, ctx.now
    ctx.about("plan", plan.id, plan.number)


@command(Permission.INTERNAL)
def save_advice(ctx: Context, advice_id: UUID, job_id: UUID, attempt: int, advice: Advice) -> bool:
    """Keep the answer. False, and nothing changes, when the job is not this attempt's any more."""
    row = _running(ctx, advice_id, job_id, attempt)
    if row is None:
        return False
    row.state, row.answer, row.finished_at = AdviceState.DONE, booked_advice(advice), ctx.now
    return True


@command(Permission.INTERNAL)
def fail_advice(ctx: Context, advice_id: UUID, job_id: UUID, attempt: int, error: dict[str, Any]) -> bool:
    """Note why nothing came out. False, and nothing changes, when the job is not this attempt's any more."""
    row = _running(ctx, advice_id, job_id, attempt)
    if row is None:
        return False
    row.state, row.error, row.finished_at = AdviceState.FAILED, plain(error), ctx.now
    return True


def _running(ctx: Context, advice_id: UUID, job_id: UUID, attempt: int) -> PlanAdvice | None:
    row = ctx.session.get(PlanAdvice, advice_id, with_for_update=True, populate_existing=True)
    mine = jobs.still_mine(ctx, job_id, attempt)
    return row if mine and row is not None and row.state is AdviceState.RUNNING and row.job_id == job_id else None


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
    row = _newest(ctx, plan.id)
    gaps = tuple(gap for gap in gaps_of(ctx, plan.id) if gap.quantity)
    if row is None:
        helped = tuple(HelpedGap(gap, (), ()) for gap in gaps)
        return PlanAdviceRow(plan, None, None, "", None, None, {}, {}, {}, False, 0, 0, "", (), helped)
    found_job = unscoped(select(Job.state, Job.progress).where(Job.id == row.job_id), BECAUSE)
    job = ctx.session.execute(found_job).one_or_none()
    author = ctx.session.scalar(unscoped(select(User.display_name).where(User.id == row.created_by_id), BECAUSE))
    found, run = row.answer, row.answer.get("run", {})
    helper = Helper(ctx, plan, row.answer) if found else None
    remedies = helper.remedies() if helper else ()
    return PlanAdviceRow(
        plan=plan,
        id=row.id,
        state=row.state,
        created_by=author or "",
        created_at=row.created_at,
        finished_at=row.finished_at,
        options=row.options,
        progress=(job.progress if job else {}) or {},
        error=row.error,
        is_lost=row.state is AdviceState.RUNNING and (job is None or job.state not in OPEN_STATES),
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
def advice_job(ctx: Context, reference: str) -> UUID | None:
    """The job of the newest advice on a plan."""
    row = _newest(ctx, head(ctx, reference).id)
    return row.job_id if row else None


def _newest(ctx: Context, plan_id: UUID) -> PlanAdvice | None:
    return ctx.session.scalars(
        select(PlanAdvice)
        .where(PlanAdvice.plan_id == plan_id)
        .order_by(PlanAdvice.created_at.desc(), PlanAdvice.id.desc())
        .limit(1)
    ).one_or_none()
