"""Demands that several vehicles may share: cut into pieces beforehand, joined again in the plan.

The shares 20, 10, 5 and 1 % of a vehicle's capacity are those of Chen, Golden, Wang and Wasil, "A novel approach to solve the split
delivery vehicle routing problem", International Transactions in Operational Research 24(1-2), 2017.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from optimizer.vrp.problem import Numbers, RoutingPlan, RoutingProblem, VehicleRoute, Visit

SHARES = (0.2, 0.1, 0.05, 0.01)
PIECES_MAX = 40


@dataclass(frozen=True, slots=True)
class Pieces:
    """The problem with every piece as a client, and of each node the node it is a piece of."""

    problem: RoutingProblem
    origin: Numbers


def in_pieces(problem: RoutingProblem) -> Pieces:
    """Cut every client's demand into pieces; a piece of one unit where the shares leave a rest."""
    capacity = max(kind.capacity[0] for kind in problem.fleet)
    sizes = sorted({max(1, round(capacity * share)) for share in SHARES} | {1}, reverse=True)
    origin, demand = list(range(problem.depots)), [0] * problem.depots
    for client in problem.clients:
        rest = int(problem.demand[client, 0])
        pieces: list[int] = []
        while rest > capacity:
            pieces.append(capacity)
            rest -= capacity
        for size in sizes:
            while rest >= size and len(pieces) < PIECES_MAX:
                pieces.append(size)
                rest -= size
        if rest or not pieces:
            pieces.append(rest)
        origin += [client] * len(pieces)
        demand += pieces
    index = np.array(origin, np.int64)
    cut = replace(problem.taken_at(index), demand=np.array(demand, np.int64).reshape(-1, 1), may_split=False)
    return Pieces(cut, index)


def joined(problem: RoutingProblem, pieces: Pieces, plan: RoutingPlan) -> RoutingPlan:
    """The plan with the pieces of a client that one trip brings as one visit, where the first of them is."""
    routes = tuple(
        VehicleRoute(route.kind, tuple(_joined_trip(pieces, trip) for trip in route.trips)) for route in plan.routes
    )
    left = sorted({int(pieces.origin[client]) for client in plan.unserved})
    return RoutingPlan(routes, tuple(left), cost_of(problem, routes), plan.iterations)


def _joined_trip(pieces: Pieces, trip: tuple[Visit, ...]) -> tuple[Visit, ...]:
    brought: dict[int, int] = {}
    for visit in trip:
        client = int(pieces.origin[visit.client])
        brought[client] = brought.get(client, 0) + visit.quantity
    return tuple(Visit(client, quantity) for client, quantity in brought.items())


def cost_of(problem: RoutingProblem, routes: tuple[VehicleRoute, ...]) -> int:
    """Fixed cost and distance of routes (a demand that may be split knows no time)."""
    cost = 0
    for route in routes:
        kind = problem.fleet[route.kind]
        table = problem.distance[kind.profile]
        cost += kind.fixed
        for trip in route.trips:
            stops = [kind.start, *(visit.client for visit in trip), kind.end]
            cost += kind.per_distance * sum(int(table[a, b]) for a, b in pairwise(stops))
    return cost
