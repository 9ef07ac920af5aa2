"""What a round takes off, and the order in which it is put back.

Places near each other, and loads here and there, are the radial and the random ruin of Schrimpf et al. (Journal of Computational Physics
159(2), 2000); whole trips that come near one place follow Pisinger and Ropke's removal of what is related ("A general heuristic for
vehicle routing problems", Computers & Operations Research 34(8), 2007). The rest is about what only these plans have: sources whose
bays are few, vehicles that make several trips, classes that go before others.
"""

from __future__ import annotations

from optimizer.jit import inlined, inner
from optimizer.primitives import below, chance, sort_by
from optimizer.route.columns import (
    AFTER,
    CARGO,
    DELIVERY,
    FIRST_TRIP,
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
from optimizer.route.links import leave, stop_at, take_load
from optimizer.route.saved import save
from optimizer.route.times import work_out

WAITING_TRIED = 10
"""So many shipments that had no place, about, are tried again in a round."""


@inlined
def is_out(S: State, c: int, count: int) -> bool:
    """Is a shipment among the first so many that are out?"""
    found = False
    for n in range(count):
        if S.out[n] == c:
            found = True
    return found


@inner
def remove(S: State, J: Saved, r: int, i: int) -> None:
    """Take a load off for this round."""
    save(S, J, r)
    c = S.L[r, i, CARGO]
    if not is_out(S, c, S.figures[OUT]):
        S.out[S.figures[OUT]] = c
        S.figures[OUT] += 1
    take_load(S, r, i)


@inner
def empty_place(P: Static, S: State, J: Saved, here: int, most: int) -> None:
    """Take off what goes to a place."""
    for n in range(S.figures[TRIPS]):
        r = S.order[n]
        if stop_at(S, r, here) < 0:
            continue
        for i in range(S.R[r, LOADS] - 1, -1, -1):
            if P.C[S.L[r, i, CARGO], DELIVERY] == here:
                if S.figures[OUT] >= most:
                    return
                remove(S, J, r, i)


@inner
def empty_trip(S: State, J: Saved, r: int, most: int) -> None:
    """Take off what a trip carries."""
    for i in range(S.R[r, LOADS] - 1, -1, -1):
        if S.figures[OUT] >= most:
            return
        remove(S, J, r, i)


@inlined
def empty_trips_near(P: Static, S: State, J: Saved, here: int, most: int) -> None:
    """Take off what one to three trips carry that come near a place."""
    left = 1 + below(S.random, 3)
    for n in range(min(P.near.shape[1], 12)):
        for m in range(S.figures[TRIPS]):
            if left <= 0:
                return
            r = S.order[m]
            if stop_at(S, r, P.near[here, n]) >= 0:
                left -= 1
                empty_trip(S, J, r, most)


@inlined
def remove_less_urgent(P: Static, S: State, J: Saved, most: int) -> None:
    """Take off what is less urgent than something left behind."""
    wanted, picked = -1, 0
    for c in range(len(S.left)):
        if S.left[c] >= P.C[c, STEP]:
            picked += 1
            if below(S.random, picked) == 0:
                wanted = c
    for _ in range(6 if wanted >= 0 else 0):
        r = S.order[below(S.random, S.figures[TRIPS])]
        for i in range(S.R[r, LOADS] - 1, -1, -1):
            if P.C[S.L[r, i, CARGO], RANK] > P.C[wanted, RANK] and S.figures[OUT] < most:
                remove(S, J, r, i)


@inner
def ruin(P: Static, S: State, J: Saved) -> None:
    """Take some loads off that have to do with one another; up to 6, 10, 16 or 40 shipments, of which few are tried most often."""
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
    if way < 0.3:
        for n in range(min(P.near.shape[1], 1 + below(random, 4))):
            empty_place(P, S, J, P.near[here, n], most)
    elif way < 0.6:
        empty_trips_near(P, S, J, here, most)
    elif way < 0.75:  # trips of one source
        for _ in range(2 + below(random, 3)):
            r = S.order[below(random, trips)]
            if S.R[r, FROM] == S.R[seed, FROM]:
                empty_trip(S, J, r, most)
        empty_trip(S, J, seed, most)
    elif way < 0.85:  # a vehicle's trips
        x = S.fleet[S.R[seed, TRUCK_OF], FIRST_TRIP]
        while x >= 0:
            empty_trip(S, J, x, most)
            x = S.chain[x, AFTER]
    elif way < 0.93 or S.figures[WAITING] == 0:  # here and there
        for _ in range(2 + below(random, 6)):
            r = S.order[below(random, trips)]
            if S.R[r, LOADS] and S.figures[OUT] < most:
                remove(S, J, r, below(random, S.R[r, LOADS]))
    else:
        remove_less_urgent(P, S, J, most)
    for row in range(S.figures[SAVED]):
        r = J.slots[row]
        if S.R[r, LOADS] == 0:
            leave(P, S, r)
        else:
            work_out(P, S, r)


@inlined
def add_waiting(P: Static, S: State) -> None:
    """Some of what had no place is tried again."""
    waiting, before = 0, S.figures[WAITING]
    likely = 1.0 if before <= WAITING_TRIED else WAITING_TRIED / before
    taken = S.figures[OUT]
    for c in range(len(S.left)):
        if S.left[c] < P.C[c, STEP]:
            continue
        if is_out(S, c, taken):
            continue
        waiting += 1
        if S.figures[OUT] < OUT_MAX and (likely >= 1.0 or chance(S.random) < likely):
            S.out[S.figures[OUT]] = c
            S.figures[OUT] += 1
    S.figures[WAITING] = waiting


@inlined
def sort_out(P: Static, S: State) -> None:
    """The order in which goods are put back: usually class by class and naturally, sometimes shaken, sometimes whatever the class."""
    random, count = S.random, S.figures[OUT]
    mixes, dice = chance(random) < 0.2, chance(random)
    shake = 0.0 if dice < 0.2 else 6.0 if dice < 0.5 else 1e6
    for n in range(count):
        c = S.out[n]
        S.keys[n] = P.natural[c] + shake * chance(random) + (0.0 if mixes else 1e9 * P.C[c, RANK])
    sort_by(S.keys, S.out, count)
