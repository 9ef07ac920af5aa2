"""Where goods go: every place on the trips that load at their source, and trips of their own; the best is taken."""

from __future__ import annotations

from optimizer.jit import inlined
from optimizer.primitives import chance
from optimizer.route.columns import (
    AFTER,
    ALIKE,
    AMOUNT,
    AT,
    AVAILABLE,
    BANNED,
    BANS,
    BASE,
    BEFORE_TRIP,
    CAN_BE_SOON,
    COMES_LATE,
    DELIVERY,
    DRIVE_MAX,
    FIRST_TRIP,
    FREE,
    FROM,
    GROUP,
    GROUPS,
    HAS_MASS,
    HAS_TOWED,
    HAS_VOLUME,
    JOIN,
    LATE,
    LOADS,
    LOADS_MAX,
    MAKES_LATE,
    NOTHING,
    OF_KIND,
    OPEN,
    QUANTITY,
    READY,
    SOURCE,
    STAMP,
    STEP,
    STOPS,
    STOPS_MAX,
    TRIPS,
    TRUCK_OF,
    WHAT,
    WHO,
    State,
    Static,
)
from optimizer.route.effects import WORST, joined, opened, room
from optimizer.route.links import load_of, stop_at


@inlined
def chosen(S: State, what: int, who: int, at: int, before: int, amount: int) -> None:
    """Note the best place so far."""
    S.choice[WHAT], S.choice[WHO], S.choice[AT], S.choice[BEFORE_TRIP], S.choice[AMOUNT] = what, who, at, before, amount
    S.choice[COMES_LATE] = S.figures[MAKES_LATE]


@inlined
def most_joined(
    P: Static,
    S: State,
    r: int,
    c: int,
    wanted: int,
    most: int,
    at: int,
    there: bool,
    aboard: int,
    best: float,
    sparing: bool,
) -> tuple[float, int]:
    """(gain, quantity) of `joined` with as much as may be, or, sparing, as much as makes nothing late where that gains more; WORST where
    not even a step of it gains more than the best so far."""
    step = P.C[c, STEP]
    gains = joined(P, S, r, c, wanted, most, at, there, aboard)
    if gains > WORST:
        if not sparing or S.figures[MAKES_LATE] == 0 or (most - step - wanted) * P.CF[c, 0] <= max(best, gains):
            return gains, most
        if joined(P, S, r, c, wanted, step, at, there, aboard) <= WORST or S.figures[MAKES_LATE] == 1:
            return gains, most
    elif most <= step or joined(P, S, r, c, wanted, step, at, there, aboard) <= best:
        return gains, most
    soon, all_of_it = gains > WORST, gains
    good, bad = 1, most // step
    while bad - good > 1:
        middle = (good + bad) // 2
        if joined(P, S, r, c, wanted, middle * step, at, there, aboard) > WORST and not (
            soon and S.figures[MAKES_LATE] == 1
        ):
            good = middle
        else:
            bad = middle
    gains = joined(P, S, r, c, wanted, good * step, at, there, aboard)
    return (gains, good * step) if gains > all_of_it else (all_of_it, most)


@inlined
def most_opened(
    P: Static, S: State, t: int, c: int, wanted: int, most: int, x: int, best: float, sparing: bool
) -> tuple[float, int]:
    """The same of `opened`."""
    step = P.C[c, STEP]
    gains = opened(P, S, t, c, wanted, most, x)
    if gains > WORST:
        if not sparing or S.figures[MAKES_LATE] == 0 or (most - step - wanted) * P.CF[c, 0] <= max(best, gains):
            return gains, most
        if opened(P, S, t, c, wanted, step, x) <= WORST or S.figures[MAKES_LATE] == 1:
            return gains, most
    elif most <= step or opened(P, S, t, c, wanted, step, x) <= best:
        return gains, most
    soon, all_of_it = gains > WORST, gains
    good, bad = 1, most // step
    while bad - good > 1:
        middle = (good + bad) // 2
        if opened(P, S, t, c, wanted, middle * step, x) > WORST and not (soon and S.figures[MAKES_LATE] == 1):
            good = middle
        else:
            bad = middle
    gains = opened(P, S, t, c, wanted, good * step, x)
    return (gains, good * step) if gains > all_of_it else (all_of_it, most)


@inlined
def best_place(P: Static, S: State, c: int, wanted: int, barred: int, blink: float) -> None:
    """The place that gains most for some of a shipment, in `State.choice`; `barred` is the stamp of places tried in vain, `blink` the
    chance to overlook one."""
    chosen(S, NOTHING, -1, 0, -1, 0)
    best = -wanted * P.CF[c, 0]
    for turn in range(2):
        best = on_trips(P, S, c, wanted, barred, blink, best, turn == 1)
        best = on_new_trips(P, S, c, wanted, barred, blink, best, turn == 1)
        if S.choice[WHAT] == NOTHING or S.choice[COMES_LATE] == 0 or P.C[c, CAN_BE_SOON] == 0 or wanted <= P.C[c, STEP]:
            return  # or else less of it may be in time


@inlined
def on_trips(P: Static, S: State, c: int, wanted: int, barred: int, blink: float, best: float, sparing: bool) -> float:
    """The place that gains more than the best so far on the trips that load at the source; what it gains."""
    R = S.R
    for n in range(S.figures[TRIPS]):
        r = S.order[n]
        k = P.T[R[r, TRUCK_OF], OF_KIND]
        if R[r, FROM] != P.C[c, SOURCE] or not P.able[k, c] or S.barred[r] == barred:
            continue
        if P.C[c, GROUP] & R[r, BANS] or P.C[c, BANNED] & R[r, GROUPS]:
            continue
        most = room(P, k, c, R[r, HAS_MASS], R[r, HAS_VOLUME], R[r, HAS_TOWED], wanted)
        if not most or R[r, LOADS] >= LOADS_MAX or R[r, STOPS] >= STOPS_MAX:
            continue
        first, last, aboard = 0, R[r, STOPS], 0
        at_stop = stop_at(S, r, P.C[c, DELIVERY])
        if at_stop >= 0:
            first = last = at_stop
            i = load_of(S, r, c)
            if i >= 0:
                aboard = S.L[r, i, QUANTITY]
        for at in range(first, last + 1):
            if blink > 0.0 and chance(S.random) < blink:
                continue
            gains, quantity = most_joined(P, S, r, c, wanted, most, at, at_stop >= 0, aboard, best, sparing)
            if gains > best:
                best = gains
                chosen(S, JOIN, r, at, -1 if at_stop < 0 else 0, quantity)
    return best


@inlined
def on_new_trips(
    P: Static, S: State, c: int, wanted: int, barred: int, blink: float, best: float, sparing: bool
) -> float:
    """The same on a trip of its own, of any vehicle, before each of its trips and after all."""
    S.figures[STAMP] += 1
    stamp = S.figures[STAMP]
    origin, here = P.origin_of[P.C[c, SOURCE]], P.C[c, DELIVERY]
    for t in range(len(P.T)):
        k, base = P.T[t, OF_KIND], P.T[t, BASE]
        if not P.able[k, c] or S.barred[len(S.R) + t] == barred:
            continue
        if S.fleet[t, FIRST_TRIP] < 0:
            if S.seen[P.T[t, ALIKE]] == stamp:
                continue
            S.seen[P.T[t, ALIKE]] = stamp
        to_origin, leg = P.seconds[k, base, origin], P.seconds[k, origin, here]
        if to_origin + leg + P.seconds[k, here, base] > P.T[t, DRIVE_MAX]:
            continue
        most = room(P, k, c, 0, 0, 0, wanted)
        if not most:
            continue
        x = S.fleet[t, FIRST_TRIP]
        while True:
            ready = S.fleet[t, FREE] if x < 0 else S.when[x, READY]
            soonest = max(ready + to_origin, P.C[c, AVAILABLE]) + leg + 2 * P.fixed_s
            if (most - wanted) * P.CF[c, 0] - most * P.G[c] * soonest <= best or soonest > P.C[c, LATE]:
                break
            if blink == 0.0 or chance(S.random) >= blink:
                gains, quantity = most_opened(P, S, t, c, wanted, most, x, best, sparing)
                if gains > best:
                    best = gains
                    chosen(S, OPEN, t, 0, x, quantity)
            if x < 0:
                break
            x = S.chain[x, AFTER]
    return best
