"""Tables of rounds, their findings, the intervals of single stores, and duty."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.upkeep.rules import DutyState, SamplingGroup, UpkeepKind, UpkeepResult


class UpkeepInterval(Base, Sealed, Scoped):
    """How often one store does something, where it differs from the house's figure."""

    __tablename__ = "upkeep_interval"
    __table_args__ = (UniqueConstraint("site_id", "kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[UpkeepKind] = mapped_column(Code(UpkeepKind))
    interval_days: Mapped[int]
    starts_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200))


class UpkeepRound(Base, AppendOnly, Sealed, Scoped):
    """Something that was done; what a round found to be mended is a row of its own."""

    __tablename__ = "upkeep_round"
    __table_args__ = (
        Index("ix_upkeep_round_site_id", "site_id", "kind", "done_at"),
        Index("ix_upkeep_round_done_at", "done_at", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[UpkeepKind] = mapped_column(Code(UpkeepKind))
    result: Mapped[UpkeepResult] = mapped_column(Code(UpkeepResult))
    done_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    done_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    done_by_name: Mapped[str] = mapped_column(String(80))
    helpers: Mapped[str] = mapped_column(String(200))
    readings: Mapped[str] = mapped_column(String(200))
    remark: Mapped[str] = mapped_column(String(200))
    sampling_group: Mapped[SamplingGroup | None] = mapped_column(Code(SamplingGroup))
    laboratory: Mapped[str] = mapped_column(String(80))
    report_number: Mapped[str] = mapped_column(String(80))


class UpkeepRoundLot(Base, AppendOnly, Sealed):
    """A lot at its place that a round was about."""

    __tablename__ = "upkeep_round_lot"
    __table_args__ = (
        CheckConstraint("sampled >= 0", name="sampled"),
        Index("ix_upkeep_round_lot_lot_id", "lot_id"),
    )

    round_id: Mapped[UUID] = mapped_column(ForeignKey("upkeep_round.id"), primary_key=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"), primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    sampled: Mapped[int] = mapped_column(BigInteger())


class UpkeepFinding(Base, Sealed, Scoped):
    """Something to be mended: by whom, by when, and that it was."""

    __tablename__ = "upkeep_finding"
    __table_args__ = (
        Index("ix_upkeep_finding_site_id", "site_id", "closed_at"),
        CheckConstraint("closed_at IS NULL OR closing_note <> ''", name="closed_with_a_word"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("upkeep_round.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    description: Mapped[str] = mapped_column(String(400))
    responsible: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[date]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    closed_by_name: Mapped[str] = mapped_column(String(80))
    closing_note: Mapped[str] = mapped_column(String(200))


class DutyHandover(Base, Sealed, Scoped):
    """Duty at a store going from one person to another, signed by both."""

    __tablename__ = "duty_handover"
    __table_args__ = (
        CheckConstraint("outgoing_id <> incoming_id", name="two_people"),
        Index("ix_duty_handover_site_id", "site_id", "offered_at"),
        Index("ix_duty_handover_offered_at", "offered_at", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[DutyState] = mapped_column(Code(DutyState))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    outgoing_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    outgoing_name: Mapped[str] = mapped_column(String(80))
    incoming_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    incoming_name: Mapped[str] = mapped_column(String(80))
    open_matters: Mapped[str] = mapped_column(String(1000))
    keys: Mapped[str] = mapped_column(String(200))
    readings: Mapped[str] = mapped_column(String(400))
    note: Mapped[str] = mapped_column(String(400))
    offered_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taking_note: Mapped[str] = mapped_column(String(400))
    ended_because: Mapped[str] = mapped_column(String(200))
