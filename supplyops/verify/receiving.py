"""Invariants of receiving: two people answer for every receipt, and its result is reported after they have."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Table, select

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books


def acceptances(books: Books, finding: Finding) -> None:
    """Every receipt has its acceptance; keeper and inspector are two people; a report comes after both signatures."""
    documents = books.rows("stock_document", "id", "number", where=lambda rows: rows.c.kind == "receipt")
    receipts = {row.id: row.number for row in documents}
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


def deliveries(books: Books, finding: Finding) -> None:
    """A load that was taken in became a receipt, line for line; one load of a delivery at most waits at the gate."""
    loaded = select(books.table("arrival_load").c.document_id)

    def receipt_of_a_load(rows: Table) -> ColumnElement[bool]:
        return (rows.c.kind == "receipt") & rows.c.id.in_(loaded)

    def line_of_a_load(rows: Table) -> ColumnElement[bool]:
        return rows.c.document_id.in_(loaded)

    receipts = {row.id for row in books.rows("stock_document", "id", where=receipt_of_a_load)}
    lines = books.rows("stock_document_line", "id", "document_id", where=line_of_a_load)
    written = {row.id: row.document_id for row in lines}
    taken = {row.document_line_id: row for row in books.rows("arrival_receipt")}
    numbers = {row.id: row.number for row in books.rows("arrival", "id", "number")}
    of_line = {row.id: row.arrival_id for row in books.rows("arrival_line", "id", "arrival_id")}
    loads = {row.id: row for row in books.rows("arrival_load")}
    waiting = Counter(load.arrival_id for load in loads.values() if load.ended_at is None)
    documents = {load.document_id: load for load in loads.values() if load.document_id is not None}
    for load in loads.values():
        name = f"{numbers.get(load.arrival_id, load.arrival_id)} 第{load.load_no}车"
        ends = load.document_id is None or (load.document_id in receipts and load.ended_at is not None)
        finding.see(ends and not (load.is_refused and load.document_id), f"{name}:入库单不符")
        finding.see(waiting[load.arrival_id] <= 1, f"{name}:同时有两车待入库")
    for line_id, document_id in written.items():
        if document_id in documents:
            row, load = taken.get(line_id), documents[document_id]
            same = row is not None and row.load_id == load.id and of_line.get(row.arrival_line_id) == load.arrival_id
            finding.see(same, f"{numbers.get(load.arrival_id)} 第{load.load_no}车:入库明细没有对应的到货明细")


def zones(books: Books, finding: Finding) -> None:
    """All storage of one zone of a site offers the same conditions; goods are received only in storage."""
    offered: dict[tuple[Any, str], set[str]] = defaultdict(set)
    for row in books.rows("location", "code", "site_id", "zone", "kind", "storage_class", "is_receiving"):
        finding.see(not row.is_receiving or row.kind == "storage", f"库位 {row.code}:不是存放库位,不能作收货区")
        if row.zone and row.storage_class:
            offered[row.site_id, row.zone].add(row.storage_class)
    for (_, zone), classes in offered.items():
        finding.see(len(classes) == 1, f"分区 {zone}:储存条件不一致 {'、'.join(sorted(classes))}")
