"""Goods that come back: what is due, what came, what was mended, how long goods may be out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import click

from supplyops.cli.app import App, acting, bypass_option
from supplyops.cli.failure import Failure
from supplyops.cli.money import yuan_option
from supplyops.cli.nouns import (
    DAY_TYPE,
    WHEN,
    Columns,
    Record,
    Section,
    add_list,
    add_show,
    arrival_time,
    by,
    done,
    show_rows,
    viewing,
)
from supplyops.kernel.access import Actor
from supplyops.kernel.money import figures
from supplyops.recoveries import commands, queries, undoing
from supplyops.recoveries.dues import Due
from supplyops.recoveries.queries import DueFilter
from supplyops.recoveries.rules import RecoveredInput, RecoveryInput, RecoveryLimitInput, RepairInput


@click.group()
def recovery() -> None:
    """回收:应收回和逾期的物资、回收登记、修复、回收期限。"""


DUE: Columns = (
    ("发放单号", "document_number"),
    ("使用人/点", "holder"),
    ("编码", "sku"),
    ("物资", "item_name"),
    ("批次", "lot_number"),
    ("发放", "quantity"),
    ("已收回", "recovered"),
    ("在外", "outstanding"),
    ("单位", "unit"),
    ("应收回", "due_on"),
    ("逾期", "is_overdue"),
)


@recovery.command("due")
@click.option("--document", "document_number", default="", metavar="NUMBER", help="只看这张发放单、调拨单的")
@click.option("--text", default="", metavar="TEXT", help="单号、使用人、物资、批次的一部分")
@click.option("--sku", default="", metavar="SKU", help="只看这种物资")
@click.option("--overdue", "only_overdue", is_flag=True, help="只看逾期的")
@click.option("--within", "due_within_days", type=int, metavar="DAYS", help="只看几天内到期和已逾期的")
@click.option("--all", "include_back", is_flag=True, help="包括已全部收回的")
@viewing
def due(app: App, actor: Actor, json_output: bool, **where: Any) -> None:
    """应收回的物资:先到期的在前,写明在谁手里、还差多少。"""
    rows: list[Due] = app.runtime.read(queries.recovery_dues, actor, DueFilter(**where))
    show_rows(rows, DUE, json_output=json_output)


RECOVERY: Columns = (
    ("编号", "number"),
    ("仓库", "site_name"),
    ("发放单号", "source_number"),
    ("使用人/点", "holder"),
    ("交回人", "returned_by"),
    ("收回时间", "recovered_at"),
    ("待修", "to_repair"),
)
add_list(
    recovery,
    queries.recoveries,
    RECOVERY,
    "列出回收登记表,新的在前。",
    click.option("--text", metavar="TEXT", help="编号、使用人的一部分"),
    click.option("--to-repair", "only_to_repair", is_flag=True, help="只看有待修物资的"),
)
add_show(
    recovery,
    by(queries.recovery),
    "NUMBER",
    Record(
        (
            *RECOVERY,
            ("已清洗", "is_cleaned"),
            ("已消毒", "is_disinfected"),
            ("报废申请", lambda row: "、".join(row.scraps)),
            ("备注", "note"),
            ("冲销时间", "taken_back_at"),
            ("冲销原因", "taken_back_because"),
        ),
        (
            Section(
                "明细",
                lambda row: row.lines,
                (
                    ("行号", "line_no"),
                    ("物资", "item_name"),
                    ("批次", "lot_number"),
                    ("成色", "condition"),
                    ("数量", "quantity"),
                    ("单位", "unit"),
                    ("存放", "location_name"),
                    ("已修复", "repaired"),
                    ("修不好", "condemned"),
                ),
            ),
            Section(
                "修复记录",
                lambda row: row.repairs,
                (
                    ("行号", "line_no"),
                    ("已修复", "repaired"),
                    ("修不好", "condemned"),
                    ("费用(元)", lambda row: figures(row.cost_fen)),
                    ("修复人", "repaired_by"),
                    ("登记时间", "recorded_at"),
                ),
            ),
        ),
    ),
    "查看一张回收登记表。",
)


def _pieces(pairs: Sequence[str], rows: Sequence[Due], option: str) -> dict[UUID, int]:
    """`物资编码=数量` or `批次号=数量`, shared out over what is out of it, the first to be due first."""
    found: dict[UUID, int] = {}
    for pair in pairs:
        name, sign, amount = pair.partition("=")
        own = [row for row in rows if name in (row.sku, row.lot_number)]
        if not own or not sign or not amount.isdigit():
            raise Failure(f"{option}“{pair}”应写成 物资编码=数量 或 批次号=数量,例如 A01002=12", 3)
        left = int(amount)
        for row in own:
            taken = min(left, row.outstanding - found.get(row.id, 0)) if row is not own[-1] else left
            found[row.id] = found.get(row.id, 0) + taken
            left -= taken
    return found


@recovery.command("record")
@click.argument("document", metavar="NUMBER")
@click.option("--site", "site_code", required=True, metavar="CODE", help="收回到哪个场所")
@click.option("--returned-by", required=True, metavar="NAME", help="交回人")
@click.option("--at", "recovered_at", type=WHEN, help="收回时间;不填为现在(用 --key 时必填)")
@click.option("--usable", multiple=True, metavar="SKU=QUANTITY", help="可用的数量")
@click.option("--repair", multiple=True, metavar="SKU=QUANTITY", help="需修的数量")
@click.option("--scrap", multiple=True, metavar="SKU=QUANTITY", help="报废的数量(同时提出报废申请)")
@click.option("--cleaned", "is_cleaned", is_flag=True, help="已清洗")
@click.option("--disinfected", "is_disinfected", is_flag=True, help="已消毒")
@click.option("--location", "location_code", default="", metavar="CODE", help="可用的放入哪个库位")
@click.option("--note", default="", metavar="TEXT", help="备注")
@acting
def record(
    app: App,
    actor: Actor,
    document: str,
    recovered_at: datetime | None,
    usable: Sequence[str],
    repair: Sequence[str],
    scrap: Sequence[str],
    **fields: Any,
) -> None:
    """回收登记:NUMBER 是发放单号或调拨单号;可用的上架,需修的、报废的进待检区。"""
    rows: list[Due] = app.runtime.read(queries.recovery_dues, actor, DueFilter(document_number=document))
    parts = [
        _pieces(*each) for each in ((usable, rows, "--usable"), (repair, rows, "--repair"), (scrap, rows, "--scrap"))
    ]
    lines = tuple(
        RecoveredInput(row.id, *(part.get(row.id, 0) for part in parts))
        for row in rows
        if any(part.get(row.id) for part in parts)
    )
    when = arrival_time(app, actor, recovered_at)
    made = app.runtime.run(commands.recover, actor, RecoveryInput(document, recovered_at=when, lines=lines, **fields))
    row = app.runtime.read(queries.recovery_by_id, actor, made)
    applied = f",报废申请 {'、'.join(row.scraps)}" if row.scraps else ""
    done(f"已收回,编号 {row.number}{applied}。")


@recovery.command("repair")
@click.argument("number")
@click.argument("line_no", metavar="LINE", type=click.IntRange(1))
@click.option("--repaired", type=click.IntRange(0), default=0, help="修好的数量,回到库位")
@click.option("--condemned", type=click.IntRange(0), default=0, help="修不好的数量,提出报废申请")
@click.option("--by", "repaired_by", required=True, metavar="NAME", help="修复的单位或人")
@yuan_option("--cost", "cost_fen", "费用")
@click.option("--location", "location_code", default="", metavar="CODE", help="修好的放入哪个库位")
@click.option("--note", default="", metavar="TEXT", help="备注")
@acting
def repair(app: App, actor: Actor, number: str, line_no: int, **fields: Any) -> None:
    """修复登记:修好的从待检区回到库位,修不好的提出报废申请。"""
    app.runtime.run(commands.repair, actor, RepairInput(number, line_no, **fields))
    row = app.runtime.read(queries.recovery, actor, number)
    done(f"{number}:已登记,待修 {row.to_repair}。")


@recovery.command("undo")
@click.argument("number")
@acting
def undo(app: App, actor: Actor, number: str) -> None:
    """撤销本人刚登记的一张回收登记表:限时(参数 undo.minutes),未修复、未装车、未被他人动用。"""
    app.runtime.run(undoing.undo_recovery, actor, number)
    done(f"{number}:已撤销。")


@recovery.command("reverse")
@click.argument("number")
@click.option("--because", required=True, metavar="TEXT", help="冲销原因")
@bypass_option
@acting
def reverse(app: App, actor: Actor, number: str, because: str) -> None:
    """冲销登记错的一张回收登记表:物资退回原处,所提的报废申请一并撤回。"""
    app.runtime.run(undoing.reverse_recovery, actor, number, because)
    done(f"{number}:已冲销。")


add_list(
    recovery,
    queries.recovery_limits,
    (
        ("编码", "sku"),
        ("物资", "item_name"),
        ("月数", "months"),
        ("生效日期", "effective_from"),
        ("来源标记", "source_mark"),
        ("备注", "note"),
    ),
    "列出各物资的回收期限;没有单独规定的按参数 recovery.months。",
    name="limits",
)


@recovery.command("limit")
@click.argument("sku")
@click.argument("months", type=click.IntRange(1))
@click.option("--from", "effective_from", type=DAY_TYPE, required=True, help="生效日期;此前发放的按原期限")
@click.option("--source", "source_mark", required=True, metavar="MARK", help="来源标记")
@click.option("--note", default="", metavar="TEXT", help="备注")
@acting
def limit(app: App, actor: Actor, sku: str, months: int, effective_from: date, **fields: Any) -> None:
    """规定一种物资发放后几个月内收回。"""
    app.runtime.run(commands.save_limits, actor, [RecoveryLimitInput(sku, months, effective_from, **fields)])
    done(f"{sku}:自 {effective_from} 起 {months} 个月。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(recovery)
