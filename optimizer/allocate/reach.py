"""When goods can be at a place at the earliest, on any vehicle of the fleet, were it sent for them alone.

A vehicle drives from its base to the store, loads, drives on, unloads and drives home; the time limits of `solution` and the
driver's hours hold. With one pack aboard this is a lower bound for any trip that brings the goods.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from optimizer.model import DemandLine, Item, Problem, Vehicle, VehicleType
from optimizer.passing import NEVER
from optimizer.solution import Why
from optimizer.travel import Roads

Whole = NDArray[np.int64]
FAR: int = 2**50
"""Later than any instant of a plan; sums of a few stay whole."""


class Goods(Protocol):
    """What `way` needs to know of a supply."""

    @property
    def item_id(self) -> str: ...
    @property
    def site_id(self) -> str: ...
    @property
    def available_at(self) -> int: ...
    @property
    def step(self) -> int: ...
    @property
    def needs_vehicle(self) -> bool: ...
    @property
    def contract(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Way:
    """The earliest arrival, or why there is none; `slow_by` says what holds it up when it is later than wanted."""

    arrives_at: int
    why: Why | None = None
    slow_by: Why = Why.DEADLINE


class Reach:
    """Earliest arrivals over the roads; rows are worked out once for each store, instant and set of vehicle types."""

    def __init__(self, problem: Problem, roads: Roads) -> None:
        self.problem, self.roads = problem, roads
        self._items = {item.id: item for item in problem.items}
        self._types = {kind.id: kind for kind in problem.vehicle_types}
        self._sites = {site.id: site for site in problem.sites}
        self._ends = sorted({line.site_id for line in problem.lines})
        self._place = {site_id: place for place, site_id in enumerate(self._ends)}
        self._all = sorted(
            {*self._ends, *(vehicle.base_site_id for vehicle in problem.vehicles)}
            | {lot.site_id for lot in problem.lots}
            | {contract.site_id for contract in problem.contracts}
        )
        self._at = {site_id: place for place, site_id in enumerate(self._all)}
        self._ends_at = np.array([self._at[end] for end in self._ends], dtype=np.int64)
        self._ends_size = np.array([self._sites[end].size_class_max for end in self._ends], dtype=np.int64)
        self._tables: dict[str, Whole] = {}
        self._rows: dict[tuple[str, int, tuple[str, ...]], tuple[list[int], list[int]]] = {}
        self._fleet = _alike(problem.vehicles)
        self._fitting: dict[tuple[str, int, int], tuple[str, ...]] = {}
        self._fleet_types = sorted({vehicle.type_id for vehicle in self._fleet})
        self._open: dict[str, set[str]] = {}
        self._next: dict[str, list[str]] = defaultdict(list)
        for edge in problem.edges:
            if edge.is_open:
                self._next[edge.start].append(edge.end)
                if edge.is_two_way:
                    self._next[edge.end].append(edge.start)
        self._handling_s = problem.rules.handling_s(1)

    def way(self, goods: Goods, line: DemandLine) -> Way:
        """How early the goods can have been unloaded for the line."""
        if not goods.needs_vehicle:
            return self._by_supplier(goods, line)
        item = self._items[goods.item_id]
        kinds = self.fitting(item, goods.step, line.size_class_max)
        if kinds:
            arrivals, unhindered = self._row(goods.site_id, goods.available_at, kinds)
            end = self._place[line.site_id]
            if arrivals[end] < FAR:
                last = line.due_at
                busy = unhindered[end] <= last < arrivals[end]
                arrival = max(arrivals[end], line.opens_at + self._handling_s)
                return Way(arrival, None, Why.VEHICLES if busy else Why.DEADLINE)
        return Way(FAR, self._blocked(goods, item, line, kinds))

    def fitting(self, item: Item, step: int, size_class_max: int = 9) -> tuple[str, ...]:
        """Types of the fleet that can hold one step of the item, up to that size, by id."""
        key = (item.id, step, size_class_max)
        if key not in self._fitting:
            self._fitting[key] = tuple(
                kind_id
                for kind_id in self._fleet_types
                if self._types[kind_id].size_class <= size_class_max
                and holds(self._types[kind_id], item, step, is_freezing=self.problem.rules.is_freezing)
            )
        return self._fitting[key]

    def leads(self, kind: VehicleType, origin_id: str, line: DemandLine) -> bool:
        """May a vehicle of the type drive from a site to the place of a line, and stop at both?"""
        return self.roads.may_enter(kind.id, origin_id) and self._drives(kind, origin_id, line)

    def _drives(self, kind: VehicleType, origin_id: str, line: DemandLine) -> bool:
        """May a vehicle of the type drive there and stop, were it at a site already?"""
        return (
            kind.size_class <= line.size_class_max
            and self.roads.may_enter(kind.id, line.site_id)
            and self._seconds(kind.id, origin_id, line.site_id) < FAR
        )

    def _by_supplier(self, goods: Goods, line: DemandLine) -> Way:
        type_id = goods.contract.vehicle_type_id
        # a yard's limit is for vehicles that come to it: how suppliers load their own is their affair
        if not type_id or self._drives(self._types[type_id], goods.site_id, line):
            return Way(max(goods.available_at, line.opens_at))
        return Way(FAR, self._road_fault(goods.site_id, line.site_id))

    def _road_fault(self, origin_id: str, end_id: str) -> Why:
        """No open way at all, or none for these vehicles?"""
        start, end = self._sites[origin_id].node, self._sites[end_id].node
        return Why.ROAD_LIMIT if start and end and end in self._connected(start) else Why.NO_ROAD

    def _connected(self, start: str) -> set[str]:
        """Nodes that open roads lead to, whatever their limits."""
        if start not in self._open:
            seen, todo = {start}, [start]
            while todo:
                for node in self._next.get(todo.pop(), ()):
                    if node not in seen:
                        seen.add(node)
                        todo.append(node)
            self._open[start] = seen
        return self._open[start]

    def _blocked(self, goods: Goods, item: Item, line: DemandLine, kinds: tuple[str, ...]) -> Why:
        """Why no vehicle brings it at all."""
        if self._road_fault(goods.site_id, line.site_id) is Why.NO_ROAD:
            return Why.NO_ROAD
        sized = self.fitting(item, goods.step)
        if not sized:
            special = (
                item.needs_refrigeration or item.is_towed or (item.needs_warmth and self.problem.rules.is_freezing)
            )
            return Why.EQUIPMENT if special and self._fleet else Why.VEHICLES
        if not any(self.leads(self._types[kind_id], goods.site_id, line) for kind_id in kinds):
            return Why.ROAD_LIMIT
        return Why.VEHICLES  # the road is there, but no vehicle can be back in its time

    def _row(self, origin_id: str, available_at: int, kinds: tuple[str, ...]) -> tuple[list[int], list[int]]:
        """By delivery site: earliest arrival, and the earliest were every vehicle at the store and free from the start."""
        key = (origin_id, available_at, kinds)
        if key not in self._rows:
            best = np.full(len(self._ends), FAR, dtype=np.int64)
            unhindered = best.copy()
            for vehicle in self._fleet:
                if vehicle.type_id in kinds and self.roads.may_enter(vehicle.type_id, origin_id):
                    arrivals, ideal = self._trip(vehicle, origin_id, available_at)
                    np.minimum(best, arrivals, out=best)
                    np.minimum(unhindered, ideal, out=unhindered)
            self._rows[key] = best.tolist(), unhindered.tolist()
        return self._rows[key]

    def _trip(self, vehicle: Vehicle, origin_id: str, available_at: int) -> tuple[Whole, Whole]:
        """Arrivals of one vehicle at every delivery site, FAR where it cannot go or would not be back in time."""
        rules, kind = self.problem.rules, self._types[vehicle.type_id]
        table = self._table(vehicle.type_id)
        base, origin = self._at[vehicle.base_site_id], self._at[origin_id]
        ends = self._ends_at
        out, over, home = table[base, origin], table[origin, ends], table[ends, base]
        starts = max(vehicle.available_at + int(out), available_at)
        arrivals = starts + self._handling_s + over + self._handling_s
        free_until = min(rules.horizon_s, rules.horizon_s if vehicle.free_until is None else vehicle.free_until)
        yard = kind.size_class <= self._ends_size
        possible = yard & (out + over + home <= rules.drive_s_max(vehicle.drivers)) & (arrivals + home <= free_until)
        ideal = available_at + 2 * self._handling_s + over
        return np.where(possible, arrivals, FAR), np.where(yard, ideal, FAR)

    def _seconds(self, type_id: str, origin_id: str, end_id: str) -> int:
        return int(self._table(type_id)[self._at[origin_id], self._at[end_id]])

    def _table(self, type_id: str) -> Whole:
        if type_id not in self._tables:
            table = np.array(self.roads.table(type_id, self._all), dtype=np.int64).reshape(
                len(self._all), len(self._all)
            )
            self._tables[type_id] = np.where(table >= NEVER, FAR, table)
        return self._tables[type_id]


def holds(kind: VehicleType, item: Item, quantity: int, *, is_freezing: bool) -> bool:
    """Can a vehicle of the type take so much of the item, alone?"""
    mass = quantity * item.unit_mass_g
    if item.needs_refrigeration and not kind.is_refrigerated:
        return False
    if item.needs_warmth and is_freezing and not kind.is_heated:
        return False
    if item.is_towed:
        return mass <= kind.tow_capacity_g
    return mass <= kind.payload_g and quantity * item.unit_volume_cm3 <= kind.volume_cm3


def _alike(vehicles: tuple[Vehicle, ...]) -> list[Vehicle]:
    """One vehicle for all that are alike here."""
    found = {
        (vehicle.type_id, vehicle.base_site_id, vehicle.available_at, vehicle.free_until, vehicle.drivers): vehicle
        for vehicle in vehicles
    }
    return list(found.values())
