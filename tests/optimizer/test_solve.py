"""From a problem to a plan that the independent checker finds right."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from optimizer import mend, rides
from optimizer import solve as solving
from optimizer.allocate import allocate, open_network, stages
from optimizer.allocate.lp import Program
from optimizer.assemble import Draft
from optimizer.budget import Budget, Patience
from optimizer.check import check
from optimizer.emphasis import Emphasis, stressed
from optimizer.model import Contract, Lot, Problem, Rules, Step
from optimizer.replan.fill import _Hand
from optimizer.replan.top_up import topped_up
from optimizer.solution import Why
from optimizer.solve import PAST_S, solve
from optimizer.travel import Roads
from optimizer.worth import value
from tests.optimizer.make import HOUR, narrow, random_problem, random_size, small, windowed, with_rows


def test_scarce_tents_are_shared_evenly_and_the_rest_arrives_whole() -> None:
    problem = small()
    solution = solve(problem, Budget(iterations=20))
    served = {line.id: 0 for line in problem.lines}
    for allocation in solution.allocations:
        served[allocation.line_id] += allocation.serves
    assert served == {"A-tent": 30, "B-tent": 30, "A-quilt": 100, "B-quilt": 60}
    assert [(gap.line_id, gap.quantity, gap.reasons[0].code) for gap in solution.gaps] == [
        ("A-tent", 10, Why.SAME_CLASS),
        ("B-tent", 10, Why.SAME_CLASS),
    ]
    assert check(problem, solution).violations == ()


def test_no_pack_is_opened_for_a_unit_that_another_one_holds() -> None:
    """Where a place has a limit of room, quantities no longer come out whole by themselves; packs are still those it takes."""
    base = small()
    lots = tuple(
        Lot(f"quilt-{n}", "S", "quilt", owner, 500, precedence=rung, unit_price_fen=price)
        for n, (owner, rung, price) in enumerate(
            (("city", 0, 9_000), ("town", 0, 8_000), ("ward", 0, 0), ("shire", 1, 0))
        )
    )
    items = tuple(replace(item, pack_quantity=12, is_splittable=False) for item in base.items)
    sites = tuple(replace(site, takes_cm3_max=30_000_000) for site in base.sites)
    lines = tuple(replace(line, quantity=120) for line in base.lines[2:3])
    problem = replace(base, items=items, sites=sites, lots=lots, lines=lines)
    solution = solve(problem, Budget(iterations=5), seed=1)
    assert check(problem, solution).is_feasible
    assert sum(each.quantity for each in solution.allocations) == 120


def test_the_same_seed_and_iterations_give_the_same_plan() -> None:
    problem = small()
    one, other = solve(problem, Budget(iterations=15), seed=3), solve(problem, Budget(iterations=15), seed=3)
    assert (one.allocations, one.trips, one.gaps, one.figures) == (
        other.allocations,
        other.trips,
        other.gaps,
        other.figures,
    )


def test_a_supplier_loads_its_own_vehicles_although_its_yard_admits_none_of_that_size() -> None:
    contract = Contract("c", "tent", "firm", "S", (Step(HOUR, 80),), vehicle_type_id="truck")
    problem = replace(small(), lots=(), contracts=(contract,), lines=small().lines[:2])
    problem = with_rows(problem, "sites", S={"size_class_max": 3})
    solution = solve(problem, Budget(iterations=3))
    assert solution.gaps == ()
    assert check(problem, solution).violations == ()


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan, math.inf])
def test_a_budget_ends(seconds: float) -> None:
    with pytest.raises(ValueError, match="ends"):
        Budget(seconds=seconds)


def test_less_is_loaded_where_all_of_it_would_be_late() -> None:
    """A pack a minute, ten minutes on the road, and half an hour: ten tents can be in time, the other thirty cannot."""
    problem = with_rows(replace(small(), lines=small().lines[:1]), "lines", A_tent={"due_at": HOUR // 2})
    problem = replace(problem, rules=Rules(stop_fixed_s=0, packs_per_minute=1))
    solution = solve(problem, Budget(iterations=20))
    assert sum(row.serves for row in solution.allocations if not row.is_late) == 10
    assert [(gap.quantity, gap.late) for gap in solution.gaps] == [(30, 30)]
    assert check(problem, solution).violations == ()


def test_a_run_limited_by_seconds_is_found_again_from_its_number_of_steps() -> None:
    problem = drawn(4)
    live = solve(problem, Budget(seconds=2), seed=9)
    again = solve(problem, Budget(iterations=live.run.iterations), seed=9)
    assert live.run.stopped_by == "seconds"
    assert (live.allocations, live.trips, live.run.iterations) == (again.allocations, again.trips, again.run.iterations)


def test_without_vehicles_the_plan_is_empty_and_says_so() -> None:
    problem = small(vehicles=())
    solution = solve(problem, Budget(iterations=5))
    assert (solution.allocations, solution.trips) == ((), ())
    assert {gap.line_id: gap.reasons[0].code for gap in solution.gaps} == {
        line.id: Why.VEHICLES for line in problem.lines
    }
    assert check(problem, solution).violations == ()


def test_goods_are_unloaded_when_the_place_is_open() -> None:
    """A opens at hour 3, B at hour 1: the vehicle leaves late enough for A, or makes two trips."""
    lines = {"A_tent": {"opens_at": 3 * HOUR}, "A_quilt": {"opens_at": 3 * HOUR}, "B_tent": {"opens_at": HOUR}}
    problem = with_rows(small(), "lines", **lines)
    solution = solve(problem, Budget(iterations=30))
    assert check(problem, solution).violations == ()
    begins = {
        stop.site_id: stop.departs_at - 20 * 60 for trip in solution.trips for stop in trip.stops[1:-1] if stop.loads
    }
    assert begins["A"] >= 3 * HOUR - 20 * 60
    assert (
        solve(problem, Budget(iterations=30)).figures.classes == solve(small(), Budget(iterations=30)).figures.classes
    )
    early = solve(small(), Budget(iterations=30))
    codes = {violation.code for violation in check(problem, early).violations}
    assert "before_window_opens" in codes, "the plan for open doors is no plan for closed ones"


@pytest.mark.parametrize(
    ("site", "limit", "why", "violation"),
    [
        ("S", {"sends_g_max": 2_000_000}, Why.STORE_BUSY, "store_overloaded"),
        ("A", {"takes_cm3_max": 4_000_000}, Why.PLACE_FULL, "place_overloaded"),
    ],
)
def test_a_site_sends_and_takes_in_no_more_than_it_can(
    site: str, limit: dict[str, int], why: Why, violation: str
) -> None:
    """2 t are 40 of 80 tents and nothing for the quilts of class 3; 4 m³ are 20 of A's 40 tents."""
    problem = with_rows(with_rows(small(), "lots", tent_new={"quantity": 200}), "sites", **{site: limit})
    solution = solve(problem, Budget(iterations=20))
    assert check(problem, solution).violations == ()
    by_line = {gap.line_id: (gap.quantity, gap.reasons[0].code) for gap in solution.gaps}
    if site == "S":
        assert by_line["A-quilt"] == (100, why)
        assert sum(a.quantity for a in solution.allocations if a.item_id == "tent") == 40
    else:
        assert by_line["A-tent"] == (20, why)
        assert by_line["A-quilt"] == (100, why)
    codes = {found.code for found in check(problem, solve(small(), Budget(iterations=20))).violations}
    assert violation in codes


def test_without_stock_every_line_says_so() -> None:
    solution = solve(small(lots=()), Budget(iterations=5))
    assert {gap.reasons[0].code for gap in solution.gaps} == {Why.NO_STOCK}
    assert len(solution.gaps) == 4


def drawn(seed: int) -> Problem:
    return random_size(seed, vehicles=seed % 5)


QUICK = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


@QUICK
@given(st.integers(0, 5_000))
def test_every_plan_is_found_right_and_within_its_bounds(seed: int) -> None:
    """Floors, packs, locks, smallest quantities, roads, clocks, windows, strict classes, figures: all the checker knows."""
    problem = drawn(seed)
    if seed % 2:
        problem = windowed(problem, seed)
    if seed % 3 == 0:
        problem = narrow(problem, seed)
    solution = solve(problem, Budget(iterations=4))
    assert check(problem, solution).violations == ()
    assert all(
        row.bound_permille is not None and row.served_permille <= row.bound_permille for row in solution.figures.classes
    )


@QUICK
@given(st.integers(0, 5_000), st.integers(1, 300))
def test_more_stock_never_lowers_what_goods_allow_the_first_class(seed: int, more: int) -> None:
    problem = drawn(seed)
    if not problem.lots or not problem.lines:
        return
    lot = problem.lots[seed % len(problem.lots)]
    richer = with_rows(problem, "lots", **{lot.id.replace("-", "_"): {"quantity": lot.quantity + more}})
    assert first_class(richer) >= first_class(problem) - 1e-9


def first_class(problem: Problem) -> float:
    rank = min(line.class_rank for line in problem.lines)
    grants = allocate(open_network(problem, Roads(problem))).in_time
    lines = problem.lines
    return sum(
        lines[grant.arc.line].persons * grant.serves / lines[grant.arc.line].quantity
        for grant in grants
        if lines[grant.arc.line].class_rank == rank
    )


def test_goods_no_vehicle_can_fetch_in_time_are_looked_for_in_another_store() -> None:
    """The far store's tents come first in the order of use and could reach either village, but the one small truck cannot
    go there and serve both by hour 5. Allocation learns it and takes the tents that lie where the truck is."""
    problem = small()
    far = replace(problem.sites[0], id="T", name="far store", node="t")
    node = replace(problem.nodes[0], id="t")
    edge = replace(problem.edges[0], id="st", start="s", end="t", length_m=90_000)
    first = replace(problem.lots[0], id="far-tents", site_id="T", quantity=80, precedence=0, expires_at=None)
    near = replace(problem.lots[0], id="near-tents", quantity=80, precedence=1, expires_at=None)
    problem = replace(
        problem, sites=(*problem.sites, far), nodes=(*problem.nodes, node), edges=(*problem.edges, edge), lots=(first, near),
        lines=tuple(replace(line, due_at=5 * HOUR) for line in problem.lines if line.item_id == "tent"),
        vehicle_types=(replace(problem.vehicle_types[0], payload_g=2_000_000),),
    )  # fmt: skip
    wanted = {grant.arc.supply for grant in allocate(open_network(problem, Roads(problem))).in_time}
    assert wanted == {0}, "goods alone would all come from the far store"
    solution = solve(problem, Budget(iterations=80))
    assert solution.gaps == ()
    assert {allocation.source_id for allocation in solution.allocations} == {"near-tents"}
    assert check(problem, solution).violations == ()


def test_what_there_is_room_for_still_is_put_aboard_although_the_next_trip_then_leaves_a_minute_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = random_problem(178, plenty=1, stores=2, villages=4, items=2, vehicles=1)
    monkeypatch.setattr(
        solving, "together", lambda net, roads, made, goods, budget, seed: made
    )  # it would find it as well
    full = solve(problem, Budget(iterations=30))
    monkeypatch.setattr(solving, "topped_up", lambda net, roads, made, budget: made)
    bare = solve(problem, Budget(iterations=30))
    assert check(problem, full).violations == check(problem, bare).violations == ()
    served = [
        [row.serves for row in plan.allocations if (row.line_id, row.trip_no) == ("D3-i0", 4)] for plan in (bare, full)
    ]
    assert served == [[83], [100]]
    assert len(full.trips) == len(bare.trips), "on the trips there are"


def test_a_new_trip_goes_before_one_that_waits_for_its_goods() -> None:
    """The truck waits four hours for tents; quilts that lie there already need not wait for them, nor ride with them."""
    base = small()
    tents, quilts = Lot("tents", "S", "tent", "city", 40, available_at=4 * HOUR), base.lots[2]
    before = solve(replace(base, lots=(tents,), lines=base.lines[:1]), Budget(iterations=5), seed=1)
    problem = replace(base, lots=(tents, quilts), lines=(base.lines[0], base.lines[2]))
    roads = Roads(problem)
    made = topped_up(
        open_network(problem, roads),
        roads,
        Draft(before.allocations, before.trips),
        Budget(iterations=5).afterwards(PAST_S),
    )
    assert [(row.line_id, row.serves) for row in made.allocations] == [("A-quilt", 100), ("A-tent", 40)]
    assert [trip.departs_at for trip in made.trips] == [0, 4 * HOUR]


def test_topping_up_ends_with_the_seconds_of_a_budget_and_whatever_the_clock_says_not_with_its_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = random_problem(250, plenty=1, stores=2, villages=4, items=2, vehicles=1)
    roads = Roads(problem)
    net = open_network(problem, roads)
    looked: list[object] = []
    put = _Hand.put

    def putting(*args: Any, **named: Any) -> Any:
        looked.append(args)
        return put(*args, **named)

    monkeypatch.setattr(_Hand, "put", putting)

    def looks(**budget: Any) -> tuple[int, Draft]:
        looked.clear()
        made = topped_up(net, roads, Draft((), ()), Budget(**budget).afterwards(PAST_S))
        return len(looked), made

    def slow() -> Callable[[], float]:
        ticks = count()
        return lambda: next(ticks) * PAST_S / 4

    every, made = looks(iterations=1)
    assert looks(iterations=1, clock=slow()) == looks(seconds=1, clock=lambda: 0.0) == (every, made)
    few, less = looks(seconds=0.1, clock=slow())
    assert 0 < few < every
    assert less.allocations, "what was found by then is kept"
    assert value(problem, less) <= value(problem, made)


def test_all_that_follows_a_search_has_one_second_more_than_the_budget_altogether(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = random_problem(250, plenty=1, stores=2, villages=4, items=2, vehicles=1)
    now, ended_at = [0.0], []
    fuller, better = solving.topped_up, solving.together

    def ticking() -> float:
        now[0] += 0.001
        return now[0]

    def slow(look: Any) -> Any:
        def looking(*args: Any, **named: Any) -> Any:
            found = look(*args, **named)
            while args[-1].allows():
                now[0] += 0.25
            ended_at.append(now[0])
            return found

        return looking

    def searched(*args: Any) -> Any:
        found = search(*args)
        now[0] = max(now[0], 5.0)
        return found

    search = solving._search
    monkeypatch.setattr(solving, "_search", searched)
    monkeypatch.setattr(solving, "topped_up", slow(fuller))
    monkeypatch.setattr(solving, "together", slow(better))
    plan = solve(problem, Budget(seconds=5, clock=ticking))
    assert check(problem, plan).violations == ()
    assert ended_at
    assert max(ended_at) <= 5 + PAST_S + 0.5


def test_goods_that_are_hard_to_hand_out_exactly_leave_trips_their_share_of_the_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = random_problem(60, stores=3, villages=6, items=4, vehicles=3)
    now, asked = [0.0], []
    maximise = Program.maximise

    def ticking() -> float:
        now[0] += 0.001
        return now[0]

    def slow(program: Program, costs: Any) -> Any:
        now[0] += 1.0 if program.is_whole else 0.0
        asked.append(program.is_whole)
        return maximise(program, costs)

    monkeypatch.setattr(Program, "maximise", slow)
    solve(problem, Budget(iterations=10))
    patient = sum(asked)
    asked.clear()
    now[0] = 0.0
    plan = solve(problem, Budget(seconds=5, clock=ticking))
    assert check(problem, plan).violations == ()
    assert patient > 5 > sum(asked)


def test_goods_are_handed_out_exactly_however_long_the_trips_in_between_took(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    patience = Patience(Budget(seconds=10, clock=lambda: now[0]), 0.4)
    for _ in range(3):
        with patience:
            now[0] += 1
            assert not patience.is_over()
        now[0] += 2
    with patience:
        now[0] += 1.5
        assert patience.is_over()
    assert not Patience(Budget(iterations=1), 0.0).is_over()
    problem, hurried = random_problem(60, stores=3, villages=6, items=4, vehicles=3), []
    routed, settle = solving._routed, stages.settle

    def ticking() -> float:
        now[0] += 0.001
        return now[0]

    def slow(*args: Any) -> Any:
        now[0] += 4
        return routed(*args)

    def seen(part: Any, seed: int) -> Any:
        hurried.append(part.net.hurries())
        return settle(part, seed)

    monkeypatch.setattr(solving, "_routed", slow)
    monkeypatch.setattr("optimizer.allocate.settle", seen)
    solve(problem, Budget(seconds=12, clock=ticking))
    assert len(hurried) > 3
    assert not any(hurried)


@pytest.mark.parametrize("emphasis", Emphasis)
def test_a_plan_that_was_topped_up_is_the_better_one_whatever_is_stressed(
    emphasis: Emphasis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A supplier has goods to bring still, and lines miss them."""
    problem = random_problem(2027, plenty=2, stores=3, villages=5, items=3, vehicles=3)
    seen = stressed(problem, emphasis)
    monkeypatch.setattr(solving, "together", lambda net, roads, made, goods, budget, seed: made)
    full = solve(problem, Budget(iterations=10), emphasis=emphasis)
    monkeypatch.setattr(solving, "topped_up", lambda net, roads, made, budget: made)
    bare = solve(problem, Budget(iterations=10), emphasis=emphasis)
    assert check(problem, full).violations == ()
    worth = [value(seen, Draft(plan.allocations, plan.trips), emphasis=emphasis) for plan in (full, bare)]
    if emphasis in {Emphasis.USUAL, Emphasis.FAIR}:
        assert worth[0] > worth[1]
    assert worth[0] >= worth[1], "as long as less waits or less is paid elsewhere"


def test_lower_classes_make_way_on_a_full_truck() -> None:
    """The truck holds ten tents or twenty quilts; quilts of class 3 never ride while tents of class 1 stay behind."""
    problem = small()
    kind = replace(problem.vehicle_types[0], payload_g=500_000, volume_cm3=2_000_000)
    problem = with_rows(replace(problem, vehicle_types=(kind,)), "lots", quilt_1={"quantity": 500})
    problem = replace(problem, lines=tuple(replace(line, due_at=2 * HOUR) for line in problem.lines))
    solution = solve(problem, Budget(iterations=20))
    classes = {row.class_rank: row.served_permille for row in solution.figures.classes}
    assert classes[1] > 0
    assert classes[3] == 0
    assert check(problem, solution).violations == ()


@pytest.mark.parametrize("guard", ["_drop_useless", "_help"])
def test_without_the_last_hand_some_plan_is_wrong(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault is seen: with a guard gone, the checker finds plans that break the order or are of no use."""
    monkeypatch.setattr(mend, guard, lambda *_: False)
    wrong = 0
    for seed in range(100, 160):
        problem = random_problem(
            seed,
            plenty=(0.5, 1, 2)[seed % 3],
            stores=2 + seed % 3,
            villages=3 + seed % 5,
            items=2 + seed % 3,
            vehicles=seed % 6,
        )
        wrong += bool(check(problem, solve(problem, Budget(iterations=2))).violations)
        if wrong:
            return
    raise AssertionError("nothing was found")


def test_an_overloaded_ride_is_refused_by_the_book() -> None:
    problem = small()
    solution = solve(problem, Budget(iterations=5))
    net, roads = open_network(problem, Roads(problem)), Roads(problem)
    book = rides.Book(net, roads, rides.Draft(solution.allocations, solution.trips))
    before = book.draft()
    cargos = [
        replace(cargo, quantity=cargo.quantity * 100, serves=cargo.serves * 100) for cargo in book.rides[0].cargos
    ]
    assert not book.try_cargos(0, cargos)
    assert book.draft() == before


def test_cancelling_gives_the_best_plan_so_far_at_once() -> None:
    problem = random_problem(3)
    asked = 0

    def keep_going() -> bool:
        nonlocal asked
        asked += 1
        return asked < 3

    started = time.monotonic()
    solution = solve(problem, Budget(seconds=60, keep_going=keep_going))
    assert time.monotonic() - started < 20
    assert solution.run.stopped_by == "cancel"
    assert check(problem, solution).violations == ()


def test_progress_names_stages_and_the_first_class() -> None:
    said = []
    solve(small(), Budget(iterations=5, on_progress=said.append))
    assert {"allocate", "explain"} <= {progress.stage for progress in said}
    assert said[-1].incumbent == 750


def test_an_empty_problem_has_an_empty_plan() -> None:
    problem = small(items=(), lots=(), lines=())
    solution = solve(problem, Budget(iterations=1))
    assert (solution.allocations, solution.trips, solution.gaps, solution.figures.classes) == ((), (), (), ())
    assert check(problem, solution).violations == ()


def test_running_totals_are_those_of_the_plan_counted_again() -> None:
    for seed in (3, 8, 14):
        problem = narrow(drawn(seed), seed)
        roads = Roads(problem)
        net = open_network(problem, roads)
        solution = solve(problem, Budget(iterations=2))
        book = rides.Book(net, roads, rides.Draft(solution.allocations, solution.trips))
        dice = random.Random(seed)
        for place in range(len(book.rides)):
            kept = book.kept()
            book.try_cargos(place, dice.sample(book.rides[place].cargos, len(book.rides[place].cargos) // 2))
            book.replace_brought(book.brought[1:])
            if dice.random() < 0.5:
                book.restore(kept)
        again = rides.Book(net, roads, book.draft())
        for name in ("soon", "late", "taken", "burden"):
            one, other = getattr(book.tally, name), getattr(again.tally, name)
            assert {key: value for key, value in one.items() if value} == {k: v for k, v in other.items() if v}
        assert {line: len(places) for line, places in book.tally.for_line.items() if places} == {
            line: len(places) for line, places in again.tally.for_line.items() if places
        }
