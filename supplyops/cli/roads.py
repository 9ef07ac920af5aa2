"""Roads and what is reported of them."""

from __future__ import annotations

from datetime import datetime

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import WHEN, Columns, Record, Section, Word, add_list, done, show_record, viewing
from supplyops.kernel.access import Actor
from supplyops.places import commands, queries
from supplyops.places.rules import RoadReportInput, RoadStatus
from supplyops.wording.errors import sentence
from supplyops.wording.labels import label


@click.group()
def road() -> None:
    """道路:现况与路况报告。"""


ROAD: Columns = (
    ("代码", "code"),
    ("名称", "name"),
    ("起点", "from_code"),
    ("终点", "to_code"),
    ("里程", lambda row: f"{row.length_m / 1000:g} km"),
    ("地形", "terrain"),
    ("路况", "status"),
    ("车型级别≤", "vehicle_class_max"),
    ("原因", lambda row: "季节性封闭" if row.reason == "season" else row.reason),
)
REPORTS: Columns = (
    ("序号", "seq"),
    ("路况", "status"),
    ("原因", "reason"),
    ("车型级别≤", "vehicle_class_max"),
    ("仅雪地车", "snow_vehicles_only"),
    ("生效", "valid_from"),
    ("失效", "valid_to"),
    ("报告时间", "reported_at"),
)
add_list(
    road,
    queries.road_states,
    ROAD,
    "列出道路及其现况。",
    click.option("--at", type=WHEN, metavar="TIME", help="看这一时刻的路况;不填为现在"),
)


@road.command("show")
@click.argument("code")
@viewing
def show(app: App, actor: Actor, json_output: bool, code: str) -> None:
    """查看一条道路:现况和历次路况报告。"""
    row = next((each for each in app.runtime.read(queries.road_states, actor) if each.code == code), None)
    if row is None:
        raise Failure(sentence("not_found", {"noun": "road"}), 4)
    reports = app.runtime.read(queries.road_reports, actor, code)
    record = Record(
        (
            *ROAD,
            ("双向通行", "is_two_way"),
            ("冬季速度系数", lambda each: f"{each.winter_factor_permille / 10:g}%"),
            ("易积雪", "is_snow_prone"),
            ("桥梁限重", lambda each: f"{each.bridge_limit_kg / 1000:g} t" if each.bridge_limit_kg else ""),
            ("封闭月份", lambda each: "、".join(map(str, each.closed_months))),
            ("仅雪地车", "snow_vehicles_only"),
            ("来源标记", "source_mark"),
            ("备注", "note"),
        ),
        (Section("路况报告", lambda _: reports, REPORTS),),
    )
    show_record(row, record, json_output=json_output, more={"reports": reports})


@road.command("report")
@click.argument("code")
@click.argument("status", type=Word(RoadStatus))
@click.option("--reason", default="", metavar="TEXT", help="原因(限、阻时必填)")
@click.option("--vehicle-class-max", type=click.IntRange(1, 9), help="限行时能通过的最大车型级别")
@click.option("--snow-vehicles-only", is_flag=True, help="限行时只许雪地车辆通过")
@click.option("--from", "valid_from", type=WHEN, help="生效时间;不填为现在")
@click.option("--until", "valid_to", type=WHEN, help="失效时间;不填为另有报告为止")
@acting
def report(
    app: App,
    actor: Actor,
    code: str,
    status: RoadStatus,
    reason: str,
    vehicle_class_max: int | None,
    snow_vehicles_only: bool,
    valid_from: datetime | None,
    valid_to: datetime | None,
) -> None:
    """报告路况:通、限、阻;之后编制的方案按此计算。"""
    wanted = RoadReportInput(code, status, reason, vehicle_class_max, snow_vehicles_only, valid_from, valid_to)
    number = app.runtime.run(commands.report_road, actor, wanted)
    done(f"{code}:{label(status)},报告序号 {number}。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(road)
