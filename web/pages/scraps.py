"""Scrapping: the list with the year's last day, the application, appraisal, the four bodies, publicity, disposal."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.dispatch import printing
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.queries import OrganisationRow
from supplyops.runtime import Command
from supplyops.scraps import commands, queries
from supplyops.scraps.queries import ScrapFilter, ScrapRow
from supplyops.scraps.rules import (
    AppraisalInput,
    DisposalInput,
    DisposalMethod,
    PublicityInput,
    ScrapBody,
    ScrapDecisionInput,
    ScrapInput,
    ScrapReason,
    ScrapState,
)
from supplyops.stock import queries as stock
from supplyops.stock.views import StockFilter, StockRow
from supplyops.wording.labels import label
from web import forms, view
from web.forms import Form
from web.lists import ALL_ROWS
from web.lists.transfers import SCRAPS
from web.pages.recoveries import stores_of_reader
from web.paging import one_page
from web.schemas.from_dataclass import load
from web.view import signed_in

LOTS_MAX = 2_000
STEPS: dict[str, tuple[Command[[Any], None], type[Any], str]] = {
    "appraise": (commands.appraise, AppraisalInput, "已登记鉴定"),
    "decide": (commands.decide, ScrapDecisionInput, "已登记审批"),
    "publicise": (commands.publicise, PublicityInput, "已登记公示"),
    "dispose": (commands.dispose, DisposalInput, "已处置出账,请打印单据"),
}
_S = ScrapState


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/scraps", view_func=scraps)
    add("/scraps/new", view_func=scrap_new, methods=["GET", "POST"])
    add("/scraps/<number>", view_func=scrap)
    add("/scraps/<number>/cancel", view_func=cancel_scrap, methods=["POST"])
    add("/scraps/<number>/<step>", view_func=scrap_step, methods=["POST"])


@signed_in
def scraps() -> Any:
    """Scrap applications, newest first."""
    state = request.args.get("state", "")
    where = ScrapFilter(
        _S(state) if state in set(_S) else None,
        request.args.get("site", "")[:40],
        request.args.get("text", "").strip()[:60],
    )
    if file := SCRAPS.file_of(lambda: view.read(queries.scraps, where, limit=ALL_ROWS)):
        return file
    return view.page(
        "scraps/list.html",
        where=where,
        states=list(_S),
        year=view.read(queries.scrap_year),
        **one_page(queries.scraps, queries.count_scraps, where),
    )


@signed_in
def scrap_new() -> Response:
    """Apply to scrap goods of one store; the store is chosen first."""
    view.require(view.may("scraps.edit"))
    form = Form()
    if form.is_posted:
        with form.attempt():
            made = view.run(commands.apply, _application())
            return view.back("pages.scrap", "已申请,物资已预留", number=view.read(queries.scrap_by_id, made).number)
    sites = stores_of_reader("scraps.edit")
    chosen = request.form.get("site_code") or request.args.get("site") or (sites[0].code if sites else "")
    rows = view.read(stock.stock_rows, StockFilter(site_code=chosen), limit=LOTS_MAX) if chosen else []
    stocked = [(f"{row.lot_number}|{row.location_code}", _told(row)) for row in rows if row.available]
    return form.page("scraps/new.html", sites=sites, site_code=chosen, stocked=stocked, reasons=list(ScrapReason))


def _told(row: StockRow) -> str:
    until = f" → {row.expires_on}" if row.expires_on else ""
    return f"{row.item_name} {row.lot_number} {row.location_name} {row.available:,} {row.unit}{until}"


def _application() -> ScrapInput:
    """The form as an application: a choice names lot and place together."""
    shaped = forms.shape(ScrapInput, forms.nest(_parted()))
    application: ScrapInput = load(ScrapInput, shaped)
    return application


def _parted() -> dict[str, list[str]]:
    found = {name: request.form.getlist(name) for name in request.form if name not in forms.NOT_CONTENT}
    for name in [name for name in found if name.endswith("-goods")]:
        lot, _, place = found.pop(name)[-1].partition("|")
        start = name.removesuffix("goods")
        if lot or any(found.get(f"{start}{rest}", [""])[-1].strip() for rest in ("quantity", "note")):
            found[f"{start}lot_number"], found[f"{start}location_code"] = [lot], [place]
        else:
            for rest in ("quantity", "note", "reason"):
                found.pop(f"{start}{rest}", None)
    return found


@signed_in
def scrap(number: str) -> Response:
    """One application; a reader who can only sign as one body finds it filled in."""
    row = view.read(queries.scrap, number)
    own = _own_bodies()
    if len(own) != 1:
        return _scrap_page(row, Form())
    named = [body for body in row.missing if label(body) in own[0].name]
    body = named[0] if len(named) == 1 else row.missing[0] if len(row.missing) == 1 else ""
    return _scrap_page(row, Form({"organisation_code": own[0].code, "body": body}))


def _own_bodies() -> list[OrganisationRow]:
    """The bodies that the reader may sign for."""
    bodies, reader = view.bodies(), view.principal()
    own = [
        bodies[grant.organisation_id]
        for grant in reader.grants
        if grant.organisation_id in bodies and reader.decides_for(Permission.SCRAPS_APPROVE, grant.organisation_id)
    ]
    return list(dict.fromkeys(own))


def _scrap_page(row: ScrapRow, form: Form) -> Response:
    papers = view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else []
    own = _own_bodies()
    edits = view.may_at("scraps.edit", row.organisation_id)
    steps = {
        "appraise": edits and row.state is _S.APPLIED,
        "decide": bool(own) and row.state is _S.APPRAISED,
        "publicise": edits and row.state is _S.APPROVED,
        "dispose": edits and row.state is _S.PUBLICISED,
        "cancel": edits and row.state in {_S.APPLIED, _S.APPRAISED, _S.APPROVED, _S.PUBLICISED},
    }
    return form.page(
        "scraps/scrap.html",
        row=row,
        papers=papers,
        steps={step for step, offered in steps.items() if offered},
        own=own,
        bodies=list(row.missing),
        all_bodies=list(ScrapBody),
        methods=list(DisposalMethod),
        year=view.read(queries.scrap_year),
    )


@signed_in
def scrap_step(number: str, step: str) -> Response:
    """One step: appraisal, a body's word, publicity, disposal."""
    if step not in STEPS:
        raise NotFound("noun")
    row = view.read(queries.scrap, number)
    command, kind, told = STEPS[step]
    form = Form()
    with form.attempt():
        extra: dict[str, Any] = {"scrap": number}
        leaving_out: set[str] = set()
        if step == "appraise":
            leaving_out = {"experts"}
            names = request.form.get("experts", "").replace("、", "\n").replace(",", "\n").replace("，", "\n")
            extra["experts"] = [name.strip() for name in names.splitlines() if name.strip()]
        if step == "decide":
            leaving_out = {"word"}
            extra["agrees"] = request.form.get("word") != "refuse"
        view.run(command, forms.parse(kind, extra, leaving_out=leaving_out))
        return view.back("pages.scrap", told, number=number)
    return _scrap_page(row, form)


@signed_in
def cancel_scrap(number: str) -> Response:
    """Take an application back."""
    row = view.read(queries.scrap, number)
    form = Form()
    with form.attempt():
        view.run(commands.cancel, number, request.form.get("because", "").strip())
        return view.back("pages.scrap", "已撤回", number=number)
    return _scrap_page(row, form)
