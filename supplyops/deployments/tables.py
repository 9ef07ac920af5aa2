"""Tables of proposals for teams."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.planning.rules import AdviceState
from supplyops.planning.tables import AskedWork


class Deployment(Base, Sealed, Scoped, AskedWork):
    """One proposal for an incident: the problem as it was, and what came out."""

    __tablename__ = "deployment"
    __table_args__ = (Index("ix_deployment_incident_id", "incident_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[AdviceState] = mapped_column(Code(AdviceState))
    job_id: Mapped[UUID | None]
    options: Mapped[dict[str, Any]]
    problem: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any]]
    starts_at: Mapped[datetime | None]
    """The moment it was worked out for: seconds of the problem count from it."""
    error: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    finished_at: Mapped[datetime | None]


class DeploymentDuty(Base, Sealed):
    """One team at one task. `mission_id` is set once it has been ordered."""

    __tablename__ = "deployment_duty"
    __table_args__ = (
        UniqueConstraint("deployment_id", "row_no"),
        Index("ix_deployment_duty_task_id", "task_id"),
        CheckConstraint("persons > 0", name="persons"),
        CheckConstraint("shift > 0 AND part > 0", name="shift"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deployment_id: Mapped[UUID] = mapped_column(ForeignKey("deployment.id"))
    row_no: Mapped[int]
    team_id: Mapped[UUID] = mapped_column(ForeignKey("rescue_team.id"))
    task_id: Mapped[UUID] = mapped_column(ForeignKey("rescue_task.id"))
    persons: Mapped[int]
    shift: Mapped[int]
    """Which of the team's shifts: it rests between them."""
    part: Mapped[int]
    """Which of the task's crews, which relieve each other."""
    leaves_at: Mapped[datetime]
    leaves_by: Mapped[datetime]
    arrives_at: Mapped[datetime]
    released_at: Mapped[datetime]
    arrive_by: Mapped[datetime]
    """When it should be there."""
    mission_id: Mapped[UUID | None] = mapped_column(ForeignKey("mission.id"))

    @property
    def is_late(self) -> bool:
        """Would it be there after the hour at which it should?"""
        return self.arrives_at > self.arrive_by
