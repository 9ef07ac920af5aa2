"""Which team goes to which task: skills counted, everybody there by the task's hour, no team in two places at once.

A task holds its teams from its hour (`due_at`, by which all of them have to be there) until `duration_s` later; where crews relieve
each other (`relief_s`), each of them for its part. So a shift of a team is feasible exactly when each two of its tasks are: between
their hours lie the work and the drive, and from leaving the base for the first until being back from the last its duty is not too
long. A team that rests (`rest_s`) works several shifts; between these it is at its base for so long. Who works at night or in frost
(`conditions`) is ready for it. Covering a task is all or nothing. What is maximised: the weights
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
    Condition,
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
from optimizer.teams.relief import relieved
from optimizer.teams.rows import NUMBER_MAX
from optimizer.teams.told import standby, why_not

__all__ = [
    "Condition",
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
    "relieved",
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
    lost = [group for group in matter.groups if not all(j in covered for j in group)]
    return TeamPlan(
        problem.id, duties, tuple(Uncovered(problem.tasks[group[0]].id, why_not(matter, group, taken)) for group in lost),
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
    """Each team's tasks one after the other, with the latest moment to leave for each; a shift begins and ends at its base."""
    problem = matter.asked
    at = {place: n for n, place in enumerate(problem.places)}
    rows: dict[int, list[tuple[int, int]]] = {}
    for u, j in pairs:
        rows.setdefault(int(matter.crew[u]), []).append((int(matter.shift[u]), j))
    duties = []
    for u in sorted(rows):
        team, where = problem.teams[u], problem.teams[u].base
        travel, free, shift, before = problem.travel[team.profile], team.ready_at, 0, 0
        for own, j in sorted(rows[u], key=lambda each: (each[0], int(matter.due[each[1]]), each[1])):
            task, place = matter.problem.tasks[j], at[matter.problem.tasks[j].place]
            if own != before:
                if before:
                    free += travel[at[where]][at[team.base]] + (team.rest_s or 0)
                where, shift, before = team.base, shift + 1, own
            drive = travel[at[where]][place]
            leaves = max(free, task.due_at - drive)
            free = task.due_at + task.duration_s
            part = int(matter.expanded.part[j])
            duties.append(Duty(team.id, task.id, where, leaves, leaves + drive, free, shift, part))
            where = task.place
    return tuple(duties)
