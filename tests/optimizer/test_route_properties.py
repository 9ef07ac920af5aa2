"""Whatever region, fleet and goods: trips that hold by the words alone, the same each time, never worse for more search."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.budget import Budget, Progress
from optimizer.model import Problem
from optimizer.route import route
from optimizer.route.annealing import Annealing
from optimizer.route.build import natural_order
from optimizer.route.case import Case
from optimizer.route.plan import timed
from optimizer.shipment import Routed, Shipment
from optimizer.travel import Roads
from tests.optimizer.routing import city, faults, worth


def routed(asked: Problem, wanted: list[Shipment], iterations: int, seed: int = 0) -> Routed:
    return route(asked, Roads(asked), wanted, Budget(iterations=iterations), seed=seed)


@given(
    st.integers(0, 10**6),
    st.integers(1, 8),
    st.integers(1, 3),
    st.integers(0, 6),
    st.integers(0, 25),
    st.integers(1, 30),
)
@settings(max_examples=60, deadline=None)
def test_every_plan_holds(
    seed: int, deliveries: int, origins: int, vehicles: int, shipments: int, iterations: int
) -> None:
    asked, wanted = city(seed, deliveries=deliveries, origins=origins, vehicles=vehicles, shipments=shipments)
    found = routed(asked, wanted, iterations, seed)
    assert faults(asked, wanted, found) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_same_seed_and_iterations_give_the_same_plan(seed: int) -> None:
    asked, wanted = city(seed, vehicles=6, shipments=40)
    assert routed(asked, wanted, 40, seed) == routed(asked, wanted, 40, seed)


@pytest.mark.parametrize("seed", range(4))
def test_more_search_is_not_worse(seed: int) -> None:
    """What the search itself keeps as the best; the last look through it may make more of a worse one."""
    asked, wanted = city(seed, vehicles=4, shipments=25)
    case = Case(asked, Roads(asked), wanted)
    search, scores = Annealing(case, natural_order(case), seed), []
    for _ in range(90):
        search.step()
        plan = timed(case, search.trips())
        assert plan is not None
        scores.append(plan.score)
    assert scores == sorted(scores)
    assert scores[-1] > scores[0]


def test_search_gains_something_somewhere() -> None:
    gains = 0
    for seed in range(4):
        asked, wanted = city(seed, vehicles=3, shipments=20)
        gains += worth(wanted, routed(asked, wanted, 60)) > worth(wanted, routed(asked, wanted, 1))
    assert gains >= 2


@pytest.mark.parametrize("seed", range(3))
def test_a_closed_road_is_in_no_trip_of_the_next_plan(seed: int) -> None:
    asked, wanted = city(seed, vehicles=5, shipments=20)
    roads = Roads(asked)
    before = route(asked, roads, wanted, Budget(iterations=10), seed=1)
    busiest = max(e.id for trip in before.trips for stop in trip.stops for e in asked.edges if e.id in stop.edges)
    closed = replace(asked, edges=tuple(replace(e, is_open=e.is_open and e.id != busiest) for e in asked.edges))
    after = route(closed, roads.updated(closed), wanted, Budget(iterations=10), seed=1)
    assert faults(closed, wanted, after) == []
    assert after == route(closed, Roads(closed), wanted, Budget(iterations=10), seed=1)


def test_progress_is_told_and_cancel_heeded_at_once() -> None:
    told: list[Progress] = []
    asked, wanted = city(3, vehicles=5, shipments=30)
    budget = Budget(iterations=10_000, keep_going=lambda: len(told) < 2, on_progress=told.append)
    found = route(asked, Roads(asked), wanted, budget, seed=1)
    assert faults(asked, wanted, found) == []
    assert budget.stopped_by == "cancel"
    assert budget.used <= 50
    assert [(p.stage, p.done) for p in told] == [("routing", 25), ("routing", 50)]
