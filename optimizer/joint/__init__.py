"""Goods and trips chosen together for a few lines and vehicles at a time, all else staying as it is.

Handing out goods first and driving them afterwards passes over plans in which a line gives up what it could have for something
else, so that what it gave up, or the place it took on a vehicle, serves another. Here both are chosen at once, by CP-SAT, for
one line that misses something, vehicles that could bring it something, and everybody who rides on those. In the strict order
of the objective; small plans are looked at as a whole, large ones around the neediest lines.
"""

from __future__ import annotations

from optimizer.allocate import Allotment, Network
from optimizer.assemble import Draft, served_in_time
from optimizer.budget import Budget
from optimizer.joint.scope import scopes
from optimizer.mend import in_order, mended
from optimizer.model import DemandLine, Problem
from optimizer.rides import Book
from optimizer.travel import Roads
from optimizer.worth import class_worth, value

SCOPES_MAX = 8
"""So many times is something looked at at most: the same ones however many steps there are."""
WORK_MAX = 0.4
"""Deterministic seconds of the solver for all of them."""


FIGURE_MAX = 2**50
"""Problems with larger figures are left alone: the solver's sums are whole numbers of 64 bits."""


def together(net: Network, roads: Roads, made: Draft, goods: Allotment, budget: Budget, *, seed: int = 0) -> Draft:
    """The plan, or a better one found within the budget. `goods` is what lines would get if nothing had to be driven."""
    if not _has_small_figures(net.problem):
        return made
    work, looks, seen = WORK_MAX, SCOPES_MAX, set[object]()
    found: Draft | None = made
    while found is not None:
        made, found = found, None
        book = Book(net, roads, made)
        for scope in scopes(book, _hopeful(net, book, made, goods)):
            if scope.key in seen:
                continue
            if looks == 0 or work <= 0 or not budget.allows():
                return made
            from optimizer.joint.program import better  # noqa: PLC0415  its solver is loaded where there is something to look at

            seen.add(scope.key)
            looks -= 1
            changed, used = better(book, scope, budget, work, seed)
            work -= used
            if changed is not None:
                again = mended(net, roads, changed.draft())
                if value(net.problem, again, emphasis=net.emphasis) > value(net.problem, made, emphasis=net.emphasis):
                    found = again
                    break
    return made


def _has_small_figures(problem: Problem) -> bool:
    most = max((line.quantity for line in problem.lines), default=0)
    figures = [problem.rules.horizon_s, *(line.persons for line in problem.lines)]
    figures += [most * each for item in problem.items for each in (item.unit_mass_g, item.unit_volume_cm3)]
    for kind in problem.vehicle_types:
        figures += [kind.payload_g, kind.volume_cm3, kind.tow_capacity_g]
    figures += [
        most * each
        for line in problem.lines
        for one in line.substitutes
        for each in (one.item_quantity, one.substitute_quantity)
    ]
    return max(figures) <= FIGURE_MAX


def _hopeful(net: Network, book: Book, made: Draft, goods: Allotment) -> list[DemandLine]:
    """Lines that miss something, the neediest first, of classes that could be better off if goods drove by themselves."""
    ideal = {line.id: 0 for line in net.problem.lines}
    for grant in goods.in_time:
        ideal[net.problem.lines[grant.arc.line].id] += grant.serves
    got = served_in_time(net.problem, made)
    for rank in sorted({line.class_rank for line in net.problem.lines}):
        if class_worth(net.problem, rank, got, net.emphasis) < class_worth(net.problem, rank, ideal, net.emphasis):
            return [line for line in in_order(book) if line.class_rank >= rank]
    return []
