"""Strict order of classes on the final plan: no unit of a lower class is served while a feasible unit of a higher one is not.

Feasible is judged where it can be seen in the plan itself, without planning anew:
(a) goods that ride past, or to, the poorer line's site for a lower class could have been its own;
(b) free goods could take the place of lower-class goods on a trip that goes from their site to the line's in time;
(c) free goods fit on such a trip as it is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from optimizer.check.book import Book
from optimizer.check.supply import given_by
from optimizer.check.trips import handling_s
from optimizer.model import DemandLine, Item, Lot
from optimizer.solution import Allocation, Stop, Trip


def check_priority(book: Book) -> None:
    """Look at every line that is not fully served in time."""
    plan = _Plan(book)
    for line in book.problem.lines:
        missing = line.quantity - book.served_in_time(line)
        if missing:
            book.checked["priority"] += 1
            missing -= _late_by_word(book, line)
            _diverted(book, plan, line, missing)
            _displaced(book, plan, line, missing)


def _late_by_word(book: Book, line: DemandLine) -> int:
    """What the commander's word brings a line late: it counts for the line and may not make way for what could be in time."""
    rows = [row for row in book.by_line.get(line.id, ()) if book.fixed(row.source_id, line.id)]
    return sum(row.serves for row in rows if not book.in_time(row))


@dataclass(frozen=True, slots=True)
class _Visit:
    trip: Trip
    loading: Stop
    unloading: Stop


class _Plan:
    """The plan by delivery site and loading site; what is free; what is aboard."""

    def __init__(self, book: Book) -> None:
        self.book = book

    @cached_property
    def visits(self) -> dict[str, list[_Visit]]:
        """Trips that unload at a site."""
        found: dict[str, list[_Visit]] = defaultdict(list)
        for trip in self.book.solution.trips:
            working = [stop for stop in trip.stops if stop.loads]
            for stop in working[1:]:
                found[stop.site_id].append(_Visit(trip, working[0], stop))
        return found

    @cached_property
    def free(self) -> dict[str, int]:
        """What may still leave each lot, floors respected (each lot looked at alone)."""
        book = self.book
        left = {
            lot.id: lot.quantity - sum(a.quantity for a in book.by_source.get(lot.id, ())) for lot in book.problem.lots
        }
        groups: dict[tuple[str, str, str], int] = defaultdict(int)
        for lot in book.problem.lots:
            groups[lot.site_id, lot.item_id, lot.owner_id] += left[lot.id]
        for floor in book.problem.floors:
            key = (floor.site_id, floor.item_id, floor.owner_id)
            if key in groups:
                groups[key] = max(groups[key] - floor.quantity, 0)
        return {lot.id: min(left[lot.id], groups[lot.site_id, lot.item_id, lot.owner_id]) for lot in book.problem.lots}

    def aboard(self, trip: Trip) -> list[Allocation]:
        """What a trip carries."""
        return [a for a in self.book.solution.allocations if a.trip_no == trip.no]


def _wanted(book: Book, line: DemandLine, source_id: str, missing: int) -> int:
    """How much of a source would make the line better off, in units of the source; 0 where it cannot use any."""
    counts = book.substitution(line, book.item_of(source_id).id)
    if counts is None or book.fixed(source_id, line.id):
        return 0
    serves = max(1, line.minimum_fill - book.served_in_time(line))
    if serves > missing:
        return 0
    step = book.step_of(source_id)
    quantity = -(-serves * counts.substitute_quantity // counts.item_quantity)
    quantity = -(-quantity // step) * step
    return quantity if quantity * counts.item_quantity // counts.substitute_quantity <= missing else 0


def _diverted(book: Book, plan: _Plan, line: DemandLine, missing: int) -> None:
    """(a): lower-class goods that come to the same site, or pass it, in time."""
    for place, allocation in enumerate(book.solution.allocations):
        other = book.lines[allocation.line_id]
        if other.class_rank <= line.class_rank or book.fixed(allocation.source_id, allocation.line_id):
            continue
        if allocation.trip_no in book.standing_trips:
            continue
        wanted = _wanted(book, line, allocation.source_id, missing)
        if not 0 < wanted <= allocation.quantity:
            continue
        if _could_have_had(book, plan, line, allocation, wanted):
            book.violation(
                "higher_class_passed_over", f"line {line.id}", allocation=place, served_line=other.id, quantity=wanted
            )


def _could_have_had(book: Book, plan: _Plan, line: DemandLine, allocation: Allocation, wanted: int) -> bool:
    volume = wanted * book.item_of(allocation.source_id).unit_volume_cm3
    if book.lines[allocation.line_id].site_id != line.site_id and volume > book.room_at(None, line.site_id)[1]:
        return False
    lot = book.lots.get(allocation.source_id)
    if lot is not None and lot.only_sites and line.site_id not in lot.only_sites:
        return False
    if allocation.trip_no is None and lot is not None:
        return False  # nobody brings it at all, which is said elsewhere
    if allocation.trip_no is None:  # the supplier brings it: the same place, by the line's own instant
        contract = book.contracts[allocation.source_id]
        other = book.lines[allocation.line_id]
        early = [a for a in book.by_source[allocation.source_id] if a is not allocation]
        by_due = sum(a.quantity for a in early if a.arrives_at <= line.due_at)
        narrower = line.size_class_max < other.size_class_max or allocation.arrives_at < line.opens_at
        later = any(a.arrives_at > line.due_at for a in early)
        gives = given_by(contract, line.due_at) - by_due >= wanted
        return other.site_id == line.site_id and not narrower and not later and gives
    trip = book.trips[allocation.trip_no]
    kind = book.types[book.vehicles[trip.vehicle_id].type_id]
    if kind.size_class > line.size_class_max:
        return False
    last = line.due_at if lot is None or lot.expires_at is None else min(line.due_at, lot.expires_at - 1)
    for visit in plan.visits[line.site_id]:
        if visit.trip.no != trip.no or _begins(book, visit) < line.opens_at:
            continue
        if allocation.line_id in {row.id for row in book.problem.lines if row.site_id == line.site_id}:
            return visit.unloading.departs_at <= last
        more = _longer(book, visit.unloading, wanted, book.item_of(allocation.source_id))
        return more == 0 and visit.unloading.departs_at <= last
    return False


def _begins(book: Book, visit: _Visit) -> int:
    """When unloading begins."""
    return visit.unloading.departs_at - handling_s(book, visit.unloading)


def _longer(book: Book, stop: Stop, quantity: int, item: Item) -> int:
    """Seconds that handling so much more at a stop adds beyond the time the stop has."""
    rules = book.problem.rules
    packs = sum(
        -(-abs(load.quantity) // book.items[book.solution.allocations[load.allocation].item_id].pack_quantity)
        for load in stop.loads
    )
    packs += -(-quantity // item.pack_quantity)
    needs = rules.stop_fixed_s + 60 * -(-packs // rules.packs_per_minute)
    return max(needs - handling_s(book, stop), 0)


def _displaced(book: Book, plan: _Plan, line: DemandLine, missing: int) -> None:
    """(b) and (c): free goods of a site that a trip leaves for the line's site in time."""
    for visit in plan.visits[line.site_id]:
        kind = book.types[book.vehicles[visit.trip.vehicle_id].type_id]
        closed = visit.unloading.departs_at > line.due_at or _begins(book, visit) < line.opens_at
        if closed or kind.size_class > line.size_class_max:
            continue
        if visit.trip.no in book.standing_trips:
            continue
        for lot in book.problem.lots:
            wanted = _wanted(book, line, lot.id, missing)
            if lot.site_id == visit.loading.site_id and 0 < wanted <= plan.free[lot.id]:
                _room(book, plan, line, visit, lot, wanted)


def _room(book: Book, plan: _Plan, line: DemandLine, visit: _Visit, lot: Lot, wanted: int) -> None:
    item = book.items[lot.item_id]
    kind = book.types[book.vehicles[visit.trip.vehicle_id].type_id]
    starts = visit.loading.departs_at - handling_s(book, visit.loading)
    usable = (
        lot.available_at <= starts
        and (lot.expires_at is None or visit.unloading.departs_at < lot.expires_at)
        and (not lot.only_sites or line.site_id in lot.only_sites)
        and (kind.is_refrigerated or not item.needs_refrigeration)
        and (kind.is_heated or not (item.needs_warmth and book.problem.rules.is_freezing))
    )
    longer = _longer(book, visit.loading, wanted, item) or _longer(book, visit.unloading, wanted, item)
    sends, takes = book.room_at(lot.site_id, line.site_id)
    crowded = wanted * item.unit_mass_g > sends or wanted * item.unit_volume_cm3 > takes
    if not usable or longer or crowded or item.is_towed:
        return
    aboard = plan.aboard(visit.trip)
    lower = [
        a
        for a in aboard
        if book.lines[a.line_id].class_rank > line.class_rank and not book.fixed(a.source_id, a.line_id)
    ]
    for without, code in (([], "room_left_unused"), (lower, "higher_class_left_behind")):
        kept = [a for a in aboard if a not in without]
        mass, volume, groups = 0, 0, {item.load_group}
        for a in kept:
            other = book.items[a.item_id]
            groups.add(other.load_group)
            if not other.is_towed:
                mass += a.quantity * other.unit_mass_g
                volume += a.quantity * other.unit_volume_cm3
        fits = (
            mass + wanted * item.unit_mass_g <= kind.payload_g
            and volume + wanted * item.unit_volume_cm3 <= kind.volume_cm3
            and not any({one, two} <= groups for one, two in book.problem.rules.incompatible_groups)
        )
        if fits and (lower or not without):
            book.violation(code, f"line {line.id}", trip=visit.trip.no, lot=lot.id, quantity=wanted)
            return
