"""A trip worked out, and when each of them is loaded, given vehicles and loading bays: `trip.draft` and `plan.timed`, compiled."""

from __future__ import annotations

from optimizer.jit import inlined, inner
from optimizer.route.columns import (
    AFTER,
    AT_STOP,
    AVAILABLE,
    BACK,
    BANNED,
    BANS,
    BASE,
    BAY,
    BAY_NEXT,
    BEFORE,
    CARGO,
    COST,
    DELIVERY,
    DRIVE,
    DRIVE_MAX,
    DUE,
    DUE_END,
    END,
    FAR,
    FREE,
    FREE_FROM,
    FREE_UNTIL,
    FROM,
    GAIN,
    GAIN_OFFSET,
    GROUP,
    GROUPS,
    HANDLED,
    HAS_MASS,
    HAS_TOWED,
    HAS_VOLUME,
    LATE,
    LATE_END,
    LOAD_S,
    LOADS,
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
    QUANTITY,
    READY,
    READY_AT,
    SPACE,
    STAMP,
    STOPS,
    SUFFIX_DUE,
    SUFFIX_LATE,
    TO_ORIGIN,
    TOW,
    TOWED,
    TRIPS,
    TRUCK_OF,
    VOLUME,
    State,
    Static,
)
from optimizer.route.links import stop_at


@inlined
def handling(P: Static, packs: int) -> int:
    """Seconds a stop takes for so many packs."""
    return P.fixed_s + 60 * ((packs + P.packs_a_minute - 1) // P.packs_a_minute)


@inner
def work_out(P: Static, S: State, r: int) -> bool:
    """Reckon a trip's figures from its vehicle, stops and loads; False where capacity, groups, roads or driving time forbid it."""
    R, SP, L = S.R, S.SP, S.L
    t = R[r, TRUCK_OF]
    k, base, stops = P.T[t, OF_KIND], P.T[t, BASE], R[r, STOPS]
    mass = volume = towed = groups = bans = available = 0
    for i in range(stops):
        SP[r, i, HANDLED] = 0
        SP[r, i, SUFFIX_DUE] = SP[r, i, SUFFIX_LATE] = FAR
        SP[r, i, OFFSET] = 0  # first when the place opens
        S.SG[r, i, 0] = 0.0
    for i in range(R[r, LOADS]):
        c, quantity = L[r, i, CARGO], L[r, i, QUANTITY]
        mass += quantity * P.C[c, MASS]
        volume += quantity * P.C[c, VOLUME]
        towed += quantity * P.C[c, TOWED]
        groups |= P.C[c, GROUP]
        bans |= P.C[c, BANNED]
        available = max(available, P.C[c, AVAILABLE])
        at = stop_at(S, r, P.C[c, DELIVERY])
        L[r, i, AT_STOP] = at
        SP[r, at, HANDLED] += (quantity + P.C[c, PACK] - 1) // P.C[c, PACK]
        SP[r, at, SUFFIX_DUE] = min(SP[r, at, SUFFIX_DUE], P.C[c, DUE])
        SP[r, at, SUFFIX_LATE] = min(SP[r, at, SUFFIX_LATE], P.C[c, LATE])
        SP[r, at, OFFSET] = max(SP[r, at, OFFSET], P.C[c, OPENS])
        S.SG[r, at, 0] += quantity * P.G[c]
    if mass > P.K[k, PAYLOAD] or volume > P.K[k, SPACE] or towed > P.K[k, TOW] or groups & bans:
        return False
    here = P.origin_of[R[r, FROM]]
    leg = P.seconds[k, base, here]
    drive, metres, clock, opens, packs = leg, P.metres[k, base, here], 0, 0, 0
    R[r, TO_ORIGIN] = leg
    for i in range(stops):
        there = SP[r, i, PLACE]
        leg = P.seconds[k, here, there]
        drive += leg
        metres += P.metres[k, here, there]
        clock += leg
        opens = max(opens, SP[r, i, OFFSET] - clock)
        clock += handling(P, SP[r, i, HANDLED])
        packs += SP[r, i, HANDLED]
        SP[r, i, OFFSET] = clock
        here = there
    leg = P.seconds[k, here, base]
    drive += leg
    metres += P.metres[k, here, base]
    if drive > P.T[t, DRIVE_MAX]:
        return False
    back, load_s = clock + leg, handling(P, packs)
    gain, offsets, due, late = 0.0, 0.0, FAR, FAR
    for i in range(stops - 1, -1, -1):
        due = min(due, SP[r, i, SUFFIX_DUE] - SP[r, i, OFFSET])
        late = min(late, SP[r, i, SUFFIX_LATE] - SP[r, i, OFFSET])
        SP[r, i, SUFFIX_DUE], SP[r, i, SUFFIX_LATE] = due, late
        gain += S.SG[r, i, 0]
        offsets += S.SG[r, i, 0] * SP[r, i, OFFSET]
        S.SG[r, i, 1] = gain
    available = max(available, opens - load_s)
    late = min(late, P.T[t, FREE_UNTIL] - back)
    if max(P.T[t, FREE_FROM] + R[r, TO_ORIGIN], available) + load_s > late:
        return False
    R[r, LOAD_S], R[r, PACKS], R[r, DRIVE], R[r, BACK], R[r, READY_AT] = load_s, packs, drive, back, available
    R[r, DUE_END], R[r, LATE_END], R[r, HAS_MASS], R[r, HAS_VOLUME], R[r, HAS_TOWED] = due, late, mass, volume, towed
    R[r, GROUPS], R[r, BANS] = groups, bans
    S.RF[r, GAIN], S.RF[r, GAIN_OFFSET] = gain, offsets
    S.RF[r, COST] = metres * P.KF[k, PER_METRE] + (R[r, TO_ORIGIN] + load_s + back) * P.KF[k, PER_SECOND]
    return True


@inner
def gap(P: Static, S: State, o: int, earliest: int, duration: int) -> tuple[int, int, int]:
    """(from when a bay is free for so long, which bay, after which trip in it), as `plan._bay` has it."""
    count = P.bays[o]
    if count == 0:
        return earliest, -1, -1
    best, chosen, behind = FAR, -1, -1
    for b in range(S.bays_used[o]):
        start, before, x = earliest, -1, S.heads[o, b]
        while x >= 0:
            until = S.when[x, END]
            if until > earliest:
                if until - S.R[x, LOAD_S] >= start + duration:
                    break
                start = max(start, until)
            before = x
            x = S.chain[x, BAY_NEXT]
        if start == earliest:
            return start, b, before
        if start < best:
            best, chosen, behind = start, b, before
    if S.bays_used[o] < count:
        return earliest, S.bays_used[o], -1
    return best, chosen, behind


@inner
def occupy(S: State, o: int, r: int, bay: int, before: int) -> None:
    """Trip r takes the bay after that trip."""
    if bay >= S.bays_used[o]:
        for b in range(S.bays_used[o], bay + 1):
            S.heads[o, b] = -1
        S.bays_used[o] = bay + 1
    if before < 0:
        S.chain[r, BAY_NEXT] = S.heads[o, bay]
        S.heads[o, bay] = r
    else:
        S.chain[r, BAY_NEXT] = S.chain[before, BAY_NEXT]
        S.chain[before, BAY_NEXT] = r


@inner
def rebuild(S: State, o: int, until: int) -> None:
    """The bays of a source as the trips before that place in the order took them."""
    S.bays_used[o] = 0
    for n in range(until):
        r = S.order[n]
        if S.R[r, FROM] != o:
            continue
        bay, before = S.when[r, BAY], -1
        x = S.heads[o, bay] if bay < S.bays_used[o] else -1
        while x >= 0 and S.when[x, END] <= S.when[r, END]:
            before = x
            x = S.chain[x, BAY_NEXT]
        occupy(S, o, r, bay, before)


@inner
def shifted(P: Static, S: State, r: int, end: int, at: int, extra: int) -> float:
    """How the worth of a trip's goods changes when loading ends then and the stops from `at` on come so much later still."""
    old, found = S.when[r, END], 0.0
    for i in range(S.R[r, LOADS]):
        c, s = S.L[r, i, CARGO], S.L[r, i, AT_STOP]
        here = S.SP[r, s, OFFSET]
        was = old + here <= P.C[c, DUE]
        now = end + here + (extra if s >= at else 0) <= P.C[c, DUE]
        if was != now:
            less = S.L[r, i, QUANTITY] * (P.CF[c, 0] - P.CF[c, 1])
            found += less if now else -less
    return found


@inner
def retime(P: Static, S: State, place: int, everything: bool) -> bool:
    """Give the trips from that place in the order on their instants, or those that can have changed; False where one cannot be.

    `State.lost`: what of their worth was lost because they come late, where not everything is done anew."""
    S.figures[STAMP] += 1
    stamp = S.figures[STAMP]
    S.lost[0] = 0.0
    if everything:
        for o in range(len(S.bays_used)):
            S.bays_used[o] = 0
    for n in range(place, S.figures[TRIPS]):
        r = S.order[n]
        o, t = S.R[r, FROM], S.R[r, TRUCK_OF]
        if not everything:
            if n > place and S.touched[o] != stamp and S.moved[t] != stamp:
                continue
            if S.touched[o] != stamp:
                if P.bays[o]:
                    rebuild(S, o, n)
                S.touched[o] = stamp
        b = S.chain[r, BEFORE]
        ready = P.T[t, FREE_FROM] if b < 0 else S.when[b, END] + S.R[b, BACK]
        start, bay, before = gap(P, S, o, max(ready + S.R[r, TO_ORIGIN], S.R[r, READY_AT]), S.R[r, LOAD_S])
        end = start + S.R[r, LOAD_S]
        if end > S.R[r, LATE_END]:
            return False
        if n == place or end != S.when[r, END]:
            S.moved[t] = stamp
            if n > place and not everything and max(end, S.when[r, END]) > S.R[r, DUE_END]:
                S.lost[0] -= shifted(P, S, r, end, 0, 0)
        S.when[r, READY], S.when[r, END], S.when[r, BAY] = ready, end, bay
        if bay >= 0:
            occupy(S, o, r, bay, before)
        if S.chain[r, AFTER] < 0:
            S.fleet[t, FREE] = end + S.R[r, BACK]
    return True
