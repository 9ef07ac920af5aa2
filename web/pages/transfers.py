"""Transfers between sites: the list, the order, loading and receiving beside a truck, what is on the road."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.catalogue import queries as catalogue
from supplyops.dispatch import printing
from supplyops.incidents import queries as incidents
from supplyops.incidents.rules import IncidentState
from supplyops.insight import transit_queries
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.people import queries as people
from supplyops.people.queries import OrganisationRow
from supplyops.places import queries as places
from supplyops.places.rules import LocationKind
from supplyops.transfers import arriving, carrying, commands, owning, queries
from supplyops.transfers.rules import (
    ArriveInput,
    SendInput,
    TransferKind,
    TransferOrderInput,
    TransferState,
)
from supplyops.transfers.views import TransferFilter, TransferRow
from web import forms, view
from web.forms import Form
from web.lists import ALL_ROWS
from web.lists.transfers import ROAD, TRANSFERS
from web.paging import one_page
from web.view import signed_in

DONE = {"approve": "已批准,请打印调剂调拨单", "change_owner": "已划转"}
WITH_REASON = {"refuse": "已登记未批准", "cancel": "已取消", "take_back": "已退回入库"}
STEPS: dict[str, Any] = {
    "approve": commands.approve,
    "change_owner": owning.change_owner,
    "refuse": commands.refuse,
    "cancel": commands.cancel,
    "take_back": carrying.take_back,
}
_S = TransferState


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/transfers", view_func=transfers)
    add("/transfers/new", view_func=transfer_new, methods=["GET", "POST"])
    add("/transfers/road", view_func=transfers_road)
    add("/transfers/<number>", view_func=transfer)
    add("/transfers/<number>/send", view_func=transfer_send, methods=["GET", "POST"])
    add("/transfers/<number>/arrive", view_func=transfer_arrive, methods=["GET", "POST"])
    add("/transfers/<number>/<step>", view_func=transfer_step, methods=["POST"])


@signed_in
def transfers() -> Any:
    """Transfers, newest first."""
    args = request.args
    state, kind = args.get("state", ""), args.get("kind", "")
    where = TransferFilter(
        _S(state) if state in set(_S) else None,
        TransferKind(kind) if kind in set(TransferKind) else None,
        args.get("site", "")[:40],
        args.get("text", "").strip()[:60],
        only_open=bool(args.get("open")),
        only_overdue=bool(args.get("overdue")),
    )
    if file := TRANSFERS.file_of(lambda: view.read(queries.transfers, where, limit=ALL_ROWS)):
        return file
    return view.page(
        "transfers/list.html",
        where=where,
        states=list(_S),
        kinds=list(TransferKind),
        **one_page(queries.transfers, queries.count_transfers, where),
    )


@signed_in
def transfers_road() -> Any:
    """What is on the road, by whom, due when."""
    rows = view.read(transit_queries.on_the_road)
    late = bool(request.args.get("overdue"))
    rows = [row for row in rows if row.is_overdue or not late]
    return ROAD.file_of(rows) or view.page("transfers/road.html", rows=rows, late=late)


@signed_in
def transfer_new() -> Response:
    """Draft a transfer."""
    view.require(view.may("transfers.edit"))
    form = Form({**request.args.to_dict()}, LABELS)
    if form.is_posted:
        with form.attempt():
            made = view.run(commands.draft, forms.parse(TransferOrderInput))
            number = view.read(queries.transfer_by_id, made).number
            return view.back("pages.transfer", "已起草,等待批准", number=number)
    items = view.read(catalogue.items)
    return form.page(
        "transfers/new.html",
        kinds=list(TransferKind),
        sites=[(row.code, f"{row.name} ({row.organisation_name})") for row in view.read(queries.stores)],
        owners=owners_of(view.read(people.organisations)),
        item_options=[(item.sku, f"{item.name} {item.spec} ({item.unit})") for item in items],
        incidents=view.read(incidents.incidents, IncidentState.OPEN) if view.may("incidents.see") else [],
    )


LABELS = {
    "from_site_code": "调出场所",
    "to_site_code": "调入场所",
    "owner_code": "物权单位",
    "new_owner_code": "新物权单位",
    "reason": "事由",
    "send_by": "发运时限",
    "arrive_by": "到达时限",
    "due_on": "归还期限",
    "settles": "结清的归还义务",
    "sku": "物资",
    "quantity": "数量",
    "lines": "明细",
}


@signed_in
def transfer(number: str) -> Response:
    """One transfer."""
    return _transfer_page(view.read(queries.transfer, number), Form())


def _transfer_page(row: TransferRow, form: Form) -> Response:
    papers = view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else []
    return form.page("transfers/transfer.html", row=row, papers=papers, steps=_steps(row))


def _steps(row: TransferRow) -> set[str]:
    """What the reader may do next."""
    edits = any(
        view.may_at("transfers.edit", body)
        for body in (row.owner_id, row.from_organisation_id, row.to_organisation_id, row.approver_id)
    )
    decides = view.principal().decides_for(Permission.TRANSFERS_APPROVE, row.approver_id)
    own = row.created_by_id == view.principal().user_id
    sends = view.may_at("transfers.move", row.from_organisation_id)
    takes = view.may_at("transfers.move", row.to_organisation_id)
    stays = row.kind is TransferKind.OWNERSHIP
    offered = {
        _S.DRAFT: {"approve": decides and not own, "refuse": decides and not own, "cancel": edits},
        _S.APPROVED: {"send": sends and not stays, "change_owner": sends and stays, "cancel": edits},
        _S.SENT: {"arrive": takes, "take_back": sends},
        _S.PARTLY: {"arrive": takes, "take_back": sends},
    }
    return {step for step, allowed in offered.get(row.state, {}).items() if allowed}


@signed_in
def transfer_step(number: str, step: str) -> Response:
    """A step that needs nothing, or a reason."""
    row = view.read(queries.transfer, number)
    form = Form()
    if step not in STEPS:
        raise NotFound("noun")
    with form.attempt():
        reasons = (request.form.get("because", "").strip(),) if step in WITH_REASON else ()
        view.run(STEPS[step], number, *reasons)
        return view.back("pages.transfer", {**DONE, **WITH_REASON}[step], number=number)
    return _transfer_page(row, form)


@signed_in
def transfer_send(number: str) -> Response:
    """What is really put on the vehicle, lot by lot."""
    row = view.read(queries.transfer, number)
    form = Form()
    if form.is_posted:
        with form.attempt():
            sending: SendInput = forms.parse(SendInput, {"transfer": number})
            missing = [
                FieldError(f"loaded.{line.id}", "required") for line in row.lots if line.id not in sending.loaded
            ]
            if missing:
                raise InvalidInput(fields=tuple(missing))
            view.run(carrying.send, sending)
            return view.back("pages.transfer", "已发运,请打印出库单和运输交接单", number=number)
    carriers = [body for body in view.read(people.organisations) if body.is_active and body.code != "root"]
    return form.page("transfers/send.html", row=row, carriers=carriers)


@signed_in
def transfer_arrive(number: str) -> Response:
    """What was found at the other end, lot by lot, and who signed for it."""
    row = view.read(queries.transfer, number)
    form = Form()
    if form.is_posted:
        with form.attempt():
            arrival: ArriveInput = forms.parse(ArriveInput, {"transfer": number})
            view.run(arriving.arrive, arrival)
            return view.back("pages.transfer", "已收货入账,请打印入库单", number=number)
    shelves = [place for place in view.read(places.locations, row.to_site_id) if place.kind is LocationKind.STORAGE]
    return form.page("transfers/arrive.html", row=row, shelves=shelves)


def owners_of(bodies: list[OrganisationRow]) -> list[OrganisationRow]:
    """Bodies that may own goods."""
    return [body for body in bodies if body.code != "root" and body.kind.value != "enterprise"]
