"""What the commands of instructions, orders and trips share: their lists, an order's columns, doing something with an order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from supplyops.cli.app import App
from supplyops.cli.nouns import ALL, Columns, Record, Section, done, show_record, show_rows, viewing
from supplyops.dispatch import queries
from supplyops.dispatch.views import ConsignmentRow, OrderFilter
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Actor
from supplyops.runtime import Query

CONSIGNMENT: Columns = (
    ("编号", "number"),
    ("状态", "state"),
    ("动用指令", "instruction_number"),
    ("物权", "owner_name"),
    ("发出", "origin_name"),
    ("送达", "delivery_name"),
    ("车牌", "plate"),
    ("装车期限", "load_by"),
    ("计划到达", "planned_arrival_at"),
)
CLOCKS: Columns = (("时限", "kind"), ("期限", "due_at"), ("完成", "done_at"), ("情况", "state"))


def add_order_list(group: click.Group, query: Query[Any, Any], columns: Columns, help_text: str) -> None:
    """Add a list that can be narrowed by incident, by what is open and by what is overdue."""

    @group.command("list", help=help_text)
    @click.option("--incident", metavar="NUMBER", help="只看这个突发事件的")
    @click.option("--open", "only_open", is_flag=True, help="只看未结束的")
    @click.option("--overdue", "only_overdue", is_flag=True, help="只看超时的")
    @click.option("--text", default="", metavar="TEXT", help="编号、场所或车牌的一部分")
    @viewing
    def list_orders(
        app: App,
        actor: Actor,
        json_output: bool,
        incident: str | None,
        only_open: bool,
        only_overdue: bool,
        text: str,
    ) -> None:
        event = app.runtime.read(incidents.incident, actor, incident).id if incident else None
        where = OrderFilter(incident_id=event, only_open=only_open, only_overdue=only_overdue, text=text)
        show_rows(app.runtime.read(query, actor, where, 0, ALL), columns, json_output=json_output)


def show_with_orders(app: App, actor: Actor, row: Any, of: OrderFilter, columns: Columns, *, json_output: bool) -> None:
    """An instruction or a trip, the orders that are of it, and its time limits."""
    orders = app.runtime.read(queries.consignments, actor, of, 0, ALL)
    record = Record(
        columns, (Section("调拨单", lambda _: orders, CONSIGNMENT), Section("时限", lambda each: each.clocks, CLOCKS))
    )
    show_record(row, record, json_output=json_output, more={"consignments": orders})


def act_on(app: App, actor: Actor, number: str, act: Callable[[ConsignmentRow], Any], said: str) -> None:
    """Do something with a consignment and say so."""
    row = app.runtime.read(queries.consignment, actor, number)
    act(row)
    done(f"{row.number}:{said}。")
