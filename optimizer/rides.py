"""A routed plan as something that can still be changed a little: goods taken off, put on, or given to another line.

A ride keeps its vehicle, its loading site, the instant loading starts and the order of its stops. Every change is worked out
anew from the roads and the rules of `optimizer.solution`, and refused where it would break one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from optimizer.allocate import Network, rooms
from optimizer.allocate.arcs import exchange
from optimizer.allocate.part import Room
from optimizer.assemble import Draft
from optimizer.model import Carriage, Contract, DemandLine, Item, Lot
from optimizer.solution import Allocation, Load, Stop, Trip
from optimizer.tally import Tally
from optimizer.timing import Cargo, Clock, Ride, Timing
from optimizer.travel import Roads


class Book:
    """A plan taken apart: rides, and what suppliers bring."""

    def __init__(self, net: Network, roads: Roads, made: Draft) -> None:
        self.net, self.roads, self.problem = net, roads, net.problem
        self.timing = Timing(self.problem, roads)
        self.items, self.lines, self.sources = self.timing.items, self.timing.lines, self.timing.sources
        self.vehicles, self.kinds = self.timing.vehicles, self.timing.kinds
        self.sites = {site.id: site for site in self.problem.sites}
        self._pools: dict[tuple[str, str, str], list[Lot]] = defaultdict(list)
        for lot in self.problem.lots:
            self._pools[lot.site_id, lot.item_id, lot.owner_id].append(lot)
        self.usable, self.brought_in_time = net.usable, net.brought_in_time
        self.brought = [allocation for allocation in made.allocations if allocation.trip_no is None]
        self._standing = {(trip.vehicle_id, trip.origin_id, trip.starts_at) for trip in self.problem.standing}
        self.rides = [self._ride(trip, made.allocations) for trip in made.trips]
        self.clocks: list[Clock] = []
        for ride in self.rides:
            clock = self.timing.clock(ride)
            assert clock is not None, "routing makes only trips that can be made"
            self.clocks.append(clock)
        self.tally = Tally(self.timing)
        self._of_vehicle: dict[str, list[int]] = defaultdict(list)
        self._from_site: dict[str, list[int]] = defaultdict(list)
        for place, (ride, clock) in enumerate(zip(self.rides, self.clocks, strict=True)):
            self._enter(place, ride, clock)
        for row in self.brought:
            self.tally.bring(row, 1)
        self.horizon = self.problem.rules.horizon_s + 1
        self.suppliers_bring = {
            contract.id for contract in self.problem.contracts if contract.carriage is Carriage.SUPPLIER
        }
        self.rooms = rooms(self.problem)
        self._fixed: dict[str, set[str]] = defaultdict(set)
        for lock in self.problem.locks:
            self._fixed[lock.line_id].add(lock.source_id)
        self._floors = {(floor.site_id, floor.item_id, floor.owner_id): floor.quantity for floor in self.problem.floors}

    # --- looking --------------------------------------------------------------------------------------------------

    def item_of(self, source_id: str) -> Item:
        """The item of a lot or contract."""
        return self.timing.item_of[source_id]

    def step_of(self, source_id: str) -> int:
        """The smallest quantity that leaves a source."""
        item = self.item_of(source_id)
        return item.pack_quantity if isinstance(self.sources[source_id], Contract) else item.step

    def least(self, source_id: str, line_id: str, serves: int) -> int:
        """The smallest quantity of a source, in whole packs, that counts so much for a line."""
        gives, takes = exchange(self.lines[line_id], self.sources[source_id].item_id)
        step = self.step_of(source_id)
        return -(-serves * takes // (gives * step)) * step

    def is_late(self, place: int, cargo: Cargo) -> bool:
        """Does a ride bring the cargo after its line's due instant?"""
        line = self.lines[cargo.line_id]
        return self.clocks[place].unloaded_at[line.site_id] > line.due_at

    def got(self, line_id: str) -> tuple[int, int]:
        """What a line gets in time, and late."""
        return self.tally.soon.get(line_id, 0), self.tally.late.get(line_id, 0)

    def taken(self) -> dict[str, int]:
        """What the plan takes of every source."""
        return self.tally.taken

    def replace_brought(self, rows: list[Allocation]) -> None:
        """Let suppliers bring this instead."""
        for row in self.brought:
            self.tally.bring(row, -1)
        for row in rows:
            self.tally.bring(row, 1)
        self.brought = rows

    def _enter(self, place: int, ride: Ride, clock: Clock) -> None:
        self.tally.put(place, ride, clock)
        self._of_vehicle[ride.vehicle_id].append(place)
        self._from_site[ride.origin_id].append(place)

    def _set(self, place: int, ride: Ride, clock: Clock) -> None:
        """Let a ride be another one of the same vehicle from the same site."""
        self.tally.take(place, self.rides[place], self.clocks[place])
        self.rides[place], self.clocks[place] = ride, clock
        self.tally.put(place, ride, clock)

    def still_gives(self, contract_id: str, rows: Sequence[Allocation], at: int) -> int:
        """What a supplier could bring at an instant, out of what the contract has given by then, besides these deliveries."""
        contract = self.sources[contract_id]
        assert isinstance(contract, Contract), "only suppliers bring"
        mine = [(row.arrives_at, row.quantity) for row in rows if row.source_id == contract_id]
        return unclaimed(contract, mine, at)

    def stands(self, place: int) -> bool:
        """Does a ride take place as it is?"""
        return bool(self._standing) and self.stands_at(self.rides[place])

    def stands_at(self, ride: Ride) -> bool:
        """Is that one of the rides that take place as they are?"""
        return (ride.vehicle_id, ride.origin_id, ride.starts_at) in self._standing

    def vehicle_kind(self, vehicle_id: str) -> str:
        """The type of a vehicle."""
        return self.vehicles[vehicle_id].type_id

    def standing_cargos(self) -> list[Cargo]:
        """What is on rides that take place as they are."""
        return [cargo for place, ride in enumerate(self.rides) if self.stands(place) for cargo in ride.cargos]

    def free(self, source_id: str) -> int:
        """What may still leave a source, floors respected."""
        source, taken = self.sources[source_id], self.taken()
        left = source.quantity - taken.get(source_id, 0)
        if isinstance(source, Contract):
            return left
        pool = (source.site_id, source.item_id, source.owner_id)
        there = sum(lot.quantity - taken.get(lot.id, 0) for lot in self._pools[pool])
        return min(left, max(there - self._floors.get(pool, 0), 0))

    def fixed_sources(self, line_id: str) -> set[str]:
        """Sources of which the commander has said what the line gets."""
        return self._fixed[line_id]

    def kept(self) -> tuple[list[Ride], list[Clock], list[Allocation]]:
        """The plan as it is, to go back to."""
        return list(self.rides), list(self.clocks), list(self.brought)

    def restore(self, kept: tuple[list[Ride], list[Clock], list[Allocation]]) -> None:
        """Go back to the plan as it was."""
        for place, (ride, clock) in enumerate(zip(kept[0], kept[1], strict=True)):
            if self.rides[place] is not ride or self.clocks[place] is not clock:
                self._set(place, ride, clock)
        if self.brought != kept[2]:
            self.replace_brought(list(kept[2]))

    def admits(self, place: int, clock: Clock) -> bool:
        """Do a ride's new instants go with the other rides: its vehicle's, and those at the loading bays?"""
        ride = self.rides[place]
        for other in self._of_vehicle[ride.vehicle_id]:
            its = self.clocks[other]
            is_other = other != place and self.rides[other].cargos
            if is_other and its.departs_at < clock.returns_at and clock.departs_at < its.returns_at:
                return False
        changes = [(ride.starts_at, 1), (clock.loaded_at, -1)]
        for other in self._from_site[ride.origin_id]:
            starts_at, loaded_at = self.rides[other].starts_at, self.clocks[other].loaded_at
            if (
                starts_at < clock.loaded_at
                and ride.starts_at < loaded_at
                and other != place
                and self.rides[other].cargos
            ):
                changes += [(starts_at, 1), (loaded_at, -1)]
        busy = 0
        for _, change in sorted(changes):
            busy += change
            if busy > self.sites[ride.origin_id].loading_bays:
                return False
        return True

    # --- changing -------------------------------------------------------------------------------------------------

    def add(self, ride: Ride, *, is_fact: bool = False) -> bool:
        """Let one more ride take place if it can beside the others; says whether it does.

        A fact, such as a loaded vehicle, is not refused because its sites have no room.
        """
        clock = self.timing.clock(ride)
        if clock is None or not (is_fact or self._has_room(None, ride)):
            return False
        self.rides.append(ride)
        self.clocks.append(clock)
        place = len(self.rides) - 1
        if self.admits(place, clock) and self._given(place, ride):
            self._enter(place, ride, clock)
            return True
        del self.rides[-1], self.clocks[-1]
        return False

    def withdraw(self) -> None:
        """Take the ride that was added last out again."""
        place = len(self.rides) - 1
        ride = self.rides[place]
        self.tally.take(place, ride, self.clocks[place])
        del self.rides[-1], self.clocks[-1]
        self._of_vehicle[ride.vehicle_id].remove(place)
        self._from_site[ride.origin_id].remove(place)

    def would(self, place: int, ride: Ride) -> Clock | None:
        """When a ride would do what if it were this one, which may be longer; None where it cannot be beside the others."""
        clock = self.timing.clock(ride)
        fits = (
            clock is not None and self.admits(place, clock) and self._given(place, ride) and self._has_room(place, ride)
        )
        return clock if fits else None

    def put(self, place: int, ride: Ride) -> None:
        """Let a ride be one that `would` allows."""
        clock = self.timing.clock(ride)
        assert clock is not None, "asked before"
        self._set(place, ride, clock)

    def try_cargos(self, place: int, cargos: Sequence[Cargo], stops: Sequence[str] = ()) -> bool:
        """Let a ride carry this instead, if it can be and nothing it carries on becomes late; says whether it was done.

        `stops` are the stops to choose from, in their order, where the ride may have lost one for a while; else its own.
        """
        if self.stands(place):
            return False
        now, aboard = self.rides[place], tuple(map(self.needed, joined(cargos)))
        wanted = {self.lines[cargo.line_id].site_id for cargo in aboard}
        site_ids = tuple(site for site in stops or now.site_ids if site in wanted)
        ride = Ride(now.vehicle_id, now.origin_id, now.starts_at, site_ids, aboard)
        if not ride.cargos:
            self._set(place, ride, self.clocks[place])
            return True
        clock = self.timing.clock(ride)
        if clock is None or not self.admits(place, clock):
            return False
        before = self.clocks[place].unloaded_at
        for site_id, at in clock.unloaded_at.items():
            if any(before.get(site_id, 0) <= line.due_at < at for line in self._unloaded(ride, site_id)):
                return False
        if not self._given(place, ride) or not self._has_room(place, ride):
            return False
        self._set(place, ride, clock)
        return True

    def draft(self) -> Draft:
        """The plan put together again, trips numbered by departure."""
        allocations = list(self.brought)
        trips = []
        order = sorted(
            (place for place, ride in enumerate(self.rides) if ride.cargos),
            key=lambda place: (self.clocks[place].departs_at, self.rides[place].vehicle_id),
        )
        for no, place in enumerate(order, start=1):
            trips.append(self._trip(no, place, len(allocations)))
            for cargo in self.rides[place].cargos:
                line = self.lines[cargo.line_id]
                at = self.clocks[place].unloaded_at[line.site_id]
                item_id = self.sources[cargo.source_id].item_id
                allocations.append(
                    Allocation(
                        cargo.source_id, line.id, item_id, cargo.quantity, cargo.serves, no, at, at > line.due_at
                    )
                )
        return Draft(tuple(allocations), tuple(trips))

    # --- inside ---------------------------------------------------------------------------------------------------

    def _ride(self, trip: Trip, allocations: Sequence[Allocation]) -> Ride:
        working = [stop for stop in trip.stops if stop.loads]
        loading = working[0]
        aboard = [allocations[load.allocation] for load in loading.loads]
        cargos = tuple(Cargo(row.source_id, row.line_id, row.quantity, row.serves) for row in aboard)
        starts_at = loading.departs_at - self.timing.handling_s(cargos)
        return Ride(trip.vehicle_id, loading.site_id, starts_at, tuple(stop.site_id for stop in working[1:]), cargos)

    def needed(self, cargo: Cargo) -> Cargo:
        """No more packs than what counts takes: parts of a grant and grants joined may hold one that adds nothing."""
        least = self.least(cargo.source_id, cargo.line_id, cargo.serves)
        return cargo if cargo.quantity <= least else replace(cargo, quantity=least)

    def _unloaded(self, ride: Ride, site_id: str) -> list[DemandLine]:
        lines = [self.lines[cargo.line_id] for cargo in ride.cargos]
        return [line for line in lines if line.site_id == site_id]

    def _given(self, place: int, changed: Ride) -> bool:
        """Has every contract given by then what the fleet fetches?"""
        for contract_id in {
            cargo.source_id for cargo in changed.cargos if isinstance(self.sources[cargo.source_id], Contract)
        }:
            contract = self.sources[contract_id]
            assert isinstance(contract, Contract), "chosen above"
            rides = [changed if at == place else ride for at, ride in enumerate(self.rides)]
            picks = [
                (ride.starts_at, cargo.quantity)
                for ride in rides
                for cargo in ride.cargos
                if cargo.source_id == contract_id
            ]
            for at, _ in picks:
                if sum(quantity for when, quantity in picks if when <= at) > given_by(contract, at):
                    return False
        return True

    def burden(self) -> dict[Room, int]:
        """What the plan sends from every site, and brings to every one."""
        return self.tally.burden

    def _has_room(self, place: int | None, changed: Ride) -> bool:
        """Can the sites of a changed ride (of a new one: None) send and take in what it carries, with all else?"""
        if not self.rooms:
            return True
        now, after = self.burden(), self.tally.burden_of(changed)
        before = {} if place is None else self.tally.burden_of(self.rides[place])
        return all(
            room not in self.rooms
            or each <= (had := before.get(room, 0))
            or now.get(room, 0) - had + each <= self.rooms[room]
            for room, each in after.items()
        )

    def has_room(self, row: Allocation) -> bool:
        """Has the place room for one more delivery of a supplier?"""
        room = (False, self.lines[row.line_id].site_id)
        volume = row.quantity * self.item_of(row.source_id).unit_volume_cm3
        return room not in self.rooms or self.burden().get(room, 0) + volume <= self.rooms[room]

    def _trip(self, no: int, place: int, first: int) -> Trip:
        ride, clock = self.rides[place], self.clocks[place]
        vehicle = self.vehicles[ride.vehicle_id]
        on = tuple(Load(first + at, cargo.quantity) for at, cargo in enumerate(ride.cargos))
        base = vehicle.base_site_id
        if ride.origin_id == base:
            stops = [Stop(base, clock.departs_at, clock.loaded_at, loads=on)]
        else:
            stops = [Stop(base, clock.departs_at, clock.departs_at)]
            stops.append(self._stop(vehicle.type_id, base, ride.origin_id, ride.starts_at, clock.loaded_at, on))
        here = ride.origin_id
        for site_id in ride.site_ids:
            off = tuple(
                Load(first + at, -cargo.quantity)
                for at, cargo in enumerate(ride.cargos)
                if self.lines[cargo.line_id].site_id == site_id
            )
            arrives, departs = clock.arrives_at[site_id], clock.unloaded_at[site_id]
            stops.append(self._stop(vehicle.type_id, here, site_id, arrives, departs, off))
            here = site_id
        stops.append(self._stop(vehicle.type_id, here, base, clock.returns_at, clock.returns_at, ()))
        metres = sum(stop.distance_m for stop in stops)
        return Trip(no, vehicle.id, clock.departs_at, clock.returns_at, metres, tuple(stops))

    def _stop(self, type_id: str, here: str, there: str, arrives: int, departs: int, loads: tuple[Load, ...]) -> Stop:
        edges, metres = self.roads.edges(type_id, here, there), self.roads.distance_m(type_id, here, there)
        assert edges is not None and metres is not None, "the ride was timed on this road"
        return Stop(there, arrives, departs, edges, metres, loads)


def given_by(contract: Contract, at: int) -> int:
    """What a contract has given by an instant, altogether."""
    return max((step.quantity for step in contract.steps if step.at <= at), default=0)


def unclaimed(contract: Contract, claims: Sequence[tuple[int, int]], at: int) -> int:
    """What of a contract nobody claims at any instant from that one on; a claim is when, and how much."""
    return min(
        given_by(contract, when) - sum(quantity for start, quantity in claims if start <= when)
        for when in {at, *(start for start, _ in claims if start > at)}
    )


def joined(cargos: Sequence[Cargo]) -> tuple[Cargo, ...]:
    """Cargos of one source for one line made one; empty ones left out."""
    found: dict[tuple[str, str], Cargo] = {}
    for cargo in cargos:
        key = (cargo.source_id, cargo.line_id)
        had = found.get(key)
        found[key] = cargo if had is None else replace(
            had, quantity=had.quantity + cargo.quantity, serves=had.serves + cargo.serves
        )  # fmt: skip
    return tuple(cargo for cargo in found.values() if cargo.quantity > 0 and cargo.serves > 0)
