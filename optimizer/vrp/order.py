"""Clients renumbered so that neighbours have neighbouring numbers: what a round looks at then lies close together in memory.

A round looks at the ways between a few dozen neighbours. Numbered as they come, every one of them is fetched from afar by itself, and
that takes most of the round; numbered by halves of halves of the map, sixteen neighbours come with one fetch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from optimizer.vrp.problem import Numbers, RoutingPlan, RoutingProblem, Table, VehicleRoute, Visit

TOGETHER = 16
"""Ways that are fetched with one another."""
ORDERED_FROM = 150
"""Clients; of fewer the processor keeps all ways at hand anyway."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """The problem in other numbers: node `at` is node `origin[at]` of the one asked about."""

    problem: RoutingProblem
    origin: Numbers

    def there(self, routes: tuple[VehicleRoute, ...]) -> tuple[VehicleRoute, ...]:
        """Routes of the problem asked about, in these numbers."""
        place = np.empty_like(self.origin)
        place[self.origin] = np.arange(len(self.origin))
        return _renumbered(routes, place)

    def back(self, plan: RoutingPlan) -> RoutingPlan:
        """A plan of this problem, in the numbers asked about."""
        left = sorted(int(self.origin[client]) for client in plan.unserved)
        return replace(plan, routes=_renumbered(plan.routes, self.origin), unserved=tuple(left))


def in_order(problem: RoutingProblem) -> Ordered:
    """Renumber the clients; depots keep their numbers."""
    depots, nodes = problem.depots, problem.nodes
    origin = np.arange(nodes, dtype=np.int64)
    if len(problem.clients) < ORDERED_FROM:
        return Ordered(problem, origin)
    origin[depots:] = _halved(problem.distance[0], origin[depots:])
    return Ordered(problem.taken_at(origin), origin)


def _halved(table: Table, nodes: Numbers) -> Numbers:
    """The nodes in two halves, each nearer to one of two that are far apart, and so on within the halves."""
    if len(nodes) <= TOGETHER:
        return nodes
    one = nodes[np.argmax(table[nodes[0], nodes])]
    other = nodes[np.argmax(table[one, nodes])]
    nearer = table[one, nodes].astype(np.float64) - table[other, nodes]
    nodes = nodes[np.argsort(nearer, kind="stable")]
    steps = -(-len(nodes) // TOGETHER)
    middle = steps // 2 * TOGETHER
    return np.concatenate([_halved(table, nodes[:middle]), _halved(table, nodes[middle:])])


def _renumbered(routes: tuple[VehicleRoute, ...], number: Numbers) -> tuple[VehicleRoute, ...]:
    return tuple(
        VehicleRoute(
            route.kind, tuple(tuple(Visit(int(number[v.client]), v.quantity) for v in trip) for trip in route.trips)
        )
        for route in routes
    )
