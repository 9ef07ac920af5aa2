"""Tables of incidents, report versions and responses."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.incidents.rules import EventClass, Hazard, IncidentState, ReportKind
from supplyops.norms.rules import Season


class Incident(Base, Sealed, Scoped):
    """An event that needs supplies; `organisation_id` commands."""

    __tablename__ = "incident"
    __scope_upward__ = "all"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    event_class: Mapped[EventClass] = mapped_column(Code(EventClass))
    hazard: Mapped[Hazard] = mapped_column(Code(Hazard))
    occurred_at: Mapped[datetime]
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    place: Mapped[str] = mapped_column(String(80))
    lat_e6: Mapped[int | None]
    lon_e6: Mapped[int | None]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    is_exercise: Mapped[bool] = mapped_column(Boolean())
    state: Mapped[IncidentState] = mapped_column(Code(IncidentState))
    response_level: Mapped[int | None]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]


class IncidentReport(Base, AppendOnly, Sealed):
    """One version of an incident's report. Report times cannot be back-dated; a correction is a new version."""

    __tablename__ = "incident_report"
    __table_args__ = (UniqueConstraint("incident_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    version: Mapped[int]
    kind: Mapped[ReportKind] = mapped_column(Code(ReportKind))
    season: Mapped[Season] = mapped_column(Code(Season))
    days_of_cover: Mapped[int]
    is_forecast: Mapped[bool] = mapped_column(Boolean())
    night_temperature_c: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(80))
    summary: Mapped[str] = mapped_column(String(1000))
    measures: Mapped[str] = mapped_column(String(1000))
    areas: Mapped[list[Any]]
    reported_at: Mapped[datetime]
    reported_by_id: Mapped[UUID | None]
    is_late: Mapped[bool] = mapped_column(Boolean())


class IncidentResponse(Base, AppendOnly, Sealed):
    """A response started, changed or ended; level None ends it."""

    __tablename__ = "incident_response"
    __table_args__ = (Index("ix_incident_response_incident_id", "incident_id"),)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    level: Mapped[int | None]
    basis: Mapped[str] = mapped_column(String(200))
    measures: Mapped[str] = mapped_column(String(1000))
    expected_until: Mapped[datetime | None]
    is_on_forecast: Mapped[bool] = mapped_column(Boolean())
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[UUID | None]
