"""What areas, sites, locations and roads are."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supplyops.kernel.checks import Checks
from supplyops.kernel.keeping import StorageClass
from supplyops.people.rules import CODE_PATTERN, Level

EARTH_RADIUS_M = 6_371_008
VEHICLE_CLASS_MAX = 9


SHAPE_MAX = 60_000
SHAPE_PATTERN = re.compile(r"(-?\d{1,8},-?\d{1,9}( -?\d{1,8},-?\d{1,9})*)?")


def shape_points(shape: str) -> list[tuple[int, int]]:
    """The points of `RoadInput.shape`."""
    pairs = [pair.split(",") for pair in shape.split()]
    return [(int(lat), int(lon)) for lat, lon in pairs]


def on_earth(point: tuple[int, int]) -> bool:
    """Are these a latitude and a longitude?"""
    return abs(point[0]) <= 90_000_000 and abs(point[1]) <= 180_000_000


class SiteKind(StrEnum):
    """What a site is for."""

    WAREHOUSE = "warehouse"
    RESERVE_POINT = "reserve_point"
    DELIVERY_POINT = "delivery_point"
    SUPPLIER_STORE = "supplier_store"
    TEAM_BASE = "team_base"
    VEHICLE_YARD = "vehicle_yard"


class LocationKind(StrEnum):
    """Places that can hold stock. The virtual ones are where stock comes from and goes to; they have no balance."""

    STORAGE = "storage"
    QUARANTINE = "quarantine"
    TRANSIT = "transit"
    TEAM = "team"
    SUPPLIER = "supplier"
    DONOR = "donor"
    OPENING = "opening"
    OWNER = "owner"
    CONSUMED = "consumed"
    LOST = "lost"
    COUNT_DIFFERENCE = "count_difference"
    CONVERSION = "conversion"


REAL_KINDS = frozenset({LocationKind.STORAGE, LocationKind.QUARANTINE, LocationKind.TRANSIT, LocationKind.TEAM})
VIRTUAL_KINDS = frozenset(LocationKind) - REAL_KINDS


class Terrain(StrEnum):
    """Which column of a vehicle's speed table a road takes."""

    URBAN = "urban"
    PLAIN = "plain"
    MOUNTAIN = "mountain"


class RoadStatus(StrEnum):
    """What was reported of a road: 通 / 限 / 阻."""

    OPEN = "open"
    LIMITED = "limited"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the earth, WGS 84, in millionths of a degree."""

    lat_e6: int
    lon_e6: int

    def distance_m(self, other: Point) -> int:
        """Great-circle distance in metres (haversine, mean earth radius)."""
        lat1, lon1, lat2, lon2 = (math.radians(v / 1e6) for v in (self.lat_e6, self.lon_e6, other.lat_e6, other.lon_e6))
        h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        return round(2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h))))


def check_point(check: Checks, lat_e6: int | None, lon_e6: int | None) -> None:
    """Both or neither coordinate, each on the earth."""
    check.that((lat_e6 is None) == (lon_e6 is None), "lat_e6", "half_a_point")
    if lat_e6 is not None:
        check.that(abs(lat_e6) <= 90_000_000, "lat_e6", "off_the_earth", value=lat_e6 / 1e6)
    if lon_e6 is not None:
        check.that(abs(lon_e6) <= 180_000_000, "lon_e6", "off_the_earth", value=lon_e6 / 1e6)


@dataclass(frozen=True, slots=True)
class AreaInput:
    """An administrative division."""

    code: str
    name: str
    level: Level
    parent_code: str = ""
    population: int | None = None
    elevation_m: int | None = None
    lat_e6: int | None = None
    lon_e6: int | None = None
    source_mark: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(
            self.code.isascii() and self.code.isalnum() and len(self.code) <= 20,
            "code",
            "bad_code",
            value=self.code[:40],
        )
        check.that(self.parent_code != self.code, "parent_code", "own_parent")
        check.text("name", self.name, length_max=60)
        if self.population is not None:
            check.whole("population", self.population)
        if self.elevation_m is not None:
            check.whole("elevation_m", self.elevation_m, minimum=-500, maximum=9000)
        check_point(check, self.lat_e6, self.lon_e6)
        check.text("source_mark", self.source_mark, length_max=20, required=False)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class SiteInput:
    """A place with an address: a store, a point where people collect goods, a base."""

    code: str
    name: str
    kind: SiteKind
    organisation_code: str
    area_code: str
    level: Level
    road_node: str = ""
    address: str = ""
    lat_e6: int | None = None
    lon_e6: int | None = None
    capacity_cm3: int | None = None
    loading_bays: int = 1
    vehicle_class_max: int = VEHICLE_CLASS_MAX
    is_heated: bool = False
    contact: str = ""
    phone: str = ""
    shelter_capacity: int = 0
    has_water: bool = False
    has_power: bool = False
    has_sewage: bool = False
    has_toilets: bool = False
    source_mark: str = ""
    is_active: bool = True

    def __post_init__(self) -> None:
        check = Checks()
        check.that(CODE_PATTERN.fullmatch(self.code) is not None, "code", "bad_code", value=self.code[:40])
        check.text("name", self.name, length_max=60)
        check.whole("loading_bays", self.loading_bays, minimum=1, maximum=100)
        check.whole("vehicle_class_max", self.vehicle_class_max, minimum=1, maximum=VEHICLE_CLASS_MAX)
        check.whole("shelter_capacity", self.shelter_capacity, maximum=1_000_000)
        if self.capacity_cm3 is not None:
            check.whole("capacity_cm3", self.capacity_cm3, minimum=1, maximum=10**15)
        check_point(check, self.lat_e6, self.lon_e6)
        for name in ("address", "contact", "phone", "road_node", "source_mark"):
            check.text(name, getattr(self, name), length_max=80 if name == "address" else 40, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class LocationInput:
    """A storage location inside a site: store, zone, shelf, bin. Its code is what is scanned.

    `storage_class` is what it offers (None: nobody has said); goods first lie where `is_receiving`; the smaller the
    `walk_rank`, the nearer to the door.
    """

    code: str
    name: str
    site_code: str
    kind: LocationKind = LocationKind.STORAGE
    zone: str = ""
    shelf: str = ""
    bin: str = ""
    capacity_cm3: int | None = None
    storage_class: StorageClass | None = None
    is_receiving: bool = False
    walk_rank: int | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.that(CODE_PATTERN.fullmatch(self.code) is not None, "code", "bad_code", value=self.code[:40])
        check.text("name", self.name, length_max=60)
        allowed = [LocationKind.STORAGE, LocationKind.QUARANTINE, LocationKind.TEAM]
        check.one_of("kind", self.kind, allowed)
        for name in ("zone", "shelf", "bin"):
            check.text(name, getattr(self, name), length_max=20, required=False)
        check.that(not self.is_receiving or self.kind is LocationKind.STORAGE, "is_receiving", "receiving_is_storage")
        if self.walk_rank is not None:
            check.whole("walk_rank", self.walk_rank, minimum=1, maximum=100_000)
        if self.capacity_cm3 is not None:
            check.whole("capacity_cm3", self.capacity_cm3, minimum=1, maximum=10**15)
        check.done()


@dataclass(frozen=True, slots=True)
class RoadNodeInput:
    """A point of the road graph."""

    code: str
    name: str
    lat_e6: int
    lon_e6: int
    source_mark: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(CODE_PATTERN.fullmatch(self.code) is not None, "code", "bad_code", value=self.code[:40])
        check.text("name", self.name, length_max=60)
        check.text("source_mark", self.source_mark, length_max=20, required=False)
        check_point(check, self.lat_e6, self.lon_e6)
        check.done()


@dataclass(frozen=True, slots=True)
class RoadInput:
    """A stretch of road between two points of the graph."""

    code: str
    name: str
    from_code: str
    to_code: str
    length_m: int
    terrain: Terrain
    is_two_way: bool = True
    winter_factor_permille: int = 1000
    is_snow_prone: bool = False
    vehicle_class_max: int = VEHICLE_CLASS_MAX
    bridge_limit_kg: int | None = None
    closed_months: tuple[int, ...] = ()
    height_limit_cm: int | None = None
    is_ford: bool = False
    is_towing_barred: bool = False
    is_convoy_only: bool = False
    shape: str = ""
    """Points passed between the ends, latitude and longitude in millionths: "44200000,80400000 44210000,80410000"."""
    source_mark: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(CODE_PATTERN.fullmatch(self.code) is not None, "code", "bad_code", value=self.code[:40])
        check.text("name", self.name, length_max=60)
        check.that(self.from_code != self.to_code, "to_code", "own_end")
        check.whole("length_m", self.length_m, minimum=1, maximum=5_000_000)
        check.whole("winter_factor_permille", self.winter_factor_permille, minimum=50, maximum=1000)
        check.whole("vehicle_class_max", self.vehicle_class_max, minimum=1, maximum=VEHICLE_CLASS_MAX)
        if self.bridge_limit_kg is not None:
            check.whole("bridge_limit_kg", self.bridge_limit_kg, minimum=500, maximum=500_000)
        check.that(all(1 <= month <= 12 for month in self.closed_months), "closed_months", "bad_month")
        if self.height_limit_cm is not None:
            check.whole("height_limit_cm", self.height_limit_cm, minimum=100, maximum=2_000)
        shape = len(self.shape) <= SHAPE_MAX and SHAPE_PATTERN.fullmatch(self.shape) is not None
        check.that(shape and all(on_earth(point) for point in shape_points(self.shape)), "shape", "bad_shape")
        check.text("source_mark", self.source_mark, length_max=20, required=False)
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class RoadReportInput:
    """What somebody reports of a road. `vehicle_class_max` says what still passes where the road is limited."""

    road_code: str
    status: RoadStatus
    reason: str
    vehicle_class_max: int | None = None
    snow_vehicles_only: bool = False
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.text("reason", self.reason, length_max=200, required=self.status is not RoadStatus.OPEN)
        limited = self.vehicle_class_max is not None or self.snow_vehicles_only
        check.that(limited == (self.status is RoadStatus.LIMITED), "vehicle_class_max", "limit_only_when_limited")
        if self.vehicle_class_max is not None:
            check.whole("vehicle_class_max", self.vehicle_class_max, minimum=1, maximum=VEHICLE_CLASS_MAX)
        for name in ("valid_from", "valid_to"):
            if getattr(self, name) is not None:
                check.aware(name, getattr(self, name))
        if self.valid_from is not None and self.valid_to is not None:
            check.that(self.valid_to > self.valid_from, "valid_to", "ends_before_start")
        check.done()
