"""Trips by hand: every instant, every limit, one unit on either side of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from optimizer.budget import Budget
from optimizer.model import Problem, Rules, Site
from optimizer.route import route
from optimizer.shipment import Carried, Routed, Shipment
from optimizer.solution import Load, Stop
from optimizer.travel import Roads
from tests.optimizer.routing import edge, faults, item, kind, problem, shipment, truck

LINE = (edge("base", "store", 10), edge("store", "a", 20), edge("a", "b", 30))
"""base, 10 minutes, store, 20 minutes, a, 30 minutes, b."""
SITES = ("base", "store", "a", "b")


def routed(asked: Problem, shipments: Sequence[Shipment], *, iterations: int = 20, seed: int = 0) -> Routed:
    found = route(asked, Roads(asked), shipments, Budget(iterations=iterations), seed=seed)
    assert faults(asked, shipments, found) == []
    return found


def line(sites: Sequence[str | Site] = SITES, **facts: Any) -> Problem:
    return problem(sites, facts.pop("edges", LINE), **{"vehicles": [truck()], **facts})


def amounts(found: Routed) -> dict[int, int]:
    totals: dict[int, int] = {}
    for part in found.carried:
        totals[part.shipment] = totals.get(part.shipment, 0) + part.quantity
    return totals


def test_a_trip_to_two_places_second_by_second() -> None:
    found = routed(line(), [shipment("a", 25), shipment("b", 11)])
    # 36 packs: 1200 + 4 minutes to load; 25: 1200 + 3 minutes; 11: 1200 + 2 minutes
    (trip,) = found.trips
    assert (trip.no, trip.vehicle_id, trip.departs_at, trip.distance_m) == (1, "v1", 0, 120_000)
    assert trip.stops == (
        Stop("base", 0, 0),
        Stop("store", 600, 600 + 1440, ("base-store",), 10_000, (Load(0, 25), Load(1, 11))),
        Stop("a", 2040 + 1200, 3240 + 1380, ("store-a",), 20_000, (Load(0, -25),)),
        Stop("b", 4620 + 1800, 6420 + 1320, ("a-b",), 30_000, (Load(1, -11),)),
        Stop("base", 7740 + 3600, 11_340, ("a-b", "store-a", "base-store"), 60_000),
    )
    assert trip.returns_at == 11_340
    assert found.carried == (Carried(0, 1, 25, 4620), Carried(1, 1, 11, 7740))


def test_a_base_that_holds_the_goods_is_the_loading_stop() -> None:
    found = routed(line(vehicles=[truck(base="store")]), [shipment("a", 10, available_at=5000)])
    (trip,) = found.trips
    assert trip.departs_at == 5000
    assert trip.stops[0] == Stop("store", 5000, 5000 + 1260, (), 0, (Load(0, 10),))
    assert [stop.site_id for stop in trip.stops] == ["store", "a", "store"]


def test_the_vehicle_leaves_so_that_it_need_not_wait_for_goods() -> None:
    (trip,) = routed(line(), [shipment("a", 10, available_at=5000)]).trips
    assert trip.departs_at == 4400
    assert (trip.stops[1].arrives_at, trip.stops[1].departs_at) == (5000, 6260)


def test_packs_are_counted_for_each_load_and_added_up_for_the_stop() -> None:
    things = [item("water", pack_quantity=6), item("bread", pack_quantity=4)]
    two = [shipment("a", 7, line_id="x"), shipment("a", 33, item_id="bread", line_id="y")]
    (trip,) = routed(line(items=things), two).trips
    # 2 packs and 9 packs are 11: two minutes begun
    assert trip.stops[1].departs_at - trip.stops[1].arrives_at == 1200 + 120


def test_a_vehicle_comes_back_for_more() -> None:
    found = routed(line(), [shipment("a", 150)])
    assert [(trip.vehicle_id, trip.stops[1].loads[0].quantity) for trip in found.trips] == [("v1", 100), ("v1", 50)]
    assert found.trips[1].departs_at == found.trips[0].returns_at


def test_goods_are_split_in_whole_steps() -> None:
    packs = [item(pack_quantity=30, is_splittable=False)]
    found = routed(line(items=packs), [shipment("a", 120, step=30)])
    assert [part.quantity for part in found.carried] == [90, 30]
    assert routed(line(items=packs), [shipment("a", 29, step=30)]) == Routed((), ())


@pytest.mark.parametrize(
    ("facts", "thing", "most"),
    [
        ({"payload_g": 20_999}, item(), 20),
        ({"payload_g": 21_000}, item(), 21),
        ({"volume_cm3": 20_999}, item(), 20),
        ({"volume_cm3": 21_000}, item(), 21),
        ({"tow_capacity_g": 3999}, item(is_towed=True), 3),
        ({"tow_capacity_g": 4000, "payload_g": 0, "volume_cm3": 0}, item(is_towed=True), 4),
        ({"tow_capacity_g": 9000, "payload_g": 2000}, item(), 2),
    ],
)
def test_capacity_to_the_unit(facts: dict[str, int], thing: Any, most: int) -> None:
    asked = line(kinds=[kind(**facts)], items=[thing], vehicles=[truck(free_until=9000)])
    assert amounts(routed(asked, [shipment("a", 30)])) == {0: most}


def test_due_to_the_second_decides_between_in_time_late_and_not_at_all() -> None:
    # arrival at a: 600 + 1260 + 1200 + 1260 = 4320
    in_time = routed(line(), [shipment("a", 10, due_at=4320, late_until=4320)])
    assert [part.arrives_at for part in in_time.carried] == [4320]
    late = routed(line(), [shipment("a", 10, due_at=4319, late_until=4320)])
    assert [part.arrives_at for part in late.carried] == [4320]
    assert routed(line(), [shipment("a", 10, due_at=4319, late_until=4319)]) == Routed((), ())


def test_less_is_brought_where_handling_all_would_take_too_long() -> None:
    # each ten packs take a minute at either end: 4320 allows one minute's worth, 4440 two
    due = {"due_at": 4439, "late_until": 4439}
    assert amounts(routed(line(), [shipment("a", 50, **due)])) == {0: 10}
    due = {"due_at": 4440, "late_until": 4440}
    assert amounts(routed(line(), [shipment("a", 50, **due)])) == {0: 20}


@pytest.mark.parametrize(("until", "goes"), [(6120, True), (6119, False)])
def test_the_vehicle_is_back_when_it_has_to_be(until: int, goes: bool) -> None:
    # 4320 at a, half an hour home
    assert bool(routed(line(vehicles=[truck(free_until=until)]), [shipment("a")]).trips) is goes
    assert bool(routed(line(rules=Rules(horizon_s=until)), [shipment("a")]).trips) is goes
    both = line(vehicles=[truck(free_until=50_000)], rules=Rules(horizon_s=until))
    assert bool(routed(both, [shipment("a")]).trips) is goes


@pytest.mark.parametrize(("limit", "drivers", "goes"), [(3600, 1, True), (3599, 1, False), (3599, 2, True)])
def test_driving_time_is_limited_by_drivers(limit: int, drivers: int, goes: bool) -> None:
    rules = Rules(drive_s_max_single=limit, drive_s_max_double=3600)
    assert bool(routed(line(rules=rules, vehicles=[truck(drivers=drivers)]), [shipment("a")]).trips) is goes


def test_nothing_starts_before_the_vehicle_is_there() -> None:
    (trip,) = routed(line(vehicles=[truck(available_at=777)]), [shipment("a")]).trips
    assert trip.departs_at == 777


def test_groups_that_do_not_bear_each_other_go_apart() -> None:
    things = [item("water", load_group="food"), item("coal", load_group="fuel"), item("rope", load_group="tools")]
    asked = line(items=things, rules=Rules(incompatible_groups=(("food", "fuel"),)))
    wanted = [shipment("a", 10, item_id=name, line_id=name) for name in ("water", "coal", "rope")]
    found = routed(asked, wanted)
    assert amounts(found) == {0: 10, 1: 10, 2: 10}
    trip_of = {part.shipment: part.trip_no for part in found.carried}
    assert trip_of[0] != trip_of[1]
    assert len(found.trips) == 2


@pytest.mark.parametrize(
    ("thing", "able", "rules"),
    [
        (item(needs_refrigeration=True), {"is_refrigerated": True}, Rules()),
        (item(needs_warmth=True), {"is_heated": True}, Rules(is_freezing=True)),
    ],
)
def test_equipment_is_needed(thing: Any, able: dict[str, bool], rules: Rules) -> None:
    kinds = [kind("plain"), kind("able", **able)]
    fleet = [truck("v1", "plain"), truck("v2", "able", available_at=9000)]
    (trip,) = routed(line(items=[thing], kinds=kinds, vehicles=fleet, rules=rules), [shipment("a")]).trips
    assert trip.vehicle_id == "v2"


def test_warmth_matters_only_when_it_freezes() -> None:
    assert routed(line(items=[item(needs_warmth=True)]), [shipment("a")]).trips


@pytest.mark.parametrize(("size", "goes"), [(3, True), (4, False)])
def test_size_limits_of_yards_and_requests(size: int, goes: bool) -> None:
    kinds = [kind(size_class=size)]
    yard = Site("a", "a", "a", size_class_max=3)
    store = Site("store", "store", "store", size_class_max=3)
    assert bool(routed(line(kinds=kinds), [shipment("a", size_class_max=3)]).trips) is goes
    assert bool(routed(line(("base", "store", yard), kinds=kinds), [shipment("a")]).trips) is goes
    assert bool(routed(line(("base", store, "a"), kinds=kinds), [shipment("a")]).trips) is goes


def test_a_closed_road_is_driven_around_and_no_road_is_no_trip() -> None:
    around = (*LINE, edge("store", "c", 15), edge("c", "a", 15))
    asked = line(edges=around)
    closed = replace(asked, edges=(LINE[0], replace(LINE[1], is_open=False), *around[2:]))
    (trip,) = routed(closed, [shipment("a")]).trips
    assert trip.stops[2].edges == ("store-c", "c-a")
    cut = replace(asked, edges=(LINE[0], replace(LINE[1], is_open=False)))
    assert routed(cut, [shipment("a")]) == Routed((), ())


def test_a_snow_road_is_for_snow_vehicles() -> None:
    kinds = [kind("van"), kind("snow", is_snow_capable=True)]
    snowy = (LINE[0], replace(LINE[1], snow_vehicles_only=True))
    fleet = [truck("v1"), truck("v2", "snow", available_at=20_000)]
    (trip,) = routed(line(edges=snowy, kinds=kinds, vehicles=fleet), [shipment("a")]).trips
    assert trip.vehicle_id == "v2"


def test_a_vehicle_that_cannot_drive_home_does_not_go() -> None:
    trap = (LINE[0], replace(LINE[1], is_two_way=False))
    assert routed(line(edges=trap), [shipment("a")]) == Routed((), ())


def test_a_base_without_road_sends_nothing() -> None:
    places = [Site("base", "base", ""), "store", "a", "b"]
    assert routed(line(places), [shipment("a")]) == Routed((), ())


@pytest.mark.parametrize(("bays", "ends"), [(1, [1260, 2520, 3780]), (2, [1260, 1260, 2520]), (3, [1260, 1260, 1260])])
def test_no_more_vehicles_load_at_once_than_there_are_bays(bays: int, ends: list[int]) -> None:
    store = Site("store", "store", "store", loading_bays=bays)
    fleet = [truck(f"v{n}", base="store", free_until=9000) for n in range(3)]
    things = [item(unit_mass_g=10_000)]
    found = routed(line(("base", store, "a"), items=things, vehicles=fleet), [shipment("a", 30)])
    assert sorted(trip.stops[0].departs_at for trip in found.trips) == ends


def test_nothing_to_do_and_nothing_to_do_it_with() -> None:
    assert routed(line(), []) == Routed((), ())
    assert routed(line(vehicles=[]), [shipment("a")]) == Routed((), ())
    assert routed(problem([], []), []) == Routed((), ())


def test_the_most_urgent_class_goes_first_however_little_it_weighs() -> None:
    asked = line(vehicles=[truck(free_until=7200)])
    wanted = [shipment("a", 100, class_rank=2, weight=10**6), shipment("a", 40, class_rank=1, weight=1, line_id="x")]
    assert amounts(routed(asked, wanted)) == {0: 60, 1: 40}


def test_less_urgent_goods_ride_along_as_far_as_more_urgent_ones_stay_in_time() -> None:
    urgent = shipment("b", 10, class_rank=1, due_at=7920, late_until=7920)
    # alone at b: 600 + 1260 + 3000 + 1260 = 6120; by way of a with 10 packs: 1 minute more to load and 1260 at a
    assert amounts(routed(line(vehicles=[truck(free_until=12_000)]), [urgent, shipment("a", 10, class_rank=3)])) == {
        0: 10,
        1: 10,
    }
    tight = replace(urgent, due_at=7439, late_until=7439)
    found = routed(line(vehicles=[truck(free_until=12_000)]), [tight, shipment("a", 10, class_rank=3)])
    assert max(part.arrives_at for part in found.carried if part.shipment == 0) <= 7439


def test_what_gains_sooner_is_brought_sooner() -> None:
    star = (edge("base", "store", 10), edge("store", "a", 20), edge("store", "b", 20), edge("a", "b", 20))
    for first, other in (("a", "b"), ("b", "a")):
        wanted = [shipment(other, 10, weight=1), shipment(first, 10, weight=2)]
        (trip,) = routed(line(edges=star), wanted).trips
        assert [stop.site_id for stop in trip.stops[2:4]] == [first, other]


def test_the_cheaper_of_two_equal_vehicles_goes() -> None:
    kinds = [kind("van", cost_per_km_fen=300), kind("cheap", cost_per_km_fen=299)]
    (trip,) = routed(line(kinds=kinds, vehicles=[truck("v1"), truck("v2", "cheap")]), [shipment("a")]).trips
    assert trip.vehicle_id == "v2"
    kinds = [kind("van", fixed_cost_fen=1), kind("cheap")]
    (trip,) = routed(line(kinds=kinds, vehicles=[truck("v1"), truck("v2", "cheap")]), [shipment("a")]).trips
    assert trip.vehicle_id == "v2"


def test_astronomic_numbers_are_planned_like_any() -> None:
    big = kind(payload_g=10**18, volume_cm3=10**18)
    asked = line(kinds=[big], items=[item(pack_quantity=10**6)], rules=Rules(horizon_s=10**12))
    wanted = [shipment("a", 10**12, weight=10**12, due_at=10**12, late_until=10**12)]
    assert amounts(routed(asked, wanted)) == {0: 10**12}


def test_cancel_leaves_the_first_plan() -> None:
    asked = line()
    budget = Budget(seconds=60, keep_going=lambda: False)
    found = route(asked, Roads(asked), [shipment("a")], budget, seed=0)
    assert amounts(found) == {0: 10}
    assert budget.used == 0
