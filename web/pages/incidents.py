"""Incidents: what happened, what was reported, which response runs, what people need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as Answer

from supplyops.catalogue import queries as catalogue
from supplyops.dispatch import printing
from supplyops.incidents import commands, queries
from supplyops.incidents.queries import IncidentRow, ReportRow
from supplyops.incidents.rules import (
    FIGURES,
    EventClass,
    Hazard,
    IncidentInput,
    IncidentState,
    ReportInput,
    ReportKind,
    ResponseInput,
    criteria_totals,
)
from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import NotFound
from supplyops.norms import queries as norms
from supplyops.norms.rules import Season
from supplyops.people.rules import OrganisationKind
from supplyops.places import queries as places
from supplyops.places.rules import SiteKind
from supplyops.requests import commands as asking
from supplyops.requests import queries as requests
from supplyops.requests.rules import Urgency
from supplyops.wording import labels
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.lists.incidents import INCIDENTS
from web.view import signed_in

WINTER_MONTHS = frozenset({10, 11, 12, 1, 2, 3, 4})
FIELDS = {
    "name": "名称",
    "event_class": "事件类别",
    "hazard": "灾种",
    "occurred_at": "发生时间",
    "area_code": "行政区",
    "place": "地点",
    "organisation_code": "指挥单位",
    "lat_e6": "纬度",
    "lon_e6": "经度",
    "kind": "报告类型",
    "season": "季节",
    "days_of_cover": "保障天数",
    "night_temperature_c": "夜间最低气温",
    "delivery_site_code": "接收安置点",
    "areas": "受灾地点",
    "level": "响应级别",
    "basis": "依据",
    "measures": "措施",
    "expected_until": "预计结束",
    "source": "来源",
    "summary": "综述",
    **labels.FIGURES,
}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/incidents", view_func=incidents)
    pages.add_url_rule("/incidents/new", view_func=incident_new, methods=["GET", "POST"])
    pages.add_url_rule("/incidents/<number>", view_func=incident)
    pages.add_url_rule("/incidents/<number>/reports", view_func=incident_reports)
    pages.add_url_rule("/incidents/<number>/reports/new", view_func=incident_report_new, methods=["GET", "POST"])
    pages.add_url_rule("/incidents/<number>/response", view_func=incident_response, methods=["GET", "POST"])
    pages.add_url_rule("/incidents/<number>/needs", view_func=incident_needs, methods=["GET", "POST"])
    pages.add_url_rule("/incidents/<number>/map", view_func=incident_map)
    pages.add_url_rule("/incidents/<number>/close", view_func=incident_close, methods=["POST"])


@signed_in
def incidents() -> Any:
    """Incidents in reach, narrowed by state, level, class or words."""
    args = request.args
    state = IncidentState(args["state"]) if args.get("state") in set(IncidentState) else None
    rows = [row for row in view.read(queries.incidents, state) if _fits(row, args)]
    if file := INCIDENTS.file_of(rows):
        return file
    return view.page("incidents/list.html", rows=rows, active=_active(args), classes=EventClass, states=IncidentState)


def _fits(row: IncidentRow, args: Mapping[str, str]) -> bool:
    text, level = args.get("text", "").strip(), args.get("level", "")
    return (
        (not text or text in row.name or text in row.number or text in row.place)
        and (not args.get("event_class") or row.event_class == args["event_class"])
        and (not level or str(row.response_level or "none") == level)
    )


def _active(args: Mapping[str, str]) -> list[tuple[str, str]]:
    words = {
        "state": labels.LABELS["IncidentState"],
        "event_class": labels.LABELS["EventClass"],
        "level": {str(level): labels.response_level(level) for level in labels.RESPONSE_LEVELS}
        | {"none": "未启动响应"},
    }
    found = [(name, _(known[args[name]])) for name, known in words.items() if args.get(name) in known]
    return found + ([("text", f"“{args['text']}”")] if args.get("text") else [])


@signed_in
def incident_new() -> Answer:
    """Open an incident."""
    now = view.runtime().clock()
    home = view.principal().organisation_id
    own = view.bodies().get(home) if home else None
    form = Form({"occurred_at": view.local(now), "organisation_code": own.code if own else ""}, FIELDS)
    if form.is_posted:
        with form.attempt():
            incident_id = view.run(commands.open_incident, _parse_incident())
            number = view.read(queries.incident, str(incident_id)).number
            return view.back("pages.incident_report_new", "突发事件已登记,请填写灾情报告", number=number)
    view.require(view.may("incidents.report"))
    return form.page(
        "incidents/new.html",
        areas=view.read(places.areas),
        bodies=[row for row in view.bodies().values() if row.kind in COMMANDING and row.in_chain],
        classes=EventClass,
        hazards=Hazard,
    )


COMMANDING = (OrganisationKind.GOVERNMENT, OrganisationKind.DEPARTMENT, OrganisationKind.TOWNSHIP)


def _parse_incident() -> Any:
    """Degrees are written with a point on the form and kept in millionths."""
    micro = {name: _micro_degrees(request.form.get(name, "")) for name in ("lat_e6", "lon_e6")}
    return forms.parse(IncidentInput, {name: value for name, value in micro.items() if value is not None})


def _micro_degrees(text: str) -> int | str | None:
    """`44.2` as 44 200 000; what is no number is left for the schema to refuse."""
    text = text.strip()
    if not text:
        return None
    whole, _point, part = text.removeprefix("-").partition(".")
    if not whole.isdecimal() or (part and not part.isdecimal()) or len(whole) > 3:
        return text
    value = int(whole) * 1_000_000 + int(f"{part:0<6}"[:6])
    return -value if text.startswith("-") else value


@signed_in
def incident(number: str) -> str:
    """One incident: what is known, which response runs, what was asked for."""
    row = view.read(queries.incident, number)
    versions = view.read(queries.reports, row.id)
    return view.page(
        "incidents/overview.html",
        incident=row,
        latest=versions[0] if versions else None,
        responses=view.read(queries.responses, row.id),
        suggested=view.read(queries.suggested_level, row.id) if versions else None,
        requests=view.read(requests.requests, incident_id=row.id) if view.may("requests.see") else [],
        papers=view.read(printing.list_papers, incident_id=row.id, limit=20) if view.may("papers.see") else [],
        figures=labels.FIGURES,
        tabs=tabs(row),
    )


def tabs(row: IncidentRow) -> list[tuple[str, str, bool]]:
    """The pages of one incident that this person may see."""
    here = request.endpoint
    pages = [
        ("incident", "概况", True),
        ("incident_reports", "灾情报告", True),
        ("incident_response", "应急响应", True),
        ("incident_needs", "需求测算", True),
        ("incident_map", "示意图", True),
    ]
    links = [
        (url_for(f"pages.{name}", number=row.number), _(text), here == f"pages.{name}")
        for name, text, shown in pages
        if shown
    ]
    if view.may("teams.see"):
        links.append((url_for("pages.tasks", incident=row.number), _("救援任务"), here == "pages.tasks"))
    if view.may("requests.see"):
        links.append((url_for("pages.requests", incident=row.number), _("需求申请"), False))
        if view.may("plans.see"):
            links.append((url_for("pages.plans", incident=row.number), _("方案"), False))
        links.append((url_for("pages.letters", incident=row.number), _("协调函"), False))
    return links


@signed_in
def incident_reports(number: str) -> str:
    """Every version of the report, and what changed between two of them."""
    row = view.read(queries.incident, number)
    versions = view.read(queries.reports, row.id)
    newer = _version(versions, "to", 0)
    older = _version(versions, "from", 1)
    return view.page(
        "incidents/reports.html",
        incident=row,
        versions=versions,
        newer=newer,
        older=older,
        changes=differences(older, newer) if newer is not None else [],
        area_names=area_names(),
        figures=labels.FIGURES,
        tabs=tabs(row),
    )


def area_names() -> dict[str, str]:
    """Names of areas by code."""
    return {area.code: area.name for area in view.read(places.areas)}


def _version(versions: list[ReportRow], field: str, place: int) -> ReportRow | None:
    wanted = request.args.get(field, "")
    found = next((row for row in versions if str(row.version) == wanted), None)
    return found or (versions[place] if len(versions) > place else None)


def differences(
    older: ReportRow | None, newer: ReportRow
) -> list[tuple[str, list[tuple[str, int | None, int | None]], str]]:
    """Place by place: (area code, [(figure, before, now)], "added" | "removed" | "changed" | ""), figures known in either."""
    before = {area.area_code: area for area in older.areas} if older else {}
    after = {area.area_code: area for area in newer.areas}
    found = []
    for code in [*after, *(code for code in before if code not in after)]:
        rows = [
            (name, getattr(before.get(code), name, None), getattr(after.get(code), name, None))
            for name in FIGURES
            if getattr(before.get(code), name, None) is not None or getattr(after.get(code), name, None) is not None
        ]
        differs = any(old != new for _name, old, new in rows)
        mark = "removed" if code not in after else "added" if older and code not in before else ""
        found.append((code, rows, mark or ("changed" if differs and older else "")))
    return found


@signed_in
def incident_report_new(number: str) -> Answer:
    """A new version of the report, starting from the figures of the last one."""
    row = view.read(queries.incident, number)
    versions = view.read(queries.reports, row.id)
    form = Form(_report_fields(versions[0] if versions else None, row), FIELDS)
    if form.is_posted:
        with form.attempt():
            version = view.run(commands.report, row.id, forms.parse(ReportInput))
            return view.back(
                "pages.incident_reports", _("灾情报告第 {version} 版已提交").format(version=version), number=row.number
            )
    view.require(view.may_at("incidents.report", row.organisation_id))
    sites = view.read(places.sites)
    return form.page(
        "incidents/report_new.html",
        incident=row,
        latest=versions[0] if versions else None,
        areas=view.read(places.areas),
        sites=sorted(sites, key=lambda site: (site.kind is not SiteKind.DELIVERY_POINT, site.code)),
        kinds=ReportKind,
        seasons=(Season.WINTER, Season.SUMMER),
        figures=labels.FIGURES,
        tabs=tabs(row),
    )


def _report_fields(latest: ReportRow | None, row: IncidentRow) -> dict[str, str]:
    if latest is None:
        winter = beijing(row.occurred_at).month in WINTER_MONTHS
        season = Season.WINTER if winter else Season.SUMMER
        return {
            "kind": ReportKind.FIRST.value,
            "season": season.value,
            "days_of_cover": "3",
            "areas-0-area_code": row.area_code,
        }
    again = ReportInput(
        ReportKind.FOLLOW_UP,
        latest.season,
        latest.days_of_cover,
        tuple(replace(area) for area in latest.areas),
        latest.is_forecast,
        latest.night_temperature_c,
        latest.source,
    )
    return forms.flatten(again)


@signed_in
def incident_response(number: str) -> Answer:
    """Start, change or end the response, beside what the thresholds suggest."""
    row = view.read(queries.incident, number)
    form = Form({"level": row.response_level}, FIELDS)
    if form.is_posted:
        with form.attempt():
            ends = request.form.get("step") == "end"
            decision = forms.parse(ResponseInput, {"level": None} if ends else None)
            view.run(commands.decide_response, row.id, decision)
            done = (
                "应急响应已终止" if ends else _("已启动{level}").format(level=_(labels.response_level(decision.level)))
            )
            return view.back("pages.incident_response", done, number=row.number)
    versions = view.read(queries.reports, row.id)
    suggested = view.read(queries.suggested_level, row.id) if versions else None
    if not form.is_posted and row.response_level is None:
        form.renew(level=suggested or "")
    return form.page(
        "incidents/response.html",
        incident=row,
        latest=versions[0] if versions else None,
        responses=view.read(queries.responses, row.id),
        suggested=suggested,
        totals=criteria_totals(versions[0].areas) if versions else {},
        thresholds=view.read(norms.thresholds),
        criteria=labels.CRITERIA,
        tabs=tabs(row),
    )


@signed_in
def incident_needs(number: str) -> Answer:
    """What each place needs by the norms, what it has got, what is missing; drafts of requests from that."""
    row = view.read(queries.incident, number)
    form = Form(
        {"urgency": Urgency.MOST_URGENT.value if row.response_level in {1, 2} else Urgency.URGENT.value}, FIELDS
    )
    if form.is_posted:
        with form.attempt():
            urgency = request.form.get("urgency", "")
            drafted = view.run(
                asking.draft_from_needs,
                row.id,
                Urgency(urgency) if urgency in set(Urgency) else Urgency.URGENT,
            )
            if not drafted:
                said = "没有需要起草的申请:需求都已满足,或已经申请"
                return view.back("pages.incident_needs", said, number=row.number)
            said = _("已起草 {count} 份需求申请单").format(count=len(drafted))
            return view.back("pages.requests", said, incident=row.number, state="draft")
    needs, missing = _needs(row)
    versions = view.read(queries.reports, row.id)
    return form.page(
        "incidents/needs.html",
        incident=row,
        needs=needs,
        missing=missing,
        latest=versions[0] if versions else None,
        urgencies=Urgency,
        classes={found.rank: found.name for found in view.read(catalogue.need_classes)},
        tabs=tabs(row),
    )


def _needs(row: IncidentRow) -> tuple[list[requests.NetNeed], str]:
    """Needs by place; without a report, or without the parameters it takes, the reason instead."""
    try:
        if view.may("requests.see"):
            return view.read(requests.net_needs, row.id), ""
        return [requests.NetNeed(need, 0, 0, 0) for need in view.read(queries.gross_need, row.id)], ""
    except NotFound as error:
        if error.params.get("noun") == "incident_report":
            return [], _("还没有灾情报告。提交报告后,系统按标准测算各地需求。")
        return [], _("缺少测算参数,请在“目录与标准”中补充:") + str(error.params.get("key", ""))


@signed_in
def incident_map(number: str) -> str:
    """Where it happened, among our own roads and sites."""
    row = view.read(queries.incident, number)
    return view.page("incidents/map.html", incident=row, tabs=tabs(row))


@signed_in
def incident_close(number: str) -> Response | Answer:
    """Close an incident whose response has ended."""
    row = view.read(queries.incident, number)
    view.run(commands.close_incident, row.id)
    return view.back("pages.incident", "突发事件已结束", number=row.number)
