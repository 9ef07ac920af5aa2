"""Adding, changing and ending rescue tasks, and saying which missions are for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from supplyops.database.registry import References, Saved, refuse_repeats
from supplyops.incidents.access import may_see_class
from supplyops.incidents.commands import lock_open
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.checks import Checks
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, NotFound, WrongState
from supplyops.places.tables import Site
from supplyops.runtime import Context, command, expect_version
from supplyops.tasks.rules import COVERING, TASKS_MAX, Going, TaskInput, TaskState
from supplyops.tasks.tables import RescueTask, RescueTaskMission
from supplyops.teams.tables import Mission


@command(Permission.TASKS_EDIT)
def save_tasks(ctx: Context, inputs: Sequence[TaskInput]) -> Saved:
    """Add or change tasks by incident and code. A task that has ended is left as it was: changing it is refused."""
    refuse_repeats([(item.incident, item.code) for item in inputs], "code")
    incidents, sites = _found(ctx, inputs, is_list=True)
    added = changed = 0
    for place, item in enumerate(inputs):
        incident, site = incidents[item.incident], sites[item.site_code]
        row = _of(ctx, incident.id, item.code)
        if row is None:
            _refuse_past(ctx, str(place), item.arrive_by)
            _add(ctx, incident, site, item)
            added += 1
        else:
            changed += _change(ctx, row, site, item, f"{place}.")
    ctx.session.flush()  # what is counted are the rows as they are now
    for incident in {item.incident: incidents[item.incident] for item in inputs}.values():
        _refuse_too_many(ctx, incident)
    return Saved(added, changed, len(inputs) - added - changed)


@command(Permission.TASKS_EDIT)
def add_task(ctx: Context, task: TaskInput) -> UUID:
    """Add a task. Raises InvalidInput when the incident has one of that code."""
    incidents, sites = _found(ctx, [task])
    incident = incidents[task.incident]
    if _of(ctx, incident.id, task.code) is not None:
        raise InvalidInput(fields=(FieldError("code", "already_used", {"value": task.code}),))
    _refuse_past(ctx, "", task.arrive_by)
    row = _add(ctx, incident, sites[task.site_code], task)
    ctx.session.flush()  # it is counted with the others
    _refuse_too_many(ctx, incident)
    ctx.about("rescue_task", row.id, f"{task.incident}/{task.code}")
    return row.id


@command(Permission.TASKS_EDIT)
def change_task(ctx: Context, task_id: UUID, version: int, task: TaskInput) -> int:
    """Change a task; returns its new version. Raises Conflict `stale` when somebody else changed it meanwhile."""
    row = _own(ctx, task_id)
    expect_version("rescue_task", row.version, version)
    incidents, sites = _found(ctx, [task])
    if incidents[task.incident].id != row.incident_id or task.code != row.code:
        raise InvalidInput(fields=(FieldError("code", "cannot_change"),))
    _change(ctx, row, sites[task.site_code], task, "")
    ctx.about("rescue_task", row.id, f"{task.incident}/{task.code}", version=row.version)
    return row.version


@command(Permission.TASKS_EDIT)
def end_task(ctx: Context, task_id: UUID, state: TaskState, because: str) -> None:
    """A task is done, or not wanted any more, also after its incident has ended. Missions under way go on: their teams are told by
    their own orders."""
    row = ctx.get(RescueTask, task_id, lock=True)
    _require(ctx, row.organisation_id, row.place_organisation_id)
    if not may_see_class(ctx, ctx.get(Incident, row.incident_id).event_class):
        raise NotFound("rescue_task")
    check = Checks()
    check.text("because", because)
    check.that(state is not TaskState.OPEN, "state", "unknown_choice", value=state.value, allowed=["done", "cancelled"])
    check.done()
    _open(row)
    row.state, row.ended_at, row.ended_by_id, row.ended_because = state, ctx.now, ctx.principal.user_id, because
    row.version += 1
    ctx.about("rescue_task", row.id, row.code, state=state.value)


@command(Permission.TEAMS_MOBILISE)
def assign_mission(ctx: Context, task_id: UUID, mission_id: UUID, going: Going | None = None) -> None:
    """Say that a mission is for a task: it counts for it until it ends; without `going` from the beginning of the task to its
    end, there by the hour of the order. A mission of another incident, or one that has ended, is refused; one that is for the
    task already from then on changes nothing."""
    row = ctx.get(RescueTask, task_id, lock=True)
    ctx.require(Permission.TEAMS_MOBILISE, row.organisation_id)
    lock_open(ctx, row.incident_id)
    _open(row)
    mission = ctx.get(Mission, mission_id, lock=True)
    if mission.incident_id != row.incident_id:
        raise Conflict("mission_of_another_incident", number=mission.number, code=row.code)
    if mission.state not in COVERING:
        raise WrongState("mission", mission.state.value, "ordered")
    going = going or Going(datetime.fromisoformat(mission.details["arrive_by"]))
    known = select(RescueTaskMission.seq).where(
        RescueTaskMission.task_id == row.id,
        RescueTaskMission.mission_id == mission.id,
        RescueTaskMission.relieves_at.is_not_distinct_from(going.relieves_at),
    )
    if ctx.session.scalar(known) is None:
        ctx.session.add(
            RescueTaskMission(
                task_id=row.id,
                mission_id=mission.id,
                arrives_at=going.arrives_at,
                relieves_at=going.relieves_at,
                relieved_at=going.relieved_at,
                added_at=ctx.now,
                added_by_id=ctx.principal.user_id,
            )
        )
    ctx.about("rescue_task", row.id, row.code, mission=mission.number)


def _found(
    ctx: Context, inputs: Sequence[TaskInput], *, is_list: bool = False
) -> tuple[dict[str, Incident], References[Site]]:
    """The open incidents and the sites that tasks name; all that are not there are refused together."""
    known = References(ctx.session, Incident, [item.incident for item in inputs], column="number")
    sites = References(ctx.session, Site, [item.site_code for item in inputs])
    for place, item in enumerate(inputs):
        incident = known.find(place, "incident", item.incident)
        if incident is not None and not may_see_class(ctx, incident.event_class):
            known.errors.append(FieldError(f"{place}.incident", "unknown_reference", {"value": item.incident[:40]}))
        sites.find(place, "site_code", item.site_code)
    errors = [*known.errors, *sites.errors]
    if errors:
        raise InvalidInput(fields=tuple(each if is_list else replace(each, field=each.field[2:]) for each in errors))
    return {item.incident: lock_open(ctx, known[item.incident].id) for item in inputs}, sites


def _of(ctx: Context, incident_id: UUID, code: str) -> RescueTask | None:
    return ctx.session.scalars(
        select(RescueTask).where(RescueTask.incident_id == incident_id, RescueTask.code == code).with_for_update()
    ).one_or_none()


def _own(ctx: Context, task_id: UUID) -> RescueTask:
    """A task that the actor may change, locked; its incident is open."""
    row = ctx.get(RescueTask, task_id, lock=True)
    _require(ctx, row.organisation_id, row.place_organisation_id)
    lock_open(ctx, row.incident_id)
    return row


def _require(ctx: Context, commanding: UUID, place: UUID) -> None:
    """The body that commands, or the one whose place it is, says what has to be done there."""
    if not ctx.may(Permission.TASKS_EDIT, place):
        ctx.require(Permission.TASKS_EDIT, commanding)


def _open(row: RescueTask) -> None:
    if row.state is not TaskState.OPEN:
        raise WrongState("rescue_task", row.state.value, TaskState.OPEN.value)


def _values(site: Site, task: TaskInput) -> dict[str, Any]:
    return {
        "place_organisation_id": site.organisation_id,
        "name": task.name,
        "site_id": site.id,
        "needs": plain(to_json(list(task.needs))),
        "persons": task.persons,
        "equipment": task.equipment,
        "not_before": task.not_before,
        "arrive_by": task.arrive_by,
        "hours": task.hours,
        "class_rank": task.class_rank,
        "note": task.note,
    }


def _add(ctx: Context, incident: Incident, site: Site, task: TaskInput) -> RescueTask:
    _require(ctx, incident.organisation_id, site.organisation_id)
    row = RescueTask(
        id=ctx.new_id(),
        incident_id=incident.id,
        organisation_id=incident.organisation_id,
        code=task.code,
        state=TaskState.OPEN,
        version=1,
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        ended_at=None,
        ended_by_id=None,
        ended_because="",
        **_values(site, task),
    )
    ctx.session.add(row)
    return row


def _change(ctx: Context, row: RescueTask, site: Site, task: TaskInput, path: str) -> bool:
    """Whether anything was another than before."""
    values = _values(site, task)
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not differing:
        return False
    _require(ctx, row.organisation_id, row.place_organisation_id)
    _require(ctx, row.organisation_id, site.organisation_id)
    _open(row)
    if "arrive_by" in differing:
        _refuse_past(ctx, path.removesuffix("."), task.arrive_by)
    for name, value in differing.items():
        setattr(row, name, value)
    row.version += 1
    return True


def _refuse_past(ctx: Context, place: str, arrive_by: datetime) -> None:
    if arrive_by < ctx.now:
        raise InvalidInput(fields=(FieldError(f"{place}.arrive_by".lstrip("."), "in_the_past"),))


def _refuse_too_many(ctx: Context, incident: Incident) -> None:
    count = select(func.count()).where(RescueTask.incident_id == incident.id, RescueTask.state == TaskState.OPEN)
    open_now = ctx.session.scalar(count) or 0
    if open_now > TASKS_MAX:
        raise Conflict("too_many_tasks", incident=incident.name, count=open_now, maximum=TASKS_MAX)
