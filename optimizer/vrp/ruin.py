"""Taking strings of neighbouring visits out of the plan."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.jit import compiled
from optimizer.primitives import below, chance
from optimizer.vrp.changes import close_trip, take_out, touch
from optimizer.vrp.columns import (
    ABSENT,
    FIRST,
    LENGTH,
    LIVES,
    NXT,
    PRV,
    ROOM,
    ROUND,
    SAVED,
    STAMP,
    TRIP,
    TRIPS,
    State,
    Static,
)
from optimizer.vrp.trips import update


@compiled
def ruin(P: Static, S: State, taken: float, string_max: int) -> int:
    """Take strings of neighbouring trips out; returns how many clients are out (absent ones are among them)."""
    F, random = S.figures, S.random
    n = len(S.V) - P.depots
    out = 0
    for i in range(F[ABSENT]):
        S.out[out] = S.absent[i]
        out += 1
    served = n - F[ABSENT]
    if served == 0:
        return out
    average = served / max(1, F[TRIPS])
    longest = min(float(string_max), average)
    strings = int(chance(random) * (4.0 * taken / (1.0 + longest) - 1.0) + 1.0)
    seed = P.depots + below(random, n)
    if F[ABSENT] > 0 and chance(random) < 0.3:
        seed = S.absent[below(random, F[ABSENT])]  # make room where it is missing
    done = 0
    for j in range(-1, P.near.shape[1]):
        c = seed if j < 0 else P.near[seed, j]
        if c < 0 or done >= strings or out > ROOM:
            break
        r: Any = np.int64(S.V[c, TRIP])
        if r < 0:
            continue
        if S.R[r, STAMP] == F[ROUND]:
            continue
        touch(S, r)
        size = S.R[r, LENGTH]
        length = 1 + below(random, int(min(float(size), longest)))
        keep = 0
        if length > 1 and length < size and chance(random) < 0.5:
            keep = 1
            while length + keep < size and chance(random) > 0.99:
                keep += 1
        span = length + keep
        # a window of `span` visits that holds c
        ahead, v = 0, c
        while ahead < span - 1 and S.V[v, PRV] >= 0:
            v = S.V[v, PRV]
            ahead += 1
        behind, v = 0, c
        while behind < span - 1 and S.V[v, NXT] >= 0:
            v = S.V[v, NXT]
            behind += 1
        least = max(0, span - 1 - behind)
        back = least + below(random, min(ahead, span - 1) - least + 1)
        v = c
        for _ in range(back):
            v = S.V[v, PRV]
        skip_from = 1 + below(random, length - 1) if keep else span + 1
        for place in range(span):
            following = S.V[v, NXT]
            if not (skip_from <= place < skip_from + keep):
                take_out(S, v)
                S.out[out] = v
                out += 1
            v = following
        done += 1
    row = 0
    while row < F[SAVED]:  # closing a trip may save another one
        r = S.saved[row, 0]
        row += 1
        if S.R[r, LIVES] == 1 and S.R[r, FIRST] < 0:
            close_trip(S, r)
            F[TRIPS] -= 1
    for row in range(F[SAVED]):  # only now, as a trip's day is without those that are closed
        if S.R[S.saved[row, 0], LIVES] == 1:
            update(P, S, S.saved[row, 0])
    return out
