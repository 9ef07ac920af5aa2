"""In which order nodes are eliminated: dead ends and bends first, then the halves of the map, the line between them last."""

# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = Any
Whole = NDArray[np.int64]
LEAF = 4
"""So few nodes are not divided any more."""


def ranks(first: Whole, heads: Whole, spots: NDArray[np.float64] | None) -> Whole:
    """The rank of each node. `first` and `heads` are its neighbours either way, each once; `spots` are plane coordinates."""
    count = len(first) - 1
    rank, rest_first, rest_heads, rest = bends(first, heads)
    if len(rest):
        at = _distances(rest_first, rest_heads) if spots is None else spots[rest]
        rank[rest] = count - len(rest) + halves(rest_first, rest_heads, np.ascontiguousarray(at))
    return rank


def _distances(first: Whole, heads: Whole) -> NDArray[np.float64]:
    """Coordinates for nodes that have none: steps from an end of the network, and from the end farthest from it."""
    one = steps(first, heads, 0)
    two = steps(first, heads, int(np.argmax(one)))
    three = steps(first, heads, int(np.argmax(two)))
    return np.column_stack([two, three]).astype(np.float64)


@njit(cache=True)
def steps(first: Array, heads: Array, start: int) -> Array:
    """Steps from a node to each; parts that are not connected follow one after the other, each farther than the last."""
    count = len(first) - 1
    far = np.full(count, -1, np.int64)
    queue = np.empty(count, np.int64)
    head, tail, begin, other = 0, 0, 0, start
    while tail < count:
        while far[other] >= 0:
            other = begin
            begin += 1
        far[other] = far[queue[tail - 1]] + 1 if tail else 0
        queue[tail] = other
        tail += 1
        while head < tail:
            v = queue[head]
            head += 1
            for a in range(first[v], first[v + 1]):
                if far[heads[a]] < 0:
                    far[heads[a]] = far[v] + 1
                    queue[tail] = heads[a]
                    tail += 1
    return far


@njit(cache=True)
def bends(first: Array, heads: Array) -> tuple[Array, Array, Array, Array]:
    """Take out, round after round, nodes with at most two neighbours, never two neighbours in one round.

    Returns the ranks of those taken out, and the rest: its neighbours and which nodes they are.
    """
    count = len(first) - 1
    rank = np.full(count, -1, np.int64)
    near = heads.copy()
    degree = first[1:] - first[:-1]
    stamp = np.zeros(count, np.int64)
    queue = np.flatnonzero(degree <= 2)
    taken, round_no = 0, 0
    while len(queue):
        round_no += 1
        later = np.empty(3 * len(queue), np.int64)
        n = 0
        for v in queue:
            if rank[v] >= 0 or degree[v] > 2:
                continue
            if stamp[v] == round_no:
                later[n] = v
                n += 1
                continue
            ends = [np.int64(-1), np.int64(-1)]
            k = 0
            for a in range(first[v], first[v + 1]):
                if near[a] >= 0 and rank[near[a]] < 0:
                    ends[k] = near[a]
                    k += 1
            rank[v] = taken
            taken += 1
            for i in range(k):
                one, two = ends[i], ends[1 - i]
                stamp[one] = round_no
                at = -1
                is_near: Any = two < 0
                for a in range(first[one], first[one + 1]):
                    if near[a] == v:
                        at = a
                    elif near[a] == two:
                        is_near = True
                near[at] = -1 if is_near else two
                if is_near:
                    degree[one] -= 1
                if degree[one] <= 2:
                    later[n] = one
                    n += 1
        queue = np.unique(later[:n])
    rest = np.flatnonzero(rank < 0)
    number = np.full(count, -1, np.int64)
    number[rest] = np.arange(len(rest))
    rest_first = np.zeros(len(rest) + 1, np.int64)
    for i in range(len(rest)):
        rest_first[i + 1] = rest_first[i] + degree[rest[i]]
    rest_heads = np.empty(rest_first[-1], np.int64)
    n = 0
    for v in rest:
        for a in range(first[v], first[v + 1]):
            if near[a] >= 0 and rank[near[a]] < 0:
                rest_heads[n] = number[near[a]]
                n += 1
    return rank, rest_first, rest_heads, rest


@njit(cache=True)
def halves(first: Array, heads: Array, spots: Array) -> Array:
    """Divide by the straight line, of four directions, that the fewest nodes touch; those come last. The rank of each node."""
    count = len(first) - 1
    nodes = np.arange(count)
    at = np.arange(count)
    left = np.zeros(count, np.bool_)
    best_left = np.zeros(count, np.bool_)
    stack = [(0, count)]
    while stack:
        low, high = stack.pop()
        size = high - low
        if size <= LEAF:
            continue
        part = nodes[low:high].copy()
        fewest, side = count + 1, True
        for direction in range(4):
            key = np.empty(size)
            for i in range(size):
                x, y = spots[part[i], 0], spots[part[i], 1]
                key[i] = x if direction == 0 else y if direction == 1 else x + y if direction == 2 else x - y
            order = np.argsort(key)
            for i in range(size):
                left[part[order[i]]] = i < size // 2
            touch = [0, 0]
            for v in part:
                for a in range(first[v], first[v + 1]):
                    h = heads[a]
                    if low <= at[h] < high and left[h] != left[v]:
                        touch[1 if left[v] else 0] += 1
                        break
            for which in range(2):
                if touch[which] < fewest:
                    fewest, side = touch[which], which == 1
                    for v in part:
                        best_left[v] = left[v]
        a_end, b_end = low, 0
        line = np.empty(size, np.int64)
        other = np.empty(size, np.int64)
        lines = 0
        for v in part:
            is_line: Any = False
            if best_left[v] == side:
                for a in range(first[v], first[v + 1]):
                    h = heads[a]
                    if low <= at[h] < high and best_left[h] != side:
                        is_line = True
                        break
            if is_line:
                line[lines] = v
                lines += 1
            elif best_left[v]:
                nodes[a_end] = v
                a_end += 1
            else:
                other[b_end] = v
                b_end += 1
        for i in range(b_end):
            nodes[a_end + i] = other[i]
        for i in range(lines):
            nodes[a_end + b_end + i] = line[i]
        for i in range(low, high):
            at[nodes[i]] = i
        stack.append((low, a_end))
        stack.append((a_end, a_end + b_end))
    return at
