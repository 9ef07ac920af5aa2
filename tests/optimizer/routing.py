"""What tests of routing share: small problems by hand, larger ones by seed, and a verifier that knows only `solution`'s words."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import Any

from optimizer.model import Edge, Item, Node, Problem, Rules, Site, Terrain, Vehicle, VehicleType
from optimizer.shipment import Routed, Shipment

SPEEDS = {Terrain.URBAN: 40, Terrain.PLAIN: 60, Terrain.MOUNTAIN: 30, Terrain.SNOW: 20}


def item(item_id: str = "water", **facts: Any) -> Item:
    return Item(id=item_id, name=item_id, **{"unit_mass_g": 1000, "unit_volume_cm3": 1000, **facts})


def kind(type_id: str = "van", **facts: Any) -> VehicleType:
    usual: dict[str, Any] = {
        "size_class": 3, "payload_g": 100_000, "volume_cm3": 200_000, "gross_mass_kg": 4000, "speed_kmh": SPEEDS,
    }  # fmt: skip
    return VehicleType(id=type_id, name=type_id, **{**usual, **facts})


def edge(start: str, end: str, minutes: int = 60, **facts: Any) -> Edge:
    """At 60 km/h a kilometre is a minute."""
    usual: dict[str, Any] = {
        "id": f"{start}-{end}", "start": start, "end": end, "length_m": minutes * 1000, "terrain": Terrain.PLAIN,
    }  # fmt: skip
    return Edge(**{**usual, **facts})


def problem(
    sites: Sequence[str | Site],
    edges: Sequence[Edge],
    *,
    items: Sequence[Item] = (item(),),
    kinds: Sequence[VehicleType] = (kind(),),
    vehicles: Sequence[Vehicle] = (),
    rules: Rules | None = None,
) -> Problem:
    """Each site stands on the node of its own name."""
    places = [site if isinstance(site, Site) else Site(id=site, name=site, node=site) for site in sites]
    nodes = sorted({end for e in edges for end in (e.start, e.end)} | {site.node for site in places if site.node})
    return Problem(
        id="p", starts_at="2026-01-12T10:00:00+08:00", items=tuple(items), sites=tuple(places), lots=(), lines=(),
        vehicle_types=tuple(kinds), vehicles=tuple(vehicles), nodes=tuple(Node(n, 0, 0) for n in nodes), edges=tuple(edges),
        rules=rules or Rules(),
    )  # fmt: skip


def truck(vehicle_id: str = "v1", type_id: str = "van", base: str = "base", **facts: Any) -> Vehicle:
    return Vehicle(id=vehicle_id, type_id=type_id, base_site_id=base, **facts)


def shipment(delivery: str = "a", quantity: int = 10, **facts: Any) -> Shipment:
    usual: dict[str, Any] = {
        "source_id": "lot", "line_id": f"line-{delivery}", "item_id": "water", "origin_id": "store", "step": 1, "available_at": 0,
        "due_at": 86_400, "late_until": 172_800, "class_rank": 1, "weight": 1000, "size_class_max": 9,
    }  # fmt: skip
    return Shipment(delivery_id=delivery, quantity=quantity, **{**usual, **facts})


def seconds(road: Edge, vehicle_type: VehicleType) -> int | None:
    """Travel time of an edge by the words of `model.Edge`, in fractions; None where the type may not go."""
    if not road.is_open or vehicle_type.size_class > road.size_class_max:
        return None
    if road.bridge_limit_kg is not None and vehicle_type.gross_mass_kg > road.bridge_limit_kg:
        return None
    if road.snow_vehicles_only and not vehicle_type.is_snow_capable:
        return None
    metres_a_second = Fraction(vehicle_type.speed_kmh[road.terrain] * 1000, 3600) * Fraction(road.factor_permille, 1000)
    return ceil(road.length_m / metres_a_second)


def faults(asked: Problem, shipments: Sequence[Shipment], routed: Routed) -> list[str]:
    """Everything wrong with the trips, read from the finished answer alone."""
    wrong: list[str] = []
    sites = {s.id: s for s in asked.sites}
    items = {i.id: i for i in asked.items}
    kinds = {k.id: k for k in asked.vehicle_types}
    vehicles = {v.id: v for v in asked.vehicles}
    roads = {e.id: e for e in asked.edges}
    rules = asked.rules

    def say(ok: bool, text: str) -> None:
        if not ok:
            wrong.append(text)

    given: dict[int, int] = defaultdict(int)
    for place, part in enumerate(routed.carried):
        asked_for = shipments[part.shipment]
        given[part.shipment] += part.quantity
        say(part.quantity > 0 and part.quantity % asked_for.step == 0, f"carried {place}: not whole steps")
        say(part.arrives_at <= asked_for.late_until, f"carried {place}: of no use any more")
    for index, quantity in given.items():
        say(quantity <= shipments[index].quantity, f"shipment {index}: more than there is")
    busy: dict[str, list[tuple[int, int]]] = defaultdict(list)
    bays: dict[str, list[tuple[int, int]]] = defaultdict(list)
    mentioned: list[int] = []
    for trip in routed.trips:
        name = f"trip {trip.no}"
        vehicle = vehicles[trip.vehicle_id]
        vehicle_type = kinds[vehicle.type_id]
        stops = trip.stops
        say(stops[0].site_id == stops[-1].site_id == vehicle.base_site_id, f"{name}: base")
        say(trip.departs_at == stops[0].arrives_at and trip.returns_at == stops[-1].arrives_at, f"{name}: ends")
        say(trip.departs_at >= vehicle.available_at, f"{name}: before the vehicle is there")
        say(
            trip.returns_at <= (vehicle.free_until if vehicle.free_until is not None else rules.horizon_s),
            f"{name}: too long",
        )
        say(trip.returns_at <= rules.horizon_s, f"{name}: horizon")
        busy[vehicle.id].append((trip.departs_at, trip.returns_at))
        at = sites[vehicle.base_site_id].node
        driven = metres = 0
        for before, stop in itertools.pairwise(stops):
            leg = 0
            for edge_id in stop.edges:
                road = roads[edge_id]
                time = seconds(road, vehicle_type)
                forward, back = at == road.start, at == road.end and road.is_two_way
                say(time is not None and (forward or back), f"{name}: may not drive {edge_id} from {at}")
                leg += time or 0
                at = road.end if forward else road.start
            length = sum(roads[e].length_m for e in stop.edges)
            say(at == sites[stop.site_id].node, f"{name}: the roads do not lead to {stop.site_id}")
            say(stop.arrives_at == before.departs_at + leg, f"{name}: arrival at {stop.site_id}")
            say(stop.distance_m == length, f"{name}: distance to {stop.site_id}")
            driven += leg
            metres += length
        say(trip.distance_m == metres, f"{name}: distance")
        limit = rules.drive_s_max_single if vehicle.drivers == 1 else rules.drive_s_max_double
        say(driven <= limit, f"{name}: driving time")
        loading = [place for place, stop in enumerate(stops) if any(load.quantity > 0 for load in stop.loads)]
        say(loading in ([0], [1]), f"{name}: loads at {loading}")
        say(loading == [0] or not stops[0].loads, f"{name}: base has loads")
        visited = [stop.site_id for stop in stops[loading[0] + 1 : -1]]
        say(len(set(visited)) == len(visited), f"{name}: a site twice")
        say(all(stop.loads for stop in stops[loading[0] : -1]) and not stops[-1].loads, f"{name}: a stop for nothing")
        aboard: list[int] = []
        for place, stop in enumerate(stops):
            packs = sum(
                ceil(
                    abs(load.quantity)
                    / items[shipments[routed.carried[load.allocation].shipment].item_id].pack_quantity
                )
                for load in stop.loads
            )
            handling = rules.stop_fixed_s + 60 * ceil(Fraction(packs, rules.packs_per_minute)) if stop.loads else 0
            say(stop.departs_at - handling >= stop.arrives_at, f"{name}: handling at stop {place}")
            for load in stop.loads:
                part = routed.carried[load.allocation]
                asked_for = shipments[part.shipment]
                if load.quantity > 0:
                    aboard.append(load.allocation)
                    mentioned.append(load.allocation)
                    say(place == loading[0] and stop.site_id == asked_for.origin_id, f"{name}: loads elsewhere")
                    say(stop.departs_at - handling >= asked_for.available_at, f"{name}: loads what is not there yet")
                    say(load.quantity == part.quantity and part.trip_no == trip.no, f"{name}: loads other goods")
                else:
                    say(place > loading[0] and stop.site_id == asked_for.delivery_id, f"{name}: unloads elsewhere")
                    say(load.allocation in aboard and -load.quantity == part.quantity, f"{name}: unloads other goods")
                    say(part.arrives_at == stop.departs_at, f"{name}: arrival of {load.allocation}")
            if place == loading[0]:
                bays[stop.site_id].append((stop.departs_at - handling, stop.departs_at))
            if stop.loads:
                say(
                    vehicle_type.size_class <= sites[stop.site_id].size_class_max,
                    f"{name}: too large for {stop.site_id}",
                )
        unloaded = [load.allocation for stop in stops for load in stop.loads if load.quantity < 0]
        say(sorted(unloaded) == sorted(aboard), f"{name}: not everything unloaded once")
        goods = [(routed.carried[a].quantity, shipments[routed.carried[a].shipment]) for a in aboard]
        loose = [(q, items[s.item_id]) for q, s in goods if not items[s.item_id].is_towed]
        towed = sum(q * items[s.item_id].unit_mass_g for q, s in goods if items[s.item_id].is_towed)
        say(sum(q * i.unit_mass_g for q, i in loose) <= vehicle_type.payload_g, f"{name}: weight")
        say(sum(q * i.unit_volume_cm3 for q, i in loose) <= vehicle_type.volume_cm3, f"{name}: volume")
        say(towed <= vehicle_type.tow_capacity_g, f"{name}: towing")
        groups = {items[s.item_id].load_group for _, s in goods}
        say(not any(a in groups and b in groups for a, b in rules.incompatible_groups), f"{name}: groups together")
        for _, asked_for in goods:
            thing = items[asked_for.item_id]
            say(vehicle_type.size_class <= asked_for.size_class_max, f"{name}: too large for {asked_for.line_id}")
            say(vehicle_type.is_refrigerated or not thing.needs_refrigeration, f"{name}: too warm")
            say(vehicle_type.is_heated or not (thing.needs_warmth and rules.is_freezing), f"{name}: too cold")
    say(sorted(mentioned) == list(range(len(routed.carried))), "not every carried part is loaded once")
    for vehicle_id, spans in busy.items():
        spans.sort()
        say(all(a[1] <= b[0] for a, b in itertools.pairwise(spans)), f"vehicle {vehicle_id}: trips overlap")
    for site_id, spans in bays.items():
        for start, _ in spans:
            together = sum(a <= start < b for a, b in spans)
            say(together <= sites[site_id].loading_bays, f"site {site_id}: {together} load at {start}")
    return wrong


def worth(shipments: Sequence[Shipment], routed: Routed) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """Gain in time by class, late by class, less Σ gain × arrival."""
    ranks = sorted({s.class_rank for s in shipments})
    in_time, late, arrival = dict.fromkeys(ranks, 0), dict.fromkeys(ranks, 0), 0
    for part in routed.carried:
        asked_for = shipments[part.shipment]
        gain = part.quantity * asked_for.weight
        (in_time if part.arrives_at <= asked_for.due_at else late)[asked_for.class_rank] += gain
        arrival += gain * part.arrives_at
    return tuple(in_time[r] for r in ranks), tuple(late[r] for r in ranks), -arrival


def city(
    seed: int, *, deliveries: int = 6, origins: int = 2, vehicles: int = 4, shipments: int = 20, hours: int = 10
) -> tuple[Problem, list[Shipment]]:
    """A small region by chance: stores, villages, a mesh of roads of which some are closed or limited, a mixed fleet."""
    dice = random.Random(seed)
    stores = [f"s{n}" for n in range(origins)]
    villages = [f"d{n}" for n in range(deliveries)]
    names = [*stores, *villages, *(f"x{n}" for n in range(deliveries))]
    spots = {name: (dice.randrange(60), dice.randrange(60)) for name in names}
    edges = []
    for place, name in enumerate(names):
        near = sorted(
            names, key=lambda other: abs(spots[name][0] - spots[other][0]) + abs(spots[name][1] - spots[other][1])
        )
        for other in [*near[1:4], names[place - 1]]:
            minutes = 2 + abs(spots[name][0] - spots[other][0]) + abs(spots[name][1] - spots[other][1])
            edges.append(
                edge(
                    name, other, minutes, id=f"e{len(edges):03}", terrain=dice.choice(list(Terrain)),
                    factor_permille=dice.choice([1000, 1000, 600]), is_open=dice.random() > 0.05,
                    size_class_max=dice.choice([9, 9, 9, 4]), snow_vehicles_only=dice.random() < 0.04,
                    bridge_limit_kg=dice.choice([None, None, None, 10_000]), is_two_way=dice.random() > 0.1,
                )
            )  # fmt: skip
    items = [
        item("water", pack_quantity=12, load_group="food"), item("tent", unit_mass_g=30_000, unit_volume_cm3=120_000),
        item("coal", unit_mass_g=25_000, unit_volume_cm3=30_000, load_group="fuel"),
        item("vaccine", unit_mass_g=50, unit_volume_cm3=100, pack_quantity=10, is_splittable=False, needs_refrigeration=True),
        item("generator", unit_mass_g=900_000, unit_volume_cm3=5_000_000, is_towed=True),
    ]  # fmt: skip
    kinds = [
        kind("van", size_class=2, payload_g=900_000, volume_cm3=5_000_000, cost_per_km_fen=200, cost_per_hour_fen=5000),
        kind("truck", size_class=4, payload_g=6_000_000, volume_cm3=20_000_000, gross_mass_kg=12_000, is_snow_capable=True,
             fixed_cost_fen=10_000, cost_per_km_fen=500, cost_per_hour_fen=6000),
        kind("cold", size_class=2, payload_g=1_500_000, volume_cm3=12_000_000, is_refrigerated=True, cost_per_km_fen=300),
        kind("tractor", size_class=3, payload_g=500_000, volume_cm3=1_800_000, tow_capacity_g=3_500_000),
    ]  # fmt: skip
    fleet = [
        truck(
            f"v{n}", dice.choice(["van", "van", "truck", "truck", "cold", "tractor"]), dice.choice(stores),
            available_at=dice.choice([0, 0, 1800, 7200]), free_until=dice.choice([None, None, 40_000]), drivers=dice.choice([1, 2]),
        )
        for n in range(vehicles)
    ]  # fmt: skip
    wanted = []
    for n in range(shipments):
        thing = dice.choice(items)
        step = 1 if thing.is_splittable else thing.pack_quantity
        quantity = step * dice.choice(
            {"generator": [1, 2], "tent": [20, 60], "vaccine": [5, 50]}.get(thing.id, [200, 900])
        )
        due = dice.randrange(2, hours * 2) * 1800
        wanted.append(
            shipment(
                dice.choice(villages), quantity, item_id=thing.id, origin_id=dice.choice(stores), step=step, line_id=f"l{n}",
                source_id=f"lot{n}", available_at=dice.choice([0, 0, 0, 3600]), due_at=due, late_until=due + 20_000,
                class_rank=dice.choice([1, 2, 3, 4]), weight=max(1, dice.randrange(1, 300) * 1_000_000 // quantity),
                size_class_max=dice.choice([9, 9, 9, 2]),
            )
        )  # fmt: skip
    places = [Site(s, s, s, loading_bays=dice.choice([1, 2])) for s in stores] + [Site(v, v, v) for v in villages]
    rules = Rules(incompatible_groups=(("food", "fuel"),))
    return problem(places, edges, items=items, kinds=kinds, vehicles=fleet, rules=rules), wanted
