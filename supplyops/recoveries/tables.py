"""Tables of what came back."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import LATER, AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.recoveries.rules import DueKind, RecoveryCondition


class RecoveryLimit(Base, AppendOnly, Sealed):
    """How long an item may be out, from a day on. What was given out before keeps the limit of its day."""

    __tablename__ = "recovery_limit"
    __table_args__ = (Index("ix_recovery_limit_item_id", "item_id", "effective_from"),)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    months: Mapped[int]
    effective_from: Mapped[date]
    source_mark: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None]


class Recovery(Base, Sealed, Scoped):
    """回收登记表: goods of one issue or delivery that came back to a store."""

    __tablename__ = "recovery"
    __table_args__ = (
        Index("ix_recovery_source_id", "source_id"),
        Index("ix_recovery_recorded_at", "recorded_at", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    source_kind: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[UUID]
    source_number: Mapped[str] = mapped_column(String(80))
    holder: Mapped[str] = mapped_column(String(120))
    returned_by: Mapped[str] = mapped_column(String(80))
    is_cleaned: Mapped[bool] = mapped_column(Boolean())
    is_disinfected: Mapped[bool] = mapped_column(Boolean())
    note: Mapped[str] = mapped_column(String(200))
    recovered_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None]
    recorded_by_name: Mapped[str] = mapped_column(String(80))
    taken_back_at: Mapped[datetime | None] = mapped_column(info=LATER)
    """When it was taken back as a mistake; from then on none of it counts."""
    taken_back_by_id: Mapped[UUID | None] = mapped_column(info=LATER)
    taken_back_by_name: Mapped[str | None] = mapped_column(String(80), info=LATER)
    taken_back_because: Mapped[str | None] = mapped_column(String(200), info=LATER)


class RecoveryLine(Base, Sealed):
    """So much of one lot that came back in one condition."""

    __tablename__ = "recovery_line"
    __table_args__ = (
        UniqueConstraint("recovery_id", "line_no"),
        Index("ix_recovery_line_due_id", "due_id"),
        CheckConstraint("quantity > 0 AND repaired >= 0 AND condemned >= 0", name="quantity"),
        CheckConstraint("repaired + condemned <= quantity", name="mended"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    recovery_id: Mapped[UUID] = mapped_column(ForeignKey("recovery.id"))
    line_no: Mapped[int]
    due_kind: Mapped[DueKind] = mapped_column(Code(DueKind))
    due_id: Mapped[UUID]
    """The line of the issue, or what stands for goods handed over to a place."""
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    condition: Mapped[RecoveryCondition] = mapped_column(Code(RecoveryCondition))
    quantity: Mapped[int] = mapped_column(BigInteger())
    repaired: Mapped[int] = mapped_column(BigInteger())
    condemned: Mapped[int] = mapped_column(BigInteger())


class RecoveryRepair(Base, AppendOnly, Sealed):
    """One repair record: how much was mended, how much could not be."""

    __tablename__ = "recovery_repair"
    __table_args__ = (
        Index("ix_recovery_repair_line_id", "line_id"),
        CheckConstraint("repaired >= 0 AND condemned >= 0 AND repaired + condemned > 0", name="quantity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("recovery_line.id"))
    repaired: Mapped[int] = mapped_column(BigInteger())
    condemned: Mapped[int] = mapped_column(BigInteger())
    cost_fen: Mapped[int] = mapped_column(BigInteger())
    repaired_by: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None]
    recorded_by_name: Mapped[str] = mapped_column(String(80))
