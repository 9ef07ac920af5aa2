"""Store documents over the API: receipts, issues, transfers, reversals."""

from __future__ import annotations

from typing import Any

from flask import request

from supplyops.stock import commands, document_queries, receiving
from supplyops.stock.document_queries import DocumentFilter, StockDocumentRow
from supplyops.stock.documents import IssueInput, QuickReceiptInput, ReceiptInput, TransferInput
from supplyops.stock.rules import StockDocumentKind
from web import view
from web.api.base import answers, asks, authenticated, body, choice, noun, run, writes
from web.api.orders import Reason
from web.api.stock import window

blueprint = noun("stock-documents", "出入库单:入库、出库、移库、冲销")


@blueprint.get("/")
@asks(blueprint, kind="种类", site="场所代码", text="单号、往来单位的一部分", offset="跳过几行", limit="最多几行")
@answers(blueprint, StockDocumentRow, many=True)
@authenticated
def documents() -> Any:
    """可见的出入库单,新的在前。"""
    offset, limit = window()
    where = DocumentFilter(
        kind=choice(StockDocumentKind, "kind"),
        site_code=request.args.get("site", "")[:40],
        text=request.args.get("text", "")[:60],
    )
    return view.read(document_queries.documents, where, offset=offset, limit=limit)


@blueprint.get("/<number>")
@answers(blueprint, StockDocumentRow)
@authenticated
def document(number: str) -> Any:
    """一份出入库单。"""
    return view.read(document_queries.document, number)


@blueprint.post("/receipts")
@writes(blueprint, ReceiptInput, moves_stock=True)
@answers(blueprint, StockDocumentRow, status=201)
@authenticated
def receive() -> Any:
    """入库(验收)。"""
    return view.read(document_queries.document_by_id, run(commands.receive, body(ReceiptInput)))


@blueprint.post("/quick-receipts")
@writes(blueprint, QuickReceiptInput)
@answers(blueprint, StockDocumentRow, status=201)
@authenticated
def receive_quickly() -> Any:
    """快速入库:只填来源、物资和数量,其余同该场所上一次入库。"""
    return view.read(document_queries.document_by_id, run(receiving.receive_quickly, body(QuickReceiptInput)))


@blueprint.post("/issues")
@writes(blueprint, IssueInput, moves_stock=True)
@answers(blueprint, StockDocumentRow, status=201)
@authenticated
def issue() -> Any:
    """出库,先到期先出。"""
    return view.read(document_queries.document_by_id, run(commands.issue, body(IssueInput)))


@blueprint.post("/transfers")
@writes(blueprint, TransferInput, moves_stock=True)
@answers(blueprint, StockDocumentRow, status=201)
@authenticated
def transfer() -> Any:
    """移库。"""
    return view.read(document_queries.document_by_id, run(commands.transfer, body(TransferInput)))


@blueprint.post("/<number>/reverse")
@writes(blueprint, Reason, moves_stock=True)
@answers(blueprint, StockDocumentRow)
@authenticated
def reverse(number: str) -> Any:
    """整单冲销。"""
    row = view.read(document_queries.document, number)
    run(commands.reverse_document, row.id, body(Reason).because)
    return view.read(document_queries.document, number)
