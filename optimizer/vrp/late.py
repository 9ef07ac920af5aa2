"""PyVRP's search called by ours: it may pass through plans that break rules, and so finds one where vehicles only just suffice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyvrp
from pyvrp import Activity, ActivityType, Client, Depot, Location, ProblemData, Route, VehicleType
from pyvrp.constants import MAX_VALUE
from pyvrp.PenaltyManager import PenaltyManager, PenaltyParams
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    NeighbourhoodParams,
    compute_neighbours,
)

from optimizer.vrp.problem import NEVER, Made, RoutingProblem

NONE_YET = int(np.iinfo(np.int64).max)
"""What PyVRP calls the cost of a plan that breaks rules."""
Seen = Callable[[int, list[list[int]], int], None]
"""Told what a vehicle does: its kind, its trips, what they cost."""
HISTORY_MIN, HISTORY_MAX = 20, 300
CALLS_FOR_ONE = 60
"""A plan is compared with the one so many calls ago that the search ends when it has hardly anything left to gain."""


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
    return _kept(problem, result.best)


class Late:
    """PyVRP's local search under our own loop, for seconds instead of minutes: late acceptance whose history is as long as the calls
    allow, and breaking a rule costs from the first call about what keeping it would. Plans may break rules on the way.
    """

    def __init__(self, problem: RoutingProblem, seed: int) -> None:
        self.problem = problem
        self.data = to_pyvrp(problem)
        self.random = pyvrp.RandomNumberGenerator(seed=seed)
        near = compute_neighbours(self.data, NeighbourhoodParams())
        self.search = LocalSearch(self.data, self.random, near)
        for operator in OPERATORS:
            if operator.supports(self.data):
                self.search.add_operator(operator(self.data))
        prices = _prices(problem)
        most = 1_000.0 * max(1.0, *prices[0], *prices[1:])
        self.prices = PenaltyManager(
            prices,
            PenaltyParams(
                solutions_between_updates=50,
                penalty_increase=1.3,
                penalty_decrease=0.85,
                target_feasible=0.4,
                max_penalty=max(PenaltyParams.max_penalty, most),
            ),
        )

    def run(self, used: Callable[[], float], start: Made | None = None, seen: Seen | None = None) -> Made | None:
        """The best plan found that keeps every rule, while the share `used` of the budget is below 1; None if there is none."""
        if start is None:
            random = pyvrp.Solution.make_random(self.data, self.random)
            first = self.search(random, self.prices.max_cost_evaluator(), exhaustive=True)
        else:
            first = pyvrp.Solution(self.data, [_route(self.data, self.problem, *one) for one in start])
        best = now = first
        history: list[Any] = [None] * HISTORY_MIN
        calls = 0
        while (share := used()) < 1.0:
            place = calls % len(history)
            calls += 1
            if calls == HISTORY_MIN + 1:
                wanted = calls / max(share, 1e-6) / CALLS_FOR_ONE
                history += [None] * (int(min(wanted, HISTORY_MAX)) - len(history))
            price = self.prices.cost_evaluator()
            made = self.search(now, price, exhaustive=False)
            self.prices.register(made)
            if price.cost(made) < price.cost(best):
                best = made
                made = self.search(made, price, exhaustive=True)
                best = made if made.is_feasible() else best
            cost, cost_now = price.penalised_cost(made), price.penalised_cost(now)
            before = price.penalised_cost(history[place] or first)
            if cost < before or cost < cost_now:
                if seen is not None and cost != cost_now and made.is_feasible():
                    self._show(made, seen)
                now, cost_now = made, cost
            if cost_now < before or history[place] is None:
                history[place] = now
        return _kept(self.problem, best)

    def _show(self, solution: Any, seen: Seen) -> None:
        for route, (kind, trips) in zip(solution.routes(), _made(self.problem, solution), strict=True):
            if trips and _may(self.problem, kind, trips):
                seen(kind, trips, route.fixed_vehicle_cost() + route.distance_cost() + route.duration_cost())


def _prices(problem: RoutingProblem) -> tuple[list[float], float, float]:
    """What a unit of load, time and distance too much costs to begin with: about what it costs to bring it there apart."""
    depots = problem.depots
    price = max(kind.per_distance + kind.per_duration for kind in problem.fleet)
    arc = float(np.median(problem.distance[0][0, depots:])) * price
    loads = [max(0.1, arc / max(float(mean), 1.0)) for mean in problem.demand[depots:].mean(axis=0)]
    return loads, float(max(price, 1)), float(max(price, 1))


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
    profiles: dict[tuple[int, bytes], tuple[int, np.ndarray]] = {}
    if problem.allowed is not None:
        for kind, row in zip(problem.fleet, problem.allowed, strict=True):
            profiles[kind.profile, row.tobytes()] = kind.profile, row
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
            "profile": numbers[kind.profile, problem.allowed[at].tobytes()]
            if problem.allowed is not None
            else kind.profile,
        }
        if kind.trips_max > 1:
            words.update(reload_depots=[kind.start], max_reloads=kind.trips_max - 1)
        kinds.append(VehicleType(**words))
    distance, duration = list(problem.distance), list(problem.duration)
    if profiles:
        distance = [_without(problem.distance[at], row) for at, row in profiles.values()]
        duration = [problem.duration[at] for at, _ in profiles.values()]
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


def _kept(problem: RoutingProblem, solution: Any) -> Made | None:
    """The plan if it keeps every rule; that a kind may not come somewhere is to PyVRP only a long way."""
    if not solution.is_feasible():
        return None
    made = list(_made(problem, solution))
    return made if all(_may(problem, kind, trips) for kind, trips in made) else None


def _may(problem: RoutingProblem, kind: int, trips: list[list[int]]) -> bool:
    """May this kind come to all of them?"""
    return problem.allowed is None or all(problem.allowed[kind, client] for trip in trips for client in trip)


def _made(problem: RoutingProblem, solution: Any) -> Iterator[tuple[int, list[list[int]]]]:
    for route in solution.routes():
        trips: list[list[int]] = [[]]
        for activity in list(route)[1:-1]:
            if activity.is_depot():
                trips.append([])
            else:
                trips[-1].append(activity.idx + problem.depots)
        yield route.vehicle_type(), [trip for trip in trips if trip]
