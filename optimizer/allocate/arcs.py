"""Which source can serve which line, from when on, and why the others cannot.

A source is a lot or one step of a contract: what a step adds is goods of their own, available from its instant on, so a line
can never use what a contract gives after it is due. A pair is possible when some vehicle of the fleet that may use the
roads, both yards and the place of the request, and can hold the goods, gets there in time with its smallest load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import gcd
from typing import Any

from optimizer.allocate.reach import Reach
from optimizer.emphasis import Emphasis
from optimizer.model import Carriage, Contract, DemandLine, Item, LockMode, Lot, Problem
from optimizer.solution import Reason, Why

MOVABLE_MAX = 10**13
"""More than this of one thing nobody moves: what is asked for and offered beyond it is left out, so that figures stay exact."""


@dataclass(frozen=True, slots=True)
class Supply:
    """A lot, or what one step of a contract adds, in base units that may move (whole steps only)."""

    source_id: str
    item_id: str
    owner_id: str
    site_id: str
    quantity: int
    step: int
    available_at: int
    expires_at: int | None
    precedence: int
    unit_price_fen: int
    only_sites: frozenset[str]
    needs_vehicle: bool
    contract: Contract | None = None


@dataclass(frozen=True, slots=True)
class Arc:
    """A supply can bring whole `unit`s to a line (both by place); `takes` base units of it count as `gives` of what is asked."""

    supply: int
    line: int
    arrives_at: int
    is_in_time: bool
    unit: int
    gives: int = 1
    takes: int = 1

    def serves(self, quantity: int) -> int:
        """What so much of the supply counts for the line."""
        return quantity * self.gives // self.takes


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a supply cannot serve a line in time. `can_be_late`: it can come after the due instant."""

    supply: int
    line: int
    reason: Reason
    can_be_late: bool = False


@dataclass(slots=True)
class Network:
    """All supplies, and the possible pairs; the refused ones are worked out when asked for."""

    problem: Problem
    reach: Reach
    supplies: list[Supply]
    arcs: list[Arc]
    items: dict[str, Item]
    emphasis: Emphasis = Emphasis.USUAL
    by_item: dict[str, list[int]] = field(default_factory=dict)
    """Places of the supplies of each item."""
    usable: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Sources that could serve each line, early or late."""
    brought_in_time: dict[str, list[Arc]] = field(default_factory=lambda: defaultdict(list))
    """Pairs by which a supplier can bring each line something in time."""
    forbidden: frozenset[tuple[str, str]] = frozenset()
    """What the commander said must not be: source and line."""
    hurries: Callable[[], bool] = lambda: False
    """Is it time to hand out roughly what is hard to hand out exactly?"""
    settled: dict[object, tuple[Any, ...]] = field(default_factory=dict)
    """Answers of parts, by everything they depend on: a further round asks again only where something changed."""

    def refusals(self, line: int) -> Iterator[Refusal]:
        """Every supply of an item the line could use that cannot be there in time, with the reason."""
        asked = self.problem.lines[line]
        for item_id in usable_items(asked):
            exchanged = exchange(asked, item_id)
            for place in self.by_item.get(item_id, ()):
                found = _judge(self, place, line, exchanged)
                if isinstance(found, Refusal):
                    yield found


def usable_items(line: DemandLine) -> list[str]:
    """The item asked for, then those that may stand in."""
    return [line.item_id, *(substitute.item_id for substitute in line.substitutes)]


def network(problem: Problem, reach: Reach, emphasis: Emphasis = Emphasis.USUAL) -> Network:
    """Find every pair that can be in time or late but still worth bringing."""
    items = {item.id: item for item in problem.items}
    supplies = [*(_of_lot(lot, items[lot.item_id]) for lot in problem.lots)]
    for contract in problem.contracts:
        supplies.extend(_of_contract(contract, items[contract.item_id]))
    supplies = [supply for supply in supplies if supply.quantity > 0]
    by_item: dict[str, list[int]] = defaultdict(list)
    for place, supply in enumerate(supplies):
        by_item[supply.item_id].append(place)
    net = Network(problem, reach, supplies, [], items, emphasis, dict(by_item), forbidden=_forbidden(problem))
    for line, asked in enumerate(problem.lines):
        for item_id in usable_items(asked):
            exchanged = exchange(asked, item_id)
            for place in net.by_item.get(item_id, ()):
                found = _judge(net, place, line, exchanged)
                if isinstance(found, Arc):
                    net.arcs.append(found)
                elif found.can_be_late:
                    arrival = int(found.reason.params["earliest_at"])
                    net.arcs.append(_arc(net, place, line, arrival, exchanged, is_in_time=False))
    for arc in net.arcs:
        line_id, supply = problem.lines[arc.line].id, supplies[arc.supply]
        net.usable[line_id].add(supply.source_id)
        if arc.is_in_time and not supply.needs_vehicle:
            net.brought_in_time[line_id].append(arc)
    return net


def last_instant(line: DemandLine, expires_at: int | None, horizon_s: int, *, late_s: int = 0) -> int:
    """The last instant at which goods of that expiry still count: due (plus lateness allowed), unexpired, inside the horizon."""
    last = min(line.due_at + late_s, horizon_s)
    return last if expires_at is None else min(last, expires_at - 1)


def _of_lot(lot: Lot, item: Item) -> Supply:
    return Supply(
        source_id=lot.id, item_id=lot.item_id, owner_id=lot.owner_id, site_id=lot.site_id,
        quantity=min(lot.quantity, MOVABLE_MAX) // item.step * item.step, step=item.step, available_at=lot.available_at,
        expires_at=lot.expires_at, precedence=lot.precedence, unit_price_fen=lot.unit_price_fen,
        only_sites=frozenset(lot.only_sites), needs_vehicle=True,
    )  # fmt: skip


def _of_contract(contract: Contract, item: Item) -> Iterator[Supply]:
    pack, given = item.pack_quantity, 0
    for step in contract.steps:
        whole = min(step.quantity, MOVABLE_MAX) // pack * pack
        yield Supply(
            source_id=contract.id, item_id=contract.item_id, owner_id=contract.owner_id, site_id=contract.site_id,
            quantity=whole - given, step=pack, available_at=step.at, expires_at=None, precedence=contract.precedence,
            unit_price_fen=contract.unit_price_fen, only_sites=frozenset(),
            needs_vehicle=contract.carriage is Carriage.FLEET, contract=contract,
        )  # fmt: skip
        given = whole


def _forbidden(problem: Problem) -> frozenset[tuple[str, str]]:
    return frozenset((lock.source_id, lock.line_id) for lock in problem.locks if lock.mode is LockMode.FORBID)


def _judge(net: Network, place: int, line: int, exchanged: tuple[int, int]) -> Arc | Refusal:
    supply, asked, rules = net.supplies[place], net.problem.lines[line], net.problem.rules
    said: dict[str, Any] = {"source_id": supply.source_id, "quantity": supply.quantity}
    if net.forbidden and (supply.source_id, asked.id) in net.forbidden:
        return Refusal(place, line, Reason(Why.LOCKED, said))
    if supply.only_sites and asked.site_id not in supply.only_sites:
        return Refusal(place, line, Reason(Why.RESTRICTED, said))
    gives, takes = exchanged
    if _at_once(supply, asked) * gives < takes:
        return Refusal(place, line, Reason(Why.PACKS, said | {"pack": takes}))
    way = net.reach.way(supply, asked)
    if way.why is not None:
        return Refusal(place, line, Reason(way.why, said))
    if supply.expires_at is not None and way.arrives_at >= supply.expires_at:
        params = said | {"expires_at": supply.expires_at, "earliest_at": way.arrives_at}
        return Refusal(place, line, Reason(Why.EXPIRED, params))
    if way.arrives_at <= last_instant(asked, supply.expires_at, rules.horizon_s):
        return _arc(net, place, line, way.arrives_at, exchanged, is_in_time=True)
    late_until = last_instant(asked, supply.expires_at, rules.horizon_s, late_s=rules.late_s_max)
    code = Why.CONTRACT_RAMP if _waits_for_contract(supply, way.arrives_at, asked) else way.slow_by
    params = said | {"earliest_at": way.arrives_at, "due_at": asked.due_at, "available_at": supply.available_at}
    return Refusal(place, line, Reason(code, params), can_be_late=way.arrives_at <= late_until)


def _at_once(supply: Supply, asked: DemandLine) -> int:
    """What may come together with it: what other steps of its contract have given by the time the line is due, too."""
    if supply.contract is None:
        return supply.quantity
    at = max(asked.due_at, supply.available_at)
    return max(step.quantity for step in supply.contract.steps if step.at <= at)


def _waits_for_contract(supply: Supply, arrives_at: int, asked: DemandLine) -> bool:
    """Would it be in time, did the contract give it at once?"""
    return supply.contract is not None and arrives_at - supply.available_at <= asked.due_at < arrives_at


def _arc(net: Network, place: int, line: int, arrives_at: int, exchanged: tuple[int, int], *, is_in_time: bool) -> Arc:
    return Arc(
        place, line, arrives_at, is_in_time, net.supplies[place].step, *counted(net.problem.lines[line], exchanged)
    )


def counted(line: DemandLine, exchanged: tuple[int, int]) -> tuple[int, int]:
    """`exchange` for choosing: where one unit is all that is asked for, it counts for no more than that."""
    gives, takes = exchanged
    return (min(line.quantity, MOVABLE_MAX), 1) if gives >= line.quantity * takes else (gives, takes)


def exchange(line: DemandLine, item_id: str) -> tuple[int, int]:
    """How an item counts for a line: so much served for so much given, in lowest terms."""
    if item_id == line.item_id:
        return 1, 1
    substitute = next(found for found in line.substitutes if found.item_id == item_id)
    shared = gcd(substitute.item_quantity, substitute.substitute_quantity)
    return substitute.item_quantity // shared, substitute.substitute_quantity // shared
