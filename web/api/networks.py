"""Road networks over the API: map files, regions, travel times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from supplyops.networks import commands, queries
from supplyops.networks.commands import Effect
from supplyops.networks.queries import RoadFileRow, TravelTable
from supplyops.networks.rules import CORNERS_TEXT_MAX, RegionInput, RoadFileInput, TravelInput
from supplyops.places.queries import RoadState
from web import view
from web.api.base import answers, authenticated, body, noun, run, writes

networks_blueprint = noun("networks", "路网:地图文件、区域封闭、行车时间")


@dataclass(frozen=True, slots=True)
class Corners:
    """A region: one pair of latitude and longitude a line, or GeoJSON."""

    corners: str = field(metadata={"text_max": CORNERS_TEXT_MAX})


@dataclass(frozen=True, slots=True)
class Reported:
    """Codes of the roads that were reported."""

    codes: tuple[str, ...]


@networks_blueprint.get("/files")
@answers(networks_blueprint, RoadFileRow, many=True)
@authenticated
def files() -> Any:
    """自己上传的地图文件,新的在前。"""
    return view.read(queries.road_files)


@networks_blueprint.post("/files")
@writes(networks_blueprint, RoadFileInput)
@answers(networks_blueprint, RoadFileRow, status=201)
@authenticated
def keep() -> Any:
    """上传地图文件(.osm.pbf、.osm、.geojson,content 为 base64);不能用的当场退回,提交之前不改动道路。"""
    return view.read(queries.road_file, run(commands.keep_road_file, body(RoadFileInput)))


@networks_blueprint.get("/files/<uuid:file_id>/preview")
@answers(networks_blueprint, Effect)
@authenticated
def preview(file_id: UUID) -> Any:
    """导入这个文件会有什么变化;不写入。"""
    return view.runtime().rehearse(commands.take_over_road_file, view.actor(), file_id)


@networks_blueprint.post("/files/<uuid:file_id>/commit")
@writes(networks_blueprint)
@answers(networks_blueprint, Effect)
@authenticated
def commit(file_id: UUID) -> Any:
    """导入:节点、道路、场所落点,全部或全不。"""
    return run(commands.take_over_road_file, file_id)


@networks_blueprint.post("/files/<uuid:file_id>/discard")
@writes(networks_blueprint)
@answers(networks_blueprint, RoadFileRow)
@authenticated
def discard(file_id: UUID) -> Any:
    """放弃这个文件。"""
    run(commands.discard_road_file, file_id)
    return view.read(queries.road_file, file_id)


@networks_blueprint.post("/regions/preview")
@writes(networks_blueprint, Corners)
@answers(networks_blueprint, RoadState, many=True)
@authenticated
def region_preview() -> Any:
    """区域碰到哪些道路;不写入。"""
    return view.read(queries.region_roads, body(Corners).corners)


@networks_blueprint.post("/regions")
@writes(networks_blueprint, RegionInput)
@answers(networks_blueprint, Reported, status=201)
@authenticated
def region() -> Any:
    """报告区域碰到的全部道路;此后编制的方案按此安排。"""
    return Reported(run(commands.report_region, body(RegionInput)))


@networks_blueprint.post("/travel-times")
@writes(networks_blueprint, TravelInput)
@answers(networks_blueprint, TravelTable)
@authenticated
def travel_times() -> Any:
    """一种车型在场所之间的行车秒数;到不了的说明原因。"""
    return view.read(queries.travel_times, body(TravelInput))
