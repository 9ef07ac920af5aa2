"""Bins, putting away and scanning over the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from reports.labels import LabelSize, bin_cards_pdf, bin_labels_pdf, lot_labels_pdf
from supplyops.kernel.errors import NotFound
from supplyops.stock import document_queries
from supplyops.stock import queries as stock
from supplyops.stock.document_queries import StockDocumentRow
from supplyops.stock.views import StockFilter, StockRow
from supplyops.warehouse import commands, label_queries, queries
from supplyops.warehouse.label_queries import BinCardRow, LotLabelRow
from supplyops.warehouse.queries import BinRow, ScanRow, WaitingRow
from supplyops.warehouse.rules import PutAwayInput
from web import view
from web.api.base import LIMIT_MAX, answers, asks, authenticated, body, choice, noun, run, writes
from web.api.papers import PDF
from web.printing import base_address, labels

blueprint = noun("warehouse", "货位:库容、上架、扫码、标签、货位卡")
BY_LOT, BY_BIN = ("lot", "document", "site"), ("site", "bin")
_SIZE = "a4(一页 21 张)或 60x40(单张)"


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


@blueprint.get("/labels/lots")
@asks(blueprint, lot="批次号", document="入库单号:单上的全部批次", site="场所代码:在库的全部批次")
@answers(blueprint, LotLabelRow, many=True)
@authenticated
def lot_labels() -> Any:
    """批次标签上的内容;库位标签上的内容见 bins。"""
    return view.read(label_queries.lot_labels, *(request.args.get(name, "")[:80] for name in BY_LOT))


@blueprint.get("/labels/lots/<by>/<code>/pdf")
@asks(blueprint, size=_SIZE)
@blueprint.doc(responses={200: PDF})
@answers(blueprint, None)
@authenticated
def lot_labels_printed(by: str, code: str) -> Response:
    """批次标签,PDF。by 是 lot(批次号)、document(入库单号)或 site(场所代码)。"""
    rows = view.read(label_queries.lot_labels, *_only(by, code, BY_LOT))
    size = choice(LabelSize, "size") or LabelSize.A4
    return labels(rows, lambda: lot_labels_pdf(rows, base_address(), size), code)


@blueprint.get("/labels/bins/<by>/<code>/pdf")
@asks(blueprint, size=_SIZE)
@blueprint.doc(responses={200: PDF})
@answers(blueprint, None)
@authenticated
def bin_labels_printed(by: str, code: str) -> Response:
    """库位标签,PDF。by 是 bin(库位代码)或 site(场所代码:全部库位)。"""
    site, one = _only(by, code, BY_BIN)
    rows = [view.read(queries.bin_named, one)] if one else view.read(queries.bins, site)
    size = choice(LabelSize, "size") or LabelSize.A4
    return labels(rows, lambda: bin_labels_pdf(rows, base_address(), size), code)


@blueprint.get("/cards")
@asks(blueprint, site="场所代码:全部货位", bin="只要这个库位")
@answers(blueprint, BinCardRow, many=True)
@authenticated
def cards() -> Any:
    """货位卡上的内容:一个货位里的每个批次一张。"""
    return view.read(label_queries.bin_cards, *(request.args.get(name, "")[:80] for name in BY_BIN))


@blueprint.get("/cards/<by>/<code>/pdf")
@blueprint.doc(responses={200: PDF})
@answers(blueprint, None)
@authenticated
def cards_printed(by: str, code: str) -> Response:
    """货位卡,PDF,A4 一页 4 张。by 是 bin(库位代码)或 site(场所代码:全部货位)。"""
    rows = view.read(label_queries.bin_cards, *_only(by, code, BY_BIN))
    return labels(rows, lambda: bin_cards_pdf(rows, base_address()), code)


def _only(by: str, code: str, names: Sequence[str]) -> list[str]:
    """What a query of labels is narrowed by: this one of the names. Raises NotFound for another."""
    if by not in names:
        raise NotFound("noun")
    return [code if name == by else "" for name in names]


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
