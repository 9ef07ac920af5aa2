"""The figures by which the search goes about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Params:
    """How the search goes about it. Temperatures are in mean arcs of the plan: they mean the same for every problem."""

    hot: float = 3.0
    hot_alike: float = 1.0
    """The same with annealing alone, no windows and vehicles that are all alike: there is less to be undone in the first plan."""
    warm: float = 0.3
    """The same for going on from a plan."""
    cold: float = 0.02
    cold_windows: float = 0.06
    """The same with windows and annealing alone: fewer changes are possible, and too few at the end when it is colder."""
    taken: float = 10.0
    """Clients that a round takes out, on average."""
    taken_long: float = 6.0
    """The same with windows and annealing alone where rounds are many: small steps find more, given the time."""
    long: int = 700
    """Rounds for each client from which on they are many."""
    string_max: int = 10
    string_usual: int = 6
    """With windows and annealing alone a string is no longer than that or half a trip: many short strings find more than few long ones."""
    blink: float = 0.01
    """Chance to overlook a place: a greedy search that never does is caught early."""
    blink_windows: float = 0.03
    """The same with windows and annealing alone."""
    neighbours: int = 0
    """Clients beside which a place is looked for; 0: by the size of the problem and by windows."""
    block: int = 200
    """Rounds between two looks at the clock."""
    routes_wanted: int = 8_000
    """Different routes to have seen at the end: too few make no new plan, too many take too long to choose from."""
    warm_small: float = 1.0
    stages: tuple[float, float] = (0.92, 0.98)
    """(annealing until, putting together until) this share of the budget is used; annealing ends it. One long annealing found more than
    several short ones with routes put together in between, on two of four files and two seeds at 5 s; see the bench."""
    stages_small: tuple[tuple[str, float], ...] = (("anneal", 0.2), ("afresh", 0.85), ("put", 0.93))
    """The same where two searches take turns; `late` goes on from the best plan, `afresh` does not."""
    stages_mixed: tuple[tuple[str, float], ...] = (("anneal", 0.4), ("afresh", 0.85), ("put", 0.95))
    """The same for more clients, where windows or a mixed fleet make ours alone stop early."""
    stages_trips: tuple[tuple[str, float], ...] = (("anneal", 0.8), ("put", 0.9), ("anneal", 0.95), ("put", 0.99))
    """The same where vehicles make several trips: PyVRP finds nothing there that ours does not find sooner."""
    small: int = 200
    """Clients up to which both search whatever the problem."""
    recombines_below: int = 420
    """Clients: where there are more, putting routes together takes longer than it is worth."""


def neighbours(clients: int, timed: bool) -> int:
    """`Params.neighbours` where nobody says. The more clients, the fewer rounds there are, and the more it matters that they are quick.

    Where windows decide, the nearest are often not the next. Too few lie all in one cluster: no trip from another one is ever tried.
    """
    if timed:
        return 40
    return 100 if clients <= 120 else 50 if clients <= 420 else 20
