"""Invariants of numbered units: as many as lie there, where the ledger took them, with whoever signed for them."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from supplyops.verify.ledger import REAL
from supplyops.verify.report import Finding
from supplyops.verify.rows import Books

Key = tuple[UUID, UUID]


def units(books: Books, finding: Finding) -> None:
    """At no real place lie fewer units of a lot than have numbers there; each unit is where its history left it."""
    real = {row.id for row in books.rows("location", "id", "kind") if row.kind in REAL}
    last: dict[UUID, Any] = {}
    carried: Counter[tuple[UUID, int]] = Counter()
    for row in books.rows("asset_event", order=("seq",)):
        last[row.asset_id] = row
        if row.posting_id is not None:
            carried[row.posting_id, row.line_no] += 1
    there: Counter[Key] = Counter()
    for row in books.rows("asset"):
        event = last.get(row.id)
        at = (event.lot_id, event.location_id) if event else None
        finding.see(at == (row.lot_id, row.location_id), f"资产 {row.number}:所在与最后一次变动不符")
        if row.location_id in real:
            there[row.location_id, row.lot_id] += 1
    lying = (
        {
            (row.location_id, row.lot_id): row.on_hand
            for row in books.raw("stock_balance", "location_id", "lot_id", "on_hand")
        }
        if there
        else {}
    )
    for key, count in there.items():
        finding.see(count <= lying.get(key, 0), f"库位 {key[0]} 批次 {key[1]}:登记 {count} 件,结存 {lying.get(key, 0)}")
    for row in books.raw("stock_move", "seq", "posting_id", "line_no", "quantity") if carried else ():
        count = carried.pop((row.posting_id, row.line_no), 0)
        finding.see(count <= row.quantity, f"流水 {row.seq}:随行资产 {count} 件,数量 {row.quantity}")
    for (posting_id, _), count in carried.items():
        finding.fail(f"记账 {posting_id} 没有流水,却有 {count} 件资产随行")


def loans(books: Books, finding: Finding) -> None:
    """A unit is out exactly while one slip has it; what is out is held, and a slip ends with its last unit."""
    out: dict[UUID, list[Any]] = {}
    open_lines: Counter[UUID] = Counter()
    for line in books.rows("asset_loan_line"):
        if line.handed_back_at is None:
            out.setdefault(line.asset_id, []).append(line)
            open_lines[line.loan_id] += 1
    holds = {row.id: row for row in books.raw("reservation")} if books.count("asset") else {}
    for row in books.rows("asset"):
        slips = len(out.get(row.id, ()))
        finding.see(slips == (row.state == "lent"), f"资产 {row.number}:状态 {row.state},未还领用单 {slips} 张")
        hold = holds.get(row.hold_id)
        is_held = (
            hold is not None
            and hold.closed_at is None
            and (hold.location_id, hold.lot_id, hold.quantity) == (row.location_id, row.lot_id, 1)
        )
        finding.see(is_held or (row.hold_id is None and row.state != "lent"), f"资产 {row.number}:预留与状态不符")
    for loan in books.rows("asset_loan"):
        left = open_lines[loan.id]
        finding.see((loan.closed_at is None) == (left > 0), f"领用单 {loan.number}:未还 {left} 件,与结清状态不符")
