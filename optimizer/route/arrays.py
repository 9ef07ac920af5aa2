"""A case as the arrays of the compiled search, and the search's state before its first plan."""

from __future__ import annotations

import numpy as np

from optimizer.passing import NEVER
from optimizer.primitives import seeded
from optimizer.route import columns as k
from optimizer.route.case import COST_UNIT, Case
from optimizer.route.columns import Best, Saved, State, Static

LARGE = 1 << 50
"""Figures above this are left to the search's first plan: nobody has them, and sums of them would not fit."""
NEAR = 24
"""Places of delivery that are known as near a place."""
SLOTS_MAX = 6_000
"""Trips of a plan."""
DEAR = 1e7
"""Where an earlier arrival goes before any cost, a second of a person's waiting is reckoned at so many fen."""


def is_small(case: Case) -> bool:
    """Do all figures fit the compiled search's arrays?"""
    cargos, groups = case.cargos, {cargo.group for cargo in case.cargos}
    figures = [
        max(
            c.quantity,
            c.step,
            c.pack,
            c.mass_g,
            c.volume_cm3,
            c.towed_g,
            c.available_at,
            c.opens_at,
            c.gain * c.quantity,
        )
        for c in cargos
    ]
    figures += [t.available_at for t in case.trucks]
    figures += [max(kind.per_metre, kind.per_second, kind.fixed) // COST_UNIT for kind in case.kinds]
    return (
        max(figures, default=0) < LARGE
        and max(groups, default=0) < 1 << 62
        and sum(c.gain * c.quantity for c in cargos) < 1 << 62
    )


def static_of(case: Case, order: list[int]) -> Static:
    """The case in arrays; shipments are inserted in that order where no other is said. Money is in fen, instants are in seconds."""
    cargos, rules = case.cargos, case.rules
    origins = sorted({cargo.origin for cargo in cargos})
    source = {place: number for number, place in enumerate(origins)}
    ranks = 1 + max((cargo.rank for cargo in cargos), default=0)
    price = DEAR if rules.waiting_fen_per_person_hour is None else rules.waiting_fen_per_person_hour / 3600
    gain_s = max(price, 1e-9) / 1e6  # money for a second's waiting of one of gain
    columns = [
        (
            source[c.origin], c.delivery, c.step, c.pack, c.mass_g, c.volume_cm3, c.towed_g, c.group, c.banned,
            min(c.available_at, k.FAR), min(c.opens_at, k.FAR), min(c.due_at, k.FAR), min(c.late_until, k.FAR), c.rank,
        )
        for c in cargos
    ]  # fmt: skip
    C = np.array(columns, np.int64).reshape(len(cargos), k.CAN_BE_SOON)
    gain = np.array([c.gain for c in cargos], np.int64)
    kinds = case.kinds
    vehicles = [
        (t.kind, t.base, *(min(figure, k.FAR) for figure in (t.available_at, t.free_until, t.drive_s_max)), alike)
        for t, alike in zip(case.trucks, case.alike, strict=True)
    ]
    T = np.array(vehicles, np.int64).reshape(len(vehicles), k.TRUCK)
    natural = np.full(len(cargos), len(cargos), np.int64)
    natural[order] = np.arange(len(order))
    worth = _rank_worth(case, ranks, gain_s)
    rank = C[:, k.RANK]
    deliveries = sorted({c.delivery for c in cargos})
    able = np.zeros((max(len(kinds), 1), len(cargos)), np.uint8)
    for cargo in cargos:
        able[list(cargo.kinds), cargo.index] = 1
    costs = np.array([(kind.per_metre, kind.per_second, kind.fixed) for kind in kinds], np.float64)
    seconds = np.array([_far(kind.seconds) for kind in kinds], np.int64)
    return Static(
        C=np.column_stack([C, _can_be_soon(case, seconds, T)]),
        CF=np.stack([gain * worth[rank], gain * worth[ranks + rank]], axis=1), G=gain * gain_s, gain=gain, able=able,
        K=np.array([(kind.payload_g, kind.volume_cm3, kind.tow_g) for kind in kinds], np.int64).reshape(len(kinds), k.KIND),
        KF=costs.reshape(len(kinds), k.KIND_COST) / COST_UNIT,
        seconds=seconds, metres=np.array([_far(kind.metres) for kind in kinds], np.int64), T=T,
        origin_of=np.array(origins, np.int64),
        bays=np.array([0 if case.bays[p] >= len(case.trucks) else case.bays[p] for p in origins], np.int64),
        near=_near(seconds, len(case.sites), deliveries), natural=natural, by_nature=np.array(order, np.int64), rank_worth=worth,
        ranks=ranks, fixed_s=rules.stop_fixed_s, packs_a_minute=rules.packs_per_minute,
    )  # fmt: skip


def _can_be_soon(case: Case, seconds: np.ndarray, T: np.ndarray) -> list[bool]:
    """Of each shipment, whether a step of it would be in time on some vehicle that makes no other trip."""
    unlike = T[np.unique(T[:, k.ALIKE], return_index=True)[1]] if len(T) else T
    kind, base, free = unlike[:, k.OF_KIND], unlike[:, k.BASE], unlike[:, k.FREE_FROM]
    found = []
    for cargo in case.cargos:
        able = np.isin(kind, list(cargo.kinds))
        there = free[able] + seconds[kind[able], base[able], cargo.origin] if able.any() else np.empty(0, np.int64)
        takes = case.handling_s(-(-cargo.step // cargo.pack))
        reached = np.maximum(there, cargo.available_at) + takes + seconds[kind[able], cargo.origin, cargo.delivery]
        found.append(bool((np.maximum(reached, cargo.opens_at) + takes <= cargo.due_at).any()))
    return found


def _far(table: list[list[int]]) -> list[list[int]]:
    return [[k.FAR if one == NEVER else one for one in row] for row in table]


def _rank_worth(case: Case, ranks: int, gain_s: float) -> np.ndarray:
    """Worth of a gain by class, in time and then late: the least step of it outweighs all there is of what comes after, money among it."""
    whole, least = [0.0] * ranks, [float("inf")] * ranks
    for cargo in case.cargos:
        whole[cargo.rank] += cargo.gain * cargo.quantity
        least[cargo.rank] = min(least[cargo.rank], cargo.gain * cargo.step)
    horizon = max((min(cargo.late_until, k.FAR) for cargo in case.cargos), default=1)
    kinds = case.kinds
    dearest = (
        max((kind.fixed + kind.per_second * horizon + kind.per_metre * horizon * 30 for kind in kinds), default=0)
        / COST_UNIT
    )
    below = sum(whole) * gain_s * horizon + dearest * max(1, len(case.trucks))
    worth = np.zeros(2 * ranks)
    for tier in range(2 * ranks - 1, -1, -1):
        rank = tier % ranks
        if whole[rank]:
            worth[tier] = 1.01 * below / least[rank]
            below += worth[tier] * whole[rank]
    return worth


def _near(seconds: np.ndarray, places: int, deliveries: list[int]) -> np.ndarray:
    """For each place the places of delivery, the nearest first, by the vehicle that gets there soonest."""
    if not deliveries or not len(seconds):
        return np.zeros((places, 1), np.int64)
    there = np.array(deliveries, np.int64)
    soonest = seconds.min(axis=0)[:, there]
    return np.ascontiguousarray(there[np.argsort(soonest, axis=1, kind="stable")[:, :NEAR]])


def empty_state(case: Case, static: Static, order: list[int], seed: int) -> tuple[State, Saved, Best]:
    """Nothing is carried yet of the shipments in the order."""
    cargos, trucks, sources = len(case.cargos), len(case.trucks), len(static.bays)
    slots = min(_trips_at_most(case) + cargos + 4, SLOTS_MAX)  # some trips take less, to be in time
    bays = int(max(static.bays.max(initial=1), 1))
    stops = min(k.STOPS_MAX, len({cargo.delivery for cargo in case.cargos}) + 1)
    loads = min(k.LOADS_MAX, cargos + 1)

    def zeros(*shape: int) -> np.ndarray:
        return np.zeros(shape, np.int64)

    def trips(rows: int) -> dict[str, np.ndarray]:
        return {
            "R": zeros(rows, k.TRIP), "RF": np.zeros((rows, k.TRIP_COST)), "SP": zeros(rows, stops + 1, k.STOP),
            "SG": np.zeros((rows, stops + 1, 2)), "L": zeros(rows, loads + 1, k.LOAD),
        }  # fmt: skip

    state = State(
        **trips(slots), when=zeros(slots, k.WHEN), chain=np.full((slots, k.CHAIN), -1, np.int64),
        fleet=np.full((trucks, k.FLEET), -1, np.int64), order=zeros(slots + 1), heads=zeros(sources, bays + 1),
        bays_used=zeros(sources), left=zeros(cargos), touched=zeros(sources),
        moved=zeros(trucks), seen=zeros(trucks + 1), barred=zeros(slots + trucks), out=zeros(k.OUT_MAX + 1),
        keys=np.zeros(k.OUT_MAX + 1), choice=zeros(k.CHOICE), figures=zeros(k.FIGURES),
        worth=zeros(2 * static.ranks), now=zeros(2 * static.ranks), lost=np.zeros(1),
        random=seeded(seed),
    )  # fmt: skip
    for index in order:
        state.left[index] = case.cargos[index].quantity
    state.fleet[:, k.FREE] = static.T[:, k.FREE_FROM]
    saved = Saved(
        **trips(slots), slots=zeros(slots), row=zeros(slots), when=zeros(slots, k.WHEN), chain=zeros(slots, k.CHAIN),
        fleet=zeros(trucks, k.FLEET), order=zeros(slots + 1), heads=zeros(sources, bays + 1), bays_used=zeros(sources),
        left=zeros(cargos),
    )  # fmt: skip
    best = Best(
        R=zeros(slots, 4), SP=zeros(4 * slots + 8 * cargos), L=zeros(4 * slots + 8 * cargos, 2), left=zeros(cargos),
        worth=zeros(2 * static.ranks), money=np.zeros(1), figures=zeros(k.BEST_FIGURES),
    )  # fmt: skip
    return state, saved, best


def _trips_at_most(case: Case) -> int:
    """More trips than any plan makes: each shipment alone, in the smallest vehicles that may carry it."""
    count = 0
    for cargo in case.cargos:
        rooms = [case.kinds[number].room(cargo) for number in cargo.kinds]
        rooms = [room for room in rooms if room >= cargo.step]
        if rooms:
            count += -(-cargo.quantity // (min(rooms) // cargo.step * cargo.step))
            if count > SLOTS_MAX:
                break
    return count
