"""Acceptances: receipts that wait for a second signature or for the report of their result."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.places import queries as places
from supplyops.stock import acceptance, acceptance_queries
from supplyops.stock.acceptance_queries import AcceptanceFilter
from supplyops.stock.documents import AcceptanceReport, AcceptanceState
from web import forms, view
from web.forms import Form
from web.pages.documents import document_page
from web.paging import page_of
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/stock/acceptances", view_func=acceptances)
    pages.add_url_rule("/stock/acceptances/<number>/sign", view_func=sign_inspection, methods=["POST"])
    pages.add_url_rule("/stock/acceptances/<number>/report", view_func=report_acceptance, methods=["POST"])


@signed_in
def acceptances() -> str:
    """What is not reported yet first, by the day it is due."""
    args = request.args
    where = AcceptanceFilter(
        AcceptanceState(args["state"]) if args.get("state") in set(AcceptanceState) else None,
        args.get("site", "")[:40],
        args.get("text", "").strip()[:60],
        args.get("overdue") == "1",
    )
    total = view.read(acceptance_queries.count_acceptances, where)
    page, pages = page_of(total, acceptance_queries.PAGE)
    return view.page(
        "documents/acceptances.html",
        rows=view.read(acceptance_queries.acceptances, where, offset=(page - 1) * acceptance_queries.PAGE),
        where=where,
        states=list(AcceptanceState),
        sites=view.read(places.sites),
        total=total,
        page=page,
        pages=pages,
    )


@signed_in
def sign_inspection(number: str) -> Response:
    """The inspector signs for what the keeper took in."""
    row = view.read(acceptance_queries.acceptance, number)
    form = Form()
    with form.attempt():
        view.run(acceptance.sign_inspection, row.id)
        return view.back("pages.stock_document", "已质检签字,请重新打印入库单", number=number)
    return document_page(number, form)


@signed_in
def report_acceptance(number: str) -> Response:
    """The result was reported."""
    row = view.read(acceptance_queries.acceptance, number)
    form = Form()
    with form.attempt():
        view.run(acceptance.report_acceptance, row.id, forms.parse(AcceptanceReport))
        return view.back("pages.stock_document", "已登记验收结果报告", number=number)
    return document_page(number, form)
