"""What is said beside a proposal: why a task is not covered, and who is called next."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from optimizer.passing import NEVER
from optimizer.teams.matter import Flags, Matter, Pair, clashes, exclude
from optimizer.teams.problem import Lack, Reason, Standby

STANDBY_MAX = 5


def why_not(matter: Matter, group: Sequence[int], taken: Collection[Pair]) -> tuple[Reason, ...]:
    """What stands against a task: against the first of its crews that cannot be, or against them all together."""
    for j in group:
        if not matter.can(j):
            part = int(matter.expanded.part[j]) if len(group) > 1 else 0
            return tuple(replace(reason, part=part) for reason in _against(matter, j))
    elsewhere = set().union(*(_elsewhere(matter, j, taken) for j in group))
    if not elsewhere and len(group) > 1:
        return (Reason(Lack.RELIEF, needed=len(group), available=len(_crews(matter, group))),)
    return (Reason(Lack.NEEDED_ELSEWHERE, tasks=tuple(sorted(elsewhere))),)


def _crews(matter: Matter, group: Sequence[int]) -> set[int]:
    """The teams that could be one of a task's crews, whichever shift of theirs it would be."""
    return set(matter.crew[np.any(matter.may[:, list(group)], axis=1)].tolist())


def _against(matter: Matter, j: int) -> Iterator[Reason]:
    """What stands against a crew, the first thing for each skill."""
    task = matter.problem.tasks[j]
    for need in task.needs:
        able = matter.able(need.skill) & matter.first
        soon, fit = able & matter.in_time[:, j], able & matter.may[:, j]
        ready = soon & matter.ready[:, j]
        if int(fit.sum()) >= need.teams:
            continue
        coming = np.flatnonzero(able & (matter.approach[:, j] < NEVER))
        earliest = min((_arrival(matter, int(u), j) for u in coming), default=None)
        if not able.any():
            yield Reason(Lack.NOBODY_CAN, need.skill, need.teams, 0)
        elif int(soon.sum()) < need.teams and int(able.sum()) >= need.teams:
            yield Reason(Lack.TOO_LATE, need.skill, need.teams, int(soon.sum()), earliest)
        elif int(soon.sum()) >= need.teams > int(ready.sum()):
            under = _conditions(matter, j, soon)
            yield Reason(Lack.UNREADY, need.skill, need.teams, int(ready.sum()), earliest, conditions=under)
        elif int(soon.sum()) >= need.teams:
            yield Reason(Lack.SHIFT, need.skill, need.teams, int(fit.sum()), earliest)
        else:
            yield Reason(Lack.TOO_FEW, need.skill, need.teams, int(able.sum()), earliest)
    people = sum(matter.problem.teams[u].size for u in np.flatnonzero(matter.may[:, j] & matter.first))
    if people < task.persons:
        yield Reason(Lack.PERSONS, needed=task.persons, available=people)


def _conditions(matter: Matter, j: int, teams: Flags) -> tuple[str, ...]:
    """The conditions under which a crew would work and that some of these teams are not ready for."""
    due, ends = int(matter.due[j]), max(int(matter.ends[j]), int(matter.due[j]) + 1)
    names = {each.name for each in matter.problem.conditions if due < each.until and each.since < ends}
    rows = [matter.problem.teams[u].ready_for for u in np.flatnonzero(teams)]
    return tuple(sorted(name for name in names if any(name not in ready for ready in rows)))


def _elsewhere(matter: Matter, j: int, taken: Collection[Pair]) -> set[str]:
    """The tasks that have teams which could come."""
    tasks, several = matter.problem.tasks, set(matter.crew[matter.shift > 1].tolist())
    mine = [pair for pair in sorted(taken) if matter.may[pair[0], j] and int(matter.crew[pair[0]]) not in several]
    pairs = np.array(mine, np.int64).reshape(-1, 2)
    held = pairs[clashes(matter, pairs[:, 0], j, pairs[:, 1])][:, 1].tolist()
    for team in several:
        own = [pair for pair in taken if int(matter.crew[pair[0]]) == team]
        rows = [int(u) for u in np.flatnonzero((matter.crew == team) & matter.may[:, j])]
        against = [[k for row, k in own if exclude(matter, (row, k), (u, j))] for u in rows]
        held += [k for each in against for k in each] if against and all(against) else []
    return {tasks[other].id for other in held if tasks[other].id != tasks[j].id}


def standby(matter: Matter, taken: Collection[Pair]) -> Iterator[Standby]:
    """For each task, teams that go nowhere and could help there, the earliest first."""
    problem = matter.problem
    idle = matter.first & ~np.isin(matter.crew, [int(matter.crew[u]) for u, _ in taken])
    ready = np.array([team.ready_at for team in problem.teams], np.int64)
    place = np.empty(len(problem.teams), np.int64)
    place[sorted(range(len(problem.teams)), key=lambda u: problem.teams[u].id)] = np.arange(len(problem.teams))
    for j, task in ((group[0], problem.tasks[group[0]]) for group in matter.groups):
        can = idle & (matter.approach[:, j] < NEVER) & matter.ready[:, j]
        if task.needs:
            can &= np.any([matter.able(need.skill) for need in task.needs], axis=0)
        rows = np.flatnonzero(can)
        rows = rows[np.lexsort((place[rows], ready[rows] + matter.approach[rows, j]))][:STANDBY_MAX]
        yield Standby(task.id, tuple((problem.teams[u].id, _arrival(matter, int(u), j)) for u in rows))


def _arrival(matter: Matter, u: int, j: int) -> int:
    return matter.problem.teams[u].ready_at + int(matter.approach[u, j])
