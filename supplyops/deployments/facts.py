"""The facts a proposal is made from: open tasks less what missions cover, teams that can be sent, driving times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from optimizer.model import Problem
from optimizer.model import Site as Stop
from optimizer.passing import NEVER
from optimizer.teams import Need, Task, Team, TeamProblem, relieved
from optimizer.travel import Roads
from supplyops.deployments.conditions import FROST, NIGHT, conditions_of, rest_seconds
from supplyops.deployments.rules import DeploymentInput, DeploymentNote, LeftOut, TaskFact
from supplyops.deployments.tables import Deployment
from supplyops.fleet.tables import VehicleType
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.codec import from_json
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.places.tables import Site
from supplyops.planning.figures import snow_months
from supplyops.planning.transport import network_of, vehicle_type
from supplyops.runtime import Context, query, unscoped
from supplyops.tasks import queries as tasks
from supplyops.tasks.queries import TaskRow
from supplyops.tasks.rules import TaskCover, TaskState, skills_of, wanted
from supplyops.teams import queries as teams
from supplyops.teams.queries import TeamRow
from supplyops.teams.rules import TeamState

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Facts:
    """A problem and what it was made from."""

    starts_at: datetime
    problem: TeamProblem
    tasks: tuple[TaskFact, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[DeploymentNote, ...] = ()


@query(Permission.PLANS_MAKE)
def facts(ctx: Context, deployment_id: UUID) -> Facts:
    """What the worker works on, as it is now, in the reach of whoever asked."""
    row = ctx.get(Deployment, deployment_id)
    asked = from_json(DeploymentInput, row.options)
    open_tasks = tasks.tasks(ctx, asked.incident, TaskState.OPEN)
    fit, left_out = _fit(ctx, asked)
    places = _places(ctx, [each.base_site_code for each in fit] + [each.site_code for each in open_tasks])
    names, travel = _travel(ctx, asked.vehicle_type, places)
    gear = {skill for each in open_tasks for skill in wanted(each.needs, each.equipment)}
    rest_s = rest_seconds(ctx)
    found = tuple(_team(each, gear, rest_s) for each in fit)
    problem = TeamProblem(str(row.id), names, {"": travel}, found, ())
    posed: dict[str, Task] = {}
    for each in open_tasks:
        task = _task(ctx, each)
        if task is not None and asked.may_be_late:
            task = replace(task, due_at=max(task.due_at, _earliest(problem, task)))
        if task is not None:
            posed[each.code] = task
    ends = max((task.due_at + task.duration_s for task in posed.values()), default=0)
    conditions, unknown = conditions_of(ctx, row.incident_id, ends)
    problem = relieved(replace(problem, tasks=tuple(posed.values()), conditions=conditions))
    posed = {task.id: task for task in problem.tasks}
    said = tuple(_fact(ctx, each, posed.get(each.code)) for each in open_tasks)
    notes = (*unknown, *_not_registered(fit, {each.name for each in conditions}))
    return Facts(ctx.now, problem, said, tuple(left_out), notes)


def _not_registered(fit: Sequence[TeamRow], conditions: set[str]) -> Iterator[DeploymentNote]:
    """Teams of which nobody knows how long they can work, or whether they can by night or in frost, where either comes."""
    told = {
        "no_duty_limit": [row.name for row in fit if not row.continuous_hours_max],
        "night_unknown": [row.name for row in fit if NIGHT in conditions and row.works_at_night is None],
        "frost_unknown": [row.name for row in fit if FROST in conditions and row.works_at_minus_30 is None],
    }
    return (DeploymentNote(code, tuple(names)) for code, names in told.items() if names)


def _ready_for(row: TeamRow) -> tuple[str, ...]:
    """A team of which nothing is registered is taken not to be ready: `_not_registered` names it."""
    ready = {NIGHT: row.works_at_night, FROST: row.works_at_minus_30}
    return tuple(name for name, is_ready in ready.items() if is_ready)


def check_vehicle_type(ctx: Context, code: str) -> VehicleType:
    """The type whose driving times hold. Raises InvalidInput."""
    row = ctx.session.scalars(select(VehicleType).where(VehicleType.code == code)).one_or_none()
    if row is None:
        raise InvalidInput(fields=(FieldError("vehicle_type", "unknown_reference", {"value": code[:40]}),))
    return row


def _fit(ctx: Context, asked: DeploymentInput) -> tuple[list[TeamRow], list[LeftOut]]:
    """Teams that can be sent, and those that cannot with the reason."""
    fit, left_out = [], []
    rows = teams.teams(ctx)
    nodes = {code: site.road_node for code, site in _places(ctx, [row.base_site_code for row in rows]).items()}
    for row in rows:
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


def _places(ctx: Context, codes: Sequence[str]) -> dict[str, Site]:
    statement = unscoped(select(Site).where(Site.code.in_(set(codes))), "bases of teams and places of tasks in reach")
    return {site.code: site for site in ctx.session.scalars(statement)}


def _travel(ctx: Context, type_code: str, places: dict[str, Site]) -> tuple[tuple[str, ...], list[list[int]]]:
    kind = vehicle_type(check_vehicle_type(ctx, type_code))
    nodes, edges = network_of(ctx, snow_months(ctx), ctx.now)
    known = {node.id for node in nodes}
    stops = tuple(
        Stop(site.code, site.name, site.road_node if site.road_node in known else "")
        for _, site in sorted(places.items())
    )
    names = tuple(stop.id for stop in stops)
    return names, Roads(Problem("", "", (), stops, (), (), (kind,), (), nodes, edges)).table(kind.id, names)


def _team(row: TeamRow, skills: set[str], rest_s: int) -> Team:
    text = f"{row.equipment} {row.vehicles} {row.specialities}"
    brings = skills_of((each.value for each in row.capabilities), row.type.value, text, skills)
    return Team(
        row.code, row.name, tuple(sorted(brings)), row.strength_present, row.base_site_code,
        ready_at=MINUTE * max(row.ready_minutes, row.ready_minutes_off_hours),
        duty_s_max=row.continuous_hours_max * 3600 or None, rest_s=rest_s if row.continuous_hours_max else None,
        ready_for=_ready_for(row),
    )  # fmt: skip


def _task(ctx: Context, row: TaskRow) -> Task | None:
    """What is still needed for a task; nothing where the missions ordered for it are enough."""
    if row.cover is TaskCover.COVERED:
        return None
    needs = tuple(Need(each.skill, each.teams) for each in row.lacks)
    due = int(((row.lacks_from or row.arrive_by) - ctx.now).total_seconds())
    takes = row.works_until - row.lacks_from if row.lacks_from else timedelta(hours=row.hours)
    return Task(
        row.code, row.name, row.site_code, needs, due, int(takes.total_seconds()), row.class_rank, persons=row.lacks_persons
    )  # fmt: skip


def _earliest(problem: TeamProblem, task: Task) -> int:
    """When everybody whom a task needs could be there at the earliest, in whole minutes; 0 where nobody ever could."""
    to, at = problem.places.index(task.place), {place: n for n, place in enumerate(problem.places)}
    travel = problem.travel[""]
    coming = sorted(
        ((team.ready_at + travel[at[team.base]][to], team.size, team.skills) for team in problem.teams),
        key=lambda each: each[0],
    )
    coming = [each for each in coming if each[0] < NEVER]
    moments = [0]
    for need in task.needs:
        able = [moment for moment, _, skills in coming if need.skill in skills]
        moments.append(able[need.teams - 1] if len(able) >= need.teams else NEVER)
    wants = {need.skill for need in task.needs}
    people = 0
    for moment, size, skills in coming if task.persons else ():
        people += size if not wants or wants & set(skills) else 0
        if people >= task.persons:
            moments.append(moment)
            break
    else:
        moments += [NEVER] if task.persons else []
    latest = max(moments)
    return -(-latest // MINUTE) * MINUTE if latest < NEVER else 0


def _fact(ctx: Context, row: TaskRow, task: Task | None) -> TaskFact:
    arrive_by = row.lacks_from or row.arrive_by
    late = task is not None and ctx.now + timedelta(seconds=task.due_at) > arrive_by
    return TaskFact(
        row.id, row.version, row.code, row.name, row.site_code, row.site_name, arrive_by, row.lacks_from or row.not_before,
        row.class_rank, task is None, tuple(dict.fromkeys(each.team_name for each in row.missions if each.counts)),
        ctx.now + timedelta(seconds=task.due_at) if task is not None and late else None,
        len(task.parts) if task is not None else 1, (task.relief_s or 0) // MINUTE if task is not None else 0,
        row.lacks_from,
    )  # fmt: skip
