"""The job table."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import Base, Scoped
from supplyops.database.types import Code
from supplyops.jobs.rules import JobState


class Job(Base, Scoped):
    """One piece of background work, done on behalf of the person who asked. `attempt` fences off late workers."""

    __tablename__ = "job"
    __table_args__ = (UniqueConstraint("key", name="uq_job_key"), Index("ix_job_state", "state", "created_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(255))
    payload: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(Code(JobState))
    attempt: Mapped[int]
    worker: Mapped[str] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    progress: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    error: Mapped[dict[str, Any]]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
