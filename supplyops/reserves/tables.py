"""Tables of purchase plans."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import LATER, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.people.rules import Level
from supplyops.reserves.plan_rules import PurchasePlanState


class PurchasePlan(Base, Sealed, Scoped):
    """What one place means to buy for its reserve in one year."""

    __tablename__ = "purchase_plan"
    __table_args__ = (Index("ix_purchase_plan_organisation_id", "organisation_id", "year"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    level: Mapped[Level] = mapped_column(Code(Level))
    area_code: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    state: Mapped[PurchasePlanState] = mapped_column(Code(PurchasePlanState))
    version: Mapped[int]
    note: Mapped[str] = mapped_column(String(200))
    prepared_by: Mapped[list[str]]
    """Everybody who drafted, changed or submitted it: none of them decides on it."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    decision_note: Mapped[str] = mapped_column(String(200))


class PurchasePlanLine(Base, Sealed):
    """One item: the figures it was drafted from, and what is to be bought."""

    __tablename__ = "purchase_plan_line"
    __table_args__ = (
        UniqueConstraint("purchase_plan_id", "item_id"),
        CheckConstraint("quantity >= 0 AND drafted >= 0 AND gap >= 0", name="quantities"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    purchase_plan_id: Mapped[UUID] = mapped_column(ForeignKey("purchase_plan.id"))
    line_no: Mapped[int]
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    target: Mapped[int] = mapped_column(BigInteger())
    usable: Mapped[int] = mapped_column(BigInteger())
    expiring: Mapped[int] = mapped_column(BigInteger())
    contract: Mapped[int] = mapped_column(BigInteger())
    social: Mapped[int] = mapped_column(BigInteger())
    planned: Mapped[int | None] = mapped_column(BigInteger(), info=LATER)
    """What plans of other years mean to buy: the gap is without it."""
    gap: Mapped[int] = mapped_column(BigInteger())
    drafted: Mapped[int] = mapped_column(BigInteger())
    """The gap in whole packages."""
    quantity: Mapped[int] = mapped_column(BigInteger())
    unit_price_fen: Mapped[int] = mapped_column(BigInteger())
    reason: Mapped[str] = mapped_column(String(200))
