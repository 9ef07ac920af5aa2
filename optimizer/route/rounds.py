"""The search, compiled: take some loads off, put them back each in its best place, keep what annealing accepts and the best of all.

Ruin and recreate (Schrimpf et al., Journal of Computational Physics 159(2), 2000) on trips whose worth is the plan's own objective:
classes in time, then late, in strict order, then waiting and cost in money.
"""

from __future__ import annotations

import numpy as np

from optimizer.jit import compiled, inner
from optimizer.primitives import chance
from optimizer.route.columns import (
    AT_STOP,
    BEFORE,
    BEST_SET,
    CARGO,
    COST,
    DUE,
    DUE_END,
    END,
    FIXED,
    GAIN,
    GAIN_OFFSET,
    LOADS,
    OF_KIND,
    OFFSET,
    OUT,
    QUANTITY,
    RANK,
    SAVED,
    TRIPS,
    TRUCK_OF,
    Array,
    Best,
    Saved,
    State,
    Static,
)
from optimizer.route.moves import insert
from optimizer.route.ruin import add_waiting, ruin, sort_out
from optimizer.route.saved import begin, go_back, remember, undo
from optimizer.route.times import retime


@inner
def money(P: Static, S: State) -> float:
    """Waiting and cost of the plan; what comes in time and late of each class goes into `State.worth`."""
    found = 0.0
    for i in range(2 * P.ranks):
        S.worth[i] = 0
    for n in range(S.figures[TRIPS]):
        r = S.order[n]
        end = S.when[r, END]
        found += S.RF[r, GAIN] * end + S.RF[r, GAIN_OFFSET] + S.RF[r, COST]
        if S.chain[r, BEFORE] < 0:
            found += P.KF[P.T[S.R[r, TRUCK_OF], OF_KIND], FIXED]
        is_late = end > S.R[r, DUE_END]
        for i in range(S.R[r, LOADS]):
            c = S.L[r, i, CARGO]
            late = is_late and end + S.SP[r, S.L[r, i, AT_STOP], OFFSET] > P.C[c, DUE]
            S.worth[P.C[c, RANK] + (P.ranks if late else 0)] += S.L[r, i, QUANTITY] * P.gain[c]
    return found


@inner
def difference(P: Static, S: State, worth: Array, now: float, new: float) -> float:
    """How much better (above 0) the plan is than one of that worth and cost, a class outweighing all that comes after it."""
    found = now - new
    for i in range(2 * P.ranks):
        found += (S.worth[i] - worth[i]) * P.rank_worth[i]
    return found


@compiled
def search(P: Static, S: State, J: Saved, B: Best, rounds: int, heat: float, blink: float) -> int:
    """Make so many rounds at that heat (in money), from the best plan on where the heat says so (below 0, its amount counts); returns
    how often the best plan was bettered. Where there is no plan yet, the first is made."""
    better, now = 0, S.now
    if B.figures[BEST_SET] == 0:
        for n in range(len(P.by_nature)):
            S.figures[SAVED] = 0
            insert(P, S, J, P.by_nature[n], 0.0)
        remember(P, S, B, money(P, S))
    elif heat < 0.0:
        heat = -heat
        go_back(P, S, B)
    cost = money(P, S)
    for i in range(2 * P.ranks):
        now[i] = S.worth[i]
    for _ in range(rounds):
        begin(S, J)
        ruin(P, S, J)
        add_waiting(P, S)
        if S.figures[OUT] == 0:
            continue
        if not retime(P, S, 0, True):
            undo(S, J)
            continue
        sort_out(P, S)
        for n in range(S.figures[OUT]):
            insert(P, S, J, S.out[n], blink)
        new = money(P, S)
        if difference(P, S, now, cost, new) > heat * np.log(max(chance(S.random), 1e-300)):
            cost = new
            for i in range(2 * P.ranks):
                now[i] = S.worth[i]
            if difference(P, S, B.worth, B.money[0], new) > 0.0:
                remember(P, S, B, new)
                better += 1
        else:
            undo(S, J)
    return better
