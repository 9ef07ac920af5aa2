"""Store documents: taking goods in (F3), giving them out (F4), moving them, taking a mistake back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.catalogue import queries as catalogue
from supplyops.dispatch import printing
from supplyops.incidents import queries as incidents
from supplyops.incidents.rules import IncidentState
from supplyops.kernel.errors import NotFound
from supplyops.people import queries as people
from supplyops.places import queries as places
from supplyops.places.queries import LocationRow
from supplyops.places.rules import LocationKind
from supplyops.runtime import Command
from supplyops.stock import acceptance_queries, commands, document_queries, late_entries, queries, receiving, undoing
from supplyops.stock.document_queries import DocumentFilter, StockDocumentRow
from supplyops.stock.documents import IssueInput, IssueKind, QuickReceiptInput, ReceiptInput, ReceiptKind, TransferInput
from supplyops.stock.late_entries import LateEffect
from supplyops.stock.rules import StockDocumentKind
from supplyops.stock.views import StockFilter, StockRow
from supplyops.wording.errors import sentence
from web import forms, view
from web.forms import Form
from web.language import gettext
from web.lists import ALL_ROWS
from web.lists.stock import DOCUMENTS
from web.packing import in_base_units, in_parts, one_after_the_other, sku_itself
from web.paging import one_page
from web.stores import by_use
from web.view import signed_in

LOTS_MAX = 2_000
ISSUE_KINDS = [kind for kind in IssueKind if kind is not IssueKind.SCRAP]
"""Goods are scrapped by an application, not by an issue."""
Given = TypeVar("Given", ReceiptInput, QuickReceiptInput, IssueInput, TransferInput)


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/stock/documents", view_func=stock_documents)
    add("/stock/documents/<number>", view_func=stock_document)
    add("/stock/documents/<number>/reverse", view_func=reverse_document, methods=["POST"])
    add("/stock/documents/<number>/undo", view_func=undo_document, methods=["POST"])
    add("/stock/receive", view_func=stock_receive, methods=["GET", "POST"])
    add("/stock/receive/quick", view_func=quick_receive, methods=["GET", "POST"])
    add("/stock/issue", view_func=stock_issue, methods=["GET", "POST"])
    add("/stock/transfer", view_func=stock_transfer, methods=["GET", "POST"])


@signed_in
def stock_documents() -> Any:
    """Store documents, newest first."""
    kind, text = request.args.get("kind", ""), request.args.get("text", "").strip()[:60]
    where = DocumentFilter(
        kind=StockDocumentKind(kind) if kind in set(StockDocumentKind) else None,
        site_code=request.args.get("site", "")[:40],
        text=text,
        only_late=request.args.get("late") == "1",
    )
    if file := DOCUMENTS.file_of(lambda: view.read(document_queries.documents, where, limit=ALL_ROWS)):
        return file
    return view.page(
        "documents/list.html",
        where=where,
        kinds=list(StockDocumentKind),
        sites=view.read(places.sites),
        **one_page(document_queries.documents, document_queries.count_documents, where),
    )


@signed_in
def stock_document(number: str) -> Response:
    """One store document."""
    return document_page(number, Form())


def document_page(number: str, form: Form) -> Response:
    """A store document with its papers; a receipt with who signed for it."""
    row = view.read(document_queries.document, number)
    papers = view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else []
    is_receipt = row.kind is StockDocumentKind.RECEIPT
    acceptance = view.read(acceptance_queries.acceptance, number) if is_receipt else None
    undo = view.read(undoing.undo_of, row.id)
    why = "" if undo.is_possible or undo.code == "wrong_state" else sentence(undo.code, undo.params)
    return form.page(
        "documents/document.html",
        row=row,
        facts=_facts(row),
        papers=papers,
        acceptance=acceptance,
        undo=undo,
        why=why,
    )


_FACTS = {
    "fund_source": "资金来源",
    "source_document": "来源单号",
    "slip_number": "依据单号",
    "purpose": "用途",
    "reason": "事由",
    "vehicle": "车辆",
    "delivered_by": "送货人",
    "received_by": "领用人",
    "received_head": "领用部门负责人",
    "checked_by": "复核人",
    "conclusion": "验收结论",
    "shortage_handling": "短少破损处理",
    "passed_over": "盘点冻结,未取用",
}
"""What was written on a document beside its lines, by the word for it on its form."""
_KINDS: dict[StockDocumentKind, tuple[str, type[ReceiptKind] | type[IssueKind]]] = {
    StockDocumentKind.RECEIPT: ("入库类型", ReceiptKind),
    StockDocumentKind.ISSUE: ("出库类型", IssueKind),
}


def _facts(row: StockDocumentRow) -> list[tuple[str, str]]:
    """What a document says of itself, as (word, text); what was left out is not shown."""
    said, facts = row.details, []
    if row.kind in _KINDS and said.get("kind"):
        word, kinds = _KINDS[row.kind]
        facts.append((gettext(word), view.word(kinds(said["kind"]))))
    owner = next((body.name for body in view.bodies().values() if body.code == said.get("owner_code")), "")
    facts += [(gettext("物权单位"), owner)] if owner else []
    return facts + [(gettext(word), said[name]) for name, word in _FACTS.items() if said.get(name)]


@signed_in
def undo_document(number: str) -> Response:
    """Undo one's own posting while there is time."""
    row = view.read(document_queries.document, number)
    form = Form()
    with form.attempt():
        view.run(undoing.undo_document, row.id)
        return view.back("pages.stock_document", "已撤销,单据作废", number=number)
    return document_page(number, form)


@signed_in
def reverse_document(number: str) -> Response:
    """Take back a document that was a mistake."""
    row = view.read(document_queries.document, number)
    form = Form()
    with form.attempt():
        view.run(commands.reverse_document, row.id, request.form.get("because", "").strip())
        return view.back("pages.stock_document", "已冲销,单据作废", number=number)
    return document_page(number, form)


@signed_in
def stock_receive() -> Response:
    """Take goods in."""
    return _write(
        "documents/receive.html",
        commands.receive,
        late_entries.try_receipt,
        ReceiptInput,
        "arrived_at",
        "已入库,请打印入库单",
        kinds=list(ReceiptKind),
    )


@signed_in
def quick_receive() -> Response:
    """Take goods in with a few fields, on a phone at the door."""
    return _write(
        "documents/quick_receive.html",
        receiving.receive_quickly,
        late_entries.try_quick_receipt,
        QuickReceiptInput,
        "arrived_at",
        "已入库,请打印入库单",
        kinds=list(ReceiptKind),
    )


@signed_in
def stock_issue() -> Response:
    """Give goods out, first to expire first."""
    return _write(
        "documents/issue.html",
        commands.issue,
        late_entries.try_issue,
        IssueInput,
        "issued_at",
        "已出库,请打印出库单",
        kinds=ISSUE_KINDS,
    )


@signed_in
def stock_transfer() -> Response:
    """Move goods between the locations of one site; the site is chosen first."""
    return _write(
        "documents/transfer.html", commands.transfer, late_entries.try_transfer, TransferInput, "moved_at", "已移库"
    )


def _write(
    template: str,
    write: Command[[Given], UUID],
    attempt: Command[[Given], LateEffect],
    kind: type[Given],
    moment: str,
    told: str,
    **values: Any,
) -> Response:
    """The form of a document; sent, the document it became."""
    form = Form()
    effect: LateEffect | None = None
    if form.is_posted:
        with form.attempt():
            given = forms.parse(kind, unpack=_PACKED[kind])
            if request.form.get("step") != "confirm":
                effect = _late_effect(attempt, given, getattr(given, moment))
            if effect is not None:
                return form.page(template, **values, effect=effect, **choices())
            document_id = view.run(write, given)
            number = view.read(document_queries.document_by_id, document_id).number
            return view.back("pages.stock_document", told, number=number)
    return form.page(template, **values, effect=effect, **choices())


def _late_effect(attempt: Command[[Any], LateEffect], given: Any, when: datetime | None) -> LateEffect | None:
    """What an entry about an earlier moment would do; None for one about now, and for one that counts as prompt."""
    if when is None or when >= view.runtime().clock():
        return None
    effect = view.foreseen(attempt, given)
    return effect if effect is not None and effect.is_late else None


def _sku_of_lot(row: Mapping[str, Any]) -> str:
    """The item of the lot that a row names; nothing for a lot that is not there, which the command refuses."""
    try:
        return view.read(queries.lot, "".join(row.get("lot_number", [])).strip()).sku
    except NotFound:
        return ""


_PACKED: dict[type[Any], forms.Packer] = {
    ReceiptInput: one_after_the_other(
        in_base_units("lines", ("expected", "accepted", "rejected"), sku_itself), in_parts("lines", "serial_numbers")
    ),
    QuickReceiptInput: one_after_the_other(
        in_base_units("lines", ("quantity",), sku_itself), in_parts("lines", "serial_numbers")
    ),
    IssueInput: in_base_units("lines", ("quantity", "approved"), sku_itself),
    TransferInput: in_base_units("lines", ("quantity",), _sku_of_lot),
}
"""Quantities of these forms may be written in packages."""


def choices() -> dict[str, object]:
    """What can be chosen: the reader's own stores, shelves and lots there, items, open incidents; owners of goods there first."""
    bodies = view.read(people.organisations)
    own = {body.id for body in bodies if any(body.path.startswith(grant.path) for grant in view.principal().grants)}
    sites = by_use(site for site in view.read(places.sites) if site.is_active and site.organisation_id in own)
    chosen = request.form.get("site_code") or request.args.get("site") or (sites[0].code if sites else "")
    stocked = view.read(queries.stock_rows, StockFilter(site_code=chosen), limit=LOTS_MAX) if chosen else []
    shelves = [
        place for site in sites if site.code == chosen for place in _shelves(view.read(places.locations, site.id))
    ]
    items = view.read(catalogue.items)
    here = Counter(row.owner_code for row in stocked)
    owners = [body for body in bodies if body.code != "root" and body.kind.value != "enterprise"]
    return {
        "sites": sites,
        "site_code": chosen,
        "shelves": shelves,
        "storage_options": view.options(place for place in shelves if place.kind is LocationKind.STORAGE),
        "item_options": [(item.sku, f"{item.name} {item.spec} ({item.unit})") for item in items],
        "stocked_items": _stocked_items(stocked),
        "stocked_lots": [
            (row.lot_number, f"{row.item_name} {row.lot_number} {row.location_name} {row.available:,} {row.unit}")
            for row in stocked
        ],
        "owners": sorted(owners, key=lambda body: -here[body.code]),
        "incidents": view.read(incidents.incidents, IncidentState.OPEN) if view.may("incidents.see") else [],
    }


def _stocked_items(rows: list[StockRow]) -> list[tuple[str, str]]:
    """What lies on shelves there, with how much nobody has spoken for."""
    free: dict[tuple[str, str, str], int] = {}
    for row in rows:
        if row.location_kind is LocationKind.STORAGE:
            key = (row.sku, f"{row.item_name} {row.spec}".strip(), row.unit)
            free[key] = free.get(key, 0) + row.available
    return [(sku, f"{name} {quantity:,} {unit}") for (sku, name, unit), quantity in sorted(free.items())]


def _shelves(places_of_site: list[LocationRow]) -> list[LocationRow]:
    return [place for place in places_of_site if place.kind in {LocationKind.STORAGE, LocationKind.QUARANTINE}]
