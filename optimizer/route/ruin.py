"""What a round takes off, and the order in which it is put back."""

from __future__ import annotations

from optimizer.jit import compiled
from optimizer.primitives import below, chance, sort_by
from optimizer.route.columns import (
    AFTER,
    CARGO,
    DELIVERY,
    FIRST_TRIP,
    FREE,
    FREE_FROM,
    FROM,
    LOADS,
    OUT,
    OUT_MAX,
    PLACE,
    RANK,
    SAVED,
    STEP,
    STOPS,
    TRIPS,
    TRUCK_OF,
    WAITING,
    Saved,
    State,
    Static,
)
from optimizer.route.links import leave, take_load
from optimizer.route.saved import save
from optimizer.route.times import work_out

WAITING_TRIED = 10
"""So many shipments that had no place, about, are tried again in a round."""


@compiled
def off(S: State, J: Saved, r: int, i: int) -> None:
    """Take a load off for this round."""
    save(S, J, r)
    c = S.L[r, i, CARGO]
    known = False
    for n in range(S.figures[OUT]):
        if S.out[n] == c:
            known = True
    if not known:
        S.out[S.figures[OUT]] = c
        S.figures[OUT] += 1
    take_load(S, r, i)


@compiled
def off_place(P: Static, S: State, J: Saved, here: int, most: int) -> None:
    """Take off what goes to a place."""
    for n in range(S.figures[TRIPS]):
        r = S.order[n]
        found = False
        for s in range(S.R[r, STOPS]):
            if S.SP[r, s, PLACE] == here:
                found = True
        if not found:
            continue
        for i in range(S.R[r, LOADS] - 1, -1, -1):
            if P.C[S.L[r, i, CARGO], DELIVERY] == here:
                if S.figures[OUT] >= most:
                    return
                off(S, J, r, i)


@compiled
def off_trip(S: State, J: Saved, r: int, most: int) -> None:
    """Take off what a trip carries."""
    for i in range(S.R[r, LOADS] - 1, -1, -1):
        if S.figures[OUT] >= most:
            return
        off(S, J, r, i)


@compiled
def ruin(P: Static, S: State, J: Saved) -> None:
    """Take some loads off that have to do with one another."""
    random = S.random
    S.figures[OUT] = 0
    trips = S.figures[TRIPS]
    if trips == 0:
        return
    dice = chance(random)
    most = 6 if dice < 0.4 else 10 if dice < 0.75 else 16 if dice < 0.95 else 40
    way = chance(random)
    seed = S.order[below(random, trips)]
    here = S.SP[seed, below(random, S.R[seed, STOPS]), PLACE]
    width = P.near.shape[1]
    if way < 0.3:  # places near each other
        for n in range(min(width, 1 + below(random, 4))):
            off_place(P, S, J, P.near[here, n], most)
    elif way < 0.6:  # trips that come near one place
        left = 1 + below(random, 3)
        for n in range(min(width, 12)):
            there = P.near[here, n]
            for m in range(trips):
                r = S.order[m]
                comes = False
                for s in range(S.R[r, STOPS]):
                    if S.SP[r, s, PLACE] == there:
                        comes = True
                if comes and left > 0:
                    left -= 1
                    off_trip(S, J, r, most)
            if left <= 0:
                break
    elif way < 0.75:  # trips of one source
        for _ in range(2 + below(random, 3)):
            r = S.order[below(random, trips)]
            if S.R[r, FROM] == S.R[seed, FROM]:
                off_trip(S, J, r, most)
        off_trip(S, J, seed, most)
    elif way < 0.85:  # a vehicle's trips
        x = S.fleet[S.R[seed, TRUCK_OF], FIRST_TRIP]
        while x >= 0:
            off_trip(S, J, x, most)
            x = S.chain[x, AFTER]
    elif way < 0.93 or S.figures[WAITING] == 0:  # here and there
        for _ in range(2 + below(random, 6)):
            r = S.order[below(random, trips)]
            if S.R[r, LOADS] and S.figures[OUT] < most:
                off(S, J, r, below(random, S.R[r, LOADS]))
    else:  # what is less urgent than something left behind
        wanted, picked = -1, 0
        for c in range(len(S.left)):
            if S.left[c] >= P.C[c, STEP]:
                picked += 1
                if below(random, picked) == 0:
                    wanted = c
        for _ in range(6 if wanted >= 0 else 0):
            r = S.order[below(random, trips)]
            for i in range(S.R[r, LOADS] - 1, -1, -1):
                if P.C[S.L[r, i, CARGO], RANK] > P.C[wanted, RANK] and S.figures[OUT] < most:
                    off(S, J, r, i)
    for row in range(S.figures[SAVED]):
        r = J.slots[row]
        if S.R[r, LOADS] == 0:
            t = S.R[r, TRUCK_OF]
            leave(S, r)
            if S.fleet[t, FIRST_TRIP] < 0:
                S.fleet[t, FREE] = P.T[t, FREE_FROM]
        else:
            work_out(P, S, r)


@compiled
def add_waiting(P: Static, S: State) -> None:
    """Some of what had no place is tried again."""
    waiting, before = 0, S.figures[WAITING]
    likely = 1.0 if before <= WAITING_TRIED else WAITING_TRIED / before
    taken = S.figures[OUT]
    for c in range(len(S.left)):
        if S.left[c] < P.C[c, STEP]:
            continue
        known = False
        for n in range(taken):
            if S.out[n] == c:
                known = True
        if known:
            continue
        waiting += 1
        if S.figures[OUT] < OUT_MAX and (likely >= 1.0 or chance(S.random) < likely):
            S.out[S.figures[OUT]] = c
            S.figures[OUT] += 1
    S.figures[WAITING] = waiting


@compiled
def sort_out(P: Static, S: State) -> None:
    """The order in which goods are put back: usually class by class and naturally, sometimes shaken, sometimes whatever the class."""
    random, count = S.random, S.figures[OUT]
    mixes, dice = chance(random) < 0.2, chance(random)
    shake = 0.0 if dice < 0.2 else 6.0 if dice < 0.5 else 1e6
    for n in range(count):
        c = S.out[n]
        S.keys[n] = P.natural[c] + shake * chance(random) + (0.0 if mixes else 1e9 * P.C[c, RANK])
    sort_by(S.keys, S.out, count)
