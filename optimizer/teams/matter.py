"""The problem in arrays: who can be where in time, which tasks exclude each other for a team, who covers a task between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimizer.passing import NEVER
from optimizer.teams.problem import Need, TeamProblem

PAIRS_MAX = 12_000
"""So many pairs of team and task are looked at in full; beyond, the nearest."""
NEAR = 24
"""Teams looked at for a task and skill beside those it needs."""
MINUTE = 60
FAR_S = 3600
"""Added to every approach when crews are compared: among teams nearer than this, what a team brings counts more than how near it is."""


@dataclass(slots=True)
class Matter:
    """The problem in arrays: rows are teams, columns tasks."""

    problem: TeamProblem
    approach: NDArray[np.int64]
    home: NDArray[np.int64]
    in_time: NDArray[np.bool_]
    back: NDArray[np.bool_]
    has: dict[str, NDArray[np.bool_]]
    may: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        helps = np.zeros(self.approach.shape, np.bool_)
        for column, task in enumerate(self.problem.tasks):
            for need in task.needs:
                helps[:, column] |= self.has.get(need.skill, np.zeros(len(helps), np.bool_))
            helps[:, column] |= not task.needs
        self.may = self.in_time & self.back & helps


def matter_of(problem: TeamProblem) -> Matter:
    """Who can be where in time, and is home in time."""
    at = {place: n for n, place in enumerate(problem.places)}
    tables = {name: np.array(table, np.int64).reshape(len(at), len(at)) for name, table in problem.travel.items()}
    places = np.array([at[task.place] for task in problem.tasks], np.int64)
    shape = (len(problem.teams), len(places))
    approach, home = np.full(shape, NEVER, np.int64), np.full(shape, NEVER, np.int64)
    in_time, back = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    due = np.array([task.due_at for task in problem.tasks], np.int64)
    ends = np.array([task.due_at + task.duration_s for task in problem.tasks], np.int64)
    for row, team in enumerate(problem.teams):
        table = tables[team.profile]
        approach[row], home[row] = table[at[team.base], places], table[places, at[team.base]]
        ways = (approach[row] < NEVER) & (home[row] < NEVER)
        in_time[row] = (approach[row] < NEVER) & (team.ready_at + np.where(ways, approach[row], 0) <= due)
        returns = ends + np.where(ways, home[row], 0)
        back[row] = ways & (returns <= (NEVER if team.back_by is None else team.back_by))
        if team.duty_s_max is not None:
            back[row] &= returns - (due - np.where(ways, approach[row], 0)) <= team.duty_s_max
    skills = {skill for team in problem.teams for skill in team.skills}
    has = {skill: np.array([skill in team.skills for team in problem.teams], np.bool_) for skill in skills}
    return Matter(problem, approach, home, in_time, back, has)


def clash(matter: Matter, team: int, one: int, two: int) -> bool:
    """Can the team not do both tasks?"""
    a, b = sorted((one, two), key=lambda j: (matter.problem.tasks[j].due_at, j))
    problem = matter.problem
    first, second, who = problem.tasks[a], problem.tasks[b], problem.teams[team]
    at = {place: n for n, place in enumerate(problem.places)}
    drive = problem.travel[who.profile][at[first.place]][at[second.place]]
    if drive >= NEVER or first.due_at + first.duration_s + drive > second.due_at:
        return True
    duty = (
        second.due_at + second.duration_s + int(matter.home[team, b]) - (first.due_at - int(matter.approach[team, a]))
    )
    return who.duty_s_max is not None and duty > who.duty_s_max


def near(matter: Matter) -> NDArray[np.bool_]:
    """The pairs looked at: all that are possible, or the nearest for each skill of each task."""
    if int(matter.may.sum()) <= PAIRS_MAX:
        return matter.may
    chosen = np.zeros(matter.may.shape, np.bool_)
    for j, task in enumerate(matter.problem.tasks):
        for need in task.needs or (Need("", 1),):
            able = matter.may[:, j] & matter.has.get(need.skill, matter.may[:, j])
            rows = np.flatnonzero(able)
            chosen[rows[np.argsort(matter.approach[rows, j], kind="stable")[: need.teams + NEAR]], j] = True
    at = {team.id: u for u, team in enumerate(matter.problem.teams)}
    to = {task.id: j for j, task in enumerate(matter.problem.tasks)}
    for team_id, task_id in matter.problem.fixed:
        chosen[at[team_id], to[task_id]] = matter.may[at[team_id], to[task_id]]
    return chosen


Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Meeting:
    """Which tasks of a team exclude each other, in order of their hours."""

    tasks: tuple[int, ...]
    place: dict[int, int]
    meets: NDArray[np.bool_]

    def any(self, j: int, others: Sequence[int]) -> bool:
        """Does a task exclude one of the others?"""
        return any(self.meets[self.place[j], self.place[k]] for k in others)

    def groups(self, tasks: Sequence[int]) -> Iterator[list[int]]:
        """Groups of which at most one can be done, together saying all there is to say."""
        chosen = sorted(self.place[j] for j in tasks)
        meets = self.meets[np.ix_(chosen, chosen)]
        said = np.eye(len(chosen), dtype=np.bool_)
        for a in range(len(chosen)):
            while (open_ := meets[a, a + 1 :] & ~said[a, a + 1 :]).any():
                group = [a, a + 1 + int(np.argmax(open_))]
                together = meets[group[0]] & meets[group[1]]
                while (rest := np.flatnonzero(together)).size:
                    group.append(int(rest[0]))
                    together &= meets[group[-1]]
                said[np.ix_(group, group)] = True
                yield [self.tasks[chosen[n]] for n in group]


def meetings(matter: Matter, pairs: Sequence[Pair]) -> dict[int, Meeting]:
    """For each team, which of its possible tasks exclude each other."""
    of = _clashes(matter)
    rows: dict[int, list[int]] = {}
    tasks = matter.problem.tasks
    for u, j in pairs:
        rows.setdefault(u, []).append(j)
    made = {}
    for u, mine in rows.items():
        mine.sort(key=lambda j: (tasks[j].due_at, j))
        made[u] = Meeting(tuple(mine), {j: n for n, j in enumerate(mine)}, of(u, np.array(mine, np.int64)))
    return made


def _clashes(matter: Matter) -> Callable[[int, NDArray[np.int64]], NDArray[np.bool_]]:
    """`clash` for all tasks of a team at once."""
    problem = matter.problem
    at = {place: n for n, place in enumerate(problem.places)}
    tables = {name: np.array(table, np.int64).reshape(len(at), len(at)) for name, table in problem.travel.items()}
    place = np.array([at[task.place] for task in problem.tasks], np.int64)
    due = np.array([task.due_at for task in problem.tasks], np.int64)
    ends = due + np.array([task.duration_s for task in problem.tasks], np.int64)

    def of(u: int, tasks: NDArray[np.int64]) -> NDArray[np.bool_]:
        who = problem.teams[u]
        drive = np.minimum(tables[who.profile][np.ix_(place[tasks], place[tasks])], NEVER // 2)
        late = ends[tasks][:, None] + drive > due[tasks][None, :]
        if who.duty_s_max is not None:
            duty = (ends[tasks] + matter.home[u, tasks])[None, :] - (due[tasks] - matter.approach[u, tasks])[:, None]
            late |= duty > who.duty_s_max
        upper = np.triu(late, 1)
        return upper | upper.T

    return of


def crew_for(matter: Matter, j: int, free: Sequence[int], given: Sequence[int] = ()) -> list[int]:
    """Teams that cover a task with those given, one after the other; nobody where the free ones are not enough."""
    task = matter.problem.tasks[j]
    lacking = {need.skill: need.teams for need in task.needs}
    persons, left, crew = task.persons, list(free), []
    for u in given:
        persons -= matter.problem.teams[u].size
        for skill in matter.problem.teams[u].skills:
            if skill in lacking:
                lacking[skill] -= 1
    while persons > 0 or any(count > 0 for count in lacking.values()):
        best, best_score = -1, 0.0
        for u in left:
            team = matter.problem.teams[u]
            gain = sum(lacking.get(skill, 0) > 0 for skill in team.skills) + (
                min(persons, team.size) / task.persons if persons > 0 else 0
            )
            score = gain / (FAR_S + float(matter.approach[u, j]) + 600 * len(team.skills))
            if gain and score > best_score:
                best, best_score = u, score
        if best < 0:
            return []
        crew.append(best)
        left.remove(best)
        persons -= matter.problem.teams[best].size
        for skill in matter.problem.teams[best].skills:
            if skill in lacking:
                lacking[skill] -= 1
    return crew
