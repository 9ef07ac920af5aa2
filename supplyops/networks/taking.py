"""What a map file becomes: points and roads of ours, and the point that each site is put on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from optimizer.roadfiles import Net, RoadFileError, Spot, Stretch, read
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.networks.rules import CLASSES, LIMITS, ROADS_MAX, Detail
from supplyops.places.rules import Point, RoadInput, RoadNodeInput, Terrain

TERRAIN = {
    "residential": Terrain.URBAN,
    "living_street": Terrain.URBAN,
    "service": Terrain.URBAN,
    "track": Terrain.MOUNTAIN,
}
"""Which column of a vehicle's speed table a class of road takes; all others are those of the plain."""

SHAPE_POINTS_MAX = 2_500


@dataclass(frozen=True, slots=True)
class Wish:
    """A site that is to stand on the network."""

    code: str
    name: str
    lat_e6: int
    lon_e6: int


@dataclass(frozen=True, slots=True)
class Snapped:
    """A site and the point it is put on; `node_code` is empty where none is near enough."""

    site_code: str
    site_name: str
    node_code: str
    metres: int


@dataclass(frozen=True, slots=True)
class Taken:
    """All that a file gives."""

    nodes: tuple[RoadNodeInput, ...]
    roads: tuple[RoadInput, ...]
    snapped: tuple[Snapped, ...]
    stretches: int
    """Pieces of road in the file before bends were taken out."""
    islands: int
    """Parts of the network that no road joins to its largest part."""


def taken(
    file: str,
    data: bytes,
    prefix: str,
    detail: Detail,
    wishes: Sequence[Wish],
    metres_max: int,
    winter: tuple[int, ...],
) -> Taken:
    """Read a file. Raises InvalidInput for one that cannot be used."""
    try:
        whole = read(file, data, LIMITS)
    except RoadFileError as error:
        raise InvalidInput(fields=(FieldError("file", f"road_file_{error.code}", dict(error.facts)),)) from None
    classes = CLASSES[detail]
    chosen = tuple(one for one in whole.stretches if not classes or one.nature.road_class in classes)
    ends = {end for one in chosen for end in (one.start, one.end)}
    net = Net(tuple(node for node in whole.nodes if node.id in ends), chosen)
    if not net.stretches:
        raise InvalidInput(fields=(FieldError("file", "road_file_no_roads"),))
    part = _parts(net)
    near = _nearest([node for node in net.nodes if part[node.id] == 0], wishes, metres_max)
    short = net.contracted(frozenset(node.id for node, _ in near.values() if node))
    if len(short.stretches) > ROADS_MAX:
        fault = FieldError("file", "road_file_too_many_roads", {"count": len(short.stretches), "maximum": ROADS_MAX})
        raise InvalidInput(fields=(fault,))
    snapped = [
        Snapped(wish.code, wish.name, f"{prefix}-{node.id}" if node else "", metres)
        for wish in wishes
        for node, metres in [near[wish.code]]
    ]
    named, spots = _names(short), {node.id: node for node in short.nodes}
    return Taken(
        tuple(_node(node, prefix, named.get(node.id, "")) for node in short.nodes),
        tuple(_road(one, short, spots, prefix, winter) for one in short.stretches),
        tuple(snapped),
        len(chosen),
        len({part[node.id] for node in short.nodes}) - 1,
    )


def _parts(net: Net) -> dict[str, int]:
    """Which connected part each point belongs to; the largest is part 0."""
    above = {node.id: node.id for node in net.nodes}

    def root(name: str) -> str:
        while above[name] != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for one in net.stretches:
        above[root(one.start)] = root(one.end)
    size: dict[str, int] = {}
    for node in net.nodes:
        size[root(node.id)] = size.get(root(node.id), 0) + 1
    number = {name: place for place, name in enumerate(sorted(size, key=lambda name: (-size[name], name)))}
    return {node.id: number[root(node.id)] for node in net.nodes}


def _nearest(
    nodes: Sequence[Spot], wishes: Sequence[Wish], metres_max: int
) -> dict[str, tuple[Spot | None, int]]:  # fmt: skip
    """For each site the nearest point of the main network and its distance; no point where it is too far."""
    if not wishes:
        return {}
    tree = cKDTree(_on_the_ball((node.lat_e6, node.lon_e6) for node in nodes))
    _, place = tree.query(_on_the_ball((wish.lat_e6, wish.lon_e6) for wish in wishes))
    found: dict[str, tuple[Spot | None, int]] = {}
    for wish, at in zip(wishes, np.atleast_1d(place).tolist(), strict=True):
        node = nodes[at]
        metres = Point(wish.lat_e6, wish.lon_e6).distance_m(Point(node.lat_e6, node.lon_e6))
        found[wish.code] = (node if metres <= metres_max else None, metres)
    return found


def _on_the_ball(points: Iterable[tuple[int, int]]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    angles = np.radians(np.array(list(points), np.float64).reshape(-1, 2) / 1e6)
    lat, lon = angles[:, 0], angles[:, 1]
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _names(net: Net) -> dict[str, str]:
    """A crossing is called by a road that meets there, if the file names one."""
    named: dict[str, str] = {}
    for one in net.stretches:
        for end in (one.start, one.end):
            if one.name and (end not in named or one.name < named[end]):
                named[end] = one.name
    return named


def _node(node: Spot, prefix: str, road: str) -> RoadNodeInput:
    name = f"{_plain(road)[:40]} {node.id[-12:]}" if road else f"路口 {node.id[-20:]}"
    return RoadNodeInput(f"{prefix}-{node.id}", name.strip(), node.lat_e6, node.lon_e6, source_mark=prefix)


def _road(one: Stretch, net: Net, spots: dict[str, Spot], prefix: str, winter: tuple[int, ...]) -> RoadInput:
    nature = one.nature
    seen = one if nature.forward else one.turned()
    start, end = spots[seen.start], spots[seen.end]
    straight = Point(start.lat_e6, start.lon_e6).distance_m(Point(end.lat_e6, end.lon_e6))
    return RoadInput(
        code=f"{prefix}-{one.id}",
        name=_plain(one.name)[:60] or "无名道路",
        from_code=f"{prefix}-{seen.start}",
        to_code=f"{prefix}-{seen.end}",
        length_m=max(1, straight, math.ceil(one.length_m)),
        terrain=TERRAIN.get(nature.road_class, Terrain.PLAIN),
        is_two_way=nature.forward and nature.backward,
        bridge_limit_kg=min(500_000, max(500, nature.mass_limit_kg)) if nature.mass_limit_kg else None,
        closed_months=winter if nature.is_closed_in_winter else (),
        height_limit_cm=min(2_000, max(100, nature.height_limit_cm)) if nature.height_limit_cm else None,
        is_ford=nature.is_ford,
        is_towing_barred=nature.is_towing_barred,
        shape=_shape(net.shape(seen)),
        source_mark=prefix,
        note=nature.road_class,
    )


def _shape(points: Sequence[Spot]) -> str:
    """Every point, or of a very long road every so many, so that it can be kept."""
    step = -(-len(points) // SHAPE_POINTS_MAX) or 1
    return " ".join(f"{spot.lat_e6},{spot.lon_e6}" for spot in points[::step])


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isprintable()).strip()
