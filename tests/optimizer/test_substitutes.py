"""Substitutes with a broken ratio: what is sent counts for no more than was asked."""

from __future__ import annotations

from dataclasses import replace

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.model import Lot, Substitute
from optimizer.solve import solve
from tests.optimizer.make import small


def test_the_last_of_a_substitute_counts_only_for_what_is_still_asked() -> None:
    """Three quilts stand for ten tents: 32 quilts would be 106 tents, 104 are asked; the odd two ride apart from the thirty."""
    base = small()
    line = replace(base.lines[0], quantity=104, substitutes=(Substitute("quilt", 10, 3),))
    items = tuple(replace(item, pack_quantity=1) for item in base.items)
    problem = replace(base, items=items, lots=(Lot("quilts", "S", "quilt", "city", 500),), lines=(line,))
    solution = solve(problem, Budget(iterations=5), seed=1)
    verdict = check(problem, solution)
    assert verdict.is_feasible, verdict.violations
    assert (sum(each.serves for each in solution.allocations), solution.gaps) == (104, ())
