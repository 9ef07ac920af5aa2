"""Rescue tasks on the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import (
    BECAUSE,
    INVALID,
    WHEN,
    Columns,
    Record,
    Section,
    Word,
    add_list,
    done,
    show_record,
    viewing,
)
from supplyops.exchange.parsers import NEEDS, Unreadable
from supplyops.kernel.access import Actor
from supplyops.tasks import commands, queries
from supplyops.tasks.rules import Going, TaskInput, TaskNeed, TaskState
from supplyops.teams import queries as teams
from supplyops.wording.errors import sentence
from supplyops.wording.labels import label
from supplyops.wording.skills import lacks_text

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def task() -> None:
    """救援任务:登记、修改、完成、撤销;各任务派了哪些队伍、还缺什么。"""


TASK: Columns = (
    ("事件", "incident"),
    ("编号", "code"),
    ("任务", "name"),
    ("地点", "site_name"),
    ("优先级", "class_rank"),
    ("到达时限", "arrive_by"),
    ("状态", "state"),
    ("安排", "cover"),
    ("尚缺", lacks_text),
)
RECORD = Record(
    (
        *TASK,
        ("力量需求", lambda row: NEEDS.write(row.needs)),
        ("需要人数", "persons"),
        ("需要装备", "equipment"),
        ("最早到达", "not_before"),
        ("预计时长(小时)", "hours"),
        ("说明", "note"),
        ("版本", "version"),
        ("终止原因", "ended_because"),
    ),
    (
        Section(
            "已派队伍",
            lambda row: row.missions,
            (
                ("命令", "number"),
                ("队伍", "team_name"),
                ("人数", "persons"),
                ("到达", "arrives_at"),
                ("接班", "relieves_at"),
                ("交班", "relieved_at"),
                ("状态", "state"),
                ("计入", "counts"),
            ),
        ),
    ),
)
add_list(
    task,
    queries.tasks,
    TASK,
    "列出救援任务,优先级高、时限早的在前。",
    click.option("--incident", metavar="INCIDENT", help="只看这个事件的"),
    click.option("--state", type=Word(TaskState), help="只看这种状态"),
)


@task.command("show")
@click.argument("incident", metavar="INCIDENT")
@click.argument("code", metavar="CODE")
@viewing
def show(app: App, actor: Actor, json_output: bool, incident: str, code: str) -> None:
    """查看一项救援任务。"""
    show_record(app.runtime.read(queries.task, actor, incident, code), RECORD, json_output=json_output)


def _needs(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[TaskNeed, ...] | None:
    try:
        return None if value is None else NEEDS.read(value)
    except Unreadable as error:
        raise Failure(sentence(error.code, error.params), INVALID) from None


def _fields(*, required: bool) -> Callable[[F], F]:
    """The options of a task; a change leaves alone what is not given."""
    options = (
        click.option("--name", required=required, metavar="TEXT", help="任务名称"),
        click.option("--site", "site_code", required=required, metavar="CODE", help="任务地点的场所代码"),
        click.option("--arrive-by", type=WHEN, required=required, help="到达时限"),
        click.option("--needs", callback=_needs, metavar="LIST", help="力量需求,例如 人员搜索:2、医疗救护:1"),
        click.option("--persons", type=click.IntRange(0), help="需要人数,各队合计"),
        click.option("--equipment", metavar="TEXT", help="需要装备,多件用“、”分开"),
        click.option("--not-before", type=WHEN, help="最早到达;不填为越早越好"),
        click.option("--hours", type=click.IntRange(1), help="预计时长(小时,登记时不填为 6)"),
        click.option("--class", "class_rank", type=click.IntRange(1, 9), help="优先级,1 最先(登记时不填为 1)"),
        click.option("--note", metavar="TEXT", help="说明"),
    )

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


@task.command("add")
@click.argument("incident", metavar="INCIDENT")
@click.argument("code", metavar="CODE")
@_fields(required=True)
@acting
def add(app: App, actor: Actor, incident: str, code: str, **fields: Any) -> None:
    """为事件登记一项救援任务。"""
    app.runtime.run(commands.add_task, actor, TaskInput(incident, code, **_given(fields)))
    done(f"{incident}/{code}:已登记。")


@task.command("change")
@click.argument("incident", metavar="INCIDENT")
@click.argument("code", metavar="CODE")
@click.option("--version", type=click.IntRange(1), help="您看到的版本;不填为最新")
@_fields(required=False)
@acting
def change(app: App, actor: Actor, incident: str, code: str, version: int | None, **fields: Any) -> None:
    """修改一项救援任务;没有给出的不变。"""
    row = app.runtime.read(queries.task, actor, incident, code)
    names = TaskInput.__dataclass_fields__
    changed = TaskInput(**{name: getattr(row, name) for name in names} | _given(fields))
    now = app.runtime.run(commands.change_task, actor, row.id, version or row.version, changed)
    done(f"{incident}/{code}:已修改,版本 {now}。")


def _end(app: App, actor: Actor, incident: str, code: str, state: TaskState, because: str) -> None:
    row = app.runtime.read(queries.task, actor, incident, code)
    app.runtime.run(commands.end_task, actor, row.id, state, because)
    done(f"{incident}/{code}:{label(state)}。")


@task.command("close")
@click.argument("incident", metavar="INCIDENT")
@click.argument("code", metavar="CODE")
@click.option("--because", required=True, metavar="TEXT", help="结果、原因")
@acting
def close(app: App, actor: Actor, incident: str, code: str, because: str) -> None:
    """任务完成。"""
    _end(app, actor, incident, code, TaskState.DONE, because)


@task.command("cancel")
@click.argument("incident", metavar="INCIDENT")
@click.argument("code", metavar="CODE")
@BECAUSE
@acting
def cancel(app: App, actor: Actor, incident: str, code: str, because: str) -> None:
    """撤销任务;已派出的队伍另行通知。"""
    _end(app, actor, incident, code, TaskState.CANCELLED, because)


@task.command("assign")
@click.argument("incident", metavar="INCIDENT")
@click.argument("code", metavar="CODE")
@click.argument("mission", metavar="MISSION")
@click.option("--arrives", "arrives_at", type=WHEN, help="预计到达;不填为命令的到达时限")
@acting
def assign(app: App, actor: Actor, incident: str, code: str, mission: str, arrives_at: datetime | None) -> None:
    """把一份进行中的调动命令计入任务。"""
    row = app.runtime.read(queries.task, actor, incident, code)
    sent = app.runtime.read(teams.mission_named, actor, mission)
    app.runtime.run(commands.assign_mission, actor, row.id, sent.id, Going(arrives_at) if arrives_at else None)
    done(f"{incident}/{code}:{sent.team_name}已计入。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(task)
