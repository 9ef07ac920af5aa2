"""Proposals put together task by task, and what they are worth."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from optimizer.model import ProblemError
from optimizer.teams.matter import MINUTE, Flags, Matter, Pair, crew_for, meetings

Reals = NDArray[np.float64]


class Draft:
    """What every search starts from: the pairs looked at, what is fixed, and a proposal made without searching."""

    def __init__(self, matter: Matter, chosen: Flags) -> None:
        self.matter, self.chosen = matter, chosen
        at = {team.id: u for u, team in enumerate(matter.problem.teams)}
        to = {task.id: j for j, task in enumerate(matter.problem.tasks)}
        self.fixed = {(at[team], to[task]) for team, task in matter.problem.fixed}
        self.meets = meetings(matter, chosen)
        self._refuse_what_cannot_be_kept()

    def extended(
        self, wanted: Collection[int] = (), sure: Collection[Pair] = (), liking: Reals | None = None
    ) -> set[Pair]:
        """What is sure, then task by task, those wanted first in each class, crews that are still free.

        `liking` has a number for each team and task: what is liked is preferred.
        """
        tasks, fixed = self.matter.problem.tasks, self.fixed
        taken, first = set(sure) | fixed, set(wanted)
        free = self.chosen.copy()
        for u, j in taken:
            self._hold(free, u, j)
        kept = {j for _, j in fixed}
        given = {j for _, j in sure}
        order = sorted(
            (j for j in range(len(tasks)) if j not in given),
            key=lambda j: (j not in kept, tasks[j].class_rank, j not in first, tasks[j].due_at, j),
        )
        for j in order:
            own = [u for u, k in sorted(fixed) if k == j] if j in kept else []
            rows = np.flatnonzero(free[:, j])
            for u in crew_for(self.matter, j, rows, own, None if liking is None else liking[rows, j]):
                taken.add((u, j))
                self._hold(free, u, j)
        return taken

    def _hold(self, free: Flags, u: int, j: int) -> None:
        """A team that goes to a task is not free for it again, nor for what excludes it."""
        meeting = self.meets[u]
        free[u, j] = False
        free[u, np.array(meeting.tasks)[meeting.meets[meeting.place[j]]]] = False

    def weight(self, taken: Collection[Pair], rank: int) -> int:
        """What a proposal covers of a class."""
        tasks = self.matter.problem.tasks
        return sum(tasks[j].weight for j in {j for _, j in taken} if tasks[j].class_rank == rank)

    def most(self, rank: int) -> int:
        """What could be covered of a class, were all teams free for each of its tasks."""
        tasks = self.matter.problem.tasks
        return sum(task.weight for j, task in enumerate(tasks) if task.class_rank == rank and self.matter.can(j))

    def minutes(self, taken: Collection[Pair]) -> int:
        """Minutes of approach of a proposal, each begun one counted."""
        return sum(int(self.matter.approach[pair]) // MINUTE + 1 for pair in taken)

    def covers_what_is_fixed(self, taken: Collection[Pair]) -> bool:
        """Has each task that somebody was ordered to a whole crew?"""
        return all(self._is_whole(j, [u for u, k in taken if k == j]) for j in {j for _, j in self.fixed})

    def sound(self, taken: Collection[Pair]) -> set[Pair]:
        """A proposal without tasks whose crew is not whole, and without teams that are not needed."""
        kept = set(taken)
        for j in {j for _, j in taken}:
            crew = sorted((u for u, k in taken if k == j), key=lambda u: (-int(self.matter.approach[u, j]), u))
            if not self._is_whole(j, crew):
                kept -= {(u, j) for u in crew} - self.fixed
                continue
            for u in list(crew):
                rest = [other for other in crew if other != u]
                if (u, j) not in self.fixed and rest and self._is_whole(j, rest):
                    crew = rest
                    kept.discard((u, j))
        return kept

    def _is_whole(self, j: int, crew: Collection[int]) -> bool:
        task, rows = self.matter.problem.tasks[j], list(crew)
        enough = all(int(self.matter.able(need.skill)[rows].sum()) >= need.teams for need in task.needs)
        return enough and sum(int(self.matter.size[u]) for u in rows) >= task.persons

    def _refuse_what_cannot_be_kept(self) -> None:
        for u, j in sorted(self.fixed):
            team, task = self.matter.problem.teams[u].id, self.matter.problem.tasks[j].id
            others = [k for v, k in self.fixed if v == u and k != j]
            if not self.chosen[u, j] or self.meets[u].any(j, [k for k in others if self.chosen[u, k]]):
                raise ProblemError(
                    [f"fixed {team} at {task}: the team cannot be there in time, back in time, and everywhere else"]
                )
            if not self.matter.can(j):
                raise ProblemError([f"fixed {team} at {task}: the task cannot be covered"])


def refuse_together() -> ProblemError:
    """What is fixed can be covered task by task, but not all of it."""
    return ProblemError(["fixed: no way was found to cover all tasks that teams are fixed to"])
