"""A shipment put where it does most good."""

from __future__ import annotations

from optimizer.jit import inlined, inner
from optimizer.route.columns import (
    AMOUNT,
    AT,
    BEFORE_TRIP,
    CARGO,
    DELIVERY,
    DUE,
    END,
    FROM,
    JOIN,
    LOADS,
    NOTHING,
    OFFSET,
    PLACE,
    POSITION,
    QUANTITY,
    SOURCE,
    STAMP,
    STEP,
    STOPS,
    TRUCK_OF,
    WHAT,
    WHO,
    Saved,
    State,
    Static,
)
from optimizer.route.links import free_slot, join_in, leave, load_of, stop_at
from optimizer.route.places import best_place
from optimizer.route.saved import save
from optimizer.route.times import retime, work_out

TRIES = 4
"""So many places that cannot be are tried for a shipment."""


@inlined
def is_worth(P: Static, S: State, r: int, c: int, amount: int) -> bool:
    """Do goods just put on a trip outweigh what others lose that now come late?"""
    if S.lost[0] == 0.0:
        return True
    at = stop_at(S, r, P.C[c, DELIVERY])
    late = S.when[r, END] + S.SP[r, at, OFFSET] > P.C[c, DUE]
    return amount * P.CF[c, 1 if late else 0] > S.lost[0]


@inner
def put(P: Static, S: State, J: Saved, c: int) -> bool:
    """Put a shipment where the choice says; False, and nothing changed, where that cannot be."""
    amount = S.choice[AMOUNT]
    if S.choice[WHAT] == JOIN:
        r, at = S.choice[WHO], S.choice[AT]
        save(S, J, r)
        position, loads, stops = S.chain[r, POSITION], S.R[r, LOADS], S.R[r, STOPS]
        if S.choice[BEFORE_TRIP] < 0:
            for j in range(stops, at, -1):
                S.SP[r, j, PLACE] = S.SP[r, j - 1, PLACE]
            S.SP[r, at, PLACE] = P.C[c, DELIVERY]
            S.R[r, STOPS] += 1
        row = load_of(S, r, c)
        if row < 0:
            row = loads
            S.L[r, row, CARGO], S.L[r, row, QUANTITY] = c, 0
            S.R[r, LOADS] += 1
        S.L[r, row, QUANTITY] += amount
        if work_out(P, S, r) and retime(P, S, position, False) and is_worth(P, S, r, c, amount):
            S.left[c] -= amount
            return True
        S.L[r, row, QUANTITY] -= amount
        S.R[r, LOADS] = loads
        if S.choice[BEFORE_TRIP] < 0:
            for j in range(at, stops):
                S.SP[r, j, PLACE] = S.SP[r, j + 1, PLACE]
            S.R[r, STOPS] = stops
        work_out(P, S, r)
    else:
        r = free_slot(S)
        if r < 0:
            return False
        S.R[r, TRUCK_OF], S.R[r, FROM], S.R[r, STOPS], S.R[r, LOADS] = S.choice[WHO], P.C[c, SOURCE], 1, 1
        S.SP[r, 0, PLACE] = P.C[c, DELIVERY]
        S.L[r, 0, CARGO], S.L[r, 0, QUANTITY] = c, amount
        if not work_out(P, S, r):
            return False
        place = join_in(S, r, S.choice[BEFORE_TRIP])
        if retime(P, S, place, False) and is_worth(P, S, r, c, amount):
            S.left[c] -= amount
            return True
        leave(P, S, r)
    retime(P, S, 0, True)
    return False


@inner
def insert(P: Static, S: State, J: Saved, c: int, blink: float) -> None:
    """Put as much of a shipment as finds room where it does most good, over as many trips as it takes."""
    S.figures[STAMP] += 1
    barred, tries = S.figures[STAMP], 0
    while S.left[c] >= P.C[c, STEP] and tries < TRIES:
        best_place(P, S, c, S.left[c], barred, blink)
        if S.choice[WHAT] == NOTHING:
            return
        who = S.choice[WHO] + (0 if S.choice[WHAT] == JOIN else len(S.R))
        if not put(P, S, J, c):
            S.barred[who] = barred
            tries += 1
