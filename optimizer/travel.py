"""How long it takes to drive from site to site: exact shortest times over the road graph, one answer for each kind of vehicle.

A type's time on an edge is that of `model.Edge`: length ÷ (speed on its terrain × factor), rounded up to whole seconds.
Edges that are closed, too narrow, too weak or too snowy for the type do not exist for it. Of several fastest ways the one is
chosen whose last stretch comes first in the order of edge ids, and so on backwards; time, distance and edges always
describe that one way. Rows of the table are made when they are first asked for and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from optimizer.model import Edge, Problem, Terrain, VehicleType
from optimizer.passing import NEVER, may_use

if TYPE_CHECKING:
    from optimizer.matrix import Network, Times

Whole = NDArray[np.int64]
SPEED_UNIT = 3600
"""Seconds an hour: metres × 3600 × 1000 ÷ (km/h × 1000 × permille) are seconds."""
WAYS_KEPT = 20_000
"""So many ways that were driven are remembered edge by edge."""
LARGE = 3_000
"""From so many nodes on, putting the network in order (`optimizer.matrix`) pays."""


def drive_s(edge: Edge, vehicle_type: VehicleType) -> int:
    """Whole seconds a vehicle of the type needs for an edge, were it allowed to use it (`model.Edge` has the formula)."""
    return -(-edge.length_m * SPEED_UNIT // (vehicle_type.speed_kmh[edge.terrain] * edge.factor_permille))


@dataclass(frozen=True, slots=True)
class _Arcs:
    """Every direction of every edge, in order of edge id and then direction; that order breaks ties."""

    nodes: dict[str, int]
    edges: tuple[Edge, ...]
    edge_of: Whole
    tail: Whole
    head: Whole
    length_m: Whole
    keys: tuple[tuple[str, bool], ...]


@dataclass(slots=True)
class _Row:
    """From one node: seconds to each node (NEVER where none lead) and the arc by which each node is entered (-1: none)."""

    seconds: Whole
    entered_by: NDArray[np.int32] | Whole
    metres: Whole | None = None


@dataclass(slots=True)
class _Profile:
    """The roads as one kind of vehicle sees them. `weight` is seconds for each arc, NEVER where it may not go."""

    weight: Whole
    graph: csr_array[np.float64, tuple[int, int]]
    rows: dict[int, _Row] = field(default_factory=dict)
    times: Times | None = None


class Roads:
    """Travel between the sites of a problem. Nothing here changes but its memory of what was asked."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._types = {kind.id: kind for kind in problem.vehicle_types}
        self._sites = {site.id: site for site in problem.sites}
        self._arcs = _arcs(problem)
        self._profiles: dict[tuple[int, ...], _Profile] = {}
        self._of_type: dict[str, _Profile] = {}
        self._ways: dict[tuple[str, str, str], tuple[str, ...] | None] = {}
        self._network: Network | None = None

    def time_s(self, type_id: str, from_site: str, to_site: str) -> int | None:
        """Seconds a vehicle of the type drives; None where no road it may use leads there. Raises KeyError for unknown ids."""
        found = self._row(type_id, from_site)
        at = self._node(to_site)
        if found is None or at is None or found.seconds[at] == NEVER:
            return None
        return int(found.seconds[at])

    def distance_m(self, type_id: str, from_site: str, to_site: str) -> int | None:
        """Metres of the way that `time_s` times; None where there is none."""
        found = self._row(type_id, from_site)
        at = self._node(to_site)
        if found is None or at is None or found.seconds[at] == NEVER:
            return None
        return int(self._metres(found)[at])

    def edges(self, type_id: str, from_site: str, to_site: str) -> tuple[str, ...] | None:
        """Ids of the edges driven, in order; empty between sites of one node, None where there is no way."""
        key = (type_id, from_site, to_site)
        if key not in self._ways:
            if len(self._ways) >= WAYS_KEPT:
                self._ways.clear()
            self._ways[key] = self._edges(type_id, from_site, to_site)
        return self._ways[key]

    def _edges(self, type_id: str, from_site: str, to_site: str) -> tuple[str, ...] | None:
        found = self._row(type_id, from_site)
        at = self._node(to_site)
        if found is None or at is None or found.seconds[at] == NEVER:
            return None
        way: list[str] = []
        while (arc := int(found.entered_by[at])) >= 0:
            way.append(self._arcs.edges[self._arcs.edge_of[arc]].id)
            at = int(self._arcs.tail[arc])
        return tuple(reversed(way))

    def reaches(self, type_id: str, from_site: str, to_site: str) -> bool:
        """Does a road that the type may use lead from one site to the other? `may_enter` says whether it may stop there."""
        return self.time_s(type_id, from_site, to_site) is not None

    def may_enter(self, type_id: str, site_id: str) -> bool:
        """Is the site on the road graph, and its yard large enough for the type?"""
        site = self._sites[site_id]
        return bool(site.node) and self._types[type_id].size_class <= site.size_class_max

    def table(self, type_id: str, site_ids: Sequence[str]) -> list[list[int]]:
        """Seconds between all these sites, in their order; NEVER where no way leads."""
        return self._table(type_id, site_ids, metres=False)

    def table_m(self, type_id: str, site_ids: Sequence[str]) -> list[list[int]]:
        """Metres of the ways that `table` times; NEVER where no way leads."""
        return self._table(type_id, site_ids, metres=True)

    def _table(self, type_id: str, site_ids: Sequence[str], *, metres: bool) -> list[list[int]]:
        at = [self._node(site_id) for site_id in site_ids]
        reached = np.array([node if node is not None else 0 for node in at], dtype=np.int64)
        lost = np.array([node is None for node in at], dtype=np.bool_)
        profile = self._profile(type_id)
        if not metres and len(self._arcs.nodes) >= LARGE:
            seconds = self._times(profile).between(reached, reached)
            seconds[lost] = NEVER
            seconds[:, lost] = NEVER
            whole: list[list[int]] = seconds.tolist()
            return whole
        self._fill(profile, [node for node in at if node is not None])
        table = []
        for site_id in site_ids:
            found = self._row(type_id, site_id)
            if found is None:
                table.append([NEVER] * len(at))
                continue
            seconds = found.seconds[reached]
            here = seconds
            if metres:  # a whole table's rows of metres would be much to keep
                here = (_metres(found, self._arcs) if found.metres is None else found.metres)[reached]
            values: list[int] = np.where(lost | (seconds == NEVER), NEVER, here).tolist()
            table.append(values)
        return table

    def _times(self, profile: _Profile) -> Times:
        """The network as the profile drives it; a network too large to be put in order each time is kept by `updated`."""
        if self._network is None:
            from optimizer.matrix import Network  # its compiler takes half a second to load; small networks do without

            arcs, nodes = self._arcs, self.problem.nodes
            spots = np.array([[node.lat_e6, node.lon_e6] for node in nodes], np.float64).reshape(len(nodes), 2)
            spots[:, 1] *= np.cos(np.radians(np.median(spots[:, 0]) / 1e6)) if len(nodes) else 1.0
            self._network = Network(len(nodes), arcs.tail, arcs.head, spots)
        if profile.times is None:
            profile.times = self._network.weighed(profile.weight)
        return profile.times

    def _metres(self, row: _Row) -> Whole:
        if row.metres is None:
            row.metres = _metres(row, self._arcs)
        return row.metres

    def updated(self, problem: Problem) -> Roads:
        """Roads of a problem whose edges changed, equal to `Roads(problem)`.

        Rows that no change can touch are kept: none of the changed arcs was driven in them, and none leads to a node as
        fast as, or faster than, the way there is.
        """
        roads = Roads(problem)
        if roads._arcs.nodes != self._arcs.nodes:
            return roads
        if roads._arcs.keys == self._arcs.keys and _same_ends(roads._arcs, self._arcs):
            roads._network = self._network
        place = {key: arc for arc, key in enumerate(roads._arcs.keys)}
        moved = np.array([place.get(key, -1) for key in self._arcs.keys], dtype=np.int64)
        for kind in problem.vehicle_types:
            old = self._profiles.get(_looks(kind))
            if old is None:
                continue
            new = roads._profile(kind.id)
            if old.rows:
                roads._adopt(new, old, self._arcs, moved)
            if old.times is not None and roads._network is not None and new.times is None:
                new.times = old.times.copy()
                other = np.flatnonzero(new.weight != old.weight)
                new.times.change(other, new.weight[other])
        return roads

    def _adopt(self, new: _Profile, old: _Profile, old_arcs: _Arcs, moved: Whole) -> None:
        """Take over the rows of a profile that hold for the new arcs too. `moved` is each old arc's new place."""
        arcs = self._arcs
        same = moved >= 0
        same[same] = (
            (old.weight[same] == new.weight[moved[same]])
            & (old_arcs.tail[same] == arcs.tail[moved[same]])
            & (old_arcs.head[same] == arcs.head[moved[same]])
        )
        lost = np.flatnonzero(~same & (old.weight < NEVER))
        are_in_place = bool(np.array_equal(moved, np.arange(len(moved))))
        fresh = np.ones(len(arcs.keys), dtype=np.bool_)
        fresh[moved[same]] = False
        gained = np.flatnonzero(fresh & (new.weight < NEVER))
        for node, row in old.rows.items():
            if np.any(row.entered_by[old_arcs.head[lost]] == lost):
                continue
            start = row.seconds[arcs.tail[gained]]
            if len(gained) and np.any((start < NEVER) & (start + new.weight[gained] <= row.seconds[arcs.head[gained]])):
                continue
            entered_by = row.entered_by
            if not are_in_place:
                entered_by = entered_by.copy()
                entered_by[entered_by >= 0] = moved[entered_by[entered_by >= 0]]
            new.rows[node] = _Row(row.seconds, entered_by)

    def _node(self, site_id: str) -> int | None:
        node = self._sites[site_id].node
        return self._arcs.nodes[node] if node else None

    def _profile(self, type_id: str) -> _Profile:
        if type_id not in self._of_type:
            kind = self._types[type_id]
            looks = _looks(kind)
            if looks not in self._profiles:
                self._profiles[looks] = _profile(self._arcs, kind)
            self._of_type[type_id] = self._profiles[looks]
        return self._of_type[type_id]

    def _row(self, type_id: str, site_id: str) -> _Row | None:
        node = self._node(site_id)
        if node is None:
            return None
        profile = self._profile(type_id)
        if node not in profile.rows:
            self._fill(profile, [node])
        return profile.rows[node]

    def _fill(self, profile: _Profile, nodes: Sequence[int]) -> None:
        """Make the rows of these nodes that are not there yet, a hundred at a time so that memory stays small."""
        wanted = sorted({node for node in nodes if node not in profile.rows})
        for first in range(0, len(wanted), 100):
            some = wanted[first : first + 100]
            found = dijkstra(profile.graph, indices=some)
            for node, seconds in zip(some, np.atleast_2d(found), strict=True):
                profile.rows[node] = _row(profile, self._arcs, seconds)


def _same_ends(one: _Arcs, two: _Arcs) -> bool:
    return bool(np.array_equal(one.tail, two.tail) and np.array_equal(one.head, two.head))


def _looks(kind: VehicleType) -> tuple[int, ...]:
    """Types that are alike here drive the same roads at the same speeds."""
    return (
        kind.size_class,
        kind.gross_mass_kg,
        kind.is_snow_capable,
        kind.height_cm,
        kind.can_ford,
        kind.is_towing,
        kind.is_in_convoy,
        *(kind.speed_kmh[terrain] for terrain in Terrain),
    )


def _arcs(problem: Problem) -> _Arcs:
    nodes = {node.id: place for place, node in enumerate(problem.nodes)}
    edges = tuple(sorted(problem.edges, key=lambda edge: edge.id))
    both = [(place, back) for place, edge in enumerate(edges) for back in (False, True) if not back or edge.is_two_way]
    ends = [
        (edges[place].end, edges[place].start) if back else (edges[place].start, edges[place].end)
        for place, back in both
    ]
    return _Arcs(
        nodes=nodes,
        edges=edges,
        edge_of=np.array([place for place, _ in both], dtype=np.int64),
        tail=np.array([nodes[tail] for tail, _ in ends], dtype=np.int64),
        head=np.array([nodes[head] for _, head in ends], dtype=np.int64),
        length_m=np.array([edges[place].length_m for place, _ in both], dtype=np.int64),
        keys=tuple((edges[place].id, back) for place, back in both),
    )


def _profile(arcs: _Arcs, kind: VehicleType) -> _Profile:
    """Weigh the arcs for a type.

    Floating-point sums of whole seconds are exact below 2⁵³. An edge so slow that a way over every node might pass that
    (thousands of years) does not count as a road.
    """
    longest = 2**52 // (len(arcs.nodes) + 1)
    seconds = [drive_s(edge, kind) if may_use(edge, kind) else NEVER for edge in arcs.edges]
    by_edge = np.array([time if time <= longest else NEVER for time in seconds], dtype=np.int64)
    weight = by_edge[arcs.edge_of]
    usable = np.flatnonzero((weight < NEVER) & (arcs.tail != arcs.head))
    count = len(arcs.nodes)
    # of parallel arcs only the fastest can be driven; a sparse matrix would add them up
    order = usable[np.lexsort((weight[usable], arcs.head[usable], arcs.tail[usable]))]
    pair = arcs.tail[order] * count + arcs.head[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = pair[1:] != pair[:-1]
    kept = order[first]
    graph = csr_array((weight[kept].astype(np.float64), (arcs.tail[kept], arcs.head[kept])), shape=(count, count))
    return _Profile(weight, graph)


def _row(profile: _Profile, arcs: _Arcs, found: NDArray[np.float64]) -> _Row:
    """Choose the way: of the arcs that enter a node just in time, the first in order. Every edge takes a second or more."""
    reached = np.isfinite(found)
    seconds = np.where(reached, np.where(reached, found, 0).astype(np.int64), NEVER)
    usable = (profile.weight < NEVER) & (seconds[arcs.tail] < NEVER)
    tight = np.flatnonzero(usable & (seconds[arcs.tail] + np.where(usable, profile.weight, 0) == seconds[arcs.head]))
    entered_by = np.full(len(found), -1, dtype=np.int32)
    entered_by[arcs.head[tight][::-1]] = tight[::-1]
    return _Row(seconds, entered_by)


def _metres(row: _Row, arcs: _Arcs) -> Whole:
    """Length of every chosen way, by doubling: each round adds up twice as many stretches."""
    entered = row.entered_by >= 0
    before = np.arange(len(row.seconds))
    before[entered] = arcs.tail[row.entered_by[entered]]
    metres = np.zeros(len(row.seconds), dtype=np.int64)
    metres[entered] = arcs.length_m[row.entered_by[entered]]
    while np.any(before != before[before]):
        metres = metres + metres[before]
        before = before[before]
    return metres
