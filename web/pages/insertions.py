"""A late request line and the plan that stands: which lines are short, the ways to take one along, one of them adopted."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response as Answer

from supplyops.dispatch import printing
from supplyops.kernel.errors import NotFound
from supplyops.planning import inserting, insertions, queries
from supplyops.planning.insertion_rules import INSERTION_SECONDS_DEFAULT, InsertionInput
from supplyops.planning.rules import AdviceState
from supplyops.planning.studies import StudyInput, StudyKind, issue_study
from supplyops.wording.errors import sentence
from supplyops.wording.helps import span
from supplyops.wording.offers import delayed_stops
from supplyops.wording.stages import stage_word
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.printing import viewed
from web.view import signed_in

REFRESH_S = 2


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/plans/<number>/insertions", view_func=plan_insertions)
    add("/plans/<number>/insertions/cancel", view_func=plan_insertions_cancel, methods=["POST"])
    add(
        "/plans/<number>/insertions/<request_number>/<int:line_no>",
        view_func=plan_insertion,
        methods=["GET", "POST"],
    )
    add("/plans/<number>/study.pdf", view_func=plan_study_pdf, methods=["POST"])


@signed_in
def plan_insertions(number: str) -> Any:
    """Lines that the plan does not serve wholly."""
    head = view.read(queries.head, number)
    return view.page("plans/insertions.html", head=head, rows=view.read(insertions.late_lines, number))


@signed_in
def plan_insertion(number: str, request_number: str, line_no: int) -> Answer:
    """The ways for one line: asked for, watched, laid side by side."""
    form = Form()
    if form.is_posted:
        with form.attempt():
            wanted = InsertionInput(request_number, line_no, seconds=forms.whole("seconds"))
            view.run(inserting.start_insertions, view.read(queries.head, number).id, wanted)
            where = {"number": number, "request_number": request_number, "line_no": line_no}
            return view.back("pages.plan_insertion", "已开始查找追加办法", **where)
    row = view.read(insertions.insertions, number, request_number, line_no)
    is_running = row.state is AdviceState.RUNNING and not row.is_lost
    response = form.page(
        "plans/insertion.html",
        row=row,
        is_running=is_running,
        stage=_(stage_word(str(row.progress.get("stage", "")))),
        told=sentence(str(row.error["code"]), row.error.get("params")) if row.error else "",
        may_make=view.may("plans.make"),
        seconds=row.options.get("seconds") or INSERTION_SECONDS_DEFAULT,
        stops={offer.variant_id: delayed_stops(offer.delays) for offer in row.offers},
        span=span,
    )
    if is_running and not form.refusal:
        response.headers["Refresh"] = str(REFRESH_S)
    return response


@signed_in
def plan_insertions_cancel(number: str) -> Any:
    """Stop looking."""
    view.run(inserting.cancel_insertions, view.read(queries.head, number).id)
    request_number, line_no = request.form.get("request_number", ""), forms.whole("line_no")
    if request_number and line_no:
        where = {"number": number, "request_number": request_number, "line_no": line_no}
        return view.back("pages.plan_insertion", "已取消", **where)
    return view.back("pages.plan_insertions", "已取消", number=number)


@signed_in
def plan_study_pdf(number: str) -> Answer:
    """What is laid side by side, issued as a paper."""
    kind = request.form.get("kind", "")
    if kind not in set(StudyKind):
        raise NotFound("plan_study")
    line_no = forms.whole("line_no") or 0
    wanted = StudyInput(StudyKind(kind), request.form.get("request_number", "")[:80], line_no)
    paper = view.read(printing.paper, str(view.run(issue_study, number, wanted)))
    return viewed([paper], paper.row.number)
