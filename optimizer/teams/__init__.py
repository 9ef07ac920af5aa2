"""Which team goes to which task: skills counted, everybody there by the task's hour, no team in two places at once.

A task holds its teams from its hour (`due_at`, by which all of them have to be there) until `duration_s` later. So a team's day is
feasible exactly when each two of its tasks are: between their hours lie the work and the drive, and from leaving the base for the
first until being back from the last its duty is not too long. Covering a task is all or nothing. What is maximised: the weights
of covered tasks, class before class; then the seconds of approach from the bases are as few as possible (the nearest goes).

Driving times have to obey the triangle inequality, as shortest times do. Solved with CP-SAT; the bound holds for the pairs of team
and task that were looked at: all of them, or the nearest for every skill where there are too many (`considers_all` says which).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from optimizer.budget import Budget
from optimizer.passing import NEVER
from optimizer.teams.matter import Matter, clash, matter_of, near
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
from optimizer.teams.search import Search

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
    "solve",
]

STANDBY_MAX = 5


def solve(problem: TeamProblem, budget: Budget, *, seed: int = 0) -> TeamPlan:
    """Propose who goes where. The same problem, seed and iterations give the same proposal. Raises ProblemError."""
    validate(problem)
    matter = matter_of(problem)
    chosen = near(matter)
    search = Search(matter, [(int(u), int(j)) for u, j in np.argwhere(chosen)], budget, seed)
    ranks = sorted({task.class_rank for task in problem.tasks})
    reached = [search.cover(rank) for rank in ranks]
    approach = search.approach()
    # what came later may cover more of a class than its own step found in time
    values = [search.weight(rank) for rank in ranks]
    stages = [Stage(one.name, value, max(value, one.bound)) for one, value in zip(reached, values, strict=True)]
    stages.append(approach)
    duties = duties_of(matter, sorted(search.taken))
    held = {duty.task_id for duty in duties}
    lost = [task for task in problem.tasks if task.id not in held]
    return TeamPlan(
        problem.id, duties, tuple(Uncovered(t.id, tuple(_reasons(matter, t, sorted(search.taken)))) for t in lost),
        tuple(_standby(matter, duties)), tuple(stages), bool((chosen == matter.may).all()), budget.stopped_by,
    )  # fmt: skip


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


def _reasons(matter: Matter, task: Task, taken: Sequence[tuple[int, int]]) -> Iterator[Reason]:
    """What stands against a task, the first thing for each skill."""
    problem = matter.problem
    j = next(n for n, other in enumerate(problem.tasks) if other.id == task.id)
    everybody = np.ones(len(problem.teams), np.bool_)
    wanted = [(need.skill, need.teams, matter.has.get(need.skill, ~everybody)) for need in task.needs]
    found = False
    for skill, needed, able in wanted:
        arrivals = [
            team.ready_at + int(matter.approach[u, j])
            for u, team in enumerate(problem.teams)
            if able[u] and matter.approach[u, j] < NEVER
        ]
        earliest = min(arrivals, default=None)
        soon, fit = able & matter.in_time[:, j], able & matter.may[:, j]
        if int(fit.sum()) >= needed:
            continue
        found = True
        if not able.any():
            yield Reason(Lack.NOBODY_CAN, skill, needed, 0)
        elif int(soon.sum()) < needed and int(able.sum()) >= needed:
            yield Reason(Lack.TOO_LATE, skill, needed, int(soon.sum()), earliest)
        elif int(soon.sum()) >= needed:
            yield Reason(Lack.SHIFT, skill, needed, int(fit.sum()), earliest)
        else:
            yield Reason(Lack.TOO_FEW, skill, needed, int(able.sum()), earliest)
    people = sum(team.size for u, team in enumerate(problem.teams) if matter.may[u, j])
    if people < task.persons:
        found = True
        yield Reason(Lack.PERSONS, needed=task.persons, available=people)
    if not found:
        others = {
            problem.tasks[other].id
            for u, other in taken
            if matter.may[u, j] and clash(matter, u, j, other)
        }  # fmt: skip
        yield Reason(Lack.NEEDED_ELSEWHERE, tasks=tuple(sorted(others)))


def _standby(matter: Matter, duties: Sequence[Duty]) -> Iterator[Standby]:
    """For each task, teams that go nowhere and could help there, the earliest first."""
    problem = matter.problem
    busy = {duty.team_id for duty in duties}
    for j, task in enumerate(problem.tasks):
        skills = {need.skill for need in task.needs}
        ladder = sorted(
            (team.ready_at + int(matter.approach[u, j]), team.id)
            for u, team in enumerate(problem.teams)
            if team.id not in busy and matter.approach[u, j] < NEVER and (not skills or skills & set(team.skills))
        )
        yield Standby(task.id, tuple((team_id, at) for at, team_id in ladder[:STANDBY_MAX]))
