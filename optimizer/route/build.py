"""Put shipments on trips one after another, the most urgent class first, each where it does most good.

Goods join a trip that loads at their site, or open a trip of a vehicle after its others. A place is taken only if the score of
the whole plan rises, so nothing less urgent can ever push out or delay past its due instant what is worth more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heappush, heappushpop
from operator import add
from random import Random

from optimizer.route.alone import Alone
from optimizer.route.case import Cargo, Case
from optimizer.route.fit import ANYTHING, Fit, added, joining
from optimizer.route.plan import Score, Timed, retimed
from optimizer.route.trip import draft

TRIED = 8
"""So many places that look best by themselves are tried in the whole plan."""
OVERLOOKED = 4
"""So many more are looked for where the best may be overlooked."""


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
    limit, nothing = (cargo.due_at, (1, 0, 0, 0)) if in_time else (cargo.late_until, (0, 0, 0, 0))
    most = TRIED if manner.dice is None else TRIED + OVERLOOKED
    fits = all_fits(case, plan, cargo, wanted, limit, manner.goes_before, least=nothing, most=most)
    fits.sort(key=lambda fit: fit.change, reverse=True)
    if manner.dice is not None:
        while len(fits) > 1 and manner.dice.random() < manner.overlooks:
            del fits[0]
    best: tuple[Timed, int] | None = None
    for fit in fits[:TRIED]:
        promised = tuple(map(add, plan.score, fit.change))
        if best is not None and best[0].score >= promised:
            break
        found = _gaining(case, plan, cargo, fit, in_time)
        if found is not None and (best is None or found[0].score > best[0].score):
            best = found
    return _anywhere(case, plan, cargo, wanted, in_time) if best is None and manner.is_thorough else best


def _anywhere(case: Case, plan: Timed, cargo: Cargo, wanted: int, in_time: bool) -> tuple[Timed, int] | None:
    """The plan with the goods in the first place where even a step of them makes it better: the most, found by halving, that does."""
    limit, nothing = (cargo.due_at, (1, 0, 0, 0)) if in_time else (cargo.late_until, (0, 0, 0, 0))
    fits = all_fits(case, plan, cargo, cargo.step, limit, True, least=nothing)
    for fit in sorted(fits, key=lambda fit: fit.change, reverse=True):
        found = _gaining(case, plan, cargo, fit, in_time)
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


def all_fits(
    case: Case,
    plan: Timed,
    cargo: Cargo,
    wanted: int,
    limit: int,
    goes_before: bool,
    *,
    least: Score | None = None,
    most: int = 0,
) -> list[Fit]:
    """Every place that could take some of it by the limit; of vehicles that are alike and make no trip yet only the first.

    With `least` only those by which the score changes by so much or more; with `most` at least so many of the best of them.
    """
    found = _Fits(most, ANYTHING if least is None else (*least[:3], least[3] - 1))
    places: dict[int, list[int]] = {}
    for place, trip in enumerate(plan.trips):
        places.setdefault(trip.truck, []).append(place)
    seen: set[int] = set()
    own: list[tuple[Score, Alone, list[int]]] = []
    for truck in case.trucks_to[cargo.origin]:
        if truck.kind not in cargo.kinds:
            continue
        mine = places.get(truck.index, [])
        if not mine:
            if case.alike[truck.index] in seen:
                continue
            seen.add(case.alike[truck.index])
        for number, place in enumerate(mine):
            if plan.trips[place].origin == cargo.origin:
                found.take(joining(case, plan, place, mine[number + 1 :], cargo, wanted, limit, found.over))
        alone, before = Alone(case, plan, truck, cargo, wanted, limit), mine if goes_before else []
        at_best = alone.at_best(before[0] if before else len(plan.trips)) if alone.room else None
        if at_best is not None:
            own.append((at_best, alone, before))
    for at_best, alone, before in sorted(own, key=lambda way: way[0], reverse=True):
        if at_best <= found.over:
            break
        found.take(alone.fits(before, found.over))
    return found.fits


class _Fits:
    """What is found, and the change above which one more is of interest."""

    def __init__(self, most: int, over: Score) -> None:
        self.fits: list[Fit] = []
        self.over = over
        self._most, self._best = most, list[Score]()

    def take(self, fits: Iterable[Fit]) -> None:
        for fit in fits:
            if fit.change <= self.over:
                continue
            self.fits.append(fit)
            if self._most and len(self._best) < self._most:
                heappush(self._best, fit.change)
            elif self._most:
                heappushpop(self._best, fit.change)
            if self._most and len(self._best) == self._most:
                self.over = max(self.over, self._best[0])
