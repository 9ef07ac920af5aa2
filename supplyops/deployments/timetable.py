"""When a team leaves for its tasks and arrives: as soon as it is ready, never after the last moment that the search counted on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from optimizer.passing import NEVER
from optimizer.teams import Task, Team, TeamProblem
from supplyops.deployments.rules import TaskFact


@dataclass(frozen=True, slots=True)
class Work:
    """A task of a team's: as which of its crews, in which of the team's shifts."""

    task_id: str
    part: int = 1
    shift: int = 1


@dataclass(frozen=True, slots=True)
class Leg:
    """A team on its way to a task, in seconds of the problem: when it can leave, when it has to, when it arrives and is free."""

    work: Work
    leaves_at: int
    leaves_by: int
    arrives_at: int
    due_at: int
    """When it has to be there."""
    released_at: int

    @property
    def late_s(self) -> int:
        """So much later than its last moment does it leave."""
        return max(0, self.leaves_at - self.leaves_by)


def not_before_of(facts: Iterable[TaskFact], starts_at: datetime) -> dict[str, int]:
    """Before which second nobody is wanted there, by task."""
    return {each.code: int((each.not_before - starts_at).total_seconds()) for each in facts if each.not_before}


def legs_of(
    problem: TeamProblem, team: Team, works: Sequence[Work], not_before: Mapping[str, int], now: int = 0
) -> list[Leg]:
    """A team's tasks one after the other, `now` being so many seconds after the problem began. It leaves its base when it is
    ready, but not so early that it would be on duty for too long, nor so that it would be there too soon; who relieves others
    comes when they leave. Between two shifts it goes home and rests."""
    tasks = {task.id: task for task in problem.tasks}
    mine = sorted(works, key=lambda each: (each.shift, _span(tasks, each)[0], problem.tasks.index(tasks[each.task_id])))
    where, free, legs = team.base, now + team.ready_at, list[Leg]()
    for place, work in enumerate(mine):
        starts = not place or work.shift != mine[place - 1].shift
        if place and starts:
            free += _drive(problem, team, where, team.base) + (team.rest_s or 0)
            where = team.base
        task, (due_at, ends) = tasks[work.task_id], _span(tasks, work)
        drive = _drive(problem, team, where, task.place)
        leaves_by = due_at - drive
        wanted = leaves_by if work.part > 1 else max(free, not_before.get(task.id, 0) - drive)
        if starts:
            last = [each for each in mine if each.shift == work.shift][-1]
            wanted = max(wanted, _earliest(problem, team, tasks[last.task_id].place, _span(tasks, last)[1]))
        leaves = max(free, min(wanted, leaves_by))
        arrives = leaves + drive
        free = max(arrives, due_at) + ends - due_at
        legs.append(Leg(work, leaves, leaves_by, arrives, due_at, free))
        where = task.place
    return legs


def _span(tasks: Mapping[str, Task], work: Work) -> tuple[int, int]:
    """From when to when it works there."""
    return tasks[work.task_id].parts[work.part - 1]


def _earliest(problem: TeamProblem, team: Team, last: str, ends: int) -> int:
    """Leaving earlier than this, a team would be longer on duty than it may be."""
    home = _drive(problem, team, last, team.base)
    return 0 if team.duty_s_max is None or home >= NEVER else ends + home - team.duty_s_max


def _drive(problem: TeamProblem, team: Team, a: str, b: str) -> int:
    return problem.travel[team.profile][problem.places.index(a)][problem.places.index(b)]
