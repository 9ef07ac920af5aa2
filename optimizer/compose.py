"""A late line taken along in pieces: over several trips, vehicles, stores and suppliers, where no one way brings all of it in time.

Put together one piece after the other, each the best way to bring what is then still missing with the pieces before it in
place. Best is said in three ways, which give three offers where they differ: as much as can be at once, as early as can be,
as cheaply as can be. No piece is taken back for a later one's sake, so that each offer is good, not proven to be the best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from optimizer.assemble import Draft
from optimizer.budget import Budget
from optimizer.tries import Tries, Try

PIECES_MAX = 12
"""More drivers than that are told in a plan, not in an offer."""

Key = Callable[[Try], tuple[object, ...]]
EMPHASES: tuple[Key, ...] = (
    lambda one: one.rank,
    lambda one: (one.is_late, one.at, one.rank),
    lambda one: (one.is_late, one.more_fen / one.goods.serves, one.rank),
)


def in_pieces(tries: Tries, budget: Budget, first: list[Try]) -> Iterator[Draft]:
    """Plans with the line taken along in pieces, each only once; `first` is every way to bring a first piece.

    A plan that one way makes as well is not among them. When the budget ends, what has been put together by then is.
    """
    seen = set()
    for key in EMPHASES:
        pieces, made = _composed(tries, budget, first, key)
        content = frozenset((one.goods, one.ride.vehicle_id if one.ride else "", one.at) for one in pieces)
        if len(pieces) > 1 and content not in seen:
            yield made
        seen.add(content)


def _composed(tries: Tries, budget: Budget, first: list[Try], key: Key) -> tuple[list[Try], Draft]:
    """The pieces, and the plan with them; the book is as it was."""
    pieces: list[Try] = []
    undone = []
    ways = first
    while ways and len(pieces) < PIECES_MAX:
        best = min(ways, key=key)
        pieces.append(best)
        undone.append(tries.apply(best))
        ways = _ways(tries, budget)
    made = tries.book.draft()
    for undo in reversed(undone):
        undo()
    tries.look_again()
    return pieces, made


def _ways(tries: Tries, budget: Budget) -> list[Try]:
    """Ways to bring more of what is still missing, as far as the budget reaches."""
    tries.look_again()
    found: list[Try] = []
    if not tries.is_short or not budget.allows():
        return found
    for one in tries.ways():
        found.append(one)
        if not budget.step():
            break
    return found
