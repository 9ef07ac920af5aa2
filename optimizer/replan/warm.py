"""A plan taken up by the route search where it stands, with further shipments to insert; and what the search made of it, as a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import gcd

from optimizer.allocate.arcs import exchange
from optimizer.assemble import Draft as Plan
from optimizer.model import Lot, Vehicle
from optimizer.replan.carry import add_in_time
from optimizer.rides import Book, joined
from optimizer.route.case import Case
from optimizer.route.plan import Timed, timed
from optimizer.route.trip import Draft, draft
from optimizer.shipment import Shipment, Shipper
from optimizer.timing import Cargo, Ride

KEPT_MAX = 20_000
"""So many trips are remembered with how far they are as people were told; a search sees more than memory should hold."""
Told = Mapping[tuple[str, str, str], int]
"""What people were told: when each vehicle (by id, last) brings goods of a source for a line."""


@dataclass(frozen=True, slots=True)
class Was:
    """What people were told of a piece of the plan, and whether it was still so when the search took it up."""

    truck: int
    quantity: int
    arrives_at: int
    is_so: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """Pieces that are not as people were told: all of them, and those that were so when the search took the plan up."""

    all: int
    chosen: int


class Warm:
    """Rides of a book as a plan of the search. Rides that stand are left out; their vehicles and bays are taken."""

    def __init__(
        self, book: Book, more: Sequence[Shipment] = (), told: Told | None = None, tolerance_s: int = 0
    ) -> None:
        self.book, shipper = book, Shipper(book.problem)
        places = [place for place in range(len(book.rides)) if book.rides[place].cargos and not book.stands(place)]
        places.sort(key=lambda place: (book.rides[place].starts_at, book.clocks[place].departs_at, place))
        self.shipments: list[Shipment] = []
        self._counts: list[int] = []
        """What each of them counts for in all."""
        loads: list[list[tuple[int, int]]] = []
        for place in places:
            ride, aboard = book.rides[place], []
            sooner = self._delay(place, told)
            for cargo in ride.cargos:
                for quantity, step, serves in _pieces(book, cargo):
                    aboard.append((len(self.shipments), quantity))
                    self._counts.append(serves)
                    at = self._loads_from(cargo, ride.starts_at, sooner)
                    self.shipments.append(shipper.shipment(cargo.source_id, cargo.line_id, quantity, step, at))
            loads.append(aboard)
        self.first_more = len(self.shipments)
        for one in more:
            gives, takes = exchange(book.lines[one.line_id], one.item_id)
            self.shipments.append(one)
            self._counts.append(min(one.quantity * gives // takes, book.lines[one.line_id].quantity))
        self.case = Case(replace(book.problem, vehicles=tuple(_free_vehicles(book))), book.roads, self.shipments)
        self._take_bays()
        self.plan = self._plan(places, loads)
        self._tolerance_s = tolerance_s
        self._kept: dict[int, tuple[Draft, int, int, int]] = {}
        self.was = self._were(self.plan, told)
        self._were_so = sum(was.is_so for was in self.was.values())

    def _delay(self, place: int, told: Told | None) -> int:
        """How much later a ride comes everywhere than people were told."""
        ride, clock = self.book.rides[place], self.book.clocks[place]
        delays = [0] if told is None else []
        for cargo in ride.cargos:
            then = (told or {}).get((cargo.source_id, cargo.line_id, ride.vehicle_id))
            if then is not None:
                delays.append(clock.unloaded_at[self.book.lines[cargo.line_id].site_id] - then)
        return max(min(delays, default=0), 0)

    def _loads_from(self, cargo: Cargo, starts_at: int, sooner: int) -> int:
        """No sooner than the ride loads, but for its delay: that may be made good, except where a contract gives by steps."""
        source = self.book.sources[cargo.source_id]
        if not isinstance(source, Lot):
            return starts_at
        return max(starts_at - sooner, source.available_at, 0) if sooner else starts_at

    def _plan(self, places: Sequence[int], loads: Sequence[list[tuple[int, int]]]) -> Timed:
        case, book = self.case, self.book
        trucks = {truck.id: truck.index for truck in case.trucks}
        drafts = []
        for place, aboard in zip(places, loads, strict=True):
            ride = book.rides[place]
            stops = tuple(case.place_of(site_id) for site_id in ride.site_ids)
            trip = draft(case, trucks[ride.vehicle_id], case.place_of(ride.origin_id), stops, tuple(aboard))
            if trip is not None:
                drafts.append(trip)
        plan = timed(case, drafts)
        if plan is None or len(drafts) < len(places):
            raise CannotTakeUp
        return plan

    def _take_bays(self) -> None:
        by_site: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for place, ride in enumerate(self.book.rides):
            if ride.cargos and self.book.stands(place):
                by_site[ride.origin_id].append((ride.starts_at, self.book.clocks[place].loaded_at))
        for site_id, spans in by_site.items():
            bays: list[list[tuple[int, int]]] = []
            for span in sorted(spans):
                free = next((bay for bay in bays if bay[-1][1] <= span[0]), None)
                if free is None:
                    bays.append([span])
                else:
                    free.append(span)
            if site_id in {site.id for site in self.case.sites}:
                self.case.taken[self.case.place_of(site_id)] = bays

    def _were(self, plan: Timed, told: Told | None) -> dict[int, Was]:
        """By piece; what nobody was told of is not in it. Without `told` it is the plan itself that people know."""
        found = {}
        for trip, end in zip(plan.trips, plan.ends, strict=True):
            at = dict(zip(trip.stops, trip.offsets, strict=True))
            vehicle_id = self.case.trucks[trip.truck].id
            for index, quantity in trip.loads:
                one = self.shipments[index]
                now = end + at[self.case.cargos[index].delivery]
                then = now if told is None else told.get((one.source_id, one.line_id, vehicle_id))
                if then is not None:
                    found[index] = Was(trip.truck, quantity, then, abs(now - then) <= self._tolerance_s)
        return found

    def changes(self, plan: Timed) -> Changes:
        """How many pieces of which people were told are with another vehicle, fewer, or at another time."""
        kept = kept_so = 0
        for trip, end in zip(plan.trips, plan.ends, strict=True):
            had = self._kept.get(id(trip))
            if had is None or had[0] is not trip or had[1] != end:
                if len(self._kept) >= KEPT_MAX:
                    self._kept.clear()
                had = self._kept[id(trip)] = (trip, end, *self._kept_on(trip, end))
            kept += had[2]
            kept_so += had[3]
        return Changes(len(self.was) - kept, self._were_so - kept_so)

    def _kept_on(self, trip: Draft, end: int) -> tuple[int, int]:
        kept = kept_so = 0
        at = dict(zip(trip.stops, trip.offsets, strict=True))
        for index, quantity in trip.loads:
            was = self.was.get(index)
            if was is not None and was.truck == trip.truck and was.quantity == quantity:
                is_kept = abs(end + at[self.case.cargos[index].delivery] - was.arrives_at) <= self._tolerance_s
                kept += is_kept
                kept_so += is_kept and was.is_so
        return kept, kept_so

    def is_moved(self, index: int, trip: Draft, end: int) -> bool:
        """Does a piece on a trip come at another time than people were told?"""
        was = self.was.get(index)
        if was is None or was.truck != trip.truck:
            return False
        at = end + dict(zip(trip.stops, trip.offsets, strict=True))[self.case.cargos[index].delivery]
        return abs(at - was.arrives_at) > self._tolerance_s

    def as_book(self, plan: Timed) -> Book:
        """The search's plan put beside what stands and what suppliers bring.

        A trip that the book's own rules do not let take place as it is goes later or with less aboard; none is lost unseen.
        """
        old, case = self.book, self.case
        book = Book(old.net, old.roads, Plan((), ()))
        book.replace_brought(list(old.brought))
        for place, ride in enumerate(old.rides):
            if ride.cargos and old.stands(place):
                book.add(ride, is_fact=True)
        left = list(self._counts)
        for at in sorted(range(len(plan.trips)), key=lambda at: plan.ends[at] - plan.trips[at].load_s):
            trip = plan.trips[at]
            cargos = tuple(map(book.needed, joined([self._cargo(index, some, left) for index, some in trip.loads])))
            site_ids = tuple(case.sites[stop].id for stop in trip.stops)
            origin = case.sites[trip.origin].id
            ride = Ride(case.trucks[trip.truck].id, origin, plan.ends[at] - trip.load_s, site_ids, cargos)
            if not book.add(ride):
                add_in_time(book, ride)
        return book

    def counts(self, index: int, quantity: int) -> int:
        """What so much of a shipment counts for."""
        one = self.shipments[index]
        gives, takes = exchange(self.book.lines[one.line_id], one.item_id)
        return min(quantity * gives // takes, self._counts[index])

    def count_no_more(self, index: int, serves: int) -> None:
        """Let a shipment count for no more than that: its last pack may hold more than is asked for."""
        self._counts[index] = serves

    def _cargo(self, index: int, quantity: int, left: list[int]) -> Cargo:
        """So much of a shipment aboard; parts of one whose last pack holds too much count for no more than it does in all."""
        one = self.shipments[index]
        serves = min(self.counts(index, quantity), left[index])
        left[index] -= serves
        return Cargo(one.source_id, one.line_id, quantity, serves)


class CannotTakeUp(RuntimeError):
    """The search's own rules do not give a plan's trips their instants; it is left as it is."""


def whole_step(book: Book, source_id: str, line_id: str) -> int:
    """The smallest quantity of a source that counts in whole units for a line."""
    gives, takes = exchange(book.lines[line_id], book.sources[source_id].item_id)
    unit = book.step_of(source_id)
    return unit * takes // gcd(unit * gives, takes)


def _pieces(book: Book, cargo: Cargo) -> Iterator[tuple[int, int, int]]:
    """A cargo in parts that may be split: quantity, step, what it counts for. What counts for less than it holds stays one."""
    gives, takes = exchange(book.lines[cargo.line_id], book.sources[cargo.source_id].item_id)
    step = whole_step(book, cargo.source_id, cargo.line_id)
    main = cargo.quantity // step * step
    pack = book.item_of(cargo.source_id).pack_quantity
    breaks_a_pack = cargo.quantity > main and main % pack  # handling counts packs of each piece by itself
    if cargo.serves != cargo.quantity * gives // takes or not main or breaks_a_pack:
        yield cargo.quantity, cargo.quantity, cargo.serves
        return
    counts = main * gives // takes
    yield main, step, counts
    if cargo.serves > counts:
        yield cargo.quantity - main, cargo.quantity - main, cargo.serves - counts


def _free_vehicles(book: Book) -> Iterator[Vehicle]:
    """The fleet, each vehicle free after the trips that stand."""
    back: dict[str, int] = {}
    for place, ride in enumerate(book.rides):
        if ride.cargos and book.stands(place):
            back[ride.vehicle_id] = max(back.get(ride.vehicle_id, 0), book.clocks[place].returns_at)
    for vehicle in book.problem.vehicles:
        until = vehicle.free_until
        at = max(vehicle.available_at, back.get(vehicle.id, 0))
        yield replace(vehicle, available_at=at if until is None else min(at, until))
