"""Parts of the routing engine: routes put together, PyVRP's search where ours leaves somebody out, fleets that only just suffice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from optimizer.vrp.check import check
from optimizer.vrp.compiled import empty_state, load_plan, static_of
from optimizer.vrp.engine import Params, solve
from optimizer.vrp.late import Made, late_acceptance
from optimizer.vrp.memory import KNOWN, collect, empty_memory
from optimizer.vrp.problem import NEVER, RoutingProblem, VehicleType, whole
from optimizer.vrp.recombine import recombine
from tests.optimizer.test_vrp import CLASSES, problem

pytestmark = pytest.mark.xdist_group("compiled")


def villages(fleet: tuple[VehicleType, ...]) -> RoutingProblem:
    """Two clients north, two east, two south, two west of the depot; each asks for one."""
    places = np.array([[0, 0], [0, 10], [1, 10], [10, 0], [10, 1], [0, -10], [1, -10], [-10, 0], [-10, 1]], float)
    table = (np.round(10 * np.sqrt(((places[:, None] - places[None]) ** 2).sum(-1))).astype(np.int32),)
    zero = np.zeros(9, np.int64)
    demand = np.array([[0], *[[1]] * 8], np.int64)
    return RoutingProblem(1, table, table, demand, zero, zero, np.full(9, NEVER), zero, fleet)


def seen(case: RoutingProblem, *plans: Made) -> Callable[[int], Made | None]:
    """What is put together below a cost from plans that were seen."""
    static = static_of(case, 8)
    memory = empty_memory(case.nodes, len(case.fleet))
    for plan in plans:
        state, _ = empty_state(case, static, 0)
        load_plan(static, state, plan)
        collect(state, memory)
    return lambda cost: recombine(case, static, memory, cost, lambda: True)


def cost_of(case: RoutingProblem, plan: Made) -> int:
    return check(case, tuple(whole(case, trips, kind) for kind, trips in plan)).cost


def test_the_good_halves_of_two_plans_make_a_better_one() -> None:
    case = villages((VehicleType(4, (2,)),))
    north = [(0, [[1, 2]]), (0, [[3, 4]]), (0, [[5, 7]]), (0, [[6, 8]])]
    south = [(0, [[1, 3]]), (0, [[2, 4]]), (0, [[5, 6]]), (0, [[7, 8]])]
    best = [(0, [[1, 2]]), (0, [[3, 4]]), (0, [[5, 6]]), (0, [[7, 8]])]
    put_together = seen(case, north, south)
    made = put_together(cost_of(case, north))
    assert made is not None and cost_of(case, made) == cost_of(case, best)
    assert check(case, tuple(whole(case, trips, kind) for kind, trips in made)).is_feasible
    assert put_together(cost_of(case, best)) is None  # nothing below it


def test_no_more_vehicles_are_taken_than_there_are() -> None:
    case = villages((VehicleType(1, (4,)), VehicleType(2, (2,), fixed=500)))
    one = [(0, [[1, 2, 3, 4]]), (1, [[5, 7]]), (1, [[6, 8]])]
    other = [(0, [[5, 6, 7, 8]]), (1, [[1, 3]]), (1, [[2, 4]])]
    made = seen(case, one, other)(cost_of(case, one) + 1)
    assert made is not None and sum(kind == 0 for kind, _ in made) == 1
    assert cost_of(case, made) == min(cost_of(case, one), cost_of(case, other))


def test_the_same_visits_are_kept_once_in_their_cheapest_order() -> None:
    case = villages((VehicleType(1, (8,)),))
    static, memory = static_of(case, 8), empty_memory(9, 1)
    for order in ([1, 3, 2, 4, 5, 6, 7, 8], [1, 2, 3, 4, 5, 6, 7, 8], [8, 1, 3, 2, 4, 5, 6, 7]):
        state, _ = empty_state(case, static, 0)
        load_plan(static, state, [(0, [order])])
        collect(state, memory)
    live = [row for row in range(memory.figures[KNOWN]) if memory.costs[row] < 1 << 60]
    assert len(live) == 1
    assert list(memory.visits[memory.starts[live[0]] : memory.starts[live[0] + 1]]) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("name", sorted(set(CLASSES) - {"split"}))
def test_pyvrp_goes_on_from_our_plans(name: str) -> None:
    case = problem(15, 1, **CLASSES[name])  # type: ignore[arg-type]
    plan = solve(case, iterations=30, seed=1)
    ours = [(route.kind, [[visit.client for visit in trip] for trip in route.trips]) for route in plan.routes]
    calls = iter(range(40))
    made = late_acceptance(case, lambda: next(calls, None) is not None, 1, ours)
    assert made is not None
    verdict = check(case, tuple(whole(case, trips, kind) for kind, trips in made))
    assert verdict.is_feasible and verdict.cost <= check(case, plan.routes).cost


@pytest.mark.parametrize("clients_put_together", [0, 100])
def test_vehicles_that_only_just_suffice_serve_everybody(clients_put_together: int) -> None:
    fleet = (VehicleType(1, (40,), fixed=5), VehicleType(2, (31,)), VehicleType(1, (17,), per_distance=2))
    case = problem(24, 5, fleet=fleet)
    rest = int(case.demand[1:-1].sum())
    case.demand[1:-1] = case.demand[1:-1] * 110 // rest
    case.demand[-1] = 119 - int(case.demand[1:-1].sum())
    plan = solve(case, iterations=1_000, seed=1, params=Params(recombines_below=clients_put_together))
    assert not plan.unserved and check(case, plan.routes).is_feasible
    assert plan == solve(case, iterations=1_000, seed=1, params=Params(recombines_below=clients_put_together))
