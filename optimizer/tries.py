"""Every way in which a late line could be taken along with a plan that stands, tried on one book of rides.

The book is put back after each try, so a try costs no more than the ride it changes. Nobody judges here: see `insertions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from optimizer.allocate import Network
from optimizer.allocate.arcs import exchange
from optimizer.assemble import Draft
from optimizer.model import DemandLine
from optimizer.offered import Delay, Since, Way, arrivals
from optimizer.replan.carry import add_in_time
from optimizer.replan.purse import Purse
from optimizer.rides import Book
from optimizer.solution import Allocation
from optimizer.timing import Cargo, Clock, Ride

SOURCES_TRIED = 12


@dataclass(frozen=True, slots=True)
class Try:
    """A way that roads, vehicles, bays and rooms allow: what it changes, and how good it is before anybody has judged it."""

    way: Way
    goods: Cargo
    place: int | None
    """Of the ride that makes the detour."""
    ride: Ride | None
    at: int
    """When the goods are unloaded."""
    delays: tuple[Delay, ...]
    is_late: bool
    more_fen: int
    rank: tuple[object, ...]

    @property
    def key(self) -> tuple[object, ...]:
        """Of ways that are alike only the best is of interest: the same trip with another order of stops or another lot."""
        carrier = self.goods.source_id if self.ride is None else self.ride.vehicle_id
        return self.way, carrier, self.place


class Tries:
    """Tries ways on a book, and puts it back."""

    def __init__(self, net: Network, book: Book, line: DemandLine, since: Since) -> None:
        self.net, self.book, self.line, self.since = net, book, line, since
        self.before = arrivals(book.draft().allocations)
        self.look_again()

    def look_again(self) -> None:
        """Count anew what is left and what is missing: the book is another one."""
        self.purse = Purse(self.book)
        self.used = {ride.vehicle_id for ride in self.book.rides if ride.cargos}

    @property
    def is_short(self) -> bool:
        """Is anything of the line missing?"""
        return self.purse.missing[self.line.id] > 0

    def brings_all_in_time(self, ways: Sequence[Try]) -> bool:
        """Does one of them bring all that is missing in time, or none anything?"""
        missing = self.purse.missing[self.line.id]
        return not ways or any(one.goods.serves >= missing and not one.is_late for one in ways)

    def ways(self) -> Iterator[Try]:
        """Every way that the roads, vehicles and bays allow."""
        book = self.book
        gives = [name for name in book.usable[self.line.id] if self.purse.most(name, self.line.id)[0]]
        for source_id in sorted(gives, key=lambda name: (book.sources[name].precedence, name))[:SOURCES_TRIED]:
            if source_id in book.suppliers_bring:
                yield from self._brought(source_id)
                continue
            for place in range(len(book.rides)):
                if book.rides[place].origin_id == book.sources[source_id].site_id and not book.stands(place):
                    yield from self._detours(place, source_id)
            for vehicle_id in sorted(book.vehicles):
                yield from self._new_trip(vehicle_id, source_id)

    def made(self, one: Try) -> Draft:
        """The plan with the late goods on that way."""
        undo = self.apply(one)
        made = self.book.draft()
        undo()
        return made

    def apply(self, one: Try) -> Callable[[], None]:
        """Let the book go that way; what is returned takes it back, the last that was applied first."""
        book = self.book
        kept = book.kept()
        if one.ride is None:
            book.replace_brought([*book.brought, self._delivery(one.goods, one.at)])
        elif one.place is not None:
            book.put(one.place, one.ride)
        else:
            assert book.add(one.ride), "it was added before"
            return book.withdraw
        return lambda: book.restore(kept)

    def _detours(self, place: int, source_id: str) -> Iterator[Try]:
        book, site_id = self.book, self.line.site_id
        ride = book.rides[place]
        if not ride.cargos or ride.starts_at < self.since.at or not self._may_go(ride.vehicle_id):
            return
        goods = self._that_fits(source_id, ride.vehicle_id, ride.cargos, ride.starts_at)
        if goods is None:
            return
        orders = [ride.site_ids]
        if site_id not in ride.site_ids:
            orders = [(*ride.site_ids[:at], site_id, *ride.site_ids[at:]) for at in range(len(ride.site_ids) + 1)]
        for site_ids in orders:
            longer = replace(ride, site_ids=site_ids, cargos=(*ride.cargos, goods))
            clock = book.would(place, longer)
            if clock is not None and not self._is_barred(longer):
                yield self._try(Way.DETOUR, goods, place, longer, clock)

    def _new_trip(self, vehicle_id: str, source_id: str) -> Iterator[Try]:
        book, since = self.book, self.since
        origin_id = book.sources[source_id].site_id
        out = book.roads.time_s(book.vehicle_kind(vehicle_id), book.vehicles[vehicle_id].base_site_id, origin_id)
        goods = self._that_fits(source_id, vehicle_id, (), None)
        if out is None or goods is None or not self._may_go(vehicle_id):
            return
        free_at = 0 if since.vehicles is None else since.vehicles[vehicle_id]
        ride = Ride(vehicle_id, origin_id, max(since.at, free_at + out), (self.line.site_id,), (goods,))
        if self._is_barred(ride) or not add_in_time(book, ride):
            return
        added, clock = book.rides[-1], book.clocks[-1]
        book.withdraw()
        yield self._try(Way.NEW_TRIP, added.cargos[0], None, added, clock)

    def _brought(self, source_id: str) -> Iterator[Try]:
        """What the supplier can bring by each of the instants at which it has more to give."""
        book, line = self.book, self.line
        later = self.since.supplier_later.get(source_id, 0)
        arrivals = {
            arc.arrives_at + later
            for arc in self.net.arcs
            if self.net.problem.lines[arc.line].id == line.id and self.net.supplies[arc.supply].source_id == source_id
        }
        most, _ = self.purse.most(source_id, line.id)
        rules = self.net.problem.rules
        for at in sorted(arrivals):
            if at > max(line.due_at, min(line.due_at + rules.late_s_max, rules.horizon_s)):
                return
            goods = self._goods(source_id, min(most, book.still_gives(source_id, book.brought, at)))
            if goods is not None and book.has_room(self._delivery(goods, at)):
                rank = self._rank_of(goods, at, (), 0, 0)
                yield Try(Way.SUPPLIER, goods, None, None, at, (), at > line.due_at, 0, rank)
                if goods.quantity == most:
                    return

    def _delivery(self, goods: Cargo, at: int) -> Allocation:
        item_id = self.book.sources[goods.source_id].item_id
        is_late = at > self.line.due_at
        return Allocation(goods.source_id, goods.line_id, item_id, goods.quantity, goods.serves, None, at, is_late)

    def _that_fits(self, source_id: str, vehicle_id: str, aboard: tuple[Cargo, ...], at: int | None) -> Cargo | None:
        """As much as may be given and as the vehicle still has room for."""
        book, item = self.book, self.book.item_of(source_id)
        kind = book.kinds[book.vehicles[vehicle_id].type_id]
        carried = [(book.item_of(cargo.source_id), cargo.quantity) for cargo in aboard]
        mass = sum(each.unit_mass_g * count for each, count in carried if each.is_towed == item.is_towed)
        volume = sum(each.unit_volume_cm3 * count for each, count in carried if not each.is_towed)
        most, _ = self.purse.most(source_id, self.line.id, at)
        limits = [most]
        if item.unit_mass_g:
            limits.append(((kind.tow_capacity_g if item.is_towed else kind.payload_g) - mass) // item.unit_mass_g)
        if item.unit_volume_cm3 and not item.is_towed:
            limits.append((kind.volume_cm3 - volume) // item.unit_volume_cm3)
        return self._goods(source_id, min(limits))

    def _goods(self, source_id: str, quantity: int) -> Cargo | None:
        """So much of a source for the line in whole packs; None where that counts for nothing."""
        book, line = self.book, self.line
        gives, takes = exchange(line, book.sources[source_id].item_id)
        step = book.step_of(source_id)
        serves = min(max(quantity, 0) // step * step * gives // takes, self.purse.missing[line.id])
        if serves <= 0:
            return None
        return Cargo(source_id, line.id, book.least(source_id, line.id, serves), serves)

    def _may_go(self, vehicle_id: str) -> bool:
        return self.since.vehicles is None or vehicle_id in self.since.vehicles

    def _is_barred(self, ride: Ride) -> bool:
        """Does the ride lead over a road that is not to be taken any more?"""
        if not self.since.avoided:
            return False
        roads, kind = self.book.roads, self.book.vehicle_kind(ride.vehicle_id)
        legs = (roads.edges(kind, here, there) or () for here, there in self._legs(ride))
        return any(edge in self.since.avoided for leg in legs for edge in leg)

    def _legs(self, ride: Ride) -> Iterator[tuple[str, str]]:
        base = self.book.vehicles[ride.vehicle_id].base_site_id
        return pairwise((base, ride.origin_id, *ride.site_ids, base))

    def _try(self, way: Way, goods: Cargo, place: int | None, ride: Ride, clock: Clock) -> Try:
        at = clock.unloaded_at[self.line.site_id]
        delays = () if place is None else self._delays(place, clock)
        before = 0 if place is None else self._fen(self.book.rides[place], self.book.clocks[place])
        fixed = 0
        if ride.vehicle_id not in self.used:
            fixed = self.book.kinds[self.book.vehicles[ride.vehicle_id].type_id].fixed_cost_fen
        more = self._fen(ride, clock) - before + fixed
        rank = self._rank_of(goods, at, delays, more, ride.starts_at)
        return Try(way, goods, place, ride, at, delays, at > self.line.due_at, more, rank)

    def _rank_of(
        self, goods: Cargo, at: int, delays: tuple[Delay, ...], more_fen: int, starts_at: int
    ) -> tuple[object, ...]:
        late, waits = sum(each.is_late for each in delays), sum(each.seconds for each in delays)
        first = self.book.sources[goods.source_id].precedence
        return at > self.line.due_at, -goods.serves, late, at, more_fen, waits, first, goods.source_id, starts_at

    def _delays(self, place: int, clock: Clock) -> tuple[Delay, ...]:
        """Lines of a ride that come later by its other way, where nothing else of them came later still."""
        found = []
        for name in sorted({cargo.line_id for cargo in self.book.rides[place].cargos} - {self.line.id}):
            line = self.book.lines[name]
            now = clock.unloaded_at[line.site_id]
            if now > self.before[name]:
                found.append(Delay(name, now - self.before[name], now > line.due_at))
        return tuple(found)

    def _fen(self, ride: Ride, clock: Clock) -> int:
        """What a ride costs, but for its vehicle's fixed cost."""
        book = self.book
        kind = book.kinds[book.vehicles[ride.vehicle_id].type_id]
        metres = sum(book.roads.distance_m(kind.id, here, there) or 0 for here, there in self._legs(ride))
        seconds = clock.returns_at - clock.departs_at
        return metres * kind.cost_per_km_fen // 1000 + seconds * kind.cost_per_hour_fen // 3600
