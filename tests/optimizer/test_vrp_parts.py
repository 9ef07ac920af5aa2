"""Parts of the routing engine: routes put together, PyVRP's search where ours leaves somebody out, fleets that only just suffice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer.vrp import columns, engine, kernel
from optimizer.vrp.budget import Budget
from optimizer.vrp.changes import put_in
from optimizer.vrp.check import check
from optimizer.vrp.compiled import best_routes, empty_state, load_plan, static_of
from optimizer.vrp.engine import solve
from optimizer.vrp.late import Late, late_acceptance
from optimizer.vrp.line import day_allows, make_room
from optimizer.vrp.memory import KNOWN, collect, empty_memory
from optimizer.vrp.order import Ordered, in_order
from optimizer.vrp.params import Params
from optimizer.vrp.problem import NEVER, Made, RoutingProblem, VehicleType, whole
from optimizer.vrp.recombine import recombine
from optimizer.vrp.recreate import recreate
from optimizer.vrp.ruin import ruin
from optimizer.vrp.sharing import knows
from optimizer.vrp.split import in_pieces, joined
from optimizer.vrp.trips import update
from tests.optimizer.test_vrp import CLASSES, problem


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


def just_enough() -> RoutingProblem:
    """Vehicles that are full to the last unit."""
    fleet = (VehicleType(1, (40,), fixed=5), VehicleType(2, (31,)), VehicleType(1, (17,), per_distance=2))
    case = problem(24, 5, fleet=fleet)
    rest = int(case.demand[1:-1].sum())
    case.demand[1:-1] = case.demand[1:-1] * 110 // rest
    case.demand[-1] = 119 - int(case.demand[1:-1].sum())
    return case


@pytest.mark.parametrize("clients_put_together", [0, 100])
def test_vehicles_that_only_just_suffice_serve_everybody(clients_put_together: int) -> None:
    case = just_enough()
    plan = solve(case, iterations=1_000, seed=1, params=Params(recombines_below=clients_put_together))
    assert not plan.unserved and check(case, plan.routes).is_feasible
    assert plan == solve(case, iterations=1_000, seed=1, params=Params(recombines_below=clients_put_together))


def test_who_is_left_out_is_looked_after_before_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where annealing stops at its first plan and the other search finds none, a plan that serves everybody is looked for by itself."""
    case = just_enough()
    whole_anneal = engine.Search._anneal

    def first_plan_only(self: engine.Search, begin: float, until: float, hot: float, stop: float = 1.0) -> None:
        if self.is_empty:
            whole_anneal(self, begin, 0.0, hot)

    monkeypatch.setattr(engine.Search, "_anneal", first_plan_only)
    monkeypatch.setattr(engine.Late, "run", lambda *_: None)
    assert not solve(case, iterations=4_000, seed=1).unserved
    monkeypatch.setattr(engine.Search, "_borrow", lambda *_: None)
    assert solve(case, iterations=4_000, seed=1).unserved


def sharing(clients: int, seed: int, **more: object) -> RoutingProblem:
    facts = {"demand": (9, 16), "may_split": True, "fleet": (VehicleType(60, (20,)),), **more}
    return problem(clients, seed, **facts)  # type: ignore[arg-type]


def pieces_alone(case: RoutingProblem, seed: int) -> int:
    parts = in_pieces(case)
    return joined(case, parts, solve(parts.problem, iterations=3_000, seed=seed)).cost


def test_sharing_as_one_goes_beats_pieces_cut_beforehand() -> None:
    """Two clients of 13 to 15 fill no vehicle of 20: who is not shared out costs a trip of its own."""
    gained = 0
    for seed in range(3):
        case = sharing(25, seed)
        plan = solve(case, iterations=3_000, seed=seed)
        verdict = check(case, plan.routes)
        assert verdict.is_feasible and verdict.cost == plan.cost
        assert verdict.cost <= pieces_alone(case, seed)
        visits = [visit.client for route in plan.routes for trip in route.trips for visit in trip]
        gained += len(visits) > len(set(visits))
    assert gained == 3


def test_shares_keep_to_fleets_depots_reach_and_who_may_come() -> None:
    near, far = VehicleType(20, (20,), 0, 0, distance_max=400), VehicleType(9, (45,), 1, 1, fixed=60, per_distance=2)
    allowed = np.ones((2, 22), bool)
    allowed[0, 5:9] = False
    case = sharing(20, 4, depots=2, fleet=(near, far), allowed=allowed)
    case.demand[6] = 130  # more than two loads of the larger
    plan = solve(case, iterations=1_500, seed=2)
    assert not plan.unserved and check(case, plan.routes).faults == ()
    assert check(case, plan.routes).cost == plan.cost


def test_a_fleet_whose_room_only_just_suffices_is_shared_out_to_the_last_unit() -> None:
    case = sharing(20, 5)
    asked = int(case.demand.sum())
    case.demand[1] += -asked % 20
    exact = replace(case, fleet=(VehicleType((asked + 19) // 20, (20,)),))
    plan = solve(exact, iterations=1_500, seed=1)
    assert not plan.unserved and check(exact, plan.routes).faults == ()
    short = replace(exact, fleet=(replace(exact.fleet[0], count=exact.fleet[0].count - 2),))
    plan = solve(short, iterations=600, seed=1)
    assert plan.unserved and not [
        fault for fault in check(short, plan.routes).faults if "route" in fault or "kind" in fault
    ]


def test_shares_go_on_from_a_plan_and_are_the_same_again() -> None:
    case = sharing(25, 6)
    good = solve(case, iterations=1_500, seed=3)
    assert solve(case, iterations=1_500, seed=3) == good
    again = solve(case, iterations=1, seed=4, start=good.routes)
    assert again.cost <= good.cost and check(case, again.routes).is_feasible


def test_where_time_matters_pieces_are_cut_beforehand() -> None:
    case = sharing(12, 7, windows=True)
    assert not knows(case)
    plan = solve(case, iterations=200, seed=1)
    assert check(case, plan.routes).is_feasible


def test_pyvrps_search_under_our_own_loop_shows_every_route_with_its_cost() -> None:
    case = problem(25, 3, windows=True)
    shown: list[tuple[int, list[list[int]], int]] = []
    made = Late(case, 1).run(Shares(300), seen=lambda kind, trips, cost: shown.append((kind, trips, cost)))
    assert made is not None and check(case, tuple(whole(case, trips, kind) for kind, trips in made)).is_feasible
    assert shown
    for kind, trips, cost in shown[:200]:
        verdict = check(case, (whole(case, trips, kind),))
        assert verdict.cost == cost and not [fault for fault in verdict.faults if "route" in fault]


def test_it_ends_no_worse_than_it_began_and_is_the_same_again() -> None:
    case = problem(30, 4, **CLASSES["several depots, limits"])  # type: ignore[arg-type]
    plan = solve(case, iterations=500, seed=1)
    ours = [(route.kind, [[visit.client for visit in trip] for trip in route.trips]) for route in plan.routes]
    made = Late(case, 5).run(Shares(200), ours)
    assert made is not None and cost_of(case, made) <= check(case, plan.routes).cost
    assert made == Late(case, 5).run(Shares(200), ours)


def test_both_searches_take_turns_and_what_either_saw_is_put_together() -> None:
    case = problem(35, 8, fleet=(VehicleType(2, (60,), fixed=90), VehicleType(9, (25,), fixed=20, per_distance=2)))
    both = solve(case, iterations=6_000, seed=2)
    assert both == solve(case, iterations=6_000, seed=2)
    assert both.iterations == 6_000 and check(case, both.routes).cost == both.cost
    alone = solve(case, iterations=6_000, seed=2, params=Params(stages_small=(("anneal", 1.0),)))
    assert both.cost <= alone.cost


class Shares:
    """The share of so many calls that is used."""

    def __init__(self, calls: int) -> None:
        self.calls, self.made = calls, -1

    def __call__(self) -> float:
        self.made += 1
        return self.made / self.calls


def test_many_clients_with_a_mixed_fleet_have_both_searches_as_well() -> None:
    case = problem(30, 9, fleet=(VehicleType(2, (60,), fixed=90), VehicleType(9, (25,), fixed=20, per_distance=2)))
    plan = solve(case, iterations=4_000, seed=1, params=Params(small=5))
    assert plan == solve(case, iterations=4_000, seed=1, params=Params(small=5))
    assert plan.iterations == 4_000 and check(case, plan.routes).cost == plan.cost
    other = solve(case, iterations=4_000, seed=1, params=Params(small=5, stages_mixed=(("anneal", 1.0),)))
    assert other.iterations == 4_000 and check(case, other.routes).is_feasible


def test_many_clients_without_windows_are_annealed_once_and_what_was_seen_is_put_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One long annealing finds more than several with routes put together in between."""
    asked: list[str] = []
    for name in ("_late", "_recombine"):
        method = getattr(engine.Search, name)

        def noted(search: engine.Search, *args: Any, _name: str = name, _method: Any = method, **more: Any) -> None:
            asked.append(_name)
            _method(search, *args, **more)

        monkeypatch.setattr(engine.Search, name, noted)
    case = problem(40, 4)
    plan = solve(case, iterations=4_000, seed=1, params=Params(small=5))
    assert asked == ["_recombine"]
    assert plan == solve(case, iterations=4_000, seed=1, params=Params(small=5))
    assert plan.iterations == 4_000 and check(case, plan.routes).is_feasible and not plan.unserved


def test_between_clusters_more_neighbours_are_looked_at() -> None:
    """Seven clusters of forty: among twenty neighbours of a client there is none of another cluster."""
    draw = np.random.default_rng(5)
    places = np.concatenate([[[0, 0]], *(draw.normal(at, 12, (40, 2)) for at in draw.integers(-500, 500, (7, 2)))])
    table = (np.round(10 * np.sqrt(((places[:, None] - places[None]) ** 2).sum(-1))).astype(np.int32),)
    demand = np.array([[0], *draw.integers(1, 12, (280, 1))], np.int64)
    zero = np.zeros(281, np.int64)
    case = RoutingProblem(
        1, table, table, demand, zero, zero, np.full(281, NEVER), zero, (VehicleType(280, (85,)),), places=places
    )
    cost = {near: solve(case, iterations=20_000, seed=1, params=Params(neighbours=near)).cost for near in (0, 20)}
    assert cost[0] < cost[20]


def test_a_plan_that_comes_where_it_may_not_is_none_of_pyvrps() -> None:
    allowed = np.ones((1, 9), bool)
    allowed[0, 4] = False
    case = replace(villages((VehicleType(8, (4,)),)), allowed=allowed)
    assert Late(case, 1).run(Shares(60)) is None
    plan = solve(case, iterations=900, seed=1)
    assert plan.unserved == (4,)
    assert not [fault for fault in check(case, plan.routes).faults if "may not" in fault]


TIED = {name: facts for name, facts in CLASSES.items() if name != "split"}


@pytest.mark.parametrize("name", TIED)
def test_what_is_known_of_a_trip_that_grew_is_what_walking_it_anew_says(name: str) -> None:
    case = one_way_longer(problem(40, 3, **TIED[name]))  # type: ignore[arg-type]
    static = static_of(case, 20)
    state, best = empty_state(case, static, 3)
    kernel.search(static, state, best, 300, 30.0, 1.0, 8.0, 8, 0.01)
    known, trips, segments, line = state.V.copy(), state.R.copy(), state.W.copy(), state.L.copy()
    live = [slot for slot in range(len(trips)) if trips[slot, columns.LIVES]]
    for slot in live:
        update(static, state, slot)
    served = known[:, columns.TRIP] >= 0
    assert served.sum() == 40
    assert (known[served] == state.V[served]).all()
    assert (segments[served] == state.W[served]).all()
    assert (trips[live] == state.R[live]).all() and (line[live] == state.L[live]).all()
    heads = [slot for slot in live if trips[slot, columns.BEFORE] < 0]
    assert (np.bincount(trips[heads, columns.KIND], minlength=len(state.used)) == state.used).all()


def one_way_longer(case: RoutingProblem) -> RoutingProblem:
    """The case with ways that are longer there than back."""
    table = case.distance[0].copy()
    table[np.triu_indices(len(table), 1)] += 3
    return replace(case, distance=(table,), duration=(table,))


def far_and_wide(clients: int, seed: int) -> RoutingProblem:
    """Windows, two kinds of vehicle that drive by tables of their own and may not go everywhere, ways longer there than back."""
    fleet = (VehicleType(90, (20,), start=0, end=1, profile=0), VehicleType(90, (31,), 1, 0, profile=1, fixed=7))
    case = one_way_longer(problem(clients, seed, depots=2, windows=True, releases=True, fleet=fleet))
    allowed = np.random.default_rng(seed).random((2, case.nodes)) < 0.8
    allowed[:, ~allowed.any(axis=0)] = True
    slow = (case.distance[0] * 3 // 2).astype(np.int32)
    return replace(case, distance=(*case.distance, slow), duration=(*case.duration, slow), allowed=allowed)


def test_clients_in_other_numbers_make_the_same_problem() -> None:
    case = far_and_wide(160, 2)
    ordered = in_order(case)
    assert sorted(ordered.origin) == list(range(case.nodes)) and list(ordered.origin[:2]) == [0, 1]
    assert in_order(far_and_wide(100, 2)).problem.clients == range(2, 102)  # few: as they are
    plan = solve(ordered.problem, iterations=200, seed=1)
    assert not plan.unserved
    there, here = check(ordered.problem, plan.routes), check(case, ordered.back(plan).routes)
    assert here.faults == () and here.cost == there.cost
    assert ordered.there(ordered.back(plan).routes) == plan.routes
    near = [
        np.abs(np.diff(table.problem.distance[0], axis=1))[:, 2:].mean()
        for table in (ordered, Ordered(case, ordered.origin))
    ]
    assert near[0] < 0.5 * near[1]  # neighbours by number are neighbours on the map


def test_many_clients_are_answered_in_their_own_numbers() -> None:
    case = far_and_wide(170, 4)
    first = solve(case, iterations=300, seed=1)
    assert check(case, first.routes).faults == () and not first.unserved
    assert first == solve(case, iterations=300, seed=1)
    again = solve(case, iterations=1, seed=2, start=first.routes)
    assert check(case, again.routes).is_feasible and again.cost <= first.cost
    none = solve(replace(case, fleet=tuple(replace(kind, count=2) for kind in case.fleet)), iterations=50, seed=1)
    served = {visit.client for route in none.routes for trip in route.trips for visit in trip}
    assert none.unserved == tuple(sorted(set(case.clients) - served)) and none.unserved


def day_of(*windows: int) -> RoutingProblem:
    """Clients an hour from one another and from the depot, of whom each fills a vehicle that makes up to three trips; the time
    each wants somebody to be there.
    """
    nodes = len(windows) + 1
    table = np.full((nodes, nodes), 60, np.int32)
    np.fill_diagonal(table, 0)
    early = np.array([0, *windows], np.int64)
    late = np.array([NEVER, *(at + 30 for at in windows)], np.int64)
    zero, demand = np.zeros(nodes, np.int64), np.array([[0], *[[1]] * len(windows)], np.int64)
    return RoutingProblem(1, (table,), (table,), demand, zero, early, late, zero, (VehicleType(2, (2,), trips_max=3),))


def grown(case: RoutingProblem, plan: Made, first: int, new: int) -> list[list[list[int]]] | None:
    """What vehicles do when `new` follows `first` and somebody must make room for it; None if nobody can."""
    static = static_of(case, 8)
    state, best = empty_state(case, static, 1)
    load_plan(static, state, plan)
    slot = int(state.V[first, columns.TRIP])
    arrives = int(case.early[new])
    if not day_allows(static, state, slot, 60 + arrives - 30, 30, 30, 180):  # leaves at 30, is back an hour after `new`
        return None
    put_in(state, slot, first, new)
    update(static, state, slot)
    make_room(static, state, slot)
    assert state.used[0] == 2
    kernel.remember(state, best)
    return sorted(trips for _, trips in best_routes(state, best))


def test_a_trip_that_grows_gets_time_from_another_vehicle() -> None:
    case = day_of(60, 240, 60, 330, 170)  # 1 and 5 in one trip: back at 230, too late to be with 2 by 270
    made = grown(case, [(0, [[1], [2]]), (0, [[3], [4]])], 1, 5)
    assert made == [[[1, 5], [4]], [[3], [2]]]
    assert check(case, tuple(whole(case, trips, 0) for trips in made)).is_feasible
    assert grown(case, [(0, [[1], [2]]), (0, [[3]])], 1, 5) == [[[1, 5]], [[3], [2]]]
    assert grown(day_of(60, 240, 240, 330, 170), [(0, [[1], [2]]), (0, [[3]])], 1, 5) is None  # both are out then


def test_a_round_that_can_no_longer_pay_is_broken_off_and_no_other() -> None:
    """With room for what it will cost and one more it ends as it does without end; with less it is broken off."""
    case = problem(40, 3, windows=True)
    for seed in range(5):
        outcomes = []
        for room in (columns.FAR, 1, 0, -20):
            static = static_of(case, 20)
            state, best = empty_state(case, static, seed)
            kernel.search(static, state, best, 200, 20.0, 1.0, 8.0, 8, 0.01)
            before, absent = int(kernel.total(static, state)), int(state.figures[columns.ABSENT])
            assert absent == 0
            state.figures[[columns.ROUND, columns.SAVED, columns.SAVED_VISITS]] = state.figures[columns.ROUND] + 1, 0, 0
            out = ruin(static, state, 8.0, 8)
            left = int(kernel.total(static, state))
            cost = outcomes[0][1] - left if outcomes else columns.FAR
            whole_round = recreate(static, state, out, 0.0, cost if room == columns.FAR else cost + room)
            outcomes.append((whole_round, int(kernel.total(static, state))))
            kernel.undo(static, state, state.kept, 0)
            assert kernel.total(static, state) == before
        assert outcomes[0][0] and outcomes[1] == outcomes[0]
        assert not outcomes[2][0] and not outcomes[3][0]


def test_ways_there_and_back_are_told_from_others() -> None:
    case = problem(30, 1)
    assert static_of(case, 8).bend == 2
    assert static_of(one_way_longer(case), 8).bend == 1
    detour = case.distance[0].copy()
    detour[5, :] = detour[:, 5] = 500
    detour[5, 6] = detour[6, 5] = 1
    assert static_of(replace(case, distance=(detour,), duration=(detour,)), 8).bend == 1


@pytest.mark.parametrize("name", ["one depot", "several depots, limits", "several trips", "price of time"])
def test_what_is_seen_without_looking_at_trips_changes_no_plan(name: str) -> None:
    """Where all drive at one price, places are passed by sooner: the plans are those of looking at each trip's own price."""
    case = problem(60, 3, **CLASSES[name])  # type: ignore[arg-type]
    plans = []
    for alike in (1, 0):
        static = static_of(case, 20)
        assert static.alike == 1
        static = static._replace(alike=alike)
        state, best = empty_state(case, static, 5)
        kernel.search(static, state, best, 2_000, 30.0, 1.0, 8.0, 8, 0.01)
        plans.append((int(state.figures[columns.BEST]), best_routes(state, best)))
    assert plans[0] == plans[1]


def test_where_prices_profiles_or_sizes_differ_each_trip_is_looked_at() -> None:
    kind = VehicleType(30, (30,), per_distance=3)
    case = problem(20, fleet=(kind,))
    assert static_of(case, 8).alike == 3
    both = replace(case, distance=case.distance * 2, duration=case.duration * 2)
    for fleet in (
        (kind, replace(kind, per_distance=2, duration_max=900)),
        (kind, replace(kind, capacity=(40,))),
        (replace(kind, profile=1),),
    ):
        assert static_of(replace(both, fleet=fleet), 8).alike == 0


@pytest.mark.parametrize(("windows", "below", "fewer"), [(True, 0, True), (False, 0, False), (True, 99, False)])
def test_many_rounds_for_each_client_take_out_fewer_where_windows_decide_among_many(
    windows: bool, below: int, fewer: bool
) -> None:
    params, case = Params(recombines_below=below), problem(20, windows=windows)
    usual, long = params.taken, params.taken_long if fewer else params.taken
    at = [0.0]

    def taken(done: int, **budget: float) -> float:
        spent = Budget(
            0.0, budget.get("seconds"), int(budget.get("iterations", 0)) or None, lambda: at[0], lambda: True, done
        )
        return engine.Search(case, spent, params, 1).taken()

    assert [taken(0, iterations=rounds * 20) for rounds in (1, params.long, params.long + 1)] == [usual, usual, long]
    assert taken(0, seconds=30.0) == usual, "nothing is known yet"
    at[0] = 3.0  # of 30
    assert [taken(rounds * 2, seconds=30.0) for rounds in (params.long, params.long + 1)] == [usual, long]
