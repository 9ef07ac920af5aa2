"""Purchase plans over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from supplyops.norms.rules import Season
from supplyops.people.rules import Level
from supplyops.reserves import commands, plan_queries
from supplyops.reserves.plan_queries import PurchasePlanRow
from supplyops.reserves.plan_rules import PurchasePlanDecision, PurchasePlanEdit, PurchasePlanInput
from web import view
from web.api.base import answers, authenticated, body, noun, run, version, writes
from web.api.orders import Reason

blueprint = noun("purchase-plans", "年度采购计划和储备充足性报告")


@dataclass(frozen=True, slots=True)
class AdequacyReportInput:
    """Whose reserve a report is on."""

    level: Level
    area_code: str
    season: Season | None = None


@dataclass(frozen=True, slots=True)
class AdequacyReportRow:
    """The paper that a report is."""

    number: str


@blueprint.get("/")
@answers(blueprint, PurchasePlanRow, many=True)
@authenticated
def plans() -> Any:
    """可见的采购计划。"""
    return view.read(plan_queries.purchase_plans)


@blueprint.post("/")
@writes(blueprint, PurchasePlanInput)
@answers(blueprint, PurchasePlanRow, status=201)
@authenticated
def draft() -> Any:
    """按缺口和年内到期起草一个地方一年的采购计划。"""
    return view.read(plan_queries.purchase_plan_by_id, run(commands.draft_purchase_plan, body(PurchasePlanInput)))


@blueprint.get("/<number>")
@answers(blueprint, PurchasePlanRow)
@authenticated
def plan(number: str) -> Any:
    """一份采购计划。"""
    return view.read(plan_queries.purchase_plan, number)


@blueprint.patch("/<number>")
@writes(blueprint, PurchasePlanEdit, versioned=True)
@answers(blueprint, PurchasePlanRow)
@authenticated
def edit(number: str) -> Any:
    """修改草稿的明细;没有列出的行不变。"""
    row = view.read(plan_queries.purchase_plan, number)
    run(commands.edit_purchase_plan, row.id, version(), body(PurchasePlanEdit))
    return view.read(plan_queries.purchase_plan, number)


@blueprint.post("/<number>/submit")
@writes(blueprint, versioned=True)
@answers(blueprint, PurchasePlanRow)
@authenticated
def submit(number: str) -> Any:
    """提交。"""
    row = view.read(plan_queries.purchase_plan, number)
    run(commands.submit_purchase_plan, row.id, version())
    return view.read(plan_queries.purchase_plan, number)


@blueprint.post("/<number>/decide")
@writes(blueprint, PurchasePlanDecision, versioned=True)
@answers(blueprint, PurchasePlanRow)
@authenticated
def decide(number: str) -> Any:
    """批准或退回;编制、修改、提交过的人不能批准。"""
    row = view.read(plan_queries.purchase_plan, number)
    run(commands.decide_purchase_plan, row.id, version(), body(PurchasePlanDecision))
    return view.read(plan_queries.purchase_plan, number)


@blueprint.post("/<number>/cancel")
@writes(blueprint, Reason, versioned=True)
@answers(blueprint, PurchasePlanRow)
@authenticated
def cancel(number: str) -> Any:
    """作废。"""
    row = view.read(plan_queries.purchase_plan, number)
    run(commands.cancel_purchase_plan, row.id, version(), body(Reason).because)
    return view.read(plan_queries.purchase_plan, number)


@blueprint.post("/reports")
@writes(blueprint, AdequacyReportInput)
@answers(blueprint, AdequacyReportRow, status=201)
@authenticated
def report() -> Any:
    """出具储备充足性报告;答单据编号。"""
    wanted: AdequacyReportInput = body(AdequacyReportInput)
    return AdequacyReportRow(run(commands.issue_adequacy_report, wanted.level, wanted.area_code, wanted.season))
