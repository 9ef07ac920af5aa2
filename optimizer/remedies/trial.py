"""Solving again with something changed, and what that does to each line. A proof is a plan the checker finds feasible."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.model import DemandLine, Problem
from optimizer.remedy import Effect
from optimizer.solution import Solution
from optimizer.solve import solve

STEPS = 20
"""Steps of search in each trial: the same for every one, so that they can be compared."""
SOONER_MIN_S = 60


@dataclass(slots=True)
class Fare:
    """What each line gets in a plan: in time, and when how much has come."""

    in_time: dict[str, int]
    arrivals: dict[str, list[tuple[int, int]]]
    cost_fen: int
    solution: Solution


def fare_of(problem: Problem, solution: Solution) -> Fare:
    """Lines as a plan serves them."""
    in_time = {line.id: 0 for line in problem.lines}
    arrivals: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for allocation in solution.allocations:
        arrivals[allocation.line_id].append((allocation.arrives_at, allocation.serves))
        if not allocation.is_late:
            in_time[allocation.line_id] += allocation.serves
    lines = {line.id: line for line in problem.lines}
    in_time = {line_id: min(got, lines[line_id].quantity) for line_id, got in in_time.items()}
    return Fare(in_time, {line: sorted(rows) for line, rows in arrivals.items()}, solution.figures.cost_fen, solution)


@dataclass(slots=True)
class Trials:
    """Solves changed problems within one budget and counts them. `base` is what a line gets without any change."""

    problem: Problem
    plan: Fare
    budget: Budget
    seed: int
    made: int = 0
    again: Fare | None = None
    lines: dict[str, DemandLine] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = {line.id: line for line in self.problem.lines}

    def start(self) -> bool:
        """Solve anew without any change: what more search alone would give is no change's merit."""
        self.again = self.solve(self.problem)
        return self.again is not None

    def solve(self, problem: Problem) -> Fare | None:
        """The fare of a changed problem; None when the budget ended before it was solved, or the checker refuses the plan."""
        if not self.budget.step():
            return None
        self.made += 1
        inner = Budget(iterations=STEPS, keep_going=self.budget.allows)
        found = solve(problem, inner, seed=self.seed)
        if inner.stopped_by == "cancel" or not check(problem, found).is_feasible:
            return None
        return fare_of(problem, found)

    def base(self, line_id: str) -> int:
        """What a line gets in time without any change: the better of the plan and of solving anew."""
        other = self.again.in_time.get(line_id, 0) if self.again else 0
        return max(self.plan.in_time.get(line_id, 0), other)

    def more(self, fare: Fare, line_id: str) -> int:
        """Units more in time than without any change; below zero only where it is less than in either."""
        got = fare.in_time.get(line_id, 0)
        if (gain := got - self.base(line_id)) > 0:
            return gain
        other = self.again.in_time.get(line_id, 0) if self.again else self.plan.in_time.get(line_id, 0)
        return min(got - min(self.plan.in_time.get(line_id, 0), other), 0)

    def gain(self, fare: Fare, line_ids: tuple[str, ...]) -> Fraction:
        """Persons × share more in time over some lines."""
        return sum(
            (
                Fraction(self.lines[one].persons * max(self.more(fare, one), 0), self.lines[one].quantity)
                for one in line_ids
            ),
            Fraction(0),
        )

    def effects(self, fare: Fare) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
        """Lines that fare better, and lines that fare worse."""
        better, worse = [], []
        for line in self.problem.lines:
            more, sooner = self.more(fare, line.id), self._sooner(fare, line.id)
            was_late = any(at > line.due_at for at, _ in self.plan.arrivals.get(line.id, []))
            if more > 0 or (more == 0 and was_late and sooner is not None and sooner >= SOONER_MIN_S):
                better.append(Effect(line.id, more, sooner))
            elif more < 0:
                worse.append(Effect(line.id, more, sooner))
        return tuple(better), tuple(worse)

    def persons(self, effects: tuple[Effect, ...]) -> int:
        """Σ persons × share more in time, cut."""
        parts = (
            Fraction(self.lines[e.line_id].persons * e.more, self.lines[e.line_id].quantity)
            for e in effects
            if e.more > 0
        )
        return int(sum(parts, Fraction(0)))

    def _sooner(self, fare: Fare, line_id: str) -> int | None:
        """How much sooner as much has come as both bring."""
        was, now = self.plan.arrivals.get(line_id, []), fare.arrivals.get(line_id, [])
        both = min(sum(amount for _, amount in was), sum(amount for _, amount in now))
        return _complete(was, both) - _complete(now, both) if both else None


def _complete(arrivals: list[tuple[int, int]], wanted: int) -> int:
    """The instant by which so much has come."""
    come = 0
    for at, amount in arrivals:
        come += amount
        if come >= wanted:
            return at
    raise AssertionError("asked for more than comes")
