"""A trip of its own for some of a shipment: before each of a vehicle's trips, or after them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from optimizer.route.case import Cargo, Case, Truck
from optimizer.route.fit import Fit, knock_on, largest
from optimizer.route.plan import Score, Timed
from optimizer.route.trip import room_for


class Alone:
    """One vehicle and one shipment; what does not depend on when is worked out once. `room` is 0 where it cannot be."""

    def __init__(self, case: Case, plan: Timed, truck: Truck, cargo: Cargo, wanted: int, limit: int) -> None:
        kind = case.kinds[truck.kind]
        self._case, self._plan, self._truck, self._cargo, self._limit = case, plan, truck, cargo, limit
        self._to_origin = kind.seconds[truck.base][cargo.origin]
        self._leg = kind.seconds[cargo.origin][cargo.delivery]
        self._home = kind.seconds[cargo.delivery][truck.base]
        is_near = self._to_origin + self._leg + self._home <= truck.drive_s_max
        self.room = room_for(case, None, truck.index, cargo.index, wanted) if is_near else 0
        self._shortest = self._lasts(cargo.step)
        self._longest, self._unloading_s = self._lasts(self.room), self._handling_s(self.room)
        metres = kind.metres[truck.base][cargo.origin] + kind.metres[cargo.origin][cargo.delivery]
        metres += kind.metres[cargo.delivery][truck.base]
        self._per_second = kind.per_second
        self._cost = metres * kind.per_metre + (self._to_origin + self._home) * kind.per_second
        if plan.free[truck.index] == truck.available_at:
            self._cost += kind.fixed

    def _handling_s(self, quantity: int) -> int:
        return self._case.handling_s(-(-quantity // self._cargo.pack))

    def _lasts(self, quantity: int) -> int:
        """From the beginning of loading to the end of unloading."""
        return 2 * self._handling_s(quantity) + self._leg

    def _ready(self, place: int) -> int:
        """When the vehicle is free for a trip before the one in that place; after the last one, for one after all."""
        return self._plan.free[self._truck.index] if place == len(self._plan.trips) else self._plan.ready[place]

    def at_best(self, place: int) -> Score | None:
        """A trip before the one in that place, or before a later one, changes the score by no more than this: all that there is room
        for, as soon as can be, no bay awaited, nothing held up. None where there is no time for any."""
        cargo = self._cargo
        earliest = max(self._ready(place) + self._to_origin, cargo.available_at)
        soonest = earliest + self._shortest
        if soonest > self._limit or soonest + self._home > self._truck.free_until:
            return None
        arrival = max(earliest + self._longest, cargo.opens_at + self._unloading_s)
        value = self.room * cargo.value
        soon, late = (value, 0) if soonest <= cargo.due_at else (0, value)
        cost = self._cost + self._longest * self._per_second
        return self._case.weighed(soon, late, -self.room * cargo.gain * arrival, -cost)

    def fits(self, places: Sequence[int], over: Score) -> Iterator[Fit]:
        """A trip before each of those places, the vehicle's trips, and one after them; such as change the score by no more than
        `over` may be left out."""
        for number, place in enumerate((*places, len(self._plan.trips))):
            at_best = self.at_best(place)
            if at_best is None or at_best <= over:
                return
            quantity = largest(self._cargo, self.room, partial(self._works, place))
            found = self._fit(quantity, place, places[number:], over) if quantity else None
            if found is not None:
                yield found

    def _times(self, quantity: int, place: int) -> tuple[int, int]:
        """When loading begins, and when the goods have arrived."""
        handling, earliest = (
            self._handling_s(quantity),
            max(self._ready(place) + self._to_origin, self._cargo.available_at),
        )
        start = max(earliest, self._cargo.opens_at - self._leg - handling)
        if place == len(self._plan.trips):
            start = self._plan.loading_from(self._case, self._cargo.origin, start, handling)
        return start, start + handling + self._leg + handling

    def _works(self, place: int, quantity: int) -> bool:
        arrival = self._times(quantity, place)[1]
        return arrival <= self._limit and arrival + self._home <= self._truck.free_until

    def _fit(self, quantity: int, place: int, later: Sequence[int], over: Score) -> Fit | None:
        cargo = self._cargo
        start, arrival = self._times(quantity, place)
        value, in_time = quantity * cargo.value, arrival <= cargo.due_at
        back = arrival + self._home
        after = knock_on(self._case, self._plan, later, back, over[0] - (value if in_time else 0))
        if after is None:
            return None
        cost = self._cost + (arrival - start) * self._per_second
        change = self._case.weighed(
            (value if in_time else 0) + after[0],
            (0 if in_time else value) + after[1],
            after[2] - quantity * cargo.gain * arrival,
            -cost,
        )
        return Fit(change, place, True, self._truck.index, (cargo.delivery,), quantity)
