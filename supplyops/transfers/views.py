"""What is read of transfers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from supplyops.places.rules import SiteKind
from supplyops.transfers.rules import TransferFinding, TransferKind, TransferState


@dataclass(frozen=True, slots=True)
class TransferLineRow:
    """What was asked for."""

    line_no: int
    sku: str
    item_name: str
    unit: str
    quantity: int
    lot_number: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferLotRow:
    """One lot that goes."""

    id: UUID
    line_no: int
    sku: str
    item_name: str
    spec: str
    unit: str
    lot_number: str
    expires_on: date | None
    location_name: str
    quantity: int
    loaded: int
    good: int
    damaged: int
    short: int
    returned: int
    on_the_road: int
    target_name: str
    new_lot_number: str


@dataclass(frozen=True, slots=True)
class TransferDifferenceRow:
    """A difference found at the other end."""

    lot_number: str
    item_name: str
    finding: TransferFinding
    quantity: int
    cause: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class TransferArrivalLineRow:
    """What came of one lot at one time."""

    lot_number: str
    item_name: str
    unit: str
    good: int
    damaged: int
    short: int


@dataclass(frozen=True, slots=True)
class TransferArrivalRow:
    """Once goods came."""

    arrival_no: int
    receipt_number: str
    arrived_at: datetime
    receiver: str
    is_seal_intact: bool
    cause: str
    is_last: bool
    recorded_at: datetime
    recorded_by_name: str
    lines: tuple[TransferArrivalLineRow, ...]


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer with its lines."""

    id: UUID
    number: str
    kind: TransferKind
    state: TransferState
    owner_id: UUID
    owner_name: str
    new_owner_id: UUID | None
    new_owner_name: str
    approver_id: UUID
    approver_name: str
    from_site_code: str
    from_site_name: str
    from_organisation_id: UUID
    from_organisation_code: str
    from_organisation_name: str
    to_site_id: UUID
    to_site_code: str
    to_site_name: str
    to_organisation_id: UUID
    to_organisation_name: str
    reason: str
    is_owed_back: bool
    due_on: date | None
    settles: str
    obligation: str
    incident_id: UUID | None
    send_by: datetime
    arrive_by: datetime
    created_at: datetime
    created_by_id: UUID
    created_by_name: str
    decided_at: datetime | None
    decided_by_name: str
    carrier: str
    carrier_code: str
    vehicle: str
    driver: str
    driver_phone: str
    escort: str
    seal_number: str
    sent_at: datetime | None
    expected_at: datetime | None
    arrived_at: datetime | None
    closed_at: datetime | None
    receiver: str
    is_seal_intact: bool | None
    ended_because: str
    is_overdue: bool
    lines: tuple[TransferLineRow, ...]
    lots: tuple[TransferLotRow, ...]
    arrivals: tuple[TransferArrivalRow, ...]
    differences: tuple[TransferDifferenceRow, ...]

    @property
    def due_at(self) -> datetime:
        """What has to happen next, by when: loaded, then arrived."""
        return self.expected_at or (self.send_by if self.state is not TransferState.RECEIVED else self.arrive_by)


@dataclass(frozen=True, slots=True)
class TransferFilter:
    """Which transfers are asked for; empty fields do not narrow."""

    state: TransferState | None = None
    kind: TransferKind | None = None
    site_code: str = ""
    text: str = ""
    only_open: bool = False
    only_overdue: bool = False


ALL = TransferFilter()


STORES = (SiteKind.WAREHOUSE, SiteKind.RESERVE_POINT, SiteKind.DELIVERY_POINT)


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A store's name: enough to ask its keeper for goods, or to send it some."""

    code: str
    name: str
    organisation_name: str
