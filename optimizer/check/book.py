"""What every check looks things up in, and where it writes down what is wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property
from math import inf

from optimizer.model import Contract, DemandLine, Item, Lot, Problem, Site, Substitute, Vehicle, VehicleType
from optimizer.solution import Allocation, Solution, Trip, Violation

VIOLATIONS_MAX = 500


class Book:
    """A problem and a plan for it, by name; the violations found so far."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem, self.solution = problem, solution
        self.items: dict[str, Item] = {row.id: row for row in problem.items}
        self.sites: dict[str, Site] = {row.id: row for row in problem.sites}
        self.lots: dict[str, Lot] = {row.id: row for row in problem.lots}
        self.contracts: dict[str, Contract] = {row.id: row for row in problem.contracts}
        self.lines: dict[str, DemandLine] = {row.id: row for row in problem.lines}
        self.types: dict[str, VehicleType] = {row.id: row for row in problem.vehicle_types}
        self.vehicles: dict[str, Vehicle] = {row.id: row for row in problem.vehicles}
        self.edges = {row.id: row for row in problem.edges}
        self.trips: dict[int, Trip] = {trip.no: trip for trip in solution.trips}
        self.violations: list[Violation] = []
        self.checked: Counter[str] = Counter()
        self.standing_trips: set[int] = set()
        """Numbers of trips that take place as they are."""

    def violation(self, code: str, where: str, **params: object) -> None:
        """Write down something wrong; past a few hundred only the count would grow, so the list stops."""
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append(Violation(code, where, dict(params)))

    def expect(self, condition: bool, code: str, where: str, **params: object) -> None:
        """Count a check; write it down where it does not hold."""
        self.checked[code] += 1
        if not condition:
            self.violation(code, where, **params)

    def names_hold(self) -> bool:
        """Does the plan name only things that exist? Otherwise nothing else can be judged."""
        before = len(self.violations)
        for place, allocation in enumerate(self.solution.allocations):
            where = f"allocation {place}"
            self.expect(
                allocation.source_id in self.lots or allocation.source_id in self.contracts, "unknown_source", where
            )
            self.expect(allocation.line_id in self.lines, "unknown_line", where)
            self.expect(allocation.item_id in self.items, "wrong_item", where, item=allocation.item_id)
            self.expect(allocation.trip_no is None or allocation.trip_no in self.trips, "unknown_trip", where)
        self.expect(len(self.trips) == len(self.solution.trips), "trip_number_twice", "solution")
        for trip in self.solution.trips:
            where = f"trip {trip.no}"
            self.expect(trip.vehicle_id in self.vehicles, "unknown_vehicle", where)
            self.expect(len(trip.stops) >= 2, "trip_without_stops", where)
            for stop in trip.stops:
                self.expect(stop.site_id in self.sites, "unknown_site", where, site=stop.site_id)
                self.expect(all(edge in self.edges for edge in stop.edges), "unknown_edge", where)
                known = all(0 <= load.allocation < len(self.solution.allocations) for load in stop.loads)
                self.expect(known, "unknown_allocation", where)
        lines = [gap.line_id for gap in self.solution.gaps]
        self.expect(len(set(lines)) == len(lines), "gap_twice", "solution")
        self.expect(set(lines) <= set(self.lines), "unknown_line", "gaps")
        return len(self.violations) == before

    # --- what a source is ------------------------------------------------------------------------------------------

    def item_of(self, source_id: str) -> Item:
        """The item of a lot or contract."""
        source = self.lots.get(source_id) or self.contracts[source_id]
        return self.items[source.item_id]

    def origin_of(self, source_id: str) -> str:
        """The site the goods of a source start from."""
        return (self.lots.get(source_id) or self.contracts[source_id]).site_id

    def price_of(self, source_id: str) -> int:
        """Fen a base unit."""
        return (self.lots.get(source_id) or self.contracts[source_id]).unit_price_fen

    def precedence_of(self, source_id: str) -> int:
        """The rung of the order of use."""
        return (self.lots.get(source_id) or self.contracts[source_id]).precedence

    def substitution(self, line: DemandLine, item_id: str) -> Substitute | None:
        """How an item counts for a line: one for one, by a ratio, or not at all (None)."""
        if item_id == line.item_id:
            return Substitute(item_id, 1, 1)
        return next((row for row in line.substitutes if row.item_id == item_id), None)

    def step_of(self, source_id: str) -> int:
        """The smallest quantity that leaves a source: packs for contracts and unsplittable items."""
        item = self.item_of(source_id)
        return item.pack_quantity if source_id in self.contracts or not item.is_splittable else 1

    @cached_property
    def by_line(self) -> dict[str, list[Allocation]]:
        """Allocations of each line."""
        found: dict[str, list[Allocation]] = defaultdict(list)
        for allocation in self.solution.allocations:
            found[allocation.line_id].append(allocation)
        return found

    @cached_property
    def by_source(self) -> dict[str, list[Allocation]]:
        """Allocations from each source."""
        found: dict[str, list[Allocation]] = defaultdict(list)
        for allocation in self.solution.allocations:
            found[allocation.source_id].append(allocation)
        return found

    @cached_property
    def sent_and_come(self) -> dict[str, tuple[int, int]]:
        """By site: grams that leave it on the fleet, cubic centimetres that come to it."""
        return self._sums(self.solution.allocations)

    @cached_property
    def standing_sent_and_come(self) -> dict[str, tuple[int, int]]:
        """The same of the trips that stand alone; to be asked once it is known which these are."""
        return self._sums([row for row in self.solution.allocations if row.trip_no in self.standing_trips])

    def _sums(self, allocations: Iterable[Allocation]) -> dict[str, tuple[int, int]]:
        sent: dict[str, int] = defaultdict(int)
        come: dict[str, int] = defaultdict(int)
        for allocation in allocations:
            item = self.item_of(allocation.source_id)
            if allocation.trip_no is not None:
                sent[self.origin_of(allocation.source_id)] += allocation.quantity * item.unit_mass_g
            come[self.lines[allocation.line_id].site_id] += allocation.quantity * item.unit_volume_cm3
        return {site_id: (sent[site_id], come[site_id]) for site_id in self.sites}

    def room_at(self, origin_id: str | None, site_id: str) -> tuple[float, float]:
        """Grams that a site can still send (without limit where it sends nothing more), room that another still has."""
        origin, site = self.sites.get(origin_id or ""), self.sites[site_id]
        sends = inf if origin is None or origin.sends_g_max is None else origin.sends_g_max
        takes = inf if site.takes_cm3_max is None else site.takes_cm3_max
        sent = 0 if origin is None else self.sent_and_come[origin.id][0]
        return sends - sent, takes - self.sent_and_come[site_id][1]

    def in_time(self, allocation: Allocation) -> bool:
        """Does the allocation arrive by its line's due instant?"""
        return allocation.arrives_at <= self.lines[allocation.line_id].due_at

    def served_in_time(self, line: DemandLine) -> int:
        """Units of the line that come in time, never more than asked."""
        serves = sum(a.serves for a in self.by_line.get(line.id, ()) if self.in_time(a))
        return min(serves, line.quantity)

    def fixed(self, source_id: str, line_id: str) -> bool:
        """Has the commander said anything about this pair?"""
        return (source_id, line_id) in self._locked

    @cached_property
    def _locked(self) -> set[tuple[str, str]]:
        return {(lock.source_id, lock.line_id) for lock in self.problem.locks}
