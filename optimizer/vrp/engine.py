"""The search in the time there is: annealing whose temperature follows the budget, and the best of all its routes put together."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from pyvrp.exceptions import PenaltyBoundWarning

from optimizer.vrp import columns as k
from optimizer.vrp import kernel
from optimizer.vrp.compiled import empty_state, load_plan, plan_of, static_of
from optimizer.vrp.late import Late, Made, late_acceptance
from optimizer.vrp.memory import KNOWN, collect, empty_memory, learn
from optimizer.vrp.order import in_order
from optimizer.vrp.problem import NEVER, RoutingPlan, RoutingProblem, VehicleRoute, VehicleType
from optimizer.vrp.recombine import recombine
from optimizer.vrp.sharing import Shared, knows
from optimizer.vrp.sharing import plan_of as plan_of_shares
from optimizer.vrp.span import Clock, Span
from optimizer.vrp.split import in_pieces, joined

ROUNDS_OF_A_CALL = 50
"""Rounds that take about as long as one of PyVRP's iterations."""


@dataclass(frozen=True, slots=True)
class Params:
    """How the search goes about it. Temperatures are in mean arcs of the plan: they mean the same for every problem."""

    hot: float = 3.0
    hot_alike: float = 1.0
    """The same with annealing alone, no windows and vehicles that are all alike: there is less to be undone in the first plan."""
    warm: float = 0.3
    """How hot it is again after routes have been put together."""
    cold: float = 0.02
    cold_windows: float = 0.06
    """The same with windows and annealing alone: fewer changes are possible, and too few at the end when it is colder."""
    taken: float = 10.0
    """Clients that a round takes out, on average."""
    string_max: int = 10
    string_usual: int = 6
    """With windows and annealing alone a string is no longer than that or half a trip: many short strings find more than few long ones."""
    blink: float = 0.01
    """Chance to overlook a place: a greedy search that never does is caught early."""
    blink_windows: float = 0.03
    """The same with windows and annealing alone."""
    neighbours: int = 0
    """Clients beside which a place is looked for; 0: by the size of the problem and by windows."""
    block: int = 200
    """Rounds between two looks at the clock."""
    routes_wanted: int = 8_000
    """Different routes to have seen at the end: too few make no new plan, too many take too long to choose from."""
    warm_small: float = 1.0
    stages: tuple[tuple[float, float], ...] = ((0.5, 0.6), (0.85, 0.97))
    """(annealing until, putting together until) this share of the budget is used; annealing ends it."""
    stages_small: tuple[tuple[str, float], ...] = (("anneal", 0.2), ("afresh", 0.85), ("put", 0.93))
    """The same where two searches take turns; `late` goes on from the best plan, `afresh` does not."""
    stages_mixed: tuple[tuple[str, float], ...] = (("anneal", 0.4), ("afresh", 0.85), ("put", 0.95))
    """The same for more clients, where windows or a mixed fleet make ours alone stop early."""
    stages_trips: tuple[tuple[str, float], ...] = (("anneal", 0.8), ("put", 0.9), ("anneal", 0.95), ("put", 0.99))
    """The same where vehicles make several trips: PyVRP finds nothing there that ours does not find sooner."""
    small: int = 200
    """Clients up to which both search whatever the problem."""
    recombines_below: int = 420
    """Clients: where there are more, putting routes together takes longer than it is worth."""


def solve(
    problem: RoutingProblem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    start: tuple[VehicleRoute, ...] = (),
    params: Params | None = None,
    clock: Clock = time.process_time,
    keep_going: Callable[[], bool] = lambda: True,
) -> RoutingPlan:
    """The best plan found within `seconds` by `clock` (processor seconds of this process) or a number of `iterations`.

    The same seed and number of iterations give the same plan. `start` is a plan to begin with. Every route of the answer is
    feasible; clients for whom no vehicle is left are `unserved`. `keep_going` is asked before every block of rounds.
    Raises ValueError unless exactly one of seconds and iterations is given.
    """
    if (seconds is None) == (iterations is None):
        raise ValueError("a budget is seconds or iterations")
    began = clock()
    params = params or Params()
    if not problem.clients:
        return RoutingPlan((), (), 0, 0)
    span = Span(began, seconds, iterations, clock, keep_going)
    if knows(problem) and (made := _share(problem, span, params, seed, start)):
        return made
    parts = in_pieces(problem) if problem.may_split else None
    ordered = in_order(parts.problem if parts else problem)
    search = Search(ordered.problem, span, params, seed)
    if start and parts is None:
        begin = ordered.there(start)
        search.take([(r.kind, [[v.client for v in trip] for trip in r.trips if trip]) for r in begin])
    search.run()
    plan = ordered.back(plan_of(ordered.problem, search.state, search.best, span.done))
    return joined(problem, parts, plan) if parts else plan


def _share(
    problem: RoutingProblem, span: Span, params: Params, seed: int, start: tuple[VehicleRoute, ...]
) -> RoutingPlan | None:
    """Clients shared out as the search goes; None if half of the budget finds no plan that brings everybody everything."""
    run, p = Shared(problem, seed, start), params
    hot = p.warm if start else p.hot
    while (share := span.share()) < 1.0 or not span.done:
        if span.done and (not span.may_go_on() or (share > 0.5 and run.is_short())):
            break
        rounds = span.rounds(p.block, 1.0) if span.done or start else 1  # the temperature follows from the first plan
        run.rounds(rounds, hot * (p.cold / hot) ** share, p.taken, p.string_max, p.blink)
        span.done += rounds
    return (
        None
        if run.is_short() and span.share() < 1.0 and not span.is_stopped
        else plan_of_shares(problem, run.state, span.done)
    )


class Search:
    """One run: the plan now, the best, and every route seen on the way."""

    def __init__(self, problem: RoutingProblem, span: Span, params: Params, seed: int) -> None:
        self.problem, self.span, self.params = problem, span, params
        clients = len(problem.clients)
        self.has_windows = bool((problem.late[problem.depots :] < NEVER).any())
        self.static = static_of(problem, params.neighbours or _neighbours(clients, self.has_windows))
        self.state, self.best = empty_state(problem, self.static, seed)
        recombines = clients < params.recombines_below
        self.memory = empty_memory(problem.nodes, len(problem.fleet)) if recombines else None
        self.is_tight = self.has_windows and (not recombines or bool(self.static.chained))
        self.cold = params.cold_windows if self.is_tight else params.cold
        self.is_empty = True
        self.block = params.block
        self.seed = seed
        self.borrowed: Late | None = None

    def take(self, routes: list[tuple[int, list[list[int]]]]) -> None:
        """Go on from this plan, which becomes the best if it is."""
        random = self.state.random
        self.state, self.best = empty_state(self.problem, self.static, 0)
        self.state.random[:] = random
        load_plan(self.static, self.state, routes)
        kernel.remember(self.state, self.best)
        self.is_empty = False

    def run(self) -> None:
        """Anneal, put together what was found, anneal again, until the budget is used."""
        p = self.params
        is_plain = self.memory is None and not self.has_windows and len(self.problem.fleet) == 1
        hot = p.warm if not self.is_empty else p.hot_alike if is_plain else p.hot
        if self.memory is None:
            self._anneal(0.0, 1.0, hot, stop=0.5)
            if self._is_short():
                self._borrow(0.9)
            self._anneal(0.0, 1.0, hot)
            return
        if self.static.chained:
            self._portfolio(hot, p.stages_trips)
            return
        if len(self.problem.clients) <= p.small:
            self._portfolio(hot, p.stages_small)
            return
        if self.has_windows or self.static.sibling.any():
            self._portfolio(hot, p.stages_mixed)
            return
        begin = 0.0
        warm = p.warm
        for anneal, put in p.stages:
            self._anneal(begin, anneal, hot)
            if self._is_short():
                self._borrow(anneal + 0.35)
            else:
                self._recombine(put)
            begin, hot = self.span.share(), warm
        self._anneal(begin, 1.0, p.cold)

    def _portfolio(self, hot: float, stages: tuple[tuple[str, float], ...]) -> None:
        """Two searches that find different things take turns, and what both saw is put together."""
        p = self.params
        for what, until in stages:
            if what == "anneal":
                self._anneal(self.span.share(), until, hot)
                hot = p.warm_small
            elif what == "put":
                self._recombine(until)
            else:
                self._late(until, afresh=what == "afresh")
        self._anneal(self.span.share(), 1.0, self.cold)

    def _late(self, until: float, *, afresh: bool) -> None:
        """PyVRP's local search, from the best plan or afresh, until this share of the budget is used."""
        span, memory, nodes, done = self.span, self.memory, self.problem.nodes, 0
        assert memory is not None
        begin, start, cost = span.share(), best_routes(self.state, self.best), int(self.state.figures[k.BEST])
        calls = max(1, int((until - begin) * (span.iterations or 0) / ROUNDS_OF_A_CALL))

        def used() -> float:
            nonlocal done
            done += 1
            if not span.may_go_on():
                return 1.0
            return (span.share() - begin) / max(until - begin, 1e-9) if span.iterations is None else (done - 1) / calls

        def seen(kind: int, trips: list[list[int]], cost: int) -> None:
            visits = np.array([c for trip in trips for c in (*trip, -1)][:-1], np.int64)
            learn(memory, nodes, kind, visits, cost)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PenaltyBoundWarning)
            self.borrowed = self.borrowed or Late(self.problem, self.seed)
            made = self.borrowed.run(used, None if afresh or self._is_short() else start, seen)
        span.done += (done - 1) * ROUNDS_OF_A_CALL if span.iterations is not None else 0
        self.take(made or start)
        if int(self.state.figures[k.BEST]) > cost:
            self.take(start)

    def _anneal(self, begin: float, until: float, hot: float, stop: float = 1.0) -> None:
        """From hot to cold while the share of the budget goes from begin to until; stop on the way."""
        span, p, figures = self.span, self.params, self.state.figures
        while (share := span.share()) < min(until, stop) or self.is_empty:  # one round is always made
            if span.done and not span.may_go_on():
                return
            rounds = span.rounds(self.block, min(until, stop))
            heat = 0.0
            if self.is_empty:
                rounds, self.is_empty = 1, False  # everybody finds a place; the temperature follows from the plan
            else:
                arcs = len(self.state.V) - self.static.depots + int(figures[k.TRIPS])
                fall = (share - begin) / max(until - begin, 1e-9)
                heat = figures[k.BEST] / max(1, arcs) * hot * (self.cold / hot) ** fall
            longest, blink = p.string_max, p.blink
            if self.is_tight:
                half = len(self.problem.clients) // (2 * max(1, int(figures[k.TRIPS])))
                longest, blink = min(longest, max(p.string_usual, half)), p.blink_windows
            kernel.search(self.static, self.state, self.best, rounds, heat, heat, p.taken, longest, blink)
            span.done += rounds
            if self.memory is not None:
                self._collect(share)

    def _is_short(self) -> bool:
        """Does the best plan leave anybody out?"""
        return int(self.best.starts[self.state.figures[k.BEST_TRIPS]]) < len(self.problem.clients)

    def _borrow(self, until: float) -> None:
        """Look for a plan that serves everybody where broken rules are allowed on the way."""
        span, start = self.span, best_routes(self.state, self.best)
        made, attempt = None, 0
        while made is None and span.share() < until and span.may_go_on():
            # how long it takes depends on luck: many short attempts are done sooner than a long one
            end = min(until, span.share() + 0.08)
            calls = max(1, int((end - span.share()) * (span.iterations or 0) / ROUNDS_OF_A_CALL))
            made = self._attempt(end, calls, attempt)
            span.done += calls * ROUNDS_OF_A_CALL if span.iterations is not None else 0
            attempt += 1
        self.take(made or start)

    def _attempt(self, end: float, calls: int, attempt: int) -> Made | None:
        """One of PyVRP's searches, until the share of the budget or, where rounds are counted, for so many of its iterations."""
        span, done = self.span, 0

        def may_go_on() -> bool:
            nonlocal done
            done += 1
            return span.may_go_on() and (span.share() < end if span.iterations is None else done <= calls)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PenaltyBoundWarning)  # that room is scarce is why it was asked
            return late_acceptance(self.problem, may_go_on, 1_000 * self.seed + attempt, first_will_do=True)

    def _collect(self, share: float) -> None:
        """Remember the routes of the plan now, and look more often where few are new."""
        assert self.memory is not None
        collect(self.state, self.memory)
        is_short = int(self.memory.figures[KNOWN]) < self.params.routes_wanted * share
        self.block = (
            max(self.params.block // 10, self.block // 2) if is_short else min(self.params.block, self.block * 2)
        )

    def _recombine(self, until: float) -> None:
        """Put the best plan together from all routes seen; it is taken up if it really is better."""
        span, figures = self.span, self.state.figures
        assert self.memory is not None

        def may_go_on() -> bool:
            return span.may_go_on() and (span.iterations is not None or span.share() < until)

        seconds = None if span.seconds is None else span.seconds * (until - span.share()) * span.slowness()
        made = recombine(self.problem, self.static, self.memory, int(figures[k.BEST]), may_go_on, seconds)
        self.take(made or best_routes(self.state, self.best))


def best_routes(state: k.State, best: k.Best) -> list[tuple[int, list[list[int]]]]:
    """The best plan: (kind, trips of clients) for each vehicle."""
    routes: list[tuple[int, list[list[int]]]] = []
    for trip in range(int(state.figures[k.BEST_TRIPS])):
        visits = [int(c) for c in best.visits[best.starts[trip] : best.starts[trip + 1]]]
        if best.follows[trip]:
            routes[-1][1].append(visits)
        else:
            routes.append((int(best.kinds[trip]), [visits]))
    return routes


def _neighbours(clients: int, timed: bool) -> int:
    """The more clients, the fewer rounds there are, and the more it matters that they are quick.

    Where windows decide, the nearest are often not the next.
    """
    if timed:
        return 40
    return 100 if clients <= 120 else 50 if clients <= 250 else 20


def warm_up() -> None:
    """Compile the search, or load it compiled: half a minute once on a machine, a moment later."""
    table = (np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]], np.int32),)
    zero, never = np.zeros(3, np.int64), np.full(3, NEVER, np.int64)
    demand = np.array([[0], [1], [1]], np.int64)
    case = RoutingProblem(1, table, table, demand, zero, zero, never, zero, (VehicleType(2, (2,)),))
    solve(case, iterations=900, seed=1)
    solve(replace(case, may_split=True), iterations=9, seed=1)
