"""Recalls of a maker's batch, with where the goods went."""

from __future__ import annotations

from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.nouns import Columns, Record, Section, Word, add_list, add_show, by, done
from supplyops.kernel.access import Actor
from supplyops.lots import commands, queries
from supplyops.lots.rules import RecallInput
from supplyops.stock.rules import RecallState


@click.group()
def recall() -> None:
    """召回:某厂家某批号的物资停用,列出在库、在途、已发出的去向。"""


RECALL: Columns = (
    ("编号", "number"),
    ("状态", "state"),
    ("物资", "item_name"),
    ("厂家", "manufacturer"),
    ("批号", "maker_batch"),
    ("召回单位", "organisation_name"),
    ("时间", "created_at"),
    ("原因", "reason"),
)
add_list(
    recall,
    queries.recalls,
    RECALL,
    "列出召回单,新的在前。",
    click.option("--state", type=Word(RecallState), help="只看这种状态"),
)
add_show(
    recall,
    by(queries.recall),
    "NUMBER",
    Record(
        (
            *RECALL,
            ("来文号", "notice_number"),
            ("下达人", "created_by_name"),
            ("结束时间", "ended_at"),
            ("结束原因", "ended_because"),
        ),
        (
            Section(
                "去向",
                lambda row: row.parts,
                (
                    ("在哪里", "whereabouts"),
                    ("批次", "lot_number"),
                    ("物权单位", "owner_name"),
                    ("地点", "place"),
                    ("数量", "quantity"),
                    ("装在", "packed_in"),
                    ("领用单位", "recipient"),
                    ("单据", "document_number"),
                    ("时间", "at"),
                ),
            ),
        ),
    ),
    "查看一份召回单和物资去向。",
)


@recall.command("order")
@click.option("--sku", required=True, metavar="SKU", help="物资编码")
@click.option("--maker", "manufacturer", required=True, metavar="TEXT", help="生产厂家,与批次上登记的一致")
@click.option("--batch", "maker_batch", required=True, metavar="TEXT", help="厂家批号")
@click.option("--because", "reason", required=True, metavar="TEXT", help="原因")
@click.option("--notice-number", default="", metavar="TEXT", help="厂家或监管部门来文号")
@click.option("--organisation", "organisation_code", default="", metavar="CODE", help="召回单位,默认本单位")
@acting
def order(app: App, actor: Actor, **fields: Any) -> None:
    """召回一个厂家批号:本单位及下级所有、所存的同批物资立即停用,以后到货的也停用。"""
    recall_id = app.runtime.run(commands.recall_batch, actor, RecallInput(**fields))
    row = next(each for each in app.runtime.read(queries.recalls, actor) if each.id == recall_id)
    done(f"已召回,编号 {row.number}。去向:supplyops recall show {row.number}")


@recall.command("end")
@click.argument("number")
@click.option("--because", required=True, metavar="TEXT", help="结束原因")
@acting
def end(app: App, actor: Actor, number: str, because: str) -> None:
    """结束召回:由此停用的批次恢复可用。由批准人办理,不能是下达人自己。"""
    row = app.runtime.read(queries.recall, actor, number)
    app.runtime.run(commands.end_recall, actor, row.id, because)
    done(f"{row.number}:召回已结束。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(recall)
