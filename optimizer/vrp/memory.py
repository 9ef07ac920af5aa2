"""What every vehicle did in the plans that the search went through, each set of visits once, in its cheapest order."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.jit import compiled, inner
from optimizer.vrp.columns import AFTER, BEFORE, COST, FIRST, KIND, LIVES, NXT, TOP, Array, State

ROWS = 40_000
VISITS = 1_200_000
_TABLE = 1 << 17
REPLACED = 1 << 60

# Memory.figures
KNOWN, FILLED = range(2)


class Memory(NamedTuple):
    """Rows of visits; trips of one vehicle are parted by -1. A row at the cost REPLACED has been replaced by a cheaper one."""

    visits: Array
    starts: Array
    kinds: Array
    costs: Array
    codes: Array
    table: Array  # [code modulo its length] row + 1, or 0
    marks: Array  # [node] a random number each; a set of visits has the sum of theirs
    figures: Array


def empty_memory(nodes: int, kinds: int) -> Memory:
    """Nothing is known yet. The marks are the same in every run, so that runs can be repeated."""
    marks = np.random.default_rng(20).integers(0, 1 << 63, nodes + kinds, np.uint64)
    return Memory(
        visits=np.zeros(VISITS, np.int32),
        starts=np.zeros(ROWS + 1, np.int64),
        kinds=np.zeros(ROWS, np.int64),
        costs=np.zeros(ROWS, np.int64),
        codes=np.zeros(ROWS, np.uint64),
        table=np.zeros(_TABLE, np.int64),
        marks=marks,
        figures=np.zeros(2, np.int64),
    )


@inner
def _enter(M: Memory, code: int, cost: int, kind: int, place: int) -> None:
    """Keep what was written up to place, unless the same visits are known at no higher cost."""
    F = M.figures
    size = np.uint64(len(M.table))
    slot = np.int64(code % size)
    while M.table[slot]:
        row = M.table[slot] - 1
        if M.codes[row] == code:
            if M.costs[row] <= cost:
                return
            M.costs[row] = REPLACED
            break
        slot = np.int64((slot + 1) % len(M.table))
    row = F[KNOWN]
    M.table[slot] = row + 1
    M.codes[row], M.costs[row], M.kinds[row] = code, cost, kind
    M.starts[row + 1] = place
    F[KNOWN], F[FILLED] = row + 1, place


@compiled
def collect(S: State, M: Memory) -> None:
    """Remember what every vehicle does in the plan as it is now."""
    for r in range(S.figures[TOP]):
        if S.R[r, LIVES] and S.R[r, BEFORE] < 0:
            keep(S, M, r)


@inner
def keep(S: State, M: Memory, r: int) -> None:
    """Remember what the vehicle of trip r does, unless the same visits are known at no higher cost."""
    F = M.figures
    code = M.marks[len(S.V) + S.R[r, KIND]]
    cost, place, t = 0, F[FILLED], r
    if F[KNOWN] >= len(M.kinds) or place + 2 * len(S.V) > len(M.visits):
        return
    while t >= 0:
        cost += S.R[t, COST]
        c = S.R[t, FIRST]
        while c >= 0:
            code += M.marks[c]
            M.visits[place] = c
            place += 1
            c = S.V[c, NXT]
        t = S.R[t, AFTER]
        if t >= 0:
            M.visits[place] = -1
            place += 1
    _enter(M, code, cost, S.R[r, KIND], place)


@compiled
def learn(M: Memory, nodes: int, kind: int, trips: Array, cost: int) -> None:
    """The same for what a vehicle does in a plan from elsewhere: clients, trips parted by -1."""
    F = M.figures
    code, place = M.marks[nodes + kind], F[FILLED]
    if F[KNOWN] >= len(M.kinds) or place + 2 * nodes > len(M.visits):
        return
    for c in trips:
        if c >= 0:
            code += M.marks[c]
        M.visits[place] = c
        place += 1
    _enter(M, code, cost, kind, place)
