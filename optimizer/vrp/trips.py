"""Trips in the compiled search: what is known of them, what fits into them, taking visits out and putting them in."""

from __future__ import annotations

from optimizer.vrp.columns import (
    AFTER,
    BEFORE,
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
    LIVES,
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
    ROUND,
    S_DUR,
    S_EARLY,
    S_LATE,
    SAVED,
    SAVED_VISITS,
    SERVICE,
    STAMP,
    START,
    T_DUR,
    T_EARLY,
    T_LATE,
    TOP,
    TRIP,
    State,
    Static,
    compiled,
    inlined,
)


@inlined
def join(
    dur1: int, early1: int, late1: int, dur2: int, early2: int, late2: int, travel: int
) -> tuple[int, int, int, int]:
    """Two segments one after the other: (duration, earliest and latest start without more waiting, lateness)."""
    shift = dur1 + travel
    wait = max(early2 - shift - late1, 0)
    late = max(early1 + shift - late2, 0)
    return shift + dur2 + wait, max(early2 - shift, early1) - wait, min(late2 - shift, late1), late


@compiled
def vehicle_fits(P: Static, S: State, r: int, dur: int, early: int, late: int) -> bool:
    """May the vehicle of trip r make this trip instead, with the others it makes?"""
    k = S.R[r, KIND]
    if S.R[r, BEFORE] < 0 and S.R[r, AFTER] < 0:
        return dur <= P.T[k, DURATION_MAX]
    t = r
    while S.R[t, BEFORE] >= 0:
        t = S.R[t, BEFORE]
    d, e, l = 0, 0, FAR
    while t >= 0:
        if t == r:
            d, e, l, warp = join(d, e, l, dur, early, late, 0)
        else:
            d, e, l, warp = join(d, e, l, S.R[t, T_DUR], S.R[t, T_EARLY], S.R[t, T_LATE], 0)
        if warp > 0:
            return False
        t = S.R[t, AFTER]
    return d <= P.T[k, DURATION_MAX]


@compiled
def _from(P: Static, S: State, r: int, c: int) -> None:
    """What is known of the way to every visit from c on (-1: there is none), and of the whole trip."""
    k = S.R[r, KIND]
    pf = P.T[k, PROFILE]
    dist, dur = P.distance[pf], P.duration[pf]
    b = S.V[c, PRV] if c >= 0 else -1
    if b >= 0:
        at, x, a, e, l = b, S.V[b, P_DIST], S.V[b, P_DUR], S.V[b, P_EARLY], S.V[b, P_LATE]
    else:
        at, x = P.T[k, START], 0
        a, e, l = 0, max(P.T[k, OPENS], P.C[at, EARLY], S.R[r, LATEST_RELEASE]), min(P.T[k, CLOSES], P.C[at, LATE])
    while c >= 0:
        leg = dist[at, c]
        x += leg
        S.V[c, P_DIST], S.V[c, COMES] = x, leg
        if b >= 0:
            S.V[b, LEAVES] = leg
        if P.timed:
            a, e, l, _ = join(a, e, l, P.C[c, SERVICE], P.C[c, EARLY], P.C[c, LATE], dur[at, c])
            S.V[c, P_DUR], S.V[c, P_EARLY], S.V[c, P_LATE] = a, e, l
        at = b = c
        c = S.V[c, NXT]
    home = P.T[k, END]
    leg = dist[at, home]
    x += leg
    if b >= 0:
        S.V[b, LEAVES] = leg
    S.R[r, DIST] = x
    S.R[r, COST] = P.T[k, PER_DISTANCE] * x
    if P.timed:
        a, e, l, _ = join(a, e, l, 0, P.C[home, EARLY], min(P.T[k, CLOSES], P.C[home, LATE]), dur[at, home])
        S.R[r, T_DUR], S.R[r, T_EARLY], S.R[r, T_LATE] = a, e, l
        S.R[r, COST] += P.T[k, PER_DURATION] * a
    if S.R[r, BEFORE] < 0:
        S.R[r, COST] += P.T[k, FIXED]


@compiled
def _back(P: Static, S: State, r: int, c: int) -> None:
    """What is known of the way on from every visit up to c."""
    k = S.R[r, KIND]
    dur = P.duration[P.T[k, PROFILE]]
    b = S.V[c, NXT]
    if b >= 0:
        at, a, e, l = b, S.V[b, S_DUR], S.V[b, S_EARLY], S.V[b, S_LATE]
    else:
        at = P.T[k, END]
        a, e, l = 0, P.C[at, EARLY], min(P.T[k, CLOSES], P.C[at, LATE])
    while c >= 0:
        a, e, l, _ = join(P.C[c, SERVICE], P.C[c, EARLY], P.C[c, LATE], a, e, l, dur[c, at])
        S.V[c, S_DUR], S.V[c, S_EARLY], S.V[c, S_LATE] = a, e, l
        at = c
        c = S.V[c, PRV]


@compiled
def update(P: Static, S: State, r: int) -> None:
    """Everything that is known of a trip, from its visits."""
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


@compiled
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


@compiled
def time_fits(P: Static, S: State, r: int, a: int, b: int, c: int) -> bool:
    """May client c come between a and b of trip r, for all the windows and limits of time?"""
    k = S.R[r, KIND]
    pf = P.T[k, PROFILE]
    dur = P.duration[pf]
    home = P.T[k, END]
    if P.C[c, RELEASE] <= S.R[r, LATEST_RELEASE]:
        if a >= 0:
            d, e, l, at = S.V[a, P_DUR], S.V[a, P_EARLY], S.V[a, P_LATE], a
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
        d, e, l, warp = join(d, e, l, S.V[b, S_DUR], S.V[b, S_EARLY], S.V[b, S_LATE], dur[c, b])
    else:
        d, e, l, warp = join(d, e, l, 0, P.C[home, EARLY], min(P.T[k, CLOSES], P.C[home, LATE]), dur[c, home])
    return warp == 0 and vehicle_fits(P, S, r, d, e, l)


@compiled
def alone(P: Static, k: int, c: int) -> tuple[int, int, int, int, bool]:
    """(distance, duration, earliest, latest start, may it be) of a trip of kind k to c alone."""
    pf, at, home = P.T[k, PROFILE], P.T[k, START], P.T[k, END]
    x = P.distance[pf, at, c] + P.distance[pf, c, home]
    if not P.timed:
        return x, 0, 0, FAR, x <= P.T[k, DISTANCE_MAX]
    dur = P.duration[pf]
    e, l = max(P.T[k, OPENS], P.C[at, EARLY], P.C[c, RELEASE]), min(P.T[k, CLOSES], P.C[at, LATE])
    d, e, l, w1 = join(0, e, l, P.C[c, SERVICE], P.C[c, EARLY], P.C[c, LATE], dur[at, c])
    d, e, l, w2 = join(d, e, l, 0, P.C[home, EARLY], min(P.T[k, CLOSES], P.C[home, LATE]), dur[c, home])
    return x, d, e, l, w1 == 0 and w2 == 0 and d <= P.T[k, DURATION_MAX] and x <= P.T[k, DISTANCE_MAX]


@compiled
def fits_in_line(P: Static, S: State, r: int, dur: int, early: int, late: int, front: bool) -> bool:
    """May the vehicle of r make this trip as well, before its first or after its last?"""
    t = r
    while S.R[t, BEFORE] >= 0:
        t = S.R[t, BEFORE]
    d, e, l = 0, 0, FAR
    if front:
        d, e, l, warp = join(d, e, l, dur, early, late, 0)
        if warp > 0:
            return False
    while t >= 0:
        d, e, l, warp = join(d, e, l, S.R[t, T_DUR], S.R[t, T_EARLY], S.R[t, T_LATE], 0)
        if warp > 0:
            return False
        t = S.R[t, AFTER]
    if not front:
        d, e, l, warp = join(d, e, l, dur, early, late, 0)
        if warp > 0:
            return False
    return d <= P.T[S.R[r, KIND], DURATION_MAX]


@compiled
def touch(S: State, r: int) -> None:
    """Keep a trip as it is now, so that the round can be undone."""
    F = S.figures
    if S.R[r, STAMP] == F[ROUND]:
        return
    S.R[r, STAMP] = F[ROUND]
    row, offset = F[SAVED], F[SAVED_VISITS]
    c, length = S.R[r, FIRST], 0
    while c >= 0:
        S.saved_visits[offset + length] = c
        length += 1
        c = S.V[c, NXT]
    S.saved[row, 0], S.saved[row, 1], S.saved[row, 2] = r, offset, length
    S.saved[row, 3], S.saved[row, 4], S.saved[row, 5] = S.R[r, KIND], S.R[r, BEFORE], S.R[r, AFTER]
    S.saved[row, 6] = S.R[r, COST]
    F[SAVED], F[SAVED_VISITS] = row + 1, offset + length


@compiled
def open_trip(S: State, k: int) -> int:
    """A new empty trip of kind k; -1 where there is no slot."""
    for r in range(len(S.R)):
        if S.R[r, LIVES] == 0:
            S.R[r, LIVES] = 1
            S.figures[TOP] = max(S.figures[TOP], r + 1)
            S.R[r, FIRST], S.R[r, LAST], S.R[r, KIND], S.R[r, BEFORE], S.R[r, AFTER], S.R[r, LENGTH] = (
                -1,
                -1,
                k,
                -1,
                -1,
                0,
            )
            if S.R[r, STAMP] != S.figures[ROUND]:
                # nothing to go back to but not being there
                S.R[r, STAMP] = S.figures[ROUND]
                row = S.figures[SAVED]
                S.saved[row, 0], S.saved[row, 2], S.saved[row, 6] = r, -1, 0
                S.figures[SAVED] = row + 1
            return r
    return -1


@compiled
def close_trip(S: State, r: int) -> None:
    """An empty trip goes; so does its vehicle, if it makes no other."""
    b, a = S.R[r, BEFORE], S.R[r, AFTER]
    if b < 0 and a < 0:
        S.used[S.R[r, KIND]] -= 1
    if b >= 0:
        touch(S, b)
        S.R[b, AFTER] = a
    if a >= 0:
        touch(S, a)
        S.R[a, BEFORE] = b
    S.R[r, LIVES] = 0


@compiled
def take_out(S: State, c: int) -> None:
    """Take a client out of its trip. What is known of the trip is stale until `update`."""
    r, p, n = S.V[c, TRIP], S.V[c, PRV], S.V[c, NXT]
    if p >= 0:
        S.V[p, NXT] = n
    else:
        S.R[r, FIRST] = n
    if n >= 0:
        S.V[n, PRV] = p
    else:
        S.R[r, LAST] = p
    S.V[c, TRIP] = -1
    S.R[r, LENGTH] -= 1


@compiled
def put_in(S: State, r: int, a: int, c: int) -> None:
    """Put a client behind a (-1: first) in trip r."""
    n = S.V[a, NXT] if a >= 0 else S.R[r, FIRST]
    S.V[c, TRIP], S.V[c, PRV], S.V[c, NXT] = r, a, n
    if a >= 0:
        S.V[a, NXT] = c
    else:
        S.R[r, FIRST] = c
    if n >= 0:
        S.V[n, PRV] = c
    else:
        S.R[r, LAST] = c
    S.R[r, LENGTH] += 1
