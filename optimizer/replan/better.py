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

TAKEN_MAX = (2, 4, 6, 10)
"""No more pieces than one of these, by chance, are taken off in a step."""
OVERLOOKS = 0.05
SAY_EVERY = 25


@dataclass(frozen=True, slots=True)
class Price:
    """What a change costs, and how many there may be."""

    person_s: int
    changes_max: int
    tolerance_s: int


FREE = Price(0, 10**9, 0)


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
    changes = warm.changes(plan, price.tolerance_s)
    most = max(price.changes_max, changes)
    worth = charged(case, plan.score, changes, price)
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
        now = warm.changes(new, price.tolerance_s)
        better = charged(case, new.score, now, price)
        if now <= most and better > worth:
            plan, rest, worth, changes = new, new_rest, better, now
    return plan


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
    trips = [
        without(warm.case, trip, off[place], left) if place in off else trip for place, trip in enumerate(plan.trips)
    ]
    return timed(warm.case, [trip for trip in trips if trip is not None])
