"""Goods that come back: what is due, the register beside the returned goods, repairs, and the limits in force."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.catalogue import queries as catalogue
from supplyops.dispatch import printing
from supplyops.places import queries as places
from supplyops.places.queries import SiteRow
from supplyops.recoveries import commands, queries, undoing
from supplyops.recoveries.queries import DueFilter, RecoveryRow
from supplyops.recoveries.rules import RecoveryInput, RecoveryLimitInput, RepairInput
from supplyops.wording.errors import sentence
from web import forms, view
from web.forms import Form
from web.lists import ALL_ROWS
from web.lists.transfers import DUES, LIMITS, RECOVERIES
from web.paging import one_page, page_among
from web.stores import by_use
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/recoveries", view_func=recoveries_due)
    add("/recoveries/done", view_func=recoveries)
    add("/recoveries/new/<number>", view_func=recovery_new, methods=["GET", "POST"])
    add("/recoveries/limits", view_func=recovery_limits, methods=["GET", "POST"])
    add("/recoveries/<number>", view_func=recovery)
    add("/recoveries/<number>/undo", view_func=undo_recovery, methods=["POST"])
    add("/recoveries/<number>/reverse", view_func=reverse_recovery, methods=["POST"])
    add("/recoveries/<number>/repair", view_func=repair_recovered, methods=["POST"])


@signed_in
def recoveries_due() -> Any:
    """What is out and has to come back, the first to be due first."""
    args = request.args
    within = args.get("within", "")
    where = DueFilter(
        text=args.get("text", "").strip()[:60],
        only_overdue=bool(args.get("overdue")),
        due_within_days=int(within) if within.isdecimal() and len(within) < 6 else None,
        include_back=bool(args.get("all")),
    )
    rows = view.read(queries.recovery_dues, where)
    if file := DUES.file_of(rows):
        return file
    return view.page("recoveries/due.html", where=where, **page_among(rows))


@signed_in
def recoveries() -> Any:
    """What came back, newest first."""
    text, repair = request.args.get("text", "").strip()[:60], bool(request.args.get("repair"))
    if file := RECOVERIES.file_of(lambda: view.read(queries.recoveries, text, repair, limit=ALL_ROWS)):
        return file
    return view.page(
        "recoveries/list.html",
        text=text,
        repair=repair,
        **one_page(queries.recoveries, queries.count_recoveries, text, repair),
    )


@signed_in
def recovery_new(number: str) -> Response:
    """Goods of one issue or delivery come back."""
    view.require(view.may("recoveries.record"))
    form = Form()
    if form.is_posted:
        with form.attempt():
            made = view.run(commands.recover, forms.parse(RecoveryInput, {"source_number": number}))
            row = view.read(queries.recovery_by_id, made)
            told = "已收回入账,报废部分已提出申请" if row.scraps else "已收回入账,请打印回收登记表"
            return view.back("pages.recovery", told, number=row.number)
    rows = view.read(queries.recovery_dues, DueFilter(document_number=number))
    return form.page("recoveries/new.html", number=number, rows=rows, sites=stores_of_reader("recoveries.record"))


def stores_of_reader(permission: str) -> list[SiteRow]:
    """The stores at which the reader may do something."""
    return by_use(
        site for site in view.read(places.sites) if site.is_active and view.may_at(permission, site.organisation_id)
    )


@signed_in
def recovery(number: str) -> Response:
    """One recovery."""
    return _recovery_page(view.read(queries.recovery, number), Form())


def _recovery_page(row: RecoveryRow, form: Form) -> Response:
    papers = view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else []
    mends = row.to_repair and view.may_at("recoveries.record", row.organisation_id)
    undo = view.read(undoing.undo_of, row.number)
    why = "" if undo.is_possible or undo.code == "recovery_taken_back" else sentence(undo.code, undo.params)
    return form.page("recoveries/recovery.html", row=row, papers=papers, mends=mends, undo=undo, why=why)


@signed_in
def undo_recovery(number: str) -> Response:
    """Undo one's own register while there is time."""
    form = Form()
    with form.attempt():
        view.run(undoing.undo_recovery, number)
        return view.back("pages.recovery", "已撤销,登记表作废", number=number)
    return _recovery_page(view.read(queries.recovery, number), form)


@signed_in
def reverse_recovery(number: str) -> Response:
    """Take back a register that was a mistake."""
    form = Form()
    with form.attempt():
        view.run(undoing.reverse_recovery, number, request.form.get("because", "").strip())
        return view.back("pages.recovery", "已冲销,登记表作废", number=number)
    return _recovery_page(view.read(queries.recovery, number), form)


@signed_in
def repair_recovered(number: str) -> Response:
    """What became of goods that had to be mended."""
    form = Form()
    with form.attempt():
        view.run(commands.repair, forms.parse(RepairInput, {"recovery": number}))
        return view.back("pages.recovery", "已登记修复", number=number)
    return _recovery_page(view.read(queries.recovery, number), form)


@signed_in
def recovery_limits() -> Any:
    """How long each item may be out."""
    form = Form()
    if form.is_posted:
        with form.attempt():
            view.run(commands.save_limits, [forms.parse(RecoveryLimitInput)])
            return view.back("pages.recovery_limits", "已保存")
    rows = view.read(queries.recovery_limits)
    if file := LIMITS.file_of(rows):
        return file
    items = [item for item in view.read(catalogue.items) if item.is_recoverable]
    return form.page(
        "recoveries/limits.html",
        rows=rows,
        item_options=[(item.sku, f"{item.name} {item.sku}") for item in items],
    )
