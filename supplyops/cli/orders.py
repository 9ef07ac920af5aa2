"""Orders: release instructions, consignments and trips, and what stores, drivers and receivers do with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import click

from supplyops.cli.app import App, Failure, acting, bypass_option
from supplyops.cli.nouns import (
    INVALID,
    WHEN,
    Columns,
    Record,
    Section,
    add_show,
    by,
    done,
    quantities,
    show_record,
    show_rows,
    viewing,
)
from supplyops.dispatch import approving, commands, handing_over, queries, relining, standby_queries, watching
from supplyops.dispatch.rules import (
    FetchedGoods,
    HandoverInput,
    HandoverLine,
    LoadInput,
    ReliningInput,
    ShorteningInput,
)
from supplyops.dispatch.views import OrderFilter
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import Actor
from supplyops.runtime import Query
from supplyops.wording.labels import label

_ALL = 10_000


@click.group()
def order() -> None:
    """动用指令与调拨单:接令、装车、签收、取消、改派、退回。"""


@click.group()
def shipment() -> None:
    """运输任务:一辆车的一趟。"""


@click.group()
def instruction() -> None:
    """动用指令:物权单位批准动用。"""


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
CLOCKS: Columns = (("时限", "kind"), ("期限", "due_at"), ("完成", "done_at"), ("情况", "state"))
ALERT: Columns = (
    ("调拨单", "consignment_number"),
    ("时限", "kind"),
    ("期限", "due_at"),
    ("告警时间", "raised_at"),
    ("现在", "state"),
)
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


def _listing(group: click.Group, query: Query[Any, Any], columns: Columns, help_text: str) -> None:
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
        show_rows(app.runtime.read(query, actor, where, 0, _ALL), columns, json_output=json_output)


_listing(order, queries.consignments, CONSIGNMENT, "列出调拨单,先到期的在后。")
_listing(shipment, queries.shipments, SHIPMENT, "列出运输任务。")
_listing(instruction, queries.instructions, INSTRUCTION, "列出动用指令,新的在前。")

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


@instruction.command("show")
@click.argument("number")
@viewing
def show_instruction(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一道动用指令及其调拨单。"""
    row = app.runtime.read(queries.instruction, actor, number)
    orders = app.runtime.read(queries.consignments, actor, OrderFilter(instruction_id=row.id), 0, _ALL)
    record = Record(
        (
            *INSTRUCTION,
            ("突发事件", lambda each: f"{each.incident_number} {each.incident_name}"),
            ("装车期限", "load_by"),
            ("口头批准", lambda each: _oral(each.oral)),
            ("书面补签期限", "paper_due_at"),
            ("书面补签时间", "paper_signed_at"),
            ("备注", "note"),
            ("结束原因", "ended_because"),
        ),
        (Section("调拨单", lambda _: orders, CONSIGNMENT), Section("时限", lambda each: each.clocks, CLOCKS)),
    )
    show_record(row, record, json_output=json_output, more={"consignments": orders})


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


@shipment.command("show")
@click.argument("number")
@viewing
def show_shipment(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """查看一趟运输任务:停靠点和车上的调拨单。"""
    row = app.runtime.read(queries.shipment, actor, number)
    orders = app.runtime.read(queries.consignments, actor, OrderFilter(shipment_id=row.id), 0, _ALL)
    record = Record(
        (
            *SHIPMENT,
            ("突发事件", lambda each: f"{each.incident_number} {each.incident_name}"),
            ("承运", "carrier_name"),
            ("封签号", "seal_number"),
            ("发车时间", "departed_at"),
            ("计划返回", "planned_return_at"),
            ("结束时间", "closed_at"),
            ("停靠", lambda each: " → ".join(str(stop.get("site_name", "")) for stop in each.stops)),
            ("您可以", lambda each: "、".join(label(step) for step in each.steps)),
        ),
        (Section("调拨单", lambda _: orders, CONSIGNMENT), Section("时限", lambda each: each.clocks, CLOCKS)),
    )
    show_record(row, record, json_output=json_output, more={"consignments": orders})


def _act(app: App, actor: Actor, number: str, act: Callable[[Any], Any], said: str) -> None:
    """Do something with a consignment and say so."""
    row = app.runtime.read(queries.consignment, actor, number)
    act(row)
    done(f"{row.number}:{said}。")


@order.command("accept")
@click.argument("number")
@acting
def accept(app: App, actor: Actor, number: str) -> None:
    """保管单位接令,开始拣货。"""
    _act(app, actor, number, lambda row: app.runtime.run(commands.accept, actor, row.id), "已接令")


@order.command("load")
@click.argument("number")
@click.option("--loaded", multiple=True, metavar="行号=数量", help="实装数量,可多次;不写的行按应发数量")
@click.option("--seal", "seal_number", default="", metavar="NUMBER", help="封签号")
@click.option("--short-reason", default="", metavar="TEXT", help="少装的原因")
@click.option("--turn-reason", default="", metavar="TEXT", help="装了后到期批次的原因(先到期的还有可用量时必填)")
@click.option("--fund", "fund_source", default="", metavar="TEXT", help="到供方自提的:资金来源;不写按“采购”记")
@click.option(
    "--goods",
    multiple=True,
    metavar="行号:名=值,…",
    help="到供方自提的:货上写的,可多次,如 1:produced_on=2025-12-01,maker_batch=Y-12;"
    "名有 lot_number、produced_on、expires_on、manufacturer、maker_batch",
)
@bypass_option
@acting
def load(app: App, actor: Actor, number: str, loaded: tuple[str, ...], goods: tuple[str, ...], **more: str) -> None:
    """装车:物资出库上车,开具出库单;到供方自提的,从供方装车,登记批次。"""

    def act(row: Any) -> None:
        told = tuple(_goods(row, text) for text in goods)
        wanted = LoadInput(row.id, quantities(loaded, row.lines, "--loaded"), goods=told, **more)
        app.runtime.run(commands.load, actor, wanted)

    _act(app, actor, number, act, "已装车")


_DAYS = ("produced_on", "expires_on")
_WORDS = ("lot_number", "manufacturer", "maker_batch")


def _goods(row: Any, text: str) -> FetchedGoods:
    """`1:produced_on=2025-12-01,maker_batch=Y-12` -> what is written on the goods of line 1."""
    line_no, _, words = text.partition(":")
    pairs = [word.partition("=")[::2] for word in words.split(",") if word.strip()]
    told: dict[str, Any] = {name.strip(): value.strip() for name, value in pairs}
    if not line_no.strip().isdecimal() or not set(told) <= {*_DAYS, *_WORDS}:
        raise Failure(f"--goods {text}:应写成 行号:名=值,名为 {'、'.join((*_WORDS, *_DAYS))}", INVALID)
    for name in _DAYS:
        if name in told:
            try:
                told[name] = date.fromisoformat(told[name])
            except ValueError:
                raise Failure(f"--goods {text}:{name} 应是日期,如 2025-12-01", INVALID) from None
    return FetchedGoods(_line_id(row, int(line_no)), **told)


@order.command("reline")
@click.argument("number")
@click.option("--line", "line_no", type=click.IntRange(1), required=True, metavar="行号", help="哪一行")
@click.option("--lot", "lot_number", default="", metavar="NUMBER", help="改用的批次;不填为原批次重新占用")
@click.option("--location", "location_code", default="", metavar="CODE", help="库位")
@click.option("--because", required=True, metavar="TEXT", help="原因")
@acting
def reline(
    app: App, actor: Actor, number: str, line_no: int, lot_number: str, location_code: str, because: str
) -> None:
    """装车前为一行明细重新占用库存,或改用其他批次(同物资、同物权、本库)。"""
    _act(
        app,
        actor,
        number,
        lambda row: app.runtime.run(
            relining.reline, actor, ReliningInput(_line_id(row, line_no), because, lot_number, location_code)
        ),
        "已重新占用",
    )


@order.command("shorten")
@click.argument("number")
@click.option("--line", "line_no", type=click.IntRange(1), required=True, metavar="行号", help="哪一行")
@click.option("--to", "quantity", type=click.IntRange(0), required=True, metavar="数量", help="减为多少")
@click.option("--because", required=True, metavar="TEXT", help="原因")
@acting
def shorten(app: App, actor: Actor, number: str, line_no: int, quantity: int, because: str) -> None:
    """装车前减少一行明细的数量;减少的部分重新参加分配。"""
    _act(
        app,
        actor,
        number,
        lambda row: app.runtime.run(
            relining.shorten, actor, ShorteningInput(_line_id(row, line_no), quantity, because)
        ),
        f"第{line_no}行已减为 {quantity}",
    )


def _line_id(row: Any, line_no: int) -> Any:
    found = next((line.id for line in row.lines if line.line_no == line_no), None)
    if found is None:
        raise Failure(f"{row.number} 没有第 {line_no} 行", INVALID)
    return found


@order.command("standby")
@click.argument("number")
@viewing
def standby(app: App, actor: Actor, json_output: bool, number: str) -> None:
    """列出装车前可以顶替的批次,先到期的在前。"""
    row = app.runtime.read(queries.consignment, actor, number)
    rows = app.runtime.read(standby_queries.standby_lots, actor, row.id)
    show_rows(
        rows,
        (
            ("行号", "line_no"),
            ("批次", "lot_number"),
            ("库位", "location_code"),
            ("有效期至", "expires_on"),
            ("可用", "available"),
        ),
        json_output=json_output,
    )


@order.command("deliver")
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

    def act(row: Any) -> None:
        found = tuple(_handover_line(text, row.lines) for text in lines)
        when = arrived_at or app.runtime.clock()
        handover = HandoverInput(row.id, receiver, position, phone, when, found, not seal_broken, cause)
        app.runtime.run(handing_over.deliver, actor, handover)

    _act(app, actor, number, act, "已签收")


def _handover_line(text: str, lines: Any) -> HandoverLine:
    name, _, amounts = text.partition("=")
    row = next((line for line in lines if name in (str(line.line_no), line.sku, line.lot_number)), None)
    parts = amounts.split(",")
    if row is None or not 1 <= len(parts) <= 3 or not all(part.isdigit() for part in parts):
        raise Failure(f"--line“{text}”应写成 行号=完好[,破损[,拒收]],例如 1=58,2", INVALID)
    return HandoverLine(row.id, *(int(part) for part in parts))


_BECAUSE = click.option("--because", required=True, metavar="TEXT", help="原因")


@order.command("cancel")
@click.argument("number")
@_BECAUSE
@acting
def cancel(app: App, actor: Actor, number: str, because: str) -> None:
    """装车前取消:预留释放,需求恢复,调拨单作废。"""
    _act(app, actor, number, lambda row: app.runtime.run(commands.cancel, actor, row.id, because), "已取消")


@order.command("reroute")
@click.argument("number")
@click.argument("site_code", metavar="SITE")
@_BECAUSE
@acting
def reroute(app: App, actor: Actor, number: str, site_code: str, because: str) -> None:
    """装车后改派到另一场所,开具新版调拨单。"""
    _act(app, actor, number, lambda row: app.runtime.run(commands.reroute, actor, row.id, site_code, because), "已改派")


@order.command("return")
@click.argument("number")
@_BECAUSE
@bypass_option
@acting
def take_back(app: App, actor: Actor, number: str, because: str) -> None:
    """退回原库:整单未送达的,或签收时被拒收的。"""
    _act(app, actor, number, lambda row: app.runtime.run(commands.take_back, actor, row.id, because), "已退回")


@shipment.command("depart")
@click.argument("number")
@acting
def depart(app: App, actor: Actor, number: str) -> None:
    """发车:车上的调拨单进入在途,开具运输交接单。"""
    row = app.runtime.read(queries.shipment, actor, number)
    app.runtime.run(commands.depart, actor, row.id)
    done(f"{row.number}:已发车。")


@order.command("differences")
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


def register(group: click.Group) -> None:
    """Add this module's commands."""
    for each in (order, shipment, instruction):
        group.add_command(each)
