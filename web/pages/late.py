"""Permits to write up what happened too long ago."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.places import queries as places
from supplyops.stock import late_entries
from supplyops.stock.documents import LatePermitInput
from supplyops.stock.rules import LateKind
from web import forms, view
from web.forms import Form
from web.stores import by_use
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/stock/late", view_func=late_permits, methods=["GET", "POST"])
    pages.add_url_rule("/stock/late/<uuid:permit_id>", view_func=decide_late, methods=["POST"])


@signed_in
def late_permits() -> Response:
    """Permits, and the form that asks for one."""
    form = Form()
    if form.is_posted:
        with form.attempt():
            view.run(late_entries.ask_late, forms.parse(LatePermitInput))
            return view.back("pages.late_permits", "已申请补录,等待批准")
    return _page(form)


def _page(form: Form) -> Response:
    bodies = view.bodies()
    rows = view.read(late_entries.late_permits)
    own = by_use(
        site
        for site in view.read(places.sites)
        if site.organisation_id in bodies
        and view.principal().holds_at(late_entries.ask_late.permission, bodies[site.organisation_id].path)
    )
    return form.page("stock/late.html", rows=rows, sites=own, kinds=list(LateKind))


@signed_in
def decide_late(permit_id: UUID) -> Response:
    """Allow or refuse."""
    form = Form()
    with form.attempt():
        allowed = request.form.get("allowed") == "1"
        view.run(late_entries.decide_late, permit_id, allowed, request.form.get("note", "").strip())
        return view.back("pages.late_permits", "已批准补录" if allowed else "已退回")
    return _page(form)
