"""A plan written down and put together again is the same plan; an edited one is judged as it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.comparison import difference
from optimizer.model import Problem
from optimizer.rebuild import Written, rebuilt, written_down
from optimizer.solution import Load, Solution
from optimizer.solve import solve
from tests.optimizer.make import HOUR, random_problem, small, with_rows


def codes(problem: Problem, rows: tuple[Written, ...]) -> set[str]:
    return {each.code for each in check(problem, rebuilt(problem, rows)).violations}


@pytest.mark.parametrize("seed", range(10))
def test_what_is_written_down_comes_back_as_the_same_plan(seed: int) -> None:
    problem = random_problem(seed, plenty=(0.5, 1.0)[seed % 2], villages=3, items=2, vehicles=1 + seed % 3)
    solution = solve(problem, Budget(iterations=4))
    again = rebuilt(problem, written_down(solution))
    found = difference(problem, solution, again)
    assert (found.lines, found.places) == ((), ()), "a pack that is not full may be told of another source, no more"
    assert found.is_same
    assert check(problem, again).violations == ()
    assert again.figures.cost_fen == solution.figures.cost_fen


def in_pieces(solution: Solution, place: int) -> Solution:
    """The same plan with one of its allocations in two pieces, the second of them last."""
    whole, last = solution.allocations[place], len(solution.allocations)
    one = replace(whole, quantity=1, serves=1)
    rest = replace(whole, quantity=whole.quantity - 1, serves=whole.serves - 1)

    def loads(found: tuple[Load, ...]) -> tuple[Load, ...]:
        split = [Load(last, 1 if load.quantity > 0 else -1) for load in found if load.allocation == place]
        return (
            *(
                replace(load, quantity=load.quantity + (-1 if load.quantity > 0 else 1))
                if load.allocation == place
                else load
                for load in found
            ),
            *split,
        )

    return replace(
        solution,
        allocations=(*solution.allocations[:place], rest, *solution.allocations[place + 1 :], one),
        trips=tuple(
            replace(trip, stops=tuple(replace(stop, loads=loads(stop.loads)) for stop in trip.stops))
            for trip in solution.trips
        ),
    )


def test_pieces_of_one_load_are_one_row_and_the_same_plan() -> None:
    problem = small()
    solution = solve(problem, Budget(iterations=10))
    split = in_pieces(solution, 0)
    assert len(split.allocations) == len(solution.allocations) + 1
    assert sorted(written_down(split), key=repr) == sorted(written_down(solution), key=repr)
    found = difference(problem, split, rebuilt(problem, written_down(split)))
    assert found.is_same
    assert found.is_equal


def test_windows_are_waited_for_as_in_the_plan() -> None:
    lines = {"A_tent": {"opens_at": 3 * HOUR}, "A_quilt": {"opens_at": 3 * HOUR}}
    problem = with_rows(small(), "lines", **lines)
    solution = solve(problem, Budget(iterations=10))
    assert check(problem, rebuilt(problem, written_down(solution))).violations == ()


def test_edits_are_judged_with_the_checkers_codes() -> None:
    problem = small()
    rows = written_down(solve(problem, Budget(iterations=10)))
    tent = next(place for place, row in enumerate(rows) if row.source_id.startswith("tent"))

    def edited(**changes: object) -> tuple[Written, ...]:
        return tuple(replace(row, **changes) if place == tent else row for place, row in enumerate(rows))  # type: ignore[arg-type]

    assert "oversold" in codes(problem, edited(quantity=10**18))
    assert "overloaded" in codes(problem, edited(quantity=10**18))
    assert "not_positive" in codes(problem, edited(quantity=0))
    assert "not_positive" in codes(problem, edited(quantity=-5))
    assert "lot_without_trip" in codes(problem, edited(trip_no=None, at=0))
    late = tuple(replace(row, at=row.at + 7 * HOUR) for row in rows)
    assert rebuilt(problem, late).figures.late_lines > 0
    assert "vehicle_not_there_yet" in codes(problem, tuple(replace(row, at=-60) for row in rows))
    assert codes(problem, tuple(row for row in rows if not row.source_id.startswith("tent"))) >= {"room_left_unused"}
    assert check(problem, rebuilt(problem, ())).violations == (), "nobody is passed over where nobody drives"


def test_a_road_that_leads_nowhere_is_for_the_checker_to_find() -> None:
    problem = small()
    rows = written_down(solve(problem, Budget(iterations=10)))
    cut = replace(problem, edges=tuple(replace(edge, is_open=edge.id != "ab") for edge in problem.edges))
    assert "roads_do_not_join" in codes(cut, rows)
