"""Incidents: opening, reports in versions, responses, what people need."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
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
    done,
    read_part,
    show_record,
    show_rows,
    viewing,
)
from supplyops.exchange.parts import REPORT_AREAS
from supplyops.incidents import commands, queries
from supplyops.incidents.rules import (
    EventClass,
    Hazard,
    IncidentInput,
    IncidentState,
    ReportInput,
    ReportKind,
    ResponseInput,
)
from supplyops.kernel.access import Actor
from supplyops.norms.rules import Season
from supplyops.requests import queries as requests
from supplyops.wording.labels import response_level


@click.group()
def incident() -> None:
    """突发事件:开立、灾情报告、应急响应、需求测算。"""


INCIDENT: Columns = (
    ("编号", "number"),
    ("名称", "name"),
    ("灾种", "hazard"),
    ("地区", "area_name"),
    ("发生时间", "occurred_at"),
    ("状态", "state"),
    ("响应级别", lambda row: response_level(row.response_level)),
    ("演练", "is_exercise"),
)
REPORTS: Columns = (
    ("版本", "version"),
    ("类型", "kind"),
    ("季节", "season"),
    ("保障天数", "days_of_cover"),
    ("报告时间", "reported_at"),
    ("转移安置", lambda row: row.totals["moved"]),
    ("需救助", lambda row: row.totals["urgent_aid"]),
    ("死亡", lambda row: row.totals["dead"]),
    ("失踪", lambda row: row.totals["missing"]),
    ("迟报", "is_late"),
)
AREAS: Columns = tuple((column.header, column.field) for column in REPORT_AREAS.columns[:10])
RESPONSES: Columns = (
    ("决定时间", "decided_at"),
    ("级别", lambda row: response_level(row.level) or "终止"),
    ("依据", "basis"),
    ("措施", "measures"),
)
add_list(
    incident,
    queries.incidents,
    INCIDENT,
    "列出突发事件,新的在前。",
    click.option("--state", type=Word(IncidentState), help="只看这种状态"),
)


@incident.command("show")
@click.argument("number")
@viewing
def show(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一个突发事件:报告、响应、最新灾情。"""
    row = app.runtime.read(queries.incident, actor, number)
    reports = app.runtime.read(queries.reports, actor, row.id)
    responses = app.runtime.read(queries.responses, actor, row.id)
    level = app.runtime.read(queries.suggested_level, actor, row.id) if reports else None
    record = Record(
        (
            *INCIDENT,
            ("事件类别", "event_class"),
            ("地点", "place"),
            ("指挥单位", "organisation_name"),
            ("结束时间", "closed_at"),
            ("按条件应启动", lambda _: response_level(level)),
        ),
        (
            Section("灾情报告(新的在前)", lambda _: reports, REPORTS),
            Section("最新灾情", lambda _: reports[0].areas if reports else (), AREAS),
            Section("应急响应(新的在前)", lambda _: responses, RESPONSES),
        ),
    )
    more = {"reports": reports, "responses": responses, "suggested_level": level}
    show_record(row, record, json_output=json_output, more=more)


@incident.command("create")
@click.option("--name", required=True, metavar="TEXT", help="名称")
@click.option("--class", "event_class", type=Word(EventClass), default="natural", help="事件类别,默认自然灾害")
@click.option("--hazard", type=Word(Hazard), required=True, help="灾种")
@click.option("--at", "occurred_at", type=WHEN, required=True, help="发生时间,例如 2026-01-12 08:30")
@click.option("--area", "area_code", required=True, metavar="CODE", help="发生地区划代码")
@click.option("--place", required=True, metavar="TEXT", help="发生地点")
@click.option("--organisation", "organisation_code", required=True, metavar="CODE", help="指挥单位代码")
@click.option("--latitude", type=click.FloatRange(-90, 90), help="纬度")
@click.option("--longitude", type=click.FloatRange(-180, 180), help="经度")
@click.option("--exercise", "is_exercise", is_flag=True, help="演练")
@acting
def create(app: App, actor: Actor, latitude: float | None, longitude: float | None, **fields: Any) -> None:
    """开立一个突发事件,打印其编号。"""
    wanted = IncidentInput(
        **fields,
        lat_e6=None if latitude is None else round(latitude * 1e6),
        lon_e6=None if longitude is None else round(longitude * 1e6),
    )
    made = app.runtime.run(commands.open_incident, actor, wanted)
    done(app.runtime.read(queries.incident, actor, str(made)).number)


@incident.command("report")
@click.argument("number")
@click.option("--kind", type=Word(ReportKind), required=True, help="初报、续报或核报")
@click.option("--season", type=Word(Season), required=True, help="夏季或冬季标准")
@click.option("--days", "days_of_cover", type=click.IntRange(1), required=True, help="保障天数")
@click.option("--areas", required=True, type=click.Path(path_type=Path), help="分地区数字(CSV 或 XLSX,列见 --columns)")
@click.option("--forecast", "is_forecast", is_flag=True, help="预测而非实际")
@click.option("--night-temperature", "night_temperature_c", type=int, metavar="℃", help="夜间气温")
@click.option("--source", default="", metavar="TEXT", help="来源")
@click.option("--summary", default="", metavar="TEXT", help="灾情概述")
@click.option("--measures", default="", metavar="TEXT", help="已采取措施")
@click.option(
    "--columns",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, wanted: _columns(context) if wanted else None,
    help="列出分地区数字文件的列",
)
@acting
def report(app: App, actor: Actor, number: str, areas: Path, **fields: Any) -> None:
    """报告灾情:每次都是一个新版本。"""
    row = app.runtime.read(queries.incident, actor, number)
    figures = ReportInput(**fields, areas=read_part(REPORT_AREAS, areas))
    version = app.runtime.run(commands.report, actor, row.id, figures)
    level = app.runtime.read(queries.suggested_level, actor, row.id)
    done(f"{row.number}:已登记第 {version} 版报告。{f'按启动条件应为{response_level(level)}。' if level else ''}")


def _columns(context: click.Context) -> None:
    for column in REPORT_AREAS.columns:
        click.echo(f"{column.header}{'*' if column.required else ''}  {column.english}  {column.describe}")
    context.exit()


@incident.command("respond")
@click.argument("number")
@click.option("--level", type=click.IntRange(1, 4), help="响应级别,1 最高;不填即终止响应")
@click.option("--basis", required=True, metavar="TEXT", help="依据")
@click.option("--measures", default="", metavar="TEXT", help="措施")
@click.option("--until", "expected_until", type=WHEN, help="预计终止时间")
@click.option("--on-forecast", "is_on_forecast", is_flag=True, help="依据预测启动")
@acting
def respond(
    app: App,
    actor: Actor,
    number: str,
    level: int | None,
    basis: str,
    measures: str,
    expected_until: datetime | None,
    is_on_forecast: bool,
) -> None:
    """启动、调整或终止应急响应。"""
    row = app.runtime.read(queries.incident, actor, number)
    decision = ResponseInput(level, basis, measures, expected_until, is_on_forecast)
    app.runtime.run(commands.decide_response, actor, row.id, decision)
    done(f"{row.number}:{response_level(level) or '响应终止'}。")


@incident.command("close")
@click.argument("number")
@acting
def close(app: App, actor: Actor, number: str) -> None:
    """结束一个响应已终止的突发事件。"""
    row = app.runtime.read(queries.incident, actor, number)
    app.runtime.run(commands.close_incident, actor, row.id)
    done(f"{row.number}:已结束。")


@incident.command("needs")
@click.argument("number")
@viewing
def needs(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """按标准测算各地需求,减去已到和在途的。"""
    row = app.runtime.read(queries.incident, actor, number)
    found = app.runtime.read(requests.net_needs, actor, row.id)
    show_rows(
        found,
        (
            ("地区", lambda each: each.need.area_name),
            ("编码", lambda each: each.need.sku),
            ("物资", lambda each: each.need.item_name),
            ("测算", lambda each: each.need.raw),
            ("按包装", lambda each: each.need.packed),
            ("单位", lambda each: each.need.unit),
            ("已到", "delivered"),
            ("在途", "on_the_way"),
            ("净需求", "net"),
            ("已申请未批准", "requested"),
            ("待申请", "to_draft"),
        ),
        json_output=json_output,
    )


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(incident)
