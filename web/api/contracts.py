"""Contracts and call-offs over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request

from supplyops.contracts import queries
from supplyops.contracts.queries import CallOffRow, ContractRow
from supplyops.contracts.rules import CallOffInput, CallOffState
from supplyops.dispatch import supplying
from supplyops.dispatch.rules import ArrivalInput
from supplyops.kernel.clock import business_day
from supplyops.stock.document_queries import StockDocumentRow, document_by_id
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, choice, noun, run, window, writes

contracts_blueprint = noun("contracts", "预签合同与保障数量")
call_offs_blueprint = noun("call-offs", "合同启用通知:下达、答复、发货、到货、取消、办结")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the supplier promises of each line, by the line's id; nothing is a refusal."""

    by: str
    promised: dict[UUID, int]


@contracts_blueprint.get("/")
@asks(contracts_blueprint, all="1 含不在有效期内的")
@answers(contracts_blueprint, ContractRow, many=True)
@authenticated
def contracts() -> Any:
    """可见的合同及明细、余量。"""
    every = request.args.get("all") == "1"
    return view.read(queries.contracts, None if every else business_day(view.runtime().clock()))


@contracts_blueprint.get("/<number>")
@answers(contracts_blueprint, ContractRow)
@authenticated
def contract(number: str) -> Any:
    """一份合同。"""
    return view.read(queries.contract, number)


@call_offs_blueprint.get("/")
@asks(call_offs_blueprint, state="状态", offset="跳过几行", limit="最多几行")
@answers(call_offs_blueprint, CallOffRow, many=True)
@authenticated
def call_offs() -> Any:
    """可见的启用通知,新的在前;供应商只见自己的。"""
    offset, limit = window()
    return view.read(queries.call_offs, state=choice(CallOffState, "state"), offset=offset, limit=limit)


@call_offs_blueprint.post("/")
@writes(call_offs_blueprint, CallOffInput)
@answers(call_offs_blueprint, CallOffRow, status=201)
@authenticated
def call_off() -> Any:
    """启用合同。"""
    return view.read(queries.call_off, run(supplying.call_off, body(CallOffInput)))


@call_offs_blueprint.get("/<number>")
@answers(call_offs_blueprint, CallOffRow)
@authenticated
def one_call_off(number: str) -> Any:
    """一份启用通知。"""
    return view.read(queries.call_off_named, number)


@call_offs_blueprint.post("/<number>/confirm")
@writes(call_offs_blueprint, Answer)
@answers(call_offs_blueprint, CallOffRow)
@authenticated
def confirm(number: str) -> Any:
    """供方答复:承诺数量,全部为零即拒绝;未承诺的退回合同。"""
    answer = body(Answer)
    run(supplying.confirm_call_off, view.read(queries.call_off_named, number).id, answer.promised, answer.by)
    return view.read(queries.call_off_named, number)


@call_offs_blueprint.post("/<number>/ship")
@writes(call_offs_blueprint)
@answers(call_offs_blueprint, CallOffRow)
@authenticated
def ship(number: str) -> Any:
    """供方发货。"""
    run(supplying.ship_call_off, view.read(queries.call_off_named, number).id)
    return view.read(queries.call_off_named, number)


@call_offs_blueprint.post("/<number>/cancel")
@writes(call_offs_blueprint, Reason)
@answers(call_offs_blueprint, CallOffRow)
@authenticated
def cancel(number: str) -> Any:
    """到货前取消。"""
    run(supplying.cancel_call_off, view.read(queries.call_off_named, number).id, body(Reason).because)
    return view.read(queries.call_off_named, number)


@call_offs_blueprint.post("/<number>/close")
@writes(call_offs_blueprint, Reason)
@answers(call_offs_blueprint, CallOffRow)
@authenticated
def close(number: str) -> Any:
    """办结;有未到货的须写明原因。"""
    run(supplying.close_call_off, view.read(queries.call_off_named, number).id, body(Reason).because)
    return view.read(queries.call_off_named, number)


@call_offs_blueprint.post("/arrivals")
@writes(call_offs_blueprint, ArrivalInput, moves_stock=True)
@answers(call_offs_blueprint, StockDocumentRow, status=201)
@authenticated
def receive() -> Any:
    """供应商送达,验收入库;答入库单。"""
    return view.read(document_by_id, run(supplying.receive_call_off, body(ArrivalInput)))
