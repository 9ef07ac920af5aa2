"""What units, slips and work look like to their readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from supplyops.assets.rules import AssetCondition, AssetDueKind, AssetWorkKind
from supplyops.places.rules import LocationKind
from supplyops.stock.rules import AssetEventKind, AssetState

PAGE = 50


@dataclass(frozen=True, slots=True)
class AssetFilter:
    """Which units are asked for; empty fields do not narrow."""

    text: str = ""
    sku: str = ""
    lot_number: str = ""
    site_code: str = ""
    team_code: str = ""
    location_id: UUID | None = None
    state: AssetState | None = None
    include_gone: bool = False
    """Also units that have left the real places: used up, lost, scrapped."""


@dataclass(frozen=True, slots=True)
class AssetRow:
    """A numbered unit: what it is, where it is, who has it."""

    id: UUID
    number: str
    serial_number: str
    maker_number: str
    sku: str
    item_name: str
    spec: str
    lot_number: str
    owner_code: str
    owner_name: str
    custodian_id: UUID | None
    location_id: UUID
    location_code: str
    location_name: str
    location_kind: LocationKind
    site_code: str
    site_name: str
    state: AssetState
    defect: str
    follow_up_on: date | None
    picked_for: str
    holder_name: str
    team_name: str
    received_by: str
    loan_number: str
    due_on: date | None
    """The day by which it is to be brought back."""
    meter_hours: int
    in_service_on: date | None
    warranty_until: date | None
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AssetEventRow:
    """One thing that happened to a unit."""

    seq: int
    kind: AssetEventKind
    happened_at: datetime
    recorded_at: datetime
    lot_number: str
    location_name: str
    document_kind: str
    document_number: str
    actor_name: str
    note: str


@dataclass(frozen=True, slots=True)
class AssetUpkeepRow:
    """One plan of a unit with when it is due."""

    kind: AssetWorkKind
    name: str
    last_on: date | None
    due_on: date | None
    due_at_hours: int | None
    certificate: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class AssetWorkRow:
    """Work done on a unit."""

    kind: AssetWorkKind
    plan_name: str
    done_on: date
    done_by: str
    is_passed: bool
    defect: str
    meter_hours: int
    cost_fen: int
    certificate: str
    valid_until: date | None
    recorded_by: str
    note: str


@dataclass(frozen=True, slots=True)
class AssetLoanLineRow:
    """One unit of a slip."""

    line_no: int
    asset_number: str
    serial_number: str
    item_name: str
    condition_out: AssetCondition
    meter_out: int
    handed_back_at: datetime | None
    condition_in: AssetCondition | None
    defects: str
    meter_in: int | None
    returned_by: str
    taken_back_by: str


@dataclass(frozen=True, slots=True)
class AssetLoanRow:
    """A slip: who has what until when."""

    id: UUID
    number: str
    organisation_id: UUID
    organisation_name: str
    site_code: str
    site_name: str
    holder_name: str
    team_code: str
    team_name: str
    received_by: str
    phone: str
    approved_by: str
    purpose: str
    due_on: date
    despite: str
    note: str
    handed_out_at: datetime
    handed_out_by: str
    closed_at: datetime | None
    is_overdue: bool
    lines: tuple[AssetLoanLineRow, ...]

    @property
    def out(self) -> int:
        """How many units are not back yet."""
        return sum(line.handed_back_at is None for line in self.lines)


@dataclass(frozen=True, slots=True)
class AssetPlanRow:
    """How often units of an item are worked on."""

    id: UUID
    sku: str
    item_name: str
    kind: AssetWorkKind
    name: str
    every_months: int | None
    every_hours: int | None
    instructions: str
    source_mark: str


@dataclass(frozen=True, slots=True)
class AssetDueRow:
    """Something to be done about a unit: bring it back, work on it, mend it."""

    kind: AssetDueKind
    asset_id: UUID
    asset_number: str
    serial_number: str
    item_name: str
    site_code: str
    site_name: str
    location_name: str
    what: str
    """The plan, the purpose of the loan and who has it, or the defect."""
    due_on: date | None
    due_at_hours: int | None
    meter_hours: int
    is_overdue: bool
    loan_number: str


@dataclass(frozen=True, slots=True)
class UnregisteredRow:
    """A place where fewer units of a serial-tracked lot are registered than lie there."""

    sku: str
    item_name: str
    unit: str
    lot_number: str
    location_code: str
    location_name: str
    site_name: str
    on_hand: int
    registered: int

    @property
    def missing(self) -> int:
        """How many have no number yet."""
        return self.on_hand - self.registered
