"""What the worker does when somebody asks what a reserve should hold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from optimizer.codec import plain
from supplyops.cli.worker import Cancelled, Handler, Task
from supplyops.config import Settings
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.errors import SupplyError
from supplyops.planning import reserve_advising as advising
from supplyops.planning.reserve_answers import answer_of
from supplyops.planning.reserve_facts import reserve_facts
from supplyops.planning.solving import Order, Stopped, limits_for, solve_in_child
from supplyops.runtime import Runtime

RESERVE_SOLVER = "optimizer.reserve:advise_reserve"


def reserve_handler(solver: str = RESERVE_SOLVER) -> Handler:
    """A handler that works out what to hold where; tests name a solver that misbehaves."""

    def handle(runtime: Runtime, settings: Settings, task: Task) -> dict[str, Any]:
        """Read as whoever asked, solve outside any transaction, save in one. A result that comes too late changes nothing."""
        advice_id = UUID(task.payload["reserve_advice_id"])
        if not runtime.read(advising.is_reserve_advice_wanted, SYSTEM, advice_id):
            return {"reserve_advice_id": str(advice_id)}
        try:
            facts = runtime.read(reserve_facts, task.actor, advice_id)
            norms = [[site, item, lacking] for (site, item), (_, lacking) in facts.norms.items()]
            order = Order({"reserve": plain(facts.problem), "norms": norms}, None, 1, 0, kind="reserve")
            limits = limits_for(order, settings.solver_seconds_max, settings.solver_memory_mb)
            answer = answer_of(facts, solve_in_child(order, limits, task.report, solver=solver))
        except Stopped:
            raise Cancelled from None
        except Exception as error:
            reason = (
                {"code": error.code, "params": {name: str(value) for name, value in error.params.items()}}
                if isinstance(error, SupplyError)
                else {"code": "plan_broken", "params": {"kind": type(error).__name__}}
            )
            runtime.run(advising.fail_reserve_advice, SYSTEM, advice_id, task.job_id, task.attempt, reason)
            raise
        if not runtime.run(advising.save_reserve_advice, SYSTEM, advice_id, task.job_id, task.attempt, answer):
            raise Cancelled
        return {"reserve_advice_id": str(advice_id), "lines": len(answer.lines)}

    return handle
