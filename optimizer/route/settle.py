"""The last look at a plan: nothing left behind that would still go, nothing more urgent left for what is less.

Search tries what seems promising; this tries everything, so that the plan keeps the strict order of classes to the last pack.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from optimizer.route.build import Manner, insert, insert_all
from optimizer.route.case import Cargo, Case
from optimizer.route.plan import Score, Timed, retimed, timed
from optimizer.route.trip import Draft, draft

STOPS_MAX = 5
"""All orders of so many stops are tried (120 at most)."""
ROUNDS = 3
"""How often everything is gone through, should one change make room for another."""


def settle(case: Case, plan: Timed, left: list[int], order: Sequence[int]) -> Timed:
    """Insert what still goes anywhere; then make room for what is left on trips to its place, at the cost of less urgent goods;
    then put the stops of every trip in their best order.

    `left` is brought down to what the returned plan does not carry.
    """
    for _ in range(ROUNDS):
        before = plan.score
        plan = insert_all(case, plan, left, order, Manner(is_thorough=True))
        for index in order:
            place = 0
            while left[index] and place < len(plan.trips):
                plan = _instead(case, plan, left, place, case.cargos[index])
                place += 1
        plan = _in_best_orders(case, plan)
        if plan.score == before:
            break
    return plan


def _in_best_orders(case: Case, plan: Timed) -> Timed:
    """The plan with the stops of every trip that has few of them in the order that is best for the whole."""
    for place in range(len(plan.trips)):
        trip = plan.trips[place]
        if not 2 <= len(trip.stops) <= STOPS_MAX:
            continue
        for stops in permutations(trip.stops):
            other = draft(case, trip.truck, trip.origin, stops, trip.loads)
            if other is None or _alone(case, other, plan.ends[place]) <= _alone(
                case, plan.trips[place], plan.ends[place]
            ):
                continue
            whole = retimed(case, plan, place, other, is_new=False)
            if whole is not None and whole.score > plan.score:
                plan = whole
    return plan


def _alone(case: Case, trip: Draft, end: int) -> Score:
    """What a trip is worth by itself when loading ends at that instant."""
    soon, late = trip.split_value(case, end)
    return soon, late, -trip.gain * end - trip.gain_offset, -trip.cost


def without(case: Case, trip: Draft, off: set[int], left: list[int]) -> Draft | None:
    """The trip less those shipments, which go back to `left`; None where nothing remains of it."""
    for index, quantity in trip.loads:
        if index in off:
            left[index] += quantity
    loads = tuple(load for load in trip.loads if load[0] not in off)
    wanted = {case.cargos[index].delivery for index, _ in loads}
    stops = tuple(stop for stop in trip.stops if stop in wanted)
    return draft(case, trip.truck, trip.origin, stops, loads) if loads else None


def _instead(case: Case, plan: Timed, left: list[int], place: int, cargo: Cargo) -> Timed:
    """The plan with the shipment in place of less urgent goods of a trip to its site, which then go where they can, if that is better."""
    trip = plan.trips[place]
    if (
        case.trucks[trip.truck].kind not in cargo.kinds
        or trip.origin != cargo.origin
        or cargo.delivery not in trip.stops
    ):
        return plan
    less = {index for index, _ in trip.loads if case.cargos[index].rank > cargo.rank}
    if not less:
        return plan
    new_left = list(left)
    rest = without(case, trip, less, new_left)
    trips = [rest if number == place else other for number, other in enumerate(plan.trips)]
    bare = timed(case, [other for other in trips if other is not None])
    if bare is None:
        return plan
    filled = insert(case, bare, new_left, cargo.index, in_time=True)
    if filled is bare:
        return plan
    filled = insert_all(case, filled, new_left, sorted(less, key=lambda index: (case.cargos[index].rank, index)))
    if filled.score <= plan.score:
        return plan
    left[:] = new_left
    return filled
