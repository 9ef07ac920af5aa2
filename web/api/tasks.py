"""Rescue tasks over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from supplyops.kernel.errors import Conflict
from supplyops.tasks import commands, queries
from supplyops.tasks.queries import TaskRow
from supplyops.tasks.rules import TaskInput, TaskState
from supplyops.teams import queries as teams
from web import view
from web.api.base import answers, asks, authenticated, body, choice, noun, run, version, writes

tasks_blueprint = noun("tasks", "救援任务:力量需求、安排、结束")


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """How a task ends (done or cancelled), and why."""

    state: TaskState
    because: str


@dataclass(frozen=True, slots=True)
class TaskMission:
    """A mission that is for the task."""

    mission: str


@tasks_blueprint.get("/")
@asks(tasks_blueprint, incident="事件编号", state="状态")
@answers(tasks_blueprint, TaskRow, many=True)
@authenticated
def tasks() -> Any:
    """可见的救援任务,优先级高、时限早的在前。"""
    return view.read(queries.tasks, request.args.get("incident", ""), choice(TaskState, "state"))


@tasks_blueprint.post("/")
@writes(tasks_blueprint, TaskInput)
@answers(tasks_blueprint, TaskRow, status=201)
@authenticated
def add_task() -> Any:
    """登记救援任务。"""
    return view.read(queries.task_by_id, run(commands.add_task, body(TaskInput)))


@tasks_blueprint.get("/<incident>/<code>")
@answers(tasks_blueprint, TaskRow)
@authenticated
def task(incident: str, code: str) -> Any:
    """一项救援任务:需要什么、派了谁、还缺什么。"""
    return view.read(queries.task, incident, code)


@tasks_blueprint.put("/<incident>/<code>")
@writes(tasks_blueprint, TaskInput, versioned=True)
@answers(tasks_blueprint, TaskRow)
@authenticated
def change_task(incident: str, code: str) -> Any:
    """修改救援任务。"""
    seen = version()
    if seen is None:
        raise Conflict("version_missing", noun="rescue_task")
    row = view.read(queries.task, incident, code)
    run(commands.change_task, row.id, seen, body(TaskInput))
    return view.read(queries.task_by_id, row.id)


@tasks_blueprint.post("/<incident>/<code>/end")
@writes(tasks_blueprint, TaskEnd)
@answers(tasks_blueprint, TaskRow)
@authenticated
def end_task(incident: str, code: str) -> Any:
    """结束救援任务:完成或撤销,写明原因。"""
    row, end = view.read(queries.task, incident, code), body(TaskEnd)
    run(commands.end_task, row.id, end.state, end.because)
    return view.read(queries.task_by_id, row.id)


@tasks_blueprint.post("/<incident>/<code>/missions")
@writes(tasks_blueprint, TaskMission)
@answers(tasks_blueprint, TaskRow, status=201)
@authenticated
def assign_mission(incident: str, code: str) -> Any:
    """把一份进行中的调动命令计入任务。"""
    row = view.read(queries.task, incident, code)
    run(commands.assign_mission, row.id, view.read(teams.mission_named, body(TaskMission).mission).id)
    return view.read(queries.task_by_id, row.id)
