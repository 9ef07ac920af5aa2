"""One late request and the plan that stands: the best few ways to take it along, each judged by the independent checker.

Every other load stays where it is: a trip that loads at the right store makes a detour, a vehicle makes one more trip, or a
supplier brings it; where none of these brings all of it in time, it comes in several pieces (`optimizer.compose`). What is
delayed by that, and what it costs, is told; which way to go is the commander's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.account import accounted
from optimizer.allocate import Network, open_network
from optimizer.assemble import Draft
from optimizer.budget import Budget
from optimizer.check import check
from optimizer.compose import in_pieces
from optimizer.model import DemandLine, Problem, ProblemError
from optimizer.offered import OWN_TIMES, Delay, Offer, Piece, Since, Way, offer_of, with_line
from optimizer.rides import Book
from optimizer.route.ready import make_ready
from optimizer.solution import Solution, Violation
from optimizer.travel import Roads
from optimizer.tries import Tries, Try

__all__ = ["Delay", "Insertion", "Offer", "Piece", "Since", "Way", "insertions", "make_ready"]

SHOWN = 5
JUDGED_TIMES = 2
"""For each way that is asked for so many are judged: the checker may have something against the first."""
SHOWN_IN_PIECES = 3
SHARE = 0.5
"""Of the budget, after which ways of several pieces are looked for where none of one brings all in time."""
SAID_EVERY = 100


@dataclass(frozen=True, slots=True)
class Insertion:
    """One way to serve a late line."""

    offer: Offer
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
    tried = search.ways()
    ways = list(_tried(tried, budget, share=SHARE))
    in_one = search.brings_all_in_time(ways)
    drafts = [] if in_one else list(in_pieces(search, budget, ways))
    ways += _tried(tried, budget) if in_one else ()
    best: dict[tuple[object, ...], Try] = {}
    for one in sorted(ways, key=lambda way: way.rank):
        best.setdefault(one.key, one)
    drafts += [search.made(one) for one in _varied(list(best.values()), most * JUDGED_TIMES)]
    found: list[Insertion] = []
    for place, made in enumerate(drafts):
        budget.say("check", place, len(drafts))
        found += _judged(net, line, made, solution)
        if sum(not each.violations for each in found) >= most + SHOWN_IN_PIECES or _is_over(budget):
            break
    found.sort(key=_rank)
    return tuple(found[:most])


def _tried(ways: Iterator[Try], budget: Budget, *, share: float = 1.0) -> Iterator[Try]:
    """Ways of one piece, as far as a share of the budget reaches: the rest is for ways of several."""
    for one in ways:
        if budget.used % SAID_EVERY == 0:
            budget.say("insert", budget.used, 0)
        yield one
        if not budget.step() or (share < 1 and _used(budget) >= share):
            return


def _used(budget: Budget) -> float:
    """How much of the budget is."""
    return budget.used / budget.iterations if budget.iterations else budget.elapsed_s / (budget.seconds or 1)


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
    offer = one.offer
    late = sum(each.is_late for each in offer.delays)
    waits = sum(each.seconds for each in offer.delays)
    first = offer.pieces[0]
    return (
        len(one.violations), -offer.serves_in_time, offer.is_late, -offer.serves, late, offer.arrives_at, offer.more_fen, waits,
        len(offer.pieces), first.source_id, first.vehicle_id,
    )  # fmt: skip


def _varied(tries: list[Try], count: int) -> list[Try]:
    """The best ones; the best of each kind of way is among them."""
    first = {one.way: one for one in reversed(tries)}
    best = sorted(first.values(), key=lambda one: one.rank)
    return best + [one for one in tries if one not in best][: max(0, count - len(best))]


def _judged(net: Network, line: DemandLine, made: Draft, before: Solution) -> list[Insertion]:
    """The way written out as a plan, and what the checker says of it."""
    after = accounted(net, made, {}, Budget(iterations=1), 0, "done")
    offer = offer_of(net.problem, before, after, line.id)
    return [Insertion(offer, check(net.problem, after).violations, after)] if offer is not None else []
