"""Proposals for teams on the command line: asked for, followed, read, ordered."""

from __future__ import annotations

from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.following import FAILED, STOPPED, follow
from supplyops.cli.nouns import Columns, Record, Section, add_list, add_show, by, done, show_record
from supplyops.deployments import commands, queries
from supplyops.deployments.queries import DeploymentRow, TaskOutcome
from supplyops.deployments.rules import DeploymentInput, LackRow, OrdersInput, StandbyInput
from supplyops.kernel.access import Actor
from supplyops.kernel.clock import beijing
from supplyops.planning.rules import AdviceState
from supplyops.teams import queries as teams
from supplyops.wording.errors import sentence
from supplyops.wording.labels import LABELS, label
from supplyops.wording.skills import skill_word
from supplyops.wording.stages import stage_word


@click.group()
def deployment() -> None:
    """队伍派遣:为救援任务求解派遣建议,按建议下达调动命令。"""


def _said(reason: LackRow) -> str:
    parts = [f"第 {reason.part} 班" if reason.part else "", LABELS["Lack"][reason.lack]]
    parts += [
        "、".join(LABELS["WorkCondition"][name] for name in reason.conditions),
        skill_word(reason.skill) if reason.skill else "",
    ]
    parts += [f"{reason.available}/{reason.needed}"] if reason.needed else []
    parts += [f"最早 {beijing(reason.earliest_at):%m-%d %H:%M}"] if reason.earliest_at else []
    return " ".join(filter(None, [*parts, "、".join(reason.tasks)]))


def _outcome(row: TaskOutcome) -> str:
    if row.answer.task.is_given:
        return f"此前已派:{'、'.join(row.answer.task.given)}"
    if row.answer.reasons:
        return f"无法安排:{';'.join(_said(each) for each in row.answer.reasons)}"
    task = row.answer.task
    relief = f",分 {task.crews} 班轮换(每班 {task.relief_minutes} 分钟)" if task.crews > 1 else ""
    late = f",晚到 {beijing(task.late_until):%m-%d %H:%M}" if task.late_until else ""
    return f"可安排,{row.teams} 支队伍{relief}{late}"


def _proof(row: DeploymentRow) -> str:
    if row.head.state is not AdviceState.DONE:
        return "-"
    return "已证明最优" if row.is_optimal else f"与最优最多相差 {row.gap_permille / 10:.1f}%"


HEAD: Columns = (
    ("编号", "number"),
    ("事件", "incident_name"),
    ("状态", "state"),
    ("可安排", "covered"),
    ("无法安排", "uncovered"),
    ("派遣", "duties"),
    ("已下令", "ordered"),
    ("提出", "created_at"),
)
RECORD = Record(
    (
        ("编号", lambda row: row.head.number),
        ("事件", lambda row: row.head.incident_name),
        ("状态", lambda row: row.head.state),
        ("求解", _proof),
        ("按此刻", "starts_at"),
        ("没有得出", lambda row: sentence(row.error["code"], row.error.get("params", {})) if row.error else "-"),
    ),
    (
        Section(
            "派遣",
            lambda row: row.duties,
            (
                ("行", "row_no"),
                ("队伍", "team_name"),
                ("人数", "persons"),
                ("班次", lambda duty: f"{duty.shift}{',休整后' if duty.shift > 1 else ''}"),
                (
                    "任务",
                    lambda duty: f"{duty.task_code} {duty.task_name}{f' 第{duty.part}班' if duty.part > 1 else ''}",
                ),
                ("地点", "site_name"),
                ("出发", "leaves_at"),
                ("到达", "arrives_at"),
                ("晚到", "is_late"),
                ("命令", "mission_number"),
            ),
        ),
        Section(
            "任务",
            lambda row: row.tasks,
            (
                ("编号", lambda each: each.answer.task.code),
                ("任务", lambda each: each.answer.task.name),
                ("结果", _outcome),
            ),
            cut=False,
        ),
        Section(
            "依次候补(调用:deployment call)",
            lambda row: [
                (each.answer.task.code, place, team)
                for each in row.tasks
                for place, team in enumerate(each.answer.standby, start=1)
            ],
            (
                ("任务", lambda each: each[0]),
                ("次序", lambda each: each[1]),
                ("队伍代码", lambda each: each[2].team_code),
                ("队伍", lambda each: each[2].team_name),
                ("最早到达", lambda each: each[2].arrives_at),
            ),
        ),
        Section(
            "注意",
            lambda row: row.notes,
            (("情况", lambda one: f"{LABELS['DeploymentNote'][one.code]}{'、'.join(one.teams)}"),),
            cut=False,
        ),
        Section(
            "未考虑的队伍",
            lambda row: row.left_out,
            (
                ("队伍", "team_name"),
                ("原因", lambda one: LABELS["WhyLeftOut"].get(one.why) or LABELS["TeamState"][one.why]),
            ),
        ),
    ),
)
add_list(
    deployment,
    queries.deployments,
    HEAD,
    "列出派遣建议,新的在前。",
    click.option("--incident", metavar="INCIDENT", help="只看这个事件的"),
)
add_show(deployment, by(queries.deployment), "NUMBER", RECORD, "查看一份派遣建议。")


@deployment.command("propose")
@click.argument("incident", metavar="INCIDENT")
@click.option("--type", "vehicle_type", required=True, metavar="CODE", help="行车时间按哪种车型")
@click.option("--with-uninsured", is_flag=True, help="无有效保险的队伍也考虑")
@click.option("--may-be-late/--on-time-only", default=True, help="赶不上时限的任务按最早能到的时间安排,或不安排")
@click.option("--seconds", type=click.IntRange(1), help="求解秒数(默认 10)")
@click.option("--iterations", type=click.IntRange(1), help="迭代次数:同样的次数和种子得出同样的建议")
@click.option("--seed", default=0, type=click.IntRange(0), show_default=True, help="随机种子")
@click.option("--json", "json_output", is_flag=True, help="以 JSON 输出")
@acting
def propose(app: App, actor: Actor, incident: str, json_output: bool, **asked: Any) -> None:
    """求解并等待结果。退出码:0 有结果,1 没有得出,130 已取消。"""
    made = app.runtime.run(commands.propose, actor, DeploymentInput(incident, **asked))
    try:
        far = app.runtime.read(queries.deployment_state, actor, str(made))
        follow(app, far.job_id, lambda: _look(app, actor, str(made)), quiet=json_output)
    except KeyboardInterrupt:
        app.runtime.run(commands.cancel, actor.keyed(None), made)
        raise Failure("已取消。", STOPPED) from None
    row = app.runtime.read(queries.deployment, actor, str(made))
    if row.head.state is not AdviceState.DONE:
        told = sentence(row.error["code"], row.error.get("params", {})) if row.error else label(row.head.state)
        raise Failure(told, STOPPED if row.head.state is AdviceState.CANCELLED else FAILED)
    show_record(row, RECORD, json_output=json_output)


def _look(app: App, actor: Actor, reference: str) -> tuple[bool, str]:
    far = app.runtime.read(queries.deployment_state, actor, reference)
    said = stage_word(str(far.progress["stage"])) if far.progress.get("stage") else ""
    return far.state is not AdviceState.RUNNING or far.is_lost, said


@deployment.command("cancel")
@click.argument("number", metavar="NUMBER")
@acting
def cancel(app: App, actor: Actor, number: str) -> None:
    """停止求解。"""
    row = app.runtime.read(queries.deployment, actor, number)
    app.runtime.run(commands.cancel, actor, row.head.id)
    done(f"{row.head.number}:已取消。")


@deployment.command("order")
@click.argument("number", metavar="NUMBER")
@click.option("--row", "rows", multiple=True, required=True, type=click.IntRange(1), help="下达哪些行,可重复")
@click.option("--relation", "command_relation", required=True, metavar="TEXT", help="指挥关系")
@click.option("--uninsured-reason", default="", metavar="TEXT", help="无有效保险仍需出动的原因")
@click.option("--accept-late", is_flag=True, help="现在下令已赶不上时限的,也派")
@acting
def order(app: App, actor: Actor, number: str, **given: Any) -> None:
    """按建议中所选的行下达调动命令,每队一份;全部下达或全部不下达。"""
    row = app.runtime.read(queries.deployment, actor, number)
    made = app.runtime.run(commands.order_teams, actor, row.head.id, OrdersInput(**given))
    numbers = [app.runtime.read(teams.mission, actor, mission_id).number for mission_id in made]
    done(f"已下达 {len(numbers)} 份调动命令:{'、'.join(numbers)}。")


@deployment.command("call")
@click.argument("number", metavar="NUMBER")
@click.argument("task", metavar="TASK")
@click.argument("team", metavar="TEAM")
@click.option("--relation", "command_relation", required=True, metavar="TEXT", help="指挥关系")
@click.option("--uninsured-reason", default="", metavar="TEXT", help="无有效保险仍需出动的原因")
@click.option("--accept-late", is_flag=True, help="现在下令已赶不上时限的,也派")
@acting
def call(app: App, actor: Actor, number: str, **given: Any) -> None:
    """给任务候补名单上的一支队伍下达调动命令。"""
    row = app.runtime.read(queries.deployment, actor, number)
    made = app.runtime.run(commands.order_standby, actor, row.head.id, StandbyInput(**given))
    done(f"已下达调动命令:{app.runtime.read(teams.mission, actor, made).number}。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(deployment)
