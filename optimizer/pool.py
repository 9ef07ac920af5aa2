"""Several seeds side by side: the best of them is the answer, the same whoever finishes first.

Any `concurrent.futures.Executor` will do; by default it is one of processes, because only the compiled part of a search lets other
threads go on. A worker is asked to stop by a file that appears: that reaches threads and processes alike, however they were started.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from optimizer.vrp.engine import solve
from optimizer.vrp.problem import RoutingPlan, RoutingProblem

LOOK_EVERY = 0.1
"""Seconds between two looks whether to stop."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best plan, the seed it came from, and how many rounds each seed made."""

    plan: RoutingPlan
    seed: int
    rounds: dict[int, int]


def best_of(
    problem: RoutingProblem,
    seeds: Sequence[int],
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    executor: Executor | None = None,
    keep_going: Callable[[], bool] = lambda: True,
) -> Found:
    """The best plan of all seeds: fewest left out, then cheapest, then the seed named first.

    `seconds` are wall seconds for each seed. A number of iterations for each gives the same answer again, with any executor. False
    from `keep_going` ends every search within a second, with the best plan so far.
    Raises ValueError without seeds, or unless exactly one budget is given.
    """
    if not seeds:
        raise ValueError("at least one seed is needed")
    if (seconds is None) == (iterations is None):
        raise ValueError("a budget is seconds or iterations")
    if executor is None:
        with ProcessPoolExecutor(min(len(seeds), os.cpu_count() or 1), get_context("spawn")) as own:
            return best_of(problem, seeds, seconds=seconds, iterations=iterations, executor=own, keep_going=keep_going)
    with tempfile.TemporaryDirectory() as folder:
        stop = Path(folder) / "stop"
        runs = [executor.submit(_one, problem, seed, seconds, iterations, stop) for seed in seeds]
        try:
            while wait(runs, LOOK_EVERY).not_done:
                if not stop.exists() and not keep_going():
                    stop.touch()
            plans = [run.result() for run in runs]
        except BaseException:
            stop.touch()
            wait(runs)
            raise
    at = min(range(len(plans)), key=lambda n: (len(plans[n].unserved), plans[n].cost, n))
    return Found(plans[at], seeds[at], {seed: plan.iterations for seed, plan in zip(seeds, plans, strict=True)})


def _one(problem: RoutingProblem, seed: int, seconds: float | None, iterations: int | None, stop: Path) -> RoutingPlan:
    """One seed, in whatever thread or process this is."""
    looked, stopped = time.monotonic(), stop.exists()

    def keep_going() -> bool:
        nonlocal looked, stopped
        if not stopped and time.monotonic() - looked > LOOK_EVERY:
            looked, stopped = time.monotonic(), stop.exists()
        return not stopped

    if stopped:
        iterations, seconds = 1, None
    return solve(
        problem, seconds=seconds, iterations=iterations, seed=seed, clock=time.monotonic, keep_going=keep_going
    )
