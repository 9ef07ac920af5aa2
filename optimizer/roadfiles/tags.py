"""What the words on a road of a file mean (https://wiki.openstreetmap.org/wiki/Key:highway and the pages it leads to)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from optimizer.roadfiles.net import SPEED_KMH, Nature

NAMES = ("name:zh", "name", "ref")
SHUT = frozenset({"no", "private"})
YES = frozenset({"yes", "true", "1"})
NUMBER = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(m|t|kg|cm)?")
FEET = re.compile(r"(\d{1,3})'(?:\s*(\d{1,2})\")?")


def nature(tags: Mapping[str, str]) -> Nature | None:
    """What a way is like for vehicles; None where it is no road, or none may drive."""
    road_class = tags.get("highway", "").removesuffix("_link")
    if road_class not in SPEED_KMH:
        return None
    access = next((tags[key] for key in ("hgv", "motor_vehicle", "vehicle", "access") if key in tags), "yes")
    if access in SHUT and tags.get("emergency") not in YES:
        return None
    forward, backward = _directions(tags, road_class)
    return Nature(
        road_class=road_class,
        forward=forward,
        backward=backward,
        height_limit_cm=height_cm(tags.get("maxheight", "")),
        mass_limit_kg=mass_kg(tags.get("maxweight", "")),
        is_ford=tags.get("ford") not in {None, "no"},
        is_towing_barred=tags.get("trailer") == "no",
        is_closed_in_winter=tags.get("seasonal") in {"summer", "dry_season"} or tags.get("winter_road") == "no",
    )


def _directions(tags: Mapping[str, str], road_class: str) -> tuple[bool, bool]:
    said = tags.get("oneway", "")
    if said == "-1":
        return False, True
    is_one_way = said in YES or (not said and (road_class == "motorway" or tags.get("junction") == "roundabout"))
    return True, not is_one_way


def name(tags: Mapping[str, str]) -> str:
    """What people call it; empty where the file does not say."""
    return next((tags[key].strip() for key in NAMES if tags.get(key, "").strip()), "")


def height_cm(text: str) -> int | None:
    """A clearance: metres unless another unit is named; None where it is no figure."""
    if feet := FEET.fullmatch(text.strip()):
        return int((int(feet[1]) * 12 + int(feet[2] or 0)) * 2.54) or None
    if not (found := NUMBER.fullmatch(text.strip())) or found[2] in {"t", "kg"}:
        return None
    return int(float(found[1]) * (1 if found[2] == "cm" else 100) + 1e-6) or None


def mass_kg(text: str) -> int | None:
    """A weight limit: tonnes unless another unit is named."""
    if not (found := NUMBER.fullmatch(text.strip())) or found[2] in {"m", "cm"}:
        return None
    return int(float(found[1]) * (1 if found[2] == "kg" else 1000) + 1e-6) or None
