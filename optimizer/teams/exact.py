"""Class after class with CP-SAT, which reckons in whole numbers: for weights and distances beyond what a linear program tells apart."""

from __future__ import annotations

import numpy as np
from ortools.sat.python import cp_model

from optimizer.budget import Budget
from optimizer.cpsat import solve_while
from optimizer.teams.draft import Draft, refuse_together, trials_for
from optimizer.teams.matter import MINUTE, Pair
from optimizer.teams.problem import Stage

STEP_S = 0.01
"""Deterministic seconds of the solver that stand for one iteration of a budget."""


Pairs = dict[Pair, cp_model.IntVar]


class Exact:
    """Class after class: what was reached for one is kept for all that follow, and each starts from the best proposal so far."""

    def __init__(self, draft: Draft, budget: Budget, seed: int) -> None:
        self.draft, self.matter, self.budget, self.seed = draft, draft.matter, budget, seed
        self.pairs: list[Pair] = [
            (int(u), int(j)) for u, j in np.argwhere(draft.chosen) if draft.matter.possible(int(j))
        ]
        self.reached: dict[int, int] = {}
        self.taken = draft.improved(draft.extended(), seed, trials_for(budget))

    def run(self, ranks: list[int]) -> tuple[set[Pair], list[Stage]]:
        """The proposal, and what was reached of each class and of approach."""
        left = len(ranks) + 1
        reached = []
        for rank in ranks:
            reached.append(self._cover(rank, left))
            left -= 1
        approach = self._approach()
        if not self.draft.covers_what_is_fixed(self.taken):
            raise refuse_together()
        # what came later may cover more of a class than its own step found in time
        values = [self.draft.weight(self.taken, rank) for rank in ranks]
        stages = [Stage(one.name, value, max(value, one.bound)) for one, value in zip(reached, values, strict=True)]
        return self.taken, [*stages, approach]

    def _cover(self, rank: int, left: int) -> Stage:
        """The most weight of a class, nothing lost of those before."""
        tasks = self.matter.problem.tasks
        weight = {j: task.weight for j, task in enumerate(tasks) if task.class_rank == rank}
        known, most = self.draft.weight(self.taken, rank), self.draft.most(rank)
        bound = most
        if known < most and self.budget.allows():
            model, pairs, cover = self._model(rank)
            model.maximize(sum(weight[j] * y for j, y in cover.items() if j in weight))
            found, value, bound = self._run(model, pairs, cover, left)
            if found is not None and value > known:
                self.taken = self.draft.extended({j for _, j in self.taken}, found)
                known = self.draft.weight(self.taken, rank)
            bound = min(most, max(bound, known))
        self.reached[rank] = known
        return Stage(f"class {rank}", known, bound)

    def _approach(self) -> Stage:
        """As few minutes of approach as possible, everything else kept."""
        cost = {pair: int(self.matter.approach[pair]) // MINUTE + 1 for pair in self.pairs}
        known, bound = self.draft.minutes(self.taken), 0
        if self.taken and self.budget.allows():
            model, pairs, cover = self._model(9)
            model.minimize(sum(cost[pair] * x for pair, x in pairs.items()))
            found, _, bound = self._run(model, pairs, cover, 1)
            value = sum(cost[pair] for pair in found) if found is not None else known
            if found is not None and value < known:
                self.taken, known = found, value
        return Stage("approach", known, max(0, min(bound, known)))

    def _model(self, rank: int) -> tuple[cp_model.CpModel, Pairs, dict[int, cp_model.IntVar]]:
        """Tasks up to a class. Covering is written as one sum for each skill, which bounds far better than a condition."""
        problem, model, fixed = self.matter.problem, cp_model.CpModel(), self.draft.fixed
        tasks = problem.tasks
        pairs = {p: model.new_bool_var("") for p in self.pairs if tasks[p[1]].class_rank <= rank or p in fixed}
        cover = {j: model.new_bool_var("") for j in sorted({j for _, j in pairs})}
        columns: dict[int, list[Pair]] = {j: [] for j in cover}
        rows: dict[int, list[Pair]] = {}
        for u, j in pairs:
            columns[j].append((u, j))
            rows.setdefault(int(self.matter.crew[u]), []).append((u, j))
        for j, y in cover.items():
            for need in tasks[j].needs:
                able = [pairs[p] for p in columns[j] if need.skill in problem.teams[p[0]].skills]
                model.add(sum(able) >= need.teams * y)
            if tasks[j].persons:
                sizes = [min(tasks[j].persons, problem.teams[p[0]].size) * pairs[p] for p in columns[j]]
                model.add(sum(sizes) >= tasks[j].persons * y)
        for team, mine in rows.items():
            for group in self.draft.meets[team].groups(mine):
                model.add_at_most_one(pairs[pair] for pair in group)
        for first, *others in self.matter.groups:
            for other in others if first in cover else ():
                model.add(cover[first] == cover[other])
        for p in fixed:
            model.add(pairs[p] == 1)
            model.add(cover[p[1]] == 1)
        for reached, value in self.reached.items():
            model.add(sum(tasks[j].weight * y for j, y in cover.items() if tasks[j].class_rank == reached) >= value)
        own = {j for _, j in self.taken}
        for p, x in pairs.items():
            model.add_hint(x, p in self.taken)
        for j, y in cover.items():
            model.add_hint(y, j in own)
        return model, pairs, cover

    def _run(
        self, model: cp_model.CpModel, pairs: Pairs, cover: dict[int, cp_model.IntVar], left: int
    ) -> tuple[set[Pair] | None, int, int]:
        """What was found, its value and the bound. Teams sent to what is not covered stay at home."""
        solver, status = _run(model, self.budget, self.seed, left)
        if status == cp_model.INFEASIBLE and self.draft.fixed:
            raise refuse_together()
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            worst = model.proto.objective.scaling_factor < 0
            return None, 0, int(np.floor(solver.best_objective_bound)) if worst else 0
        going = {p for p, x in pairs.items() if solver.boolean_value(x) and solver.boolean_value(cover[p[1]])}
        bound = solver.best_objective_bound
        return (
            going,
            round(solver.objective_value),
            round(bound) if status == cp_model.OPTIMAL else int(np.floor(bound + 1e-6)),
        )


def _run(
    model: cp_model.CpModel, budget: Budget, seed: int, left: int
) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
    """Search with one worker, for its share of what is left; somebody else asks the budget whether to go on."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.linearization_level = 2
    if budget.iterations is not None:
        solver.parameters.max_deterministic_time = max(1, (budget.iterations - budget.used) // left) * STEP_S
    else:
        solver.parameters.max_time_in_seconds = max(0.01, ((budget.seconds or 0) - budget.elapsed_s) / left)
    status = solve_while(solver, model, budget.keep_going)
    if not budget.keep_going():
        budget.stopped_by = "cancel"
    budget.used += int(solver.response_proto.deterministic_time / STEP_S)
    if status != cp_model.OPTIMAL and not budget.stopped_by and not (left > 1 and budget.keep_going()):
        budget.stopped_by = "iterations" if budget.iterations is not None else "seconds"
    return solver, status
