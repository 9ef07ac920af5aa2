"""Purchase plans of reserves: drafted from figures, changed with reasons, submitted, decided, printed, taken away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.catalogue import queries as catalogue
from supplyops.dispatch import printing
from supplyops.exchange.lists import FORMATS
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.people.rules import Level
from supplyops.reserves import commands, plan_queries, queries
from supplyops.reserves.plan_rules import PurchasePlanDecision, PurchasePlanEdit, PurchasePlanInput
from web import forms, view
from web.forms import Form
from web.lists import download
from web.lists.reserves import PLAN_LINES, PLANS
from web.packing import in_base_units, sku_itself
from web.view import signed_in

FIELDS = {
    "sku": "物资",
    "quantity": "采购数量",
    "unit_price_fen": "单价(元)",
    "reason": "调整原因",
    "year": "年度",
    "note": "说明",
}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/reserves/plans", view_func=purchase_plans)
    add("/reserves/plans/new", view_func=purchase_plan_new, methods=["GET", "POST"])
    add("/reserves/plans/<number>", view_func=purchase_plan, methods=["GET", "POST"])
    add("/reserves/plans/<number>/file/<format_name>", view_func=purchase_plan_file)
    add("/reserves/plans/<number>/submit", view_func=submit_purchase_plan, methods=["POST"])
    add("/reserves/plans/<number>/decide", view_func=decide_purchase_plan, methods=["POST"])
    add("/reserves/plans/<number>/cancel", view_func=cancel_purchase_plan, methods=["POST"])


@signed_in
def purchase_plans() -> Any:
    """Plans, the latest year first."""
    rows = view.read(plan_queries.purchase_plans)
    if file := PLANS.file_of(rows):
        return file
    return view.page("reserves/plans.html", rows=rows)


@signed_in
def purchase_plan_new() -> Response:
    """Choose whose plan and for which year; the lines come from the figures."""
    places = view.read(queries.visible_places)
    year = business_day(view.runtime().clock()).year
    form = Form({"year": str(year)}, FIELDS)
    if form.is_posted:
        with form.attempt():
            level, _colon, area = request.form.get("place", "").partition(":")
            if level not in set(Level):
                raise NotFound("reserve_place", area=area)
            wanted = forms.parse(PurchasePlanInput, {"level": level, "area_code": area}, leaving_out={"place"})
            plan_id = view.run(commands.draft_purchase_plan, wanted)
            number = view.read(plan_queries.purchase_plan_by_id, plan_id).number
            return view.back("pages.purchase_plan", "已按缺口和到期起草,请核对", number=number)
    view.require(view.may("reserves.plan"))
    choices = [(f"{each.level.value}:{each.area_code}", f"{view.word(each.level)} {each.name}") for each in places]
    return form.page(
        "reserves/plan_new.html", places=choices, years=[(str(each), str(each)) for each in range(year, year + 6)]
    )


@signed_in
def purchase_plan(number: str) -> Response:
    """One plan; as a draft its lines can be changed here."""
    row = view.read(plan_queries.purchase_plan, number)
    form = Form(_initial(row), FIELDS)
    if form.is_posted:
        with form.attempt():
            edit = forms.parse(PurchasePlanEdit, unpack=in_base_units("lines", ("quantity",), sku_itself))
            view.run(commands.edit_purchase_plan, row.id, forms.whole("version"), edit)
            return view.back("pages.purchase_plan", "已保存", number=number)
    return _page(row, form)


def _initial(row: plan_queries.PurchasePlanRow) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, line in enumerate(row.lines):
        found |= {
            f"lines-{place}-sku": line.sku,
            f"lines-{place}-quantity": str(line.quantity),
            f"lines-{place}-unit_price_fen": f"{line.unit_price_fen / 100:.2f}",
            f"lines-{place}-reason": line.reason,
        }
    return found


def _page(row: plan_queries.PurchasePlanRow, form: Form) -> Response:
    papers = view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else []
    items = [(item.sku, f"{item.sku} {item.name} ({item.unit})") for item in view.read(catalogue.items)]
    return form.page("reserves/plan.html", row=row, papers=papers, items=items)


@signed_in
def purchase_plan_file(number: str, format_name: str) -> Response:
    """A plan's lines as CSV or XLSX."""
    row = view.read(plan_queries.purchase_plan, number)
    if format_name not in FORMATS:
        raise NotFound("list")
    facts = [
        ("采购计划", row.number),
        ("单位", row.organisation_name),
        ("年度", str(row.year)),
        ("状态", view.word(row.state)),
    ]
    return download(PLAN_LINES.write(row.lines, format_name, facts), f"{PLANS.title}-{row.number}", format_name)


@signed_in
def submit_purchase_plan(number: str) -> Response:
    """Hand a draft in."""
    row = view.read(plan_queries.purchase_plan, number)
    form = Form({}, FIELDS)
    with form.attempt():
        view.run(commands.submit_purchase_plan, row.id, forms.whole("version"))
        return view.back("pages.purchase_plan", "已提交,请另一人批准", number=number)
    return _page(row, form)


@signed_in
def decide_purchase_plan(number: str) -> Response:
    """Approve, or send back."""
    row = view.read(plan_queries.purchase_plan, number)
    form = Form({}, FIELDS)
    with form.attempt():
        decision = PurchasePlanDecision(request.form.get("verdict") == "approve", request.form.get("note", "").strip())
        view.run(commands.decide_purchase_plan, row.id, forms.whole("version"), decision)
        return view.back("pages.purchase_plan", "已批准" if decision.is_approved else "已退回", number=number)
    return _page(row, form)


@signed_in
def cancel_purchase_plan(number: str) -> Response:
    """Give a plan up."""
    row = view.read(plan_queries.purchase_plan, number)
    form = Form({}, FIELDS)
    with form.attempt():
        because = request.form.get("because", "").strip()
        view.run(commands.cancel_purchase_plan, row.id, forms.whole("version"), because)
        return view.back("pages.purchase_plan", "已作废", number=number)
    return _page(row, form)
