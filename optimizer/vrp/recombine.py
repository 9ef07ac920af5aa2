"""The best plan that can be put together from what vehicles did in any plan of the search: set partitioning, solved by HiGHS.

The idea is that of Rochat and Taillard, "Probabilistic diversification and intensification in local search for vehicle routing",
Journal of Heuristics 1, 1995; columns that cannot be part of a better plan are left out by their reduced cost. The solver's word is
not taken for anything: whoever asks recomputes the cost of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import highspy
import numpy as np

from optimizer.highs import first_words
from optimizer.vrp.columns import PRICE, Static
from optimizer.vrp.memory import FILLED, KNOWN, REPLACED, Memory
from optimizer.vrp.problem import Made, RoutingProblem

COLUMNS_MAX = 1_500
"""Where more columns are left, a whole plan is not found in the time that annealing needs for the same gain."""
INTERIOR_FROM = 2_000
"""From so many columns on, an interior point method finds the prices faster than the simplex method."""
NODES_MAX = 200
"""A search tree larger than that is not worth its time beside the search itself; a limit that, unlike seconds, can be repeated."""


def recombine(
    problem: RoutingProblem,
    static: Static,
    memory: Memory,
    cost: int,
    may_go_on: Callable[[], bool],
    seconds: float | None = None,
) -> Made | None:
    """A plan from known parts that costs less than `cost`; None if none was found.

    It is looked for while `may_go_on`, and each of two steps takes no more than wall `seconds`.
    """
    rows = np.flatnonzero(memory.costs[: memory.figures[KNOWN]] < REPLACED)
    scale = 1e6 / max(cost, 1)
    model = _Columns(problem, static, memory, rows, scale)
    relaxed = _run(model, np.arange(model.count), whole=False, may_go_on=may_go_on, seconds=seconds)
    if relaxed is None:
        return None
    _, bound, reduced = relaxed
    room = cost * scale - bound
    if room <= 0.5 * scale:
        return None
    at = np.flatnonzero(reduced <= room)
    if len(at) > COLUMNS_MAX:
        return None
    found = _run(model, at, whole=True, may_go_on=may_go_on, seconds=seconds)
    if found is None:
        return None
    taken = at[found[0] > 0.5]
    if (
        np.bincount(np.concatenate([model.index[column] for column in taken]), minlength=len(model.lower)) > model.upper
    ).any():
        return None
    real = [int(rows[column]) for column in taken if column < len(rows)]
    spent = int(memory.costs[real].sum()) + int(
        static.C[problem.depots + taken[taken >= len(rows)] - len(rows), PRICE].sum()
    )
    return [_made(memory, row) for row in real] if spent < cost else None


class _Columns:
    """Known parts, then each client left out at its price. Rows: each client, then each kind of which there may be too few."""

    def __init__(self, problem: RoutingProblem, static: Static, memory: Memory, rows: np.ndarray, scale: float) -> None:
        clients, depots = len(problem.clients), problem.depots
        visits = memory.visits[: memory.figures[FILLED]]
        kinds = memory.kinds[rows]
        scarce = [k for k, kind in enumerate(problem.fleet) if kind.count < clients]
        row_of = np.full(len(problem.fleet), -1)
        row_of[scarce] = clients + np.arange(len(scarce))
        index: list[np.ndarray] = []
        for row in rows:
            part = visits[memory.starts[row] : memory.starts[row + 1]]
            part = part[part >= 0] - depots
            own = row_of[memory.kinds[row]]
            index.append(np.append(part, own) if own >= 0 else part)
        index += [np.array([client]) for client in range(clients)]
        self.index = index
        self.count = len(index)
        self.costs = np.concatenate([memory.costs[rows], static.C[depots:, PRICE]]) * scale
        most = [float(problem.fleet[k].count) for k in scarce]
        self.lower = np.concatenate([np.ones(clients), np.zeros(len(scarce))])
        self.upper = np.concatenate([np.ones(clients), most])
        self.kinds = kinds


def _run(
    model: _Columns, at: np.ndarray, *, whole: bool, may_go_on: Callable[[], bool], seconds: float | None
) -> tuple[np.ndarray, float, np.ndarray] | None:
    """(values, objective, reduced costs) of the columns `at`; None if stopped before there was an answer."""
    first_words()
    solver = highspy.Highs()
    solver.silent()
    options = {"threads": 1, "parallel": "off", "random_seed": 1, "mip_max_nodes": NODES_MAX, "mip_rel_gap": 1e-6}
    for option, value in options.items():
        solver.setOptionValue(option, value)
    if seconds is not None:
        solver.setOptionValue("time_limit", max(seconds, 0.01))  # it does not ask `look` everywhere
    stopped = False

    def look(event: Any) -> None:
        nonlocal stopped
        if not may_go_on():
            stopped = True
            event.interrupt()

    if not whole and len(at) > INTERIOR_FROM:
        solver.setOptionValue("solver", "ipm")
    for call in (solver.cbMipInterrupt, solver.cbSimplexInterrupt, solver.cbIpmInterrupt):
        call.subscribe(look)
    solver.passModel(_program(model, at, whole=whole))
    solver.run()
    answer = solver.getSolution()
    done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    if not answer.value_valid or (not whole and (stopped or not done)):
        return None
    values = np.array(answer.col_value)
    return values, float(values @ model.costs[at]), np.array(answer.col_dual)


def _program(model: _Columns, at: np.ndarray, *, whole: bool) -> highspy.HighsLp:
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(at), len(model.lower)
    program.col_cost_ = model.costs[at]
    program.col_lower_, program.col_upper_ = np.zeros(len(at)), np.full(len(at), 1.0 if whole else highspy.kHighsInf)
    program.row_lower_, program.row_upper_ = model.lower, model.upper
    parts = [model.index[column] for column in at]
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int32)
    program.a_matrix_.index_ = np.concatenate(parts).astype(np.int32)
    program.a_matrix_.value_ = np.ones(sum(len(part) for part in parts))
    if whole:
        program.integrality_ = [highspy.HighsVarType.kInteger] * len(at)
    return program


def _made(memory: Memory, row: int) -> tuple[int, list[list[int]]]:
    trips: list[list[int]] = [[]]
    for client in memory.visits[memory.starts[row] : memory.starts[row + 1]]:
        if client < 0:
            trips.append([])
        else:
            trips[-1].append(int(client))
    return int(memory.kinds[row]), trips
