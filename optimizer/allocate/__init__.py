"""Who gets what from which source: the goods' side of a plan, before vehicles.

`allocate(net, ...)` gives the best allocation in the strict order of the objective: for class 1, 2, ... the most persons ×
fill in time, then the least fill ÷ weight as high as it can be, then the next; over all classes the order of use, arrival,
cost and first expiry first out; then, from what is left, goods that can only come late, by class again. Items that share no
line are settled apart from each other, which changes nothing, as every stage adds up over them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from optimizer.allocate.arcs import MOVABLE_MAX, Arc, Network, network
from optimizer.allocate.part import Fixing, Offer, Part, Room, burdens, fixings, groups, look_of
from optimizer.allocate.reach import Reach
from optimizer.allocate.stages import Grant, settle
from optimizer.emphasis import Emphasis
from optimizer.model import DemandLine, Problem
from optimizer.travel import Roads

__all__ = [
    "Allotment",
    "Grant",
    "Limits",
    "Network",
    "Reach",
    "allocate",
    "best_offer",
    "network",
    "open_network",
    "rooms",
]

Pair = tuple[str, str, str]
"""(origin site, item, line id): goods that vehicles take from there to that line."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What routing has found out: the most that vehicles bring, in time and late; lines and contracts that get too little."""

    in_time: Mapping[Pair, int] = field(default_factory=dict)
    late: Mapping[Pair, int] = field(default_factory=dict)
    barred_lines: frozenset[str] = frozenset()
    """Lines that would get less than they can use."""
    barred_contracts: frozenset[str] = frozenset()
    """Contracts that would be called off for less than their smallest order."""


@dataclass(frozen=True, slots=True)
class Allotment:
    """What is granted: `in_time` so that it can be there by then, `late` from what is left over."""

    in_time: tuple[Grant, ...]
    late: tuple[Grant, ...]


def open_network(problem: Problem, roads: Roads, emphasis: Emphasis = Emphasis.USUAL) -> Network:
    """The pairs of a problem that are possible over these roads, and what is stressed when goods are given out."""
    return network(problem, Reach(problem, roads), emphasis)


def allocate(net: Network, limits: Limits | None = None, *, seed: int = 0) -> Allotment:
    """The best allocation within the limits."""
    limits = limits or Limits()
    offer = best_offer(net, limits)
    locked = {(fixing.source_id, fixing.line) for fixing in offer.fixings if fixing.least}
    arcs = [arc for arc in net.arcs if arc.is_in_time or (net.supplies[arc.supply].source_id, arc.line) in locked]
    first = _settle_all(net, arcs, offer, seed)
    in_time = tuple(grant for grant in first if grant.arc.is_in_time)
    rest = _rest(net, offer, first, limits)
    again = [
        replace(arc, is_in_time=True) for arc in net.arcs if not arc.is_in_time or _pair(net, arc) in limits.in_time
    ]
    late = [grant for grant in first if not grant.arc.is_in_time]
    late += [replace(grant, arc=replace(grant.arc, is_in_time=False)) for grant in _settle_all(net, again, rest, seed)]
    return Allotment(in_time, tuple(late))


def best_offer(net: Network, limits: Limits) -> Offer:
    """All there is and all that is asked."""
    problem = net.problem
    there: dict[tuple[str, str, str], int] = {}
    for supply in net.supplies:
        if supply.contract is None:
            pool = (supply.site_id, supply.item_id, supply.owner_id)
            there[pool] = there.get(pool, 0)
    for lot in problem.lots:
        pool = (lot.site_id, lot.item_id, lot.owner_id)
        if pool in there:
            there[pool] += lot.quantity
    pools = {
        pool: max(there[pool] - floor.quantity, 0)
        for floor in problem.floors
        if (pool := (floor.site_id, floor.item_id, floor.owner_id)) in there
    }
    return Offer(
        left=[0 if supply.source_id in limits.barred_contracts else supply.quantity for supply in net.supplies],
        pools=pools,
        asked=[_asked(line, limits) for line in problem.lines],
        minimum_fill=[line.minimum_fill for line in problem.lines],
        minimum_order={contract.id: contract.minimum_order for contract in problem.contracts},
        rooms=rooms(problem),
        limits=dict(limits.in_time),
        fixings=fixings(net),
    )


def _asked(line: DemandLine, limits: Limits) -> int:
    """What may be granted: nothing where less than what is of use could come."""
    useless = line.id in limits.barred_lines or line.minimum_fill > MOVABLE_MAX
    return 0 if useless else min(line.quantity, MOVABLE_MAX)


def rooms(problem: Problem) -> dict[Room, int]:
    """The limits of sites that are stated. What trips that stand send and bring is within them, as it happens whatever is stated."""
    found = {(True, site.id): site.sends_g_max for site in problem.sites}
    found |= {(False, site.id): site.takes_cm3_max for site in problem.sites}
    stands = _standing_burden(problem)
    return {room: max(most, stands.get(room, 0)) for room, most in found.items() if most is not None}


def _standing_burden(problem: Problem) -> dict[Room, int]:
    if not problem.standing:
        return {}
    items = {item.id: item for item in problem.items}
    item_of = {lot.id: items[lot.item_id] for lot in problem.lots}
    item_of |= {contract.id: items[contract.item_id] for contract in problem.contracts}
    site_of = {line.id: line.site_id for line in problem.lines}
    found: dict[Room, int] = {}
    for trip in problem.standing:
        for load in trip.loads:
            item = item_of[load.source_id]
            out, into = (True, trip.origin_id), (False, site_of[load.line_id])
            found[out] = found.get(out, 0) + load.quantity * item.unit_mass_g
            found[into] = found.get(into, 0) + load.quantity * item.unit_volume_cm3
    return found


def _settle_all(net: Network, arcs: list[Arc], offer: Offer, seed: int) -> list[Grant]:
    found: list[Grant] = []
    for together in groups(net, arcs, offer):
        key = (seed, look_of(net, together, offer))
        if key not in net.settled:
            net.settled[key] = tuple(settle(Part(net, together, offer), seed))
        found.extend(net.settled[key])
    return found


def _pair(net: Network, arc: Arc) -> Pair:
    supply = net.supplies[arc.supply]
    return supply.site_id, supply.item_id, net.problem.lines[arc.line].id


def _rest(net: Network, offer: Offer, granted: list[Grant], limits: Limits) -> Offer:
    """What is left for goods that come late."""
    left, asked, pools, orders = list(offer.left), list(offer.asked), dict(offer.pools), dict(offer.minimum_order)
    fill, late, left_rooms = list(offer.minimum_fill), dict(limits.late), dict(offer.rooms)
    given: dict[tuple[str, int], int] = {}
    for grant in granted:
        supply = net.supplies[grant.arc.supply]
        left[grant.arc.supply] -= grant.quantity
        asked[grant.arc.line] -= grant.serves
        fill[grant.arc.line] = max(fill[grant.arc.line] - grant.serves, 0)
        orders[supply.source_id] = max(orders.get(supply.source_id, 0) - grant.quantity, 0)
        pool = (supply.site_id, supply.item_id, supply.owner_id)
        if supply.contract is None and pool in pools:
            pools[pool] -= grant.quantity
        for room, each in burdens(net, grant.arc, left_rooms):
            left_rooms[room] -= each * grant.quantity
        key = (supply.source_id, grant.arc.line)
        given[key] = given.get(key, 0) + grant.quantity
    _owe_earlier_steps(left)
    locks = [
        Fixing(
            fixing.source_id, fixing.line,
            max(fixing.least - given.get((fixing.source_id, fixing.line), 0), 0),
            None if fixing.most is None else max(fixing.most - given.get((fixing.source_id, fixing.line), 0), 0),
        )
        for fixing in offer.fixings
    ]  # fmt: skip
    return Offer(left, pools, asked, fill, orders, left_rooms, late, locks)


def _owe_earlier_steps(left: list[int]) -> None:
    """What was granted of a contract's step beyond what it adds is what earlier steps had left."""
    for place in reversed(range(1, len(left))):
        if left[place] < 0:  # steps of a contract follow each other
            left[place - 1] += left[place]
            left[place] = 0
