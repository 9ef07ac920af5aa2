"""Problems for tests: a small one with round numbers, and random ones of any size from a seed."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from optimizer.model import (
    Carriage,
    Contract,
    DemandLine,
    Edge,
    Floor,
    Item,
    Lot,
    Node,
    Problem,
    Rules,
    Site,
    Step,
    Substitute,
    Terrain,
    Vehicle,
    VehicleType,
)

HOUR = 3600


def speeds(urban: int = 60, plain: int = 60, mountain: int = 40, snow: int = 30) -> dict[Terrain, int]:
    """A speed table, km/h."""
    return {Terrain.URBAN: urban, Terrain.PLAIN: plain, Terrain.MOUNTAIN: mountain, Terrain.SNOW: snow}


def truck(id: str = "truck", **changes: Any) -> VehicleType:
    """A truck: 10 t, 40 m³, 60 km/h on the plain (1 km a minute)."""
    values: dict[str, Any] = {
        "id": id, "name": id, "size_class": 4, "payload_g": 10_000_000, "volume_cm3": 40_000_000, "gross_mass_kg": 15_000,
        "speed_kmh": speeds(), "fixed_cost_fen": 10_000, "cost_per_km_fen": 300, "cost_per_hour_fen": 6_000,
    }  # fmt: skip
    return VehicleType(**values | changes)


def small(**changes: Any) -> Problem:
    """One store S, two villages A (10 km) and B (20 km, 10 km beyond A), tents and quilts, one truck at the store.

    A asks for 40 tents (class 1) and 100 quilts (class 3), B for 40 tents (class 1) and 60 quilts (class 3), all by
    hour 8. The store has 60 tents in two lots and 500 quilts. A tent weighs 50 kg and takes 0.2 m³; packs of one.
    """
    items = (Item("tent", "tent", 50_000, 200_000), Item("quilt", "quilt", 2_500, 20_000, pack_quantity=10))
    sites = (Site("S", "store", "s"), Site("A", "village A", "a"), Site("B", "village B", "b"))
    base = Problem(
        id="small",
        starts_at="2026-01-12T00:00:00+00:00",
        items=items,
        sites=sites,
        lots=(
            Lot("tent-old", "S", "tent", "city", 20, expires_at=30 * 24 * HOUR),
            Lot("tent-new", "S", "tent", "city", 40),
            Lot("quilt-1", "S", "quilt", "city", 500),
        ),
        lines=(
            DemandLine("A-tent", "A", "tent", 40, 1, 100, 8 * HOUR),
            DemandLine("B-tent", "B", "tent", 40, 1, 100, 8 * HOUR),
            DemandLine("A-quilt", "A", "quilt", 100, 3, 100, 8 * HOUR),
            DemandLine("B-quilt", "B", "quilt", 60, 3, 60, 8 * HOUR),
        ),
        vehicle_types=(truck(),),
        vehicles=(Vehicle("V1", "truck", "S"),),
        nodes=(Node("s", 44_200_000, 80_400_000), Node("a", 44_200_000, 80_500_000), Node("b", 44_200_000, 80_600_000)),
        edges=(Edge("sa", "s", "a", 10_000, Terrain.PLAIN), Edge("ab", "a", "b", 10_000, Terrain.PLAIN)),
    )
    return replace(base, **changes)


def with_rows(problem: Problem, kind: str, **by_id: dict[str, Any]) -> Problem:
    """The problem with some rows of a kind changed, named by id (`-` in ids written `_`)."""
    changes = {name.replace("_", "-"): values for name, values in by_id.items()}
    rows = tuple(replace(row, **changes.get(row.id, {})) for row in getattr(problem, kind))
    return replace(problem, **{kind: rows})


def windowed(problem: Problem, seed: int) -> Problem:
    """The problem with windows that open one to thirty hours before they close."""
    dice = random.Random(seed)
    return replace(
        problem,
        lines=tuple(
            replace(line, opens_at=max(0, line.due_at - dice.choice([1, 2, 4, 8, 30]) * HOUR)) for line in problem.lines
        ),
    )


def narrow(problem: Problem, seed: int) -> Problem:
    """The problem with stores that can send only so much, and places with little room."""
    dice = random.Random(seed)
    sends, takes = (None, 500_000, 2_000_000, 5_000_000), (None, None, 2_000_000, 8_000_000)
    sites = (replace(site, sends_g_max=dice.choice(sends), takes_cm3_max=dice.choice(takes)) for site in problem.sites)
    return replace(problem, sites=tuple(sites))


def random_size(seed: int, *, vehicles: int) -> Problem:
    """A problem of a size drawn from a seed too."""
    plenty = (0.5, 1, 2)[seed % 3]
    return random_problem(
        seed, stores=2 + seed % 2, villages=2 + seed % 4, items=2 + seed % 2, vehicles=vehicles, plenty=plenty
    )


def random_problem(
    seed: int, *, stores: int = 3, villages: int = 5, items: int = 4, vehicles: int = 3, plenty: float = 1.0
) -> Problem:
    """A problem drawn from a seed: roads of a connected graph, some closed or limited, lots, floors, a contract, a mixed fleet.

    `plenty` scales stock against what is asked; below 1 it is scarce.
    """
    draw = random.Random(seed)
    goods = tuple(
        Item(
            f"i{n}", f"item {n}", draw.choice([400, 2_500, 20_000, 60_000]), draw.choice([2_000, 20_000, 150_000]),
            pack_quantity=draw.choice([1, 1, 10, 24]), is_splittable=draw.random() < 0.7,
            load_group=draw.choice(["general", "general", "food", "fuel"]),
        )
        for n in range(items)
    )  # fmt: skip
    count = stores + villages
    nodes = tuple(
        Node(f"n{n}", 44_000_000 + draw.randrange(600_000), 80_200_000 + draw.randrange(900_000)) for n in range(count)
    )
    edges = [(n, draw.randrange(n)) for n in range(1, count)]
    for _ in range(count // 2):
        a, b = draw.sample(range(count), 2)
        edges.append((a, b))
    roads = tuple(
        Edge(
            f"e{n}", f"n{a}", f"n{b}", draw.randrange(2_000, 60_000), draw.choice(list(Terrain)),
            factor_permille=draw.choice([1000, 1000, 600]), is_open=n < count - 1 or draw.random() < 0.7,
            size_class_max=draw.choice([9, 9, 4]), bridge_limit_kg=draw.choice([None, None, 20_000]),
        )
        for n, (a, b) in enumerate(edges)
    )  # fmt: skip
    store_sites = tuple(Site(f"S{n}", f"store {n}", f"n{n}", loading_bays=draw.choice([1, 2])) for n in range(stores))
    village_sites = tuple(
        Site(f"D{n}", f"village {n}", f"n{stores + n}", size_class_max=draw.choice([9, 9, 4])) for n in range(villages)
    )
    lines = []
    for site in village_sites:
        persons = draw.randrange(20, 800)
        for rank, item in enumerate(goods, start=1):
            if draw.random() < 0.8:
                asked = max(item.step, persons // draw.choice([1, 2, 4]) // item.step * item.step)
                others = [other for other in goods if other is not item]
                lines.append(
                    DemandLine(
                        f"{site.id}-{item.id}", site.id, item.id, asked, draw.choice([rank, rank, 1]), persons,
                        draw.randrange(3, 30) * HOUR, severity=draw.choice([1, 1, 2]), protected_permille=draw.choice([0, 120, 300]),
                        minimum_fill=draw.choice([0, 0, 0, asked // 2]),
                        substitutes=(Substitute(draw.choice(others).id, draw.choice([1, 2]), 1),) if others and draw.random() < 0.2 else (),
                    )
                )  # fmt: skip
    lots, floors = [], []
    for item in goods:
        wanted = sum(line.quantity for line in lines if line.item_id == item.id)
        for site in store_sites:
            for part in range(draw.choice([1, 2])):
                amount = int(plenty * wanted / stores * draw.uniform(0.2, 1.0)) // item.step * item.step
                if amount:
                    lots.append(
                        Lot(
                            f"L-{item.id}-{site.id}-{part}", site.id, item.id, draw.choice(["city", "prefecture"]), amount,
                            precedence=draw.choice([0, 1, 3]), available_at=draw.choice([0, 0, 2 * HOUR]),
                            expires_at=draw.choice([None, None, 20 * HOUR, 200 * HOUR]),
                            only_sites=(draw.choice(village_sites).id,) if draw.random() < 0.1 else (), unit_price_fen=draw.randrange(100, 90_000),
                        )
                    )  # fmt: skip
            if draw.random() < 0.4:
                floors.append(Floor(site.id, item.id, "city", wanted // 10))
    picked = draw.choice(goods)
    contract = Contract(
        "C1", picked.id, "city", "S0", (Step(6 * HOUR, 3 * picked.pack_quantity), Step(20 * HOUR, 9 * picked.pack_quantity)),
        carriage=draw.choice([Carriage.SUPPLIER, Carriage.FLEET]), vehicle_type_id="", minimum_order=picked.pack_quantity, precedence=4,
    )  # fmt: skip
    kinds = (
        truck("small", size_class=2, payload_g=1_500_000, volume_cm3=15_000_000, gross_mass_kg=4_500),
        truck("middle", size_class=4, payload_g=9_000_000, volume_cm3=38_000_000, gross_mass_kg=16_000),
        truck("large", size_class=6, payload_g=30_000_000, volume_cm3=85_000_000, gross_mass_kg=42_000, is_heated=True),
    )
    fleet = tuple(
        Vehicle(f"V{n}", draw.choice(kinds).id, draw.choice(store_sites).id, available_at=draw.choice([0, 0, HOUR]))
        for n in range(vehicles)
    )
    return Problem(
        f"random-{seed}", "2026-01-12T00:00:00+00:00", goods, store_sites + village_sites, tuple(lots), tuple(lines),
        kinds, fleet, nodes, roads, tuple(floors), (contract,), rules=Rules(incompatible_groups=(("food", "fuel"),)),
    )  # fmt: skip
