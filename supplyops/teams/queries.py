"""Reading teams and missions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.database.parts import by_parts
from supplyops.database.registry import named
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, also_showing, query, unscoped
from supplyops.teams.rules import Capability, Employment, MissionState, TeamState, TeamType, UsarClass
from supplyops.teams.tables import Mission, MissionStep, RescueTeam


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A rescue team."""

    id: UUID
    code: str
    name: str
    type: TeamType
    employment: Employment
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    area_code: str
    base_site_id: UUID | None
    base_site_code: str
    base_site_name: str
    other_owners: str
    leader: str
    deputy: str
    duty_phone: str
    strength_authorised: int
    strength_present: int
    capabilities: tuple[Capability, ...]
    specialities: str
    equipment: str
    vehicles: str
    ready_minutes: int
    ready_minutes_off_hours: int
    self_sufficient_hours: int
    continuous_hours_max: int
    usar_class: UsarClass
    works_at_night: bool | None
    works_at_minus_30: bool | None
    agreement: str
    agreement_valid_to: date | None
    insurer: str
    insurance_policy: str
    insurance_valid_to: date | None
    last_exercise_on: date | None
    assessment_score: int | None
    assessed_on: date | None
    source_mark: str
    state: TeamState


@dataclass(frozen=True, slots=True)
class MissionStepRow:
    """One reported step of a mission."""

    state: MissionState
    happened_at: datetime
    recorded_at: datetime
    place: str
    note: str


@dataclass(frozen=True, slots=True)
class MissionRow:
    """A mobilisation with its steps."""

    id: UUID
    number: str
    team_id: UUID
    team_code: str
    team_name: str
    team_type: TeamType
    ordered_by_organisation_id: UUID
    ordered_by_name: str
    incident_id: UUID
    incident_number: str
    state: MissionState
    details: dict[str, Any]
    oral: dict[str, Any]
    ordered_at: datetime
    paper_due_at: datetime | None
    paper_signed_at: datetime | None
    steps: tuple[MissionStepRow, ...]

    @property
    def muster_at(self) -> datetime:
        """When the team musters."""
        return datetime.fromisoformat(self.details["muster_at"])

    @property
    def arrive_by(self) -> datetime:
        """When the team has to be there."""
        return datetime.fromisoformat(self.details["arrive_by"])


@query(Permission.TEAMS_SEE)
def teams(ctx: Context, state: TeamState | None = None) -> list[TeamRow]:
    """Teams in reach, by type and code."""
    statement = (
        select(RescueTeam, Organisation, Site)
        .join(Organisation, Organisation.id == RescueTeam.organisation_id)
        .outerjoin(Site, Site.id == RescueTeam.base_site_id)
        .order_by(RescueTeam.type, RescueTeam.code)
    )
    if state is not None:
        statement = statement.where(RescueTeam.state == state)
    return [_row(*row) for row in ctx.session.execute(also_showing(statement, Site))]


@query(Permission.TEAMS_SEE)
def team(ctx: Context, code: str) -> TeamRow:
    """One team by code."""
    found = next((row for row in teams(ctx) if row.code == code), None)
    if found is None:
        raise NotFound("rescue_team", code=code)
    return found


def _row(team: RescueTeam, owner: Organisation, base: Site | None) -> TeamRow:
    taken = {"organisation_code", "organisation_name", "base_site_code", "base_site_name", "capabilities"}
    return TeamRow(
        **{name: getattr(team, name) for name in TeamRow.__dataclass_fields__ if name not in taken},
        organisation_code=owner.code,
        organisation_name=owner.name,
        base_site_code=base.code if base else "",
        base_site_name=base.name if base else "",
        capabilities=tuple(Capability(value) for value in team.capabilities),
    )


@query(Permission.TEAMS_SEE)
def missions(
    ctx: Context,
    *,
    incident_id: UUID | None = None,
    team_id: UUID | None = None,
    state: MissionState | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> list[MissionRow]:
    """Missions in reach with their steps, newest first; all of them where no limit is said."""
    statement = _missions().order_by(Mission.ordered_at.desc(), Mission.number.desc()).offset(offset).limit(limit)
    for column, value in ((Mission.incident_id, incident_id), (Mission.team_id, team_id), (Mission.state, state)):
        if value is not None:
            statement = statement.where(column == value)
    return _mission_rows(ctx, statement)


@query(Permission.TEAMS_SEE)
def count_missions(ctx: Context, state: MissionState | None = None, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    rows = select(Mission.id).where(*[Mission.state == state] if state is not None else [])
    return int(ctx.session.scalar(counted(rows, most)) or 0)


def _missions() -> Select[*tuple[Any, ...]]:
    return (
        select(Mission, RescueTeam, Organisation.name)
        .join(RescueTeam, RescueTeam.id == Mission.team_id)
        .join(Organisation, Organisation.id == Mission.ordered_by_organisation_id)
    )


def _mission_rows(ctx: Context, statement: Select[*tuple[Any, ...]]) -> list[MissionRow]:
    return by_parts(partial(_whole_missions, ctx), ctx.session.execute(also_showing(statement, RescueTeam)).all())


def _whole_missions(ctx: Context, rows: Sequence[Any]) -> list[MissionRow]:
    steps: dict[UUID, list[MissionStepRow]] = {}
    ids = [row[0].id for row in rows]
    for step in ctx.session.scalars(
        unscoped(
            select(MissionStep).where(MissionStep.mission_id.in_(ids)).order_by(MissionStep.seq),
            "the missions are in reach",
        )
    ):
        steps.setdefault(step.mission_id, []).append(
            MissionStepRow(step.state, step.happened_at, step.recorded_at, step.place, step.note)
        )
    taken = {"team_code", "team_name", "team_type", "ordered_by_name", "steps"}
    return [
        MissionRow(
            **{name: getattr(mission, name) for name in MissionRow.__dataclass_fields__ if name not in taken},
            team_code=sent.code,
            team_name=sent.name,
            team_type=sent.type,
            ordered_by_name=orderer,
            steps=tuple(steps.get(mission.id, ())),
        )
        for mission, sent, orderer in rows
    ]


@query(Permission.TEAMS_SEE)
def mission(ctx: Context, mission_id: UUID) -> MissionRow:
    """One mission."""
    found = _mission_rows(ctx, _missions().where(Mission.id == mission_id))
    if not found:
        raise NotFound("mission")
    return found[0]


@query(Permission.TEAMS_SEE)
def mission_named(ctx: Context, reference: str) -> MissionRow:
    """One mission by number or id."""
    found = _mission_rows(ctx, _missions().where(named(Mission, reference)))
    if not found:
        raise NotFound("mission", reference=reference)
    return found[0]
