"""A routing problem as the compiled search takes it, and its plans back."""

from __future__ import annotations

import numpy as np

from optimizer.primitives import seeded
from optimizer.vrp import columns as k
from optimizer.vrp import kernel
from optimizer.vrp.columns import Best, State, Static
from optimizer.vrp.problem import NEVER, Made, Numbers, RoutingPlan, RoutingProblem, Table, whole
from optimizer.vrp.trips import update

KINDS_MAX = 62
NEAR = 60
SAMPLES = 4_000
ROUNDING = 2
"""Of two ways."""
_KIND = (
    "fixed", "per_distance", "per_duration", "start", "end", "opens", "closes", "duration_max", "distance_max", "count",
    "trips_max", "profile",
)  # fmt: skip


def static_of(problem: RoutingProblem, neighbours: int) -> Static:
    """The problem in arrays. Raises ValueError for more kinds of vehicle than a number has bits."""
    kinds = problem.fleet
    if len(kinds) > KINDS_MAX:
        raise ValueError(f"at most {KINDS_MAX} kinds of vehicle")
    nodes, depots = problem.nodes, problem.depots
    timed = (
        (problem.early[depots:] > 0).any()
        or (problem.late < NEVER).any()
        or problem.release.any()
        or any(v.duration_max < NEVER or v.per_duration or v.opens or v.closes < NEVER for v in kinds)
    )
    rest = [(v.start, v.end, v.profile, v.opens, v.closes, v.duration_max, v.per_duration, v.trips_max) for v in kinds]
    numbers = range(len(kinds))
    bits = np.full(nodes, (1 << len(kinds)) - 1, np.int64)
    if problem.allowed is not None:
        weights = 1 << np.arange(len(kinds), dtype=np.int64)
        bits = (problem.allowed.astype(np.int64) * weights[:, None]).sum(axis=0)
    distance = np.ascontiguousarray(np.stack(problem.distance))
    capacity = np.array([kind.capacity for kind in kinds], np.int64)
    duration = distance if problem.duration is problem.distance else np.ascontiguousarray(np.stack(problem.duration))
    distance_to = _turned(distance)
    near, ahead, behind = _near(problem, neighbours)
    own = np.arange(nodes)[:, None]
    prices = {kind.per_distance for kind in kinds}
    columns = (problem.service, problem.early, problem.late, problem.release, bits, _absent_price(problem))
    return Static(
        depots=depots,
        dims=problem.demand.shape[1],
        timed=int(bool(timed)),
        chained=int(any(v.trips_max > 1 for v in kinds)),
        C=np.ascontiguousarray(np.column_stack([*columns, problem.demand]).astype(np.int64)),
        T=np.array([[*(getattr(v, name) for name in _KIND), *v.capacity] for v in kinds], np.int64),
        distance=distance,
        duration=duration,
        distance_to=distance_to,
        duration_to=distance_to if duration is distance else _turned(duration),
        near=near,
        ahead=ahead,
        behind=behind,
        way_from=np.ascontiguousarray(distance_to[:, own, ahead]),
        way_to=np.ascontiguousarray(distance[:, own, behind]),
        bend=_bend(distance, distance_to),
        size=(problem.demand / np.maximum(capacity.max(axis=0), 1)).max(axis=1),
        sibling=(sibling := np.array([[a != b and rest[a] == rest[b] for b in numbers] for a in numbers])),
        mixed=int(sibling.any()),
        alike=prices.pop() if len(prices) == 1 and not sibling.any() and not any(v.profile for v in kinds) else 0,
        plain=~sibling.any(axis=1),
    )


def _turned(tables: Table) -> Table:
    """Tables [profile, from, to] as [profile, to, from]; the same ones where ways there and back are alike."""
    turned = tables.transpose(0, 2, 1)
    return tables if np.array_equal(tables, turned) else np.ascontiguousarray(turned)


def _bend(distance: Table, distance_to: Table) -> int:
    """2 where ways are as long back as there and none is longer than by way of another place, as far as samples show; else 1."""
    if distance_to is not distance:
        return 1
    a, b, c = np.random.default_rng(7).integers(0, distance.shape[1], (3, SAMPLES))
    slack = distance[:, a, b].astype(np.int64) + distance[:, b, c] - distance[:, a, c]
    return 2 if (slack >= -ROUNDING).all() else 1


def _near(problem: RoutingProblem, count: int) -> tuple[Table, Table, Table]:
    """For each client those near it, those that are best visited just before it and those just after it, the likeliest first.

    Distance plus the waiting and the lateness that going straight from one to the other cannot avoid, weighed as in Vidal et al. 2013.
    """
    depots, nodes = problem.depots, problem.nodes
    clients = nodes - depots
    early, late, service = problem.early[depots:], problem.late[depots:], problem.service[depots:]
    gap = problem.duration[0][depots:, depots:].astype(np.int64) + service[:, None]
    wait = np.maximum(early[None, :] - gap - late[:, None], 0)
    delay = np.maximum(early[:, None] + gap - late[None, :], 0)
    leg = problem.distance[0][depots:, depots:].astype(np.float64)
    then = leg + 0.2 * wait + delay
    found = []
    for score, width in ((np.minimum(then, then.T), NEAR), (then.T, count), (then, count)):
        score = score.copy()
        np.fill_diagonal(score, np.inf)
        width = min(width, max(1, clients - 1))
        table = np.full((nodes, width), -1, np.int32)
        if clients > 1:
            nearest = np.sort(np.argpartition(score, width - 1, axis=1)[:, :width], axis=1)
            ranks = np.argsort(np.take_along_axis(score, nearest, axis=1), axis=1, kind="stable")
            table[depots:] = np.take_along_axis(nearest, ranks, axis=1) + depots
        found.append(table)
    return found[0], found[1], found[2]


def _absent_price(problem: RoutingProblem) -> Numbers:
    """More than any plan could save by leaving a client out; a little more for who asks for more, so that what is missing shrinks."""
    farthest = max(int(table.max()) for table in problem.distance)
    longest = max(int(table.max()) for table in problem.duration)
    dearest = max(k.fixed + 4 * farthest * k.per_distance + 4 * longest * k.per_duration for k in problem.fleet)
    share = problem.demand / np.maximum(problem.demand.mean(axis=0), 1e-9)
    price: Numbers = np.maximum(dearest * (1.0 + 0.1 * np.minimum(share.max(axis=1), 20.0)), 1.0).astype(np.int64)
    return price


def empty_state(problem: RoutingProblem, static: Static, seed: int) -> tuple[State, Best]:
    """Nobody is served yet."""
    nodes, clients, dims = problem.nodes, problem.nodes - problem.depots, problem.demand.shape[1]
    slots = min(clients, sum(min(kind.count, clients) * kind.trips_max for kind in problem.fleet)) + 1
    state = State(
        V=np.full((nodes, k.VISIT), -1, np.int32),
        W=np.zeros((nodes, k.SEGMENTS), np.int64),
        R=np.zeros((slots, k.LOAD + dims), np.int64),
        L=np.zeros((slots, k.LINE), np.int64),
        used=np.zeros(len(problem.fleet), np.int64),
        absent=np.zeros(clients + 1, np.int64),
        out=np.zeros(clients + 1, np.int64),
        keys=np.zeros(clients + 1),
        fleet_weight=np.ones(1),
        kept=np.zeros(clients + 1, np.int64),
        figures=np.zeros(k.FIGURES, np.int64),
        random=seeded(seed),
        saved=np.zeros((2 * slots + 2, 7), np.int64),
        saved_visits=np.zeros(2 * clients + 2, np.int64),
    )
    best = Best(
        np.zeros(clients + 1, np.int64),
        np.zeros(slots + 1, np.int64),
        np.zeros(slots + 1, np.int64),
        np.zeros(slots + 1, np.int64),
    )
    state.absent[:clients] = np.arange(problem.depots, nodes)
    state.figures[k.ABSENT] = clients
    state.figures[k.NOW] = state.figures[k.BEST] = int(static.C[problem.depots :, k.PRICE].sum())
    return state, best


def best_routes(state: State, best: Best) -> Made:
    """The best plan: (kind, trips of clients) for each vehicle."""
    routes: Made = []
    for trip in range(int(state.figures[k.BEST_TRIPS])):
        visits = best.visits[best.starts[trip] : best.starts[trip + 1]].tolist()
        if best.follows[trip]:
            routes[-1][1].append(visits)
        else:
            routes.append((int(best.kinds[trip]), [visits]))
    return routes


def plan_of(problem: RoutingProblem, state: State, best: Best, iterations: int) -> RoutingPlan:
    """The best plan."""
    routes = best_routes(state, best)
    served = {c for _, trips in routes for trip in trips for c in trip}
    left = tuple(c for c in problem.clients if c not in served)
    cost = int(state.figures[k.BEST])
    return RoutingPlan(tuple(whole(problem, trips, kind) for kind, trips in routes), left, cost, iterations)


def load_plan(static: Static, state: State, routes: Made) -> None:
    """Take a plan as the current one: (kind, trips of clients) for each vehicle."""
    served: set[int] = set()
    slot = 0
    trips, visits = state.R, state.V
    for kind, made in routes:
        before = -1
        for trip in made:
            trips[slot, [k.LIVES, k.KIND, k.BEFORE, k.AFTER]] = 1, kind, before, -1
            trips[slot, [k.FIRST, k.LAST, k.LENGTH]] = trip[0], trip[-1], len(trip)
            if before >= 0:
                trips[before, k.AFTER] = slot
            for a, c, b in zip([-1, *trip[:-1]], trip, [*trip[1:], -1], strict=True):
                visits[c, [k.TRIP, k.PRV, k.NXT]] = slot, a, b
            served.update(trip)
            update(static, state, slot)
            before = slot
            slot += 1
        state.used[kind] += 1
    left = [c for c in range(static.depots, len(visits)) if c not in served]
    state.absent[: len(left)] = left
    state.figures[k.ABSENT] = len(left)
    state.figures[k.TRIPS] = state.figures[k.TOP] = slot
    state.figures[k.NOW] = state.figures[k.BEST] = kernel.total(static, state)
