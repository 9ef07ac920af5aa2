"""Proposals: which team goes where, which task nobody is sent to and why, who is called next."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from optimizer.budget import Budget
from optimizer.check.teams import check_teams
from optimizer.model import Problem
from optimizer.model import Site as Stop
from optimizer.teams import Duty, Need, Reason, Task, Team, TeamPlan, TeamProblem, solve
from optimizer.travel import Roads
from supplyops.deployments.rules import ProposalInput
from supplyops.fleet.tables import VehicleType
from supplyops.incidents import queries as incidents
from supplyops.incidents.queries import IncidentRow
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import canonical, plain
from supplyops.kernel.clock import business_day
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.places.tables import Site
from supplyops.planning.figures import snow_months
from supplyops.planning.transport import network_of, vehicle_type
from supplyops.runtime import Context, query
from supplyops.teams import queries as teams
from supplyops.teams.queries import TeamRow
from supplyops.teams.rules import TeamState

ITERATIONS = 300
"""Deterministic: the same facts give the same proposal, so what was read can be taken over."""
QUESTION = "deployment"


@dataclass(frozen=True, slots=True)
class TeamDutyRow:
    """A team at a task."""

    team_code: str
    team_name: str
    persons: int
    task_no: int
    task_name: str
    site_code: str
    site_name: str
    leaves_at: datetime
    arrives_at: datetime
    released_at: datetime


@dataclass(frozen=True, slots=True)
class LackRow:
    """Why nobody is sent: a code for the words, the ability, how many are needed and can come, the earliest arrival."""

    lack: str
    capability: str
    needed: int
    available: int
    earliest_at: datetime | None
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamTaskRow:
    """A task: whether it is covered, why not, and who is called next."""

    no: int
    name: str
    site_name: str
    arrive_by: datetime
    is_covered: bool
    reasons: tuple[LackRow, ...]
    standby: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A team that could not be considered, and why."""

    team_code: str
    team_name: str
    why: str


@dataclass(frozen=True, slots=True)
class DeploymentProposal:
    """A proposal, proven or not, for a person to take over."""

    incident: str
    digest: str
    is_optimal: bool
    gap_percent: float
    duties: tuple[TeamDutyRow, ...]
    tasks: tuple[TeamTaskRow, ...]
    left_out: tuple[LeftOut, ...]
    made_at: datetime


@query(Permission.TEAMS_SEE)
def propose(ctx: Context, asked: ProposalInput) -> DeploymentProposal:
    """Which teams in reach to send. Nothing is ordered by it."""
    incident: IncidentRow = incidents.incident(ctx, asked.incident)
    fit, left_out = _fit(ctx, asked)
    sites = _task_sites(ctx, asked)
    problem = _problem(ctx, asked, fit, sites)
    plan = solve(problem, Budget(iterations=ITERATIONS))
    faults = check_teams(problem, plan)
    assert not faults, faults
    by_code = {row.code: row for row in fit}
    duties = tuple(_duty(ctx, duty, by_code, asked, sites) for duty in plan.duties)
    digest = hashlib.sha256(canonical(plain(to_json([asked, [(d.team_code, d.task_no) for d in duties]])))).hexdigest()[
        :16
    ]
    return DeploymentProposal(
        incident.number, digest, plan.is_optimal, round(plan.gap_percent, 2), duties,
        tuple(_task_rows(ctx, asked, sites, plan, by_code)), tuple(left_out), ctx.now,
    )  # fmt: skip


def _fit(ctx: Context, asked: ProposalInput) -> tuple[list[TeamRow], list[LeftOut]]:
    """Teams that can be sent, and those that cannot with the reason."""
    fit, left_out = [], []
    nodes = {site.code: site.road_node for site in ctx.session.scalars(select(Site))}
    for row in teams.teams(ctx):
        insured = row.insurance_valid_to is not None and row.insurance_valid_to >= business_day(ctx.now)
        if row.state not in {TeamState.READY, TeamState.ALERTED}:
            left_out.append(LeftOut(row.code, row.name, row.state.value))
        elif row.strength_present < 1:
            left_out.append(LeftOut(row.code, row.name, "nobody_present"))
        elif not insured and not asked.with_uninsured:
            left_out.append(LeftOut(row.code, row.name, "uninsured"))
        elif not nodes.get(row.base_site_code):
            left_out.append(LeftOut(row.code, row.name, "no_base_on_network"))
        else:
            fit.append(row)
    return fit, left_out


def _task_sites(ctx: Context, asked: ProposalInput) -> list[Site]:
    codes = {task.site_code for task in asked.tasks}
    found = {site.code: site for site in ctx.session.scalars(select(Site).where(Site.code.in_(codes)))}
    errors = [
        FieldError(f"tasks.{place}.site_code", "unknown_reference", {"value": task.site_code[:40]})
        for place, task in enumerate(asked.tasks)
        if task.site_code not in found
    ]
    errors += [
        FieldError(f"tasks.{place}.arrive_by", "in_the_past")
        for place, task in enumerate(asked.tasks)
        if task.arrive_by < ctx.now
    ]
    if errors:
        raise InvalidInput(fields=tuple(errors))
    return [found[task.site_code] for task in asked.tasks]


def _problem(ctx: Context, asked: ProposalInput, fit: list[TeamRow], sites: list[Site]) -> TeamProblem:
    row = ctx.session.scalars(select(VehicleType).where(VehicleType.code == asked.vehicle_type)).one_or_none()
    if row is None:
        fault = FieldError("vehicle_type", "unknown_reference", {"value": asked.vehicle_type[:40]})
        raise InvalidInput(fields=(fault,))
    kind = vehicle_type(row)
    bases = {each.base_site_code for each in fit}
    places = {site.code: site for site in ctx.session.scalars(select(Site).where(Site.code.in_(bases)))}
    places |= {site.code: site for site in sites}
    nodes, edges = network_of(ctx, snow_months(ctx), ctx.now)
    known = {node.id for node in nodes}
    stops = tuple(
        Stop(site.code, site.name, site.road_node if site.road_node in known else "")
        for _, site in sorted(places.items())
    )
    roads = Roads(Problem(QUESTION, "", (), stops, (), (), (kind,), (), nodes, edges))
    names = tuple(stop.id for stop in stops)
    return TeamProblem(
        QUESTION, names, {"": roads.table(kind.id, names)},
        tuple(
            Team(
                each.code, each.name, tuple(ability.value for ability in each.capabilities), each.strength_present,
                each.base_site_code, ready_at=60 * max(each.ready_minutes, each.ready_minutes_off_hours),
                duty_s_max=each.continuous_hours_max * 3600 or None,
            )
            for each in fit
        ),
        tuple(
            Task(
                str(place), task.name, task.site_code,
                (Need(task.capability.value, task.teams),)
                + ((Need(task.second_capability.value, task.second_teams),) if task.second_capability else ()),
                int((task.arrive_by - ctx.now).total_seconds()), task.hours * 3600, task.class_rank, persons=task.persons,
            )
            for place, task in enumerate(asked.tasks)
        ),
    )  # fmt: skip


def _at(ctx: Context, seconds: int) -> datetime:
    return ctx.now + timedelta(seconds=seconds)


def _duty(
    ctx: Context, duty: Duty, by_code: dict[str, TeamRow], asked: ProposalInput, sites: list[Site]
) -> TeamDutyRow:
    team, place = by_code[duty.team_id], int(duty.task_id)
    moments = [_at(ctx, seconds) for seconds in (duty.leaves_at, duty.arrives_at, duty.released_at)]
    site = sites[place]
    return TeamDutyRow(
        team.code, team.name, team.strength_present, place + 1, asked.tasks[place].name, site.code, site.name, *moments
    )  # fmt: skip


def _task_rows(
    ctx: Context, asked: ProposalInput, sites: list[Site], plan: TeamPlan, by_code: dict[str, TeamRow]
) -> list[TeamTaskRow]:
    reasons = {one.task_id: one.reasons for one in plan.uncovered}
    ladder = {one.task_id: one.teams for one in plan.standby}
    return [
        TeamTaskRow(
            place + 1, task.name, sites[place].name, task.arrive_by, str(place) not in reasons,
            tuple(_reason(ctx, reason, asked) for reason in reasons.get(str(place), ())),
            tuple(by_code[code].name for code, _ in ladder.get(str(place), ())),
        )
        for place, task in enumerate(asked.tasks)
    ]  # fmt: skip


def _reason(ctx: Context, reason: Reason, asked: ProposalInput) -> LackRow:
    return LackRow(
        reason.lack.value, reason.skill, reason.needed, reason.available,
        None if reason.earliest_at is None else _at(ctx, reason.earliest_at),
        tuple(asked.tasks[int(task)].name for task in reason.tasks),
    )  # fmt: skip
