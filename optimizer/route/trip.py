"""One trip of one vehicle: may it be made, and what is it worth, whenever it is done loading?

`optimizer.solution` says what a trip is. A vehicle never waits on the way: it leaves its base so that it can load at once,
and loads no sooner than so that every place is open when it gets there.
So a trip's every instant follows from the one at which loading ends, and a trip is worked out once, without its instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from operator import mul

from optimizer.passing import NEVER
from optimizer.route.case import Case

Loads = tuple[tuple[int, int], ...]
"""Index of a shipment and how much of it, each shipment once."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A trip without its instants. Offsets are seconds after loading has ended."""

    truck: int
    origin: int
    stops: tuple[int, ...]
    """Places of delivery in order, each once."""
    loads: Loads
    to_origin: int
    load_s: int
    packs: int
    drive_s: int
    offsets: tuple[int, ...]
    """When unloading at each stop has ended."""
    stop_packs: tuple[int, ...]
    stop_gains: tuple[int, ...]
    stop_due: tuple[int, ...]
    """When loading must have ended for all that a stop gets to be in time."""
    back: int
    """When the vehicle is at its base again."""
    available_at: int
    """Loading may not begin before: the goods are not there yet, or a place would not be open."""
    due_end: int
    """Loading must have ended by then for everything to be in time,"""
    late_end: int
    """by then for everything to be worth bringing and the vehicle to be back when it has to."""
    value: int
    """Of all goods aboard, in time, each class outweighing all below it."""
    gain: int
    gain_offset: int
    """Σ gain × offset: with `gain` × end of loading it makes Σ gain × arrival."""
    cost: int
    mass_g: int
    volume_cm3: int
    towed_g: int
    groups: int
    banned: int

    def split_value(self, case: Case, end: int) -> tuple[int, int]:
        """Value of what comes in time and of what comes late when loading ends at that instant."""
        if end <= self.due_end:
            return self.value, 0
        in_time = 0
        stops, offsets, cargos = self.stops, self.offsets, case.cargos
        for index, quantity in self.loads:
            cargo = cargos[index]
            if end + offsets[stops.index(cargo.delivery)] <= cargo.due_at:
                in_time += quantity * cargo.value
        return in_time, self.value - in_time


def draft(case: Case, truck_index: int, origin: int, stops: tuple[int, ...], loads: Loads) -> Draft | None:
    """Work a trip out; None where capacity, load groups, roads or driving time forbid it. Kinds of vehicle are the caller's care."""
    truck = case.trucks[truck_index]
    kind = case.kinds[truck.kind]
    place = {stop: number for number, stop in enumerate(stops)}
    packs, gains = [0] * len(stops), [0] * len(stops)
    due, late, opens = [NEVER] * len(stops), [NEVER] * len(stops), [0] * len(stops)
    mass = volume = towed = groups = banned = available = value = 0
    for index, quantity in loads:
        cargo = case.cargos[index]
        mass += quantity * cargo.mass_g
        volume += quantity * cargo.volume_cm3
        towed += quantity * cargo.towed_g
        groups |= cargo.group
        banned |= cargo.banned
        available = max(available, cargo.available_at)
        value += quantity * cargo.value
        at = place[cargo.delivery]
        packs[at] -= -quantity // cargo.pack
        gains[at] += quantity * cargo.gain
        due[at] = min(due[at], cargo.due_at)
        late[at] = min(late[at], cargo.late_until)
        opens[at] = max(opens[at], cargo.opens_at)
    if mass > kind.payload_g or volume > kind.volume_cm3 or towed > kind.tow_g or groups & banned:
        return None
    way = (truck.base, origin, *stops, truck.base)
    legs = [kind.seconds[one][other] for one, other in pairwise(way)]
    drive = sum(legs)
    if drive > truck.drive_s_max or NEVER in legs:
        return None
    clock, offsets, open_end = 0, [], 0
    for number in range(len(stops)):
        clock += legs[number + 1]
        open_end = max(open_end, opens[number] - clock)
        clock += case.handling_s(packs[number])
        offsets.append(clock)
        due[number] -= clock
        late[number] -= clock
    back, load_s = clock + legs[-1], case.handling_s(sum(packs))
    available = max(available, open_end - load_s)
    late_end = min(truck.free_until - back, *late) if late else truck.free_until - back
    if max(truck.available_at + legs[0], available) + load_s > late_end:
        return None
    metres = sum(kind.metres[one][other] for one, other in pairwise(way))
    return Draft(
        truck=truck_index, origin=origin, stops=stops, loads=loads, to_origin=legs[0], load_s=load_s, packs=sum(packs), drive_s=drive,
        offsets=tuple(offsets), stop_packs=tuple(packs), stop_gains=tuple(gains), stop_due=tuple(due), back=back,
        available_at=available, due_end=min(due, default=NEVER), late_end=late_end, value=value, gain=sum(gains),
        gain_offset=sum(map(mul, gains, offsets)), cost=metres * kind.per_metre + (legs[0] + load_s + back) * kind.per_second,
        mass_g=mass, volume_cm3=volume, towed_g=towed, groups=groups, banned=banned,
    )  # fmt: skip


def room_for(case: Case, trip: Draft | None, truck_index: int, cargo_index: int, wanted: int) -> int:
    """How much of a shipment, in whole steps and no more than wanted, still goes on the trip (None: an empty vehicle)."""
    cargo, kind = case.cargos[cargo_index], case.kinds[case.trucks[truck_index].kind]
    mass, volume, towed = (trip.mass_g, trip.volume_cm3, trip.towed_g) if trip else (0, 0, 0)
    if trip and (cargo.group & trip.banned or cargo.banned & trip.groups):
        return 0
    return max(min(kind.room(cargo, mass, volume, towed), wanted), 0) // cargo.step * cargo.step
