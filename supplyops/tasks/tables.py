"""Tables of rescue tasks and the missions that were ordered for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed, partial_index
from supplyops.database.types import Code
from supplyops.tasks.rules import TaskState


class RescueTask(Base, Sealed, Scoped):
    """Work at a site for an incident. The body that commands sees it, and the one whose site it is."""

    __tablename__ = "rescue_task"
    __table_args__ = (
        UniqueConstraint("incident_id", "code"),
        CheckConstraint("persons >= 0 AND hours > 0", name="figures"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("organisation_id", "place_organisation_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Who commands the incident."""
    place_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """Whose site it is."""
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    needs: Mapped[list[Any]]
    persons: Mapped[int]
    equipment: Mapped[str] = mapped_column(String(200))
    not_before: Mapped[datetime | None]
    arrive_by: Mapped[datetime]
    hours: Mapped[int]
    class_rank: Mapped[int]
    note: Mapped[str] = mapped_column(String(200))
    state: Mapped[TaskState] = mapped_column(Code(TaskState))
    version: Mapped[int]
    """Grows with every change, so that who decides on an old copy is told."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    ended_because: Mapped[str] = mapped_column(String(200))


class RescueTaskMission(Base, AppendOnly, Sealed):
    """A mission that was ordered for a task, once for each of its shifts there. It counts while the mission lasts."""

    __tablename__ = "rescue_task_mission"
    __table_args__ = (
        UniqueConstraint("task_id", "mission_id", "relieves_at"),
        partial_index("relieves_at IS NULL", "uq_rescue_task_mission_first", "task_id", "mission_id", unique=True),
        Index("ix_rescue_task_mission_mission_id", "mission_id"),
    )

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("rescue_task.id"))
    mission_id: Mapped[UUID] = mapped_column(ForeignKey("mission.id"))
    arrives_at: Mapped[datetime]
    """When the team was to be there, as it was ordered."""
    relieves_at: Mapped[datetime | None]
    """When it relieves the crew before it; None: it is there from the beginning."""
    relieved_at: Mapped[datetime | None]
    """When the next crew relieves it; None: it stays until the end."""
    added_at: Mapped[datetime]
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
