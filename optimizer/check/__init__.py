"""The independent checker: judges a plan from the problem alone, sharing no code with the search.

`check(problem, solution)` recomputes every quantity, instant, distance and figure. It knows nothing of how the plan was
found; the definitions it holds the plan to are those written in `optimizer.solution`.
"""

from __future__ import annotations

from optimizer.check.book import Book
from optimizer.check.figures import check_figures, recomputed_figures
from optimizer.check.priority import check_priority
from optimizer.check.standing import check_standing
from optimizer.check.supply import check_supply
from optimizer.check.trips import check_trips
from optimizer.codec import problem_hash
from optimizer.model import Problem
from optimizer.solution import Solution, Verdict

__all__ = ["check"]


def check(problem: Problem, solution: Solution) -> Verdict:
    """Judge a plan. Never raises for a wrong plan: what is wrong with it is in the verdict."""
    book = Book(problem, solution)
    if solution.problem_hash != problem_hash(problem):
        book.violation("other_problem", "solution", wanted=problem_hash(problem), found=solution.problem_hash)
    if book.names_hold():
        check_standing(book)
        check_supply(book)
        check_trips(book)
        check_priority(book)
        figures = recomputed_figures(book)
        check_figures(book, figures)
    else:
        figures = solution.figures
    return Verdict(not book.violations, tuple(book.violations), dict(sorted(book.checked.items())), figures)
