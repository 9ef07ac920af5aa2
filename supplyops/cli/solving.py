"""What the worker can do: make a plan, and all that is asked of plans, of teams and of reserves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from supplyops.cli.asked_work import asked_handler, reason_of
from supplyops.cli.worker import Cancelled, Handler, Task
from supplyops.config import Settings
from supplyops.deployments import commands as deployments
from supplyops.deployments import queries as deployment_queries
from supplyops.deployments.facts import facts
from supplyops.deployments.rules import DEPLOYMENT_JOB_KIND, DeploymentInput
from supplyops.deployments.solving import TEAM_SOLVER, solve_teams
from supplyops.kernel.access import SYSTEM
from supplyops.planning import advising, alternatives, commands, inserting, queries, reserve_advising
from supplyops.planning.advising import AdviceOrder
from supplyops.planning.alternatives import AlternativesOrder
from supplyops.planning.inserting import InsertionsOrder
from supplyops.planning.insertion_rules import INSERTIONS_JOB_KIND
from supplyops.planning.looking import look_for_alternatives
from supplyops.planning.looking_late import look_for_insertions
from supplyops.planning.looking_reserve import RESERVE_SOLVER, advise_on_reserve
from supplyops.planning.reserve_facts import reserve_facts
from supplyops.planning.reserving_rules import RESERVE_JOB_KIND, ReserveAdviceInput
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
            reason = reason_of(error)
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

    def work(_: Runtime, settings: Settings, task: Task, __: UUID, asked: AdviceOrder) -> tuple[Any, ...]:
        seconds = min(asked.seconds or ADVICE_SECONDS_DEFAULT, settings.solver_seconds_max)
        order = Order(
            asked.problem, None if asked.trials else seconds, asked.trials, asked.seed, asked.plan, tuple(asked.offers)
        )
        limits = limits_for(order, settings.solver_seconds_max, settings.solver_memory_mb)
        return (advise_in_child(order, limits, task.report, adviser=adviser),)

    return asked_handler(advising.advice_order, work, advising.save_advice, advising.fail_advice)


def alternatives_handler(solver: str = SOLVER) -> Handler:
    """A handler that looks for alternatives to a plan; tests name a solver that misbehaves."""

    def work(_: Runtime, settings: Settings, task: Task, __: UUID, asked: AlternativesOrder) -> tuple[Any, ...]:
        return (look_for_alternatives(asked, settings, task.report, solver),)

    return asked_handler(
        alternatives.alternatives_order, work, alternatives.save_alternatives, alternatives.fail_alternatives
    )


def insertions_handler(inserter: str = INSERTER) -> Handler:
    """A handler that looks for ways to take a late line along; tests name an inserter that misbehaves."""

    def work(_: Runtime, settings: Settings, task: Task, __: UUID, asked: InsertionsOrder) -> tuple[Any, ...]:
        return (look_for_insertions(asked, settings, task.report, inserter),)

    return asked_handler(inserting.insertions_order, work, inserting.save_insertions, inserting.fail_insertions)


def deployment_handler(solver: str = TEAM_SOLVER) -> Handler:
    """A handler that works out which teams go where; tests name a solver that misbehaves."""

    def work(
        runtime: Runtime, settings: Settings, task: Task, work_id: UUID, asked: DeploymentInput
    ) -> tuple[Any, ...]:
        found = runtime.read(facts, task.actor, work_id)  # in the reach of whoever asked
        return found, solve_teams(found.problem, asked, settings, task.report, solver)

    return asked_handler(
        deployment_queries.deployment_order, work, deployments.save_deployment, deployments.fail_deployment
    )


def reserve_handler(solver: str = RESERVE_SOLVER) -> Handler:
    """A handler that works out what a reserve should hold; tests name a solver that misbehaves."""

    def work(runtime: Runtime, settings: Settings, task: Task, work_id: UUID, _: ReserveAdviceInput) -> tuple[Any, ...]:
        found = runtime.read(reserve_facts, task.actor, work_id)  # in the reach of whoever asked
        return (advise_on_reserve(found, settings, task.report, solver),)

    return asked_handler(
        reserve_advising.reserve_advice_order,
        work,
        reserve_advising.save_reserve_advice,
        reserve_advising.fail_reserve_advice,
    )


HANDLERS: dict[str, Handler] = {
    JOB_KIND: plan_handler(),
    ADVICE_JOB_KIND: advice_handler(),
    ALTERNATIVES_JOB_KIND: alternatives_handler(),
    INSERTIONS_JOB_KIND: insertions_handler(),
    DEPLOYMENT_JOB_KIND: deployment_handler(),
    RESERVE_JOB_KIND: reserve_handler(),
}
"""What the worker can do, by the kind that a job names."""
