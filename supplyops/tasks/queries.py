"""Reading rescue tasks: what is needed, who was sent, what is still lacking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Permission
from supplyops.kernel.codec import from_json
from supplyops.kernel.errors import NotFound
from supplyops.places.tables import Site
from supplyops.runtime import Context, query, unscoped
from supplyops.tasks.rules import (
    COVERING,
    Crew,
    TaskCover,
    TaskNeed,
    TaskState,
    coverage_of,
    skills_of,
    wanted,
)
from supplyops.tasks.tables import RescueTask, RescueTaskMission
from supplyops.teams.rules import MissionState
from supplyops.teams.tables import Mission, RescueTeam

BECAUSE = "who may see a task sees which teams were sent to it"


@dataclass(frozen=True, slots=True)
class TaskMissionRow:
    """A mission ordered for a task, from when to when where crews relieve each other. `counts` says whether it still does."""

    number: str
    team_code: str
    team_name: str
    persons: int
    state: MissionState
    arrives_at: datetime
    relieves_at: datetime | None
    relieved_at: datetime | None
    counts: bool


@dataclass(frozen=True, slots=True)
class TaskLack:
    """What is still needed: so many teams with an ability, of a type, with a piece of equipment (`gear:` and its name)."""

    skill: str
    teams: int


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A rescue task and how far it is covered."""

    id: UUID
    incident_id: UUID
    incident: str
    incident_name: str
    organisation_id: UUID
    place_organisation_id: UUID
    code: str
    name: str
    site_code: str
    site_name: str
    needs: tuple[TaskNeed, ...]
    persons: int
    equipment: str
    not_before: datetime | None
    arrive_by: datetime
    hours: int
    class_rank: int
    note: str
    state: TaskState
    version: int
    created_at: datetime
    ended_at: datetime | None
    ended_because: str
    works_until: datetime
    """When the work is done: so many hours after its hour, or after the first crew if that is late."""
    cover: TaskCover
    lacks_from: datetime | None
    """What lacks is needed from when a crew leaves that nobody relieves; None: from the beginning."""
    lacks: tuple[TaskLack, ...]
    lacks_persons: int
    missions: tuple[TaskMissionRow, ...]


@query(Permission.TEAMS_SEE)
def tasks(ctx: Context, incident: str = "", state: TaskState | None = None) -> list[TaskRow]:
    """Tasks in reach, of one incident (number or id) or of all; the most pressing first."""
    seen = [incidents.incident(ctx, incident)] if incident else incidents.incidents(ctx)
    numbers = {row.id: (row.number, row.name) for row in seen}
    statement = select(RescueTask).order_by(RescueTask.class_rank, RescueTask.arrive_by, RescueTask.code)
    if incident:
        statement = statement.where(RescueTask.incident_id == seen[0].id)
    if state is not None:
        statement = statement.where(RescueTask.state == state)
    rows = [row for row in ctx.session.scalars(statement) if row.incident_id in numbers]
    return _shown(ctx, rows, numbers)


@query(Permission.TEAMS_SEE)
def task(ctx: Context, incident: str, code: str) -> TaskRow:
    """One task by its incident's number and its code."""
    found = next((row for row in tasks(ctx, incident) if row.code == code), None)
    if found is None:
        raise NotFound("rescue_task", reference=f"{incident}/{code}")
    return found


@query(Permission.TEAMS_SEE)
def task_by_id(ctx: Context, task_id: UUID) -> TaskRow:
    """One task by its id."""
    row = ctx.get(RescueTask, task_id)
    head = incidents.incident(ctx, str(row.incident_id))
    return _shown(ctx, [row], {head.id: (head.number, head.name)})[0]


@dataclass(frozen=True, slots=True)
class _Sent:
    task_id: UUID
    row: TaskMissionRow
    capabilities: tuple[str, ...]
    type: str
    equipment: str


def _shown(ctx: Context, rows: Sequence[RescueTask], numbers: dict[UUID, tuple[str, str]]) -> list[TaskRow]:
    sites = {
        site.id: site
        for site in ctx.session.scalars(
            unscoped(select(Site).where(Site.id.in_({row.site_id for row in rows})), "the place of a task in reach")
        )
    }
    sent: dict[UUID, list[_Sent]] = defaultdict(list)
    for one in _sent(ctx, [row.id for row in rows]):
        sent[one.task_id].append(one)
    return [_row(row, sites[row.site_id], sent[row.id], *numbers[row.incident_id]) for row in rows]


def _row(row: RescueTask, site: Site, sent: Sequence[_Sent], number: str, name: str) -> TaskRow:
    needs = from_json(tuple[TaskNeed, ...], row.needs)
    wants = wanted(needs, row.equipment)
    crews = [
        Crew(
            skills_of(one.capabilities, one.type, one.equipment, wants), one.row.persons, one.row.relieves_at,
            one.row.relieved_at,
        )
        for one in sent
        if one.row.counts
    ]  # fmt: skip
    first = min(
        (one.row.arrives_at for one in sent if one.row.counts and not one.row.relieves_at), default=row.arrive_by
    )
    works_until = max(row.arrive_by, first) + timedelta(hours=row.hours)
    found = coverage_of(wants, row.persons, crews, works_until)
    taken = {
        "incident",
        "incident_name",
        "site_code",
        "site_name",
        "needs",
        "works_until",
        "cover",
        "lacks_from",
        "lacks",
        "lacks_persons",
        "missions",
    }
    return TaskRow(
        **{each: getattr(row, each) for each in TaskRow.__dataclass_fields__ if each not in taken},
        incident=number,
        incident_name=name,
        site_code=site.code,
        site_name=site.name,
        needs=needs,
        works_until=works_until,
        cover=found.cover,
        lacks_from=found.lacks_from,
        lacks=tuple(TaskLack(skill, count) for skill, count in found.teams.items()),
        lacks_persons=found.persons,
        missions=tuple(one.row for one in sent),
    )


def _sent(ctx: Context, task_ids: Sequence[UUID]) -> list[_Sent]:
    statement = (
        select(RescueTaskMission, Mission, RescueTeam)
        .join(Mission, Mission.id == RescueTaskMission.mission_id)
        .join(RescueTeam, RescueTeam.id == Mission.team_id)
        .where(RescueTaskMission.task_id.in_(task_ids))
        .order_by(RescueTaskMission.seq)
    )
    return [
        _Sent(
            link.task_id,
            TaskMissionRow(
                mission.number,
                team.code,
                team.name,
                mission.details["persons"],
                mission.state,
                link.arrives_at,
                link.relieves_at,
                link.relieved_at,
                mission.state in COVERING,
            ),
            tuple(team.capabilities),
            team.type.value,
            f"{team.equipment} {team.vehicles} {team.specialities}",
        )
        for link, mission, team in ctx.session.execute(unscoped(statement, BECAUSE))
    ]
