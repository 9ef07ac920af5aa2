"""A plan made anew from the one people already work by: what is loaded stands, what has become impossible is replaced, little else moves.

`freeze` marks the trips that stand; `replan` carries the older plan over into the new problem, finds goods and places for what
it no longer brings or what is newly asked, and then makes only those changes that are worth it. The answer is never worse
than the older plan less what became impossible, and the independent checker judges it like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimizer.account import accounted
from optimizer.allocate import Network, open_network
from optimizer.allocate.bounds import bounds
from optimizer.assemble import Draft, class_figures, cost_fen, served_in_time
from optimizer.budget import Budget
from optimizer.mend import mended
from optimizer.model import Problem
from optimizer.replan.better import FREE, Price, improve, less, repair, repair_late
from optimizer.replan.carry import carried_over, standing_in
from optimizer.replan.delta import CHANGED, Change, Key, Older, PlanDelta, Shift, Visit, delta, impossible, told
from optimizer.replan.fill import bring_more, fill, missing_lines, offers_for
from optimizer.replan.stability import Stability
from optimizer.replan.warm import CannotTakeUp, Warm
from optimizer.rides import Book
from optimizer.route.plan import Timed
from optimizer.solution import Solution
from optimizer.travel import Roads
from optimizer.validate import validate
from optimizer.worth import value, waiting_person_s

__all__ = [
    "Change",
    "Objective",
    "PlanDelta",
    "Replanned",
    "Shift",
    "Stability",
    "Visit",
    "delta",
    "freeze",
    "objective",
    "replan",
]


LEAST = 2.0
"""What has become late or is missing is looked at until so many times the seconds have passed that it took to carry the older plan over,
even where the budget was less: on a busy machine, too, a late request is not left out unseen."""
OTHERS_TRIED = 40
"""So many lines that missed something in the older plan already are looked at again, the neediest first."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What a plan reaches, for comparing: ‰ served in time by class, waiting of all who are served, money."""

    served_permille: dict[int, int]
    waiting_person_h: int
    cost_fen: int


@dataclass(frozen=True, slots=True)
class Replanned:
    """The new plan, what is different, and what the calm costs."""

    solution: Solution
    delta: PlanDelta
    forced: tuple[Key, ...]
    """Assignments of the older plan that could not stay as they were."""
    incumbent: Objective
    """Of the older plan, less what became impossible."""
    stable: Objective
    """Of the new plan."""
    free: Objective | None
    """Of what the same search finds when changes cost nothing, from the new plan on; None where that was not looked for."""
    free_changed_permille: int | None
    """How much of the older plan that would change."""


def freeze(problem: Problem, previous: Solution, stability: Stability) -> Problem:
    """The problem in which the older plan's trips stand that are loaded or leave within the lock time.

    A trip that cannot take place as it was (its road is closed, its vehicle broken, its goods gone) does not stand.
    """
    validate(problem)
    roads = Roads(problem)
    return replace(problem, standing=standing_in(open_network(problem, roads), roads, previous, stability))


def replan(
    problem: Problem,
    previous: Solution | None,
    budget: Budget,
    stability: Stability | None = None,
    *,
    seed: int = 0,
    free_steps: int = 0,
    with_bounds: bool = True,
) -> Replanned:
    """The best plan near the older one. With `free_steps` the price of its calm is looked for as well.

    The same problem, older plan, seed and number of iterations give the same plan. Raises ProblemError for a problem that makes
    no sense.
    """
    validate(problem)
    stability = stability or Stability()
    budget.say("allocate", 0, 3)
    roads = Roads(problem)
    net = open_network(problem, roads)
    search = _Search(net, roads, previous, stability, seed)
    made = search.best_near(budget)
    solution = search.solution(made, budget, with_bounds=with_bounds)
    found = search.delta(made)
    free = search.better_free(free_steps) if free_steps else None
    return Replanned(
        solution,
        found,
        search.forced,
        objective(problem, search.incumbent),
        objective(problem, made),
        objective(problem, free) if free else None,
        search.delta(free).changed_permille if free else None,
    )


def objective(problem: Problem, made: Draft) -> Objective:
    """The figures of a plan that are compared."""
    served = {row.class_rank: row.served_permille for row in class_figures(problem, made, {})}
    return Objective(served, int(waiting_person_s(problem, made) / 3600), cost_fen(problem, made.trips))


class _Search:
    """One re-planning: the incumbent, what was tried, the best so far."""

    def __init__(self, net: Network, roads: Roads, previous: Solution | None, stability: Stability, seed: int) -> None:
        self.net, self.roads, self.problem = net, roads, net.problem
        self.previous, self.stability, self.seed = previous, stability, seed
        self.book = carried_over(net, roads, previous, stability)
        self.incumbent = mended(net, roads, self.book.draft())
        self.made = self.incumbent
        self.forced = impossible(previous, self.incumbent, shift_s=stability.shift_s, tolerance_s=stability.tolerance_s)
        self._older = Older(previous, stability.shift_s, stability.tolerance_s)
        self._deltas: list[tuple[Draft, PlanDelta]] = []
        self._told = told(previous, stability.shift_s) if previous else {}
        self._chosen_max = len(self._told) * stability.changes_permille_max // 1000

    def best_near(self, budget: Budget) -> Draft:
        """Fill what is missing, then change what is worth it; the best of all that was seen."""
        tried = [self.incumbent]
        budget.say("route", 1, 3)
        filled = Book(self.net, self.roads, self.incumbent)
        changed, others = missing_lines(filled, self.previous)
        bring_more(filled, [*changed, *others])
        tried += self._routed(
            filled, [line.id for line in changed], [line.id for line in others[:OTHERS_TRIED]], budget
        )
        self.made = max((made for made in tried if self._is_calm(made)), key=self._worth)
        return self.made

    def _routed(self, book: Book, changed: list[str], others: list[str], budget: Budget) -> list[Draft]:
        lines = book.lines
        prepared_s = budget.elapsed_s
        first, named = offers_for(book, [lines[name] for name in changed])
        more, named_more = offers_for(book, [lines[name] for name in others])
        try:
            warm = Warm(book, [*first, *more], self._told, self.stability.tolerance_s)
        except CannotTakeUp:
            return [mended(self.net, self.roads, book.draft())]
        price = Price(self.stability.change_person_s, self._chosen_max)
        needy = [lines[name] for name in changed]
        least_s = LEAST * prepared_s
        plan = repair_late(warm, warm.plan, budget, price, least_s)
        plan, left = fill(warm, plan, [*named, *named_more], needy, budget, price, counted=len(named), least_s=least_s)
        better = improve(warm, repair(warm, plan, budget, price), left, budget, price, self.seed)
        return self._calm(warm, better)

    def _calm(self, warm: Warm, plan: Timed) -> list[Draft]:
        """A plan of the search finished. Where the strict order of classes then takes away more of what people were told than may be
        changed, what was put on the trips that come by there is left behind, and it is finished again."""
        made = self._finished(warm.as_book(plan))
        while not self._is_calm(made):
            fewer = self._with_less_added(warm, plan, made)
            if fewer is None:
                return []
            plan, made = fewer, self._finished(warm.as_book(fewer))
        return [made]

    def _with_less_added(self, warm: Warm, plan: Timed, made: Draft) -> Timed | None:
        """A plan without what nobody was told of on trips to places where something was changed; if none goes there, on all trips."""
        lines, sites = warm.book.lines, warm.case.sites
        rows = [row for row in self.delta(made).allocations if row.what in CHANGED and not row.is_forced]
        changed = {lines[row.line_id].site_id for row in rows if row.line_id in lines}
        added = {
            place: {index for index, _ in trip.loads if index >= warm.first_more}
            for place, trip in enumerate(plan.trips)
        }
        added = {place: off for place, off in added.items() if off}
        near = {
            place: off for place, off in added.items() if changed & {sites[stop].id for stop in plan.trips[place].stops}
        }
        return less(warm, plan, near or added, [0] * len(warm.shipments)) if added else None

    def _is_calm(self, made: Draft) -> bool:
        """Is no more changed by choice than may be?"""
        return self.delta(made).chosen <= self._chosen_max

    def _finished(self, book: Book) -> Draft:
        """The plan mended; what that set free and a supplier can bring goes to those who miss it."""
        made = mended(self.net, self.roads, book.draft())
        again = Book(self.net, self.roads, made)
        before = list(again.brought)
        changed, others = missing_lines(again, self.previous)
        bring_more(again, [*changed, *others])
        return made if again.brought == before else mended(self.net, self.roads, again.draft())

    def _worth(self, made: Draft) -> tuple[object, ...]:
        changed = self.delta(made).changed
        return value(self.problem, made, changed * self.stability.change_person_s)

    def better_free(self, steps: int) -> Draft:
        """What the search finds from the best plan on when changes cost nothing."""
        budget = Budget(iterations=steps)
        try:
            warm = Warm(Book(self.net, self.roads, self.made))
        except CannotTakeUp:
            return self.made
        found = improve(warm, warm.plan, [0] * len(warm.shipments), budget, FREE, self.seed)
        other = mended(self.net, self.roads, warm.as_book(found).draft())
        return max(self.made, other, key=lambda made: value(self.problem, made))

    def delta(self, made: Draft) -> PlanDelta:
        """What differs from the older plan."""
        for other, found in self._deltas:
            if other is made:
                return found
        found = self._older.delta(made, self.problem.standing, self.forced)
        self._deltas.append((made, found))
        return found

    def solution(self, made: Draft, budget: Budget, *, with_bounds: bool) -> Solution:
        """The plan with its gaps and figures."""
        budget.say("explain", 3, 3)
        proven = bounds(self.net, served_in_time(self.problem, made), seed=self.seed) if with_bounds else {}
        return accounted(self.net, made, proven, budget, self.seed, budget.stopped_by or "done")
