"""Numbers as large as the books can hold, and problems with next to nothing in them: a plan comes out, and the checker finds it right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.model import Contract, Floor, Problem, ProblemError, Rules, Step, Substitute
from optimizer.solve import solve
from optimizer.validate import QUANTITY_MAX
from tests.optimizer.make import small, truck, with_rows

MOST = 10**18


def every(kind: str, **facts: int) -> Problem:
    """The small problem with these figures in every row of a kind."""
    return replace(small(), **{kind: tuple(replace(row, **facts) for row in getattr(small(), kind))})


def standing_in(item_quantity: int, substitute_quantity: int) -> Problem:
    """Tents stand in for quilts and quilts for tents, in that ratio."""
    other = {"tent": "quilt", "quilt": "tent"}
    return replace(
        small(),
        lines=tuple(
            replace(line, substitutes=(Substitute(other[line.item_id], item_quantity, substitute_quantity),))
            for line in small().lines
        ),
    )


HUGE = truck(
    payload_g=MOST,
    volume_cm3=MOST,
    gross_mass_kg=MOST,
    fixed_cost_fen=MOST,
    cost_per_km_fen=MOST,
    cost_per_hour_fen=MOST,
)
ENDLESS = Contract("c", "tent", "city", "S", (Step(0, MOST),))
ALL_STOCK = every("lots", quantity=MOST)
PROBLEMS = {
    "stock": (with_rows(small(), "lots", tent_new={"quantity": MOST}), [1000, 1000]),
    "asked": (with_rows(small(), "lines", A_tent={"quantity": MOST}), [500, 1000]),
    "asked of every line": (every("lines", quantity=MOST), [0, 0]),
    "asked and there": (replace(ALL_STOCK, lines=every("lines", quantity=MOST).lines), [0, 0]),
    "asked of a contract": (replace(every("lines", quantity=MOST), contracts=(ENDLESS,)), [0, 0]),
    "of use only whole": (with_rows(small(), "lines", A_tent={"quantity": MOST, "minimum_fill": MOST}), [500, 1000]),
    "persons": (with_rows(small(), "lines", A_tent={"persons": MOST}), [999, 1000]),
    "severity": (with_rows(small(), "lines", A_tent={"severity": MOST}), [750, 1000]),
    "class": (with_rows(small(), "lines", A_tent={"class_rank": MOST}), [1000, 1000, 500]),
    "due": (with_rows(small(), "lines", A_tent={"due_at": MOST}), [750, 1000]),
    "horizon": (replace(small(), rules=Rules(horizon_s=MOST, late_s_max=MOST)), [750, 1000]),
    "handling": (replace(small(), rules=Rules(stop_fixed_s=MOST, packs_per_minute=MOST)), [0, 0]),
    "roads": (every("edges", length_m=MOST), [0, 0]),
    "mass": (every("items", unit_mass_g=MOST), [0, 0]),
    "volume": (every("items", unit_volume_cm3=MOST), [0, 0]),
    "packs": (every("items", pack_quantity=MOST), [750, 1000]),
    "vehicles": (replace(small(), vehicle_types=(HUGE,)), [750, 1000]),
    "prices": (every("lots", unit_price_fen=MOST), [750, 1000]),
    "floor": (replace(small(), floors=(Floor("S", "tent", "city", MOST),)), [0, 1000]),
    "contract": (replace(small(), contracts=(ENDLESS,)), [1000, 1000]),
    "available": (with_rows(small(), "lots", tent_new={"available_at": MOST}), [250, 1000]),
    "bays": (every("sites", loading_bays=MOST), [750, 1000]),
    "one stands in for many": (standing_in(MOST, 1), [1000, 1000]),
    "many stand in for one": (standing_in(1, MOST), [750, 1000]),
    "nothing at all": (Problem("e", "2026-01-12T00:00:00+00:00", (), (), (), (), (), (), (), ()), []),
    "one node": (replace(every("sites", node="s"), nodes=small().nodes[:1], edges=()), [750, 1000]),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_plan_comes_out_and_is_right(name: str) -> None:
    problem, served = PROBLEMS[name]
    solution = solve(problem, Budget(iterations=3))
    assert check(problem, solution).violations == ()
    assert [each.served_permille for each in solution.figures.classes] == served


def test_more_than_the_books_can_hold_is_refused_in_words() -> None:
    with pytest.raises(ProblemError) as refused:
        solve(with_rows(small(), "lots", tent_new={"quantity": QUANTITY_MAX + 1}), Budget(iterations=3))
    assert refused.value.faults == [
        f"lot tent-new: quantity is {QUANTITY_MAX + 1}, it must be a whole number from 0 to {QUANTITY_MAX}"
    ]


def test_a_window_that_closes_before_it_opens_is_refused_in_words() -> None:
    with pytest.raises(ProblemError) as refused:
        solve(with_rows(small(), "lines", A_tent={"opens_at": 9 * 3600}), Budget(iterations=3))
    assert refused.value.faults == ["line A-tent: its window closes at 28800, before it opens at 32400"]
