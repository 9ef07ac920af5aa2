"""Stock over the API."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.stock import queries
from supplyops.stock.views import ItemStock, LotRow, MoveFilter, MoveRow, StockRow
from web import view
from web.api.base import answers, authenticated, noun
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
