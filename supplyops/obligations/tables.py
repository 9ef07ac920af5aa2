"""Tables of what is owed."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.obligations.rules import SettlementKind


class Obligation(Base, Sealed, Scoped):
    """One body owes another the goods of one document (a transfer or a consignment)."""

    __tablename__ = "obligation"
    __table_args__ = (
        UniqueConstraint("basis_kind", "basis_id"),
        CheckConstraint("creditor_id <> debtor_id", name="two_bodies"),
        Index("ix_obligation_creditor_id", "creditor_id"),
        Index("ix_obligation_debtor_id", "debtor_id"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("creditor_id", "debtor_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    basis_kind: Mapped[str] = mapped_column(String(40))
    basis_id: Mapped[UUID]
    basis_number: Mapped[str] = mapped_column(String(80))
    incident_id: Mapped[UUID | None]
    arose_at: Mapped[datetime]
    due_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(String(200))


class ObligationLine(Base, AppendOnly, Sealed):
    """So much of one item, and what it was worth when it was taken."""

    __tablename__ = "obligation_line"
    __table_args__ = (
        UniqueConstraint("obligation_id", "line_no"),
        UniqueConstraint("obligation_id", "item_id", name="uq_obligation_line_item"),
        CheckConstraint("quantity > 0 AND value_fen >= 0", name="quantity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    obligation_id: Mapped[UUID] = mapped_column(ForeignKey("obligation.id"))
    line_no: Mapped[int]
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    value_fen: Mapped[int] = mapped_column(BigInteger())


class ObligationSettlement(Base, AppendOnly, Sealed):
    """A part of a line given back, with the document or voucher that shows it. One by a receipt that was reversed does not count."""

    __tablename__ = "obligation_settlement"
    __table_args__ = (
        Index("ix_obligation_settlement_line_id", "line_id"),
        Index("ix_obligation_settlement_document_id", "document_id"),
        CheckConstraint("quantity > 0 AND amount_fen >= 0", name="quantity"),
        CheckConstraint("(kind = 'money') = (document_id IS NULL)", name="shown_by"),
    )

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("obligation_line.id"))
    kind: Mapped[SettlementKind] = mapped_column(Code(SettlementKind))
    quantity: Mapped[int] = mapped_column(BigInteger())
    amount_fen: Mapped[int] = mapped_column(BigInteger())
    document_kind: Mapped[str] = mapped_column(String(40))
    document_id: Mapped[UUID | None]
    document_number: Mapped[str] = mapped_column(String(80))
    voucher: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None]
    recorded_by_name: Mapped[str] = mapped_column(String(80))
