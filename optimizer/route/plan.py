"""All trips together: when each starts, given vehicles and loading bays, and how good the whole is."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.route.case import Case
from optimizer.route.trip import Draft

Score = tuple[int, int, int, int]
"""Value in time, value late, less Σ gain × arrival, less cost. Larger is better, the first difference decides.

Where waiting has a price, the third figure is that of arrival and cost together (`Case.weighed`)."""

Bays = list[list[tuple[int, int]]]
"""For each bay of a site that was ever used, when it is taken, in order."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Trips in the order in which they chose their loading bays, with the instants and the score that follow."""

    trips: tuple[Draft, ...]
    ready: tuple[int, ...]
    """When each trip's vehicle was free for it."""
    ends: tuple[int, ...]
    """When each trip is done loading."""
    bay_of: tuple[int, ...]
    worth: tuple[Score, ...]
    """What each trip adds to the score."""
    score: Score
    free: tuple[int, ...]
    """When each vehicle is back from its last trip, or first available."""
    bays: dict[int, Bays]
    """By site; shared between plans and never changed."""

    def loading_from(self, case: Case, origin: int, earliest: int, duration: int) -> int:
        """When one more trip could load, after all others have chosen."""
        return _bay(self.bays.get(origin, []), case.bays[origin], earliest, duration)[0]


def timed(case: Case, trips: Sequence[Draft]) -> Timed | None:
    """Give every trip its instants, each in turn as early as can be; None where one cannot be made at all.

    A trip loads in the first gap of a bay that is long enough. What was given its time before is never moved.
    """
    free = [truck.available_at for truck in case.trucks]
    loading: dict[int, Bays] = {place: [list(bay) for bay in bays] for place, bays in case.taken.items()}
    ready, ends, bay_of, worth = [], [], [], []
    for trip in trips:
        before = free[trip.truck]
        bays = loading.setdefault(trip.origin, [])
        taken = _take(case, bays, trip, before)
        if taken is None:
            return None
        end, bay = taken
        free[trip.truck] = end + trip.back
        ready.append(before)
        ends.append(end)
        bay_of.append(bay)
        worth.append(_worth(case, trip, before, end))
    return Timed(
        tuple(trips), tuple(ready), tuple(ends), tuple(bay_of), tuple(worth), _total(worth), tuple(free), loading
    )


def retimed(case: Case, plan: Timed, place: int, trip: Draft, *, is_new: bool) -> Timed | None:
    """`timed` of the plan with a new trip put in that place, or with another trip of the same vehicle and site instead of the one there.

    What came before keeps its instants, and so does what comes after where neither its vehicle nor its site is touched.
    """
    trips, ready, ends, bay_of = [*plan.trips], [*plan.ready], [*plan.ends], [*plan.bay_of]
    worth, free, loading = [*plan.worth], [*plan.free], {**plan.bays}
    gained: list[Score] = []
    if is_new:
        later = (ready[number] for number in range(place, len(trips)) if trips[number].truck == trip.truck)
        ready.insert(place, next(later, free[trip.truck]))
        trips.insert(place, trip)
        ends.insert(place, -1)
        bay_of.insert(place, -1)
        worth.insert(place, (0, 0, 0, 0))
    else:
        trips[place] = trip
    touched: set[int] = set()
    moved: dict[int, int] = {}
    for number in range(place, len(trips)):
        one = trips[number]
        if number > place and one.origin not in touched and one.truck not in moved:
            continue
        if one.origin not in touched:
            loading[one.origin] = _taken_before(case, trips, ends, bay_of, number)
            touched.add(one.origin)
        before = moved.get(one.truck, ready[number])
        taken = _take(case, loading[one.origin], one, before)
        if taken is None:
            return None
        end, bay = taken
        if number == place or end != ends[number] or one.truck in moved:
            free[one.truck] = moved[one.truck] = end + one.back
        old = worth[number]
        worth[number] = new = _worth(case, one, before, end)
        gained.append((new[0] - old[0], new[1] - old[1], new[2] - old[2], new[3] - old[3]))
        ready[number], ends[number], bay_of[number] = before, end, bay
    score = _total([plan.score, *gained])
    return Timed(tuple(trips), tuple(ready), tuple(ends), tuple(bay_of), tuple(worth), score, tuple(free), loading)


def _take(case: Case, bays: Bays, trip: Draft, ready: int) -> tuple[int, int] | None:
    """Take a bay for a trip whose vehicle is free from then on: when it is done loading, and which bay it is."""
    start, bay = _bay(bays, case.bays[trip.origin], max(ready + trip.to_origin, trip.available_at), trip.load_s)
    end = start + trip.load_s
    if end > trip.late_end:
        return None
    if bay == len(bays):
        bays.append([(start, end)])
    else:
        insort(bays[bay], (start, end))
    return end, bay


def _worth(case: Case, trip: Draft, ready: int, end: int) -> Score:
    """What a trip adds to the score. A vehicle is free as early as it is available for its first trip only, as loading takes time."""
    soon, late = (trip.value, 0) if end <= trip.due_end else trip.split_value(case, end)
    truck = case.trucks[trip.truck]
    fixed = case.kinds[truck.kind].fixed if ready == truck.available_at else 0
    return case.weighed(soon, late, -trip.gain * end - trip.gain_offset, -trip.cost - fixed)


def _taken_before(case: Case, trips: Sequence[Draft], ends: Sequence[int], bay_of: Sequence[int], place: int) -> Bays:
    """How the bays of a trip's site were taken when its turn came."""
    origin = trips[place].origin
    bays: Bays = [list(bay) for bay in case.taken.get(origin, [])]
    for trip, end, bay in zip(trips[:place], ends, bay_of, strict=False):
        if trip.origin == origin:
            if bay == len(bays):
                bays.append([])
            bays[bay].append((end - trip.load_s, end))
    for taken in bays:
        taken.sort()
    return bays


def _total(worth: Sequence[Score]) -> Score:
    if not worth:
        return 0, 0, 0, 0
    soon, late, arrival, cost = zip(*worth, strict=True)
    return sum(soon), sum(late), sum(arrival), sum(cost)


def _bay(bays: Bays, count: int, earliest: int, duration: int) -> tuple[int, int]:
    """From when a bay is free for so long, and which: the first of those free soonest."""
    best, chosen = -1, -1
    for number, bay in enumerate(bays):
        start = earliest
        if bay[-1][1] > earliest:
            for taken_from, taken_until in bay[max(bisect_left(bay, (earliest, 0)) - 1, 0) :]:
                if taken_from >= start + duration:
                    break
                start = max(start, taken_until)
        if start == earliest:
            return start, number
        if chosen < 0 or start < best:
            best, chosen = start, number
    if len(bays) < count:
        return earliest, len(bays)
    return best, chosen
