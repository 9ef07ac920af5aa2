"""Transfers between sites, and what is on the road."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from supplyops.cli.app import App, acting, tell_lines_with
from supplyops.cli.nouns import (
    BECAUSE,
    DAY_TYPE,
    WHEN,
    Columns,
    Record,
    Section,
    Word,
    add_list,
    add_show,
    arrival_time,
    by,
    columns_option,
    done,
    quantities,
    read_part,
    show_rows,
    viewing,
)
from supplyops.exchange.parts import TRANSFER_ORDER_LINES
from supplyops.incidents import queries as incidents
from supplyops.insight import transit_queries
from supplyops.kernel.access import Actor
from supplyops.kernel.errors import FieldError
from supplyops.transfers import arriving, carrying, commands, owning, queries
from supplyops.transfers.rules import (
    ArrivedLine,
    ArriveInput,
    SendInput,
    TransferKind,
    TransferOrderInput,
    TransferState,
)
from supplyops.transfers.views import TransferFilter
from supplyops.wording.errors import field_message
from supplyops.wording.labels import label


@click.group()
def transfer() -> None:
    """调剂调拨:仓库、储备点之间的下拨、调剂、上级调用、代储、移储、划转、归还。"""


TRANSFER: Columns = (
    ("编号", "number"),
    ("类型", "kind"),
    ("状态", "state"),
    ("调出", "from_site_name"),
    ("调入", "to_site_name"),
    ("物权单位", "owner_name"),
    ("预计到达", lambda row: row.expected_at or row.arrive_by),
    ("逾期", "is_overdue"),
)


def _filter(_app: App, _actor: Actor, options: dict[str, Any]) -> dict[str, Any]:
    return {"where": TransferFilter(**{name: value for name, value in options.items() if value is not None})}


add_list(
    transfer,
    queries.transfers,
    TRANSFER,
    "列出调剂调拨单,新的在前。",
    click.option("--state", type=Word(TransferState), help="只看这种状态"),
    click.option("--kind", type=Word(TransferKind), help="只看这种类型"),
    click.option("--site", "site_code", metavar="CODE", help="只看这个场所调出或调入的"),
    click.option("--text", metavar="TEXT", help="编号、场所、车牌的一部分"),
    click.option("--open", "only_open", is_flag=True, help="只看未办结的"),
    click.option("--overdue", "only_overdue", is_flag=True, help="只看逾期的"),
    arguments=_filter,
)
add_show(
    transfer,
    by(queries.transfer),
    "NUMBER",
    Record(
        (
            *TRANSFER[:-2],
            ("新物权单位", "new_owner_name"),
            ("批准单位", "approver_name"),
            ("事由", "reason"),
            ("须归还", "is_owed_back"),
            ("归还义务", "obligation"),
            ("结清的义务", "settles"),
            ("发运时限", "send_by"),
            ("到达时限", "arrive_by"),
            ("起草", "created_by_name"),
            ("批准", "decided_by_name"),
            ("承运", "carrier"),
            ("车牌", "vehicle"),
            ("驾驶员", "driver"),
            ("发车", "sent_at"),
            ("预计到达", "expected_at"),
            ("到达", "arrived_at"),
            ("签收人", "receiver"),
            ("终止原因", "ended_because"),
        ),
        (
            Section(
                "申请明细",
                lambda row: row.lines,
                (
                    ("行号", "line_no"),
                    ("编码", "sku"),
                    ("物资", "item_name"),
                    ("数量", "quantity"),
                    ("单位", "unit"),
                    ("批次", "lot_number"),
                ),
            ),
            Section(
                "批次",
                lambda row: row.lots,
                (
                    ("行号", "line_no"),
                    ("物资", "item_name"),
                    ("批次", "lot_number"),
                    ("批准", "quantity"),
                    ("装车", "loaded"),
                    ("完好", "good"),
                    ("破损", "damaged"),
                    ("短少", "short"),
                    ("退回", "returned"),
                    ("在途", "on_the_road"),
                    ("新批次", "new_lot_number"),
                ),
            ),
            Section(
                "到货",
                lambda row: [(one, line) for one in row.arrivals for line in one.lines],
                (
                    ("次", lambda pair: pair[0].arrival_no),
                    ("入库单", lambda pair: pair[0].receipt_number),
                    ("到达", lambda pair: pair[0].arrived_at),
                    ("签收人", lambda pair: pair[0].receiver),
                    ("物资", lambda pair: pair[1].item_name),
                    ("批次", lambda pair: pair[1].lot_number),
                    ("完好", lambda pair: pair[1].good),
                    ("破损", lambda pair: pair[1].damaged),
                    ("短少", lambda pair: pair[1].short),
                ),
            ),
            Section(
                "差异",
                lambda row: row.differences,
                (("物资", "item_name"), ("批次", "lot_number"), ("差异", "finding"), ("数量", "quantity"), ("原因", "cause")),
            ),
        ),
    ),
    "查看一张调剂调拨单。",
)  # fmt: skip


@transfer.command("draft")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--kind", type=Word(TransferKind), required=True, help="类型")
@click.option("--from", "from_site_code", required=True, metavar="CODE", help="调出场所代码")
@click.option("--to", "to_site_code", required=True, metavar="CODE", help="调入场所代码")
@click.option("--owner", "owner_code", required=True, metavar="CODE", help="物权单位代码:物资现归谁所有")
@click.option(
    "--new-owner", "new_owner_code", default="", metavar="CODE", help="新物权单位代码;不填为调入场所的保管单位"
)
@click.option("--reason", required=True, metavar="TEXT", help="事由")
@click.option("--send-by", type=WHEN, required=True, help="发运时限")
@click.option("--arrive-by", type=WHEN, required=True, help="到达时限")
@click.option("--free", "is_free", is_flag=True, help="无偿:调剂、调用后不须归还")
@click.option("--due-on", type=DAY_TYPE, help="归还期限;不填按参数 obligation.days")
@click.option("--settles", default="", metavar="NUMBER", help="归还时:所结清的归还义务编号")
@click.option("--incident", metavar="NUMBER", help="为哪个突发事件")
@columns_option(TRANSFER_ORDER_LINES)
@acting
def draft(app: App, actor: Actor, file: Path, incident: str | None, due_on: date | None, **fields: Any) -> None:
    """起草:FILE 一行一种物资,批准时先到期的先出。"""
    incident_id = None if incident is None else app.runtime.read(incidents.incident, actor, incident).id
    order = TransferOrderInput(
        lines=read_part(TRANSFER_ORDER_LINES, file), incident_id=incident_id, due_on=due_on, **fields
    )
    made = app.runtime.run(commands.draft, actor, order)
    done(f"已起草,编号 {app.runtime.read(queries.transfer_by_id, actor, made).number}。")


@transfer.command("approve")
@click.argument("number")
@acting
def approve(app: App, actor: Actor, number: str) -> None:
    """批准:选定批次并预留,开具调剂调拨单。"""
    app.runtime.run(commands.approve, actor, number)
    done(f"{number}:已批准。")


@transfer.command("refuse")
@click.argument("number")
@BECAUSE
@acting
def refuse(app: App, actor: Actor, number: str, because: str) -> None:
    """不批准。"""
    app.runtime.run(commands.refuse, actor, number, because)
    done(f"{number}:未批准。")


@transfer.command("cancel")
@click.argument("number")
@BECAUSE
@acting
def cancel(app: App, actor: Actor, number: str, because: str) -> None:
    """装车前取消,释放预留。"""
    app.runtime.run(commands.cancel, actor, number, because)
    done(f"{number}:已取消。")


@transfer.command("send")
@click.argument("number")
@click.option("--carrier", default="", metavar="TEXT", help="承运单位名称(未登记的单位)")
@click.option("--carrier-code", default="", metavar="CODE", help="承运单位代码(已登记的单位);与 --carrier 只用一种")
@click.option("--vehicle", required=True, metavar="PLATE", help="车牌号")
@click.option("--driver", required=True, metavar="NAME", help="驾驶员")
@click.option("--driver-phone", default="", metavar="TEXT", help="驾驶员电话")
@click.option("--escort", default="", metavar="NAME", help="押运员")
@click.option("--seal-number", default="", metavar="TEXT", help="封签号")
@click.option("--expected-at", type=WHEN, required=True, help="预计到达时间")
@click.option("--loaded", multiple=True, metavar="LINE=QUANTITY", help="实装数量,如 1=118;不写的行全部装车")
@click.option("--short-reason", default="", metavar="TEXT", help="少装的原因")
@acting
def send(app: App, actor: Actor, number: str, loaded: Sequence[str], expected_at: datetime, **fields: Any) -> None:
    """装车发运:物资离库在途,开具出库单和运输交接单。"""
    row = app.runtime.read(queries.transfer, actor, number)
    amounts = quantities(loaded, row.lots, "--loaded ")
    app.runtime.run(carrying.send, actor, SendInput(transfer=number, expected_at=expected_at, loaded=amounts, **fields))
    done(f"{number}:已发运。")


@transfer.command("arrive")
@click.argument("number")
@click.option("--receiver", required=True, metavar="NAME", help="签收人")
@click.option("--at", "arrived_at", type=WHEN, help="到达时间;不填为现在(用 --key 时必填)")
@click.option("--good", multiple=True, metavar="LINE=QUANTITY", help="完好数量,如 1=116;不写的行全部完好")
@click.option("--damaged", multiple=True, metavar="LINE=QUANTITY", help="破损数量")
@click.option("--location", "location_code", default="", metavar="CODE", help="放入的库位;不填为第一个存放库位")
@click.option("--seal-broken", is_flag=True, help="封签破损")
@click.option("--cause", default="", metavar="TEXT", help="短少、破损的原因(有差异时必填)")
@click.option("--more", "more_follows", is_flag=True, help="还有后续到货:不写的行未到,缺的仍在途")
@acting
def arrive(
    app: App,
    actor: Actor,
    number: str,
    receiver: str,
    arrived_at: datetime | None,
    good: Sequence[str],
    damaged: Sequence[str],
    location_code: str,
    seal_broken: bool,
    cause: str,
    more_follows: bool,
) -> None:
    """收货:完好的上架,破损的进待检区,短少的记损失;分几次到的用 --more。"""
    row = app.runtime.read(queries.transfer, actor, number)
    whole, broken = quantities(good, row.lots, "--good "), quantities(damaged, row.lots, "--damaged ")
    found = tuple(
        ArrivedLine(
            line.id,
            whole.get(line.id, 0 if more_follows else line.on_the_road - broken.get(line.id, 0)),
            broken.get(line.id, 0),
        )
        for line in row.lots
        if line.id in whole or line.id in broken
    )
    numbers = {line.id: line.line_no for line in row.lots}
    tell_lines_with(partial(_told, [numbers[each.line_id] for each in found]))
    when = arrival_time(app, actor, arrived_at)
    app.runtime.run(
        arriving.arrive,
        actor,
        ArriveInput(number, receiver, when, found, location_code, not seal_broken, cause, more_follows),
    )
    came = app.runtime.read(queries.transfer, actor, number)
    done(f"{number}:{label(came.state)}。")


def _told(numbers: Sequence[int], error: FieldError) -> str | None:
    """An error about the n-th line of an arrival by the number of its line."""
    place = error.field.removeprefix("lines.").partition(".")[0]
    return (
        f"第 {numbers[int(place)]} 行:{field_message(error)}" if place.isdigit() and int(place) < len(numbers) else None
    )


@transfer.command("take-back")
@click.argument("number")
@BECAUSE
@acting
def take_back(app: App, actor: Actor, number: str, because: str) -> None:
    """未能送达的退回原库位;已到的部分照常结清。"""
    app.runtime.run(carrying.take_back, actor, number, because)
    done(f"{number}:已退回。")


@transfer.command("change-owner")
@click.argument("number")
@acting
def change_owner(app: App, actor: Actor, number: str) -> None:
    """办理物权划转:物资不动,转为新物权单位的子批次。"""
    app.runtime.run(owning.change_owner, actor, number)
    done(f"{number}:已划转。")


ROAD: Columns = (
    ("单号", "number"),
    ("物资", "item_name"),
    ("批次", "lot_number"),
    ("数量", "quantity"),
    ("单位", "unit"),
    ("从", "from_site_name"),
    ("到", "to_site_name"),
    ("车牌", "vehicle"),
    ("驾驶员", "driver"),
    ("预计到达", "expected_at"),
    ("逾期", "is_overdue"),
)


@transfer.command("road")
@click.option("--overdue", "only_overdue", is_flag=True, help="只看逾期的")
@viewing
def road(app: App, actor: Actor, json_output: bool, only_overdue: bool) -> None:
    """在途物资:路上有什么、谁在运、何时应到。"""
    rows = app.runtime.read(transit_queries.on_the_road, actor)
    show_rows([row for row in rows if row.is_overdue or not only_overdue], ROAD, json_output=json_output)


def register(group: click.Group) -> None:
    """Add this module's commands."""
    group.add_command(transfer)
