"""The problem in arrays: who can be where in time, which duties of a team exclude each other, who covers a task between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optimizer.passing import NEVER
from optimizer.teams.expanded import Expanded, by_crews, by_shifts, levels_of, rests_between
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
"""Row and column."""


@dataclass(slots=True)
class Matter:
    """The problem in arrays: rows are teams, or shifts of teams, columns tasks, or crews of tasks. `problem` has a team for each row
    and a task for each column; `asked` is as it was given."""

    asked: TeamProblem
    expanded: Expanded
    tables: Ints
    """Driving times: profile, from, to."""
    profile: Ints
    place: Ints
    due: Ints
    ends: Ints
    size: Ints
    duty: Ints
    """The longest duty of each team."""
    rest: Ints
    """Between its shifts; -1: it works only one."""
    approach: Ints
    home: Ints
    in_time: Flags
    back: Flags
    ready: Flags
    """Who is ready for the night and the frost in which there is work."""
    has: dict[str, Flags]
    may: Flags = field(init=False)
    problem: TeamProblem = field(init=False)
    crew: Ints = field(init=False)
    shift: Ints = field(init=False)
    groups: list[list[int]] = field(init=False)
    first: Flags = field(init=False)
    """Rows that are the first of their team: who counts teams looks at these."""
    _can: dict[int, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.problem, self.crew, self.shift = self.expanded.problem, self.expanded.crew, self.expanded.shift
        self.groups, self.first = self.expanded.groups, self.expanded.shift == 1
        helps = np.zeros(self.approach.shape, np.bool_)
        for column, task in enumerate(self.problem.tasks):
            for need in task.needs:
                helps[:, column] |= self.able(need.skill)
            helps[:, column] |= not task.needs
        self.may = self.in_time & self.back & self.ready & helps

    def able(self, skill: str) -> Flags:
        """Teams that have a skill."""
        return self.has.get(skill, np.zeros(len(self.size), np.bool_))

    def can(self, j: int) -> bool:
        """Could a crew of a task be put together, were all teams free for it?"""
        if j not in self._can:
            self._can[j] = self._is_enough(j)
        return self._can[j]

    def _is_enough(self, j: int) -> bool:
        task, may = self.problem.tasks[j], self.may[:, j] & self.first
        enough = all(int((may & self.able(need.skill)).sum()) >= need.teams for need in task.needs)
        return enough and sum(int(size) for size in self.size[may]) >= task.persons

    def possible(self, j: int) -> bool:
        """Could each crew of the column's task be?"""
        return all(self.can(column) for column in self.groups[int(self.expanded.of[j])])


def matter_of(asked: TeamProblem) -> Matter:
    """Who can be where in time, and is home in time; rows for further shifts where a team can have any."""
    one = by_crews(asked)
    matter = _matter(asked, one)
    if not (matter.rest >= 0).any():
        return matter
    levels = levels_of(matter.may, matter.due, matter.ends, matter.approach, matter.home, matter.rest)
    if levels.max(initial=1) == 1:
        return matter
    more = by_shifts(one, levels)
    matter = _matter(asked, more)
    matter.may &= levels[more.crew] >= more.shift[:, None]
    return matter


def _matter(asked: TeamProblem, expanded: Expanded) -> Matter:
    problem = expanded.problem
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
    rest = np.array(
        [-1 if team.rest_s is None or team.duty_s_max is None else team.rest_s for team in problem.teams], np.int64
    )
    ready_for = np.ones(approach.shape, np.bool_)
    for condition in problem.conditions:
        under = (due < condition.until) & (condition.since < np.maximum(ends, due + 1))
        unready = np.array([condition.name not in team.ready_for for team in problem.teams], np.bool_)
        ready_for[np.ix_(unready, under)] = False
    skills = sorted({skill for team in problem.teams for skill in team.skills})
    has = {skill: np.array([skill in team.skills for team in problem.teams], np.bool_) for skill in skills}
    size = np.array([min(team.size, LARGEST) for team in problem.teams], np.int64)
    return Matter(
        asked, expanded, tables, profile, place, due, ends, size, duty, rest, approach, home, in_time, back, ready_for, has
    )  # fmt: skip


def clashes(matter: Matter, teams: ArrayLike, ones: ArrayLike, others: ArrayLike) -> Flags:
    """Can the teams not do both tasks in one shift? Arrays of the same shape, or of shapes that can be made the same."""
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
    """Can the team not do both tasks in one shift?"""
    return bool(clashes(matter, team, one, two))


def exclude(matter: Matter, one: Pair, two: Pair) -> bool:
    """Can a team not do both, each in its shift?"""
    (row, a), (other, b) = sorted((one, two), key=lambda pair: int(matter.shift[pair[0]]))
    if row == other:
        return clash(matter, row, a, b)
    if a == b:
        return True
    own = matter.due, matter.ends, matter.approach[row], matter.home[row], int(matter.rest[row])
    return not bool(rests_between(*own, np.array([a]), np.array([b]))[0])


def near(matter: Matter) -> Flags:
    """The pairs looked at: all that are possible, or the nearest for each skill of each task."""
    if int(matter.may.sum()) <= PAIRS_MAX:
        return matter.may
    chosen = nearest(matter, NEAR)
    firsts = np.flatnonzero(matter.first)
    chosen = chosen[firsts[np.searchsorted(matter.crew[firsts], matter.crew)]] & matter.may
    for u, j in fixed_pairs(matter):
        chosen[u, j] = matter.may[u, j]
    return chosen


def fixed_pairs(matter: Matter) -> set[Pair]:
    """What is fixed: the team's first shift, the task's first crew."""
    at = {matter.problem.teams[u].id: int(u) for u in np.flatnonzero(matter.first)}
    to = {matter.problem.tasks[group[0]].id: group[0] for group in matter.groups}
    return {(at[team], to[task]) for team, task in matter.problem.fixed}


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
    """Which duties of a team exclude each other: rows and columns, in order of their hours."""

    rows: Ints
    columns: Ints
    place: dict[Pair, int]
    meets: Flags

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The duties in their order."""
        return tuple(self.place)

    def any(self, pair: Pair, others: Sequence[Pair]) -> bool:
        """Does a duty exclude one of the others?"""
        return any(self.meets[self.place[pair], self.place[other]] for other in others)

    def groups(self, pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
        """Groups of which at most one can be done, together saying all there is to say."""
        chosen = sorted(self.place[pair] for pair in pairs)
        every = self.pairs
        meets = self.meets[np.ix_(chosen, chosen)]
        if len(chosen) > 1 and int(meets.sum()) == len(chosen) * (len(chosen) - 1):
            yield [every[n] for n in chosen]
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
                yield [every[chosen[n]] for n in group]


def meetings(matter: Matter, chosen: Flags) -> dict[int, Meeting]:
    """For each team that has any, which of its chosen duties exclude each other: `exclude`, for duties in order."""
    made = {}
    counts = np.bincount(matter.crew)
    starts = np.concatenate([[0], np.cumsum(counts)])
    for team in np.unique(matter.crew[chosen.any(axis=1)]):
        rows, columns = np.nonzero(chosen[starts[team] : starts[team + 1]])
        order = np.argsort(matter.due[columns], kind="stable")
        rows, columns = rows[order] + starts[team], columns[order]
        meets = _meets(matter, int(starts[team]), columns)
        if counts[team] > 1:
            meets = _across_shifts(matter, rows, columns, meets)
        pairs = zip(rows.tolist(), columns.tolist(), strict=True)
        made[int(team)] = Meeting(rows, columns, {pair: n for n, pair in enumerate(pairs)}, meets | meets.T)
    return made


def _meets(matter: Matter, u: int, mine: Ints) -> Flags:
    """Which of these columns, in order, exclude each other in one shift."""
    due, ends = matter.due, matter.ends
    drive = matter.tables[matter.profile[u]][np.ix_(matter.place[mine], matter.place[mine])]
    meets = (drive >= NEVER) | (ends[mine][:, None] + np.minimum(drive, LARGEST) > due[mine])
    if matter.duty[u] < UNLIMITED:
        meets |= ends[mine] + matter.home[u, mine] - (due[mine] - matter.approach[u, mine])[:, None] > matter.duty[u]
    return np.triu(meets, 1)


def _across_shifts(matter: Matter, rows: Ints, columns: Ints, meets: Flags) -> Flags:
    """The same where duties lie in several shifts: between these there has to be time to go home and rest."""
    u, shift = int(rows[0]), matter.shift[rows]
    first, second = np.indices((len(rows), len(rows))).reshape(2, -1)
    own = matter.due, matter.ends, matter.approach[u], matter.home[u], int(matter.rest[u])
    rests = rests_between(*own, columns[first], columns[second]).reshape(meets.shape)
    earlier = shift[:, None] < shift
    apart = np.where(earlier, rests, rests.T)
    found: Flags = np.triu(np.where(shift[:, None] == shift, meets, ~apart | (columns[:, None] == columns)), 1)
    return found


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
        open_[matter.crew[left] == matter.crew[left[best]]] = False
        crew.append(int(left[best]))
        persons -= int(matter.size[left[best]])
        lacking = [count - bool(own[n, best]) for n, count in enumerate(lacking)]
    return crew
