"""Plans made anew: what stands is untouched, the answer is never worse than what was left of the older plan, little else moves."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from optimizer.__main__ import main
from optimizer.allocate import open_network
from optimizer.assemble import Draft
from optimizer.budget import Budget
from optimizer.check import check
from optimizer.codec import from_json, problem_hash, to_json
from optimizer.mend import mended
from optimizer.model import Problem, ProblemError, StandingLoad, StandingTrip
from optimizer.replan import Change, Stability, delta, freeze, replan
from optimizer.replan.carry import carried_over
from optimizer.solution import Solution
from optimizer.solve import solve
from optimizer.travel import Roads
from optimizer.worth import value
from tests.optimizer.make import HOUR, random_problem, small, with_rows

CALM = Stability(lock_s=0)
QUICK = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def drawn(seed: int) -> Problem:
    size = {"stores": 2 + seed % 2, "villages": 2 + seed % 4, "items": 2 + seed % 2, "vehicles": 1 + seed % 5}
    return random_problem(seed, plenty=(0.5, 1, 2)[seed % 3], **size)


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


@QUICK
@given(st.integers(0, 3_000))
def test_a_plan_made_anew_is_right_stands_where_it_must_and_is_never_worse(seed: int) -> None:
    older = drawn(seed)
    before = solve(older, Budget(iterations=2))
    stability = Stability(lock_s=2 * HOUR, shift_s=seed % 3 * 600)
    problem = freeze(disturbed(older, seed), before, stability)
    found = replan(problem, before, Budget(iterations=8), stability)
    assert check(problem, found.solution).violations == ()

    roads = Roads(problem)
    net = open_network(problem, roads)
    incumbent = mended(net, roads, carried_over(net, roads, before, stability).draft())
    made = Draft(found.solution.allocations, found.solution.trips)
    assert value(problem, made) >= value(problem, incumbent), "never worse than what was left of the older plan"

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
def test_what_did_not_change_is_not_changed(seed: int) -> None:
    problem = drawn(seed)
    before = solve(problem, Budget(iterations=2))
    stability = Stability(lock_s=0, changes_permille_max=0)
    found = replan(problem, before, Budget(iterations=6), stability)
    assert found.delta.changed == 0
    assert {row.what for row in found.delta.allocations} <= {Change.KEPT, Change.ADDED}


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


def test_a_dear_change_is_not_made_and_a_free_one_is() -> None:
    """Two trucks, one far from the goods: the older plan uses the far one. When a change costs nothing the near one goes."""
    far = replace(small().vehicles[0], id="far", base_site_id="B")
    only_far = small(vehicles=(far,))
    before = solve(only_far, Budget(iterations=20))
    now = replace(only_far, vehicles=(far, replace(far, id="near", base_site_id="S")))
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


def test_the_same_steps_give_the_same_plan() -> None:
    problem = drawn(21)
    before = solve(problem, Budget(iterations=2))
    now = disturbed(problem, 21)
    one, other = (replan(now, before, Budget(iterations=12), CALM, seed=4).solution for _ in range(2))
    assert (one.allocations, one.trips) == (other.allocations, other.trips)


def test_a_delta_counts_what_those_who_drive_and_wait_would_notice() -> None:
    problem = small()
    before = solve(problem, Budget(iterations=10))
    same = delta(before, before, standing=())
    assert same.changed == 0
    assert {row.what for row in same.visits} == {Change.KEPT}
    first = replace(before.allocations[0], quantity=before.allocations[0].quantity + 10)
    more = replace(before, allocations=(first, *before.allocations[1:]))
    assert [row.what for row in delta(before, more).allocations].count(Change.CHANGED) == 1
    none = replace(before, allocations=(), trips=())
    gone = delta(before, none)
    assert {row.what for row in gone.allocations} == {row.what for row in gone.visits} == {Change.DROPPED}
    assert gone.changed_permille == 1000
    later = delta(before, before, shift_s=1200, tolerance_s=600)
    assert {row.what for row in later.allocations} == {Change.MOVED}
    assert {row.what for row in later.visits} == {Change.MOVED}


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
