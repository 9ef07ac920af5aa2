"""What is chosen anew at once: some lines, the vehicles that serve or could serve them, and what there is for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer.allocate.arcs import Arc
from optimizer.allocate.part import Room, burdens
from optimizer.model import DemandLine, Vehicle
from optimizer.rides import Book

VEHICLES_MAX = 3
LINES_MAX = 8
PLACES_MAX = 6
"""So many places to unload at."""
MORE_TRIPS = 2
"""So many trips may a vehicle make besides those it makes now."""
TRIPS_MAX = 12
"""Of all vehicles together."""
WAYS_MAX = 200
"""So many ways for goods, by pair and trip: more take the solver longer than they are worth."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Vehicles and lines whose trips and goods are chosen anew, by id, and the pairs by which goods can be there in time."""

    vehicles: tuple[str, ...]
    lines: tuple[str, ...]
    rides: frozenset[int]
    """Places of the rides that are given up."""
    arcs: tuple[Arc, ...]
    trips: dict[str, int]
    """By vehicle: how many it may make."""

    @property
    def key(self) -> object:
        """What is looked at; nothing is looked at twice while the plan stays as it is."""
        return self.vehicles, self.lines, self.rides, tuple(sorted(self.trips.items()))


@dataclass(slots=True)
class Rest:
    """What everything outside a scope leaves: of each supply (by place), of pools above their floors, of rooms; orders and bays taken."""

    left: dict[int, int]
    pools: dict[tuple[str, str, str], int]
    rooms: dict[Room, int]
    orders: dict[str, int]
    bays: dict[str, list[tuple[int, int]]]


def scopes(book: Book, lines: Sequence[DemandLine]) -> Iterator[Scope]:
    """One or more for each of these lines."""
    arcs: dict[str, list[Arc]] = defaultdict(list)
    for arc in book.net.arcs:
        if arc.is_in_time:
            arcs[book.problem.lines[arc.line].id].append(arc)
    for line in lines:
        if not arcs[line.id] or book.fixed_sources(line.id):
            continue
        able = _able(book, line, arcs[line.id])
        for first in range(0, max(len(able), 1), VEHICLES_MAX):
            found = _scope(book, line, able[first : first + VEHICLES_MAX], lines, arcs)
            if found is not None:
                yield found


def _able(book: Book, line: DemandLine, arcs: Sequence[Arc]) -> list[Vehicle]:
    """Vehicles that could bring the line something, or that carry what it could use: those with fewest lines aboard first."""
    net, sources = book.net, {book.net.supplies[arc.supply].source_id for arc in arcs}
    ways = {
        (supply.site_id, kind)
        for arc in arcs
        if (supply := net.supplies[arc.supply]).needs_vehicle
        for kind in net.reach.fitting(net.items[supply.item_id], supply.step, line.size_class_max)
        if net.reach.leads(book.kinds[kind], supply.site_id, line)
    }
    kinds = {kind for _, kind in ways}
    aboard: dict[str, set[str]] = defaultdict(set)
    holders, barred = set[str](), set[str]()
    for place, ride in enumerate(book.rides):
        aboard[ride.vehicle_id] |= {cargo.line_id for cargo in ride.cargos}
        if any(cargo.source_id in sources for cargo in ride.cargos):
            holders.add(ride.vehicle_id)
        if book.stands(place) or any(cargo.source_id in book.fixed_sources(cargo.line_id) for cargo in ride.cargos):
            barred.add(ride.vehicle_id)
    found, seen = [], set[object]()
    for vehicle in book.problem.vehicles:
        if vehicle.id in barred or not (vehicle.type_id in kinds or vehicle.id in holders):
            continue
        look = (vehicle.type_id, vehicle.base_site_id, vehicle.available_at, vehicle.free_until, vehicle.drivers)
        if not aboard[vehicle.id]:  # of vehicles that are alike and make no trip one is enough
            if look in seen:
                continue
            seen.add(look)
        found.append(vehicle)
    return sorted(found, key=lambda one: (one.type_id not in kinds, len(aboard[one.id] - {line.id}), one.id))


def _scope(
    book: Book,
    line: DemandLine,
    able: Sequence[Vehicle],
    needy: Sequence[DemandLine],
    arcs: dict[str, list[Arc]],
) -> Scope | None:
    """As many of these vehicles as may be, with all that they carry, and as many other lines that miss something."""
    wanted = {line.id}
    freed: set[int] = set()
    trips: dict[str, int] = {}

    def goes(lines: set[str], count: int) -> bool:
        """Are so many trips for those lines few enough?"""
        places = {book.lines[line_id].site_id for line_id in lines}
        ways = sum(len(arcs[line_id]) for line_id in lines) * count
        return len(lines) <= LINES_MAX and len(places) <= PLACES_MAX and count <= TRIPS_MAX and ways <= WAYS_MAX

    for vehicle in able:
        mine = [at for at, ride in enumerate(book.rides) if ride.vehicle_id == vehicle.id and ride.cargos]
        more = wanted | {cargo.line_id for at in mine for cargo in book.rides[at].cargos}
        for besides in range(MORE_TRIPS, 0, -1):
            if goes(more, sum(trips.values()) + len(mine) + besides):
                wanted = more
                freed.update(mine)
                trips[vehicle.id] = len(mine) + besides
                break
    others = [other.id for other in needy] + sorted({row.line_id for row in book.brought})
    for other_id in others:  # what suppliers bring may go to another line
        if not book.fixed_sources(other_id) and goes(wanted | {other_id}, sum(trips.values())):
            wanted.add(other_id)
    if any(book.fixed_sources(line_id) for line_id in wanted):
        return None
    chosen = tuple(arc for line_id in sorted(wanted) for arc in arcs[line_id])
    return Scope(tuple(trips), tuple(sorted(wanted)), frozenset(freed), chosen, trips)


def rest_of(book: Book, scope: Scope) -> Rest:
    """What is there for a scope when its rides and what suppliers bring its lines are given up."""
    net, problem, inside = book.net, book.problem, set(scope.lines)
    claims: dict[str, list[tuple[int, int]]] = defaultdict(list)
    rooms, bays = dict(book.rooms), defaultdict(list)
    for place, ride in enumerate(book.rides):
        if place in scope.rides or not ride.cargos:
            continue
        bays[ride.origin_id].append((ride.starts_at, book.clocks[place].loaded_at))
        for cargo in ride.cargos:
            claims[cargo.source_id].append((ride.starts_at, cargo.quantity))
        for room, each in book.tally.burden_of(ride).items():
            if room in rooms:
                rooms[room] -= each
    for row in book.brought:
        if row.line_id in inside:
            continue
        claims[row.source_id].append((row.arrives_at, row.quantity))
        room = (False, book.lines[row.line_id].site_id)
        if room in rooms:
            rooms[room] -= row.quantity * book.item_of(row.source_id).unit_volume_cm3
    left = {place: supply.quantity for place, supply in enumerate(net.supplies)}
    by_source: dict[str, list[int]] = defaultdict(list)
    for place, supply in enumerate(net.supplies):
        by_source[supply.source_id].append(place)
    for source_id, mine in claims.items():
        steps = sorted(by_source[source_id], key=lambda place: net.supplies[place].available_at, reverse=True)
        for at, quantity in sorted(mine):  # each out of the last step that had given by then
            for place in steps:
                if net.supplies[place].available_at <= at:
                    some = min(quantity, left[place])
                    left[place] -= some
                    quantity -= some
    pools: dict[tuple[str, str, str], int] = {}
    for floor in problem.floors:
        pool = (floor.site_id, floor.item_id, floor.owner_id)
        lots = [lot for lot in problem.lots if (lot.site_id, lot.item_id, lot.owner_id) == pool]
        taken = sum(quantity for lot in lots for _, quantity in claims[lot.id])
        pools[pool] = max(sum(lot.quantity for lot in lots) - taken - floor.quantity, 0)
    orders = {contract.id: sum(quantity for _, quantity in claims[contract.id]) for contract in problem.contracts}
    return Rest(left, pools, {room: max(most, 0) for room, most in rooms.items()}, orders, dict(bays))


def rooms_of(book: Book, arc: Arc) -> list[tuple[Room, int]]:
    """The limited rooms that a base unit on an arc takes up, and how much of them."""
    return burdens(book.net, arc, book.rooms)
