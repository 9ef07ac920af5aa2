"""Tables of transfers."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.transfers.rules import TransferFinding, TransferKind, TransferState


class Transfer(Base, Sealed, Scoped):
    """An order that goods go from one site to another. What is on the road lies at a place of its own."""

    __tablename__ = "transfer"
    __table_args__ = (
        Index("ix_transfer_state", "state", "expected_at"),
        Index("ix_transfer_incident_id", "incident_id"),
        Index("ix_transfer_created_at", "created_at", "number"),
    )
    __scope__: ClassVar[tuple[str, ...]] = (
        "owner_id",
        "new_owner_id",
        "from_organisation_id",
        "to_organisation_id",
        "approver_id",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[TransferKind] = mapped_column(Code(TransferKind))
    state: Mapped[TransferState] = mapped_column(Code(TransferState))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    new_owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    approver_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    from_site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    from_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    to_site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    to_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    transit_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id"))
    incident_id: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(String(200))
    is_owed_back: Mapped[bool] = mapped_column(Boolean())
    due_on: Mapped[date | None]
    settles_id: Mapped[UUID | None] = mapped_column(ForeignKey("obligation.id"))
    send_by: Mapped[datetime]
    arrive_by: Mapped[datetime]
    created_at: Mapped[datetime]
    created_by_id: Mapped[UUID]
    created_by_name: Mapped[str] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    decided_by_name: Mapped[str] = mapped_column(String(80))
    carrier: Mapped[str] = mapped_column(String(120))
    carrier_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    """Who carries, where the register knows the body."""
    vehicle: Mapped[str] = mapped_column(String(60))
    driver: Mapped[str] = mapped_column(String(60))
    driver_phone: Mapped[str] = mapped_column(String(40))
    escort: Mapped[str] = mapped_column(String(40))
    seal_number: Mapped[str] = mapped_column(String(40))
    sent_at: Mapped[datetime | None]
    expected_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    receiver: Mapped[str] = mapped_column(String(40))
    is_seal_intact: Mapped[bool | None] = mapped_column(Boolean())
    ended_because: Mapped[str] = mapped_column(String(200))


class TransferLine(Base, AppendOnly, Sealed):
    """What was asked for: so much of an item, from a named lot or the first to expire."""

    __tablename__ = "transfer_line"
    __table_args__ = (
        UniqueConstraint("transfer_id", "line_no"),
        CheckConstraint("quantity > 0", name="quantity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id"))
    line_no: Mapped[int]
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    lot_number: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(120))


class TransferLot(Base, Sealed):
    """So much of one lot, held from approval on; loaded, found at the other end, or brought back."""

    __tablename__ = "transfer_lot"
    __table_args__ = (
        UniqueConstraint("transfer_id", "line_no"),
        CheckConstraint("quantity > 0 AND loaded >= 0 AND loaded <= quantity", name="loaded"),
        CheckConstraint(
            "good >= 0 AND damaged >= 0 AND short >= 0 AND returned >= 0 AND good + damaged + short + returned <= loaded",
            name="found",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id"))
    line_no: Mapped[int]
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("lot.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    reservation_id: Mapped[UUID] = mapped_column(ForeignKey("reservation.id"))
    quantity: Mapped[int] = mapped_column(BigInteger())
    loaded: Mapped[int] = mapped_column(BigInteger())
    good: Mapped[int] = mapped_column(BigInteger())
    damaged: Mapped[int] = mapped_column(BigInteger())
    short: Mapped[int] = mapped_column(BigInteger())
    returned: Mapped[int] = mapped_column(BigInteger())
    target_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id"))
    new_lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lot.id"))
    """The child lot under which the new owner has the goods."""

    @property
    def on_the_road(self) -> int:
        """What was loaded and neither found at the other end nor brought back."""
        return self.loaded - self.good - self.damaged - self.short - self.returned


class TransferArrival(Base, AppendOnly, Sealed):
    """Once goods of a transfer came: when, who signed, under which receipt note."""

    __tablename__ = "transfer_arrival"
    __table_args__ = (UniqueConstraint("transfer_id", "arrival_no"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id"))
    arrival_no: Mapped[int]
    receipt_number: Mapped[str] = mapped_column(String(80))
    arrived_at: Mapped[datetime]
    receiver: Mapped[str] = mapped_column(String(40))
    is_seal_intact: Mapped[bool] = mapped_column(Boolean())
    cause: Mapped[str] = mapped_column(String(400))
    is_last: Mapped[bool] = mapped_column(Boolean())
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(80))


class TransferArrivalLine(Base, AppendOnly, Sealed):
    """What came of one lot that time: good, damaged; short only where nothing more follows."""

    __tablename__ = "transfer_arrival_line"
    __table_args__ = (
        CheckConstraint(
            "good >= 0 AND damaged >= 0 AND short >= 0 AND good + damaged + short > 0", name="transfer_arrival_found"
        ),
    )

    arrival_id: Mapped[UUID] = mapped_column(ForeignKey("transfer_arrival.id"), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("transfer_lot.id"), primary_key=True)
    good: Mapped[int] = mapped_column(BigInteger())
    damaged: Mapped[int] = mapped_column(BigInteger())
    short: Mapped[int] = mapped_column(BigInteger())
    target_id: Mapped[UUID | None] = mapped_column(ForeignKey("location.id"))


class TransferDifference(Base, AppendOnly, Sealed):
    """A difference found at the other end, with its cause."""

    __tablename__ = "transfer_difference"
    __table_args__ = (Index("ix_transfer_difference_transfer_id", "transfer_id"),)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("transfer.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("transfer_lot.id"))
    finding: Mapped[TransferFinding] = mapped_column(Code(TransferFinding))
    quantity: Mapped[int] = mapped_column(BigInteger())
    cause: Mapped[str] = mapped_column(String(400))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None]
