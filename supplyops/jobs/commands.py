"""Queueing, taking, reporting and ending jobs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, select, update

from supplyops.jobs.rules import ATTEMPTS_MAX, LEASE, OPEN_STATES, JobState
from supplyops.jobs.tables import Job
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.runtime import Context, command


@command(Permission.INTERNAL)
def enqueue(ctx: Context, kind: str, payload: dict[str, Any], key: str = "") -> UUID:
    """Add a job in the transaction of what it belongs to. The same key again gives the same job."""
    if key:
        existing = ctx.session.scalars(select(Job).where(Job.key == key)).one_or_none()
        if existing is not None:
            return existing.id
    job_id = ctx.new_id()
    ctx.session.add(
        Job(
            id=job_id,
            kind=kind,
            key=key or str(job_id),
            payload=plain(payload),
            state=JobState.QUEUED,
            attempt=0,
            worker="",
            lease_until=None,
            progress={},
            result={},
            error={},
            actor_id=ctx.principal.user_id,
            organisation_id=ctx.principal.organisation_id,
            created_at=ctx.now,
            started_at=None,
            finished_at=None,
            cancel_requested_at=None,
        )
    )
    return job_id


@command(Permission.INTERNAL)
def take(ctx: Context, worker: str, job_id: UUID | None = None) -> tuple[UUID, int] | None:
    """Take the oldest job that waits (or the one named); returns its id and the attempt that fences it, or None.

    A running job whose lease has ended is taken again, or marked interrupted after too many attempts.
    """
    _rescue(ctx)
    statement = (
        select(Job.id, Job.attempt).where(Job.state == JobState.QUEUED).order_by(Job.created_at, Job.id).limit(1)
    )
    if job_id is not None:
        statement = statement.where(Job.id == job_id)
    found = ctx.session.execute(statement).one_or_none()
    if found is None:
        ctx.is_idle = True
        return None
    taken = ctx.session.execute(
        update(Job)
        .where(Job.id == found.id, Job.state == JobState.QUEUED, Job.attempt == found.attempt)
        .values(
            state=JobState.RUNNING,
            attempt=found.attempt + 1,
            worker=worker,
            lease_until=ctx.now + LEASE,
            started_at=ctx.now,
        )
        .execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    return (found.id, found.attempt + 1) if taken.rowcount else None


def _rescue(ctx: Context) -> None:
    stale = ctx.session.scalars(
        select(Job).where(Job.state == JobState.RUNNING, Job.lease_until < ctx.now).with_for_update()
    )
    for job in stale:
        if job.cancel_requested_at is not None:
            job.state, job.finished_at = JobState.CANCELLED, ctx.now
        elif job.attempt >= ATTEMPTS_MAX:
            job.state, job.finished_at, job.error = JobState.INTERRUPTED, ctx.now, {"code": "worker_lost"}
        else:
            job.state = JobState.QUEUED
    ctx.session.flush()  # a rescued job may be taken at once


@command(Permission.INTERNAL)
def beat(ctx: Context, job_id: UUID, attempt: int, progress: dict[str, Any] | None) -> bool:
    """Say that the job is still being worked on. False: stop, it was cancelled or given to somebody else."""
    job = ctx.session.get(Job, job_id, with_for_update=True)
    if job is None or job.state is not JobState.RUNNING or job.attempt != attempt:
        return False
    job.lease_until = ctx.now + LEASE
    if progress is not None:
        job.progress = plain(progress)
    return job.cancel_requested_at is None


@command(Permission.INTERNAL)
def still_mine(ctx: Context, job_id: UUID, attempt: int) -> bool:
    """May this attempt still write its result? Holds the job until the transaction ends, so that the answer stays true."""
    job = ctx.session.get(Job, job_id, with_for_update=True, populate_existing=True)
    return (
        job is not None and job.state is JobState.RUNNING and job.attempt == attempt and job.cancel_requested_at is None
    )


@command(Permission.INTERNAL)
def finish(
    ctx: Context,
    job_id: UUID,
    attempt: int,
    state: JobState,
    result: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
) -> bool:
    """End a job. False, and nothing changes, when the attempt is no longer the current one."""
    job = ctx.session.get(Job, job_id, with_for_update=True)
    if job is None or job.state is not JobState.RUNNING or job.attempt != attempt:
        return False
    job.state, job.finished_at, job.lease_until = state, ctx.now, None
    job.result, job.error = plain(result or {}), plain(error or {})
    return True


@command(Permission.JOBS_SEE)
def cancel(ctx: Context, job_id: UUID) -> JobState:
    """Ask a job to stop; one that still waits ends at once. Returns the state it is in now."""
    job = ctx.get(Job, job_id, lock=True)
    if job.state in OPEN_STATES and job.cancel_requested_at is None:
        job.cancel_requested_at = ctx.now
        if job.state is JobState.QUEUED:
            job.state, job.finished_at = JobState.CANCELLED, ctx.now
    ctx.about("job", job.id, job.kind)
    return job.state
