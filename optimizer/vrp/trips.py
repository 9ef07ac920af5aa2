"""Trips in the compiled search: what is known of them, what fits into them, taking visits out and putting them in."""

from __future__ import annotations

from optimizer.jit import compiled, inlined, inner
from optimizer.vrp.columns import (
    BEFORE,
    CAPACITY,
    CLOSES,
    COMES,
    COST,
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
    LEAVES,
    LENGTH,
    LOAD,
    MASK,
    NXT,
    OPENS,
    P_DIST,
    P_DUR,
    P_EARLY,
    P_LATE,
    PER_DISTANCE,
    PER_DURATION,
    PROFILE,
    PRV,
    RELEASE,
    S_DUR,
    S_EARLY,
    S_LATE,
    SERVICE,
    START,
    T_DUR,
    T_EARLY,
    T_LATE,
    State,
    Static,
)
from optimizer.vrp.line import day_allows, in_line
from optimizer.vrp.segment import join


@inlined
def _from(P: Static, S: State, r: int, c: int) -> None:
    """What is known of the way to every visit from c on (-1: there is none), and of the whole trip."""
    k = S.R[r, KIND]
    pf = P.T[k, PROFILE]
    dist, dur = P.distance[pf], P.duration[pf]
    b = S.V[c, PRV] if c >= 0 else -1
    if b >= 0:
        at, x, a, e, l = b, S.W[b, P_DIST], S.W[b, P_DUR], S.W[b, P_EARLY], S.W[b, P_LATE]
    else:
        at, x = P.T[k, START], 0
        a, e, l = 0, max(P.T[k, OPENS], P.C[at, EARLY], S.R[r, LATEST_RELEASE]), min(P.T[k, CLOSES], P.C[at, LATE])
    while c >= 0:
        leg = dist[at, c]
        x += leg
        S.W[c, P_DIST], S.V[c, COMES] = x, leg
        if b >= 0:
            S.V[b, LEAVES] = leg
        if P.timed:
            a, e, l, _ = join(a, e, l, P.C[c, SERVICE], P.C[c, EARLY], P.C[c, LATE], dur[at, c])
            S.W[c, P_DUR], S.W[c, P_EARLY], S.W[c, P_LATE] = a, e, l
        at = b = c
        c = S.V[c, NXT]
    home = P.T[k, END]
    leg = dist[at, home]
    x += leg
    if b >= 0:
        S.V[b, LEAVES] = leg
    S.R[r, DIST] = x
    if P.timed:
        a, e, l, _ = join(a, e, l, 0, P.C[home, EARLY], min(P.T[k, CLOSES], P.C[home, LATE]), dur[at, home])
        S.R[r, T_DUR], S.R[r, T_EARLY], S.R[r, T_LATE] = a, e, l
    S.R[r, COST] = P.T[k, PER_DISTANCE] * x + P.T[k, PER_DURATION] * S.R[r, T_DUR]
    if S.R[r, BEFORE] < 0:
        S.R[r, COST] += P.T[k, FIXED]


@inlined
def _back(P: Static, S: State, r: int, c: int) -> None:
    """What is known of the way on from every visit up to c."""
    k = S.R[r, KIND]
    dur = P.duration[P.T[k, PROFILE]]
    b = S.V[c, NXT]
    if b >= 0:
        at, a, e, l = b, S.W[b, S_DUR], S.W[b, S_EARLY], S.W[b, S_LATE]
    else:
        at = P.T[k, END]
        a, e, l = 0, P.C[at, EARLY], min(P.T[k, CLOSES], P.C[at, LATE])
    while c >= 0:
        a, e, l, _ = join(P.C[c, SERVICE], P.C[c, EARLY], P.C[c, LATE], a, e, l, dur[c, at])
        S.W[c, S_DUR], S.W[c, S_EARLY], S.W[c, S_LATE] = a, e, l
        at = c
        c = S.V[c, PRV]


@compiled
def update(P: Static, S: State, r: int) -> None:
    """Everything that is known of a trip, from its visits, and of its vehicle's day."""
    reckon(P, S, r)
    if P.chained:
        in_line(P, S, r)


@inner
def reckon(P: Static, S: State, r: int) -> None:
    """Everything that is known of a trip by itself."""
    dims = P.dims
    for d in range(dims):
        S.R[r, LOAD + d] = 0
    release, mask, length = 0, -1, 0
    c = S.R[r, FIRST]
    while c >= 0:
        for d in range(dims):
            S.R[r, LOAD + d] += P.C[c, DEMAND + d]
        release = max(release, P.C[c, RELEASE])
        mask &= P.C[c, KINDS]
        length += 1
        c = S.V[c, NXT]
    S.R[r, LATEST_RELEASE], S.R[r, MASK], S.R[r, LENGTH] = release, mask, length
    _from(P, S, r, S.R[r, FIRST])
    if P.timed and length > 0:
        _back(P, S, r, S.R[r, LAST])


@inner
def update_with(P: Static, S: State, r: int, c: int) -> None:
    """The same for a trip of which everything was known before c came into it."""
    if P.C[c, RELEASE] > S.R[r, LATEST_RELEASE]:
        update(P, S, r)
        return
    for d in range(P.dims):
        S.R[r, LOAD + d] += P.C[c, DEMAND + d]
    S.R[r, MASK] &= P.C[c, KINDS]
    _from(P, S, r, c)
    if P.timed:
        _back(P, S, r, c)
    if P.chained:
        in_line(P, S, r)


@inlined
def time_fits(P: Static, S: State, r: int, a: int, b: int, c: int, dist: int) -> bool:
    """May client c come between a and b of trip r, which is then so far, for all the windows and limits of time?"""
    k = S.R[r, KIND]
    pf = P.T[k, PROFILE]
    dur = P.duration[pf]
    home = P.T[k, END]
    if P.C[c, RELEASE] <= S.R[r, LATEST_RELEASE]:
        if a >= 0:
            d, e, l, at = S.W[a, P_DUR], S.W[a, P_EARLY], S.W[a, P_LATE], a
        else:
            at = P.T[k, START]
            d, e, l = 0, max(P.T[k, OPENS], P.C[at, EARLY], S.R[r, LATEST_RELEASE]), min(P.T[k, CLOSES], P.C[at, LATE])
    else:
        at = P.T[k, START]
        d, e, l = 0, max(P.T[k, OPENS], P.C[at, EARLY], P.C[c, RELEASE]), min(P.T[k, CLOSES], P.C[at, LATE])
        if e > l:
            return False
        if a >= 0:
            v = S.R[r, FIRST]
            while True:
                d, e, l, warp = join(d, e, l, P.C[v, SERVICE], P.C[v, EARLY], P.C[v, LATE], dur[at, v])
                if warp > 0:
                    return False
                at = v
                if v == a:
                    break
                v = S.V[v, NXT]
    d, e, l, warp = join(d, e, l, P.C[c, SERVICE], P.C[c, EARLY], P.C[c, LATE], P.duration_to[pf, c, at])
    if warp > 0:
        return False
    if b >= 0:
        d, e, l, warp = join(d, e, l, S.W[b, S_DUR], S.W[b, S_EARLY], S.W[b, S_LATE], dur[c, b])
    else:
        d, e, l, warp = join(d, e, l, 0, P.C[home, EARLY], min(P.T[k, CLOSES], P.C[home, LATE]), dur[c, home])
    if warp > 0 or d > P.T[k, DURATION_MAX]:
        return False
    return P.chained == 0 or day_allows(P, S, r, d, e, l, dist)


@inlined
def alone(P: Static, k: int, c: int) -> tuple[int, int, int, int, bool]:
    """(distance, duration, earliest, latest start, may it be) of a trip of kind k to c alone."""
    fits = True
    for d in range(P.dims):
        if P.C[c, DEMAND + d] > P.T[k, CAPACITY + d]:
            fits = False
    pf, at, home = P.T[k, PROFILE], P.T[k, START], P.T[k, END]
    x = P.distance[pf, at, c] + P.distance[pf, c, home]
    if not P.timed:
        return x, 0, 0, FAR, fits and x <= P.T[k, DISTANCE_MAX]
    dur = P.duration[pf]
    e, l = max(P.T[k, OPENS], P.C[at, EARLY], P.C[c, RELEASE]), min(P.T[k, CLOSES], P.C[at, LATE])
    d, e, l, w1 = join(0, e, l, P.C[c, SERVICE], P.C[c, EARLY], P.C[c, LATE], dur[at, c])
    d, e, l, w2 = join(d, e, l, 0, P.C[home, EARLY], min(P.T[k, CLOSES], P.C[home, LATE]), dur[c, home])
    return x, d, e, l, fits and w1 == 0 and w2 == 0 and d <= P.T[k, DURATION_MAX] and x <= P.T[k, DISTANCE_MAX]
