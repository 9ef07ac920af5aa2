"""The stories: what happens, when, and who acts. Files beside this module, checked before anything is played."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol

import cattrs

from supplyops.incidents.rules import Hazard, IncidentInput, ReportInput, ResponseInput
from supplyops.kernel.checks import Checks
from supplyops.kernel.codec import from_json
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound, SupplyError
from supplyops.kernel.oral import OralOrder
from supplyops.norms.rules import Season
from supplyops.places.rules import RoadReportInput, RoadStatus
from supplyops.planning.reserving_rules import AreaPersons, ReserveScenarioInput
from supplyops.requests.rules import LetterState, Urgency
from supplyops.teams.rules import MissionInput

FOLDER = Path(__file__).parent / "scenarios"
DEFAULT = "winter-earthquake"
STORY_PERMILLE, STORY_HOURS = 100, 24
"""What a scenario drafted from a story starts from; people say what is right for their place."""


class Act(Protocol):
    """Something that somebody does at some time."""

    @property
    def by(self) -> str:
        """Whose user name."""
        ...

    @property
    def at(self) -> datetime:
        """When."""
        ...


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody opens the incident."""

    by: str
    at: datetime
    incident: IncidentInput


@dataclass(frozen=True, slots=True)
class Reporting:
    """Somebody gives a version of the report."""

    by: str
    at: datetime
    report: ReportInput


@dataclass(frozen=True, slots=True)
class Responding:
    """Somebody decides on the response."""

    by: str
    at: datetime
    response: ResponseInput


@dataclass(frozen=True, slots=True)
class RoadWord:
    """Somebody says how a road is."""

    by: str
    at: datetime
    report: RoadReportInput


@dataclass(frozen=True, slots=True)
class Mobilising:
    """Somebody orders a team out."""

    by: str
    at: datetime
    mission: MissionInput


@dataclass(frozen=True, slots=True)
class NeedsStep:
    """Requests are drafted from the needs of all places, submitted by the same person, and reviewed by another."""

    by: str
    at: datetime
    urgency: Urgency
    submitted_at: datetime
    reviewed_by: str
    reviewed_at: datetime


@dataclass(frozen=True, slots=True)
class WantedLine:
    """One item that somebody asks for beyond the norms."""

    sku: str
    quantity: int
    persons: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class RequestStep:
    """A request written by hand: drafted and submitted by one, reviewed by another."""

    by: str
    at: datetime
    organisation_code: str
    addressee_code: str
    urgency: Urgency
    area_code: str
    delivery_site_code: str
    receiver: str
    receiver_phone: str
    reason: str
    arrive_within_hours: int
    lines: tuple[WantedLine, ...]
    reviewed_by: str
    reviewed_at: datetime
    own_stock_note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other body answered to a letter, noted by whom."""

    by: str
    at: datetime
    state: LetterState
    answer: str


@dataclass(frozen=True, slots=True)
class LetterStep:
    """A letter to a body outside the chain of command."""

    by: str
    at: datetime
    organisation_code: str
    addressee_code: str
    subject: str
    body: str
    reply_by: datetime
    contact: str
    phone: str
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """Somebody makes the plan."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """Who approves an owner's part, if the plan has one."""

    by: str
    at: datetime
    owner_code: str
    oral: OralOrder | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandoverNote:
    """What is wrong when the first load of an item is handed over at a site; everything else arrives whole."""

    site_code: str
    sku: str
    cause: str
    short: int = 0
    damaged: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out, whatever the plan looks like."""

    persons: int
    places: int
    response_level: int
    owners: tuple[str, ...]
    """Bodies whose goods the plan must draw on."""
    short: tuple[str, ...]
    """Items of which there is less in reach than people need."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story from the first shock to the signed handover. Times are absolute; the clock of the telling is set to them."""

    name: str
    title: str
    summary: str
    starts_at: datetime
    opening: Opening
    reports: tuple[Reporting, ...]
    responses: tuple[Responding, ...]
    roads: tuple[RoadWord, ...]
    missions: tuple[Mobilising, ...]
    needs: NeedsStep
    requests: tuple[RequestStep, ...]
    letters: tuple[LetterStep, ...]
    plan: PlanStep
    approvals: tuple[ApprovalStep, ...]
    handovers: tuple[HandoverNote, ...]
    expected: Expected

    def __post_init__(self) -> None:
        check = Checks()
        check.text("name", self.name, length_max=40)
        check.text("title", self.title, length_max=80)
        check.that(bool(self.reports), "reports", "required")
        for field, earlier, later in self._orders():
            check.that(later >= earlier, field, "before_last_step", last=earlier.isoformat(), value=later.isoformat())
        owners = [approval.owner_code for approval in self.approvals]
        for place, approval in enumerate(self.approvals):
            first = owners.index(approval.owner_code)
            at = f"approvals.{place}"
            check.that(first == place, f"{at}.owner_code", "repeated", value=approval.owner_code, first=first)
            check.that(approval.by != self.plan.by, f"{at}.by", "own_document")
        check.that(self.needs.reviewed_by != self.needs.by, "needs.reviewed_by", "own_document")
        for place, request in enumerate(self.requests):
            check.that(request.reviewed_by != request.by, f"requests.{place}.reviewed_by", "own_document")
            check.that(bool(request.lines), f"requests.{place}.lines", "required")
        missing = sorted(set(self.expected.owners) - set(owners))
        check.that(not missing, "expected.owners", "unknown_choice", value="、".join(missing), allowed=sorted(owners))
        check.done()

    def _orders(self) -> Iterator[tuple[str, datetime, datetime]]:
        """(field, a moment, one that may not be before it)."""
        yield "opening.incident.occurred_at", self.starts_at, self.opening.incident.occurred_at
        yield "opening.at", self.opening.incident.occurred_at, self.opening.at
        groups: dict[str, tuple[datetime, tuple[Act, ...]]] = {
            name: (self.opening.at, getattr(self, name))
            for name in ("reports", "responses", "roads", "missions", "requests", "letters")
        }
        groups["approvals"] = (self.plan.at, self.approvals)
        for name, (before, acts) in groups.items():
            for place, act in enumerate(acts):
                yield f"{name}.{place}.at", before, act.at
                before = act.at
        yield "needs.at", self.reports[-1].at if self.reports else self.opening.at, self.needs.at
        yield "needs.submitted_at", self.needs.at, self.needs.submitted_at
        yield "needs.reviewed_at", self.needs.submitted_at, self.needs.reviewed_at
        yield "plan.at", self.needs.reviewed_at, self.plan.at
        for place, request in enumerate(self.requests):
            yield f"requests.{place}.reviewed_at", request.at, request.reviewed_at
            yield "plan.at", request.reviewed_at, self.plan.at
        for place, letter in enumerate(self.letters):
            if letter.answer is not None:
                yield f"letters.{place}.answer.at", letter.at, letter.answer.at

    @property
    def acts(self) -> tuple[Act, ...]:
        """Everything that is done up to the plan and its approvals, in the order of time."""
        acts: tuple[Act, ...] = (
            self.opening,
            *self.reports,
            *self.responses,
            *self.roads,
            *self.missions,
            self.needs,
            *self.requests,
            *self.letters,
            self.plan,
            *self.approvals,
        )
        return tuple(sorted(acts, key=lambda act: act.at))

    @property
    def cast(self) -> tuple[str, ...]:
        """Everybody who acts, by user name."""
        names = {act.by for act in self.acts} | {self.needs.reviewed_by}
        names |= {request.reviewed_by for request in self.requests}
        names |= {letter.answer.by for letter in self.letters if letter.answer}
        return tuple(sorted(names))


@dataclass(frozen=True, slots=True)
class People:
    """Whom a story's last report says have to be looked after."""

    persons: int
    sheltered: int
    livestock: int
    season: Season
    hazard: Hazard


def people_of(name: str) -> People:
    """The people of a story by name. Raises NotFound as `scenario` does."""
    story = scenario(name)
    report = max(story.reports, key=lambda each: each.at).report
    return People(
        persons=sum((area.moved or 0) + (area.urgent_aid or 0) for area in report.areas),
        sheltered=sum((area.moved if area.sheltered is None else area.sheltered) or 0 for area in report.areas),
        livestock=sum(area.livestock or 0 for area in report.areas),
        season=report.season,
        hazard=story.opening.incident.hazard,
    )


def reserve_scenario_of(name: str, organisation_code: str) -> ReserveScenarioInput:
    """A story as something that may come: its people by area, the roads it closes. How likely it is stays to be said."""
    story = scenario(name)
    report = max(story.reports, key=lambda each: each.at).report
    people: dict[str, int] = {}
    for area in report.areas:
        people[area.area_code] = people.get(area.area_code, 0) + (area.moved or 0) + (area.urgent_aid or 0)
    closed = {each.report.road_code for each in story.roads if each.report.status is RoadStatus.CLOSED}
    return ReserveScenarioInput(
        organisation_code=organisation_code,
        code=name,
        name=story.title,
        probability_permille=STORY_PERMILLE,
        season=report.season,
        within_hours=STORY_HOURS,
        persons=tuple(AreaPersons(area, persons) for area, persons in sorted(people.items()) if persons),
        hazard=story.opening.incident.hazard,
        closed_road_codes=tuple(sorted(closed)),
    )


def names() -> tuple[str, ...]:
    """The stories there are; the default one first."""
    found = sorted(path.stem for path in FOLDER.glob("*.json"))
    return tuple(sorted(found, key=lambda name: (name != DEFAULT, name)))


@cache
def scenario(name: str) -> Scenario:
    """A story by name. Raises NotFound, or InvalidInput `scenario_invalid` saying what is wrong where."""
    if name not in names():
        raise NotFound("scenario", value=name[:40], choices="、".join(names()))
    return read_scenario(f"{name}.json", (FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def read_scenario(file: str, text: str) -> Scenario:
    """A story from the text of its file. Raises InvalidInput `scenario_invalid`."""
    try:
        found = from_json(Scenario, json.loads(text))
    except json.JSONDecodeError as error:
        raise _invalid(file, (FieldError(f"{error.lineno}:{error.colno}", "not_json"),)) from None
    except InvalidInput as error:
        raise _invalid(file, error.fields) from None
    except cattrs.BaseValidationError as error:
        raise _invalid(file, tuple(_faults(error, ""))) from None
    if found.name != Path(file).stem:
        raise _invalid(file, (FieldError("name", "unknown_choice", {"value": found.name, "allowed": Path(file).stem}),))
    return found


def _invalid(file: str, faults: tuple[FieldError, ...]) -> InvalidInput:
    return InvalidInput("scenario_invalid", fields=faults, file=file)


def _faults(error: Exception, at: str) -> Iterator[FieldError]:
    """Every leaf of a tree of refusals, with the path to it."""
    if isinstance(error, cattrs.ClassValidationError):
        noted, loose = error.group_exceptions()
        for inner, note in noted:
            yield from _faults(inner, f"{at}.{note.name}" if at else note.name)
        for inner in loose:
            yield from _faults(inner, at)
    elif isinstance(error, cattrs.IterableValidationError):
        listed, loose = error.group_exceptions()
        for inner, item in listed:
            yield from _faults(inner, f"{at}.{item.index}")
        for inner in loose:
            yield from _faults(inner, at)
    elif isinstance(error, InvalidInput):
        for fault in error.fields:
            yield FieldError(f"{at}.{fault.field}" if at else fault.field, fault.code, fault.params)
    elif isinstance(error, cattrs.ForbiddenExtraKeysError):
        for name in sorted(error.extra_fields):
            yield FieldError(f"{at}.{name}" if at else name, "unknown_field", {"value": name})
    elif isinstance(error, KeyError):
        yield FieldError(at, "required")
    elif isinstance(error, SupplyError):
        yield FieldError(at, error.code, error.params)
    else:
        yield FieldError(at, "unreadable", {"value": str(error)[:80]})
