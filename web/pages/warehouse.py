"""Where goods lie in a store: bins and their room, putting away, scanning, labels and cards."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from reports.labels import LabelSize, bin_cards_pdf, bin_labels_pdf, lot_labels_pdf
from supplyops.exchange.normalise import narrow, trimmed
from supplyops.kernel.errors import NotFound
from supplyops.places import queries as places
from supplyops.stock import document_queries
from supplyops.stock import queries as stock
from supplyops.stock.views import StockFilter
from supplyops.warehouse import commands, label_queries, queries
from supplyops.warehouse.queries import ScanRow
from supplyops.warehouse.rules import PutAwayInput
from web import forms, view
from web.forms import Form
from web.lists.stock import BINS
from web.printing import base_address, labels
from web.view import signed_in

CONTENTS_MAX = 500
_PAPER = re.compile(r"/q/[^\s?#/\\]+(\?[^\s#]*)?$")
"""The address in a paper's QR mark, without its host."""
FIELDS = {"to_code": "货位", "quantity": "数量", "reason": "原因", "lot_number": "批次", "from_code": "收货区"}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/warehouse", view_func=warehouse)
    add("/warehouse/bins/<code>", view_func=warehouse_bin)
    add("/warehouse/putaway", view_func=putaway)
    add("/warehouse/putaway/<lot>/<source>", view_func=put_away_lot, methods=["GET", "POST"])
    add("/warehouse/labels/bins.pdf", view_func=bin_labels)
    add("/warehouse/labels/lots.pdf", view_func=lot_labels)
    add("/warehouse/cards.pdf", view_func=bin_cards)
    add("/scan", view_func=scan)
    add("/scan/<kind>/<code>", view_func=scanned)


@signed_in
def warehouse() -> Any:
    """The bins of one store and the room in them."""
    sites = [site for site in view.read(places.sites) if site.is_active]
    own = [site for site in sites if view.may_at("stock.move", site.organisation_id)] or sites
    chosen = request.args.get("site", "")[:40] or (own[0].code if own else "")
    rows = view.read(queries.bins, chosen) if chosen else []
    if file := BINS.file_of(rows):
        return file
    lying = view.read(stock.count_stock_rows, StockFilter(site_code=chosen, include_exercise=True)) if chosen else 0
    return view.page("warehouse/bins.html", sites=sites, chosen=chosen, rows=rows, lying=lying)


@signed_in
def warehouse_bin(code: str) -> str:
    """One bin: its room and what lies there."""
    row = view.read(queries.bin_named, code)
    where = StockFilter(location_id=row.id, include_exercise=True)
    contents = view.read(stock.stock_rows, where, offset=0, limit=CONTENTS_MAX)
    return view.page("warehouse/bin.html", row=row, contents=contents)


@signed_in
def putaway() -> str:
    """What lies in receiving areas, and where it should go."""
    rows = view.read(queries.waiting, request.args.get("site", "")[:40])
    return view.page("warehouse/putaway.html", rows=rows)


@signed_in
def put_away_lot(lot: str, source: str) -> Response:
    """Put one lot away: the bin is scanned or chosen."""
    row = _waiting(lot, source)
    form = Form(_proposed(row), FIELDS)
    if form.is_posted:
        with form.attempt():
            scanned_code = queries.code_of(trimmed(narrow(request.form.get("to_code", ""))))
            move = forms.parse(PutAwayInput, {"lot_number": lot, "from_code": source, "to_code": scanned_code})
            document_id = view.run(commands.put_away, move)
            number = view.read(document_queries.document_by_id, document_id).number
            rest = _waiting(lot, source)
            if rest is not None and rest.stock.available > 0:
                return view.back("pages.put_away_lot", "已上架,其余请继续", lot=lot, source=source)
            return view.back("pages.stock_document", "已上架", number=number)
    if row is None:
        raise NotFound("lot", number=lot)
    bins = [each for each in view.read(queries.bins, row.stock.site_code) if each.kind.value == "storage"]
    return form.page("warehouse/put_away.html", row=row, bins=[each for each in bins if not each.is_receiving])


def _waiting(lot: str, source: str) -> queries.WaitingRow | None:
    """The lot in a receiving area; None once it is put away, which whoever sends the form twice has done."""
    return next((row for row in view.read(queries.waiting, lot_number=lot) if row.stock.location_code == source), None)


def _proposed(row: queries.WaitingRow | None) -> dict[str, object]:
    """What the form proposes."""
    if row is None:
        return {}
    first = row.placements[0] if row.placements else None
    return {"to_code": first.code, "quantity": first.quantity} if first else {"quantity": row.stock.available}


@signed_in
def scan() -> Response | str:
    """A field for a hand scanner, which types what it reads; what the code stands for opens."""
    text = trimmed(narrow(request.args.get("code", "")))[:300]
    if not text:
        return view.page("warehouse/scan.html", text="", rows=[])
    if paper := _PAPER.search(text):
        return redirect(paper[0], code=303)
    rows = view.read(queries.scan, queries.code_of(text))
    if len(rows) == 1:
        return redirect(address_of(rows[0]), code=303)
    return view.page("warehouse/scan.html", text=text, rows=rows, address_of=address_of)


@signed_in
def scanned(kind: str, code: str) -> Response:
    """What a phone opens when it reads a label."""
    row = next((row for row in view.read(queries.scan, code) if row.kind == kind), None)
    if row is None:
        raise NotFound("location" if kind == "location" else "lot")
    return redirect(address_of(row), code=303)


def address_of(row: ScanRow) -> str:
    """The page of what was scanned."""
    if row.kind == "location":
        return url_for("pages.warehouse_bin", code=row.code)
    if row.kind == "lot":
        return url_for("pages.stock_lot", number=row.code)
    return url_for("pages.stock_lots", sku=row.code)


@signed_in
def bin_labels() -> Response:
    """Labels of one bin or of a whole store."""
    code, site = request.args.get("code", "")[:60], request.args.get("site", "")[:40]
    rows = [view.read(queries.bin_named, code)] if code else view.read(queries.bins, site)
    return labels(rows, lambda: bin_labels_pdf(rows, base_address(), _size()), code or site)


@signed_in
def lot_labels() -> Response:
    """Labels of one lot, of the lots of a document, or of everything a store keeps."""
    named = [request.args.get(name, "")[:80] for name in ("lot", "document", "site")]
    if not any(named):
        raise NotFound("lot")
    rows = view.read(label_queries.lot_labels, *named)
    return labels(rows, lambda: lot_labels_pdf(rows, base_address(), _size()), next(filter(None, named)))


@signed_in
def bin_cards() -> Response:
    """Bin cards of one bin or of a whole store."""
    code, site = request.args.get("code", "")[:60], request.args.get("site", "")[:40]
    if not (code or site):
        raise NotFound("location")
    rows = view.read(label_queries.bin_cards, site, code)
    return labels(rows, lambda: bin_cards_pdf(rows, base_address()), code or site)


def _size() -> LabelSize:
    wanted = request.args.get("size", "")
    return LabelSize(wanted) if wanted in set(LabelSize) else LabelSize.A4
