"""The compiled search made ready before anybody's seconds are counted."""

from __future__ import annotations

from optimizer.budget import Budget
from optimizer.jit import compiling
from optimizer.model import DemandLine, Edge, Item, Lot, Node, Problem, Site, Terrain, Vehicle, VehicleType
from optimizer.route import route
from optimizer.shipment import Shipper
from optimizer.travel import Roads


def make_ready() -> None:
    """Compile the search, or load it compiled: a minute once on a machine, less than a second later."""
    kind = VehicleType("k", "k", 1, 10, 10, 1, dict.fromkeys(Terrain, 36))
    problem = Problem(
        "ready", "2026-01-01T00:00:00+00:00", (Item("i", "i", 1, 1),), (Site("a", "a", "a"), Site("b", "b", "b")),
        (Lot("s", "a", "i", "o", 1),), (DemandLine("l", "b", "i", 1, 1, 1, 86_400),), (kind,), (Vehicle("v", "k", "a"),),
        (Node("a", 0, 0), Node("b", 0, 0)), (Edge("e", "a", "b", 1, Terrain.PLAIN),),
    )  # fmt: skip
    with compiling("route"):
        route(problem, Roads(problem), [Shipper(problem).shipment("s", "l", 1, 1, 0)], Budget(iterations=1), seed=0)
