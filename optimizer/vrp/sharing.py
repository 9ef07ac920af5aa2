"""Split deliveries searched for as they are: problems in arrays for `shareout`, its plans back."""

from __future__ import annotations

import numpy as np

from optimizer.primitives import seeded
from optimizer.vrp import portions as p
from optimizer.vrp.columns import FAR
from optimizer.vrp.problem import NEVER, RoutingPlan, RoutingProblem, VehicleRoute, Visit
from optimizer.vrp.shareout import search

NEAR = 100


def knows(problem: RoutingProblem) -> bool:
    """May clients be shared, and is there nothing but loads and distances?"""
    clients = list(problem.clients)
    return bool(
        problem.may_split
        and (problem.demand[clients] > 0).all()
        and (problem.late[clients] >= NEVER).all()
        and not problem.release.any()
        and all(
            kind.trips_max == 1 and kind.duration_max >= NEVER and not kind.per_duration and kind.closes >= NEVER
            for kind in problem.fleet
        )
    )


def ground_of(problem: RoutingProblem) -> p.Ground:
    """The problem in arrays."""
    depots, nodes = problem.depots, problem.nodes
    kinds = np.array(
        [
            [k.fixed, k.per_distance, k.start, k.end, k.distance_max, k.count, k.capacity[0], k.profile]
            for k in problem.fleet
        ],
        np.int64,
    )
    leg = problem.distance[0][depots:, depots:].astype(np.float64)
    np.fill_diagonal(leg, np.inf)
    near = np.full((nodes, max(1, min(NEAR, nodes - depots - 1))), -1, np.int64)
    if nodes - depots > 1:
        near[depots:] = np.argsort(leg, axis=1, kind="stable")[:, : near.shape[1]] + depots
    dearest = max(k.fixed + 4 * int(problem.distance[k.profile].max()) * k.per_distance for k in problem.fleet) + 1
    return p.Ground(
        depots=depots,
        T=kinds,
        distance=np.ascontiguousarray(np.stack(problem.distance)),
        demand=problem.demand[:, 0].copy(),
        price=np.full(nodes, dearest, np.int64),
        near=near,
        allowed=np.ones((len(kinds), nodes), bool) if problem.allowed is None else problem.allowed.copy(),
    )


def nothing_yet(problem: RoutingProblem, ground: p.Ground, seed: int) -> p.Trips:
    """Nobody gets anything."""
    nodes, clients = problem.nodes, len(problem.clients)
    usual = max(1, int(np.median([kind.capacity[0] for kind in problem.fleet])))
    slots = min(sum(k.count for k in problem.fleet), clients + 2 * int(ground.demand.sum()) // usual + 50) + 1
    wide = clients + 1
    absent = ground.demand.copy()
    absent[: problem.depots] = 0
    state = p.Trips(
        R=np.zeros((slots, p.TRIP_COLUMNS), np.int64),
        visits=np.zeros((slots, wide), np.int32),
        amounts=np.zeros((slots, wide), np.int64),
        used=np.zeros(len(problem.fleet), np.int64),
        absent=absent,
        kept=absent.copy(),
        out=np.zeros(nodes, np.int64),
        keys=np.zeros(nodes + 1),
        costs=np.full(slots, FAR, np.int64),
        places=np.zeros(slots, np.int64),
        chosen=np.zeros((2, p.SHARED_MAX + 1), np.int64),
        saved=np.zeros((slots, p.TRIP_COLUMNS + 1), np.int64),
        saved_visits=np.zeros((slots, wide), np.int32),
        saved_amounts=np.zeros((slots, wide), np.int64),
        figures=np.zeros(p.FIGURES, np.int64),
        random=seeded(seed),
        best=np.zeros((slots, p.TRIP_COLUMNS), np.int64),
        best_visits=np.zeros((slots, wide), np.int32),
        best_amounts=np.zeros((slots, wide), np.int64),
    )
    state.figures[p.NOW] = state.figures[p.BEST] = int((ground.price * absent).sum())
    return state


def load(problem: RoutingProblem, ground: p.Ground, state: p.Trips, routes: tuple[VehicleRoute, ...]) -> None:
    """Take a plan as the current one, as far as it keeps the rules."""
    slot, figures = 0, state.figures
    for route in routes:
        kind = problem.fleet[route.kind]
        for trip in route.trips:
            amounts = [visit.quantity for visit in trip]
            if (
                not trip
                or sum(amounts) > kind.capacity[0]
                or slot >= len(state.R)
                or state.used[route.kind] >= kind.count
            ):
                continue
            state.R[slot, [p.LENGTH, p.KIND]] = len(trip), route.kind
            state.visits[slot, : len(trip)] = [visit.client for visit in trip]
            state.amounts[slot, : len(trip)] = amounts
            state.used[route.kind] += 1
            for visit in trip:
                state.absent[visit.client] -= visit.quantity
            p.measure(ground, state, slot)
            slot += 1
    figures[p.TOP] = slot
    figures[p.NOW] = figures[p.BEST] = int(state.R[:slot, p.COST].sum() + (ground.price * state.absent).sum())
    p.remember(state)


def plan_of(problem: RoutingProblem, state: p.Trips, iterations: int) -> RoutingPlan:
    """The best plan."""
    routes, brought = [], np.zeros(problem.nodes, np.int64)
    for r in range(int(state.figures[p.BEST_TRIPS])):
        size = int(state.best[r, p.LENGTH])
        trip = tuple(Visit(int(state.best_visits[r, i]), int(state.best_amounts[r, i])) for i in range(size))
        for visit in trip:
            brought[visit.client] += visit.quantity
        routes += [VehicleRoute(int(state.best[r, p.KIND]), (trip,))] if trip else []
    left = tuple(c for c in problem.clients if brought[c] < problem.demand[c, 0])
    return RoutingPlan(tuple(routes), left, int(state.figures[p.BEST]), iterations)


class Shared:
    """One run: the plan now and the best."""

    def __init__(self, problem: RoutingProblem, seed: int, start: tuple[VehicleRoute, ...]) -> None:
        self.problem = problem
        self.ground = ground_of(problem)
        self.state = nothing_yet(problem, self.ground, seed)
        if start:
            load(problem, self.ground, self.state, start)

    def is_short(self) -> bool:
        """Does the best plan leave anything behind?"""
        figures = self.state.figures
        cost = int(self.state.best[: figures[p.BEST_TRIPS], p.COST].sum())
        return int(figures[p.BEST]) > cost

    def rounds(self, count: int, heat: float, taken: float, string_max: int, blink: float) -> None:
        """Make so many rounds at a temperature in mean arcs of the plan."""
        figures = self.state.figures
        arcs = int((self.state.R[: figures[p.TOP], p.LENGTH] + 1).sum())
        search(
            self.ground,
            self.state,
            count,
            float(figures[p.BEST]) / max(1, arcs) * heat if arcs else 0.0,
            taken,
            string_max,
            blink,
        )
