"""Road networks: map files with their preview, regions that are closed, travel times."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response as Answer

from supplyops.fleet import queries as fleet
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.networks import commands, queries
from supplyops.networks.rules import (
    FILE_BYTES_MAX,
    Detail,
    RegionInput,
    RoadFileInput,
    RoadFileState,
    Snap,
    TravelInput,
)
from supplyops.people.rules import Level
from supplyops.places import queries as places
from supplyops.places.rules import RoadStatus
from web import forms, view
from web.forms import Form
from web.language import gettext as _
from web.view import signed_in

FILE_FIELDS = {
    "file": "文件",
    "prefix": "编码前缀",
    "detail": "取哪些道路",
    "snap": "场所落到路网",
    "snap_metres_max": "最远距离(米)",
}
REGION_FIELDS = {
    "corners": "区域角点",
    "status": "状态",
    "reason": "原因",
    "vehicle_class_max": "可通行车型",
    "valid_from": "开始时间",
    "valid_to": "预计恢复",
}
TRAVEL_FIELDS = {"vehicle_type": "车型", "from_codes": "出发地", "to_codes": "目的地"}
SHOWN_MAX = 40


def register(pages: Blueprint) -> None:
    """Add this module's addresses."""
    add = pages.add_url_rule
    add("/networks", view_func=networks, methods=["GET", "POST"])
    add("/networks/<uuid:file_id>", view_func=networks_file, methods=["GET", "POST"])
    add("/networks/<uuid:file_id>/discard", view_func=networks_discard, methods=["POST"])
    add("/networks/region", view_func=networks_region, methods=["GET", "POST"])
    add("/networks/travel", view_func=networks_travel)


@signed_in
def networks() -> Any:
    """Upload a map file; the files that wait."""
    view.require(view.may("places.edit"))
    form = Form({"prefix": "osm", "detail": "town", "snap": "missing", "snap_metres_max": "2000"}, FILE_FIELDS)
    if form.is_posted:
        with form.attempt():
            given = forms.parse(RoadFileInput, _uploaded(), leaving_out={"file"})
            return view.back("pages.networks_file", file_id=view.run(commands.keep_road_file, given))
    return form.page("places/networks.html", rows=view.read(queries.road_files), details=list(Detail), snaps=list(Snap))


def _uploaded() -> dict[str, str]:
    file = request.files.get("file")
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2] if file is not None else ""
    name = "".join(character for character in name if character.isprintable())[-200:]
    if file is None or not name:
        raise InvalidInput(fields=(FieldError("file", "required"),))
    return {"file": name, "content": base64.b64encode(file.stream.read(FILE_BYTES_MAX + 1)).decode()}


@signed_in
def networks_file(file_id: UUID) -> Any:
    """What a map file would do, found out by trying it; and doing it."""
    row = view.read(queries.road_file, file_id)
    form = Form(labels=FILE_FIELDS)
    if form.is_posted:
        with form.attempt():
            done = view.run(commands.take_over_road_file, file_id)
            said = _("已导入:道路新增 {added}、更新 {changed}")
            return view.back("pages.networks", said.format(added=done.roads.added, changed=done.roads.changed))
        row = view.read(queries.road_file, file_id)
    is_open = row.state is RoadFileState.OPEN
    effect = view.foreseen(commands.take_over_road_file, file_id) if is_open else None
    return form.page("places/network_file.html", row=row, effect=effect, is_open=is_open)


@signed_in
def networks_discard(file_id: UUID) -> Any:
    """Forget a file."""
    form = Form(labels=FILE_FIELDS)
    with form.attempt():
        view.run(commands.discard_road_file, file_id)
        return view.back("pages.networks", "已放弃")
    return form.page("places/network_file.html", row=view.read(queries.road_file, file_id), effect=None, is_open=False)


@signed_in
def networks_region() -> Answer:
    """A region by its corners; the roads it touches; the report of them all."""
    form = Form({"status": RoadStatus.CLOSED.value}, REGION_FIELDS)
    found = None
    if form.is_posted:
        with form.attempt():
            region = forms.parse(RegionInput, _region(), leaving_out={"file", "confirm"})
            found = view.read(queries.region_roads, region.corners)
            if request.form.get("confirm"):
                codes = view.run(commands.report_region, region)
                return view.back("pages.roads", _("已报告区域内 {count} 条道路").format(count=len(codes)))
            if not found:
                raise InvalidInput(fields=(FieldError("corners", "region_touches_nothing"),))
    view.require(view.may("roads.report"))
    return form.page("places/region.html", found=found, states=RoadStatus)


def _region() -> dict[str, str]:
    file = request.files.get("file")
    text = file.stream.read(400_001).decode("utf-8", "replace") if file is not None and file.filename else ""
    given = {"reason": request.form.get("reason", "").strip()}
    return given | ({"corners": text} if text else {"corners": request.form.get("corners", "").strip()})


@signed_in
def networks_travel() -> Answer:
    """How long a vehicle drives between sites, and why it cannot."""
    sites = view.read(places.sites)
    form = Form(labels=TRAVEL_FIELDS)
    table = None
    if request.args.get("vehicle_type"):
        with form.attempt():
            table = view.read(queries.travel_times, _asked([row.code for row in sites if row.road_node][:SHOWN_MAX]))
    return form.page(
        "places/travel.html",
        table=table,
        sites=sites,
        types=view.read(fleet.vehicle_types),
        levels=list(Level),
        chosen_from=set(request.args.getlist("from")),
        chosen_to=set(request.args.getlist("to")),
        shown_max=SHOWN_MAX,
    )


def _asked(usual: list[str]) -> TravelInput:
    """Without any site chosen, the first that stand on the network."""
    return TravelInput(
        request.args["vehicle_type"][:40],
        tuple(request.args.getlist("from") or usual),
        tuple(request.args.getlist("to") or usual),
        in_convoy=bool(request.args.get("in_convoy")),
        is_towing=bool(request.args.get("is_towing")),
    )
