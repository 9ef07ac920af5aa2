"""One trip of one vehicle: may it be made, and what is it worth, whenever it is done loading?

`optimizer.solution` says what a trip is. A vehicle never waits on the way: it leaves its base so that it can load at once.
So a trip's every instant follows from the one at which loading ends, and a trip is worked out once, without its instant.
"""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.route.case import Case
from optimizer.travel import NEVER

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
    offsets: tuple[int, ...]
    """When unloading at each stop has ended."""
    back: int
    """When the vehicle is at its base again."""
    available_at: int
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
        at = dict(zip(self.stops, self.offsets, strict=True))
        for index, quantity in self.loads:
            cargo = case.cargos[index]
            if end + at[cargo.delivery] <= cargo.due_at:
                in_time += quantity * cargo.value
        return in_time, self.value - in_time


def draft(case: Case, truck_index: int, origin: int, stops: tuple[int, ...], loads: Loads) -> Draft | None:
    """Work a trip out; None where capacity, load groups, roads or driving time forbid it. Kinds of vehicle are the caller's care."""
    truck = case.trucks[truck_index]
    kind = case.kinds[truck.kind]
    place = {stop: number for number, stop in enumerate(stops)}
    packs = [0] * len(stops)
    mass = volume = towed = groups = banned = available = all_packs = 0
    for index, quantity in loads:
        cargo = case.cargos[index]
        mass += quantity * cargo.mass_g
        volume += quantity * cargo.volume_cm3
        towed += quantity * cargo.towed_g
        groups |= cargo.group
        banned |= cargo.banned
        available = max(available, cargo.available_at)
        count = -(-quantity // cargo.pack)
        packs[place[cargo.delivery]] += count
        all_packs += count
    if mass > kind.payload_g or volume > kind.volume_cm3 or towed > kind.tow_g or groups & banned:
        return None
    seconds = kind.seconds
    to_origin = seconds[truck.base][origin]
    clock, drive, metres, at = 0, to_origin, case.metres(truck.kind, truck.base, origin), origin
    offsets = []
    for number, stop in enumerate(stops):
        leg = seconds[at][stop]
        if leg == NEVER:
            return None
        drive += leg
        metres += case.metres(truck.kind, at, stop)
        clock += leg + case.handling_s(packs[number])
        offsets.append(clock)
        at = stop
    home = seconds[at][truck.base]
    drive += home
    if drive > truck.drive_s_max or home == NEVER:
        return None
    metres += case.metres(truck.kind, at, truck.base)
    back = clock + home
    due_end, late_end = NEVER, truck.free_until - back
    value = gain = gain_offset = 0
    for index, quantity in loads:
        cargo = case.cargos[index]
        offset = offsets[place[cargo.delivery]]
        due_end = min(due_end, cargo.due_at - offset)
        late_end = min(late_end, cargo.late_until - offset)
        value += quantity * cargo.value
        gain += quantity * cargo.gain
        gain_offset += quantity * cargo.gain * offset
    load_s = case.handling_s(all_packs)
    if max(truck.available_at + to_origin, available) + load_s > late_end:
        return None
    return Draft(
        truck=truck_index, origin=origin, stops=stops, loads=loads, to_origin=to_origin, load_s=load_s, offsets=tuple(offsets),
        back=back, available_at=available, due_end=due_end, late_end=late_end, value=value, gain=gain, gain_offset=gain_offset,
        cost=metres * kind.per_metre + (to_origin + load_s + back) * kind.per_second, mass_g=mass, volume_cm3=volume,
        towed_g=towed, groups=groups, banned=banned,
    )  # fmt: skip


def room_for(case: Case, trip: Draft | None, truck_index: int, cargo_index: int, wanted: int) -> int:
    """How much of a shipment, in whole steps and no more than wanted, still goes on the trip (None: an empty vehicle)."""
    cargo, kind = case.cargos[cargo_index], case.kinds[case.trucks[truck_index].kind]
    mass, volume, towed = (trip.mass_g, trip.volume_cm3, trip.towed_g) if trip else (0, 0, 0)
    if trip and (cargo.group & trip.banned or cargo.banned & trip.groups):
        return 0
    if cargo.towed_g:
        most = (kind.tow_g - towed) // cargo.towed_g
    else:
        most = min((kind.payload_g - mass) // cargo.mass_g, (kind.volume_cm3 - volume) // cargo.volume_cm3)
    return max(min(most, wanted), 0) // cargo.step * cargo.step
