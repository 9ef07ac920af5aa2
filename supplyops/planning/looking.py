"""Looking for alternatives: the same problem solved once for each emphasis, and every plan known entered for each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.check import check
from optimizer.codec import from_json
from optimizer.comparison import best_for
from optimizer.emphasis import ALTERNATIVES, Emphasis
from optimizer.model import Problem
from optimizer.solution import Solution
from supplyops.config import Settings
from supplyops.planning.alternatives import AlternativesOrder, Found
from supplyops.planning.solving import Order, SolveFailed, limits_for, solve_and_judge
from supplyops.planning.variant_rules import SECONDS_DEFAULT, VariantOrigin


def look_for_alternatives(
    asked: AlternativesOrder, settings: Settings, report: Callable[[dict[str, Any]], bool], solver: str
) -> tuple[Found, ...]:
    """Fast, fair and frugal. The plan itself and what the others found take part too, so that no alternative is beaten at what it
    stresses by a plan that is shown beside it. Raises Stopped, or SolveFailed when one comes to nothing."""
    seconds = min(asked.seconds or SECONDS_DEFAULT, settings.solver_seconds_max)
    plans: list[Solution] = []
    for place, emphasis in enumerate(ALTERNATIVES):
        order = Order(
            asked.problem,
            None if asked.iterations else seconds,
            asked.iterations,
            asked.seed,
            emphasis=emphasis.value,
        )
        limits = limits_for(order, settings.solver_seconds_max, settings.solver_memory_mb)
        try:
            solution, verdict = solve_and_judge(order, limits, _placed(report, emphasis, place), solver=solver)
        except SolveFailed as error:
            if error.best is None or not error.best[1].is_feasible:
                raise
            solution, verdict = error.best
        if not verdict.is_feasible:
            raise SolveFailed("checker", violations=len(verdict.violations))
        plans.append(solution)
    problem, base = from_json(Problem, asked.problem), from_json(Solution, asked.plan)
    known = [*plans, base] if check(problem, base).is_feasible else plans
    found = []
    for emphasis, mine in zip(ALTERNATIVES, plans, strict=True):
        best = best_for(problem, emphasis, [mine, *(other for other in known if other is not mine)])
        found.append((VariantOrigin(emphasis.value), best, check(problem, best)))
    return tuple(found)


def _placed(
    report: Callable[[dict[str, Any]], bool], emphasis: Emphasis, place: int
) -> Callable[[dict[str, Any]], bool]:
    """A report that says which of the three is worked on."""
    return lambda progress: report(
        {**progress, "emphasis": emphasis.value, "place": place + 1, "places": len(ALTERNATIVES)}
    )
