"""The search in the time there is: annealing whose temperature follows the budget, and the best of all its routes put together."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from pyvrp.exceptions import PenaltyBoundWarning

from optimizer.vrp import columns as k
from optimizer.vrp import kernel
from optimizer.vrp.budget import Budget, Clock
from optimizer.vrp.compiled import best_routes, empty_state, load_plan, plan_of, static_of
from optimizer.vrp.late import Late, late_acceptance
from optimizer.vrp.memory import KNOWN, collect, empty_memory, learn
from optimizer.vrp.order import in_order
from optimizer.vrp.params import Params, neighbours
from optimizer.vrp.problem import NEVER, Made, RoutingPlan, RoutingProblem, VehicleRoute, VehicleType
from optimizer.vrp.recombine import recombine
from optimizer.vrp.sharing import Shared, knows
from optimizer.vrp.sharing import plan_of as plan_of_shares
from optimizer.vrp.split import in_pieces, joined

FULL = 0.8
"""Where demand fills so much of all vehicles and there are many clients, searching from nothing is given up for going on."""
LAST = 0.98
"""Until this share of the budget a plan that serves everybody is looked for."""
ROUNDS_OF_A_CALL = 50
"""Rounds that take about as long as one of PyVRP's iterations."""


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
    budget = Budget(began, seconds, iterations, clock, keep_going)
    if knows(problem) and (made := _share(problem, budget, params, seed, start)):
        return made
    parts = in_pieces(problem) if problem.may_split else None
    ordered = in_order(parts.problem if parts else problem)
    search = Search(ordered.problem, budget, params, seed)
    if start and parts is None:
        begin = ordered.there(start)
        search.take([(r.kind, [[v.client for v in trip] for trip in r.trips if trip]) for r in begin])
    search.run()
    plan = ordered.back(plan_of(ordered.problem, search.state, search.best, budget.done))
    return joined(problem, parts, plan) if parts else plan


def _share(
    problem: RoutingProblem, budget: Budget, params: Params, seed: int, start: tuple[VehicleRoute, ...]
) -> RoutingPlan | None:
    """Clients shared out as the search goes; None if half of the budget finds no plan that brings everybody everything."""
    run, p = Shared(problem, seed, start), params
    hot = p.warm if start else p.hot
    while (share := budget.share()) < 1.0 or not budget.done:
        if budget.done and (not budget.may_go_on() or (share > 0.5 and run.is_short())):
            break
        rounds = (
            budget.rounds(p.block, 1.0) if budget.done or start else 1
        )  # the temperature follows from the first plan
        run.rounds(rounds, hot * (p.cold / hot) ** share, p.taken, p.string_max, p.blink)
        budget.done += rounds
    return (
        None
        if run.is_short() and budget.share() < 1.0 and not budget.is_stopped
        else plan_of_shares(problem, run.state, budget.done)
    )


class Search:
    """One run: the plan now, the best, and every route seen on the way."""

    def __init__(self, problem: RoutingProblem, budget: Budget, params: Params, seed: int) -> None:
        self.problem, self.budget, self.params = problem, budget, params
        clients = len(problem.clients)
        self.has_windows = bool((problem.late[problem.depots :] < NEVER).any())
        self.static = static_of(problem, params.neighbours or neighbours(clients, self.has_windows))
        self.state, self.best = empty_state(problem, self.static, seed)
        recombines = clients < params.recombines_below
        self.memory = empty_memory(problem.nodes, len(problem.fleet)) if recombines else None
        self.goes_on = clients > params.small and problem.filled > FULL
        self.is_tight = self.has_windows and (not recombines or bool(self.static.chained))
        self.cold = params.cold_windows if self.is_tight else params.cold
        self.is_empty = True
        self.block = params.block
        self.seed = seed
        self.borrowed: Late | None = None

    def take(self, routes: Made) -> None:
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
            self._alone(hot, 1.0)
        elif self.static.chained:
            self._portfolio(hot, p.stages_trips)
        elif len(self.problem.clients) <= p.small:
            self._portfolio(hot, p.stages_small)
        elif self.has_windows or self.static.sibling.any():
            self._portfolio(hot, p.stages_mixed)
        else:
            until, put = p.stages
            self._alone(hot, until)
            self._recombine(put)
            self._anneal(self.budget.share(), 1.0, self.cold)

    def _alone(self, hot: float, until: float) -> None:
        """One long annealing; half way through, whoever is left out is looked after."""
        self._anneal(0.0, until, hot, stop=0.5)
        if self._is_short():
            self._borrow(0.9)
        self._anneal(0.0, until, hot)

    def _portfolio(self, hot: float, stages: tuple[tuple[str, float], ...]) -> None:
        """Two searches that find different things take turns, and what both saw is put together."""
        p = self.params
        for what, until in stages:
            if what == "anneal":
                self._anneal(self.budget.share(), until, hot)
                hot = p.warm_small
            elif what == "put":
                self._recombine(until)
            else:
                if self._is_short():
                    self._borrow((self.budget.share() + until) / 2)
                self._late(until, afresh=what == "afresh" and not self.goes_on)
        if self._is_short():
            self._borrow(LAST)
        self._anneal(self.budget.share(), 1.0, self.cold)

    def _late(self, until: float, *, afresh: bool) -> None:
        """PyVRP's local search, from the best plan or afresh, until this share of the budget is used."""
        budget, memory, nodes, done = self.budget, self.memory, self.problem.nodes, 0
        assert memory is not None
        begin, start, cost = budget.share(), best_routes(self.state, self.best), int(self.state.figures[k.BEST])
        calls = max(1, int((until - begin) * (budget.iterations or 0) / ROUNDS_OF_A_CALL))

        def used() -> float:
            nonlocal done
            done += 1
            if not budget.may_go_on():
                return 1.0
            return (
                (budget.share() - begin) / max(until - begin, 1e-9) if budget.iterations is None else (done - 1) / calls
            )

        def seen(kind: int, trips: list[list[int]], cost: int) -> None:
            visits = np.array([c for trip in trips for c in (*trip, -1)][:-1], np.int64)
            learn(memory, nodes, kind, visits, cost)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PenaltyBoundWarning)
            self.borrowed = self.borrowed or Late(self.problem, self.seed)
            made = self.borrowed.run(used, None if afresh or self._is_short() else start, seen)
        budget.done += (done - 1) * ROUNDS_OF_A_CALL if budget.iterations is not None else 0
        self.take(made or start)
        if int(self.state.figures[k.BEST]) > cost:
            self.take(start)

    def _anneal(self, begin: float, until: float, hot: float, stop: float = 1.0) -> None:
        """From hot to cold while the share of the budget goes from begin to until; stop on the way."""
        budget, p, figures = self.budget, self.params, self.state.figures
        while (share := budget.share()) < min(until, stop) or self.is_empty:  # one round is always made
            if budget.done and not budget.may_go_on():
                return
            rounds = budget.rounds(self.block, min(until, stop))
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
            kernel.search(self.static, self.state, self.best, rounds, heat, heat, self.taken(), longest, blink)
            budget.done += rounds
            if self.memory is not None:
                self._collect(share)

    def taken(self) -> float:
        """Clients that a round takes out, on average."""
        is_long = self.budget.expected() > self.params.long * len(self.problem.clients)
        return self.params.taken_long if is_long and self.is_tight and self.memory is None else self.params.taken

    def _is_short(self) -> bool:
        """Does the best plan leave anybody out?"""
        return int(self.best.starts[self.state.figures[k.BEST_TRIPS]]) < len(self.problem.clients)

    def _borrow(self, until: float) -> None:
        """Look for a plan that serves everybody where broken rules are allowed on the way."""
        budget, start = self.budget, best_routes(self.state, self.best)
        made, attempt = None, 0
        while made is None and budget.share() < until and budget.may_go_on():
            # how long it takes depends on luck: many short attempts are done sooner than a long one
            end = min(until, budget.share() + 0.08)
            calls = max(1, int((end - budget.share()) * (budget.iterations or 0) / ROUNDS_OF_A_CALL))
            made = self._attempt(end, calls, attempt)
            budget.done += calls * ROUNDS_OF_A_CALL if budget.iterations is not None else 0
            attempt += 1
        self.take(made or start)

    def _attempt(self, end: float, calls: int, attempt: int) -> Made | None:
        """One of PyVRP's searches, until the share of the budget or, where rounds are counted, for so many of its iterations."""
        budget, done = self.budget, 0

        def may_go_on() -> bool:
            nonlocal done
            done += 1
            return budget.may_go_on() and (budget.share() < end if budget.iterations is None else done <= calls)

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
        budget, figures = self.budget, self.state.figures
        assert self.memory is not None

        def may_go_on() -> bool:
            return budget.may_go_on() and (budget.iterations is not None or budget.share() < until)

        seconds = None if budget.seconds is None else budget.seconds * (until - budget.share()) * budget.slowness()
        made = recombine(self.problem, self.static, self.memory, int(figures[k.BEST]), may_go_on, seconds)
        self.take(made or best_routes(self.state, self.best))


def warm_up() -> None:
    """Compile the search, or load it compiled: a minute once on a machine, a moment later."""
    table = (np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]], np.int32),)
    zero, never = np.zeros(3, np.int64), np.full(3, NEVER, np.int64)
    demand = np.array([[0], [1], [1]], np.int64)
    case = RoutingProblem(1, table, table, demand, zero, zero, never, zero, (VehicleType(2, (2,)),))
    solve(case, iterations=900, seed=1)
    solve(replace(case, may_split=True), iterations=9, seed=1)
