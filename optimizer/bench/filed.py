"""A public routing file as a plan problem: one item, each client a line of one class, all the goods at every depot, cost alone to count."""

from __future__ import annotations

from optimizer.bench.instances import Instance
from optimizer.model import (
    DemandLine,
    Edge,
    Item,
    Lot,
    Node,
    Problem,
    Rules,
    Site,
    Terrain,
    Vehicle,
    VehicleType,
)
from optimizer.vrp.problem import NEVER

METRES_A_SECOND = 10
SPEED = dict.fromkeys(Terrain, 36)
FAR_S = 10**8
VEHICLES_MAX = 100
"""Of a kind without end."""


class NotAPlan(ValueError):
    """The file asks for what a plan does not have."""


def as_problem(instance: Instance) -> Problem:
    """The file's distances are tens of metres and its times seconds; handling takes the same everywhere, loading once as long.

    Raises NotAPlan for several dimensions, different services, limits of duration or fleets a plan cannot express.
    """
    case = instance.problem
    clients = list(case.clients)
    service = {int(case.service[c]) for c in clients}
    if (
        case.demand.shape[1] != 1
        or len(service) > 1
        or case.release.any()
        or any(k.duration_max < NEVER for k in case.fleet)
    ):
        raise NotAPlan(f"{instance.name}: dimensions, services, releases or durations are not a plan's")
    handling = max(service.pop(), 60)
    ids = [f"n{n}" for n in range(case.nodes)]
    table = case.distance[0].tolist()
    edges = tuple(
        Edge(f"e{a}-{b}", ids[a], ids[b], METRES_A_SECOND * table[a][b], Terrain.PLAIN)
        for a in range(case.nodes)
        for b in range(a + 1, case.nodes)
        if table[a][b]
    )
    total = int(case.demand.sum())
    lines = tuple(
        DemandLine(
            f"L{c}", ids[c], "goods", int(case.demand[c, 0]), 1, 1,
            due_at=int(min(case.late[c] + 2 * handling, FAR_S)), opens_at=int(case.early[c] + handling) if case.early[c] else 0,
        )
        for c in clients if case.demand[c, 0]
    )  # fmt: skip
    kinds, vehicles = [], []
    for number, kind in enumerate(case.fleet):
        kinds.append(
            VehicleType(
                f"k{number}", f"k{number}", 1, kind.capacity[0], 10**12, 1_000, SPEED, fixed_cost_fen=kind.fixed,
                cost_per_km_fen=100 * kind.per_distance,
            )
        )  # fmt: skip
        closes = min(kind.closes, int(case.late[kind.start]))
        until = None if closes >= NEVER else closes + handling
        vehicles += [
            Vehicle(f"k{number}-{n}", f"k{number}", ids[kind.start], free_until=until)
            for n in range(min(kind.count, VEHICLES_MAX))
        ]
    return Problem(
        instance.name, "2026-01-01T00:00:00+00:00", (Item("goods", "goods", 1, 1),),
        tuple(Site(name, name, name, loading_bays=1_000) for name in ids),
        tuple(Lot(f"S{d}", ids[d], "goods", "all", total) for d in range(case.depots)),
        lines, tuple(kinds), tuple(vehicles), tuple(Node(name, 0, 0) for name in ids), edges,
        rules=Rules(
            stop_fixed_s=handling - 60, packs_per_minute=10**9, drive_s_max_single=FAR_S, drive_s_max_double=FAR_S,
            horizon_s=FAR_S, late_s_max=0, waiting_fen_per_person_hour=0,
        ),
    )  # fmt: skip


def length(instance: Instance, metres: int) -> float:
    """Metres of a plan in the file's own convention."""
    return metres / METRES_A_SECOND / instance.scale
