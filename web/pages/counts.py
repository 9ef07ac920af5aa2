"""Counts: what is due, the sheets, counting place by place on a phone, differences and their decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.catalogue import queries as catalogue
from supplyops.counts import commands, deciding, due_queries, late, queries
from supplyops.counts.queries import CountDetail, CountFilter
from supplyops.counts.rules import (
    CountInput,
    CountKind,
    CountReason,
    CountState,
    EntriesInput,
    EntryInput,
    ExplanationInput,
    ExplanationsInput,
    FoundInput,
    GoodsQuality,
    ValueClass,
)
from supplyops.dispatch import printing
from supplyops.kernel.clock import instant
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.people import queries as people
from supplyops.places import queries as places
from supplyops.stock.late_entries import LateEffect
from web import forms, view
from web.forms import Form
from web.lists import ALL_ROWS
from web.lists.counts import COUNTS, COUNTS_DUE
from web.paging import page_of
from web.stores import by_use
from web.view import signed_in

TOLD = {
    CountState.RECOUNTING: "有超出允许差异的行,请另一人复盘",
    CountState.SUBMITTED: "已提交,请说明差异原因",
    CountState.POSTED: "账实相符,盘点结束",
}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/counts", view_func=counts)
    add("/counts/due", view_func=counts_due)
    add("/counts/new", view_func=counts_new, methods=["GET", "POST"])
    add("/counts/<number>", view_func=counts_count)
    add("/counts/<number>/places/<code>", view_func=counts_place, methods=["GET", "POST"])
    add("/counts/<number>/found", view_func=counts_found, methods=["GET", "POST"])
    add("/counts/<number>/explain", view_func=counts_explain, methods=["POST"])
    for step in ("witness", "submit", "approve", "send-back", "cancel"):
        address = f"/counts/<number>/{step}"
        add(address, f"counts_{step.replace('-', '_')}", counts_step, defaults={"step": step}, methods=["POST"])


@signed_in
def counts() -> Any:
    """Counts, newest first."""
    args = request.args
    kind, state = args.get("kind", ""), args.get("state", "")
    where = CountFilter(
        kind=CountKind(kind) if kind in set(CountKind) else None,
        state=CountState(state) if state in set(CountState) else None,
        site_code=args.get("site", "")[:40],
        text=args.get("text", "").strip()[:60],
        only_open=args.get("open") == "1",
    )
    if file := COUNTS.file_of(lambda: view.read(queries.counts, where, limit=ALL_ROWS)):
        return file
    total = view.read(queries.number_of_counts, where)
    page, pages = page_of(total, queries.PAGE)
    return view.page(
        "counts/list.html",
        rows=view.read(queries.counts, where, offset=(page - 1) * queries.PAGE),
        due=view.read(due_queries.due_counts),
        where=where,
        kinds=list(CountKind),
        states=list(CountState),
        sites=view.read(places.sites),
        total=total,
        page=page,
        pages=pages,
    )


@signed_in
def counts_due() -> Any:
    """What should be counted."""
    rows = view.read(due_queries.due_counts, request.args.get("site", "")[:40])
    return COUNTS_DUE.file_of(rows) or view.page("counts/due.html", rows=rows)


@signed_in
def counts_new() -> Response:
    """The form that starts a count."""
    view.require(view.may("counts.start"))
    form = Form()
    if form.is_posted:
        with form.attempt():
            wanted = _listed(("skus", "location_codes", "zones", "shelves"))
            made = view.run(commands.start, forms.parse(CountInput, wanted, leaving_out=set(wanted)))
            number = view.read(queries.count_by_id, made).row.number
            return view.back("pages.counts_count", "盘点已开始,可打印空表或在手机上逐个货位填写", number=number)
    return form.page("counts/new.html", **_choices())


def _listed(names: tuple[str, ...]) -> dict[str, list[str]]:
    """Codes as ticked, or written one after the other."""
    found = {name: [part for text in request.form.getlist(name) for part in _parts(text)] for name in names}
    return {name: parts for name, parts in found.items() if parts or name in request.form}


def _parts(text: str) -> list[str]:
    for mark in ",,、;; \n\r\t":
        text = text.replace(mark, " ")
    return text.split()


def _choices() -> dict[str, Any]:
    sites = by_use(
        site for site in view.read(places.sites) if site.is_active and view.may_at("counts.start", site.organisation_id)
    )
    chosen = request.form.get("site_code") or request.args.get("site") or (sites[0].code if sites else "")
    shelves = [place for site in sites if site.code == chosen for place in view.read(places.locations, site.id)]
    shelves = [place for place in shelves if place.kind.value in {"storage", "quarantine", "team"}]
    return {
        "sites": sites,
        "site_code": chosen,
        "shelves": shelves,
        "zones": sorted({place.zone for place in shelves if place.zone}),
        "kinds": list(CountKind),
        "value_classes": list(ValueClass),
        "persons": [(username, f"{name} ({username})") for username, name in view.read(people.colleagues)],
        "skus": request.args.get("skus", ""),
    }


@signed_in
def counts_count(number: str) -> Response:
    """One count: its places, its lines, what is to be done next."""
    return _page(number, Form())


def _page(number: str, form: Form, effect: LateEffect | None = None) -> Response:
    found = view.read(queries.count, number)
    return form.page(
        "counts/count.html",
        effect=effect,
        count=found.row,
        detail=found,
        places={place.location_id: place for place in found.places},
        reasons=list(CountReason),
        limit=view.read(queries.approval_limit),
        papers=view.read(printing.list_papers, subject_id=found.row.id) if view.may("papers.see") else [],
    )


@signed_in
def counts_place(number: str, code: str) -> Response:
    """One place, line by line, with big fields for a phone."""
    found = view.read(queries.count, number)
    place = next((each for each in found.places if each.code == code), None)
    if place is None:
        raise NotFound("location", code=code)
    lines = [line for line in found.lines if line.location_code == code]
    if found.row.state is CountState.RECOUNTING:
        lines = [line for line in lines if line.needs_recount]
    form = Form()
    if form.is_posted:
        with form.attempt():
            view.run(commands.enter, found.row.id, _entries(lines))
            following = _next_place(view.read(queries.count, number), code)
            if following and "next" in request.form:
                return view.back("pages.counts_place", "已保存", number=number, code=following)
            return view.back("pages.counts_count", "已保存", number=number)
    return form.page(
        "counts/place.html",
        count=found.row,
        place=place,
        lines=lines,
        qualities=list(GoodsQuality),
        position=[each.code for each in found.places].index(code) + 1,
        total=len(found.places),
    )


def _entries(lines: list[queries.CountLineRow]) -> EntriesInput:
    """The figures that were filled in; a field left empty was not counted."""
    entries = []
    errors = []
    at = _moment(request.form.get("counted_at", "").strip())
    for line in lines:
        value = forms.whole(f"quantity-{line.line_no}")
        if value is None:
            continue
        quality = request.form.get(f"quality-{line.line_no}", GoodsQuality.GOOD.value)
        if type(value) is not int or value < 0:
            errors.append(FieldError(f"quantity-{line.line_no}", "not_whole", {"value": str(value)[:40]}))
        elif quality not in set(GoodsQuality):
            errors.append(FieldError(f"quality-{line.line_no}", "unknown_choice", {"value": quality[:40]}))
        else:
            note = request.form.get(f"note-{line.line_no}", "").strip()
            entries.append(EntryInput(line.line_no, value, GoodsQuality(quality), note, at))
    if errors:
        raise InvalidInput(fields=tuple(errors))
    return EntriesInput(tuple(entries))


def _moment(text: str) -> datetime | None:
    """When figures were found, if that is written up later. Raises InvalidInput for what is no time."""
    if not text:
        return None
    try:
        return instant(datetime.fromisoformat(text))
    except ValueError:
        raise InvalidInput(fields=(FieldError("counted_at", "not_a_moment", {"value": text[:40]}),)) from None


def _next_place(found: CountDetail, code: str) -> str:
    """The next place where something is left to count, going round."""
    codes = [place.code for place in found.places]
    start = codes.index(code) + 1
    left = {place.code for place in found.places if place.left}
    return next((each for each in codes[start:] + codes[:start] if each in left and each != code), "")


@signed_in
def counts_found(number: str) -> Response:
    """Goods that are on no line."""
    found = view.read(queries.count, number)
    form = Form()
    if form.is_posted:
        with form.attempt():
            line = view.run(commands.add_found, found.row.id, forms.parse(FoundInput))
            assert line
            return view.back("pages.counts_count", "已登记账外物资", number=number)
    return form.page(
        "counts/found.html",
        count=found.row,
        place_options=[(place.code, place.name) for place in found.places],
        item_options=[(item.sku, f"{item.name} {item.spec} ({item.unit})") for item in view.read(catalogue.items)],
        owners=[body for body in view.bodies().values() if body.code != "root" and body.kind.value != "enterprise"],
        qualities=list(GoodsQuality),
        code=request.args.get("place", ""),
    )


@signed_in
def counts_explain(number: str) -> Response:
    """Why lines differ."""
    found = view.read(queries.count, number)
    form = Form()
    with form.attempt():
        view.run(deciding.explain, found.row.id, _explanations(found))
        return view.back("pages.counts_count", "已保存差异原因", number=number)
    return _page(number, form)


def _explanations(found: CountDetail) -> ExplanationsInput:
    told = []
    for line in found.lines:
        reason = request.form.get(f"reason-{line.line_no}", "")
        if not reason:
            continue
        if reason not in set(CountReason):
            raise InvalidInput(fields=(FieldError(f"reason-{line.line_no}", "unknown_choice", {"value": reason[:40]}),))
        note = request.form.get(f"reason_note-{line.line_no}", "").strip()
        told.append(ExplanationInput(line.line_no, CountReason(reason), note))
    return ExplanationsInput(tuple(told))


@signed_in
def counts_step(number: str, step: str) -> Response:
    """A step that needs no more than a word: the witness was there, submit, approve, send back, cancel."""
    row = view.read(queries.count, number).row
    because = request.form.get("because", "").strip()
    cut = request.form.get("cut_holds") == "1"
    steps: dict[str, tuple[Callable[[], Any], str]] = {
        "witness": (lambda: view.run(commands.witness, row.id), "已确认在场监盘"),
        "submit": (lambda: view.run(commands.submit, row.id), ""),
        "approve": (
            lambda: view.run(deciding.approve, row.id, request.form.get("note", "").strip(), cut),
            "已批准,差异已过账",
        ),
        "send-back": (lambda: view.run(deciding.send_back, row.id, because), "已退回复盘"),
        "cancel": (lambda: view.run(commands.cancel, row.id, because), "已取消盘点"),
    }
    do, told = steps[step]
    form = Form()
    with form.attempt():
        if step == "approve" and request.form.get("step") != "confirm":
            note = request.form.get("note", "").strip()
            effect = view.foreseen(late.try_approve, row.id, note, cut)
            if effect is not None and effect.is_late:
                return _page(number, form, effect)
        answer = do()
        return view.back("pages.counts_count", told or TOLD[answer], number=number)
    return _page(number, form)
