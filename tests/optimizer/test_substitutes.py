"""Substitutes with a broken ratio: what is sent counts for no more than was asked."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.model import Lot, Substitute
from optimizer.solve import solve
from tests.optimizer.make import random_problem, small

UNEVEN = ((2, 3), (3, 7), (10, 3), (7, 5), (1, 6))


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


@pytest.mark.parametrize("seed", (1, 3))
def test_uneven_stand_ins_are_counted_and_packed_as_the_checker_does(seed: int) -> None:
    """Plans of scarce goods, where nearly every line takes something else in an uneven ratio, put together and taken apart on rides."""
    dice = random.Random(seed)
    base = random_problem(seed, stores=3, villages=6, vehicles=4, plenty=0.5)
    goods = [item.id for item in base.items]
    lines = tuple(
        replace(
            line,
            substitutes=(Substitute(dice.choice([id for id in goods if id != line.item_id]), *dice.choice(UNEVEN)),),
        )
        for line in base.lines
    )
    problem = replace(base, lines=lines)
    verdict = check(problem, solve(problem, Budget(iterations=20), seed=seed))
    assert verdict.is_feasible, verdict.violations
