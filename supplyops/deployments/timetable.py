"""When a team leaves for its tasks and arrives: as soon as it is ready, never after the last moment that the search counted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.passing import NEVER
from optimizer.teams import Team, TeamProblem


@dataclass(frozen=True, slots=True)
class Leg:
    """A team on its way to a task, in seconds of the problem: when it can leave, when it has to, when it arrives and is free."""

    task_id: str
    leaves_at: int
    leaves_by: int
    arrives_at: int
    released_at: int

    @property
    def late_s(self) -> int:
        """So much later than its last moment does it leave."""
        return max(0, self.leaves_at - self.leaves_by)


def legs_of(
    problem: TeamProblem, team: Team, task_ids: Sequence[str], not_before: Mapping[str, int], now: int = 0
) -> list[Leg]:
    """A team's tasks one after the other, `now` being so many seconds after the problem began. It leaves its base when it is
    ready, but not so early that it would be on duty for too long, nor so that it would be there too soon."""
    tasks = {task.id: task for task in problem.tasks}
    mine = sorted((tasks[name] for name in task_ids), key=lambda task: (task.due_at, problem.tasks.index(task)))
    where, free, legs = team.base, now + team.ready_at, list[Leg]()
    for task in mine:
        drive = _drive(problem, team, where, task.place)
        leaves_by = task.due_at - drive
        wanted = max(free, not_before.get(task.id, 0) - drive)
        if not legs:
            wanted = max(wanted, _earliest(problem, team, mine[-1].place, mine[-1].due_at + mine[-1].duration_s))
        leaves = max(free, min(wanted, leaves_by))
        arrives = leaves + drive
        free = max(arrives, task.due_at) + task.duration_s
        legs.append(Leg(task.id, leaves, leaves_by, arrives, free))
        where = task.place
    return legs


def _earliest(problem: TeamProblem, team: Team, last: str, ends: int) -> int:
    """Leaving earlier than this, a team would be longer on duty than it may be."""
    home = _drive(problem, team, last, team.base)
    return 0 if team.duty_s_max is None or home >= NEVER else ends + home - team.duty_s_max


def _drive(problem: TeamProblem, team: Team, a: str, b: str) -> int:
    return problem.travel[team.profile][problem.places.index(a)][problem.places.index(b)]
