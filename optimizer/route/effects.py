"""What goods in a place would do to a trip, to those behind it at its bay and to the vehicle's later ones, without building the new plan:
`fit`, compiled. Bays that others would then choose otherwise are not looked at.

What is gained or lost is one figure in fen: money as it is, a unit of a shipment at what `Static.CF` says, so that a class outweighs all
that comes after it. Instants are seconds. A place is given by its trip r and the stop `at` before which the vehicle comes, or, where it
is `there` already, the stop itself; `aboard` is what the trip has of the shipment, `wanted` what is still to be brought."""

from __future__ import annotations

from optimizer.jit import inner
from optimizer.route.columns import (
    AFTER,
    AVAILABLE,
    BACK,
    BASE,
    BAY,
    BAY_NEXT,
    DELIVERY,
    DRIVE,
    DRIVE_MAX,
    DUE,
    DUE_END,
    END,
    FAR,
    FIRST_TRIP,
    FIXED,
    FREE,
    FREE_UNTIL,
    FROM,
    GAIN,
    HANDLED,
    LATE,
    LATE_END,
    LOAD_S,
    MAKES_LATE,
    MASS,
    OF_KIND,
    OFFSET,
    OPENS,
    PACK,
    PACKS,
    PAYLOAD,
    PER_METRE,
    PER_SECOND,
    PLACE,
    READY,
    READY_AT,
    SOURCE,
    SPACE,
    STEP,
    STOPS,
    SUFFIX_DUE,
    SUFFIX_LATE,
    TO_ORIGIN,
    TOW,
    TOWED,
    TRUCK_OF,
    VOLUME,
    State,
    Static,
)
from optimizer.route.times import gap, handling, shifted

WORST = -1e300
"""It does not go."""


@inner
def room(P: Static, k: int, c: int, mass: int, volume: int, towed: int, wanted: int) -> int:
    """How much of a shipment, in whole steps, still goes on a vehicle that carries so much."""
    if P.C[c, TOWED]:
        most = (P.K[k, TOW] - towed) // P.C[c, TOWED]
    else:
        most = min((P.K[k, PAYLOAD] - mass) // P.C[c, MASS], (P.K[k, SPACE] - volume) // P.C[c, VOLUME])
    return max(min(most, wanted), 0) // P.C[c, STEP] * P.C[c, STEP]


@inner
def short_of(P: Static, c: int, wanted: int, quantity: int, arrival: int) -> float:
    """What is missing in worth when so much of what is wanted comes then: 0 where all comes in time, so that money is seen beside it."""
    missing = (wanted - quantity) * P.CF[c, 0]
    if arrival > P.C[c, DUE]:
        missing += quantity * (P.CF[c, 0] - P.CF[c, 1])
    return missing


@inner
def held_up(P: Static, S: State, r: int, end: int, at: int, extra: int) -> float:
    """`shifted`, noting where something is made late by it."""
    found = shifted(P, S, r, end, at, extra)
    if found < 0.0:
        S.figures[MAKES_LATE] = 1
    return found


@inner
def knock_on(P: Static, S: State, x: int, ready: int) -> float:
    """What it gains (below 0: costs) that a vehicle is ready for its trip x, and so for those after it, only then."""
    found = 0.0
    while x >= 0 and ready > S.when[x, 0]:
        old = S.when[x, END]
        end = max(old, max(ready + S.R[x, TO_ORIGIN], S.R[x, READY_AT]) + S.R[x, LOAD_S])
        if end > S.R[x, LATE_END]:
            return WORST
        if end > S.R[x, DUE_END]:
            found += held_up(P, S, x, end, 0, 0)
        found -= S.RF[x, GAIN] * (end - old)
        ready = end + S.R[x, BACK]
        x = S.chain[x, AFTER]
    return found


@inner
def pushed(P: Static, S: State, r: int, end: int) -> float:
    """What it gains (below 0: costs) that trip r leaves its bay only then: those behind it wait."""
    found, x = 0.0, S.chain[r, BAY_NEXT]
    while x >= 0:
        start = S.when[x, END] - S.R[x, LOAD_S]
        if start >= end:
            break
        end += S.R[x, LOAD_S]
        if end > S.R[x, LATE_END]:
            return WORST
        if end > S.R[x, DUE_END]:
            found += held_up(P, S, x, end, 0, 0)
        found -= S.RF[x, GAIN] * (end - S.when[x, END])
        y = S.chain[x, AFTER]
        if y >= 0:
            more = knock_on(P, S, y, end + S.R[x, BACK])
            if more <= WORST:
                return WORST
            found += more
        x = S.chain[x, BAY_NEXT]
    return found


@inner
def joined(P: Static, S: State, r: int, c: int, wanted: int, quantity: int, at: int, there: bool, aboard: int) -> float:
    """What it gains to bring so much of a shipment with a trip, at that stop or at a new one before it; WORST where it does not go."""
    R, SP = S.R, S.SP
    t = R[r, TRUCK_OF]
    k, base, here = P.T[t, OF_KIND], P.T[t, BASE], P.C[c, DELIVERY]
    pack = P.C[c, PACK]
    packs = (aboard + quantity + pack - 1) // pack - (aboard + pack - 1) // pack
    loading = handling(P, R[r, PACKS] + packs)
    old_end = S.when[r, END]
    start = max(old_end - R[r, LOAD_S], P.C[c, AVAILABLE])
    metres = 0
    if there:
        was = handling(P, SP[r, at, HANDLED])
        extra = handling(P, SP[r, at, HANDLED] + packs) - was
        reached, arrival = SP[r, at, OFFSET] - was, SP[r, at, OFFSET] + extra
        before = SP[r, at, PLACE]
    else:
        before, left_at = P.origin_of[R[r, FROM]], 0
        if at:
            before, left_at = SP[r, at - 1, PLACE], SP[r, at - 1, OFFSET]
        after = base if at == R[r, STOPS] else SP[r, at, PLACE]
        leg = P.seconds[k, before, here]
        detour = leg + P.seconds[k, here, after] - P.seconds[k, before, after]
        if R[r, DRIVE] + detour > P.T[t, DRIVE_MAX]:
            return WORST
        metres = P.metres[k, before, here] + P.metres[k, here, after] - P.metres[k, before, after]
        unloading = handling(P, packs)
        extra = detour + unloading
        reached = left_at + leg
        arrival = reached + unloading
    end = max(start + loading, P.C[c, OPENS] - reached)
    arrival += end
    if arrival > P.C[c, LATE] or end > R[r, LATE_END] or end + R[r, BACK] + extra > P.T[t, FREE_UNTIL]:
        return WORST
    S.figures[MAKES_LATE] = 1 if arrival > P.C[c, DUE] else 0
    due = SP[r, at, SUFFIX_DUE] if at < R[r, STOPS] else FAR
    if at < R[r, STOPS] and end + extra > SP[r, at, SUFFIX_LATE]:
        return WORST
    later = S.SG[r, at, 1] if at < R[r, STOPS] else 0.0
    longer = loading - R[r, LOAD_S] + extra
    found = -short_of(P, c, wanted, quantity, arrival) - quantity * P.G[c] * arrival
    found -= later * extra + S.RF[r, GAIN] * (end - old_end)
    found -= metres * P.KF[k, PER_METRE] + longer * P.KF[k, PER_SECOND]
    if end > R[r, DUE_END] or end + extra > due:
        found += held_up(P, S, r, end, at, extra)
    if end > old_end and S.when[r, BAY] >= 0:
        behind_gain = pushed(P, S, r, end)
        if behind_gain <= WORST:
            return WORST
        found += behind_gain
    x = S.chain[r, AFTER]
    if x >= 0:
        after_gain = knock_on(P, S, x, end + R[r, BACK] + extra)
        if after_gain <= WORST:
            return WORST
        found += after_gain
    return found


@inner
def opened(P: Static, S: State, t: int, c: int, wanted: int, quantity: int, x: int) -> float:
    """What it gains to bring so much with a trip of its own, before the vehicle's trip x or (-1) after all; WORST where it does not go."""
    k, base, origin, here = P.T[t, OF_KIND], P.T[t, BASE], P.origin_of[P.C[c, SOURCE]], P.C[c, DELIVERY]
    to_origin, leg, home = P.seconds[k, base, origin], P.seconds[k, origin, here], P.seconds[k, here, base]
    ready = S.fleet[t, FREE] if x < 0 else S.when[x, READY]
    takes = handling(P, (quantity + P.C[c, PACK] - 1) // P.C[c, PACK])
    start = max(ready + to_origin, P.C[c, AVAILABLE], P.C[c, OPENS] - leg - takes)
    start = gap(P, S, P.C[c, SOURCE], start, takes)[0]
    arrival = start + 2 * takes + leg
    if arrival > P.C[c, LATE] or arrival + home > P.T[t, FREE_UNTIL]:
        return WORST
    S.figures[MAKES_LATE] = 1 if arrival > P.C[c, DUE] else 0
    metres = P.metres[k, base, origin] + P.metres[k, origin, here] + P.metres[k, here, base]
    found = -short_of(P, c, wanted, quantity, arrival) - quantity * P.G[c] * arrival
    found -= metres * P.KF[k, PER_METRE] + (arrival + home - start + to_origin) * P.KF[k, PER_SECOND]
    if S.fleet[t, FIRST_TRIP] < 0:
        found -= P.KF[k, FIXED]
    if x >= 0:
        after_gain = knock_on(P, S, x, arrival + home)
        if after_gain <= WORST:
            return WORST
        found += after_gain
    return found
