"""Vehicle routing: every answer walked through by the checker, small ones compared with every plan there is."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from optimizer.vrp import check as judge
from optimizer.vrp.check import check
from optimizer.vrp.engine import solve
from optimizer.vrp.params import Params
from optimizer.vrp.problem import NEVER, RoutingProblem, VehicleRoute, VehicleType, Visit, whole

ROUNDS = 400


def problem(
    clients: int,
    seed: int = 1,
    *,
    depots: int = 1,
    fleet: tuple[VehicleType, ...] = (),
    demand: tuple[int, int] = (1, 9),
    windows: bool = False,
    releases: bool = False,
    **more: object,
) -> RoutingProblem:
    """Places at random in a square of 100; with windows, each half an hour of driving around when one could be there."""
    dice = np.random.default_rng(seed)
    nodes = depots + clients
    places = dice.integers(0, 101, (nodes, 2)).astype(float)
    table = (np.round(np.sqrt(((places[:, None] - places[None]) ** 2).sum(-1))).astype(np.int32),)
    asked = dice.integers(*demand, (nodes, 1))
    asked[:depots] = 0
    early, late = np.zeros(nodes, np.int64), np.full(nodes, NEVER, np.int64)
    release = np.zeros(nodes, np.int64)
    if windows:
        early[depots:] = dice.integers(50, 300, clients)
        late[depots:] = early[depots:] + 120
    if releases:
        release[depots:] = dice.integers(0, 60, clients)
    service = np.where(np.arange(nodes) < depots, 0, 5).astype(np.int64) if windows else np.zeros(nodes, np.int64)
    fleet = fleet or (VehicleType(clients, (20,)),)
    return RoutingProblem(depots, table, table, asked, service, early, late, release, fleet, **more)  # type: ignore[arg-type]


CLASSES = {
    "one depot": {},
    "windows": {"windows": True},
    "windows and releases": {"windows": True, "releases": True},
    "several depots, limits": {
        "depots": 3,
        "windows": True,
        "fleet": tuple(VehicleType(6, (25,), at, at, duration_max=260) for at in range(3)),
    },
    "distance limit": {"fleet": (VehicleType(30, (30,), distance_max=330),)},
    "mixed fleet": {"fleet": (VehicleType(4, (12,), fixed=20), VehicleType(6, (40,), fixed=60, per_distance=2))},
    "two dimensions of load": {"fleet": (VehicleType(30, (20,)),)},
    "several trips": {"windows": True, "fleet": (VehicleType(8, (15,), closes=900, trips_max=4),)},
    "several trips with releases": {
        "windows": True,
        "releases": True,
        "fleet": (VehicleType(8, (15,), closes=900, trips_max=4, duration_max=700),),
    },
    "several trips within a reach": {"fleet": (VehicleType(6, (15,), distance_max=370, trips_max=5),)},
    "several trips at a price": {
        "windows": True,
        "fleet": (VehicleType(8, (15,), closes=900, trips_max=4, fixed=40, per_duration=2),),
    },
    "price of time": {"windows": True, "fleet": (VehicleType(30, (20,), per_duration=2),)},
    "split": {"demand": (5, 30), "may_split": True, "fleet": (VehicleType(60, (20,)),)},
}


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("seed", range(3))
def test_every_route_keeps_every_rule(name: str, seed: int) -> None:
    case = problem(30, seed, **CLASSES[name])  # type: ignore[arg-type]
    if name == "two dimensions of load":
        case = replace(
            case, demand=np.column_stack([case.demand, case.demand[::-1] % 4]), fleet=(VehicleType(30, (20, 7)),)
        )
    plan = solve(case, iterations=ROUNDS, seed=seed)
    verdict = check(case, plan.routes)
    assert not plan.unserved
    assert verdict.faults == ()
    assert verdict.cost == plan.cost
    assert plan.iterations == ROUNDS


@pytest.mark.parametrize("seed", [27, 28])
def test_a_day_that_loses_its_first_trip_still_costs_its_vehicle(seed: int) -> None:
    fleet = (
        VehicleType(8, (15,), closes=900, trips_max=4, fixed=40),
        VehicleType(8, (25,), closes=900, trips_max=2, fixed=90),
    )
    case = problem(40, seed, windows=True, fleet=fleet)
    plan = solve(case, iterations=2_000, seed=seed, params=Params(stages_trips=(("anneal", 1.0),)))
    assert check(case, plan.routes).cost == plan.cost


def test_vehicles_come_only_where_they_may() -> None:
    allowed = np.ones((2, 21), bool)
    allowed[0, 1:11] = False
    case = problem(20, fleet=(VehicleType(9, (20,)), VehicleType(9, (20,), per_distance=5)), allowed=allowed)
    plan = solve(case, iterations=ROUNDS)
    assert check(case, plan.routes).is_feasible
    dear = {visit.client for route in plan.routes if route.kind == 1 for trip in route.trips for visit in trip}
    assert set(range(1, 11)) <= dear


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_small_plans_are_the_best_there_are(seed: int, windows: bool) -> None:
    case = problem(6, seed, windows=windows, fleet=(VehicleType(6, (14,), fixed=15),))
    assert solve(case, iterations=600, seed=seed).cost == best_of_all(case)


def best_of_all(case: RoutingProblem) -> int:
    """The least cost over all ways to share the clients out and all orders."""
    single: dict[frozenset[int], int] = {}
    for size in range(1, len(case.clients) + 1):
        for group in itertools.combinations(case.clients, size):
            costs = []
            for order in itertools.permutations(group):
                verdict = check(case, (whole(case, [order], 0),))
                if not any("route" in fault for fault in verdict.faults):
                    costs.append(verdict.cost)
            if costs:
                single[frozenset(group)] = min(costs)
    everybody = frozenset(case.clients)
    best = {frozenset[int](): 0}
    for size in range(1, len(everybody) + 1):
        for served in map(frozenset, itertools.combinations(case.clients, size)):
            first = min(served)
            options = [
                cost + best[served - group]
                for group, cost in single.items()
                if first in group and group <= served and served - group in best
            ]
            if options:
                best[served] = min(options)
    return best[everybody]


def test_the_same_seed_and_rounds_give_the_same_plan() -> None:
    case = problem(40, windows=True)
    assert solve(case, iterations=300, seed=7) == solve(case, iterations=300, seed=7)
    assert solve(case, iterations=300, seed=7).routes != solve(case, iterations=300, seed=8).routes


def test_too_few_vehicles_leave_clients_unserved() -> None:
    case = problem(20, demand=(5, 6), fleet=(VehicleType(2, (25,)),))
    plan = solve(case, iterations=ROUNDS)
    assert len(plan.unserved) == 10
    assert [fault for fault in check(case, plan.routes).faults if "route" in fault] == []


def test_a_client_too_large_for_any_vehicle_stays_behind() -> None:
    case = problem(8)
    case.demand[3] = 21
    assert solve(case, iterations=50).unserved == (3,)


def test_no_clients_and_one_client() -> None:
    assert solve(problem(0, fleet=(VehicleType(1, (5,)),)), iterations=5).routes == ()
    one = problem(1)
    plan = solve(one, iterations=5)
    assert plan.cost == 2 * int(one.distance[0][0, 1]) and check(one, plan.routes).is_feasible


def test_a_search_goes_on_from_a_plan() -> None:
    case = problem(60, windows=True)
    good = solve(case, iterations=2_000, seed=3)
    again = solve(case, iterations=1, seed=4, start=good.routes)
    assert again.cost <= good.cost


def test_a_search_stops_when_it_is_told() -> None:
    asked = iter([True, True, False])
    assert solve(problem(30), iterations=10**9, keep_going=lambda: next(asked)).iterations <= 600


def test_seconds_end_it() -> None:
    times = iter(range(100))
    plan = solve(problem(30), seconds=3.0, clock=lambda: float(next(times)))
    assert 0 < plan.iterations <= 600
    with pytest.raises(ValueError, match="seconds or iterations"):
        solve(problem(3))


def test_the_checker_finds_each_kind_of_fault() -> None:
    fleet = (VehicleType(1, (20,), distance_max=10_000, duration_max=10_000, closes=100_000),)
    case = problem(4, 2, demand=(1, 5), releases=True, fleet=fleet)
    good = solve(case, iterations=ROUNDS).routes
    assert check(case, good).is_feasible
    (route,) = good
    trip = route.trips[0]
    last = trip[-1].client
    faults = {
        "vehicles, there are": (case, (VehicleRoute(0, (trip[:2],)), VehicleRoute(0, (trip[2:],)))),
        "visits": (case, (VehicleRoute(0, (trip[:-1],)),)),
        "brought": (case, (VehicleRoute(0, ((*trip[:-1], Visit(last, trip[-1].quantity + 1)),)),)),
        "load": (replace(case, fleet=(replace(fleet[0], capacity=(int(case.demand.sum()) - 1,)),)), good),
        "distance": (replace(case, fleet=(replace(fleet[0], distance_max=10),)), good),
        "duration": (replace(case, fleet=(replace(fleet[0], duration_max=10),)), good),
        "too late": (replace(case, late=np.where(np.arange(5) == last, 1, case.late)), good),
        "trips, at most": (case, (VehicleRoute(0, (trip[:2], trip[2:])),)),
        "may not come": (replace(case, allowed=np.array([[True] * 4 + [False]])), good),
    }
    for words, (changed, routes) in faults.items():
        assert any(words in fault for fault in check(changed, routes).faults), words
    released = replace(case, release=np.where(np.arange(5) == last, 90_000, 0), late=np.full(5, NEVER))
    assert check(released, good).is_feasible
    assert not check(replace(released, late=np.full(5, 80_000)), good).is_feasible


def test_shapes_that_cannot_be_are_refused() -> None:
    case = problem(3)
    for change in (
        {"depots": 0},
        {"fleet": ()},
        {"fleet": (VehicleType(1, (1, 1)),)},
        {"fleet": (VehicleType(1, (1,), start=2),)},
        {"service": np.zeros(2, np.int64)},
        {"distance": (np.zeros((2, 2), np.int32),)},
        {"demand": np.ones((4, 2), np.int64), "may_split": True, "fleet": (VehicleType(1, (1, 1)),)},
    ):
        with pytest.raises(ValueError, match=r"\w"):
            replace(case, **change)  # type: ignore[arg-type]


def test_the_checker_stands_apart() -> None:
    assert judge.__file__ is not None
    imported = [line for line in Path(judge.__file__).read_text(encoding="utf-8").splitlines() if "import" in line]
    assert not [line for line in imported if "kernel" in line or "engine" in line or "compiled" in line]
