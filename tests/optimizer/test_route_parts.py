"""The search's own reckoning, against reckoning everything anew."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations, product
from operator import add

import pytest

from optimizer.model import Item, Problem, Rules
from optimizer.route.build import Manner, all_fits, insert, insert_all, natural_order, with_fit
from optimizer.route.case import Case
from optimizer.route.fit import Fit, added
from optimizer.route.plan import Timed, retimed, timed
from optimizer.route.settle import settle
from optimizer.route.trip import draft
from optimizer.shipment import Shipment
from optimizer.travel import Roads
from tests.optimizer.routing import city, edge, item, kind, problem, shipment, truck


def built(asked: Problem, wanted: list[Shipment]) -> tuple[Case, Timed, list[int]]:
    case = Case(asked, Roads(asked), wanted)
    left = [cargo.quantity for cargo in case.cargos]
    empty = timed(case, ())
    assert empty is not None
    return case, insert_all(case, empty, left, natural_order(case), Manner(is_thorough=True)), left


def planned(seed: int) -> tuple[Case, Timed, list[int]]:
    return built(*city(seed, vehicles=6, shipments=40))


@pytest.mark.parametrize("seed", range(12))
def test_changing_one_trip_gives_what_timing_all_afresh_gives(seed: int) -> None:
    case, plan, _ = planned(seed)
    dice = random.Random(seed)
    compared = 0
    for place, trip in enumerate(plan.trips):
        index, quantity = dice.choice(trip.loads)
        for new_quantity in (case.cargos[index].step, quantity * 2):
            loads = tuple((i, new_quantity if i == index else q) for i, q in trip.loads)
            stops = tuple(dice.sample(trip.stops, len(trip.stops)))
            changed = draft(case, trip.truck, trip.origin, stops, loads)
            if changed is not None:
                afresh = timed(case, [changed if n == place else t for n, t in enumerate(plan.trips)])
                assert retimed(case, plan, place, changed, is_new=False) == afresh
                compared += 1
        more = draft(case, trip.truck, trip.origin, trip.stops, trip.loads)
        assert more is not None
        for at in (0, place, len(plan.trips)):
            trips = [*plan.trips[:at], more, *plan.trips[at:]]
            assert retimed(case, plan, at, more, is_new=True) == timed(case, trips)
    assert compared


@pytest.mark.parametrize("price", [None, 0, 100])
@pytest.mark.parametrize("seed", range(6))
def test_what_a_fit_promises_is_what_the_plan_gains_where_no_bay_is_awaited(seed: int, price: int | None) -> None:
    asked, wanted = city(seed, vehicles=6, shipments=40)
    asked = replace(asked, sites=tuple(replace(site, loading_bays=100) for site in asked.sites))
    asked = replace(asked, rules=replace(asked.rules, waiting_fen_per_person_hour=price))
    case, plan, left = built(asked, wanted)
    exact = 0
    for cargo in case.cargos:
        amount = left[cargo.index] or cargo.step
        for limit in (cargo.due_at, cargo.late_until):
            for fit in all_fits(case, plan, cargo, amount, limit, True):
                whole = with_fit(case, plan, cargo, fit)
                if whole is not None:
                    assert whole.score == tuple(map(add, plan.score, fit.change))
                    exact += 1
    assert exact


@pytest.mark.parametrize("seed", range(12))
def test_a_fit_never_promises_less_than_the_plan_gains(seed: int) -> None:
    case, plan, left = planned(seed)
    compared = 0
    for cargo in case.cargos:
        for fit in all_fits(case, plan, cargo, left[cargo.index] or cargo.step, cargo.late_until, True):
            whole = with_fit(case, plan, cargo, fit)
            if whole is not None and all(a <= b for a, b in zip(plan.ends, without_new(whole, fit), strict=True)):
                assert whole.score <= tuple(map(add, plan.score, fit.change))
                compared += 1
    assert compared


@pytest.mark.parametrize("price", [None, 0, 100])
def test_looking_for_the_best_places_only_finds_the_best_of_all(price: int | None) -> None:
    fewer = 0
    for seed in range(8):
        asked, wanted = city(seed, vehicles=6, shipments=40)
        slow = 1 + seed % 2  # packs a minute: often only a part is in time
        asked = replace(asked, rules=replace(asked.rules, waiting_fen_per_person_hour=price, packs_per_minute=slow))
        case, plan, left = built(asked, wanted)
        for cargo, goes_before, in_time in product(case.cargos, (False, True), (False, True)):
            amount = left[cargo.index] or cargo.step
            limit, least = (cargo.due_at, (1, 0, 0, 0)) if in_time else (cargo.late_until, (0, 0, 0, 0))
            every = all_fits(case, plan, cargo, amount, limit, goes_before)
            useful = sorted((fit.change for fit in every if fit.change >= least), reverse=True)
            found = all_fits(case, plan, cargo, amount, limit, goes_before, least=least)
            assert sorted((fit.change for fit in found), reverse=True) == useful
            first = all_fits(case, plan, cargo, amount, limit, goes_before, least=least, most=2)
            assert sorted((fit.change for fit in first), reverse=True)[:2] == useful[:2]
            fewer += len(useful) - len(first)
    assert fewer


def without_new(whole: Timed, fit: Fit) -> tuple[int, ...]:
    return whole.ends[: fit.place] + whole.ends[fit.place + 1 :] if fit.is_new else whole.ends


@pytest.mark.parametrize("seed", range(8))
def test_a_settled_plan_has_no_place_left_for_what_it_leaves(seed: int) -> None:
    case, plan, left = planned(seed)
    settled = settle(case, plan, left, natural_order(case))
    assert settled.score >= plan.score
    for cargo in case.cargos:
        carried = sum(q for trip in settled.trips for i, q in trip.loads if i == cargo.index)
        assert carried + left[cargo.index] == cargo.quantity
        if not left[cargo.index] or not cargo.kinds:
            continue
        for place, trip in enumerate(settled.trips):
            if trip.origin != cargo.origin or case.trucks[trip.truck].kind not in cargo.kinds:
                continue
            ways = [(*trip.stops[:n], cargo.delivery, *trip.stops[n:]) for n in range(len(trip.stops) + 1)]
            for stops in [trip.stops] if cargo.delivery in trip.stops else ways:
                more = draft(case, trip.truck, trip.origin, stops, added(trip.loads, cargo.index, cargo.step))
                whole = more and retimed(case, settled, place, more, is_new=False)
                assert not whole or whole.score <= settled.score


@pytest.mark.parametrize("seed", range(4))
def test_a_settled_trip_has_its_stops_in_the_best_order(seed: int) -> None:
    case, plan, left = planned(seed)
    settled = settle(case, plan, left, natural_order(case))
    tried = 0
    for place, trip in enumerate(settled.trips):
        for stops in permutations(trip.stops) if len(trip.stops) <= 5 else ():
            other = draft(case, trip.truck, trip.origin, stops, trip.loads)
            if other is not None and other.gain_offset < trip.gain_offset and settled.ends[place] <= other.due_end:
                whole = retimed(case, settled, place, other, is_new=False)
                assert whole is None or whole.score <= settled.score
            tried += len(trip.stops) > 1
    assert tried


def test_stops_in_a_bad_order_are_put_right() -> None:
    roads = [edge("base", "a", 20), edge("a", "b", 20)]
    asked = problem(("base", "a", "b"), roads, vehicles=[truck()])
    wanted = [shipment("a", 10, origin_id="base"), shipment("b", 10, origin_id="base")]
    case = Case(asked, Roads(asked), wanted)
    a, b = (case.cargos[n].delivery for n in (0, 1))
    backwards = draft(case, 0, case.cargos[0].origin, (b, a), ((0, 10), (1, 10)))
    assert backwards is not None
    plan = timed(case, [backwards])
    assert plan is not None
    assert settle(case, plan, [0, 0], natural_order(case)).trips[0].stops == (a, b)


def test_less_urgent_goods_make_room_for_urgent_ones_on_the_same_trip() -> None:
    asked = problem(("base", "a"), [edge("base", "a", 20)], vehicles=[truck(free_until=9000)])
    wanted = [shipment("a", 100, origin_id="base", class_rank=2), shipment("a", 40, origin_id="base", class_rank=1)]
    case = Case(asked, Roads(asked), wanted)
    only = draft(case, 0, case.cargos[0].origin, (case.cargos[0].delivery,), ((0, 100),))
    assert only is not None
    plan = timed(case, [only])
    assert plan is not None
    left = [0, 40]
    settled = settle(case, plan, left, natural_order(case))
    assert sorted(settled.trips[0].loads) == [(0, 60), (1, 40)]
    assert left == [40, 0]


@pytest.mark.parametrize("seed", range(6))
def test_goods_of_less_urgency_take_nothing_from_urgent_ones(seed: int) -> None:
    asked, wanted = city(seed, vehicles=4, shipments=30)
    urgent = [replace(s, class_rank=1) for s in wanted[:10]]
    rest = [replace(s, class_rank=2) for s in wanted[10:]]
    assert urgent_in_time([*urgent, *rest], asked) >= urgent_in_time(urgent, asked) > 0


def urgent_in_time(wanted: list[Shipment], asked: Problem) -> int:
    """What shipments of class 1 gain in time once every one had its turn."""
    case = Case(asked, Roads(asked), wanted)
    left = [cargo.quantity for cargo in case.cargos]
    plan = timed(case, ())
    assert plan is not None
    for index in natural_order(case):
        plan = insert(case, plan, left, index, in_time=True)
    gain = 0
    for trip, end in zip(plan.trips, plan.ends, strict=True):
        at = dict(zip(trip.stops, trip.offsets, strict=True))
        for index, quantity in trip.loads:
            cargo = case.cargos[index]
            if wanted[index].class_rank == 1 and end + at[cargo.delivery] <= cargo.due_at:
                gain += quantity * cargo.gain
    return gain


@pytest.mark.parametrize(
    ("facts", "thing", "quantity"),
    [
        ({"payload_g": 20_999}, item(), 21),
        ({"volume_cm3": 20_999}, item(), 21),
        ({"tow_capacity_g": 3999}, item(is_towed=True), 4),
    ],
)
def test_a_trip_one_unit_over_its_capacity_is_refused_by_itself(
    facts: dict[str, int], thing: Item, quantity: int
) -> None:
    asked = problem(("base", "a"), [edge("base", "a", 20)], items=[thing], kinds=[kind(**facts)], vehicles=[truck()])
    case = Case(asked, Roads(asked), [shipment("a", quantity, origin_id="base")])
    cargo = case.cargos[0]
    assert draft(case, 0, cargo.origin, (cargo.delivery,), ((0, quantity),)) is None
    assert draft(case, 0, cargo.origin, (cargo.delivery,), ((0, quantity - 1),)) is not None


@pytest.mark.parametrize(("limit", "goes"), [(2400, True), (2399, False)])
def test_a_trip_that_drives_a_second_too_long_is_refused_by_itself(limit: int, goes: bool) -> None:
    rules = Rules(drive_s_max_single=limit)
    asked = problem(("base", "a"), [edge("base", "a", 20)], vehicles=[truck()], rules=rules)
    case = Case(asked, Roads(asked), [shipment("a", 1, origin_id="base")])
    cargo = case.cargos[0]
    assert (draft(case, 0, cargo.origin, (cargo.delivery,), ((0, 1),)) is not None) is goes
