"""The smallest changes to a plan, and what is kept of it so that a round can be undone."""

from __future__ import annotations

from optimizer.jit import compiled, inlined, inner
from optimizer.vrp.columns import (
    AFTER,
    BEFORE,
    COST,
    FIRST,
    KIND,
    LAST,
    LENGTH,
    LIVES,
    NXT,
    PRV,
    ROUND,
    SAVED,
    SAVED_VISITS,
    STAMP,
    TOP,
    TRIP,
    State,
)


@inner
def touch(S: State, r: int) -> None:
    """Keep a trip as it is now, so that the round can be undone."""
    F = S.figures
    if S.R[r, STAMP] == F[ROUND]:
        return
    S.R[r, STAMP] = F[ROUND]
    row, offset = F[SAVED], F[SAVED_VISITS]
    c, length = S.R[r, FIRST], 0
    while c >= 0:
        S.saved_visits[offset + length] = c
        length += 1
        c = S.V[c, NXT]
    S.saved[row, 0], S.saved[row, 1], S.saved[row, 2] = r, offset, length
    S.saved[row, 3], S.saved[row, 4], S.saved[row, 5] = S.R[r, KIND], S.R[r, BEFORE], S.R[r, AFTER]
    S.saved[row, 6] = S.R[r, COST]
    F[SAVED], F[SAVED_VISITS] = row + 1, offset + length


@inner
def open_trip(S: State, k: int) -> int:
    """A new empty trip of kind k; -1 where there is no slot."""
    for r in range(len(S.R)):
        if S.R[r, LIVES] == 0:
            S.R[r, LIVES] = 1
            S.figures[TOP] = max(S.figures[TOP], r + 1)
            S.R[r, FIRST] = S.R[r, LAST] = S.R[r, BEFORE] = S.R[r, AFTER] = -1
            S.R[r, KIND], S.R[r, LENGTH] = k, 0
            if S.R[r, STAMP] != S.figures[ROUND]:
                # nothing to go back to but not being there
                S.R[r, STAMP] = S.figures[ROUND]
                row = S.figures[SAVED]
                S.saved[row, 0], S.saved[row, 2], S.saved[row, 6] = r, -1, 0
                S.figures[SAVED] = row + 1
            return r
    return -1


@inner
def close_trip(S: State, r: int) -> None:
    """An empty trip goes; so does its vehicle, if it makes no other."""
    b, a = S.R[r, BEFORE], S.R[r, AFTER]
    if b < 0 and a < 0:
        S.used[S.R[r, KIND]] -= 1
    if b >= 0:
        touch(S, b)
        S.R[b, AFTER] = a
    if a >= 0:
        touch(S, a)
        S.R[a, BEFORE] = b
    S.R[r, LIVES] = 0


@inlined
def link(S: State, r: int, a: int, b: int) -> None:
    """Let client b come directly behind a in trip r; -1 for the trip's beginning and end."""
    if a >= 0:
        S.V[a, NXT] = b
    else:
        S.R[r, FIRST] = b
    if b >= 0:
        S.V[b, PRV] = a
    else:
        S.R[r, LAST] = a


@inner
def take_out(S: State, c: int) -> None:
    """Take a client out of its trip. What is known of the trip is stale until `update`."""
    r = S.V[c, TRIP]
    link(S, r, S.V[c, PRV], S.V[c, NXT])
    S.V[c, TRIP] = -1
    S.R[r, LENGTH] -= 1


@compiled
def put_in(S: State, r: int, a: int, c: int) -> None:
    """Put a client behind a (-1: first) in trip r."""
    n = S.V[a, NXT] if a >= 0 else S.R[r, FIRST]
    S.V[c, TRIP] = r
    link(S, r, a, c)
    link(S, r, c, n)
    S.R[r, LENGTH] += 1
