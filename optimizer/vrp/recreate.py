"""Giving visits that are out their cheapest places."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.jit import compiled, inlined, inner
from optimizer.primitives import chance, sort_by
from optimizer.vrp.changes import open_trip, put_in, touch
from optimizer.vrp.columns import (
    ABSENT,
    BEFORE,
    COMES,
    COST,
    COUNT,
    DIST,
    DISTANCE_MAX,
    EARLY,
    END,
    FAR,
    FIRST,
    FIXED,
    KIND,
    KINDS,
    LATE,
    LEAVES,
    LIVES,
    NXT,
    PER_DISTANCE,
    PER_DURATION,
    PRICE,
    PROFILE,
    PRV,
    START,
    T_DUR,
    T_EARLY,
    T_LATE,
    TOP,
    TRIP,
    TRIPS,
    TRIPS_MAX,
    State,
    Static,
)
from optimizer.vrp.fleet import has_room, kind_for
from optimizer.vrp.line import another_takes, day_allows, join_line, make_room
from optimizer.vrp.trips import alone, time_fits, update, update_with


@inner
def sort_out(P: Static, S: State, out: int) -> None:
    """Put what is out into one of several orders: at random, large first, far first, near first, or by window."""
    random = S.random
    dice = chance(random) * (18.0 if P.timed else 11.0)
    depot = P.T[0, START]
    keys = S.keys
    for i in range(out):
        c = S.out[i]
        if dice < 4.0:
            keys[i] = chance(random)
        elif dice < 8.0:
            keys[i] = -P.size[c]
        elif dice < 10.0:
            keys[i] = -P.distance[0, depot, c]
        elif dice < 11.0:
            keys[i] = P.distance[0, depot, c]
        elif dice < 13.0:
            keys[i] = P.C[c, LATE] - P.C[c, EARLY]
        elif dice < 15.0:
            keys[i] = P.C[c, EARLY]
        elif dice < 17.0:
            keys[i] = -P.C[c, LATE]
        else:
            keys[i] = P.C[c, LATE]
    sort_by(keys, S.out, out)


@inlined
def detour(P: Static, S: State, r: int, a: int, b: int, c: int) -> int:
    """How much longer trip r is with c between its visits a and b (-1: its depot)."""
    own = S.R[r, KIND]
    pf = P.T[own, PROFILE]
    before = a if a >= 0 else P.T[own, START]
    behind = b if b >= 0 else P.T[own, END]
    leg = S.V[b, COMES] if b >= 0 else S.V[a, LEAVES]
    return P.distance_to[pf, c, before] + P.distance[pf, c, behind] - leg


@inlined
def try_beside(P: Static, S: State, r: int, a: int, b: int, c: int, k: int, more: int, best: int) -> int:
    """What c between a and b of trip r, then of kind k and so much longer, costs; FAR if it may not be or is not below best."""
    own = S.R[r, KIND]
    change = P.T[own, PER_DISTANCE] * more
    if k != own:
        step = P.T[k, FIXED] + P.T[k, PER_DISTANCE] * (S.R[r, DIST] + more) - S.R[r, COST]
        change += int(S.fleet_weight[0] * float(step - change))
    if change >= best:
        return FAR
    if S.R[r, DIST] + more > P.T[k, DISTANCE_MAX]:
        return FAR
    dist = S.R[r, DIST] + more
    if P.timed:
        if not time_fits(P, S, r, a, b, c, dist):
            return FAR
    elif P.chained and not day_allows(P, S, r, S.R[r, T_DUR], S.R[r, T_EARLY], S.R[r, T_LATE], dist):
        return FAR
    return change


@inlined
def beside(P: Static, S: State, c: int, blink: float, room: int) -> tuple[int, int, int, int]:
    """(cost, trip, visit before it, kind of vehicle) of the cheapest place next to those c goes well with; trip -1 for none below room."""
    random, V, R = S.random, S.V, S.R
    best, at_trip, at, to_kind = room, -1, -1, -1
    price = P.bend * P.alike
    for j in range(P.ahead.shape[1]):
        for side in range(2):
            m = P.behind[c, j] if side else P.ahead[c, j]
            if m < 0:
                continue
            if price:  # most places are seen to be too far away without looking at their trip
                longer = P.way_to[0, c, j] - V[m, COMES] if side else P.way_from[0, c, j] - V[m, LEAVES]
                if price * longer >= best:
                    continue
            r: Any = np.int64(V[m, TRIP])  # as elsewhere: or what is asked of it is compiled for both kinds of number
            if r < 0:
                continue
            own = R[r, KIND]
            pf = P.T[own, PROFILE]
            way, leg = (P.way_to[pf, c, j], V[m, COMES]) if side else (P.way_from[pf, c, j], V[m, LEAVES])
            if price == 0 and P.T[own, PER_DISTANCE] * P.bend * (way - leg) >= best and P.plain[own]:
                continue
            if side:
                a, b = V[m, PRV], m
                x = P.distance_to[pf, c, a if a >= 0 else P.T[own, START]] + way - leg
            else:
                a, b = m, V[m, NXT]
                x = way + P.distance[pf, c, b if b >= 0 else P.T[own, END]] - leg
            # most places are too far away: seen without looking at windows
            if P.T[own, PER_DISTANCE] * x >= best and (P.plain[own] or has_room(P, S, r, own, c)):
                continue
            if chance(random) < blink:
                continue
            k = kind_for(P, S, r, c)
            if k >= 0:
                cost = try_beside(P, S, r, a, b, c, k, x, best)
                if cost < best:
                    best, at_trip, at, to_kind = cost, r, a, k
    return best, at_trip, at, to_kind


@inner
def anew(P: Static, S: State, c: int, best: int) -> tuple[int, int, int, int]:
    """(kind, trip of the same vehicle or -1, does it go before that, cost) of a new trip to c below the cost best; kind -1 for none."""
    F = S.figures
    new_kind = -1
    for k in range(len(P.T)):
        if (P.C[c, KINDS] >> k) & 1 and S.used[k] < P.T[k, COUNT]:
            fixed = int(S.fleet_weight[0] * float(P.T[k, FIXED]))
            pf = P.T[k, PROFILE]
            x = P.distance_to[pf, c, P.T[k, START]] + P.distance[pf, c, P.T[k, END]]
            if fixed + P.T[k, PER_DISTANCE] * x >= best:
                continue
            _, dur, _, _, may = alone(P, k, c)
            cost = fixed + P.T[k, PER_DISTANCE] * x + P.T[k, PER_DURATION] * dur
            if may and cost < best:
                best, new_kind = cost, k
    chain, chain_front = -1, 0
    if P.chained:
        for r in range(F[TOP]):
            k = S.R[r, KIND]
            if S.R[r, LIVES] == 0 or P.T[k, TRIPS_MAX] == 1 or (P.C[c, KINDS] >> k) & 1 == 0:
                continue
            x, dur, e, l, may = alone(P, k, c)
            cost = P.T[k, PER_DISTANCE] * x
            if not may or cost >= best:
                continue
            for front in range(2 if S.R[r, BEFORE] < 0 else 1):
                longer = another_takes(P, S, r, (dur, e, l, x, 1), front == 1)
                if longer < FAR and cost + P.T[k, PER_DURATION] * longer < best:
                    best, new_kind = cost + P.T[k, PER_DURATION] * longer, k
                    chain, chain_front = r, front
    return new_kind, chain, chain_front, best


@inner
def anywhere(P: Static, S: State, c: int, room: int) -> tuple[int, int, int, int]:
    """The same as `beside`, looked for in every trip."""
    F = S.figures
    best, at_trip, at, to_kind = room, -1, -1, -1
    for r in range(F[TOP]):  # nobody near: look everywhere
        if S.R[r, LIVES] == 0:
            continue
        k = kind_for(P, S, r, c)
        if k < 0:
            continue
        a = -1
        while True:
            b = S.V[a, NXT] if a >= 0 else S.R[r, FIRST]
            cost = try_beside(P, S, r, a, b, c, k, detour(P, S, r, a, b, c), best)
            if cost < best:
                best, at_trip, at, to_kind = cost, r, a, k
            a = b
            if a < 0:
                break
    return best, at_trip, at, to_kind


@compiled
def recreate(P: Static, S: State, out: int, blink: float, room: int) -> bool:
    """Give each client that is out its cheapest place, overlooking some; who finds none is absent. All that may cost less than
    `room`: as soon as it will cost more, nothing is worth going on for, and the answer is False.
    """
    F = S.figures
    F[ABSENT] = 0
    for i in range(out):
        c = S.out[i]
        price = P.C[c, PRICE]
        most = min(price, room)
        best, at_trip, at, to_kind = beside(P, S, c, blink, most)
        new_kind, chain, chain_front, best = anew(P, S, c, best)
        if new_kind >= 0:
            at_trip = -1
        elif at_trip < 0:
            if room <= price:
                return False
            best, at_trip, at, to_kind = anywhere(P, S, c, most)
        room -= best
        if new_kind >= 0:
            r = open_trip(S, new_kind)
            if r < 0:
                S.absent[F[ABSENT]] = c
                F[ABSENT] += 1
                continue
            F[TRIPS] += 1
            if chain < 0:
                S.used[new_kind] += 1
            else:
                join_line(S, chain, r, chain_front == 1)
            put_in(S, r, -1, c)
            update(P, S, r)
        elif at_trip >= 0:
            touch(S, at_trip)
            put_in(S, at_trip, at, c)
            if to_kind == S.R[at_trip, KIND]:
                update_with(P, S, at_trip, c)
                if P.chained:
                    make_room(P, S, at_trip)
            else:
                S.used[S.R[at_trip, KIND]] -= 1
                S.used[to_kind] += 1
                S.R[at_trip, KIND] = to_kind
                update(P, S, at_trip)
        else:
            S.absent[F[ABSENT]] = c
            F[ABSENT] += 1
    return True
