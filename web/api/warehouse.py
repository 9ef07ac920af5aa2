"""Bins, putting away and scanning over the API."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.stock import document_queries
from supplyops.stock import queries as stock
from supplyops.stock.document_queries import StockDocumentRow
from supplyops.stock.views import StockFilter, StockRow
from supplyops.warehouse import commands, queries
from supplyops.warehouse.queries import BinRow, ScanRow, WaitingRow
from supplyops.warehouse.rules import PutAwayInput
from web import view
from web.api.base import answers, asks, authenticated, body, noun, run, writes
from web.api.stock import LIMIT_MAX

blueprint = noun("warehouse", "货位:库容、上架、扫码")


@blueprint.get("/bins")
@asks(blueprint, site="场所代码")
@answers(blueprint, BinRow, many=True)
@authenticated
def bins() -> Any:
    """一个场所的库位和库容。"""
    return view.read(queries.bins, request.args.get("site", "")[:40])


@blueprint.get("/bins/<code>")
@answers(blueprint, BinRow)
@authenticated
def one_bin(code: str) -> Any:
    """一个库位。"""
    return view.read(queries.bin_named, code)


@blueprint.get("/bins/<code>/contents")
@answers(blueprint, StockRow, many=True)
@authenticated
def contents(code: str) -> Any:
    """一个库位里的物资。"""
    where = StockFilter(location_id=view.read(queries.bin_named, code).id, include_exercise=True)
    return view.read(stock.stock_rows, where, offset=0, limit=LIMIT_MAX)


@blueprint.get("/waiting")
@asks(blueprint, site="场所代码", lot="批次号")
@answers(blueprint, WaitingRow, many=True)
@authenticated
def waiting() -> Any:
    """收货区里待上架的批次和建议货位。"""
    return view.read(queries.waiting, request.args.get("site", "")[:40], request.args.get("lot", "")[:40])


@blueprint.post("/putaways")
@writes(blueprint, PutAwayInput)
@answers(blueprint, StockDocumentRow, status=201)
@authenticated
def put_away() -> Any:
    """上架。"""
    return view.read(document_queries.document_by_id, run(commands.put_away, body(PutAwayInput)))


@blueprint.get("/scan")
@asks(blueprint, code="扫到或输入的码,也可以是标签上的网址")
@answers(blueprint, ScanRow, many=True)
@authenticated
def scan() -> Any:
    """一个码是什么:库位、批次、物资。"""
    return view.read(queries.scan, queries.code_of(request.args.get("code", "")[:300]))
