"""What a plan stresses: the same problem solved fast, fair and frugal, and the plans laid side by side."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.__main__ import main
from optimizer.budget import Budget
from optimizer.check import check
from optimizer.codec import to_json
from optimizer.comparison import best_for, difference, reached
from optimizer.emphasis import ALTERNATIVES, Emphasis
from optimizer.model import Edge, Floor, Lot, Node, Problem, Site, Terrain, Vehicle
from optimizer.solution import Solution
from optimizer.solve import solve
from tests.optimizer.make import random_problem, small, with_rows

STEPS = 8


def plan(problem: Problem, emphasis: Emphasis = Emphasis.USUAL, **more: int) -> Solution:
    found = solve(problem, Budget(iterations=more.get("steps", STEPS)), emphasis=emphasis)
    assert check(problem, found).violations == ()
    return found


def tents(solution: Solution, field: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in solution.allocations:
        if row.item_id == "tent":
            found[getattr(row, field)] = found.get(getattr(row, field), 0) + row.serves
    return found


def two_stores(**near: int) -> Problem:
    """Tents lie in the body's own store S, and in N right beside A, which stands later in the order of use."""
    base = small()
    return replace(
        base,
        sites=(*base.sites, Site("N", "near store", "n")),
        lots=(Lot("own", "S", "tent", "city", 100, 0), Lot("near", "N", "tent", "region", 100, 1, **near)),
        lines=base.lines[:1],
        vehicles=(Vehicle("V1", "truck", "S"), Vehicle("V2", "truck", "N")),
        nodes=(*base.nodes, Node("n", 44_200_000, 80_510_000)),
        edges=(*base.edges, Edge("na", "n", "a", 1_000, Terrain.PLAIN)),
    )


def test_a_fast_plan_takes_what_is_near_a_usual_one_what_comes_first_in_the_order_of_use() -> None:
    problem = two_stores()
    usual, fast = plan(problem), plan(problem, Emphasis.FAST)
    assert (tents(usual, "source_id"), tents(fast, "source_id")) == ({"own": 40}, {"near": 40})
    one, other = reached(problem, usual), reached(problem, fast)
    assert one.mean_arrival_at is not None
    assert other.mean_arrival_at is not None
    assert one.mean_arrival_at - other.mean_arrival_at == 9 * 60, "nine kilometres at a kilometre a minute"
    assert (one.rungs, other.rungs) == (((0, 1000),), ((1, 1000),))


def test_a_frugal_plan_looks_at_goods_and_kilometres_before_anything_else() -> None:
    dear = two_stores(unit_price_fen=500_00)
    assert tents(plan(dear, Emphasis.FRUGAL), "source_id") == {"own": 40}
    assert tents(plan(two_stores(), Emphasis.FRUGAL), "source_id") == {"near": 40}, "18 kilometres less to drive"
    assert tents(plan(dear, Emphasis.FAST), "source_id") == {"near": 40}


def test_a_frugal_plan_sends_one_truck_where_a_fast_one_sends_two() -> None:
    base = small(vehicles=(Vehicle("V1", "truck", "S"), Vehicle("V2", "truck", "S")))
    problem = replace(base, sites=tuple(replace(site, loading_bays=2) for site in base.sites))
    fast, frugal = plan(problem, Emphasis.FAST, steps=60), plan(problem, Emphasis.FRUGAL, steps=60)
    assert (len({trip.vehicle_id for trip in fast.trips}), len({trip.vehicle_id for trip in frugal.trips})) == (2, 1)
    assert frugal.figures.cost_fen < fast.figures.cost_fen
    one, other = reached(problem, frugal).mean_arrival_at, reached(problem, fast).mean_arrival_at
    assert one is not None
    assert other is not None
    assert other < one


def test_a_fair_plan_fills_the_poorest_first_where_a_usual_one_counts_persons() -> None:
    problem = with_rows(small(), "lines", A_tent={"persons": 400})
    usual, fair = plan(problem), plan(problem, Emphasis.FAIR)
    assert tents(usual, "line_id") == {"A-tent": 40, "B-tent": 20}
    assert tents(fair, "line_id") == {"A-tent": 30, "B-tent": 30}
    changed = difference(problem, usual, fair)
    assert [(row.line_id, row.before, row.after) for row in changed.lines if row.before != row.after] == [
        ("A-tent", 40, 30),
        ("B-tent", 20, 30),
    ]
    assert [row.site_id for row in changed.places] == ["A", "B"]
    assert (changed.is_same, changed.is_equal) == (False, False)


def test_fair_shares_hold_for_packs_that_do_not_come_out_even() -> None:
    """Seven whole packs of seven tents: as even as those allow, and not one is left behind for the sake of evenness."""
    items = tuple(replace(item, pack_quantity=7, is_splittable=False) for item in small().items[:1])
    problem = replace(with_rows(small(), "lines", A_tent={"persons": 400}), items=(*items, *small().items[1:]))
    problem = with_rows(problem, "lines", A_tent={"minimum_fill": 7})
    usual, fair = tents(plan(problem), "line_id"), tents(plan(problem, Emphasis.FAIR), "line_id")
    assert usual == {"A-tent": 40, "B-tent": 7}
    assert sorted(fair.values()) == [21, 28]


@pytest.mark.parametrize("seed", range(12))
def test_every_alternative_is_right_and_none_beats_another_at_its_own_game(seed: int) -> None:
    problem = random_problem(seed, plenty=(0.5, 1.0)[seed % 2], villages=3 + seed % 3, items=2, vehicles=1 + seed % 4)
    plans = {each: plan(problem, each, steps=4) for each in Emphasis}
    again = plan(problem, Emphasis.FAST, steps=4)
    assert difference(problem, plans[Emphasis.FAST], again).is_same, "the same problem, seed and steps: the same plan"
    for each in ALTERNATIVES:
        best = best_for(problem, each, plans.values())
        assert check(problem, best).violations == ()
        mine = reached(problem, best)
        for other in [reached(problem, one) for one in plans.values()]:
            served = [row.served_permille for row in mine.classes], [row.served_permille for row in other.classes]
            if each is not Emphasis.FAIR:
                assert served[0] >= served[1], "classes in their order before everything else"


def test_two_plans_that_are_one_say_so_and_figures_add_up() -> None:
    problem = replace(small(), floors=(Floor("S", "quilt", "city", 340),))
    one = plan(problem)
    assert difference(problem, one, one) == difference(problem, one, plan(problem))
    assert difference(problem, one, one).is_same
    found, verdict = reached(problem, one), check(problem, one)
    assert found.classes == tuple(replace(row, bound_permille=None) for row in verdict.figures.classes)
    assert (found.cost_fen, found.distance_m) == (verdict.figures.cost_fen, verdict.figures.distance_m)
    (use,) = found.floors
    assert (use.taken, use.stays, use.is_reached, found.floors_reached) == (160, 340, True, 1)
    assert (found.served_persons, found.asked_persons) == (310, 360)
    assert (found.poorest_site_id, found.poorest_permille) == ("B", 843)


def test_an_empty_plan_and_huge_figures_are_compared_like_any() -> None:
    none = plan(small(vehicles=()))
    empty = reached(small(vehicles=()), none)
    assert (empty.served_persons, empty.mean_arrival_at, empty.last_arrival_at, empty.trips) == (0, None, None, 0)
    assert (empty.poorest_permille, empty.rungs, empty.floors) == (0, (), ())
    nobody = replace(small(), lines=())
    assert reached(nobody, plan(nobody)).poorest_site_id is None
    huge = with_rows(small(), "lines", A_tent={"quantity": 10**18, "persons": 10**9})
    for emphasis in ALTERNATIVES:
        found = reached(huge, plan(huge, emphasis))
        assert found.asked_persons == 10**9 + 260


def test_the_command_compares_and_refuses_what_names_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = with_rows(small(), "lines", A_tent={"persons": 400})
    files = {name: tmp_path / f"{name}.json" for name in ("problem", "usual", "fair", "wrong")}
    files["problem"].write_text(json.dumps(to_json(problem)), encoding="utf-8")
    for name in ("usual", "fair"):
        words = ["solve", str(files["problem"]), "-o", str(files[name]), "--iterations", "8", "--emphasis", name]
        assert main(words) == 0
    assert main(["compare", *map(str, (files["problem"], files["usual"], files["fair"]))]) == 0
    said = capsys.readouterr().out
    assert "line A-tent: 40 -> 30 in time" in said
    assert said.endswith("different plans\n")
    other = json.loads(files["usual"].read_text(encoding="utf-8"))
    other["allocations"][0]["line_id"] = "nobody"
    files["wrong"].write_text(json.dumps(other), encoding="utf-8")
    assert main(["compare", *map(str, (files["problem"], files["usual"], files["wrong"])), "--json"]) == 2
    assert "unknown_line" in capsys.readouterr().err
