"""Orders as their readers see them: flat rows with their deadlines and what can be done next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from supplyops.contracts.rules import CallOffState
from supplyops.dispatch.rules import (
    Clock,
    ConsignmentState,
    DiscrepancyKind,
    InstructionState,
    OrderStep,
    ShipmentState,
)
from supplyops.stock.rules import LotState


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders are asked for; empty fields, and words that are no state, do not narrow. `only_open` leaves out what has ended."""

    incident_id: UUID | None = None
    state: str = ""
    only_open: bool = False
    only_overdue: bool = False
    instruction_id: UUID | None = None
    shipment_id: UUID | None = None
    site_code: str = ""
    """Where goods leave or arrive."""
    text: str = ""
    """Part of a number, a place or a plate."""


@dataclass(frozen=True, slots=True)
class InstructionRow:
    """A release instruction."""

    id: UUID
    number: str
    document_number: str
    plan_id: UUID
    plan_number: str
    incident_id: UUID
    incident_number: str
    incident_name: str
    owner_id: UUID
    owner_code: str
    owner_name: str
    state: InstructionState
    load_by: datetime
    arrive_by: datetime
    approved_at: datetime
    approved_by_name: str
    oral: dict[str, Any]
    paper_due_at: datetime | None
    paper_signed_at: datetime | None
    note: str
    ended_because: str
    consignments: int
    delivered: int
    clocks: tuple[Clock, ...]
    steps: tuple[OrderStep, ...]


@dataclass(frozen=True, slots=True)
class ConsignmentLineRow:
    """One lot of a consignment; what is fetched at a supplier's is of none before it is loaded, and nothing is held for it."""

    id: UUID
    line_no: int
    sku: str
    item_name: str
    spec: str
    unit: str
    pack_quantity: int
    lot_number: str
    expires_on: date | None
    location_name: str
    quantity: int
    shortened: int
    due: int
    turn_reason: str
    lot_state: LotState
    lot_reason: str
    quantity_held: int
    """What its hold was placed for."""
    held: int
    """What its hold still covers."""
    taken: int
    """What of its hold was taken over for something more urgent."""
    held_until: datetime | None
    is_expired: bool
    """Did the hold run out before loading?"""
    loaded: int
    good: int
    damaged: int
    refused: int
    short: int

    @property
    def left(self) -> int:
        """The most that may be loaded."""
        return min(self.due, max(self.quantity_held - self.taken, 0))

    @property
    def uncovered(self) -> int:
        """What is due and no longer held."""
        return max(self.due - self.held, 0)


@dataclass(frozen=True, slots=True)
class ConsignmentRow:
    """A consignment with its lines."""

    id: UUID
    number: str
    state: ConsignmentState
    instruction_id: UUID
    instruction_number: str
    instruction_document_number: str
    shipment_id: UUID | None
    shipment_number: str
    plate: str
    driver: str
    driver_phone: str
    incident_id: UUID
    incident_number: str
    incident_name: str
    owner_name: str
    custodian_name: str
    receiver_organisation_name: str
    origin_code: str
    origin_name: str
    delivery_code: str
    delivery_name: str
    delivery_contact: str
    delivery_phone: str
    rerouted_from_name: str
    call_off_id: UUID | None
    """The call-off whose goods it fetches at the supplier's (自提)."""
    call_off_number: str
    contract_number: str
    supplier_name: str
    load_by: datetime
    planned_arrival_at: datetime
    accepted_at: datetime | None
    accepted_by_name: str
    loaded_at: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    delivered_at: datetime | None
    receiver: str
    receiver_position: str
    receiver_phone: str
    is_seal_intact: bool | None
    ended_because: str
    lines: tuple[ConsignmentLineRow, ...]
    clocks: tuple[Clock, ...]
    steps: tuple[OrderStep, ...]


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A vehicle's trip and the consignments on it."""

    id: UUID
    number: str
    state: ShipmentState
    incident_id: UUID
    incident_number: str
    incident_name: str
    trip_no: int
    vehicle_id: UUID
    plate: str
    vehicle_type: str
    driver: str
    driver_phone: str
    carrier_name: str
    planned_departure_at: datetime
    planned_return_at: datetime
    departed_at: datetime | None
    closed_at: datetime | None
    distance_m: int
    seal_number: str
    stops: tuple[dict[str, Any], ...]
    clocks: tuple[Clock, ...]
    steps: tuple[OrderStep, ...]


@dataclass(frozen=True, slots=True)
class DiscrepancyRow:
    """A difference found at handover."""

    seq: int
    consignment_id: UUID
    consignment_number: str
    delivery_name: str
    item_name: str
    unit: str
    lot_number: str
    kind: DiscrepancyKind
    quantity: int
    cause: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """What a supplier is still to bring to a place in reach."""

    call_off_id: UUID
    call_off_number: str
    item_id: UUID
    state: CallOffState
    supplier_name: str
    sku: str
    item_name: str
    unit: str
    site_code: str
    site_name: str
    promised: int
    received: int
    due_at: datetime

    @property
    def outstanding(self) -> int:
        """What is still to come."""
        return self.promised - self.received
