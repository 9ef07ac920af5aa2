"""Rotation: what nears its date, what is advised, and the documents that come of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.dispatch import printing
from supplyops.places import queries as places
from supplyops.rotations import commands, queries
from supplyops.rotations.papers import issue_advice
from supplyops.rotations.rules import POSTED_HERE, RotationChoice, RotationInput
from web import forms, view
from web.forms import Form
from web.lists import ALL_ROWS
from web.lists.stock import ROTATION_ADVICE, ROTATIONS
from web.paging import PAGE, one_page
from web.printing import viewed
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/stock/rotations", view_func=rotations)
    add("/stock/rotations/all", view_func=rotations_all)
    add("/stock/rotations/advice.pdf", view_func=rotation_advice_pdf, methods=["POST"])
    add("/stock/rotations/new", view_func=rotation_new, methods=["GET", "POST"])
    add("/stock/rotations/<number>", view_func=rotation)
    add("/stock/rotations/<number>/<any(decide, cancel, carry_out):step>", view_func=rotation_step, methods=["POST"])


@signed_in
def rotations() -> Any:
    """What nears its date with advice, and rotations."""
    site = request.args.get("site", "")[:40]
    advice = view.read(queries.advice, site)
    return ROTATION_ADVICE.file_of(advice) or view.page(
        "stock/rotations.html",
        advice=advice,
        rows=view.read(queries.rotations, limit=PAGE),
        sites=view.read(places.sites),
        site_code=site,
    )


@signed_in
def rotation_advice_pdf() -> Response:
    """Today's advice for one store, issued as a paper."""
    made = view.run(issue_advice, request.form.get("site_code", "")[:40])
    paper = view.read(printing.paper, str(made))
    return viewed([paper], paper.row.number)


@signed_in
def rotations_all() -> Any:
    """The rotations alone, to be taken away."""
    if file := ROTATIONS.file_of(lambda: view.read(queries.rotations, limit=ALL_ROWS)):
        return file
    return view.page("stock/rotations_all.html", **one_page(queries.rotations, queries.count_rotations))


@signed_in
def rotation_new() -> Response:
    """Propose a rotation."""
    view.require(view.may("rotations.propose"))
    names = ("lot_number", "location_code", "quantity", "choice", "target")
    initial: dict[str, Any] = {name: request.args.get(name, "")[:120] for name in names}
    form = Form(initial, {"quantity": "数量", "target": "去向", "reason": "原因"})
    if form.is_posted:
        with form.attempt():
            rotation_id = view.run(commands.propose, forms.parse(RotationInput))
            number = view.read(queries.rotation, str(rotation_id)).number
            return view.back("pages.rotation", "已提出,等待批准", number=number)
    return form.page("stock/rotation_new.html", choices=list(RotationChoice))


@signed_in
def rotation(number: str) -> Response:
    """One rotation."""
    return _page(number, Form())


def _page(number: str, form: Form) -> Response:
    row = view.read(queries.rotation, number)
    return form.page("stock/rotation.html", row=row, is_posted_here=row.next_step in POSTED_HERE)


@signed_in
def rotation_step(number: str, step: str) -> Response:
    """Decide, take back, carry out."""
    row = view.read(queries.rotation, number)
    form = Form()
    with form.attempt():
        told = {"decide": "已决定", "cancel": "已取消", "carry_out": "已办理"}[step]
        if step == "decide":
            allowed = request.form.get("allowed") == "1"
            view.run(commands.decide, row.id, allowed, request.form.get("note", "").strip())
        elif step == "cancel":
            view.run(commands.cancel, row.id, request.form.get("because", "").strip())
        else:
            view.run(commands.carry_out, row.id, request.form.get("document_number", "").strip())
        return view.back("pages.rotation", told, number=number)
    return _page(number, form)
