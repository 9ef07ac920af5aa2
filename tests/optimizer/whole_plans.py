"""Tiny problems, and whether any plan serves a class better than the one given: a program over all plans, sharing no code with the search.

A plan is some trips of each vehicle, one after the other, each with one loading site and up to three places in some order.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from math import lcm
from typing import Any

from ortools.sat.python import cp_model

from optimizer.model import (
    Carriage,
    Contract,
    DemandLine,
    Edge,
    Floor,
    Item,
    Lot,
    Node,
    Problem,
    Rules,
    Site,
    Step,
    Substitute,
    Terrain,
    Vehicle,
)
from tests.optimizer.make import HOUR, truck

STORES, VILLAGES = ("S0", "S1"), ("D0", "D1", "D2")
DAY = 24 * HOUR
TRIPS = 6
"""So many trips may a vehicle make."""
Weights = list[dict[str, int]]
"""A stage of the objective: the least of some sums over lines."""


def draw(seed: int) -> Problem:
    """Two to four lots and lines of three classes, substitutes with ratios, packs, floors, contracts by steps, one or two vehicles."""
    dice = random.Random(seed)
    names = STORES + VILLAGES
    count = dice.choice([1, 2, 2, 3])
    items = tuple(
        Item(
            f"i{k}", f"i{k}", 1000, 1000, pack_quantity=dice.choice([1, 1, 1, 2, 3]), is_splittable=dice.random() < 0.5
        )
        for k in range(count)
    )
    metres = {name: dice.choice([3, 5, 10, 15, 20, 30]) * 1000 for name in names}
    lots = tuple(
        Lot(
            f"L{k}", dice.choice(STORES), dice.choice(items).id, dice.choice(["city", "town"]), dice.randrange(1, 8),
            precedence=dice.randrange(3), available_at=dice.choice([0, 0, 0, HOUR, 2 * HOUR]),
            expires_at=dice.choice([None, None, 3 * HOUR, 6 * HOUR]), only_sites=(dice.choice(VILLAGES),) if dice.random() < 0.12 else (),
        )
        for k in range(dice.choice([2, 3, 3, 4]))
    )  # fmt: skip
    lines = tuple(_line(dice, k, [item.id for item in items]) for k in range(dice.choice([2, 3, 3, 4])))
    lines = tuple(replace(line, opens_at=0) if line.opens_at + HOUR >= line.due_at else line for line in lines)
    floors: tuple[Floor, ...] = ()
    if dice.random() < 0.3:
        floors = (Floor(dice.choice(STORES), dice.choice(items).id, "city", dice.randrange(1, 4)),)
    contracts: tuple[Contract, ...] = ()
    if dice.random() < 0.5:
        item, given = dice.choice(items), list(itertools.accumulate(dice.randrange(1, 5) for _ in range(3)))
        steps = (
            Step(dice.choice([0, HOUR]), given[0]),
            Step(2 * HOUR, given[1]),
            Step(dice.choice([3, 5]) * HOUR, given[2]),
        )
        steps = steps[: dice.choice([1, 2, 3])]
        site, carriage = dice.choice(STORES), dice.choice(list(Carriage))
        contracts = (
            Contract("C", item.id, "city", site, steps, carriage, minimum_order=dice.choice([0, 0, 3]), precedence=3),
        )
    kinds = (
        truck("small", payload_g=dice.choice([2, 3, 4]) * 1000),
        truck("large", payload_g=dice.choice([5, 8, 30]) * 1000),
    )
    fleet = tuple(
        Vehicle(
            f"V{k}", dice.choice(kinds).id, dice.choice(STORES), available_at=dice.choice([0, 0, HOUR]),
            free_until=dice.choice([None, None, 4 * HOUR, 7 * HOUR]),
        )
        for k in range(dice.choice([1, 1, 2]))
    )  # fmt: skip
    sites = tuple(
        Site(
            name, name, name.lower(), loading_bays=dice.choice([1, 2]), sends_g_max=dice.choice([None] * 5 + [3000]),
            takes_cm3_max=dice.choice([None] * 5 + [2000, 4000]),
        )
        for name in names
    )  # fmt: skip
    nodes = (Node("x", 44_000_000, 80_000_000), *(Node(name.lower(), 44_000_000, 80_000_000) for name in names))
    roads = tuple(Edge(f"e{name}", "x", name.lower(), metres[name], Terrain.PLAIN) for name in names)
    rules = Rules(
        stop_fixed_s=dice.choice([300, 600]),
        packs_per_minute=dice.choice([1, 2, 1000]),
        late_s_max=dice.choice([0, 2 * HOUR]),
    )
    start = "2026-01-12T00:00:00+00:00"
    return Problem(
        f"tiny-{seed}", start, items, sites, lots, lines, kinds, fleet, nodes, roads, floors, contracts, rules=rules
    )


def _line(dice: random.Random, number: int, item_ids: list[str]) -> DemandLine:
    item_id = dice.choice(item_ids)
    ratios = ((1, 1), (1, 2), (2, 1), (2, 3), (3, 2))
    substitutes = tuple(
        Substitute(other, *dice.choice(ratios)) for other in item_ids if other != item_id and dice.random() < 0.6
    )
    quantity = dice.randrange(1, 7)
    return DemandLine(
        f"W{number}", dice.choice(VILLAGES), item_id, quantity, dice.choice([1, 2, 3]), dice.choice([10, 20, 30]),
        dice.choice([1, 2, 2, 3, 4, 6, 12]) * HOUR, severity=dice.choice([1, 1, 2]),
        minimum_fill=dice.choice([0, 0, 0, quantity, min(2, quantity)]), substitutes=substitutes,
        opens_at=dice.choice([0, 0, 0, 0, HOUR]),
    )  # fmt: skip


def stages(problem: Problem) -> Iterator[tuple[str, Weights]]:
    """The objective of OPTIMIZER by classes: persons × fill, then the least level, the two least, and so on."""
    for rank in sorted({line.class_rank for line in problem.lines}):
        lines = [line for line in problem.lines if line.class_rank == rank]
        over = lcm(*(line.quantity for line in lines))
        yield f"class {rank}", [{line.id: line.persons * over // line.quantity for line in lines}]
        over = lcm(*(line.quantity * line.weight_permille for line in lines))
        level = {line.id: over // (line.quantity * line.weight_permille) for line in lines}
        for count in range(1, len(lines)):
            yield (
                f"levels {rank}",
                [{name: level[name] for name in some} for some in itertools.combinations(level, count)],
            )


def better(problem: Problem, got: dict[str, int]) -> tuple[str, dict[str, int]] | None:
    """The first stage in which a plan is better than one that serves lines so in time, and what lines get by it; None where none is."""
    plans = Plans(problem)
    for name, weights in stages(problem):
        mine = min(sum(each * got[line_id] for line_id, each in one.items()) for one in weights)
        goal = plans.model.new_int_var(mine, 10**12, "")
        for one in weights:
            plans.model.add(goal <= sum(each * plans.gets[line_id] for line_id, each in one.items()))
        plans.model.maximize(goal)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers, solver.parameters.random_seed = 1, 1
        solver.parameters.max_deterministic_time = 20.0
        status = solver.solve(plans.model)
        assert status != cp_model.INFEASIBLE, f"the plan serves {got}, and no plan here does"
        if status in {cp_model.OPTIMAL, cp_model.FEASIBLE} and solver.value(goal) > mine:
            return name, {line_id: solver.value(gets) for line_id, gets in plans.gets.items()}
    return None


class Plans:
    """All plans as a model; `gets` is what each line gets in time."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.model = problem, cp_model.CpModel()
        self.items = {item.id: item for item in problem.items}
        self.got: dict[str, list[Any]] = {line.id: [] for line in problem.lines}
        self.taken: dict[str, list[Any]] = {row.id: [] for row in (*problem.lots, *problem.contracts)}
        self.sent: dict[str, list[Any]] = {site.id: [] for site in problem.sites}
        self.come: dict[str, list[Any]] = {site.id: [] for site in problem.sites}
        self.given: list[list[Any]] = [[] for contract in problem.contracts for _ in contract.steps]
        """Of each step of the contract: what is taken before the next."""
        self.loading: dict[str, list[Any]] = {name: [] for name in STORES}
        minutes = {edge.end.upper(): -(-edge.length_m * 3600 // 60_000) for edge in problem.edges}
        self.seconds = lambda a, b: 0 if a == b else minutes[a] + minutes[b]
        self._deliveries()
        for vehicle in problem.vehicles:
            before = None
            for _ in range(TRIPS):
                before = self._trip(vehicle, before)
        self._limits()
        self.gets = {line.id: self._line(line) for line in problem.lines}

    def _amount(self, source: Lot | Contract, line: DemandLine) -> tuple[Any, Any] | None:
        """Units of a source at once for a line, and how many of them there are in a step; None where the line cannot use any."""
        item = self.items[source.item_id]
        ratio = (1, 1) if line.item_id == item.id else None
        for one in line.substitutes:
            ratio = (one.item_quantity, one.substitute_quantity) if one.item_id == item.id else ratio
        if ratio is None or (isinstance(source, Lot) and source.only_sites and line.site_id not in source.only_sites):
            return None
        unit = item.pack_quantity if isinstance(source, Contract) or not item.is_splittable else 1
        units = self.model.new_int_var(0, source.quantity // unit, "")
        serves = self.model.new_int_var(0, line.quantity, "")
        self.model.add(serves * ratio[1] <= units * unit * ratio[0])
        self.model.add(serves * ratio[1] > (units - 1) * unit * ratio[0])
        self.got[line.id].append(serves)
        self.taken[source.id].append(units * unit)
        self.come[line.site_id].append(units * unit * item.unit_volume_cm3)
        return units, unit

    def _deliveries(self) -> None:
        for contract in self.problem.contracts:
            for number, step in enumerate(contract.steps):
                for line in self.problem.lines if contract.carriage is Carriage.SUPPLIER else ():
                    if max(step.at, line.opens_at) <= line.due_at and (found := self._amount(contract, line)):
                        for later in range(number, len(contract.steps)):
                            self.given[later].append(found[0] * found[1])

    def _trip(self, vehicle: Vehicle, before: tuple[Any, Any] | None) -> tuple[Any, Any]:
        """One more trip of a vehicle after that one: whether it is made, and when it is back."""
        model, rules = self.model, self.problem.rules
        kind = next(kind for kind in self.problem.vehicle_types if kind.id == vehicle.type_id)
        base, seconds = vehicle.base_site_id, self.seconds
        used, start, back, departs = (
            model.new_bool_var(""), *(model.new_int_var(0, DAY, "") for _ in range(3))
        )  # fmt: skip
        loads_min = model.new_int_var(0, 60, "")
        begins = {name: model.new_int_var(0, DAY, "") for name in VILLAGES}
        minutes = {name: model.new_int_var(0, 60, "") for name in VILLAGES}
        ends = {name: begins[name] + rules.stop_fixed_s + 60 * minutes[name] for name in VILLAGES}
        loaded = start + rules.stop_fixed_s + 60 * loads_min
        origin: dict[str, list[Any]] = {name: [] for name in STORES}
        visits: dict[str, list[Any]] = {name: [] for name in VILLAGES}
        wanted = sorted({line.site_id for line in self.problem.lines})
        orders = [order for n in range(1, len(wanted) + 1) for order in itertools.permutations(wanted, n)]
        for store, order in itertools.product(STORES, orders):
            one = model.new_bool_var("")
            origin[store].append(one)
            model.add(departs == start - seconds(base, store)).only_enforce_if(one)
            at, here = loaded, store
            for name in order:
                visits[name].append(one)
                model.add(begins[name] >= at + seconds(here, name)).only_enforce_if(one)
                at, here = ends[name], name
            model.add(back >= at + seconds(here, base)).only_enforce_if(one)
        model.add(sum(one for ones in origin.values() for one in ones) == used)
        model.add(departs >= vehicle.available_at).only_enforce_if(used)
        model.add(back <= min(vehicle.free_until or DAY, DAY)).only_enforce_if(used)
        if before is not None:
            model.add(departs >= before[1]).only_enforce_if(used)
            model.add_implication(used, before[0])
        for store in STORES:
            here = model.new_bool_var("")
            model.add(sum(origin[store]) == here)
            length = rules.stop_fixed_s + 60 * loads_min
            self.loading[store].append(
                model.new_optional_interval_var(start, length, model.new_int_var(0, 2 * DAY, ""), here, "")
            )
        aboard, packs = [], {name: list[Any]() for name in VILLAGES}
        fetched = [one for one in self.problem.contracts if one.carriage is Carriage.FLEET]
        for source, line in itertools.product((*self.problem.lots, *fetched), self.problem.lines):
            found = self._amount(source, line)
            if found is None:
                continue
            units, unit = found
            item, last, on = self.items[source.item_id], line.due_at, model.new_bool_var("")
            model.add(units == 0).only_enforce_if(~on)
            if isinstance(source, Lot):
                model.add(start >= source.available_at).only_enforce_if(on)
                last = last if source.expires_at is None else min(last, source.expires_at - 1)
            else:
                for number, step in enumerate(source.steps):
                    self._draws(number, step, source, start, units, unit)
            for condition in (sum(origin[source.site_id]) >= 1, sum(visits[line.site_id]) >= 1):
                model.add(condition).only_enforce_if(on)
            model.add(begins[line.site_id] >= line.opens_at).only_enforce_if(on)
            model.add(ends[line.site_id] <= last).only_enforce_if(on)
            count = model.new_int_var(0, 20, "")
            model.add(count * item.pack_quantity >= units * unit)
            packs[line.site_id].append(count)
            aboard.append(units * unit * item.unit_mass_g)
            self.sent[source.site_id].append(units * unit * item.unit_mass_g)
        model.add(sum(aboard) <= kind.payload_g)
        model.add(loads_min * rules.packs_per_minute >= sum(one for some in packs.values() for one in some))
        for name in VILLAGES:
            model.add(minutes[name] * rules.packs_per_minute >= sum(packs[name]))
        return used, back

    def _draws(self, number: int, step: Step, contract: Contract, start: Any, units: Any, unit: int) -> None:
        """What is loaded before the next step gives more counts against what this one has given."""
        model = self.model
        counted = model.new_int_var(0, contract.quantity, "")
        self.given[number].append(counted)
        if number + 1 == len(contract.steps):
            model.add(counted == units * unit)
        else:
            is_later = model.new_bool_var("")
            model.add(start >= contract.steps[number + 1].at).only_enforce_if(is_later)
            model.add(counted == units * unit).only_enforce_if(~is_later)
        if number == 0:
            is_there = model.new_bool_var("")
            model.add(start >= step.at).only_enforce_if(is_there)
            model.add(units == 0).only_enforce_if(~is_there)

    def _limits(self) -> None:
        problem, model = self.problem, self.model
        for lot in problem.lots:
            model.add(sum(self.taken[lot.id]) <= lot.quantity)
        for contract in problem.contracts:
            for step, given in zip(contract.steps, self.given, strict=True):
                model.add(sum(given) <= step.quantity)
            is_called = model.new_bool_var("")
            model.add(sum(self.taken[contract.id]) >= contract.minimum_order).only_enforce_if(is_called)
            model.add(sum(self.taken[contract.id]) == 0).only_enforce_if(~is_called)
        for floor in problem.floors:
            key = (floor.site_id, floor.item_id, floor.owner_id)
            lots = [lot for lot in problem.lots if (lot.site_id, lot.item_id, lot.owner_id) == key]
            above = max(sum(lot.quantity for lot in lots) - floor.quantity, 0)
            model.add(sum(one for lot in lots for one in self.taken[lot.id]) <= above)
        for site in problem.sites:
            if site.sends_g_max is not None:
                model.add(sum(self.sent[site.id]) <= site.sends_g_max)
            if site.takes_cm3_max is not None:
                model.add(sum(self.come[site.id]) <= site.takes_cm3_max)
            if site.id in self.loading:
                spans = self.loading[site.id]
                model.add_cumulative(spans, [1] * len(spans), site.loading_bays)

    def _line(self, line: DemandLine) -> Any:
        model, gets = self.model, self.model.new_int_var(0, line.quantity, "")
        model.add(gets == sum(self.got[line.id]))
        is_useful = model.new_bool_var("")
        model.add(gets >= line.minimum_fill).only_enforce_if(is_useful)
        model.add(gets == 0).only_enforce_if(~is_useful)
        return gets
