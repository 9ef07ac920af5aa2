"""A plan judged by walking through it, one vehicle after another: written apart from the search, so that one bug cannot hide in both."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from optimizer.vrp.problem import NEVER, RoutingProblem, VehicleRoute, VehicleType, Visit


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the plan really costs, and everything that is wrong with it, in words."""

    cost: int
    faults: tuple[str, ...]

    @property
    def is_feasible(self) -> bool:
        """Is nothing wrong?"""
        return not self.faults


def check(problem: RoutingProblem, routes: tuple[VehicleRoute, ...]) -> Verdict:
    """Judge routes: fleet, load, distance, windows, releases, duration, and that everybody gets what was asked for."""
    faults: list[str] = []
    used: dict[int, int] = defaultdict(int)
    brought: dict[int, int] = defaultdict(int)
    visits: dict[int, int] = defaultdict(int)
    cost = 0
    for number, route in enumerate(routes, start=1):
        kind = problem.fleet[route.kind]
        used[route.kind] += 1
        for trip in route.trips:
            for visit in trip:
                brought[visit.client] += visit.quantity
                visits[visit.client] += 1
        cost += _vehicle(problem, kind, route, number, faults)
    for at, count in used.items():
        if count > problem.fleet[at].count:
            faults.append(f"kind {at}: {count} vehicles, there are {problem.fleet[at].count}")
    for client in problem.clients:
        asked = int(problem.demand[client, 0])
        if visits[client] != 1 and not (problem.may_split and visits[client] > 1):
            faults.append(f"client {client}: {visits[client]} visits")
        if brought[client] != asked:
            faults.append(f"client {client}: brought {brought[client]} of {asked}")
    return Verdict(cost, tuple(faults))


def _vehicle(problem: RoutingProblem, kind: VehicleType, route: VehicleRoute, number: int, faults: list[str]) -> int:
    """Walk through one vehicle's trips; its cost. Duration is the least for any departure that keeps every window."""
    table = problem.distance[kind.profile]
    if len(route.trips) > kind.trips_max:
        faults.append(f"route {number}: {len(route.trips)} trips, at most {kind.trips_max}")
    metres = 0
    for trip in route.trips:
        if problem.allowed is not None:
            barred = [visit.client for visit in trip if not problem.allowed[route.kind, visit.client]]
            faults += [f"route {number}: kind {route.kind} may not come to client {client}" for client in barred]
        _loads(problem, kind, trip, number, faults)
        stops = [kind.start, *(visit.client for visit in trip), kind.end]
        metres += sum(int(table[a, b]) for a, b in pairwise(stops))
    if metres > kind.distance_max:
        faults.append(f"route {number}: distance {metres} above {kind.distance_max}")
    earliest, late = _finish(problem, kind, route, None)
    faults += [f"route {number}: {late} too late somewhere"] if late else []
    duration = 0
    if not late:
        duration = earliest - _latest_start(problem, kind, route, earliest)
        if duration > kind.duration_max:
            faults.append(f"route {number}: duration {duration} above {kind.duration_max}")
    return kind.fixed + kind.per_distance * metres + kind.per_duration * duration


def _loads(problem: RoutingProblem, kind: VehicleType, trip: tuple[Visit, ...], number: int, faults: list[str]) -> None:
    for dimension, room in enumerate(kind.capacity):
        load = 0
        for visit in trip:
            load += visit.quantity if dimension == 0 else int(problem.demand[visit.client, dimension])
        if load > room:
            faults.append(f"route {number}: load {load} above {room}")


def _finish(problem: RoutingProblem, kind: VehicleType, route: VehicleRoute, start: int | None) -> tuple[int, int]:
    """(time back at the depot when leaving at `start` or as early as may be, how much too late it is anywhere)."""
    drive = problem.duration[kind.profile]
    now = max(kind.opens, int(problem.early[kind.start])) if start is None else start
    late = 0
    for trip in route.trips:
        now = max(now, *(int(problem.release[visit.client]) for visit in trip), int(problem.early[kind.start]))
        late = max(late, now - min(int(problem.late[kind.start]), kind.closes))
        at = kind.start
        for visit in trip:
            now = max(now + int(drive[at, visit.client]), int(problem.early[visit.client]))
            late = max(late, now - int(problem.late[visit.client]))
            now += int(problem.service[visit.client])
            at = visit.client
        now = max(now + int(drive[at, kind.end]), int(problem.early[kind.end]))
        late = max(late, now - min(int(problem.late[kind.end]), kind.closes))
    return now, late


def _latest_start(problem: RoutingProblem, kind: VehicleType, route: VehicleRoute, finish: int) -> int:
    """The latest departure that still finishes by `finish` with every window kept, found by halving."""
    low = max(kind.opens, int(problem.early[kind.start]))
    high = min(finish, NEVER)
    while low < high:
        middle = (low + high + 1) // 2
        back, late = _finish(problem, kind, route, middle)
        if back <= finish and late <= 0:
            low = middle
        else:
            high = middle - 1
    return low
