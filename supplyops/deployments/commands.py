"""Asking for a proposal, stopping it, keeping what came out, ordering rows of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from optimizer.codec import plain as optimizer_plain
from optimizer.passing import NEVER
from optimizer.teams import Reason, TeamPlan
from supplyops.deployments.facts import Facts, check_vehicle_type
from supplyops.deployments.ordering import order_one_of_the_ladder, order_rows
from supplyops.deployments.rules import (
    DEPLOYMENT_JOB_KIND,
    DeploymentAnswer,
    DeploymentInput,
    LackRow,
    OrdersInput,
    StandbyInput,
    TaskAnswer,
    TaskFact,
    TeamStandby,
)
from supplyops.deployments.tables import Deployment, DeploymentDuty
from supplyops.deployments.timetable import Work, legs_of, not_before_of
from supplyops.incidents import queries as incidents
from supplyops.incidents.commands import lock_open
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import Conflict
from supplyops.papers.commands import next_in_series
from supplyops.people.tables import Organisation
from supplyops.planning import asked
from supplyops.planning.rules import AdviceState
from supplyops.runtime import Context, command
from supplyops.tasks import queries as tasks
from supplyops.tasks.rules import TaskCover, TaskState
from supplyops.teams import queries as teams

SERIES = "PQ"


@command(Permission.PLANS_MAKE)
def propose(ctx: Context, wanted: DeploymentInput) -> UUID:
    """Queue the search for which teams go where. Raises Conflict `nothing_to_cover` when no open task lacks anybody,
    `deployment_running` while another search for the incident is under way."""
    incident = lock_open(ctx, incidents.incident(ctx, wanted.incident).id)
    ctx.require(Permission.PLANS_MAKE, incident.organisation_id)
    check_vehicle_type(ctx, wanted.vehicle_type)
    lacking = [row for row in tasks.tasks(ctx, incident.number, TaskState.OPEN) if row.cover is not TaskCover.COVERED]
    if not lacking:
        raise Conflict("nothing_to_cover", incident=incident.name)
    asked.refuse_second(ctx, Deployment, Deployment.incident_id == incident.id, "deployment_running", incident.name)
    body = ctx.session.get_one(Organisation, incident.organisation_id)
    row = asked.queue(
        ctx, Deployment, DEPLOYMENT_JOB_KIND, number=next_in_series(ctx, SERIES, body.area_code), incident_id=incident.id,
        organisation_id=incident.organisation_id, options=plain(to_json(wanted)), problem={}, answer={}, starts_at=None,
    )  # fmt: skip
    ctx.about("deployment", row.id, row.number)
    return row.id


@command(Permission.PLANS_MAKE)
def cancel(ctx: Context, deployment_id: UUID) -> None:
    """Stop the search. Raises NotFound when it is not under way."""
    row = ctx.get(Deployment, deployment_id, lock=True)
    ctx.require(Permission.PLANS_MAKE, row.organisation_id)
    asked.stop(ctx, Deployment, row)
    ctx.about("deployment", row.id, row.number)


@command(Permission.INTERNAL)
def save_deployment(
    ctx: Context, deployment_id: UUID, job_id: UUID, attempt: int, found: Facts, plan: TeamPlan
) -> bool:
    """Keep what came out. False, and nothing changes, when the job is not this attempt's any more."""
    row = asked.running(ctx, Deployment, deployment_id, job_id, attempt)
    if row is None:
        return False
    row.problem, row.starts_at = optimizer_plain(found.problem), found.starts_at
    row.answer = plain(to_json(_answer(found, plan)))
    _add_duties(ctx, row, found, plan)
    row.state, row.finished_at = AdviceState.DONE, ctx.now
    ctx.about("deployment", row.id, row.number)
    return True


@command(Permission.INTERNAL)
def fail_deployment(ctx: Context, deployment_id: UUID, job_id: UUID, attempt: int, error: dict[str, Any]) -> bool:
    """Note why nothing came out. False, and nothing changes, when the job is not this attempt's any more."""
    return asked.fail(ctx, Deployment, deployment_id, job_id, attempt, error)


@command(Permission.TEAMS_MOBILISE)
def order_teams(ctx: Context, deployment_id: UUID, orders: OrdersInput) -> tuple[UUID, ...]:
    """Order out the teams of the rows chosen, each with one mobilisation order (F9) that counts for its tasks. All or none:
    see `ordering` for what is refused."""
    row = ctx.get(Deployment, deployment_id, lock=True)
    ctx.require(Permission.TEAMS_MOBILISE, row.organisation_id)
    made = order_rows(ctx, row, orders)
    ctx.about("deployment", row.id, row.number, rows=list(orders.rows))
    return made


@command(Permission.TEAMS_MOBILISE)
def order_standby(ctx: Context, deployment_id: UUID, orders: StandbyInput) -> UUID:
    """Order a team of a task's ladder out, with a mobilisation order (F9) that counts for the task; it becomes a row of the
    proposal. See `ordering` for what is refused."""
    row = ctx.get(Deployment, deployment_id, lock=True)
    ctx.require(Permission.TEAMS_MOBILISE, row.organisation_id)
    made = order_one_of_the_ladder(ctx, row, orders)
    ctx.about("deployment", row.id, row.number, task=orders.task, team=orders.team)
    return made


def _add_duties(ctx: Context, row: Deployment, found: Facts, plan: TeamPlan) -> None:
    facts = {each.code: each for each in found.tasks}
    known = {each.code: each for each in teams.teams(ctx)}
    not_before = not_before_of(found.tasks, found.starts_at)
    row_no = 0
    for team in found.problem.teams:
        mine = [Work(duty.task_id, duty.part, duty.shift) for duty in plan.duties if duty.team_id == team.id]
        for leg in legs_of(found.problem, team, mine, not_before):
            row_no += 1
            task = facts[leg.work.task_id]
            at = [
                found.starts_at + timedelta(seconds=each)
                for each in (leg.leaves_at, leg.leaves_by, leg.arrives_at, leg.released_at)
            ]
            ctx.session.add(
                DeploymentDuty(
                    id=ctx.new_id(),
                    deployment_id=row.id,
                    row_no=row_no,
                    team_id=known[team.id].id,
                    task_id=task.id,
                    persons=team.size,
                    shift=leg.work.shift,
                    part=leg.work.part,
                    leaves_at=at[0],
                    leaves_by=at[1],
                    arrives_at=at[2],
                    released_at=at[3],
                    arrive_by=task.wanted_by(leg.work.part),
                    mission_id=None,
                )
            )


def _answer(found: Facts, plan: TeamPlan) -> DeploymentAnswer:
    reasons = {one.task_id: one.reasons for one in plan.uncovered}
    ladder = {one.task_id: one.teams for one in plan.standby}
    names = {team.id: team.name for team in found.problem.teams}

    def at(seconds: int) -> Any:
        return found.starts_at + timedelta(seconds=seconds)

    def no_way(task: TaskFact) -> bool:
        """Does no road lead to it from where any team is?"""
        travel, places = found.problem.travel[""], found.problem.places
        to = places.index(task.site_code)
        return all(travel[places.index(team.base)][to] >= NEVER for team in found.problem.teams)

    def lack(reason: Reason) -> LackRow:
        earliest = None if reason.earliest_at is None else at(reason.earliest_at)
        return LackRow(
            reason.lack.value, reason.skill, reason.needed, reason.available, earliest, reason.tasks, reason.part,
            reason.conditions,
        )  # fmt: skip

    return DeploymentAnswer(
        plan.is_optimal,
        round(plan.gap_percent * 10),
        plan.considers_all,
        plan.stopped_by,
        tuple(
            TaskAnswer(
                task,
                (LackRow("no_way", "", 0, 0, None, ()),)
                if task.code in reasons and names and no_way(task)
                else tuple(lack(reason) for reason in reasons.get(task.code, ())),
                tuple(TeamStandby(code, names[code], at(seconds)) for code, seconds in ladder.get(task.code, ())),
            )
            for task in found.tasks
        ),
        found.left_out,
        found.notes,
    )
