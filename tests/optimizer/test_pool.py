"""Several seeds side by side: the same answer in threads and in processes, ended when told."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from optimizer.pool import best_of
from optimizer.vrp.check import check
from optimizer.vrp.engine import solve, warm_up
from tests.optimizer.test_vrp import problem

EXECUTORS: dict[str, Callable[[], Executor | None]] = {
    "threads": lambda: ThreadPoolExecutor(2),
    "one thread": lambda: ThreadPoolExecutor(1),
    "processes": lambda: ProcessPoolExecutor(2, get_context("fork")),
    "by default": lambda: None,
}


@pytest.mark.parametrize("name", EXECUTORS)
def test_the_best_seed_is_the_same_with_any_executor(name: str) -> None:
    case = problem(30, 2, windows=True)
    alone = {seed: solve(case, iterations=200, seed=seed) for seed in (5, 6, 7)}
    executor = EXECUTORS[name]()
    found = best_of(case, [5, 6, 7], iterations=200, executor=executor)
    if executor:
        executor.shutdown()
    assert found.plan.cost == min(plan.cost for plan in alone.values())
    assert found.plan == alone[found.seed] and found.rounds == {5: 200, 6: 200, 7: 200}


@pytest.mark.parametrize("name", ["threads", "processes"])
def test_all_stop_within_a_second(name: str) -> None:
    warm_up()
    case = problem(30, 2)
    executor = EXECUTORS[name]()
    until = time.monotonic() + 0.6
    found = best_of(case, [1, 2, 3], seconds=600, executor=executor, keep_going=lambda: time.monotonic() < until)
    assert time.monotonic() < until + 2.0  # a second, and another for a machine that is shared
    assert executor is not None
    executor.shutdown()
    assert check(case, found.plan.routes).is_feasible and min(found.rounds.values()) > 0


def test_a_fault_in_one_seed_ends_the_others() -> None:
    warm_up()
    calls = iter([True, False])

    def keep_going() -> bool:
        if next(calls):
            return True
        raise KeyboardInterrupt

    began = time.monotonic()
    with ThreadPoolExecutor(2) as executor, pytest.raises(KeyboardInterrupt):
        best_of(problem(30, 2), [1, 2], seconds=600, executor=executor, keep_going=keep_going)
    assert time.monotonic() - began < 5


def test_budgets_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one seed"):
        best_of(problem(3), [], iterations=1)
    with pytest.raises(ValueError, match="seconds or iterations"):
        best_of(problem(3), [1], iterations=1, seconds=1)
