"""Areas, sites and roads over the API."""

from __future__ import annotations

from typing import Any

from supplyops.kernel.errors import NotFound
from supplyops.places import commands, queries
from supplyops.places.queries import AreaRow, LocationRow, RoadReportRow, RoadState, SiteRow
from supplyops.places.rules import LocationInput, RoadReportInput, RoadStatus, SiteInput, SiteKind
from web import view
from web.api.base import answers, asks, authenticated, body, choice, noun, run, writes

areas_blueprint = noun("areas", "行政区")
sites_blueprint = noun("sites", "场所和库位")
roads_blueprint = noun("roads", "道路和路况")


@areas_blueprint.get("/")
@answers(areas_blueprint, AreaRow, many=True)
@authenticated
def areas() -> Any:
    """全部行政区。"""
    return view.read(queries.areas)


@sites_blueprint.get("/")
@asks(sites_blueprint, kind="类型")
@answers(sites_blueprint, SiteRow, many=True)
@authenticated
def sites() -> Any:
    """可见的场所。"""
    kind = choice(SiteKind, "kind")
    return [row for row in view.read(queries.sites) if kind in {None, row.kind}]


@sites_blueprint.get("/<code>")
@answers(sites_blueprint, SiteRow)
@authenticated
def site(code: str) -> Any:
    """一个场所。"""
    return view.read(queries.site, code)


@sites_blueprint.put("/<code>")
@writes(sites_blueprint, SiteInput)
@answers(sites_blueprint, SiteRow)
@authenticated
def save_site(code: str) -> Any:
    """增加或修改场所;编码以地址中的为准。"""
    row = body(SiteInput, code=code)
    run(commands.save_sites, [row])
    return view.read(queries.site, code)


@sites_blueprint.get("/<code>/locations")
@answers(sites_blueprint, LocationRow, many=True)
@authenticated
def locations(code: str) -> Any:
    """一个场所的库位。"""
    return view.read(queries.locations, view.read(queries.site, code).id)


@sites_blueprint.put("/<code>/locations/<location>")
@writes(sites_blueprint, LocationInput)
@answers(sites_blueprint, LocationRow, many=True)
@authenticated
def save_location(code: str, location: str) -> Any:
    """增加或修改库位;场所和库位编码以地址中的为准。"""
    run(commands.save_locations, [body(LocationInput, site_code=code, code=location)])
    return view.read(queries.locations, view.read(queries.site, code).id)


@roads_blueprint.get("/")
@asks(roads_blueprint, status="状态:open、limited、closed")
@answers(roads_blueprint, RoadState, many=True)
@authenticated
def roads() -> Any:
    """全部道路及目前状态。"""
    status = choice(RoadStatus, "status")
    return [row for row in view.read(queries.road_states) if status in {None, row.status}]


@roads_blueprint.get("/<code>")
@answers(roads_blueprint, RoadState)
@authenticated
def road(code: str) -> Any:
    """一条道路及目前状态。"""
    return _road(code)


@roads_blueprint.get("/<code>/reports")
@answers(roads_blueprint, RoadReportRow, many=True)
@authenticated
def road_reports(code: str) -> Any:
    """一条道路的路况报告,按报告先后。"""
    return view.read(queries.road_reports, _road(code).code)


@roads_blueprint.post("/<code>/reports")
@writes(roads_blueprint, RoadReportInput)
@answers(roads_blueprint, RoadState, status=201)
@authenticated
def report_road(code: str) -> Any:
    """报告路况;此后编制的方案按此安排。"""
    run(commands.report_road, body(RoadReportInput, road_code=code))
    return _road(code)


def _road(code: str) -> RoadState:
    found = next((row for row in view.read(queries.road_states) if row.code == code), None)
    if found is None:
        raise NotFound("road", code=code)
    return found
