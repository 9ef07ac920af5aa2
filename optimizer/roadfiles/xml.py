"""OpenStreetMap XML (`.osm`). A document type, and with it every entity, is refused: nothing in the file is ever looked up elsewhere."""

from __future__ import annotations

from xml.parsers import expat

from optimizer.roadfiles import tags as words
from optimizer.roadfiles.collect import Line, net_of
from optimizer.roadfiles.net import Limits, Net, RoadFileError, Spot


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.spots: dict[str, Spot] = {}
        self.lines: list[Line] = []
        self.way = ""
        self.points: list[str] = []
        self.tags: dict[str, str] = {}
        self.depth = 0
        self.is_osm = False

    def start(self, tag: str, facts: dict[str, str]) -> None:
        self.depth += 1
        if self.depth == 1:
            self.is_osm = tag == "osm"
            if not self.is_osm:
                raise RoadFileError("not_osm", element=tag[:40])
        if tag == "node":
            if len(self.spots) >= self.limits.points_max:
                raise RoadFileError("too_many_points", maximum=self.limits.points_max)
            if facts.get("action") != "delete" and "lat" in facts and "lon" in facts:
                self.spots[_id(facts)] = _spot(facts)
        elif tag == "way":
            self.way, self.points, self.tags = _id(facts), [], {}
        elif tag == "nd" and self.way:
            if len(self.points) >= self.limits.line_points_max:
                raise RoadFileError("line_too_long", line=self.way, maximum=self.limits.line_points_max)
            self.points.append(str(int(facts.get("ref", "0"))))
        elif tag == "tag" and self.way:
            self.tags[facts.get("k", "")] = facts.get("v", "")

    def end(self, tag: str) -> None:
        self.depth -= 1
        if tag == "way" and self.way:
            nature = words.nature(self.tags)
            if nature is not None:
                if len(self.lines) >= self.limits.lines_max:
                    raise RoadFileError("too_many_lines", maximum=self.limits.lines_max)
                self.lines.append(Line(f"w{self.way}", words.name(self.tags), nature, self.points))
            self.way = ""

    def refuse(self, *_: object) -> None:
        raise RoadFileError("has_document_type")


def read(data: bytes, limits: Limits) -> Net:
    """The roads of an `.osm` file. Raises RoadFileError."""
    reader = _Reader(limits)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise RoadFileError("broken_xml", line=error.lineno) from None
    except (ValueError, OverflowError) as error:
        if isinstance(error, RoadFileError):
            raise
        raise RoadFileError("broken_xml", line=parser.CurrentLineNumber) from None
    return net_of(reader.lines, reader.spots)


def _id(facts: dict[str, str]) -> str:
    return str(int(facts["id"])) if "id" in facts else ""


def _spot(facts: dict[str, str]) -> Spot:
    lat, lon = float(facts["lat"]), float(facts["lon"])
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise RoadFileError("off_the_earth", point=_id(facts))
    return Spot(_id(facts), round(lat * 1e6), round(lon * 1e6))
