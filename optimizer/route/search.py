"""Make a plan better while there is time: take a part of it away, put it back another way, keep what is no worse.

A new plan is kept for going on when it is at least as good as the plan of some rounds ago (late acceptance, Burke and Bykov
2017), which needs no weights between the parts of a score. The best plan of all is what counts in the end.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from optimizer.budget import Budget
from optimizer.route.build import Manner, insert_all, natural_order
from optimizer.route.case import Case
from optimizer.route.plan import Timed, timed
from optimizer.route.settle import settle, without

ROUNDS_AGO = 12
"""A plan is compared with the one of so many rounds before."""
WAITING_TRIED = 10
"""So many shipments that had no place are tried again in a round, besides those taken away."""
OVERLOOKS = 0.05
"""The chance that a place is passed over, so that equal and nearly equal ones have their turn."""
MIXES = 0.25
"""The chance that classes, and what is in time and what is late, are mixed when goods are put back.
What comes of it is kept only if the strict score says so."""
TAKEN_MAX = (5, 8, 12, 40)
"""No more loads than one of these, by chance, are taken away in a round."""
SAY_EVERY = 25

Taken = dict[int, set[int]]
"""Shipments to take off each trip, by the trip's place in the plan."""


def improve(case: Case, plan: Timed, left: Sequence[int], budget: Budget, seed: int) -> Timed:
    """The best plan found from this one within the budget. `left` is what the plan does not carry of each shipment."""
    dice = random.Random(seed)
    rank = {index: place for place, index in enumerate(natural_order(case))}
    best = now = plan
    best_left, now_left = list(left), list(left)
    history = [plan.score] * ROUNDS_AGO
    rounds = 0
    while rank and budget.step():
        rounds += 1
        if rounds % SAY_EVERY == 0:
            budget.say("routing", budget.used, budget.iterations or 0)
        ways = WAYS if now.trips else WAYS[-1:]
        taken = _thinned(dice.choice(ways)(case, now, now_left, dice), dice)
        bare_left = list(now_left)
        bare = _without(case, now, taken, bare_left)
        if bare is None:
            continue
        mixes = dice.random() < MIXES
        manner = Manner(dice=dice, overlooks=OVERLOOKS, late_at_once=mixes)
        new = insert_all(case, bare, bare_left, _order(case, rank, now_left, bare_left, mixes, dice), manner)
        slot = rounds % ROUNDS_AGO
        if new.score >= now.score or new.score >= history[slot]:
            now, now_left = new, bare_left
        history[slot] = max(history[slot], now.score) if now.score < best.score else now.score
        if now.score > best.score:
            best, best_left = now, now_left
    return settle(case, best, list(best_left), list(rank))


def _order(
    case: Case, rank: dict[int, int], before: Sequence[int], left: Sequence[int], mixes: bool, dice: random.Random
) -> list[int]:
    """What to put back: usually class by class and in natural order, sometimes shaken, sometimes whatever the class."""
    freed = [index for index in rank if left[index] > before[index]]
    waiting = [index for index in rank if left[index] and left[index] == before[index]]
    if len(waiting) > WAITING_TRIED:
        first = waiting[: WAITING_TRIED // 2]
        waiting = first + dice.sample(waiting[WAITING_TRIED // 2 :], WAITING_TRIED - len(first))
    shake = dice.choice((0.0, 5.0, 5.0, 1000.0))
    noise = {index: rank[index] + shake * dice.random() for index in freed + waiting}
    return sorted(freed + waiting, key=lambda index: (0 if mixes else case.cargos[index].rank, noise[index]))


def _without(case: Case, plan: Timed, taken: Taken, left: list[int]) -> Timed | None:
    """The plan less those loads, which go back to `left`; None where the rest would no longer fit together."""
    trips = [
        without(case, trip, taken[place], left) if taken.get(place) else trip for place, trip in enumerate(plan.trips)
    ]
    return timed(case, [trip for trip in trips if trip is not None])


def _thinned(taken: Taken, dice: random.Random) -> Taken:
    """Seldom more than a few of the loads: small steps are quick, and there can be more of them."""
    most = dice.choice(TAKEN_MAX)
    loads = [(place, index) for place in sorted(taken) for index in sorted(taken[place])]
    if len(loads) <= most:
        return taken
    thin: Taken = {}
    for place, index in dice.sample(loads, most):
        thin.setdefault(place, set()).add(index)
    return thin


def _all_of(plan: Timed, places: Sequence[int]) -> Taken:
    return {place: {index for index, _ in plan.trips[place].loads} for place in places}


def _some_trips(_case: Case, plan: Timed, _left: Sequence[int], dice: random.Random) -> Taken:
    """A few trips that load at one site."""
    origin = dice.choice(plan.trips).origin
    alike = [place for place, trip in enumerate(plan.trips) if trip.origin == origin]
    return _all_of(plan, dice.sample(alike, min(len(alike), dice.randint(1, 4))))


def _some_trucks(_case: Case, plan: Timed, _left: Sequence[int], dice: random.Random) -> Taken:
    """All trips of a vehicle or two."""
    used = sorted({trip.truck for trip in plan.trips})
    chosen = dice.sample(used, min(len(used), dice.randint(1, 2)))
    return _all_of(plan, [place for place, trip in enumerate(plan.trips) if trip.truck in chosen])


def _some_villages(case: Case, plan: Timed, _left: Sequence[int], dice: random.Random) -> Taken:
    """Everything for a place or two, near each other where roads say so."""
    stops = sorted({stop for trip in plan.trips for stop in trip.stops})
    first = dice.choice(stops)
    seconds = case.kinds[case.trucks[plan.trips[0].truck].kind].seconds[first]
    near = sorted(stops, key=lambda stop: (seconds[stop], stop))[: dice.randint(1, 3)]
    return {
        place: {index for index, _ in trip.loads if case.cargos[index].delivery in near}
        for place, trip in enumerate(plan.trips)
    }


def _some_loads(_case: Case, plan: Timed, _left: Sequence[int], dice: random.Random) -> Taken:
    """Loads here and there."""
    aboard = [(place, index) for place, trip in enumerate(plan.trips) for index, _ in trip.loads]
    taken: Taken = {}
    for place, index in dice.sample(aboard, min(len(aboard), dice.randint(2, 12))):
        taken.setdefault(place, set()).add(index)
    return taken


def _less_urgent(case: Case, plan: Timed, left: Sequence[int], dice: random.Random) -> Taken:
    """What is less urgent than something left behind, on trips of vehicles that could take that."""
    waiting = [cargo for cargo in case.cargos if left[cargo.index] and cargo.kinds]
    if not waiting:
        return _some_loads(case, plan, left, dice)
    wanted = min(dice.sample(waiting, min(len(waiting), 4)), key=lambda cargo: (cargo.rank, -cargo.gain))
    able = [place for place, trip in enumerate(plan.trips) if case.trucks[trip.truck].kind in wanted.kinds]
    taken = {}
    for place in dice.sample(able, min(len(able), dice.randint(1, 6))):
        taken[place] = {index for index, _ in plan.trips[place].loads if case.cargos[index].rank > wanted.rank}
    return taken


WAYS: tuple[Callable[[Case, Timed, Sequence[int], random.Random], Taken], ...] = (
    _some_trips, _some_trucks, _some_villages, _some_loads, _less_urgent,
)  # fmt: skip
