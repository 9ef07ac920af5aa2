"""One late request and the plan that stands: the best few ways to take it along, each judged by the independent checker.

Every other load stays where it is: a trip that loads at the right store makes a detour, a vehicle makes one more trip, or a
supplier brings it. What is delayed by that, and what it costs, is told; which way to go is the commander's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from optimizer.account import accounted
from optimizer.allocate import open_network
from optimizer.assemble import Draft
from optimizer.budget import Budget
from optimizer.check import check
from optimizer.model import DemandLine, Problem
from optimizer.replan.carry import add_in_time
from optimizer.replan.purse import Purse
from optimizer.rides import Book, Cargo, Ride
from optimizer.solution import Allocation, Solution, Violation
from optimizer.travel import Roads
from optimizer.validate import validate

SHOWN = 5
SOURCES_TRIED = 12

_Goods = tuple[str, str, int, int]


class Way(StrEnum):
    """How the late goods travel."""

    DETOUR = "detour"
    NEW_TRIP = "new_trip"
    SUPPLIER = "supplier"


@dataclass(frozen=True, slots=True)
class Delay:
    """A line that waits longer for the late one's sake."""

    line_id: str
    seconds: int
    is_late: bool
    """Does something of it come after its due instant now?"""


@dataclass(frozen=True, slots=True)
class Insertion:
    """One way to serve a late line."""

    way: Way
    source_id: str
    vehicle_id: str
    quantity: int
    serves: int
    arrives_at: int
    is_late: bool
    more_fen: int
    more_m: int
    delays: tuple[Delay, ...]
    violations: tuple[Violation, ...]
    """What the checker finds wrong with the whole plan then; nothing for a way that can be gone at once."""
    solution: Solution


def insertions(problem: Problem, solution: Solution, line: DemandLine, *, most: int = SHOWN) -> tuple[Insertion, ...]:
    """The best ways: those without faults first, then most in time, fewest made late, earliest, cheapest. `line` may be new to
    the problem or one of it; the plan has to be one of the problem's. Raises ProblemError for a line that makes no sense in it."""
    if all(other.id != line.id for other in problem.lines):
        problem = replace(problem, lines=(*problem.lines, line))
        validate(problem)
    roads = Roads(problem)
    net = open_network(problem, roads)
    base = Book(net, roads, Draft(solution.allocations, solution.trips))
    standing = base.draft()
    before, kept = _arrivals(standing), _goods_of(standing, None)
    found = []
    for way, vehicle_id, cargo, book in _ways(base, line):
        if _goods_of(book.draft(), cargo) != kept:
            continue  # something else had no place any more
        after = accounted(net, book.draft(), {}, Budget(iterations=1), 0, "done")
        at = max(row.arrives_at for row in after.allocations if (row.source_id, row.line_id) == cargo[:2])
        now = _arrivals(Draft(after.allocations, after.trips))
        delays = tuple(
            Delay(name, now[name] - was, now[name] > base.lines[name].due_at)
            for name, was in sorted(before.items())
            if name != line.id and now[name] > was
        )
        found.append(
            Insertion(
                way, cargo[0], vehicle_id, cargo[2], cargo[3], at, at > line.due_at,
                after.figures.cost_fen - solution.figures.cost_fen,
                after.figures.distance_m - solution.figures.distance_m, delays, check(problem, after).violations, after,
            )
        )  # fmt: skip
    found.sort(key=_rank)
    return tuple(found[:most])


def _rank(one: Insertion) -> tuple[object, ...]:
    late = sum(each.is_late for each in one.delays)
    waits = sum(each.seconds for each in one.delays)
    return (
        len(one.violations),
        one.is_late,
        -one.serves,
        late,
        one.arrives_at,
        one.more_fen,
        waits,
        one.source_id,
        one.vehicle_id,
    )


def _goods_of(made: Draft, less: _Goods | None) -> list[tuple[str, str, int]]:
    """What everybody gets from where, without the late goods."""
    found = [(row.source_id, row.line_id, row.quantity) for row in made.allocations]
    if less is not None and less[:3] in found:
        found.remove(less[:3])
    return sorted(found)


def _arrivals(made: Draft) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in made.allocations:
        found[row.line_id] = max(found.get(row.line_id, 0), row.arrives_at)
    return found


def _ways(base: Book, line: DemandLine) -> Iterator[tuple[Way, str, _Goods, Book]]:
    """Every way that the roads, vehicles and bays allow; the book given is a new one each time."""
    purse = Purse(base)
    sources = sorted(base.usable[line.id], key=lambda name: (base.sources[name].precedence, name))
    for source_id in sources[:SOURCES_TRIED]:
        quantity, serves = purse.most(source_id, line.id)
        if not serves:
            continue
        goods = (source_id, line.id, quantity, serves)
        if source_id in base.suppliers_bring:
            yield from _brought(base, line, goods)
            continue
        cargo = Cargo(*goods)
        for place, ride in enumerate(base.rides):
            if ride.cargos and ride.origin_id == base.sources[source_id].site_id and not base.stands(place):
                yield from _detours(base, place, ride, cargo, goods, line)
        for vehicle_id in sorted(base.vehicles):
            book = _copy(base)
            origin = base.sources[source_id].site_id
            count = len(book.rides)
            if add_in_time(book, Ride(vehicle_id, origin, 0, (line.site_id,), (cargo,))) and len(book.rides) > count:
                yield Way.NEW_TRIP, vehicle_id, goods, book


def _detours(
    base: Book, place: int, ride: Ride, cargo: Cargo, goods: _Goods, line: DemandLine
) -> Iterator[tuple[Way, str, _Goods, Book]]:
    orders = [ride.site_ids]
    if line.site_id not in ride.site_ids:
        orders = [(*ride.site_ids[:at], line.site_id, *ride.site_ids[at:]) for at in range(len(ride.site_ids) + 1)]
    for site_ids in orders:
        book = _copy(base, place)
        if book.add(replace(ride, site_ids=site_ids, cargos=(*ride.cargos, cargo))):
            yield Way.DETOUR, ride.vehicle_id, goods, book


def _brought(base: Book, line: DemandLine, goods: _Goods) -> Iterator[tuple[Way, str, _Goods, Book]]:
    for arc in base.brought_in_time[line.id]:
        if base.net.supplies[arc.supply].source_id == goods[0]:
            book = _copy(base)
            item_id = base.sources[goods[0]].item_id
            row = Allocation(goods[0], line.id, item_id, goods[2], goods[3], None, arc.arrives_at, False)
            book.replace_brought([*book.brought, row])
            yield Way.SUPPLIER, "", goods, book
            return


def _copy(base: Book, without: int = -1) -> Book:
    """The same plan in a book of its own, less one ride."""
    book = Book(base.net, base.roads, Draft((), ()))
    book.replace_brought(list(base.brought))
    for place, ride in enumerate(base.rides):
        if place != without and ride.cargos:
            book.add(ride)
    return book
