"""What no plan can beat: the most of each class that goods alone allow, given what the classes above it got.

Vehicles are left out and quantities may be broken, so every plan is inside; the answer is rounded up.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import numpy as np

from optimizer.allocate import Limits, best_offer
from optimizer.allocate.arcs import Network
from optimizer.allocate.part import Part, groups
from optimizer.allocate.whole import gains


def bounds(net: Network, got: dict[str, int], *, seed: int = 0) -> dict[int, int]:
    """By class: Σ persons × fill ÷ Σ persons in ‰ that no plan passes which gives the classes above it what `got` says."""
    offer = best_offer(net, Limits())
    offer.fixings = [fixing for fixing in offer.fixings if fixing.most is not None]
    lines = net.problem.lines
    most: dict[int, float] = {line.class_rank: 0.0 for line in lines}
    for together in groups(net, [arc for arc in net.arcs if arc.is_in_time], offer):
        part = Part(net, together, offer)
        program = part.relaxed(seed)
        lower, upper = program.lower.copy(), program.upper.copy()
        ranks = [lines[line].class_rank for line in part.lines]
        for rank in sorted(set(ranks)):
            places = [place for place, found in enumerate(ranks) if found == rank]
            costs = np.zeros(program.columns)
            for column, gain in gains(part, places):
                costs[column] = gain
            program.bound(lower, upper)
            found = program.maximise(costs)
            for place in places:
                line = lines[part.lines[place]]
                column = part.base + place
                reached = part.asked(place) if found is None else float(found[column])
                most[rank] += min(reached * part.scale, line.quantity) * line.persons / line.quantity
                lower[column] = upper[column] = -(-got[line.id] // part.scale)
    persons = {rank: sum(line.persons for line in lines if line.class_rank == rank) for rank in most}
    return {
        rank: min(1000, ceil(Fraction(1000 * value / persons[rank]) - Fraction(1, 10**6)))
        for rank, value in most.items()
    }
