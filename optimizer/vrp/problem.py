"""The vehicle routing problem in its field's terms: depots, clients, a mixed fleet; whole numbers throughout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int64]

NEVER = 1 << 40
"""Later than everything, farther than everything."""


Made = list[tuple[int, list[list[int]]]]
"""A plan without split demands, short: of each vehicle that drives its kind, and its trips of clients."""


@dataclass(frozen=True, slots=True)
class VehicleType:
    """So many vehicles that are alike. Cost of a vehicle: fixed + per_distance × distance + per_duration × duration."""

    count: int
    capacity: tuple[int, ...]
    start: int = 0
    end: int = 0
    fixed: int = 0
    per_distance: int = 1
    per_duration: int = 0
    opens: int = 0
    closes: int = NEVER
    duration_max: int = NEVER
    distance_max: int = NEVER
    trips_max: int = 1
    """Trips a vehicle may make one after another, reloading at its depot between them."""
    profile: int = 0
    """Which of the problem's tables it drives by."""


@dataclass(frozen=True, slots=True, eq=False)
class RoutingProblem:
    """Nodes 0..depots-1 are depots, the others clients.

    `distance` and `duration`: per profile a table [node, node]. `demand` [node, dimension], the rest [node].
    A client is served once, starting within `early`..`late`; a trip may not start before the latest `release` of its clients.
    With `may_split` the demand of a client (one dimension) may be brought by several vehicles.
    Raises ValueError for shapes and figures that cannot be.
    """

    depots: int
    distance: tuple[Table, ...]
    duration: tuple[Table, ...]
    demand: Numbers
    service: Numbers
    early: Numbers
    late: Numbers
    release: Numbers
    fleet: tuple[VehicleType, ...]
    allowed: npt.NDArray[np.bool_] | None = None
    """[vehicle type, node]: may this kind of vehicle come here? None: every kind everywhere."""
    may_split: bool = False
    places: npt.NDArray[np.float64] | None = field(default=None)
    """Coordinates [node, 2], where there are any; only peers look at them."""

    def __post_init__(self) -> None:
        nodes = len(self.demand)
        if not 0 < self.depots <= nodes or not self.fleet:
            raise ValueError("at least one depot and one vehicle type are needed")
        for table in (*self.distance, *self.duration):
            if table.shape != (nodes, nodes) or (table < 0).any():
                raise ValueError("every table has a row and a column for each node and nothing below zero")
        for column in (self.service, self.early, self.late, self.release):
            if column.shape != (nodes,):
                raise ValueError("every column has a figure for each node")
        if self.may_split and self.demand.shape[1] != 1:
            raise ValueError("a demand that may be split has one dimension")
        for kind in self.fleet:
            if len(kind.capacity) != self.demand.shape[1] or kind.count < 0 or kind.trips_max < 1:
                raise ValueError(
                    "a vehicle type has a capacity for each dimension of demand, and makes at least one trip"
                )
            if not (0 <= kind.start < self.depots and 0 <= kind.end < self.depots):
                raise ValueError("a vehicle starts and ends at a depot")

    def taken_at(self, nodes: Numbers) -> RoutingProblem:
        """The problem whose node n is this one's node `nodes[n]`; depots are to come first, as here."""
        square = np.ix_(nodes, nodes)
        distance = tuple(np.ascontiguousarray(table[square]) for table in self.distance)
        is_one = self.duration is self.distance
        return replace(
            self,
            distance=distance,
            duration=distance if is_one else tuple(np.ascontiguousarray(table[square]) for table in self.duration),
            demand=self.demand[nodes],
            service=self.service[nodes],
            early=self.early[nodes],
            late=self.late[nodes],
            release=self.release[nodes],
            allowed=None if self.allowed is None else self.allowed[:, nodes],
            places=None if self.places is None else self.places[nodes],
        )

    @property
    def filled(self) -> float:
        """How much of all that its vehicles can carry its clients want, in the dimension where that is most."""
        room = np.array([[kind.count * kind.trips_max * float(each) for each in kind.capacity] for kind in self.fleet])
        return float((self.demand[self.depots :].sum(axis=0) / np.maximum(room.sum(axis=0), 1.0)).max(initial=0.0))

    @property
    def nodes(self) -> int:
        """Depots and clients together."""
        return len(self.demand)

    @property
    def clients(self) -> range:
        """The clients' node numbers."""
        return range(self.depots, self.nodes)


@dataclass(frozen=True, slots=True)
class Visit:
    """A client, and how much it gets in the first dimension of demand."""

    client: int
    quantity: int


@dataclass(frozen=True, slots=True)
class VehicleRoute:
    """What one vehicle does: its trips in order."""

    kind: int
    trips: tuple[tuple[Visit, ...], ...]


@dataclass(frozen=True, slots=True)
class RoutingPlan:
    """Routes, clients that nobody serves, and what the search did."""

    routes: tuple[VehicleRoute, ...]
    unserved: tuple[int, ...]
    cost: int
    iterations: int


def whole(problem: RoutingProblem, trips: Sequence[Sequence[int]], kind: int) -> VehicleRoute:
    """A route that brings each client all it asked for."""
    return VehicleRoute(kind, tuple(tuple(Visit(c, int(problem.demand[c, 0])) for c in trip) for trip in trips))
