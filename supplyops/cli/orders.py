"""Orders (调拨单): what a store is to give up, from acceptance to the end."""

from __future__ import annotations

import click

from supplyops.cli import handing_over, loading
from supplyops.cli.app import App, acting, bypass_option
from supplyops.cli.nouns import BECAUSE, Columns, Record, Section, add_show, by, show_rows, viewing
from supplyops.cli.order_parts import CLOCKS, CONSIGNMENT, act_on, add_order_list
from supplyops.dispatch import commands, queries, watching
from supplyops.kernel.access import Actor
from supplyops.wording.labels import label


@click.group()
def order() -> None:
    """动用指令与调拨单:接令、装车、签收、取消、改派、退回。"""


LINES: Columns = (
    ("行号", "line_no"),
    ("编码", "sku"),
    ("物资", "item_name"),
    ("批次", "lot_number"),
    ("库位", "location_name"),
    ("应发", "due"),
    ("已占用", "held"),
    ("被接管", "taken"),
    ("批次状态", "lot_state"),
    ("装车", "loaded"),
    ("完好", "good"),
    ("破损", "damaged"),
    ("拒收", "refused"),
    ("短少", "short"),
    ("单位", "unit"),
)
ALERT: Columns = (
    ("调拨单", "consignment_number"),
    ("时限", "kind"),
    ("期限", "due_at"),
    ("告警时间", "raised_at"),
    ("现在", "state"),
)
add_order_list(order, queries.consignments, CONSIGNMENT, "列出调拨单,先到期的在后。")

add_show(
    order,
    by(queries.consignment),
    "NUMBER",
    Record(
        (
            *CONSIGNMENT,
            ("突发事件", lambda row: f"{row.incident_number} {row.incident_name}"),
            ("保管单位", "custodian_name"),
            ("接收单位", "receiver_organisation_name"),
            ("接收联系人", lambda row: f"{row.delivery_contact} {row.delivery_phone}".strip()),
            ("运输任务", "shipment_number"),
            ("驾驶员", lambda row: f"{row.driver} {row.driver_phone}".strip()),
            ("原送达地", "rerouted_from_name"),
            (
                "到供方自提",
                lambda row: (
                    f"{row.supplier_name} 合同 {row.contract_number} {row.call_off_number}".strip()
                    if row.call_off_id
                    else ""
                ),
            ),
            ("接令", lambda row: f"{row.accepted_at:%F %H:%M} {row.accepted_by_name}" if row.accepted_at else ""),
            ("装车时间", "loaded_at"),
            ("发车时间", "departed_at"),
            ("到达时间", "arrived_at"),
            ("签收人", lambda row: f"{row.receiver} {row.receiver_position} {row.receiver_phone}".strip()),
            ("封签完好", "is_seal_intact"),
            ("结束原因", "ended_because"),
            ("您可以", lambda row: "、".join(label(step) for step in row.steps)),
        ),
        (Section("明细", lambda row: row.lines, LINES), Section("时限", lambda row: row.clocks, CLOCKS)),
    ),
    "查看一张调拨单:明细、时限、您可以做的下一步。",
)


@order.command("alerts")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所发出或接收的")
@click.option("--open", "only_open", is_flag=True, help="只看仍未装车、未到达的")
@viewing
def show_alerts(app: App, actor: Actor, json_output: bool, site_code: str, only_open: bool) -> None:
    """超时告警:哪张调拨单没有按时装车或到达,新的在前。"""
    rows = app.runtime.read(watching.alerts, actor, 200, site_code, only_open)
    show_rows(rows, ALERT, json_output=json_output)


@order.command("accept")
@click.argument("number")
@acting
def accept(app: App, actor: Actor, number: str) -> None:
    """保管单位接令,开始拣货。"""
    act_on(app, actor, number, lambda row: app.runtime.run(commands.accept, actor, row.id), "已接令")


@order.command("cancel")
@click.argument("number")
@BECAUSE
@acting
def cancel(app: App, actor: Actor, number: str, because: str) -> None:
    """装车前取消:预留释放,需求恢复,调拨单作废。"""
    act_on(app, actor, number, lambda row: app.runtime.run(commands.cancel, actor, row.id, because), "已取消")


@order.command("reroute")
@click.argument("number")
@click.argument("site_code", metavar="SITE")
@BECAUSE
@acting
def reroute(app: App, actor: Actor, number: str, site_code: str, because: str) -> None:
    """装车后改派到另一场所,开具新版调拨单。"""
    act_on(
        app, actor, number, lambda row: app.runtime.run(commands.reroute, actor, row.id, site_code, because), "已改派"
    )


@order.command("return")
@click.argument("number")
@BECAUSE
@bypass_option
@acting
def take_back(app: App, actor: Actor, number: str, because: str) -> None:
    """退回原库:整单未送达的,或签收时被拒收的。"""
    act_on(app, actor, number, lambda row: app.runtime.run(commands.take_back, actor, row.id, because), "已退回")


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for part in (loading, handing_over):
        part.add_to(order)
    group.add_command(order)
