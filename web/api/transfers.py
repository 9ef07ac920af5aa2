"""Transfers between sites over the API, what is on the road, and what is owed back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request

from supplyops.insight import transit_queries
from supplyops.insight.transit_queries import RoadRow
from supplyops.obligations import commands as obligation_commands
from supplyops.obligations import queries as obligation_queries
from supplyops.obligations.queries import AgeingRow, ObligationFilter, ObligationRow
from supplyops.obligations.rules import AgeBand, SettlementInput, SettlementKind
from supplyops.transfers import arriving, carrying, commands, owning, queries
from supplyops.transfers.rules import (
    ArrivedLine,
    ArriveInput,
    SendInput,
    TransferKind,
    TransferOrderInput,
    TransferState,
)
from supplyops.transfers.views import TransferFilter, TransferRow
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, choice, noun, run, window, writes

transfers_blueprint = noun("transfers", "调剂调拨:仓库、储备点之间的下拨、调剂、上级调用、代储、移储、划转、归还")
obligations_blueprint = noun("obligations", "归还义务:调剂、上级调用后欠谁、欠什么")


@dataclass(frozen=True, slots=True)
class Sending:
    """What is put on which vehicle, by the lots of the transfer. The carrier: a registered body's code, or a name."""

    vehicle: str
    driver: str
    expected_at: datetime
    carrier: str = ""
    carrier_code: str = ""
    driver_phone: str = ""
    escort: str = ""
    seal_number: str = ""
    loaded: dict[UUID, int] = field(default_factory=dict)
    short_reason: str = ""


@dataclass(frozen=True, slots=True)
class Arriving:
    """What was found at the other end. Where more follows, what is not named stays on the road."""

    receiver: str
    arrived_at: datetime
    lines: tuple[ArrivedLine, ...] = ()
    location_code: str = ""
    is_seal_intact: bool = True
    cause: str = ""
    more_follows: bool = False


@dataclass(frozen=True, slots=True)
class Settling:
    """So much of an item given back, by a receipt or in money."""

    sku: str
    quantity: int
    kind: SettlementKind
    receipt_number: str = ""
    amount_fen: int = 0
    voucher: str = ""
    note: str = ""


def _values(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


@transfers_blueprint.get("/")
@asks(
    transfers_blueprint,
    state="状态",
    kind="类型",
    site="场所代码",
    text="单号、场所、车牌的一部分",
    open="1 只看未办结",
    overdue="1 只看逾期",
    offset="跳过几行",
    limit="最多几行",
)
@answers(transfers_blueprint, TransferRow, many=True)
@authenticated
def transfers() -> Any:
    """可见的调剂调拨单,新的在前。"""
    where = TransferFilter(
        choice(TransferState, "state"),
        choice(TransferKind, "kind"),
        request.args.get("site", "")[:40],
        request.args.get("text", "")[:60],
        only_open=request.args.get("open") == "1",
        only_overdue=request.args.get("overdue") == "1",
    )
    return view.read(queries.transfers, where, *window())


@transfers_blueprint.post("/")
@writes(transfers_blueprint, TransferOrderInput)
@answers(transfers_blueprint, TransferRow, status=201)
@authenticated
def draft() -> Any:
    """起草一张调剂调拨单。"""
    return view.read(queries.transfer_by_id, run(commands.draft, body(TransferOrderInput)))


@transfers_blueprint.get("/road")
@asks(transfers_blueprint, overdue="1 只看逾期")
@answers(transfers_blueprint, RoadRow, many=True)
@authenticated
def road() -> Any:
    """在途物资:路上有什么、谁在运、何时应到。"""
    rows = view.read(transit_queries.on_the_road)
    return [row for row in rows if row.is_overdue or request.args.get("overdue") != "1"]


@transfers_blueprint.get("/<number>")
@answers(transfers_blueprint, TransferRow)
@authenticated
def transfer(number: str) -> Any:
    """一张调剂调拨单。"""
    return view.read(queries.transfer, number)


@transfers_blueprint.post("/<number>/approve")
@writes(transfers_blueprint)
@answers(transfers_blueprint, TransferRow)
@authenticated
def approve(number: str) -> Any:
    """批准:选定批次并预留。"""
    run(commands.approve, number)
    return view.read(queries.transfer, number)


@transfers_blueprint.post("/<number>/refuse")
@writes(transfers_blueprint, Reason)
@answers(transfers_blueprint, TransferRow)
@authenticated
def refuse(number: str) -> Any:
    """不批准。"""
    run(commands.refuse, number, body(Reason).because)
    return view.read(queries.transfer, number)


@transfers_blueprint.post("/<number>/cancel")
@writes(transfers_blueprint, Reason)
@answers(transfers_blueprint, TransferRow)
@authenticated
def cancel(number: str) -> Any:
    """装车前取消。"""
    run(commands.cancel, number, body(Reason).because)
    return view.read(queries.transfer, number)


@transfers_blueprint.post("/<number>/send")
@writes(transfers_blueprint, Sending)
@answers(transfers_blueprint, TransferRow)
@authenticated
def send(number: str) -> Any:
    """装车发运。"""
    run(carrying.send, SendInput(transfer=number, **_values(body(Sending))))
    return view.read(queries.transfer, number)


@transfers_blueprint.post("/<number>/arrive")
@writes(transfers_blueprint, Arriving)
@answers(transfers_blueprint, TransferRow)
@authenticated
def arrive(number: str) -> Any:
    """收货:完好、破损,其余为短少;还有后续到货的,其余仍在途。"""
    run(arriving.arrive, ArriveInput(transfer=number, **_values(body(Arriving))))
    return view.read(queries.transfer, number)


@transfers_blueprint.post("/<number>/take-back")
@writes(transfers_blueprint, Reason)
@answers(transfers_blueprint, TransferRow)
@authenticated
def take_back(number: str) -> Any:
    """未能送达的退回原库位;已到的部分照常结清。"""
    run(carrying.take_back, number, body(Reason).because)
    return view.read(queries.transfer, number)


@transfers_blueprint.post("/<number>/change-owner")
@writes(transfers_blueprint)
@answers(transfers_blueprint, TransferRow)
@authenticated
def change_owner(number: str) -> Any:
    """办理物权划转。"""
    run(owning.change_owner, number)
    return view.read(queries.transfer, number)


@obligations_blueprint.get("/")
@asks(
    obligations_blueprint,
    open="1 只看未结清",
    overdue="1 只看逾期",
    creditor="债权单位代码",
    debtor="欠物单位代码",
    band="账龄段",
    text="编号、单位的一部分",
)
@answers(obligations_blueprint, ObligationRow, many=True)
@authenticated
def obligations() -> Any:
    """可见的归还义务,先到期的在前。"""
    where = ObligationFilter(
        request.args.get("open") == "1",
        request.args.get("overdue") == "1",
        request.args.get("creditor", "")[:40],
        request.args.get("debtor", "")[:40],
        choice(AgeBand, "band"),
        request.args.get("text", "")[:60],
    )
    return view.read(obligation_queries.obligations, where)


@obligations_blueprint.get("/ageing")
@answers(obligations_blueprint, AgeingRow, many=True)
@authenticated
def ageing() -> Any:
    """账龄:谁欠谁多少,逾期多久。"""
    return view.read(obligation_queries.ageing)


@obligations_blueprint.get("/<number>")
@answers(obligations_blueprint, ObligationRow)
@authenticated
def obligation(number: str) -> Any:
    """一笔归还义务。"""
    return view.read(obligation_queries.obligation, number)


@obligations_blueprint.post("/<number>/settlements")
@writes(obligations_blueprint, Settling)
@answers(obligations_blueprint, ObligationRow, status=201)
@authenticated
def settle(number: str) -> Any:
    """登记结清:实物凭入库单,资金凭付款凭证。"""
    run(obligation_commands.settle, SettlementInput(number, **_values(body(Settling))))
    return view.read(obligation_queries.obligation, number)
