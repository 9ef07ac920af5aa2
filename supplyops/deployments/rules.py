"""What is asked when teams are to be proposed, what a proposal says, and what of it is ordered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from supplyops.kernel.checks import Checks

DEPLOYMENT_JOB_KIND = "deployment"
SECONDS_DEFAULT = 10
SECONDS_MAX, ITERATIONS_MAX = 3_600, 1_000_000
ROWS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class DeploymentInput:
    """The incident whose open tasks teams are wanted for, and the type of vehicle whose driving times hold. Uninsured teams
    stay out unless told otherwise. `may_be_late`: a task that nobody reaches by its hour is given the earliest hour that
    somebody can. Seconds, or iterations, which replay exactly."""

    incident: str
    vehicle_type: str
    with_uninsured: bool = False
    may_be_late: bool = True
    seconds: int | None = None
    iterations: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        check = Checks()
        check.text("incident", self.incident, length_max=80)
        check.text("vehicle_type", self.vehicle_type, length_max=40)
        if self.seconds is not None:
            check.whole("seconds", self.seconds, minimum=1, maximum=SECONDS_MAX)
            check.that(self.iterations is None, "iterations", "seconds_or_iterations")
        if self.iterations is not None:
            check.whole("iterations", self.iterations, minimum=1, maximum=ITERATIONS_MAX)
        check.whole("seed", self.seed, maximum=1_000_000)
        check.done()


@dataclass(frozen=True, slots=True)
class OrdersInput:
    """Rows of a proposal that are ordered: each team gets one order for its rows. A team that would now be too late for a task
    goes only with `accept_late`; an uninsured one only with a reason."""

    rows: tuple[int, ...]
    command_relation: str
    uninsured_reason: str = ""
    accept_late: bool = False

    def __post_init__(self) -> None:
        check = Checks()
        check.that(0 < len(self.rows) <= ROWS_MAX, "rows", "rows_wanted")
        again = sorted(row for row, times in Counter(self.rows).items() if times > 1)
        check.that(not again, "rows", "repeated", value="、".join(map(str, again[:10])))
        check.text("command_relation", self.command_relation)
        check.text("uninsured_reason", self.uninsured_reason, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class StandbyInput:
    """A team of a task's ladder that is ordered for it at once. One that would be too late by the task's hour goes only with
    `accept_late`, an uninsured one only with a reason."""

    task: str
    team: str
    command_relation: str
    uninsured_reason: str = ""
    accept_late: bool = False

    def __post_init__(self) -> None:
        check = Checks()
        check.text("task", self.task, length_max=40)
        check.text("team", self.team, length_max=40)
        check.text("command_relation", self.command_relation)
        check.text("uninsured_reason", self.uninsured_reason, required=False)
        check.done()


@dataclass(frozen=True, slots=True)
class LackRow:
    """Why nobody is sent: a code for the words, what is needed, how many are needed and can come, when the earliest would be
    there, which tasks have them."""

    lack: str
    skill: str
    needed: int
    available: int
    earliest_at: datetime | None
    tasks: tuple[str, ...]
    part: int = 0
    """Of a task whose crews relieve each other: for which of them."""
    conditions: tuple[str, ...] = ()
    """Night or frost that they are not ready for."""


@dataclass(frozen=True, slots=True)
class TeamStandby:
    """A team that is called next for a task, and when it could be there."""

    team_code: str
    team_name: str
    arrives_at: datetime


@dataclass(frozen=True, slots=True)
class TaskFact:
    """A task as it was when the proposal was worked out. `given` are the teams that had been sent to it before; `is_given`
    says that they were enough. `late_until` is the hour it was given because nobody could be there by its own."""

    id: UUID
    version: int
    code: str
    name: str
    site_code: str
    site_name: str
    arrive_by: datetime
    not_before: datetime | None
    class_rank: int
    is_given: bool
    given: tuple[str, ...]
    late_until: datetime | None
    crews: int = 1
    relief_minutes: int = 0
    """No one shift is long enough for it: so many crews relieve each other after so long."""
    relieves_at: datetime | None = None
    """Crews are ordered for it until then: the first of these relieves them."""

    def wanted_by(self, part: int) -> datetime:
        """When a crew should be there."""
        return self.arrive_by + (part - 1) * timedelta(minutes=self.relief_minutes)


@dataclass(frozen=True, slots=True)
class TaskAnswer:
    """What a proposal says of a task: why nobody is sent, who is called next."""

    task: TaskFact
    reasons: tuple[LackRow, ...]
    standby: tuple[TeamStandby, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A team that could not be considered, and why."""

    team_code: str
    team_name: str
    why: str


@dataclass(frozen=True, slots=True)
class DeploymentNote:
    """What was not known when the proposal was worked out, and which teams that concerns."""

    code: str
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeploymentAnswer:
    """What came out beside the rows. The gap is that of the first step that was not proven."""

    is_optimal: bool
    gap_permille: int
    considers_all: bool
    stopped_by: str
    tasks: tuple[TaskAnswer, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[DeploymentNote, ...] = ()
