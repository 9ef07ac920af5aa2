"""Loading and handing over, made for a phone beside a truck; suppliers' goods at the gate."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.dispatch import commands, handing_over, queries, supplying
from supplyops.dispatch.rules import ArrivalInput, HandoverInput, LoadInput
from supplyops.dispatch.views import ConsignmentRow, ExpectedRow
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.places import queries as places
from supplyops.stock.document_queries import document_by_id
from web import forms, view
from web.forms import Form
from web.lists.orders import EXPECTED
from web.packing import in_parts
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/orders/consignments/<number>/load", view_func=load_consignment, methods=["GET", "POST"])
    add("/orders/consignments/<number>/deliver", view_func=deliver_consignment, methods=["GET", "POST"])
    add("/orders/expected", view_func=orders_expected)
    add("/orders/expected/<number>/<site>", view_func=receive_call_off, methods=["GET", "POST"])


@signed_in
def load_consignment(number: str) -> Response:
    """What is really put on the vehicle, line by line."""
    row = view.read(queries.consignment, number)
    form = Form()
    if form.is_posted:
        with form.attempt():
            view.run(commands.load, _loading(row))
            return view.back("pages.orders_consignment", "已装车,请打印出库单", number=row.number)
    return form.page("orders/load.html", row=row)


def _loading(row: ConsignmentRow) -> LoadInput:
    """The form as a loading; an empty quantity is a mistake, not a full load."""
    loading: LoadInput = forms.parse(LoadInput, _own(row))
    missing = [FieldError(f"loaded.{line.id}", "required") for line in row.lines if line.id not in loading.loaded]
    if missing:
        raise InvalidInput(fields=tuple(missing))
    return loading


def _own(row: ConsignmentRow) -> dict[str, str]:
    return {"consignment_id": str(row.id)}


@signed_in
def deliver_consignment(number: str) -> Response:
    """What was found at the other end, line by line, and who signed for it."""
    row = view.read(queries.consignment, number)
    form = Form()
    if form.is_posted:
        with form.attempt():
            view.run(handing_over.deliver, forms.parse(HandoverInput, _own(row)))
            return view.back("pages.orders_consignment", "已签收入账", number=row.number)
    return form.page("orders/deliver.html", row=row)


@signed_in
def orders_expected() -> Any:
    """What suppliers are still to bring to the reader's places."""
    rows = view.read(queries.expected)
    if file := EXPECTED.file_of(rows):
        return file
    return view.page("orders/expected.html", rows=rows)


@signed_in
def receive_call_off(number: str, site: str) -> Response:
    """A supplier's goods at the gate of one place."""
    rows = _coming(number, site)
    form = Form()
    if form.is_posted:
        with form.attempt():
            own = {"call_off_id": str(rows[0].call_off_id), "site_code": site}
            given = forms.parse(ArrivalInput, own, unpack=in_parts("lines", "serial_numbers"))
            document_id = view.run(supplying.receive_call_off, given)
            document = view.read(document_by_id, document_id)
            return view.back("pages.stock_document", "已验收入库,请打印入库单", number=document.number)
    shelves = [
        place for place in view.read(places.locations, view.read(places.site, site).id) if place.kind.value == "storage"
    ]
    return form.page("orders/receive.html", rows=rows, site=site, shelves=shelves)


def _coming(number: str, site: str) -> list[ExpectedRow]:
    """What is to be brought; whoever sends the form twice has taken it in already, and is told by the command what became of it."""
    rows = [row for row in view.read(queries.expected) if (row.call_off_number, row.site_code) == (number, site)]
    if not rows and request.method == "POST":
        rows = [row for row in view.read(queries.expected_of, number) if row.site_code == site]
    if not rows:
        raise NotFound("call_off", reference=number)
    return rows
