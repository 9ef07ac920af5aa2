"""Bounds: the linear program without whole numbers, made tighter by cuts, over all pairs although it holds but few of them.

Pairs that could lower the cost are added by their reduced costs. What the prices of the rows prove holds for all pairs, whatever the
solver says: it is reckoned anew from the prices alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from optimizer.budget import Budget
from optimizer.highs import first_words
from optimizer.teams.rounding import Basis, rounded
from optimizer.teams.rows import NEEDS_MAX, Ints, Reals, Rows, crew_cuts

ITERATION = 200
"""Steps of the simplex method that stand for one iteration of a budget."""
MANY = 2_000
"""Pairs added at once; from so many on, an interior point method is faster to begin with."""
TINY = 1e-6
VIOLATED = 1e-3

PRIMAL, DUAL = 4, 1


@dataclass(slots=True)
class Bound:
    """What the cost cannot be below, the reduced costs of all columns, and the broken plan."""

    value: float
    reduced: Reals
    columns: Reals


class Relaxed:
    """The program with the pairs it holds at present. Rows and pairs are only ever added, so each run starts from the last."""

    def __init__(self, rows: Rows, budget: Budget, seed: int) -> None:
        first_words()
        self.rows, self.budget = rows, budget
        self.low = np.concatenate([rows.forced.astype(np.float64), rows.least])
        self.high = np.concatenate([np.full(rows.pairs, np.inf), np.ones(rows.covers)])
        self.held = rows.start()
        self.columns: Ints = np.array([], np.int64)
        self.highs = highspy.Highs()
        self.stopped = self.is_impossible = False
        for name, value in (
            ("output_flag", False), ("threads", 1), ("parallel", "off"), ("random_seed", seed % 2**31),
            ("solver", "ipm" if int(self.held.sum()) >= MANY else "simplex"),
        ):  # fmt: skip
            self.highs.setOptionValue(name, value)
        for call in (self.highs.cbSimplexInterrupt, self.highs.cbIpmInterrupt):
            call.subscribe(self._look)
        self._load()

    def _load(self) -> None:
        """The rows there are, with the pairs that are held."""
        rows = self.rows
        self.columns = np.concatenate([rows.pairs + np.arange(rows.covers), np.flatnonzero(self.held)])
        self.highs.passModel(model(rows, self.columns, self.low, self.high))

    def anew(self) -> NDArray[np.bool_]:
        """What is asked next has little to do with what was asked last: rows that did not count are forgotten; those kept."""
        rows, kept = self.rows, np.ones(len(self.rows.lower), np.bool_)
        values = np.array(self.highs.getSolution().row_value)
        if len(values) == len(kept):
            kept = ~rows.is_rounded | (values > rows.upper - TINY)
            rows.leave(kept)
            self._load()
        if len(self.columns) >= MANY:
            self.highs.setOptionValue("solver", "ipm")
        return kept

    def _look(self, event: object) -> None:
        budget = self.budget
        if not budget.keep_going() or (budget.seconds is not None and budget.elapsed_s > budget.seconds):
            self.stopped = True
            event.interrupt()  # type: ignore[attr-defined]

    def bound(self, cost: Reals) -> Bound | None:
        """Over all pairs, with cuts that whole crews obey; None where time is over first."""
        while True:
            self.highs.changeColsCost(len(self.columns), _every(len(self.columns)), cost[self.columns])
            if not self._run():
                return None
            values = np.zeros(self.rows.columns)
            values[self.columns] = self.highs.getSolution().col_value
            if self._crew_cuts(values):
                self.highs.setOptionValue("simplex_strategy", DUAL)
                continue
            value, reduced = self._proven(cost)
            if not self._hold(reduced, cost):
                return Bound(value, reduced, values)
            self.highs.setOptionValue("simplex_strategy", PRIMAL)

    def tighten(self, found: Bound) -> bool:
        """Add cuts that whole numbers obey and the plan does not; was there any?"""
        basis = Basis(self.highs, self.columns, found.columns)
        cuts = rounded(self.rows, basis, self.rows.pairs)
        if not cuts:
            return False
        self._append([(columns, numbers) for columns, numbers, _ in cuts], -np.inf, [most for _, _, most in cuts])
        self.highs.setOptionValue("simplex_strategy", DUAL)
        return True

    def keep(self, places: Ints, weights: Reals, least: float) -> None:
        """From now on no less than this is covered of a class."""
        new = self.rows.add([(self.rows.pairs + places, weights)], np.array([least]), np.array([np.inf]))
        held = new[:, self.columns].tocsr()
        self.highs.addRow(least, np.inf, held.nnz, held.indices, held.data)
        self.highs.setOptionValue("simplex_strategy", PRIMAL)

    def cover(self, places: Ints) -> None:
        """From now on these tasks are covered: their class is, whole."""
        self.low[self.rows.pairs + places] = 1.0
        self.highs.changeColsBounds(len(places), places.astype(np.int32), np.ones(len(places)), np.ones(len(places)))

    def cut_back(self, rows: int, places: Ints) -> None:
        """Forget rows, and that tasks are covered, where that rested on what turned out not to be possible."""
        self.rows.leave(np.arange(len(self.rows.lower)) < rows)
        self.low[self.rows.pairs + places] = self.rows.least[places]
        self._load()

    def _run(self) -> bool:
        budget = self.budget
        if not budget.step():
            return False
        if (left := budget.wall_left_s) is not None:
            self.highs.setOptionValue("time_limit", self.highs.getRunTime() + left)
        self.highs.run()
        budget.used += max(int(self.highs.getInfo().simplex_iteration_count), 0) // ITERATION
        self.highs.setOptionValue("solver", "simplex")
        if self.stopped:
            budget.allows()
        status = self.highs.getModelStatus()
        self.is_impossible = status == highspy.HighsModelStatus.kInfeasible and bool(self.held.all())
        return bool(status == highspy.HighsModelStatus.kOptimal)

    def _proven(self, cost: Reals) -> tuple[float, Reals]:
        """What the prices prove, by weak duality; where a price is too low for a team, it is raised."""
        rows = self.rows
        price = np.array(self.highs.getSolution().row_dual)
        most = np.isinf(rows.lower)
        price = np.where(most, np.minimum(price, 0), np.maximum(price, 0))
        reduced = cost - rows.matrix.T @ price
        short = np.zeros(len(price))
        free = ~rows.forced
        np.minimum.at(short, rows.clique[free], np.minimum(reduced[: rows.pairs][free], 0))
        value = float(price @ np.where(most, rows.upper, rows.lower)) + float(short.sum())
        value += float(reduced[: rows.pairs][~free].sum())
        own = reduced[rows.pairs :]
        value += float(np.minimum(own * self.low[rows.pairs :], own * self.high[rows.pairs :]).sum())
        return value, reduced

    def _hold(self, reduced: Reals, cost: Reals) -> bool:
        """Add pairs that could lower the cost."""
        rows = self.rows
        wanted = np.flatnonzero((reduced[: rows.pairs] < -TINY) & ~self.held)
        wanted = wanted[np.argsort(reduced[wanted], kind="stable")][:MANY]
        if not len(wanted):
            return False
        self.held[wanted] = True
        part = rows.matrix[:, wanted].tocsc()
        self.highs.addCols(
            len(wanted),
            cost[wanted],
            self.low[wanted],
            self.high[wanted],
            part.nnz,
            part.indptr,
            part.indices,
            part.data,
        )
        self.columns = np.concatenate([self.columns, wanted])
        return True

    def _crew_cuts(self, values: Reals) -> bool:
        """For each task that is covered by parts of crews, the cut that is violated most."""
        rows = self.rows
        broken = np.flatnonzero(np.abs(values - np.round(values)) > TINY)
        places = np.unique(
            np.where(broken < rows.pairs, rows.at[np.minimum(broken, rows.pairs - 1)], broken - rows.pairs)
        )
        new = []
        for place in places:
            needs = rows.task(int(place)).needs
            if not 2 <= len(needs) <= NEEDS_MAX:
                continue
            coefficients, least = crew_cuts(tuple(min(need.teams, 9) for need in needs))
            if not len(least) or max(need.teams for need in needs) > 9:
                continue
            ids = np.arange(rows.first[place], rows.first[place + 1])
            amount = np.bincount(rows.mask[ids], values[ids], 1 << len(needs))
            lack = least * values[rows.pairs + place] - coefficients @ amount
            worst = int(np.argmax(lack))
            if lack[worst] > VIOLATED:
                numbers = coefficients[worst][rows.mask[ids]]
                used = numbers > 0
                new.append((np.append(ids[used], rows.pairs + place), np.append(numbers[used], -least[worst])))
        if new:
            self._append(new, 0.0, [np.inf] * len(new))
        return bool(new)

    def _append(self, new: list[tuple[Ints, Reals]], lower: float, upper: list[float]) -> None:
        lows, highs = np.full(len(new), lower), np.array(upper, np.float64)
        held = self.rows.add(new, lows, highs, is_rounded=lower < 0)[:, self.columns].tocsr()
        self.highs.addRows(len(new), lows, highs, held.nnz, held.indptr[:-1], held.indices, held.data)


def model(rows: Rows, columns: Ints, low: Reals, high: Reals, *, lean: bool = False) -> highspy.HighsLp:
    """The program of some columns, for HiGHS. A lean one has no cuts by rounding, which are long: HiGHS makes shorter ones."""
    taken = ~rows.is_rounded if lean else np.ones(len(rows.lower), np.bool_)
    part = rows.matrix[taken][:, columns].tocsc()
    made = highspy.HighsLp()
    made.num_col_, made.num_row_ = len(columns), int(taken.sum())
    made.col_cost_ = np.zeros(len(columns))
    made.col_lower_, made.col_upper_ = low[columns], high[columns]
    made.row_lower_, made.row_upper_ = rows.lower[taken], rows.upper[taken]
    made.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    made.a_matrix_.start_, made.a_matrix_.index_, made.a_matrix_.value_ = part.indptr, part.indices, part.data
    return made


def _every(count: int) -> NDArray[np.int32]:
    return np.arange(count, dtype=np.int32)
