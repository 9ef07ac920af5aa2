"""What the compiled search works on: arrays, and what their columns mean."""

from __future__ import annotations

from typing import Any, NamedTuple

Array = Any

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
    alike: int  # the price per distance where all kinds have the same, none has a sibling and all drive by the first profile; else 0
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
    fleet_weight: Array  # [1] in this round, the share of another vehicle's cost that counts when a place is chosen
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
