"""Tasks that last longer than a shift: how often their crews have to relieve each other."""

from __future__ import annotations

from dataclasses import replace

from optimizer.teams.matter import MINUTE, matter_of
from optimizer.teams.problem import PARTS_MAX, Task, TeamProblem

SHORTEST_S = 3600
"""Nobody is relieved after less than that."""


def relieved(problem: TeamProblem) -> TeamProblem:
    """The problem with crews that relieve each other where no one crew could stay until the end, as seldom as will do.

    A task that could not be covered like that either is left as it is.
    """
    matter = matter_of(problem)
    tasks = [
        task if matter.possible(group[0]) else _relieved(problem, task)
        for task, group in zip(problem.tasks, matter.groups, strict=True)
    ]
    return replace(problem, tasks=tuple(tasks))


def _relieved(problem: TeamProblem, task: Task) -> Task:
    for crews in range(2, PARTS_MAX + 1):
        relief_s = -(-task.duration_s // (crews * MINUTE)) * MINUTE
        if relief_s < SHORTEST_S:
            break
        one = replace(task, relief_s=relief_s)
        if matter_of(replace(problem, tasks=(one,), fixed=())).possible(0):
            return one
    return task
