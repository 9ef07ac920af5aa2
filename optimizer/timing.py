"""One ride by itself: whether its vehicle may make it, and when it does what. What else a plan has is not looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from optimizer.allocate.arcs import last_instant
from optimizer.model import Contract, DemandLine, Item, Lot, Problem
from optimizer.passing import NEVER
from optimizer.travel import Roads


@dataclass(frozen=True, slots=True)
class Cargo:
    """So much of one source for one line."""

    source_id: str
    line_id: str
    quantity: int
    serves: int


@dataclass(frozen=True, slots=True)
class Ride:
    """A trip that may change: its fixed points, and what it carries."""

    vehicle_id: str
    origin_id: str
    starts_at: int
    """When loading starts."""
    site_ids: tuple[str, ...]
    cargos: tuple[Cargo, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """When a ride does what: `unloaded_at` by delivery site."""

    departs_at: int
    loaded_at: int
    arrives_at: dict[str, int]
    unloaded_at: dict[str, int]
    returns_at: int


class Timing:
    """The instants of rides by the rules of `optimizer.solution`: seconds from the problem's start on."""

    def __init__(self, problem: Problem, roads: Roads) -> None:
        self.rules, self.roads = problem.rules, roads
        self.lines: dict[str, DemandLine] = {line.id: line for line in problem.lines}
        self.sources: dict[str, Lot | Contract] = {lot.id: lot for lot in problem.lots}
        self.sources |= {contract.id: contract for contract in problem.contracts}
        self.items: dict[str, Item] = {item.id: item for item in problem.items}
        self.item_of = {name: self.items[source.item_id] for name, source in self.sources.items()}
        """By lot or contract."""
        self.vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        self.kinds = {kind.id: kind for kind in problem.vehicle_types}
        self._last: dict[tuple[str, str], int] = {}

    def handling_s(self, cargos: Iterable[Cargo]) -> int:
        """Seconds a stop takes to load or unload these."""
        return self.rules.handling_s(sum(map(self._packs, cargos)))

    def clock(self, ride: Ride) -> Clock | None:
        """The instants of a ride; None where capacity, rules, roads or instants forbid it."""
        rules, vehicle = self.rules, self.vehicles[ride.vehicle_id]
        if not self._fits(ride):
            return None
        out = self.roads.time_s(vehicle.type_id, vehicle.base_site_id, ride.origin_id)
        if out is None:
            return None
        by_site = self._by_site(ride.cargos)
        loaded_at = at = ride.starts_at + rules.handling_s(sum(packs for packs, _, _ in by_site.values()))
        drive, here = out, ride.origin_id
        arrives, unloaded = {}, {}
        for site_id in ride.site_ids:
            leg = self.roads.time_s(vehicle.type_id, here, site_id)
            if leg is None:
                return None
            drive += leg
            arrives[site_id] = at + leg
            packs, opens_at, last = by_site.get(site_id, (0, 0, NEVER))
            at = max(at + leg, opens_at) + rules.handling_s(packs)
            if at > last:
                return None
            unloaded[site_id], here = at, site_id
        home = self.roads.time_s(vehicle.type_id, here, vehicle.base_site_id)
        free_until = rules.horizon_s if vehicle.free_until is None else min(vehicle.free_until, rules.horizon_s)
        departs_at = ride.starts_at - out
        if home is None or drive + home > rules.drive_s_max(vehicle.drivers):
            return None
        if at + home > free_until or departs_at < vehicle.available_at:
            return None
        assert by_site.keys() <= unloaded.keys(), "what is aboard is unloaded on the way"
        return Clock(departs_at, loaded_at, arrives, unloaded, at + home)

    def _packs(self, cargo: Cargo) -> int:
        return -(-cargo.quantity // self.item_of[cargo.source_id].pack_quantity)

    def _by_site(self, cargos: Iterable[Cargo]) -> dict[str, tuple[int, int, int]]:
        """Packs to unload at each site, when it is open for all of them, and the last instant at which all still count."""
        found: dict[str, tuple[int, int, int]] = {}
        for cargo in cargos:
            line = self.lines[cargo.line_id]
            packs, opens_at, last = found.get(line.site_id, (0, 0, NEVER))
            found[line.site_id] = (
                packs + self._packs(cargo),
                max(opens_at, line.opens_at),
                min(last, self._counts_until(cargo)),
            )
        return found

    def _fits(self, ride: Ride) -> bool:
        """Does the vehicle hold what the ride carries, and is all of it there when loading starts?"""
        kind = self.kinds[self.vehicles[ride.vehicle_id].type_id]
        mass = volume = towed = 0
        groups = set()
        for cargo in ride.cargos:
            item, source = self.item_of[cargo.source_id], self.sources[cargo.source_id]
            groups.add(item.load_group)
            if item.is_towed:
                towed += cargo.quantity * item.unit_mass_g
            else:
                mass += cargo.quantity * item.unit_mass_g
                volume += cargo.quantity * item.unit_volume_cm3
            cold = item.needs_refrigeration and not kind.is_refrigerated
            frozen = item.needs_warmth and self.rules.is_freezing and not kind.is_heated
            narrow = kind.size_class > self.lines[cargo.line_id].size_class_max
            if cold or frozen or narrow or (isinstance(source, Lot) and source.available_at > ride.starts_at):
                return False
        apart = any({one, other} <= groups for one, other in self.rules.incompatible_groups)
        return mass <= kind.payload_g and volume <= kind.volume_cm3 and towed <= kind.tow_capacity_g and not apart

    def _counts_until(self, cargo: Cargo) -> int:
        """The last instant at which the cargo is worth bringing."""
        key = (cargo.source_id, cargo.line_id)
        if key not in self._last:
            source = self.sources[cargo.source_id]
            expires_at = source.expires_at if isinstance(source, Lot) else None
            line = self.lines[cargo.line_id]
            self._last[key] = last_instant(line, expires_at, self.rules.horizon_s, late_s=self.rules.late_s_max)
        return self._last[key]
