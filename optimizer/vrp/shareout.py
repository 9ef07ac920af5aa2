"""The compiled search where a client may be served by several vehicles: ruin and recreate whose recreating step may share a client out.

A client that is out gets either the cheapest trip with room for all of it, or the cheapest set of trips that together have room, or
new trips, whatever costs least. The set is found greedily by cost for each unit of room, as in Silva, Subramanian and Ochi, "An
iterated local search heuristic for the split delivery vehicle routing problem", Computers & Operations Research 53, 2015; ruin and
acceptance are those of `kernel`. Knows nothing of time.
"""

from __future__ import annotations

import numpy as np

from optimizer.jit import compiled, inner
from optimizer.primitives import chance
from optimizer.vrp.columns import FAR
from optimizer.vrp.portions import (
    BEST,
    CAPACITY,
    COST,
    COUNT,
    DIST,
    DISTANCE_MAX,
    END,
    FIXED,
    KIND,
    LENGTH,
    LOAD,
    NOW,
    OUT,
    PER_DISTANCE,
    PROFILE,
    ROUND,
    SAVED,
    SHARED_MAX,
    STAMP,
    START,
    TOP,
    TRIP_COLUMNS,
    Ground,
    Trips,
    bring,
    remember,
    ruin,
    sort_out,
)


@inner
def survey(P: Ground, S: Trips, c: int, blink: float) -> None:
    """The cheapest place for c in every trip with room."""
    for r in range(S.figures[TOP]):
        S.costs[r] = FAR
        k = S.R[r, KIND]
        if S.R[r, LENGTH] == 0 or S.R[r, LOAD] >= P.T[k, CAPACITY] or not P.allowed[k, c] or chance(S.random) < blink:
            continue
        table = P.distance[P.T[k, PROFILE]]
        at, least, place = P.T[k, START], FAR, 0
        for i in range(S.R[r, LENGTH]):
            v = S.visits[r, i]
            if v == c:
                least, place = 0, i
                break
            more = table[at, c] + table[c, v] - table[at, v]
            if more < least:
                least, place = more, i
            at = v
        else:
            home = P.T[k, END]
            more = table[at, c] + table[c, home] - table[at, home]
            if more < least:
                least, place = more, S.R[r, LENGTH]
        if S.R[r, DIST] + least <= P.T[k, DISTANCE_MAX]:
            S.costs[r], S.places[r] = least * P.T[k, PER_DISTANCE], place


@inner
def share_out(P: Ground, S: Trips, c: int, may_share: bool) -> int:
    """Into `chosen`: the trips, with amounts, that bring what c lacks for the least; returns how many they are."""
    left, spent, steps = S.absent[c], 0, 0
    best, best_steps, last = FAR, 0, FAR
    R = S.R
    while steps < SHARED_MAX:
        finish, finisher = FAR, FAR
        ratio, next_one, room_there = 1e300, FAR, 0
        for r in range(S.figures[TOP]):
            cost = S.costs[r]
            if cost == FAR or spent + cost >= best:
                continue
            used = False
            for i in range(steps):
                if S.chosen[0, i] == r:
                    used = True
            if used:
                continue
            room = P.T[R[r, KIND], CAPACITY] - R[r, LOAD]
            if room >= left:
                if cost < finish:
                    finish, finisher = cost, r
            elif (cost + 1) / room < ratio:
                ratio, next_one, room_there = (cost + 1) / room, r, room
        for k in range(len(P.T)):
            free = P.T[k, COUNT] - S.used[k]
            for i in range(steps):
                if S.chosen[0, i] == -1 - k:
                    free -= 1
            if free <= 0 or not P.allowed[k, c]:
                continue
            x = P.distance[P.T[k, PROFILE], P.T[k, START], c] + P.distance[P.T[k, PROFILE], c, P.T[k, END]]
            cost, room = P.T[k, FIXED] + P.T[k, PER_DISTANCE] * x, P.T[k, CAPACITY]
            if x > P.T[k, DISTANCE_MAX]:
                continue
            if room >= left:
                if cost < finish:
                    finish, finisher = cost, -1 - k
            elif (cost + 1) / room < ratio:
                ratio, next_one, room_there = (cost + 1) / room, -1 - k, room
        if finisher != FAR and spent + finish < best:
            best, best_steps, last = spent + finish, steps, finisher
        if next_one == FAR or (not may_share and best < FAR):
            break
        S.chosen[0, steps], S.chosen[1, steps] = next_one, room_there
        spent += P.T[-1 - next_one, FIXED] if next_one < 0 else 0
        if next_one < 0:
            k = -1 - next_one
            x = P.distance[P.T[k, PROFILE], P.T[k, START], c] + P.distance[P.T[k, PROFILE], c, P.T[k, END]]
            spent += P.T[k, PER_DISTANCE] * x
        else:
            spent += S.costs[next_one]
        left -= room_there
        steps += 1
        if spent >= best:
            break
    if best == FAR:
        return steps
    left = S.absent[c]
    for i in range(best_steps):
        left -= S.chosen[1, i]
    S.chosen[0, best_steps], S.chosen[1, best_steps] = last, left
    return best_steps + 1


@inner
def recreate(P: Ground, S: Trips, blink: float, whole: float) -> None:
    """Bring everybody who is out what is lacking, as far as vehicles go."""
    for i in range(S.figures[OUT]):
        c = S.out[i]
        for _ in range(40):  # a demand of many loads takes several turns
            survey(P, S, c, blink)
            count = share_out(P, S, c, chance(S.random) >= whole)
            for j in range(count):
                if not bring(P, S, c, S.chosen[0, j], S.chosen[1, j]):
                    return
            if count == 0 or S.absent[c] == 0:
                break


@compiled
def search(P: Ground, S: Trips, rounds: int, heat: float, taken: float, string_max: int, blink: float) -> None:
    """Make so many rounds at one temperature."""
    F = S.figures
    for _ in range(rounds):
        F[ROUND] += 1
        F[SAVED] = F[OUT] = 0
        cost = F[NOW]
        for c in range(P.depots, len(P.demand)):
            S.kept[c] = S.absent[c]
            if S.absent[c] > 0:
                S.out[F[OUT]] = c
                F[OUT] += 1
                cost -= P.price[c] * S.absent[c]
        ruin(P, S, taken, string_max, 0.5)
        sort_out(P, S)
        recreate(P, S, blink, 0.1)
        for row in range(F[SAVED]):
            cost += S.R[S.saved[row, TRIP_COLUMNS], COST] - S.saved[row, COST]
        for c in range(P.depots, len(P.demand)):
            if S.absent[c] > 0:
                cost += P.price[c] * S.absent[c]
        if cost < F[NOW] - heat * np.log(max(chance(S.random), 1e-300)):
            F[NOW] = cost
            if cost < F[BEST]:
                F[BEST] = cost
                remember(S)
            continue
        for row in range(F[SAVED]):
            r = S.saved[row, TRIP_COLUMNS]
            if S.R[r, LENGTH] > 0:
                S.used[S.R[r, KIND]] -= 1
        for row in range(F[SAVED]):
            r = S.saved[row, TRIP_COLUMNS]
            for column in range(TRIP_COLUMNS):
                S.R[r, column] = S.saved[row, column]
            S.R[r, STAMP] = F[ROUND]
            for i in range(S.R[r, LENGTH]):
                S.visits[r, i], S.amounts[r, i] = S.saved_visits[row, i], S.saved_amounts[row, i]
            if S.R[r, LENGTH] > 0:
                S.used[S.R[r, KIND]] += 1
        for c in range(P.depots, len(P.demand)):
            S.absent[c] = S.kept[c]
