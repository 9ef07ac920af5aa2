"""Invariants of receiving: two people answer for every receipt, and its result is reported after they have."""

from __future__ import annotations

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books


def acceptances(books: Books, finding: Finding) -> None:
    """Every receipt has its acceptance; keeper and inspector are two people; a report comes after both signatures."""
    receipts = {
        row.id: row.number for row in books.rows("stock_document", "id", "number", "kind") if row.kind == "receipt"
    }
    found = {row.id: row for row in books.rows("acceptance")}
    for document_id, number in receipts.items():
        finding.see(document_id in found, f"{number}:没有验收记录")
    for row in found.values():
        name = receipts.get(row.id, str(row.id))
        finding.see(row.id in receipts, f"验收记录 {name}:没有入库单")
        same = row.inspector_id == row.keeper_id if row.inspector_id else row.inspector_name == row.keeper_name
        finding.see(not (row.inspected_at and same), f"{name}:质检和库管是同一人 {row.keeper_name}")
        signed = row.inspected_at is not None and row.reported_at is not None and row.reported_at >= row.inspected_at
        finding.see(row.reported_at is None or signed, f"{name}:未经两人签字已报告")
