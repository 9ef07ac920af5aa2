"""The plan as it was before a round, and the best plan."""

from __future__ import annotations

from optimizer.jit import compiled
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
    ROUND,
    SAVED,
    STOPS,
    TRIPS,
    TRUCK_OF,
    Best,
    Saved,
    State,
    Static,
)
from optimizer.route.links import join_in
from optimizer.route.times import retime, work_out


@compiled
def save(S: State, J: Saved, r: int) -> None:
    """Keep a trip as it was before the round."""
    if S.figures[SAVED] and J.row[r] < S.figures[SAVED] and J.slots[J.row[r]] == r:
        return
    row = S.figures[SAVED]
    S.figures[SAVED] += 1
    J.row[r], J.slots[row] = row, r
    for i in range(S.R.shape[1]):
        J.R[row, i] = S.R[r, i]
    for i in range(S.RF.shape[1]):
        J.RF[row, i] = S.RF[r, i]
    for i in range(S.R[r, STOPS]):
        for j in range(S.SP.shape[2]):
            J.SP[row, i, j] = S.SP[r, i, j]
        J.SG[row, i, 0], J.SG[row, i, 1] = S.SG[r, i, 0], S.SG[r, i, 1]
    for i in range(S.R[r, LOADS]):
        for j in range(S.L.shape[2]):
            J.L[row, i, j] = S.L[r, i, j]


@compiled
def begin(S: State, J: Saved) -> None:
    """Keep what any round may touch."""
    S.figures[ROUND] += 1
    S.figures[SAVED] = 0
    J.slots[len(J.slots) - 1] = S.figures[TRIPS]
    for n in range(S.figures[TRIPS]):
        r = S.order[n]
        J.order[n] = r
        for j in range(S.when.shape[1]):
            J.when[r, j] = S.when[r, j]
        for j in range(S.chain.shape[1]):
            J.chain[r, j] = S.chain[r, j]
    for t in range(len(S.fleet)):
        for j in range(S.fleet.shape[1]):
            J.fleet[t, j] = S.fleet[t, j]
    for o in range(len(S.bays_used)):
        J.bays_used[o] = S.bays_used[o]
        for b in range(S.bays_used[o]):
            J.heads[o, b] = S.heads[o, b]
    for c in range(len(S.left)):
        J.left[c] = S.left[c]


@compiled
def undo(S: State, J: Saved) -> None:
    """Put everything back as it was before the round."""
    for n in range(S.figures[TRIPS]):
        S.chain[S.order[n], POSITION] = -1
    S.figures[TRIPS] = J.slots[len(J.slots) - 1]
    for row in range(S.figures[SAVED]):
        r = J.slots[row]
        for i in range(S.R.shape[1]):
            S.R[r, i] = J.R[row, i]
        for i in range(S.RF.shape[1]):
            S.RF[r, i] = J.RF[row, i]
        for i in range(S.R[r, STOPS]):
            for j in range(S.SP.shape[2]):
                S.SP[r, i, j] = J.SP[row, i, j]
            S.SG[r, i, 0], S.SG[r, i, 1] = J.SG[row, i, 0], J.SG[row, i, 1]
        for i in range(S.R[r, LOADS]):
            for j in range(S.L.shape[2]):
                S.L[r, i, j] = J.L[row, i, j]
    for n in range(S.figures[TRIPS]):
        r = J.order[n]
        S.order[n] = r
        for j in range(S.when.shape[1]):
            S.when[r, j] = J.when[r, j]
        for j in range(S.chain.shape[1]):
            S.chain[r, j] = J.chain[r, j]
    for t in range(len(S.fleet)):
        for j in range(S.fleet.shape[1]):
            S.fleet[t, j] = J.fleet[t, j]
    for o in range(len(S.bays_used)):
        S.bays_used[o] = J.bays_used[o]
        for b in range(S.bays_used[o]):
            S.heads[o, b] = J.heads[o, b]
    for c in range(len(S.left)):
        S.left[c] = J.left[c]


@compiled
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


@compiled
def go_back(P: Static, S: State, B: Best) -> bool:
    """Take up the best plan; False where it cannot be driven as it is written."""
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
        if not work_out(P, S, n):
            return False
        join_in(S, n, -1)
    for c in range(len(S.left)):
        S.left[c] = B.left[c]
    return retime(P, S, 0, True)
