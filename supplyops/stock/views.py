"""Stock as its readers see it: filters and flat rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from supplyops.people.rules import Level
from supplyops.places.rules import LocationKind
from supplyops.stock.rules import LotState, MoveReason

PAGE = 50


@dataclass(frozen=True, slots=True)
class StockFilter:
    """Which stock is asked for; empty fields do not narrow."""

    text: str = ""
    sku: str = ""
    owner_level: Level | None = None
    site_level: Level | None = None
    site_code: str = ""
    owner_code: str = ""
    lot_number: str = ""
    expires_by: date | None = None
    expires_from: date | None = None
    band: str = ""
    """One band of expiry: `expired`, the number of days a band ends with, `later`, `none`."""
    lot_state: LotState | None = None
    location_id: UUID | None = None
    include_empty: bool = False
    include_exercise: bool = False
    location_code: str = ""
    place_kinds: tuple[LocationKind, ...] = ()


@dataclass(frozen=True, slots=True)
class StockRow:
    """So much of one lot at one place."""

    location_id: UUID
    location_code: str
    location_name: str
    location_kind: LocationKind
    site_id: UUID | None
    site_code: str
    site_name: str
    site_level: Level | None
    lot_id: UUID
    lot_number: str
    sku: str
    item_name: str
    spec: str
    unit: str
    owner_code: str
    owner_name: str
    owner_level: Level
    fund_source: str
    produced_on: date | None
    came_on: date
    expires_on: date | None
    unit_price_fen: int
    restriction: str
    on_hand: int
    reserved: int
    lot_state: LotState

    @property
    def available(self) -> int:
        """What nobody has spoken for, of a lot that may be used."""
        return self.on_hand - self.reserved if self.lot_state is LotState.NORMAL else 0


@dataclass(frozen=True, slots=True)
class StockPage:
    """A page of the list of lots: its rows, how many the whole list has, which page it is of how many."""

    rows: list[StockRow]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ItemStock:
    """All stock of one item, by the level of its owner and by the level of the place it lies at."""

    item_id: UUID
    sku: str
    name: str
    spec: str
    unit: str
    need_class: str
    on_hand: int
    reserved: int
    in_transit: int
    quarantined: int
    by_owner: dict[Level, int]
    by_place: dict[Level, int]
    unusable: int = 0
    """What lies on shelves unreserved, but is on hold, recalled, damaged or past its date."""

    @property
    def available(self) -> int:
        """What lies on shelves, may be used, and nobody has spoken for."""
        return self.on_hand - self.reserved - self.unusable


@dataclass(frozen=True, slots=True)
class MoveFilter:
    """Which moves are asked for; empty fields do not narrow. `before_seq` pages backwards."""

    lot_id: UUID | None = None
    item_id: UUID | None = None
    location_id: UUID | None = None
    document_id: UUID | None = None
    posting_id: UUID | None = None
    sku: str = ""
    lot_number: str = ""
    site_code: str = ""
    location_code: str = ""
    actor: str = ""
    document_number: str = ""
    reason: MoveReason | None = None
    since: datetime | None = None
    until: datetime | None = None
    by_occurred: bool = False
    """Compare `since` and `until` with when it happened rather than when it was recorded."""
    before_seq: int | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One move as people read it."""

    seq: int
    posting_id: UUID
    reason: MoveReason
    lot_id: UUID
    lot_number: str
    sku: str
    item_name: str
    unit: str
    source_id: UUID
    source_name: str
    target_id: UUID
    target_name: str
    quantity: int
    document_kind: str
    document_id: UUID
    document_number: str
    occurred_at: datetime
    recorded_at: datetime
    actor_name: str
    reverses_id: UUID | None
    note: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot and where it lies."""

    id: UUID
    number: str
    sku: str
    item_name: str
    spec: str
    unit: str
    owner_code: str
    owner_name: str
    fund_source: str
    produced_on: date | None
    came_on: date
    expires_on: date | None
    unit_price_fen: int
    manufacturer: str
    maker_batch: str
    restriction: str
    restricted_area: str
    is_exercise: bool
    document_kind: str
    document_number: str
    created_at: datetime
    state: LotState
    state_reason: str
    state_at: datetime | None
    state_by: str


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """Who holds what, for which document, until when."""

    id: UUID
    document_kind: str
    document_id: UUID
    document_number: str
    location_name: str
    lot_number: str
    sku: str
    item_name: str
    quantity: int
    open_quantity: int
    expires_at: datetime
    created_at: datetime
