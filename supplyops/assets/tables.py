"""Tables of plans, loans and work; the units themselves and their history are the ledger's (`stock.tables`)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.assets.rules import AssetCondition, AssetWorkKind
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code


class AssetPlan(Base, Sealed):
    """How often units of an item are worked on."""

    __tablename__ = "asset_plan"
    __table_args__ = (
        UniqueConstraint("item_id", "kind", "name"),
        CheckConstraint("every_months IS NOT NULL OR every_hours IS NOT NULL", name="interval"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    kind: Mapped[AssetWorkKind] = mapped_column(Code(AssetWorkKind))
    name: Mapped[str] = mapped_column(String(40))
    every_months: Mapped[int | None]
    every_hours: Mapped[int | None]
    instructions: Mapped[str] = mapped_column(String(400))
    source_mark: Mapped[str] = mapped_column(String(20))


class AssetLoan(Base, Sealed, Scoped):
    """Units handed out on one slip, to be brought back."""

    __tablename__ = "asset_loan"
    __table_args__ = (
        Index("ix_asset_loan_organisation_id", "organisation_id", "handed_out_at"),
        Index("ix_asset_loan_team_id", "team_id"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("organisation_id", "holder_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    """The body whose store gave them out."""
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    holder_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("rescue_team.id"))
    received_by: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(40))
    approved_by: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(200))
    despite: Mapped[str] = mapped_column(String(120))
    handed_out_at: Mapped[datetime]
    handed_out_by: Mapped[str] = mapped_column(String(80))
    closed_at: Mapped[datetime | None]


class AssetLoanLine(Base, Sealed):
    """One unit of a slip: how it went and how it came back."""

    __tablename__ = "asset_loan_line"
    __table_args__ = (UniqueConstraint("loan_id", "line_no"), Index("ix_asset_loan_line_asset_id", "asset_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_id: Mapped[UUID] = mapped_column(ForeignKey("asset_loan.id"))
    line_no: Mapped[int]
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"))
    from_location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    condition_out: Mapped[AssetCondition] = mapped_column(Code(AssetCondition))
    meter_out: Mapped[int]
    handed_back_at: Mapped[datetime | None]
    returned_by: Mapped[str] = mapped_column(String(40))
    taken_back_by: Mapped[str] = mapped_column(String(80))
    condition_in: Mapped[AssetCondition | None] = mapped_column(Code(AssetCondition))
    defects: Mapped[str] = mapped_column(String(200))
    meter_in: Mapped[int | None]


class AssetWork(Base, AppendOnly, Sealed):
    """Work done on one unit."""

    __tablename__ = "asset_work"
    __table_args__ = (
        Index("ix_asset_work_asset_id", "asset_id", "done_on"),
        CheckConstraint("cost_fen >= 0", name="cost"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("asset.id"))
    plan_id: Mapped[UUID | None] = mapped_column(ForeignKey("asset_plan.id"))
    kind: Mapped[AssetWorkKind] = mapped_column(Code(AssetWorkKind))
    done_on: Mapped[date]
    done_by: Mapped[str] = mapped_column(String(80))
    is_passed: Mapped[bool] = mapped_column(Boolean())
    defect: Mapped[str] = mapped_column(String(200))
    meter_hours: Mapped[int]
    cost_fen: Mapped[int] = mapped_column(BigInteger())
    certificate: Mapped[str] = mapped_column(String(60))
    valid_until: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(80))
