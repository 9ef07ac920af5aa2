"""The shipments of a plan as a vehicle routing problem in its field's terms, as far as those go, and its routes as a plan again.

What the field's terms do not say: that an earlier arrival is better, that loading bays are few, that classes go before one another, that
a vehicle may load elsewhere than at its base. So a vehicle carries from its base only, what is due is a hard window, everybody is to be
served, and what such a plan leaves out or breaks is put right by the last hand of the plan's own search.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.route.case import Cargo, Case
from optimizer.route.plan import Timed, timed
from optimizer.route.settle import settle
from optimizer.route.trip import draft
from optimizer.vrp.problem import NEVER, RoutingProblem, VehicleRoute, VehicleType

TRIPS_MAX = 6
PIECES_OF_A_LOAD = 4
"""A shipment is cut so that so many pieces of it fill the smallest vehicle that may carry it."""

Engine = Callable[[RoutingProblem, float, int], "tuple[VehicleRoute, ...] | None"]


@dataclass(frozen=True, slots=True)
class Piece:
    """So much of a shipment: a client."""

    cargo: Cargo
    quantity: int


@dataclass(frozen=True, slots=True)
class Reduced:
    """The routing problem, who its clients are and which vehicles its kinds stand for."""

    problem: RoutingProblem
    pieces: list[Piece]
    trucks: list[list[int]]


def reduced(case: Case) -> Reduced | None:
    """The problem; None where no vehicle stands where goods lie."""
    groups: dict[tuple[int, int, int, int], list[int]] = {}
    for truck in case.trucks:
        groups.setdefault((truck.kind, truck.base, truck.available_at, truck.free_until), []).append(truck.index)
    bases = sorted({base for _, base, _, _ in groups})
    pieces = [piece for cargo in case.cargos if cargo.origin in bases for piece in _pieces(case, cargo)]
    if not pieces:
        return None
    at = np.array([*bases, *(piece.cargo.delivery for piece in pieces)])
    depots = len(bases)
    fleet, allowed = [], np.zeros((len(groups), len(at)), np.bool_)
    for number, ((kind, base, opens, closes), trucks) in enumerate(groups.items()):
        one = case.kinds[kind]
        place = bases.index(base)
        fleet.append(
            VehicleType(
                len(trucks), (one.payload_g, one.volume_cm3, one.tow_g), place, place, one.fixed // 1000,
                one.per_metre // 1000, one.per_second // 1000, opens, closes, trips_max=TRIPS_MAX, profile=kind,
            )
        )  # fmt: skip
        allowed[number, :depots] = True
        allowed[number, depots:] = [p.cargo.origin == base and kind in p.cargo.kinds for p in pieces]
    distance, duration = [], []
    for one in case.kinds:
        metres, seconds = (np.minimum(np.array(table), 10**8)[np.ix_(at, at)] for table in (one.metres, one.seconds))
        seconds[:depots] += case.rules.stop_fixed_s  # loading takes as long as unloading
        seconds[depots:, depots:] += np.where(at[depots:, None] == at[None, depots:], 0, case.rules.stop_fixed_s)
        seconds[:depots, depots:] += case.rules.stop_fixed_s
        for table in (metres, seconds):
            np.fill_diagonal(table, 0)
        distance.append(metres.astype(np.int32))
        duration.append(seconds.astype(np.int32))
    each = np.array([60 * -(-p.quantity // p.cargo.pack) // case.rules.packs_per_minute for p in pieces])
    demand = [[part * p.quantity for part in (p.cargo.mass_g, p.cargo.volume_cm3, p.cargo.towed_g)] for p in pieces]
    zero = [0] * depots
    problem = RoutingProblem(
        depots, tuple(distance), tuple(duration), np.array([[0, 0, 0]] * depots + demand, np.int64),
        np.array([*zero, *(2 * each)], np.int64), np.array([*zero, *(p.cargo.opens_at for p in pieces)], np.int64),
        np.array([*([NEVER] * depots), *(p.cargo.due_at - 2 * one for p, one in zip(pieces, each, strict=True))], np.int64),
        np.array([*zero, *(p.cargo.available_at for p in pieces)], np.int64), tuple(fleet), allowed,
    )  # fmt: skip
    return Reduced(problem, pieces, list(groups.values()))


def _pieces(case: Case, cargo: Cargo) -> list[Piece]:
    """The shipment in parts that any of the vehicles which may carry it can take."""
    rooms = [case.kinds[number].room(cargo) for number in cargo.kinds]
    rooms = [room for room in rooms if room >= cargo.step]
    if not rooms:
        return []
    most = max(min(rooms) // PIECES_OF_A_LOAD // cargo.step, 1) * cargo.step
    parts, left = [], cargo.quantity
    while left > 0:
        parts.append(Piece(cargo, min(most, left)))
        left -= most
    return parts


def by_engine(case: Case, engine: Engine, seconds: float, seed: int, order: Sequence[int]) -> Timed:
    """The plan that another engine's routes come to, settled."""
    empty = timed(case, ())
    assert empty is not None
    left = [cargo.quantity for cargo in case.cargos]
    work = reduced(case)
    routes = engine(work.problem, seconds, seed) if work else None
    plan = _plan(case, work, routes, left) if work and routes else empty
    return settle(case, plan, left, order)


def _plan(case: Case, work: Reduced, routes: Sequence[VehicleRoute], left: list[int]) -> Timed:
    """The routes' trips, first trips of vehicles first; what cannot take place is left out and stays in `left`."""
    free = [list(trucks) for trucks in work.trucks]
    depots = work.problem.depots
    trips = []
    for route in routes:
        truck = free[route.kind].pop()
        for number, trip in enumerate(one for one in route.trips if one):
            loads: dict[int, int] = {}
            for visit in trip:
                piece = work.pieces[visit.client - depots]
                loads[piece.cargo.index] = loads.get(piece.cargo.index, 0) + piece.quantity
            stops = tuple(dict.fromkeys(work.pieces[visit.client - depots].cargo.delivery for visit in trip))
            made = draft(case, truck, case.trucks[truck].base, stops, tuple(loads.items()))
            if made is not None:
                trips.append((number, made.due_end, made))
    trips.sort(key=lambda row: row[:2])
    kept = [made for _, _, made in trips]
    plan = timed(case, kept)
    while plan is None:  # a bay awaited too long: trips that are too late are left out, the last first
        kept.pop()
        plan = timed(case, kept)
    for made in kept:
        for index, quantity in made.loads:
            left[index] -= quantity
    return plan
