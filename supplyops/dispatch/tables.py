"""Tables of dispatch."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supplyops.audit.tables import SEQUENCE
from supplyops.database.base import AppendOnly, Base, Scoped, Sealed
from supplyops.database.types import Code
from supplyops.dispatch.rules import ClockKind, ConsignmentState, DiscrepancyKind, InstructionState, ShipmentState


class ReleaseInstruction(Base, Sealed, Scoped):
    """动用指令: one owner's decision to release its part of a plan. Deciding and carrying out are two acts of two bodies."""

    __tablename__ = "release_instruction"
    __table_args__ = (
        UniqueConstraint("plan_id", "owner_id"),
        Index("ix_release_instruction_incident_id", "incident_id"),
        Index("ix_release_instruction_approved_at", "approved_at", "number"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("owner_id", "incident_organisation_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    document_number: Mapped[str] = mapped_column(String(80))
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    incident_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[InstructionState] = mapped_column(Code(InstructionState))
    load_by: Mapped[datetime]
    arrive_by: Mapped[datetime]
    approved_at: Mapped[datetime]
    approved_by_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    approved_by_name: Mapped[str] = mapped_column(String(80))
    oral: Mapped[dict[str, Any]]
    paper_due_at: Mapped[datetime | None]
    paper_signed_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(200))
    ended_because: Mapped[str] = mapped_column(String(200))


class Shipment(Base, Sealed, Scoped):
    """One vehicle's trip carrying consignments."""

    __tablename__ = "shipment"
    __table_args__ = (
        UniqueConstraint("plan_id", "trip_no"),
        Index("ix_shipment_incident_id", "incident_id"),
        Index("ix_shipment_planned_departure_at", "planned_departure_at", "number"),
    )
    __scope__: ClassVar[tuple[str, ...]] = ("incident_organisation_id", "vehicle_organisation_id")

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    incident_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    trip_no: Mapped[int]
    vehicle_id: Mapped[UUID] = mapped_column(ForeignKey("vehicle.id"))
    vehicle_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[ShipmentState] = mapped_column(Code(ShipmentState))
    planned_departure_at: Mapped[datetime]
    planned_return_at: Mapped[datetime]
    departed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    distance_m: Mapped[int]
    stops: Mapped[list[Any]]
    seal_number: Mapped[str] = mapped_column(String(40))


class Consignment(Base, Sealed, Scoped):
    """Goods for one consignee from one origin under one slip (调拨单); its place on the road is a balance of its own."""

    __tablename__ = "consignment"
    __table_args__ = (
        Index("ix_consignment_instruction_id", "instruction_id"),
        Index("ix_consignment_shipment_id", "shipment_id"),
        Index("ix_consignment_incident_id", "incident_id"),
        Index("ix_consignment_planned_arrival_at", "planned_arrival_at", "number"),
        UniqueConstraint("call_off_id"),
    )
    __scope__: ClassVar[tuple[str, ...]] = (
        "owner_id",
        "custodian_id",
        "receiver_organisation_id",
        "incident_organisation_id",
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), unique=True)
    instruction_id: Mapped[UUID] = mapped_column(ForeignKey("release_instruction.id"))
    shipment_id: Mapped[UUID | None] = mapped_column(ForeignKey("shipment.id"))
    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    incident_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    custodian_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    receiver_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    origin_site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    delivery_site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"))
    transit_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    call_off_id: Mapped[UUID | None] = mapped_column(ForeignKey("call_off.id"))
    """The call-off whose goods it fetches at the supplier's; None for goods that lie in a store."""
    state: Mapped[ConsignmentState] = mapped_column(Code(ConsignmentState))
    load_by: Mapped[datetime]
    """When its vehicle leaves by the plan; where the order came after that, as long after it as the office allows for loading."""
    planned_arrival_at: Mapped[datetime]
    """By the plan, or as much later as the order came too late for the planned departure."""
    accepted_at: Mapped[datetime | None]
    accepted_by_name: Mapped[str] = mapped_column(String(80))
    loaded_at: Mapped[datetime | None]
    departed_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    receiver: Mapped[str] = mapped_column(String(40))
    receiver_position: Mapped[str] = mapped_column(String(40))
    receiver_phone: Mapped[str] = mapped_column(String(40))
    is_seal_intact: Mapped[bool | None] = mapped_column(Boolean())
    rerouted_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    ended_because: Mapped[str] = mapped_column(String(200))


class ConsignmentLine(Base, Sealed):
    """One lot of a consignment: planned, loaded, and what was found at the other end.

    What is fetched at a supplier's is a lot from the moment it is loaded, and nothing is held for it: the contract is.
    """

    __tablename__ = "consignment_line"
    __table_args__ = (
        UniqueConstraint("consignment_id", "line_no"),
        Index("ix_consignment_line_request_line_id", "request_line_id"),
        Index("ix_consignment_line_reservation_id", "reservation_id"),
        CheckConstraint(
            "quantity > 0 AND shortened >= 0 AND shortened <= quantity AND loaded >= 0 AND loaded <= quantity - shortened",
            name="loaded",
        ),
        CheckConstraint(
            "good >= 0 AND damaged >= 0 AND refused >= 0 AND short >= 0 AND good + damaged + refused + short <= loaded",
            name="found",
        ),
        CheckConstraint(
            "call_off_item_id IS NOT NULL OR (lot_id IS NOT NULL AND reservation_id IS NOT NULL)", name="source"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    consignment_id: Mapped[UUID] = mapped_column(ForeignKey("consignment.id"))
    line_no: Mapped[int]
    plan_line_id: Mapped[UUID] = mapped_column(ForeignKey("plan_line.id"))
    request_line_id: Mapped[UUID] = mapped_column(ForeignKey("supply_request_line.id"))
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("lot.id"))
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("item.id"))
    reservation_id: Mapped[UUID | None] = mapped_column(ForeignKey("reservation.id"))
    call_off_item_id: Mapped[UUID | None] = mapped_column(ForeignKey("call_off_item.id"), unique=True)
    quantity: Mapped[int] = mapped_column(BigInteger())
    serves: Mapped[int] = mapped_column(BigInteger())
    shortened: Mapped[int] = mapped_column(BigInteger())
    """How much less than ordered is to be loaded, because its stock went to something more urgent or ran out."""
    turn_reason: Mapped[str] = mapped_column(String(120))
    """Why goods that expire later were loaded before others (FEFO)."""
    loaded: Mapped[int] = mapped_column(BigInteger())
    good: Mapped[int] = mapped_column(BigInteger())
    damaged: Mapped[int] = mapped_column(BigInteger())
    refused: Mapped[int] = mapped_column(BigInteger())
    short: Mapped[int] = mapped_column(BigInteger())

    @property
    def due(self) -> int:
        """What is still to be loaded of it."""
        return self.quantity - self.shortened


class Discrepancy(Base, AppendOnly, Sealed):
    """A difference found at handover, with its cause; it stays even when the goods turn up later."""

    __tablename__ = "discrepancy"
    __table_args__ = (Index("ix_discrepancy_consignment_id", "consignment_id"),)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    consignment_id: Mapped[UUID] = mapped_column(ForeignKey("consignment.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("consignment_line.id"))
    kind: Mapped[DiscrepancyKind] = mapped_column(Code(DiscrepancyKind))
    quantity: Mapped[int] = mapped_column(BigInteger())
    cause: Mapped[str] = mapped_column(String(400))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[UUID | None]


class OverdueAlert(Base, AppendOnly, Sealed):
    """That an order was not loaded, or did not arrive, by its time: noted once for each, whatever becomes of the order."""

    __tablename__ = "overdue_alert"
    __table_args__ = (UniqueConstraint("consignment_id", "kind"),)

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    consignment_id: Mapped[UUID] = mapped_column(ForeignKey("consignment.id"))
    kind: Mapped[ClockKind] = mapped_column(Code(ClockKind))
    due_at: Mapped[datetime]
    raised_at: Mapped[datetime]


class OverdueWatch(Base):
    """When the orders were last looked through for overdue ones."""

    __tablename__ = "overdue_watch"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    looked_at: Mapped[datetime]
