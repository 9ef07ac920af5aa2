"""What the worker does when somebody asks which teams go where."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from supplyops.cli.worker import Cancelled, Handler, Task
from supplyops.config import Settings
from supplyops.deployments import commands, queries
from supplyops.deployments.facts import facts
from supplyops.deployments.solving import TEAM_SOLVER, solve_teams
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.errors import SupplyError
from supplyops.planning.solving import Stopped
from supplyops.runtime import Runtime


def deployment_handler(solver: str = TEAM_SOLVER) -> Handler:
    """A handler that works out which teams go where; tests name a solver that misbehaves."""

    def handle(runtime: Runtime, settings: Settings, task: Task) -> dict[str, Any]:
        """Read as whoever asked, solve outside any transaction, save in one. A result that comes too late changes nothing."""
        deployment_id = UUID(task.payload["deployment_id"])
        asked = runtime.read(queries.deployment_order, SYSTEM, deployment_id)
        if asked is None:
            return {"deployment_id": str(deployment_id)}
        try:
            found = runtime.read(facts, task.actor, deployment_id)
            plan = solve_teams(found.problem, asked, settings, task.report, solver)
        except Stopped:
            raise Cancelled from None
        except Exception as error:
            reason = (
                {"code": error.code, "params": {name: str(value) for name, value in error.params.items()}}
                if isinstance(error, SupplyError)
                else {"code": "plan_broken", "params": {"kind": type(error).__name__}}
            )
            runtime.run(commands.fail_deployment, SYSTEM, deployment_id, task.job_id, task.attempt, reason)
            raise
        saved = (deployment_id, task.job_id, task.attempt, found, plan)
        if not runtime.run(commands.save_deployment, SYSTEM, *saved):
            raise Cancelled
        return {"deployment_id": str(deployment_id), "duties": len(plan.duties)}

    return handle
