"""The search: class after class with CP-SAT, each step from the best proposal so far."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from ortools.sat.python import cp_model

from optimizer.budget import Budget
from optimizer.model import ProblemError
from optimizer.teams.matter import MINUTE, Matter, Pair, crew_for, meetings
from optimizer.teams.problem import Stage

STEP_S = 0.01
"""Deterministic seconds of the solver that stand for one iteration of a budget."""


Pairs = dict[Pair, cp_model.IntVar]


class Search:
    """Class after class: what was reached for one is kept for all that follow, and each starts from the best proposal so far."""

    def __init__(self, matter: Matter, pairs: Sequence[Pair], budget: Budget, seed: int) -> None:
        self.matter, self.pairs, self.budget, self.seed = matter, pairs, budget, seed
        problem = matter.problem
        at = {team.id: u for u, team in enumerate(problem.teams)}
        to = {task.id: j for j, task in enumerate(problem.tasks)}
        self.fixed = {(at[team], to[task]) for team, task in problem.fixed}
        self.meets = meetings(matter, pairs)
        self.reached: dict[int, int] = {}
        self._refuse_what_cannot_be_kept()
        self.taken = self._extended(set())

    def cover(self, rank: int) -> Stage:
        """The most weight of a class, nothing lost of those before."""
        tasks = self.matter.problem.tasks
        weight = {j: task.weight for j, task in enumerate(tasks) if task.class_rank == rank}
        own = {j for _, j in self.taken}
        known, most = sum(weight[j] for j in weight if j in own), sum(weight[j] for j in weight if self._can(j))
        bound = most
        if known < most and self.budget.allows():
            model, pairs, cover = self._model(rank)
            model.maximize(sum(weight[j] * y for j, y in cover.items() if j in weight))
            found, value, bound = self._run(model, pairs, cover)
            if found is not None and value > known:
                self.taken = self._extended(
                    found | {pair for pair in self.taken if tasks[pair[1]].class_rank > rank}, found
                )
                known = value
            bound = min(most, max(bound, known))
        self.reached[rank] = known
        return Stage(f"class {rank}", known, bound)

    def weight(self, rank: int) -> int:
        """What the proposal covers of a class."""
        tasks = self.matter.problem.tasks
        return sum(tasks[j].weight for j in {j for _, j in self.taken} if tasks[j].class_rank == rank)

    def approach(self) -> Stage:
        """As few minutes of approach as possible, everything else kept."""
        cost = {pair: int(self.matter.approach[pair]) // MINUTE + 1 for pair in self.pairs}
        known = sum(cost[pair] for pair in self.taken)
        bound = 0
        if self.taken and self.budget.allows():
            model, pairs, cover = self._model(9)
            model.minimize(sum(cost[pair] * x for pair, x in pairs.items()))
            found, _, bound = self._run(model, pairs, cover)
            value = sum(cost[pair] for pair in found) if found is not None else known
            if found is not None and value < known:
                self.taken, known = found, value
        return Stage("approach", known, max(0, min(bound, known)))

    def _can(self, j: int) -> bool:
        """Could a task be covered, were all teams free for it?"""
        return bool(
            crew_for(self.matter, j, [u for u in range(len(self.matter.problem.teams)) if self.matter.may[u, j]])
        )

    def _model(self, rank: int) -> tuple[cp_model.CpModel, Pairs, dict[int, cp_model.IntVar]]:
        """Tasks up to a class. Covering is written as one sum for each skill, which bounds far better than a condition."""
        problem, model = self.matter.problem, cp_model.CpModel()
        tasks = problem.tasks
        pairs = {p: model.new_bool_var("") for p in self.pairs if tasks[p[1]].class_rank <= rank or p in self.fixed}
        cover = {j: model.new_bool_var("") for j in sorted({j for _, j in pairs})}
        columns: dict[int, list[Pair]] = {j: [] for j in cover}
        rows: dict[int, list[int]] = {}
        for u, j in pairs:
            columns[j].append((u, j))
            rows.setdefault(u, []).append(j)
        for j, y in cover.items():
            for need in tasks[j].needs:
                able = [pairs[p] for p in columns[j] if need.skill in problem.teams[p[0]].skills]
                model.add(sum(able) >= need.teams * y)
            if tasks[j].persons:
                sizes = [min(tasks[j].persons, problem.teams[p[0]].size) * pairs[p] for p in columns[j]]
                model.add(sum(sizes) >= tasks[j].persons * y)
        for u, mine in rows.items():
            for group in self.meets[u].groups(mine):
                model.add_at_most_one(pairs[u, j] for j in group)
        for p in self.fixed:
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
        self, model: cp_model.CpModel, pairs: Pairs, cover: dict[int, cp_model.IntVar]
    ) -> tuple[set[Pair] | None, int, int]:
        """What was found, its value and the bound. Teams sent to what is not covered stay at home."""
        solver, status = _run(model, self.budget, self.seed)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return (
                None,
                0,
                int(np.floor(solver.best_objective_bound)) if model.proto.objective.scaling_factor < 0 else 0,
            )
        going = {p for p, x in pairs.items() if solver.boolean_value(x) and solver.boolean_value(cover[p[1]])}
        bound = solver.best_objective_bound
        return (
            going,
            round(solver.objective_value),
            round(bound) if status == cp_model.OPTIMAL else int(np.floor(bound + 1e-6)),
        )

    def _extended(self, wanted: set[Pair], sure: set[Pair] | None = None) -> set[Pair]:
        """A proposal made from one that may not be whole: what is sure, then task by task crews that are still free."""
        tasks = self.matter.problem.tasks
        taken = set(sure or ()) | self.fixed
        busy: dict[int, list[int]] = {}
        for u, j in taken:
            busy.setdefault(u, []).append(j)
        columns: dict[int, list[int]] = {}
        for u, j in self.pairs:
            columns.setdefault(j, []).append(u)
        given = {j for _, j in taken} - {j for _, j in self.fixed}
        for j in sorted(
            columns, key=lambda j: (tasks[j].class_rank, (j not in {t for _, t in wanted}), tasks[j].due_at, j)
        ):
            if j in given:
                continue
            own = [u for u, k in self.fixed if k == j]
            free = [u for u in columns[j] if u not in own and not self.meets[u].any(j, busy.get(u, ()))]
            for u in crew_for(self.matter, j, free, own):
                taken.add((u, j))
                busy.setdefault(u, []).append(j)
        return taken

    def _refuse_what_cannot_be_kept(self) -> None:
        for u, j in sorted(self.fixed):
            team, task = self.matter.problem.teams[u].id, self.matter.problem.tasks[j].id
            others = [k for v, k in self.fixed if v == u and k != j]
            if (u, j) not in set(self.pairs) or self.meets[u].any(j, others):
                raise ProblemError(
                    [f"fixed {team} at {task}: the team cannot be there in time, back in time, and everywhere else"]
                )
            enough = crew_for(self.matter, j, [v for v, k in self.pairs if k == j])
            if not enough:
                raise ProblemError([f"fixed {team} at {task}: the task cannot be covered"])


def _run(model: cp_model.CpModel, budget: Budget, seed: int) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
    """Search with one worker; somebody else asks the budget whether to go on."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.linearization_level = 2
    if budget.iterations is not None:
        solver.parameters.max_deterministic_time = max(1, budget.iterations - budget.used) * STEP_S
    else:
        solver.parameters.max_time_in_seconds = max(0.01, (budget.seconds or 0) - budget.elapsed_s)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            if not budget.keep_going():
                budget.stopped_by = "cancel"
                solver.stop_search()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    status = solver.solve(model)
    done.set()
    watcher.join()
    budget.used += int(solver.response_proto.deterministic_time / STEP_S)
    if status != cp_model.OPTIMAL and not budget.stopped_by:
        budget.stopped_by = "iterations" if budget.iterations is not None else "seconds"
    return solver, status
