"""Rotation over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from supplyops.dispatch import printing
from supplyops.papers.rows import PaperRow
from supplyops.rotations import commands, queries
from supplyops.rotations.papers import issue_advice
from supplyops.rotations.queries import AdviceRow, RotationRow
from supplyops.rotations.rules import RotationInput, RotationState
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, choice, noun, run, window, writes
from web.api.documents import Consent

blueprint = noun("rotations", "轮换:到期前的处置建议和轮换单")


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """The document that a transfer or a scrapping has of its own."""

    document_number: str = ""


@dataclass(frozen=True, slots=True)
class AdviceOrder:
    """The store whose advice is to be printed."""

    site_code: str


@blueprint.get("/advice")
@asks(blueprint, site="场所代码")
@answers(blueprint, AdviceRow, many=True)
@authenticated
def advice() -> Any:
    """临近到期的库存和处置建议。"""
    return view.read(queries.advice, request.args.get("site", "")[:40])


@blueprint.post("/advice/papers")
@writes(blueprint, AdviceOrder)
@answers(blueprint, PaperRow, status=201)
@authenticated
def advice_paper() -> Any:
    """签发一个场所今天的轮换建议表;用单据接口取 PDF。"""
    return view.read(printing.paper, str(run(issue_advice, body(AdviceOrder).site_code))).row


@blueprint.get("/")
@asks(blueprint, state="状态", offset="跳过几行", limit="最多几行")
@answers(blueprint, RotationRow, many=True)
@authenticated
def rotations() -> Any:
    """可见的轮换单,新的在前。"""
    return view.read(queries.rotations, choice(RotationState, "state"), *window())


@blueprint.get("/<number>")
@answers(blueprint, RotationRow)
@authenticated
def rotation(number: str) -> Any:
    """一份轮换单。"""
    return view.read(queries.rotation, number)


@blueprint.post("/")
@writes(blueprint, RotationInput)
@answers(blueprint, RotationRow, status=201)
@authenticated
def propose() -> Any:
    """提出轮换。"""
    return view.read(queries.rotation, str(run(commands.propose, body(RotationInput))))


@blueprint.post("/<number>/decide")
@writes(blueprint, Consent)
@answers(blueprint, RotationRow)
@authenticated
def decide(number: str) -> Any:
    """批准或不同意轮换。"""
    decision = body(Consent)
    run(commands.decide, view.read(queries.rotation, number).id, decision.allowed, decision.note)
    return view.read(queries.rotation, number)


@blueprint.post("/<number>/cancel")
@writes(blueprint, Reason)
@answers(blueprint, RotationRow)
@authenticated
def cancel(number: str) -> Any:
    """取消轮换。"""
    run(commands.cancel, view.read(queries.rotation, number).id, body(Reason).because)
    return view.read(queries.rotation, number)


@blueprint.post("/<number>/carry-out")
@writes(blueprint, CarriedOut, moves_stock=True)
@answers(blueprint, RotationRow)
@authenticated
def carry_out(number: str) -> Any:
    """办理轮换;调剂、报废须填其单号。"""
    run(commands.carry_out, view.read(queries.rotation, number).id, body(CarriedOut).document_number)
    return view.read(queries.rotation, number)
