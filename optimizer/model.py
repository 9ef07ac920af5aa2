"""What is asked of the optimizer: a problem in the field's terms, whole units, frozen.

Units: grams, cubic centimetres, seconds, metres, fen. Instants are whole seconds after `Problem.starts_at`.
Ids are opaque text, unique within their kind. Validation is in `optimizer.validate`, JSON in `optimizer.codec`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

SCHEMA_VERSION = 1


class Terrain(StrEnum):
    """Which column of a vehicle's speed table an edge takes."""

    URBAN = "urban"
    PLAIN = "plain"
    MOUNTAIN = "mountain"
    SNOW = "snow"


class Carriage(StrEnum):
    """Who brings what a contract supplies: the supplier to the delivery point, or our vehicles from the supplier's site."""

    SUPPLIER = "supplier"
    FLEET = "fleet"


class LockMode(StrEnum):
    """How a source-to-line pair is fixed beforehand."""

    EXACTLY = "exactly"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    FORBID = "forbid"


@dataclass(frozen=True, slots=True)
class Item:
    """A kind of goods. Quantities of it are whole base units; stock leaves in whole packs unless it may be split."""

    id: str
    name: str
    unit_mass_g: int
    unit_volume_cm3: int
    pack_quantity: int = 1
    is_splittable: bool = True
    load_group: str = "general"
    needs_refrigeration: bool = False
    needs_warmth: bool = False
    is_towed: bool = False

    @property
    def step(self) -> int:
        """The smallest quantity that may be moved on its own."""
        return 1 if self.is_splittable else self.pack_quantity


@dataclass(frozen=True, slots=True)
class Site:
    """A place where goods lie or are needed. `node` is its point of the road graph; empty means no road leads there."""

    id: str
    name: str
    node: str
    size_class_max: int = 9
    loading_bays: int = 1
    sends_g_max: int | None = None
    """The most its crews can send off in the whole plan on vehicles of the fleet; None where nothing is said."""
    takes_cm3_max: int | None = None
    """The room it has for what is brought to it in the whole plan."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Free goods of one item, owner and expiry at one site. `precedence` is the rung of the order of use: lower goes first."""

    id: str
    site_id: str
    item_id: str
    owner_id: str
    quantity: int
    precedence: int = 0
    available_at: int = 0
    expires_at: int | None = None
    """The goods must have been delivered before this instant."""
    only_sites: tuple[str, ...] = ()
    """A donor's restriction: delivery sites that may have the lot; empty is any."""
    unit_price_fen: int = 0


@dataclass(frozen=True, slots=True)
class Floor:
    """So much of an item, of one owner, has to stay at a site. A constraint until an order lowers it."""

    site_id: str
    item_id: str
    owner_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Step:
    """From this instant on, so much altogether has come out of a contract."""

    at: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Contract:
    """One line of a supply contract, called off as a whole number of packs.

    With `Carriage.SUPPLIER` a step's instant is when that much can stand at the delivery point, provided a vehicle of
    `vehicle_type_id` can drive there from `site_id` at all. With `Carriage.FLEET` it is when that much can be picked up.
    """

    id: str
    item_id: str
    owner_id: str
    site_id: str
    steps: tuple[Step, ...]
    carriage: Carriage = Carriage.SUPPLIER
    vehicle_type_id: str = ""
    minimum_order: int = 0
    precedence: int = 0
    unit_price_fen: int = 0

    @property
    def quantity(self) -> int:
        """All it can give."""
        return self.steps[-1].quantity if self.steps else 0


@dataclass(frozen=True, slots=True)
class Substitute:
    """Another item that may stand in: `substitute_quantity` of it count as `item_quantity` of the one asked for."""

    item_id: str
    item_quantity: int
    substitute_quantity: int


@dataclass(frozen=True, slots=True)
class DemandLine:
    """So much of one item asked for at one site by an instant. Class 1 goes before class 2, strictly.

    Unloading may begin from `opens_at` on and has to be done by `due_at`.
    """

    id: str
    site_id: str
    item_id: str
    quantity: int
    class_rank: int
    persons: int
    due_at: int
    severity: int = 1
    protected_permille: int = 0
    minimum_fill: int = 0
    """Serving less than this is of no use: the line gets at least so much in time, or nothing."""
    substitutes: tuple[Substitute, ...] = ()
    size_class_max: int = 9
    """The largest vehicle that can reach the place of this request."""
    opens_at: int = 0

    @property
    def weight_permille(self) -> int:
        """How a line counts when shortage is shared within its class: severity × (1 + protected share)."""
        return self.severity * (1000 + self.protected_permille)


@dataclass(frozen=True, slots=True)
class VehicleType:
    """A type of vehicle. `size_class` meets the limits of roads and yards, `gross_mass_kg` those of bridges."""

    id: str
    name: str
    size_class: int
    payload_g: int
    volume_cm3: int
    gross_mass_kg: int
    speed_kmh: dict[Terrain, int]
    is_snow_capable: bool = False
    height_cm: int = 0
    """0: lower than any limit."""
    can_ford: bool = False
    is_towing: bool = False
    is_in_convoy: bool = False
    is_refrigerated: bool = False
    is_heated: bool = False
    tow_capacity_g: int = 0
    fixed_cost_fen: int = 0
    cost_per_km_fen: int = 0
    cost_per_hour_fen: int = 0


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle that may make any number of trips from its base while it is free. A trip loads at one site only."""

    id: str
    type_id: str
    base_site_id: str
    available_at: int = 0
    free_until: int | None = None
    drivers: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """A point of the road graph, WGS 84, millionths of a degree."""

    id: str
    lat_e6: int
    lon_e6: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A stretch of road as it is for the whole plan: season and reports are settled already.

    Travel time = length / (speed of the vehicle's type on `terrain` × factor), rounded up to whole seconds an edge.
    """

    id: str
    start: str
    end: str
    length_m: int
    terrain: Terrain
    factor_permille: int = 1000
    is_two_way: bool = True
    is_open: bool = True
    size_class_max: int = 9
    bridge_limit_kg: int | None = None
    snow_vehicles_only: bool = False
    height_limit_cm: int | None = None
    is_ford: bool = False
    is_towing_barred: bool = False
    is_convoy_only: bool = False


@dataclass(frozen=True, slots=True)
class Lock:
    """The commander's word on a source and a line. `FORBID` needs no quantity."""

    source_id: str
    line_id: str
    mode: LockMode
    quantity: int = 0


@dataclass(frozen=True, slots=True)
class StandingLoad:
    """So much of a source for a line on a standing trip, and what it counts for there."""

    source_id: str
    line_id: str
    quantity: int
    serves: int


@dataclass(frozen=True, slots=True)
class StandingTrip:
    """A trip that is loaded or leaves so soon that it takes place as it is, whatever else would be better.

    Roads and instants follow from these as for any trip. The strict order of classes is not asked of it.
    """

    vehicle_id: str
    origin_id: str
    starts_at: int
    """When loading starts."""
    site_ids: tuple[str, ...]
    """Delivery sites in their order."""
    loads: tuple[StandingLoad, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """Figures of the trade that apply to a whole plan; every one comes from the caller's parameters."""

    stop_fixed_s: int = 1200
    packs_per_minute: int = 10
    """Loading and unloading: `stop_fixed_s` plus one minute for every so many packs handled, rounded up."""
    incompatible_groups: tuple[tuple[str, str], ...] = ()
    drive_s_max_single: int = 8 * 3600
    """Most driving time of a trip with one driver."""
    drive_s_max_double: int = 16 * 3600
    horizon_s: int = 14 * 86_400
    """Nothing is planned later than this."""
    late_s_max: int = 2 * 86_400
    """Goods that come this late after a line's due instant still go; later than that they stay."""
    waiting_fen_per_person_hour: int | None = None
    """What an hour that one person of a line waits for it is worth in money, when trips are chosen. None: an earlier arrival
    goes before any cost, so a vehicle drives out to save a minute. Deadlines and classes come before either."""
    is_freezing: bool = False
    """Goods that need warmth travel only in heated vehicles."""

    def handling_s(self, packs: int) -> int:
        """Seconds a stop takes to load or unload so many packs."""
        return self.stop_fixed_s + 60 * -(-packs // self.packs_per_minute)

    def drive_s_max(self, drivers: int) -> int:
        """Most driving time of a trip with so many drivers."""
        return self.drive_s_max_single if drivers == 1 else self.drive_s_max_double


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything a plan is made from. Nothing outside it is looked at."""

    id: str
    starts_at: str
    """ISO instant that second 0 stands for; a label, never computed with."""
    items: tuple[Item, ...]
    sites: tuple[Site, ...]
    lots: tuple[Lot, ...]
    lines: tuple[DemandLine, ...]
    vehicle_types: tuple[VehicleType, ...]
    vehicles: tuple[Vehicle, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    floors: tuple[Floor, ...] = ()
    contracts: tuple[Contract, ...] = ()
    locks: tuple[Lock, ...] = ()
    standing: tuple[StandingTrip, ...] = ()
    rules: Rules = field(default_factory=Rules)
    schema_version: int = SCHEMA_VERSION


class ProblemError(ValueError):
    """A problem or solution that makes no sense. `faults` are sentences, each naming the entity and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
