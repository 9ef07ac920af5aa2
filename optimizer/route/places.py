"""Where goods go: every place on the trips that load at their source, and trips of their own; the best is taken."""

from __future__ import annotations

from optimizer.jit import compiled
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
    CARGO,
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
    NOTHING,
    OF_KIND,
    OPEN,
    PLACE,
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


@compiled
def chosen(S: State, what: int, who: int, at: int, before: int, amount: int) -> None:
    """Note the best place so far."""
    S.choice[WHAT], S.choice[WHO], S.choice[AT], S.choice[BEFORE_TRIP], S.choice[AMOUNT] = what, who, at, before, amount


@compiled
def best_place(P: Static, S: State, c: int, wanted: int, barred: int, blink: float) -> float:
    """The place that gains most for some of a shipment, in `State.choice`; `barred` is the stamp of places tried in vain."""
    R, best = S.R, -wanted * P.CF[c, 0]
    chosen(S, NOTHING, -1, 0, -1, 0)
    o, step = P.C[c, SOURCE], P.C[c, STEP]
    slots = len(R)
    for n in range(S.figures[TRIPS]):
        r = S.order[n]
        t = R[r, TRUCK_OF]
        k = P.T[t, OF_KIND]
        if R[r, FROM] != o or not P.able[k, c] or S.barred[r] == barred:
            continue
        if P.C[c, GROUP] & R[r, BANS] or P.C[c, BANNED] & R[r, GROUPS]:
            continue
        most = room(P, k, c, R[r, HAS_MASS], R[r, HAS_VOLUME], R[r, HAS_TOWED], wanted)
        if not most or R[r, LOADS] >= LOADS_MAX or R[r, STOPS] >= STOPS_MAX:
            continue
        aboard, at_stop = 0, -1
        for i in range(R[r, STOPS]):
            if S.SP[r, i, PLACE] == P.C[c, DELIVERY]:
                at_stop = i
                break
        if at_stop >= 0:
            for i in range(R[r, LOADS]):
                if S.L[r, i, CARGO] == c:
                    aboard = S.L[r, i, QUANTITY]
        first = at_stop if at_stop >= 0 else 0
        last = at_stop if at_stop >= 0 else R[r, STOPS]
        for at in range(first, last + 1):
            if blink > 0.0 and chance(S.random) < blink:
                continue
            quantity = most
            gains = joined(P, S, r, c, wanted, quantity, at, at_stop >= 0, aboard)
            if gains <= WORST and most > step and joined(P, S, r, c, wanted, step, at, at_stop >= 0, aboard) > best:
                good, bad = 1, most // step
                while bad - good > 1:
                    middle = (good + bad) // 2
                    if joined(P, S, r, c, wanted, middle * step, at, at_stop >= 0, aboard) > WORST:
                        good = middle
                    else:
                        bad = middle
                quantity = good * step
                gains = joined(P, S, r, c, wanted, quantity, at, at_stop >= 0, aboard)
            if gains > best:
                best = gains
                chosen(S, JOIN, r, at, -1 if at_stop < 0 else 0, quantity)
    S.figures[STAMP] += 1
    stamp = S.figures[STAMP]
    origin, here = P.origin_of[o], P.C[c, DELIVERY]
    for t in range(len(P.T)):
        k, base = P.T[t, OF_KIND], P.T[t, BASE]
        if not P.able[k, c] or S.barred[slots + t] == barred:
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
                quantity = most
                gains = opened(P, S, t, c, wanted, quantity, x)
                if gains <= WORST and most > step and opened(P, S, t, c, wanted, step, x) > best:
                    good, bad = 1, most // step
                    while bad - good > 1:
                        middle = (good + bad) // 2
                        if opened(P, S, t, c, wanted, middle * step, x) > WORST:
                            good = middle
                        else:
                            bad = middle
                    quantity = good * step
                    gains = opened(P, S, t, c, wanted, quantity, x)
                if gains > best:
                    best = gains
                    chosen(S, OPEN, t, 0, x, quantity)
            if x < 0:
                break
            x = S.chain[x, AFTER]
    return best
