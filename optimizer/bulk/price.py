"""What goods are worth where they lie, compiled: a line that misses something makes its sources worth what it would gain; a source
that is worth so much makes the lines it feeds hold theirs as dear, and so their other sources; a store, whatever leaves it."""

# ruff: noqa: N803, E741 - compiled: short names, as in the papers
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from typing import Any

from optimizer.bulk.kernel import EPS, Net
from optimizer.jit import compiled, inner

Array = Any
MORE = 1.0 + 1e-7
TIMES = 1
"""Where goods stand in for each other, going round can raise a worth without end: so often it may grow."""


@inner
def dearer(value: Array, waits: Array, queue: Array, ends: Array, n: int, worth: float) -> None:
    """A node is worth at least so much; it will be looked at again if that is news. The queue is a ring."""
    if worth > value[n] * MORE and waits[n] < 2 * TIMES:
        value[n] = worth
        if waits[n] % 2 == 0:
            waits[n] += 1
            queue[ends[1] % len(queue)] = n
            ends[1] += 1


@compiled
def prices(
    P: Net, x: Array, load: Array, seeds: Array, worth: Array, rank: Array, last: int, top: float, value: Array, waits: Array,
    queue: Array, most: int, tight: float,
) -> int:  # fmt: skip
    """Worth of a gram at every node, and of every line; lines beyond the last rank are not there. How many looks it took."""
    nodes = len(P.up)
    ends = seeds[:2]
    ends[0], ends[1] = 0, 0
    looks = 0
    for i in range(2, len(seeds)):
        dearer(value, waits, queue, ends, nodes + seeds[i], worth[seeds[i]])
        while ends[0] < ends[1] and looks < most:
            n = queue[ends[0] % len(queue)]
            ends[0] += 1
            waits[n] += 1
            looks += 1
            v = min(value[n], top)
            if n >= nodes:
                l = n - nodes
                for a in range(P.first[l], P.first[l + 1]):
                    if P.most[a] - x[a] > EPS:
                        dearer(value, waits, queue, ends, P.leaf[a], min(v * P.gain[a], top))
                continue
            spare, up = P.cap[n] - load[n], P.up[n]
            while up >= 0:
                if spare > tight and P.cap[up] - load[up] < spare / 2:
                    dearer(value, waits, queue, ends, P.up[n], v)
                    break
                up = P.up[up]
            for j in range(P.out[n], P.out[n + 1]):
                a = P.outs[j]
                if x[a] > EPS and rank[P.line[a]] <= last:
                    dearer(value, waits, queue, ends, nodes + P.line[a], min(v / P.gain[a], top))
            for j in range(P.below[n], P.below[n + 1]):
                if load[P.belows[j]] > EPS:
                    dearer(value, waits, queue, ends, P.belows[j], v)
    return looks
