"""Reading jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.jobs.rules import JobState
from supplyops.jobs.tables import Job
from supplyops.kernel.access import Permission
from supplyops.runtime import Context, query


@dataclass(frozen=True, slots=True)
class JobRow:
    """One piece of background work and how it stands."""

    id: UUID
    kind: str
    state: JobState
    attempt: int
    payload: dict[str, Any]
    progress: dict[str, Any]
    result: dict[str, Any]
    error: dict[str, Any]
    actor_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None


def _row(job: Job) -> JobRow:
    return JobRow(**{name: getattr(job, name) for name in JobRow.__dataclass_fields__})


@query(Permission.JOBS_SEE)
def job(ctx: Context, job_id: UUID) -> JobRow:
    """One job in reach."""
    return _row(ctx.get(Job, job_id))


@query(Permission.JOBS_SEE)
def jobs(ctx: Context, limit: int = 100) -> list[JobRow]:
    """Jobs in reach, newest first."""
    return [_row(row) for row in ctx.session.scalars(select(Job).order_by(Job.created_at.desc()).limit(limit))]
