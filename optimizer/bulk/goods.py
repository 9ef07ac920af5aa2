"""What there is to give and who asks for it, in arrays: problems of a whole province or nation fit in them.

The words are those of `optimizer.model`; quantities are base units, weights grams, instants seconds. A row of a column belongs to
the thing with that number; -1 stands for none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.bulk.kernel import FIGURES, MARKS, TURNS, WORK, Net, State

Whole = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Items:
    """Kinds of goods."""

    mass: Whole
    """Grams of a base unit."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Lots, and what each step of a contract adds."""

    item: Whole
    store: Whole
    quantity: Whole
    unit: Whole
    """What moves together: a pack, or one."""
    pool: Whole
    """The floor it stands under, -1 for none."""
    contract: Whole
    """The contract it is a step of, -1 for a lot."""
    rung: Whole
    """Precedence in the order of use: lower goes first."""
    price: Whole
    available_at: Whole
    expires_at: Whole
    kept_for: Whole
    """The zone a donor keeps it for, -1 for anybody."""


@dataclass(frozen=True, slots=True)
class Pools:
    """What lies at a store of an item and owner that has a floor: so much is above it."""

    store: Whole
    item: Whole
    above: Whole


@dataclass(frozen=True, slots=True)
class Lines:
    """What is asked for."""

    item: Whole
    place: Whole
    zone: Whole
    quantity: Whole
    due_at: Whole
    rank: Whole
    persons: Whole | Reals
    weight: Whole
    """How a line counts when shortage is shared: severity × (1 + protected share)."""
    least: Whole
    """Less than this is of no use."""
    kit: Whole
    """Lines of the same kit are of use in step only: -1 for none."""
    per_kit: Whole


@dataclass(frozen=True, slots=True)
class Pairs:
    """A source that can bring a line something in time; `takes` units of it count as `gives` of what is asked."""

    source: Whole
    line: Whole
    arrives_at: Whole
    gives: Whole
    takes: Whole
    most: Whole
    """Units at most, -1 for no limit."""


@dataclass(frozen=True, slots=True)
class Goods:
    """The whole of it. `store_room` and `place_room` are grams that a store can dispatch and a place take in; -1 for no limit."""

    items: Items
    sources: Sources
    pools: Pools
    lines: Lines
    pairs: Pairs
    store_room: Whole
    place_room: Whole
    least_order: Whole
    """Of each contract."""
    stands_in: Whole
    """Rows of item asked for, item that may stand in, gives, takes."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Goods laid out for handing out. Pairs are in a new order: by line, the best source first; `pair` tells the old one."""

    goods: Goods
    net: Net
    pair: Whole
    source_node: Whole


def order_of_use(goods: Goods) -> Whole:
    """Pairs by line; within a line what it asked for before what stands in, then by rung, arrival, price and expiry."""
    pairs, sources = goods.pairs, goods.sources
    stands_in = sources.item[pairs.source] != goods.lines.item[pairs.line]
    keys = (sources.expires_at[pairs.source], sources.price[pairs.source], pairs.arrives_at, sources.rung[pairs.source])
    return np.lexsort((*keys, stands_in, pairs.line))


def lay_out(goods: Goods) -> Laid:
    """The network: sources under floors under stores."""
    sources, pools, lines, pairs = goods.sources, goods.pools, goods.lines, goods.pairs
    mass = goods.items.mass
    order = order_of_use(goods)
    source, line = pairs.source[order], pairs.line[order]
    count, floors, stores = len(sources.item), len(pools.item), len(goods.store_room)
    up = np.full(count + floors + stores, -1, np.int64)
    up[:count] = np.where(sources.pool >= 0, count + sources.pool, count + floors + sources.store)
    up[count : count + floors] = count + floors + pools.store
    room = np.where(goods.store_room >= 0, goods.store_room, np.int64(1) << 52)
    whole = sources.quantity // sources.unit * sources.unit
    caps = (whole * mass[sources.item], _whole_packs_above(pools, sources) * mass[pools.item], room)
    first, _ = rows_of(line, len(lines.item))
    out, outs = rows_of(source, len(up))
    below, belows = rows_of(up[: count + floors].astype(np.int64), len(up))
    of_line, of_source = mass[lines.item[line]], mass[sources.item[source]]
    most = pairs.most[order]
    net = Net(
        first=first, leaf=source.astype(np.int64), line=line.astype(np.int64),
        gain=pairs.gives[order] * of_line / (pairs.takes[order] * of_source),
        unit=(sources.unit[source] * of_source).astype(np.float64),
        most=np.where(most >= 0, most * of_source, np.inf).astype(np.float64),
        out=out, outs=outs, up=up, below=below, belows=belows, cap=np.concatenate(caps).astype(np.float64),
        place=lines.place.astype(np.int64),
        room=np.append(np.where(goods.place_room >= 0, goods.place_room, np.int64(1) << 52), 0).astype(np.float64),
        asked=(lines.quantity * mass[lines.item]).astype(np.float64), weight=lines.weight.astype(np.float64),
    )  # fmt: skip
    return Laid(goods, net, order, np.arange(count))


def _whole_packs_above(pools: Pools, sources: Sources) -> Whole:
    """Of what is above each floor, what can leave in whole packs of what lies there."""
    step = np.zeros(len(pools.above), np.int64)
    under = sources.pool >= 0
    np.gcd.at(step, sources.pool[under], sources.unit[under])
    step = np.maximum(step, 1)
    return pools.above // step * step


def rows_of(keys: Whole, count: int) -> tuple[Whole, Any]:
    """Where the rows of each key start, and the rows in order of their keys."""
    starts = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(keys, minlength=count), out=starts[1:])
    return starts, np.argsort(keys, kind="stable").astype(np.int64)


def nothing_given(net: Net) -> State:
    """Nobody has anything yet."""
    nodes, lines = len(net.up), len(net.asked)
    return State(
        x=np.zeros(len(net.leaf)), load=np.zeros(nodes), got=np.zeros(lines), taken=np.zeros(len(net.room)),
        marks=np.zeros((nodes + lines, MARKS), np.int64), work=np.zeros((WORK, nodes + lines), np.int64),
        heads=np.full(TURNS, -1, np.int64), active=np.zeros(lines, np.int64), figures=np.zeros(FIGURES, np.int64),
    )  # fmt: skip


def smallest() -> Goods:
    """One lot and two lines that both want all of it."""

    def row(*values: int) -> Whole:
        return np.array(values, np.int64)

    return Goods(
        Items(row(1000)),
        Sources(row(0), row(0), row(5), row(1), row(0), row(-1), row(0), row(0), row(0), row(1 << 40), row(-1)),
        Pools(row(0), row(0), row(4)),
        Lines(
            row(0, 0), row(0, -1), row(0, 0), row(4, 4), row(9, 9), row(1, 1), row(8, 8), row(1000, 1000), row(0, 0), row(-1, -1),
            row(0, 0),
        ),
        Pairs(row(0, 0), row(0, 1), row(5, 5), row(1, 1), row(1, 1), row(-1, -1)),
        row(-1), row(-1), row(), np.zeros((0, 4), np.int64),
    )  # fmt: skip
