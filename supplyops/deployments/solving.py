"""Working a proposal out in a child process, and having it checked by code that shares nothing with the search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.check.teams import check_teams
from optimizer.codec import plain, rebuilt_from
from optimizer.teams import TeamPlan, TeamProblem
from supplyops.config import Settings
from supplyops.deployments.rules import SECONDS_DEFAULT, DeploymentInput
from supplyops.planning.solving import Order, SolveFailed, limits_for, solve_in_child

TEAM_SOLVER = "optimizer.teams:solve"


def solve_teams(
    problem: TeamProblem,
    asked: DeploymentInput,
    settings: Settings,
    report: Callable[[dict[str, Any]], bool],
    solver: str = TEAM_SOLVER,
) -> TeamPlan:
    """A checked proposal. Raises Stopped, or SolveFailed saying why nothing came out."""
    seconds = None if asked.iterations else min(asked.seconds or SECONDS_DEFAULT, settings.solver_seconds_max)
    order = Order(plain(problem), seconds, asked.iterations, asked.seed, kind="teams")
    limits = limits_for(order, settings.solver_seconds_max, settings.solver_memory_mb)
    answer = solve_in_child(order, limits, report, solver=solver)
    plan = rebuilt_from(TeamPlan, answer)
    faults = check_teams(problem, plan)
    if faults:
        raise SolveFailed("checker", violations=len(faults))
    return plan
