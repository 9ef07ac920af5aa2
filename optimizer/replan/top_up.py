"""What a plan has room for still: goods put on the trips it has and on new ones, as planning anew does it for late requests.

Each trip is driven when the search says, not when it was to be: an extra minute of loading that only pushes the next trip back
is found here and nowhere before.
"""

from __future__ import annotations

from optimizer.allocate import Network
from optimizer.assemble import Draft
from optimizer.budget import Budget
from optimizer.mend import mended
from optimizer.replan.better import FREE
from optimizer.replan.fill import bring_more, fill, missing_lines, offers_for
from optimizer.replan.warm import CannotTakeUp, Warm
from optimizer.rides import Book
from optimizer.route.build import Manner
from optimizer.travel import Roads
from optimizer.worth import value

LINES_TRIED = 40
"""So many lines that miss something are looked at, the neediest first: the same ones however many steps there are."""
ANYWHERE = Manner(is_thorough=True)
"""Nobody knows the plan yet, so a new trip may come before a vehicle's others or between them."""
TURNS = 3
"""What was put aboard may set other goods free: so often it is looked again at most, while the last time helped."""


def topped_up(net: Network, roads: Roads, made: Draft, looks: Budget) -> Draft:
    """The plan with what suppliers and trips can bring besides, never a worse one; `looks` is what is left for looking after a search."""
    for _ in range(TURNS):
        fuller = _fuller(net, roads, made, looks)
        if fuller is None or _worth(net, fuller) <= _worth(net, made):
            break
        made = fuller
        if not looks.allows():
            break
    return made


def _worth(net: Network, made: Draft) -> tuple[object, ...]:
    return value(net.problem, made, emphasis=net.emphasis)


def _fuller(net: Network, roads: Roads, made: Draft, looks: Budget) -> Draft | None:
    """The plan with more of what it misses, the last hand laid on it again; None where nothing more was found."""
    book = Book(net, roads, made)
    before = list(book.brought)
    missing, _ = missing_lines(book, None)
    bring_more(book, missing)
    needy = missing[:LINES_TRIED]
    offers, named = offers_for(book, needy)
    try:
        warm = Warm(book, offers) if offers else None
    except CannotTakeUp:
        warm = None
    if warm is not None:
        plan, _ = fill(warm, warm.plan, named, needy, looks, FREE, counted=len(named), least_s=0.0, manner=ANYWHERE)
        if plan is not warm.plan:
            return mended(net, roads, warm.as_book(plan).draft())
    return mended(net, roads, book.draft()) if book.brought != before else None
