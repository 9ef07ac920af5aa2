"""A plan's problem solved again fast, fair and frugal: asked for, stopped, kept, read side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer.codec import from_json
from optimizer.solution import Solution, Verdict
from supplyops.jobs import commands as jobs
from supplyops.jobs.rules import OPEN_STATES, JobState
from supplyops.jobs.tables import Job
from supplyops.kernel import codec
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.errors import Conflict, NotFound, WrongState
from supplyops.people.tables import User
from supplyops.planning.comparing import Comparer, ReachedRow
from supplyops.planning.queries import PlanHead, head
from supplyops.planning.rules import AdviceState, PlanState
from supplyops.planning.saving import booked, booked_verdict, unbooked
from supplyops.planning.tables import Plan, PlanAlternatives, PlanVariant
from supplyops.planning.variant_rules import ALTERNATIVES_JOB_KIND, AlternativesOptions, VariantOrigin
from supplyops.planning.variants import VariantRow, is_open, variant_row
from supplyops.runtime import Context, command, query, unscoped

BECAUSE = "who may see a plan sees its alternatives"
ORDER = (VariantOrigin.FAST, VariantOrigin.FAIR, VariantOrigin.FRUGAL)

Found = tuple[VariantOrigin, Solution, Verdict]


@dataclass(frozen=True, slots=True)
class AlternativesOrder:
    """What the worker needs to look for alternatives."""

    problem: dict[str, Any]
    plan: dict[str, Any]
    seconds: int | None
    iterations: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class PlanAlternativesRow:
    """The newest alternatives of a plan, or how far the search is; the plan's own figures beside them."""

    plan: PlanHead
    base: ReachedRow
    id: UUID | None
    state: AdviceState | None
    created_by: str
    created_at: datetime | None
    finished_at: datetime | None
    options: dict[str, Any]
    progress: dict[str, Any]
    error: dict[str, Any]
    is_lost: bool
    variants: tuple[VariantRow, ...]
    """Fast, fair, frugal."""
    all_equal: bool
    """None of them differs from the plan or from another in any figure."""
    may_adopt: bool


@command(Permission.PLANS_MAKE)
def start_alternatives(ctx: Context, plan_id: UUID, options: AlternativesOptions) -> UUID:
    """Queue the search for alternatives to a plan. Raises WrongState for a plan without a solution, Conflict
    `alternatives_running` while another search for it is under way."""
    plan = ctx.get(Plan, plan_id, lock=True)
    ctx.require(Permission.PLANS_MAKE, plan.organisation_id)
    if not plan.solution or plan.state in {PlanState.SOLVING, PlanState.FAILED}:
        raise WrongState("plan", plan.state.value, PlanState.DRAFT.value)
    _refuse_second(ctx, plan)
    row_id = ctx.new_id()
    job = jobs.enqueue(ctx, ALTERNATIVES_JOB_KIND, {"alternatives_id": row_id}, key=f"{ALTERNATIVES_JOB_KIND}:{row_id}")
    ctx.session.add(
        PlanAlternatives(
            id=row_id,
            plan_id=plan.id,
            state=AdviceState.RUNNING,
            job_id=job,
            options=plain(codec.to_json(options)),
            error={},
            created_at=ctx.now,
            created_by_id=ctx.principal.user_id,
            finished_at=None,
        )
    )
    ctx.about("plan", plan.id, plan.number)
    return row_id


def _refuse_second(ctx: Context, plan: Plan) -> None:
    rows = ctx.session.execute(
        select(PlanAlternatives, Job.state)
        .outerjoin(Job, Job.id == PlanAlternatives.job_id)
        .where(PlanAlternatives.plan_id == plan.id, PlanAlternatives.state == AdviceState.RUNNING)
    )
    for row, job_state in rows:
        if job_state in OPEN_STATES:
            raise Conflict("alternatives_running", number=plan.number)
        row.state = AdviceState.CANCELLED if job_state is JobState.CANCELLED else AdviceState.FAILED
        row.error, row.finished_at = {"code": "worker_lost", "params": {}}, ctx.now


@command(Permission.PLANS_MAKE)
def cancel_alternatives(ctx: Context, plan_id: UUID) -> None:
    """Stop the search. Raises NotFound when none is under way."""
    plan = ctx.get(Plan, plan_id, lock=True)
    ctx.require(Permission.PLANS_MAKE, plan.organisation_id)
    row = _newest(ctx, plan.id)
    if row is None or row.state is not AdviceState.RUNNING:
        raise NotFound("plan_alternatives")
    if row.job_id is not None:
        jobs.cancel(ctx, row.job_id)
    row.state, row.finished_at = AdviceState.CANCELLED, ctx.now
    ctx.about("plan", plan.id, plan.number)


@command(Permission.INTERNAL)
def save_alternatives(
    ctx: Context, alternatives_id: UUID, job_id: UUID, attempt: int, found: tuple[Found, ...]
) -> bool:
    """Keep what was found. False, and nothing changes, when the job is not this attempt's any more."""
    row = _running(ctx, alternatives_id, job_id, attempt)
    if row is None:
        return False
    for origin, solution, verdict in found:
        ctx.session.add(
            PlanVariant(
                id=ctx.new_id(),
                plan_id=row.plan_id,
                alternatives_id=row.id,
                origin=origin,
                solution=booked(solution),
                verdict=booked_verdict(verdict),
                note="",
                created_at=ctx.now,
                created_by_id=row.created_by_id,
                adopted_as_id=None,
            )
        )
    row.state, row.finished_at = AdviceState.DONE, ctx.now
    return True


@command(Permission.INTERNAL)
def fail_alternatives(ctx: Context, alternatives_id: UUID, job_id: UUID, attempt: int, error: dict[str, Any]) -> bool:
    """Note why nothing came out. False, and nothing changes, when the job is not this attempt's any more."""
    row = _running(ctx, alternatives_id, job_id, attempt)
    if row is None:
        return False
    row.state, row.error, row.finished_at = AdviceState.FAILED, plain(error), ctx.now
    return True


def _running(ctx: Context, alternatives_id: UUID, job_id: UUID, attempt: int) -> PlanAlternatives | None:
    row = ctx.session.get(PlanAlternatives, alternatives_id, with_for_update=True, populate_existing=True)
    mine = jobs.still_mine(ctx, job_id, attempt)
    return row if mine and row is not None and row.state is AdviceState.RUNNING and row.job_id == job_id else None


@query(Permission.INTERNAL)
def alternatives_order(ctx: Context, alternatives_id: UUID) -> AlternativesOrder | None:
    """What to work on; None when nobody waits for it any more."""
    row = ctx.session.get(PlanAlternatives, alternatives_id)
    if row is None or row.state is not AdviceState.RUNNING:
        return None
    plan = ctx.get(Plan, row.plan_id)
    options = row.options
    return AlternativesOrder(
        plan.problem, unbooked(plan.solution), options["seconds"], options["iterations"], options["seed"]
    )


@query(Permission.PLANS_SEE)
def alternatives(ctx: Context, reference: str) -> PlanAlternativesRow:
    """Alternatives to a plan, by number or id: the newest, or how far the search is. Raises NotFound for a plan without result."""
    plan_head = head(ctx, reference)
    plan = ctx.session.get_one(Plan, plan_head.id, execution_options={"unscoped": True})
    if not plan.solution or plan.state is PlanState.FAILED:
        raise NotFound("plan_alternatives", reference=plan_head.number)
    comparer = Comparer(ctx, plan)
    row = _newest(ctx, plan.id)
    may_adopt = is_open(ctx, plan)
    if row is None:
        return PlanAlternativesRow(
            plan_head, comparer.base, None, None, "", None, None, {}, {}, {}, False, (), False, may_adopt
        )
    found_job = unscoped(select(Job.state, Job.progress).where(Job.id == row.job_id), BECAUSE)
    job = ctx.session.execute(found_job).one_or_none()
    author = ctx.session.scalar(unscoped(select(User.display_name).where(User.id == row.created_by_id), BECAUSE))
    shown = _variants(ctx, comparer, row)
    return PlanAlternativesRow(
        plan=plan_head,
        base=comparer.base,
        id=row.id,
        state=row.state,
        created_by=author or "",
        created_at=row.created_at,
        finished_at=row.finished_at,
        options=row.options,
        progress=(job.progress if job else {}) or {},
        error=row.error,
        is_lost=row.state is AdviceState.RUNNING and (job is None or job.state not in OPEN_STATES),
        variants=shown,
        all_equal=bool(shown) and all(each.figures is not None and each.figures.is_equal for each in shown),
        may_adopt=may_adopt,
    )


def _variants(ctx: Context, comparer: Comparer, row: PlanAlternatives) -> tuple[VariantRow, ...]:
    """The variants of a run in their usual order, each with the others it comes out equal to."""
    rows = list(
        ctx.session.scalars(unscoped(select(PlanVariant).where(PlanVariant.alternatives_id == row.id), BECAUSE))
    )
    rows.sort(key=lambda each: ORDER.index(each.origin))
    solutions = {each.id: from_json(Solution, unbooked(each.solution)) for each in rows}
    return tuple(
        variant_row(
            ctx,
            comparer,
            each,
            tuple(
                other.origin
                for other in rows
                if other is not each and comparer.are_equal(solutions[each.id], solutions[other.id])
            ),
        )
        for each in rows
    )


@query(Permission.PLANS_SEE)
def alternatives_job(ctx: Context, reference: str) -> UUID | None:
    """The job of the newest search for alternatives to a plan."""
    row = _newest(ctx, head(ctx, reference).id)
    return row.job_id if row else None


def _newest(ctx: Context, plan_id: UUID) -> PlanAlternatives | None:
    return ctx.session.scalars(
        select(PlanAlternatives)
        .where(PlanAlternatives.plan_id == plan_id)
        .order_by(PlanAlternatives.created_at.desc(), PlanAlternatives.id.desc())
        .limit(1)
    ).one_or_none()
