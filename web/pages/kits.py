"""Kits: what they are made of, what could be built, building, breaking, work done."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.catalogue import commands as catalogue_commands
from supplyops.catalogue import queries as catalogue
from supplyops.catalogue.kits import KitInput
from supplyops.dispatch import printing
from supplyops.kits import commands, queries
from supplyops.kits.rules import KitBreakInput, KitBuildInput
from supplyops.people import queries as people
from supplyops.places import queries as places
from supplyops.places.rules import LocationKind
from supplyops.stock import queries as stock
from supplyops.stock.views import StockFilter, StockRow
from web import forms, view
from web.forms import Form
from web.lists import ALL_ROWS
from web.lists.kits import KITS, WORKS
from web.paging import page_of
from web.stores import by_use
from web.view import signed_in

LOTS_MAX = 2_000
FIELDS = {
    "sku": "物资",
    "quantity": "数量",
    "note": "说明",
    "site_code": "仓库、储备点",
    "owner_code": "物权单位",
    "fund_source": "资金来源",
    "location_code": "库位",
    "lot_number": "批次",
    "because": "原因",
    "to_code": "移入库位",
}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/kits", view_func=kits)
    add("/kits/build", view_func=kit_build, methods=["GET", "POST"])
    add("/kits/break", view_func=kit_break, methods=["GET", "POST"])
    add("/kits/works", view_func=kit_works)
    add("/kits/works/<number>", view_func=kit_work)
    add("/kits/works/<number>/reverse", view_func=reverse_kit_work, methods=["POST"])
    add("/kits/<sku>/edit", view_func=kit_edit, methods=["GET", "POST"])


@signed_in
def kits() -> Any:
    """Every kit with its parts, and how many each store could build."""
    rows = view.read(catalogue.kit_parts)
    if file := KITS.file_of(rows):
        return file
    return view.page("kits/list.html", rows=rows, buildable=view.read(queries.buildable))


@signed_in
def kit_edit(sku: str) -> Response:
    """What a kit is made of: the whole list, saved at once."""
    row = view.read(catalogue.item, sku)
    parts = view.read(catalogue.kit_parts, sku)
    initial = {
        f"parts-{place}-{name}": str(getattr(part, name))
        for place, part in enumerate(parts)
        for name in ("sku", "quantity", "note")
    }
    form = Form(initial, FIELDS)
    if form.is_posted:
        with form.attempt():
            view.run(catalogue_commands.define_kit, forms.parse(KitInput, {"sku": sku}))
            return view.back("pages.item", "已保存", sku=sku)
    view.require(view.may("catalogue.edit"))
    items = [(item.sku, f"{item.name} {item.spec} ({item.unit})") for item in view.read(catalogue.items)]
    return form.page("kits/edit.html", row=row, items=items)


@signed_in
def kit_build() -> Response:
    """Put kits together."""
    args = request.args
    form = Form({name: args.get(name, "") for name in ("sku", "site_code", "owner_code", "fund_source")}, FIELDS)
    if form.is_posted:
        with form.attempt():
            number = _number(view.run(commands.build_kits, forms.parse(KitBuildInput)))
            return view.back("pages.kit_work", "已组装,请打印组拆单", number=number)
    view.require(view.may("stock.move"))
    found = view.read(queries.buildable)
    names = {part.kit_sku: part.kit_name for part in view.read(catalogue.kit_parts)}
    sites = _own_sites()
    return form.page(
        "kits/build.html",
        buildable=found,
        kits=sorted(names.items()),
        sites=sites,
        owners=[
            body for body in view.read(people.organisations) if body.code != "root" and body.kind.value != "enterprise"
        ],
        funds=sorted({each.fund_source for each in found}),
        shelves=_shelves(sites),
    )


@signed_in
def kit_break() -> Response:
    """Take kits apart."""
    form = Form({name: request.args.get(name, "") for name in ("lot_number", "location_code")}, FIELDS)
    if form.is_posted:
        with form.attempt():
            number = _number(view.run(commands.break_kits, forms.parse(KitBreakInput, _chosen(), leaving_out={"lot"})))
            return view.back("pages.kit_work", "已拆解,请打印组拆单", number=number)
    view.require(view.may("stock.move"))
    sites = _own_sites()
    own = {site.code for site in sites}
    skus = {part.kit_sku for part in view.read(catalogue.kit_parts)}
    lots = [
        row
        for sku in sorted(skus)
        for row in view.read(stock.stock_rows, StockFilter(sku=sku), limit=LOTS_MAX)
        if row.site_code in own and row.available > 0
    ]
    return form.page(
        "kits/break.html",
        lots=[(f"{row.lot_number}|{row.location_code}", _told(row)) for row in lots],
        chosen=form.value("lot") or f"{form.value('lot_number')}|{form.value('location_code')}",
        shelves=_shelves(sites),
    )


def _told(row: StockRow) -> str:
    places_ = f"{row.site_name} {row.location_name}"
    return f"{row.item_name} {row.lot_number} {places_} {row.available:,} {row.unit}"


def _chosen() -> dict[str, str]:
    """The lot and the place that one choice of the form names."""
    number, _bar, place = request.form.get("lot", "").partition("|")
    return {"lot_number": number, "location_code": place}


def _own_sites() -> list[places.SiteRow]:
    """Stores whose goods the reader may move."""
    bodies = {body.id: body.path for body in view.read(people.organisations)}
    paths = [grant.path for grant in view.principal().grants]
    return by_use(
        site
        for site in view.read(places.sites)
        if site.is_active and any(bodies.get(site.organisation_id, "").startswith(path) for path in paths)
    )


def _shelves(sites: list[places.SiteRow]) -> list[tuple[str, str]]:
    return [
        (place.code, f"{site.name} {place.name}")
        for site in sites
        for place in view.read(places.locations, site.id)
        if place.kind is LocationKind.STORAGE
    ]


def _number(work_id: Any) -> str:
    return view.read(queries.work_by_id, work_id).number


@signed_in
def kit_works() -> Any:
    """Kits built and broken, newest first."""
    if file := WORKS.file_of(lambda: view.read(queries.works, limit=ALL_ROWS)):
        return file
    total = view.read(queries.count_works)
    page, pages = page_of(total, queries.PAGE)
    rows = view.read(queries.works, offset=(page - 1) * queries.PAGE)
    return view.page("kits/works.html", rows=rows, total=total, page=page, pages=pages)


@signed_in
def kit_work(number: str) -> Response:
    """One document of kit work."""
    return _work_page(number, Form())


def _work_page(number: str, form: Form) -> Response:
    row = view.read(queries.work, number)
    papers = view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else []
    return form.page("kits/work.html", row=row, papers=papers)


@signed_in
def reverse_kit_work(number: str) -> Response:
    """Take back kit work that was a mistake."""
    row = view.read(queries.work, number)
    form = Form()
    with form.attempt():
        view.run(commands.reverse_kit_work, row.id, request.form.get("because", "").strip())
        return view.back("pages.kit_work", "已冲销,单据作废", number=number)
    return _work_page(number, form)
