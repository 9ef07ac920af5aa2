"""The compiled search of routes against the plan's own rules: the same figures for the same trips, and nothing lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.budget import Budget
from optimizer.route import route
from optimizer.route.annealing import Annealing
from optimizer.route.arrays import DEAR, LARGE, is_small
from optimizer.route.build import natural_order
from optimizer.route.case import COST_UNIT, Case
from optimizer.route.plan import timed
from optimizer.travel import Roads
from tests.optimizer.routing import city

STEPS = 12


def searched(seed: int, price: int | None, bays: int = 1) -> tuple[Case, Annealing]:
    asked, wanted = city(seed, vehicles=6, shipments=40)
    asked = replace(asked, sites=tuple(replace(site, loading_bays=bays) for site in asked.sites))
    asked = replace(asked, rules=replace(asked.rules, waiting_fen_per_person_hour=price))
    case = Case(asked, Roads(asked), wanted)
    search = Annealing(case, natural_order(case), seed)
    for _ in range(STEPS):
        search.step()
    return case, search


@pytest.mark.parametrize("price", [None, 0, 100])
@pytest.mark.parametrize("seed", range(8))
def test_what_the_search_reckons_is_what_the_plan_is_worth(seed: int, price: int | None) -> None:
    case, search = searched(seed, price, bays=1 + seed % 3)
    plan = timed(case, search.trips())
    assert plan is not None and plan.trips
    soon, late = [0] * search.static.ranks, [0] * search.static.ranks
    waiting = cost = 0
    for trip, end, worth in zip(plan.trips, plan.ends, plan.worth, strict=True):
        at = dict(zip(trip.stops, trip.offsets, strict=True))
        for index, quantity in trip.loads:
            cargo = case.cargos[index]
            arrives = end + at[cargo.delivery]
            (soon if arrives <= cargo.due_at else late)[cargo.rank] += quantity * cargo.gain
            waiting += quantity * cargo.gain * arrives
        cost -= worth[3]
    assert search.best.worth.tolist() == [*soon, *late]
    a_second = DEAR if price is None else max(price / 3600, 1e-9)
    assert search.best.money[0] == pytest.approx(waiting / 1e6 * a_second + cost / COST_UNIT, rel=1e-9)
    carried = [0] * len(case.cargos)
    for trip in plan.trips:
        for index, quantity in trip.loads:
            carried[index] += quantity
    assert [c.quantity - some for c, some in zip(case.cargos, carried, strict=True)] == search.left()


@pytest.mark.parametrize("seed", range(4))
def test_the_best_plan_never_gets_worse_and_the_same_seed_finds_it_again(seed: int) -> None:
    asked, wanted = city(seed, vehicles=4, shipments=30)
    case = Case(asked, Roads(asked), wanted)
    one, other = (Annealing(case, natural_order(case), 5) for _ in range(2))
    before = ([*one.best.worth.tolist()], -float(one.best.money[0]))
    for _ in range(30):
        is_better = one.step()
        other.step()
        now = ([*one.best.worth.tolist()], -float(one.best.money[0]))
        assert now > before if is_better else now == before
        before = now
    assert one.trips() == other.trips()


def test_figures_too_large_for_its_arrays_are_left_to_the_first_plan() -> None:
    asked, wanted = city(1, vehicles=4, shipments=8)
    assert is_small(Case(asked, Roads(asked), wanted))
    huge = [replace(one, quantity=LARGE * one.step) for one in wanted]
    case = Case(asked, Roads(asked), huge)
    assert not is_small(case)
    assert route(asked, Roads(asked), huge, Budget(iterations=3), seed=1).trips
