"""Invariants of purchase plans: another person approved, and every difference from the figures is explained."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books


def plans(books: Books, finding: Finding) -> None:
    """An approved plan was decided by somebody who had no hand in it and is on paper; changed quantities have a reason."""
    lines: dict[UUID, list[Any]] = defaultdict(list)
    for line in books.rows("purchase_plan_line"):
        lines[line.purchase_plan_id].append(line)
    papers = {row.subject_id for row in books.rows("paper", "form", "subject_id") if row.form == "purchase_plan"}
    for plan in books.rows("purchase_plan"):
        if plan.state == "approved":
            apart = plan.decided_by_id is not None and str(plan.decided_by_id) not in plan.prepared_by
            finding.see(apart, f"采购计划 {plan.number}:由编制人批准")
            finding.see(plan.id in papers, f"采购计划 {plan.number}:已批准而没有单据")
        for line in lines[plan.id]:
            explained = line.quantity == line.drafted or bool(line.reason)
            finding.see(explained, f"采购计划 {plan.number} 第 {line.line_no} 行:数量与测算不同而没有原因")


def advices(books: Books, finding: Finding) -> None:
    """Advice has an answer exactly when it is done, has ended exactly when nobody works on it any more, and spends no more than its
    budget."""
    for row in books.rows("reserve_advice"):
        where = f"储备建议 {row.number}({row.state})"
        finding.see(bool(row.answer) == (row.state == "done"), f"{where}:结果与状态不符")
        finding.see((row.finished_at is None) == (row.state == "running"), f"{where}:完成时间与状态不符")
        within = not row.answer or row.answer["cost_fen"] <= row.options["budget_fen"]
        finding.see(within, f"{where}:花费超过预算")
