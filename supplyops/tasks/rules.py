"""What a rescue task is, what it needs, and how far the teams sent to it cover that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from supplyops.kernel.checks import Checks
from supplyops.people.rules import CODE_PATTERN
from supplyops.teams.rules import Capability, MissionState, TeamType

NEEDS_MAX = 8
TEAMS_MAX = 50
"""So many teams of one kind may a task need."""
GEAR_MAX = 6
TASKS_MAX = 100
"""So many tasks of one incident may be open at once: as many as a proposal is made for."""
GEAR = "gear:"
"""Begins a need that is a word in a team's list of equipment rather than a code."""
SKILLS = frozenset({*(each.value for each in Capability), *(each.value for each in TeamType)})
"""What can be needed: an ability, or teams of a type."""
_SEPARATORS = re.compile(r"[、,，;；]")
_M = MissionState
COVERING = frozenset({_M.ORDERED, _M.CONFIRMED, _M.MUSTERED, _M.DEPARTED, _M.ARRIVED, _M.ENGAGED})
"""Steps at which a mission counts for its tasks: a team that has declined, was called off or has left does not."""


class TaskState(StrEnum):
    """A task is open until it is done or not wanted any more."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class TaskCover(StrEnum):
    """How far the teams sent cover a task."""

    UNCOVERED = "uncovered"
    PARTLY = "partly"
    COVERED = "covered"


@dataclass(frozen=True, slots=True)
class TaskNeed:
    """So many teams with an ability or of a type. `skill` is a code of either: `search`, `T04`."""

    skill: str
    teams: int = 1

    def __post_init__(self) -> None:
        check = Checks()
        check.that(self.skill in SKILLS, "skill", "unknown_choice", value=self.skill[:40], allowed=sorted(SKILLS))
        check.whole("teams", self.teams, minimum=1, maximum=TEAMS_MAX)
        check.done()


@dataclass(frozen=True, slots=True)
class TaskInput:
    """Work at a site for an incident. `code` tells the tasks of one incident apart; `equipment` names what at least one of the
    teams has to bring; nobody is to be there before `not_before`, everybody by `arrive_by`, and they stay for `hours`.
    Class 1 goes before class 2."""

    incident: str
    code: str
    name: str
    site_code: str
    arrive_by: datetime
    needs: tuple[TaskNeed, ...] = ()
    persons: int = 0
    equipment: str = ""
    not_before: datetime | None = None
    hours: int = 6
    class_rank: int = 1
    note: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.text("incident", self.incident, length_max=80)
        check.that(CODE_PATTERN.fullmatch(self.code) is not None, "code", "bad_code", value=self.code[:40])
        check.text("name", self.name, length_max=80)
        check.text("site_code", self.site_code, length_max=40)
        check.aware("arrive_by", self.arrive_by)
        check.whole("persons", self.persons, maximum=10_000)
        check.text("equipment", self.equipment, required=False)
        check.whole("hours", self.hours, minimum=1, maximum=240)
        check.whole("class_rank", self.class_rank, minimum=1, maximum=9)
        check.text("note", self.note, required=False)
        check.that(len(self.needs) <= NEEDS_MAX, "needs", "too_many", maximum=NEEDS_MAX)
        gear = gear_of(self.equipment)
        check.that(len(gear) <= GEAR_MAX, "equipment", "too_many", maximum=GEAR_MAX)
        check.that(bool(self.needs or gear or self.persons), "needs", "task_needs_nobody")
        skills = [need.skill for need in self.needs]
        for place, skill in enumerate(skills):
            check.that(skills.index(skill) == place, f"needs.{place}.skill", "repeated", value=skill)
        if self.not_before is not None:
            check.aware("not_before", self.not_before)
            if self.not_before.tzinfo and self.arrive_by.tzinfo:
                check.that(self.not_before <= self.arrive_by, "arrive_by", "ends_before_start")
        check.done()


def gear_of(equipment: str) -> tuple[str, ...]:
    """The pieces of equipment named, each once."""
    return tuple(dict.fromkeys(part.strip() for part in _SEPARATORS.split(equipment) if part.strip()))


def wanted(needs: Iterable[TaskNeed], equipment: str) -> dict[str, int]:
    """Everything that teams are needed for, and how many: abilities, types, pieces of equipment."""
    return {need.skill: need.teams for need in needs} | {f"{GEAR}{word}": 1 for word in gear_of(equipment)}


def skills_of(capabilities: Iterable[str], team_type: str, equipment: str, gear: Iterable[str]) -> frozenset[str]:
    """What a team brings, in the terms of `wanted`; of the equipment named, what stands in its own list."""
    return frozenset({*capabilities, team_type, *(word for word in gear if word.removeprefix(GEAR) in equipment)})


@dataclass(frozen=True, slots=True)
class Going:
    """When a team is at a task: there by then, relieving the crew before it, relieved by the next one."""

    arrives_at: datetime
    relieves_at: datetime | None = None
    relieved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Crew:
    """A team at a task: what it brings and how many people; when it relieves the crew before it (None: it is there from the
    beginning), when the next one relieves it (None: it stays until the end)."""

    skills: frozenset[str]
    persons: int
    relieves_at: datetime | None = None
    relieved_at: datetime | None = None

    def works_at(self, moment: datetime | None) -> bool:
        """Is it at work then? None is the beginning."""
        if moment is None:
            return self.relieves_at is None
        return (self.relieves_at or moment) <= moment < (self.relieved_at or datetime.max.replace(tzinfo=moment.tzinfo))


def lacking(needs: dict[str, int], persons: int, crews: Iterable[Crew]) -> tuple[dict[str, int], int]:
    """What is still needed beside these crews: teams by skill, people."""
    there = list(crews)
    missing = {skill: count - sum(skill in crew.skills for crew in there) for skill, count in needs.items()}
    people = max(0, persons - sum(crew.persons for crew in there))
    return {skill: count for skill, count in missing.items() if count > 0}, people


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far crews cover a task, and what is lacking first: since when (None: from the beginning), which teams, how many people."""

    cover: TaskCover
    lacks_from: datetime | None
    teams: dict[str, int]
    persons: int


def coverage_of(needs: dict[str, int], persons: int, crews: Iterable[Crew], ends: datetime) -> Coverage:
    """How far these crews cover a task that takes until `ends`: at its beginning, and whenever one of them is relieved."""
    there = list(crews)
    reliefs = sorted({crew.relieved_at for crew in there if crew.relieved_at is not None and crew.relieved_at < ends})
    for moment in (None, *reliefs):
        missing, people = lacking(needs, persons, (crew for crew in there if crew.works_at(moment)))
        if missing or people:
            helps = any(crew.skills & needs.keys() or (persons and crew.persons) for crew in there)
            return Coverage(TaskCover.PARTLY if helps else TaskCover.UNCOVERED, moment, missing, people)
    return Coverage(TaskCover.COVERED, None, {}, 0)
