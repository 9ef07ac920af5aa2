"""Class after class with linear programs: how much can be covered is proven first, then a plan that does is looked for.

The bounds of all classes and of approach come from programs without whole numbers, made tighter by cuts; most often they are what
can be reached. So whole numbers are asked for once, at the end: the least approach among plans that cover as much as was proven
possible. Pairs whose reduced cost is more than what is open between such a plan and the bound cannot be part of a better one: that
is how few pairs are searched and all are proven. Where no plan covers so much, less is asked, and the bounds say so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.budget import Budget
from optimizer.teams.draft import Draft, refuse_together, trials_for
from optimizer.teams.matter import Pair
from optimizer.teams.problem import Stage
from optimizer.teams.relaxed import Bound, Relaxed
from optimizer.teams.rows import Ints, Reals, Rows
from optimizer.teams.whole import plan_of, whole

ROUNDS = 8
"""Of cuts, for a class or for approach."""
IDLE_ROUNDS = 2
"""Of cuts that did not move the bound, until it is left as it is."""
MOVED = 0.02
SHARE = 0.5
"""Of the time, that bounds may take before a plan is looked for."""
OPEN_MINUTES, OPEN_SHARE = 12.0, 0.001
"""Guess of what a best plan has more than its bound: pairs that would cost more are left out at first."""
WIDER = 4
PAIRS_FEW = 4_000
"""So many pairs are searched whole where that proves more."""
SAFE = 1e-6


@dataclass(slots=True)
class Step:
    """A class: its tasks, the most that was proven possible, what plans are asked for, and the rows there were before that."""

    rank: int
    places: Ints
    weights: Reals
    unit: int
    bound: int
    asked: int = 0
    rows: int = 0

    @property
    def most(self) -> int:
        return int(self.weights.sum())


class Linear:
    """The search; `taken` is the best proposal so far."""

    def __init__(self, draft: Draft, budget: Budget, seed: int) -> None:
        self.draft, self.budget, self.seed = draft, budget, seed
        self.rows = Rows(draft)
        self.relaxed = Relaxed(self.rows, budget, seed)
        self.taken = draft.improved(draft.extended(), seed, trials_for(budget))
        self.steps: list[Step] = []

    def run(self, ranks: list[int]) -> tuple[set[Pair], list[Stage]]:
        """The proposal, and what was reached of each class and of approach."""
        if self.draft.fixed and not self.draft.covers_what_is_fixed(self.taken):
            self._cover_what_is_fixed()
        for rank in ranks:
            self._prove(rank)
        least = self._search()
        stages, holds = [], True
        for step in self.steps:
            value = self.draft.weight(self.taken, step.rank)
            # what was proven of a class rests on what was asked of those before
            stages.append(Stage(f"class {step.rank}", value, max(value, step.bound if holds else step.most)))
            holds = holds and value >= step.asked
        minutes = self.draft.minutes(self.taken)
        return self.taken, [*stages, Stage("approach", minutes, min(minutes, least) if holds else 0)]

    def _cover_what_is_fixed(self) -> None:
        found = whole(self.relaxed, self._cost(None), np.ones(self.rows.pairs, np.bool_), self.budget, seed=self.seed)
        if found.taken is None:
            raise refuse_together()
        kept = {j for _, j in self.draft.fixed}
        self.taken = self.draft.extended((), {pair for pair in found.taken if pair[1] in kept})

    def _cost(self, step: Step | None) -> Reals:
        cost = np.zeros(self.rows.columns)
        if step is None:
            cost[: self.rows.pairs] = self.rows.minutes
        else:
            cost[self.rows.pairs + step.places] = -step.weights
        return cost

    def _value(self, taken: Collection[Pair]) -> tuple[int, ...]:
        """What a proposal is worth, to compare it with others."""
        return self.draft.worth(taken)

    def _better(self, taken: set[Pair]) -> None:
        if self._value(taken) > self._value(self.taken):
            self.taken = taken

    def _is_as_asked(self) -> bool:
        return all(self.draft.weight(self.taken, step.rank) >= step.asked for step in self.steps)

    def _prove(self, rank: int) -> None:
        """The most of a class, nothing lost of those before."""
        places = np.flatnonzero(self.rows.rank == rank)
        weights = self.rows.weight[places]
        unit = math.gcd(*(int(weight) for weight in weights)) if len(places) else 1
        step = Step(rank, places, weights, unit, int(weights.sum()), rows=len(self.rows.lower))
        known = self.draft.weight(self.taken, rank) if self._is_as_asked() else 0
        if known < step.bound:
            self._lower(step, known)
        step.asked = step.bound
        self.steps.append(step)
        self._keep(step)

    def _keep(self, step: Step) -> None:
        step.rows = len(self.rows.lower)
        if step.asked == step.most:
            if len(step.places):
                self.relaxed.cover(step.places)
        else:
            self.relaxed.keep(step.places, step.weights, float(step.asked))

    def _lower(self, step: Step, known: int, rounds: int = ROUNDS) -> None:
        """Bring the bound of a class down, to what is known if it can be."""

        def enough(found: Bound) -> bool:
            parts = math.floor(-found.value / step.unit + SAFE)
            step.bound = min(step.bound, max(parts * step.unit, 0))
            return step.bound <= known

        found = self._tightened(self._cost(step), enough, rounds, step.unit * MOVED)
        if found is not None:
            self._better(self._rounded(found))

    def _tightened(self, cost: Reals, enough: Callable[[Bound], bool], rounds: int, moved: float) -> Bound | None:
        """The bound after cuts: until it is enough, nothing moves, or the time for bounds is over."""
        best, idle = None, 0
        for _ in range(rounds + 1):
            found = self.relaxed.bound(cost)
            if found is None:
                return best
            idle = 0 if best is None or found.value > best.value + moved else idle + 1
            if best is None or found.value > best.value:
                best = found
            if enough(found) or idle >= IDLE_ROUNDS or self._is_late() or not self.relaxed.tighten(found):
                return best
        return best

    def _is_late(self) -> bool:
        budget = self.budget
        if budget.iterations is not None:
            return budget.used > SHARE * budget.iterations
        return budget.elapsed_s > SHARE * (budget.seconds or 0)

    def _rounded(self, found: Bound) -> set[Pair]:
        """A plan near a broken one."""
        rows = self.rows
        liking = np.zeros(self.draft.chosen.shape)
        liking[rows.team, rows.own[rows.at]] = 9 * found.columns[: rows.pairs]
        wanted = rows.own[found.columns[rows.pairs :] > 1 - SAFE]
        return self.draft.extended(wanted.tolist(), (), liking)

    def _search(self) -> int:
        """Plans of least approach that cover what is asked; less is asked as long as there are none. The bound of approach."""
        while self.budget.allows():
            least, is_impossible = self._approach()
            if least is not None:
                return least
            if not self._ask_less(is_impossible):
                break
        return 0

    def _ask_less(self, is_impossible: bool) -> bool:
        """One less of the last class there is any of, which is a proof where what was asked is impossible."""
        place = max((n for n, step in enumerate(self.steps) if step.asked > 0), default=-1)
        if place < 0 or not self.budget.allows():
            return False
        step, later = self.steps[place], self.steps[place + 1 :]
        if is_impossible and step.bound == step.asked:
            step.bound -= step.unit
        step.asked -= step.unit
        self.relaxed.cut_back(step.rows, np.concatenate([one.places for one in (step, *later)]))
        self._keep(step)
        for one in later:
            one.bound = one.most
            self._lower(one, 0)
            one.asked = one.bound
            self._keep(one)
        return True

    def _approach(self) -> tuple[int | None, bool]:
        """The least approach with all that is asked; None if no plan was found, and whether none can be."""
        cost = self._cost(None)
        kept = self.relaxed.anew()
        for step in self.steps:
            step.rows = int(kept[: step.rows].sum())
        found = self._tightened(cost, _is_plan, 2 * ROUNDS, 1.0)
        if found is None:
            return None, self.relaxed.is_impossible
        least = math.ceil(found.value - SAFE)
        self._better(self._rounded(found))
        if _is_plan(found):
            self._better(self.draft.sound(plan_of(self.relaxed, found.columns)))
        open_ = OPEN_MINUTES + OPEN_SHARE * found.value
        widest = np.inf if self.rows.pairs <= PAIRS_FEW else open_
        while self.budget.allows():
            start = self.taken if self._is_as_asked() else set()
            if start and self.draft.minutes(start) <= least:
                return least, False
            pairs = found.reduced[: self.rows.pairs] <= open_
            answer = whole(self.relaxed, cost, pairs, self.budget, seed=self.seed, start=self._within(start, pairs))
            if answer.taken is not None:
                self._better(self.draft.sound(answer.taken))
            if not self._is_as_asked():
                if bool(pairs.all()) or not answer.is_done or open_ > widest:
                    return None, bool(pairs.all()) and answer.is_done
                open_ = np.inf if self.rows.pairs <= PAIRS_FEW else WIDER * open_
                continue
            value = self.draft.minutes(self.taken)
            least = min(value, max(least, math.ceil(min(answer.bound, found.value + open_) - SAFE)))
            if least >= value or not answer.is_done:
                break
            open_ = value - found.value + SAFE
        return (least if self._is_as_asked() else None), False

    def _within(self, start: Collection[Pair], pairs: NDArray[np.bool_]) -> Collection[Pair]:
        """A plan to start from, if all of it is among the pairs."""
        return start if all(pairs[self.rows.index[pair]] for pair in start) else ()


def _is_plan(found: Bound) -> bool:
    return bool(np.abs(found.columns - np.round(found.columns)).max(initial=0.0) < SAFE)
