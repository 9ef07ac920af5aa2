"""Shortest times, compiled: elimination along an order, searches up the tree of the order, plain Dijkstra where elimination does not pay.

Nodes are numbered by their rank in the order. Every node has arcs to nodes of higher rank only ("up"): those of the roads, and those
that stand for ways over nodes of lower rank. The heads of a node's arcs are also heads of its parent's, so a search goes up one
path to the root, and the fastest way between two nodes turns round at a common ancestor (Dibbelt, Strasser and Wagner, "Customizable
contraction hierarchies", Journal of Experimental Algorithmics 21, 2016). Times are whole numbers; FAR means no way.
"""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

Array = Any

FAR = 1 << 60


@njit(cache=True)
def eliminate(first: Array, heads: Array, most: int) -> tuple[Array, Array, Array]:
    """Where arcs come about when nodes go in the order of their numbers: start of each node's arcs, heads, parent.

    `first` and `heads` are each node's neighbours of higher rank. More than `most` arcs: all empty, it does not pay.
    """
    count = len(first) - 1
    starts = np.zeros(count + 1, np.int64)
    parent = np.full(count, -1, np.int32)
    child = np.full(count, -1, np.int32)
    sibling = np.full(count, -1, np.int32)
    seen = np.full(count, -1, np.int32)
    found = np.empty(min(most, 4 * len(heads) + count + 16), np.int32)
    room = np.empty(count, np.int32)
    used = 0
    for v in range(count):
        n = 0
        seen[v] = v
        for a in range(first[v], first[v + 1]):
            h = heads[a]
            if seen[h] != v:
                seen[h] = v
                room[n] = h
                n += 1
        c = child[v]
        while c >= 0:
            for a in range(starts[c], starts[c + 1]):
                h = found[a]
                if seen[h] != v:
                    seen[h] = v
                    room[n] = h
                    n += 1
            c = sibling[c]
        if used + n > len(found):
            if used + n > most:
                return starts[:0], found[:0], parent[:0]
            larger = np.empty(min(most, 2 * (used + n)), np.int32)
            larger[:used] = found[:used]
            found = larger
        found[used : used + n] = np.sort(room[:n])
        if n:
            p = found[used]
            parent[v] = p
            sibling[v] = child[p]
            child[p] = v
        used += n
        starts[v + 1] = used
    return starts, found[:used].copy(), parent


@njit(cache=True)
def depths(parent: Array, out: Array) -> None:
    """How many ancestors each node has. `out` is zero everywhere before."""
    for v in range(len(parent) - 1, -1, -1):
        if parent[v] >= 0:
            out[v] = out[parent[v]] + 1


@njit(cache=True)
def turn(starts: Array, heads: Array) -> tuple[Array, Array, Array]:
    """The arcs into each node: start of its list, the arc's tail, the arc. Tails come in their order."""
    count = len(starts) - 1
    lows = np.zeros(count + 1, np.int64)
    for a in range(len(heads)):
        lows[heads[a] + 1] += 1
    for v in range(count):
        lows[v + 1] += lows[v]
    tails = np.empty(len(heads), np.int32)
    arcs = np.empty(len(heads), np.int64)
    at = lows[:-1].copy()
    for v in range(count):
        for a in range(starts[v], starts[v + 1]):
            h = heads[a]
            tails[at[h]] = v
            arcs[at[h]] = a
            at[h] += 1
    return lows, tails, arcs


@njit(cache=True)
def places(starts: Array, heads: Array, low: Array, high: Array) -> Array:
    """The arc from each `low` node to the `high` node, by halving."""
    found = np.empty(len(low), np.int64)
    for i in range(len(low)):
        a, b = starts[low[i]], starts[low[i] + 1]
        while b - a > 1:
            middle = (a + b) // 2
            if heads[middle] <= high[i]:
                a = middle
            else:
                b = middle
        found[i] = a
    return found


@njit(cache=True)
def gather(slot_first: Array, slot_arcs: Array, weight: Array, slots: Array, up: Array, down: Array) -> None:
    """The fastest road of each slot (arc × 2, +1 for the way down); FAR where none is open."""
    for s in slots:
        best = FAR
        for i in range(slot_first[s], slot_first[s + 1]):
            best = min(best, weight[slot_arcs[i]])
        if s & 1:
            down[s >> 1] = best
        else:
            up[s >> 1] = best


@njit(cache=True)
def customise(
    starts: Array, heads: Array, lows: Array, tails: Array, arcs: Array, road_up: Array, road_down: Array,
    up: Array, down: Array, due: Array,
) -> int:  # fmt: skip
    """Times of the arcs of all nodes that are `due`, and of those whose arcs change thereby; how many nodes were worked out."""
    place = np.empty(len(starts) - 1, np.int64)
    done = 0
    for x in range(len(starts) - 1):
        if not due[x]:
            continue
        due[x] = False
        done += 1
        low, high = starts[x], starts[x + 1]
        old_up, old_down = up[low:high].copy(), down[low:high].copy()
        for e in range(low, high):
            place[heads[e]] = e
            up[e] = road_up[e]
            down[e] = road_down[e]
        for i in range(lows[x], lows[x + 1]):
            into = arcs[i]
            there, back = down[into], up[into]
            if there >= FAR and back >= FAR:
                continue
            for f in range(into + 1, starts[tails[i] + 1]):
                e = place[heads[f]]
                up[e] = min(up[e], there + up[f])
                down[e] = min(down[e], down[f] + back)
        for e in range(low, high):
            if up[e] != old_up[e - low] or down[e] != old_down[e - low]:
                for h in range(low, high):
                    due[heads[h]] = True
                break
    return done


@njit(cache=True)
def climb(starts: Array, heads: Array, parent: Array, depth: Array, time: Array, start: int, out: Array) -> None:
    """Times from a node to each of its ancestors, by their depth. `out` is FAR everywhere before."""
    out[depth[start]] = 0
    v = start
    while v >= 0:
        here = out[depth[v]]
        if here < FAR:
            for e in range(starts[v], starts[v + 1]):
                d = depth[heads[e]]
                out[d] = min(out[d], here + time[e])
        v = parent[v]


@njit(cache=True)
def climbs(
    starts: Array, heads: Array, parent: Array, depth: Array, time: Array, nodes: Array
) -> tuple[Array, Array]:  # fmt: skip
    """For each of the nodes: times to its ancestors and the ancestors themselves, by depth."""
    width = 1
    for v in nodes:
        width = max(width, depth[v] + 1)
    times = np.full((len(nodes), width), FAR, np.int64)
    above = np.full((len(nodes), width), -1, np.int32)
    for i in range(len(nodes)):
        climb(starts, heads, parent, depth, time, nodes[i], times[i])
        v = nodes[i]
        while v >= 0:
            above[i, depth[v]] = v
            v = parent[v]
    return times, above


@njit(cache=True)
def meet(there: Array, above: Array, back: Array, also_above: Array, out: Array) -> None:
    """Fastest times between all pairs: over the best of the ancestors that both have."""
    for i in range(len(there)):
        for j in range(len(back)):
            low, high = 0, min(there.shape[1], back.shape[1])
            while low < high:  # ancestors in common come first
                middle = (low + high) // 2
                if above[i, middle] >= 0 and above[i, middle] == also_above[j, middle]:
                    low = middle + 1
                else:
                    high = middle
            best = FAR
            for d in range(low):
                best = min(best, there[i, d] + back[j, d])
            out[i, j] = best


@njit(cache=True)
def sweep(
    starts: Array, heads: Array, parent: Array, up: Array, down: Array, start: int, out: Array
) -> None:  # fmt: skip
    """Times from a node to every node: up the tree, then down over all nodes from the highest. `out` is FAR everywhere before."""
    out[start] = 0
    v = start
    while v >= 0:
        here = out[v]
        if here < FAR:
            for e in range(starts[v], starts[v + 1]):
                out[heads[e]] = min(out[heads[e]], here + up[e])
        v = parent[v]
    for v in range(len(out) - 1, -1, -1):
        best = out[v]
        for e in range(starts[v], starts[v + 1]):
            best = min(best, out[heads[e]] + down[e])
        out[v] = min(best, FAR)


@njit(cache=True)
def dijkstra(first: Array, heads: Array, roads: Array, weight: Array, start: int, out: Array) -> None:
    """Times from a node to every node over plain arcs, with a heap of four. `out` is FAR everywhere before."""
    out[start] = 0
    keys = np.empty(64, np.int64)
    nodes = np.empty(64, np.int32)
    keys[0], nodes[0] = 0, start
    size = 1
    while size:
        key, v = keys[0], nodes[0]
        size -= 1
        last, who = keys[size], nodes[size]
        at = 0
        while True:
            best = 4 * at + 1
            if best >= size:
                break
            for other in range(best + 1, min(best + 3, size - 1) + 1):
                if keys[other] < keys[best]:
                    best = other
            if keys[best] >= last:
                break
            keys[at], nodes[at] = keys[best], nodes[best]
            at = best
        keys[at], nodes[at] = last, who
        if key > out[v]:
            continue
        for a in range(first[v], first[v + 1]):
            h = heads[a]
            time = key + weight[roads[a]]
            if time < out[h]:
                out[h] = time
                if size == len(keys):
                    keys = np.append(keys, keys)
                    nodes = np.append(nodes, nodes)
                at = size
                size += 1
                while at and keys[(at - 1) // 4] > time:
                    keys[at], nodes[at] = keys[(at - 1) // 4], nodes[(at - 1) // 4]
                    at = (at - 1) // 4
                keys[at], nodes[at] = time, h
