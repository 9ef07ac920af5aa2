"""The plan as it was before a round, and the best plan."""

from __future__ import annotations

from optimizer.jit import inlined, inner
from optimizer.route.columns import (
    BEST_SET,
    BEST_TRIPS,
    CARGO,
    FIRST_TRIP,
    FREE,
    FREE_FROM,
    FROM,
    LAST_TRIP,
    LOADS,
    PLACE,
    POSITION,
    QUANTITY,
    SAVED,
    STOPS,
    TRIPS,
    TRIPS_BEFORE,
    TRUCK_OF,
    Best,
    Saved,
    State,
    Static,
)
from optimizer.route.links import join_in
from optimizer.route.times import retime, work_out


@inlined
def _copy_trip(A: State | Saved, a: int, B: State | Saved, b: int) -> None:
    """Let trip b of B be as trip a of A."""
    for i in range(A.R.shape[1]):
        B.R[b, i] = A.R[a, i]
    for i in range(A.RF.shape[1]):
        B.RF[b, i] = A.RF[a, i]
    for i in range(A.R[a, STOPS]):
        for j in range(A.SP.shape[2]):
            B.SP[b, i, j] = A.SP[a, i, j]
        B.SG[b, i, 0], B.SG[b, i, 1] = A.SG[a, i, 0], A.SG[a, i, 1]
    for i in range(A.R[a, LOADS]):
        for j in range(A.L.shape[2]):
            B.L[b, i, j] = A.L[a, i, j]


@inlined
def _copy_times(A: State | Saved, B: State | Saved, trips: int) -> None:
    """Let the order and the instants of so many trips, vehicles, bays and what is left of shipments be as in A."""
    for n in range(trips):
        r = A.order[n]
        B.order[n] = r
        for j in range(A.when.shape[1]):
            B.when[r, j] = A.when[r, j]
        for j in range(A.chain.shape[1]):
            B.chain[r, j] = A.chain[r, j]
    for t in range(len(A.fleet)):
        for j in range(A.fleet.shape[1]):
            B.fleet[t, j] = A.fleet[t, j]
    for o in range(len(A.bays_used)):
        B.bays_used[o] = A.bays_used[o]
        for b in range(A.bays_used[o]):
            B.heads[o, b] = A.heads[o, b]
    for c in range(len(A.left)):
        B.left[c] = A.left[c]


@inner
def save(S: State, J: Saved, r: int) -> None:
    """Keep a trip as it was before the round."""
    if S.figures[SAVED] and J.row[r] < S.figures[SAVED] and J.slots[J.row[r]] == r:
        return
    row = S.figures[SAVED]
    S.figures[SAVED] += 1
    J.row[r], J.slots[row] = row, r
    _copy_trip(S, r, J, row)


@inlined
def begin(S: State, J: Saved) -> None:
    """Keep what any round may touch."""
    S.figures[SAVED], S.figures[TRIPS_BEFORE] = 0, S.figures[TRIPS]
    _copy_times(S, J, S.figures[TRIPS])


@inner
def undo(S: State, J: Saved) -> None:
    """Put everything back as it was before the round."""
    for n in range(S.figures[TRIPS]):
        S.chain[S.order[n], POSITION] = -1
    S.figures[TRIPS] = S.figures[TRIPS_BEFORE]
    for row in range(S.figures[SAVED]):
        _copy_trip(J, row, S, J.slots[row])
    _copy_times(J, S, S.figures[TRIPS])


@inner
def remember(P: Static, S: State, B: Best, cost: float) -> None:
    """Keep the plan as the best."""
    stops = loads = 0
    for n in range(S.figures[TRIPS]):
        loads += S.R[S.order[n], LOADS]
    if loads > len(B.L):  # splinters: never seen, and no better plan
        return
    loads = 0
    for n in range(S.figures[TRIPS]):
        r = S.order[n]
        B.R[n, 0], B.R[n, 1], B.R[n, 2], B.R[n, 3] = S.R[r, TRUCK_OF], S.R[r, FROM], S.R[r, STOPS], S.R[r, LOADS]
        for i in range(S.R[r, STOPS]):
            B.SP[stops] = S.SP[r, i, PLACE]
            stops += 1
        for i in range(S.R[r, LOADS]):
            B.L[loads, 0], B.L[loads, 1] = S.L[r, i, CARGO], S.L[r, i, QUANTITY]
            loads += 1
    for c in range(len(S.left)):
        B.left[c] = S.left[c]
    for i in range(2 * P.ranks):
        B.worth[i] = S.worth[i]
    B.money[0] = cost
    B.figures[BEST_TRIPS], B.figures[BEST_SET] = S.figures[TRIPS], 1


@inlined
def go_back(P: Static, S: State, B: Best) -> None:
    """Take up the best plan."""
    for n in range(len(S.R)):
        S.chain[n, POSITION] = -1
    for t in range(len(S.fleet)):
        S.fleet[t, FIRST_TRIP] = S.fleet[t, LAST_TRIP] = -1
        S.fleet[t, FREE] = P.T[t, FREE_FROM]
    S.figures[TRIPS] = 0
    stops = loads = 0
    for n in range(B.figures[BEST_TRIPS]):
        S.R[n, TRUCK_OF], S.R[n, FROM], S.R[n, STOPS], S.R[n, LOADS] = B.R[n, 0], B.R[n, 1], B.R[n, 2], B.R[n, 3]
        for i in range(B.R[n, 2]):
            S.SP[n, i, PLACE] = B.SP[stops]
            stops += 1
        for i in range(B.R[n, 3]):
            S.L[n, i, CARGO], S.L[n, i, QUANTITY] = B.L[loads, 0], B.L[loads, 1]
            loads += 1
        work_out(P, S, n)
        join_in(S, n, -1)
    for c in range(len(S.left)):
        S.left[c] = B.left[c]
    retime(P, S, 0, True)
