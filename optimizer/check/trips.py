"""Trips: roads that exist and are open, clocks that add up, loads that fit, goods that are really aboard."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from itertools import pairwise

from optimizer.check.book import Book
from optimizer.check.supply import given_by
from optimizer.model import Edge, Vehicle, VehicleType
from optimizer.solution import Stop, Trip


def check_trips(book: Book) -> None:
    """All checks of trips, each alone and together."""
    for trip in book.solution.trips:
        vehicle = book.vehicles[trip.vehicle_id]
        kind = book.types[vehicle.type_id]
        _clock(book, trip, vehicle)
        for before, stop in pairwise(trip.stops):
            _leg(book, trip, kind, before, stop)
        _drivers(book, trip, vehicle, kind)
        _shape(book, trip, kind)
        _capacity(book, trip, kind)
    _loads(book)
    _one_at_a_time(book)
    _bays(book)
    _fleet_contracts(book)


def drive_s(kind: VehicleType, edge: Edge) -> int:
    """Seconds to drive an edge: length ÷ (speed × factor), rounded up to a whole second."""
    metres_an_hour = Fraction(kind.speed_kmh[edge.terrain] * 1000 * edge.factor_permille, 1000)
    return int(-(-Fraction(edge.length_m * 3600) / metres_an_hour // 1))


def trip_drive_s(book: Book, trip: Trip) -> int:
    """Seconds a trip spends driving."""
    kind = book.types[book.vehicles[trip.vehicle_id].type_id]
    return sum(drive_s(kind, book.edges[edge]) for stop in trip.stops for edge in stop.edges)


def handling_s(book: Book, stop: Stop) -> int:
    """Seconds a stop's goods take to handle."""
    if not stop.loads:
        return 0
    rules = book.problem.rules
    packs = 0
    for load in stop.loads:
        item = book.items[book.solution.allocations[load.allocation].item_id]
        packs += -(-abs(load.quantity) // item.pack_quantity)
    return rules.stop_fixed_s + 60 * -(-packs // rules.packs_per_minute)


def _clock(book: Book, trip: Trip, vehicle: Vehicle) -> None:
    where = f"trip {trip.no}"
    first, last = trip.stops[0], trip.stops[-1]
    book.expect(first.site_id == vehicle.base_site_id, "not_from_base", where, site=first.site_id)
    book.expect(last.site_id == vehicle.base_site_id, "not_back_to_base", where, site=last.site_id)
    book.expect(not last.loads, "loads_at_the_end", where)
    book.expect(trip.departs_at == first.arrives_at, "wrong_departure", where, stated=trip.departs_at)
    book.expect(trip.returns_at == last.arrives_at, "wrong_return", where, stated=trip.returns_at)
    book.expect(first.arrives_at >= vehicle.available_at, "vehicle_not_there_yet", where, at=vehicle.available_at)
    free_until = book.problem.rules.horizon_s if vehicle.free_until is None else vehicle.free_until
    free_until = min(free_until, book.problem.rules.horizon_s)
    book.expect(last.arrives_at <= free_until, "vehicle_not_free", where, until=free_until, back=last.arrives_at)
    for place, stop in enumerate(trip.stops):
        enough = stop.departs_at - stop.arrives_at >= handling_s(book, stop)
        book.expect(enough, "handling_too_short", f"{where} stop {place}", needs=handling_s(book, stop))
    distance = sum(stop.distance_m for stop in trip.stops)
    book.expect(trip.distance_m == distance, "wrong_distance", where, stated=trip.distance_m, found=distance)


def _leg(book: Book, trip: Trip, kind: VehicleType, before: Stop, stop: Stop) -> None:
    """The road from one stop to the next."""
    where = f"trip {trip.no} to {stop.site_id}"
    here, there = book.sites[before.site_id].node, book.sites[stop.site_id].node
    book.expect(bool(here and there), "site_off_the_road", where)
    seconds, metres = 0, 0
    for edge_id in stop.edges:
        edge = book.edges[edge_id]
        seconds += drive_s(kind, edge)
        metres += edge.length_m
        book.expect(edge.is_open, "closed_road", where, edge=edge_id)
        book.expect(kind.size_class <= edge.size_class_max, "too_large_for_road", where, edge=edge_id)
        bears = edge.bridge_limit_kg is None or kind.gross_mass_kg <= edge.bridge_limit_kg
        book.expect(bears, "too_heavy_for_bridge", where, edge=edge_id)
        book.expect(kind.is_snow_capable or not edge.snow_vehicles_only, "not_for_snow", where, edge=edge_id)
        passes = edge.height_limit_cm is None or kind.height_cm <= edge.height_limit_cm
        book.expect(passes, "too_high_for_road", where, edge=edge_id)
        book.expect(kind.can_ford or not edge.is_ford, "cannot_ford", where, edge=edge_id)
        book.expect(not (kind.is_towing and edge.is_towing_barred), "towing_barred", where, edge=edge_id)
        book.expect(kind.is_in_convoy or not edge.is_convoy_only, "not_in_convoy", where, edge=edge_id)
        if edge.start == here:
            here = edge.end
        elif edge.end == here and edge.is_two_way:
            here = edge.start
        else:
            book.violation("roads_do_not_join", where, edge=edge_id, at=here)
            return
    book.expect(here == there, "roads_do_not_join", where, at=here, wanted=there)
    book.expect(stop.distance_m == metres, "wrong_distance", where, stated=stop.distance_m, found=metres)
    takes = stop.arrives_at - before.departs_at
    book.expect(takes >= seconds, "faster_than_the_road", where, takes=takes, needs=seconds)


def _drivers(book: Book, trip: Trip, vehicle: Vehicle, kind: VehicleType) -> None:
    rules = book.problem.rules
    limit = rules.drive_s_max_single if vehicle.drivers == 1 else rules.drive_s_max_double
    driving = trip_drive_s(book, trip)
    book.expect(driving <= limit, "drives_too_long", f"trip {trip.no}", driving=driving, limit=limit, type=kind.id)


def _shape(book: Book, trip: Trip, kind: VehicleType) -> None:
    """Loads once, at the first stop with loads; then only unloads; no site unloaded at twice; sites admit the vehicle."""
    where = f"trip {trip.no}"
    with_loads = [stop for stop in trip.stops if stop.loads]
    book.expect(bool(with_loads), "empty_trip", where)
    if not with_loads:
        return
    loading = with_loads[0]
    place = trip.stops.index(loading)
    book.expect(place <= 1, "wanders_before_loading", where)
    book.expect(all(load.quantity > 0 for load in loading.loads), "unloads_before_loading", where)
    for stop in with_loads[1:]:
        book.expect(all(load.quantity < 0 for load in stop.loads), "loads_twice", where, site=stop.site_id)
    sites = [stop.site_id for stop in with_loads[1:]]
    book.expect(len(set(sites)) == len(sites), "site_twice", where)
    middle = trip.stops[place + 1 : -1]
    book.expect(all(stop.loads for stop in middle), "stop_without_work", where)
    for load in loading.loads:
        allocation = book.solution.allocations[load.allocation]
        origin = book.origin_of(allocation.source_id)
        book.expect(origin == loading.site_id, "loaded_elsewhere", where, origin=origin, site=loading.site_id)
    for stop in with_loads:
        admitted = kind.size_class <= book.sites[stop.site_id].size_class_max
        book.expect(admitted, "too_large_for_site", where, site=stop.site_id)
    for stop in with_loads[1:]:
        for load in stop.loads:
            line = book.lines[book.solution.allocations[load.allocation].line_id]
            book.expect(kind.size_class <= line.size_class_max, "too_large_for_request", where, line=line.id)
            book.expect(line.site_id == stop.site_id, "delivered_elsewhere", where, line=line.id, site=stop.site_id)


def _capacity(book: Book, trip: Trip, kind: VehicleType) -> None:
    where = f"trip {trip.no}"
    mass = volume = towed = 0
    groups: set[str] = set()
    for stop in trip.stops:
        for load in stop.loads:
            if load.quantity <= 0:
                continue
            item = book.items[book.solution.allocations[load.allocation].item_id]
            groups.add(item.load_group)
            if item.is_towed:
                towed += load.quantity * item.unit_mass_g
            else:
                mass += load.quantity * item.unit_mass_g
                volume += load.quantity * item.unit_volume_cm3
            book.expect(kind.is_refrigerated or not item.needs_refrigeration, "not_refrigerated", where, item=item.id)
            warm = kind.is_heated or not (item.needs_warmth and book.problem.rules.is_freezing)
            book.expect(warm, "not_heated", where, item=item.id)
    book.expect(mass <= kind.payload_g, "overloaded", where, mass_g=mass, payload_g=kind.payload_g)
    book.expect(volume <= kind.volume_cm3, "does_not_fit", where, volume_cm3=volume, space_cm3=kind.volume_cm3)
    book.expect(towed <= kind.tow_capacity_g, "cannot_tow", where, towed_g=towed, capacity_g=kind.tow_capacity_g)
    for one, other in book.problem.rules.incompatible_groups:
        book.expect(not {one, other} <= groups, "incompatible_load", where, groups=[one, other])


def _loads(book: Book) -> None:
    """Each allocation with a trip is loaded and unloaded there once, whole, when it says; nothing else is aboard."""
    loaded: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    unloaded: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for trip in book.solution.trips:
        for stop in trip.stops:
            starts = stop.departs_at - handling_s(book, stop)
            for load in stop.loads:
                if load.quantity < 0:
                    line = book.lines[book.solution.allocations[load.allocation].line_id]
                    book.expect(
                        starts >= line.opens_at,
                        "before_window_opens",
                        f"trip {trip.no} at {stop.site_id}",
                        line=line.id,
                    )
                side = loaded if load.quantity > 0 else unloaded
                side[load.allocation].append(
                    (trip.no, abs(load.quantity), starts if load.quantity > 0 else stop.departs_at)
                )
    for place, allocation in enumerate(book.solution.allocations):
        where = f"allocation {place}"
        if allocation.trip_no is None:
            book.expect(not loaded[place] and not unloaded[place], "loaded_without_trip", where)
            continue
        ons, offs = loaded[place], unloaded[place]
        book.expect([on[:2] for on in ons] == [(allocation.trip_no, allocation.quantity)], "wrong_loading", where)
        wanted = [(allocation.trip_no, allocation.quantity, allocation.arrives_at)]
        book.expect(offs == wanted, "wrong_unloading", where, found=[list(off) for off in offs])
        lot = book.lots.get(allocation.source_id)
        if lot is not None and ons:
            book.expect(ons[0][2] >= lot.available_at, "loaded_before_available", where, at=ons[0][2])


def _one_at_a_time(book: Book) -> None:
    by_vehicle: dict[str, list[Trip]] = defaultdict(list)
    for trip in book.solution.trips:
        by_vehicle[trip.vehicle_id].append(trip)
    for vehicle_id, trips in by_vehicle.items():
        trips.sort(key=lambda trip: (trip.departs_at, trip.returns_at))
        for one, other in pairwise(trips):
            apart = one.returns_at <= other.departs_at
            book.expect(apart, "two_trips_at_once", f"vehicle {vehicle_id}", trips=[one.no, other.no])


def _bays(book: Book) -> None:
    at: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for trip in book.solution.trips:
        for stop in trip.stops:
            if any(load.quantity > 0 for load in stop.loads):
                at[stop.site_id] += [(stop.departs_at - handling_s(book, stop), 1), (stop.departs_at, -1)]
    for site_id, changes in at.items():
        busy = most = 0
        for _, change in sorted(changes):
            busy += change
            most = max(most, busy)
        bays = book.sites[site_id].loading_bays
        book.expect(most <= bays, "too_many_at_the_bays", f"site {site_id}", busy=most, bays=bays)


def _fleet_contracts(book: Book) -> None:
    """What the fleet fetches from a supplier has been given by the contract when its handling starts."""
    picked: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for trip in book.solution.trips:
        for stop in trip.stops:
            for load in stop.loads:
                source = book.solution.allocations[load.allocation].source_id
                if load.quantity > 0 and source in book.contracts:
                    picked[source].append((stop.departs_at - handling_s(book, stop), load.quantity))
    for contract_id, picks in picked.items():
        contract = book.contracts[contract_id]
        for at, _ in picks:
            taken = sum(quantity for when, quantity in picks if when <= at)
            given = given_by(contract, at)
            book.expect(
                taken <= given, "before_contract_gives", f"contract {contract_id}", at=at, come=taken, given=given
            )
