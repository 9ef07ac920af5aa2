"""A late request and the plan that stands: the ways to take it along, what they delay and cost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.__main__ import main
from optimizer.budget import Budget
from optimizer.check import check
from optimizer.codec import to_json
from optimizer.insertions import Since, Way, insertions
from optimizer.model import Carriage, Contract, DemandLine, Lot, Problem, ProblemError, Step
from optimizer.offered import offer_of
from optimizer.replan import Stability, freeze
from optimizer.solve import solve
from tests.optimizer.make import HOUR, random_problem, small, with_rows


def plenty() -> Problem:
    return replace(small(), lots=(*small().lots, Lot("more", "S", "tent", "city", 40)))


def test_a_detour_and_a_new_trip_are_laid_side_by_side() -> None:
    problem = plenty()
    plan = solve(problem, Budget(iterations=10))
    late = DemandLine("late", "A", "tent", 10, 1, 30, 12 * HOUR)
    found = insertions(problem, plan, late)
    assert {one.offer.way for one in found} == {Way.DETOUR, Way.NEW_TRIP}
    with_line = replace(problem, lines=(*problem.lines, late))
    for one in found:
        assert one.violations == check(with_line, one.solution).violations
        assert (one.offer.serves, one.offer.is_late, len(one.offer.pieces)) == (10, False, 1)
    best = found[0]
    assert best.violations == ()
    assert best.offer.arrives_at <= 12 * HOUR
    new = next(one for one in found if one.offer.way is Way.NEW_TRIP)
    assert (new.offer.delays, new.offer.more_m) == ((), 20_000)
    trip = new.solution.trips[-1]
    assert new.offer.more_fen == 20 * 300 + (trip.returns_at - trip.departs_at) * 6_000 // 3600


def test_nothing_to_give_or_to_drive_gives_nothing() -> None:
    problem = plenty()
    late = DemandLine("late", "A", "tent", 10**18, 1, 30, 12 * HOUR)
    assert insertions(small(lots=()), solve(small(lots=()), Budget(iterations=2)), late) == ()
    none = replace(problem, vehicles=())
    assert insertions(none, solve(none, Budget(iterations=2)), late) == ()
    assert all(one.offer.serves <= 40 for one in insertions(problem, solve(problem, Budget(iterations=5)), late))


@pytest.mark.parametrize("seed", range(6))
def test_what_is_offered_is_what_the_checker_sees(seed: int) -> None:
    problem = random_problem(seed, plenty=2.0, villages=3, items=2, vehicles=2)
    plan = solve(problem, Budget(iterations=3))
    late = replace(problem.lines[0], id="late", due_at=problem.lines[0].due_at + 12 * HOUR)
    found = insertions(problem, plan, late)
    clean = [one for one in found if not one.violations]
    assert [bool(one.violations) for one in found] == sorted(bool(one.violations) for one in found)
    for one in clean:
        assert check(replace(problem, lines=(*problem.lines, late)), one.solution).is_feasible


def test_a_line_that_makes_no_sense_is_refused_in_words() -> None:
    problem = plenty()
    plan = solve(problem, Budget(iterations=2))
    with pytest.raises(ProblemError, match="nowhere"):
        insertions(problem, plan, DemandLine("late", "nowhere", "tent", 10, 1, 30, 12 * HOUR))


def test_what_is_loaded_stands_where_it_has_no_room_and_other_places_are_still_served() -> None:
    """B takes in less than what is on its way there; that is no reason not to bring anything to A."""
    problem = plenty()
    plan = solve(problem, Budget(iterations=10))
    frozen = freeze(problem, plan, Stability(lock_s=24 * HOUR))
    assert frozen.standing
    narrow = with_rows(frozen, "sites", B={"takes_cm3_max": 1})
    late = DemandLine("late", "A", "tent", 10, 1, 30, 12 * HOUR)
    assert [one.offer.serves for one in insertions(narrow, plan, late)][:1] == [10]


def test_the_command_lists_the_ways_and_refuses_a_wrong_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = plenty()
    plan = solve(problem, Budget(iterations=5))
    late = DemandLine("late", "A", "tent", 10, 1, 30, 12 * HOUR)
    wrong = replace(plan, trips=tuple(replace(trip, distance_m=1) for trip in plan.trips))
    files = {}
    for name, value in {"problem": problem, "plan": plan, "line": late, "wrong": wrong}.items():
        files[name] = tmp_path / f"{name}.json"
        files[name].write_text(json.dumps(to_json(value)), encoding="utf-8")
    assert main(["insert", str(files["problem"]), str(files["plan"]), str(files["line"])]) == 0
    said = capsys.readouterr().out
    assert "detour V1: 10 from tent-new at" in said
    assert "detour: 10 at" in said
    assert "clean" in said
    assert main(["insert", str(files["problem"]), str(files["wrong"]), str(files["line"])]) == 2


def test_what_does_not_fit_one_vehicle_is_offered_as_far_as_it_does() -> None:
    """A truck takes two hundred tents; three hundred are asked for, and the offers say how many of them come."""
    problem = replace(small(), lots=(*small().lots, Lot("more", "S", "tent", "city", 400)))
    plan = solve(problem, Budget(iterations=5))
    late = DemandLine("late", "A", "tent", 300, 1, 900, 40 * HOUR)
    found = insertions(problem, plan, late)
    new = next(one.offer for one in found if one.offer.way is Way.NEW_TRIP)
    assert (new.serves, [piece.quantity for piece in new.pieces]) == (200, [200])
    detour = next(one.offer for one in found if one.offer.way is Way.DETOUR)
    assert 0 < detour.serves < 200


def test_nothing_late_is_loaded_before_it_is_asked_for_nor_by_vehicles_or_roads_that_are_gone() -> None:
    problem = plenty()
    plan = solve(problem, Budget(iterations=10))
    late = DemandLine("late", "A", "tent", 10, 1, 30, 30 * HOUR)
    last = max(trip.departs_at for trip in plan.trips)
    found = insertions(problem, plan, late, since=Since(at=last + HOUR, vehicles={"V1": 10 * HOUR}))
    assert [one.offer.way for one in found] == [Way.NEW_TRIP]
    trip = max(found[0].solution.trips, key=lambda each: each.departs_at)
    assert trip.departs_at >= 10 * HOUR
    assert found[0].violations == ()
    assert insertions(problem, plan, late, since=Since(vehicles={})) == ()
    assert insertions(problem, plan, late, since=Since(avoided=frozenset({"sa"}))) == ()


def test_a_supplier_that_is_called_on_later_brings_later_and_no_more_than_it_has_by_then() -> None:
    contract = Contract(
        "c", "tent", "city", "S", (Step(2 * HOUR, 10), Step(20 * HOUR, 100)), carriage=Carriage.SUPPLIER
    )
    problem = replace(small(), contracts=(contract,), lots=(*small().lots, Lot("more", "S", "tent", "city", 20)))
    plan = solve(problem, Budget(iterations=10))
    assert all(row.source_id != "c" for row in plan.allocations)
    late = DemandLine("late", "A", "tent", 50, 5, 30, 30 * HOUR)
    found = [one.offer for one in insertions(problem, plan, late, most=10) if one.offer.way is Way.SUPPLIER]
    assert [(one.serves, one.arrives_at) for one in found] == [(50, 20 * HOUR)]
    later = insertions(problem, plan, late, most=10, since=Since(supplier_later={"c": 3 * HOUR}))
    assert [one.offer.arrives_at for one in later if one.offer.way is Way.SUPPLIER] == [23 * HOUR]


@pytest.mark.parametrize("seed", range(4))
def test_a_try_leaves_no_trace_and_figures_told_are_those_of_the_plan(seed: int) -> None:
    problem = random_problem(seed, plenty=2.0, villages=3, items=2, vehicles=2)
    plan = solve(problem, Budget(iterations=3))
    late = replace(problem.lines[0], id="late", due_at=problem.lines[0].due_at + 12 * HOUR)
    goods = sorted((row.source_id, row.line_id, row.quantity) for row in plan.allocations)
    before = {
        row.line_id: max(r.arrives_at for r in plan.allocations if r.line_id == row.line_id) for row in plan.allocations
    }
    for one in insertions(problem, plan, late):
        rows = [(row.source_id, row.line_id, row.quantity) for row in one.solution.allocations]
        offer = one.offer
        for piece in offer.pieces:
            rows.remove((piece.source_id, "late", piece.quantity))
        assert sorted(rows) == goods
        mine = [row for row in one.solution.allocations if row.line_id == "late"]
        assert sum(row.serves for row in mine) == offer.serves
        assert (max(row.arrives_at for row in mine), any(row.is_late for row in mine)) == (
            offer.arrives_at,
            offer.is_late,
        )
        assert one.solution.figures.cost_fen - plan.figures.cost_fen == offer.more_fen
        after: dict[str, int] = {}
        for row in one.solution.allocations:
            after[row.line_id] = max(after.get(row.line_id, 0), row.arrives_at)
        later = {name: after[name] - at for name, at in before.items() if after[name] > at}
        assert {each.line_id: each.seconds for each in offer.delays} == later


def test_when_the_time_is_over_the_best_found_by_then_are_judged() -> None:
    problem = plenty()
    plan = solve(problem, Budget(iterations=10))
    late = DemandLine("late", "A", "tent", 10, 1, 30, 12 * HOUR)
    budget = Budget(iterations=1)
    assert len(insertions(problem, plan, late, budget=budget)) in {1, 2}
    assert budget.stopped_by == "iterations"


def three_stores() -> Problem:
    """Tents for several trucks, in three lots of two stores; a supplier has some too."""
    problem = small()
    return replace(
        problem,
        lots=(*problem.lots, Lot("m1", "S", "tent", "city", 250), Lot("m2", "S", "tent", "city", 30), Lot("m3", "S", "tent", "city", 90)),
        contracts=(
            Contract("c", "tent", "city", "S", (Step(2 * HOUR, 60),), carriage=Carriage.SUPPLIER),
        ),
    )  # fmt: skip


def test_what_does_not_fit_one_vehicle_comes_in_pieces_and_the_whole_is_judged_and_told() -> None:
    problem = three_stores()
    plan = solve(problem, Budget(iterations=5))
    late = DemandLine("late", "A", "tent", 400, 1, 900, 40 * HOUR)
    found = insertions(problem, plan, late)
    best = found[0]
    assert best.offer.way is Way.PIECES
    assert (best.offer.serves, best.offer.serves_in_time, best.violations) == (400, 400, ())
    assert len({piece.source_id for piece in best.offer.pieces}) > 1
    assert sum(piece.serves for piece in best.offer.pieces) == 400
    with_line = replace(problem, lines=(*problem.lines, late))
    assert check(with_line, best.solution).is_feasible
    assert {one.offer.way for one in found} > {Way.PIECES}
    assert [one.offer for one in insertions(problem, plan, late)] == [one.offer for one in found], "the same every time"


def test_least_that_is_of_use_is_reached_in_pieces_where_no_vehicle_takes_it() -> None:
    problem = three_stores()
    plan = solve(problem, Budget(iterations=5))
    late = DemandLine("late", "A", "tent", 300, 1, 900, 40 * HOUR, minimum_fill=300)
    found = insertions(problem, plan, late)
    assert (found[0].offer.serves, found[0].violations) == (300, ())
    single = [one for one in found if one.offer.way is not Way.PIECES]
    assert all({each.code for each in one.violations} >= {"below_minimum_fill"} for one in single)


def test_lots_of_one_store_ride_on_one_trip_and_pieces_leave_no_trace() -> None:
    problem = small()
    lots = tuple(Lot(f"m{n}", "S", "tent", "city", 15) for n in range(4))
    problem = replace(problem, lots=(*problem.lots, *lots))
    plan = solve(problem, Budget(iterations=5))
    late = DemandLine("late", "A", "tent", 40, 1, 900, 40 * HOUR)
    found = insertions(problem, plan, late)
    best = found[0]
    assert (best.offer.serves, best.violations) == (late.quantity, ())
    assert len(best.offer.pieces) > 1
    assert best.offer.way in {Way.NEW_TRIP, Way.DETOUR}, "one trip is one way, however many lots it carries"
    kept = sorted((row.source_id, row.line_id, row.quantity) for row in plan.allocations)
    for one in found:
        rest = sorted((r.source_id, r.line_id, r.quantity) for r in one.solution.allocations if r.line_id != "late")
        assert rest == kept


def test_an_offer_that_moves_other_goods_is_none() -> None:
    problem = three_stores()
    plan = solve(problem, Budget(iterations=5))
    late = DemandLine("late", "A", "tent", 300, 1, 900, 40 * HOUR)
    with_line = replace(problem, lines=(*problem.lines, late))
    after = insertions(problem, plan, late)[0].solution
    assert offer_of(with_line, plan, after, "late") is not None
    other = next(place for place, row in enumerate(after.allocations) if row.line_id != "late")
    rows = list(after.allocations)
    rows[other] = replace(rows[other], quantity=rows[other].quantity + 1)
    assert offer_of(with_line, plan, replace(after, allocations=tuple(rows)), "late") is None
    assert offer_of(with_line, plan, plan, "late") is None
    assert offer_of(with_line, plan, after, "nobody") is None
