"""Plans made anew: what stands is untouched, the answer is never worse than what was left of the older plan, little else moves."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from optimizer.__main__ import main
from optimizer.allocate import open_network
from optimizer.assemble import Draft
from optimizer.budget import Budget
from optimizer.check import check
from optimizer.codec import from_json, problem_hash, to_json
from optimizer.mend import mended
from optimizer.model import (
    Carriage,
    Contract,
    Edge,
    Floor,
    Lot,
    Problem,
    ProblemError,
    StandingLoad,
    StandingTrip,
    Step,
    Terrain,
)
from optimizer.replan import Change, Stability, delta, freeze, replan
from optimizer.replan.carry import carried_over
from optimizer.replan.warm import Warm
from optimizer.solution import Allocation, Solution
from optimizer.solve import solve
from optimizer.travel import Roads
from optimizer.worth import value
from tests.optimizer.make import HOUR, narrow, random_size, small, truck, windowed, with_rows

CALM = Stability(lock_s=0)
QUICK = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def drawn(seed: int) -> Problem:
    return random_size(seed, vehicles=1 + seed % 5)


def disturbed(problem: Problem, seed: int) -> Problem:
    """The problem after something happened: a road closed, a truck broke, a request came, stock shrank, or nothing."""
    draw = random.Random(seed)
    kind = draw.choice(["closure", "truck", "request", "stock", "nothing"])
    if kind == "closure":
        gone = draw.choice(problem.edges)
        return replace(problem, edges=tuple(replace(e, is_open=e.is_open and e is not gone) for e in problem.edges))
    if kind == "truck":
        broken = draw.choice(problem.vehicles)
        return replace(problem, vehicles=tuple(v for v in problem.vehicles if v is not broken))
    if kind == "request" and problem.lines:
        like = draw.choice(problem.lines)
        return replace(problem, lines=(*problem.lines, replace(like, id="new", class_rank=1)))
    if kind == "stock" and problem.lots:
        short = draw.choice(problem.lots)
        step = next(item.step for item in problem.items if item.id == short.item_id)
        left = short.quantity // 3 // step * step
        return replace(
            problem, lots=tuple(replace(lot, quantity=left) if lot is short else lot for lot in problem.lots)
        )
    return problem


def before_and_after(seed: int) -> tuple[Problem, Problem]:
    """A problem, half of them with windows and a third with limits of sites; and what became of it, sites more limited in a fifth."""
    older = drawn(seed)
    if seed % 2:
        older = windowed(older, seed)
    if seed % 3 == 0:
        older = narrow(older, seed)
    newer = disturbed(older, seed)
    return older, narrow(newer, seed + 1) if seed % 5 == 0 else newer


def opening_sooner(problem: Problem, shift_s: int) -> Problem:
    """The problem begun so much later: places open at the same hour of the day."""
    lines = (replace(line, opens_at=max(line.opens_at - shift_s, 0)) for line in problem.lines)
    return replace(problem, lines=tuple(lines))


@QUICK
@given(st.integers(0, 3_000))
@example(51)  # a supplier's goods are set free for a class above, at another hour
@example(440)
def test_a_plan_made_anew_is_right_stands_where_it_must_and_is_never_worse(seed: int) -> None:
    older, newer = before_and_after(seed)
    before = solve(older, Budget(iterations=2))
    stability = Stability(lock_s=2 * HOUR, shift_s=seed % 3 * 600)
    problem = freeze(opening_sooner(newer, stability.shift_s), before, stability)
    found = replan(problem, before, Budget(iterations=8), stability)
    assert check(problem, found.solution).violations == ()

    roads = Roads(problem)
    net = open_network(problem, roads)
    incumbent = mended(net, roads, carried_over(net, roads, before, stability).draft())
    made = Draft(found.solution.allocations, found.solution.trips)
    assert value(problem, made) >= value(problem, incumbent), "never worse than what was left of the older plan"
    assert found.delta.chosen * 1000 <= found.delta.assignments * stability.changes_permille_max

    older_visits, newer_visits = visits(before, stability.shift_s), visits(found.solution, 0)
    for trip in problem.standing:
        goods = {(load.source_id, load.line_id, load.quantity) for load in trip.loads}
        stood = [row for row in older_visits if row[0] == trip.vehicle_id and row[1] == goods]
        assert any(row in newer_visits for row in stood), "visits identical"


def visits(plan: Solution, shift_s: int) -> list[tuple[str, set[tuple[str, str, int]], list[tuple[str, int, int]]]]:
    """Each trip's vehicle, goods, and stops with their instants."""
    found = []
    for trip in plan.trips:
        aboard = [plan.allocations[load.allocation] for stop in trip.stops for load in stop.loads if load.quantity > 0]
        stops = [(stop.site_id, stop.arrives_at - shift_s, stop.departs_at - shift_s) for stop in trip.stops]
        goods = {(row.source_id, row.line_id, row.quantity) for row in aboard}
        found.append((trip.vehicle_id, goods, stops))
    return found


@QUICK
@given(st.integers(0, 3_000))
@example(250)  # one minute more of loading, and the trips after it leave a minute later
@example(2027)  # goods in time for a line that was told others would come late
@example(2035)  # what was put on a trip leaves room in the last minute of its loading, for goods of a class above
def test_where_nothing_happened_whatever_people_were_told_stays(seed: int) -> None:
    """No change is allowed by choice, and none is forced: all that was to come comes, with the same vehicle and at its time, no less
    of it. There may be more: with the same vehicle beside it, or for other lines."""
    problem = drawn(seed)
    before = solve(problem, Budget(iterations=30))
    stability = Stability(lock_s=0, changes_permille_max=0)
    found = replan(problem, before, Budget(iterations=6), stability)
    assert (found.delta.changed, found.delta.forced, found.forced) == (0, 0, ())
    assert {row.what for row in found.delta.allocations} <= {Change.KEPT, Change.MORE, Change.ADDED}
    comes = calls(found.solution)
    for key, told in calls(before).items():
        for at, _ in told:
            by_then = sum(quantity for when, quantity in told if when <= at)
            assert sum(some for when, some in comes.get(key, ()) if when <= at + stability.tolerance_s) >= by_then


def calls(plan: Solution) -> dict[tuple[str, str, str], list[tuple[int, int]]]:
    """When, and how much of each source each vehicle (or its supplier) brings for each line."""
    vehicles: dict[int | None, str] = {trip.no: trip.vehicle_id for trip in plan.trips}
    found: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for row in plan.allocations:
        key = (row.source_id, row.line_id, vehicles.get(row.trip_no, ""))
        found.setdefault(key, []).append((row.arrives_at, row.quantity))
    return found


@pytest.mark.parametrize("seed, permille_max", [(25, 0), (31, 0), (3_047, 0), (29, 300), (3_023, 300)])
def test_no_more_is_changed_by_choice_than_may_be(seed: int, permille_max: int) -> None:
    """Not by the search, and not by the last hand, which puts goods of a class above in the place of others: in each of these it
    would go further."""
    older, newer = before_and_after(seed)
    before = solve(older, Budget(iterations=2))
    stability = Stability(lock_s=2 * HOUR, shift_s=seed % 3 * 600, changes_permille_max=permille_max)
    problem = freeze(opening_sooner(newer, stability.shift_s), before, stability)
    found = replan(problem, before, Budget(iterations=8), stability)
    assert check(problem, found.solution).violations == ()
    assert found.delta.chosen * 1000 <= found.delta.assignments * permille_max


def test_a_broken_truck_gives_its_goods_to_another_and_the_rest_stays() -> None:
    problem = replace(
        small(),
        vehicles=(*small().vehicles, replace(small().vehicles[0], id="V2"), replace(small().vehicles[0], id="V3")),
    )
    problem = replace(problem, vehicle_types=(replace(problem.vehicle_types[0], payload_g=1_600_000),))
    before = solve(problem, Budget(iterations=20))
    broken = before.trips[0].vehicle_id
    now = replace(problem, vehicles=tuple(v for v in problem.vehicles if v.id != broken))
    found = replan(now, before, Budget(iterations=20), CALM)
    assert check(now, found.solution).violations == ()
    touched = [row for row in found.delta.allocations if row.what not in {Change.KEPT, Change.FROZEN}]
    assert touched
    assert {row.vehicle_before for row in touched if row.quantity_before} == {broken}
    served = sum(row.serves for row in before.allocations)
    assert sum(row.serves for row in found.solution.allocations) == served


def test_a_late_request_of_the_first_class_is_served_and_nobody_else_is_moved() -> None:
    problem = with_rows(small(), "lots", tent_new={"quantity": 100})
    before = solve(problem, Budget(iterations=20))
    late = replace(problem.lines[0], id="late-tent", site_id="B", quantity=10)
    now = replace(problem, lines=(*problem.lines, late))
    found = replan(now, before, Budget(iterations=10), replace(CALM, tolerance_s=1800))
    assert sum(row.serves for row in found.solution.allocations if row.line_id == "late-tent") == 10
    assert found.delta.changed == 0
    assert [row.line_id for row in found.delta.allocations if row.what is Change.ADDED] == ["late-tent"]
    assert check(now, found.solution).violations == ()


def test_a_loaded_trip_stands_although_goods_of_a_higher_class_would_now_ride() -> None:
    """The truck with quilts is loaded; tents of class 1 that come to light at its village wait for the next trip. The checker
    knows: the same plan without the standing trip breaks the order of classes."""
    problem = replace(small(), lines=tuple(line for line in small().lines if line.item_id == "quilt"))
    before = solve(problem, Budget(iterations=20))
    now = replace(problem, lines=small().lines, rules=replace(problem.rules, horizon_s=2 * HOUR))
    stability = Stability(lock_s=0, loaded=tuple(trip.no for trip in before.trips))
    frozen = freeze(now, before, stability)
    assert len(frozen.standing) == len(before.trips) == 1
    found = replan(frozen, before, Budget(iterations=10), stability)
    assert check(frozen, found.solution).violations == ()
    assert {row.what for row in found.delta.visits if row.trip_before} == {Change.FROZEN}
    tents = {row.line_id: row.serves for row in found.solution.allocations if row.item_id == "tent"}
    assert sum(tents.values()) == 0, "there is no time for another trip"
    loose = replace(found.solution, problem_hash=problem_hash(now))
    codes = {violation.code for violation in check(now, loose).violations}
    assert codes & {"room_left_unused", "higher_class_left_behind"}


def test_a_loaded_vehicle_stands_although_its_sites_have_less_room_by_now_and_nothing_joins_it() -> None:
    problem = with_rows(small(), "lots", tent_new={"quantity": 100})
    problem = replace(problem, lines=tuple(line for line in problem.lines if line.item_id == "tent"))
    before = solve(problem, Budget(iterations=10))
    contract = Contract("C", "quilt", "city", "S", (Step(HOUR, 60),), precedence=9)
    now = with_rows(replace(small(), contracts=(contract,)), "lots", tent_new={"quantity": 100})
    now = with_rows(now, "sites", S={"sends_g_max": 1_000_000}, A={"takes_cm3_max": 1_000_000})
    loaded = Stability(lock_s=0, loaded=tuple(trip.no for trip in before.trips))
    frozen = freeze(now, before, loaded)
    assert len(frozen.standing) == len(before.trips) > 0
    found = replan(frozen, before, Budget(iterations=10), loaded)
    assert check(frozen, found.solution).violations == ()
    by_truck = [row for row in found.solution.allocations if row.trip_no is not None]
    assert {(row.source_id, row.line_id, row.quantity) for row in by_truck} == {
        (row.source_id, row.line_id, row.quantity) for row in before.allocations
    }, "the store can send nothing more"
    assert {row.line_id for row in found.solution.allocations if row.trip_no is None} == {"B-quilt"}, "A has no room"
    more = Allocation("C", "A-quilt", "quilt", 10, 10, None, HOUR, False)
    worse = replace(found.solution, allocations=(*found.solution.allocations, more))
    assert "place_overloaded" in {violation.code for violation in check(frozen, worse).violations}
    waiting = Stability(lock_s=10 * HOUR)
    assert freeze(now, before, waiting).standing == (), "what is not loaded is not sent where there is no room"
    soon = replan(now, before, Budget(iterations=10), waiting)
    assert check(now, soon.solution).violations == ()


def test_a_room_that_shrank_is_left_to_the_first_class() -> None:
    """A takes in 4 m³ of its 8 m³ of tents and 2 m³ of quilts by now, and the older plan brought the quilts first."""
    problem = with_rows(small(), "lots", tent_new={"quantity": 100, "available_at": HOUR}, tent_old={"quantity": 0})
    before = solve(problem, Budget(iterations=20))
    now = with_rows(problem, "sites", A={"takes_cm3_max": 4_000_000})
    found = replan(now, before, Budget(iterations=10), CALM)
    assert check(now, found.solution).violations == ()
    at_a = {row.line_id: row.serves for row in found.solution.allocations if row.line_id.startswith("A")}
    assert at_a == {"A-tent": 20}


def test_new_requests_are_unloaded_when_their_places_are_open_and_none_is_lost() -> None:
    """One small truck: B opens at hour 5, so the trip there comes after the one to A, or A's waits for it to be back."""
    problem = small(vehicle_types=(truck(payload_g=500_000),), lines=small().lines[:1])
    problem = with_rows(problem, "lines", A_tent={"quantity": 10})
    before = solve(problem, Budget(iterations=5))
    late = replace(problem.lines[0], id="late-B", site_id="B", opens_at=5 * HOUR, persons=500)
    now = replace(problem, lines=(*problem.lines, late, replace(problem.lines[0], id="late-A")))
    found = replan(now, before, Budget(iterations=10), CALM)
    assert check(now, found.solution).violations == ()
    got = {row.line_id: (row.serves, row.arrives_at) for row in found.solution.allocations}
    assert [got[name][0] for name in ("A-tent", "late-A", "late-B")] == [10, 10, 10]
    assert got["late-B"][1] >= 5 * HOUR


def test_no_trip_is_lost_that_fetches_more_than_a_contract_has_given_by_then() -> None:
    """A contract gives 4 tents at once and all at hour 3: a late request for 40 gets them, the first trip with no more than 4."""
    contract = Contract("C", "tent", "city", "S", (Step(0, 4), Step(3 * HOUR, 60)), carriage=Carriage.FLEET)
    problem = small(lots=(), contracts=(contract,), lines=(small().lines[2],))
    before = solve(problem, Budget(iterations=5))
    now = replace(problem, lines=small().lines[:1])
    found = replan(now, before, Budget(iterations=10), CALM)
    assert check(now, found.solution).violations == ()
    assert sum(row.serves for row in found.solution.allocations) == 40


def test_empty_stores_do_not_keep_the_later_steps_of_a_contract_from_a_line() -> None:
    """Four stores at their floor come first in the order of use; the contract gives its tents in three steps."""
    contract = Contract(
        "C",
        "tent",
        "city",
        "S",
        (Step(0, 10), Step(HOUR, 20), Step(2 * HOUR, 40)),
        carriage=Carriage.FLEET,
        precedence=5,
    )
    lots = tuple(Lot(f"kept-{n}", "S", "tent", f"owner-{n}", 30) for n in range(4))
    floors = tuple(Floor("S", "tent", f"owner-{n}", 30) for n in range(4))
    problem = small(lots=lots, contracts=(contract,), floors=floors, lines=small().lines[:1])
    found = replan(problem, None, Budget(iterations=10), CALM)
    assert check(problem, found.solution).violations == ()
    assert sum(row.serves for row in found.solution.allocations) == 40


def test_the_searchs_trips_become_rides_one_for_one() -> None:
    for seed in (3, 12, 15):
        older, newer = before_and_after(seed)
        before = solve(older, Budget(iterations=2))
        roads = Roads(newer)
        net = open_network(newer, roads)
        book = carried_over(net, roads, before, CALM)
        warm = Warm(book)
        again = warm.as_book(warm.plan)
        assert [sorted(map(str, ride.cargos)) for ride in again.rides if ride.cargos] == [
            sorted(map(str, book.rides[place].cargos))
            for place in sorted(
                (place for place, ride in enumerate(book.rides) if ride.cargos),
                key=lambda place: (book.rides[place].starts_at, book.clocks[place].departs_at, place),
            )
        ]


def test_what_a_supplier_brings_waits_for_each_places_window() -> None:
    contract = Contract("C", "tent", "city", "S", (Step(HOUR, 80),), vehicle_type_id="truck")
    problem = small(lots=(), contracts=(contract,), lines=small().lines[:1])
    before = solve(problem, Budget(iterations=5))
    now = replace(problem, lines=(problem.lines[0], replace(small().lines[1], opens_at=4 * HOUR)))
    found = replan(now, before, Budget(iterations=5), CALM)
    assert check(now, found.solution).violations == ()
    assert {row.line_id: row.arrives_at for row in found.solution.allocations} == {"A-tent": HOUR, "B-tent": 4 * HOUR}


def test_the_checker_sees_a_standing_trip_that_was_changed() -> None:
    problem = small()
    before = solve(problem, Budget(iterations=10))
    frozen = freeze(problem, before, Stability(lock_s=10 * HOUR))
    assert check(frozen, replan(frozen, before, Budget(iterations=3)).solution).violations == ()
    (trip, *rest) = frozen.standing
    less = replace(trip.loads[0], quantity=trip.loads[0].quantity - 1, serves=trip.loads[0].serves - 1)
    other = replace(frozen, standing=(replace(trip, loads=(less, *trip.loads[1:])), *rest))
    codes = {v.code for v in check(other, replan(frozen, before, Budget(iterations=3)).solution).violations}
    assert "standing_trip_changed" in codes


def test_what_stands_and_cannot_is_refused_with_a_sentence() -> None:
    load = StandingLoad("tent-new", "A-tent", 10, 10)
    with pytest.raises(ProblemError, match="there is no vehicle 'V9'"):
        solve(small(standing=(StandingTrip("V9", "S", 0, ("A",), (load,)),)), Budget(iterations=1))
    with pytest.raises(ProblemError, match="cannot take place"):
        solve(small(standing=(StandingTrip("V1", "S", 30 * HOUR * 24, ("A",), (load,)),)), Budget(iterations=1))
    with pytest.raises(ProblemError, match="does not stop exactly where its goods go"):
        solve(small(standing=(StandingTrip("V1", "S", 0, ("B",), (load,)),)), Budget(iterations=1))


def far_and_near() -> tuple[Solution, Problem]:
    """A plan with a truck that is far from the goods, and its problem with a second one near them: were a change to cost nothing, that
    one would go."""
    far = replace(small().vehicles[0], id="far", base_site_id="B")
    only_far = small(vehicles=(far,))
    now = replace(only_far, vehicles=(far, replace(far, id="near", base_site_id="S")))
    return solve(only_far, Budget(iterations=20)), now


def test_a_dear_change_is_not_made_and_a_free_one_is() -> None:
    before, now = far_and_near()
    calm = replan(
        now, before, Budget(iterations=60), Stability(lock_s=0, change_person_s=10**9, changes_permille_max=1000)
    )
    bold = replan(now, before, Budget(iterations=60), Stability(lock_s=0, change_person_s=0, changes_permille_max=1000))
    assert {trip.vehicle_id for trip in calm.solution.trips} == {"far"}
    assert calm.delta.changed == 0
    assert "near" in {trip.vehicle_id for trip in bold.solution.trips}
    assert bold.stable.waiting_person_h < calm.stable.waiting_person_h
    priced = replan(now, before, Budget(iterations=5), Stability(lock_s=0, change_person_s=10**9), free_steps=60)
    assert priced.free is not None
    assert priced.free.waiting_person_h < priced.stable.waiting_person_h, "that is what calm costs"
    assert (priced.free_changed_permille or 0) > 0


def two_trucks_and_a_detour() -> Problem:
    """A truck drives to A and then to B; a second one stands by. Beside the road to A there is one that takes two hours more."""
    problem = small(vehicle_types=(truck(payload_g=1_000_000),), lots=(replace(small().lots[1], quantity=60),))
    lines = [replace(line, quantity=20, persons=100) for line in problem.lines if line.item_id == "tent"]
    other = Edge("long", "s", "b", 20_000, Terrain.PLAIN)
    round_about = Edge("round", "s", "a", 140_000, Terrain.PLAIN)
    return replace(problem, lines=tuple(lines), edges=(*problem.edges[:1], other, round_about))


def test_what_a_delayed_trip_holds_up_is_as_people_were_told_if_another_vehicle_can_take_the_trip() -> None:
    problem = two_trucks_and_a_detour()
    before = solve(problem, Budget(iterations=20))
    assert [trip.stops[-2].site_id for trip in before.trips] == ["A", "B"]
    closed = replace(problem, edges=tuple(replace(edge, is_open=edge.id != "sa") for edge in problem.edges))
    spare = replace(closed.vehicles[0], id="V2")
    alone = replan(closed, before, Budget(iterations=5), CALM)
    assert len(alone.forced) == 2, "the one truck is held up, and B waits for it"
    assert (alone.delta.forced, alone.delta.chosen) == (1, 0), "unless it drives to B first"
    now = replace(closed, vehicles=(*closed.vehicles, spare))
    found = replan(now, before, Budget(iterations=5), CALM)
    assert check(now, found.solution).violations == ()
    assert {row.line_id: row.what for row in found.delta.allocations} == {
        "A-tent": Change.MOVED,
        "B-tent": Change.KEPT,
    }
    assert len(found.forced) == 2
    assert (found.delta.changed, found.delta.forced, found.delta.chosen) == (1, 1, 0)


def test_goods_held_up_until_after_they_are_due_ride_with_another_vehicle() -> None:
    problem = with_rows(two_trucks_and_a_detour(), "lines", B_tent={"due_at": 5 * HOUR})
    before = solve(problem, Budget(iterations=20))
    edges = tuple(replace(edge, is_open=edge.id != "sa") for edge in problem.edges)
    now = replace(problem, edges=edges, vehicles=(*problem.vehicles, replace(problem.vehicles[0], id="V2")))
    found = replan(now, before, Budget(iterations=1), CALM)
    assert check(now, found.solution).violations == ()
    assert not [row for row in found.solution.allocations if row.is_late]


def test_what_could_have_stayed_is_told_from_what_could_not() -> None:
    before, now = far_and_near()
    free = Stability(lock_s=0, change_person_s=0, changes_permille_max=1000)
    bold = replan(now, before, Budget(iterations=60), free)
    assert bold.forced == ()
    assert bold.delta.forced == 0
    assert bold.delta.chosen == bold.delta.changed > 0
    assert bold.stable.waiting_person_h < bold.incumbent.waiting_person_h, "and what it buys"
    broken = replan(replace(now, vehicles=now.vehicles[1:]), before, Budget(iterations=20), free)
    assert broken.delta.chosen == 0
    assert broken.delta.forced == broken.delta.changed == broken.delta.assignments
    assert broken.delta.forced_permille == 1000


def test_the_answer_is_right_however_short_the_time_is() -> None:
    for seed in range(0, 12, 4):
        older, newer = before_and_after(seed)
        before = solve(older, Budget(iterations=2))
        found = replan(newer, before, Budget(seconds=0.001), CALM)
        assert check(newer, found.solution).violations == ()


def test_the_same_steps_give_the_same_plan() -> None:
    problem = drawn(21)
    before = solve(problem, Budget(iterations=2))
    now = disturbed(problem, 21)
    one, other = (replan(now, before, Budget(iterations=12), CALM, seed=4).solution for _ in range(2))
    assert (one.allocations, one.trips) == (other.allocations, other.trips)


def test_more_of_the_same_is_a_change_where_any_of_it_comes_at_another_time() -> None:
    def told(*rows: tuple[int, int]) -> Solution:
        return replace(plan, allocations=tuple(replace(first, quantity=some, arrives_at=at) for some, at in rows))

    plan = solve(small(), Budget(iterations=10))
    first = plan.allocations[0]
    older = told((20, HOUR), (20, 5 * HOUR))
    for newer, what in (
        (told((20, HOUR + 600), (20, 5 * HOUR), (20, 9 * HOUR)), Change.MORE),
        (told((60, 5 * HOUR)), Change.CHANGED),
        (told((50, HOUR), (10, 5 * HOUR)), Change.CHANGED),
        (told((20, HOUR), (40, 5 * HOUR + 601)), Change.CHANGED),
    ):
        assert [row.what for row in delta(older, newer).allocations] == [what]


def test_a_delta_counts_what_those_who_drive_and_wait_would_notice() -> None:
    problem = small()
    before = solve(problem, Budget(iterations=10))
    same = delta(before, before, standing=())
    assert same.changed == 0
    assert {row.what for row in same.visits} == {Change.KEPT}
    for by, what in ((10, Change.MORE), (-10, Change.CHANGED)):
        first = replace(before.allocations[0], quantity=before.allocations[0].quantity + by)
        other = delta(before, replace(before, allocations=(first, *before.allocations[1:])))
        assert [row.what for row in other.allocations if row.what is not Change.KEPT] == [what]
        assert other.changed == (what is Change.CHANGED), "whoever gets more still gets what he was told"
    none = replace(before, allocations=(), trips=())
    gone = delta(before, none)
    assert {row.what for row in gone.allocations} == {row.what for row in gone.visits} == {Change.DROPPED}
    assert gone.changed_permille == 1000
    later = delta(before, before, shift_s=1200, tolerance_s=600)
    assert {row.what for row in later.allocations} == {Change.MOVED}
    assert {row.what for row in later.visits} == {Change.MOVED}


def test_what_is_wanted_at_another_place_by_now_is_brought_there() -> None:
    before = solve(small(), Budget(iterations=5))
    assert any(row.line_id == "A-tent" for row in before.allocations)
    place, node = replace(small().sites[1], id="C", node="c"), replace(small().nodes[1], id="c")
    road = replace(small().edges[0], id="sc", end="c")
    now = replace(
        with_rows(small(), "lines", A_tent={"site_id": "C"}),
        sites=(*small().sites, place), nodes=(*small().nodes, node), edges=(*small().edges, road),
    )  # fmt: skip
    found = replan(now, before, Budget(iterations=5), CALM)
    assert check(now, found.solution).violations == ()
    assert any(row.line_id == "A-tent" for row in found.solution.allocations)


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem = small()
    before = solve(problem, Budget(iterations=5))
    now = with_rows(problem, "lots", quilt_1={"quantity": 100})
    names = [tmp_path / name for name in ("problem.json", "before.json", "after.json", "frozen.json")]
    names[0].write_text(json.dumps(to_json(now)))
    names[1].write_text(json.dumps(to_json(before)))
    words = ["replan", str(names[0]), str(names[1]), "-o", str(names[2]), "--frozen-problem", str(names[3])]
    assert main([*words, "--iterations", "5", "--lock-s", "0", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["delta"]["changed"] >= 1
    assert from_json(Solution, json.loads(names[2].read_text())).trips
    assert main(["check", str(names[3]), str(names[2])]) == 0
    assert main([*words, "--lock-s", "-1"]) == 2
    assert main([*words, "--loaded", "1,7"]) == 2
    assert "no trip '7'" in capsys.readouterr().err
    strange = to_json(before)
    strange["trips"][0]["stops"][0]["loads"][0]["allocation"] = 99
    names[1].write_text(json.dumps(strange))
    assert main([*words, "--iterations", "1"]) == 2
    assert "there is no allocation 99" in capsys.readouterr().err
    elsewhere = to_json(before)
    elsewhere["trips"][0]["stops"][1]["site_id"] = "S"
    names[1].write_text(json.dumps(elsewhere))
    assert main([*words, "--iterations", "1"]) == 0, "such a trip is not carried over"
    assert main(["check", str(names[3]), str(names[2])]) == 0
