"""The problem in arrays: who can be where in time, which tasks exclude each other for a team, who covers a task between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optimizer.passing import NEVER
from optimizer.teams.problem import LARGEST, Need, TeamProblem

PAIRS_MAX = 12_000
"""So many pairs of team and task are looked at in full where numbers are large; beyond, the nearest."""
NEAR = 24
"""Teams looked at for a task and skill beside those it needs."""
MINUTE = 60
UNLIMITED = 2**63 - 1
"""For who may be on duty as long as it takes."""
FAR_S = 3600
"""Added to every approach when crews are compared: among teams nearer than this, what a team brings counts more than how near it is."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Pair = tuple[int, int]


@dataclass(slots=True)
class Matter:
    """The problem in arrays: rows are teams, columns tasks."""

    problem: TeamProblem
    tables: Ints
    """Driving times: profile, from, to."""
    profile: Ints
    place: Ints
    due: Ints
    ends: Ints
    size: Ints
    duty: Ints
    """The longest duty of each team."""
    approach: Ints
    home: Ints
    in_time: Flags
    back: Flags
    has: dict[str, Flags]
    may: Flags = field(init=False)

    def __post_init__(self) -> None:
        helps = np.zeros(self.approach.shape, np.bool_)
        for column, task in enumerate(self.problem.tasks):
            for need in task.needs:
                helps[:, column] |= self.able(need.skill)
            helps[:, column] |= not task.needs
        self.may = self.in_time & self.back & helps

    def able(self, skill: str) -> Flags:
        """Teams that have a skill."""
        return self.has.get(skill, np.zeros(len(self.size), np.bool_))

    def can(self, j: int) -> bool:
        """Could a task be covered, were all teams free for it?"""
        task, may = self.problem.tasks[j], self.may[:, j]
        enough = all(int((may & self.able(need.skill)).sum()) >= need.teams for need in task.needs)
        return enough and sum(int(size) for size in self.size[may]) >= task.persons


def matter_of(problem: TeamProblem) -> Matter:
    """Who can be where in time, and is home in time."""
    at = {place: n for n, place in enumerate(problem.places)}
    names = {name: n for n, name in enumerate(problem.travel)}
    tables = np.array(list(problem.travel.values()), np.int64).reshape(len(names), len(at), len(at))
    place = np.array([at[task.place] for task in problem.tasks], np.int64)
    base = np.array([at[team.base] for team in problem.teams], np.int64)
    profile = np.array([names[team.profile] for team in problem.teams], np.int64)
    due = np.array([task.due_at for task in problem.tasks], np.int64)
    ends = due + np.array([task.duration_s for task in problem.tasks], np.int64)
    ready = np.array([team.ready_at for team in problem.teams], np.int64)
    back_by = np.array([NEVER if team.back_by is None else team.back_by for team in problem.teams], np.int64)
    duty = np.array([UNLIMITED if team.duty_s_max is None else team.duty_s_max for team in problem.teams], np.int64)
    approach = tables[profile[:, None], base[:, None], place[None, :]]
    home = tables[profile[:, None], place[None, :], base[:, None]]
    ways = (approach < NEVER) & (home < NEVER)
    in_time = (approach < NEVER) & (ready[:, None] + np.where(ways, approach, 0) <= due)
    returns = ends + np.where(ways, home, 0)
    back = ways & (returns <= back_by[:, None])
    back &= returns - (due - np.where(ways, approach, 0)) <= duty[:, None]
    skills = sorted({skill for team in problem.teams for skill in team.skills})
    has = {skill: np.array([skill in team.skills for team in problem.teams], np.bool_) for skill in skills}
    size = np.array([min(team.size, LARGEST) for team in problem.teams], np.int64)
    return Matter(
        problem, tables, profile, place, due, ends, size, duty, approach, home, in_time, back, has
    )  # fmt: skip


def clashes(matter: Matter, teams: ArrayLike, ones: ArrayLike, others: ArrayLike) -> Flags:
    """Can the teams not do both tasks? Arrays of the same shape, or of shapes that can be made the same."""
    u, a, b = np.broadcast_arrays(*(np.asarray(each, np.int64) for each in (teams, ones, others)))
    due, ends = matter.due, matter.ends
    late = (due[b] < due[a]) | ((due[b] == due[a]) & (b < a))
    first, second = np.where(late, b, a), np.where(late, a, b)
    drive = matter.tables[matter.profile[u], matter.place[first], matter.place[second]]
    away, home = np.minimum(matter.approach[u, first], LARGEST), np.minimum(matter.home[u, second], LARGEST)
    found = (drive >= NEVER) | (ends[first] + np.minimum(drive, LARGEST) > due[second])
    too_long: Flags = ends[second] + home - (due[first] - away) > matter.duty[u]
    either: Flags = np.logical_or(found, too_long)
    return either


def clash(matter: Matter, team: int, one: int, two: int) -> bool:
    """Can the team not do both tasks?"""
    return bool(clashes(matter, team, one, two))


def near(matter: Matter) -> Flags:
    """The pairs looked at: all that are possible, or the nearest for each skill of each task."""
    if int(matter.may.sum()) <= PAIRS_MAX:
        return matter.may
    chosen = nearest(matter, NEAR)
    at = {team.id: u for u, team in enumerate(matter.problem.teams)}
    to = {task.id: j for j, task in enumerate(matter.problem.tasks)}
    for team_id, task_id in matter.problem.fixed:
        chosen[at[team_id], to[task_id]] = matter.may[at[team_id], to[task_id]]
    return chosen


def nearest(matter: Matter, more: int) -> Flags:
    """The nearest pairs for each skill of each task: as many as it needs, and some more."""
    chosen = np.zeros(matter.may.shape, np.bool_)
    for j, task in enumerate(matter.problem.tasks):
        for need in task.needs or (Need("", 1),):
            able = matter.may[:, j] & matter.has.get(need.skill, matter.may[:, j])
            rows = np.flatnonzero(able)
            chosen[rows[np.argsort(matter.approach[rows, j], kind="stable")[: need.teams + more]], j] = True
    return chosen


@dataclass(frozen=True, slots=True)
class Meeting:
    """Which tasks of a team exclude each other, in order of their hours."""

    tasks: tuple[int, ...]
    place: dict[int, int]
    meets: Flags

    def any(self, j: int, others: Sequence[int]) -> bool:
        """Does a task exclude one of the others?"""
        return any(self.meets[self.place[j], self.place[k]] for k in others)

    def groups(self, tasks: Sequence[int]) -> Iterator[list[int]]:
        """Groups of which at most one can be done, together saying all there is to say."""
        chosen = sorted(self.place[j] for j in tasks)
        meets = self.meets[np.ix_(chosen, chosen)]
        if len(chosen) > 1 and int(meets.sum()) == len(chosen) * (len(chosen) - 1):
            yield [self.tasks[n] for n in chosen]
            return
        bits = [int.from_bytes(row.tobytes(), "little") for row in np.packbits(meets, axis=1, bitorder="little")]
        said = [0] * len(chosen)
        for a, own in enumerate(bits):
            while open_ := (own & ~said[a]) >> (a + 1) << (a + 1):
                group, together, after = [a], open_ & -open_, own
                while together:
                    group.append(together.bit_length() - 1)
                    after &= bits[group[-1]]
                    together = after & -after
                whole = sum(1 << n for n in group)
                for n in group:
                    said[n] |= whole
                yield [self.tasks[chosen[n]] for n in group]


def meetings(matter: Matter, chosen: Flags) -> dict[int, Meeting]:
    """For each team, which of its chosen tasks exclude each other: `clashes`, for tasks in order."""
    made = {}
    due, ends = matter.due, matter.ends
    for u in np.flatnonzero(chosen.any(axis=1)):
        mine = np.flatnonzero(chosen[u])
        mine = mine[np.argsort(due[mine], kind="stable")]
        drive = matter.tables[matter.profile[u]][np.ix_(matter.place[mine], matter.place[mine])]
        meets = (drive >= NEVER) | (ends[mine][:, None] + np.minimum(drive, LARGEST) > due[mine])
        if matter.duty[u] < UNLIMITED:
            meets |= (
                ends[mine] + matter.home[u, mine] - (due[mine] - matter.approach[u, mine])[:, None] > matter.duty[u]
            )
        meets = np.triu(meets, 1)
        tasks = tuple(mine.tolist())
        made[int(u)] = Meeting(tasks, {j: n for n, j in enumerate(tasks)}, meets | meets.T)
    return made


def crew_for(
    matter: Matter,
    j: int,
    free: Sequence[int] | Ints,
    given: Sequence[int] = (),
    liking: NDArray[np.float64] | None = None,
) -> list[int]:
    """Teams that cover a task with those given, one after the other; nobody where the free ones are not enough.

    `liking` makes a team preferred, one number for each of the free ones.
    """
    task, left = matter.problem.tasks[j], np.asarray(free, np.int64)
    skills = [matter.able(need.skill) for need in task.needs]
    able = np.array(skills, np.bool_).reshape(len(skills), len(matter.size))
    lacking = [need.teams - sum(bool(row[u]) for u in given) for need, row in zip(task.needs, able, strict=True)]
    persons = task.persons - sum(int(matter.size[u]) for u in given)
    own = able[:, left]
    worth = 1 / (FAR_S + matter.approach[left, j] + 600.0 * sum(row[left] for row in matter.has.values()))
    if liking is not None:
        worth = worth * (1 + liking)
    open_, crew = np.ones(len(left), np.bool_), []
    while persons > 0 or any(count > 0 for count in lacking):
        gain = own[[n for n, count in enumerate(lacking) if count > 0]].sum(axis=0).astype(np.float64)
        if persons > 0:
            gain += np.minimum(matter.size[left], persons) / task.persons
        score = gain * worth * open_
        if not len(score) or score.max() <= 0:
            return []
        best = int(np.argmax(score))
        open_[best] = False
        crew.append(int(left[best]))
        persons -= int(matter.size[left[best]])
        lacking = [count - bool(own[n, best]) for n, count in enumerate(lacking)]
    return crew
