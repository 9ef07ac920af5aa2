"""What a shipment would do to a trip and to the vehicle's later ones, worked out from their figures without building the new one.
A trip of its own is in `alone`.

The answer is exact as far as no loading bay is awaited; that, `plan.retimed` tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from optimizer.passing import NEVER
from optimizer.route.case import Cargo, Case
from optimizer.route.plan import Score, Timed
from optimizer.route.trip import Draft, Loads, draft, room_for

ANYTHING: Score = (-(1 << 4096), 0, 0, 0)
"""Less than any change of a score."""


@dataclass(frozen=True, slots=True)
class Fit:
    """So much of a shipment on a trip: how the score would change, were the bays free whenever they are wanted."""

    change: Score
    place: int
    """Of the trip in the plan, or where a new one is put before the one there."""
    is_new: bool
    truck: int
    stops: tuple[int, ...]
    quantity: int


@dataclass(frozen=True, slots=True)
class _Way:
    """Where on a trip the place of delivery comes, and what that adds to the driving."""

    at: int
    is_there: bool
    detour_s: int
    detour_m: int
    offset: int
    """When the vehicle gets there, or has unloaded there what it brings already, after loading."""
    reached: int
    """When the vehicle gets there after loading."""
    aboard: int
    """Of the same shipment."""


def added(loads: Loads, index: int, quantity: int) -> Loads:
    """The loads with so much more of a shipment."""
    if any(aboard == index for aboard, _ in loads):
        return tuple((aboard, some + quantity if aboard == index else some) for aboard, some in loads)
    return (*loads, (index, quantity))


def joining(
    case: Case, plan: Timed, place: int, places: Sequence[int], cargo: Cargo, wanted: int, limit: int, over: Score
) -> Iterator[Fit]:
    """All ways to bring some of a shipment by the limit with a trip that loads at its site. `places` has the vehicle's later trips.

    Ways that change the score by no more than `over` may be left out.
    """
    trip = plan.trips[place]
    truck = case.trucks[trip.truck]
    room = room_for(case, trip, trip.truck, cargo.index, wanted)
    if not room or room * cargo.value < over[0]:
        return
    start = max(plan.ends[place] - trip.load_s, cargo.available_at)
    if start + trip.load_s > trip.late_end:
        return
    for way in _ways(case, trip, cargo):
        if trip.drive_s + way.detour_s > truck.drive_s_max or start + trip.load_s + way.offset > limit:
            continue

        def works(quantity: int, way: _Way = way) -> bool:
            end, extra, arrival, _ = _stretched(case, trip, start, cargo, way, quantity)
            return arrival <= limit and end + trip.back + extra <= truck.free_until and end <= trip.late_end

        quantity = largest(cargo, room, works)
        if quantity:
            stops = trip.stops
            if not way.is_there:
                stops = (*stops[: way.at], cargo.delivery, *stops[way.at :])
            stretched = _stretched(case, trip, start, cargo, way, quantity)
            gained = quantity * cargo.value if stretched[2] <= cargo.due_at else 0
            after = knock_on(case, plan, places, stretched[0] + trip.back + stretched[1], over[0] - gained)
            change = after and _change(case, plan, place, cargo, way, quantity, stretched, stops, after)
            if change:
                yield Fit(change, place, False, trip.truck, stops, quantity)


def knock_on(case: Case, plan: Timed, places: Sequence[int], ready: int, least: int) -> tuple[int, int, int] | None:
    """How the worth of a vehicle's trips in those places changes when it is ready for the first only then; None where one fails, or
    where less than `least` of what comes in time is gained."""
    soon = late = arrival = 0
    for place in places:
        if ready <= plan.ready[place]:
            break
        trip, old = plan.trips[place], plan.ends[place]
        end = max(old, max(ready + trip.to_origin, trip.available_at) + trip.load_s)
        if end > trip.late_end:
            return None
        if end > trip.due_end:
            now = trip.split_value(case, end)
            soon += now[0] - plan.worth[place][0]
            if soon < least:
                return None
            late += now[1] - plan.worth[place][1]
        arrival -= trip.gain * (end - old)
        ready = end + trip.back
    return soon, late, arrival


def _ways(case: Case, trip: Draft, cargo: Cargo) -> Iterator[_Way]:
    kind = case.kinds[case.trucks[trip.truck].kind]
    if cargo.delivery in trip.stops:
        at = trip.stops.index(cargo.delivery)
        aboard = next((some for index, some in trip.loads if index == cargo.index), 0)
        reached = trip.offsets[at] - case.handling_s(trip.stop_packs[at])
        yield _Way(at, True, 0, 0, trip.offsets[at], reached, aboard)
        return
    here, base = cargo.delivery, case.trucks[trip.truck].base
    before, left_at = trip.origin, 0
    for at, after in enumerate((*trip.stops, base)):
        there, on = kind.seconds[before][here], kind.seconds[here][after]
        if there < NEVER and on < NEVER:
            metres = kind.metres[before][here] + kind.metres[here][after] - kind.metres[before][after]
            detour = there + on - kind.seconds[before][after]
            yield _Way(at, False, detour, metres, left_at + there, left_at + there, 0)
        if at < len(trip.stops):
            before, left_at = after, trip.offsets[at]


def _stretched(
    case: Case, trip: Draft, start: int, cargo: Cargo, way: _Way, quantity: int
) -> tuple[int, int, int, int]:
    """When the longer loading ends, what the way there and unloading add, when the goods have arrived, and how long loading takes."""
    packs = -(-(way.aboard + quantity) // cargo.pack) + (-way.aboard // cargo.pack)
    loading = case.handling_s(trip.packs + packs)
    end = max(start + loading, cargo.opens_at - way.reached)
    if way.is_there:
        extra = case.handling_s(trip.stop_packs[way.at] + packs) - case.handling_s(trip.stop_packs[way.at])
        return end, extra, end + way.offset + extra, loading
    unloading = case.handling_s(packs)
    return end, way.detour_s + unloading, end + way.offset + unloading, loading


def _change(
    case: Case,
    plan: Timed,
    place: int,
    cargo: Cargo,
    way: _Way,
    quantity: int,
    stretched: tuple[int, int, int, int],
    stops: tuple[int, ...],
    after: tuple[int, int, int],
) -> Score | None:
    """How the score changes by the trip itself and, `after`, by the vehicle's later ones."""
    trip = plan.trips[place]
    old_end = plan.ends[place]
    end, extra, arrival, loading = stretched
    kind = case.kinds[case.trucks[trip.truck].kind]
    longer = loading - trip.load_s + extra
    cost = way.detour_m * kind.per_metre + longer * kind.per_second
    value, gain = quantity * cargo.value, quantity * cargo.gain
    in_time = arrival <= cargo.due_at
    later = sum(trip.stop_gains[way.at :]) * extra + trip.gain * (end - old_end) + gain * arrival
    keeps = end <= trip.due_end and all(end + extra <= due for due in trip.stop_due[way.at :])
    if keeps:
        soon, late = (value, 0) if in_time else (0, value)
        return case.weighed(soon + after[0], late + after[1], after[2] - later, -cost)
    new = draft(case, trip.truck, trip.origin, stops, added(trip.loads, cargo.index, quantity))
    if new is None or end > new.late_end:
        return None
    old_soon, old_late = trip.split_value(case, old_end)
    soon, late = new.split_value(case, end)
    return case.weighed(soon - old_soon + after[0], late - old_late + after[1], after[2] - later, -cost)


def largest(cargo: Cargo, wanted: int, works: Callable[[int], bool]) -> int:
    """The most, in whole steps, that works: all of it, or what handling leaves time for."""
    steps = wanted // cargo.step
    if steps and works(steps * cargo.step):
        return steps * cargo.step
    if steps < 2 or not works(cargo.step):
        return 0
    good, bad = 1, steps
    while bad - good > 1:
        middle = (good + bad) // 2
        if works(middle * cargo.step):
            good = middle
        else:
            bad = middle
    return good * cargo.step
