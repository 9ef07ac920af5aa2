"""What the search for shared clients works on, and how it changes a plan. Nothing about time is known here."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.jit import compiled, inlined, inner
from optimizer.primitives import below, chance, sort_by
from optimizer.vrp.columns import FAR, Array

# Columns of Ground.T: a kind of vehicle.
FIXED, PER_DISTANCE, START, END, DISTANCE_MAX, COUNT, CAPACITY, PROFILE, KIND_COLUMNS = range(9)
# Columns of Trips.R: a trip.
LENGTH, LOAD, DIST, KIND, COST, STAMP, TRIP_COLUMNS = range(7)
# Trips.figures
TOP, ROUND, SAVED, OUT, NOW, BEST, BEST_TRIPS, FIGURES = range(8)

SHARED_MAX = 6
"""Trips that one client that is out is shared out to, at most."""


class Ground(NamedTuple):
    """The problem."""

    depots: int
    T: Array  # [kind, column]
    distance: Array  # [profile, node, node]
    demand: Array  # [node]
    price: Array  # [node] what a unit that nobody brings costs
    near: Array  # [node, place] clients by distance
    allowed: Array  # [kind, node]


class Trips(NamedTuple):
    """The plan, what is needed to go back, and the best plan."""

    R: Array  # [slot, column]; a slot of length 0 is free
    visits: Array  # [slot, place]
    amounts: Array  # [slot, place]
    used: Array  # [kind]
    absent: Array  # [node] what nobody brings
    kept: Array  # [node] what nobody brought before the round
    out: Array  # clients that are out
    keys: Array
    costs: Array  # [slot] of the client in hand: the cheapest place in the trip
    places: Array  # [slot] and where it is
    chosen: Array  # [2, SHARED_MAX] trips (or -1 - kind for a new one), and amounts
    saved: Array  # [row, column + 1]
    saved_visits: Array
    saved_amounts: Array
    figures: Array
    random: Array
    best: Array  # [slot, column]
    best_visits: Array
    best_amounts: Array


@inner
def touch(S: Trips, r: int) -> None:
    """Keep a trip as it is, so that the round can be undone."""
    F = S.figures
    if S.R[r, STAMP] == F[ROUND]:
        return
    S.R[r, STAMP] = F[ROUND]
    row = F[SAVED]
    S.saved[row, TRIP_COLUMNS] = r
    for column in range(TRIP_COLUMNS):
        S.saved[row, column] = S.R[r, column]
    for i in range(S.R[r, LENGTH]):
        S.saved_visits[row, i], S.saved_amounts[row, i] = S.visits[r, i], S.amounts[r, i]
    F[SAVED] = row + 1


@compiled
def measure(P: Ground, S: Trips, r: int) -> None:
    """Load, distance and cost of a trip from its visits; a trip without visits gives its vehicle back."""
    k, load, x = S.R[r, KIND], 0, 0
    table = P.distance[P.T[k, PROFILE]]
    at = P.T[k, START]
    for i in range(S.R[r, LENGTH]):
        load += S.amounts[r, i]
        x += table[at, S.visits[r, i]]
        at = S.visits[r, i]
    x += table[at, P.T[k, END]]
    S.R[r, LOAD], S.R[r, DIST] = load, x
    S.R[r, COST] = P.T[k, FIXED] + P.T[k, PER_DISTANCE] * x
    if S.R[r, LENGTH] == 0:
        S.R[r, COST] = 0
        S.used[k] -= 1


@inner
def take(S: Trips, r: int, i: int) -> None:
    """Take the visit at place i out of a trip; `measure` follows."""
    c = S.visits[r, i]
    if S.absent[c] == 0:
        S.out[S.figures[OUT]] = c
        S.figures[OUT] += 1
    S.absent[c] += S.amounts[r, i]
    for j in range(i, S.R[r, LENGTH] - 1):
        S.visits[r, j], S.amounts[r, j] = S.visits[r, j + 1], S.amounts[r, j + 1]
    S.R[r, LENGTH] -= 1


@inlined
def place_of(S: Trips, r: int, c: int) -> int:
    """Where a trip visits c; -1 if it does not."""
    found = -1
    for i in range(S.R[r, LENGTH]):
        if S.visits[r, i] == c:
            found = i
    return found


@inner
def ruin(P: Ground, S: Trips, taken: float, string_max: int, whole: float) -> None:
    """Take strings of neighbouring trips out, and with chance `whole` whatever else is brought to who was taken out."""
    F, random = S.figures, S.random
    trips = visits = 0
    for r in range(F[TOP]):
        if S.R[r, LENGTH] > 0:
            trips += 1
            visits += S.R[r, LENGTH]
    if trips == 0:
        return
    longest = min(float(string_max), visits / trips)
    strings = int(chance(random) * (4.0 * taken / (1.0 + longest) - 1.0) + 1.0)
    seed = P.depots + below(random, len(P.demand) - P.depots)
    done = 0
    for j in range(-1, P.near.shape[1]):
        if done >= strings:
            break
        c = seed if j < 0 else P.near[seed, j]
        if c < 0:
            break
        first = below(random, F[TOP])
        for step in range(F[TOP]):
            r = first + step
            if r >= F[TOP]:
                r -= F[TOP]
            if S.R[r, LENGTH] == 0 or S.R[r, STAMP] == F[ROUND]:
                continue
            at = place_of(S, r, c)
            if at < 0:
                continue
            touch(S, r)
            size = S.R[r, LENGTH]
            length = 1 + below(random, int(min(float(size), longest)))
            begin = max(0, at - length + 1)
            begin += below(random, min(at, size - length) - begin + 1)
            for _ in range(length):
                take(S, r, begin)
            measure(P, S, r)
            done += 1
            break
    if chance(random) < whole:
        for r in range(F[TOP]):
            i = S.R[r, LENGTH] - 1
            changed = False
            while i >= 0:
                if S.absent[S.visits[r, i]] > 0:
                    touch(S, r)
                    take(S, r, i)
                    changed = True
                i -= 1
            if changed:
                measure(P, S, r)


@inner
def sort_out(P: Ground, S: Trips) -> None:
    """Put who is out into one of several orders: at random, large first, far first, near first."""
    dice = chance(S.random) * 11.0
    depot = P.T[0, START]
    for i in range(S.figures[OUT]):
        c = S.out[i]
        if dice < 4.0:
            key = chance(S.random)
        elif dice < 8.0:
            key = -float(S.absent[c])
        elif dice < 10.0:
            key = -float(P.distance[0, depot, c])
        else:
            key = float(P.distance[0, depot, c])
        S.keys[i] = key
    sort_by(S.keys, S.out, S.figures[OUT])


@inner
def bring(P: Ground, S: Trips, c: int, r: int, amount: int) -> bool:
    """Put so much for c into trip r, or into a new one of kind -1 - r; False where there is no slot."""
    place = 0
    if r < 0:
        k, r = -1 - r, 0
        while r < S.figures[TOP] and (S.R[r, LENGTH] > 0 or S.costs[r] < FAR):
            r += 1
        if r >= len(S.R):
            return False
        if r == S.figures[TOP]:
            S.figures[TOP] += 1
        touch(S, r)
        S.costs[r] = FAR
        S.R[r, KIND], S.R[r, LENGTH], S.R[r, LOAD] = k, 0, 0
        S.used[k] += 1
    else:
        touch(S, r)
        place = S.places[r]
    if place < S.R[r, LENGTH] and S.visits[r, place] == c:
        S.amounts[r, place] += amount
    else:
        for j in range(S.R[r, LENGTH], place, -1):
            S.visits[r, j], S.amounts[r, j] = S.visits[r, j - 1], S.amounts[r, j - 1]
        S.visits[r, place], S.amounts[r, place] = c, amount
        S.R[r, LENGTH] += 1
    S.absent[c] -= amount
    measure(P, S, r)
    return True


@compiled
def remember(S: Trips) -> None:
    """Keep the plan as the best."""
    for r in range(S.figures[TOP]):
        for column in range(TRIP_COLUMNS):
            S.best[r, column] = S.R[r, column]
        for i in range(S.R[r, LENGTH]):
            S.best_visits[r, i], S.best_amounts[r, i] = S.visits[r, i], S.amounts[r, i]
    S.figures[BEST_TRIPS] = S.figures[TOP]
