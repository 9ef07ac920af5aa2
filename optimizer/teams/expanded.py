"""The problem as the searches see it: a row for each shift of a team, a column for each crew of a task.

A team that may rest works several shifts. It has a row for each of them; what lies in different shifts is compared by whether there
is time for going home and resting between, so that each two of its duties being possible still means that all of them are. A task
whose crews relieve each other has a column for each crew; it is covered when all of them are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.passing import NEVER
from optimizer.teams.problem import LARGEST, TeamProblem

SHIFTS_MAX = 8

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Expanded:
    """`problem` has a team for each row and a task for each column; `crew` and `of` say whose they are."""

    problem: TeamProblem
    crew: Ints
    shift: Ints
    of: Ints
    part: Ints

    @property
    def groups(self) -> list[list[int]]:
        """The columns of each task."""
        found: list[list[int]] = [[] for _ in range(int(self.of.max(initial=-1)) + 1)]
        for column, task in enumerate(self.of):
            found[task].append(column)
        return found


def by_crews(problem: TeamProblem) -> Expanded:
    """A row for each team, a column for each crew of a task. The first crew's has the weight."""
    tasks, of, part = [], [], []
    for place, task in enumerate(problem.tasks):
        for number, (start, end) in enumerate(task.parts):
            weight = task.weight if number == 0 else 0
            tasks.append(replace(task, due_at=start, duration_s=end - start, relief_s=None, weight=weight))
            of.append(place)
            part.append(number + 1)
    teams = len(problem.teams)
    return Expanded(
        replace(problem, tasks=tuple(tasks)), np.arange(teams), np.ones(teams, np.int64), np.array(of, np.int64),
        np.array(part, np.int64),
    )  # fmt: skip


def by_shifts(one: Expanded, levels: Ints) -> Expanded:
    """A row for each shift: `levels` says for each team and column in which of its shifts the team could be there at the latest."""
    shifts = np.clip(levels.max(axis=1, initial=1), 1, SHIFTS_MAX)
    crew = np.repeat(np.arange(len(shifts)), shifts)
    shift = np.concatenate([np.arange(1, count + 1) for count in shifts]) if len(shifts) else np.array([], np.int64)
    teams = tuple(one.problem.teams[u] for u in crew)
    return replace(one, problem=replace(one.problem, teams=teams), crew=crew, shift=shift.astype(np.int64))


def rests_between(due: Ints, ends: Ints, approach: Ints, home: Ints, rest_s: int, first: Ints, second: Ints) -> Flags:
    """Is there time between two tasks of a team for going home and resting? `approach` and `home` are the team's own."""
    back = ends[first] + np.minimum(home[first], LARGEST) + rest_s
    found: Flags = (home[first] < NEVER) & (back <= due[second] - np.minimum(approach[second], LARGEST))
    return found


def levels_of(may: Flags, due: Ints, ends: Ints, approach: Ints, home: Ints, rest: Ints) -> Ints:
    """For each team and column the latest of its shifts in which it could be there: how many it can have worked before."""
    levels = np.ones(may.shape, np.int64)
    for u in np.flatnonzero((rest >= 0) & may.any(axis=1)):
        mine = np.flatnonzero(may[u])
        soonest = int((ends[mine] + home[u, mine]).min()) + int(rest[u])
        later = mine[due[mine] - approach[u, mine] >= soonest]
        for j in later[np.argsort(due[later] - approach[u, later], kind="stable")]:
            before = mine[rests_between(due, ends, approach[u], home[u], int(rest[u]), mine, np.full(len(mine), j))]
            levels[u, j] = 1 + int(levels[u, before].max(initial=0))
    return levels
