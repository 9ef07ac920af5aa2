"""From a problem to a plan that the independent checker finds right."""

from __future__ import annotations

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.solution import Why
from optimizer.solve import solve
from tests.optimizer.make import small


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


def test_the_same_seed_and_iterations_give_the_same_plan() -> None:
    problem = small()
    one, other = solve(problem, Budget(iterations=15), seed=3), solve(problem, Budget(iterations=15), seed=3)
    assert (one.allocations, one.trips, one.gaps, one.figures) == (
        other.allocations,
        other.trips,
        other.gaps,
        other.figures,
    )


def test_without_vehicles_the_plan_is_empty_and_says_so() -> None:
    problem = small(vehicles=())
    solution = solve(problem, Budget(iterations=5))
    assert (solution.allocations, solution.trips) == ((), ())
    assert {gap.line_id: gap.reasons[0].code for gap in solution.gaps} == {
        line.id: Why.VEHICLES for line in problem.lines
    }
    assert check(problem, solution).violations == ()


def test_without_stock_every_line_says_so() -> None:
    solution = solve(small(lots=()), Budget(iterations=5))
    assert {gap.reasons[0].code for gap in solution.gaps} == {Why.NO_STOCK}
    assert len(solution.gaps) == 4
