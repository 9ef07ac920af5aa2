"""Linear programs as arrays, solved by HiGHS: one model a part, changed in place and solved again from the last basis.

Nothing is built column by column. All programs maximise.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from optimizer.highs import first_words

Reals = NDArray[np.float64]
Places = NDArray[np.int64]

TOLERANCE = 1e-7
"""Reduced costs smaller than this, with costs scaled to at most 1, count as none."""
NODES_MAX = 400
"""Most nodes of an integer program: a limit that replays, where seconds do not."""


class SolverError(RuntimeError):
    """The solver answered with something that cannot be used. `status` is its own word."""

    def __init__(self, status: str) -> None:
        super().__init__(f"the linear solver answered {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Rows:
    """A sparse matrix by entries, with the bounds of its rows and columns."""

    row: Places
    column: Places
    value: Reals
    row_lower: Reals
    row_upper: Reals
    column_lower: Reals
    column_upper: Reals


class Program:
    """A linear program whose bounds and objective change between solves. `lower` and `upper` are the columns' bounds now."""

    def __init__(self, rows: Rows, *, whole: NDArray[np.bool_] | None = None, seed: int = 0) -> None:
        self.lower, self.upper = rows.column_lower.copy(), rows.column_upper.copy()
        self.row_lower, self.row_upper = rows.row_lower.copy(), rows.row_upper.copy()
        self.is_whole = bool(whole is not None and whole.any())
        self.columns = len(self.lower)
        self._every = np.arange(self.columns, dtype=np.int32)
        self._every_row = np.arange(len(self.row_lower), dtype=np.int32)
        first_words()
        self._highs = highspy.Highs()
        for name, value in (
            ("output_flag", False), ("threads", 1), ("random_seed", seed % 2**31), ("presolve", "choose" if self.is_whole else "off"),
            ("mip_max_nodes", NODES_MAX), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-9), ("mip_feasibility_tolerance", 1e-8),
            ("primal_feasibility_tolerance", 1e-9), ("dual_feasibility_tolerance", 1e-9),
        ):  # fmt: skip
            self._highs.setOptionValue(name, value)
        self._highs.passModel(_model(rows, whole))

    def maximise(self, costs: Reals) -> Reals | None:
        """The best columns; None where there are none within the bounds. Raises SolverError when no answer was found."""
        highs = self._highs
        highs.changeColsCost(self.columns, self._every, np.ascontiguousarray(costs, dtype=np.float64))
        highs.run()
        status = highs.getModelStatus()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            return None
        solution = highs.getSolution()
        if status != highspy.HighsModelStatus.kOptimal and not (self.is_whole and solution.value_valid):
            raise SolverError(highs.modelStatusToString(status))
        return np.asarray(solution.col_value, dtype=np.float64)

    def look_less(self, nodes: int) -> None:
        """Search no more than so many nodes from now on."""
        self._highs.setOptionValue("mip_max_nodes", nodes)

    def bound(self, lower: Reals | None = None, upper: Reals | None = None) -> None:
        """Give the columns new bounds."""
        self.lower = self.lower if lower is None else lower.copy()
        self.upper = self.upper if upper is None else upper.copy()
        self._highs.changeColsBounds(self.columns, self._every, self.lower, self.upper)

    def bound_rows(self, lower: Reals | None = None, upper: Reals | None = None) -> None:
        """Give the rows new bounds."""
        self.row_lower = self.row_lower if lower is None else lower.copy()
        self.row_upper = self.row_upper if upper is None else upper.copy()
        self._highs.changeRowsBounds(len(self.row_lower), self._every_row, self.row_lower, self.row_upper)

    def stay_best(self, found: Reals, costs: Reals) -> None:
        """Keep every later answer as good as the one just found.

        By complementary slackness the best answers are exactly those that leave columns with a reduced cost, and rows with
        a price, where they are. That needs no further row, so a network stays one and its corners stay whole numbers.
        With whole columns there are no prices: a row with the objective is added instead.
        """
        if self.is_whole:
            value = float(costs @ found)
            used = np.flatnonzero(costs).astype(np.int32)
            self._highs.addRow(value - 1e-7 * max(1.0, abs(value)), highspy.kHighsInf, len(used), used, costs[used])
            self.row_lower = np.append(self.row_lower, value - 1e-7 * max(1.0, abs(value)))
            self.row_upper = np.append(self.row_upper, highspy.kHighsInf)
            self._every_row = np.arange(len(self.row_lower), dtype=np.int32)
            return
        solution = self._highs.getSolution()
        stays = np.abs(np.asarray(solution.col_dual)) > TOLERANCE
        self.bound(np.where(stays, found, self.lower), np.where(stays, found, self.upper))
        activity, priced = np.asarray(solution.row_value), np.abs(np.asarray(solution.row_dual)) > TOLERANCE
        self.bound_rows(np.where(priced, activity, self.row_lower), np.where(priced, activity, self.row_upper))


def _model(rows: Rows, whole: NDArray[np.bool_] | None) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(rows.column_lower), len(rows.row_lower)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.zeros(model.num_col_)
    model.col_lower_, model.col_upper_ = rows.column_lower, rows.column_upper
    model.row_lower_, model.row_upper_ = rows.row_lower, rows.row_upper
    order = np.lexsort((rows.row, rows.column))
    starts = np.zeros(model.num_col_ + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows.column, minlength=model.num_col_), out=starts[1:])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = starts
    model.a_matrix_.index_ = rows.row[order]
    model.a_matrix_.value_ = rows.value[order]
    if whole is not None and whole.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(flag)] for flag in whole]
    return model
