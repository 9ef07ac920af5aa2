"""Invariants of counts: posted as found, decided by somebody who had no hand in it, places frozen as long as it lasts."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books

OPEN = {"counting", "recounting", "submitted"}


def counts(books: Books, finding: Finding) -> None:
    """What a posted count moved is what it found to differ; what is not posted moved nothing; nobody approved their own."""
    moved = _moved(books)
    lines: dict[UUID, list[Any]] = defaultdict(list)
    for row in books.rows("stock_count_line"):
        lines[row.count_id].append(row)
    for count in books.rows("stock_count"):
        found: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
        for line in lines[count.id]:
            last = line.counted if line.recounted is None else line.recounted
            if count.state == "posted":
                found[line.location_id, line.lot_id] += (last or 0) - (line.book or 0)
        expected = {key: change for key, change in found.items() if change}
        finding.see(moved[count.id] == expected, f"盘点单 {count.number}:流水与盈亏不符")
        hands = {count.created_by_id, count.counter_id, count.witness_id, count.submitted_by_id}
        hands |= {
            who for line in lines[count.id] for who in (line.counted_by_id, line.recounted_by_id, line.explained_by_id)
        }
        is_own = count.decided_by_id is not None and count.decided_by_id in hands
        finding.see(not is_own, f"盘点单 {count.number}:审批人参与了盘点")
        is_same = count.counter_id is not None and count.counter_id == count.witness_id
        finding.see(not is_same, f"盘点单 {count.number}:监盘人就是盘点人")
        unexplained = [
            line for line in lines[count.id] if count.state == "posted" and _differs(line) and not line.reason
        ]
        finding.see(not unexplained, f"盘点单 {count.number}:有差异没有原因")


def _differs(line: Any) -> bool:
    last = line.counted if line.recounted is None else line.recounted
    return bool((last or 0) - (line.book or 0))


def _moved(books: Books) -> dict[UUID, dict[tuple[UUID, UUID | None], int]]:
    """count -> (place, lot) -> what its entries changed there."""
    beyond = {row.id for row in books.rows("location", "id", "kind") if row.kind == "count_difference"}
    moved: dict[UUID, dict[tuple[UUID, UUID | None], int]] = defaultdict(lambda: defaultdict(int))
    columns = ("document_id", "lot_id", "source_id", "target_id", "quantity")
    for row in books.rows("stock_move", *columns, where=lambda moves: moves.c.document_kind == "stock_count"):
        place, change = (row.target_id, row.quantity) if row.source_id in beyond else (row.source_id, -row.quantity)
        moved[row.document_id][place, row.lot_id] += change
    return moved


def freezes(books: Books, finding: Finding) -> None:
    """A place stands still exactly while a count that freezes it lasts, and never for two documents at once."""
    frozen: dict[UUID, set[UUID]] = defaultdict(set)
    standing: set[UUID] = set()
    for row in books.rows("location_freeze"):
        if row.lifted_at is None:
            finding.see(row.location_id not in standing, f"库位 {row.location_id}:被两张单据同时冻结")
            standing.add(row.location_id)
            frozen[row.document_id].add(row.location_id)
    places: dict[UUID, set[UUID]] = defaultdict(set)
    for row in books.rows("stock_count_place"):
        places[row.count_id].add(row.location_id)
    for row in books.rows("stock_count", "id", "number", "state", "is_frozen"):
        expected = places[row.id] if row.is_frozen and row.state in OPEN else set()
        finding.see(frozen[row.id] == expected, f"盘点单 {row.number}({row.state}):冻结的库位与盘点范围不符")
