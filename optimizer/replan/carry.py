"""What of an older plan still holds: its trips and deliveries in a new problem, less what has become impossible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from optimizer.allocate import Network
from optimizer.allocate.arcs import MOVABLE_MAX, exchange
from optimizer.assemble import Draft
from optimizer.model import Lot, ProblemError, StandingLoad, StandingTrip
from optimizer.replan.purse import Purse
from optimizer.replan.stability import Stability
from optimizer.rides import Book
from optimizer.solution import Allocation, Solution, Trip
from optimizer.timing import Cargo, Clock, Ride
from optimizer.travel import Roads

DELAYS_MAX = 40
"""So often is a later start looked for when a vehicle or a bay is not free."""


def standing_in(net: Network, roads: Roads, previous: Solution, stability: Stability) -> tuple[StandingTrip, ...]:
    """Trips of an older plan that are loaded or leave within the lock time, and still can take place as they were.

    What is loaded is a fact: it stands even where a site has less room by now, or another road has to be driven.
    """
    book = with_standing(net, roads)
    found = list(net.problem.standing)
    purses: dict[bool, Purse] = {}  # by whether it asks for room
    for trip in _in_order(previous):
        is_loaded = trip.no in stability.loaded
        soon = trip.departs_at - stability.shift_s <= stability.lock_s
        ride = _ride(book, previous, trip, stability.shift_s) if soon or is_loaded else None
        if ride is None or book.stands_at(ride):
            continue
        purse = purses.pop(not is_loaded, None) or Purse(book, asks_for_room=not is_loaded)
        whole = _trimmed(purse, ride.cargos)
        is_whole = whole == list(ride.cargos) and len(ride.cargos) == _aboard(trip)
        stays = is_whole and (is_loaded or _keeps_its_instants(book, ride, trip, stability.shift_s))
        if stays and book.add(ride, is_fact=is_loaded):
            loads = tuple(StandingLoad(c.source_id, c.line_id, c.quantity, c.serves) for c in ride.cargos)
            found.append(StandingTrip(ride.vehicle_id, ride.origin_id, ride.starts_at, ride.site_ids, loads))
            purses = {not is_loaded: purse}  # brought down by just that
    return tuple(found)


def _keeps_its_instants(book: Book, ride: Ride, trip: Trip, shift_s: int) -> bool:
    """Would it leave, unload and be back when it was to? On another road than one now closed it would not."""
    clock = book.timing.clock(ride)
    if clock is None:
        return False
    unloads = [stop for stop in trip.stops if any(load.quantity < 0 for load in stop.loads)]
    was = {stop.site_id: stop.departs_at - shift_s for stop in unloads}
    ends = (trip.departs_at - shift_s, trip.returns_at - shift_s)
    return clock.unloaded_at == was and (clock.departs_at, clock.returns_at) == ends


def with_standing(net: Network, roads: Roads) -> Book:
    """A plan of nothing but the trips that stand. Raises ProblemError for one that cannot take place."""
    book = Book(net, roads, Draft((), ()))
    for trip in net.problem.standing:
        cargos = tuple(Cargo(load.source_id, load.line_id, load.quantity, load.serves) for load in trip.loads)
        if not book.add(Ride(trip.vehicle_id, trip.origin_id, trip.starts_at, trip.site_ids, cargos), is_fact=True):
            raise ProblemError([f"standing trip of {trip.vehicle_id} at {trip.starts_at}: it cannot take place"])
    return book


def carried_over(net: Network, roads: Roads, previous: Solution | None, stability: Stability) -> Book:
    """The older plan in the new problem: what stands, what suppliers bring, and every trip as far as it can still be made.

    What there is less of, goods or room, is left to the first class first.
    """
    book = with_standing(net, roads)
    if previous is None:
        return book
    rides = [_ride(book, previous, trip, stability.shift_s) for trip in _in_order(previous)]
    moving = [ride for ride in rides if ride is not None and not book.stands_at(ride)]
    purse, ways = Purse(book), ways_of_suppliers(book)
    kept: list[list[Cargo]] = [[] for _ in moving]
    for rank in sorted({line.class_rank for line in net.problem.lines}):
        _bring(purse, ways, previous, stability.shift_s, rank)
        for ride, cargos in zip(moving, kept, strict=True):
            mine = [cargo for cargo in ride.cargos if book.lines[cargo.line_id].class_rank == rank]
            cargos += _trimmed(purse, mine, ride.starts_at)
    for ride, cargos in zip(moving, kept, strict=True):
        add_in_time(book, _carrying(book, ride, cargos))
    return book


def add_in_time(book: Book, ride: Ride) -> bool:
    """Let a ride take place, later or with less aboard where it has to be; says whether anything of it does."""
    out = book.roads.time_s(
        book.vehicle_kind(ride.vehicle_id), book.vehicles[ride.vehicle_id].base_site_id, ride.origin_id
    )
    if out is None:
        return False
    while ride.cargos:
        start = _first_start(book, ride, out)
        for _ in range(DELAYS_MAX):
            later = replace(ride, starts_at=start)
            clock = book.timing.clock(later)
            if clock is None:
                break
            if book.add(later):
                return True
            start = _next_start(book, later, clock, out)
        ride = _less(book, ride, start)
    return False


def _in_order(previous: Solution) -> list[Trip]:
    return sorted(previous.trips, key=lambda trip: (trip.departs_at, trip.no))


def _aboard(trip: Trip) -> int:
    return sum(load.quantity > 0 for stop in trip.stops for load in stop.loads)


def _ride(book: Book, previous: Solution, trip: Trip, shift_s: int) -> Ride | None:
    """A trip of the older plan as a ride of the new one; None where its vehicle or its store is no more."""
    working = [stop for stop in trip.stops if stop.loads]
    if trip.vehicle_id not in book.vehicles or not working or working[0].site_id not in book.sites:
        return None
    aboard = [previous.allocations[load.allocation] for load in working[0].loads]
    starts_at = working[0].departs_at - _handling_s(book, aboard) - shift_s
    stops = {stop.site_id for stop in working[1:]}
    cargos = tuple(
        Cargo(row.source_id, row.line_id, row.quantity, row.serves)
        for row in aboard
        if _is_known(book, row) and book.lines[row.line_id].site_id in stops  # it may be wanted elsewhere by now
    )
    wanted = {book.lines[cargo.line_id].site_id for cargo in cargos}
    site_ids = tuple(stop.site_id for stop in working[1:] if stop.site_id in wanted)
    return Ride(trip.vehicle_id, working[0].site_id, starts_at, site_ids, cargos)


def _is_known(book: Book, row: Allocation) -> bool:
    return row.source_id in book.usable.get(row.line_id, ())


def _handling_s(book: Book, aboard: list[Allocation]) -> int:
    packs = sum(
        -(-row.quantity // book.items[row.item_id].pack_quantity) for row in aboard if row.item_id in book.items
    )
    return book.problem.rules.handling_s(packs)


def _trimmed(purse: Purse, cargos: Iterable[Cargo], at: int | None = None) -> list[Cargo]:
    """No more of each than there is, than is asked, and than there is room for; the purse is brought down by it."""
    found = []
    for cargo in cargos:
        quantity, serves = purse.most(cargo.source_id, cargo.line_id, at)
        if quantity >= cargo.quantity and serves >= cargo.serves:
            quantity, serves = cargo.quantity, cargo.serves
        elif quantity >= cargo.quantity:
            quantity = purse.book.least(cargo.source_id, cargo.line_id, serves)
        if serves:
            found.append(Cargo(cargo.source_id, cargo.line_id, quantity, serves))
            purse.take(cargo.source_id, cargo.line_id, quantity, serves, at)
    return found


def _carrying(book: Book, ride: Ride, cargos: list[Cargo]) -> Ride:
    """The ride with that aboard, in its own order."""
    wanted = {book.lines[cargo.line_id].site_id for cargo in cargos}
    site_ids = tuple(site_id for site_id in ride.site_ids if site_id in wanted)
    order = {(cargo.source_id, cargo.line_id): place for place, cargo in enumerate(ride.cargos)}
    cargos = sorted(cargos, key=lambda cargo: order[cargo.source_id, cargo.line_id])
    return replace(ride, cargos=tuple(cargos), site_ids=site_ids)


def _first_start(book: Book, ride: Ride, out: int) -> int:
    lots = [source for cargo in ride.cargos if isinstance(source := book.sources[cargo.source_id], Lot)]
    return max(ride.starts_at, book.vehicles[ride.vehicle_id].available_at + out, *(lot.available_at for lot in lots))


def _next_start(book: Book, ride: Ride, clock: Clock, out: int) -> int:
    """The next instant at which what is in the way may be over."""
    ends = [ride.starts_at + 60]
    for other, its in zip(book.rides, book.clocks, strict=True):
        if (
            other.vehicle_id == ride.vehicle_id
            and its.departs_at < clock.returns_at
            and its.returns_at > clock.departs_at
        ):
            ends.append(its.returns_at + out)
        elif other.origin_id == ride.origin_id and ride.starts_at < its.loaded_at and other.starts_at < clock.loaded_at:
            ends.append(its.loaded_at)
    later = [end for end in ends[1:] if end > ride.starts_at]
    return min(later) if later else ends[0]


def _less(book: Book, ride: Ride, start: int) -> Ride:
    """The ride without what it cannot bring: places no road leads to, then the one place without which it goes, or the last."""
    kind = book.vehicle_kind(ride.vehicle_id)
    reached = [
        cargo for cargo in ride.cargos if book.roads.reaches(kind, ride.origin_id, book.lines[cargo.line_id].site_id)
    ]
    if len(reached) < len(ride.cargos):
        return _carrying(book, ride, reached)
    fewer = list(_one_place_less(book, ride))
    return next((one for one in fewer if book.timing.clock(replace(one, starts_at=start)) is not None), fewer[0])


def _one_place_less(book: Book, ride: Ride) -> Iterator[Ride]:
    for site_id in reversed(ride.site_ids):
        yield _carrying(book, ride, [c for c in ride.cargos if book.lines[c.line_id].site_id != site_id])


def _bring(purse: Purse, ways: Ways, previous: Solution, shift_s: int, rank: int) -> None:
    """What suppliers bring to lines of a class, each delivery when its contract still gives that much."""
    book = purse.book
    for row in sorted(previous.allocations, key=lambda row: (row.arrives_at, row.source_id, row.line_id)):
        if row.trip_no is not None or row.source_id not in book.suppliers_bring or not _is_known(book, row):
            continue
        if book.lines[row.line_id].class_rank != rank:
            continue
        quantity, serves = purse.most(row.source_id, row.line_id)
        quantity, serves = min(quantity, row.quantity), min(serves, row.serves)
        for at in ways.get((row.source_id, row.line_id), ()):
            if at >= row.arrives_at - shift_s and quantity > 0:
                taken, counted = bring(book, at, row.source_id, row.line_id, quantity, serves)
                if taken:
                    purse.take(row.source_id, row.line_id, taken, counted)
                    quantity, serves = quantity - taken, serves - counted


Ways = dict[tuple[str, str], list[int]]
"""For each pair of a supplier's contract and a line: when what its steps give can be unloaded there, in order."""


def ways_of_suppliers(book: Book) -> Ways:
    """By which suppliers' steps each line can be served, early or late."""
    net = book.net
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for arc in net.arcs:
        if not net.supplies[arc.supply].needs_vehicle:
            found[net.supplies[arc.supply].source_id, net.problem.lines[arc.line].id].add(arc.arrives_at)
    return {key: sorted(instants) for key, instants in found.items()}


def bring(book: Book, at: int, source_id: str, line_id: str, quantity: int, serves: int) -> tuple[int, int]:
    """Have a supplier bring up to that much of what its contract has given by then; what is brought and what it counts for."""
    pack = book.step_of(source_id)
    line = book.lines[line_id]
    gives, takes = exchange(line, book.sources[source_id].item_id)
    movable = MOVABLE_MAX - book.taken().get(source_id, 0)
    amount = min(quantity, movable, book.still_gives(source_id, book.brought, at)) // pack * pack
    counts = min(amount * gives // takes, serves)
    if amount <= 0 or counts <= 0:
        return 0, 0
    amount = book.least(source_id, line_id, counts)
    item_id = book.sources[source_id].item_id
    row = Allocation(source_id, line_id, item_id, amount, counts, None, at, at > line.due_at)
    book.replace_brought([*book.brought, row])
    return amount, counts
