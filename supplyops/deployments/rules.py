"""What is asked when teams are to be proposed, and what of a proposal is taken over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from supplyops.kernel.checks import Checks
from supplyops.teams.rules import Capability

TASKS_MAX = 100


@dataclass(frozen=True, slots=True)
class WantedTask:
    """Work at a site: so many teams with one ability, if wanted with a second, so many people, all there by an hour."""

    name: str
    site_code: str
    capability: Capability
    arrive_by: datetime
    teams: int = 1
    second_capability: Capability | None = None
    second_teams: int = 1
    persons: int = 0
    hours: int = 6
    class_rank: int = 1

    def __post_init__(self) -> None:
        check = Checks()
        check.text("name", self.name, length_max=80)
        check.text("site_code", self.site_code, length_max=40)
        check.aware("arrive_by", self.arrive_by)
        check.whole("teams", self.teams, minimum=1, maximum=50)
        check.whole("second_teams", self.second_teams, minimum=1, maximum=50)
        check.that(
            self.second_capability is not self.capability, "second_capability", "repeated", value=self.capability
        )
        check.whole("persons", self.persons, maximum=10_000)
        check.whole("hours", self.hours, minimum=1, maximum=240)
        check.whole("class_rank", self.class_rank, minimum=1, maximum=9)
        check.done()


@dataclass(frozen=True, slots=True)
class ProposalInput:
    """Tasks of an incident, and the type of vehicle whose driving times hold. Uninsured teams stay out unless told otherwise."""

    incident: str
    vehicle_type: str
    tasks: tuple[WantedTask, ...]
    with_uninsured: bool = False

    def __post_init__(self) -> None:
        check = Checks()
        check.text("incident", self.incident, length_max=40)
        check.text("vehicle_type", self.vehicle_type, length_max=40)
        check.that(0 < len(self.tasks) <= TASKS_MAX, "tasks", "tasks_wanted", maximum=TASKS_MAX)
        check.done()


@dataclass(frozen=True, slots=True)
class OrdersInput:
    """Teams of a proposal that are ordered out. `digest` names the proposal that was read: another one is not taken over."""

    proposal: ProposalInput
    digest: str
    team_codes: tuple[str, ...]
    command_relation: str
    uninsured_reason: str = ""

    def __post_init__(self) -> None:
        check = Checks()
        check.that(len(self.team_codes) > 0, "team_codes", "required")
        check.text("command_relation", self.command_relation)
        check.text("uninsured_reason", self.uninsured_reason, required=False)
        check.done()
