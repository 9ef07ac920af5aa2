"""The linear program of a proposal as arrays: a column for each possible pair of team and task, then one for each task covered."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from optimizer.teams.draft import Draft
from optimizer.teams.matter import MINUTE, nearest
from optimizer.teams.problem import Task

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

NUMBER_MAX = 10**6
"""Up to so much in weight, persons or minutes the program tells one more from one less."""
NEEDS_MAX = 5
"""Tasks with more needs get no cuts of their own."""
START = 8
"""Teams for each task and skill beside those it needs that the program starts with."""


class Rows:
    """Rows are either at most something or at least something. All coefficients are whole."""

    def __init__(self, draft: Draft) -> None:
        matter, tasks = draft.matter, draft.matter.problem.tasks
        self.draft = draft
        self.own: Ints = np.array([j for j in range(len(tasks)) if matter.possible(j)], np.int64)
        """The tasks that can be covered at all."""
        at, self.team = np.nonzero(draft.chosen[:, self.own].T)
        self.at: Ints = at.astype(np.int64)
        """For each pair, its task's place among those."""
        self.pairs, self.covers = len(self.team), len(self.own)
        self.first = np.searchsorted(self.at, np.arange(self.covers + 1))
        self.index = np.full(draft.chosen.shape, -1, np.int64)
        self.index[self.team, self.own[self.at]] = np.arange(self.pairs)
        self.minutes: Reals = (matter.approach[self.team, self.own[self.at]] // MINUTE + 1).astype(np.float64)
        self.mask = np.zeros(self.pairs, np.int64)
        """For each pair, which of the task's needs the team helps with, a bit each."""
        self.rank = np.array([tasks[j].class_rank for j in self.own], np.int64)
        self.weight = np.array([tasks[j].weight for j in self.own], np.float64)
        self.least = np.zeros(self.covers)
        self.forced = np.zeros(self.pairs, np.bool_)
        self.matrix = sp.csr_matrix((0, self.pairs + self.covers))
        self.lower, self.upper = np.zeros(0), np.zeros(0)
        self.is_rounded = np.zeros(0, np.bool_)
        self.clique = np.zeros(self.pairs, np.int64)
        """For each pair, a row that says that no more than one of it and others can be."""
        self._needs()
        self._groups()
        self._crews()
        self._fixed()

    @property
    def columns(self) -> int:
        return self.pairs + self.covers

    def add(
        self, rows: list[tuple[Ints, Reals]], lower: Reals, upper: Reals, *, is_rounded: bool = False
    ) -> sp.csr_matrix:
        """Rows of columns and their coefficients; what was added, as a matrix."""
        counts = [len(columns) for columns, _ in rows]
        index = np.concatenate([columns for columns, _ in rows])
        values = np.concatenate([numbers for _, numbers in rows]).astype(np.float64)
        new = sp.csr_matrix((values, index, np.concatenate([[0], np.cumsum(counts)])), (len(rows), self.columns))
        self.matrix = sp.vstack([self.matrix, new], format="csr")
        self.lower, self.upper = np.concatenate([self.lower, lower]), np.concatenate([self.upper, upper])
        self.is_rounded = np.concatenate([self.is_rounded, np.full(len(rows), is_rounded)])
        return new

    def leave(self, kept: NDArray[np.bool_]) -> None:
        """Forget all other rows."""
        self.matrix, self.lower, self.upper = self.matrix[kept], self.lower[kept], self.upper[kept]
        self.is_rounded = self.is_rounded[kept]

    def start(self) -> NDArray[np.bool_]:
        """Pairs that the program starts with: the nearest."""
        return nearest(self.draft.matter, START)[self.team, self.own[self.at]] | self.forced

    def task(self, place: int) -> Task:
        tasks: tuple[Task, ...] = self.draft.matter.problem.tasks
        return tasks[int(self.own[place])]

    def _needs(self) -> None:
        """Covering is written as one sum for each skill, which bounds far better than a condition."""
        matter, rows = self.draft.matter, []
        for place in range(self.covers):
            ids, task = np.arange(self.first[place], self.first[place + 1]), self.task(place)
            for bit, need in enumerate(task.needs):
                helps = matter.able(need.skill)[self.team[ids]]
                if bit < NEEDS_MAX:
                    self.mask[ids[helps]] |= 1 << bit
                rows.append(self._sum(ids[helps], np.ones(int(helps.sum())), need.teams, place))
            if task.persons:
                sizes = np.minimum(matter.size[self.team[ids]], task.persons).astype(np.float64)
                rows.append(self._sum(ids, sizes, task.persons, place))
        if rows:
            self.add(rows, np.zeros(len(rows)), np.full(len(rows), np.inf))

    def _sum(self, ids: Ints, values: Reals, needed: int, place: int) -> tuple[Ints, Reals]:
        return np.append(ids, self.pairs + place), np.append(values, -float(needed))

    def _groups(self) -> None:
        """Of tasks that exclude each other a team does one. Every pair is in such a row, if need be alone."""
        at = self.index
        base = len(self.lower)
        rows: list[tuple[Ints, Reals]] = []
        self.clique -= 1
        for meeting in self.draft.meets.values():
            mine = [pair for pair in meeting.pairs if at[pair] >= 0]
            alone = set(mine)
            groups = list(meeting.groups(mine))
            for group in groups:
                alone.difference_update(group)
            for group in [*groups, *([pair] for pair in sorted(alone))]:
                ids = np.array([at[pair] for pair in group], np.int64)
                self.clique[ids[self.clique[ids] < 0]] = base + len(rows)
                rows.append((ids, np.ones(len(ids))))
        if rows:
            self.add(rows, np.full(len(rows), -np.inf), np.ones(len(rows)))

    def _crews(self) -> None:
        """Of a task whose crews relieve each other all are there, or none: each no less than the one before, round and round."""
        to = {int(j): self.pairs + place for place, j in enumerate(self.own)}
        rows: list[tuple[Ints, Reals]] = []
        for group in self.draft.matter.groups:
            if len(group) > 1 and group[0] in to:
                columns = [to[j] for j in group]
                for one, next_ in zip(columns, [*columns[1:], columns[0]], strict=True):
                    rows.append((np.array([next_, one], np.int64), np.array([1.0, -1.0])))
        if rows:
            self.add(rows, np.zeros(len(rows)), np.full(len(rows), np.inf))

    def _fixed(self) -> None:
        to = {int(j): place for place, j in enumerate(self.own)}
        for u, j in self.draft.fixed:
            self.least[to[j]] = 1
            ids = slice(self.first[to[j]], self.first[to[j] + 1])
            self.forced[ids] |= self.team[ids] == u


@lru_cache(maxsize=4096)
def crew_cuts(needs: tuple[int, ...]) -> tuple[Reals, Reals]:
    """What holds for whole crews and not for parts of them: coefficients for each mask of skills, and how much is needed.

    Rounded up sums of needs, after Chvátal: where three skills are needed once and each team has two, three halves will not do.
    """
    found: dict[tuple[float, ...], float] = {}
    masks = np.arange(1 << len(needs))
    bits = (masks[:, None] >> np.arange(len(needs))) & 1
    for weights in product(range(3), repeat=len(needs)):
        total = sum(weight * need for weight, need in zip(weights, needs, strict=True))
        for divisor in range(2, sum(weights) + 1):
            if total % divisor:
                row = tuple((-(-(bits @ np.array(weights)) // divisor)).astype(np.float64).tolist())
                found[row] = max(found.get(row, 0.0), float(-(-total // divisor)))
    return np.array(list(found), np.float64).reshape(len(found), len(masks)), np.array(list(found.values()))
