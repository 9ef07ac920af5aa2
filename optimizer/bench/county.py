"""A county in need, drawn from a seed: streets with main roads, stores on them, villages that ask for six kinds of goods, trucks.

Stock is a little less than what is asked, so classes and shares matter; the fleet can just about bring it in time.
"""

from __future__ import annotations

import numpy as np

from optimizer.model import (
    DemandLine,
    Edge,
    Floor,
    Item,
    Lot,
    Node,
    Problem,
    Rules,
    Site,
    Terrain,
    Vehicle,
    VehicleType,
)

HOUR = 3600
LINES_A_VILLAGE = 6
NODES_A_VILLAGE = 3
MAIN_EVERY = 5
"""Every fifth street is a main road."""
SPEED = {Terrain.URBAN: 40, Terrain.PLAIN: 60, Terrain.MOUNTAIN: 30, Terrain.SNOW: 20}
GOODS = (
    # name, grams, cm3, pack, one for so many persons, class, due hours
    ("tent", 50_000, 250_000, 1, 5, 1, (12, 24)),
    ("water", 12_000, 12_500, 1, 2, 1, (12, 24)),
    ("food", 6_000, 15_000, 10, 1, 2, (24, 36)),
    ("quilt", 2_500, 20_000, 10, 1, 3, (24, 48)),
    ("stove", 15_000, 80_000, 1, 10, 4, (36, 72)),
    ("clothes", 1_500, 10_000, 20, 1, 5, (48, 96)),
)
KINDS = (("van", 2, 1_500_000, 12_000_000, 4_500), ("truck", 4, 8_000_000, 38_000_000, 16_000))
STOCK_OF_DEMAND = 0.95
TONNES_A_VEHICLE = 16


def county(lines: int, seed: int) -> Problem:
    """A county with about so many request lines."""
    draw = np.random.default_rng(seed)
    villages = max(1, round(lines / LINES_A_VILLAGE))
    stores = max(2, villages // 20)
    side = max(4, int(np.sqrt(villages * NODES_A_VILLAGE)))
    nodes, edges = _streets(draw, side)
    items = tuple(Item(name, name, grams, cm3, pack_quantity=pack) for name, grams, cm3, pack, *_ in GOODS)
    main = [n for n in range(side * side) if n // side % MAIN_EVERY == 0 or n % side % MAIN_EVERY == 0]
    at_main = draw.choice(main, stores, replace=False).tolist()
    sites = [Site(f"S{n}", f"store {n}", f"n{at}", loading_bays=3) for n, at in enumerate(at_main)]
    places = draw.integers(0, side * side, villages).tolist()
    asked: list[DemandLine] = []
    for n, at in enumerate(places):
        sites.append(Site(f"D{n}", f"village {n}", f"n{at}"))
        asked += _lines(draw, f"D{n}")
    lots, floors = _stock(draw, asked, items, stores)
    tonnes = sum(line.quantity * next(i.unit_mass_g for i in items if i.id == line.item_id) for line in asked) / 1e6
    kinds = tuple(
        VehicleType(
            name, name, size, payload, volume, gross, SPEED, fixed_cost_fen=10_000, cost_per_km_fen=300, cost_per_hour_fen=6_000
        )
        for name, size, payload, volume, gross in KINDS
    )  # fmt: skip
    fleet = tuple(
        Vehicle(f"V{n}", kinds[int(draw.random() < 0.6)].id, f"S{n % stores}", drivers=2)
        for n in range(max(2, int(tonnes / TONNES_A_VEHICLE)))
    )
    return Problem(
        f"county-{lines}-{seed}", "2026-01-12T00:00:00+00:00", items, tuple(sites), lots, tuple(asked), kinds, fleet,
        nodes, edges, floors, rules=Rules(waiting_fen_per_person_hour=20),
    )  # fmt: skip


def _streets(draw: np.random.Generator, side: int) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """A grid out of true with gaps; main roads have none and are driven at twice the speed."""
    nodes = tuple(
        Node(f"n{n}", 44_000_000 + n // side * 27_000 + int(draw.normal(0, 4_000)), 80_000_000 + n % side * 38_000)
        for n in range(side * side)
    )
    edges = []
    for n in range(side * side):
        row, column = divmod(n, side)
        for other, is_main, is_inside in (
            (n + 1, row % MAIN_EVERY == 0, column + 1 < side),
            (n + side, column % MAIN_EVERY == 0, row + 1 < side),
        ):
            if is_inside and (is_main or draw.random() < 0.8):
                terrain = Terrain.PLAIN if is_main else Terrain.MOUNTAIN
                edges.append(Edge(f"e{n}-{other}", f"n{n}", f"n{other}", int(draw.integers(2_500, 4_000)), terrain))
    return nodes, tuple(edges)


def _lines(draw: np.random.Generator, site_id: str) -> list[DemandLine]:
    persons = int(draw.integers(40, 600))
    return [
        DemandLine(
            f"{site_id}-{name}", site_id, name, max(pack, persons // share // pack * pack), rank, persons,
            int(draw.choice(due)) * HOUR, severity=int(draw.choice([1, 1, 2])), protected_permille=int(draw.choice([0, 120, 300])),
        )
        for name, _, _, pack, share, rank, due in GOODS
    ]  # fmt: skip


def _stock(
    draw: np.random.Generator, asked: list[DemandLine], items: tuple[Item, ...], stores: int
) -> tuple[tuple[Lot, ...], tuple[Floor, ...]]:
    lots, floors = [], []
    for item in items:
        wanted = sum(line.quantity for line in asked if line.item_id == item.id)
        parts = draw.dirichlet(np.full(stores, 2.0)) * wanted * STOCK_OF_DEMAND
        for n, part in enumerate(parts.tolist()):
            owner = "city" if draw.random() < 0.7 else "prefecture"
            lots.append(
                Lot(f"L-{item.id}-{n}", f"S{n}", item.id, owner, int(part), int(owner != "city"), unit_price_fen=5_000)
            )
            if draw.random() < 0.2:
                floors.append(Floor(f"S{n}", item.id, owner, int(part / 20)))
    return tuple(lot for lot in lots if lot.quantity), tuple(floors)
