"""Orders: release instructions, consignments, trips; and the steps with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from supplyops.dispatch import approving, commands, printing, queries, relining, standby_queries, watching
from supplyops.dispatch.rules import ConsignmentState, InstructionState, ReliningInput, ShipmentState, ShorteningInput
from supplyops.dispatch.views import ConsignmentLineRow, ConsignmentRow, OrderFilter
from supplyops.incidents import queries as incidents
from supplyops.kernel.errors import NotFound
from supplyops.places import queries as places
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.lists import ALL_ROWS, Listing
from web.lists.orders import ALERTS, CONSIGNMENTS, INSTRUCTIONS, SHIPMENTS
from web.paging import PAGE, counted, one_page
from web.view import signed_in


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/orders", view_func=orders)
    add("/orders/instructions", view_func=orders_instructions)
    add("/orders/instructions/<number>", view_func=orders_instruction)
    add("/orders/instructions/<number>/sign", view_func=sign_instruction, methods=["POST"])
    add("/orders/consignments", view_func=orders_consignments)
    add("/orders/consignments/<number>", view_func=orders_consignment)
    add(
        "/orders/consignments/<number>/<any(accept, cancel, take_back, reroute):step>",
        view_func=step_consignment,
        methods=["POST"],
    )
    add("/orders/consignments/<number>/lines/<int:line_no>/reline", view_func=reline_consignment, methods=["POST"])
    add("/orders/consignments/<number>/lines/<int:line_no>/shorten", view_func=shorten_consignment, methods=["POST"])
    add("/orders/alerts", view_func=orders_alerts)
    add("/orders/shipments", view_func=orders_shipments)
    add("/orders/shipments/<number>", view_func=orders_shipment)
    add("/orders/shipments/<number>/depart", view_func=depart_shipment, methods=["POST"])


def filter_from_query() -> OrderFilter:
    """The filter that the address names."""
    args = request.args
    incident = view.read(incidents.incident, args["incident"]) if args.get("incident") else None
    return OrderFilter(
        incident_id=incident.id if incident else None,
        state=args.get("state", "")[:40],
        only_open=args.get("open") == "1",
        only_overdue=args.get("overdue") == "1",
        site_code=args.get("site", "")[:40],
        text=args.get("text", "").strip()[:60],
    )


def active_filters(where: OrderFilter, kind: str) -> list[tuple[str, str]]:
    """What narrows the list, as (query field, words)."""
    found = [("incident", _("事件:{number}").format(number=request.args["incident"]))] if where.incident_id else []
    found += [("state", view.word(where.state, kind))] if where.state else []
    found += [("open", _("未完成"))] if where.only_open else []
    found += [("overdue", _("已超时"))] if where.only_overdue else []
    found += [("site", _("场所:{code}").format(code=where.site_code))] if where.site_code else []
    found += [("text", f"“{where.text}”")] if where.text else []
    return found


@signed_in
def orders() -> Response:
    """Consignments are what most people come for."""
    return redirect(url_for("pages.orders_consignments"))


@signed_in
def orders_instructions() -> Any:
    """Release instructions, fifty a page."""
    return _list(
        INSTRUCTIONS, "orders/instructions.html", queries.count_instructions, queries.instructions, InstructionState
    )


@signed_in
def orders_consignments() -> Any:
    """Consignments, fifty a page."""
    return _list(
        CONSIGNMENTS, "orders/consignments.html", queries.count_consignments, queries.consignments, ConsignmentState
    )


@signed_in
def orders_shipments() -> Any:
    """Trips, fifty a page."""
    return _list(SHIPMENTS, "orders/shipments.html", queries.count_shipments, queries.shipments, ShipmentState)


@signed_in
def orders_alerts() -> Any:
    """Orders that were not loaded, or did not arrive, by their time, store by store."""
    site, is_open = request.args.get("site", "")[:40], request.args.get("open") == "1"
    if file := ALERTS.file_of(lambda: view.read(watching.alerts, ALL_ROWS, site, is_open)):
        return file
    total, page, pages = counted(watching.count_alerts, (site, is_open))
    return view.page(
        "orders/alerts.html",
        rows=view.read(watching.alerts, PAGE, site, is_open, (page - 1) * PAGE),
        sites=view.read(places.sites),
        site_code=site,
        only_open=is_open,
        total=total,
        page=page,
        pages=pages,
    )


def _list(listing: Listing, template: str, count: Any, rows: Any, states: Any) -> Any:
    where = filter_from_query()
    if file := listing.file_of(lambda: view.read(rows, where, limit=ALL_ROWS)):
        return file
    return view.page(
        template,
        where=where,
        states=list(states),
        active=active_filters(where, states.__name__),
        incidents=view.read(incidents.incidents),
        **one_page(rows, count, where),
    )


@signed_in
def orders_instruction(number: str) -> Response:
    """One release instruction with its consignments and papers."""
    return _instruction_page(number, Form())


def _instruction_page(number: str, form: Form) -> Response:
    row = view.read(queries.instruction, number)
    return form.page(
        "orders/instruction.html",
        row=row,
        consignments=view.read(queries.consignments, OrderFilter(instruction_id=row.id), limit=500),
        papers=view.read(printing.list_papers, subject_id=row.id),
    )


@signed_in
def sign_instruction(number: str) -> Response:
    """The paper of an oral approval was signed."""
    row = view.read(queries.instruction, number)
    form = Form()
    with form.attempt():
        view.run(approving.sign_paper, row.id)
        return view.back("pages.orders_instruction", "已登记补签的书面手续", number=row.number)
    return _instruction_page(number, form)


@signed_in
def orders_consignment(number: str) -> Response:
    """One consignment: its goods, its deadlines, what can be done next."""
    return _consignment_page(number, Form())


def _consignment_page(number: str, form: Form) -> Response:
    row = view.read(queries.consignment, number)
    return form.page(
        "orders/consignment.html",
        row=row,
        papers=view.read(printing.list_papers, subject_id=row.id),
        differences=view.read(queries.discrepancies, consignment_id=row.id),
        sites=view.read(places.sites),
        standby=_standby(row),
    )


def _standby(row: ConsignmentRow) -> dict[UUID, list[tuple[str, str]]]:
    """For each line that is not loaded yet, the lots that could be reserved for it, as choices of a form."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    for each in view.read(standby_queries.standby_lots, row.id) if row.loaded_at is None else ():
        until = f" {each.expires_on}" if each.expires_on else ""
        text = f"{each.lot_number} {each.location_name}{until} {each.available:,}"
        found.setdefault(each.line_id, []).append((f"{each.lot_number}|{each.location_code}", text))
    return found


@signed_in
def reline_consignment(number: str, line_no: int) -> Response:
    """Reserve again for a line, from its own lot or another one."""
    row = view.read(queries.consignment, number)
    line = _line(row, line_no)
    lot, _sign, place = request.form.get("lot", "").partition("|")
    form = Form()
    with form.attempt():
        view.run(relining.reline, ReliningInput(line.id, request.form.get("because", "").strip(), lot, place))
        return view.back("pages.orders_consignment", "已重新占用,请重新打印调拨单", number=row.number)
    return _consignment_page(number, form)


@signed_in
def shorten_consignment(number: str, line_no: int) -> Response:
    """Order less of a line."""
    row = view.read(queries.consignment, number)
    line = _line(row, line_no)
    form = Form()
    with form.attempt():
        quantity = forms.whole("quantity")
        because = request.form.get("because", "").strip()
        view.run(relining.shorten, ShorteningInput(line.id, -1 if quantity is None else quantity, because))
        return view.back("pages.orders_consignment", "已减少,请重新打印调拨单", number=row.number)
    return _consignment_page(number, form)


def _line(row: ConsignmentRow, line_no: int) -> ConsignmentLineRow:
    found = next((line for line in row.lines if line.line_no == line_no), None)
    if found is None:
        raise NotFound("consignment", reference=row.number)
    return found


@signed_in
def step_consignment(number: str, step: str) -> Response:
    """A step that needs no more than a reason: accept, cancel, take back, send elsewhere."""
    row = view.read(queries.consignment, number)
    because = request.form.get("because", "").strip()
    steps: dict[str, tuple[Callable[[], None], str]] = {
        "accept": (lambda: view.run(commands.accept, row.id), "已接令,可以拣货"),
        "cancel": (lambda: view.run(commands.cancel, row.id, because), "已取消,预留的物资已释放"),
        "take_back": (lambda: view.run(commands.take_back, row.id, because), "已退回入库"),
        "reroute": (
            lambda: view.run(commands.reroute, row.id, request.form.get("site_code", ""), because),
            "已改派,请重新打印调拨单",
        ),
    }
    do, told = steps[step]
    form = Form()
    with form.attempt():
        do()
        return view.back("pages.orders_consignment", told, number=row.number)
    return _consignment_page(number, form)


@signed_in
def orders_shipment(number: str) -> Response:
    """One trip: its vehicle, its stops, what is on it."""
    return _shipment_page(number, Form())


def _shipment_page(number: str, form: Form) -> Response:
    row = view.read(queries.shipment, number)
    return form.page(
        "orders/shipment.html",
        row=row,
        consignments=view.read(queries.consignments, OrderFilter(shipment_id=row.id), limit=500),
        papers=view.read(printing.list_papers, subject_id=row.id),
    )


@signed_in
def depart_shipment(number: str) -> Response:
    """The vehicle leaves."""
    row = view.read(queries.shipment, number)
    form = Form()
    with form.attempt():
        view.run(commands.depart, row.id)
        return view.back("pages.orders_shipment", "已发车,请打印运输交接单交驾驶员", number=row.number)
    return _shipment_page(number, form)
