"""Why no way leads from one site to another for a vehicle: which roads, and what about them, stand between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from optimizer.model import Edge, Problem, VehicleType
from optimizer.travel import Roads, may_use


class Cause(StrEnum):
    """What keeps a vehicle from a road or a place."""

    NO_NODE = "no_node"
    YARD_TOO_SMALL = "yard_too_small"
    NO_ROAD = "no_road"
    ONE_WAY = "one_way"
    CLOSED = "closed"
    SIZE = "size"
    MASS = "mass"
    HEIGHT = "height"
    SNOW = "snow"
    FORD = "ford"
    TOWING = "towing"
    CONVOY = "convoy"


@dataclass(frozen=True, slots=True)
class Barrier:
    """A cause and what it lies with: a road's id, or a site's where the place itself is the reason."""

    cause: Cause
    where: str


def causes(edge: Edge, kind: VehicleType) -> Iterator[Cause]:
    """Everything that keeps a type from an edge."""
    if not edge.is_open:
        yield Cause.CLOSED
    if kind.size_class > edge.size_class_max:
        yield Cause.SIZE
    if edge.bridge_limit_kg is not None and kind.gross_mass_kg > edge.bridge_limit_kg:
        yield Cause.MASS
    if edge.height_limit_cm is not None and kind.height_cm > edge.height_limit_cm:
        yield Cause.HEIGHT
    if edge.snow_vehicles_only and not kind.is_snow_capable:
        yield Cause.SNOW
    if edge.is_ford and not kind.can_ford:
        yield Cause.FORD
    if edge.is_towing_barred and kind.is_towing:
        yield Cause.TOWING
    if edge.is_convoy_only and not kind.is_in_convoy:
        yield Cause.CONVOY


class Barriers:
    """Answers for one problem: what stands between two sites, on the way that would be fastest if nothing barred it.

    The way chosen first has the fewest kinds of obstacle lifted: closures and other passing states before limits, both before
    the direction of one-way roads.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._edges = {edge.id: edge for edge in problem.edges}
        self._kinds = {kind.id: kind for kind in problem.vehicle_types}
        self._sites = {site.id: site for site in problem.sites}
        passing = [
            replace(edge, is_open=True, snow_vehicles_only=False, is_convoy_only=False) for edge in problem.edges
        ]
        free = [_free(edge) for edge in problem.edges]
        both = [replace(edge, is_two_way=True) for edge in free]
        self._lifted = [Roads(replace(problem, edges=tuple(edges))) for edges in (passing, free, both)]

    def between(self, type_id: str, from_site: str, to_site: str) -> tuple[Barrier, ...]:
        """What would have to go for a way to be there, in the order of driving; empty where the vehicle can drive now."""
        kind = self._kinds[type_id]
        places = [Barrier(Cause.NO_NODE, site) for site in (from_site, to_site) if not self._sites[site].node]
        if places:
            return tuple(places)
        if kind.size_class > self._sites[to_site].size_class_max:
            return (Barrier(Cause.YARD_TOO_SMALL, to_site),)
        for roads in self._lifted:
            way = roads.edges(type_id, from_site, to_site)
            if way is not None:
                return tuple(self._on(way, kind, self._sites[from_site].node))
        return (Barrier(Cause.NO_ROAD, to_site),)

    def _on(self, way: tuple[str, ...], kind: VehicleType, at: str) -> Iterator[Barrier]:
        for edge_id in way:
            edge = self._edges[edge_id]
            is_along = at == edge.start
            at = edge.end if is_along else edge.start
            if not may_use(edge, kind):
                yield from (Barrier(cause, edge_id) for cause in causes(edge, kind))
            if not is_along and not edge.is_two_way:
                yield Barrier(Cause.ONE_WAY, edge_id)


def _free(edge: Edge) -> Edge:
    return replace(
        edge, is_open=True, snow_vehicles_only=False, is_convoy_only=False, size_class_max=9, bridge_limit_kg=None,
        height_limit_cm=None, is_ford=False, is_towing_barred=False,
    )  # fmt: skip
