"""Goods on the road: the handover paper of one vehicle (F5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supplyops.papers.contents.parts import Contact, DeliveryPoint, IncidentRef, Signed


@dataclass(frozen=True, slots=True)
class LoadLine:
    """One item for one stop."""

    name: str
    unit: str
    quantity: int
    spec: str = ""
    lot: str = ""
    packages: int = 0
    mass_g: int = 0
    volume_cm3: int = 0


@dataclass(frozen=True, slots=True)
class HandoverStop:
    """A place where the vehicle stops and goods are handed over; what is found there is left to the pen."""

    point: DeliveryPoint
    lines: tuple[LoadLine, ...]
    planned_at: datetime | None = None
    slip_number: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentHandover:
    """F5 运输交接单/签收单: one vehicle's trip. What the vehicle carries is the sum of what its stops receive."""

    shipper: str
    carrier: str
    plate: str
    vehicle_type: str
    driver: Contact
    origin: str
    stops: tuple[HandoverStop, ...]
    incident: IncidentRef | None = None
    plate_colour: str = ""
    escort: Contact | None = None
    seal_number: str = ""
    depart_at: datetime | None = None
    """When it is to leave by the plan."""
    route: str = ""
    distance_m: int | None = None
    toll_free_task: str = ""
    loaded: Signed | None = None
    note: str = ""
    left_at: datetime | None = None
    """When it left; papers from before this was kept have the place for the pen."""

    @property
    def slip_numbers(self) -> tuple[str, ...]:
        """The allocation slips this trip serves, each once, in the order of its stops."""
        return tuple(dict.fromkeys(stop.slip_number for stop in self.stops if stop.slip_number))

    @property
    def load(self) -> tuple[LoadLine, ...]:
        """What is on the vehicle at departure: equal goods of all stops in one line, in the order they first appear."""
        sums: dict[tuple[str, str, str], LoadLine] = {}
        for line in (line for stop in self.stops for line in stop.lines):
            key = (line.name, line.spec, line.unit)
            before = sums.get(key, LoadLine(line.name, line.unit, 0, line.spec))
            sums[key] = LoadLine(
                line.name,
                line.unit,
                before.quantity + line.quantity,
                line.spec,
                packages=before.packages + line.packages,
                mass_g=before.mass_g + line.mass_g,
                volume_cm3=before.volume_cm3 + line.volume_cm3,
            )
        return tuple(sums.values())

    @property
    def packages(self) -> int:
        """All packages on the vehicle."""
        return sum(line.packages for line in self.load)

    @property
    def mass_g(self) -> int:
        """All mass on the vehicle."""
        return sum(line.mass_g for line in self.load)

    @property
    def volume_cm3(self) -> int:
        """All volume on the vehicle."""
        return sum(line.volume_cm3 for line in self.load)
