"""Road networks from files: OpenStreetMap extracts (`.osm.pbf`, `.osm`) and lines in GeoJSON.

Files come from anywhere. They are only ever read, within `Limits`, and what is wrong with one is a RoadFileError with a code.
"""

from __future__ import annotations

from optimizer.roadfiles import geojson, pbf, xml
from optimizer.roadfiles.geojson import read_region
from optimizer.roadfiles.net import Limits, Nature, Net, RoadFileError, Spot, Stretch
from optimizer.roadfiles.region import Region

ENDINGS = {".osm.pbf": pbf.read, ".pbf": pbf.read, ".osm": xml.read, ".geojson": geojson.read, ".json": geojson.read}

__all__ = [
    "ENDINGS",
    "Limits",
    "Nature",
    "Net",
    "Region",
    "RoadFileError",
    "Spot",
    "Stretch",
    "read",
    "read_region",
]


def read(name: str, data: bytes, limits: Limits | None = None) -> Net:
    """Roads of a file, by the ending of its name. Raises RoadFileError."""
    within = limits or Limits()
    if len(data) > within.bytes_max:
        raise RoadFileError("too_large", maximum=within.bytes_max)
    for ending, reader in ENDINGS.items():
        if name.lower().endswith(ending):
            return reader(data, within)
    raise RoadFileError("unknown_ending", name=name[-60:])
