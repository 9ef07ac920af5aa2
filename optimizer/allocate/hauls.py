"""What it costs to drive goods from a store to a place, roughly: a full load of the cheapest vehicle that gets there."""

from __future__ import annotations

import numpy as np

from optimizer.allocate.lp import Reals
from optimizer.allocate.part import Part


def hauls(part: Part) -> Reals:
    """Fen for a unit on each arc; nothing where the supplier drives. Trips are not known yet, so a part of a load pays its part."""
    net = part.net
    roads, problem = net.reach.roads, net.problem
    used = {vehicle.type_id for vehicle in problem.vehicles}
    kinds = [kind for kind in problem.vehicle_types if kind.id in used and kind.payload_g > 0]
    found: dict[tuple[str, str], float] = {}
    costs = np.zeros(len(part.arcs))
    for place, arc in enumerate(part.arcs):
        supply, line = net.supplies[arc.supply], problem.lines[arc.line]
        if not supply.needs_vehicle:
            continue
        way = (supply.site_id, line.site_id)
        if way not in found:
            metres = ((roads.distance_m(kind.id, *way), kind) for kind in kinds)
            each = [far * kind.cost_per_km_fen / 1000 / kind.payload_g for far, kind in metres if far is not None]
            found[way] = min(each, default=0.0)
        costs[place] = found[way] * arc.unit * net.items[supply.item_id].unit_mass_g
    return costs
