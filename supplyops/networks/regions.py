"""Which roads touch a region that somebody drew."""

from __future__ import annotations

from sqlalchemy import select

from optimizer.roadfiles import Region, RoadFileError, read_region
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.networks.rules import CORNER_PATTERN
from supplyops.places.queries import RoadState, road_states
from supplyops.places.rules import on_earth, shape_points
from supplyops.places.tables import RoadNode
from supplyops.runtime import Context


def region_of(text: str) -> Region:
    """The region that corners (one "latitude, longitude" a line) or GeoJSON describe. Raises InvalidInput."""
    try:
        if text.lstrip().startswith("{"):
            return read_region(text.encode())
        return Region.of([_corners(text)])
    except RoadFileError as error:
        raise InvalidInput(fields=(FieldError("corners", f"road_file_{error.code}", dict(error.facts)),)) from None


def _corners(text: str) -> list[tuple[int, int]]:
    corners = []
    for place, line in enumerate(text.replace(";", "\n").replace(";", "\n").splitlines()):
        if not line.strip():
            continue
        found = CORNER_PATTERN.fullmatch(line.strip())
        point = (round(float(found[1]) * 1e6), round(float(found[2]) * 1e6)) if found else None
        if point is None or not on_earth(point):
            fault = FieldError("corners", "bad_corner", {"line": place + 1, "value": line.strip()[:40]})
            raise InvalidInput(fields=(fault,))
        corners.append(point)
    return corners


def roads_touching(ctx: Context, corners: str) -> list[RoadState]:
    """Roads whose line has a point in the region or on its border, by code."""
    region = region_of(corners)
    nodes = {row.code: (row.lat_e6, row.lon_e6) for row in ctx.session.scalars(select(RoadNode))}
    return [
        road
        for road in road_states(ctx)
        if region.touches([nodes[road.from_code], *shape_points(road.shape), nodes[road.to_code]])
    ]
