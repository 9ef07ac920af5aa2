"""A late line in a plan's problem, and what a plan with it changes of the plan that stood, read off the two plans alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from optimizer.model import DemandLine, Problem
from optimizer.solution import Allocation, Solution, Trip
from optimizer.validate import validate


class Way(StrEnum):
    """How the late goods travel."""

    DETOUR = "detour"
    NEW_TRIP = "new_trip"
    SUPPLIER = "supplier"
    PIECES = "pieces"
    """Several of these."""


OWN_TIMES = "the trips of the plan wait or drive otherwise than they have to, so nothing can be reckoned beside them"


@dataclass(frozen=True, slots=True)
class Since:
    """What has become of the world since the plan was made; it holds for the late goods alone."""

    at: int = 0
    """Nothing of theirs is loaded before."""
    vehicles: Mapping[str, int] | None = None
    """From when on each vehicle that may be sent is free; None is what the problem says."""
    avoided: frozenset[str] = frozenset()
    """Roads that are not to be taken any more."""
    supplier_later: Mapping[str, int] = field(default_factory=dict)
    """By so many seconds a contract gives later than the problem says, as it is called on only now."""


@dataclass(frozen=True, slots=True)
class Delay:
    """A line that waits longer for the late one's sake."""

    line_id: str
    seconds: int
    is_late: bool
    """Does something of it come after its due instant now?"""


@dataclass(frozen=True, slots=True)
class Piece:
    """So much of one source on one trip, or brought by its supplier."""

    way: Way
    source_id: str
    vehicle_id: str
    trip_no: int | None
    """Of the trip in the plan with the line,"""
    detour_of: int | None
    """and of the trip in the plan that stood that makes the detour."""
    departs_at: int | None
    """When the trip leaves its store."""
    quantity: int
    serves: int
    arrives_at: int
    is_late: bool

    @property
    def begins_at(self) -> int:
        """From when on it is too late to do it."""
        return self.arrives_at if self.departs_at is None else self.departs_at


@dataclass(frozen=True, slots=True)
class Offer:
    """What one way brings, in one piece or several, and what it costs others and in money."""

    way: Way
    pieces: tuple[Piece, ...]
    serves: int
    serves_in_time: int
    arrives_at: int
    """When the last of it is there."""
    is_late: bool
    """Is any of it?"""
    more_fen: int
    more_m: int
    delays: tuple[Delay, ...]


def with_line(problem: Problem, line: DemandLine) -> Problem:
    """The problem with the line in it. Raises ProblemError for a line that makes no sense in it."""
    if any(other.id == line.id for other in problem.lines):
        return problem
    problem = replace(problem, lines=(*problem.lines, line))
    validate(problem)
    return problem


def offer_of(problem: Problem, before: Solution, after: Solution, line_id: str) -> Offer | None:
    """The offer that a plan makes to a line; None where it brings it nothing, or does not leave all else as it was."""
    rows = _added(before, after)
    if not rows or any(row.line_id != line_id for row in rows):
        return None
    trips = {trip.no: trip for trip in after.trips}
    pieces = tuple(
        sorted((_piece(before, trips, row) for row in rows), key=lambda piece: (piece.begins_at, piece.source_id))
    )
    own = {piece.trip_no for piece in pieces if piece.way is Way.NEW_TRIP}
    if len(after.trips) - len(before.trips) != len(own):
        return None
    is_one = len({piece.trip_no for piece in pieces}) == 1 and (len(pieces) == 1 or pieces[0].trip_no is not None)
    return Offer(
        pieces[0].way if is_one else Way.PIECES, pieces, sum(piece.serves for piece in pieces),
        sum(piece.serves for piece in pieces if not piece.is_late), max(piece.arrives_at for piece in pieces),
        any(piece.is_late for piece in pieces), after.figures.cost_fen - before.figures.cost_fen,
        after.figures.distance_m - before.figures.distance_m, _delays(problem, before, after, line_id),
    )  # fmt: skip


def _piece(before: Solution, trips: Mapping[int, Trip], row: Allocation) -> Piece:
    trip = None if row.trip_no is None else trips[row.trip_no]
    same = next((old for old in before.trips if trip is not None and _is_same(old, trip)), None)
    loading = next((stop for stop in trip.stops if stop.loads), None) if trip is not None else None
    return Piece(
        Way.SUPPLIER if trip is None else Way.NEW_TRIP if same is None else Way.DETOUR, row.source_id,
        trip.vehicle_id if trip else "", row.trip_no, same.no if same else None, loading.departs_at if loading else None,
        row.quantity, row.serves, row.arrives_at, row.is_late,
    )  # fmt: skip


def arrivals(rows: tuple[Allocation, ...]) -> dict[str, int]:
    """When the last goods of each line are there."""
    found: dict[str, int] = {}
    for row in rows:
        found[row.line_id] = max(found.get(row.line_id, 0), row.arrives_at)
    return found


def _added(before: Solution, after: Solution) -> list[Allocation]:
    """The allocations that are new; none where anything that was is there no more."""
    left = Counter(_goods(before))
    new = []
    for row, key in zip(after.allocations, _goods(after), strict=True):
        if left[key]:
            left[key] -= 1
        else:
            new.append(row)
    return new if not left.total() else []


def _goods(plan: Solution) -> list[tuple[object, ...]]:
    """What every allocation brings, and by which vehicle leaving when: trips may have other numbers in another plan."""
    leaves = {trip.no: (trip.vehicle_id, trip.departs_at) for trip in plan.trips}
    return [
        (row.source_id, row.line_id, row.quantity, None if row.trip_no is None else leaves[row.trip_no])
        for row in plan.allocations
    ]


def _is_same(one: Trip, other: Trip) -> bool:
    return (one.vehicle_id, one.departs_at) == (other.vehicle_id, other.departs_at)


def _delays(problem: Problem, before: Solution, after: Solution, line_id: str) -> tuple[Delay, ...]:
    was, now = arrivals(before.allocations), arrivals(after.allocations)
    due = {line.id: line.due_at for line in problem.lines}
    return tuple(
        Delay(name, now[name] - at, now[name] > due[name])
        for name, at in sorted(was.items())
        if name != line_id and now[name] > at
    )
