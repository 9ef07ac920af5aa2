"""Supply requests: drafted, sent, reviewed, carried upward; and what became of every line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response as Answer

from supplyops.catalogue import queries as catalogue
from supplyops.dispatch import printing
from supplyops.incidents import queries as incidents
from supplyops.incidents.rules import IncidentState
from supplyops.people.queries import OrganisationRow
from supplyops.people.rules import OrganisationKind
from supplyops.places import queries as places
from supplyops.places.rules import SiteKind
from supplyops.planning import queries as planning
from supplyops.planning.queries import PlanHead
from supplyops.planning.rules import WORKED_BY
from supplyops.requests import commands, queries
from supplyops.requests.queries import LineFilter, RequestFilter, RequestLineRow, RequestRow
from supplyops.requests.rules import RequestInput, RequestLineInput, RequestState, Review, Urgency
from supplyops.wording.labels import LABELS
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.lists import ALL_ROWS
from web.lists.requests import LINES, REQUESTS
from web.packing import in_base_units, sku_itself
from web.paging import one_page, page_among
from web.view import signed_in

FIELDS = {
    "organisation_code": "申请单位",
    "addressee_code": "受理单位",
    "urgency": "紧急程度",
    "area_code": "受灾地点",
    "delivery_site_code": "接收安置点",
    "receiver": "接收人",
    "receiver_phone": "接收人电话",
    "reason": "申请理由",
    "lines": "明细",
    "vehicle_class_max": "可通行车型",
    "road_note": "道路情况",
    "receives_from": "几时起可以接收",
    "own_stock_note": "本级物资情况",
    "sku": "物资",
    "quantity": "数量",
    "latest_arrival_at": "最晚到达",
    "persons": "保障人数",
    "class_rank": "类别",
    "severity": "严重程度",
    "protected_permille": "重点人群(‰)",
    "minimum_fill": "最低量",
    "note": "说明",
    "accepted": "受理数量",
}
COMMANDING = (OrganisationKind.GOVERNMENT, OrganisationKind.DEPARTMENT)


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/requests", view_func=requests)
    pages.add_url_rule("/requests/lines", view_func=request_lines)
    pages.add_url_rule("/requests/new", view_func=request_new, methods=["GET", "POST"])
    pages.add_url_rule("/requests/<number>", view_func=request_)
    pages.add_url_rule("/requests/<number>/edit", view_func=request_edit, methods=["GET", "POST"])
    pages.add_url_rule("/requests/<number>/submit", view_func=request_submit, methods=["POST"])
    pages.add_url_rule("/requests/<number>/cancel", view_func=request_cancel, methods=["POST"])
    pages.add_url_rule("/requests/<number>/review", view_func=request_review, methods=["POST"])


@signed_in
def requests() -> Any:
    """Requests in reach, narrowed by incident, state, urgency, words, or to those this person may review."""
    args = request.args
    where = _filter(args)
    if args.get("review"):  # few wait at a time
        waiting = view.read(queries.page_of_requests, replace(where, state=RequestState.SUBMITTED), limit=ALL_ROWS)
        found = [row for row in waiting if where.state in {None, row.state} and may_review(row)]
        if file := REQUESTS.file_of(found):
            return file
        shown = page_among(found)
    else:
        if file := REQUESTS.file_of(lambda: view.read(queries.page_of_requests, where, limit=ALL_ROWS)):
            return file
        shown = one_page(queries.page_of_requests, queries.count_requests, where)
    return view.page(
        "requests/list.html",
        **shown,
        active=_active(args),
        incidents=view.read(incidents.incidents),
    )


def _filter(args: Mapping[str, str]) -> RequestFilter:
    return RequestFilter(
        view.read(incidents.incident, args["incident"]).id if args.get("incident") else None,
        RequestState(args["state"]) if args.get("state") in set(RequestState) else None,
        Urgency(args["urgency"]) if args.get("urgency") in set(Urgency) else None,
        args.get("text", "").strip()[:60],
    )


def may_review(row: RequestRow) -> bool:
    """Does the review of this request wait for who asks?"""
    return (
        row.state is RequestState.SUBMITTED
        and row.submitted_by_id != view.principal().user_id
        and view.may_at("requests.review", row.addressee_id)
    )


def _active(args: Mapping[str, str]) -> list[tuple[str, str]]:
    known = {"state": LABELS["RequestState"], "urgency": LABELS["Urgency"]}
    found = [(name, _(words[args[name]])) for name, words in known.items() if args.get(name) in words]
    found += [("incident", args["incident"])] if args.get("incident") else []
    found += [("review", _("待我审核"))] if args.get("review") else []
    return found + ([("text", f"“{args['text']}”")] if args.get("text") else [])


@signed_in
def request_lines() -> Any:
    """Lines of accepted requests, narrowed by class and by whether they are met."""
    args = request.args
    incident = view.read(incidents.incident, args["incident"]).id if args.get("incident") else None
    where = LineFilter(
        incident,
        RequestState(args["state"]) if args.get("state") in set(RequestState) else RequestState.ACCEPTED,
        int(args["rank"]) if args.get("rank", "").isdecimal() and len(args["rank"]) < 4 else None,
        args.get("sku", "")[:40],
        args.get("unmet") == "1",
    )
    if file := LINES.file_of(lambda: view.read(queries.page_of_lines, where, limit=ALL_ROWS)):
        return file
    names = class_names()
    active = [("rank", names.get(int(args["rank"]), args["rank"]))] if args.get("rank", "").isdecimal() else []
    active += [("unmet", _("尚未落实"))] if args.get("unmet") == "1" else []
    active += [(name, args[name]) for name in ("incident", "sku") if args.get(name)]
    return view.page(
        "requests/lines.html",
        **one_page(queries.page_of_lines, queries.count_lines, where),
        active=active,
        classes=names,
    )


def class_names() -> dict[int, str]:
    """Names of need classes by rank."""
    return {row.rank: row.name for row in view.read(catalogue.need_classes)}


@signed_in
def request_new() -> Answer:
    """A request from nothing, or one that carries what another could not get to the level above."""
    args = request.args
    source = view.read(queries.request, args["from"]) if args.get("from") else None
    form = Form(_upward(source) if source else _blank(), FIELDS)
    if form.is_posted:
        with form.attempt():
            request_id = view.run(
                commands.draft, forms.parse(RequestInput, unpack=in_base_units("lines", ("quantity",), sku_itself))
            )
            number = view.read(queries.request, str(request_id)).number
            return view.back("pages.request_", "需求申请单已起草,核对后提交", number=number)
    view.require(view.may("requests.edit"))
    return _edit_page(form, None, spare=3)


def _blank() -> dict[str, str]:
    found = view.read(incidents.incident, request.args["incident"]) if request.args.get("incident") else None
    return {
        "incident_id": str(found.id) if found else "",
        "urgency": Urgency.URGENT.value,
        "area_code": found.area_code if found else "",
        "vehicle_class_max": "9",
    }


def _upward(source: RequestRow) -> dict[str, str]:
    """What a request could not get here, asked of the level above by the body that was asked."""
    body = view.bodies()[source.addressee_id]
    above = view.bodies().get(body.parent_id) if body.parent_id else None
    lines = tuple(
        RequestLineInput(
            line.sku,
            line.outstanding,
            line.latest_arrival_at,
            line.persons,
            line.computed_need,
            line.class_rank,
            line.severity,
            line.protected_permille,
            0,
            line.allows_substitutes,
            line.note,
        )
        for line in source.lines
        if line.outstanding
    )
    fields = _fields(source)
    fields = {name: value for name, value in fields.items() if not name.startswith("lines-")}
    for place, line in enumerate(lines):
        fields |= forms.flatten(line, f"lines-{place}-")
    return fields | {
        "organisation_code": body.code,
        "addressee_code": above.code if above else "",
        "reason": _("本级物资不足,转报") + f" {source.number}:{source.reason}"[:380],
        "own_stock_note": "",
    }


def _fields(row: RequestRow) -> dict[str, str]:
    """A request as the fields of its form."""
    fields = {name: str(value) for name in _HEAD if (value := getattr(row, name)) is not None}
    fields |= {"incident_id": str(row.incident_id), "version": str(row.version)}
    fields["receives_from"] = view.local(row.receives_from) if row.receives_from else ""
    for place, line in enumerate(row.lines):
        at = f"lines-{place}-"
        fields |= {f"{at}{name}": str(getattr(line, name)) for name in _LINE_NUMBERS}
        fields |= {
            f"{at}latest_arrival_at": view.local(line.latest_arrival_at),
            f"{at}allows_substitutes": "1" if line.allows_substitutes else "",
        }
    return fields


_HEAD = (
    "organisation_code",
    "addressee_code",
    "urgency",
    "area_code",
    "delivery_site_code",
    "receiver",
    "receiver_phone",
    "reason",
    "vehicle_class_max",
    "road_note",
    "own_stock_note",
    "report_version",
)
_LINE_NUMBERS = (
    "sku",
    "quantity",
    "persons",
    "computed_need",
    "class_rank",
    "severity",
    "protected_permille",
    "minimum_fill",
    "note",
)


@signed_in
def request_edit(number: str) -> Answer:
    """Change a draft. When somebody else was faster, both versions are shown and nothing typed is lost."""
    row = view.read(queries.request, number)
    form = Form(_fields(row), FIELDS)
    if form.is_posted:
        with form.attempt():
            view.run(
                commands.edit,
                row.id,
                _version(),
                forms.parse(RequestInput, unpack=in_base_units("lines", ("quantity",), sku_itself)),
            )
            return view.back("pages.request_", "已保存", number=row.number)
        row = view.read(queries.request, number)
        form.renew(version=row.version)
    view.require(view.may_at("requests.edit", row.organisation_id))
    return _edit_page(form, row, spare=2)


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _edit_page(form: Form, row: RequestRow | None, *, spare: int) -> Answer:
    bodies = [body for body in view.bodies().values() if body.is_active]
    sites = view.read(places.sites)
    items = view.read(catalogue.items)
    return form.page(
        "requests/edit.html",
        row=row,
        spare=spare,
        incidents=view.read(incidents.incidents, IncidentState.OPEN),
        own_bodies=[body for body in bodies if view.may_at("requests.edit", body.id)],
        addressees=[body for body in bodies if _may_be_asked(body)],
        areas=view.read(places.areas),
        sites=sorted(sites, key=lambda site: (site.kind is not SiteKind.DELIVERY_POINT, site.code)),
        items=items,
        item_names={item.sku: f"{item.name}({item.unit})" for item in items},
        classes=class_names(),
    )


def _may_be_asked(body: OrganisationRow) -> bool:
    return body.in_chain and body.kind in (*COMMANDING, OrganisationKind.TOWNSHIP)


@signed_in
def request_(number: str) -> Answer:
    """One request with its lines, what became of them, and the steps that may be taken now."""
    return _detail(number, Form())


def _detail(number: str, form: Form) -> Answer:
    row = view.read(queries.request, number)
    state, here = row.state, row.organisation_id
    return form.page(
        "requests/detail.html",
        row=row,
        classes=class_names(),
        papers=view.read(printing.list_papers, subject_id=row.id) if view.may("papers.see") else [],
        may_edit=state is RequestState.DRAFT and view.may_at("requests.edit", here),
        may_submit=state is RequestState.DRAFT and view.may_at("requests.submit", here),
        may_cancel=state in {RequestState.DRAFT, RequestState.SUBMITTED} and view.may_at("requests.submit", here),
        may_review=may_review(row),
        may_carry_up=state is RequestState.ACCEPTED
        and any(line.outstanding for line in row.lines)
        and view.bodies()[row.addressee_id].parent_id is not None
        and view.may_at("requests.edit", row.addressee_id),
        plan=_plan_to_add_to(row),
    )


def _plan_to_add_to(row: RequestRow) -> PlanHead | None:
    """The incident's newest plan that people may adopt or work by, where something of the request is open."""
    is_open = row.state is RequestState.ACCEPTED and any(line.outstanding for line in row.lines)
    if not is_open or not view.may("plans.see"):
        return None
    return next((each for each in view.read(planning.plans, row.incident_id) if each.state in WORKED_BY), None)


@signed_in
def request_submit(number: str) -> Answer:
    """Send a draft to the body that is asked."""
    return _step(number, commands.submit, "需求申请单已提交")


@signed_in
def request_cancel(number: str) -> Answer:
    """Take a request back."""
    return _step(number, commands.cancel, "需求申请单已撤销")


def _step(number: str, step: Any, said: str) -> Answer:
    row = view.read(queries.request, number)
    form = Form(labels=FIELDS)
    with form.attempt():
        view.run(step, row.id, _version())
        return view.back("pages.request_", said, number=row.number)
    return _detail(number, form)


@signed_in
def request_review(number: str) -> Answer:
    """Accept line by line, or refuse with a reason."""
    row = view.read(queries.request, number)
    form = Form(labels=FIELDS | {str(line.id): _("{item} 受理数量").format(item=line.item_name) for line in row.lines})
    with form.attempt():
        refuses = request.form.get("step") == "refuse"
        verdict = forms.parse(Review, {"accepted": {}} if refuses else {"accepted": _accepted(row.lines)})
        state = view.run(commands.review, row.id, _version(), verdict)
        said = "需求申请单已受理" if state is RequestState.ACCEPTED else "需求申请单已退回"
        return view.back("pages.request_", said, number=row.number)
    return _detail(number, form)


def _accepted(lines: tuple[RequestLineRow, ...]) -> dict[UUID, Any]:
    """Accepted quantities by line; fields are named by line so that a changed order of lines cannot mix them up."""
    return {line.id: forms.whole(f"accepted-{line.id.hex}") or 0 for line in lines}
