"""What could help, drawn from the reasons of every gap; the same change asked for by several lines is one.

Bounds weed out here already: a vehicle or a road is named only where the goods could be there in time with it, an amount
never exceeds what is short.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from optimizer.allocate.arcs import exchange, usable_items
from optimizer.allocate.reach import holds
from optimizer.model import Contract, DemandLine, Lot, Problem, VehicleType
from optimizer.remedies.change import CUBIC_CM, GRAMS, MINUTE, Change
from optimizer.remedies.ways import Ways
from optimizer.remedy import EFFORT, Fix, Offer
from optimizer.solution import Gap, Reason, Solution, Why
from optimizer.travel import Roads

VEHICLES_MAX = 3
BAYS_MAX = 2
PLACES_MAX = 2
"""Stores looked at for each reason, those with most goods first."""
GOODS_LACK = {Why.NO_STOCK, Why.ALL_GIVEN, Why.HIGHER_CLASS, Why.SAME_CLASS, Why.FLOOR, Why.RESTRICTED, Why.EXPIRED,
              Why.CONTRACT_RAMP, Why.DEADLINE, Why.NO_ROAD, Why.ROAD_LIMIT, Why.PACKS, Why.MINIMUM_FILL}  # fmt: skip


def candidates(problem: Problem, solution: Solution, offers: Sequence[Offer], roads: Roads) -> list[Change]:
    """Everything worth a trial, in the order in which to try it."""
    found: dict[tuple[str, str], Change] = {}
    order: dict[tuple[str, str], tuple[int, int, int, int]] = {}
    drawer = _Drawer(problem, offers, roads)
    for gap in solution.gaps:
        if not gap.quantity:
            continue
        line = drawer.lines[gap.line_id]
        for place, change in drawer.of(gap):
            key = change.key
            rank = (line.class_rank, EFFORT.index(change.code), place, -line.persons)
            found[key] = _joined(found[key], change) if key in found else change
            order[key] = min(rank, order.get(key, rank))
    return [found[key] for key in sorted(found, key=lambda key: (order[key], key))]


def _joined(one: Change, two: Change) -> Change:
    """Lines of both. Amounts that each line needs for itself add up; seconds, vehicles and bays serve all."""
    lines = tuple(dict.fromkeys((*one.line_ids, *two.line_ids)))
    one = replace(one, hint=max(one.hint, two.hint))
    if lines == one.line_ids:
        return replace(one, most=max(one.most, two.most))
    adds = one.code in {Fix.ADD_CREWS, Fix.ADD_ROOM, Fix.LOWER_FLOOR, Fix.ADD_STOCK, Fix.TAKE_OFFER}
    most = one.most + two.most if adds else max(one.most, two.most)
    limit = one.params.get("available")
    return replace(one, line_ids=lines, most=most if limit is None else min(most, int(limit)))


def _minutes(seconds: int) -> int:
    """Whole minutes, rounded up."""
    return -(-seconds // MINUTE) * MINUTE


class _Drawer:
    def __init__(self, problem: Problem, offers: Sequence[Offer], roads: Roads) -> None:
        self.problem, self.offers, self.roads, self.ways = problem, offers, roads, Ways(problem)
        self.lines = {line.id: line for line in problem.lines}
        self.items = {item.id: item for item in problem.items}
        self.sources: dict[str, Lot | Contract] = {lot.id: lot for lot in problem.lots}
        self.sources |= {contract.id: contract for contract in problem.contracts}
        self.sites = {site.id: site for site in problem.sites}
        self.floors = {(f.site_id, f.item_id, f.owner_id): f.quantity for f in problem.floors}
        self.types = {kind.id: kind for kind in problem.vehicle_types}
        self.fleet = sorted({(v.type_id, v.base_site_id, v.available_at) for v in problem.vehicles})
        self.stores = sorted({lot.site_id for lot in problem.lots} | {v.base_site_id for v in problem.vehicles})

    def of(self, gap: Gap) -> Iterator[tuple[int, Change]]:
        """Changes that a gap's reasons ask for, with the reason's place."""
        line = self.lines[gap.line_id]
        for place, reason in enumerate(gap.reasons):
            for change in self._of_reason(line, gap, reason):
                yield place, change
        last = len(gap.reasons)
        if gap.late or any(reason.code in {Why.DEADLINE, Why.CONTRACT_RAMP, Why.VEHICLES} for reason in gap.reasons):
            yield last, self._deadline(line)
        if any(reason.code in GOODS_LACK for reason in gap.reasons):
            for change in self._goods(line, gap.quantity):
                yield last, change

    def _of_reason(self, line: DemandLine, gap: Gap, reason: Reason) -> Iterator[Change]:
        params, lines = reason.params, (line.id,)
        sources = [self.sources[each["source_id"]] for each in params.get("sources", ())]
        match reason.code:
            case Why.LOCKED:
                yield Change(Fix.LIFT_LOCK, {"source_id": params["source_id"], "line_id": line.id}, line_ids=lines)
            case Why.MINIMUM_FILL:
                yield Change(Fix.ACCEPT_LESS, {"line_id": line.id}, most=line.minimum_fill, line_ids=lines)
            case Why.PACKS:
                for item_id in dict.fromkeys(source.item_id for source in sources):
                    if not self.items[item_id].is_splittable:
                        yield Change(Fix.UNPACK, {"item_id": item_id}, line_ids=lines)
            case Why.FLOOR:
                yield from self._floors(line, gap.quantity, sources)
            case Why.STORE_BUSY | Why.PLACE_FULL:
                yield from self._room(line, gap.quantity, reason.code, sources)
            case Why.CONTRACT_MINIMUM:
                for source in sources:
                    if isinstance(source, Contract):
                        order = {"contract_id": source.id, "minimum_order": source.minimum_order}
                        yield Change(Fix.ORDER_MINIMUM, order, line_ids=lines)
            case Why.CONTRACT_RAMP:
                yield from self._forward(line, params["sources"])
            case Why.RESTRICTED:
                for source in sources:
                    yield Change(Fix.LIFT_RESTRICTION, {"lot_id": source.id}, line_ids=lines)
            case Why.EQUIPMENT | Why.VEHICLES | Why.EXPIRED | Why.DEADLINE | Why.ROAD_LIMIT | Why.NO_ROAD:
                yield from self._transport(line, reason.code, sources)
            case _:
                pass

    def _forward(self, line: DemandLine, named: Sequence[dict[str, Any]]) -> Iterator[Change]:
        """Sooner by what the last step named is late."""
        for each in named:
            source = self.sources[each["source_id"]]
            if isinstance(source, Contract):
                most = _minutes(max(step.at for step in source.steps))
                hint = _minutes(each.get("earliest_at", 0) - line.due_at)
                yield Change(Fix.BRING_FORWARD, {"contract_id": source.id}, MINUTE, most, (line.id,), hint=hint)

    def _floors(self, line: DemandLine, missing: int, sources: Sequence[Lot | Contract]) -> Iterator[Change]:
        for source in sources:
            kept = self.floors.get((source.site_id, source.item_id, source.owner_id), 0)
            step = self.items[source.item_id].step
            most = min(self._units(line, source.item_id, missing), kept)
            if most > 0:
                params = {
                    "site_id": source.site_id,
                    "item_id": source.item_id,
                    "owner_id": source.owner_id,
                    "available": kept,
                }
                yield Change(Fix.LOWER_FLOOR, params, step, most, (line.id,))

    def _room(self, line: DemandLine, missing: int, code: Why, sources: Sequence[Lot | Contract]) -> Iterator[Change]:
        """Kilograms that crews send more, litres that the place takes in more: what the missing goods weigh or fill."""
        most: dict[str, int] = {}
        for source in sources:
            item, units = self.items[source.item_id], self._units(line, source.item_id, missing)
            if code is Why.STORE_BUSY:
                most[source.site_id] = max(most.get(source.site_id, 0), -(-units * item.unit_mass_g // GRAMS))
            else:
                most[line.site_id] = max(most.get(line.site_id, 0), -(-units * item.unit_volume_cm3 // CUBIC_CM))
        fix = Fix.ADD_CREWS if code is Why.STORE_BUSY else Fix.ADD_ROOM
        for site_id, amount in list(most.items())[:PLACES_MAX]:
            yield Change(fix, {"site_id": site_id}, most=max(amount, 1), line_ids=(line.id,))

    def _units(self, line: DemandLine, item_id: str, missing: int) -> int:
        """Units of an item that make up for what is missing, in whole steps."""
        gives, takes = exchange(line, item_id)
        step = self.items[item_id].step
        units = -(-missing * takes // gives)
        return -(-units // step) * step

    def _transport(self, line: DemandLine, code: Why, sources: Sequence[Lot | Contract]) -> Iterator[Change]:
        given = sources or [lot for lot in self.problem.lots if lot.item_id in usable_items(line) and lot.quantity]
        lots = [source for source in given if isinstance(source, Lot) or not source.vehicle_type_id]
        places: dict[str, Lot | Contract] = {}
        for source in sorted(lots, key=lambda source: -source.quantity):
            places.setdefault(source.site_id, source)
        for site_id, source in list(places.items())[:PLACES_MAX]:
            if code is not Why.NO_ROAD:
                yield from self._vehicles(line, source)
            if code in {Why.EQUIPMENT, Why.VEHICLES}:
                yield Change(Fix.ADD_BAYS, {"site_id": site_id}, most=BAYS_MAX, line_ids=(line.id,))
        if code is Why.VEHICLES:
            for vehicle in self.problem.vehicles:
                if vehicle.drivers == 1 and not sources:
                    yield Change(Fix.SECOND_DRIVER, {"vehicle_id": vehicle.id}, line_ids=(line.id,))
                    break
        if code in {Why.NO_ROAD, Why.ROAD_LIMIT, Why.DEADLINE}:
            for source in list({source.site_id: source for source in given}.values())[:PLACES_MAX]:
                yield from self._roads(line, source, fastest=code is Why.DEADLINE)

    def _vehicles(self, line: DemandLine, source: Lot | Contract) -> Iterator[Change]:
        """The cheapest type that could bring it in time from the store, and the largest one."""
        item = self.items[source.item_id]
        fitting = [
            kind
            for kind in self.problem.vehicle_types
            if holds(kind, item, item.step, is_freezing=self.problem.rules.is_freezing)
            and self._stops(kind, source.site_id, line)
            and (drive := self.roads.time_s(kind.id, source.site_id, line.site_id)) is not None
            and self._in_time(line, source, drive)
        ]
        if fitting:
            cheapest = min(
                fitting, key=lambda kind: (kind.fixed_cost_fen, kind.cost_per_km_fen, kind.payload_g, kind.id)
            )
            largest = max(fitting, key=lambda kind: (kind.payload_g, kind.volume_cm3, kind.id))
            for kind in dict.fromkeys((cheapest.id, largest.id)):
                params = {"type_id": kind, "site_id": source.site_id}
                yield Change(Fix.ADD_VEHICLE, params, most=VEHICLES_MAX, line_ids=(line.id,))

    def _stops(self, kind: VehicleType, origin_id: str, line: DemandLine) -> bool:
        return kind.size_class <= min(
            line.size_class_max, self.sites[origin_id].size_class_max, self.sites[line.site_id].size_class_max
        )

    def _in_time(self, line: DemandLine, source: Lot | Contract, drive_s: int) -> bool:
        starts = source.available_at if isinstance(source, Lot) else source.steps[0].at
        expires = source.expires_at if isinstance(source, Lot) else None
        arrival = starts + 2 * self.problem.rules.handling_s(1) + drive_s
        return arrival <= line.due_at and (expires is None or arrival < expires)

    def _roads(self, line: DemandLine, source: Lot | Contract, *, fastest: bool) -> Iterator[Change]:
        item = self.items[source.item_id]
        fleet = {vehicle.type_id for vehicle in self.problem.vehicles}
        if isinstance(source, Contract) and source.vehicle_type_id:
            fleet = {source.vehicle_type_id}
        best: tuple[int, int, str, tuple[str, ...]] | None = None
        for kind in self.problem.vehicle_types:
            if kind.id not in fleet or not self._stops(kind, source.site_id, line):
                continue
            if not holds(kind, item, item.step, is_freezing=self.problem.rules.is_freezing):
                continue
            way = self.ways.cleared(kind, source.site_id, line.site_id, fastest=fastest)
            if way is None or not way[0] or (fastest and not self._in_time(line, source, way[1])):
                continue
            one = (len(way[0]), way[1], kind.id, way[0])
            best = one if best is None else min(best, one)
        if best is not None:
            yield Change(Fix.OPEN_ROADS, {"edge_ids": list(best[3])}, line_ids=(line.id,))

    def _deadline(self, line: DemandLine) -> Change:
        """Lines of one place with one due instant are put off together."""
        params = {"site_id": line.site_id, "due_at": line.due_at}
        most = _minutes(max(self.problem.rules.late_s_max, MINUTE))
        return Change(Fix.MOVE_DEADLINE, params, MINUTE, most, (line.id,))

    def _goods(self, line: DemandLine, missing: int) -> Iterator[Change]:
        """Goods from outside the plan, then plainly more of the item at the store from which it could be there first."""
        for offer in self.offers:
            source = offer.lot or offer.contract
            if source is not None and source.item_id in usable_items(line):
                most = min(self._units(line, source.item_id, missing), source.quantity)
                params = {
                    "source_id": source.id,
                    "item_id": source.item_id,
                    "because": offer.code,
                    "available": source.quantity,
                }
                step = self.items[source.item_id].step
                if most > 0:
                    yield Change(Fix.TAKE_OFFER, params | offer.params, step, most, (line.id,), offer)
        item = self.items[line.item_id]
        near = []
        for site_id in self.stores:
            lot = Lot("", site_id, line.item_id, "", missing)
            for type_id, base_id, available_at in self.fleet:
                kind = self.types[type_id]
                if site_id == line.site_id or not self._stops(kind, site_id, line):
                    continue
                if not holds(kind, item, item.step, is_freezing=self.problem.rules.is_freezing):
                    continue
                drive = self.roads.time_s(kind.id, site_id, line.site_id)
                come = self.roads.time_s(kind.id, base_id, site_id)
                if drive is not None and come is not None:
                    near.append(
                        (come + drive + available_at, site_id, self._in_time(line, lot, drive + come + available_at))
                    )
        if near and min(near)[2]:
            params = {"item_id": line.item_id, "site_id": min(near)[1]}
            yield Change(Fix.ADD_STOCK, params, item.step, self._units(line, line.item_id, missing), (line.id,))
