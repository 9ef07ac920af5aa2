"""Does a problem make sense? Every fault is a sentence that names the entity and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Protocol

from optimizer.model import SCHEMA_VERSION, LockMode, Problem, ProblemError, Terrain

QUANTITY_MAX = 10**18
AMOUNTS_OF_TYPE = ("height_cm", "tow_capacity_g", "fixed_cost_fen", "cost_per_km_fen", "cost_per_hour_fen")
LATITUDE_MAX_E6, LONGITUDE_MAX_E6 = 90_000_000, 180_000_000


class _Named(Protocol):
    @property
    def id(self) -> str: ...


def validate(problem: Problem) -> None:
    """Raise ProblemError with every fault found, up to a hundred."""
    faults = [fault for fault, _ in zip(_faults(problem), range(100), strict=False)]
    if faults:
        raise ProblemError(faults)


def _faults(problem: Problem) -> Iterator[str]:
    if problem.schema_version != SCHEMA_VERSION:
        yield f"problem {problem.id}: schema version {problem.schema_version} is not {SCHEMA_VERSION}"
    kinds: dict[str, Sequence[_Named]] = {
        "item": problem.items, "site": problem.sites, "line": problem.lines, "vehicle type": problem.vehicle_types,
        "vehicle": problem.vehicles, "node": problem.nodes, "edge": problem.edges, "source": [*problem.lots, *problem.contracts],
    }  # fmt: skip
    known = {}
    for kind, rows in kinds.items():
        known[kind] = {row.id for row in rows}
        yield from _repeats(kind, rows)
    yield from _things(problem, known)
    yield from _supply(problem, known)
    yield from _lines(problem, known)
    yield from _fleet(problem, known)
    yield from _roads(problem, known)
    yield from _locks(problem, known)
    yield from _standing(problem, known)
    yield from _rules(problem)


def _repeats(kind: str, rows: Iterable[_Named]) -> Iterator[str]:
    seen: set[str] = set()
    for row in rows:
        if not row.id:
            yield f"a {kind} has no id"
        if row.id in seen:
            yield f"{kind} {row.id}: the id stands for two of them"
        seen.add(row.id)


def _at_least(name: str, value: int, minimum: int, field: str, maximum: int = QUANTITY_MAX) -> Iterator[str]:
    if type(value) is not int or not minimum <= value <= maximum:
        yield f"{name}: {field} is {_shown(value)}, it must be a whole number from {minimum} to {maximum}"


def _shown(value: object) -> str:
    """A value in a sentence; of a number that fills the screen only that it does."""
    if type(value) is int and abs(value) > QUANTITY_MAX**2:
        return f"{'-' if value < 0 else ''}10^{int(value.bit_length() * 0.301)} or so"
    return repr(value)


def _all_at_least(name: str, row: object, minimum: int, *fields: str) -> Iterator[str]:
    """The same of several fields; one that says nothing (None) may."""
    for field in fields:
        if getattr(row, field) is not None:
            yield from _at_least(name, getattr(row, field), minimum, field)


def _refers(name: str, kind: str, value: str, known: dict[str, set[str]]) -> Iterator[str]:
    if value not in known[kind]:
        yield f"{name}: there is no {kind} {value!r}"


def _things(problem: Problem, known: dict[str, set[str]]) -> Iterator[str]:
    for item in problem.items:
        name = f"item {item.id}"
        yield from _at_least(name, item.unit_mass_g, 1, "unit mass in grams")
        yield from _at_least(name, item.unit_volume_cm3, 1, "unit volume in cubic centimetres")
        yield from _at_least(name, item.pack_quantity, 1, "pack quantity")
    for site in problem.sites:
        if site.node:
            yield from _refers(f"site {site.id}", "node", site.node, known)
        yield from _at_least(f"site {site.id}", site.loading_bays, 1, "loading bays")
        yield from _all_at_least(f"site {site.id}", site, 0, "size_class_max", "sends_g_max", "takes_cm3_max")


def _supply(problem: Problem, known: dict[str, set[str]]) -> Iterator[str]:
    for lot in problem.lots:
        name = f"lot {lot.id}"
        yield from _refers(name, "site", lot.site_id, known)
        yield from _refers(name, "item", lot.item_id, known)
        yield from _all_at_least(name, lot, 0, "quantity", "precedence", "available_at", "unit_price_fen")
        yield from _all_at_least(name, lot, -QUANTITY_MAX, "expires_at")
        for site_id in lot.only_sites:
            yield from _refers(name, "site", site_id, known)
    seen: set[tuple[str, str, str]] = set()
    for floor in problem.floors:
        name = f"floor of {floor.item_id} at {floor.site_id} for {floor.owner_id}"
        yield from _refers(name, "site", floor.site_id, known)
        yield from _refers(name, "item", floor.item_id, known)
        yield from _at_least(name, floor.quantity, 0, "quantity")
        if (floor.site_id, floor.item_id, floor.owner_id) in seen:
            yield f"{name}: given twice"
        seen.add((floor.site_id, floor.item_id, floor.owner_id))
    for contract in problem.contracts:
        name = f"contract {contract.id}"
        yield from _refers(name, "site", contract.site_id, known)
        yield from _refers(name, "item", contract.item_id, known)
        yield from _at_least(name, contract.minimum_order, 0, "minimum order")
        yield from _all_at_least(name, contract, 0, "precedence", "unit_price_fen")
        if contract.vehicle_type_id:
            yield from _refers(name, "vehicle type", contract.vehicle_type_id, known)
        steps = contract.steps
        rising = all(a.at <= b.at and a.quantity < b.quantity for a, b in pairwise(steps))
        if not rising or any(step.at < 0 or step.quantity < 1 for step in steps):
            yield f"{name}: its steps must not go back in time and must rise in quantity"
        for step in steps[-1:]:
            yield from _all_at_least(f"{name}: its last step", step, 0, "at", "quantity")


def _lines(problem: Problem, known: dict[str, set[str]]) -> Iterator[str]:
    for line in problem.lines:
        name = f"line {line.id}"
        yield from _refers(name, "site", line.site_id, known)
        yield from _refers(name, "item", line.item_id, known)
        for field in ("quantity", "class_rank", "persons", "severity"):
            yield from _at_least(name, getattr(line, field), 1, field)
        yield from _all_at_least(name, line, 0, "due_at", "opens_at", "size_class_max")
        if line.opens_at > line.due_at:
            yield f"{name}: its window closes at {line.due_at}, before it opens at {line.opens_at}"
        if not 0 <= line.protected_permille <= 1000:
            yield f"{name}: protected share is {line.protected_permille}, it must be 0 to 1000 permille"
        if not 0 <= line.minimum_fill <= line.quantity:
            yield f"{name}: minimum fill {line.minimum_fill} is not between 0 and {line.quantity}"
        if len({substitute.item_id for substitute in line.substitutes}) < len(line.substitutes):
            yield f"{name}: an item stands in for {line.item_id} twice, by two ratios"
        for substitute in line.substitutes:
            yield from _refers(name, "item", substitute.item_id, known)
            yield from _at_least(name, substitute.item_quantity, 1, f"item quantity of substitute {substitute.item_id}")
            yield from _at_least(
                name, substitute.substitute_quantity, 1, f"substitute quantity of substitute {substitute.item_id}"
            )
            if substitute.item_id == line.item_id:
                yield f"{name}: item {line.item_id} cannot stand in for itself"


def _fleet(problem: Problem, known: dict[str, set[str]]) -> Iterator[str]:
    for kind in problem.vehicle_types:
        name = f"vehicle type {kind.id}"
        yield from _at_least(name, kind.size_class, 1, "size class")
        yield from _at_least(name, kind.payload_g, 0, "payload in grams")
        yield from _at_least(name, kind.volume_cm3, 0, "volume in cubic centimetres")
        yield from _at_least(name, kind.gross_mass_kg, 1, "gross mass in kilograms")
        yield from _all_at_least(name, kind, 0, *AMOUNTS_OF_TYPE)
        for terrain in Terrain:
            if not 1 <= kind.speed_kmh.get(terrain, 0) <= 200:
                yield f"{name}: its speed on {terrain.value} must be 1 to 200 km/h"
    for vehicle in problem.vehicles:
        name = f"vehicle {vehicle.id}"
        yield from _refers(name, "vehicle type", vehicle.type_id, known)
        yield from _refers(name, "site", vehicle.base_site_id, known)
        yield from _at_least(name, vehicle.available_at, 0, "available_at")
        yield from _at_least(name, vehicle.drivers, 1, "drivers")
        yield from _all_at_least(name, vehicle, -QUANTITY_MAX, "free_until")
        if vehicle.free_until is not None and vehicle.free_until < vehicle.available_at:
            yield f"{name}: it stops being free before it starts"


def _roads(problem: Problem, known: dict[str, set[str]]) -> Iterator[str]:
    for node in problem.nodes:
        for field, most in (("lat_e6", LATITUDE_MAX_E6), ("lon_e6", LONGITUDE_MAX_E6)):
            yield from _at_least(f"node {node.id}", getattr(node, field), -most, field, most)
    for edge in problem.edges:
        name = f"edge {edge.id}"
        yield from _all_at_least(name, edge, 0, "size_class_max", "bridge_limit_kg", "height_limit_cm")
        yield from _refers(name, "node", edge.start, known)
        yield from _refers(name, "node", edge.end, known)
        yield from _at_least(name, edge.length_m, 1, "length in metres")
        if not 1 <= edge.factor_permille <= 1000:
            yield f"{name}: its speed factor is {edge.factor_permille}, it must be 1 to 1000 permille"


def _locks(problem: Problem, known: dict[str, set[str]]) -> Iterator[str]:
    items = {lot.id: lot.item_id for lot in problem.lots}
    items |= {contract.id: contract.item_id for contract in problem.contracts}
    lines = {line.id: line for line in problem.lines}
    seen: set[tuple[str, str]] = set()
    for lock in problem.locks:
        name = f"lock of {lock.source_id} for {lock.line_id}"
        yield from _refers(name, "source", lock.source_id, known)
        yield from _refers(name, "line", lock.line_id, known)
        yield from _at_least(name, lock.quantity, 0 if lock.mode is LockMode.FORBID else 1, "quantity")
        if (lock.source_id, lock.line_id) in seen:
            yield f"{name}: given twice"
        seen.add((lock.source_id, lock.line_id))
        line, item_id = lines.get(lock.line_id), items.get(lock.source_id)
        if line and item_id and item_id not in {line.item_id, *(s.item_id for s in line.substitutes)}:
            yield f"{name}: the source holds {item_id}, which the line cannot use"


def _standing(problem: Problem, known: dict[str, set[str]]) -> Iterator[str]:
    sites = {line.id: line.site_id for line in problem.lines}
    origins = {lot.id: lot.site_id for lot in problem.lots}
    origins |= {contract.id: contract.site_id for contract in problem.contracts}
    for trip in problem.standing:
        name = f"standing trip of {trip.vehicle_id} at {trip.starts_at}"
        yield from _refers(name, "vehicle", trip.vehicle_id, known)
        yield from _refers(name, "site", trip.origin_id, known)
        for site_id in trip.site_ids:
            yield from _refers(name, "site", site_id, known)
        if not trip.loads or set(trip.site_ids) != {sites.get(load.line_id) for load in trip.loads}:
            yield f"{name}: it does not stop exactly where its goods go"
        for load in trip.loads:
            yield from _refers(name, "source", load.source_id, known)
            yield from _refers(name, "line", load.line_id, known)
            yield from _at_least(name, load.quantity, 1, "quantity")
            yield from _at_least(name, load.serves, 1, "serves")
            if origins.get(load.source_id, trip.origin_id) != trip.origin_id:
                yield f"{name}: {load.source_id} does not lie where it loads"


def _rules(problem: Problem) -> Iterator[str]:
    rules = problem.rules
    yield from _at_least("rules", rules.stop_fixed_s, 0, "stop_fixed_s")
    yield from _at_least("rules", rules.packs_per_minute, 1, "packs_per_minute")
    yield from _at_least("rules", rules.horizon_s, 1, "horizon_s")
    yield from _at_least("rules", rules.late_s_max, 0, "late_s_max")
    yield from _at_least("rules", rules.drive_s_max_single, 1, "drive_s_max_single")
    yield from _at_least("rules", rules.drive_s_max_double, 1, "drive_s_max_double")
    yield from _all_at_least("rules", rules, 0, "waiting_fen_per_person_hour")
    for one, other in rules.incompatible_groups:
        if one == other:
            yield f"rules: load group {one} is incompatible with itself, so nothing of it could ever be loaded"
