"""Handing an order over (签收), and what came short, damaged or was refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from supplyops.cli.app import App, acting, bypass_option
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import INVALID, WHEN, line_named, show_rows, viewing
from supplyops.cli.order_parts import act_on
from supplyops.dispatch import handing_over, queries
from supplyops.dispatch.rules import HandoverInput, HandoverLine
from supplyops.dispatch.views import ConsignmentLineRow, ConsignmentRow
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Actor


@click.command("deliver")
@click.argument("number")
@click.option("--receiver", required=True, metavar="NAME", help="签收人")
@click.option("--position", default="", metavar="TEXT", help="签收人职务")
@click.option("--phone", default="", metavar="PHONE", help="签收人电话")
@click.option("--at", "arrived_at", type=WHEN, help="到达时间;不填为现在")
@click.option(
    "--line", "lines", multiple=True, metavar="行号=完好[,破损[,拒收]]", help="有差异的行,可多次;其余视为全部完好"
)
@click.option("--seal-broken", is_flag=True, help="封签破损")
@click.option("--cause", default="", metavar="TEXT", help="差异原因")
@bypass_option
@acting
def deliver(
    app: App,
    actor: Actor,
    number: str,
    receiver: str,
    position: str,
    phone: str,
    arrived_at: datetime | None,
    lines: tuple[str, ...],
    seal_broken: bool,
    cause: str,
) -> None:
    """签收:完好的入库,破损、拒收、短少如实登记。"""

    def act(row: ConsignmentRow) -> None:
        found = tuple(_handover_line(text, row.lines) for text in lines)
        when = arrived_at or app.runtime.clock()
        handover = HandoverInput(row.id, receiver, position, phone, when, found, not seal_broken, cause)
        app.runtime.run(handing_over.deliver, actor, handover)

    act_on(app, actor, number, act, "已签收")


def _handover_line(text: str, lines: Sequence[ConsignmentLineRow]) -> HandoverLine:
    """`1=58,2` -> what was found of line 1. Ends the command where the text says no line, or several."""
    name, _, amounts = text.partition("=")
    row = line_named(lines, name, f"--line“{text}”", "line_no", "sku", "lot_number")
    parts = amounts.split(",")
    if row is None or not 1 <= len(parts) <= 3 or not all(part.isdigit() for part in parts):
        raise Failure(f"--line“{text}”应写成 行号=完好[,破损[,拒收]],例如 1=58,2", INVALID)
    return HandoverLine(row.id, *(int(part) for part in parts))


@click.command("differences")
@click.option("--incident", metavar="NUMBER", help="只看这个突发事件的")
@viewing
def differences(app: App, actor: Actor, json_output: bool, incident: str | None) -> None:
    """列出签收时发现的短少、破损、拒收。"""
    event = app.runtime.read(incidents.incident, actor, incident).id if incident else None
    rows = app.runtime.read(queries.discrepancies, actor, incident_id=event)
    show_rows(
        rows,
        (
            ("调拨单", "consignment_number"),
            ("送达", "delivery_name"),
            ("物资", "item_name"),
            ("批次", "lot_number"),
            ("情况", "kind"),
            ("数量", "quantity"),
            ("原因", "cause"),
            ("登记时间", "recorded_at"),
        ),
        json_output=json_output,
    )


def add_to(group: click.Group) -> None:
    """Add this module's commands to `order`."""
    for command in (deliver, differences):
        group.add_command(command)
