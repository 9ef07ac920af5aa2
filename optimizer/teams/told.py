"""What is said beside a proposal: why a task is not covered, and who is called next."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from optimizer.passing import NEVER
from optimizer.teams.matter import Matter, Pair, clashes
from optimizer.teams.problem import Lack, Reason, Standby

STANDBY_MAX = 5


def reasons(matter: Matter, j: int, taken: Collection[Pair]) -> Iterator[Reason]:
    """What stands against a task, the first thing for each skill."""
    task, found = matter.problem.tasks[j], False
    for need in task.needs:
        able = matter.able(need.skill)
        soon, fit = able & matter.in_time[:, j], able & matter.may[:, j]
        if int(fit.sum()) >= need.teams:
            continue
        found = True
        coming = np.flatnonzero(able & (matter.approach[:, j] < NEVER))
        earliest = min((_arrival(matter, int(u), j) for u in coming), default=None)
        if not able.any():
            yield Reason(Lack.NOBODY_CAN, need.skill, need.teams, 0)
        elif int(soon.sum()) < need.teams and int(able.sum()) >= need.teams:
            yield Reason(Lack.TOO_LATE, need.skill, need.teams, int(soon.sum()), earliest)
        elif int(soon.sum()) >= need.teams:
            yield Reason(Lack.SHIFT, need.skill, need.teams, int(fit.sum()), earliest)
        else:
            yield Reason(Lack.TOO_FEW, need.skill, need.teams, int(able.sum()), earliest)
    people = sum(matter.problem.teams[u].size for u in np.flatnonzero(matter.may[:, j]))
    if people < task.persons:
        found = True
        yield Reason(Lack.PERSONS, needed=task.persons, available=people)
    if not found:
        yield Reason(Lack.NEEDED_ELSEWHERE, tasks=tuple(sorted(_elsewhere(matter, j, taken))))


def _elsewhere(matter: Matter, j: int, taken: Collection[Pair]) -> set[str]:
    """The tasks that have teams which could come."""
    pairs = np.array([pair for pair in sorted(taken) if matter.may[pair[0], j]], np.int64).reshape(-1, 2)
    held = pairs[clashes(matter, pairs[:, 0], j, pairs[:, 1])]
    return {matter.problem.tasks[other].id for other in held[:, 1]}


def standby(matter: Matter, taken: Collection[Pair]) -> Iterator[Standby]:
    """For each task, teams that go nowhere and could help there, the earliest first."""
    problem = matter.problem
    idle = np.ones(len(problem.teams), np.bool_)
    idle[[u for u, _ in taken]] = False
    ready = np.array([team.ready_at for team in problem.teams], np.int64)
    place = np.empty(len(problem.teams), np.int64)
    place[sorted(range(len(problem.teams)), key=lambda u: problem.teams[u].id)] = np.arange(len(problem.teams))
    for j, task in enumerate(problem.tasks):
        can = idle & (matter.approach[:, j] < NEVER)
        if task.needs:
            can &= np.any([matter.able(need.skill) for need in task.needs], axis=0)
        rows = np.flatnonzero(can)
        rows = rows[np.lexsort((place[rows], ready[rows] + matter.approach[rows, j]))][:STANDBY_MAX]
        yield Standby(task.id, tuple((problem.teams[u].id, _arrival(matter, int(u), j)) for u in rows))


def _arrival(matter: Matter, u: int, j: int) -> int:
    return matter.problem.teams[u].ready_at + int(matter.approach[u, j])
