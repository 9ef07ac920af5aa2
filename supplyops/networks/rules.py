"""What a map file, a region on the map and a question for travel times are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from optimizer.roadfiles import Limits
from supplyops.kernel.checks import Checks
from supplyops.places.rules import VEHICLE_CLASS_MAX, RoadStatus

PREFIX_PATTERN = re.compile(r"[A-Za-z0-9]{1,10}")
CORNER_PATTERN = re.compile(r"(-?\d{1,3}(?:\.\d{1,8})?)[\s,,、]+(-?\d{1,3}(?:\.\d{1,8})?)")
SITES_MAX = 300
ROADS_MAX = 30_000
FILE_BYTES_MAX = 64 * 1024 * 1024
FILE_TEXT_MAX = FILE_BYTES_MAX * 4 // 3 + 4
CORNERS_TEXT_MAX = 400_000
LIMITS = Limits()


class Detail(StrEnum):
    """Which roads of a file are taken: through roads, those of towns and villages too, field tracks and yards too."""

    MAIN = "main"
    TOWN = "town"
    ALL = "all"


CLASSES: dict[Detail, frozenset[str]] = {
    Detail.MAIN: frozenset({"motorway", "trunk", "primary", "secondary", "tertiary", "road"}),
    Detail.TOWN: frozenset(
        {"motorway", "trunk", "primary", "secondary", "tertiary", "road", "unclassified", "residential"}
    ),
    Detail.ALL: frozenset(),
}
"""Classes of each; empty is every class."""


class Snap(StrEnum):
    """Which sites are put on the nearest point of the new roads: those without one, all, none."""

    MISSING = "missing"
    EVERY = "every"
    NONE = "none"


class RoadFileState(StrEnum):
    """Where a file stands."""

    OPEN = "open"
    TAKEN = "taken"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class RoadFileInput:
    """A map file on its way into the books. `content` is its bytes as base64; codes of what comes from it begin with `prefix`."""

    file: str
    content: str = field(metadata={"text_max": FILE_TEXT_MAX})
    prefix: str = "osm"
    detail: Detail = Detail.TOWN
    snap: Snap = Snap.MISSING
    snap_metres_max: int = 2_000

    def __post_init__(self) -> None:
        check = Checks()
        check.text("file", self.file, length_max=300)
        check.that(len(self.content) <= FILE_TEXT_MAX, "file", "file_over_limit", maximum_mb=64)
        check.that(PREFIX_PATTERN.fullmatch(self.prefix) is not None, "prefix", "bad_prefix", value=self.prefix[:20])
        check.whole("snap_metres_max", self.snap_metres_max, minimum=10, maximum=50_000)
        check.done()


@dataclass(frozen=True, slots=True)
class RegionInput:
    """A region and how every road that touches it is. `corners` are one pair of latitude and longitude a line, or GeoJSON."""

    corners: str = field(metadata={"text_max": CORNERS_TEXT_MAX})
    status: RoadStatus = RoadStatus.CLOSED
    reason: str = ""
    vehicle_class_max: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.text("reason", self.reason, required=self.status is not RoadStatus.OPEN)
        check.that(0 < len(self.corners) <= CORNERS_TEXT_MAX, "corners", "required")
        if self.vehicle_class_max is not None:
            check.whole("vehicle_class_max", self.vehicle_class_max, minimum=1, maximum=VEHICLE_CLASS_MAX)
        for name in ("valid_from", "valid_to"):
            if (moment := getattr(self, name)) is not None:
                check.aware(name, moment)
        check.done()


@dataclass(frozen=True, slots=True)
class TravelInput:
    """From which sites to which, with what. Both sides name at least one site."""

    vehicle_type: str
    from_codes: tuple[str, ...]
    to_codes: tuple[str, ...]
    in_convoy: bool = False
    is_towing: bool = False
    at: datetime | None = None

    def __post_init__(self) -> None:
        check = Checks()
        check.text("vehicle_type", self.vehicle_type, length_max=40)
        for name in ("from_codes", "to_codes"):
            check.that(len(getattr(self, name)) <= SITES_MAX, name, "too_many_sites", maximum=SITES_MAX)
            check.that(len(getattr(self, name)) > 0, name, "required")
        if self.at is not None:
            check.aware("at", self.at)
        check.done()
