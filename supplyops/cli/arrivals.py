"""Expected deliveries: announced, inspected, taken in, ended."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from supplyops.arrivals import commands, queries
from supplyops.arrivals.queries import ArrivalFilter, ArrivalRow
from supplyops.arrivals.rules import ArrivalAcceptance, ArrivalInspection, ArrivalNotice, ArrivalState
from supplyops.cli.app import App, acting
from supplyops.cli.nouns import (
    ALL,
    BECAUSE,
    DAY_TYPE,
    WHEN,
    Columns,
    Record,
    Section,
    Word,
    add_list,
    add_show,
    arrival_time,
    by,
    columns_option,
    done,
    gate_options,
    read_part,
)
from supplyops.exchange.parts import LOAD_LINES, NOTICE_LINES
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Actor
from supplyops.stock import document_queries
from supplyops.stock.documents import ReceiptKind

_FILE = click.Path(path_type=Path)


@click.group()
def arrival() -> None:
    """到货:通知、卸货前验货、分批入库、办结。"""


ARRIVAL: Columns = (
    ("编号", "number"),
    ("类型", "kind"),
    ("状态", "state"),
    ("逾期", "is_late"),
    ("来源", "source"),
    ("收货场所", "site_name"),
    ("物权", "owner_name"),
    ("预计到货", "expected_on"),
    ("明细", "lines"),
)

add_list(
    arrival,
    queries.arrivals,
    ARRIVAL,
    "列出到货通知,预计到货晚的在前。",
    click.option("--state", type=Word(ArrivalState), help="只看这种状态"),
    click.option("--kind", type=Word(ReceiptKind), help="只看这种入库类型"),
    click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所的"),
    click.option("--text", default="", metavar="TEXT", help="编号、来源或来源单号的一部分"),
    click.option("--open", "only_open", is_flag=True, help="只看还要收货的"),
    click.option("--late", "only_late", is_flag=True, help="只看逾期未到的"),
    arguments=lambda _app, _actor, given: {"where": ArrivalFilter(**given), "limit": ALL},
)

add_show(
    arrival,
    by(queries.arrival),
    "NUMBER",
    Record(
        (
            *ARRIVAL[:-1],
            ("资金来源", "fund_source"),
            ("来源单号", "source_document"),
            ("联系人", "contact"),
            ("备注", "note"),
            ("通知时间", "announced_at"),
            ("通知人", "announced_by_name"),
            ("终止原因", "ended_because"),
        ),
        (
            Section(
                "明细",
                lambda row: row.lines,
                (
                    ("行号", "line_no"),
                    ("编码", "sku"),
                    ("物资", "item_name"),
                    ("通知", "quantity"),
                    ("合格", "accepted"),
                    ("不合格", "rejected"),
                    ("待收", "outstanding"),
                    ("单位", "unit"),
                ),
            ),
            Section(
                "车次",
                lambda row: row.loads,
                (
                    ("车次", "load_no"),
                    ("到达", "arrived_at"),
                    ("车辆", "vehicle"),
                    ("封签完好", "is_seal_intact"),
                    ("封号", "seal_number"),
                    ("外观完好", "is_appearance_good"),
                    ("与清单相符", "matches_list"),
                    ("拒收", "is_refused"),
                    ("质检", "inspector_name"),
                    ("入库单", "document_number"),
                    ("情况", "finding"),
                ),
            ),
        ),
    ),
    "查看一份到货通知。",
)


@arrival.command("announce")
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--kind", type=Word(ReceiptKind), default=ReceiptKind.PURCHASE, help="入库类型,默认采购")
@click.option("--site", "site_code", required=True, metavar="CODE", help="收货场所代码")
@click.option("--owner", "owner_code", required=True, metavar="CODE", help="物权单位代码:物资归谁所有")
@click.option("--source", required=True, metavar="TEXT", help="来源:供货、划转、捐赠单位")
@click.option("--fund", "fund_source", required=True, metavar="TEXT", help="资金来源")
@click.option("--expected-on", type=DAY_TYPE, required=True, metavar="DAY", help="预计到货日期")
@click.option("--source-document", default="", metavar="TEXT", help="合同号、文号")
@click.option("--contact", default="", metavar="TEXT", help="送货联系人和电话")
@click.option("--note", default="", metavar="TEXT", help="备注")
@click.option("--incident", metavar="NUMBER", help="为哪个突发事件")
@click.option("--exercise", "is_exercise", is_flag=True, help="演练物资")
@columns_option(NOTICE_LINES)
@acting
def announce(app: App, actor: Actor, file: Path, expected_on: date, incident: str | None, **fields: Any) -> None:
    """登记到货通知:FILE 一行一种物资。"""
    incident_id = None if incident is None else app.runtime.read(incidents.incident, actor, incident).id
    lines = read_part(NOTICE_LINES, file)
    notice = ArrivalNotice(expected_on=expected_on, lines=lines, incident_id=incident_id, **fields)
    arrival_id = app.runtime.run(commands.announce, actor, notice)
    done(f"已登记,到货通知编号 {app.runtime.read(queries.arrival_by_id, actor, arrival_id).number}。")


@arrival.command("inspect")
@click.argument("number")
@click.option("--arrived-at", type=WHEN, help="到达时间;不填为现在(用 --key 时必填)")
@click.option("--vehicle", default="", metavar="TEXT", help="送货车牌号")
@click.option("--delivered-by", default="", metavar="NAME", help="送货人")
@gate_options
@click.option("--appearance-good/--appearance-bad", "is_appearance_good", default=True, help="外观完好或有损")
@click.option("--matches-list/--differs", "matches_list", default=True, help="与清单相符或不符")
@click.option("--finding", default="", metavar="TEXT", help="情况说明;有任何一项不好或拒收时必填")
@click.option("--refuse", "is_refused", is_flag=True, help="整车拒收,退回")
@acting
def inspect(app: App, actor: Actor, number: str, arrived_at: datetime | None, **fields: Any) -> None:
    """卸货前验货并签字:封签、外观、与发货清单核对。重新验货代替上一次。"""
    row = app.runtime.read(queries.arrival, actor, number)
    inspection = ArrivalInspection(arrived_at=arrival_time(app, actor, arrived_at), **fields)
    app.runtime.run(commands.inspect, actor, row.id, inspection)
    done(f"{number}:{'已拒收' if inspection.is_refused else '已验货,可由库管员入库'}。")


@arrival.command("accept")
@click.argument("number")
@click.argument("file", metavar="[FILE]", type=_FILE, required=False)
@click.option("--conclusion", default="", metavar="TEXT", help="验收结论")
@click.option("--shortage-handling", default="", metavar="TEXT", help="短少破损处理(数量不符或有不合格品时必填)")
@columns_option(LOAD_LINES)
@acting
def accept(app: App, actor: Actor, number: str, file: Path | None, **fields: Any) -> None:
    """把验过的一车入库:FILE 一行一个批次;不给 FILE 时待收的全部合格。"""
    row = app.runtime.read(queries.arrival, actor, number)
    lines = whole_load(row) if file is None else read_part(LOAD_LINES, file)
    document_id = app.runtime.run(commands.accept, actor, row.id, ArrivalAcceptance(lines, **fields))
    document = app.runtime.read(document_queries.document_by_id, actor, document_id)
    done(f"{number}:已入库,入库单编号 {document.number}。")


def whole_load(row: ArrivalRow) -> tuple[Any, ...]:
    """Everything that is still to come, all of it good."""
    return tuple(
        LOAD_LINES.make({"line_no": line.line_no, "listed": line.outstanding, "accepted": line.outstanding})
        for line in row.lines
        if line.outstanding
    )


@arrival.command("close")
@click.argument("number")
@BECAUSE
@acting
def close(app: App, actor: Actor, number: str, because: str) -> None:
    """办结:收了一部分,其余不再到货。"""
    app.runtime.run(commands.close, actor, app.runtime.read(queries.arrival, actor, number).id, because)
    done(f"{number}:已办结。")


@arrival.command("cancel")
@click.argument("number")
@BECAUSE
@acting
def cancel(app: App, actor: Actor, number: str, because: str) -> None:
    """取消还没有到货的通知。"""
    app.runtime.run(commands.cancel, actor, app.runtime.read(queries.arrival, actor, number).id, because)
    done(f"{number}:已取消。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(arrival)
