"""Teams and their missions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.nouns import (
    WHEN,
    Columns,
    Record,
    Section,
    Word,
    add_list,
    add_show,
    by,
    done,
    oral_options,
    oral_order,
)
from supplyops.incidents import commands as incident_commands
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Actor
from supplyops.teams import commands, queries
from supplyops.teams.rules import Known, MissionInput, MissionState, ReadinessInput, TeamState, known
from supplyops.wording.labels import label


@click.group()
def team() -> None:
    """救援队伍。"""


TEAM: Columns = (
    ("代码", "code"),
    ("名称", "name"),
    ("类别", "type"),
    ("状态", "state"),
    ("单位", "organisation_name"),
    ("在位", "strength_present"),
    ("集结(分钟)", "ready_minutes"),
    ("值班电话", "duty_phone"),
)
add_list(
    team, queries.teams, TEAM, "列出所辖队伍。", click.option("--state", type=Word(TeamState), help="只看这种状态")
)
add_show(
    team,
    by(queries.team),
    "CODE",
    Record(
        (
            *TEAM,
            ("用人方式", "employment"),
            ("区划", "area_code"),
            ("驻地", "base_site_name"),
            ("队长", "leader"),
            ("副队长", "deputy"),
            ("编制", "strength_authorised"),
            ("能力", lambda row: "、".join(label(each) for each in row.capabilities)),
            ("专长", "specialities"),
            ("装备", "equipment"),
            ("车辆", "vehicles"),
            ("非工作时间集结(分钟)", "ready_minutes_off_hours"),
            ("自我保障(小时)", "self_sufficient_hours"),
            ("救援分级", "usar_class"),
            ("可夜间作业", lambda row: known(row.works_at_night)),
            ("可零下30度作业", lambda row: known(row.works_at_minus_30)),
            ("保险公司", "insurer"),
            ("保险有效期至", "insurance_valid_to"),
            ("最近演练", "last_exercise_on"),
            ("考核得分", "assessment_score"),
        )
    ),
    "查看一支队伍。",
)


@team.command("state")
@click.argument("code")
@click.argument("state", type=Word(TeamState))
@acting
def set_state(app: App, actor: Actor, code: str, state: TeamState) -> None:
    """改变队伍状态:待命、预警待命、休整、训练、停用。"""
    app.runtime.run(commands.set_team_state, actor, code, state)
    done(f"{code}:{label(state)}。")


@team.command("readiness")
@click.argument("code")
@click.option("--night", "works_at_night", type=Word(Known), help="能否夜间作业;不写则不变")
@click.option("--frost", "works_at_minus_30", type=Word(Known), help="能否零下30度作业;不写则不变")
@acting
def set_readiness(app: App, actor: Actor, code: str, **given: Known | None) -> None:
    """登记能否夜间作业、能否零下30度作业。未登记的,派遣建议按不能安排。"""
    if not any(given.values()):
        raise click.UsageError("--night、--frost 至少写一项。")
    row = app.runtime.read(queries.team, actor, code)
    wanted = ReadinessInput(
        **{name: known(getattr(row, name)) if word is None else word for name, word in given.items()}
    )
    app.runtime.run(commands.set_team_readiness, actor, code, wanted)
    done(f"{code}:夜间作业 {label(wanted.works_at_night)},零下30度作业 {label(wanted.works_at_minus_30)}。")


@click.group()
def mission() -> None:
    """队伍调动:下令、报告进展、补签。"""


MISSION: Columns = (
    ("编号", "number"),
    ("队伍", "team_name"),
    ("状态", "state"),
    ("突发事件", "incident_number"),
    ("下令单位", "ordered_by_name"),
    ("下令时间", "ordered_at"),
)
STEPS: Columns = (
    ("步骤", "state"),
    ("发生时间", "happened_at"),
    ("登记时间", "recorded_at"),
    ("地点", "place"),
    ("备注", "note"),
)
_find = by(queries.mission_named)


def _of_incident(app: App, actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
    reference = options.pop("incident")
    return {} if reference is None else {"incident_id": app.runtime.read(incidents.incident, actor, reference).id}


add_list(
    mission,
    queries.missions,
    MISSION,
    "列出调动命令,新的在前。",
    click.option("--incident", metavar="NUMBER", help="只看这个突发事件的"),
    arguments=_of_incident,
)


def _detail(name: str) -> Any:
    return lambda row: row.details.get(name)


add_show(
    mission,
    _find,
    "NUMBER",
    Record(
        (
            *MISSION,
            ("任务", _detail("task")),
            ("地点", _detail("place")),
            ("人数", _detail("persons")),
            ("集结地点", _detail("muster_place")),
            ("指挥关系", _detail("command_relation")),
            ("书面补签期限", "paper_due_at"),
            ("书面补签时间", "paper_signed_at"),
        ),
        (Section("进展", lambda row: row.steps, STEPS),),
    ),
    "查看一道调动命令及其进展。",
)


@mission.command("order")
@click.argument("incident", metavar="INCIDENT")
@click.argument("team_code", metavar="TEAM")
@click.option("--persons", type=click.IntRange(1), required=True, help="出动人数")
@click.option("--task", required=True, metavar="TEXT", help="任务")
@click.option("--place", required=True, metavar="TEXT", help="任务地点")
@click.option("--muster-place", required=True, metavar="TEXT", help="集结地点")
@click.option("--muster-at", type=WHEN, required=True, help="集结时间")
@click.option("--arrive-by", type=WHEN, required=True, help="到达时限")
@click.option("--relation", "command_relation", required=True, metavar="TEXT", help="指挥关系")
@click.option("--equipment", default="", metavar="TEXT", help="携带装备")
@click.option("--vehicles", default="", metavar="TEXT", help="出动车辆")
@click.option("--communication", default="", metavar="TEXT", help="通信方式")
@click.option("--logistics", default="", metavar="TEXT", help="后勤保障")
@click.option("--safety", default="", metavar="TEXT", help="安全事项")
@click.option("--hours", "duration_hours", type=click.IntRange(1), default=24, show_default=True, help="预计时长")
@click.option("--uninsured-reason", default="", metavar="TEXT", help="无有效保险仍需出动的原因")
@oral_options
@acting
def order(
    app: App,
    actor: Actor,
    incident: str,
    oral_by: str | None,
    oral_to: str | None,
    oral_at: datetime | None,
    oral_witness: str | None,
    **details: Any,
) -> None:
    """下令调动一支队伍,同时开具调动命令。"""
    event = app.runtime.read(incidents.incident, actor, incident)
    wanted = MissionInput(**details, oral=oral_order(oral_by, oral_to, oral_at, oral_witness))
    made = app.runtime.run(incident_commands.mobilise_team, actor, event.id, wanted)
    done(f"已下令,编号 {app.runtime.read(queries.mission, actor, made).number}。")


@mission.command("report")
@click.argument("number")
@click.argument("state", type=Word(MissionState))
@click.option("--at", "happened_at", type=WHEN, required=True, help="发生时间")
@click.option("--place", default="", metavar="TEXT", help="地点(到达时必填)")
@click.option("--note", default="", metavar="TEXT", help="备注(无法出动、取消时必填原因)")
@acting
def report(
    app: App, actor: Actor, number: str, state: MissionState, happened_at: datetime, place: str, note: str
) -> None:
    """报告进展:确认、集结、出动、到达、作业、撤离、归建。"""
    row = _find(app, actor, number)
    app.runtime.run(commands.report_mission, actor, row.id, state, happened_at, place, note)
    done(f"{row.number}:{label(state)}。")


@mission.command("sign")
@click.argument("number")
@acting
def sign(app: App, actor: Actor, number: str) -> None:
    """登记口头命令的书面手续已补签。"""
    row = _find(app, actor, number)
    app.runtime.run(commands.sign_mission_paper, actor, row.id)
    done(f"{row.number}:已补签。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(team)
    group.add_command(mission)
