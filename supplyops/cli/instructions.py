"""Release instructions (动用指令) on the command line."""

from __future__ import annotations

from typing import Any

import click

from supplyops.cli.app import App, acting
from supplyops.cli.nouns import Columns, done, viewing
from supplyops.cli.order_parts import add_order_list, show_with_orders
from supplyops.dispatch import approving, queries
from supplyops.dispatch.views import OrderFilter
from supplyops.kernel.access import Actor


@click.group()
def instruction() -> None:
    """动用指令:物权单位批准动用。"""


INSTRUCTION: Columns = (
    ("编号", "number"),
    ("文号", "document_number"),
    ("状态", "state"),
    ("物权单位", "owner_name"),
    ("方案", "plan_number"),
    ("批准人", "approved_by_name"),
    ("批准时间", "approved_at"),
    ("送达期限", "arrive_by"),
    ("已送达", lambda row: f"{row.delivered}/{row.consignments}"),
)
add_order_list(instruction, queries.instructions, INSTRUCTION, "列出动用指令,新的在前。")


@instruction.command("show")
@click.argument("number")
@viewing
def show_instruction(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一道动用指令及其调拨单。"""
    row = app.runtime.read(queries.instruction, actor, number)
    columns: Columns = (
        *INSTRUCTION,
        ("突发事件", lambda each: f"{each.incident_number} {each.incident_name}"),
        ("装车期限", "load_by"),
        ("口头批准", lambda each: _oral(each.oral)),
        ("书面补签期限", "paper_due_at"),
        ("书面补签时间", "paper_signed_at"),
        ("备注", "note"),
        ("结束原因", "ended_because"),
    )
    show_with_orders(app, actor, row, OrderFilter(instruction_id=row.id), columns, json_output=json_output)


def _oral(oral: dict[str, Any]) -> str:
    return f"{oral['by']} 对 {oral['to']},{oral['witness']} 在场" if oral else ""


@instruction.command("sign")
@click.argument("number")
@acting
def sign(app: App, actor: Actor, number: str) -> None:
    """登记口头批准的书面手续已补签。"""
    row = app.runtime.read(queries.instruction, actor, number)
    app.runtime.run(approving.sign_paper, actor, row.id)
    done(f"{row.number}:已补签。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(instruction)
