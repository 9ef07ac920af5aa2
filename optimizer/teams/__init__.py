"""Which team goes to which task: skills counted, everybody there by the task's hour, no team in two places at once.

A task holds its teams from its hour (`due_at`, by which all of them have to be there) until `duration_s` later. So a team's day is
feasible exactly when each two of its tasks are: between their hours lie the work and the drive, and from leaving the base for the
first until being back from the last its duty is not too long. Covering a task is all or nothing. What is maximised: the weights
of covered tasks, class before class; then the seconds of approach from the bases are as few as possible (the nearest goes).

Driving times have to obey the triangle inequality, as shortest times do. Solved with linear programs and HiGHS (`linear.py`), whose
bounds hold for all possible pairs of team and task; where numbers are too large for that, with CP-SAT (`exact.py`), whose bounds hold
for the pairs that were looked at: all of them, or the nearest for every skill where there are too many (`considers_all` says which).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from optimizer.budget import Budget
from optimizer.teams.draft import Draft
from optimizer.teams.exact import Exact
from optimizer.teams.linear import Linear
from optimizer.teams.matter import MINUTE, Matter, clash, matter_of, near
from optimizer.teams.problem import (
    Duty,
    Lack,
    Need,
    Reason,
    Stage,
    Standby,
    Task,
    Team,
    TeamPlan,
    TeamProblem,
    Uncovered,
    validate,
)
from optimizer.teams.rows import NUMBER_MAX
from optimizer.teams.told import reasons, standby

__all__ = [
    "Duty",
    "Lack",
    "Need",
    "Reason",
    "Stage",
    "Standby",
    "Task",
    "Team",
    "TeamPlan",
    "TeamProblem",
    "Uncovered",
    "clash",
    "matter_of",
    "proposed",
    "solve",
]


def solve(problem: TeamProblem, budget: Budget, *, seed: int = 0) -> TeamPlan:
    """Propose who goes where. The same problem, seed and iterations give the same proposal. Raises ProblemError."""
    validate(problem)
    matter = matter_of(problem)
    return proposed(matter, Linear if _is_plain(matter) else Exact, budget, seed)


def proposed(matter: Matter, kind: type[Linear] | type[Exact], budget: Budget, seed: int) -> TeamPlan:
    """What one of the searches proposes. Raises ProblemError."""
    problem = matter.problem
    chosen = matter.may if kind is Linear else near(matter)
    taken, stages = kind(Draft(matter, chosen), budget, seed).run(sorted({task.class_rank for task in problem.tasks}))
    duties = duties_of(matter, sorted(taken))
    covered = {j for _, j in taken}
    lost = [j for j in range(len(problem.tasks)) if j not in covered]
    return TeamPlan(
        problem.id, duties, tuple(Uncovered(problem.tasks[j].id, tuple(reasons(matter, j, taken))) for j in lost),
        tuple(standby(matter, taken)), tuple(stages), bool((chosen == matter.may).all()), budget.stopped_by,
    )  # fmt: skip


def _is_plain(matter: Matter) -> bool:
    """Are all numbers small enough for a program whose numbers are not whole?"""
    tasks = matter.problem.tasks
    weights: dict[int, list[int]] = {}
    for task in tasks:
        weights.setdefault(task.class_rank, []).append(task.weight)
    heavy = any(sum(each) // math.gcd(*each) > NUMBER_MAX for each in weights.values())
    crowded = any(task.persons > NUMBER_MAX for task in tasks)
    far = matter.may.any() and int(matter.approach[matter.may].max()) // MINUTE > NUMBER_MAX
    return not (heavy or crowded or far)


def duties_of(matter: Matter, pairs: Sequence[tuple[int, int]]) -> tuple[Duty, ...]:
    """Each team's tasks one after the other, with the latest moment to leave for each."""
    problem = matter.problem
    at = {place: n for n, place in enumerate(problem.places)}
    rows: dict[int, list[int]] = {}
    for u, j in pairs:
        rows.setdefault(u, []).append(j)
    duties = []
    for u in sorted(rows):
        team, where = problem.teams[u], problem.teams[u].base
        free = team.ready_at
        for j in sorted(rows[u], key=lambda j: (problem.tasks[j].due_at, j)):
            task = problem.tasks[j]
            drive = problem.travel[team.profile][at[where]][at[task.place]]
            leaves = max(free, task.due_at - drive)
            duties.append(Duty(team.id, task.id, where, leaves, leaves + drive, task.due_at + task.duration_s))
            where, free = task.place, task.due_at + task.duration_s
    return tuple(duties)
