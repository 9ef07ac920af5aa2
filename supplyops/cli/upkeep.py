"""What stores do regularly, duty handed over, and the morning list of a store."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, acting, parse_id
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import (
    BECAUSE,
    DAY_TYPE,
    INVALID,
    WHEN,
    Columns,
    Record,
    Section,
    Word,
    done,
    show_record,
    show_rows,
    viewing,
)
from supplyops.insight.morning import morning as todays
from supplyops.insight.morning_papers import issue_morning
from supplyops.insight.morning_rows import due_text
from supplyops.kernel.access import Actor
from supplyops.upkeep import commands, due_queries, queries
from supplyops.upkeep.rules import (
    DutyInput,
    DutyState,
    IntervalInput,
    RoundInput,
    RoundLotInput,
    SamplingGroup,
    UpkeepKind,
    UpkeepResult,
)
from supplyops.wording.labels import label


@click.group()
def upkeep() -> None:
    """巡检养护:到期、登记、隐患整改、各库间隔。"""


@upkeep.command("due")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@click.option("--by", type=DAY_TYPE, metavar="DAY", help="到这一天为止到期的;不写即今天")
@click.option("--kind", type=Word(UpkeepKind), help="只看这一种")
@viewing
def list_due(
    app: App, actor: Actor, json_output: bool, site_code: str, by: date | None, kind: UpkeepKind | None
) -> None:
    """该做的:巡检、通风、防潮、防鼠、消防检查培训演练、倒垛、质量抽检;间隔是参数,可按库另定。"""
    rows = app.runtime.read(due_queries.due_upkeep, actor, site_code, by, kind)
    show_rows(
        rows,
        (
            ("场所", "site_name"),
            ("事项", "kind"),
            ("到期", "due_on"),
            ("已超期", "is_overdue"),
            ("上次", "last_on"),
            ("间隔(天)", "interval_days"),
            ("批次", "lot_number"),
            ("库位", "location_code"),
            ("物资", "item_name"),
            ("在库", "on_hand"),
        ),
        json_output=json_output,
    )


FINDINGS: Columns = (
    ("编号", "id"),
    ("场所", "site_name"),
    ("事项", "kind"),
    ("问题", "description"),
    ("责任人", "responsible"),
    ("整改期限", "due_on"),
    ("已超期", "is_overdue"),
    ("整改时间", "closed_at"),
    ("整改情况", "closing_note"),
)


@upkeep.command("list")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@click.option("--kind", type=Word(UpkeepKind), help="只看这一种")
@viewing
def list_rounds(app: App, actor: Actor, json_output: bool, site_code: str, kind: UpkeepKind | None) -> None:
    """做过的,新的在前。"""
    rows = app.runtime.read(queries.rounds, actor, site_code, kind)
    show_rows(
        rows,
        (
            ("编号", "number"),
            ("场所", "site_name"),
            ("事项", "kind"),
            ("结果", "result"),
            ("时间", "done_at"),
            ("经办", "done_by_name"),
            ("读数", "readings"),
            ("批次", "lots"),
            ("备注", "remark"),
        ),
        json_output=json_output,
    )


@upkeep.command("record")
@click.argument("site_code", metavar="SITE")
@click.argument("kind", type=Word(UpkeepKind))
@click.option("--at", "done_at", type=WHEN, help="时间;不写即现在")
@click.option("--helpers", default="", metavar="NAMES", help="同去的人")
@click.option("--readings", default="", metavar="TEXT", help="读数:温度、湿度、压力等")
@click.option("--remark", default="", metavar="TEXT", help="备注")
@click.option("--finding", default="", metavar="TEXT", help="发现的问题(写了即为有问题)")
@click.option("--finding-due", "finding_due_on", type=DAY_TYPE, help="整改期限")
@click.option("--responsible", default="", metavar="NAME", help="整改责任人")
@click.option("--lot", "lots", multiple=True, metavar="LOT@LOCATION[=N]", help="倒垛或抽检的批次和库位;抽检写样品数")
@click.option("--group", "sampling_group", type=Word(SamplingGroup), help="抽检代表的范围")
@click.option("--laboratory", default="", metavar="TEXT", help="检验机构")
@click.option("--report", "report_number", default="", metavar="TEXT", help="检验报告号")
@acting
def record(app: App, actor: Actor, finding: str, lots: tuple[str, ...], **fields: Any) -> None:
    """登记做过的一次,例如 upkeep record city-store 消防检查 --as wangjg。"""
    result = UpkeepResult.FINDING if finding.strip() else UpkeepResult.GOOD
    given = RoundInput(result=result, finding=finding, lots=tuple(map(_round_lot, lots)), **fields)
    app.runtime.run(commands.record, actor, given)
    done(f"已登记:{given.site_code} {label(given.kind)}。")


def _round_lot(text: str) -> RoundLotInput:
    number, at, rest = text.partition("@")
    place, sign, sampled = rest.partition("=")
    if not at or not number or not place or (sign and not sampled.isdecimal()):
        raise Failure(f"“{text}”应写成 批次@库位 或 批次@库位=样品数", INVALID)
    return RoundLotInput(number, place, int(sampled) if sign else 0)


@upkeep.command("findings")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@click.option("--all", "everything", is_flag=True, help="包括已整改的")
@viewing
def list_findings(app: App, actor: Actor, json_output: bool, site_code: str, everything: bool) -> None:
    """待整改的问题,先到期的在前。"""
    rows = app.runtime.read(queries.findings, actor, site_code, not everything)
    show_rows(rows, FINDINGS, json_output=json_output)


@upkeep.command("mend")
@click.argument("finding_id", metavar="ID")
@click.option("--note", required=True, metavar="TEXT", help="整改情况")
@acting
def mend(app: App, actor: Actor, finding_id: str, note: str) -> None:
    """登记问题已整改。"""
    app.runtime.run(commands.close_finding, actor, parse_id(finding_id), note)
    done("已登记整改。")


@upkeep.command("interval")
@click.argument("site_code", metavar="SITE")
@click.argument("kind", type=Word(UpkeepKind))
@click.argument("interval_days", type=click.IntRange(0, 3660), metavar="DAYS")
@click.option("--starts-on", type=DAY_TYPE, help="首次应做的日期")
@click.option("--note", default="", metavar="TEXT", help="说明")
@acting
def set_interval(app: App, actor: Actor, **fields: Any) -> None:
    """给一个库另定间隔天数;0 为该库不做。"""
    given = IntervalInput(**fields)
    app.runtime.run(commands.save_intervals, actor, [given])
    done(f"{given.site_code} {label(given.kind)}:每 {given.interval_days} 天。")


@upkeep.command("intervals")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@viewing
def list_intervals(app: App, actor: Actor, json_output: bool, site_code: str) -> None:
    """各库另定的间隔;没有列出的按参数。"""
    rows = app.runtime.read(queries.intervals, actor, site_code)
    show_rows(
        rows,
        (
            ("场所", "site_name"),
            ("事项", "kind"),
            ("间隔(天)", "interval_days"),
            ("首次", "starts_on"),
            ("说明", "note"),
        ),
        json_output=json_output,
    )


@click.group()
def duty() -> None:
    """值班交接:交班、接班,双方签字。"""


HANDOVER: Columns = (
    ("编号", "number"),
    ("场所", "site_name"),
    ("状态", "state"),
    ("交班人", "outgoing_name"),
    ("接班人", "incoming_name"),
    ("交班时间", "offered_at"),
    ("接班时间", "taken_at"),
)


@duty.command("list")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@click.option("--state", type=Word(DutyState), help="只看这种状态")
@viewing
def list_handovers(app: App, actor: Actor, json_output: bool, site_code: str, state: DutyState | None) -> None:
    """列出交接记录,新的在前。"""
    rows = app.runtime.read(queries.handovers, actor, site_code, state)
    show_rows(rows, HANDOVER, json_output=json_output)


@duty.command("show")
@click.argument("number")
@viewing
def show_handover(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一次交接。"""
    row = app.runtime.read(queries.handover, actor, number)
    facts = (
        *HANDOVER,
        ("未办事项", "open_matters"),
        ("钥匙", "keys"),
        ("读数", "readings"),
        ("说明", "note"),
        ("接班意见", "taking_note"),
        ("结束原因", "ended_because"),
    )
    show_record(row, Record(facts), json_output=json_output)


@duty.command("hand-over")
@click.argument("site_code", metavar="SITE")
@click.argument("incoming", metavar="USER")
@click.option("--open-matters", required=True, metavar="TEXT", help="未办事项")
@click.option("--keys", required=True, metavar="TEXT", help="钥匙")
@click.option("--readings", default="", metavar="TEXT", help="仪表读数")
@click.option("--note", default="", metavar="TEXT", help="说明(本人不在班时必填)")
@acting
def hand_over(app: App, actor: Actor, **fields: Any) -> None:
    """交班给 USER;对方接班后打印,双方签字。"""
    made = app.runtime.run(commands.hand_over, actor, DutyInput(**fields))
    row = app.runtime.read(queries.handover, actor, str(made))
    done(f"已交班,编号 {row.number},等待{row.incoming_name}接班。")


@duty.command("take")
@click.argument("number")
@click.option("--note", default="", metavar="TEXT", help="接班意见")
@acting
def take(app: App, actor: Actor, number: str, note: str) -> None:
    """接班;只有被交班的人可以。"""
    app.runtime.run(commands.take_over, actor, app.runtime.read(queries.handover, actor, number).id, note)
    done(f"{number}:已接班。打印:supplyops paper print {number}")


@duty.command("withdraw")
@click.argument("number")
@BECAUSE
@acting
def withdraw(app: App, actor: Actor, number: str, because: str) -> None:
    """撤回还没有人接的交班。"""
    app.runtime.run(commands.withdraw_handover, actor, app.runtime.read(queries.handover, actor, number).id, because)
    done(f"{number}:已撤回。")


@click.group()
def store() -> None:
    """储备库每天的清单。"""


@store.command("morning")
@click.argument("site_code", metavar="SITE")
@viewing
def morning(app: App, actor: Actor, json_output: bool, site_code: str) -> None:
    """晨会清单:到期、逾期、到货、发运、临期、盘点、短缺。"""
    found = app.runtime.read(todays, actor, site_code)
    lines = (
        ("类别", "kind"),
        ("内容", "title"),
        ("说明", "detail"),
        ("期限", due_text),
        ("逾期", "is_overdue"),
        ("单号、批次", "number"),
    )
    record = Record(
        (("场所", "site_name"), ("日期", "day"), ("值班", "on_duty"), ("逾期项", "overdue")),
        (Section("今日事项", lambda row: row.lines, lines),),
    )
    show_record(found, record, json_output=json_output)


@store.command("print-morning")
@click.argument("site_code", metavar="SITE")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="写到哪个文件,默认 编号.pdf")
@acting
def print_morning(app: App, actor: Actor, site_code: str, output: Path | None) -> None:
    """把今天的晨会清单打印成一页 PDF。"""
    from supplyops.cli.papers import print_issued  # noqa: PLC0415  Pango is needed only where something is printed

    print_issued(app, actor, app.runtime.run(issue_morning, actor, site_code), output)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(upkeep)
    group.add_command(duty)
    group.add_command(store)
