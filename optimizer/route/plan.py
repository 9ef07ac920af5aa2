"""All trips together: when each starts, given vehicles and loading bays, and how good the whole is."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.route.case import Case
from optimizer.route.trip import Draft

Score = tuple[int, int, int, int]
"""Value in time, value late, less Σ gain × arrival, less cost. Larger is better, the first difference decides."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Trips in the order in which they chose their loading bays, the instant each is done loading, and the score of all."""

    trips: tuple[Draft, ...]
    ends: tuple[int, ...]
    score: Score

    def free_at(self, case: Case) -> list[int]:
        """When each vehicle is back from its last trip, or first available."""
        free = [truck.available_at for truck in case.trucks]
        for trip, end in zip(self.trips, self.ends, strict=True):
            free[trip.truck] = end + trip.back
        return free


def timed(case: Case, trips: Sequence[Draft]) -> Timed | None:
    """Give every trip its instants, each in turn as early as can be; None where one cannot be made at all.

    A trip loads in the first gap of a bay that is long enough. What was given its time before is never moved.
    """
    free = [truck.available_at for truck in case.trucks]
    used: set[int] = set()
    loading: dict[int, list[list[tuple[int, int]]]] = {}
    ends = []
    in_time = late = arrival = cost = 0
    for trip in trips:
        number = trip.truck
        start = max(free[number] + trip.to_origin, trip.available_at)
        bays = loading.setdefault(trip.origin, [])
        if not bays:
            bays.append([(start, start + trip.load_s)])
        else:
            start = _take_bay(bays, case.bays[trip.origin], start, trip.load_s)
        end = start + trip.load_s
        if end > trip.late_end:
            return None
        if end <= trip.due_end:
            in_time += trip.value
        else:
            soon, later = trip.split_value(case, end)
            in_time += soon
            late += later
        arrival += trip.gain * end + trip.gain_offset
        cost += trip.cost
        if number not in used:
            used.add(number)
            cost += case.kinds[case.trucks[number].kind].fixed
        free[number] = end + trip.back
        ends.append(end)
    return Timed(tuple(trips), tuple(ends), (in_time, late, -arrival, -cost))


def _take_bay(bays: list[list[tuple[int, int]]], count: int, earliest: int, duration: int) -> int:
    """Reserve the bay that is free soonest for so long, and say from when."""
    best, chosen = None, None
    for bay in bays:
        start = earliest
        for taken_from, taken_until in bay:
            if taken_from >= start + duration:
                break
            start = max(start, taken_until)
        if best is None or start < best:
            best, chosen = start, bay
    if len(bays) < count and (best is None or best > earliest):
        chosen = []
        bays.append(chosen)
        best = earliest
    assert best is not None and chosen is not None, "a site has a bay"
    insort(chosen, (best, best + duration))
    return best
