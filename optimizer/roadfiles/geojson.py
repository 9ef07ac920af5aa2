"""GeoJSON (RFC 7946): lines are roads, polygons are regions. Longitude comes first in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from optimizer.roadfiles import tags as words
from optimizer.roadfiles.collect import Line, net_of
from optimizer.roadfiles.net import Limits, Nature, Net, RoadFileError, Spot
from optimizer.roadfiles.region import Region

PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,24}")


def read(data: bytes, limits: Limits) -> Net:
    """Roads of a GeoJSON file: lines meet where their points are the same. A line without a `highway` is a road. Raises RoadFileError."""
    lines: list[Line] = []
    spots: dict[str, Spot] = {}
    taken: set[str] = set()
    for place, feature in enumerate(_features(_loaded(data))):
        said = _properties(feature)
        nature = words.nature({"highway": "road", **said})
        if nature is None:
            continue
        for part, points in enumerate(_lines(feature.get("geometry"))):
            if len(lines) >= limits.lines_max:
                raise RoadFileError("too_many_lines", maximum=limits.lines_max)
            name = _name(feature, said, place, part, taken)
            if len(points) > limits.line_points_max:
                raise RoadFileError("line_too_long", line=name, maximum=limits.line_points_max)
            lines.append(Line(name, words.name(said), _both_ways(nature, said), [_known(spots, p) for p in points]))
            if len(spots) > limits.points_max:
                raise RoadFileError("too_many_points", maximum=limits.points_max)
    return net_of(lines, spots)


def read_region(data: bytes) -> Region:
    """The polygons of a GeoJSON file as one region. Raises RoadFileError where there is none."""
    rings: list[tuple[tuple[int, int], ...]] = []
    for feature in _features(_loaded(data)):
        shape = feature.get("geometry")
        kind = shape.get("type") if isinstance(shape, dict) else None
        found = shape.get("coordinates") if isinstance(shape, dict) else None
        if kind not in {"Polygon", "MultiPolygon"}:
            continue
        for polygon in _list(found) if kind == "MultiPolygon" else [found]:
            rings.extend(tuple(_point(point) for point in _list(ring)) for ring in _list(polygon))
    if not rings:
        raise RoadFileError("no_region")
    return Region.of(rings)


def _loaded(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        if isinstance(error, RoadFileError):
            raise
        raise RoadFileError("broken_json") from None


def _refuse(word: str) -> Any:
    raise RoadFileError("broken_json", value=word)


def _features(found: Any) -> Iterator[dict[str, Any]]:
    kind = found.get("type") if isinstance(found, dict) else None
    if kind == "FeatureCollection":
        for one in _list(found.get("features")):
            if not isinstance(one, dict):
                raise RoadFileError("not_geojson")
            yield one
    elif kind == "Feature":
        yield found
    elif kind in {"LineString", "MultiLineString", "Polygon", "MultiPolygon"}:
        yield {"geometry": found}
    else:
        raise RoadFileError("not_geojson")


def _properties(feature: dict[str, Any]) -> dict[str, str]:
    said = feature.get("properties")
    if not isinstance(said, dict):
        return {}
    return {
        str(key): ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for key, value in said.items()
        if isinstance(value, (str, int, float))
    }


def _both_ways(nature: Nature, said: dict[str, str]) -> Nature:
    return nature if "highway" in said or "oneway" in said else Nature(**{**_facts(nature), "backward": True})


def _facts(nature: Nature) -> dict[str, Any]:
    return {name: getattr(nature, name) for name in Nature.__dataclass_fields__}


def _lines(shape: Any) -> Iterator[list[tuple[int, int]]]:
    kind = shape.get("type") if isinstance(shape, dict) else None
    if kind not in {"LineString", "MultiLineString"}:
        return
    found = _list(shape.get("coordinates"))
    for line in found if kind == "MultiLineString" else [found]:
        yield [_point(point) for point in _list(line)]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise RoadFileError("not_geojson")
    return value


def _point(value: Any) -> tuple[int, int]:
    """Latitude and longitude in millionths."""
    pair = _list(value)[:2]
    if len(pair) < 2 or not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in pair):
        raise RoadFileError("not_geojson")
    lon, lat = pair
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise RoadFileError("off_the_earth", point=f"{lon}, {lat}"[:60])
    return round(lat * 1e6), round(lon * 1e6)


def _known(spots: dict[str, Spot], point: tuple[int, int]) -> str:
    name = f"{point[0]}_{point[1]}"
    if name not in spots:
        spots[name] = Spot(name, *point)
    return name


def _name(feature: dict[str, Any], said: dict[str, str], place: int, part: int, taken: set[str]) -> str:
    given = str(feature.get("id", said.get("id", "")))
    name = f"g{given}" if PLAIN_ID.fullmatch(given) else f"g{place}"
    name = f"{name}-{part}" if part else name
    while name in taken:
        name += "x"
    taken.add(name)
    return name
