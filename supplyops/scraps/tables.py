"""Tables of scrapping."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.scraps.rules import DisposalMethod, ScrapBody, ScrapReason, ScrapState


class Scrap(Base, Sealed, Scoped):
    """报废申请单 of one store. The bureaus of its government see it: they have to agree."""

    __tablename__ = "scrap"
    __table_args__ = (Index("ix_scrap_state", "state"), Index("ix_scrap_applied_at", "applied_at", "number"))
    __scope__: ClassVar[tuple[str, ...]] = ("organisation_id", "government_id")
    __scope_upward__ = "office"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[ScrapState] = mapped_column(Code(ScrapState))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    government_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    note: Mapped[str] = mapped_column(String(200))
    cause_number: Mapped[str] = mapped_column(String(80))
    """The document that led to it: a recovery."""
    deadline_on: Mapped[date | None]
    applied_at: Mapped[datetime]
    applied_by_id: Mapped[UUID | None]
    applied_by_name: Mapped[str] = mapped_column(String(80))
    institution: Mapped[str] = mapped_column(String(80))
    report_number: Mapped[str] = mapped_column(String(80))
    experts: Mapped[list[Any]]
    conclusion: Mapped[str] = mapped_column(String(400))
    appraised_on: Mapped[date | None]
    appraisal_by_id: Mapped[UUID | None]
    public_place: Mapped[str] = mapped_column(String(120))
    public_from: Mapped[date | None]
    public_to: Mapped[date | None]
    method: Mapped[DisposalMethod | None] = mapped_column(Code(DisposalMethod))
    buyer: Mapped[str] = mapped_column(String(80))
    agreement_number: Mapped[str] = mapped_column(String(80))
    income_fen: Mapped[int] = mapped_column(BigInteger())
    witness: Mapped[str] = mapped_column(String(80))
    evidence: Mapped[str] = mapped_column(String(200))
    disposed_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(String(200))


class ScrapLine(Base, AppendOnly, Sealed):
    """So much of one lot at one place, held until the end."""

    __tablename__ = "scrap_line"
    __table_args__ = (
        UniqueConstraint("scrap_id", "line_no"),
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_scrap_line_lot_id", "lot_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    scrap_id: Mapped[UUID] = mapped_column(ForeignKey("scrap.id"))
    line_no: Mapped[int]
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    reservation_id: Mapped[UUID] = mapped_column(ForeignKey("reservation.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    reason: Mapped[ScrapReason] = mapped_column(Code(ScrapReason))
    note: Mapped[str] = mapped_column(String(120))


class ScrapDecision(Base, AppendOnly, Sealed):
    """The word of one of the four bodies: each body once, each organisation once, each person once."""

    __tablename__ = "scrap_decision"
    __table_args__ = (
        UniqueConstraint("scrap_id", "body"),
        UniqueConstraint("scrap_id", "organisation_id", name="uq_scrap_decision_organisation"),
        UniqueConstraint("scrap_id", "decided_by_id", name="uq_scrap_decision_person"),
    )

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    scrap_id: Mapped[UUID] = mapped_column(ForeignKey("scrap.id"))
    body: Mapped[ScrapBody] = mapped_column(Code(ScrapBody))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    agrees: Mapped[bool] = mapped_column(Boolean())
    note: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    decided_by_name: Mapped[str] = mapped_column(String(80))
