"""Stretches of a day joined in constant time (Vidal et al., Computers & Operations Research 40(1), 2013)."""

from __future__ import annotations

from optimizer.jit import inlined
from optimizer.vrp.columns import FAR

Part = tuple[int, int, int, int, int]
"""A part of a vehicle's day: duration, earliest and latest start, distance, trips."""
NOTHING = (0, 0, FAR, 0, 0)


@inlined
def join(
    dur1: int, early1: int, late1: int, dur2: int, early2: int, late2: int, travel: int
) -> tuple[int, int, int, int]:
    """Two segments one after the other: (duration, earliest and latest start without more waiting, lateness)."""
    shift = dur1 + travel
    wait = max(early2 - shift - late1, 0)
    late = max(early1 + shift - late2, 0)
    return shift + dur2 + wait, max(early2 - shift, early1) - wait, min(late2 - shift, late1), late


@inlined
def joined(one: Part, other: Part) -> Part:
    """Two parts of a day that follow each other in time."""
    dur, early, late, _ = join(one[0], one[1], one[2], other[0], other[1], other[2], 0)
    return dur, early, late, one[3] + other[3], one[4] + other[4]
