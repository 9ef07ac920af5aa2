"""Which vehicle takes which goods where, in which order, when: trips for shipments that allocation has chosen.

What counts, the first difference deciding: gain that arrives in time, class after class; gain that arrives late, class after
class; Σ gain × arrival; cost (fixed, kilometres, hours). Where `Rules.waiting_fen_per_person_hour` gives waiting a price, the
last two are one figure in money: half-empty vehicles then wait for one another where few people wait for them.
"""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.budget import Budget
from optimizer.model import Problem
from optimizer.route.answer import routed
from optimizer.route.case import Case
from optimizer.route.search import planned
from optimizer.shipment import Routed, Shipment
from optimizer.travel import Roads


def route(problem: Problem, roads: Roads, shipments: Sequence[Shipment], budget: Budget, *, seed: int) -> Routed:
    """Carry as much as the objective above allows.

    `roads` are those of the problem. A first plan is made whatever the budget is; it is then improved while
    `Budget.step` allows, and the best plan so far is returned. The same seed and number of iterations give the same plan.
    What no vehicle can carry, or nobody can bring before `Shipment.late_until`, is left out. Raises KeyError when a shipment
    names an item or site that the problem does not have.
    """
    case = Case(problem, roads, shipments)
    return routed(case, planned(case, budget, seed))
