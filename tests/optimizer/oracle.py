"""The best allocation by trying every one: slow, simple, and sharing no code with the search but the list of possible pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from optimizer.allocate import Network, open_network
from optimizer.model import (
    Carriage,
    Contract,
    DemandLine,
    Edge,
    Floor,
    Item,
    Lock,
    LockMode,
    Lot,
    Node,
    Problem,
    Site,
    Step,
    Substitute,
    Terrain,
    Vehicle,
)
from optimizer.travel import Roads
from tests.optimizer.make import HOUR, truck

Given = dict[tuple[int, int], int]
"""Quantity by (place of the supply, place of the line)."""


def star(**changes: Any) -> Problem:
    """Stores S0 and S1 and villages D0, D1, D2 around one crossing, an empty shelf, and a truck at each store."""
    names = ("S0", "S1", "D0", "D1", "D2")
    metres = {"S0": 5_000, "S1": 25_000, "D0": 10_000, "D1": 15_000, "D2": 20_000}
    base = Problem(
        id="star", starts_at="2026-01-12T00:00:00+00:00",
        items=(Item("tent", "tent", 1_000, 1_000), Item("quilt", "quilt", 1_000, 1_000)),
        sites=tuple(Site(name, name, name.lower()) for name in names),
        lots=(), lines=(), vehicle_types=(truck(),),
        vehicles=(Vehicle("V0", "truck", "S0"), Vehicle("V1", "truck", "S1")),
        nodes=(Node("x", 44_000_000, 80_000_000), *(Node(name.lower(), 44_000_000, 80_000_000) for name in names)),
        edges=tuple(Edge(f"e{name}", "x", name.lower(), metres[name], Terrain.PLAIN) for name in names),
    )  # fmt: skip
    return replace(base, **changes)


def draw(dice: Any, *, plain: bool) -> Problem:
    """A tiny problem; `plain` ones have neither substitutes nor packs nor smallest quantities, so each is a network."""
    packs = 1 if plain else dice.choice([1, 1, 2, 3])
    items = (
        Item("tent", "tent", 1_000, 1_000, pack_quantity=packs, is_splittable=plain or dice.random() < 0.5),
        Item("quilt", "quilt", 1_000, 1_000),
    )
    lots = tuple(
        Lot(
            f"L{n}", dice.choice(["S0", "S1"]), "tent" if plain or n < 2 else "quilt", dice.choice(["city", "town"]), dice.randrange(0, 6),
            precedence=dice.randrange(3), available_at=dice.choice([0, 0, 2 * HOUR]), expires_at=dice.choice([None, 3 * HOUR, 90 * HOUR]),
            unit_price_fen=dice.choice([100, 300]), only_sites=("D0",) if dice.random() < 0.15 else (),
        )
        for n in range(3)
    )  # fmt: skip
    lines = tuple(
        DemandLine(
            f"W{n}", f"D{n}", "tent", dice.randrange(1, 6), dice.choice([1, 1, 2]), dice.choice([10, 20, 30]),
            dice.choice([2, 4, 12]) * HOUR, severity=dice.choice([1, 1, 2]),
            minimum_fill=0 if plain else dice.choice([0, 0, 1]),
            substitutes=() if plain else dice.choice([(), (Substitute("quilt", 1, 2),), (Substitute("quilt", 2, 3),), (Substitute("quilt", 2, 1),)]),
        )
        for n in range(3)
    )  # fmt: skip
    if not plain:
        lines = tuple(
            replace(line, minimum_fill=dice.choice([0, line.quantity, 2 if line.quantity > 1 else 0])) for line in lines
        )
    floors = (Floor("S0", "tent", "city", dice.randrange(1, 4)),) if dice.random() < 0.5 else ()
    contracts: tuple[Contract, ...] = ()
    if dice.random() < 0.5:
        steps = (Step(HOUR, 2), Step(6 * HOUR, 4))
        least = 0 if plain else dice.choice([0, 3])
        carriage = dice.choice([Carriage.SUPPLIER, Carriage.FLEET])
        contracts = (
            Contract("C", "tent", "city", "S1", steps, carriage, minimum_order=least, precedence=3, unit_price_fen=500),
        )
    locks: tuple[Lock, ...] = ()
    if dice.random() < 0.4:
        mode = dice.choice(list(LockMode))
        locks = (Lock("L0", f"W{dice.randrange(3)}", mode, 0 if mode is LockMode.FORBID else dice.randrange(1, 4)),)
    found = star(items=items, lots=lots, lines=lines, floors=floors, contracts=contracts, locks=locks)
    if plain:
        return found
    sites = tuple(
        replace(
            site, sends_g_max=dice.choice([None, None, 3_000]), takes_cm3_max=dice.choice([None, None, 2_000, 4_000])
        )
        for site in found.sites
    )
    return replace(found, sites=sites)


def every_allocation(net: Network) -> Iterator[Given]:
    """All that no rule of the goods forbids: in time, and late where the commander asks for the pair."""
    problem = net.problem
    asked_for = {
        (lock.source_id, lock.line_id) for lock in problem.locks if lock.mode in {LockMode.EXACTLY, LockMode.AT_LEAST}
    }
    arcs = [
        arc
        for arc in net.arcs
        if arc.is_in_time or (net.supplies[arc.supply].source_id, problem.lines[arc.line].id) in asked_for
    ]
    pools: dict[tuple[str, str, str], int] = defaultdict(int)
    for lot in problem.lots:
        pools[lot.site_id, lot.item_id, lot.owner_id] += lot.quantity
    for floor in problem.floors:
        pools[floor.site_id, floor.item_id, floor.owner_id] -= floor.quantity
    locks = {(lock.source_id, lock.line_id): lock for lock in problem.locks}

    def extend(
        place: int, given: Given, left: list[int], asked: list[Fraction], above: dict[Any, int]
    ) -> Iterator[Given]:
        if place == len(arcs):
            yield dict(given)
            return
        arc = arcs[place]
        supply = net.supplies[arc.supply]
        line = problem.lines[arc.line]
        pool = (supply.site_id, supply.item_id, supply.owner_id) if supply.contract is None else None
        lock = locks.get((supply.source_id, line.id))
        for quantity in range(0, left[arc.supply] + 1, arc.unit):
            serves = Fraction(quantity * arc.gives // arc.takes)
            previous = max(quantity - arc.unit, 0) * arc.gives // arc.takes
            given_before = sum(
                q for (s, w), q in given.items() if w == arc.line and net.supplies[s].source_id == supply.source_id
            )
            too_much = (
                lock and lock.mode in {LockMode.EXACTLY, LockMode.AT_MOST} and given_before + quantity > lock.quantity
            )
            if serves > asked[arc.line]:
                if previous >= asked[arc.line]:
                    break
                serves = asked[arc.line]  # the last unit may count for less
            if too_much or (pool and quantity > max(above[pool], 0)):
                break
            if quantity and serves <= previous:
                continue  # the same is served with a unit less
            left[arc.supply] -= quantity
            asked[arc.line] -= serves
            if pool:
                above[pool] -= quantity
            given[arc.supply, arc.line] = quantity
            yield from extend(place + 1, given, left, asked, above)
            del given[arc.supply, arc.line]
            left[arc.supply] += quantity
            asked[arc.line] += serves
            if pool:
                above[pool] += quantity

    start = [supply.quantity for supply in net.supplies]
    yield from extend(0, {}, start, [Fraction(line.quantity) for line in problem.lines], dict(pools))


def is_useful(net: Network, given: Given) -> bool:
    """Smallest quantities of lines and smallest orders of contracts hold, and limits of sites."""
    got = served(net, given)
    sent: dict[str, int] = defaultdict(int)
    come: dict[str, int] = defaultdict(int)
    for (place, line_place), quantity in given.items():
        supply = net.supplies[place]
        item = next(item for item in net.problem.items if item.id == supply.item_id)
        sent[supply.site_id] += quantity * item.unit_mass_g if supply.needs_vehicle else 0
        come[net.problem.lines[line_place].site_id] += quantity * item.unit_volume_cm3
    for site in net.problem.sites:
        if site.sends_g_max is not None and sent[site.id] > site.sends_g_max:
            return False
        if site.takes_cm3_max is not None and come[site.id] > site.takes_cm3_max:
            return False
    orders: dict[str, int] = defaultdict(int)
    for (supply, _), quantity in given.items():
        orders[net.supplies[supply].source_id] += quantity
    return all(
        got[place] == 0 or got[place] >= line.minimum_fill for place, line in enumerate(net.problem.lines)
    ) and all(
        orders[contract.id] == 0 or orders[contract.id] >= contract.minimum_order for contract in net.problem.contracts
    )


def served(net: Network, given: Given) -> list[int]:
    """What each line gets; the last unit may count for less."""
    got = [0] * len(net.problem.lines)
    by_pair = {(arc.supply, arc.line): arc for arc in net.arcs if arc.is_in_time}
    for (supply, line), quantity in given.items():
        if (supply, line) in by_pair:
            got[line] += by_pair[supply, line].serves(quantity)
    return [min(one, line.quantity) for one, line in zip(got, net.problem.lines, strict=True)]


def value(net: Network, given: Given) -> tuple[Any, ...]:
    """The objective down to the levels of the last class, and the shortfall of locks before it."""
    problem, got = net.problem, served(net, given)
    missed = 0
    for lock in problem.locks:
        if lock.mode in {LockMode.EXACTLY, LockMode.AT_LEAST}:
            place = next(at for at, line in enumerate(problem.lines) if line.id == lock.line_id)
            have = sum(q for (s, w), q in given.items() if w == place and net.supplies[s].source_id == lock.source_id)
            missed += max(lock.quantity - have, 0)
    worth: list[Any] = [-missed]
    for rank in sorted({line.class_rank for line in problem.lines}):
        places = [place for place, line in enumerate(problem.lines) if line.class_rank == rank]
        lines = [problem.lines[place] for place in places]
        worth.append(
            sum(Fraction(line.persons * got[place], line.quantity) for place, line in zip(places, lines, strict=True))
        )
        worth.append(
            tuple(
                sorted(
                    Fraction(got[place], line.quantity * line.weight_permille)
                    for place, line in zip(places, lines, strict=True)
                )
            )
        )
    return tuple(worth)


def later_value(net: Network, given: Given) -> tuple[Any, ...]:
    """Order of use rung by rung, arrival, cost; only for plain problems, where what is served is what is given."""
    problem = net.problem
    by_pair = {(arc.supply, arc.line): arc for arc in net.arcs}
    rungs: dict[int, Fraction] = defaultdict(Fraction)
    arrival, cost = Fraction(0), 0
    for (supply, place), quantity in given.items():
        line = problem.lines[place]
        gain = Fraction(line.persons * quantity, line.quantity)
        rungs[net.supplies[supply].precedence] += gain
        arrival += gain * by_pair[supply, place].arrives_at
        cost += quantity * net.supplies[supply].unit_price_fen
    return (*(rungs[rung] for rung in range(4)), -arrival, -cost)


def network_of(problem: Problem) -> Network:
    """The possible pairs."""
    return open_network(problem, Roads(problem))
