"""Invariants of orders: approvals, quantities, references."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import and_, func, select

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books


def approvals(books: Books, finding: Finding) -> None:
    """Nobody approves a plan of their own; administrators move no stock."""
    authors = {row.id: row.created_by_id for row in books.rows("plan", "id", "created_by_id")}
    for row in books.rows("release_instruction", "number", "plan_id", "approved_by_id"):
        finding.see(
            authors.get(row.plan_id) is None or authors[row.plan_id] != row.approved_by_id,
            f"动用指令 {row.number} 由方案编制人批准",
        )
    admins = {row.user_id for row in books.rows("role_held", "user_id", "role") if row.role.endswith("_admin")}
    for row in books.rows("stock_move", "seq", "actor_id"):
        finding.see(row.actor_id not in admins, f"流水 {row.seq} 由管理员账号经手")


def quantities(books: Books, finding: Finding) -> None:
    """Never more loaded than approved, never more found than loaded; what was planned is what was ordered."""
    planned = {row.id: row.quantity for row in books.rows("plan_line", "id", "quantity")}
    for row in books.rows("consignment_line"):
        finding.see(
            row.loaded <= row.quantity and row.good + row.damaged + row.refused + row.short <= max(row.loaded, 0),
            f"调拨明细 {row.id}:批准 {row.quantity},装车 {row.loaded}",
        )
        finding.see(planned.get(row.plan_line_id) == row.quantity, f"调拨明细 {row.id} 与方案数量不符")


def fulfilment(books: Books, finding: Finding) -> None:
    """What request lines say was approved and delivered is what the orders come to."""
    approved: dict[UUID, int] = defaultdict(int)
    delivered: dict[UUID, int] = defaultdict(int)
    states = {row.id: row.state for row in books.rows("consignment", "id", "state")}
    for row in books.rows("consignment_line"):
        state = states[row.consignment_id]
        if state in {"cancelled", "returned"}:
            continue
        amount = {
            "ordered": row.quantity,
            "accepted": row.quantity,
            "loaded": row.loaded,
            "in_transit": row.loaded,
            "delivered": row.good,
        }[state]
        approved[row.request_line_id] += amount * row.serves // row.quantity
        delivered[row.request_line_id] += row.good * row.serves // row.quantity
    promised_states = {"confirmed", "shipped", "received", "closed"}
    call_offs = {row.id: row.state for row in books.rows("call_off", "id", "state")}
    for row in books.rows("call_off_item"):
        if row.request_line_id is None:
            continue
        state = call_offs[row.call_off_id]
        amount = row.quantity if state == "notified" else row.promised if state in promised_states else 0
        approved[row.request_line_id] += amount * row.serves // row.quantity
        delivered[row.request_line_id] += row.received * row.serves // row.quantity
    for row in books.rows("supply_request_line", "id", "approved", "delivered"):
        finding.see(
            (row.approved, row.delivered) == (approved[row.id], delivered[row.id]),
            (
                f"需求明细 {row.id}:记批准 {row.approved} 送达 {row.delivered},单据合计 {approved[row.id]}、{delivered[row.id]}"
            ),
        )


def contracts(books: Books, finding: Finding) -> None:
    """What is called off a contract line is what its call-offs come to, never more than was guaranteed."""
    called: dict[UUID, int] = defaultdict(int)
    states = {row.id: row.state for row in books.rows("call_off", "id", "state")}
    for row in books.rows("call_off_item"):
        state = states[row.call_off_id]
        called[row.contract_line_id] += (
            row.quantity if state == "notified" else 0 if state in {"cancelled", "refused"} else row.promised
        )
    for row in books.rows("contract_line", "id", "called", "guaranteed_quantity"):
        finding.see(
            row.called == called[row.id] <= row.guaranteed_quantity,
            (f"合同明细 {row.id}:已启用 {row.called},通知合计 {called[row.id]},保底 {row.guaranteed_quantity}"),
        )


def references(books: Books, finding: Finding) -> None:
    """No row points at a row that is not there."""
    for name in sorted(books.names):
        table = books.table(name)
        if not books.count(name):
            continue
        for constraint in table.foreign_key_constraints:
            target = constraint.referred_table
            pairs = [(element.parent, element.column) for element in constraint.elements]
            present = and_(*(parent.is_not(None) for parent, _ in pairs))
            total = select(func.count()).select_from(table).where(present)
            alias = target.alias("pointed_at")
            dangling = (
                select(func.count())
                .select_from(
                    table.outerjoin(alias, and_(*(parent == alias.c[column.name] for parent, column in pairs)))
                )
                .where(present, alias.c[pairs[0][1].name].is_(None))
            )
            finding.checked += int(books.connection.scalar(total) or 0)
            lost = int(books.connection.scalar(dangling) or 0)
            if lost:
                finding.fail(
                    f"{name}.{','.join(parent.name for parent, _ in pairs)}:{lost} 行指向不存在的 {target.name}"
                )


def keys(books: Books, finding: Finding) -> None:
    """Each request key stands for one effect and has its answer."""
    for row in books.rows("request_key"):
        finding.see(
            len(row.fingerprint) == 64 and "value" in row.answer,
            f"请求键 {row.operation} {row.key} 没有答复",
        )
