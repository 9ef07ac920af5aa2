"""From a problem to a plan: allocate the goods, route them, give back to allocation what no vehicle could carry, again.

The strict order of classes holds on the routed plan: goods of a higher class that could not ride are looked for elsewhere in
the next round, and the best plan by the objective of the whole is kept. At the end what it has room for still is put aboard.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from optimizer.account import accounted
from optimizer.allocate import Allotment, Grant, Limits, Network, Pair, allocate, open_network
from optimizer.allocate.bounds import bounds
from optimizer.assemble import Draft, class_figures, draft, served_in_time, shipments
from optimizer.budget import Budget, Patience
from optimizer.codec import problem_hash
from optimizer.emphasis import Emphasis, stressed
from optimizer.joint import together
from optimizer.mend import mended
from optimizer.model import Problem
from optimizer.replan import replan
from optimizer.replan.top_up import topped_up
from optimizer.route import route
from optimizer.route.ready import make_ready
from optimizer.shipment import Routed, Shipment
from optimizer.solution import Solution
from optimizer.travel import Roads
from optimizer.validate import validate
from optimizer.worth import value

__all__ = ["make_ready", "solve"]
ROUNDS = 6
"""How often what could not ride goes back to allocation."""
LOOSENED = 3
"""So often besides, while it helps, without what was learnt of lines that are short."""
GOODS_SHARE = 0.4
"""So much of a budget's seconds goods may take, in all rounds, to be handed out exactly; where that is too little, the rest is rounded."""
PAST_S = 1.0
"""So much longer than its seconds a budget of seconds may take for what a plan has room for: the search leaves nothing of them."""
STEPS = 10
"""Steps of routing in each of these rounds."""


@dataclass(frozen=True, slots=True)
class _Round:
    """One pass from goods to trips, and what it is worth."""

    limits: Limits
    allotment: Allotment
    shipped: list[tuple[Grant, Shipment]]
    routed: Routed
    draft: Draft
    value: tuple[object, ...]


def solve(problem: Problem, budget: Budget, *, seed: int = 0, emphasis: Emphasis = Emphasis.USUAL) -> Solution:
    """The best plan found within the budget; an impossible problem gives a plan without trips and the reasons.

    The same problem, seed, emphasis and number of iterations give the same plan.
    Raises ProblemError for a problem that makes no sense.
    """
    validate(problem)
    seen = stressed(problem, emphasis)
    if problem.standing:
        return replace(replan(seen, None, budget, seed=seed).solution, problem_hash=problem_hash(problem))
    budget.say("allocate", 0, ROUNDS)
    roads = Roads(seen)
    net = open_network(seen, roads, emphasis)
    patience = Patience(budget, GOODS_SHARE)
    net.hurries = patience.is_over
    teller = _Teller(problem_hash(problem), budget, seed)
    with patience:
        goods = allocate(net, seed=seed)
    best = _search(net, roads, goods, budget, patience, seed, teller)
    looks = budget.afterwards(PAST_S)
    made = topped_up(net, roads, best.draft, looks)
    if looks.allows():
        better = together(net, roads, made, goods, looks, seed=seed)
        made = made if better is made else topped_up(net, roads, better, looks)
    budget.say("explain", ROUNDS, ROUNDS, incumbent=_first_class(problem, made))
    proven = bounds(net, served_in_time(problem, made), seed=seed)
    return teller.account(net, made, proven, budget.stopped_by or "done")


@dataclass(frozen=True, slots=True)
class _Teller:
    """Writes plans down as plans of the problem that was asked, whatever of it was stressed, and hands them over."""

    hash_: str
    budget: Budget
    seed: int

    def tell(self, net: Network, found: _Round) -> None:
        """Hand a plan over while the search goes on; nothing is proven of it yet."""
        if self.budget.on_found is not None:
            self.budget.on_found(self.account(net, found.draft, {}, "found"))

    def account(self, net: Network, made: Draft, proven: dict[int, int], stopped_by: str) -> Solution:
        """The plan with its gaps and figures."""
        return replace(accounted(net, made, proven, self.budget, self.seed, stopped_by), problem_hash=self.hash_)


def _search(
    net: Network, roads: Roads, goods: Allotment, budget: Budget, patience: Patience, seed: int, teller: _Teller
) -> _Round:
    """Rounds between goods and trips while they help, then better trips with what is left of the budget.

    The first begins with goods as they would be handed out if nothing had to be driven.
    """
    found = best = _round(net, roads, Limits(), goods, budget, seed)
    teller.tell(net, best)
    was_loosened = False
    for turn in range(1, ROUNDS + LOOSENED):
        budget.say("route", turn, ROUNDS + LOOSENED, incumbent=_first_class(net.problem, best.draft))
        limits = _tighter(found)
        if limits == found.limits or turn >= ROUNDS:
            limits, was_loosened = _looser(net.problem, best), True
        if limits == found.limits or not budget.step():
            break
        with patience:
            allotment = allocate(net, limits, seed=seed)
        found = _round(net, roads, limits, allotment, budget, seed)
        if found.value > best.value:
            best = found
            teller.tell(net, best)
        elif was_loosened:
            break
    if budget.allows() and best.shipped:
        better = _routed(net, roads, best.limits, best.allotment, budget, seed)
        best = max(best, better, key=lambda one: one.value)
    return best


def _share(budget: Budget) -> Budget:
    """So many steps of the budget for one round, ending when the whole one does: the same number whatever the budget is,
    so that a run limited by seconds is found again from its number of steps, unless its goods had to be rounded for lack of time."""
    left = STEPS if budget.iterations is None else min(STEPS, budget.iterations - budget.used)
    return Budget(iterations=max(left, 1), keep_going=budget.allows, on_progress=budget.on_progress)


def _round(net: Network, roads: Roads, limits: Limits, allotment: Allotment, budget: Budget, seed: int) -> _Round:
    part = _share(budget)
    found = _routed(net, roads, limits, allotment, part, seed)
    budget.used += part.used
    return found


def _routed(net: Network, roads: Roads, limits: Limits, allotment: Allotment, budget: Budget, seed: int) -> _Round:
    granted = [*allotment.in_time, *allotment.late]
    shipped = shipments(net, granted)
    routed = route(net.problem, roads, [shipment for _, shipment in shipped], budget, seed=seed)
    made = mended(net, roads, draft(net, granted, shipped, routed))
    return _Round(limits, allotment, shipped, routed, made, value(net.problem, made, emphasis=net.emphasis))


def _tighter(found: _Round) -> Limits:
    """The limits with what this round has shown: where vehicles brought less than was granted, they bring no more."""
    granted: dict[Pair, int] = defaultdict(int)
    in_time: dict[Pair, int] = defaultdict(int)
    late: dict[Pair, int] = defaultdict(int)
    for _, shipment in found.shipped:
        granted[_pair(shipment)] += shipment.quantity
    for carried in found.routed.carried:
        shipment = found.shipped[carried.shipment][1]
        (in_time if carried.arrives_at <= shipment.due_at else late)[_pair(shipment)] += carried.quantity
    limits_in_time, limits_late = dict(found.limits.in_time), dict(found.limits.late)
    wanted = {_pair(shipment) for grant, shipment in found.shipped if grant.arc.is_in_time}
    for pair, quantity in granted.items():
        if pair in wanted and in_time[pair] + (late[pair] if pair not in wanted else 0) < quantity:
            limits_in_time[pair] = in_time[pair]
        if in_time[pair] + late[pair] < quantity:
            limits_late[pair] = late[pair]
    return replace(found.limits, in_time=limits_in_time, late=limits_late)


def _looser(problem: Problem, found: _Round) -> Limits:
    """The limits without those of lines that get less than they ask: what was in the way of their goods may have gone elsewhere since."""
    got = served_in_time(problem, found.draft)
    short = {line.id for line in problem.lines if got[line.id] < line.quantity}
    in_time, late = (
        {pair: most for pair, most in learnt.items() if pair[2] not in short}
        for learnt in (found.limits.in_time, found.limits.late)
    )
    return replace(found.limits, in_time=in_time, late=late)


def _pair(shipment: Shipment) -> Pair:
    return shipment.origin_id, shipment.item_id, shipment.line_id


def _first_class(problem: Problem, made: Draft) -> int | None:
    """‰ served in time of the first class, for progress."""
    classes = class_figures(problem, made, {})
    return classes[0].served_permille if classes else None
