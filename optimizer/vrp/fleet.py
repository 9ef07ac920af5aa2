"""Which kind of vehicle makes a trip."""

from __future__ import annotations

from optimizer.jit import inlined, inner
from optimizer.primitives import below, chance
from optimizer.vrp.changes import touch
from optimizer.vrp.columns import (
    AFTER,
    BEFORE,
    CAPACITY,
    CLOSES,
    COST,
    COUNT,
    DEMAND,
    DIST,
    DISTANCE_MAX,
    DURATION_MAX,
    EARLY,
    END,
    FAR,
    FIRST,
    FIXED,
    KIND,
    KINDS,
    LAST,
    LATE,
    LATEST_RELEASE,
    LIVES,
    LOAD,
    MASK,
    NXT,
    OPENS,
    P_DIST,
    PER_DISTANCE,
    PER_DURATION,
    PROFILE,
    SAVED,
    SERVICE,
    START,
    State,
    Static,
)
from optimizer.vrp.segment import join
from optimizer.vrp.trips import update


@inlined
def has_room(P: Static, S: State, r: int, k: int, c: int) -> bool:
    """Would trip r with c as well still fit into kind k?"""
    fits = True
    for d in range(P.dims):
        if S.R[r, LOAD + d] + P.C[c, DEMAND + d] > P.T[k, CAPACITY + d]:
            fits = False
    return fits


@inlined
def kind_for(P: Static, S: State, r: int, c: int) -> int:
    """The kind that could make trip r with c as well: its own, else the cheapest free sibling; -1 for none."""
    k = S.R[r, KIND]
    if ((S.R[r, MASK] & P.C[c, KINDS]) >> k) & 1 == 0:
        return -1
    if has_room(P, S, r, k, c):
        return k
    if S.R[r, BEFORE] >= 0 or S.R[r, AFTER] >= 0:
        return -1
    best, found = FAR, -1
    for other in range(len(P.T)):
        if P.sibling[k, other] and S.used[other] < P.T[other, COUNT] and ((S.R[r, MASK] & P.C[c, KINDS]) >> other) & 1:
            cost = P.T[other, FIXED] + P.T[other, PER_DISTANCE] * S.R[r, DIST]
            if cost < best and has_room(P, S, r, other, c):
                best, found = cost, other
    return found


@inlined
def holds(P: Static, S: State, r: int, k: int) -> bool:
    """Does kind k hold what trip r carries?"""
    fits = True
    for d in range(P.dims):
        if S.R[r, LOAD + d] > P.T[k, CAPACITY + d]:
            fits = False
    return fits


@inlined
def can_make(P: Static, S: State, r: int, k: int) -> bool:
    """May kind k, but for its size a sibling of the trip's own, make trip r as it is?"""
    return S.R[r, DIST] <= P.T[k, DISTANCE_MAX] and (S.R[r, MASK] >> k) & 1 == 1 and holds(P, S, r, k)


@inner
def trade(P: Static, S: State) -> None:
    """After a ruin let two of its trips change vehicles, or give one another vehicle that is free: what is put back then differs.

    A fleet whose vehicles are all in use would otherwise never change hands.
    """
    F, random = S.figures, S.random
    if F[SAVED] == 0:
        return
    r = S.saved[below(random, F[SAVED]), 0]
    if S.R[r, LIVES] == 0 or S.R[r, FIRST] < 0 or S.R[r, BEFORE] >= 0 or S.R[r, AFTER] >= 0:
        return
    own = S.R[r, KIND]
    q = S.saved[below(random, F[SAVED]), 0]
    other = below(random, len(P.T))
    if (
        S.R[q, LIVES]
        and q != r
        and S.R[q, FIRST] >= 0
        and S.R[q, BEFORE] < 0
        and S.R[q, AFTER] < 0
        and chance(random) < 0.7
    ):
        other = S.R[q, KIND]
        if not P.sibling[own, other] or not can_make(P, S, r, other) or not can_make(P, S, q, own):
            return
        S.R[r, KIND], S.R[q, KIND] = other, own
        update(P, S, q)
    else:
        if not P.sibling[own, other] or S.used[other] >= P.T[other, COUNT] or not can_make(P, S, r, other):
            return
        S.used[own] -= 1
        S.used[other] += 1
        S.R[r, KIND] = other
    update(P, S, r)


@inner
def refit(P: Static, S: State, r: int) -> None:
    """Give a trip the cheapest kind of vehicle that can make it, from whatever depot."""
    if S.R[r, BEFORE] >= 0 or S.R[r, AFTER] >= 0:
        return
    own = S.R[r, KIND]
    head, tail = S.R[r, FIRST], S.R[r, LAST]
    inner = S.W[tail, P_DIST] - P.distance[P.T[own, PROFILE], P.T[own, START], head]
    best, found = S.R[r, COST], own
    for k in range(len(P.T)):
        if (
            k == own
            or S.used[k] >= P.T[k, COUNT]
            or (S.R[r, MASK] >> k) & 1 == 0
            or P.T[k, PROFILE] != P.T[own, PROFILE]
        ):
            continue
        pf = P.T[k, PROFILE]
        x = inner + P.distance[pf, P.T[k, START], head] + P.distance[pf, tail, P.T[k, END]]
        cost = P.T[k, FIXED] + P.T[k, PER_DISTANCE] * x
        if cost >= best or x > P.T[k, DISTANCE_MAX] or not holds(P, S, r, k):
            continue
        if P.timed:
            dur = P.duration[pf]
            at = P.T[k, START]
            a, e, l = 0, max(P.T[k, OPENS], P.C[at, EARLY], S.R[r, LATEST_RELEASE]), min(P.T[k, CLOSES], P.C[at, LATE])
            if e > l:
                continue
            # the part behind the depot: what is behind the first visit, up to the last, is in the old suffix; walk it once
            v, late = head, False
            while v >= 0:
                a, e, l, warp = join(a, e, l, P.C[v, SERVICE], P.C[v, EARLY], P.C[v, LATE], dur[at, v])
                if warp > 0:
                    late = True
                    break
                at = v
                v = S.V[v, NXT]
            if late:
                continue
            home = P.T[k, END]
            a, e, l, warp = join(a, e, l, 0, P.C[home, EARLY], min(P.T[k, CLOSES], P.C[home, LATE]), dur[at, home])
            if warp > 0 or a > P.T[k, DURATION_MAX]:
                continue
            cost += P.T[k, PER_DURATION] * a
            if cost >= best:
                continue
        best, found = cost, k
    if found != own:
        touch(S, r)
        S.used[own] -= 1
        S.used[found] += 1
        S.R[r, KIND] = found
        update(P, S, r)
