"""Tiny problems whose every plan can be tried: the search finds the best of them all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import permutations, product

import pytest

from optimizer.budget import Budget
from optimizer.model import Problem, Rules, Site
from optimizer.route import route
from optimizer.shipment import Shipment
from optimizer.travel import Roads
from tests.optimizer.routing import edge, faults, item, kind, problem, seconds, shipment, truck, worth

Trips = list[list[int]]
"""Of one vehicle: shipments in the order of unloading, trip after trip."""


def tiny(seed: int) -> tuple[Problem, list[Shipment]]:
    """Three or four shipments that go whole, each to a place of its own; two vehicles; a bay for each."""
    dice = random.Random(seed)
    names = ["s0", "s1", "d0", "d1", "d2", "d3"]
    roads = [
        edge(a, b, dice.randrange(5, 60), id=f"{a}{b}", is_two_way=dice.random() < 0.8)
        for place, a in enumerate(names)
        for b in names[place + 1 :]
        if dice.random() < 0.8
    ]
    kinds = [
        kind("van", payload_g=30_000, cost_per_km_fen=dice.choice([10, 20])),
        kind("truck", payload_g=60_000, cost_per_km_fen=30),
    ]
    fleet = [
        truck("v0", "van", "s0", available_at=dice.choice([0, 1800]), free_until=dice.choice([None, 16_000])),
        truck("v1", "truck", dice.choice(["s0", "s1"]), available_at=dice.choice([0, 3600])),
    ]
    wanted = []
    for place in range(dice.choice([3, 4])):
        quantity = dice.choice([10, 20, 30])
        due = dice.randrange(4000, 14_000)
        wanted.append(
            shipment(
                f"d{place}", quantity, step=quantity, origin_id=dice.choice(["s0", "s0", "s1"]), due_at=due,
                late_until=due + dice.choice([0, 4000]), class_rank=dice.choice([1, 2]), weight=dice.randrange(1, 5),
                available_at=dice.choice([0, 0, 2000]),
            )
        )  # fmt: skip
    places = [Site(n, n, n, loading_bays=2) for n in names]
    rules = Rules(stop_fixed_s=600, horizon_s=20_000)
    things = [item(is_splittable=False, pack_quantity=10)]
    return problem(places, roads, items=things, kinds=kinds, vehicles=fleet, rules=rules), wanted


def distances(asked: Problem, vehicle_kind: int) -> dict[tuple[str, str], int]:
    names = [site.id for site in asked.sites]
    best = {(a, b): 0 if a == b else 10**9 for a in names for b in names}
    for road in asked.edges:
        time = seconds(road, asked.vehicle_types[vehicle_kind])
        assert time is not None
        best[road.start, road.end] = min(best[road.start, road.end], time)
        if road.is_two_way:
            best[road.end, road.start] = min(best[road.end, road.start], time)
    for k, a, b in product(names, repeat=3):
        best[a, b] = min(best[a, b], best[a, k] + best[k, b])
    return best


def all_trips(chosen: tuple[int, ...]) -> Iterator[Trips]:
    """Every way to cut an order into trips."""
    if not chosen:
        yield []
        return
    for cuts in product((False, True), repeat=len(chosen) - 1):
        trips: Trips = [[chosen[0]]]
        for index, cut in zip(chosen[1:], cuts, strict=True):
            if cut:
                trips.append([index])
            else:
                trips[-1].append(index)
        yield trips


def arrivals(
    asked: Problem, wanted: list[Shipment], vehicle: int, trips: Trips, times: dict[tuple[str, str], int]
) -> dict[int, int] | None:
    """When each shipment arrives; None where the trips cannot be made."""
    one = asked.vehicles[vehicle]
    payload = asked.vehicle_types[vehicle].payload_g
    clock = one.available_at
    found: dict[int, int] = {}
    for trip in trips:
        origins = {wanted[i].origin_id for i in trip}
        if len(origins) > 1 or sum(wanted[i].quantity * 1000 for i in trip) > payload:
            return None
        at = origins.pop()
        driven = times[one.base_site_id, at]
        clock = max(clock + driven, *(wanted[i].available_at for i in trip))
        clock += 600 + 60 * -(-sum(wanted[i].quantity // 10 for i in trip) // 10)
        for i in trip:
            driven += times[at, wanted[i].delivery_id]
            clock += times[at, wanted[i].delivery_id] + 660
            at = wanted[i].delivery_id
            found[i] = clock
            if clock > wanted[i].late_until:
                return None
        clock += times[at, one.base_site_id]
        driven += times[at, one.base_site_id]
        if driven > 8 * 3600 or clock > min(one.free_until or 20_000, 20_000):
            return None
    return found


def best_of_all(asked: Problem, wanted: list[Shipment]) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    ranks = sorted({s.class_rank for s in wanted})
    options: list[list[tuple[frozenset[int], dict[int, int]]]] = []
    for vehicle in (0, 1):
        times = distances(asked, vehicle)
        mine = []
        for count in range(len(wanted) + 1):
            for chosen in permutations(range(len(wanted)), count):
                for trips in all_trips(chosen):
                    found = arrivals(asked, wanted, vehicle, trips, times)
                    if found is not None:
                        mine.append((frozenset(chosen), found))
        options.append(mine)
    best = None
    for (some, first), (others, second) in product(*options):
        if some & others:
            continue
        in_time, late, arrival = dict.fromkeys(ranks, 0), dict.fromkeys(ranks, 0), 0
        for index, at in {**first, **second}.items():
            gain = wanted[index].quantity * wanted[index].weight
            (in_time if at <= wanted[index].due_at else late)[wanted[index].class_rank] += gain
            arrival += gain * at
        score = (tuple(in_time.values()), tuple(late.values()), -arrival)
        if best is None or score > best:
            best = score
    assert best is not None
    return best


@pytest.mark.parametrize("seed", range(25))
def test_the_search_finds_the_best_of_all_plans(seed: int) -> None:
    asked, wanted = tiny(seed)
    found = route(asked, Roads(asked), wanted, Budget(iterations=1500), seed=seed)
    assert faults(asked, wanted, found) == []
    assert worth(wanted, found) == best_of_all(asked, wanted)
