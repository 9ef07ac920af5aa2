"""Acceptances over the API: signatures and reports of receipts."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.stock import acceptance, acceptance_queries
from supplyops.stock.acceptance_queries import AcceptanceFilter, AcceptanceRow
from supplyops.stock.documents import AcceptanceReport, AcceptanceState
from web import view
from web.api.base import answers, asks, authenticated, body, choice, noun, run, window, writes

blueprint = noun("acceptances", "验收:入库单的两人签字和验收结果报告")


@blueprint.get("/")
@asks(
    blueprint,
    state="状态",
    site="场所代码",
    text="单号、来源的一部分",
    overdue="填 1 只看逾期未报的",
    offset="跳过几行",
    limit="最多几行",
)
@answers(blueprint, AcceptanceRow, many=True)
@authenticated
def acceptances() -> Any:
    """可见的验收记录,未报告的在前。"""
    offset, limit = window()
    return view.read(acceptance_queries.acceptances, _asked(), offset=offset, limit=limit)


def _asked() -> AcceptanceFilter:
    return AcceptanceFilter(
        choice(AcceptanceState, "state"),
        request.args.get("site", "")[:40],
        request.args.get("text", "")[:60],
        request.args.get("overdue") == "1",
    )


@blueprint.get("/<number>")
@answers(blueprint, AcceptanceRow)
@authenticated
def one(number: str) -> Any:
    """一张入库单的验收记录。"""
    return view.read(acceptance_queries.acceptance, number)


@blueprint.post("/<number>/sign")
@writes(blueprint)
@answers(blueprint, AcceptanceRow)
@authenticated
def sign(number: str) -> Any:
    """质检签字。"""
    run(acceptance.sign_inspection, view.read(acceptance_queries.acceptance, number).id)
    return view.read(acceptance_queries.acceptance, number)


@blueprint.post("/<number>/report")
@writes(blueprint, AcceptanceReport)
@answers(blueprint, AcceptanceRow)
@authenticated
def report(number: str) -> Any:
    """登记验收结果已报告。"""
    row = view.read(acceptance_queries.acceptance, number)
    run(acceptance.report_acceptance, row.id, body(AcceptanceReport))
    return view.read(acceptance_queries.acceptance, number)
