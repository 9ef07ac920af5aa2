"""Tables of expected deliveries."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.stock.documents import ReceiptKind


class Arrival(Base, Sealed, Scoped):
    """A delivery that was announced to a store. How far it has come follows from its inspections and receipts."""

    __tablename__ = "arrival"
    __table_args__ = (Index("ix_arrival_site_id", "site_id", "expected_on"),)
    __scope__: ClassVar[tuple[str, ...]] = ("organisation_id", "owner_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[ReceiptKind] = mapped_column(Code(ReceiptKind))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    source: Mapped[str] = mapped_column(String(120))
    fund_source: Mapped[str] = mapped_column(String(40))
    source_document: Mapped[str] = mapped_column(String(80))
    contact: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(200))
    expected_on: Mapped[date]
    incident_id: Mapped[UUID | None]
    is_exercise: Mapped[bool] = mapped_column(Boolean())
    announced_at: Mapped[datetime]
    announced_by_id: Mapped[UUID | None]
    announced_by_name: Mapped[str] = mapped_column(String(80))
    cancelled_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    ended_because: Mapped[str] = mapped_column(String(200))


class ArrivalLine(Base, Sealed):
    """So much of one item is to come."""

    __tablename__ = "arrival_line"
    __table_args__ = (UniqueConstraint("arrival_id", "line_no"), CheckConstraint("quantity > 0", name="quantity"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    arrival_id: Mapped[UUID] = mapped_column(ForeignKey("arrival.id"))
    line_no: Mapped[int]
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    unit_price_fen: Mapped[int] = mapped_column(BigInteger())
    manufacturer: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(120))


class ArrivalLoad(Base, Sealed):
    """One vehicle's load of a delivery as the inspector found it before unloading; taken in, sent back or looked at anew."""

    __tablename__ = "arrival_load"
    __table_args__ = (UniqueConstraint("arrival_id", "load_no"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    arrival_id: Mapped[UUID] = mapped_column(ForeignKey("arrival.id"))
    load_no: Mapped[int]
    arrived_at: Mapped[datetime]
    vehicle: Mapped[str] = mapped_column(String(80))
    delivered_by: Mapped[str] = mapped_column(String(80))
    is_seal_intact: Mapped[bool | None] = mapped_column(Boolean())
    seal_number: Mapped[str] = mapped_column(String(80))
    is_appearance_good: Mapped[bool] = mapped_column(Boolean())
    matches_list: Mapped[bool] = mapped_column(Boolean())
    finding: Mapped[str] = mapped_column(String(400))
    is_refused: Mapped[bool] = mapped_column(Boolean())
    inspector_id: Mapped[UUID]
    inspector_name: Mapped[str] = mapped_column(String(80))
    inspected_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it was taken in, sent back, or looked at anew; until then it waits for the keeper."""
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("stock_document.id"))
    """The receipt it became."""


class ArrivalReceipt(Base, AppendOnly, Sealed):
    """Which line of a receipt was taken in for which line of a delivery."""

    __tablename__ = "arrival_receipt"
    __table_args__ = (Index("ix_arrival_receipt_arrival_line_id", "arrival_line_id"),)

    document_line_id: Mapped[UUID] = mapped_column(ForeignKey("stock_document_line.id"), primary_key=True)
    arrival_line_id: Mapped[UUID] = mapped_column(ForeignKey("arrival_line.id"))
    load_id: Mapped[UUID] = mapped_column(ForeignKey("arrival_load.id"))
