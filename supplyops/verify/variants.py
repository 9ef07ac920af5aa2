"""Invariants of other answers to a plan's problem: each answers that problem, and what was adopted is the draft it became."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from supplyops.verify.report import Finding
from supplyops.verify.rows import Books

WITH_EMPHASIS = {"fast", "fair", "frugal"}


def variants(books: Books, finding: Finding) -> None:
    """A variant has the plan and the search it came from, its verdict and problem; an adopted one was clean and is its draft."""
    columns = ("id", "number", "incident_id", "problem_hash", "solution", "options")
    plans = {row.id: row for row in books.rows("plan", *columns)}
    searches = {row.id: row.plan_id for row in books.rows("plan_alternatives", "id", "plan_id")}
    late = {row.id: row for row in books.rows("plan_insertions", "id", "plan_id", "problem", "offers")}
    adopted = {}
    for row in books.rows("plan_variant"):
        base = plans.get(row.plan_id)
        what = f"方案 {base.number if base else row.plan_id} 的备选 {row.id}"
        finding.see(base is not None, f"{what}:原方案不存在")
        if base is None:
            continue
        of_search = searches.get(row.alternatives_id) == row.plan_id
        finding.see(of_search == (row.origin in WITH_EMPHASIS), f"{what}:与备选方案的求解不对应")
        asked = late.get(row.insertions_id)
        finding.see((asked is not None) == (row.origin == "late"), f"{what}:与追加需求的查找不对应")
        clean = row.verdict["is_feasible"]
        finding.see(clean == (not row.verdict["violations"]), f"{what}:校核结论与不符之处矛盾")
        if asked is not None:
            offered = any(each["variant_id"] == str(row.id) for each in asked.offers)
            finding.see(asked.plan_id == row.plan_id and offered, f"{what}:不是该方案查找到的办法")
        if clean:
            problem = base.problem_hash if asked is None else _hash(asked.problem)
            finding.see(row.solution["problem_hash"] == problem, f"{what}:解的不是这个方案的问题")
        if row.adopted_as_id is not None:
            adopted[row.id] = row.adopted_as_id
            finding.see(clean, f"{what}:校核不通过而被采用")
            made = plans.get(row.adopted_as_id)
            same = made is not None and made.incident_id == base.incident_id and made.solution == row.solution
            finding.see(same, f"{what}:采用后的方案与它不同")
    for plan in plans.values():
        named = (plan.options.get("adopted") or {}).get("variant_id")
        if named is not None:
            right = any(str(variant) == named and made == plan.id for variant, made in adopted.items())
            finding.see(right, f"方案 {plan.number}:采用自的备选没有记着它")


def _hash(problem: dict[str, Any]) -> str:
    """What names a problem: SHA-256 of its JSON with sorted names and no spaces."""
    text = json.dumps(problem, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
