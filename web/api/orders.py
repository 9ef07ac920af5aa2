"""Orders over the API: release instructions, consignments, shipments, and every step with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from supplyops.dispatch import approving, commands, handing_over, queries, relining, standby_queries, watching
from supplyops.dispatch.rules import HandoverInput, LoadInput, ReliningInput, ShorteningInput
from supplyops.dispatch.standby_queries import StandbyRow
from supplyops.dispatch.views import (
    ConsignmentRow,
    DiscrepancyRow,
    ExpectedRow,
    InstructionRow,
    OrderFilter,
    ShipmentRow,
)
from supplyops.dispatch.watching import AlertRow
from supplyops.kernel.errors import NotFound
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, noun, run, window, writes
from web.pages.orders import filter_from_query

__all__ = ["Reason"]

instructions_blueprint = noun("instructions", "动用指令")
consignments_blueprint = noun("consignments", "调拨单:接令、装车、签收、改派、退回、取消")
shipments_blueprint = noun("shipments", "运输任务:发车")
expected_blueprint = noun("expected", "供应商待送的物资")
FILTER = {
    "incident": "事件编号",
    "state": "状态",
    "open": "1 只看未完成",
    "overdue": "1 只看超时",
    "site": "场所代码",
    "text": "编号或名称的一部分",
    "offset": "跳过几行",
    "limit": "最多几行,不超过 500",
}


@dataclass(frozen=True, slots=True)
class Reroute:
    """Where a consignment goes instead, and why."""

    site_code: str
    because: str


def _window() -> dict[str, int]:
    offset, limit = window()
    return {"offset": offset, "limit": limit}


@instructions_blueprint.get("/")
@asks(instructions_blueprint, **FILTER)
@answers(instructions_blueprint, InstructionRow, many=True)
@authenticated
def instructions() -> Any:
    """可见的动用指令,新的在前。"""
    return view.read(queries.instructions, filter_from_query(), **_window())


@instructions_blueprint.get("/<number>")
@answers(instructions_blueprint, InstructionRow)
@authenticated
def instruction(number: str) -> Any:
    """一份动用指令(编号、文号或 id)。"""
    return view.read(queries.instruction, number)


@instructions_blueprint.post("/<number>/sign")
@writes(instructions_blueprint)
@answers(instructions_blueprint, InstructionRow)
@authenticated
def sign(number: str) -> Any:
    """登记口头指令已补签书面手续。"""
    row = view.read(queries.instruction, number)
    run(approving.sign_paper, row.id)
    return view.read(queries.instruction, number)


@consignments_blueprint.get("/")
@asks(consignments_blueprint, **FILTER)
@answers(consignments_blueprint, ConsignmentRow, many=True)
@authenticated
def consignments() -> Any:
    """可见的调拨单及明细、时限、可执行的步骤。"""
    return view.read(queries.consignments, filter_from_query(), **_window())


@consignments_blueprint.get("/alerts")
@asks(consignments_blueprint, site="场所代码:发出或接收的", open="1 只看仍未装车、未到达的", limit="最多几行")
@answers(consignments_blueprint, AlertRow, many=True)
@authenticated
def alerts() -> Any:
    """超时告警:没有按时装车或到达的调拨单,新的在前。"""
    args = request.args
    return view.read(watching.alerts, window()[1], args.get("site", "")[:40], args.get("open") == "1")


@consignments_blueprint.get("/<number>")
@answers(consignments_blueprint, ConsignmentRow)
@authenticated
def consignment(number: str) -> Any:
    """一份调拨单。"""
    return view.read(queries.consignment, number)


@consignments_blueprint.get("/<number>/discrepancies")
@answers(consignments_blueprint, DiscrepancyRow, many=True)
@authenticated
def discrepancies(number: str) -> Any:
    """签收时发现的差异。"""
    return view.read(queries.discrepancies, consignment_id=view.read(queries.consignment, number).id)


@consignments_blueprint.post("/<number>/accept")
@writes(consignments_blueprint)
@answers(consignments_blueprint, ConsignmentRow)
@authenticated
def accept(number: str) -> Any:
    """保管单位接令。"""
    run(commands.accept, view.read(queries.consignment, number).id)
    return view.read(queries.consignment, number)


@consignments_blueprint.post("/<number>/load")
@writes(consignments_blueprint, LoadInput, moves_stock=True)
@answers(consignments_blueprint, ConsignmentRow)
@authenticated
def load(number: str) -> Any:
    """登记装车;未列出的明细按应装数全部装车,少装须有原因。"""
    row = view.read(queries.consignment, number)
    run(commands.load, body(LoadInput, consignment_id=str(row.id)))
    return view.read(queries.consignment, number)


@consignments_blueprint.get("/<number>/standby-lots")
@answers(consignments_blueprint, StandbyRow, many=True)
@authenticated
def standby(number: str) -> Any:
    """装车前可以顶替的批次,先到期的在前。"""
    return view.read(standby_queries.standby_lots, view.read(queries.consignment, number).id)


@consignments_blueprint.post("/<number>/reline")
@writes(consignments_blueprint, ReliningInput)
@answers(consignments_blueprint, ConsignmentRow)
@authenticated
def reline(number: str) -> Any:
    """一行明细重新占用库存,或改用其他批次。"""
    run(relining.reline, _of(number, body(ReliningInput)))
    return view.read(queries.consignment, number)


@consignments_blueprint.post("/<number>/shorten")
@writes(consignments_blueprint, ShorteningInput)
@answers(consignments_blueprint, ConsignmentRow)
@authenticated
def shorten(number: str) -> Any:
    """一行明细减少数量,减少的部分重新参加分配。"""
    run(relining.shorten, _of(number, body(ShorteningInput)))
    return view.read(queries.consignment, number)


def _of(number: str, wish: Any) -> Any:
    """The wish, if its line is one of that order's. Raises NotFound."""
    if wish.line_id not in {line.id for line in view.read(queries.consignment, number).lines}:
        raise NotFound("consignment", reference=number)
    return wish


@consignments_blueprint.post("/<number>/deliver")
@writes(consignments_blueprint, HandoverInput, moves_stock=True)
@answers(consignments_blueprint, ConsignmentRow)
@authenticated
def deliver(number: str) -> Any:
    """登记签收;未列出的明细全部完好,有差异须有原因。"""
    row = view.read(queries.consignment, number)
    run(handing_over.deliver, body(HandoverInput, consignment_id=str(row.id)))
    return view.read(queries.consignment, number)


@consignments_blueprint.post("/<number>/take-back")
@writes(consignments_blueprint, Reason, moves_stock=True)
@answers(consignments_blueprint, ConsignmentRow)
@authenticated
def take_back(number: str) -> Any:
    """退回入库。"""
    run(commands.take_back, view.read(queries.consignment, number).id, body(Reason).because)
    return view.read(queries.consignment, number)


@consignments_blueprint.post("/<number>/reroute")
@writes(consignments_blueprint, Reroute)
@answers(consignments_blueprint, ConsignmentRow)
@authenticated
def reroute(number: str) -> Any:
    """改派到其他场所。"""
    wanted = body(Reroute)
    run(commands.reroute, view.read(queries.consignment, number).id, wanted.site_code, wanted.because)
    return view.read(queries.consignment, number)


@consignments_blueprint.post("/<number>/cancel")
@writes(consignments_blueprint, Reason)
@answers(consignments_blueprint, ConsignmentRow)
@authenticated
def cancel(number: str) -> Any:
    """装车前取消。"""
    run(commands.cancel, view.read(queries.consignment, number).id, body(Reason).because)
    return view.read(queries.consignment, number)


@shipments_blueprint.get("/")
@asks(shipments_blueprint, **FILTER)
@answers(shipments_blueprint, ShipmentRow, many=True)
@authenticated
def shipments() -> Any:
    """可见的运输任务。"""
    return view.read(queries.shipments, filter_from_query(), **_window())


@shipments_blueprint.get("/<number>")
@answers(shipments_blueprint, ShipmentRow)
@authenticated
def shipment(number: str) -> Any:
    """一次运输任务。"""
    return view.read(queries.shipment, number)


@shipments_blueprint.get("/<number>/consignments")
@answers(shipments_blueprint, ConsignmentRow, many=True)
@authenticated
def on_board(number: str) -> Any:
    """车上的调拨单。"""
    row = view.read(queries.shipment, number)
    return view.read(queries.consignments, OrderFilter(shipment_id=row.id), limit=500)


@shipments_blueprint.post("/<number>/depart")
@writes(shipments_blueprint)
@answers(shipments_blueprint, ShipmentRow)
@authenticated
def depart(number: str) -> Any:
    """发车;同车的调拨单须已装车或取消。"""
    run(commands.depart, view.read(queries.shipment, number).id)
    return view.read(queries.shipment, number)


@expected_blueprint.get("/")
@answers(expected_blueprint, ExpectedRow, many=True)
@authenticated
def expected() -> Any:
    """供应商已承诺、尚未送到本单位场所的物资。"""
    return view.read(queries.expected)
