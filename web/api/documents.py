"""Store documents over the API: receipts, issues, transfers, reversals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import request

from supplyops.stock import commands, document_queries, late_entries, receiving, undoing
from supplyops.stock.document_queries import DocumentFilter, StockDocumentRow
from supplyops.stock.documents import IssueInput, LatePermitInput, QuickReceiptInput, ReceiptInput, TransferInput
from supplyops.stock.late_entries import LateEffect, LatePermitRow
from supplyops.stock.rules import LatePermitState, StockDocumentKind
from supplyops.stock.undoing import UndoRow
from web import view
from web.api.base import Reason, answers, asks, authenticated, body, choice, noun, rehearse, run, window, writes

blueprint = noun("stock-documents", "出入库单:入库、出库、移库、冲销")


@blueprint.get("/")
@asks(
    blueprint,
    kind="种类",
    site="场所代码",
    text="单号、往来单位的一部分",
    late="1:只看补录",
    offset="跳过几行",
    limit="最多几行",
)
@answers(blueprint, StockDocumentRow, many=True)
@authenticated
def documents() -> Any:
    """可见的出入库单,新的在前。"""
    offset, limit = window()
    where = DocumentFilter(
        kind=choice(StockDocumentKind, "kind"),
        site_code=request.args.get("site", "")[:40],
        text=request.args.get("text", "")[:60],
        only_late=request.args.get("late") == "1",
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


@blueprint.get("/<number>/undo")
@answers(blueprint, UndoRow)
@authenticated
def undo_state(number: str) -> Any:
    """本人能否撤销这份单据:截止时间,或不能的原因。"""
    return view.read(undoing.undo_of, view.read(document_queries.document, number).id)


@blueprint.post("/<number>/undo")
@writes(blueprint, moves_stock=True)
@answers(blueprint, StockDocumentRow)
@authenticated
def undo(number: str) -> Any:
    """本人在时限内撤销。"""
    run(undoing.undo_document, view.read(document_queries.document, number).id)
    return view.read(document_queries.document, number)


@blueprint.post("/receipts/effect")
@writes(blueprint, ReceiptInput)
@answers(blueprint, LateEffect)
@authenticated
def receipt_effect() -> Any:
    """试算入库(补录)的影响,不记账。"""
    return rehearse(late_entries.try_receipt, body(ReceiptInput))


@blueprint.post("/quick-receipts/effect")
@writes(blueprint, QuickReceiptInput)
@answers(blueprint, LateEffect)
@authenticated
def quick_receipt_effect() -> Any:
    """试算快速入库(补录)的影响,不记账。"""
    return rehearse(late_entries.try_quick_receipt, body(QuickReceiptInput))


@blueprint.post("/issues/effect")
@writes(blueprint, IssueInput)
@answers(blueprint, LateEffect)
@authenticated
def issue_effect() -> Any:
    """试算出库(补录)的影响,不记账。"""
    return rehearse(late_entries.try_issue, body(IssueInput))


@blueprint.post("/transfers/effect")
@writes(blueprint, TransferInput)
@answers(blueprint, LateEffect)
@authenticated
def transfer_effect() -> Any:
    """试算移库(补录)的影响,不记账。"""
    return rehearse(late_entries.try_transfer, body(TransferInput))


late_blueprint = noun("late-permits", "补录申请:发生时间过早的记账须先批准")


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether a late entry is allowed, and why not."""

    allowed: bool
    note: str = ""


@late_blueprint.get("/")
@asks(late_blueprint, state="状态")
@answers(late_blueprint, LatePermitRow, many=True)
@authenticated
def late_permits() -> Any:
    """可见的补录申请,新的在前。"""
    return view.read(late_entries.late_permits, choice(LatePermitState, "state"))


@late_blueprint.post("/")
@writes(late_blueprint, LatePermitInput)
@answers(late_blueprint, LatePermitRow, status=201)
@authenticated
def ask_late() -> Any:
    """申请补录。"""
    return _permit(run(late_entries.ask_late, body(LatePermitInput)))


@late_blueprint.post("/<uuid:permit_id>/decide")
@writes(late_blueprint, Consent)
@answers(late_blueprint, LatePermitRow)
@authenticated
def decide_late(permit_id: UUID) -> Any:
    """批准或不同意补录。"""
    decision = body(Consent)
    run(late_entries.decide_late, permit_id, decision.allowed, decision.note)
    return _permit(permit_id)


def _permit(permit_id: UUID) -> LatePermitRow:
    return next(row for row in view.read(late_entries.late_permits) if row.id == permit_id)
