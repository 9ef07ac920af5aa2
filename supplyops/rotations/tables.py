"""The table of rotations."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.rotations.rules import RotationChoice, RotationState


class Rotation(Base, Sealed, Scoped):
    """A choice for goods that near their date: who proposed it, who decided, which document carried it out."""

    __tablename__ = "rotation"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_rotation_lot_id", "lot_id"),
        Index("ix_rotation_state", "state"),
        Index("ix_rotation_proposed_at", "proposed_at", "number"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("owner_id", "custodian_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    custodian_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    choice: Mapped[RotationChoice] = mapped_column(Code(RotationChoice))
    target: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[RotationState] = mapped_column(Code(RotationState))
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[UUID | None]
    proposed_by_name: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None]
    decided_by_name: Mapped[str] = mapped_column(String(80))
    decision_note: Mapped[str] = mapped_column(String(200))
    done_at: Mapped[datetime | None]
    done_by_name: Mapped[str] = mapped_column(String(80))
    done_document: Mapped[str] = mapped_column(String(80))
