"""A plan made better by small steps, each of which has to be worth the changes it makes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.budget import Budget
from optimizer.replan.warm import Warm
from optimizer.route.build import Manner, insert_all
from optimizer.route.case import COST_UNIT, Case
from optimizer.route.plan import Score, Timed, timed
from optimizer.route.settle import without
from optimizer.route.trip import Draft as Trip

TAKEN_MAX = (2, 4, 6, 10)
"""No more pieces than one of these, by chance, are taken off in a step."""
OVERLOOKS = 0.05
SAY_EVERY = 25


@dataclass(frozen=True, slots=True)
class Price:
    """What a change costs, and how many there may be."""

    person_s: int
    chosen_max: int
    """Of what was as people were told, so much may be changed only to make the plan better."""


FREE = Price(0, 10**9)


def charged(case: Case, score: Score, changes: int, price: Price) -> Score:
    """A score less what its changes cost, in the score's own unit of waiting."""
    charge = changes * price.person_s * 1_000_000
    waiting = case.rules.waiting_fen_per_person_hour
    if waiting is not None:
        charge *= waiting * (COST_UNIT // 3600)
    return score[0], score[1], score[2] - charge, score[3]


def improve(warm: Warm, plan: Timed, left: Sequence[int], budget: Budget, price: Price, seed: int) -> Timed:
    """The best plan found from this one; a step counts only if it is worth its changes."""
    dice, case = random.Random(seed), warm.case
    rest = list(left)
    worth = charged(case, plan.score, warm.changes(plan).all, price)
    rounds = 0
    while plan.trips and budget.step():
        rounds += 1
        if rounds % SAY_EVERY == 0:
            budget.say("routing", budget.used, budget.iterations or 0)
        new_rest = list(rest)
        bare = _taken_off(warm, plan, new_rest, dice)
        if bare is None:
            continue
        order = [index for index, some in enumerate(new_rest) if some]
        dice.shuffle(order)
        order.sort(key=lambda index: case.cargos[index].rank)
        mixes = dice.random() < 0.25
        manner = Manner(dice=dice, overlooks=OVERLOOKS, late_at_once=mixes)
        new = insert_all(case, bare, new_rest, order, manner)
        if new.score <= plan.score:
            continue
        now = warm.changes(new)
        better = charged(case, new.score, now.all, price)
        if now.chosen <= price.chosen_max and better > worth:
            plan, rest, worth = new, new_rest, better
    return plan


def repair_late(warm: Warm, plan: Timed, budget: Budget, price: Price, least_s: float) -> Timed:
    """The plan with goods that were held up until after they are due on other vehicles, if that brings them in time, and with less
    held up behind them; the most urgent first."""
    heads = [row for row in _held_up(warm, plan) if row.late_rank is not None]
    heads.sort(key=lambda row: (row.late_rank or 0, -row.pieces))
    return _moved(warm, plan, [trip for row in heads for trip in row.trips], budget, price, least_s)


def repair(warm: Warm, plan: Timed, budget: Budget, price: Price) -> Timed:
    """The plan with the goods of trips on other vehicles that hold up most of what people were told a time for."""
    heads = sorted(_held_up(warm, plan), key=lambda row: -row.pieces)
    return _moved(warm, plan, [row.trips[0] for row in heads], budget, price, 0.0)


def _moved(warm: Warm, plan: Timed, trips: Sequence[Trip], budget: Budget, price: Price, least_s: float) -> Timed:
    """The plan with the goods of each of these trips put anywhere else, where that is worth it."""
    case = warm.case
    worth = charged(case, plan.score, warm.changes(plan).all, price)
    for trip in trips:
        if not budget.allows_until(least_s):
            break
        place = next((n for n, other in enumerate(plan.trips) if other is trip), None)
        if place is None:
            continue
        left = [0] * len(case.cargos)
        bare = less(warm, plan, {place: {index for index, _ in trip.loads}}, left)
        if bare is None:
            continue
        order = sorted((index for index, _ in trip.loads), key=lambda index: (case.cargos[index].rank, index))
        new = insert_all(case, bare, left, order)
        now = warm.changes(new)
        better = charged(case, new.score, now.all, price)
        if not any(left) and now.chosen <= price.chosen_max and better > worth:
            plan, worth = new, better
    return plan


@dataclass(frozen=True, slots=True)
class _HeldUp:
    """Trips of one vehicle that come at another time than people were told, in their order."""

    trips: list[Trip]
    pieces: int
    late_rank: int | None
    """The most urgent class of what has become late; None where nothing has."""


def _held_up(warm: Warm, plan: Timed) -> list[_HeldUp]:
    chains: dict[int, list[tuple[Trip, int]]] = {}
    for trip, end in sorted(zip(plan.trips, plan.ends, strict=True), key=lambda pair: pair[1]):
        if any(warm.is_moved(index, trip, end) for index, _ in trip.loads):
            chains.setdefault(trip.truck, []).append((trip, end))
    found = []
    for chain in chains.values():
        late = [warm.case.cargos[index].rank for trip, end in chain if end > trip.due_end for index, _ in trip.loads]
        trips = [trip for trip, _ in chain]
        found.append(_HeldUp(trips, sum(len(trip.loads) for trip in trips), min(late, default=None)))
    return found


def _taken_off(warm: Warm, plan: Timed, left: list[int], dice: random.Random) -> Timed | None:
    """The plan less a few pieces: of one trip and others near, of one place, or here and there."""
    most = dice.choice(TAKEN_MAX)
    first = dice.randrange(len(plan.trips))
    way = dice.random()
    if way < 0.4:
        chosen = [(first, index) for index, _ in plan.trips[first].loads]
    elif way < 0.7:
        stop = dice.choice(plan.trips[first].stops)
        chosen = [
            (place, index)
            for place, trip in enumerate(plan.trips)
            for index, _ in trip.loads
            if warm.case.cargos[index].delivery == stop
        ]
    else:
        places = dice.sample(range(len(plan.trips)), min(len(plan.trips), most))
        chosen = [(place, dice.choice(plan.trips[place].loads)[0]) for place in places]
    if len(chosen) > most:
        chosen = dice.sample(chosen, most)
    off: dict[int, set[int]] = {}
    for place, index in chosen:
        off.setdefault(place, set()).add(index)
    return less(warm, plan, off, left)


def less(warm: Warm, plan: Timed, off: dict[int, set[int]], left: list[int]) -> Timed | None:
    """The plan with those pieces off the trips in those places; they go back to `left`."""
    trips = [
        without(warm.case, trip, off[place], left) if place in off else trip for place, trip in enumerate(plan.trips)
    ]
    return timed(warm.case, [trip for trip in trips if trip is not None])
