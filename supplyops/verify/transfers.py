"""Invariants of transfers and of what is owed for goods taken."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books

ON_THE_ROAD = {"sent", "partly"}
DECIDED = {"approved", "received", "returned"} | ON_THE_ROAD


def transfers(books: Books, finding: Finding) -> None:
    """I50: on the road lies what was loaded and not yet received; what was received adds up; nobody approved their own."""
    lots: dict[UUID, list[Any]] = defaultdict(list)
    for row in books.rows("transfer_lot"):
        lots[row.transfer_id].append(row)
    held: dict[UUID, int] = defaultdict(int)
    for row in books.rows("stock_balance", "location_id", "on_hand"):
        held[row.location_id] += row.on_hand
    arrived: dict[UUID, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in books.rows("transfer_arrival_line"):
        for place, amount in enumerate((row.good, row.damaged, row.short)):
            arrived[row.line_id][place] += amount
    holds = {row.id: row for row in books.rows("reservation", "id", "closed_at")}
    for row in books.rows("transfer"):
        own = lots[row.id]
        loaded = sum(line.loaded for line in own)
        found = sum(line.good + line.damaged + line.short for line in own)
        if row.transit_id is not None:
            expected = loaded - found - sum(line.returned for line in own)
            finding.see(
                held[row.transit_id] == expected, f"{row.number}:在途结存 {held[row.transit_id]},应为 {expected}"
            )
            finding.see(
                (expected > 0) == (row.state in ON_THE_ROAD),
                f"{row.number}({row.state}):在途应为 {expected},与状态不符",
            )
            for line in own:
                told = tuple(arrived[line.id])
                said = (line.good, line.damaged, line.short)
                finding.see(told == said, f"{row.number} 第 {line.line_no} 行:收货 {said},各次到货合计 {told}")
        else:
            finding.see(found == loaded, f"{row.number}({row.state}):收货合计 {found},应为 {loaded}")
        is_approved = row.approved_by_id is not None
        finding.see(
            bool(own) == is_approved and (row.state not in DECIDED or is_approved), f"{row.number}:没有批准而有批次"
        )
        finding.see(
            row.approved_by_id is None or row.approved_by_id != row.created_by_id, f"{row.number}:由起草人自己审批"
        )
        if row.state not in {"draft", "approved"}:
            is_free = all(line.reservation_id in holds and holds[line.reservation_id].closed_at for line in own)
            finding.see(is_free, f"{row.number}:已过发运,预留仍在")


def obligations(books: Books, finding: Finding) -> None:
    """I51: never more settled than is owed; each obligation and each settlement refers to something real."""
    shown = select(books.table("obligation_settlement").c.document_id)
    documents = books.rows("stock_document", "id", "kind", "state", where=lambda rows: rows.c.id.in_(shown))
    receipts = {row.id: row for row in documents}
    moved = {row.id: row for row in books.rows("transfer", "id", "number", "state", "settles_id")}
    orders = {row.id for row in books.rows("consignment", "id")}
    for row in books.rows("obligation", "number", "basis_kind", "basis_id"):
        is_real = row.basis_id in (orders if row.basis_kind == "consignment" else moved)
        finding.see(is_real, f"{row.number}:没有所依据的单据")
    lines = {row.id: row for row in books.rows("obligation_line")}
    settled: dict[UUID, int] = defaultdict(int)
    for row in books.rows("obligation_settlement"):
        finding.see(_is_shown(row, lines, receipts, moved), f"归还记录 {row.seq}:没有相应的入库单、归还单或凭证")
        receipt = receipts.get(row.document_id)
        if receipt is None or receipt.state != "reversed":
            settled[row.line_id] += row.quantity
    for line in lines.values():
        finding.see(
            settled[line.id] <= line.quantity, f"归还明细 {line.id}:欠 {line.quantity},已结清 {settled[line.id]}"
        )


def _is_shown(row: Any, lines: dict[UUID, Any], receipts: dict[UUID, Any], moved: dict[UUID, Any]) -> bool:
    """Money has an amount and a voucher; goods have a receipt, or the transfer that was to give them back."""
    line = lines.get(row.line_id)
    if line is None:
        return False
    if row.kind == "money":
        return bool(row.amount_fen > 0 and row.voucher)
    if row.document_id in receipts:
        return bool(receipts[row.document_id].kind == "receipt")
    transfer = moved.get(row.document_id)
    return bool(transfer and transfer.state == "received" and transfer.settles_id == line.obligation_id)
