"""PyVRP's search called by ours: it may pass through plans that break rules, and so finds one where vehicles only just suffice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyvrp
from pyvrp import Activity, ActivityType, Client, Depot, Location, ProblemData, Route, VehicleType
from pyvrp.constants import MAX_VALUE

from optimizer.vrp.problem import NEVER, RoutingProblem

NONE_YET = int(np.iinfo(np.int64).max)
"""What PyVRP calls the cost of a plan that breaks rules."""
Made = list[tuple[int, list[list[int]]]]
"""(kind, trips of clients) for each vehicle."""


def late_acceptance(
    problem: RoutingProblem,
    may_go_on: Callable[[], bool],
    seed: int,
    start: Made | None = None,
    *,
    first_will_do: bool = False,
) -> Made | None:
    """The best plan found while `may_go_on`, with PyVRP's own settings; None if none keeps every rule.

    `first_will_do`: the first plan that keeps every rule is enough.
    """

    def is_over(best: int) -> bool:
        return not may_go_on() or (first_will_do and best < NONE_YET)

    data = to_pyvrp(problem)
    first = None if start is None else pyvrp.Solution(data, [_route(data, problem, *one) for one in start])
    result = pyvrp.solve(data, is_over, seed, collect_stats=False, display=False, initial_solution=first)
    return list(_made(problem, result.best)) if result.is_feasible() else None


def to_pyvrp(problem: RoutingProblem) -> Any:
    """The problem in PyVRP's words."""
    far = np.iinfo(np.int64).max

    def limit(value: int) -> int:
        return int(far) if value >= NEVER else int(value)

    places = problem.places if problem.places is not None else np.zeros((problem.nodes, 2))
    clients = [
        Client(
            at,
            delivery=[int(amount) for amount in problem.demand[at]],
            service_duration=int(problem.service[at]),
            tw_early=int(problem.early[at]),
            tw_late=limit(int(problem.late[at])),
            release_time=int(problem.release[at]),
        )
        for at in problem.clients
    ]
    depots = [
        Depot(at, tw_early=int(problem.early[at]), tw_late=limit(int(problem.late[at]))) for at in range(problem.depots)
    ]
    profiles = {} if problem.allowed is None else {row.tobytes(): row for row in problem.allowed}
    numbers = {key: number for number, key in enumerate(profiles)}
    kinds = []
    for at, kind in enumerate(problem.fleet):
        words: dict[str, Any] = {
            "num_available": kind.count,
            "capacity": list(kind.capacity),
            "start_depot": kind.start,
            "end_depot": kind.end,
            "fixed_cost": kind.fixed,
            "unit_distance_cost": kind.per_distance,
            "unit_duration_cost": kind.per_duration,
            "tw_early": kind.opens,
            "tw_late": limit(kind.closes),
            "shift_duration": limit(kind.duration_max),
            "max_distance": limit(kind.distance_max),
            "profile": numbers[problem.allowed[at].tobytes()] if problem.allowed is not None else kind.profile,
        }
        if kind.trips_max > 1:
            words.update(reload_depots=[kind.start], max_reloads=kind.trips_max - 1)
        kinds.append(VehicleType(**words))
    distance, duration = list(problem.distance), list(problem.duration)
    if profiles:
        distance = [_without(problem.distance[0], row) for row in profiles.values()]
        duration = [problem.duration[0]] * len(profiles)
    return ProblemData([Location(float(x), float(y)) for x, y in places], clients, depots, kinds, distance, duration)


def _without(table: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    out = table.astype(np.int64)
    out[:, ~allowed] = out[~allowed, :] = MAX_VALUE
    np.fill_diagonal(out, 0)
    return out


def _route(data: Any, problem: RoutingProblem, kind: int, trips: list[list[int]]) -> Any:
    depots = problem.depots
    activities = []
    for number, trip in enumerate(trips):
        if number:
            activities.append(Activity(ActivityType.DEPOT, problem.fleet[kind].start))
        activities += [Activity(ActivityType.CLIENT, client - depots) for client in trip]
    return Route(data, activities, kind)


def _made(problem: RoutingProblem, solution: Any) -> Iterator[tuple[int, list[list[int]]]]:
    for route in solution.routes():
        trips: list[list[int]] = [[]]
        for activity in list(route)[1:-1]:
            if activity.is_depot():
                trips.append([])
            else:
                trips[-1].append(activity.idx + problem.depots)
        yield route.vehicle_type(), [trip for trip in trips if trip]
