"""Ordering rows of a proposal: everything it rests on is looked at again, and refused in words where it no longer holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from optimizer.codec import rebuilt_from
from optimizer.teams import TeamProblem
from supplyops.deployments.rules import DeploymentAnswer, OrdersInput, StandbyInput, TaskFact
from supplyops.deployments.tables import Deployment, DeploymentDuty
from supplyops.deployments.timetable import Leg, Work, legs_of, not_before_of
from supplyops.incidents.commands import mobilise_team
from supplyops.kernel.clock import beijing
from supplyops.kernel.codec import from_json
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, WrongState
from supplyops.places.tables import Site
from supplyops.planning.rules import AdviceState
from supplyops.runtime import Context, unscoped
from supplyops.tasks import commands as tasks
from supplyops.tasks import queries as task_queries
from supplyops.tasks.queries import TaskRow
from supplyops.tasks.rules import Going, TaskCover, TaskState
from supplyops.tasks.tables import RescueTask
from supplyops.teams.rules import MissionInput, TeamState
from supplyops.teams.tables import RescueTeam

TEXT_MAX = 200


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A team and its rows, with the way it would go if it were ordered now, in seconds from `starts_at`."""

    starts_at: datetime
    team: RescueTeam
    rows: tuple[DeploymentDuty, ...]
    legs: tuple[Leg, ...]
    facts: tuple[TaskFact, ...]

    def at(self, seconds: int) -> datetime:
        """A moment of its way."""
        return self.starts_at + timedelta(seconds=seconds)


def order_rows(ctx: Context, row: Deployment, orders: OrdersInput) -> tuple[UUID, ...]:
    """Missions for the rows chosen. Raises WrongState for a proposal without result or a task that has ended, InvalidInput for
    rows it does not have, Conflict `duty_ordered`, `team_not_free`, `task_changed`, `task_covered`, `team_would_be_late`."""
    starts_at, answer = _result(row)
    duties = _duties(ctx, row, orders.rows)
    facts = {each.task.id: each.task for each in answer.tasks}
    now = _tasks_as_they_are(ctx, {each.task_id for each in duties}, facts)
    chosen = _chosen(ctx, rebuilt_from(TeamProblem, row.problem), starts_at, duties, facts)
    if not orders.accept_late:
        for each in chosen:
            _refuse_late(each)
    return tuple(_order(ctx, row, each, now, orders) for each in chosen)


def _result(row: Deployment) -> tuple[datetime, DeploymentAnswer]:
    """From when its seconds count, and what came out. Raises WrongState where nothing did."""
    if row.state is not AdviceState.DONE or row.starts_at is None:
        raise WrongState("deployment", row.state.value, AdviceState.DONE.value)
    return row.starts_at, from_json(DeploymentAnswer, row.answer)


def _duties(ctx: Context, row: Deployment, row_nos: Sequence[int]) -> list[DeploymentDuty]:
    statement = (
        select(DeploymentDuty)
        .where(DeploymentDuty.deployment_id == row.id, DeploymentDuty.row_no.in_(row_nos))
        .order_by(DeploymentDuty.row_no)
        .with_for_update()
    )
    found = list(ctx.session.scalars(statement))
    missing = sorted(set(row_nos) - {each.row_no for each in found})
    if missing:
        raise InvalidInput(fields=(FieldError("rows", "unknown_reference", {"value": str(missing[0])}),))
    for each in found:
        if each.mission_id is not None:
            raise Conflict("duty_ordered", row=each.row_no)
    return found


def _tasks_as_they_are(ctx: Context, wanted: Collection[UUID], facts: Mapping[UUID, TaskFact]) -> dict[UUID, TaskRow]:
    """The tasks; each is locked, open, as it was when the proposal was made, and still lacks somebody."""
    statement = select(RescueTask).where(RescueTask.id.in_(wanted)).order_by(RescueTask.code).with_for_update()
    for task in ctx.session.scalars(statement.execution_options(populate_existing=True)):
        if task.state is not TaskState.OPEN:
            raise WrongState("rescue_task", task.state.value, TaskState.OPEN.value)
        if task.version != facts[task.id].version:
            raise Conflict("task_changed", code=task.code, name=task.name)
    found = {task_id: task_queries.task_by_id(ctx, task_id) for task_id in wanted}
    for each in found.values():
        if each.cover is TaskCover.COVERED:
            raise Conflict("task_covered", code=each.code, name=each.name)
    return found


def _chosen(
    ctx: Context,
    problem: TeamProblem,
    starts_at: datetime,
    duties: Sequence[DeploymentDuty],
    facts: dict[UUID, TaskFact],
) -> list[_Chosen]:
    """Teams in order of their codes, locked; all of them free."""
    posed = {team.id: team for team in problem.teams}
    since = int((ctx.now - starts_at).total_seconds())
    not_before = not_before_of(facts.values(), starts_at)
    mine: dict[UUID, list[DeploymentDuty]] = defaultdict(list)
    for duty in duties:
        mine[duty.team_id].append(duty)
    statement = select(RescueTeam).where(RescueTeam.id.in_(mine)).order_by(RescueTeam.code).with_for_update()
    teams = list(ctx.session.scalars(statement.execution_options(populate_existing=True)))
    gone = len(mine) - len(teams)
    if gone:
        raise Conflict("teams_out_of_reach", count=gone)
    found = []
    for team in teams:
        if team.state not in {TeamState.READY, TeamState.ALERTED}:
            raise Conflict("team_not_free", team=team.name, state=team.state.value)
        rows = tuple(mine[team.id])
        by_work = {Work(facts[each.task_id].code, each.part, each.shift): each for each in rows}
        legs = legs_of(problem, posed[team.code], list(by_work), not_before, since)
        in_turn = tuple(by_work[leg.work] for leg in legs)
        found.append(_Chosen(starts_at, team, in_turn, tuple(legs), tuple(facts[each.task_id] for each in in_turn)))
    return found


def _refuse_late(chosen: _Chosen) -> None:
    """A row that was on time when it was proposed has to be so still."""
    for duty, leg, fact in zip(chosen.rows, chosen.legs, chosen.facts, strict=True):
        arrives = chosen.at(leg.arrives_at)
        if arrives > duty.arrive_by and not duty.is_late:
            raise Conflict(
                "team_would_be_late", team=chosen.team.name, task=fact.name,
                at=f"{beijing(arrives):%m-%d %H:%M}", due=f"{beijing(duty.arrive_by):%m-%d %H:%M}",
            )  # fmt: skip


def _order(ctx: Context, row: Deployment, chosen: _Chosen, now: dict[UUID, TaskRow], orders: OrdersInput) -> UUID:
    """One mission, counted for each of its tasks."""
    mission_id = mobilise_team(ctx, row.incident_id, _mission(ctx, chosen, now, orders))
    for duty, leg, fact in zip(chosen.rows, chosen.legs, chosen.facts, strict=True):
        tasks.assign_mission(ctx, duty.task_id, mission_id, _going(chosen, leg, fact))
        duty.mission_id = mission_id
    return mission_id


def _going(chosen: _Chosen, leg: Leg, fact: TaskFact) -> Going:
    """When it is there, and between which crews."""
    return Going(
        chosen.at(leg.arrives_at),
        chosen.at(leg.due_at) if leg.work.part > 1 else fact.relieves_at,
        chosen.at(leg.released_at) if leg.work.part < fact.crews else None,
    )


def _mission(ctx: Context, chosen: _Chosen, now: dict[UUID, TaskRow], orders: OrdersInput) -> MissionInput:
    rows, legs = [now[duty.task_id] for duty in chosen.rows], chosen.legs
    shifts = [leg.work.shift for leg in legs]
    words = [
        f"{'休整后' if shift != before else ''}{task.name}{_crew(leg.work.part, fact)}"
        f"({task.site_name},{beijing(chosen.at(leg.arrives_at)):%m-%d %H:%M}到达)"
        for task, leg, fact, shift, before in zip(rows, legs, chosen.facts, shifts, shifts[:1] + shifts, strict=False)
    ]
    base = ctx.session.scalar(
        unscoped(select(Site.name).where(Site.id == chosen.team.base_site_id), "the base of a team in reach")
    )
    task = f"{rows[0].name}{_crew(legs[0].work.part, chosen.facts[0])}" if len(rows) == 1 else ";".join(words)
    length = timedelta(seconds=legs[-1].released_at - legs[0].leaves_at)
    return MissionInput(
        team_code=chosen.team.code,
        persons=chosen.team.strength_present,
        task=task[:TEXT_MAX],
        place=rows[0].site_name,
        muster_place=base or chosen.team.name,
        muster_at=chosen.at(legs[0].leaves_at),
        arrive_by=max(chosen.rows[0].arrive_by, chosen.at(legs[0].arrives_at)),
        command_relation=orders.command_relation,
        duration_hours=max(1, -(-length // timedelta(hours=1))),
        uninsured_reason=orders.uninsured_reason,
    )


def _crew(part: int, fact: TaskFact) -> str:
    return f"第{part}班" if fact.crews > 1 else ""


def order_one_of_the_ladder(ctx: Context, row: Deployment, orders: StandbyInput) -> UUID:
    """A mission for a team of a task's ladder, as one of the first crew in which somebody is lacking. Raises what `order_rows`
    does, Conflict `team_unready`, and InvalidInput for a task that the proposal does not have or a team that is not in its ladder."""
    starts_at, result = _result(row)
    answer = next((each for each in result.tasks if each.task.code == orders.task), None)
    if answer is None:
        raise InvalidInput(fields=(FieldError("task", "unknown_reference", {"value": orders.task[:40]}),))
    if orders.team not in {each.team_code for each in answer.standby}:
        params = {"value": orders.team[:40], "task": answer.task.name}
        raise InvalidInput(fields=(FieldError("team", "not_in_ladder", params),))
    fact, facts = answer.task, {answer.task.id: answer.task}
    now = _tasks_as_they_are(ctx, [fact.id], facts)
    problem = rebuilt_from(TeamProblem, row.problem)
    duty = _ladder_duty(ctx, row, fact, _part_lacking(problem, starts_at, now[fact.id]), orders.team)
    (chosen,) = _chosen(ctx, problem, starts_at, [duty], facts)
    if not orders.accept_late:
        _refuse_late(chosen)
    leg = chosen.legs[0]
    _refuse_unready(problem, chosen.team, leg)
    duty.persons = chosen.team.strength_present
    duty.leaves_at, duty.leaves_by, duty.arrives_at, duty.released_at = (
        chosen.at(each) for each in (leg.leaves_at, leg.leaves_by, leg.arrives_at, leg.released_at)
    )
    ctx.session.add(duty)
    given = OrdersInput(
        (duty.row_no,), orders.command_relation, orders.uninsured_reason, accept_late=orders.accept_late
    )
    return _order(ctx, row, chosen, now, given)


def _refuse_unready(problem: TeamProblem, team: RescueTeam, leg: Leg) -> None:
    """The ladder is of teams that are ready for the first crew's hours; another crew's may be night, or frost."""
    ready_for = next(each.ready_for for each in problem.teams if each.id == team.code)
    unready = {
        each.name
        for each in problem.conditions
        if leg.due_at < each.until and each.since < leg.released_at and each.name not in ready_for
    }
    if unready:
        raise Conflict("team_unready", team=team.name, conditions=sorted(unready))


def _part_lacking(problem: TeamProblem, starts_at: datetime, task: TaskRow) -> int:
    """The first crew of a task in which somebody is lacking now."""
    since = int(((task.lacks_from or starts_at) - starts_at).total_seconds())
    parts = next(each.parts for each in problem.tasks if each.id == task.code)
    return max([1, *(part for part, (starts, _) in enumerate(parts, start=1) if task.lacks_from and starts <= since)])


def _ladder_duty(ctx: Context, row: Deployment, task: TaskFact, part: int, team_code: str) -> DeploymentDuty:
    """A row for it, beside those that were proposed. Raises Conflict `teams_out_of_reach`."""
    last = ctx.session.scalar(select(func.max(DeploymentDuty.row_no)).where(DeploymentDuty.deployment_id == row.id))
    team_id = ctx.session.scalar(select(RescueTeam.id).where(RescueTeam.code == team_code))
    if team_id is None:
        raise Conflict("teams_out_of_reach", count=1)
    return DeploymentDuty(
        id=ctx.new_id(), deployment_id=row.id, row_no=(last or 0) + 1, team_id=team_id, task_id=task.id, persons=1, shift=1,
        part=part, leaves_at=ctx.now, leaves_by=ctx.now, arrives_at=ctx.now, released_at=ctx.now,
        arrive_by=task.wanted_by(part), mission_id=None,
    )  # fmt: skip
