"""The linear program of a reserve as arrays, solved by HiGHS: its columns, its rows, its prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from optimizer.allocate.lp import SolverError
from optimizer.highs import first_words
from optimizer.reserve.model import Key, Option, Outcome, ReserveProblem, Scenario, Valued, Way

Reals = NDArray[np.float64]
SECONDS_MAX = 20.0


@dataclass(slots=True)
class Found:
    """An answer: value, columns, and the prices where there are any."""

    value: float
    columns: Reals
    row_dual: Reals
    column_dual: Reals
    is_optimal: bool


@dataclass(slots=True)
class Build:
    """Columns and rows as they are put together."""

    cost: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)

    def add_column(self, cost: float, upper: float) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        return len(self.cost) - 1

    def add_row(self, lower: float, upper: float) -> int:
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        return len(self.row_lower) - 1

    def put(self, row: int, column: int, value: float) -> None:
        self.row.append(row)
        self.column.append(column)
        self.value.append(value)


class Program:
    """The program of a problem: columns of additions and agreements, then of each scenario's flows and unmet needs."""

    def __init__(self, problem: ReserveProblem) -> None:
        self.problem = problem
        self.items = {item.id: item for item in problem.items}
        self.held: dict[Key, int] = defaultdict(int)
        for row in problem.held:
            self.held[row.site_id, row.item_id] += row.quantity
        self.build = Build()
        self.add: dict[Key, int] = {}
        self.agree: dict[str, int] = {}
        self.volume_rows: dict[str, int] = {}
        self.supply_rows: dict[Key, list[int]] = defaultdict(list)
        self.dispatch_rows: dict[str, list[int]] = defaultdict(list)
        self.unmet: list[list[tuple[int, float]]] = []
        self.cost: dict[int, float] = {}
        self.budget_row = self.build.add_row(-np.inf, float(problem.budget_fen))
        self._first_stage()
        total = sum(one.weight for one in problem.scenarios)
        for one in problem.scenarios:
            self._scenario(one, one.weight / total)

    def _first_stage(self) -> None:
        build = self.build
        wanted = {need.item_id for one in self.problem.scenarios for need in one.needs}
        for site in self.problem.sites:
            used = sum(q * self.items[item].unit_volume_cm3 for (at, item), q in self.held.items() if at == site.id)
            row = self.volume_rows[site.id] = build.add_row(-np.inf, float(max(site.volume_cm3 - used, 0)))
            for item in self.problem.items:
                if item.id in wanted:
                    column = self.add[site.id, item.id] = build.add_column(0.0, np.inf if site.may_add else 0.0)
                    build.put(row, column, float(item.unit_volume_cm3))
                    build.put(self.budget_row, column, float(item.price_fen))
                    self.cost[column] = float(item.price_fen)
        for option in self.problem.options:
            if option.item_id in wanted:
                column = self.agree[option.id] = build.add_column(0.0, float(option.most))
                build.put(self.budget_row, column, float(option.fee_fen))
                self.cost[column] = float(option.fee_fen)

    def _scenario(self, one: Scenario, probability: float) -> None:
        build, lost = self.build, set(one.lost_sites)
        ways: dict[str, list[Way]] = defaultdict(list)
        for way in self.problem.ways if one.ways is None else one.ways:
            if way.site_id not in lost:
                ways[way.place_id].append(way)
        options: dict[Key, list[Option]] = defaultdict(list)
        for option in self.problem.options:
            options[option.site_id, option.item_id].append(option)
        supply: dict[Key, int] = {}
        called: dict[str, int] = {}
        dispatch: dict[str, int] = {}
        limits = {site.id: site.dispatch_cm3 for site in self.problem.sites}
        unmet = []
        for need in one.needs:
            row = build.add_row(float(need.quantity), float(need.quantity))
            each = need.weight * need.persons / need.quantity
            column = build.add_column(probability * each, float(need.quantity))
            build.put(row, column, 1.0)
            unmet.append((column, each))
            for way in ways[need.place_id]:
                key = (way.site_id, need.item_id)
                if way.hours <= need.within_hours and key in self.add:
                    flow = build.add_column(0.0, np.inf)
                    build.put(row, flow, 1.0)
                    if key not in supply:
                        supply[key] = build.add_row(-np.inf, float(self.held[key]))
                        build.put(supply[key], self.add[key], -1.0)
                        self.supply_rows[key].append(supply[key])
                    build.put(supply[key], flow, 1.0)
                    self._leaves(dispatch, limits, way.site_id, flow, need.item_id)
                for option in options[key]:
                    if way.hours + option.lead_hours <= need.within_hours:
                        flow = build.add_column(0.0, np.inf)
                        self.cost[flow] = probability * option.call_fen
                        build.put(row, flow, 1.0)
                        if option.id not in called:
                            called[option.id] = build.add_row(-np.inf, 0.0)
                            build.put(called[option.id], self.agree[option.id], -1.0)
                        build.put(called[option.id], flow, 1.0)
        self.unmet.append(unmet)

    def _leaves(
        self, dispatch: dict[str, int], limits: Mapping[str, int | None], site_id: str, flow: int, item_id: str
    ) -> None:
        """Flows of a store share what its vehicles take out."""
        limit = limits[site_id]
        if limit is None:
            return
        if site_id not in dispatch:
            dispatch[site_id] = self.build.add_row(-np.inf, float(limit))
            self.dispatch_rows[site_id].append(dispatch[site_id])
        self.build.put(dispatch[site_id], flow, float(self.items[item_id].unit_volume_cm3))

    def solve(
        self,
        *,
        fixed: tuple[Mapping[Key, int], Mapping[str, int]] | None = None,
        whole: bool = False,
        ceiling: float | None = None,
    ) -> Found:
        """The best columns: by unmet needs, or by cost where `ceiling` says how much may stay unmet."""
        build, count = self.build, len(self.build.cost)
        lower, upper = np.zeros(count), np.array(build.upper)
        row_lower, row_upper = np.array(build.row_lower), np.array(build.row_upper)
        scale = np.ones(count)
        if fixed is not None:
            additions, agreed = fixed
            for key, column in self.add.items():
                lower[column] = upper[column] = float(additions.get(key, 0))
            for option_id, column in self.agree.items():
                lower[column] = upper[column] = float(agreed.get(option_id, 0))
            row_upper[[self.budget_row, *self.volume_rows.values()]] = np.inf
        kinds = None
        if whole:
            kinds = [highspy.HighsVarType.kContinuous] * count
            for (_, item), column in self.add.items():
                scale[column] = self.items[item].pack_quantity
                kinds[column] = highspy.HighsVarType.kInteger
            for option in self.problem.options:
                if option.id in self.agree:
                    column, pack = self.agree[option.id], self.items[option.item_id].pack_quantity
                    scale[column], upper[column] = pack, option.most // pack
                    kinds[column] = highspy.HighsVarType.kInteger
        cost = np.array(build.cost)
        rows, columns_, values_ = np.array(build.row), np.array(build.column), np.array(build.value)
        if ceiling is not None:
            served = np.flatnonzero(cost)
            rows = np.concatenate([rows, np.full(len(served), len(row_lower))])
            columns_, values_ = np.concatenate([columns_, served]), np.concatenate([values_, cost[served]])
            row_lower, row_upper = np.append(row_lower, -np.inf), np.append(row_upper, ceiling)
            cost = np.array([self.cost.get(column, 0.0) for column in range(count)])
            cost = cost / max(float(cost.max(initial=0.0)), 1.0)
        matrix = sp.csc_matrix((values_ * scale[columns_], (rows, columns_)), (len(row_lower), count))
        return run(cost * scale, lower, upper, row_lower, row_upper, matrix, kinds, scale)

    def prices(self, found: Found) -> dict[Key, int]:
        """What one unit more of an item in a store would save, the room it takes counted."""
        worth = {}
        for site, item in self.add:
            gain = -sum(float(found.row_dual[row]) for row in self.supply_rows[site, item])
            gain += float(found.row_dual[self.volume_rows[site]]) * self.items[item].unit_volume_cm3
            worth[site, item] = round(gain * 1e6)
        return worth

    def worth_of(self, found: Found, rows: Mapping[str, int]) -> dict[str, int]:
        """Worth of a cubic metre more, by store; those where it is worth nothing are left out."""
        worth = {site: round(-float(found.row_dual[row]) * 1e6 * 1e6) for site, row in rows.items()}
        return {site: value for site, value in worth.items() if value}

    def worth_of_dispatch(self, found: Found) -> dict[str, int]:
        """Worth of a cubic metre more that a store's vehicles take out, over all scenarios."""
        worth = {
            site: round(-sum(float(found.row_dual[row]) for row in rows) * 1e6 * 1e6)
            for site, rows in self.dispatch_rows.items()
        }
        return {site: value for site, value in worth.items() if value}

    def valued(self, found: Found, additions: dict[Key, int], agreed: dict[str, int]) -> Valued:
        """Additions with what they come to."""
        total = sum(one.weight for one in self.problem.scenarios)
        outcomes = []
        for one, unmet in zip(self.problem.scenarios, self.unmet, strict=True):
            lost = sum(max(float(found.columns[column]), 0.0) * each for column, each in unmet)
            outcomes.append(Outcome(one.id, sum(need.persons for need in one.needs), round(lost * 1e6)))
        expected = sum(one.weight * out.unmet_e6 for one, out in zip(self.problem.scenarios, outcomes, strict=True))
        fees = {option.id: option.fee_fen for option in self.problem.options}
        cost = sum(self.items[item].price_fen * quantity for (_, item), quantity in additions.items())
        cost += sum(fees[option] * quantity for option, quantity in agreed.items())
        kept = {key: quantity for key, quantity in additions.items() if quantity}
        return Valued(kept, {key: q for key, q in agreed.items() if q}, -(-expected // total), cost, tuple(outcomes))


def run(
    cost: Reals,
    lower: Reals,
    upper: Reals,
    row_lower: Reals,
    row_upper: Reals,
    matrix: sp.csc_matrix,
    kinds: Sequence[highspy.HighsVarType] | None,
    scale: Reals,
) -> Found:
    """Solve; `scale` turns columns counted in packs back into units. Raises SolverError for a linear program without answer."""
    first_words()
    highs = highspy.Highs()
    for name, value in (
        ("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0), ("mip_abs_gap", 1e-9),
        ("time_limit", SECONDS_MAX), ("mip_max_nodes", 2_000), ("primal_feasibility_tolerance", 1e-9), ("dual_feasibility_tolerance", 1e-9),
    ):  # fmt: skip
        highs.setOptionValue(name, value)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cost), len(row_lower)
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, lower, upper
    model.row_lower_, model.row_upper_ = row_lower, row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    if kinds is not None:
        model.integrality_ = list(kinds)
    highs.passModel(model)
    highs.run()
    status, solution = highs.getModelStatus(), highs.getSolution()
    is_optimal = status == highspy.HighsModelStatus.kOptimal
    if not is_optimal and kinds is None:
        raise SolverError(highs.modelStatusToString(status))
    columns = np.asarray(solution.col_value, dtype=np.float64) * scale if solution.value_valid else np.zeros(len(cost))
    duals = (
        (np.asarray(solution.row_dual), np.asarray(solution.col_dual)) if kinds is None else (np.zeros(0), np.zeros(0))
    )
    return Found(float(highs.getInfo().objective_function_value), columns, duals[0], duals[1], is_optimal)
