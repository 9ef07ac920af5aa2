"""The trips that one vehicle makes in line: what of its day is before and behind each, and how vehicles swap what they do next.

A trip that has grown may no longer leave its vehicle the time for the trips behind it, though another vehicle has that time. As
vehicles of one kind are alike, swapping what two of them do from some trip on costs nothing: it is 2-opt* (Potvin and Rousseau, "An
exchange heuristic for routeing problems with time windows", Journal of the Operational Research Society 46(12), 1995) on trips
instead of visits.
"""

from __future__ import annotations

from optimizer.jit import compiled, inlined, inner
from optimizer.primitives import below
from optimizer.vrp.changes import touch
from optimizer.vrp.columns import (
    AFTER,
    BEFORE,
    COST,
    DIST,
    DISTANCE_MAX,
    DURATION_MAX,
    FAR,
    FIXED,
    HEAD,
    KIND,
    LIVES,
    O_DIST,
    O_DUR,
    O_EARLY,
    O_LATE,
    O_TRIPS,
    PER_DISTANCE,
    PER_DURATION,
    SAVED,
    T_DUR,
    T_EARLY,
    T_LATE,
    TOP,
    TRIPS_MAX,
    U_DIST,
    U_DUR,
    U_EARLY,
    U_LATE,
    U_TRIPS,
    State,
    Static,
)
from optimizer.vrp.segment import NOTHING, Part, join, joined

STAYS, SWAPS_REST, TAKES_REST, MOVES = range(4)
"""What trip r does so that its vehicle's day works out: nothing; goes on with what the other vehicle does next, and the other with
what was behind r; goes to the other vehicle with all that is behind it; goes there alone.
"""


@inner
def in_line(P: Static, S: State, r: int) -> None:
    """What is known of the days of the vehicle of trip r before and behind each of its trips, and what each trip costs: by the time by
    which it makes the day longer, waiting for it included.
    """
    k, t, last = S.R[r, KIND], r, r
    while S.R[t, BEFORE] >= 0:
        t = S.R[t, BEFORE]
    d, e, l, x, n, head = 0, 0, FAR, 0, 0, t
    while t >= 0:
        S.L[t, HEAD] = head
        S.L[t, U_DUR], S.L[t, U_EARLY], S.L[t, U_LATE], S.L[t, U_DIST], S.L[t, U_TRIPS] = d, e, l, x, n
        day = d
        d, e, l, _ = join(d, e, l, S.R[t, T_DUR], S.R[t, T_EARLY], S.R[t, T_LATE], 0)
        x += S.R[t, DIST]
        cost = P.T[k, PER_DISTANCE] * S.R[t, DIST] + P.T[k, PER_DURATION] * (d - day)
        if n == 0:
            cost += P.T[k, FIXED]
        if cost != S.R[t, COST]:
            touch(S, t)
            S.R[t, COST] = cost
        n += 1
        last = t
        t = S.R[t, AFTER]
    d, e, l, x, n, t = 0, 0, FAR, 0, 0, last
    while t >= 0:
        S.L[t, O_DUR], S.L[t, O_EARLY], S.L[t, O_LATE], S.L[t, O_DIST], S.L[t, O_TRIPS] = d, e, l, x, n
        d, e, l, _ = join(S.R[t, T_DUR], S.R[t, T_EARLY], S.R[t, T_LATE], d, e, l, 0)
        x += S.R[t, DIST]
        n += 1
        t = S.R[t, BEFORE]


@inlined
def day_fits(P: Static, k: int, before: Part, trip: Part, behind: Part) -> bool:
    """May a vehicle of kind k do these three parts of a day in line?"""
    d, e, l, warp = join(before[0], before[1], before[2], trip[0], trip[1], trip[2], 0)
    d, e, l, more = join(d, e, l, behind[0], behind[1], behind[2], 0)
    return (
        warp + more == 0
        and d <= P.T[k, DURATION_MAX]
        and before[3] + trip[3] + behind[3] <= P.T[k, DISTANCE_MAX]
        and before[4] + trip[4] + behind[4] <= P.T[k, TRIPS_MAX]
    )


@inlined
def until(S: State, r: int) -> Part:
    """The day of r's vehicle before trip r."""
    return S.L[r, U_DUR], S.L[r, U_EARLY], S.L[r, U_LATE], S.L[r, U_DIST], S.L[r, U_TRIPS]


@inlined
def onward(S: State, r: int) -> Part:
    """The day of r's vehicle behind trip r."""
    return S.L[r, O_DUR], S.L[r, O_EARLY], S.L[r, O_LATE], S.L[r, O_DIST], S.L[r, O_TRIPS]


@inlined
def itself(S: State, r: int) -> Part:
    """Trip r as a part of a day."""
    return S.R[r, T_DUR], S.R[r, T_EARLY], S.R[r, T_LATE], S.R[r, DIST], 1


@inner
def swap_fits(
    P: Static,
    S: State,
    r: int,
    trip: Part,
    t: int,
    in_front: bool,
    how: int,
) -> bool:
    """May r, being `trip` from now on, swap so with the vehicle of t, which is cut before t or else behind it?"""
    k = S.R[r, KIND]
    if in_front:
        head, tail = until(S, t), joined(itself(S, t), onward(S, t))
    else:
        head, tail = joined(until(S, t), itself(S, t)), onward(S, t)
    if how == SWAPS_REST:
        return day_fits(P, k, until(S, r), trip, tail) and day_fits(P, k, head, NOTHING, onward(S, r))
    if how == TAKES_REST:
        return day_fits(P, k, head, trip, onward(S, r)) and day_fits(P, k, until(S, r), NOTHING, tail)
    return day_fits(P, k, head, trip, tail) and day_fits(P, k, until(S, r), NOTHING, onward(S, r))


@inner
def elsewhere(P: Static, S: State, r: int, dur: int, early: int, late: int, dist: int) -> tuple[int, int, bool]:
    """(how, t, in front of t) of the first swap that makes room for trip r as it would be; how is STAYS if there is none."""
    trip = (dur, early, late, dist, 1)
    k = S.R[r, KIND]
    home = S.L[r, HEAD]
    may_stay = day_fits(P, k, until(S, r), trip, NOTHING)
    may_lead = day_fits(P, k, NOTHING, trip, onward(S, r))
    for t in range(S.figures[TOP]):
        if S.R[t, LIVES] == 0 or S.R[t, KIND] != k or S.L[t, HEAD] == home:
            continue
        for front in range(2 if S.R[t, BEFORE] < 0 else 1):
            for how in range(SWAPS_REST, MOVES + 1):
                if (how == SWAPS_REST and not may_stay) or (how == TAKES_REST and not may_lead):
                    continue
                if swap_fits(P, S, r, trip, t, front == 1, how):
                    return how, t, front == 1
    return STAYS, -1, False


@compiled
def day_allows(P: Static, S: State, r: int, dur: int, early: int, late: int, dist: int) -> bool:
    """May trip r be so, if need be with vehicles swapping what they do?"""
    if day_fits(P, S.R[r, KIND], until(S, r), (dur, early, late, dist, 1), onward(S, r)):
        return True
    return elsewhere(P, S, r, dur, early, late, dist)[0] != STAYS


@inlined
def follow(S: State, a: int, b: int) -> None:
    """Trip b comes directly behind a; -1 for none."""
    if a >= 0:
        S.R[a, AFTER] = b
    if b >= 0:
        S.R[b, BEFORE] = a


@inner
def swap(P: Static, S: State, r: int, t: int, in_front: bool, how: int) -> None:
    """Do what `swap_fits` says may be done."""
    k = S.R[r, KIND]
    u, o = S.R[r, BEFORE], S.R[r, AFTER]
    a, b = (S.R[t, BEFORE], t) if in_front else (t, S.R[t, AFTER])
    heads = 0
    for one in (r, u, o, a, b):
        if one >= 0:
            touch(S, one)
            heads -= S.R[one, BEFORE] < 0
    if how == SWAPS_REST:
        follow(S, r, b)
        follow(S, a, o)
    elif how == TAKES_REST:
        follow(S, a, r)
        follow(S, u, b)
    else:
        follow(S, u, o)
        follow(S, a, r)
        follow(S, r, b)
    for one in (r, u, o, a, b):
        if one >= 0:
            heads += S.R[one, BEFORE] < 0
            in_line(P, S, one)
    S.used[k] += heads


@inner
def another_takes(P: Static, S: State, r: int, trip: Part, in_front: bool) -> int:
    """By how much the day of r's vehicle becomes longer with this trip as well, before trip r or behind it; FAR if it may not make it."""
    k = S.R[r, KIND]
    if in_front:
        before, behind = until(S, r), joined(itself(S, r), onward(S, r))
    else:
        before, behind = joined(until(S, r), itself(S, r)), onward(S, r)
    if not day_fits(P, k, before, trip, behind):
        return FAR
    return joined(joined(before, trip), behind)[0] - joined(before, behind)[0]


@inner
def join_line(S: State, r: int, new: int, in_front: bool) -> None:
    """A new trip comes before trip r or behind it."""
    a, b = (S.R[r, BEFORE], r) if in_front else (r, S.R[r, AFTER])
    if a >= 0:
        touch(S, a)
    if b >= 0:
        touch(S, b)
    follow(S, a, new)
    follow(S, new, b)


@compiled
def make_room(P: Static, S: State, r: int) -> None:
    """Where trip r no longer fits into its vehicle's day, let vehicles swap; whoever let it grow has seen that they can."""
    if day_fits(P, S.R[r, KIND], until(S, r), itself(S, r), onward(S, r)):
        return
    how, t, in_front = elsewhere(P, S, r, S.R[r, T_DUR], S.R[r, T_EARLY], S.R[r, T_LATE], S.R[r, DIST])
    if how != STAYS:
        swap(P, S, r, t, in_front, how)


@inner
def reshuffle(P: Static, S: State) -> None:
    """After a ruin let a vehicle swap with another at random, so that other trips get the time that was won."""
    F, random = S.figures, S.random
    if F[SAVED] == 0 or F[TOP] == 0:
        return
    r = S.saved[below(random, F[SAVED]), 0]
    t = below(random, F[TOP])
    if S.R[r, LIVES] == 0 or S.R[t, LIVES] == 0 or S.R[r, KIND] != S.R[t, KIND]:
        return
    if S.L[r, HEAD] == S.L[t, HEAD]:
        return
    how, in_front = 1 + below(random, MOVES), S.R[t, BEFORE] < 0 and below(random, 2) == 1
    trip = itself(S, r)
    if swap_fits(P, S, r, trip, t, in_front, how):
        swap(P, S, r, t, in_front, how)
