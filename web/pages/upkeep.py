"""What stores do regularly, duty handed over, the morning list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from supplyops.dispatch import printing
from supplyops.insight.morning import morning
from supplyops.insight.morning_papers import issue_morning
from supplyops.insight.morning_rows import MorningKind, MorningLine, due_text
from supplyops.people import queries as people
from supplyops.places import queries as places
from supplyops.places.queries import SiteRow
from supplyops.upkeep import commands, due_queries, queries
from supplyops.upkeep.due_queries import DueUpkeep
from supplyops.upkeep.rules import (
    OF_LOTS,
    DutyInput,
    IntervalInput,
    RoundInput,
    SamplingGroup,
    UpkeepKind,
    UpkeepResult,
)
from web import forms, view
from web.addresses import endpoint_of
from web.forms import Form
from web.lists import ALL_ROWS
from web.lists.counts import DUTY, ROUNDS, UPKEEP_DUE, UPKEEP_INTERVALS
from web.paging import one_page, page_of
from web.printing import viewed
from web.stores import by_use
from web.view import signed_in

PAGE = 100
LINKS: dict[MorningKind, tuple[str, str]] = {
    MorningKind.IN: ("orders_expected", ""),
    MorningKind.FINDING: ("upkeep", ""),
    MorningKind.COUNT_DUE: ("counts_due", ""),
    MorningKind.EXPIRY: ("stock_lot", "number"),
    MorningKind.CONTRACT: ("contracts_contract", "number"),
    MorningKind.FLOOR: ("stock_lots", "sku"),
}
"""Kind of line -> its page, and what the page calls the line's number; where it has none, the page of all.

A line whose number is a document's goes to that document before all.
"""


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/upkeep", view_func=upkeep)
    add("/upkeep/rounds", view_func=upkeep_rounds)
    add("/upkeep/record", view_func=upkeep_record, methods=["GET", "POST"])
    add("/upkeep/intervals", view_func=upkeep_intervals, methods=["GET", "POST"])
    add("/upkeep/findings/<uuid:finding_id>/mend", view_func=upkeep_mend, methods=["POST"])
    add("/duty", view_func=duty)
    add("/duty/new", view_func=duty_new, methods=["GET", "POST"])
    add("/duty/<number>", view_func=duty_handover)
    add("/duty/<number>/take", view_func=duty_take, methods=["POST"])
    add("/duty/<number>/withdraw", view_func=duty_withdraw, methods=["POST"])
    add("/stores", view_func=stores)
    add("/stores/<code>/morning", view_func=stores_morning)
    add("/stores/<code>/morning.pdf", view_func=stores_morning_pdf, methods=["POST"])


def own_stores() -> list[SiteRow]:
    """Stores of the reader's own bodies."""
    return by_use(
        site
        for site in view.read(places.sites)
        if site.is_active
        and site.kind.value in {"warehouse", "reserve_point"}
        and view.may_at("stock.see", site.organisation_id)
    )


@signed_in
def upkeep() -> Any:
    """What is due, and what is to be mended."""
    rows = _due()
    return UPKEEP_DUE.file_of(rows) or _due_page(Form(), rows)


def _due() -> list[DueUpkeep]:
    """By site, and of the store itself or of its lots only where the reader wants so."""
    rows = view.read(due_queries.due_upkeep, request.args.get("site", "")[:40])
    wanted = {"site": False, "lot": True}.get(request.args.get("of", ""))
    return rows if wanted is None else [row for row in rows if (row.kind in OF_LOTS) is wanted]


def _due_page(form: Form, rows: list[DueUpkeep]) -> Response:
    site = request.args.get("site", "")[:40]
    page, pages = page_of(len(rows), PAGE)
    return form.page(
        "upkeep/due.html",
        rows=rows[(page - 1) * PAGE : page * PAGE],
        total=len(rows),
        page=page,
        pages=pages,
        findings=view.read(queries.findings, site),
        sites=own_stores(),
        site_code=site,
        of=request.args.get("of", ""),
    )


@signed_in
def upkeep_rounds() -> Any:
    """What was done."""
    asked, site = request.args.get("kind", ""), request.args.get("site", "")[:40]
    kind = UpkeepKind(asked) if asked in set(UpkeepKind) else None
    if file := ROUNDS.file_of(lambda: view.read(queries.rounds, site, kind, limit=ALL_ROWS)):
        return file
    return view.page(
        "upkeep/rounds.html",
        sites=own_stores(),
        kinds=list(UpkeepKind),
        **one_page(queries.rounds, queries.count_rounds, site, kind, size=PAGE),
    )


@signed_in
def upkeep_record() -> Response:
    """The form for something that was done."""
    view.require(view.may("upkeep.record"))
    form = Form()
    if form.is_posted:
        with form.attempt():
            view.run(commands.record, forms.parse(RoundInput))
            return view.back("pages.upkeep", "已登记", site=request.form.get("site_code", ""))
    kind, site = request.args.get("kind", ""), request.args.get("site", "")
    lots: list[Any] = []
    if kind in {each.value for each in OF_LOTS}:
        lots = [row for row in view.read(due_queries.due_upkeep, site, None, UpkeepKind(kind)) if row.lot_number]
    return form.page(
        "upkeep/record.html",
        sites=own_stores(),
        kinds=list(UpkeepKind),
        results=list(UpkeepResult),
        groups=list(SamplingGroup),
        kind=kind,
        site_code=site,
        lots=lots[:200],
    )


@signed_in
def upkeep_mend(finding_id: UUID) -> Response:
    """What was found has been mended."""
    form = Form()
    with form.attempt():
        view.run(commands.close_finding, finding_id, request.form.get("note", "").strip())
        return view.back("pages.upkeep", "已登记整改")
    return _due_page(form, _due())


@signed_in
def upkeep_intervals() -> Any:
    """How often single stores do something."""
    form = Form()
    if form.is_posted:
        with form.attempt():
            view.run(commands.save_intervals, [forms.parse(IntervalInput)])
            return view.back("pages.upkeep_intervals", "已保存")
    rows = view.read(queries.intervals)
    return UPKEEP_INTERVALS.file_of(rows) or form.page(
        "upkeep/intervals.html", rows=rows, sites=own_stores(), kinds=list(UpkeepKind)
    )


@signed_in
def duty() -> Any:
    """Handovers, newest first."""
    site = request.args.get("site", "")[:40]
    if file := DUTY.file_of(lambda: view.read(queries.handovers, site, limit=ALL_ROWS)):
        return file
    return view.page(
        "upkeep/duty.html",
        sites=own_stores(),
        site_code=site,
        **one_page(queries.handovers, queries.count_handovers, site, size=PAGE),
    )


@signed_in
def duty_new() -> Response:
    """The form by which duty is handed over."""
    view.require(view.may("upkeep.record"))
    form = Form()
    if form.is_posted:
        with form.attempt():
            made = view.run(commands.hand_over, forms.parse(DutyInput))
            number = view.read(queries.handover, str(made)).number
            return view.back("pages.duty_handover", "已交班,等待接班人登录确认", number=number)
    return form.page(
        "upkeep/duty_new.html",
        sites=own_stores(),
        site_code=request.args.get("site", ""),
        persons=[(username, f"{name} ({username})") for username, name in view.read(people.colleagues)],
    )


@signed_in
def duty_handover(number: str) -> Response:
    """One handover."""
    return _duty_page(number, Form())


def _duty_page(number: str, form: Form) -> Response:
    row = view.read(queries.handover, number)
    papers = view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else []
    return form.page("upkeep/handover.html", row=row, papers=papers)


@signed_in
def duty_take(number: str) -> Response:
    """Duty is taken."""
    row = view.read(queries.handover, number)
    form = Form()
    with form.attempt():
        view.run(commands.take_over, row.id, request.form.get("note", "").strip())
        return view.back("pages.duty_handover", "已接班,请打印交接记录双方签字", number=number)
    return _duty_page(number, form)


@signed_in
def duty_withdraw(number: str) -> Response:
    """A handover that nobody has taken is taken back."""
    row = view.read(queries.handover, number)
    form = Form()
    with form.attempt():
        view.run(commands.withdraw_handover, row.id, request.form.get("because", "").strip())
        return view.back("pages.duty_handover", "已撤回", number=number)
    return _duty_page(number, form)


@signed_in
def stores() -> str:
    """Stores with their morning lists."""
    return view.page("upkeep/stores.html", rows=own_stores())


@signed_in
def stores_morning(code: str) -> str:
    """What a store has before it today."""
    found = view.read(morning, code)
    sections = [(kind, [line for line in found.lines if line.kind is kind]) for kind in MorningKind]
    return view.page(
        "upkeep/morning.html",
        found=found,
        sections=[(kind, lines) for kind, lines in sections if lines],
        address_of=lambda line: _address(line, code),
        due_text=due_text,
    )


def _address(line: MorningLine, code: str) -> tuple[str, dict[str, str]] | None:
    if line.kind is MorningKind.UPKEEP:
        return ("upkeep_record", {"kind": line.code, "site": code}) if view.may("upkeep.record") else None
    if line.kind is MorningKind.RECOVERY and view.may("recoveries.record"):
        return "recovery_new", {"number": line.number}
    if endpoint := endpoint_of(line.number):
        return endpoint, {"number": line.number}
    endpoint, name = LINKS.get(line.kind, ("", ""))
    return (endpoint, {name: line.number} if name else {"site": code}) if endpoint else None


@signed_in
def stores_morning_pdf(code: str) -> Response:
    """Today's list on one page, issued as a paper of its own."""
    made = view.run(issue_morning, code)
    paper = view.read(printing.paper, str(made))
    return viewed([paper], paper.row.number)
