"""Where things are: roads and their state, sites, areas, and the sketch map over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as Answer

from supplyops.incidents import queries as incidents
from supplyops.incidents.rules import IncidentState
from supplyops.insight import queries as insight
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.kernel.keeping import StorageClass
from supplyops.people.rules import Level
from supplyops.places import commands, queries
from supplyops.places.queries import RoadState, SiteRow
from supplyops.places.rules import (
    LocationInput,
    LocationKind,
    RoadReportInput,
    RoadStatus,
    SiteInput,
    SiteKind,
    shape_points,
)
from supplyops.wording.labels import LABELS
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.lists.registers import AREAS, ROADS, SITES
from web.view import signed_in

ROAD_FIELDS = {
    "status": "状态",
    "reason": "原因",
    "vehicle_class_max": "可通行车型",
    "snow_vehicles_only": "仅限雪地车辆",
    "valid_from": "开始时间",
    "valid_to": "预计恢复",
}
SITE_FIELDS = {
    "code": "编码",
    "name": "名称",
    "kind": "类型",
    "organisation_code": "保管单位",
    "area_code": "行政区",
    "level": "层级",
    "road_node": "道路节点",
    "address": "地址",
    "lat_e6": "纬度(百万分之一度)",
    "lon_e6": "经度(百万分之一度)",
    "capacity_cm3": "容积(cm³)",
    "loading_bays": "装卸口",
    "vehicle_class_max": "可进车型",
    "shelter_capacity": "安置人数",
    "contact": "联系人",
    "phone": "电话",
    "zone": "区",
    "shelf": "架",
    "bin": "位",
    "storage_class": "储存条件",
    "is_receiving": "收货区",
    "walk_rank": "取货次序",
}


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    pages.add_url_rule("/roads", view_func=roads)
    pages.add_url_rule("/roads/<code>", view_func=road, methods=["GET", "POST"])
    pages.add_url_rule("/sites", view_func=sites)
    pages.add_url_rule("/sites/new", view_func=site_new, methods=["GET", "POST"])
    pages.add_url_rule("/sites/<code>", view_func=site)
    pages.add_url_rule("/sites/<code>/edit", view_func=site_edit, methods=["GET", "POST"])
    pages.add_url_rule("/sites/<code>/locations", view_func=location_new, methods=["GET", "POST"])
    pages.add_url_rule("/sites/<code>/locations/<location>", view_func=location_edit, methods=["GET", "POST"])
    pages.add_url_rule("/areas", view_func=areas)
    pages.add_url_rule("/map", view_func=map_)
    pages.add_url_rule("/map/data", view_func=map_data)


@signed_in
def roads() -> Any:
    """Every road and how it is now, narrowed by state or words."""
    args = request.args
    rows = [row for row in view.read(queries.road_states) if _fits(row, args)]
    words = LABELS["RoadStatus"]
    active = [("status", _(words[args["status"]]))] if args.get("status") in words else []
    active += [("text", f"“{args['text']}”")] if args.get("text") else []
    if file := ROADS.file_of(rows):
        return file
    return view.page("places/roads.html", rows=rows, active=active, nodes=node_names())


def _fits(row: RoadState, args: Mapping[str, str]) -> bool:
    text = args.get("text", "").strip()
    return (not args.get("status") or row.status == args["status"]) and (
        not text or text in row.name or text in row.code
    )


def node_names() -> dict[str, str]:
    """Names of road nodes by code."""
    return {node.code: node.name for node in view.read(queries.road_nodes)}


@signed_in
def road(code: str) -> Answer:
    """One road: how it is, what was reported, a new report."""
    row = _road(code)
    form = Form({"status": row.status.value}, ROAD_FIELDS)
    if form.is_posted:
        with form.attempt():
            reason = request.form.get("reason", "").strip()  # an open road needs none
            report = forms.parse(RoadReportInput, {"road_code": code, "reason": reason})
            view.run(commands.report_road, report)
            said = _("已报告:{road} {state}").format(road=row.name, state=view.word(report.status))
            if request.args.get("plan"):
                return view.back(
                    "pages.plan", _("{said},请重新编制方案").format(said=said), number=request.args["plan"]
                )
            if request.args.get("incident"):
                return view.back("pages.incident_map", said, number=request.args["incident"])
            return view.back("pages.map_" if request.args.get("from") == "map" else "pages.roads", said)
        row = _road(code)
    return form.page(
        "places/road.html",
        row=row,
        nodes=node_names(),
        reports=view.read(queries.road_reports, code),
        states=RoadStatus,
    )


def _road(code: str) -> RoadState:
    found = next((row for row in view.read(queries.road_states) if row.code == code), None)
    if found is None:
        raise NotFound("road", code=code)
    return found


@signed_in
def sites() -> Any:
    """Sites in reach, narrowed by kind, level or words."""
    args = request.args
    text = args.get("text", "").strip()
    rows = [
        row
        for row in view.read(queries.sites)
        if (not args.get("kind") or row.kind == args["kind"])
        and (not args.get("level") or row.level == args["level"])
        and (not text or text in row.name or text in row.code or text in row.organisation_name)
    ]
    known = {"kind": LABELS["SiteKind"], "level": LABELS["Level"]}
    active = [(name, _(words[args[name]])) for name, words in known.items() if args.get(name) in words]
    active += [("text", f"“{text}”")] if text else []
    if file := SITES.file_of(rows):
        return file
    return view.page("places/sites.html", rows=rows, active=active, area_names=_area_names())


def _area_names() -> dict[str, str]:
    return {row.code: row.name for row in view.read(queries.areas)}


@signed_in
def site(code: str) -> str:
    """One site: what it can take, its storage locations, what lies there."""
    row = view.read(queries.site, code)
    may_see = view.may("stock.see")
    return view.page(
        "places/site.html",
        row=row,
        area_names=_area_names(),
        locations=view.read(queries.locations, row.id) if may_see else [],
        stock=[found for found in view.read(insight.site_stock) if found.site_id == row.id] if may_see else [],
    )


@signed_in
def site_new() -> Answer:
    """Add a site."""
    return _save_site(Form({"loading_bays": "1", "vehicle_class_max": "9", "is_active": "1"}, SITE_FIELDS), None)


@signed_in
def site_edit(code: str) -> Answer:
    """Change a site. Its code stays."""
    row = view.read(queries.site, code)
    names = [name for name in SiteInput.__dataclass_fields__ if hasattr(row, name)]
    return _save_site(Form(forms.flatten(SiteInput(**{name: getattr(row, name) for name in names})), SITE_FIELDS), row)


def _save_site(form: Form, row: SiteRow | None) -> Answer:
    if form.is_posted:
        with form.attempt():
            new = forms.parse(SiteInput, {"code": row.code} if row else None)
            if row is None and any(found.code == new.code for found in view.read(queries.sites)):
                raise InvalidInput(fields=(_taken("code", new.code),))
            view.run(commands.save_sites, [new])
            return view.back("pages.site", "已保存", code=new.code)
    view.require(view.may_at("places.edit", row.organisation_id) if row else view.may("places.edit"))
    return form.page(
        "places/site_edit.html",
        row=row,
        bodies=[body for body in view.bodies().values() if view.may_at("places.edit", body.id)],
        areas=view.read(queries.areas),
        nodes=node_names(),
        kinds=SiteKind,
        levels=Level,
    )


def _taken(field: str, value: str) -> FieldError:
    return FieldError(field, "already_used", {"value": value})


@signed_in
def location_new(code: str) -> Answer:
    """Add a storage location to a site."""
    row = view.read(queries.site, code)
    form = Form({"kind": LocationKind.STORAGE.value}, SITE_FIELDS)
    if form.is_posted:
        with form.attempt():
            new = forms.parse(LocationInput, {"site_code": row.code})
            if any(found.code == new.code for found in view.read(queries.locations)):
                raise InvalidInput(fields=(_taken("code", new.code),))
            view.run(commands.save_locations, [new])
            return view.back("pages.site", "库位已增加", code=row.code)
    view.require(view.may_at("places.edit", row.organisation_id))
    kinds = (LocationKind.STORAGE, LocationKind.QUARANTINE, LocationKind.TEAM)
    return form.page("places/location_new.html", row=row, kinds=kinds, storage_classes=list(StorageClass), is_old=False)


@signed_in
def location_edit(code: str, location: str) -> Answer:
    """Change what a storage location is called, how large it is and what it offers."""
    row = view.read(queries.site, code)
    old = next((found for found in view.read(queries.locations, row.id) if found.code == location), None)
    if old is None:
        raise NotFound("location", code=location)
    known = LocationInput(**{name: getattr(old, name) for name in LocationInput.__dataclass_fields__})
    form = Form(forms.flatten(known), SITE_FIELDS)
    if form.is_posted:
        with form.attempt():
            view.run(commands.save_locations, [forms.parse(LocationInput, {"site_code": row.code, "code": old.code})])
            return view.back("pages.site", "库位已修改", code=row.code)
    view.require(view.may_at("places.edit", row.organisation_id))
    return form.page(
        "places/location_new.html", row=row, kinds=(old.kind,), storage_classes=list(StorageClass), is_old=True
    )


@signed_in
def areas() -> Any:
    """The administrative tree."""
    rows = view.read(queries.areas)
    if file := AREAS.file_of(rows):
        return file
    return view.page("places/areas.html", rows=rows, names={row.code: row.name for row in rows})


@signed_in
def map_() -> str:
    """The sketch map of our own roads and sites."""
    return view.page("places/map_page.html")


@signed_in
def map_data() -> Response:
    """What the map draws, as JSON: roads by their ends, sites with their stock, incidents.

    `routes` stays empty here; a page that has routes to draw names its own address in `data-routes`, answering
    `{"routes": [{"name", "vehicle", "points": [[lat, lon], ...]}]}`.
    """
    nodes = {node.code: (node.lat_e6 / 1e6, node.lon_e6 / 1e6) for node in view.read(queries.road_nodes)}
    stock: dict[Any, list[dict[str, Any]]] = {}
    if view.may("stock.see"):
        for found in view.read(insight.site_stock):
            stock.setdefault(found.site_id, []).append(
                {"name": found.item_name, "quantity": found.quantity, "unit": found.unit}
            )
    return jsonify(
        roads=[_road_shape(row, nodes) for row in view.read(queries.road_states)],
        sites=[shape for row in view.read(queries.sites) if (shape := _site_shape(row, nodes, stock.get(row.id, [])))],
        incidents=_incident_shapes(),
        may_report=view.may("roads.report"),
    )


def _road_shape(row: RoadState, nodes: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "points": [
            nodes[row.from_code],
            *((lat / 1e6, lon / 1e6) for lat, lon in shape_points(row.shape)),
            nodes[row.to_code],
        ],
        "status": row.status.value,
        "status_word": view.word(row.status),
        "reason": view.road_reason(row.reason),
        "km": view.kilometres(row.length_m),
        "snow_vehicles_only": row.snow_vehicles_only,
        "vehicle_class_max": row.vehicle_class_max,
    }


def _site_shape(
    row: SiteRow, nodes: Mapping[str, tuple[float, float]], stock: list[dict[str, Any]]
) -> dict[str, Any] | None:
    own = (row.lat_e6 / 1e6, row.lon_e6 / 1e6) if row.lat_e6 is not None and row.lon_e6 is not None else None
    point = own or nodes.get(row.road_node)
    if point is None:
        return None
    largest = sorted(stock, key=lambda found: (-found["quantity"], found["name"]))[:12]
    return {
        "code": row.code,
        "name": row.name,
        "kind": row.kind.value,
        "kind_word": view.word(row.kind),
        "level": row.level.value,
        "level_word": view.word(row.level),
        "point": point,
        "stock": largest,
        "items": len(stock),
    }


def _incident_shapes() -> list[dict[str, Any]]:
    if not view.may("incidents.see"):
        return []
    wanted = request.args.get("incident")
    rows = [view.read(incidents.incident, wanted)] if wanted else view.read(incidents.incidents, IncidentState.OPEN)
    return [
        {"number": row.number, "name": row.name, "place": row.place, "point": (row.lat_e6 / 1e6, row.lon_e6 / 1e6)}
        for row in rows
        if row.lat_e6 is not None and row.lon_e6 is not None
    ]
