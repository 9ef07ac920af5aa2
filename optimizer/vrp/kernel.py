"""The search, compiled: ruin a few neighbouring strings of visits, put them back greedily, accept by simulated annealing.

The method is slack induction by string removals (Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle
Routing Problems", Transportation Science 54(2), 2020). Places for a client are looked for beside its nearest clients only, and a
place is judged in constant time by joining time segments (Vidal et al., "A hybrid genetic algorithm with adaptive diversity
management ...", Computers & Operations Research 40(1), 2013). The plan is always feasible; who finds no place is absent, at a price.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit

Array = Any
Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile once on a machine. Without counting references, which would cost more than the search: so nothing here may allocate."""
    return cast(Function, cast(Any, njit)(cache=True, _nrt=False)(function))


def inlined(function: Function) -> Function:
    """Compile into the callers."""
    return cast(Function, cast(Any, njit)(cache=True, _nrt=False, inline="always")(function))


FAR = 1 << 60
ROOM = 4_000
"""Most clients that one round may take out."""

# Columns of Static.C: what a client, or a depot, asks for. Its demand per dimension follows.
SERVICE, EARLY, LATE, RELEASE, KINDS, PRICE, DEMAND = range(7)
# Columns of Static.T: a kind of vehicle. Its capacity per dimension follows.
(FIXED, PER_DISTANCE, PER_DURATION, START, END, OPENS, CLOSES, DURATION_MAX, DISTANCE_MAX, COUNT, TRIPS_MAX, PROFILE,
 CAPACITY) = range(13)  # fmt: skip
# Columns of State.V: a client's trip and neighbours in it; the segments up to it and from it on.
TRIP, PRV, NXT, P_DUR, P_EARLY, P_LATE, P_DIST, S_DUR, S_EARLY, S_LATE, VISIT = range(11)
# Columns of State.R: a trip. BEFORE and AFTER are other trips of the same vehicle. Its load per dimension follows.
(LIVES, FIRST, LAST, LENGTH, KIND, LATEST_RELEASE, MASK, COST, DIST, T_DUR, T_EARLY, T_LATE, BEFORE, AFTER, STAMP,
 LOAD) = range(16)  # fmt: skip
# State.figures
ABSENT, NOW, BEST, ROUND, SAVED, SAVED_VISITS, TRIPS, BEST_TRIPS, TOP, FIGURES = range(10)


class Static(NamedTuple):
    """The problem."""

    depots: int
    dims: int
    timed: int  # does time matter at all?
    chained: int  # does any vehicle make several trips?
    C: Array  # [node, column]
    T: Array  # [kind, column]
    distance: Array  # [profile, node, node]
    duration: Array
    near: Array  # [node, place] clients by distance
    ahead: Array  # [node, place] clients that are best visited just before
    behind: Array  # ... just after
    size: Array  # [node] demand on one scale, for the order of insertion
    sibling: Array  # [kind, kind] differ in size and cost alone


class State(NamedTuple):
    """The plan."""

    V: Array  # [node, column]
    R: Array  # [slot, column]
    used: Array  # [kind] vehicles in use
    absent: Array  # clients without a trip
    out: Array  # clients taken out in this round
    keys: Array
    kept: Array  # who was absent before it
    figures: Array
    random: Array
    saved: Array  # [row, 7] slot, offset, length, kind, before, after, cost
    saved_visits: Array


class Best(NamedTuple):
    """The best plan so far: visits trip by trip."""

    visits: Array
    starts: Array
    kinds: Array
    follows: Array


@inlined
def chance(random: Array) -> float:
    """A number in [0, 1): xorshift64*."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def below(random: Array, limit: int) -> int:
    """A whole number in 0..limit-1."""
    return min(int(chance(random) * limit), limit - 1)


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
def update(P: Static, S: State, r: int) -> None:
    """Everything that is known of a trip, from its visits."""
    k = S.R[r, KIND]
    pf = P.T[k, PROFILE]
    dist, dur = P.distance[pf], P.duration[pf]
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
    at, x = P.T[k, START], 0
    a, e, l = 0, max(P.T[k, OPENS], P.C[at, EARLY], release), min(P.T[k, CLOSES], P.C[at, LATE])
    c = S.R[r, FIRST]
    while c >= 0:
        x += dist[at, c]
        if P.timed:
            a, e, l, _ = join(a, e, l, P.C[c, SERVICE], P.C[c, EARLY], P.C[c, LATE], dur[at, c])
            S.V[c, P_DUR], S.V[c, P_EARLY], S.V[c, P_LATE] = a, e, l
        S.V[c, P_DIST] = x
        at = c
        c = S.V[c, NXT]
    home = P.T[k, END]
    x += dist[at, home]
    S.R[r, DIST] = x
    S.R[r, COST] = P.T[k, PER_DISTANCE] * x
    if P.timed:
        a, e, l, _ = join(a, e, l, 0, P.C[home, EARLY], min(P.T[k, CLOSES], P.C[home, LATE]), dur[at, home])
        S.R[r, T_DUR], S.R[r, T_EARLY], S.R[r, T_LATE] = a, e, l
        S.R[r, COST] += P.T[k, PER_DURATION] * a
        at, a, e, l = home, 0, P.C[home, EARLY], min(P.T[k, CLOSES], P.C[home, LATE])
        c = S.R[r, LAST]
        while c >= 0:
            a, e, l, _ = join(P.C[c, SERVICE], P.C[c, EARLY], P.C[c, LATE], a, e, l, dur[c, at])
            S.V[c, S_DUR], S.V[c, S_EARLY], S.V[c, S_LATE] = a, e, l
            at = c
            c = S.V[c, PRV]
    if S.R[r, BEFORE] < 0:
        S.R[r, COST] += P.T[k, FIXED]


@compiled
def time_fits(P: Static, S: State, r: int, a: int, b: int, c: int) -> bool:
    """May client c come between a and b of trip r, for all the windows and limits of time?"""
    k = S.R[r, KIND]
    dur = P.duration[P.T[k, PROFILE]]
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
    d, e, l, warp = join(d, e, l, P.C[c, SERVICE], P.C[c, EARLY], P.C[c, LATE], dur[at, c])
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


@compiled
def ruin(P: Static, S: State, taken: float, string_max: int) -> int:
    """Take strings of neighbouring trips out; returns how many clients are out (absent ones are among them)."""
    F, random = S.figures, S.random
    n = len(S.V) - P.depots
    out = 0
    for i in range(F[ABSENT]):
        S.out[out] = S.absent[i]
        out += 1
    served = n - F[ABSENT]
    if served == 0:
        return out
    average = served / max(1, F[TRIPS])
    longest = min(float(string_max), average)
    strings = int(chance(random) * (4.0 * taken / (1.0 + longest) - 1.0) + 1.0)
    seed = P.depots + below(random, n)
    done = 0
    for j in range(-1, P.near.shape[1]):
        c = seed if j < 0 else P.near[seed, j]
        if c < 0 or done >= strings or out > ROOM:
            break
        r = S.V[c, TRIP]
        if r < 0:
            continue
        if S.R[r, STAMP] == F[ROUND]:
            continue
        touch(S, r)
        size = S.R[r, LENGTH]
        length = 1 + below(random, int(min(float(size), longest)))
        keep = 0
        if length > 1 and length < size and chance(random) < 0.5:
            keep = 1
            while length + keep < size and chance(random) > 0.99:
                keep += 1
        span = length + keep
        # a window of `span` visits that holds c
        ahead, v = 0, c
        while ahead < span - 1 and S.V[v, PRV] >= 0:
            v = S.V[v, PRV]
            ahead += 1
        behind, v = 0, c
        while behind < span - 1 and S.V[v, NXT] >= 0:
            v = S.V[v, NXT]
            behind += 1
        least = max(0, span - 1 - behind)
        back = least + below(random, min(ahead, span - 1) - least + 1)
        v = c
        for _ in range(back):
            v = S.V[v, PRV]
        skip_from = 1 + below(random, length - 1) if keep else span + 1
        for place in range(span):
            following = S.V[v, NXT]
            if not (skip_from <= place < skip_from + keep):
                take_out(S, v)
                S.out[out] = v
                out += 1
            v = following
        done += 1
    row = 0
    while row < F[SAVED]:  # closing a trip may save another one
        r = S.saved[row, 0]
        row += 1
        if S.R[r, LIVES] == 1:
            if S.R[r, FIRST] < 0:
                close_trip(S, r)
                F[TRIPS] -= 1
            else:
                update(P, S, r)
    return out


@compiled
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
    for i in range(1, out):
        key, c = keys[i], S.out[i]
        j = i - 1
        while j >= 0 and keys[j] > key:
            keys[j + 1], S.out[j + 1] = keys[j], S.out[j]
            j -= 1
        keys[j + 1], S.out[j + 1] = key, c


@inlined
def kind_for(P: Static, S: State, r: int, c: int) -> int:
    """The kind that could make trip r with c as well: its own, else the cheapest free sibling; -1 for none."""
    k = S.R[r, KIND]
    if ((S.R[r, MASK] & P.C[c, KINDS]) >> k) & 1 == 0:
        return -1
    dims = P.dims
    fits = True
    for d in range(dims):
        if S.R[r, LOAD + d] + P.C[c, DEMAND + d] > P.T[k, CAPACITY + d]:
            fits = False
    if fits:
        return k
    if S.R[r, BEFORE] >= 0 or S.R[r, AFTER] >= 0:
        return -1
    best, found = FAR, -1
    for other in range(len(P.T)):
        if P.sibling[k, other] and S.used[other] < P.T[other, COUNT] and ((S.R[r, MASK] & P.C[c, KINDS]) >> other) & 1:
            fits = True
            for d in range(dims):
                if S.R[r, LOAD + d] + P.C[c, DEMAND + d] > P.T[other, CAPACITY + d]:
                    fits = False
            cost = P.T[other, FIXED] + P.T[other, PER_DISTANCE] * S.R[r, DIST]
            if fits and cost < best:
                best, found = cost, other
    return found


@compiled
def try_beside(P: Static, S: State, r: int, a: int, b: int, c: int, k: int, best: int) -> int:
    """What c between a and b of trip r, then of kind k, costs; FAR if it may not be or is not below best."""
    own = S.R[r, KIND]
    dist = P.distance[P.T[own, PROFILE]]
    before = a if a >= 0 else P.T[own, START]
    behind = b if b >= 0 else P.T[own, END]
    more = dist[before, c] + dist[c, behind] - dist[before, behind]
    change = P.T[own, PER_DISTANCE] * more
    if k != own:
        change = P.T[k, FIXED] + P.T[k, PER_DISTANCE] * (S.R[r, DIST] + more) - S.R[r, COST]
    if change >= best:
        return FAR
    if S.R[r, DIST] + more > P.T[k, DISTANCE_MAX]:
        return FAR
    if P.timed and not time_fits(P, S, r, a, b, c):
        return FAR
    return change


@compiled
def recreate(P: Static, S: State, out: int, blink: float) -> None:
    """Give each client that is out its cheapest place, overlooking some; who finds none is absent."""
    F, random = S.figures, S.random
    F[ABSENT] = 0
    for i in range(out):
        c = S.out[i]
        best, at_trip, at, to_kind = P.C[c, PRICE], -1, -1, -1
        for j in range(P.ahead.shape[1]):
            m = P.ahead[c, j]
            if m < 0:
                break
            r = S.V[m, TRIP]
            if r >= 0 and chance(random) >= blink:
                k = kind_for(P, S, r, c)
                if k >= 0:
                    cost = try_beside(P, S, r, m, S.V[m, NXT], c, k, best)
                    if cost < best:
                        best, at_trip, at, to_kind = cost, r, m, k
            m = P.behind[c, j]
            r = S.V[m, TRIP]
            if r >= 0 and chance(random) >= blink:
                k = kind_for(P, S, r, c)
                if k >= 0:
                    cost = try_beside(P, S, r, S.V[m, PRV], m, c, k, best)
                    if cost < best:
                        best, at_trip, at, to_kind = cost, r, S.V[m, PRV], k
        new_kind = -1
        for k in range(len(P.T)):
            if (P.C[c, KINDS] >> k) & 1 and S.used[k] < P.T[k, COUNT]:
                fits = True
                for d in range(P.dims):
                    if P.C[c, DEMAND + d] > P.T[k, CAPACITY + d]:
                        fits = False
                x, dur, _, _, may = alone(P, k, c)
                cost = P.T[k, FIXED] + P.T[k, PER_DISTANCE] * x + P.T[k, PER_DURATION] * dur
                if fits and may and cost < best:
                    best, at_trip, at, new_kind = cost, -1, -1, k
        chain, chain_front = -1, False
        if P.chained:
            for r in range(F[TOP]):
                if S.R[r, LIVES] and P.T[S.R[r, KIND], TRIPS_MAX] > 1 and (S.R[r, AFTER] < 0 or S.R[r, BEFORE] < 0):
                    k = S.R[r, KIND]
                    if ((P.C[c, KINDS] >> k) & 1) == 0:
                        continue
                    trips, t = 1, r
                    while S.R[t, BEFORE] >= 0:
                        t = S.R[t, BEFORE]
                        trips += 1
                    t = r
                    while S.R[t, AFTER] >= 0:
                        t = S.R[t, AFTER]
                        trips += 1
                    if trips >= P.T[k, TRIPS_MAX]:
                        continue
                    fits = True
                    for d in range(P.dims):
                        if P.C[c, DEMAND + d] > P.T[k, CAPACITY + d]:
                            fits = False
                    x, dur, e, l, may = alone(P, k, c)
                    cost = P.T[k, PER_DISTANCE] * x + P.T[k, PER_DURATION] * dur
                    if not fits or not may or cost >= best:
                        continue
                    for front in range(2):
                        if (front and S.R[r, BEFORE] >= 0) or (not front and S.R[r, AFTER] >= 0):
                            continue
                        if fits_in_line(P, S, r, dur, e, l, front == 1):
                            best, at_trip, at, new_kind = cost, -1, -1, k
                            chain, chain_front = r, front == 1
        if at_trip < 0 and new_kind < 0:
            best = P.C[c, PRICE]
            for r in range(F[TOP]):  # nobody near: look everywhere
                if S.R[r, LIVES] == 0:
                    continue
                k = kind_for(P, S, r, c)
                if k < 0:
                    continue
                a = -1
                while True:
                    b = S.V[a, NXT] if a >= 0 else S.R[r, FIRST]
                    cost = try_beside(P, S, r, a, b, c, k, best)
                    if cost < best:
                        best, at_trip, at, to_kind = cost, r, a, k
                    a = b
                    if a < 0:
                        break
        if new_kind >= 0 and at_trip < 0:
            r = open_trip(S, new_kind)
            if r < 0:
                S.absent[F[ABSENT]] = c
                F[ABSENT] += 1
                continue
            F[TRIPS] += 1
            if chain < 0:
                S.used[new_kind] += 1
            else:
                touch(S, chain)
                if chain_front:
                    S.R[chain, BEFORE], S.R[r, AFTER] = r, chain
                else:
                    S.R[chain, AFTER], S.R[r, BEFORE] = r, chain
            put_in(S, r, -1, c)
            update(P, S, r)
            if chain >= 0 and chain_front:
                update(P, S, chain)
        elif at_trip >= 0:
            touch(S, at_trip)
            if to_kind != S.R[at_trip, KIND]:
                S.used[S.R[at_trip, KIND]] -= 1
                S.used[to_kind] += 1
                S.R[at_trip, KIND] = to_kind
            put_in(S, at_trip, at, c)
            update(P, S, at_trip)
        else:
            S.absent[F[ABSENT]] = c
            F[ABSENT] += 1


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
def refit(P: Static, S: State, r: int) -> None:
    """Give a trip the cheapest kind of vehicle that can make it, from whatever depot."""
    if S.R[r, BEFORE] >= 0 or S.R[r, AFTER] >= 0:
        return
    own = S.R[r, KIND]
    head, tail = S.R[r, FIRST], S.R[r, LAST]
    inner = S.V[tail, P_DIST] - P.distance[P.T[own, PROFILE], P.T[own, START], head]
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
        if cost >= best or x > P.T[k, DISTANCE_MAX]:
            continue
        fits = True
        for d in range(P.dims):
            if S.R[r, LOAD + d] > P.T[k, CAPACITY + d]:
                fits = False
        if not fits:
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
def undo(P: Static, S: State, absent: Array, absent_count: int) -> None:
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
        update(P, S, r)
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
        out = ruin(P, S, taken, string_max)
        sort_out(P, S, out)
        recreate(P, S, out, blink)
        if many:
            for row in range(F[SAVED]):
                r = S.saved[row, 0]
                if S.R[r, LIVES]:
                    refit(P, S, r)
        cost = F[NOW]
        for i in range(before_absent):
            cost -= P.C[absent[i], PRICE]
        for i in range(F[ABSENT]):
            cost += P.C[S.absent[i], PRICE]
        for row in range(F[SAVED]):
            r = S.saved[row, 0]
            cost -= S.saved[row, 6]
            if S.R[r, LIVES]:
                cost += S.R[r, COST]
        if cost < F[NOW] - heat * np.log(max(chance(S.random), 1e-300)):
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
