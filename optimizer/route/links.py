"""What is where on a trip, loads that go, and trips that come and go, in the order of all and in their vehicle's."""

from __future__ import annotations

from optimizer.jit import inlined, inner
from optimizer.route.columns import (
    AFTER,
    AT_STOP,
    BEFORE,
    CARGO,
    FIRST_TRIP,
    FREE,
    FREE_FROM,
    LAST_TRIP,
    LOADS,
    PLACE,
    POSITION,
    QUANTITY,
    STOPS,
    TOP,
    TRIPS,
    TRUCK_OF,
    State,
    Static,
)


@inlined
def stop_at(S: State, r: int, place: int) -> int:
    """Which stop of a trip is at a place; -1 for none."""
    for i in range(S.R[r, STOPS]):
        if S.SP[r, i, PLACE] == place:
            return i
    return -1


@inlined
def load_of(S: State, r: int, c: int) -> int:
    """Which load of a trip is of a shipment; -1 for none."""
    for i in range(S.R[r, LOADS]):
        if S.L[r, i, CARGO] == c:
            return i
    return -1


@inner
def take_load(S: State, r: int, i: int) -> None:
    """Take load i off a trip, and its stop if nothing else is for it. The trip's figures are worked out later."""
    c, last = S.L[r, i, CARGO], S.R[r, LOADS] - 1
    at = S.L[r, i, AT_STOP]
    S.left[c] += S.L[r, i, QUANTITY]
    for j in range(i, last):
        for column in range(S.L.shape[2]):
            S.L[r, j, column] = S.L[r, j + 1, column]
    S.R[r, LOADS] = last
    for j in range(last):
        if S.L[r, j, AT_STOP] == at:
            return
    for j in range(at, S.R[r, STOPS] - 1):
        S.SP[r, j, PLACE] = S.SP[r, j + 1, PLACE]
    S.R[r, STOPS] -= 1
    for j in range(last):
        if S.L[r, j, AT_STOP] > at:
            S.L[r, j, AT_STOP] -= 1


@inlined
def follow(S: State, t: int, a: int, b: int) -> None:
    """Let trip b of a vehicle come directly behind its trip a; -1 for the vehicle's beginning and end."""
    if a < 0:
        S.fleet[t, FIRST_TRIP] = b
    else:
        S.chain[a, AFTER] = b
    if b < 0:
        S.fleet[t, LAST_TRIP] = a
    else:
        S.chain[b, BEFORE] = a


@inner
def leave(P: Static, S: State, r: int) -> None:
    """A trip is made no more."""
    position = S.chain[r, POSITION]
    for n in range(position, S.figures[TRIPS] - 1):
        S.order[n] = S.order[n + 1]
        S.chain[S.order[n], POSITION] = n
    S.figures[TRIPS] -= 1
    S.chain[r, POSITION] = -1
    t = S.R[r, TRUCK_OF]
    follow(S, t, S.chain[r, BEFORE], S.chain[r, AFTER])
    if S.fleet[t, FIRST_TRIP] < 0:
        S.fleet[t, FREE] = P.T[t, FREE_FROM]


@inner
def join_in(S: State, r: int, x: int) -> int:
    """A trip is made before the vehicle's trip x, or (-1) after all others; its place in the order."""
    t = S.R[r, TRUCK_OF]
    place = S.chain[x, POSITION] if x >= 0 else S.figures[TRIPS]
    for n in range(S.figures[TRIPS], place, -1):
        S.order[n] = S.order[n - 1]
        S.chain[S.order[n], POSITION] = n
    S.order[place] = r
    S.figures[TRIPS] += 1
    before = S.chain[x, BEFORE] if x >= 0 else S.fleet[t, LAST_TRIP]
    S.chain[r, POSITION] = place
    follow(S, t, before, r)
    follow(S, t, r, x)
    return place


@inner
def free_slot(S: State) -> int:
    """A trip's row that is not in use; -1 where all are."""
    slots = len(S.R)
    for step in range(slots):
        r = (S.figures[TOP] + step) % slots
        if S.chain[r, POSITION] < 0:
            S.figures[TOP] = r + 1
            return r
    return -1
