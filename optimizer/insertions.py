"""One late request and the plan that stands: the best few ways to take it along, each judged by the independent checker.

Every other load stays where it is: a trip that loads at the right store makes a detour, a vehicle makes one more trip, or a
supplier brings it. What is delayed by that, and what it costs, is told; which way to go is the commander's to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.account import accounted
from optimizer.allocate import Network, open_network
from optimizer.assemble import Draft
from optimizer.budget import Budget
from optimizer.check import check
from optimizer.model import DemandLine, Problem, ProblemError
from optimizer.offered import OWN_TIMES, Delay, Since, Way, with_line
from optimizer.rides import Book
from optimizer.solution import Solution, Violation
from optimizer.travel import Roads
from optimizer.tries import Tries, Try

__all__ = ["Delay", "Insertion", "Since", "Way", "insertions"]

SHOWN = 5
JUDGED_TIMES = 2
"""For each way that is asked for so many are judged: the checker may have something against the first."""
SAID_EVERY = 100


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


def insertions(
    problem: Problem,
    solution: Solution,
    line: DemandLine,
    *,
    most: int = SHOWN,
    since: Since | None = None,
    budget: Budget | None = None,
) -> tuple[Insertion, ...]:
    """The best ways: those without faults first, then most in time, fewest made late, earliest, cheapest. `line` may be new to
    the problem or one of it; the plan has to be one of the problem's. When the budget ends, the best found by then are judged.
    Raises ProblemError for a line that makes no sense in it."""
    problem = with_line(problem, line)
    budget = budget or Budget(iterations=2**31)
    roads = Roads(problem)
    net = open_network(problem, roads)
    search = Tries(net, _book(net, roads, solution), line, since or Since())
    best: dict[tuple[object, ...], Try] = {}
    for one in search.ways():
        if budget.used % SAID_EVERY == 0:
            budget.say("insert", budget.used, 0)
        had = best.get(one.key)
        if had is None or one.rank < had.rank:
            best[one.key] = one
        if not budget.step():
            break
    chosen = _varied(sorted(best.values(), key=lambda one: one.rank), most * JUDGED_TIMES)
    found: list[Insertion] = []
    for place, one in enumerate(chosen):
        budget.say("check", place, len(chosen))
        found.append(_judged(net, search, one, solution))
        if sum(not each.violations for each in found) >= most or _is_over(budget):
            break
    found.sort(key=_rank)
    return tuple(found[:most])


def _book(net: Network, roads: Roads, solution: Solution) -> Book:
    """The plan taken apart. Raises ProblemError `OWN_TIMES` for one that would come together otherwise, as some edited by hand."""
    try:
        book = Book(net, roads, Draft(solution.allocations, solution.trips))
    except AssertionError:
        raise ProblemError([OWN_TIMES]) from None
    if _times(book.draft()) != _times(Draft(solution.allocations, solution.trips)):
        raise ProblemError([OWN_TIMES])
    return book


def _times(made: Draft) -> tuple[list[tuple[str, str, int, int]], list[tuple[str, int, int]]]:
    rows = sorted((row.source_id, row.line_id, row.quantity, row.arrives_at) for row in made.allocations)
    return rows, sorted((trip.vehicle_id, trip.departs_at, trip.returns_at) for trip in made.trips)


def _is_over(budget: Budget) -> bool:
    """Judging is given as long again as searching was: what was found and not judged is of no use."""
    return not budget.keep_going() or (budget.seconds is not None and budget.elapsed_s > 2 * budget.seconds)


def _rank(one: Insertion) -> tuple[object, ...]:
    late = sum(each.is_late for each in one.delays)
    waits = sum(each.seconds for each in one.delays)
    return (
        len(one.violations), one.is_late, -one.serves, late, one.arrives_at, one.more_fen, waits, one.source_id, one.vehicle_id,
    )  # fmt: skip


def _varied(tries: list[Try], count: int) -> list[Try]:
    """The best ones; the best of each kind of way is among them."""
    first = {one.way: one for one in reversed(tries)}
    best = sorted(first.values(), key=lambda one: one.rank)
    return best + [one for one in tries if one not in best][: max(0, count - len(best))]


def _judged(net: Network, tries: Tries, one: Try, solution: Solution) -> Insertion:
    """The way written out as a plan, and what the checker says of it."""
    after = accounted(net, tries.made(one), {}, Budget(iterations=1), 0, "done")
    return Insertion(
        one.way, one.goods.source_id, one.ride.vehicle_id if one.ride else "", one.goods.quantity, one.goods.serves, one.at,
        one.at > tries.line.due_at, after.figures.cost_fen - solution.figures.cost_fen,
        after.figures.distance_m - solution.figures.distance_m, one.delays, check(net.problem, after).violations, after,
    )  # fmt: skip
