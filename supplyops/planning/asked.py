"""Work that somebody asks for and a worker does: one at a time, stopped, and ended only by whoever still has the job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select

from supplyops.jobs import commands as jobs
from supplyops.jobs.rules import OPEN_STATES, JobState
from supplyops.jobs.tables import Job
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.errors import Conflict, NotFound, WrongState
from supplyops.people.tables import User
from supplyops.planning.rules import AdviceState, PlanState
from supplyops.planning.tables import AskedWork, Plan, PlanAdvice, PlanAlternatives, PlanInsertions
from supplyops.runtime import Context, unscoped

Work = TypeVar("Work", bound=AskedWork)
BECAUSE = "who may see a plan or a proposal sees how its work goes"
WORK_ID = "work_id"
"""Under this name a job says which piece of work it is for."""
NOBODY_ASKED: dict[str, Any] = {
    "id": None, "state": None, "created_by": "", "created_at": None, "finished_at": None, "options": {}, "progress": {}, "error": {},
    "is_lost": False,
}  # fmt: skip
"""What `told` says where there is no work."""


@dataclass(frozen=True, slots=True)
class WorkState:
    """How far a piece of work is."""

    job_id: UUID | None
    state: AdviceState
    progress: dict[str, Any]
    is_lost: bool
    """Nobody works on it any more, although nothing has come of it."""


def plan_with_result(ctx: Context, plan_id: UUID) -> Plan:
    """A plan that work can be asked of, locked. Raises WrongState for one without a solution, Forbidden."""
    plan = ctx.get(Plan, plan_id, lock=True)
    ctx.require(Permission.PLANS_MAKE, plan.organisation_id)
    if not plan.solution or plan.state in {PlanState.SOLVING, PlanState.FAILED}:
        raise WrongState("plan", plan.state.value, PlanState.DRAFT.value)
    return plan


def refuse_second(ctx: Context, kind: type[Work], of: ColumnElement[bool], code: str, number: str) -> None:
    """Raises Conflict with the code while such work is under way; one whose worker is lost does not stand in the way."""
    rows = ctx.session.execute(
        select(kind, Job.state).outerjoin(Job, Job.id == kind.job_id).where(of, kind.state == AdviceState.RUNNING)
    )
    for row, job_state in rows:
        if job_state in OPEN_STATES:
            raise Conflict(code, number=number)
        row.state = AdviceState.CANCELLED if job_state is JobState.CANCELLED else AdviceState.FAILED
        row.error, row.finished_at = {"code": "worker_lost", "params": {}}, ctx.now


def queue(ctx: Context, kind: type[Work], job_kind: str, **columns: Any) -> Work:
    """A piece of work for the worker, with what its own columns hold."""
    row_id = ctx.new_id()
    row = kind(
        id=row_id,
        state=AdviceState.RUNNING,
        job_id=jobs.enqueue(ctx, job_kind, {WORK_ID: row_id}, key=f"{job_kind}:{row_id}"),
        error={},
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        finished_at=None,
        **columns,
    )
    ctx.session.add(row)
    return row


def cancel(ctx: Context, kind: type[PlanAdvice] | type[PlanAlternatives] | type[PlanInsertions], plan_id: UUID) -> None:
    """Stop the work asked of a plan. Raises NotFound when none is under way."""
    plan = ctx.get(Plan, plan_id, lock=True)
    ctx.require(Permission.PLANS_MAKE, plan.organisation_id)
    stop(ctx, kind, newest(ctx, kind, kind.plan_id == plan.id))
    ctx.about("plan", plan.id, plan.number)


def stop(ctx: Context, kind: type[Work], row: Work | None) -> None:
    """Stop a piece of work. Raises NotFound when it is not under way."""
    if row is None or row.state is not AdviceState.RUNNING:
        raise NotFound(kind.__tablename__)
    if row.job_id is not None:
        jobs.cancel(ctx, row.job_id)
    row.state, row.finished_at = AdviceState.CANCELLED, ctx.now


def running(ctx: Context, kind: type[Work], work_id: UUID, job_id: UUID, attempt: int) -> Work | None:
    """The work, locked; None when the job is not this attempt's any more."""
    row = ctx.session.get(kind, work_id, with_for_update=True, populate_existing=True)
    mine = jobs.still_mine(ctx, job_id, attempt)
    return row if mine and row is not None and row.state is AdviceState.RUNNING and row.job_id == job_id else None


def fail(ctx: Context, kind: type[Work], work_id: UUID, job_id: UUID, attempt: int, error: dict[str, Any]) -> bool:
    """Note why nothing came out. False, and nothing changes, when the job is not this attempt's any more."""
    row = running(ctx, kind, work_id, job_id, attempt)
    if row is None:
        return False
    row.state, row.error, row.finished_at = AdviceState.FAILED, plain(error), ctx.now
    return True


def newest(ctx: Context, kind: type[Work], of: ColumnElement[bool]) -> Work | None:
    """The last work of the kind that was asked for."""
    return ctx.session.scalars(
        select(kind).where(of).order_by(kind.created_at.desc(), kind.id.desc()).limit(1)
    ).one_or_none()


def state_of(ctx: Context, row: AskedWork) -> WorkState:
    """How far it is."""
    found = unscoped(select(Job.state, Job.progress).where(Job.id == row.job_id), BECAUSE)
    job = ctx.session.execute(found).one_or_none()
    is_lost = row.state is AdviceState.RUNNING and (job is None or job.state not in OPEN_STATES)
    return WorkState(row.job_id, row.state, (job.progress if job else {}) or {}, is_lost)


def told(ctx: Context, row: AskedWork) -> dict[str, Any]:
    """What every piece of work says of itself: who asked for what and when, how far it is, why it came to nothing."""
    far = state_of(ctx, row)
    return {
        "id": row.id,
        "state": row.state,
        "created_by": author_of(ctx, row),
        "created_at": row.created_at,
        "finished_at": row.finished_at,
        "options": row.options,
        "progress": far.progress,
        "error": row.error,
        "is_lost": far.is_lost,
    }


def author_of(ctx: Context, row: AskedWork) -> str:
    """Who asked for it."""
    return ctx.session.scalar(unscoped(select(User.display_name).where(User.id == row.created_by_id), BECAUSE)) or ""
