"""Trips (运输任务) on the command line."""

from __future__ import annotations

import click

from supplyops.cli.app import App, acting
from supplyops.cli.nouns import Columns, done, viewing
from supplyops.cli.order_parts import add_order_list, show_with_orders
from supplyops.dispatch import commands, queries
from supplyops.dispatch.views import OrderFilter
from supplyops.kernel.access import Actor
from supplyops.wording.labels import label


@click.group()
def shipment() -> None:
    """运输任务:一辆车的一趟。"""


SHIPMENT: Columns = (
    ("编号", "number"),
    ("状态", "state"),
    ("车牌", "plate"),
    ("车型", "vehicle_type"),
    ("驾驶员", "driver"),
    ("电话", "driver_phone"),
    ("计划发车", "planned_departure_at"),
    ("里程", lambda row: f"{row.distance_m / 1000:g} km"),
)
add_order_list(shipment, queries.shipments, SHIPMENT, "列出运输任务。")


@shipment.command("show")
@click.argument("number")
@viewing
def show_shipment(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一趟运输任务:停靠点和车上的调拨单。"""
    row = app.runtime.read(queries.shipment, actor, number)
    columns: Columns = (
        *SHIPMENT,
        ("突发事件", lambda each: f"{each.incident_number} {each.incident_name}"),
        ("承运", "carrier_name"),
        ("封签号", "seal_number"),
        ("发车时间", "departed_at"),
        ("计划返回", "planned_return_at"),
        ("结束时间", "closed_at"),
        ("停靠", lambda each: " → ".join(str(stop.get("site_name", "")) for stop in each.stops)),
        ("您可以", lambda each: "、".join(label(step) for step in each.steps)),
    )
    show_with_orders(app, actor, row, OrderFilter(shipment_id=row.id), columns, json_output=json_output)


@shipment.command("depart")
@click.argument("number")
@acting
def depart(app: App, actor: Actor, number: str) -> None:
    """发车:车上的调拨单进入在途,开具运输交接单。"""
    row = app.runtime.read(queries.shipment, actor, number)
    app.runtime.run(commands.depart, actor, row.id)
    done(f"{row.number}:已发车。")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(shipment)
