"""A plan put together from what somebody wrote down: who carries how much of what where, and when each vehicle leaves.

Nothing is searched, mended or refused here: roads, instants and figures follow from what is written, and the independent
checker judges what comes of it. Names that the problem does not have have to be looked for before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from optimizer.account import accounted
from optimizer.allocate import open_network
from optimizer.allocate.arcs import exchange
from optimizer.assemble import Draft
from optimizer.budget import Budget
from optimizer.model import Contract, DemandLine, Item, Lot, Problem
from optimizer.solution import Allocation, Load, Solution, Stop, Trip
from optimizer.travel import Roads


@dataclass(frozen=True, slots=True)
class Written:
    """So much of one source for one line. `trip_no` is None where the supplier brings it, then `at` is when it arrives;
    else `at` is when the trip's vehicle leaves its base, and `stop_no` says in which order places are visited."""

    source_id: str
    line_id: str
    quantity: int
    trip_no: int | None
    vehicle_id: str
    at: int
    stop_no: int = 0


def written_down(solution: Solution) -> tuple[Written, ...]:
    """A plan as somebody would write it down: what one trip carries of a source for a line is one row, in however many pieces
    it was planned. `rebuilt` makes the same plan of it again."""
    trips = {trip.no: trip for trip in solution.trips}
    order = {
        (trip.no, load.allocation): number
        for trip in solution.trips
        for number, stop in enumerate(trip.stops)
        for load in stop.loads
        if load.quantity < 0
    }
    found: dict[tuple[str, str, int | None, int], Written] = {}
    for place, row in enumerate(solution.allocations):
        trip = None if row.trip_no is None else trips[row.trip_no]
        one = Written(
            row.source_id, row.line_id, row.quantity, row.trip_no, trip.vehicle_id if trip else "",
            trip.departs_at if trip else row.arrives_at, order.get((trip.no, place), 0) if trip else 0,
        )  # fmt: skip
        key = (one.source_id, one.line_id, one.trip_no, one.at)
        had = found.get(key)
        found[key] = replace(had, quantity=had.quantity + one.quantity) if had else one
    return tuple(found.values())


def rebuilt(problem: Problem, rows: Sequence[Written]) -> Solution:
    """The plan that follows, with its gaps and figures. The rows of a trip agree in its vehicle and when it leaves."""
    hand = _Hand(problem)
    made = hand.draft(rows)
    return accounted(open_network(problem, hand.roads), made, {}, Budget(iterations=1), 0, "done")


class _Hand:
    """Puts trips together over the roads as they are."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.roads = problem, Roads(problem)
        self.items: dict[str, Item] = {row.id: row for row in problem.items}
        self.lines: dict[str, DemandLine] = {row.id: row for row in problem.lines}
        self.sources: dict[str, Lot | Contract] = {row.id: row for row in problem.lots}
        self.sources |= {row.id: row for row in problem.contracts}
        self.vehicles = {row.id: row for row in problem.vehicles}

    def draft(self, rows: Sequence[Written]) -> Draft:
        """Allocations in the order written, and their trips."""
        by_trip: dict[int, list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            if row.trip_no is not None:
                by_trip[row.trip_no].append(place)
        trips = {no: self._trip(no, places, rows) for no, places in by_trip.items()}
        at = {
            load.allocation: stop.departs_at
            for trip in trips.values()
            for stop in trip.stops
            for load in stop.loads
            if load.quantity < 0
        }
        arrivals = [at.get(place, row.at) for place, row in enumerate(rows)]
        serves = self._serves(rows, arrivals)
        allocations = [
            Allocation(
                row.source_id, row.line_id, self.sources[row.source_id].item_id, row.quantity, serves[place], row.trip_no,
                arrivals[place], arrivals[place] > self.lines[row.line_id].due_at,
            )
            for place, row in enumerate(rows)
        ]  # fmt: skip
        return Draft(tuple(allocations), tuple(trip for _, trip in sorted(trips.items())))

    def _serves(self, rows: Sequence[Written], arrivals: Sequence[int]) -> list[int]:
        """What each row counts for: all it holds, less what its last pack holds beyond what is asked, the last to come first."""
        found, over = [], {line.id: -line.quantity for line in self.problem.lines}
        for row in rows:
            gives, takes = exchange(self.lines[row.line_id], self.sources[row.source_id].item_id)
            found.append(row.quantity * gives // takes)
            over[row.line_id] += found[-1]
        for place in sorted(range(len(rows)), key=lambda place: (arrivals[place], place), reverse=True):
            row, source = rows[place], self.sources[rows[place].source_id]
            item = self.items[source.item_id]
            step = item.pack_quantity if isinstance(source, Contract) else item.step
            gives, takes = exchange(self.lines[row.line_id], source.item_id)
            spare = found[place] - 1 - (row.quantity - step) * gives // takes
            less = max(min(over[row.line_id], spare), 0)
            found[place] -= less
            over[row.line_id] -= less
        return found

    def _trip(self, no: int, places: list[int], rows: Sequence[Written]) -> Trip:
        first = rows[places[0]]
        vehicle = self.vehicles[first.vehicle_id]
        kind, base, origin = vehicle.type_id, vehicle.base_site_id, self.sources[first.source_id].site_id
        on = tuple(Load(place, rows[place].quantity) for place in places)
        handled = self._handling_s(places, rows)
        if origin == base:
            stops = [Stop(base, first.at, first.at + handled, loads=on)]
        else:
            stops = [Stop(base, first.at, first.at)]
            stops.append(self._stop(kind, base, origin, first.at, 0, handled, on))
        here, now = origin, stops[-1].departs_at
        for site_id in self._order(places, rows):
            here_off = [place for place in places if self.lines[rows[place].line_id].site_id == site_id]
            off = tuple(Load(place, -rows[place].quantity) for place in here_off)
            opens_at = max(self.lines[rows[place].line_id].opens_at for place in here_off)
            stops.append(self._stop(kind, here, site_id, now, opens_at, self._handling_s(here_off, rows), off))
            here, now = site_id, stops[-1].departs_at
        stops.append(self._stop(kind, here, base, now, 0, 0, ()))
        metres = sum(stop.distance_m for stop in stops)
        return Trip(no, vehicle.id, first.at, stops[-1].arrives_at, metres, tuple(stops))

    def _order(self, places: list[int], rows: Sequence[Written]) -> list[str]:
        """Places to unload at, by the number written, then as they come."""
        ordered = sorted(places, key=lambda place: rows[place].stop_no)
        return list(dict.fromkeys(self.lines[rows[place].line_id].site_id for place in ordered))

    def _stop(
        self, kind: str, here: str, there: str, left: int, opens_at: int, handled: int, loads: tuple[Load, ...]
    ) -> Stop:
        """The next stop. Where no road leads the way is empty, and the checker says that it does not join."""
        seconds = self.roads.time_s(kind, here, there)
        edges, metres = self.roads.edges(kind, here, there), self.roads.distance_m(kind, here, there)
        arrives = left + (seconds or 0)
        return Stop(there, arrives, max(arrives, opens_at) + handled, edges or (), metres or 0, loads)

    def _handling_s(self, places: list[int], rows: Sequence[Written]) -> int:
        packs = sum(
            -(-rows[place].quantity // self.items[self.sources[rows[place].source_id].item_id].pack_quantity)
            for place in places
        )
        return self.problem.rules.handling_s(packs)
