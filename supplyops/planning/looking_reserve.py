"""Working out what a reserve should hold: in a child, watched from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.codec import plain
from supplyops.config import Settings
from supplyops.planning.reserve_answers import ReserveAnswer, ReserveFacts, answer_of
from supplyops.planning.solving import Order, limits_for, solve_in_child

RESERVE_SOLVER = "optimizer.reserve:advise_reserve"


def advise_on_reserve(
    facts: ReserveFacts, settings: Settings, report: Callable[[dict[str, Any]], bool], solver: str = RESERVE_SOLVER
) -> ReserveAnswer:
    """What to hold where. Raises Stopped, or SolveFailed saying why nothing came out."""
    norms = [[site, item, lacking] for (site, item), (_, lacking) in facts.norms.items()]
    # It is solved whole, so nothing is counted; what ends it is the wall.
    order = Order({"reserve": plain(facts.problem), "norms": norms}, None, 1, 0, kind="reserve")
    limits = limits_for(order, settings.solver_seconds_max, settings.solver_memory_mb)
    return answer_of(facts, solve_in_child(order, limits, report, solver=solver))
