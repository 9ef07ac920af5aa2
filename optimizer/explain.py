"""Why a line does not get all it asks for in time: the binding reasons first, with their figures.

A reason is named only when it is true of the plan as it is; quantities are in base units of the source's item.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from optimizer.allocate import Network, rooms
from optimizer.allocate.arcs import exchange, usable_items
from optimizer.assemble import Draft, served_in_time, served_late
from optimizer.model import Contract, DemandLine, LockMode, Lot
from optimizer.solution import Allocation, Gap, Reason, Why


def gaps(net: Network, made: Draft) -> tuple[Gap, ...]:
    """One gap for each line not fully served in time, or served although a lock on it fell short, in the problem's order."""
    got, late = served_in_time(net.problem, made), served_late(net.problem, made)
    plan = _Plan(net, made)
    found = []
    for place, line in enumerate(net.problem.lines):
        missing = line.quantity - got[line.id]
        if missing > 0:
            found.append(Gap(line.id, missing, late[line.id], tuple(_reasons(plan, place, line, missing))))
        elif broken := [reason for reason in _locks(plan, line) if reason.params["given"] < reason.params["quantity"]]:
            found.append(Gap(line.id, 0, 0, tuple(broken)))
    return tuple(found)


@dataclass(slots=True)
class _Account:
    """What is known of the goods behind one code."""

    quantity: int = 0
    sources: list[dict[str, object]] | None = None
    earliest_at: int | None = None
    by_item: dict[str, int] = field(default_factory=dict)
    """Goods of several kinds are never added up where they are told."""

    def add(self, source: Lot | Contract, quantity: int, **more: object) -> None:
        source_id, site_id = source.id, source.site_id
        self.quantity += quantity
        self.by_item[source.item_id] = self.by_item.get(source.item_id, 0) + quantity
        self.sources = self.sources or []
        if len(self.sources) < SOURCES_MAX:
            self.sources.append({"source_id": source_id, "site_id": site_id, "quantity": quantity} | more)
        arrival = more.get("earliest_at")
        if isinstance(arrival, int):
            self.earliest_at = arrival if self.earliest_at is None else min(self.earliest_at, arrival)

    def params(self) -> dict[str, object]:
        found: dict[str, object] = {"quantity": self.quantity, "sources": self.sources or []}
        if len(self.by_item) > 1:
            found["by_item"] = dict(sorted(self.by_item.items()))
        return found if self.earliest_at is None else found | {"earliest_at": self.earliest_at}


class _Plan:
    """Who has what of each source in the plan, and what is still free of it."""

    def __init__(self, net: Network, made: Draft) -> None:
        self.net = net
        problem = net.problem
        self.lines = {line.id: line for line in problem.lines}
        self.items = {item.id: item for item in problem.items}
        self.sources: dict[str, Lot | Contract] = {lot.id: lot for lot in problem.lots}
        self.sources |= {contract.id: contract for contract in problem.contracts}
        self._of_item: dict[str, list[Lot | Contract]] = defaultdict(list)
        for source in self.sources.values():
            self._of_item[source.item_id].append(source)
        self.taken: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._given: dict[str, list[Allocation]] = defaultdict(list)
        self.late: dict[tuple[str, str], int] = defaultdict(int)
        for allocation in made.allocations:
            self.taken[allocation.source_id][allocation.line_id] += allocation.quantity
            self._given[allocation.source_id].append(allocation)
            if allocation.is_late:
                self.late[allocation.source_id, allocation.line_id] += allocation.quantity
        self.got = served_in_time(problem, made)
        self.room = rooms(problem)
        """What every site can still send and take in, where that is limited."""
        for allocation in made.allocations:
            item = self.items[allocation.item_id]
            for room, each in (
                (
                    (True, self.sources[allocation.source_id].site_id),
                    0 if allocation.trip_no is None else item.unit_mass_g,
                ),
                ((False, self.lines[allocation.line_id].site_id), item.unit_volume_cm3),
            ):
                if room in self.room:
                    self.room[room] -= each * allocation.quantity
        self.locks = {(lock.source_id, lock.line_id): lock for lock in problem.locks}
        self.possible: dict[int, list[int]] = defaultdict(list)
        for arc in net.arcs:
            if arc.is_in_time:
                self.possible[arc.line].append(arc.supply)
        self._there: dict[tuple[str, str, str], int] = defaultdict(int)
        self._left = {
            source.id: source.quantity - sum(self.taken[source.id].values()) for source in self.sources.values()
        }
        for lot in problem.lots:
            self._there[lot.site_id, lot.item_id, lot.owner_id] += self._left[lot.id]
        self._floors = {(floor.site_id, floor.item_id, floor.owner_id): floor.quantity for floor in problem.floors}

    def free(self, supply_place: int) -> tuple[int, int]:
        """Of a supply: what may still leave, in whole steps, and what the floor keeps."""
        supply = self.net.supplies[supply_place]
        if supply.contract is not None:
            return self._free_of(supply_place, frozenset()), 0
        pool = (supply.site_id, supply.item_id, supply.owner_id)
        left, floor = self._left[supply.source_id], self._floors.get(pool, 0)
        above = max(self._there[pool] - floor, 0)
        free = min(left, above) // supply.step * supply.step
        return free, min(left - free, floor)

    def _free_of(self, supply_place: int, but_for: frozenset[str]) -> int:
        """What of a contract may still come as this step gives it, had some lines nothing of it."""
        supply = self.net.supplies[supply_place]
        assert supply.contract is not None
        steps = [step for step in supply.contract.steps if step.at >= supply.available_at]
        spare = min(step.quantity - self._come(supply.contract, step.at, but_for) for step in steps)
        return max(spare, 0) // supply.step * supply.step

    def could_have(self, line_place: int, source: Lot | Contract, takers: frozenset[str]) -> bool:
        """Would there be more of a source in time for a line, had these others nothing of it? What a contract gives later is no use."""
        if isinstance(source, Lot):
            return True
        steps = [place for place in self.possible[line_place] if self.net.supplies[place].source_id == source.id]
        return any(self._free_of(step, takers) > self._free_of(step, frozenset()) for step in steps)

    def has_room(self, supply_place: int, line: DemandLine) -> bool:
        """Can the place of a line take in the least that can be brought of a supply?"""
        supply = self.net.supplies[supply_place]
        volume = supply.step * self.items[supply.item_id].unit_volume_cm3
        return self.room.get((False, line.site_id), volume) >= volume

    def remnants(self, line: DemandLine) -> _Account:
        """What is left of goods the line could use and is too little to leave: no store or supplier lets out less than a pack."""
        found = _Account()
        for item_id in usable_items(line):
            item = self.items[item_id]
            for source in self._of_item[item_id]:
                pack = item.step if isinstance(source, Lot) else item.pack_quantity
                if 0 < self._left[source.id] < pack:
                    found.add(source, self._left[source.id], pack=pack)
        return found

    def _come(self, contract: Contract, at: int, but_for: frozenset[str]) -> int:
        """What lines, but for some, have of a contract by an instant; what the fleet fetches counts from the start."""
        return sum(
            row.quantity
            for row in self._given[contract.id]
            if row.line_id not in but_for and (row.trip_no is not None or row.arrives_at <= at)
        )


SOURCES_MAX = 12
ORDER = (
    Why.LOCKED, Why.MINIMUM_FILL, Why.PACKS, Why.PLACE_FULL, Why.STORE_BUSY, Why.EQUIPMENT, Why.VEHICLES,
    Why.HIGHER_CLASS, Why.SAME_CLASS, Why.FLOOR,
    Why.CONTRACT_MINIMUM, Why.CONTRACT_RAMP, Why.DEADLINE, Why.ROAD_LIMIT, Why.NO_ROAD, Why.RESTRICTED, Why.EXPIRED,
    Why.ALL_GIVEN, Why.NO_STOCK,
)  # fmt: skip
"""What binds first is named first: what the commander decided or could send now, then who has it, then what must stay, then
what comes too late or cannot come."""


def _reasons(plan: _Plan, place: int, line: DemandLine, missing: int) -> list[Reason]:
    found = _locks(plan, line)
    accounts: dict[Why, _Account] = defaultdict(_Account)
    takers: dict[Why, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    _of_possible(plan, place, line, accounts, takers)
    for refusal in plan.net.refusals(place):
        supply, params = plan.net.supplies[refusal.supply], refusal.reason.params
        if refusal.reason.code is Why.LOCKED:
            continue
        more = {key: params[key] for key in ("earliest_at", "expires_at", "available_at", "pack") if key in params}
        accounts[refusal.reason.code].add(plan.sources[supply.source_id], supply.quantity, **more)
    for code, account in accounts.items():
        params = dict(account.params())
        if code in takers:
            params["lines"] = [
                {"line_id": name, "quantity": quantity} for name, quantity in sorted(takers[code].items())
            ]
        if code in {Why.DEADLINE, Why.CONTRACT_RAMP, Why.VEHICLES}:
            params["due_at"] = line.due_at
        if code is Why.MINIMUM_FILL:
            params["minimum_fill"] = line.minimum_fill
        if code is Why.PACKS:
            params["missing"] = missing
        found.append(Reason(code, params))
    return (
        [_when_nothing_else(plan, place, line, missing)]
        if not found
        else sorted(found, key=lambda reason: ORDER.index(reason.code))
    )


def _when_nothing_else(plan: _Plan, place: int, line: DemandLine, missing: int) -> Reason:
    """Why a line is short although nobody of its class or above has what it lacks, and nothing is late or kept."""
    supplies = [plan.net.supplies[supply] for supply in plan.possible[place]]
    if any(taker != line.id for supply in supplies for taker in plan.taken[supply.source_id]):
        # others below it have the goods, on trips that cannot come by here in time
        return Reason(Why.VEHICLES, {"quantity": missing, "sources": [], "due_at": line.due_at})
    remnants = plan.remnants(line)
    if remnants.quantity:
        return Reason(Why.PACKS, remnants.params() | {"missing": missing})
    if not plan.got[line.id]:
        return Reason(Why.NO_STOCK, {"item_ids": usable_items(line)})
    return Reason(Why.ALL_GIVEN, {"item_ids": usable_items(line), "given": plan.got[line.id]})


def _locks(plan: _Plan, line: DemandLine) -> list[Reason]:
    """What the commander said of this line: pairs forbidden, capped, or asked for and not reached."""
    found = []
    for lock in plan.net.problem.locks:
        if lock.line_id == line.id:
            given = plan.taken[lock.source_id][line.id]
            params = {"source_id": lock.source_id, "mode": lock.mode.value, "quantity": lock.quantity, "given": given}
            if lock.mode is not LockMode.AT_LEAST or given < lock.quantity:
                found.append(Reason(Why.LOCKED, params))
    return found


def _of_possible(
    plan: _Plan,
    place: int,
    line: DemandLine,
    accounts: dict[Why, _Account],
    takers: dict[Why, dict[str, int]],
) -> None:
    """What became of the goods that could have been there in time."""
    obtainable = 0
    idle: list[tuple[int, int]] = []
    seen: dict[str, int] = {}
    for supply_place in plan.possible[place]:
        supply = plan.net.supplies[supply_place]
        source = plan.sources[supply.source_id]
        lock = plan.locks.get((supply.source_id, line.id))
        if lock is not None and lock.mode is not LockMode.AT_LEAST:
            continue
        free, kept = plan.free(supply_place)
        if supply.source_id in seen:
            # a contract's later step adds to what its earlier ones leave
            free, kept = max(free - seen[supply.source_id], 0), 0
        if kept:
            accounts[Why.FLOOR].add(source, kept)
        if free:
            gives, takes = exchange(line, supply.item_id)
            if free * gives < takes:
                accounts[Why.PACKS].add(source, free, pack=takes)
            else:
                obtainable += free * gives // takes
                idle.append((supply_place, free))
        if supply.source_id not in seen:
            taken = _of_takers(plan, source, place, accounts, takers)
            if kept + taken and not plan.has_room(supply_place, line):
                accounts[Why.PLACE_FULL].add(source, kept + taken)
            one_step = supply.contract is None or (supply.needs_vehicle and len(supply.contract.steps) == 1)
            if one_step and (late := plan.late[supply.source_id, line.id]):
                accounts[_held_back(plan, supply_place, line)].add(source, late)
        seen[supply.source_id] = seen.get(supply.source_id, 0) + free
    if not idle:
        return
    short = plan.got[line.id] == 0 and obtainable < line.minimum_fill
    for supply_place, free in idle:
        code = Why.MINIMUM_FILL if short else _held_back(plan, supply_place, line)
        accounts[code].add(plan.sources[plan.net.supplies[supply_place].source_id], free)


def _held_back(plan: _Plan, supply_place: int, line: DemandLine) -> Why:
    """Why free goods that could be there in time do not go: the limits of a site, the contract's smallest order, or no vehicle."""
    supply = plan.net.supplies[supply_place]
    item = plan.items[supply.item_id]
    if not plan.has_room(supply_place, line):
        return Why.PLACE_FULL
    mass = supply.step * item.unit_mass_g
    if supply.needs_vehicle and plan.room.get((True, supply.site_id), mass) < mass:
        return Why.STORE_BUSY
    if supply.contract is not None and not plan.taken[supply.source_id] and supply.contract.minimum_order > supply.step:
        return Why.CONTRACT_MINIMUM
    warm = item.needs_warmth and plan.net.problem.rules.is_freezing
    return Why.EQUIPMENT if item.needs_refrigeration or item.is_towed or warm else Why.VEHICLES


def _of_takers(
    plan: _Plan,
    source: Lot | Contract,
    place: int,
    accounts: dict[Why, _Account],
    takers: dict[Why, dict[str, int]],
) -> int:
    """Which other lines, not of a lower class, have goods of a source that could have been this line's; and how much of them."""
    line = plan.net.problem.lines[place]
    others = {
        taker_id: quantity
        for taker_id, quantity in plan.taken[source.id].items()
        if quantity and taker_id != line.id and plan.lines[taker_id].class_rank <= line.class_rank
    }
    if not others or not plan.could_have(place, source, frozenset(others)):
        return 0
    for taker_id, quantity in others.items():
        code = Why.HIGHER_CLASS if plan.lines[taker_id].class_rank < line.class_rank else Why.SAME_CLASS
        accounts[code].add(source, quantity)
        takers[code][taker_id] += quantity
    return sum(others.values())
