"""Problems of relief goods at every size, drawn from a seed: towns in clusters, stores in three tiers and suppliers, a scarce event.

Stock is near nine tenths of what is asked and stores can dispatch some seven tenths of what they hold, so nearly every store
binds. Quantities follow the persons of a place by norms per head, as the trade reckons them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from optimizer.bulk.goods import Goods, Items, Lines, Pairs, Pools, Reals, Sources, Whole

SIZES = {"S": (20, 30, 50), "M": (200, 100, 1_000), "L": (2_000, 200, 20_000), "XL": (3_000, 200, 40_000)}
"""Stores, items, requests."""
LINES_A_REQUEST = 8
NEAR = ((2, 8), (1, 3), (0, 1), (3, 2))
"""From how many stores of each tier (2 local, 1 provincial, 0 central, 3 suppliers) a request may be served."""
CLASSES = 6
DUE_H = (12, 18, 24, 36, 48, 96)
HOUR = 3600
SPEED_M_S = 12.5
STOCK_OF_DEMAND = 0.9
ROOM_OF_STOCK = 0.7
ZONES = 8


@dataclass(slots=True)
class _World:
    """Where things are, and what kinds of goods there are."""

    store_at: Reals
    tier: Whole
    place_at: Reals
    persons: Whole
    mass: Whole
    pack: Whole
    splittable: Any
    norm: Any
    rank: Whole


def relief(size: str | tuple[int, int, int], seed: int) -> Goods:
    """A problem of a size by name, or of so many stores, items and requests."""
    stores, items, requests = SIZES[size] if isinstance(size, str) else size
    draw = np.random.default_rng(seed)
    world = _world(draw, stores, items, requests)
    stands_in = _substitutes(draw, world)
    lines = _lines(draw, world)
    sources, pools, least_order = _sources(draw, world, lines)
    pairs = _pairs(world, sources, lines, stands_in, draw)
    return Goods(
        Items(world.mass), sources, pools, lines, pairs, _dispatch(draw, world, sources), _intake(draw, world, lines),
        least_order, stands_in,
    )  # fmt: skip


def _world(draw: np.random.Generator, stores: int, items: int, requests: int) -> _World:
    tier = np.full(stores, 2)
    central, provincial = max(1, stores // 50), max(2, stores // 6)
    tier[:central], tier[central : central + provincial] = 0, 1
    tier = np.r_[tier, np.full(max(2, stores // 20), 3)]
    towns = draw.random((max(3, requests // 40), 2)) * 1_000_000

    def around(count: int, spread: float) -> Reals:
        return towns[draw.integers(0, len(towns), count)] + draw.normal(0, spread, (count, 2))

    place_at = around(requests, 15_000)
    pack = draw.choice([1, 1, 6, 10, 24], items)
    return _World(
        store_at=around(len(tier), 20_000), tier=tier,
        place_at=place_at[np.lexsort((place_at[:, 1], place_at[:, 0] // 50_000))],
        persons=np.maximum(5, np.exp(draw.normal(5, 1, requests))).astype(np.int64),
        mass=np.maximum(50, np.exp(draw.normal(0.7, 1, items)) * 1000).astype(np.int64),
        pack=pack, splittable=(pack == 1) | (draw.random(items) < 0.6),
        norm=np.round(np.exp(draw.normal(0, 0.8, items)), 2) + 0.05, rank=draw.integers(1, CLASSES + 1, items),
    )  # fmt: skip


def _lines(draw: np.random.Generator, world: _World) -> Lines:
    requests, items = len(world.persons), len(world.mass)
    width = min(LINES_A_REQUEST, items)
    item = np.argsort(draw.random((requests, items)), axis=1)[:, :width].ravel()
    place = np.repeat(np.arange(requests), width)
    persons = np.maximum(1, world.persons[place] * draw.choice([1.0, 1.0, 0.5, 0.2], len(item))).astype(np.int64)
    step = np.where(world.splittable, 1, world.pack)[item]
    quantity = (np.maximum(1, np.ceil(persons * world.norm[item] / step)) * step).astype(np.int64)
    urgent = draw.random(requests) < 0.15
    rank = np.maximum(1, world.rank[item] - urgent[place])
    due = (np.array(DUE_H)[rank - 1] * HOUR * draw.uniform(0.7, 1.5, len(item))).astype(np.int64)
    least = np.where(draw.random(len(item)) < 0.03, quantity // 4, 0)
    weight = draw.choice([1, 1, 1, 2, 3], len(item)) * (1000 + draw.choice([0, 0, 150, 400], requests)[place])
    kit = np.full(len(item), -1)
    per_kit = np.zeros(len(item), np.int64)
    tied = np.flatnonzero(draw.random(requests) < 0.05)
    for number, request in enumerate(tied):
        two = slice(request * width, request * width + min(2, width))
        kits = max(1, int(world.persons[request]) // 4)
        kit[two], per_kit[two] = number, (1, 2)[: min(2, width)]
        quantity[two], persons[two], least[two] = kits * per_kit[two], world.persons[request], 0
        rank[two], due[two] = rank[two].min(), due[two].min()
    zone = (world.place_at[place, 0] // (1_000_000 / ZONES)).astype(np.int64)
    return Lines(item, place, zone, quantity, due, rank, persons, weight, least, kit, per_kit)


def _substitutes(draw: np.random.Generator, world: _World) -> Whole:
    """Some items have another of their class that may stand in, in a size of its own: as much in all, one for one or two for one."""
    by_class = np.argsort(world.rank, kind="stable")
    count = len(by_class) // 2
    asked, other = by_class[: 2 * count : 2], by_class[1 : 2 * count : 2]
    chosen = (world.rank[asked] == world.rank[other]) & (draw.random(count) < 0.4)
    asked, other = asked[chosen], other[chosen]
    gives, takes = np.array([(1, 1), (1, 2), (2, 1)])[draw.integers(0, 3, len(asked))].T
    world.mass[asked] += world.mass[asked] % 2
    world.mass[other] = world.mass[asked] * gives // takes
    return np.column_stack([asked, other, gives, takes])


def _sources(draw: np.random.Generator, world: _World, lines: Lines) -> tuple[Sources, Pools, Whole]:
    """Lots with their floors, then the steps of contracts: a contract gives a part at 6, 18 and 36 hours."""
    items = len(world.mass)
    chance = np.array([1.0, 0.8, 0.45, 0.25])[world.tier][:, None]
    store, item = np.nonzero(draw.random((len(world.tier), items)) < chance)
    asked = np.bincount(lines.item, lines.quantity, items)
    share = np.array([60.0, 12.0, 1.0, 6.0])[world.tier[store]] * draw.uniform(0.3, 1.7, len(store))
    pack = world.pack[item]
    quantity = STOCK_OF_DEMAND * asked[item] * share / np.bincount(item, share, items)[item]
    quantity = (quantity // pack * pack).astype(np.int64)
    kept = quantity > 0
    store, item, quantity, pack = store[kept], item[kept], quantity[kept], pack[kept]
    lot = world.tier[store] < 3
    tier = world.tier[store]
    part = np.where(tier < 2, 0.15, 0.1)
    pools = Pools(store[lot], item[lot], np.ceil(quantity * (1 - part))[lot].astype(np.int64))
    pool = np.where(lot, np.cumsum(lot) - 1, -1)
    contract = np.where(lot, -1, np.cumsum(~lot) - 1)
    of_contract = np.flatnonzero(~lot)
    times = np.where(lot, 1, 3)
    row = np.repeat(np.arange(len(item)), times)
    step = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
    third = quantity[row] // 3 // pack[row] * pack[row]
    gives = np.where(lot[row], quantity[row], np.where(step < 2, third, quantity[row] - 2 * third))
    sources = Sources(
        item=item[row], store=store[row], quantity=gives,
        unit=np.where(lot & world.splittable[item], 1, pack)[row], pool=pool[row], contract=contract[row],
        rung=np.array([2, 1, 0, 3])[tier][row], price=draw.integers(100, 9_000, items)[item][row] * np.where(lot[row], 1, 2),
        available_at=np.where(lot[row], 0, np.array([6, 18, 36])[step] * HOUR),
        expires_at=np.where(draw.random(len(row)) < 0.1, draw.integers(20, 200, len(row)) * HOUR, 10_000 * HOUR),
        kept_for=np.where(lot[row] & (draw.random(len(row)) < 0.03), draw.integers(0, ZONES, len(row)), -1),
    )  # fmt: skip
    return sources, pools, np.maximum(pack[of_contract], quantity[of_contract] // 50)


def _pairs(
    world: _World, sources: Sources, lines: Lines, stands_in: Whole, draw: np.random.Generator
) -> Pairs:  # one source of the nearest stores at a time
    items = len(world.mass)
    stores = _nearest(world)
    starts, order = _by_store_and_item(sources, len(world.tier), items)
    found = []
    same = np.column_stack([np.arange(items), np.arange(items), np.ones((items, 2), np.int64)])
    willing = draw.random(len(lines.item)) < 0.5
    for table, all_lines in ((same, True), (stands_in, False)):
        by_item = np.argsort(lines.item, kind="stable")
        cuts = np.searchsorted(lines.item[by_item], np.arange(items + 1))
        for asked, other, gives, takes in table.tolist():
            mine = by_item[cuts[asked] : cuts[asked + 1]]
            mine = mine if all_lines else mine[willing[mine]]
            line = np.repeat(mine, stores.shape[1])
            key = stores[lines.place[mine]].ravel() * items + other
            count = starts[key + 1] - starts[key]
            line, key = np.repeat(line, count), np.repeat(starts[key], count)
            within = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
            source = order[key + within]
            arrives = _arrival(world, sources, lines, source, line)
            fits = (arrives <= lines.due_at[line]) & (arrives < sources.expires_at[source])
            fits &= (sources.kept_for[source] < 0) | (sources.kept_for[source] == lines.zone[line])
            line, source, arrives = line[fits], source[fits], arrives[fits]
            found.append((source, line, arrives, np.full(len(line), gives), np.full(len(line), takes)))
    source, line, arrives, gives, takes = (np.concatenate(column) for column in zip(*found, strict=True))
    return Pairs(source, line, arrives, gives, takes, np.full(len(line), -1))


def _nearest(world: _World) -> Whole:
    found = []
    for tier, count in NEAR:
        there = np.flatnonzero(world.tier == tier)
        if not len(there):
            continue
        _, near = cKDTree(world.store_at[there]).query(world.place_at, k=min(count, len(there)))
        found.append(there[np.asarray(near).reshape(len(world.place_at), -1)])
    return np.hstack(found)


def _by_store_and_item(sources: Sources, stores: int, items: int) -> tuple[Whole, Whole]:
    key = sources.store * items + sources.item
    starts = np.zeros(stores * items + 1, np.int64)
    np.cumsum(np.bincount(key, minlength=stores * items), out=starts[1:])
    return starts, np.argsort(key, kind="stable")


def _arrival(world: _World, sources: Sources, lines: Lines, source: Whole, line: Whole) -> Whole:
    """Ready, loaded (two hours, four from central stores), driven by roads a third longer than the crow flies."""
    store, place = sources.store[source], lines.place[line]
    metres = np.hypot(*(world.store_at[store] - world.place_at[place]).T) * 1.33
    lead = np.array([4, 2, 2, 2])[world.tier[store]] * HOUR
    return np.asarray(sources.available_at[source] + lead + np.ceil(metres / SPEED_M_S).astype(np.int64))


def _dispatch(draw: np.random.Generator, world: _World, sources: Sources) -> Whole:
    """What a store lets out: the least of its crews and lifts, and of its bays at so many tonnes each over the event."""
    held = np.bincount(sources.store, sources.quantity * world.mass[sources.item], len(world.tier))
    crews = held * ROOM_OF_STOCK * draw.uniform(0.8, 1.2, len(held))
    a_bay = np.median(held[held > 0]) / 2 if (held > 0).any() else 1.0
    bays = np.maximum(1, np.ceil(held / a_bay * draw.uniform(0.6, 1.4, len(held))))
    return np.maximum(np.minimum(crews, bays * a_bay), 1.0).astype(np.int64)


def _intake(draw: np.random.Generator, world: _World, lines: Lines) -> Whole:
    """One place in ten cannot take in all it asks for."""
    asked = np.bincount(lines.place, lines.quantity * world.mass[lines.item], len(world.persons))
    narrow = draw.random(len(asked)) < 0.1
    return np.where(narrow, (asked * draw.uniform(0.4, 0.9, len(asked))).astype(np.int64), -1)
