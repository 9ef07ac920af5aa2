"""Proposals put together task by task, made better by taking some apart again, and what they are worth."""

from __future__ import annotations

import random
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from optimizer.budget import Budget
from optimizer.model import ProblemError
from optimizer.teams.matter import MINUTE, Flags, Matter, Pair, crew_for, fixed_pairs, meetings

Reals = NDArray[np.float64]

TRIALS, TRIALS_SHORT = 6, 120
"""So often is a proposal taken apart in part to get one more task in: the less time there is for proofs, the more rests on it."""
SHORT_S, SHORT_ITERATIONS = 2.0, 50
NEIGHBOURS = 4
"""Tasks that are given up for one that is not covered: those that hold teams it could have."""


class Draft:
    """What every search starts from: the pairs looked at, what is fixed, and a proposal made without searching."""

    def __init__(self, matter: Matter, chosen: Flags) -> None:
        self.matter, self.chosen = matter, chosen
        self.fixed = fixed_pairs(matter)
        self.meets = meetings(matter, chosen)
        self._refuse_what_cannot_be_kept()
        tasks = matter.problem.tasks
        self._able = np.array(list(matter.has.values()), np.int32).reshape(len(matter.has), len(matter.size))
        self._wanted = np.zeros((len(matter.has), len(tasks)), np.int64)
        """By skill and column; what nobody can is seen to by `possible`. Whole numbers: a count must not depend on the BLAS at hand."""
        for j, task in enumerate(tasks):
            for need in task.needs:
                if need.skill in matter.has:
                    self._wanted[list(matter.has).index(need.skill), j] = need.teams
        self._possible = [group for group in matter.groups if matter.possible(group[0])]

    def extended(
        self, wanted: Collection[int] = (), sure: Collection[Pair] = (), liking: Reals | None = None
    ) -> set[Pair]:
        """What is sure, then task by task, those wanted first in each class, crews that are still free.

        `liking` has a number for each team and task: what is liked is preferred.
        """
        tasks, first = self.matter.problem.tasks, set(wanted)
        taken = set(sure) | self.fixed
        free = self._free(taken)
        kept, given = {j for _, j in self.fixed}, {j for _, j in sure}
        order = sorted(
            (group for group in self.matter.groups if group[0] not in given),
            key=lambda group: (
                group[0] not in kept, tasks[group[0]].class_rank, group[0] not in first, tasks[group[0]].due_at, group[0],
            ),
        )  # fmt: skip
        for group in order:
            if group[0] in kept or self.matter.possible(group[0]):
                taken |= self._staffed(group, free, liking)
        return taken

    def improved(self, taken: set[Pair], seed: int, trials: int = TRIALS) -> set[Pair]:
        """The proposal with tasks put in that it does not cover, for others that are given up and tried again after them.

        Higher classes never lose by it. The same seed gives the same proposal.
        """
        dice = random.Random(seed)
        best, value = taken, self.worth(taken)
        lost = self._lost(best)
        for _ in range(trials if lost else 0):
            group = dice.choice(lost)
            made = self._swapped(best, group, dice)
            if (worth := self.worth(made)) > value:
                best, value = made, worth
                lost = self._lost(best)
                if not lost:
                    break
        return best

    def worth(self, taken: Collection[Pair]) -> tuple[int, ...]:
        """To compare proposals by: weights by class, then fewer minutes of approach."""
        ranks = sorted({task.class_rank for task in self.matter.problem.tasks})
        return (*(self.weight(taken, rank) for rank in ranks), -self.minutes(taken))

    def _swapped(self, taken: set[Pair], group: list[int], dice: random.Random) -> set[Pair]:
        """A task put in for some that hold teams it could have; then what was given up is tried again, and all else that is lost."""
        tasks, crew = self.matter.problem.tasks, self.matter.crew
        could = {int(team) for j in group for team in crew[np.flatnonzero(self.chosen[:, j])]}
        kept = {j for _, j in self.fixed}
        holders = sorted({int(self.matter.expanded.of[j]) for u, j in taken if int(crew[u]) in could and j not in kept})
        dice.shuffle(holders)
        rank = tasks[group[0]].class_rank
        holders.sort(key=lambda task: -tasks[self.matter.groups[task][0]].class_rank)
        lower = [task for task in holders if tasks[self.matter.groups[task][0]].class_rank >= rank]
        gone = {j for task in (lower or holders)[:NEIGHBOURS] for j in self.matter.groups[task]}
        made = {pair for pair in taken if pair[1] not in gone or pair in self.fixed}
        free = self._free(made)
        made |= self._staffed(group, free, None)
        for other in sorted(self._hopeful(made, free), key=lambda one: (tasks[one[0]].class_rank, dice.random())):
            made |= self._staffed(other, free, None)
        return made

    def _hopeful(self, taken: Collection[Pair], free: Flags) -> list[list[int]]:
        """Tasks that are not covered and have enough teams free for each skill, looked at alone."""
        return [
            group
            for group in self._lost(taken)
            if (self._able @ free[:, group].astype(np.int32) >= self._wanted[:, group]).all()
        ]

    def _lost(self, taken: Collection[Pair]) -> list[list[int]]:
        covered = {j for _, j in taken}
        return [group for group in self._possible if group[0] not in covered]

    def _free(self, taken: Collection[Pair]) -> Flags:
        """The pairs that are still possible."""
        free = self.chosen.copy()
        for pair in taken:
            self._hold(free, pair)
        return free

    def _staffed(self, group: list[int], free: Flags, liking: Reals | None) -> set[Pair]:
        """Crews for all columns of a task, held from now on; nobody where there are not enough for one of them."""
        before = free.copy() if len(group) > 1 else free
        found: set[Pair] = set()
        for j in group:
            own = sorted(u for u, k in self.fixed if k == j)
            crew: list[int] = []
            if own or (self._able @ free[:, j] >= self._wanted[:, j]).all():
                rows = np.flatnonzero(free[:, j])
                crew = crew_for(self.matter, j, rows, own, None if liking is None else liking[rows, j])
            if not crew and not (own and self._is_whole(j, own)):
                if before is not free:
                    free[:] = before
                return set()
            for u in crew:
                found.add((u, j))
                self._hold(free, (u, j))
        return found

    def _hold(self, free: Flags, pair: Pair) -> None:
        """A team that goes to a task is not free for it again, nor for what excludes it."""
        meeting = self.meets[int(self.matter.crew[pair[0]])]
        free[pair] = False
        excluded = meeting.meets[meeting.place[pair]]
        free[meeting.rows[excluded], meeting.columns[excluded]] = False

    def weight(self, taken: Collection[Pair], rank: int) -> int:
        """What a proposal covers of a class."""
        tasks, covered = self.matter.problem.tasks, {j for _, j in taken}
        return sum(
            tasks[group[0]].weight
            for group in self.matter.groups
            if tasks[group[0]].class_rank == rank and all(j in covered for j in group)
        )

    def most(self, rank: int) -> int:
        """What could be covered of a class, were all teams free for each of its tasks."""
        tasks = self.matter.problem.tasks
        return sum(task.weight for j, task in enumerate(tasks) if task.class_rank == rank and self.matter.possible(j))

    def minutes(self, taken: Collection[Pair]) -> int:
        """Minutes of approach of a proposal, each begun one counted."""
        return sum(int(self.matter.approach[pair]) // MINUTE + 1 for pair in taken)

    def covers_what_is_fixed(self, taken: Collection[Pair]) -> bool:
        """Has each task that somebody was ordered to its whole crews?"""
        of, groups = self.matter.expanded.of, self.matter.groups
        wanted = {j for _, fixed in self.fixed for j in groups[int(of[fixed])]}
        return all(self._is_whole(j, [u for u, k in taken if k == j]) for j in wanted)

    def sound(self, taken: Collection[Pair]) -> set[Pair]:
        """A proposal without tasks whose crews are not whole, and without teams that are not needed."""
        kept = set(taken)
        crews: dict[int, list[int]] = {}
        for u, j in sorted(kept):
            crews.setdefault(j, []).append(u)
        for group in self.matter.groups:
            if not any(j in crews for j in group):
                continue
            if not all(self._is_whole(j, crews.get(j, ())) for j in group):
                kept -= {(u, j) for j in group for u in crews.get(j, ())} - self.fixed
                continue
            for j in group:
                kept -= self._spare(j, crews[j])
        return kept

    def _spare(self, j: int, crew: list[int]) -> set[Pair]:
        """Who is not needed, the farthest first."""
        crew, spare = sorted(crew, key=lambda u: (-int(self.matter.approach[u, j]), u)), set()
        for u in list(crew):
            rest = [other for other in crew if other != u]
            if (u, j) not in self.fixed and rest and self._is_whole(j, rest):
                crew = rest
                spare.add((u, j))
        return spare

    def _is_whole(self, j: int, crew: Collection[int]) -> bool:
        task, rows = self.matter.problem.tasks[j], list(crew)
        enough = all(int(self.matter.able(need.skill)[rows].sum()) >= need.teams for need in task.needs)
        return enough and sum(int(self.matter.size[u]) for u in rows) >= task.persons

    def _refuse_what_cannot_be_kept(self) -> None:
        for pair in sorted(self.fixed):
            team, task = self.matter.problem.teams[pair[0]].id, self.matter.problem.tasks[pair[1]].id
            others = [other for other in self.fixed if other[0] == pair[0] and other != pair and self.chosen[other]]
            if not self.chosen[pair] or self.meets[int(self.matter.crew[pair[0]])].any(pair, others):
                raise ProblemError(
                    [f"fixed {team} at {task}: the team cannot be there in time, back in time, and everywhere else"]
                )
            if not self.matter.possible(pair[1]):
                raise ProblemError([f"fixed {team} at {task}: the task cannot be covered"])


def trials_for(budget: Budget) -> int:
    """How often a first proposal is tried to be made better."""
    short = budget.iterations <= SHORT_ITERATIONS if budget.iterations is not None else (budget.seconds or 0) <= SHORT_S
    return TRIALS_SHORT if short else TRIALS


def refuse_together() -> ProblemError:
    """What is fixed can be covered task by task, but not all of it."""
    return ProblemError(["fixed: no way was found to cover all tasks that teams are fixed to"])
