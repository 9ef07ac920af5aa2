"""Alternatives to a plan: fast, fair and frugal beside it, one of them taken as the plan to work by."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response as Answer

from supplyops.planning import alternatives, queries, variants
from supplyops.planning.rules import AdviceState
from supplyops.planning.variant_rules import SECONDS_DEFAULT, AlternativesOptions
from supplyops.wording.errors import sentence
from supplyops.wording.measures import measure_rows
from supplyops.wording.stages import stage_word
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.view import signed_in

REFRESH_S = 2
LINES_SHOWN = 60


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/plans/<number>/alternatives", view_func=plan_alternatives, methods=["GET", "POST"])
    add("/plans/<number>/alternatives/cancel", view_func=plan_alternatives_cancel, methods=["POST"])
    add("/plans/<number>/variants/<uuid:variant_id>", view_func=plan_variant)
    add("/plans/<number>/variants/<uuid:variant_id>/adopt", view_func=plan_variant_adopt, methods=["POST"])


@signed_in
def plan_alternatives(number: str) -> Answer:
    """Alternatives: asked for, watched, laid side by side."""
    form = Form()
    if form.is_posted:
        with form.attempt():
            options = AlternativesOptions(seconds=forms.whole("seconds"), seed=forms.whole("seed") or 0)
            view.run(alternatives.start_alternatives, view.read(queries.head, number).id, options)
            return view.back("pages.plan_alternatives", "已开始求解备选方案", number=number)
    row = view.read(alternatives.alternatives, number)
    is_running = row.state is AdviceState.RUNNING and not row.is_lost
    response = form.page(
        "plans/alternatives.html",
        row=row,
        is_running=is_running,
        stage=_(stage_word(str(row.progress.get("stage", "")))),
        told=sentence(str(row.error["code"]), row.error.get("params")) if row.error else "",
        may_make=view.may("plans.make"),
        seconds=row.options.get("seconds") or SECONDS_DEFAULT,
        measures=measure_rows(row.base, [each.figures for each in row.variants]) if row.base else (),
        most=LINES_SHOWN,
    )
    if is_running and not form.refusal:
        response.headers["Refresh"] = str(REFRESH_S)
    return response


@signed_in
def plan_alternatives_cancel(number: str) -> Answer:
    """Stop looking."""
    view.run(alternatives.cancel_alternatives, view.read(queries.head, number).id)
    return view.back("pages.plan_alternatives", "已取消", number=number)


@signed_in
def plan_variant(number: str, variant_id: UUID) -> Answer:
    """One variant beside its plan: what the checker says of it, its figures, who gains and who loses."""
    return _variant_page(number, variant_id, Form())


def _variant_page(number: str, variant_id: UUID, form: Form) -> Answer:
    found = view.read(variants.variant, number, variant_id)
    return form.page(
        "plans/variant.html",
        found=found,
        row=found.variant,
        measures=measure_rows(found.base, [found.variant.figures]) if found.variant.figures else (),
        may_make=view.may("plans.make"),
        most=LINES_SHOWN,
    )


@signed_in
def plan_variant_adopt(number: str, variant_id: UUID) -> Any:
    """Take a variant as the plan to work by."""
    form = Form()
    with form.attempt():
        made = view.run(variants.adopt, view.read(queries.head, number).id, variant_id)
        return view.back("pages.plan", "已采用,请物权单位审批", number=view.read(queries.head, str(made)).number)
    return _variant_page(number, variant_id, form)
