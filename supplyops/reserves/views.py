"""Reserves as their readers see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from supplyops.catalogue.rules import GbMajor
from supplyops.norms.rules import ReserveMethod, Season
from supplyops.people.rules import Level
from supplyops.reserves.rules import Adequacy, Grouping


@dataclass(frozen=True, slots=True)
class AdequacyFilter:
    """Which reserves are asked for; empty fields do not narrow. Without a season the day's own holds.

    `good_until` counts only stock that is still good after that day, instead of the horizon in force, and contracts of that day.
    """

    level: Level | None = None
    area_code: str = ""
    tag: str = ""
    need_class: str = ""
    gb_major: GbMajor | None = None
    sku: str = ""
    colour: Adequacy | None = None
    season: Season | None = None
    good_until: date | None = None


@dataclass(frozen=True, slots=True)
class AdequacyRow:
    """One item at one place: what should be there, what is, and what is missing. Quantities are base units.

    `usable` is the place's own and what is kept with it; below the floor is less than plans have to leave in a store.
    """

    level: Level
    area_code: str
    place_name: str
    sku: str
    item_name: str
    spec: str
    unit: str
    need_class: str
    gb_major: GbMajor
    hazard_tags: tuple[str, ...]
    target: int
    floor: int
    persons: int
    method: ReserveMethod | None
    source_marks: tuple[str, ...]
    usable: int
    own: int
    delegated: int
    contract: int
    social: int
    reserved: int
    expiring: int
    expired: int
    quarantined: int
    held: int
    coverage_permille: int | None
    colour: Adequacy
    gap: int
    gap_cost_fen: int
    gap_volume_cm3: int
    gap_pallets: int
    is_below_floor: bool


@dataclass(frozen=True, slots=True)
class AdequacyGroup:
    """Reserves of one tier, place, tag or class together."""

    key: str
    name: str
    coverage_permille: int | None
    colour: Adequacy
    green: int
    amber: int
    red: int
    grey: int
    gap_cost_fen: int
    gap_volume_cm3: int
    gap_pallets: int

    @property
    def with_target(self) -> int:
        """Items that have a target."""
        return self.green + self.amber + self.red


@dataclass(frozen=True, slots=True)
class Crossing:
    """One way of grouping, tier by tier: which groups there are, and each tier's cell of each (None where it has none)."""

    by: Grouping
    names: tuple[str, ...]
    keys: tuple[str, ...]
    rows: tuple[tuple[AdequacyGroup | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Reserves at a glance: the tiers, each crossed with tags and classes, and every place."""

    tiers: tuple[AdequacyGroup, ...]
    places: tuple[AdequacyGroup, ...]
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class MethodRow:
    """What one way of counting people gives for one level: the ways differ tenfold, so each is shown."""

    level: Level
    area_code: str
    place_name: str
    method: ReserveMethod
    persons: int | None
    source_mark: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class StockBehind:
    """Stock that stands behind a figure, lot by lot, and why some of it does not count."""

    lot_number: str
    location_name: str
    site_code: str
    site_name: str
    owner_name: str
    expires_on: date | None
    on_hand: int
    reserved: int
    counted: int
    why_not: str


@dataclass(frozen=True, slots=True)
class ContractBehind:
    """A contract that stands behind a figure."""

    number: str
    supplier_name: str
    remaining: int
    deliverable: int
    valid_to: date


@dataclass(frozen=True, slots=True)
class StandIn:
    """Another item that may stand in: `substitute_quantity` of it serve as well as `item_quantity` of the one that is short."""

    sku: str
    item_name: str
    unit: str
    item_quantity: int
    substitute_quantity: int
    usable: int
    serves: int
    note: str


@dataclass(frozen=True, slots=True)
class AdequacyDetail:
    """A figure taken apart."""

    row: AdequacyRow
    season: Season
    asked_at: datetime
    stock: tuple[StockBehind, ...]
    society: tuple[StockBehind, ...]
    contracts: tuple[ContractBehind, ...]
    stand_ins: tuple[StandIn, ...]
    stands_in_for: tuple[StandIn, ...]


@dataclass(frozen=True, slots=True)
class CoverRow:
    """How long one item lasts; `hours` None is without end, 0 is not enough for what is needed at once."""

    sku: str
    item_name: str
    unit: str
    need_class: str
    usable: int
    needed_at_once: int
    needed_first_day: int
    hours: int | None
    source_marks: tuple[str, ...]
