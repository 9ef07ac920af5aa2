"""What a vehicle type and a vehicle are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from supplyops.kernel.checks import Checks
from supplyops.people.rules import CODE_PATTERN
from supplyops.places.rules import VEHICLE_CLASS_MAX

PLATE_PATTERN = re.compile(r"[\u4e00-\u9fff][A-Z]·?[A-Z0-9]{5,6}")
SPEED_MAX_KMH = 130


class VehicleState(StrEnum):
    """Whether a vehicle can be sent."""

    READY = "ready"
    ON_TRIP = "on_trip"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class VehicleTypeInput:
    """A type of vehicle. `size_class` is compared with the limits of roads and yards; speeds are km/h by terrain.

    A snow speed is used on roads under snow; `is_snow_capable` types alone pass roads open to snow vehicles only.
    """

    code: str
    name: str
    size_class: int
    payload_g: int
    volume_cm3: int
    gross_mass_kg: int
    speed_urban_kmh: int
    speed_plain_kmh: int
    speed_mountain_kmh: int
    speed_snow_kmh: int
    is_snow_capable: bool = False
    height_cm: int = 0
    """0: lower than any limit."""
    can_ford: bool = False
    is_refrigerated: bool = False
    is_heated: bool = False
    tow_capacity_g: int = 0
    fixed_cost_fen: int = 0
    cost_per_km_fen: int = 0
    cost_per_hour_fen: int = 0
    source_mark: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(CODE_PATTERN.fullmatch(self.code) is not None, "code", "bad_code", value=self.code[:40])
        check.text("name", self.name, length_max=40)
        check.whole("size_class", self.size_class, minimum=1, maximum=VEHICLE_CLASS_MAX)
        check.whole("payload_g", self.payload_g, maximum=100_000_000)
        check.whole("volume_cm3", self.volume_cm3, maximum=10**9)
        check.whole("gross_mass_kg", self.gross_mass_kg, minimum=1, maximum=100_000)
        for name in ("speed_urban_kmh", "speed_plain_kmh", "speed_mountain_kmh", "speed_snow_kmh"):
            check.whole(name, getattr(self, name), minimum=1, maximum=SPEED_MAX_KMH)
        for name in ("fixed_cost_fen", "cost_per_km_fen", "cost_per_hour_fen", "tow_capacity_g"):
            check.whole(name, getattr(self, name))
        check.whole("height_cm", self.height_cm, maximum=1_000)
        check.text("source_mark", self.source_mark, length_max=20, required=False)
        check.that(self.payload_g > 0 or self.tow_capacity_g > 0, "payload_g", "carries_nothing")
        check.text("note", self.note, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class VehicleInput:
    """A vehicle with its base and driver."""

    plate: str
    type_code: str
    organisation_code: str
    base_site_code: str
    driver: str = ""
    driver_phone: str = ""
    second_driver: str = ""
    state: VehicleState = VehicleState.READY
    ready_minutes: int = 30
    contract_number: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(PLATE_PATTERN.fullmatch(self.plate) is not None, "plate", "bad_plate", value=self.plate[:40])
        check.whole("ready_minutes", self.ready_minutes, maximum=10_000)
        for name in ("driver", "driver_phone", "second_driver", "contract_number"):
            check.text(name, getattr(self, name), length_max=40, required=False)
        check.text("note", self.note, required=False)
        check.done()
