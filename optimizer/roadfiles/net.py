"""A road network as it comes out of a file: points, stretches between them, and how the bends between crossings are taken out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

EARTH_RADIUS_M = 6_371_008
SPEED_KMH = {
    "motorway": 90, "trunk": 80, "primary": 60, "secondary": 50, "tertiary": 45, "unclassified": 35, "residential": 30,
    "living_street": 15, "service": 15, "track": 12, "road": 30,
}  # fmt: skip
"""Classes of road that vehicles drive, with a lorry's usual speed; `_link` roads belong to the class they lead to."""


class RoadFileError(ValueError):
    """A file that cannot be used. `code` says why, `facts` what the words need."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(f"{code} {facts}" if facts else code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold. A file that holds more is refused before its content is kept."""

    bytes_max: int = 256 * 1024 * 1024
    """All that the file unpacks to."""
    points_max: int = 4_000_000
    lines_max: int = 600_000
    line_points_max: int = 20_000


@dataclass(frozen=True, slots=True)
class Spot:
    """A point, WGS 84, millionths of a degree."""

    id: str
    lat_e6: int
    lon_e6: int

    def metres(self, other: Spot) -> float:
        """Great-circle distance, as the places of the house measure it."""
        lat1, lon1, lat2, lon2 = (math.radians(v / 1e6) for v in (self.lat_e6, self.lon_e6, other.lat_e6, other.lon_e6))
        h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
        return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(h)))


@dataclass(frozen=True, slots=True)
class Nature:
    """What a stretch is like; stretches that are alike are joined at a bend."""

    road_class: str
    forward: bool = True
    backward: bool = True
    height_limit_cm: int | None = None
    mass_limit_kg: int | None = None
    is_ford: bool = False
    is_towing_barred: bool = False
    is_closed_in_winter: bool = False

    def turned(self) -> Nature:
        """As seen from the other end."""
        return replace(self, forward=self.backward, backward=self.forward)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Road from one point to another; `between` are the points passed. `id` is stable as long as the file's own ids are."""

    id: str
    name: str
    start: str
    end: str
    length_m: float
    nature: Nature
    between: tuple[str, ...] = ()

    def turned(self) -> Stretch:
        """The same road from its other end."""
        return replace(
            self, start=self.end, end=self.start, nature=self.nature.turned(), between=tuple(reversed(self.between))
        )

    def ways(self) -> Iterator[tuple[str, str, int]]:
        """Directions that may be driven, with a lorry's whole seconds."""
        seconds = max(1, math.ceil(self.length_m * 3.6 / SPEED_KMH[self.nature.road_class]))
        if self.nature.forward:
            yield self.start, self.end, seconds
        if self.nature.backward:
            yield self.end, self.start, seconds


@dataclass(frozen=True, slots=True)
class Net:
    """Points and stretches; every stretch ends at points of the net."""

    nodes: tuple[Spot, ...]
    stretches: tuple[Stretch, ...]
    passed: dict[str, Spot] = field(default_factory=dict)
    """Points between the ends of stretches."""

    def contracted(self, keep: frozenset[str]) -> Net:
        """Join stretches that meet, alike and alone, at a point; points in `keep` stay.

        No pair of remaining points gets nearer, farther, or loses a way. A ring keeps points enough that no stretch leads
        from a point to itself.
        """
        spots = {node.id: node for node in self.nodes}
        at: dict[str, list[str]] = {}
        live = {one.id: one for one in self.stretches}
        for one in self.stretches:
            at.setdefault(one.start, []).append(one.id)
            at.setdefault(one.end, []).append(one.id)
        for point in sorted(at):
            if point in keep or len(at[point]) != 2 or at[point][0] == at[point][1]:
                continue
            joined = _joined(live[at[point][0]], live[at[point][1]], point)
            if joined is None:
                continue
            for gone in at[point]:
                del live[gone]
            old = set(at[point])
            del at[point]
            live[joined.id] = joined
            for end in (joined.start, joined.end):
                at[end] = [name for name in at[end] if name not in old] + [joined.id]
        stretches = tuple(live[name] for name in sorted(live))
        ends = {end for one in stretches for end in (one.start, one.end)}
        passed = {name: spots.get(name) or self.passed[name] for one in stretches for name in one.between}
        return Net(tuple(node for node in self.nodes if node.id in ends), stretches, passed)

    def shape(self, stretch: Stretch) -> list[Spot]:
        """The points between a stretch's ends."""
        return [self.passed[name] for name in stretch.between]


def _joined(one: Stretch, two: Stretch, point: str) -> Stretch | None:
    """Both as one stretch over the point; None where they are not alike, or lead back to where they came from."""
    first = one if one.end == point else one.turned()
    second = two if two.start == point else two.turned()
    if first.nature != second.nature or first.start == second.end:
        return None
    longer = first if first.length_m >= second.length_m else second
    return Stretch(
        id=min(one.id, two.id),
        name=longer.name or first.name or second.name,
        start=first.start,
        end=second.end,
        length_m=first.length_m + second.length_m,
        nature=first.nature,
        between=(*first.between, point, *second.between),
    )
