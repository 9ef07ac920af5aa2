"""Invariants of goods that our own vehicles fetch at a supplier's: nothing leaves it but what was ordered, promised and loaded."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, or_, select

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books, shown

AGREEING = {
    "notified": {"ordered"},
    "confirmed": {"accepted"},
    "refused": {"cancelled"},
    "cancelled": {"cancelled"},
    "received": {"loaded", "in_transit", "delivered", "returned"},
    "closed": {"loaded", "in_transit", "delivered", "returned"},
}
"""State of the call-off -> states its vehicle's order may be in."""


def fetched(books: Books, finding: Finding) -> None:
    """I36: each call-off to be fetched has one order of a vehicle, line for line; what left the supplier under that order and
    did not go back is what the call-off received. Nothing else leaves a supplier on a vehicle."""
    called = {row.id: row for row in books.rows("call_off", "id", "number", "state", "is_fetched") if row.is_fetched}
    items: dict[UUID, list[Any]] = defaultdict(list)
    for row in books.rows("call_off_item"):
        if row.call_off_id in called:
            items[row.call_off_id].append(row)
    columns = ("id", "number", "state", "call_off_id", "ended_because")
    lines: dict[UUID, list[Any]] = defaultdict(list)
    for row in books.rows("consignment_line"):
        lines[row.consignment_id].append(row)
    orders = []
    for row in books.rows("consignment", *columns):
        if row.call_off_id is not None:
            orders.append(row)
        stored = all(line.call_off_item_id is None for line in lines[row.id])
        finding.see(stored == (row.call_off_id is None), f"调拨单 {row.number}:明细与是否自提不符")
    wanted = {row.id: row.contract_line_id for row in books.rows("plan_line", "id", "contract_line_id")}
    out = _out_of_suppliers(books)
    fetching = {row.call_off_id for row in orders}
    for row in called.values():
        finding.see(row.id in fetching, f"启用通知 {row.number}:自提,没有提货的调拨单")
    for row in orders:
        call = called.get(row.call_off_id)
        finding.see(call is not None, f"调拨单 {row.number}:所提的启用通知不是自提")
        if call is None:
            continue
        finding.see(
            row.state in AGREEING[call.state],
            f"调拨单 {row.number}({row.state})与启用通知 {call.number}({call.state})不符",
        )
        found = {line.call_off_item_id: line for line in lines[row.id]}
        same = set(found) == {item.id for item in items[call.id]}
        finding.see(same, f"调拨单 {row.number} 与启用通知 {call.number} 的明细不对应")
        for item in items[call.id] if same else ():
            _item(finding, row, call, item, found[item.id], wanted, out)
    ours = {(row.id.hex, line.lot_id.hex) for row in orders for line in lines[row.id] if line.lot_id is not None}
    for order, lot in sorted(out.keys() - ours):
        finding.fail(f"凭证 {shown(order)} 批次 {shown(lot)}:从供方发出 {out[order, lot]},没有自提的调拨单")


def _item(
    finding: Finding,
    order: Any,
    call: Any,
    item: Any,
    line: Any,
    wanted: dict[UUID, Any],
    out: dict[tuple[str, str], int],
) -> None:
    name = f"调拨单 {order.number} 第 {line.line_no} 行"
    same = (line.quantity, line.serves, wanted.get(line.plan_line_id)) == (
        item.quantity,
        item.serves,
        item.contract_line_id,
    )
    finding.see(same, f"{name}与启用通知的合同明细、数量不符")
    back = line.loaded if order.state == "returned" else line.refused if order.ended_because else 0
    left = out.get((order.id.hex, line.lot_id.hex), 0) if line.lot_id is not None else 0
    right = item.received == line.loaded - back == left
    finding.see(right, f"{name}:装车 {line.loaded},退回 {back},启用通知记提取 {item.received},流水净出 {left}")
    due = line.quantity - line.shortened
    settled = item.promised == (due if call.state == "confirmed" else item.received)
    finding.see(
        settled or call.state not in {"confirmed", "received", "closed"},
        f"{name}:应装 {due},已提 {item.received},启用通知记承诺 {item.promised}",
    )


def _out_of_suppliers(books: Books) -> dict[tuple[str, str], int]:
    """(document, lot) -> what a vehicle took at a supplier's and did not bring back there."""
    places = books.table("location")
    outside = select(places.c.id).where(places.c.kind == "supplier")
    road = select(places.c.id).where(places.c.kind == "transit")

    def between(moves: Table) -> ColumnElement[bool]:
        there = moves.c.source_id.in_(outside) & moves.c.target_id.in_(road)
        return or_(there, moves.c.target_id.in_(outside) & moves.c.source_id.in_(road))

    kinds = {place: kind for place, kind in books.plain("location", "id", "kind") if kind in {"supplier", "transit"}}
    net: dict[tuple[str, str], int] = defaultdict(int)
    for document, lot, source, quantity in books.plain(
        "stock_move", "document_id", "lot_id", "source_id", "quantity", where=between
    ):
        net[document, lot] += quantity if kinds[source] == "supplier" else -quantity
    return net
