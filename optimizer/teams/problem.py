"""What is asked about teams and what is proposed: frozen values, and sentences for what makes no sense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from optimizer.model import ProblemError
from optimizer.passing import NEVER

PARTS_MAX = 48
"""Crews of one task that relieve each other."""
LARGEST = 10**18
"""Of any number; sums of a few of them still fit into a machine's word."""


@dataclass(frozen=True, slots=True)
class Need:
    """So many teams with a skill."""

    skill: str
    teams: int


@dataclass(frozen=True, slots=True)
class Task:
    """Work at a place. Class 1 goes before class 2, strictly; within a class weights add up."""

    id: str
    name: str
    place: str
    needs: tuple[Need, ...]
    due_at: int
    duration_s: int
    class_rank: int = 1
    weight: int = 1
    persons: int = 0
    relief_s: int | None = None
    """Crews relieve each other after so long; None: one crew stays until the end."""

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        """From when to when each crew works: the next is there when the one before leaves."""
        if not self.relief_s or self.relief_s >= self.duration_s:
            return ((self.due_at, self.due_at + self.duration_s),)
        ends = self.due_at + self.duration_s
        starts = range(self.due_at, ends, self.relief_s)
        return tuple((start, min(start + self.relief_s, ends)) for start in starts)


@dataclass(frozen=True, slots=True)
class Team:
    """People with skills who leave their base when they are ready, and are back before their shift ends."""

    id: str
    name: str
    skills: tuple[str, ...]
    size: int
    base: str
    ready_at: int = 0
    back_by: int | None = None
    duty_s_max: int | None = None
    profile: str = ""
    """Whose driving times hold for it."""
    rest_s: int | None = None
    """Between two shifts it is at its base for so long; None: it works one shift only."""
    ready_for: tuple[str, ...] = ()
    """Conditions it can work under."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Night or frost from one instant until another: who works then has to be ready for it."""

    name: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class TeamProblem:
    """Everything a proposal is made from. `travel` is seconds between `places`, one table for each profile; NEVER: no way."""

    id: str
    places: tuple[str, ...]
    travel: dict[str, list[list[int]]]
    teams: tuple[Team, ...]
    tasks: tuple[Task, ...]
    fixed: tuple[tuple[str, str], ...] = ()
    """Team and task that belong together whatever is best: what somebody has ordered already. Of a task whose crews relieve each
    other it is the first crew that the team belongs to."""
    conditions: tuple[Condition, ...] = ()


class Lack(StrEnum):
    """Why a task is not covered."""

    NOBODY_CAN = "nobody_can"
    TOO_LATE = "too_late"
    UNREADY = "unready"
    SHIFT = "shift"
    TOO_FEW = "too_few"
    PERSONS = "persons"
    NEEDED_ELSEWHERE = "needed_elsewhere"
    RELIEF = "relief"
    """Crews are to relieve each other, and those who could do not come around often enough: so many of so many crews."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A lack, for which skill, how many are needed and can come, when the earliest would be there, which tasks have them."""

    lack: Lack
    skill: str = ""
    needed: int = 0
    available: int = 0
    earliest_at: int | None = None
    tasks: tuple[str, ...] = ()
    part: int = 0
    """Of a task whose crews relieve each other: for which crew."""
    conditions: tuple[str, ...] = ()
    """What they would have to be ready for."""


@dataclass(frozen=True, slots=True)
class Duty:
    """A team at a task: when it leaves for it at the latest, from where, and when it is free again. `shift` counts the team's
    shifts, between which it rests at its base; `part` the crews of a task that relieve each other."""

    team_id: str
    task_id: str
    from_place: str
    leaves_at: int
    arrives_at: int
    released_at: int
    shift: int = 1
    part: int = 1


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A task nobody is sent to."""

    task_id: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Standby:
    """Who is called next for a task, in order, with the earliest arrival of each."""

    task_id: str
    teams: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What one step reached, and what could be reached at most (of approach: at least)."""

    name: str
    value: int
    bound: int

    @property
    def gap_percent(self) -> float:
        """Of the larger of the two."""
        return 100 * abs(self.bound - self.value) / max(1, self.bound, self.value)


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """The proposal, what it is worth, and how far from the best it can be at most."""

    problem_id: str
    duties: tuple[Duty, ...]
    uncovered: tuple[Uncovered, ...]
    standby: tuple[Standby, ...]
    stages: tuple[Stage, ...]
    """Class after class the weight covered; at last the minutes of approach, of which fewer are better."""
    considers_all: bool
    stopped_by: str = ""

    @property
    def is_optimal(self) -> bool:
        """Was every stage proven?"""
        return all(stage.value == stage.bound for stage in self.stages)

    @property
    def gap_percent(self) -> float:
        """How far the first stage that was not proven can be from the best, of its bound."""
        return next((stage.gap_percent for stage in self.stages if stage.value != stage.bound), 0.0)


def validate(problem: TeamProblem) -> None:
    """Raise ProblemError with a sentence for each fault."""
    faults = [fault for fault, _ in zip(_faults(problem), range(100), strict=False)]
    if faults:
        raise ProblemError(faults)


def _faults(problem: TeamProblem) -> Iterator[str]:
    known = set(problem.places)
    for kind, rows in (("team", problem.teams), ("task", problem.tasks)):
        count = Counter(row.id for row in rows)
        yield from (f"{kind} {name}: the id stands for two of them" for name in sorted(count) if count[name] > 1)
    for profile, table in problem.travel.items():
        if len(table) != len(problem.places) or any(len(row) != len(problem.places) for row in table):
            yield f"travel {profile!r}: the table has not one row and column for each place"
        elif any(value < 0 for row in table for value in row):
            yield f"travel {profile!r}: a time is below zero"
        elif any(LARGEST < value != NEVER for row in table for value in row):
            yield f"travel {profile!r}: a time is out of range"
    for team in problem.teams:
        if team.base not in known:
            yield f"team {team.id}: there is no place {team.base}"
        if team.profile not in problem.travel:
            yield f"team {team.id}: there are no driving times {team.profile!r}"
        if any(abs(moment) > LARGEST for moment in _times(team)):
            yield f"team {team.id}: a time is out of range"
        if team.rest_s is not None and team.rest_s < 0:
            yield f"team {team.id}: its rest is below zero"
        if team.size < 1:
            yield f"team {team.id}: its size is {team.size}, it must be 1 or more"
    for task in problem.tasks:
        if task.place not in known:
            yield f"task {task.id}: there is no place {task.place}"
        if max(abs(task.due_at), task.duration_s, task.weight, task.persons) > LARGEST:
            yield f"task {task.id}: a number is out of range"
        if task.duration_s < 0 or task.weight < 1 or task.persons < 0 or not 1 <= task.class_rank <= 9:
            yield f"task {task.id}: duration, weight, persons or class is out of range"
        if task.relief_s is not None and not 0 < task.relief_s * PARTS_MAX >= task.duration_s:
            yield f"task {task.id}: its crews relieve each other more than {PARTS_MAX} times"
        if not task.needs and not task.persons:
            yield f"task {task.id}: it needs nobody"
        if any(need.teams < 1 for need in task.needs) or len({need.skill for need in task.needs}) < len(task.needs):
            yield f"task {task.id}: a skill is needed less than once, or named twice"
    teams, tasks = {team.id for team in problem.teams}, {task.id for task in problem.tasks}
    for team_id, task_id in problem.fixed:
        if team_id not in teams or task_id not in tasks:
            yield f"fixed {team_id} at {task_id}: there is no such team or task"
    for condition in problem.conditions:
        if max(abs(condition.since), abs(condition.until)) > LARGEST or condition.until < condition.since:
            yield f"condition {condition.name}: its times are out of range"


def _times(team: Team) -> tuple[int, ...]:
    return team.ready_at, team.back_by or 0, team.duty_s_max or 0, team.rest_s or 0
