"""Rotation: advice before the date, and the documents that come of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, acting, bypass_option
from supplyops.cli.nouns import BECAUSE, Columns, Record, Word, add_list, add_show, by, done
from supplyops.kernel.access import Actor
from supplyops.rotations import commands, queries
from supplyops.rotations.papers import issue_advice
from supplyops.rotations.rules import RotationChoice, RotationInput, RotationState
from supplyops.wording.labels import label


@click.group()
def rotation() -> None:
    """轮换:到期前的处置建议和轮换单。"""


add_list(
    rotation,
    queries.advice,
    (
        ("批次", "lot_number"),
        ("物资", "item_name"),
        ("库位", "location_code"),
        ("有效期至", "expires_on"),
        ("剩余天数", "days_left"),
        ("可处置", "free"),
        ("单位", "unit"),
        ("建议", lambda row: "、".join(f"{label(each.choice)} {each.target}".strip() for each in row.suggestions)),
        ("轮换单", "open_rotation"),
    ),
    "列出临近到期的库存和处置建议(天数见参数 rotation.days)。",
    name="advice",
)
ROTATION: Columns = (
    ("编号", "number"),
    ("状态", "state"),
    ("处置", "choice"),
    ("下一步", "next_step"),
    ("物资", "item_name"),
    ("批次", "lot_number"),
    ("数量", "quantity"),
    ("单位", "unit"),
    ("去向", "target"),
    ("提出", "proposed_by_name"),
    ("批准", "decided_by_name"),
    ("办理单据", "done_document"),
)
add_list(
    rotation,
    queries.rotations,
    ROTATION,
    "列出轮换单,新的在前。",
    click.option("--state", type=Word(RotationState), help="只看这种状态"),
)
add_show(
    rotation,
    by(queries.rotation),
    "NUMBER",
    Record((*ROTATION, ("原因", "reason"), ("意见", "decision_note"), ("办理时间", "done_at"))),
    "查看一份轮换单。",
)


@rotation.command("print-advice")
@click.argument("site_code", metavar="SITE")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="写到哪个文件,默认 编号.pdf")
@acting
def print_advice(app: App, actor: Actor, site_code: str, output: Path | None) -> None:
    """把一个场所今天的轮换建议表打印成 PDF。"""
    from supplyops.cli.papers import print_issued  # noqa: PLC0415  Pango is needed only where something is printed

    print_issued(app, actor, app.runtime.run(issue_advice, actor, site_code), output)


@rotation.command("propose")
@click.argument("lot_number", metavar="LOT")
@click.option("--location", "location_code", required=True, metavar="CODE", help="库位代码")
@click.option("--quantity", type=click.IntRange(1), required=True, metavar="数量", help="多少")
@click.option("--choice", type=Word(RotationChoice), required=True, help="怎样处置")
@click.option("--target", default="", metavar="TEXT", help="去向:哪个库、哪次演练、哪个厂家或代储企业")
@click.option("--because", "reason", required=True, metavar="TEXT", help="原因")
@acting
def propose(app: App, actor: Actor, **fields: Any) -> None:
    """提出轮换,由另一人批准。"""
    rotation_id = app.runtime.run(commands.propose, actor, RotationInput(**fields))
    row = app.runtime.read(queries.rotation, actor, str(rotation_id))
    done(f"已提出,编号 {row.number}。")


@rotation.command("approve")
@click.argument("number")
@click.option("--note", default="", metavar="TEXT", help="意见")
@acting
def approve(app: App, actor: Actor, number: str, note: str) -> None:
    """批准轮换;不能是提出人自己。"""
    row = app.runtime.read(queries.rotation, actor, number)
    app.runtime.run(commands.decide, actor, row.id, True, note)
    done(f"{row.number}:已批准,下一步:{label(row.next_step)}。")


@rotation.command("refuse")
@click.argument("number")
@click.option("--note", required=True, metavar="TEXT", help="不同意的原因")
@acting
def refuse(app: App, actor: Actor, number: str, note: str) -> None:
    """不同意轮换。"""
    row = app.runtime.read(queries.rotation, actor, number)
    app.runtime.run(commands.decide, actor, row.id, False, note)
    done(f"{row.number}:已退回。")


@rotation.command("cancel")
@click.argument("number")
@BECAUSE
@acting
def cancel(app: App, actor: Actor, number: str, because: str) -> None:
    """取消还没有办理的轮换。"""
    row = app.runtime.read(queries.rotation, actor, number)
    app.runtime.run(commands.cancel, actor, row.id, because)
    done(f"{row.number}:已取消。")


@rotation.command("carry-out")
@click.argument("number")
@click.option("--document", "document_number", default="", metavar="NUMBER", help="调剂、报废的单号")
@bypass_option
@acting
def carry_out(app: App, actor: Actor, number: str, document_number: str) -> None:
    """办理已批准的轮换:出库、退厂、降级由此记账,调剂和报废登记其单号。"""
    row = app.runtime.read(queries.rotation, actor, number)
    made = app.runtime.run(commands.carry_out, actor, row.id, document_number)
    done(f"{row.number}:已办理,{made}。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(rotation)
