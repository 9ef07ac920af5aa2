"""What is owed back for goods taken, how old it is, and what was given back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.obligations import commands, queries
from supplyops.obligations.queries import ObligationFilter, ObligationRow
from supplyops.obligations.rules import AgeBand, SettlementInput, SettlementKind, Standing
from web import forms, view
from web.forms import Form
from web.lists.transfers import OBLIGATIONS
from web.paging import page_among
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/obligations", view_func=obligations)
    add("/obligations/<number>", view_func=obligation)
    add("/obligations/<number>/settle", view_func=settle_obligation, methods=["POST"])


@signed_in
def obligations() -> Any:
    """What is owed, the longest due first, with its ageing above."""
    args = request.args
    band = args.get("band", "")
    where = ObligationFilter(
        only_open=args.get("all") != "1",
        only_overdue=bool(args.get("overdue")),
        band=AgeBand(band) if band in set(AgeBand) else None,
        text=args.get("text", "").strip()[:60],
    )
    rows = view.read(queries.obligations, where)
    if file := OBLIGATIONS.file_of(rows):
        return file
    return view.page(
        "obligations/list.html",
        **page_among(rows),
        ageing=view.read(queries.ageing),
        where=where,
        bands=list(AgeBand),
    )


@signed_in
def obligation(number: str) -> Response:
    """One obligation."""
    return _obligation_page(view.read(queries.obligation, number), Form())


def _obligation_page(row: ObligationRow, form: Form) -> Response:
    may_settle = view.may_at("obligations.settle", row.creditor_id) and row.standing is not Standing.SETTLED
    return form.page("obligations/obligation.html", row=row, may_settle=may_settle, kinds=list(SettlementKind))


@signed_in
def settle_obligation(number: str) -> Response:
    """The creditor says what it was given back."""
    form = Form()
    with form.attempt():
        view.run(commands.settle, forms.parse(SettlementInput, {"obligation": number}))
        return view.back("pages.obligation", "已登记", number=number)
    return _obligation_page(view.read(queries.obligation, number), form)
