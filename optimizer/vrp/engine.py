"""The search in the time there is: a first plan, then annealing whose temperature follows the budget, from hot to cold."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.vrp import columns as k
from optimizer.vrp import kernel
from optimizer.vrp.columns import Best, State, Static
from optimizer.vrp.compiled import empty_state, load_plan, plan_of, static_of
from optimizer.vrp.problem import NEVER, RoutingPlan, RoutingProblem, VehicleRoute, VehicleType
from optimizer.vrp.split import in_pieces, joined

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Params:
    """How the search goes about it. Temperatures are in mean arcs of the plan: they mean the same for every problem."""

    hot: float = 3.0
    cold: float = 0.02
    taken: float = 10.0
    """Clients that a round takes out, on average."""
    string_max: int = 10
    blink: float = 0.01
    """Chance to overlook a place: a greedy search that never does is caught early."""
    neighbours: int = 20
    neighbours_timed: int = 40
    """Where windows decide, the nearest are often not the next."""
    block: int = 200
    """Rounds between two looks at the clock."""


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
    parts = in_pieces(problem) if problem.may_split else None
    work = parts.problem if parts else problem
    if not work.clients:
        return RoutingPlan((), (), 0, 0)
    timed = bool((work.late[work.depots :] < NEVER).any())
    static = static_of(work, params.neighbours_timed if timed else params.neighbours)
    state, best = empty_state(work, static, seed)
    if start and parts is None:
        load_plan(static, state, [(r.kind, [[v.client for v in trip] for trip in r.trips if trip]) for r in start])
        kernel.remember(state, best)
    done = 0

    def left() -> float:
        """The share of the budget that is used."""
        if iterations is not None:
            return done / iterations
        assert seconds is not None
        return (clock() - began) / seconds

    while (share := left()) < 1.0 and (done == 0 or keep_going()):
        rounds = params.block if iterations is None else min(params.block, iterations - done)
        _block(static, state, best, rounds, share, params, first=done == 0 and not start)
        done += rounds
    plan = plan_of(work, state, best, done)
    return joined(problem, parts, plan) if parts else plan


def _block(static: Static, state: State, best: Best, rounds: int, share: float, params: Params, *, first: bool) -> None:
    """Some rounds at the temperature that belongs to this share of the budget."""
    if first:
        kernel.search(static, state, best, 1, 0.0, 0.0, params.taken, params.string_max, params.blink)
        rounds -= 1
    figures = state.figures
    arcs = len(state.V) - static.depots + int(figures[k.TRIPS])
    heat = figures[k.BEST] / max(1, arcs) * params.hot * (params.cold / params.hot) ** share
    if rounds:
        kernel.search(static, state, best, rounds, heat, heat, params.taken, params.string_max, params.blink)


def warm_up() -> None:
    """Compile the search, or load it compiled: half a minute once on a machine, a moment later."""
    table = (np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]], np.int32),)
    zero, never = np.zeros(3, np.int64), np.full(3, NEVER, np.int64)
    demand = np.array([[0], [1], [1]], np.int64)
    solve(
        RoutingProblem(1, table, table, demand, zero, zero, never, zero, (VehicleType(2, (2,)),)), iterations=3, seed=1
    )
