"""Where to hold what: by hand, by trying everything, and what the next unit is worth by solving again with it."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from optimizer.model import ProblemError
from optimizer.reserve import (
    Held,
    Need,
    Option,
    ReserveItem,
    ReserveProblem,
    ReserveSite,
    Scenario,
    Way,
    advise_reserve,
    evaluate,
    mean_value,
)

ROOM = 10**9


def two_floods(**changes: object) -> ReserveProblem:
    """A place that needs ten tents or twenty, as likely; a tent costs a fen and the budget is fifteen."""
    base = ReserveProblem(
        items=(ReserveItem("tent", 100, 1),),
        sites=(ReserveSite("S", "city", ROOM),),
        ways=(Way("S", "A", 5),),
        scenarios=(
            Scenario("small", 1, (Need("A", "tent", 10, 100, 24),)),
            Scenario("large", 1, (Need("A", "tent", 20, 100, 24),)),
        ),
        budget_fen=15,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def held(problem: ReserveProblem) -> dict[tuple[str, str], int]:
    advice = advise_reserve(problem)
    return {(each.site_id, each.item_id): each.quantity for each in advice.additions if each.quantity}


def test_the_budget_is_spent_and_what_is_left_is_counted() -> None:
    advice = advise_reserve(two_floods())
    assert [(each.quantity, each.cost_fen, each.next_unit_e6) for each in advice.additions] == [(15, 15, 2_500_000)]
    assert (advice.unmet_e6, advice.bound_e6, advice.today_e6) == (12_500_000, 12_500_000, 100_000_000)
    assert [(each.scenario_id, each.unmet_e6) for each in advice.outcomes] == [("small", 0), ("large", 25_000_000)]
    assert advice.next_yuan_e6 == 2_500_000 * 1_000_000
    assert (advice.is_whole_proven, advice.gap_permille) == (True, 0)


def test_no_more_is_bought_than_helps_and_what_is_there_is_counted() -> None:
    assert held(two_floods(budget_fen=1_000)) == {("S", "tent"): 20}
    assert held(two_floods(budget_fen=1_000, held=(Held("S", "tent", 13),))) == {("S", "tent"): 7}


def test_goods_are_held_where_they_are_not_lost_and_where_they_come_in_time() -> None:
    sites = (ReserveSite("S", "city", ROOM), ReserveSite("T", "city", ROOM), ReserveSite("far", "region", ROOM))
    ways = (Way("S", "A", 1), Way("T", "A", 5), Way("far", "A", 30))
    quake = Scenario("quake", 1, (Need("A", "tent", 10, 100, 24),), lost_sites=("S",))
    flood = Scenario("flood", 1, (Need("A", "tent", 10, 100, 24),))
    problem = two_floods(sites=sites, ways=ways, scenarios=(quake, flood), budget_fen=10)
    assert held(problem) == {("T", "tent"): 10}
    shut = replace(problem, scenarios=(quake, replace(flood, ways=(Way("S", "A", 1),))))
    assert sum(held(shut).values()) == 10
    assert advise_reserve(shut).unmet_e6 == 50_000_000


def test_packs_are_whole_and_the_bound_stays_below() -> None:
    advice = advise_reserve(two_floods(items=(ReserveItem("tent", 100, 1, pack_quantity=6),)))
    assert [each.quantity for each in advice.additions] == [12]
    assert (advice.unmet_e6, advice.bound_e6, advice.gap_permille) == (20_000_000, 12_500_000, 75)


def test_an_agreement_is_cheaper_but_takes_time() -> None:
    option = Option("HT-1", "S", "tent", most=8, fee_fen=0, call_fen=1, lead_hours=10)
    advice = advise_reserve(two_floods(options=(option,), budget_fen=12))
    assert ([each.quantity for each in advice.additions], advice.unmet_e6) == ([12], 0)
    assert [(each.option_id, each.quantity) for each in advice.agreed] == [("HT-1", 8)]
    late = advise_reserve(two_floods(options=(replace(option, lead_hours=20),), budget_fen=12))
    assert (late.agreed, late.unmet_e6) == ((), 20_000_000)


def test_room_and_vehicles_bind_and_have_a_worth() -> None:
    """A store with room for five tents; then one whose vehicles take five out."""
    small = advise_reserve(two_floods(sites=(ReserveSite("S", "city", 500),)))
    assert (held(two_floods(sites=(ReserveSite("S", "city", 500),))), small.next_m3_e6) == (
        {("S", "tent"): 5}, {"S": 75_000_000_000},
    )  # fmt: skip
    slow = advise_reserve(two_floods(sites=(ReserveSite("S", "city", ROOM, dispatch_cm3=500),)))
    assert (slow.unmet_e6, slow.next_dispatch_m3_e6) == (62_500_000, {"S": 75_000_000_000})


def tiny(seed: int) -> ReserveProblem:
    """Two stores, one item in packs, one place in need in each scenario: what is served can be counted by hand."""
    dice = random.Random(seed)
    places = ("A", "B")
    ways = tuple(Way(site, place, dice.choice([3, 8, 40])) for site in ("S", "T") for place in places)
    scenarios = tuple(
        Scenario(
            f"w{n}", dice.randrange(1, 5),
            (Need(dice.choice(places), "tent", dice.randrange(3, 20), dice.randrange(10, 90), dice.choice([6, 24]), dice.randrange(1, 4)),),
            lost_sites=dice.choice([(), ("S",), ("T",)]),
        )
        for n in range(3)
    )  # fmt: skip
    sites = (ReserveSite("S", "city", dice.choice([900, ROOM])), ReserveSite("T", "town", ROOM))
    pack = dice.choice([1, 3])
    kept = (Held("S", "tent", dice.randrange(4)), Held("T", "tent", dice.randrange(4)))
    return ReserveProblem((ReserveItem("tent", 100, 7, pack),), sites, ways, scenarios, dice.randrange(20, 150), kept)


def by_trying(problem: ReserveProblem) -> float:
    """The least expected weighted persons unmet over all whole packs within budget and room."""
    (item,) = problem.items
    packs = range(problem.budget_fen // item.price_fen // item.pack_quantity + 1)
    there = {row.site_id: row.quantity for row in problem.held}
    room = {site.id: site.volume_cm3 for site in problem.sites}
    total = sum(one.weight for one in problem.scenarios)
    best = float("inf")
    for s, t in itertools.product(packs, packs):
        more = {"S": s * item.pack_quantity, "T": t * item.pack_quantity}
        if (s + t) * item.pack_quantity * item.price_fen > problem.budget_fen:
            continue
        if any(more[site] * 100 > max(room[site] - there[site] * 100, 0) for site in more):
            continue
        unmet = 0.0
        for one in problem.scenarios:
            (need,) = one.needs
            near = {
                way.site_id for way in problem.ways if way.place_id == need.place_id and way.hours <= need.within_hours
            }
            got = sum(there[site] + more[site] for site in near - set(one.lost_sites))
            unmet += one.weight * need.weight * need.persons * max(need.quantity - got, 0) / need.quantity
        best = min(best, unmet / total)
    return best


@pytest.mark.parametrize("seed", range(25))
def test_tiny_problems_as_by_trying_everything(seed: int) -> None:
    problem = tiny(seed)
    advice = advise_reserve(problem)
    assert advice.unmet_e6 == pytest.approx(by_trying(problem) * 1e6, abs=3)
    assert advice.bound_e6 <= advice.unmet_e6 + 1
    assert advice.cost_fen <= problem.budget_fen
    assert mean_value(problem).unmet_e6 >= advice.unmet_e6 - 3, "looking at the average alone is never better"
    assert advice.today_e6 >= advice.unmet_e6 - 1


@pytest.mark.parametrize("seed", range(25))
def test_the_worth_of_the_next_unit_holds_when_it_is_there(seed: int) -> None:
    """The bound falls by no more than a price says with one unit more, and rises by no less with one less."""
    problem = tiny(seed)
    advice = advise_reserve(problem)
    for each in advice.additions:
        more = tuple(replace(row, quantity=row.quantity + (row.site_id == each.site_id)) for row in problem.held)
        better = advise_reserve(replace(problem, held=more))
        assert better.bound_e6 >= advice.bound_e6 - max(each.next_unit_e6, 0) - 5
        there = next(row.quantity for row in problem.held if row.site_id == each.site_id)
        if there:
            less = tuple(replace(row, quantity=row.quantity - (row.site_id == each.site_id)) for row in problem.held)
            worse = advise_reserve(replace(problem, held=less))
            assert worse.bound_e6 >= advice.bound_e6 + each.next_unit_e6 - 5
    richer = advise_reserve(replace(problem, budget_fen=problem.budget_fen + 1))
    assert richer.bound_e6 >= advice.bound_e6 - advice.next_yuan_e6 // 1_000_000 - 5


def test_many_stores_are_rounded_within_the_budget_and_near_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "optimizer.reserve.WHOLE_MAX", 0
    )  # the way of large problems, on one small enough to know the bound
    dice = random.Random(3)
    items = tuple(
        ReserveItem(f"i{n}", dice.randrange(500, 90_000), dice.randrange(500, 90_000), dice.choice([1, 10, 24]))
        for n in range(5)
    )
    sites = tuple(ReserveSite(f"S{n}", "town", 400_000_000) for n in range(10))
    places = tuple(f"P{n}" for n in range(8))
    ways = tuple(
        Way(site.id, place, dice.randrange(1, 40)) for site in sites for place in places if dice.random() < 0.2
    )
    scenarios = tuple(
        Scenario(
            f"w{w}", dice.randrange(1, 9),
            tuple(Need(place, item.id, dice.randrange(20, 400), dice.randrange(20, 400), 12) for place in places for item in items if dice.random() < 0.3),
            tuple(site.id for site in sites if dice.random() < 0.1),
        )
        for w in range(5)
    )  # fmt: skip
    problem = ReserveProblem(items, sites, ways, scenarios, 5_000_000)
    advice = advise_reserve(problem)
    assert not advice.is_whole_proven
    assert 0 < advice.cost_fen <= problem.budget_fen
    assert advice.bound_e6 <= advice.unmet_e6 < advice.today_e6
    assert advice.gap_permille <= 10
    packs = {item.id: item.pack_quantity for item in items}
    assert all(each.quantity % packs[each.item_id] == 0 for each in advice.additions)
    chosen = {(each.site_id, each.item_id): each.quantity for each in advice.additions}
    assert evaluate(problem, chosen, {}).unmet_e6 == advice.unmet_e6


def test_what_makes_no_sense_is_refused_in_words() -> None:
    for wrong in (
        two_floods(scenarios=()),
        two_floods(budget_fen=-1),
        two_floods(held=(Held("S", "boat", 1),)),
        two_floods(scenarios=(Scenario("x", 0, ()),)),
        two_floods(sites=(ReserveSite("S", "", 1), ReserveSite("S", "", 1))),
    ):
        with pytest.raises(ProblemError):
            advise_reserve(wrong)
