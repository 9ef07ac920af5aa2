"""Invariants of orders: approvals, quantities, references."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Select, Table, and_, case, exists, func, select

from supplyops.database.schema import head
from supplyops.kernel.access import ROLE_PERMISSIONS, Permission
from supplyops.verify.report import Finding
from supplyops.verify.rows import Books, shown
from supplyops.verify.seals import answers
from supplyops.verify.written import sha256


def papers(books: Books, finding: Finding) -> None:
    """I10: what a paper says is what was issued; an order was approved by a person who then held the office to."""
    for number, version, content, content_hash in books.plain("paper", "number", "version", "content", "content_hash"):
        right = sha256(json.loads(content)) == content_hash
        finding.see(right, f"单据 {number} 第 {version} 版内容与签发时不符")
    held: dict[UUID, list[Any]] = defaultdict(list)
    for row in books.rows("role_held", "user_id", "role", "granted_at", "revoked_at"):
        if Permission.PLANS_APPROVE in ROLE_PERMISSIONS.get(row.role, frozenset()):
            held[row.user_id].append(row)
    for row in books.rows("release_instruction", "number", "approved_at", "approved_by_id"):
        entitled = any(
            role.granted_at <= row.approved_at and (role.revoked_at is None or role.revoked_at >= row.approved_at)
            for role in held[row.approved_by_id]
        )
        finding.see(entitled, f"动用指令 {row.number}:批准人当时没有批准权")


def versions(books: Books, finding: Finding) -> None:
    """I11: of each number at most one version is valid; nothing goes out under an order that was cancelled."""
    valid: Counter[str] = Counter()
    for number, state in books.plain("paper", "number", "state"):
        finding.checked += 1
        valid[number] += state == "valid"
    for number, count in valid.items():
        if count > 1:
            finding.fail(f"单据 {number} 有 {count} 个有效版本")
    gone = dispatched(books)
    for row in books.rows("consignment", "id", "number", "state"):
        out = sum(quantity for (order, _), quantity in gone.items() if order == row.id.hex)
        finding.see(row.state != "cancelled" or out == 0, f"调拨单 {row.number} 已作废,仍发出 {out}")


def dispatched(books: Books) -> dict[tuple[str, str], int]:
    """(order, lot) -> what was put on the road under it and not posted back."""
    return books.once(_dispatched)


def _dispatched(books: Books) -> dict[tuple[str, str], int]:
    gone: dict[tuple[str, str], int] = defaultdict(int)
    columns = ("document_id", "lot_id", "quantity", "reverses_id")
    for order, lot, quantity, back in books.plain(
        "stock_move", *columns, where=lambda rows: rows.c.reason == "dispatch"
    ):
        gone[order, lot] += quantity if back is None else -quantity
    return gone


def quantities(books: Books, finding: Finding) -> None:
    """I12: never more sent than approved, never more found than loaded; what was planned is what was ordered."""
    planned = {row.id: row.quantity for row in books.rows("plan_line", "id", "quantity")}
    loaded: dict[tuple[str, str], int] = defaultdict(int)
    for row in books.rows("consignment_line"):
        finding.see(
            row.loaded <= row.quantity - row.shortened
            and row.good + row.damaged + row.refused + row.short <= max(row.loaded, 0),
            f"调拨明细 {row.id}:批准 {row.quantity},减少 {row.shortened},装车 {row.loaded}",
        )
        finding.see(planned.get(row.plan_line_id) == row.quantity, f"调拨明细 {row.id} 与方案数量不符")
        if row.lot_id is not None:
            loaded[row.consignment_id.hex, row.lot_id.hex] += row.loaded
        else:  # to be fetched at a supplier's: no lot before it is loaded
            finding.see(row.loaded == 0, f"调拨明细 {row.id}:装车 {row.loaded},没有批次")
    gone = dispatched(books)
    for key in loaded.keys() | {key for key in gone if key[0] in {order for order, _ in loaded}}:
        finding.see(
            gone.get(key, 0) == loaded[key],
            f"调拨单 {shown(key[0])} 批次 {shown(key[1])}:装车 {loaded[key]},流水发出 {gone.get(key, 0)}",
        )


def approvals(books: Books, finding: Finding) -> None:
    """I17: nobody approves a plan of their own or hands out what they approved; administrators move no stock."""
    authors = {row.id: row.created_by_id for row in books.rows("plan", "id", "created_by_id")}
    approvers = {}
    for row in books.rows("release_instruction", "id", "number", "plan_id", "approved_by_id"):
        approvers[row.id] = row.approved_by_id.hex
        finding.see(
            authors.get(row.plan_id) is None or authors[row.plan_id] != row.approved_by_id,
            f"动用指令 {row.number} 由方案编制人批准",
        )
    approved_by = {
        row.id.hex: approvers.get(row.instruction_id) for row in books.rows("consignment", "id", "instruction_id")
    }
    admins = {row.user_id.hex for row in books.rows("role_held", "user_id", "role") if row.role.endswith("_admin")}
    held = books.table("role_held")
    by_admins = select(held.c.user_id).where(held.c.role.endswith("_admin"))

    def doubtful(moves: Table) -> ColumnElement[bool]:
        return moves.c.actor_id.in_(by_admins) | ((moves.c.reason == "dispatch") & moves.c.actor_id.is_not(None))

    finding.checked += books.counted("stock_move")
    columns = ("seq", "actor_id", "reason", "document_id")
    for seq, actor, reason, document in books.plain("stock_move", *columns, where=doubtful):
        if actor in admins:
            finding.fail(f"流水 {seq} 由管理员账号经手")
        if reason == "dispatch" and actor is not None and approved_by.get(document) == actor:
            finding.fail(f"流水 {seq}:装车人就是批准人")


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
            "ordered": row.quantity - row.shortened,
            "accepted": row.quantity - row.shortened,
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


OVERDUE = {
    "load": ("load_by", {"ordered", "accepted"}),
    "arrive": ("planned_arrival_at", {"ordered", "accepted", "loaded", "in_transit"}),
}


def overdue(books: Books, finding: Finding) -> None:
    """I5: whatever was overdue when the watch last looked has its alert, and an alert is about a time that had passed."""
    looked = next((row.looked_at for row in books.rows("overdue_watch", "looked_at")), None)
    alerts = {(row.consignment_id, row.kind): row for row in books.rows("overdue_alert")}
    for row in books.rows("consignment", "id", "number", "state", "load_by", "planned_arrival_at"):
        for kind, (column, states) in OVERDUE.items():
            is_late = looked is not None and row.state in states and row[column] < looked
            finding.see(
                not is_late or (row.id, kind) in alerts, f"调拨单 {row.number}:{kind} 已超时({row[column]}),没有告警"
            )
    for alert in alerts.values():
        finding.see(
            alert.due_at < alert.raised_at, f"告警 {alert.seq}:时限 {alert.due_at} 在告警时 {alert.raised_at} 还没到"
        )


def references(books: Books, finding: Finding) -> None:
    """I20: no row points at a row that is not there; the database is at the revision of this code."""
    schema_revision(books, finding)
    for name in sorted(books.names):
        constraints, figured, counted = _pointers(books.table(name))
        if not constraints or not books.has_rows(name):
            continue
        if books.dialect == "sqlite" and not books.dangling(name):
            finding.checked += sum(next(books.stream(counted)))
            continue
        figures = next(books.stream(figured))
        for constraint, total, lost in zip(constraints, figures[::2], figures[1::2], strict=True):
            finding.checked += total
            if lost:
                finding.fail(
                    f"{name}.{','.join(constraint.column_keys)}:{lost} 行指向不存在的 {constraint.referred_table.name}"
                )


@lru_cache(maxsize=512)
def _pointers(table: Table) -> tuple[Sequence[ForeignKeyConstraint], Select[Any], Select[Any]]:
    """The constraints, and for each: how many rows point somewhere, and how many of them at nothing. One pass over the table.

    And once more only how many rows point somewhere.
    """
    constraints = sorted(table.foreign_key_constraints, key=lambda each: str(each.name))
    asked: list[ColumnElement[int]] = []
    for constraint in constraints:
        target = constraint.referred_table.alias("pointed_at")
        pairs = [(element.parent, target.c[element.column.name]) for element in constraint.elements]
        points = and_(*(parent.is_not(None) for parent, _ in pairs))
        there = exists().where(*(parent == column for parent, column in pairs)).correlate(table)
        asked += [_how_many(points), _how_many(and_(points, ~there))]
    return constraints, Select[Any](*asked).select_from(table), Select[Any](*asked[::2]).select_from(table)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def schema_revision(books: Books, finding: Finding) -> None:
    """The database is at the revision of this code."""
    wanted, found = head(), [row[0] for row in books.plain("alembic_version", "version_num")]
    finding.see(found == [wanted], f"数据库版本 {'、'.join(found) or '空'},程序需要 {wanted}")


def keys(books: Books, finding: Finding) -> None:
    """I9: each request key stands for one thing done, which the journal tells of once, with the answer it vouches for."""
    answers(books, finding)
    done: Counter[tuple[str, str]] = Counter()

    def keyed(rows: Any) -> Any:
        return rows.c.request_key.is_not(None) & (rows.c.outcome == "done")

    for operation, key in books.plain("journal_entry", "command", "request_key", where=keyed):
        done[operation, key] += 1
    kept: Counter[tuple[str, str]] = Counter()
    for operation, key, fingerprint, answer in books.plain("request_key", "operation", "key", "fingerprint", "answer"):
        kept[operation, key] += 1
        right = len(fingerprint) == 64 and "value" in json.loads(answer)
        finding.see(right, f"请求键 {operation} {key} 没有答复")
    for one in done.keys() | kept.keys():
        if done[one] != kept[one]:
            finding.fail(f"请求键 {one[0]} {one[1]}:登记 {kept[one]} 次,日志记生效 {done[one]} 次")
