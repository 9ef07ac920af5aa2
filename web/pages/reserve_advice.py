"""What a reserve should hold where: scenarios with their probabilities, advice within a budget, into the purchase plan."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.catalogue import queries as catalogue
from supplyops.demo import scenarios as stories
from supplyops.dispatch import printing
from supplyops.incidents.rules import Hazard
from supplyops.kernel.errors import Conflict
from supplyops.norms.rules import Season
from supplyops.planning import reserve_advising as advising
from supplyops.planning import reserving
from supplyops.planning.reserve_answers import purchase_lines
from supplyops.planning.reserve_papers import issue_reserve_advice
from supplyops.planning.reserving_rules import AreaPersons, ReserveAdviceInput, ReserveScenarioInput
from supplyops.planning.rules import AdviceState
from supplyops.reserves import commands, plan_queries, queries
from supplyops.reserves.plan_rules import PurchasePlanEdit, PurchasePlanState
from supplyops.wording.errors import sentence
from supplyops.wording.stages import stage_word
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.lists.reserves import ADVICE
from web.printing import viewed
from web.view import signed_in

REFRESH_S = 2
SHOWN = 20
FIELDS = {
    "budget_fen": "预算(元)",
    "organisation_code": "单位",
    "code": "编号",
    "name": "名称",
    "probability_permille": "可能性(权重)",
    "season": "季节",
    "within_hours": "多少小时内送到",
    "persons": "各区划需保障人数",
    "lost_site_codes": "损失的储备库",
    "closed_road_codes": "中断的道路",
    "rounds": "车辆往返次数",
}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/reserves/advice", view_func=reserve_advice, methods=["GET", "POST"])
    add("/reserves/advice/lines", view_func=reserve_advised_lines)
    add("/reserves/advice/<number>", view_func=reserve_advice_of)
    add("/reserves/advice/<number>/cancel", view_func=reserve_advice_cancel, methods=["POST"])
    add("/reserves/advice/<number>/paper.pdf", view_func=reserve_advice_pdf, methods=["POST"])
    add("/reserves/advice/<number>/plan", view_func=reserve_advice_plan, methods=["POST"])
    add("/reserves/scenarios/edit", view_func=reserve_scenario, methods=["GET", "POST"])
    add("/reserves/scenarios/remove", view_func=reserve_scenario_remove, methods=["POST"])


def _bodies() -> list[tuple[str, str]]:
    """Bodies that head a place in reach, by code."""
    by_id = view.bodies()
    places = view.read(queries.visible_places)
    return [(by_id[place.head_id].code, by_id[place.head_id].name) for place in places if place.head_id in by_id]


@signed_in
def reserve_advice() -> Response:
    """The body's scenarios, and what was advised for them; advice is asked for here."""
    bodies = _bodies()
    chosen = request.values.get("organisation", "") or (bodies[0][0] if bodies else "")
    form = Form({"organisation": chosen, "budget": "1000000"}, FIELDS)
    if form.is_posted:
        with form.attempt():
            made = view.run(advising.start_reserve_advice, _wanted(request.form, chosen))
            number = view.read(advising.reserve_advice, str(made)).number
            return view.back("pages.reserve_advice_of", "已开始测算", number=number)
    return form.page(
        "reserves/advice.html",
        rows=view.read(reserving.reserve_scenarios, chosen) if chosen else [],
        advices=view.read(advising.reserve_advices, chosen, SHOWN),
        bodies=bodies,
        chosen=chosen,
        classes=_classes(),
        stories=[(name, stories.scenario(name).title) for name in stories.names()],
        may_plan=view.may("reserves.plan"),
    )


def _classes() -> list[tuple[str, str]]:
    return [(row.code, row.name) for row in view.read(catalogue.need_classes)]


def _wanted(given: Any, chosen: str) -> ReserveAdviceInput:
    yuan = forms.whole("budget", given)
    return ReserveAdviceInput(
        chosen,
        yuan * 100 if isinstance(yuan, int) else yuan,
        given.get("need_class", "")[:20],
        forms.whole("rounds", given),
    )


@signed_in
def reserve_advice_of(number: str) -> Response:
    """One advice: watched while it is worked out, then what to hold where."""
    row = view.read(advising.reserve_advice, number)
    plans = view.read(plan_queries.purchase_plans)
    is_running = row.state is AdviceState.RUNNING and not row.is_lost
    response = Form().page(
        "reserves/advised.html",
        row=row,
        found=row.answer,
        need_class=dict(_classes()).get(row.options.need_class, row.options.need_class),
        is_running=is_running,
        stage=_(stage_word(str(row.progress.get("stage", "")))),
        told=sentence(str(row.error["code"]), row.error.get("params")) if row.error else "",
        drafts=[plan for plan in plans if plan.state is PurchasePlanState.DRAFT],
        may_plan=view.may("reserves.plan"),
    )
    if is_running:
        response.headers["Refresh"] = str(REFRESH_S)
    return response


@signed_in
def reserve_advised_lines() -> Any:
    """What an advice would add: the newest that came to something, where none is named."""
    done = (row.number for row in view.read(advising.reserve_advices) if row.state is AdviceState.DONE)
    number = request.args.get("number", "") or next(done, "")
    answer = view.read(advising.reserve_advice, number).answer if number else None
    rows = [line for line in answer.lines if line.more] if answer else []
    return ADVICE.file_of(rows) or view.page("reserves/advised_lines.html", rows=rows, number=number)


@signed_in
def reserve_advice_cancel(number: str) -> Response:
    """Stop the reckoning."""
    row = view.read(advising.reserve_advice, number)
    view.run(advising.cancel_reserve_advice, row.id)
    return view.back("pages.reserve_advice_of", "已取消", number=row.number)


@signed_in
def reserve_advice_pdf(number: str) -> Response:
    """Issue it on paper."""
    paper = view.read(printing.paper, str(view.run(issue_reserve_advice, number)))
    return viewed([paper], paper.row.number)


@signed_in
def reserve_advice_plan(number: str) -> Response:
    """Write what the advice adds at a place into a draft of its purchase plan."""
    plan_number, _at, version = request.form.get("plan", "").partition("@")
    plan = view.read(plan_queries.purchase_plan, plan_number)
    row = view.read(advising.reserve_advice, number)
    lines = purchase_lines(row.number, row.answer, plan.level, plan.area_code) if row.answer else ()
    if not lines:
        raise Conflict("nothing_advised", number=plan.number)
    view.run(
        commands.edit_purchase_plan, plan.id, forms.whole("version", {"version": version}), PurchasePlanEdit(lines)
    )
    return view.back("pages.purchase_plan", "已按储备建议写入,请核对", number=plan.number)


@signed_in
def reserve_scenario() -> Response:
    """Add a scenario or change one; a story of the house may be the start."""
    args = request.args
    form = Form(_initial(args.get("organisation", ""), args.get("code", ""), args.get("story", "")), FIELDS)
    if form.is_posted:
        with form.attempt():
            wanted = _scenario(request.form)
            view.run(reserving.save_reserve_scenario, wanted)
            return view.back("pages.reserve_advice", "已保存情景", organisation=wanted.organisation_code)
    view.require(view.may("reserves.plan"))
    return form.page("reserves/scenario.html", bodies=_bodies(), seasons=[Season.SUMMER, Season.WINTER], hazards=Hazard)


@signed_in
def reserve_scenario_remove() -> Response:
    """Take a scenario away."""
    body = request.form.get("organisation", "")
    view.run(reserving.remove_reserve_scenario, body, request.form.get("code", ""))
    return view.back("pages.reserve_advice", "已删除情景", organisation=body)


def _initial(body: str, code: str, story: str) -> dict[str, str]:
    found: Any = next((row for row in view.read(reserving.reserve_scenarios, body) if row.code == code), None)
    if found is None and story in stories.names():
        found = stories.reserve_scenario_of(story, body)
    if found is None:
        return {
            "organisation_code": body,
            "probability_permille": "100",
            "within_hours": "24",
            "season": Season.WINTER.value,
        }
    return {
        "organisation_code": found.organisation_code,
        "code": found.code,
        "name": found.name,
        "probability_permille": str(found.probability_permille),
        "season": found.season.value,
        "hazard": str(found.hazard or ""),
        "within_hours": str(found.within_hours),
        "persons": "\n".join(f"{row.area_code} {row.persons}" for row in found.persons),
        "lost_site_codes": "\n".join(found.lost_site_codes),
        "closed_road_codes": "\n".join(found.closed_road_codes),
        "note": found.note,
    }


def _scenario(posted: Any) -> ReserveScenarioInput:
    """The form as a scenario: one area and its people a line, codes by lines or commas."""
    season, hazard = posted.get("season", ""), posted.get("hazard", "")
    persons = []
    for text in posted.get("persons", "").splitlines():
        area, _gap, count = text.strip().partition(" ")
        if area:
            persons.append(AreaPersons(area, forms.whole("persons", {"persons": count})))
    return ReserveScenarioInput(
        organisation_code=posted.get("organisation_code", ""),
        code=posted.get("code", "").strip(),
        name=posted.get("name", "").strip(),
        probability_permille=forms.whole("probability_permille"),
        season=Season(season) if season in set(Season) else Season.ALL,
        within_hours=forms.whole("within_hours"),
        persons=tuple(persons),
        hazard=Hazard(hazard) if hazard in set(Hazard) else None,
        lost_site_codes=_codes(posted.get("lost_site_codes", "")),
        closed_road_codes=_codes(posted.get("closed_road_codes", "")),
        note=posted.get("note", "").strip(),
    )


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in re.split(r"[\s,;、,;]+", text) if part))
