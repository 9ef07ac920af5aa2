"""Reading proposals: who goes where and when, which task nobody is sent to and why, who is called next, what was ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from supplyops.database.registry import named
from supplyops.deployments.rules import DeploymentAnswer, DeploymentInput, DeploymentNote, LeftOut, TaskAnswer
from supplyops.deployments.tables import Deployment, DeploymentDuty
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Permission
from supplyops.kernel.codec import from_json
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import User
from supplyops.places.tables import Site
from supplyops.planning import asked
from supplyops.planning.asked import WorkState
from supplyops.planning.rules import AdviceState
from supplyops.runtime import Context, query, unscoped
from supplyops.tasks.rules import COVERING
from supplyops.tasks.tables import RescueTask
from supplyops.teams.rules import MissionState
from supplyops.teams.tables import Mission, RescueTeam

BECAUSE = "who may see a proposal sees its teams and tasks"


@dataclass(frozen=True, slots=True)
class DeploymentDutyRow:
    """A team at a task. It leaves when it is ready, at the latest at `leaves_by`."""

    row_no: int
    team_code: str
    team_name: str
    persons: int
    shift: int
    """Which of the team's shifts: it rests between them."""
    task_code: str
    task_name: str
    part: int
    """Which of the task's crews, which relieve each other."""
    site_name: str
    leaves_at: datetime
    leaves_by: datetime
    arrives_at: datetime
    arrive_by: datetime
    released_at: datetime
    is_late: bool
    mission_number: str
    mission_state: MissionState | None


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """A task in a proposal: how many teams are proposed, and what is said of it."""

    answer: TaskAnswer
    teams: int
    ordered: int
    """Of these, so many were ordered and still count."""


@dataclass(frozen=True, slots=True)
class DeploymentHead:
    """A proposal in a list."""

    id: UUID
    number: str
    incident: str
    incident_name: str
    organisation_id: UUID
    state: AdviceState
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    covered: int
    uncovered: int
    duties: int
    ordered: int


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """A proposal, or how far it is."""

    head: DeploymentHead
    options: DeploymentInput
    starts_at: datetime | None
    progress: dict[str, Any]
    error: dict[str, Any]
    is_lost: bool
    is_optimal: bool
    gap_permille: int
    considers_all: bool
    stopped_by: str
    duties: tuple[DeploymentDutyRow, ...]
    tasks: tuple[TaskOutcome, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[DeploymentNote, ...]


@query(Permission.TEAMS_SEE)
def deployments(ctx: Context, incident: str = "") -> list[DeploymentHead]:
    """Proposals in reach, of one incident (number or id) or of all; the newest first."""
    seen = [incidents.incident(ctx, incident)] if incident else incidents.incidents(ctx)
    names = {row.id: (row.number, row.name) for row in seen}
    statement = select(Deployment).order_by(Deployment.created_at.desc(), Deployment.number.desc())
    if incident:
        statement = statement.where(Deployment.incident_id == seen[0].id)
    rows = [row for row in ctx.session.scalars(statement) if row.incident_id in names]
    beside = _Beside(ctx, rows)
    return [_head(row, *names[row.incident_id], beside) for row in rows]


@query(Permission.TEAMS_SEE)
def duties(ctx: Context, reference: str = "") -> list[DeploymentDutyRow]:
    """Who goes where by one proposal (number or id), or by all in reach."""
    ids = [_found(ctx, reference).id] if reference else [head.id for head in deployments(ctx)]
    return _duties(ctx, ids)


@query(Permission.TEAMS_SEE)
def deployment(ctx: Context, reference: str) -> DeploymentRow:
    """One proposal by number or id."""
    row = _found(ctx, reference)
    incident = incidents.incident(ctx, str(row.incident_id))
    going = _duties(ctx, [row.id])
    far = asked.state_of(ctx, row)
    answer = from_json(DeploymentAnswer, row.answer) if row.answer else None
    return DeploymentRow(
        head=_head(row, incident.number, incident.name, _Beside(ctx, [row])),
        options=from_json(DeploymentInput, row.options),
        starts_at=row.starts_at,
        progress=far.progress,
        error=row.error,
        is_lost=far.is_lost,
        is_optimal=answer is not None and answer.is_optimal,
        gap_permille=answer.gap_permille if answer else 0,
        considers_all=answer is not None and answer.considers_all,
        stopped_by=answer.stopped_by if answer else "",
        duties=tuple(going),
        tasks=tuple(_outcome(each, going) for each in answer.tasks) if answer else (),
        left_out=answer.left_out if answer else (),
        notes=answer.notes if answer else (),
    )


@query(Permission.TEAMS_SEE)
def deployment_state(ctx: Context, reference: str) -> WorkState:
    """How far a proposal is."""
    return asked.state_of(ctx, _found(ctx, reference))


@query(Permission.INTERNAL)
def deployment_order(ctx: Context, deployment_id: UUID) -> DeploymentInput | None:
    """What to work on; None when nobody waits for it any more."""
    row = ctx.session.get(Deployment, deployment_id)
    return None if row is None or row.state is not AdviceState.RUNNING else from_json(DeploymentInput, row.options)


def _found(ctx: Context, reference: str) -> Deployment:
    row = ctx.session.scalars(select(Deployment).where(named(Deployment, reference))).one_or_none()
    if row is None:
        raise NotFound("deployment", reference=reference[:80])
    return row


def _duties(ctx: Context, deployment_ids: Sequence[UUID]) -> list[DeploymentDutyRow]:
    statement = (
        select(DeploymentDuty, RescueTeam, RescueTask, Site.name, Mission)
        .join(RescueTeam, RescueTeam.id == DeploymentDuty.team_id)
        .join(RescueTask, RescueTask.id == DeploymentDuty.task_id)
        .join(Site, Site.id == RescueTask.site_id)
        .outerjoin(Mission, Mission.id == DeploymentDuty.mission_id)
        .join(Deployment, Deployment.id == DeploymentDuty.deployment_id)
        .where(DeploymentDuty.deployment_id.in_(deployment_ids))
        .order_by(Deployment.created_at.desc(), Deployment.number.desc(), DeploymentDuty.row_no)
    )
    return [
        DeploymentDutyRow(
            duty.row_no, team.code, team.name, duty.persons, duty.shift, task.code, task.name, duty.part, site,
            duty.leaves_at, duty.leaves_by, duty.arrives_at, duty.arrive_by, duty.released_at, duty.is_late,
            mission.number if mission else "", mission.state if mission else None,
        )
        for duty, team, task, site, mission in ctx.session.execute(unscoped(statement, BECAUSE))
    ]  # fmt: skip


def _outcome(answer: TaskAnswer, duties: list[DeploymentDutyRow]) -> TaskOutcome:
    mine = [each for each in duties if each.task_code == answer.task.code]
    return TaskOutcome(answer, len(mine), sum(each.mission_state in COVERING for each in mine))


class _Beside:
    """What stands beside proposals in other tables, read in one go: who asked, how many rows there are and were ordered."""

    def __init__(self, ctx: Context, rows: Sequence[Deployment]) -> None:
        people = select(User.id, User.display_name).where(User.id.in_({row.created_by_id for row in rows}))
        self.authors: dict[UUID | None, str] = {
            row.id: row.display_name for row in ctx.session.execute(unscoped(people, BECAUSE))
        }
        counted = (
            select(DeploymentDuty.deployment_id, func.count(), func.count(DeploymentDuty.mission_id))
            .where(DeploymentDuty.deployment_id.in_([row.id for row in rows]))
            .group_by(DeploymentDuty.deployment_id)
        )
        self.duties = {row_id: (duties, ordered) for row_id, duties, ordered in ctx.session.execute(counted)}


def _head(row: Deployment, number: str, name: str, beside: _Beside) -> DeploymentHead:
    answer = from_json(DeploymentAnswer, row.answer) if row.answer else None
    uncovered = sum(bool(each.reasons) for each in answer.tasks) if answer else 0
    return DeploymentHead(
        row.id, row.number, number, name, row.organisation_id, row.state, beside.authors.get(row.created_by_id, ""),
        row.created_at, row.finished_at, len(answer.tasks) - uncovered if answer else 0, uncovered,
        *beside.duties.get(row.id, (0, 0)),
    )  # fmt: skip
