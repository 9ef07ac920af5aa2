"""Put shipments on trips one after another, the most urgent class first, each where it does most good.

Goods join a trip that loads at their site, or open a trip of a vehicle after its others. A place is taken only if the score of
the whole plan rises, so nothing less urgent can ever push out or delay past its due instant what is worth more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.route.case import Cargo, Case
from optimizer.route.plan import Timed, timed
from optimizer.route.trip import Draft, Loads, draft, room_for

CLOSE_CALLS = 4
"""So many places that look best by themselves are tried in the whole plan."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A trip that would take goods: which one it replaces (None: it is new), and how it looks by itself."""

    looks: tuple[int, int, int]
    replaces: int | None
    trip: Draft
    quantity: int


def insert_all(case: Case, plan: Timed, left: list[int], order: Sequence[int]) -> Timed:
    """Insert what is left of the shipments, in time in that order, then late in that order. `left` is brought down."""
    for in_time in (True, False):
        for index in order:
            if left[index]:
                plan = insert(case, plan, left, index, in_time=in_time)
    return plan


def insert(case: Case, plan: Timed, left: list[int], index: int, *, in_time: bool) -> Timed:
    """Insert as much of a shipment as finds room, over as many trips as it takes."""
    cargo = case.cargos[index]
    while left[index] >= cargo.step:
        found = _best(case, plan, cargo, left[index], in_time=in_time)
        if found is None:
            return plan
        plan, quantity = found
        left[index] -= quantity
    return plan


def natural_order(case: Case) -> list[int]:
    """By class; in a class what few vehicles can carry first, then what is due first, then what gains most."""
    able = [sum(truck.kind in cargo.kinds for truck in case.trucks) for cargo in case.cargos]
    return [
        cargo.index
        for cargo in sorted(
            case.cargos,
            key=lambda c: (c.rank, able[c.index], c.due_at, c.delivery, -c.gain * c.quantity, c.index),
        )
        if able[cargo.index]
    ]


def _best(case: Case, plan: Timed, cargo: Cargo, wanted: int, *, in_time: bool) -> tuple[Timed, int] | None:
    places = _places(case, plan, cargo, wanted, in_time=in_time)
    places.sort(key=lambda place: place.looks, reverse=True)
    best: tuple[Timed, int] | None = None
    tried = 0
    for place in places:
        trips = list(plan.trips)
        if place.replaces is None:
            trips.append(place.trip)
        else:
            trips[place.replaces] = place.trip
        whole = timed(case, trips)
        if whole is None or whole.score <= plan.score or (in_time and whole.score[0] <= plan.score[0]):
            continue
        if best is None or whole.score > best[0].score:
            best = whole, place.quantity
        tried += 1
        if tried == CLOSE_CALLS:
            break
    return best


def _places(case: Case, plan: Timed, cargo: Cargo, wanted: int, *, in_time: bool) -> list[_Place]:
    """Every trip that could take some of it by itself, with how much."""
    limit = cargo.due_at if in_time else cargo.late_until
    places: list[_Place] = []
    free = plan.free_at(case)
    for number, trip in enumerate(plan.trips):
        if trip.origin != cargo.origin or case.trucks[trip.truck].kind not in cargo.kinds:
            continue
        quantity = room_for(case, trip, trip.truck, cargo.index, wanted)
        if quantity:
            start = plan.ends[number] - trip.load_s
            places += _joining(case, trip, number, start, cargo, quantity, limit)
    seen: set[tuple[int, ...]] = set()
    for truck in case.trucks_to[cargo.origin]:
        alike = (truck.kind, truck.base, free[truck.index], truck.free_until, truck.drive_s_max)
        fresh = free[truck.index] == truck.available_at
        if truck.kind not in cargo.kinds or (*alike, fresh) in seen:
            continue
        seen.add((*alike, fresh))
        quantity = room_for(case, None, truck.index, cargo.index, wanted)
        start = free[truck.index] + case.kinds[truck.kind].seconds[truck.base][cargo.origin]
        found = _sized(case, truck.index, cargo, (cargo.delivery,), (), start, quantity, limit)
        if found:
            trip, quantity, end = found
            fixed = case.kinds[truck.kind].fixed if fresh else 0
            looks = (quantity * cargo.value, -(trip.gain * end + trip.gain_offset), -trip.cost - fixed)
            places.append(_Place(looks, None, trip, quantity))
    return places


def _joining(case: Case, trip: Draft, number: int, start: int, cargo: Cargo, quantity: int, limit: int) -> list[_Place]:
    stops = trip.stops
    if cargo.delivery in stops:
        ways = [stops]
    else:
        ways = [(*stops[:at], cargo.delivery, *stops[at:]) for at in range(len(stops) + 1)]
    places = []
    old_end = start + trip.load_s
    soon, later = trip.split_value(case, old_end)
    arrival = trip.gain * old_end + trip.gain_offset
    for way in ways:
        found = _sized(case, trip.truck, cargo, way, trip.loads, start, quantity, limit)
        if not found:
            continue
        new, carried, end = found
        now_soon, now_later = new.split_value(case, end)
        looks = (
            now_soon - soon + now_later - later,
            arrival - (new.gain * end + new.gain_offset),
            trip.cost - new.cost,
        )
        places.append(_Place(looks, number, new, carried))
    return places


def _sized(
    case: Case, truck: int, cargo: Cargo, stops: tuple[int, ...], loads: Loads, start: int, quantity: int, limit: int
) -> tuple[Draft, int, int] | None:
    """The trip with as much of the shipment as can be unloaded by the limit: all, or what handling leaves time for."""

    def with_quantity(some: int) -> tuple[Draft, int, int] | None:
        trip = draft(case, truck, cargo.origin, stops, _added(loads, cargo.index, some))
        if trip is None:
            return None
        end = max(start, trip.available_at) + trip.load_s
        if end > trip.late_end or end + trip.offsets[stops.index(cargo.delivery)] > limit:
            return None
        return trip, some, end

    if quantity < cargo.step:
        return None
    found = with_quantity(quantity)
    if found or quantity == cargo.step:
        return found
    found = with_quantity(cargo.step)
    if found is None:
        return None
    good, bad = 1, quantity // cargo.step
    while bad - good > 1:
        middle = (good + bad) // 2
        tried = with_quantity(middle * cargo.step)
        if tried:
            good, found = middle, tried
        else:
            bad = middle
    return found


def _added(loads: Loads, index: int, quantity: int) -> Loads:
    if any(aboard == index for aboard, _ in loads):
        return tuple((aboard, some + quantity if aboard == index else some) for aboard, some in loads)
    return (*loads, (index, quantity))
