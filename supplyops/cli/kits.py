"""Kits: what they are made of, building, breaking, taking back."""

from __future__ import annotations

from typing import Any

import click

from supplyops.catalogue import queries as catalogue
from supplyops.cli.app import App, acting
from supplyops.cli.nouns import ALL, Columns, Record, Section, add_show, by, done, show_rows, viewing
from supplyops.kernel.access import Actor
from supplyops.kits import commands, queries
from supplyops.kits.rules import KitBreakInput, KitBuildInput


@click.group()
def kit() -> None:
    """成套物资:组成、组装、拆解。"""


@kit.command("parts")
@click.argument("sku", default="")
@viewing
def show_parts(app: App, actor: Actor, json_output: bool, sku: str) -> None:
    """列出成套物资由什么组成;写 SKU 只看一种。"""
    rows = app.runtime.read(catalogue.kit_parts, actor, sku)
    columns: Columns = (
        ("成套物资", "kit_sku"),
        ("名称", "kit_name"),
        ("组成物资", "sku"),
        ("物资", "item_name"),
        ("每套数量", "quantity"),
        ("单位", "unit"),
        ("备注", "note"),
    )
    show_rows(rows, columns, json_output=json_output)


@kit.command("buildable")
@click.argument("sku", default="")
@viewing
def show_buildable(app: App, actor: Actor, json_output: bool, sku: str) -> None:
    """各库用现有物资可以组装多少套。"""
    rows = app.runtime.read(queries.buildable, actor, sku)
    columns: Columns = (
        ("成套物资", "kit_name"),
        ("场所", "site_name"),
        ("物权", "owner_name"),
        ("资金来源", "fund_source"),
        ("可组装", "quantity"),
        ("受限于", "short_of"),
    )
    show_rows(rows, columns, json_output=json_output)


@kit.command("contents")
@click.argument("lot_number", metavar="LOT")
@viewing
def show_contents(app: App, actor: Actor, json_output: bool, lot_number: str) -> None:
    """一个成套批次里每套有哪些批次的组成物资。"""
    rows = app.runtime.read(queries.contents, actor, lot_number)
    columns: Columns = (
        ("编码", "sku"),
        ("物资", "item_name"),
        ("批次", "lot_number"),
        ("每套数量", "quantity"),
        ("有效期至", "expires_on"),
    )
    show_rows(rows, columns, json_output=json_output)


WORK: Columns = (
    ("编号", "number"),
    ("类型", "kind"),
    ("状态", "state"),
    ("场所", "site_name"),
    ("成套物资", "kit_name"),
    ("数量", "quantity"),
    ("物权", "owner_name"),
    ("时间", "created_at"),
)


@kit.command("works")
@viewing
def list_works(app: App, actor: Actor, json_output: bool) -> None:
    """列出组拆单,新的在前。"""
    rows = app.runtime.read(queries.works, actor, 0, ALL)
    show_rows(rows, WORK, json_output=json_output)


add_show(
    kit,
    by(queries.work),
    "NUMBER",
    Record(
        (*WORK, ("资金来源", "fund_source"), ("说明", "note"), ("冲销时间", "reversed_at")),
        (
            Section(
                "明细",
                lambda row: row.lines,
                (
                    ("行号", "line_no"),
                    ("领用", "is_out"),
                    ("编码", "sku"),
                    ("物资", "item_name"),
                    ("批次", "lot_number"),
                    ("库位", "location_name"),
                    ("数量", "quantity"),
                    ("单位", "unit"),
                    ("有效期至", "expires_on"),
                ),
            ),
        ),
    ),
    "查看一张组拆单。",
)


@kit.command("build")
@click.option("--site", "site_code", required=True, metavar="CODE", help="在哪个场所组装")
@click.option("--owner", "owner_code", required=True, metavar="CODE", help="物权单位代码:用谁的物资")
@click.option("--fund", "fund_source", required=True, metavar="TEXT", help="资金来源:组成物资必须一致")
@click.option("--sku", required=True, metavar="SKU", help="成套物资编码")
@click.option("--quantity", required=True, type=int, metavar="N", help="组装多少套")
@click.option(
    "--location", "location_code", default="", metavar="CODE", help="成套物资放在哪个库位,不填为第一个存放库位"
)
@click.option("--note", default="", metavar="TEXT", help="说明")
@acting
def build(app: App, actor: Actor, **fields: Any) -> None:
    """组装:组成物资先到期的先用,成套物资的有效期按最先到期的组成物资。"""
    _posted(app, actor, app.runtime.run(commands.build_kits, actor, KitBuildInput(**fields)), "已组装,组拆单编号")


@kit.command("break")
@click.argument("lot_number", metavar="LOT")
@click.option("--location", "location_code", required=True, metavar="CODE", help="成套物资所在库位")
@click.option("--quantity", required=True, type=int, metavar="N", help="拆多少套")
@click.option("--because", required=True, metavar="TEXT", help="拆解原因")
@click.option("--to", "to_code", default="", metavar="CODE", help="组成物资放在哪个库位,不填为原处")
@acting
def take_apart(app: App, actor: Actor, **fields: Any) -> None:
    """拆解:组成物资回到原来的批次。"""
    _posted(app, actor, app.runtime.run(commands.break_kits, actor, KitBreakInput(**fields)), "已拆解,组拆单编号")


def _posted(app: App, actor: Actor, work_id: Any, said: str) -> None:
    done(f"{said} {app.runtime.read(queries.work_by_id, actor, work_id).number}。")


@kit.command("reverse")
@click.argument("number")
@click.option("--because", required=True, metavar="TEXT", help="冲销原因")
@acting
def reverse(app: App, actor: Actor, number: str, because: str) -> None:
    """冲销一张组拆单:记一笔相反的账。"""
    row = app.runtime.read(queries.work, actor, number)
    app.runtime.run(commands.reverse_kit_work, actor, row.id, because)
    done(f"{row.number}:已冲销。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(kit)
