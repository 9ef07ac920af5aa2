"""Rescue tasks of an incident: what has to be done where, which teams were sent, what is still lacking."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.incidents import queries as incidents
from supplyops.incidents.queries import IncidentRow
from supplyops.incidents.rules import IncidentState
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.places import queries as places
from supplyops.tasks import commands, queries
from supplyops.tasks.queries import TaskRow
from supplyops.tasks.rules import TaskCover, TaskInput, TaskState
from supplyops.teams.rules import Capability, TeamType
from supplyops.wording.labels import LABELS
from supplyops.wording.skills import lacks_text
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.lists.tasks import TASKS, needs_text
from web.pages.incidents import tabs
from web.view import signed_in

FIELDS = {
    "incident": "事件",
    "code": "任务编号",
    "name": "任务",
    "site_code": "任务地点",
    "needs": "力量需求",
    "skill": "能力或队伍类别",
    "teams": "队数",
    "persons": "需要人数",
    "equipment": "需要装备",
    "not_before": "最早到达",
    "arrive_by": "到达时限",
    "hours": "预计时长(小时)",
    "class_rank": "优先级",
    "note": "说明",
    "because": "原因",
}
SPARE = 3


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/tasks", view_func=tasks)
    add("/tasks/new", view_func=task_new, methods=["GET", "POST"])
    add("/tasks/<incident>/<code>", view_func=task, methods=["GET", "POST"])
    add("/tasks/<incident>/<code>/end", view_func=task_end, methods=["POST"])


@signed_in
def tasks() -> Any:
    """Tasks in reach, those that are open first; of one incident, with what can be done for it."""
    args = request.args
    head = view.read(incidents.incident, args["incident"]) if args.get("incident") else None
    state = TaskState(args["state"]) if args.get("state") in set(TaskState) else None
    rows = [
        row
        for row in view.read(queries.tasks, head.number if head else "", state)
        if not args.get("cover") or (row.cover == args["cover"] and row.state is TaskState.OPEN)
    ]
    rows.sort(key=lambda row: row.state is not TaskState.OPEN)
    if file := TASKS.file_of(rows):
        return file
    words = {"state": LABELS["TaskState"], "cover": LABELS["TaskCover"]}
    return view.page(
        "tasks/list.html",
        rows=rows,
        incident=head,
        tabs=tabs(head) if head else [],
        counts={each: sum(r.cover is each and r.state is TaskState.OPEN for r in rows) for each in TaskCover},
        active=[(name, _(known[args[name]])) for name, known in words.items() if args.get(name) in known],
        may_add=head is not None and _may_add(head),
        needs_text=needs_text,
        lacks_text=lacks_text,
    )


def _may_add(head: IncidentRow) -> bool:
    """Bodies below say what has to be done at their own places."""
    return head.state is IncidentState.OPEN and view.may("tasks.edit")


@signed_in
def task_new() -> Any:
    """A task of an incident; its code is the next that is free."""
    if not request.values.get("incident"):
        return view.back("pages.incidents", "请先选择突发事件")
    head = view.read(incidents.incident, request.values["incident"])
    known = {row.code for row in view.read(queries.tasks, head.number)}
    code = next(each for n in range(len(known) + 1) if (each := f"R{n + 1:02}") not in known)
    form = Form({"incident": head.number, "code": code, "hours": "6", "class_rank": "1"}, FIELDS)
    if form.is_posted:
        with form.attempt():
            view.run(commands.add_task, forms.parse(TaskInput))
            return view.back("pages.tasks", "已登记救援任务", incident=head.number)
    view.require(view.may("tasks.edit"))
    return _form_page(form, head, None)


def _form_page(form: Form, head: IncidentRow, row: TaskRow | None) -> Response:
    return form.page(
        "tasks/task.html",
        incident=head,
        row=row,
        sites=view.read(places.sites),
        skills=[*view.words(Capability), *view.words(TeamType)],
        spare=SPARE,
        may_edit=_may_edit(head, row),
        needs_text=needs_text,
        lacks_text=lacks_text,
    )


def _may_edit(head: IncidentRow, row: TaskRow | None) -> bool:
    if row is None:
        return _may_add(head)
    bodies = (row.organisation_id, row.place_organisation_id)
    return (
        head.state is IncidentState.OPEN
        and row.state is TaskState.OPEN
        and any(view.may_at("tasks.edit", body) for body in bodies)
    )


@signed_in
def task(incident: str, code: str) -> Response:
    """One task: what it needs, who was sent; changed on the same page."""
    head, row = view.read(incidents.incident, incident), view.read(queries.task, incident, code)
    form = Form(_fields(row), FIELDS)
    if form.is_posted:
        with form.attempt():
            seen = forms.whole("version")
            view.run(
                commands.change_task, row.id, seen, forms.parse(TaskInput, {"incident": head.number, "code": code})
            )
            return view.back("pages.task", "已修改", incident=head.number, code=code)
        row = view.read(queries.task, incident, code)
        form.renew(version=row.version)
    return _form_page(form, head, row)


def _fields(row: TaskRow) -> dict[str, str]:
    names = [name for name in TaskInput.__dataclass_fields__ if name not in {"incident", "code"}]
    task_input = TaskInput(row.incident, row.code, **{name: getattr(row, name) for name in names})
    return forms.flatten(task_input) | {"version": str(row.version)}


@signed_in
def task_end(incident: str, code: str) -> Response:
    """A task is done, or not wanted any more."""
    head, row = view.read(incidents.incident, incident), view.read(queries.task, incident, code)
    form = Form(_fields(row), FIELDS)
    with form.attempt():
        state = request.form.get("state", "")
        if state not in set(TaskState):
            raise InvalidInput(fields=(FieldError("state", "unknown_choice", {"value": state[:40]}),))
        view.run(commands.end_task, row.id, TaskState(state), request.form.get("because", "").strip())
        return view.back("pages.tasks", "任务已结束", incident=head.number)
    fresh = Form(_fields(row), FIELDS)
    fresh.is_posted, fresh.refusal, fresh.status, fresh.errors = False, form.refusal, form.status, form.errors
    return _form_page(fresh, head, row)
