"""Plans of one problem side by side: what each reaches, and who gains or loses by taking one instead of another.

Nothing here searches: everything follows from a problem and a plan. Figures are rounded down once at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from optimizer.assemble import Draft, drawn_by_rung, figures, served_in_time
from optimizer.emphasis import Emphasis
from optimizer.model import Problem
from optimizer.solution import ClassFigures, Solution
from optimizer.worth import value


@dataclass(frozen=True, slots=True)
class FloorUse:
    """A store from which a plan takes goods that have a floor: what stays there, and what has to."""

    site_id: str
    item_id: str
    owner_id: str
    taken: int
    stays: int
    floor: int

    @property
    def is_reached(self) -> bool:
        """Is nothing left above the floor?"""
        return self.stays <= self.floor


@dataclass(frozen=True, slots=True)
class Reached:
    """What a plan reaches, for laying beside another."""

    classes: tuple[ClassFigures, ...]
    served_persons: int
    """Persons × fill in time over all lines: a person counts once for every line that is theirs."""
    asked_persons: int
    lines_full: int
    lines: int
    late_lines: int
    mean_arrival_at: int | None
    """Of everybody who is served, weighed by persons × fill; None where nobody is."""
    last_arrival_at: int | None
    poorest_site_id: str | None
    """The place of which the smallest part is served in time, by persons."""
    poorest_permille: int | None
    distance_m: int
    vehicles_used: int
    trips: int
    cost_fen: int
    goods_fen: int
    rungs: tuple[tuple[int, int], ...]
    """‰ of what is served in time that comes from each rung of the order of use."""
    floors: tuple[FloorUse, ...]

    @property
    def floors_reached(self) -> int:
        """Stores drawn down to the floor."""
        return sum(use.is_reached for use in self.floors)


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line that fares differently: units in time, and when the last of them is there."""

    line_id: str
    before: int
    after: int
    arrives_before: int | None
    arrives_after: int | None


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """A place that fares differently: ‰ of its persons × fill in time."""

    site_id: str
    before_permille: int
    after_permille: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Another plan against the one people work by."""

    is_same: bool
    """The very same goods on the very same trips."""
    is_equal: bool
    """No figure differs, and nobody gains or loses."""
    lines: tuple[LineChange, ...]
    places: tuple[PlaceChange, ...]


def reached(problem: Problem, solution: Solution) -> Reached:
    """What a plan of the problem reaches."""
    made = Draft(solution.allocations, solution.trips)
    found = figures(problem, made, {})  # what is proven of a plan is no figure of it
    got = served_in_time(problem, made)
    served = sum((Fraction(line.persons * got[line.id], line.quantity) for line in problem.lines), Fraction(0))
    lines = {line.id: line for line in problem.lines}
    gains = [
        (Fraction(lines[row.line_id].persons * row.serves, lines[row.line_id].quantity), row.arrives_at)
        for row in made.allocations
    ]
    weight = sum((gain for gain, _ in gains), Fraction(0))
    places = _places(problem, got)
    poorest = min(places.items(), key=lambda place: (place[1], place[0]), default=(None, None))
    drawn = drawn_by_rung(problem, made)
    total = sum(drawn.values(), Fraction(0))
    return Reached(
        classes=found.classes,
        served_persons=int(served),
        asked_persons=sum(line.persons for line in problem.lines),
        lines_full=sum(got[line.id] >= line.quantity for line in problem.lines),
        lines=len(problem.lines),
        late_lines=found.late_lines,
        mean_arrival_at=int(sum(gain * at for gain, at in gains) / weight) if weight else None,
        last_arrival_at=max((row.arrives_at for row in made.allocations), default=None),
        poorest_site_id=poorest[0],
        poorest_permille=None if poorest[1] is None else int(1000 * poorest[1]),
        distance_m=found.distance_m,
        vehicles_used=found.vehicles_used,
        trips=found.trips,
        cost_fen=found.cost_fen,
        goods_fen=found.goods_fen,
        rungs=tuple((rung, int(1000 * share / total)) for rung, share in sorted(drawn.items()) if share),
        floors=tuple(_floors(problem, solution)),
    )


def difference(problem: Problem, before: Solution, after: Solution) -> Difference:
    """Who gains and who loses by the second plan instead of the first."""
    was, now = _fares(problem, before), _fares(problem, after)
    lines = tuple(
        LineChange(line.id, was[line.id][0], now[line.id][0], was[line.id][1], now[line.id][1])
        for line in problem.lines
        if was[line.id] != now[line.id]
    )
    old = _places(problem, {name: fare[0] for name, fare in was.items()})
    new = _places(problem, {name: fare[0] for name, fare in now.items()})
    places = tuple(
        PlaceChange(site_id, int(1000 * old[site_id]), int(1000 * new[site_id]))
        for site_id in sorted(old)
        if old[site_id] != new[site_id]
    )
    is_same = identity(before) == identity(after)
    is_equal = is_same or (not lines and not places and reached(problem, before) == reached(problem, after))
    return Difference(is_same, is_equal, lines, places)


def identity(solution: Solution) -> tuple[object, ...]:
    """Goods and trips, in whatever order and however many pieces they are written, and whatever source a pack that is not used up
    is counted for."""
    found: dict[tuple[str, str, int, bool], int] = defaultdict(int)
    for row in solution.allocations:
        found[row.source_id, row.line_id, row.arrives_at, row.trip_no is None] += row.quantity
    goods = sorted((*key, quantity) for key, quantity in found.items())
    trips = sorted(
        (trip.vehicle_id, trip.departs_at, trip.returns_at, tuple((s.site_id, s.departs_at, s.edges) for s in trip.stops))
        for trip in solution.trips
    )  # fmt: skip
    return tuple(goods), tuple(trips)


def best_for(problem: Problem, emphasis: Emphasis, plans: Iterable[Solution]) -> Solution:
    """The best of some plans of the problem for an emphasis; the first of equal ones."""
    return max(plans, key=lambda one: value(problem, Draft(one.allocations, one.trips), emphasis=emphasis))


def _fares(problem: Problem, solution: Solution) -> dict[str, tuple[int, int | None]]:
    """Of each line: units in time, and when the last of all its goods is there."""
    got = served_in_time(problem, Draft(solution.allocations, solution.trips))
    last: dict[str, int] = {}
    for row in solution.allocations:
        last[row.line_id] = max(last.get(row.line_id, 0), row.arrives_at)
    return {line.id: (got[line.id], last.get(line.id)) for line in problem.lines}


def _places(problem: Problem, got: dict[str, int]) -> dict[str, Fraction]:
    """How much of each place's persons × fill is served in time."""
    served: dict[str, Fraction] = defaultdict(Fraction)
    persons: dict[str, int] = defaultdict(int)
    for line in problem.lines:
        served[line.site_id] += Fraction(line.persons * got[line.id], line.quantity)
        persons[line.site_id] += line.persons
    return {site_id: served[site_id] / persons[site_id] for site_id in served if persons[site_id]}


def _floors(problem: Problem, solution: Solution) -> Iterable[FloorUse]:
    pools = {lot.id: (lot.site_id, lot.item_id, lot.owner_id) for lot in problem.lots}
    there: dict[tuple[str, str, str], int] = defaultdict(int)
    taken: dict[tuple[str, str, str], int] = defaultdict(int)
    for lot in problem.lots:
        there[pools[lot.id]] += lot.quantity
    for row in solution.allocations:
        if row.source_id in pools:
            taken[pools[row.source_id]] += row.quantity
    for floor in problem.floors:
        pool = (floor.site_id, floor.item_id, floor.owner_id)
        if floor.quantity and taken[pool]:
            yield FloorUse(*pool, taken[pool], there[pool] - taken[pool], floor.quantity)
