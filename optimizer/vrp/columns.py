"""What the compiled search works on: arrays, and what their columns mean."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import config, njit


def _cache() -> Path:
    """Where compiled code is kept: apart for every state of the sources, because a function's own file does not show a changed callee."""
    here = Path(__file__).parent
    search = (
        "changes",
        "columns",
        "fleet",
        "kernel",
        "line",
        "memory",
        "portions",
        "recreate",
        "ruin",
        "segment",
        "shareout",
        "trips",
    )
    others = {
        "bulk": ("claim", "kernel", "price", "whole"),
        "route": ("columns", "effects", "links", "moves", "places", "rounds", "ruin", "saved", "times"),
    }
    files = [here / f"{name}.py" for name in search]
    files += [here.parent / folder / f"{name}.py" for folder, names in others.items() for name in names]
    sources = b"".join(file.read_bytes() for file in files)
    base = here if os.access(here, os.W_OK) else Path(tempfile.gettempdir()) / f"supplyops-{os.getuid()}"
    return base / "__pycache__" / hashlib.sha256(sources).hexdigest()[:16]


CACHE = _cache()
config.CACHE_DIR = str(CACHE)  # type: ignore[attr-defined]


@contextmanager
def compiling(what: str) -> Iterator[None]:
    """Around what compiles a search: of several processes one compiles it, the others wait and load what was kept."""
    done = CACHE / f"{what}.compiled"
    if done.exists():
        yield
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        done.touch()


Array = Any
Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile once on a machine. Without counting references, which would cost more than the search: so nothing here may allocate.

    Other threads go on meanwhile.
    """
    return cast(Function, cast(Any, njit)(cache=True, _nrt=False, nogil=True)(function))


def inlined(function: Function) -> Function:
    """Compile into the callers."""
    return cast(Function, cast(Any, njit)(cache=True, _nrt=False, inline="always")(function))


FAR = 1 << 60
ROOM = 4_000
"""Most clients that one round may take out."""

# Columns of Static.C: what a client, or a depot, asks for. Its demand per dimension follows.
SERVICE, EARLY, LATE, RELEASE, KINDS, PRICE, DEMAND = range(7)
# Columns of Static.T: a kind of vehicle. Its capacity per dimension follows.
(FIXED, PER_DISTANCE, PER_DURATION, START, END, OPENS, CLOSES, DURATION_MAX, DISTANCE_MAX, COUNT, TRIPS_MAX, PROFILE,
 CAPACITY) = range(13)  # fmt: skip
# Columns of State.V: a client's trip and neighbours in it, the ways to it and on from it. It is what is looked at most: eight small
# numbers a client, so that the processor keeps all of them at hand.
TRIP, PRV, NXT, COMES, LEAVES, VISIT = 0, 1, 2, 3, 4, 8
# Columns of State.W: the segments of its trip up to a client and from it on.
P_DIST, P_DUR, P_EARLY, P_LATE, S_DUR, S_EARLY, S_LATE, SEGMENTS = range(8)
# Columns of State.R: a trip. BEFORE and AFTER are other trips of the same vehicle. Its load per dimension follows.
(LIVES, FIRST, LAST, LENGTH, KIND, LATEST_RELEASE, MASK, COST, DIST, T_DUR, T_EARLY, T_LATE, BEFORE, AFTER, STAMP,
 LOAD) = range(16)  # fmt: skip
# Columns of State.L: the trips of the same vehicle before a trip, and those behind it, each as one segment of time.
U_DUR, U_EARLY, U_LATE, U_DIST, U_TRIPS, O_DUR, O_EARLY, O_LATE, O_DIST, O_TRIPS, HEAD, LINE = range(12)
# State.figures
ABSENT, NOW, BEST, ROUND, SAVED, SAVED_VISITS, TRIPS, BEST_TRIPS, TOP, FIGURES = range(10)


class Static(NamedTuple):
    """The problem."""

    depots: int
    dims: int
    timed: int  # does time matter at all?
    chained: int  # does any vehicle make several trips?
    C: Array  # [node, column]
    T: Array  # [kind, column]
    distance: Array  # [profile, node, node]
    duration: Array
    distance_to: (
        Array  # [profile, to, from] so that one row, which the processor keeps at hand, holds all ways to a node
    )
    duration_to: Array
    near: Array  # [node, place] clients by distance
    ahead: Array  # [node, place] clients that are best visited just before
    behind: Array  # ... just after
    way_from: Array  # [profile, node, place] from those that are best visited just before
    way_to: Array  # ... to those just after
    bend: int  # a way there and back is at least so many times the way there, less the leg it replaces
    size: Array  # [node] demand on one scale, for the order of insertion
    sibling: Array  # [kind, kind] differ in size and cost alone
    mixed: int  # has any kind a sibling?
    plain: Array  # [kind] has no sibling, so that a trip keeps its kind when it grows


class State(NamedTuple):
    """The plan."""

    V: Array  # [node, column]
    W: Array  # [node, column]
    R: Array  # [slot, column]
    L: Array  # [slot, column]
    used: Array  # [kind] vehicles in use
    absent: Array  # clients without a trip
    out: Array  # clients taken out in this round
    keys: Array
    mood: Array  # [1] in this round, how much of a change of vehicles is reckoned with when a place is chosen
    kept: Array  # who was absent before it
    figures: Array
    random: Array
    saved: Array  # [row, 7] slot, offset, length, kind, before, after, cost
    saved_visits: Array


class Best(NamedTuple):
    """The best plan so far: visits trip by trip."""

    visits: Array
    starts: Array
    kinds: Array
    follows: Array


@inlined
def chance(random: Array) -> float:
    """A number in [0, 1): xorshift64*."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def below(random: Array, limit: int) -> int:
    """A whole number in 0..limit-1."""
    return min(int(chance(random) * limit), limit - 1)
