"""Stock over the API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request

from supplyops.lots import commands as lots
from supplyops.lots import queries as lot_queries
from supplyops.lots.queries import LotStatusRow
from supplyops.lots.rules import LotHoldInput
from supplyops.stock import as_of_queries, expiry_queries, queries
from supplyops.stock.as_of_queries import ItemThenRow, StockThenRow
from supplyops.stock.expiry_queries import BandRow
from supplyops.stock.statement_queries import Statement
from supplyops.stock.statement_queries import statement as statement_of
from supplyops.stock.views import ItemStock, LotRow, MoveRow, StockRow
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, noun, run, window, writes
from web.pages.asking import as_of_from_query
from web.pages.stock import filter_from_query, moves_from_query

blueprint = noun("stock", "库存:按物资、按批次、流水")
_NARROWING = {
    "text": "名称、编码、拼音、首字母或批次号的一部分",
    "sku": "物资编码",
    "lot": "批次号",
    "owner": "物权单位代码",
    "owner_level": "物权单位的层级",
    "site": "场所代码",
    "site_level": "存放场所的层级",
    "location": "库位代码",
    "place": "shelf 在库,transit 在途,quarantine 待检",
    "exercise": "1 包括演练物资",
}
_MOMENT = {"moment": "时点,不填为现在", "by": "recorded 按记账时间(默认),occurred 按发生时间"}


@blueprint.get("/items")
@answers(blueprint, ItemStock, many=True)
@authenticated
def items() -> Any:
    """库存按物资汇总,分物权层级和存放层级。"""
    return view.read(queries.item_stock, filter_from_query())


@blueprint.get("/rows")
@answers(blueprint, StockRow, many=True)
@authenticated
def rows() -> Any:
    """库存按批次和库位。"""
    offset, limit = window()
    return view.read(queries.stock_rows, filter_from_query(), offset=offset, limit=limit)


@blueprint.get("/lots/<number>")
@answers(blueprint, LotRow)
@authenticated
def lot(number: str) -> Any:
    """一个批次。"""
    return view.read(queries.lot, number)


@blueprint.get("/expiry")
@answers(blueprint, BandRow, many=True)
@authenticated
def expiry() -> Any:
    """按到期分段统计,条件与库存列表相同。"""
    return view.read(expiry_queries.expiry_bands, filter_from_query())


@blueprint.get("/lots/<number>/statuses")
@answers(blueprint, LotStatusRow, many=True)
@authenticated
def statuses(number: str) -> Any:
    """一个批次的状态记录:谁、何时、为何封存、召回、恢复。"""
    view.read(queries.lot, number)
    return view.read(lot_queries.lot_statuses, number)


@blueprint.post("/lots/hold")
@writes(blueprint, LotHoldInput)
@answers(blueprint, LotRow)
@authenticated
def hold() -> Any:
    """封存一个批次,或记整批破损。"""
    given = body(LotHoldInput)
    run(lots.hold_lot, given)
    return view.read(queries.lot, given.lot_number)


@blueprint.post("/lots/<number>/release")
@writes(blueprint, Reason)
@answers(blueprint, LotRow)
@authenticated
def release(number: str) -> Any:
    """解除封存或破损。"""
    run(lots.release_lot, number, body(Reason).because)
    return view.read(queries.lot, number)


@blueprint.get("/moves")
@asks(
    blueprint,
    sku="物资编码",
    lot="批次号",
    site="场所代码",
    location="库位代码",
    actor="经手人",
    document="凭证号",
    reason="事由",
    by="occurred 按发生时间,默认按记账时间",
    from_="从什么时间起",
    to="到什么时间止",
    before_seq="只看此序号之前的",
    limit="最多几行",
)
@answers(blueprint, MoveRow, many=True)
@authenticated
def moves() -> Any:
    """库存流水,新的在前;条件可以合用;before_seq 向前翻页。"""
    before = request.args.get("before_seq", "")
    before_seq = int(before) if before.isdecimal() and len(before) < 16 else None
    return view.read(queries.history, replace(moves_from_query(), before_seq=before_seq, limit=window()[1]))


@blueprint.get("/statement")
@asks(blueprint, **_NARROWING, before_seq="只看此序号之前的", limit="最多几行")
@answers(blueprint, Statement)
@authenticated
def statement() -> Any:
    """一个结存由哪些流水构成:进减出等于账面结存,逐笔列出结存。"""
    before = request.args.get("before_seq", "")
    before_seq = int(before) if before.isdecimal() and len(before) < 16 else None
    return view.read(statement_of, filter_from_query(), before_seq, window()[1])


@blueprint.get("/as-of/rows")
@asks(blueprint, **_MOMENT, **_NARROWING, offset="跳过几行", limit="最多几行")
@answers(blueprint, StockThenRow, many=True)
@authenticated
def rows_as_of() -> Any:
    """某一时点的库存,按批次和库位。"""
    offset, limit = window()
    return view.read(
        as_of_queries.stock_rows_as_of, filter_from_query(), as_of_from_query(), offset=offset, limit=limit
    )


@blueprint.get("/as-of/items")
@asks(blueprint, **_MOMENT, **_NARROWING)
@answers(blueprint, ItemThenRow, many=True)
@authenticated
def items_as_of() -> Any:
    """某一时点的库存,按物资汇总。"""
    return view.read(as_of_queries.item_stock_as_of, filter_from_query(), as_of_from_query())
