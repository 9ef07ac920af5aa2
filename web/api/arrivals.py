"""Expected deliveries over the API."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.arrivals import commands, queries
from supplyops.arrivals.queries import ArrivalFilter, ArrivalRow
from supplyops.arrivals.rules import ArrivalAcceptance, ArrivalInspection, ArrivalNotice, ArrivalState
from supplyops.stock import document_queries
from supplyops.stock.document_queries import StockDocumentRow
from supplyops.stock.documents import ReceiptKind
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, choice, noun, run, window, writes

blueprint = noun("arrivals", "到货:通知、卸货前验货、分批入库、办结")


@blueprint.get("/")
@asks(
    blueprint, state="状态", kind="入库类型", site="场所代码", text="编号、来源的一部分",
    open="填 1 只看还要收货的", late="填 1 只看逾期未到的",
    offset="跳过几行", limit="最多几行",
)  # fmt: skip
@answers(blueprint, ArrivalRow, many=True)
@authenticated
def arrivals() -> Any:
    """可见的到货通知,预计到货晚的在前。"""
    offset, limit = window()
    args = request.args
    where = ArrivalFilter(
        choice(ArrivalState, "state"),
        choice(ReceiptKind, "kind"),
        args.get("site", "")[:40],
        args.get("text", "")[:60],
        args.get("open") == "1",
        args.get("late") == "1",
    )
    return view.read(queries.arrivals, where, offset=offset, limit=limit)


@blueprint.post("/")
@writes(blueprint, ArrivalNotice)
@answers(blueprint, ArrivalRow, status=201)
@authenticated
def announce() -> Any:
    """登记到货通知。"""
    return view.read(queries.arrival_by_id, run(commands.announce, body(ArrivalNotice)))


@blueprint.get("/<number>")
@answers(blueprint, ArrivalRow)
@authenticated
def arrival(number: str) -> Any:
    """一份到货通知及其车次。"""
    return view.read(queries.arrival, number)


@blueprint.post("/<number>/loads")
@writes(blueprint, ArrivalInspection)
@answers(blueprint, ArrivalRow, status=201)
@authenticated
def inspect(number: str) -> Any:
    """卸货前验货并签字。"""
    run(commands.inspect, view.read(queries.arrival, number).id, body(ArrivalInspection))
    return view.read(queries.arrival, number)


@blueprint.post("/<number>/receipts")
@writes(blueprint, ArrivalAcceptance)
@answers(blueprint, StockDocumentRow, status=201)
@authenticated
def accept(number: str) -> Any:
    """把验过的一车入库。"""
    row = view.read(queries.arrival, number)
    return view.read(document_queries.document_by_id, run(commands.accept, row.id, body(ArrivalAcceptance)))


@blueprint.post("/<number>/close")
@writes(blueprint, Reason)
@answers(blueprint, ArrivalRow)
@authenticated
def close(number: str) -> Any:
    """办结:其余不再到货。"""
    run(commands.close, view.read(queries.arrival, number).id, body(Reason).because)
    return view.read(queries.arrival, number)


@blueprint.post("/<number>/cancel")
@writes(blueprint, Reason)
@answers(blueprint, ArrivalRow)
@authenticated
def cancel(number: str) -> Any:
    """取消还没有到货的通知。"""
    run(commands.cancel, view.read(queries.arrival, number).id, body(Reason).because)
    return view.read(queries.arrival, number)
