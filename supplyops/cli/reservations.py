"""Holds on stock: who has what, until when; taking over for what is more urgent."""

from __future__ import annotations

from uuid import UUID

import click

from supplyops.cli.app import App, acting
from supplyops.cli.failure import Failure
from supplyops.cli.nouns import ALL, BECAUSE, Columns, Record, Section, Word, done, show_record, show_rows, viewing
from supplyops.kernel.access import Actor
from supplyops.reservations import commands, queries
from supplyops.reservations.queries import HoldFilter
from supplyops.reservations.rules import HoldState, TakeOverInput


@click.group()
def reservation() -> None:
    """占用:谁占用什么、到何时、为哪个单据;按紧急程度接管。"""


HOLD: Columns = (
    ("编号", "id"),
    ("状态", "state"),
    ("单据", "order_number"),
    ("事件", "incident_name"),
    ("物资", "item_name"),
    ("批次", "lot_number"),
    ("库位", "location_name"),
    ("占用", "open_quantity"),
    ("被接管", "taken"),
    ("单位", "unit"),
    ("占用至", lambda row: "直至归还或修复" if row.is_until_released else row.expires_at),
)


@reservation.command("list")
@click.option("--state", type=Word(HoldState), default=HoldState.OPEN, help="状态,默认占用中")
@click.option("--text", default="", metavar="TEXT", help="物资、批次、单号的一部分")
@click.option("--lot", "lot_number", default="", metavar="NUMBER", help="只看这个批次")
@click.option("--sku", default="", metavar="SKU", help="只看这种物资")
@click.option("--site", "site_code", default="", metavar="CODE", help="只看这个场所")
@click.option("--soon", "only_soon", is_flag=True, help="只看6小时内到期的")
@viewing
def list_reservations(app: App, actor: Actor, json_output: bool, **narrowing: object) -> None:
    """列出所辖库存上的占用,先到期的在前。"""
    rows = app.runtime.read(queries.holds, actor, HoldFilter(**narrowing), 0, ALL)  # type: ignore[arg-type]
    show_rows(rows, HOLD, json_output=json_output)


@reservation.command("show")
@click.argument("reservation_id", metavar="ID", type=click.UUID)
@viewing
def show_reservation(app: App, actor: Actor, json_output: bool, reservation_id: UUID) -> None:
    """查看一份占用,以及还缺这种物资、可以接管的需求。"""
    row = app.runtime.read(queries.hold, actor, reservation_id)
    rivals = app.runtime.read(queries.challengers, actor, reservation_id)
    columns: Columns = (
        ("需求", lambda each: f"{each.request_number}/{each.line_no}"),
        ("单位", "organisation_name"),
        ("事件", "incident_name"),
        ("响应级别", "response_level"),
        ("需求类别", "class_rank"),
        ("尚缺", "outstanding"),
        ("可以接管", "outranks"),
    )
    record = Record(HOLD, (Section("还缺这种物资的需求", lambda _: rivals, columns),))
    show_record(row, record, json_output=json_output, more={"challengers": rivals})


@reservation.command("take-over")
@click.argument("reservation_id", metavar="ID", type=click.UUID)
@click.option("--for", "claim", required=True, metavar="需求单号/行号", help="改用于哪条需求,例如 XQ-…-0001/1")
@click.option("--quantity", type=click.IntRange(1), required=True, metavar="数量", help="接管多少")
@BECAUSE
@acting
def take_over(app: App, actor: Actor, reservation_id: UUID, claim: str, quantity: int, because: str) -> None:
    """为更紧急的需求接管占用;失去占用的单位会收到提醒。"""
    rivals = app.runtime.read(queries.challengers, actor, reservation_id)
    found = next((each for each in rivals if f"{each.request_number}/{each.line_no}" == claim), None)
    if found is None:
        raise Failure(f"没有还缺这种物资的需求“{claim}”;可选的见 supplyops reservation show", 4)
    app.runtime.run(commands.take_over, actor, TakeOverInput(reservation_id, found.line_id, quantity, because))
    done(f"已接管 {quantity},改用于 {claim}。")


@reservation.command("taken")
@viewing
def taken(app: App, actor: Actor, json_output: bool) -> None:
    """列出接管记录,新的在前。"""
    rows = app.runtime.read(queries.take_overs, actor, 0, ALL)
    show_rows(
        rows,
        (
            ("时间", "taken_at"),
            ("物资", "item_name"),
            ("批次", "lot_number"),
            ("数量", "quantity"),
            ("失去占用", "loser_number"),
            ("改用于", "winner_number"),
            ("原因", "because"),
            ("经办", "taken_by_name"),
        ),
        json_output=json_output,
    )


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(reservation)
