"""The search, compiled: ruin a few neighbouring strings of visits, put them back greedily, accept by simulated annealing.

The method is slack induction by string removals (Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle
Routing Problems", Transportation Science 54(2), 2020). Places for a client are looked for beside its nearest clients only, and a
place is judged in constant time by joining time segments (Vidal et al., "A hybrid genetic algorithm with adaptive diversity
management ...", Computers & Operations Research 40(1), 2013). The plan is always feasible; who finds no place is absent, at a price.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.jit import compiled, inlined
from optimizer.primitives import chance
from optimizer.vrp.changes import put_in
from optimizer.vrp.columns import (
    ABSENT,
    AFTER,
    BEFORE,
    BEST,
    BEST_TRIPS,
    COST,
    FAR,
    FIRST,
    KIND,
    LAST,
    LENGTH,
    LIVES,
    NOW,
    NXT,
    PRICE,
    ROUND,
    SAVED,
    SAVED_VISITS,
    TRIP,
    TRIPS,
    Best,
    State,
    Static,
)
from optimizer.vrp.fleet import refit, trade
from optimizer.vrp.line import in_line, reshuffle
from optimizer.vrp.recreate import recreate, sort_out
from optimizer.vrp.ruin import ruin
from optimizer.vrp.trips import reckon


@compiled
def total(P: Static, S: State) -> int:
    """Cost of the plan, absent clients at their price."""
    cost = 0
    for r in range(len(S.R)):
        if S.R[r, LIVES]:
            cost += S.R[r, COST]
    for i in range(S.figures[ABSENT]):
        cost += P.C[S.absent[i], PRICE]
    return cost


@compiled
def undo(P: Static, S: State, absent: Any, absent_count: int) -> None:
    """Put everything back as it was before the round."""
    F = S.figures
    for row in range(F[SAVED]):
        r = S.saved[row, 0]
        if S.R[r, LIVES] and S.R[r, BEFORE] < 0:
            S.used[S.R[r, KIND]] -= 1
        S.R[r, LIVES] = 0
    for row in range(F[SAVED]):
        r, length = S.saved[row, 0], S.saved[row, 2]
        if length < 0:
            continue
        S.R[r, LIVES] = 1
        S.R[r, KIND], S.R[r, BEFORE], S.R[r, AFTER] = S.saved[row, 3], S.saved[row, 4], S.saved[row, 5]
        if S.R[r, BEFORE] < 0:
            S.used[S.R[r, KIND]] += 1
        S.R[r, FIRST] = S.R[r, LAST] = -1
        S.R[r, LENGTH] = 0
        offset, a = S.saved[row, 1], -1
        for i in range(length):
            c = S.saved_visits[offset + i]
            put_in(S, r, a, c)
            a = c
        reckon(P, S, r)
    for row in range(F[SAVED]):
        if P.chained and S.R[S.saved[row, 0], LIVES]:
            in_line(P, S, S.saved[row, 0])  # only now do all trips know their neighbours again
    for i in range(absent_count):
        S.absent[i] = absent[i]
        S.V[absent[i], TRIP] = -1
    F[ABSENT] = absent_count


@compiled
def remember(S: State, B: Best) -> None:
    """Keep the plan as the best."""
    place, trips = 0, 0
    for r in range(len(S.R)):
        if S.R[r, LIVES] == 0 or S.R[r, BEFORE] >= 0:
            continue
        t, follows = r, 0
        while t >= 0:
            B.starts[trips], B.kinds[trips], B.follows[trips] = place, S.R[t, KIND], follows
            c = S.R[t, FIRST]
            while c >= 0:
                B.visits[place] = c
                place += 1
                c = S.V[c, NXT]
            trips += 1
            follows = 1
            t = S.R[t, AFTER]
    B.starts[trips] = place
    S.figures[BEST_TRIPS] = trips


@inlined
def without(S: State, cost: int) -> int:
    """What a plan of this cost costs with the trips that the round has touched as they are now."""
    for row in range(S.figures[SAVED]):
        r = S.saved[row, 0]
        cost -= S.saved[row, 6]
        if S.R[r, LIVES]:
            cost += S.R[r, COST]
    return cost


@compiled
def search(
    P: Static, S: State, B: Best, rounds: int, hot: float, cold: float, taken: float, string_max: int, blink: float
) -> int:
    """Make so many rounds while the temperature falls from hot to cold; returns how often the best plan was bettered."""
    F = S.figures
    absent = S.kept
    fall = (cold / hot) ** (1.0 / max(1, rounds)) if hot > 0.0 else 1.0
    heat = hot
    better = 0
    many = len(P.T) > 1
    for _ in range(rounds):
        F[ROUND] += 1
        F[SAVED] = F[SAVED_VISITS] = 0
        trips, before_absent = F[TRIPS], F[ABSENT]
        for i in range(before_absent):
            absent[i] = S.absent[i]
        S.fleet_weight[0] = 1.0
        if many and chance(S.random) < 0.5:
            S.fleet_weight[0] = chance(S.random)
        out = ruin(P, S, taken, string_max)
        if many and chance(S.random) < 0.3:
            trade(P, S)
        if P.chained and chance(S.random) < 0.3:
            reshuffle(P, S)
        sort_out(P, S, out)
        limit = F[NOW] - heat * np.log(max(chance(S.random), 1e-300))
        cost = F[NOW]
        for i in range(before_absent):
            cost -= P.C[absent[i], PRICE]
        room = FAR if P.mixed else int(limit) + 1 - without(S, cost)
        is_worth_it = recreate(P, S, out, blink, room)
        if is_worth_it and many:
            for row in range(F[SAVED]):
                r = S.saved[row, 0]
                if S.R[r, LIVES]:
                    refit(P, S, r)
        cost = without(S, cost)
        for i in range(F[ABSENT]):
            cost += P.C[S.absent[i], PRICE]
        if is_worth_it and cost < limit:
            F[NOW] = cost
            if cost < F[BEST]:
                F[BEST] = cost
                remember(S, B)
                better += 1
        else:
            undo(P, S, absent, before_absent)
            F[TRIPS] = trips
        heat *= fall
    return better
