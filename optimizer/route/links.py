"""Trips that come and go, in the order of all and in their vehicle's."""

from __future__ import annotations

from optimizer.jit import compiled
from optimizer.route.columns import (
    AFTER,
    AT_STOP,
    BEFORE,
    CARGO,
    FIRST_TRIP,
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
)


@compiled
def take_load(S: State, r: int, i: int) -> None:
    """Take load i off a trip, and its stop if nothing else is for it. The trip's figures are worked out later."""
    c, last = S.L[r, i, CARGO], S.R[r, LOADS] - 1
    at = S.L[r, i, AT_STOP]
    S.left[c] += S.L[r, i, QUANTITY]
    for j in range(i, last):
        S.L[r, j, CARGO], S.L[r, j, QUANTITY], S.L[r, j, AT_STOP] = (
            S.L[r, j + 1, CARGO],
            S.L[r, j + 1, QUANTITY],
            S.L[r, j + 1, AT_STOP],
        )
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


@compiled
def leave(S: State, r: int) -> None:
    """A trip is made no more."""
    position = S.chain[r, POSITION]
    for n in range(position, S.figures[TRIPS] - 1):
        S.order[n] = S.order[n + 1]
        S.chain[S.order[n], POSITION] = n
    S.figures[TRIPS] -= 1
    S.chain[r, POSITION] = -1
    before, after, t = S.chain[r, BEFORE], S.chain[r, AFTER], S.R[r, TRUCK_OF]
    if before < 0:
        S.fleet[t, FIRST_TRIP] = after
    else:
        S.chain[before, AFTER] = after
    if after < 0:
        S.fleet[t, LAST_TRIP] = before
    else:
        S.chain[after, BEFORE] = before


@compiled
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
    S.chain[r, BEFORE], S.chain[r, AFTER], S.chain[r, POSITION] = before, x, place
    if before < 0:
        S.fleet[t, FIRST_TRIP] = r
    else:
        S.chain[before, AFTER] = r
    if x < 0:
        S.fleet[t, LAST_TRIP] = r
    else:
        S.chain[x, BEFORE] = r
    return place


@compiled
def free_slot(S: State) -> int:
    """A trip's row that is not in use; -1 where all are."""
    slots = len(S.R)
    for step in range(slots):
        r = (S.figures[TOP] + step) % slots
        if S.chain[r, POSITION] < 0:
            S.figures[TOP] = r + 1
            return r
    return -1
