"""Stock over the API."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.lots import commands as lots
from supplyops.lots import queries as lot_queries
from supplyops.lots.queries import LotStatusRow
from supplyops.lots.rules import LotHoldInput
from supplyops.stock import expiry_queries, queries
from supplyops.stock.expiry_queries import BandRow
from supplyops.stock.views import ItemStock, LotRow, MoveFilter, MoveRow, StockRow
from web import view
from web.api.base import Reason, answers, authenticated, body, noun, run, writes
from web.pages.stock import filter_from_query

blueprint = noun("stock", "库存:按物资、按批次、流水")
LIMIT_MAX = 500


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
@answers(blueprint, MoveRow, many=True)
@authenticated
def moves() -> Any:
    """库存流水,新的在前;before_seq 向前翻页。"""
    before = request.args.get("before_seq", "")
    return view.read(
        queries.history,
        MoveFilter(before_seq=int(before) if before.isdecimal() and len(before) < 16 else None, limit=window()[1]),
    )


def window() -> tuple[int, int]:
    """(offset, limit) from the query; nonsense counts as the default."""
    offset, limit = request.args.get("offset", "0"), request.args.get("limit", "50")
    return (
        int(offset) if offset.isdecimal() and len(offset) < 9 else 0,
        min(int(limit), LIMIT_MAX) if limit.isdecimal() and 0 < len(limit) < 5 else 50,
    )
