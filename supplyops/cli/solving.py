"""What the worker can do: make a plan, find what would help one, look for alternatives to one or for ways to take a line along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from supplyops.cli.deploying import deployment_handler
from supplyops.cli.reserving import reserve_handler
from supplyops.cli.worker import Cancelled, Handler, Task
from supplyops.config import Settings
from supplyops.deployments.rules import DEPLOYMENT_JOB_KIND
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.errors import SupplyError
from supplyops.planning import advising, alternatives, commands, inserting, queries
from supplyops.planning.insertion_rules import INSERTIONS_JOB_KIND
from supplyops.planning.looking import look_for_alternatives
from supplyops.planning.looking_late import look_for_insertions
from supplyops.planning.reserving_rules import RESERVE_JOB_KIND
from supplyops.planning.rules import ADVICE_JOB_KIND, ADVICE_SECONDS_DEFAULT, JOB_KIND, SECONDS_DEFAULT, PlanState
from supplyops.planning.solving import (
    ADVISER,
    INSERTER,
    SOLVER,
    Order,
    SolveFailed,
    Stopped,
    advise_in_child,
    limits_for,
    solve_and_judge,
)
from supplyops.planning.variant_rules import ALTERNATIVES_JOB_KIND
from supplyops.runtime import Runtime


def plan_handler(solver: str = SOLVER) -> Handler:
    """A handler that solves with the solver named; tests name one that misbehaves."""

    def handle(runtime: Runtime, settings: Settings, task: Task) -> dict[str, Any]:
        """Solve outside any transaction, then save in one. A result that comes too late changes nothing."""
        plan_id = UUID(task.payload["plan_id"])
        asked = runtime.read(queries.solve_order, SYSTEM, plan_id)
        if asked.state is not PlanState.SOLVING:
            return {"plan_id": str(plan_id), "state": asked.state.value}
        seconds = min(asked.seconds or SECONDS_DEFAULT, settings.solver_seconds_max)
        order = Order(
            asked.problem,
            None if asked.iterations else seconds,
            asked.iterations,
            asked.seed,
            previous=asked.previous,
            stability=asked.stability,
        )
        calm: dict[str, Any] = {}
        limits = limits_for(order, settings.solver_seconds_max, settings.solver_memory_mb)
        try:
            solution, verdict = solve_and_judge(order, limits, task.report, solver=solver, calm=calm)
        except Stopped:
            raise Cancelled from None
        except Exception as error:
            best = error.best if isinstance(error, SolveFailed) else None
            reason = (
                {"code": error.code, "params": {name: str(value) for name, value in error.params.items()}}
                if isinstance(error, SupplyError)
                else {"code": "plan_broken", "params": {"kind": type(error).__name__}}
            )
            if best is not None and best[1].is_feasible:
                runtime.run(commands.save_solution, SYSTEM, plan_id, task.job_id, task.attempt, *best, reason)
            else:
                runtime.run(commands.fail_plan, SYSTEM, plan_id, task.job_id, task.attempt, reason)
            raise
        found = (solution, verdict, None, calm)
        if not runtime.run(commands.save_solution, SYSTEM, plan_id, task.job_id, task.attempt, *found):
            raise Cancelled
        return {"plan_id": str(plan_id), "is_feasible": verdict.is_feasible}

    return handle


def advice_handler(adviser: str = ADVISER) -> Handler:
    """A handler that finds what would help a plan; tests name an adviser that misbehaves."""

    def handle(runtime: Runtime, settings: Settings, task: Task) -> dict[str, Any]:
        """Work outside any transaction, then save in one. A result that comes too late changes nothing."""
        advice_id = UUID(task.payload["advice_id"])
        asked = runtime.read(advising.advice_order, SYSTEM, advice_id)
        if asked is None:
            return {"advice_id": str(advice_id)}
        seconds = min(asked.seconds or ADVICE_SECONDS_DEFAULT, settings.solver_seconds_max)
        order = Order(
            asked.problem, None if asked.trials else seconds, asked.trials, asked.seed, asked.plan, tuple(asked.offers)
        )
        limits = limits_for(order, settings.solver_seconds_max, settings.solver_memory_mb)
        try:
            advice = advise_in_child(order, limits, task.report, adviser=adviser)
        except Stopped:
            raise Cancelled from None
        except SupplyError as error:
            params = {name: str(value) for name, value in error.params.items()}
            reason = {"code": error.code, "params": params}
            runtime.run(advising.fail_advice, SYSTEM, advice_id, task.job_id, task.attempt, reason)
            raise
        if not runtime.run(advising.save_advice, SYSTEM, advice_id, task.job_id, task.attempt, advice):
            raise Cancelled
        return {"advice_id": str(advice_id), "remedies": len(advice.remedies)}

    return handle


def alternatives_handler(solver: str = SOLVER) -> Handler:
    """A handler that looks for alternatives to a plan; tests name a solver that misbehaves."""

    def handle(runtime: Runtime, settings: Settings, task: Task) -> dict[str, Any]:
        """Solve three times outside any transaction, then save in one. A result that comes too late changes nothing."""
        alternatives_id = UUID(task.payload["alternatives_id"])
        asked = runtime.read(alternatives.alternatives_order, SYSTEM, alternatives_id)
        if asked is None:
            return {"alternatives_id": str(alternatives_id)}
        try:
            found = look_for_alternatives(asked, settings, task.report, solver)
        except Stopped:
            raise Cancelled from None
        except SupplyError as error:
            reason = {"code": error.code, "params": {name: str(value) for name, value in error.params.items()}}
            runtime.run(alternatives.fail_alternatives, SYSTEM, alternatives_id, task.job_id, task.attempt, reason)
            raise
        saved = (alternatives_id, task.job_id, task.attempt, found)
        if not runtime.run(alternatives.save_alternatives, SYSTEM, *saved):
            raise Cancelled
        return {"alternatives_id": str(alternatives_id), "variants": len(found)}

    return handle


def insertions_handler(inserter: str = INSERTER) -> Handler:
    """A handler that looks for ways to take a late line along; tests name an inserter that misbehaves."""

    def handle(runtime: Runtime, settings: Settings, task: Task) -> dict[str, Any]:
        """Look outside any transaction, then save in one. A result that comes too late changes nothing."""
        insertions_id = UUID(task.payload["insertions_id"])
        asked = runtime.read(inserting.insertions_order, SYSTEM, insertions_id)
        if asked is None:
            return {"insertions_id": str(insertions_id)}
        try:
            found = look_for_insertions(asked, settings, task.report, inserter)
        except Stopped:
            raise Cancelled from None
        except SupplyError as error:
            reason = {"code": error.code, "params": {name: str(value) for name, value in error.params.items()}}
            runtime.run(inserting.fail_insertions, SYSTEM, insertions_id, task.job_id, task.attempt, reason)
            raise
        saved = (insertions_id, task.job_id, task.attempt, found)
        if not runtime.run(inserting.save_insertions, SYSTEM, *saved):
            raise Cancelled
        return {"insertions_id": str(insertions_id), "offers": len(found)}

    return handle


HANDLERS: dict[str, Handler] = {
    JOB_KIND: plan_handler(),
    ADVICE_JOB_KIND: advice_handler(),
    ALTERNATIVES_JOB_KIND: alternatives_handler(),
    INSERTIONS_JOB_KIND: insertions_handler(),
    DEPLOYMENT_JOB_KIND: deployment_handler(),
    RESERVE_JOB_KIND: reserve_handler(),
}
"""What the worker can do, by the kind that a job names."""
