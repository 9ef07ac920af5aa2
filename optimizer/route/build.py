"""Put shipments on trips one after another, the most urgent class first, each where it does most good.

Goods join a trip that loads at their site, or open a trip of a vehicle after its others. A place is taken only if the score of
the whole plan rises, so nothing less urgent can ever push out or delay past its due instant what is worth more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import add
from random import Random

from optimizer.route.case import Cargo, Case
from optimizer.route.fit import Fit, added, joining, opening
from optimizer.route.plan import Timed, retimed
from optimizer.route.trip import draft

TRIED = 8
"""So many places that look best by themselves are tried in the whole plan."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How places are looked for: is the smallest step tried everywhere, may new trips go before others, do goods that come late
    take their turn with the others, and the chance to overlook the best place."""

    is_thorough: bool = False
    goes_before: bool = True
    late_at_once: bool = False
    dice: Random | None = None
    overlooks: float = 0.0


CAREFUL = Manner()


def insert_all(case: Case, plan: Timed, left: list[int], order: Sequence[int], manner: Manner = CAREFUL) -> Timed:
    """Insert what is left of the shipments, in time in that order, then late in that order. `left` is brought down."""
    for in_time in (False,) if manner.late_at_once else (True, False):
        for index in order:
            if left[index]:
                plan = insert(case, plan, left, index, in_time=in_time, manner=manner)
    return plan


def insert(case: Case, plan: Timed, left: list[int], index: int, *, in_time: bool, manner: Manner = CAREFUL) -> Timed:
    """Insert as much of a shipment as finds room, over as many trips as it takes."""
    cargo = case.cargos[index]
    while left[index] >= cargo.step:
        found = _best(case, plan, cargo, left[index], in_time, manner)
        if found is None:
            return plan
        plan, quantity = found
        left[index] -= quantity
    return plan


def natural_order(case: Case) -> list[int]:
    """By class; in a class what few vehicles can carry first, then what is due first, then what gains most."""
    able = [sum(truck.kind in cargo.kinds for truck in case.trucks) for cargo in case.cargos]
    return [
        cargo.index
        for cargo in sorted(
            case.cargos,
            key=lambda c: (c.rank, able[c.index], c.due_at, c.delivery, -c.gain * c.quantity, c.index),
        )
        if able[cargo.index] and cargo.quantity
    ]


def _best(
    case: Case, plan: Timed, cargo: Cargo, wanted: int, in_time: bool, manner: Manner
) -> tuple[Timed, int] | None:
    """The plan with the goods in the best place. What a fit promises is the most that the plan can gain by it."""
    fits = all_fits(case, plan, cargo, wanted, cargo.due_at if in_time else cargo.late_until, manner.goes_before)
    fits.sort(key=lambda fit: fit.change, reverse=True)
    if manner.dice is not None:
        while len(fits) > 1 and manner.dice.random() < manner.overlooks:
            del fits[0]
    nothing = (1, 0, 0, 0) if in_time else (0, 0, 0, 0)
    best: tuple[Timed, int] | None = None
    for fit in fits[:TRIED]:
        promised = tuple(map(add, plan.score, fit.change))
        if fit.change < nothing or (best is not None and best[0].score >= promised):
            break
        found = _gaining(case, plan, cargo, fit, in_time)
        if found is not None and (best is None or found[0].score > best[0].score):
            best = found
    return _anywhere(case, plan, cargo, wanted, in_time) if best is None and manner.is_thorough else best


def _anywhere(case: Case, plan: Timed, cargo: Cargo, wanted: int, in_time: bool) -> tuple[Timed, int] | None:
    """The plan with the goods in the first place where even a step of them makes it better: the most, found by halving, that does."""
    limit = cargo.due_at if in_time else cargo.late_until
    nothing = (1, 0, 0, 0) if in_time else (0, 0, 0, 0)
    for fit in sorted(all_fits(case, plan, cargo, cargo.step, limit, True), key=lambda fit: fit.change, reverse=True):
        found = _gaining(case, plan, cargo, fit, in_time) if fit.change >= nothing else None
        good, bad = 1, wanted // cargo.step + 1
        while found and bad - good > 1:
            middle = (good + bad) // 2
            more = _gaining(case, plan, cargo, replace(fit, quantity=middle * cargo.step), in_time)
            if more:
                good, found = middle, more
            else:
                bad = middle
        if found:
            return found
    return None


def _gaining(case: Case, plan: Timed, cargo: Cargo, fit: Fit, in_time: bool) -> tuple[Timed, int] | None:
    """The plan with the goods in that place, if it is better; when in time is asked for, better in what comes in time."""
    whole = with_fit(case, plan, cargo, fit)
    if whole is None or whole.score <= plan.score or (in_time and whole.score[0] <= plan.score[0]):
        return None
    return whole, fit.quantity


def with_fit(case: Case, plan: Timed, cargo: Cargo, fit: Fit) -> Timed | None:
    """The plan with the goods in that place; None where later trips can then not be made."""
    loads = () if fit.is_new else plan.trips[fit.place].loads
    trip = draft(case, fit.truck, cargo.origin, fit.stops, added(loads, cargo.index, fit.quantity))
    return retimed(case, plan, fit.place, trip, is_new=fit.is_new) if trip else None


def all_fits(case: Case, plan: Timed, cargo: Cargo, wanted: int, limit: int, goes_before: bool) -> list[Fit]:
    """Every place that could take some of it by the limit; of vehicles that are alike and make no trip yet only the first."""
    fits: list[Fit] = []
    places: dict[int, list[int]] = {}
    for place, trip in enumerate(plan.trips):
        places.setdefault(trip.truck, []).append(place)
    seen: set[tuple[int, ...]] = set()
    for truck in case.trucks_to[cargo.origin]:
        if truck.kind not in cargo.kinds:
            continue
        mine = places.get(truck.index, [])
        if not mine:
            alike = (truck.kind, truck.base, truck.available_at, truck.free_until, truck.drive_s_max)
            if alike in seen:
                continue
            seen.add(alike)
        for number, place in enumerate(mine):
            if plan.trips[place].origin == cargo.origin:
                fits += joining(case, plan, place, mine[number + 1 :], cargo, wanted, limit)
        fits += opening(case, plan, truck.index, mine if goes_before else (), cargo, wanted, limit)
    return fits
