"""From a problem to a plan: allocate the goods, route them, give back to allocation what no vehicle could carry, again.

The strict order of classes holds on the routed plan: goods of a higher class that could not ride are looked for elsewhere in
the next round, and the best plan by the objective of the whole is kept.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.metadata import version

from optimizer.allocate import Allotment, Limits, Network, allocate, open_network
from optimizer.allocate.bounds import bounds
from optimizer.assemble import Draft, cost_fen, draft, drawn_by_rung, figures, served_in_time, served_late, shipments
from optimizer.budget import Budget
from optimizer.codec import problem_hash
from optimizer.explain import gaps
from optimizer.model import Problem
from optimizer.route import route
from optimizer.shipment import Routed, Shipment
from optimizer.solution import Run, Solution
from optimizer.travel import Roads
from optimizer.validate import validate

ROUNDS = 6
"""How often what could not ride goes back to allocation."""
ROUNDS_SHARE = 4
"""The rounds together may use one in so many parts of the budget; the rest improves the trips."""


@dataclass(frozen=True, slots=True)
class _Round:
    """One pass from goods to trips."""

    limits: Limits
    allotment: Allotment
    shipped: tuple[tuple[object, Shipment], ...]
    draft: Draft
    value: tuple[object, ...]


def solve(problem: Problem, budget: Budget, *, seed: int = 0, executor: Executor | None = None) -> Solution:
    """The best plan found within the budget; an impossible problem gives a plan without trips and the reasons.

    The same problem, seed and number of iterations give the same plan. Raises ProblemError for a problem that makes no sense.
    """
    del executor  # one search fits one process; more of them is the caller's choice of seeds
    validate(problem)
    roads = Roads(problem)
    net = open_network(problem, roads)
    budget.say("allocate", 0, ROUNDS)
    limits, best = Limits(), None
    for turn in range(ROUNDS):
        found = _round(net, roads, limits, _share_of(budget, ROUNDS * ROUNDS_SHARE), seed)
        if best is None or found.value > best.value:
            best = found
        budget.say("route", turn + 1, ROUNDS, incumbent=_first_class(problem, best.draft))
        tighter = _tighter(net, found)
        if tighter == limits or not budget.allows():
            break
        limits = tighter
    assert best is not None, "there is always a first round"
    polished = _round(net, roads, best.limits, budget, seed)
    if polished.value > best.value:
        best = polished
    made = best.draft
    proven = bounds(net, served_in_time(problem, made), seed=seed)
    budget.say("explain", ROUNDS, ROUNDS, incumbent=_first_class(problem, made))
    return Solution(
        problem_hash=problem_hash(problem),
        allocations=made.allocations,
        trips=made.trips,
        gaps=gaps(net, made),
        figures=figures(problem, made, proven),
        run=Run(seed, budget.used, round(budget.elapsed_s, 3), budget.stopped_by or "done", _versions()),
    )
