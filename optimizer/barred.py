"""Why no way leads from one site to another for a vehicle: which roads, and what about them, stand between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from optimizer.model import Problem, VehicleType
from optimizer.passing import Cause, causes, cleared, passable
from optimizer.travel import Roads


@dataclass(frozen=True, slots=True)
class Barrier:
    """A cause and what it lies with: a road's id, or a site's where the place itself is the reason."""

    cause: Cause
    where: str


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
        passing = [passable(edge) for edge in problem.edges]
        free = [cleared(edge) for edge in problem.edges]
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
            yield from (Barrier(cause, edge_id) for cause in causes(edge, kind))
            if not is_along and not edge.is_two_way:
                yield Barrier(Cause.ONE_WAY, edge_id)
