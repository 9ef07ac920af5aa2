"""Recalls over the API."""

from __future__ import annotations

from typing import Any

from supplyops.lots import commands, queries
from supplyops.lots.queries import RecallRow
from supplyops.lots.rules import RecallInput
from supplyops.stock.rules import RecallState
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, choice, noun, run, writes

blueprint = noun("recalls", "召回:某厂家某批号的物资停用")


@blueprint.get("/")
@asks(blueprint, state="状态")
@answers(blueprint, RecallRow, many=True)
@authenticated
def recalls() -> Any:
    """可见的召回单,新的在前;去向见单份查询。"""
    return view.read(queries.recalls, choice(RecallState, "state"))


@blueprint.get("/<number>")
@answers(blueprint, RecallRow)
@authenticated
def recall(number: str) -> Any:
    """一份召回单:在库、在途、已发出的去向。"""
    return view.read(queries.recall, number)


@blueprint.post("/")
@writes(blueprint, RecallInput)
@answers(blueprint, RecallRow, status=201)
@authenticated
def order() -> Any:
    """召回一个厂家批号。"""
    recall_id = run(commands.recall_batch, body(RecallInput))
    number = next(row.number for row in view.read(queries.recalls) if row.id == recall_id)
    return view.read(queries.recall, number)


@blueprint.post("/<number>/end")
@writes(blueprint, Reason)
@answers(blueprint, RecallRow)
@authenticated
def end(number: str) -> Any:
    """结束召回。"""
    run(commands.end_recall, view.read(queries.recall, number).id, body(Reason).because)
    return view.read(queries.recall, number)
