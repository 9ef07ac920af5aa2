"""Running totals of a book of rides: what lines get, what sources give, what sites send and take in, and where to look for it."""

from __future__ import annotations

from collections import defaultdict

from optimizer.allocate.part import Room
from optimizer.solution import Allocation
from optimizer.timing import Clock, Ride, Timing


class Tally:
    """Brought up and down by each ride and delivery, so that a trial costs no more than the ride it changes."""

    def __init__(self, timing: Timing) -> None:
        self._lines, self._item_of = timing.lines, timing.item_of
        self.soon: dict[str, int] = defaultdict(int)
        self.late: dict[str, int] = defaultdict(int)
        self.taken: dict[str, int] = defaultdict(int)
        self.burden: dict[Room, int] = defaultdict(int)
        self.with_source: dict[str, set[int]] = defaultdict(set)
        """Places of the rides that carry goods of a source,"""
        self.for_line: dict[str, set[int]] = defaultdict(set)
        """of those that carry goods for a line,"""
        self.at_site: dict[str, set[int]] = defaultdict(set)
        """and of those that unload at a site."""

    def put(self, place: int, ride: Ride, clock: Clock) -> None:
        """Count a ride."""
        self._ride(ride, clock, 1)
        for cargo in ride.cargos:
            self.with_source[cargo.source_id].add(place)
            self.for_line[cargo.line_id].add(place)
            self.at_site[self._lines[cargo.line_id].site_id].add(place)

    def take(self, place: int, ride: Ride, clock: Clock) -> None:
        """Count a ride no more."""
        self._ride(ride, clock, -1)
        for cargo in ride.cargos:
            self.with_source[cargo.source_id].discard(place)
            self.for_line[cargo.line_id].discard(place)
            self.at_site[self._lines[cargo.line_id].site_id].discard(place)

    def bring(self, row: Allocation, sign: int) -> None:
        """Count a supplier's delivery, or with -1 count it no more."""
        (self.late if row.is_late else self.soon)[row.line_id] += sign * row.serves
        self.taken[row.source_id] += sign * row.quantity
        volume = row.quantity * self._item_of[row.source_id].unit_volume_cm3
        self.burden[False, self._lines[row.line_id].site_id] += sign * volume

    def burden_of(self, ride: Ride) -> dict[Room, int]:
        """What a ride sends and brings."""
        found: dict[Room, int] = defaultdict(int)
        for cargo in ride.cargos:
            item = self._item_of[cargo.source_id]
            found[True, ride.origin_id] += cargo.quantity * item.unit_mass_g
            found[False, self._lines[cargo.line_id].site_id] += cargo.quantity * item.unit_volume_cm3
        return found

    def _ride(self, ride: Ride, clock: Clock, sign: int) -> None:
        for cargo in ride.cargos:
            line = self._lines[cargo.line_id]
            got = self.late if clock.unloaded_at[line.site_id] > line.due_at else self.soon
            got[line.id] += sign * cargo.serves
            self.taken[cargo.source_id] += sign * cargo.quantity
        for room, each in self.burden_of(ride).items():
            self.burden[room] += sign * each
