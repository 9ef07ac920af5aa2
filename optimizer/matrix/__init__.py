"""Matrices of travel times: a network is put in order once, weighed once for each kind of vehicle; a changed road is weighed again alone.

    network = Network(nodes, tail, head, spots)
    times = network.weighed(seconds)            # one for each kind of vehicle; NEVER: it may not drive there
    table = times.between(sources, targets)
    times.change(arcs, seconds)                 # closures, openings, other speeds

What comes out equals Dijkstra's algorithm on the same arcs, always.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optimizer.matrix import kernel, order
from optimizer.passing import NEVER

Whole = NDArray[np.int64]
LONGEST = 2**58
"""The times of all arcs of a network together stay below this."""
ARCS_A_NODE = 80
"""Where elimination makes more arcs than so many a node, plain searches are quicker."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The order of elimination: nodes by rank with their arcs to higher ones, and those of lower ones to them."""

    rank: Whole
    starts: Whole
    heads: NDArray[np.int32]
    parent: NDArray[np.int32]
    depth: NDArray[np.int32]
    lows: Whole
    tails: NDArray[np.int32]
    arcs: Whole
    slot_first: Whole
    slot_arcs: Whole
    slot: Whole
    """Where each road belongs: its arc × 2, + 1 where it leads down; -1 for a road from a node to itself."""


class Network:
    """Nodes 0 .. `nodes` - 1 and roads from `tail` to `head`; parallel ones and roads of no length are welcome. Nothing in it changes."""

    def __init__(self, nodes: int, tail: ArrayLike, head: ArrayLike, spots: ArrayLike | None = None) -> None:
        """`spots` are plane coordinates, one row a node; without them the order comes from the network's shape."""
        self.nodes = nodes
        self.tail: Whole = np.ascontiguousarray(tail, np.int64)
        self.head: Whole = np.ascontiguousarray(head, np.int64)
        ends = np.concatenate([self.tail, self.head])
        if len(self.tail) != len(self.head) or (len(ends) and not (ends.min() >= 0 and ends.max() < nodes)):
            raise ValueError("every road leads from a node to a node")
        places = None if spots is None else np.asarray(spots, np.float64)
        if places is not None and places.shape != (nodes, 2):
            raise ValueError("every node has two coordinates, or none has any")
        by_tail = np.argsort(self.tail, kind="stable")
        self.out_first = np.searchsorted(self.tail[by_tail], np.arange(nodes + 1)).astype(np.int64)
        self.out_roads: Whole = by_tail.astype(np.int64)
        self.tree = _tree(nodes, self.tail, self.head, places)

    def weighed(self, seconds: ArrayLike) -> Times:
        """The network as one kind of vehicle drives it: whole seconds for every road, NEVER where it may not go."""
        return Times(self, seconds)


class Times:
    """Travel times over a network for one kind of vehicle."""

    def __init__(self, network: Network, seconds: ArrayLike) -> None:
        self.network = network
        self.seconds = _seconds(seconds, len(network.tail))
        _refuse_too_long(self.seconds)
        self._weight = np.minimum(self.seconds, kernel.FAR)
        tree = network.tree
        if tree is None:
            return
        count = len(tree.heads)
        self._road_up, self._road_down = (np.full(count, kernel.FAR, np.int64) for _ in range(2))
        self._up, self._down = (np.full(count, kernel.FAR, np.int64) for _ in range(2))
        self._gather(np.unique(tree.slot[tree.slot >= 0]))
        self._customise(np.ones(network.nodes, np.bool_))

    def change(self, roads: Sequence[int] | Whole, seconds: ArrayLike) -> int:
        """Give roads other times (NEVER closes one); how many nodes had to be worked out again. Equal to weighing everything afresh."""
        which = np.asarray(roads, np.int64)
        new = _seconds(seconds, len(which))
        if len(which) and not (which.min() >= 0 and which.max() < len(self.seconds)):
            raise ValueError("no such road")
        all_seconds = self.seconds.copy()
        all_seconds[which] = new
        _refuse_too_long(all_seconds)
        moved = np.flatnonzero(all_seconds != self.seconds)
        self.seconds = all_seconds
        self._weight = np.minimum(all_seconds, kernel.FAR)
        tree = self.network.tree
        if tree is None:
            return 0
        slots = np.unique(tree.slot[moved])
        slots = slots[slots >= 0]
        due = np.zeros(self.network.nodes, np.bool_)
        due[np.searchsorted(tree.starts, slots >> 1, side="right") - 1] = True
        self._gather(slots)
        return self._customise(due)

    def copy(self) -> Times:
        """Times of the same network that may be changed without changing these."""
        other = copy.copy(self)
        for name in ("seconds", "_weight", "_road_up", "_road_down", "_up", "_down"):
            if hasattr(self, name):
                setattr(other, name, getattr(self, name).copy())
        return other

    def between(self, sources: Sequence[int] | Whole, targets: Sequence[int] | Whole) -> Whole:
        """Seconds from each source to each target; NEVER where no way leads."""
        start, end = np.asarray(sources, np.int64), np.asarray(targets, np.int64)
        for some in (start, end):
            if len(some) and not (some.min() >= 0 and some.max() < self.network.nodes):
                raise ValueError("no such node")
        if not len(start) or not len(end):
            return np.zeros((len(start), len(end)), np.int64)
        tree = self.network.tree
        if tree is None:
            return np.array([self.row(int(node))[end] for node in start], np.int64).reshape(len(start), len(end))
        shape = (tree.starts, tree.heads, tree.parent, tree.depth)
        there, above = kernel.climbs(*shape, self._up, tree.rank[start])
        back, also_above = kernel.climbs(*shape, self._down, tree.rank[end])
        out = np.empty((len(start), len(end)), np.int64)
        kernel.meet(there, above, back, also_above, out)
        return _never(out)

    def row(self, source: int) -> Whole:
        """Seconds from a node to every node."""
        tree, network = self.network.tree, self.network
        out = np.full(network.nodes, kernel.FAR, np.int64)
        if tree is None:
            heads = network.head[network.out_roads]
            kernel.dijkstra(network.out_first, heads, network.out_roads, self._weight, source, out)
            return _never(out)
        kernel.sweep(tree.starts, tree.heads, tree.parent, self._up, self._down, tree.rank[source], out)
        return _never(out[tree.rank])

    def _gather(self, slots: Whole) -> None:
        tree = self.network.tree
        assert tree is not None, "only asked where there is an order"
        kernel.gather(tree.slot_first, tree.slot_arcs, self._weight, slots, self._road_up, self._road_down)

    def _customise(self, due: NDArray[np.bool_]) -> int:
        tree = self.network.tree
        assert tree is not None, "only asked where there is an order"
        roads, arcs = (self._road_up, self._road_down), (self._up, self._down)
        return int(kernel.customise(tree.starts, tree.heads, tree.lows, tree.tails, tree.arcs, *roads, *arcs, due))


def _tree(nodes: int, tail: Whole, head: Whole, spots: NDArray[np.float64] | None) -> Tree | None:
    """Order and eliminate; None where that makes too many arcs."""
    real = tail != head
    one, two = np.minimum(tail, head)[real], np.maximum(tail, head)[real]
    pair = np.unique(one * nodes + two)
    first, heads = _neighbours(nodes, np.concatenate([pair // max(nodes, 1), pair % max(nodes, 1)]), len(pair))
    rank = order.ranks(first, heads, spots)
    low, high = rank[pair // max(nodes, 1)], rank[pair % max(nodes, 1)]
    low, high = np.minimum(low, high), np.maximum(low, high)
    by_low = np.lexsort((high, low))
    low, high = low[by_low], high[by_low]
    ups = np.searchsorted(low, np.arange(nodes + 1)).astype(np.int64)
    starts, arc_heads, parent = kernel.eliminate(ups, high.astype(np.int32), ARCS_A_NODE * nodes + 10_000)
    if nodes and not len(starts):
        return None
    depth = np.zeros(nodes, np.int32)
    kernel.depths(parent, depth)
    lows, tails, arcs = kernel.turn(starts, arc_heads)
    from_rank, to_rank = rank[tail], rank[head]
    slot = np.full(len(tail), -1, np.int64)
    found = kernel.places(starts, arc_heads, np.minimum(from_rank, to_rank)[real], np.maximum(from_rank, to_rank)[real])
    slot[real] = 2 * found + (from_rank > to_rank)[real]
    slot_arcs = np.argsort(slot, kind="stable").astype(np.int64)
    slot_first = np.searchsorted(slot[slot_arcs], np.arange(2 * len(arc_heads) + 1)).astype(np.int64)
    return Tree(rank, starts, arc_heads, parent, depth, lows, tails, arcs, slot_first, slot_arcs, slot)


def _neighbours(nodes: int, ends: Whole, pairs: int) -> tuple[Whole, Whole]:
    """Each node's neighbours, from pairs given as all one ends and then all other ends."""
    other = np.concatenate([ends[pairs:], ends[:pairs]])
    by_end = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[by_end], np.arange(nodes + 1)).astype(np.int64)
    return first, np.ascontiguousarray(other[by_end])


def _seconds(values: ArrayLike, count: int) -> Whole:
    seconds = np.array(values, np.int64)
    if seconds.shape != (count,):
        raise ValueError("every road has a time")
    if count and seconds.min() < 0:
        raise ValueError("no road takes less than no time")
    return np.where(seconds >= NEVER, NEVER, seconds)


def _refuse_too_long(seconds: Whole) -> None:
    if float(np.where(seconds < NEVER, seconds, 0).astype(np.float64).sum()) >= LONGEST:
        raise ValueError("the roads together take too long")


def _never(out: Whole) -> Whole:
    return np.where(out >= kernel.FAR, NEVER, out)
