"""The program in whole numbers, with the pairs that can matter, solved by HiGHS."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from optimizer.budget import Budget
from optimizer.teams.matter import Pair
from optimizer.teams.relaxed import Relaxed, model
from optimizer.teams.rows import Reals


@dataclass(frozen=True, slots=True)
class Answer:
    """The pairs found, if any; what the cost cannot be below with these pairs; whether the search came to its end."""

    taken: set[Pair] | None
    bound: float
    is_done: bool


def whole(
    relaxed: Relaxed,
    cost: Reals,
    pairs: NDArray[np.bool_],
    budget: Budget,
    *,
    seed: int,
    start: Collection[Pair] = (),
) -> Answer:
    """The least cost with some of the pairs. Each time that the solver asks whether to stop counts as an iteration."""
    rows = relaxed.rows
    columns = np.concatenate([rows.pairs + np.arange(rows.covers), np.flatnonzero(pairs | rows.forced)])
    solver = highspy.Highs()
    for name, value in (
        ("output_flag", False), ("threads", 1), ("parallel", "off"), ("random_seed", seed % 2**31), ("mip_rel_gap", 0.0),
    ):  # fmt: skip
        solver.setOptionValue(name, value)
    looks, stopped = 0, False

    def look(event: object) -> None:
        nonlocal looks, stopped
        looks += 1
        over = (
            budget.used + looks > budget.iterations
            if budget.iterations is not None
            else budget.elapsed_s > (budget.seconds or 0)
        )
        if stopped or over or not budget.keep_going():
            stopped = True
            event.interrupt()  # type: ignore[attr-defined]

    for call in (solver.cbMipInterrupt, solver.cbSimplexInterrupt, solver.cbIpmInterrupt):
        call.subscribe(look)
    if (left := budget.wall_left_s) is not None:
        solver.setOptionValue("time_limit", left)
    program = model(rows, columns, relaxed.low, np.minimum(relaxed.high, 1.0), lean=True)
    program.col_cost_ = cost[columns]
    program.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    solver.passModel(program)
    if start:
        _start_from(solver, relaxed, columns, start)
    solver.run()
    budget.used += looks
    if stopped:
        budget.allows()
    status, info = solver.getModelStatus(), solver.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Answer(None, np.inf, is_done=True)
    done = status == highspy.HighsModelStatus.kOptimal
    answer = solver.getSolution()
    if not answer.value_valid or info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Answer(None, info.mip_dual_bound, is_done=False)
    values = np.zeros(rows.columns)
    values[columns] = answer.col_value
    return Answer(plan_of(relaxed, values), info.mip_dual_bound, is_done=done)


def plan_of(relaxed: Relaxed, values: Reals) -> set[Pair]:
    """The pairs of tasks that are covered."""
    rows = relaxed.rows
    sent = np.flatnonzero((values[: rows.pairs] > 0.5) & (values[rows.pairs + rows.at] > 0.5))
    return set(zip(rows.team[sent].tolist(), rows.own[rows.at[sent]].tolist(), strict=True))


def _start_from(solver: highspy.Highs, relaxed: Relaxed, columns: NDArray[np.int64], start: Collection[Pair]) -> None:
    rows = relaxed.rows
    values = np.zeros(rows.columns)
    ids = [int(rows.index[pair]) for pair in start]
    values[ids] = 1
    values[rows.pairs + rows.at[ids]] = 1
    solution = highspy.HighsSolution()
    solution.col_value = values[columns].tolist()
    solver.setSolution(solution)
