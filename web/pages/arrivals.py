"""Expected deliveries: the list, a new announcement, one delivery with what comes next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.arrivals import commands, queries
from supplyops.arrivals.queries import ArrivalFilter
from supplyops.arrivals.rules import ArrivalAcceptance, ArrivalInspection, ArrivalNotice, ArrivalState
from supplyops.places import queries as places
from supplyops.places.rules import LocationKind
from supplyops.runtime import Command
from supplyops.stock import document_queries
from supplyops.stock.documents import ReceiptKind
from web import forms, view
from web.forms import Form
from web.lists import ALL_ROWS
from web.lists.arrivals import ARRIVALS
from web.packing import in_parts
from web.pages.documents import choices
from web.paging import page_of
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/arrivals", view_func=arrivals)
    add("/arrivals/new", view_func=arrival_new, methods=["GET", "POST"])
    add("/arrivals/<number>", view_func=arrival)
    add("/arrivals/<number>/inspect", view_func=inspect_arrival, methods=["GET", "POST"])
    add("/arrivals/<number>/accept", view_func=accept_arrival, methods=["GET", "POST"])
    add("/arrivals/<number>/close", view_func=close_arrival, methods=["POST"])
    add("/arrivals/<number>/cancel", view_func=cancel_arrival, methods=["POST"])


@signed_in
def arrivals() -> Any:
    """Deliveries, the latest expected first."""
    args = request.args
    where = ArrivalFilter(
        ArrivalState(args["state"]) if args.get("state") in set(ArrivalState) else None,
        ReceiptKind(args["kind"]) if args.get("kind") in set(ReceiptKind) else None,
        args.get("site", "")[:40],
        args.get("text", "").strip()[:60],
        args.get("open") == "1",
        args.get("late") == "1",
    )
    if file := ARRIVALS.file_of(lambda: view.read(queries.arrivals, where, limit=ALL_ROWS)):
        return file
    total = view.read(queries.count_arrivals, where)
    page, pages = page_of(total, queries.PAGE)
    return view.page(
        "arrivals/list.html",
        rows=view.read(queries.arrivals, where, offset=(page - 1) * queries.PAGE),
        where=where,
        states=list(ArrivalState),
        kinds=list(ReceiptKind),
        sites=view.read(places.sites),
        total=total,
        page=page,
        pages=pages,
    )


@signed_in
def arrival_new() -> Response:
    """Say what will come."""
    view.require(view.may("arrivals.edit"))
    form = Form()
    if form.is_posted:
        with form.attempt():
            arrival_id = view.run(commands.announce, forms.parse(ArrivalNotice))
            number = view.read(queries.arrival_by_id, arrival_id).number
            return view.back("pages.arrival", "已登记到货通知", number=number)
    return form.page("arrivals/new.html", kinds=list(ReceiptKind), **choices())


@signed_in
def arrival(number: str) -> Response:
    """One delivery: what is to come, what came, what is next."""
    return _page(number, Form())


def _page(number: str, form: Form) -> Response:
    return form.page("arrivals/arrival.html", row=view.read(queries.arrival, number))


@signed_in
def inspect_arrival(number: str) -> Response:
    """Look at a load before it is unloaded, beside the truck."""
    row = view.read(queries.arrival, number)
    form = Form()
    if form.is_posted:
        with form.attempt():
            view.run(commands.inspect, row.id, forms.parse(ArrivalInspection))
            return view.back("pages.arrival", "已验货签字", number=number)
    return form.page("arrivals/inspect.html", row=row)


@signed_in
def accept_arrival(number: str) -> Response:
    """Take in the load that was inspected."""
    row = view.read(queries.arrival, number)
    form = Form()
    if form.is_posted:
        with form.attempt():
            document_id = view.run(
                commands.accept, row.id, forms.parse(ArrivalAcceptance, unpack=in_parts("lines", "serial_numbers"))
            )
            document = view.read(document_queries.document_by_id, document_id)
            return view.back("pages.stock_document", "已入库,请打印入库单", number=document.number)
    site = view.read(places.site, row.site_code)
    shelves = [place for place in view.read(places.locations, site.id) if place.kind is LocationKind.STORAGE]
    return form.page("arrivals/accept.html", row=row, shelves=shelves)


@signed_in
def close_arrival(number: str) -> Response:
    """The rest will not come."""
    return _end(number, commands.close, "已办结")


@signed_in
def cancel_arrival(number: str) -> Response:
    """The announcement is taken back."""
    return _end(number, commands.cancel, "已取消")


def _end(number: str, command: Command[[UUID, str], None], told: str) -> Response:
    row = view.read(queries.arrival, number)
    form = Form()
    with form.attempt():
        view.run(command, row.id, request.form.get("because", "").strip())
        return view.back("pages.arrival", told, number=number)
    return _page(number, form)
