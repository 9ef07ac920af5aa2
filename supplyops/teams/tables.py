"""Tables of teams and their missions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.teams.rules import Employment, MissionState, TeamState, TeamType, UsarClass


class RescueTeam(Base, Sealed, Scoped):
    """A rescue team."""

    __tablename__ = "rescue_team"
    __scope_upward__ = "office"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    type: Mapped[TeamType] = mapped_column(Code(TeamType))
    employment: Mapped[Employment] = mapped_column(Code(Employment))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    base_site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    other_owners: Mapped[str] = mapped_column(String(200))
    leader: Mapped[str] = mapped_column(String(60))
    deputy: Mapped[str] = mapped_column(String(60))
    duty_phone: Mapped[str] = mapped_column(String(60))
    strength_authorised: Mapped[int]
    strength_present: Mapped[int]
    capabilities: Mapped[list[str]]
    specialities: Mapped[str] = mapped_column(String(400))
    equipment: Mapped[str] = mapped_column(String(1000))
    vehicles: Mapped[str] = mapped_column(String(400))
    ready_minutes: Mapped[int]
    ready_minutes_off_hours: Mapped[int]
    self_sufficient_hours: Mapped[int]
    continuous_hours_max: Mapped[int]
    usar_class: Mapped[UsarClass] = mapped_column(Code(UsarClass))
    works_at_night: Mapped[bool | None] = mapped_column(Boolean())
    works_at_minus_30: Mapped[bool | None] = mapped_column(Boolean())
    agreement: Mapped[str] = mapped_column(String(200))
    agreement_valid_to: Mapped[date | None]
    insurer: Mapped[str] = mapped_column(String(60))
    insurance_policy: Mapped[str] = mapped_column(String(60))
    insurance_valid_to: Mapped[date | None]
    last_exercise_on: Mapped[date | None]
    assessment_score: Mapped[int | None]
    assessed_on: Mapped[date | None]
    source_mark: Mapped[str] = mapped_column(String(60))
    state: Mapped[TeamState] = mapped_column(Code(TeamState))


class Mission(Base, Sealed, Scoped):
    """One mobilisation of one team (调动命令)."""

    __tablename__ = "mission"
    __table_args__ = (
        Index("ix_mission_team_id", "team_id"),
        Index("ix_mission_incident_id", "incident_id"),
        Index("ix_mission_ordered_at", "ordered_at", "number"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("ordered_by_organisation_id", "team_organisation_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    team_id: Mapped[UUID] = mapped_column(ForeignKey("rescue_team.id"))
    team_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    ordered_by_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    incident_id: Mapped[UUID]
    incident_number: Mapped[str] = mapped_column(String(80))
    state: Mapped[MissionState] = mapped_column(Code(MissionState))
    details: Mapped[dict[str, Any]]
    oral: Mapped[dict[str, Any]]
    ordered_at: Mapped[datetime]
    ordered_by_id: Mapped[UUID]
    paper_due_at: Mapped[datetime | None]
    paper_signed_at: Mapped[datetime | None]


class MissionStep(Base, AppendOnly, Sealed):
    """One step of a mission, as it was reported."""

    __tablename__ = "mission_step"
    __table_args__ = (Index("ix_mission_step_mission_id", "mission_id"),)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    mission_id: Mapped[UUID] = mapped_column(ForeignKey("mission.id"))
    state: Mapped[MissionState] = mapped_column(Code(MissionState))
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(200))
    actor_id: Mapped[UUID | None]
