"""The child process is watched: time, memory, cancel, crash; nothing of it stays behind; what it finds is judged."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from optimizer.check import check
from optimizer.codec import to_json
from supplyops.planning.solving import STARVED_TIMES, Limits, Order, SolveFailed, Stopped, limits_for, solve_and_judge
from tests.optimizer.make import small

ROOMY = Limits(60, 2000)
ROOT = Path(__file__).parents[2]
SOLVERS = "tests.planning.solvers:"


def order(seconds: int | None = None, iterations: int | None = 5) -> Order:
    return Order(to_json(small()), seconds, iterations, 1)


def goes_on(_: dict[str, Any]) -> bool:
    return True


def solvers_at_work() -> set[int]:
    """Children of the process that solvers come out of; others may have been started by other tests."""
    found = set()
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            if any("multiprocessing.forkserver" in word for word in child.cmdline()):
                found |= {each.pid for each in child.children()}
    return found


def test_a_plan_is_found_judged_and_told_of_meanwhile() -> None:
    said: list[dict[str, Any]] = []
    seen: set[int] = set()

    def hear(progress: dict[str, Any]) -> bool:
        said.append(progress)
        if progress["stage"] != "check":
            seen.add(len(solvers_at_work()))
        return True

    solution, verdict = solve_and_judge(order(), ROOMY, hear)
    assert verdict.is_feasible, verdict.violations
    assert verdict == check(small(), solution)
    assert solution.allocations
    assert {progress["stage"] for progress in said} > {"check"}
    assert seen - {0} == {1}, "the watch can see the solver while it works"
    assert all(type(value) in {int, str, type(None)} for progress in said for value in progress.values())
    assert solvers_at_work() == set()


def test_the_same_seed_and_iterations_give_the_same_plan() -> None:
    first, _ = solve_and_judge(order(), ROOMY, goes_on)
    second, _ = solve_and_judge(order(), ROOMY, goes_on)
    assert replace(first, run=replace(first.run, seconds=0)) == replace(second, run=replace(second.run, seconds=0))


def test_a_plan_the_checker_refuses_comes_back_refused() -> None:
    _, verdict = solve_and_judge(order(), ROOMY, goes_on, solver=SOLVERS + "lies")
    assert not verdict.is_feasible


def test_a_crash_is_told_with_its_exit_code_and_last_words() -> None:
    with pytest.raises(SolveFailed) as failure:
        solve_and_judge(order(), ROOMY, goes_on, solver=SOLVERS + "crashes")
    assert (failure.value.code, failure.value.params["exit_code"]) == ("solver_crash", 11)
    assert "about to end" in str(failure.value.params["said"])


def test_a_solver_that_breaks_off_leaves_the_best_plan_it_had_handed_over() -> None:
    with pytest.raises(SolveFailed) as failure:
        solve_and_judge(order(), ROOMY, goes_on, solver=SOLVERS + "breaks_off")
    assert failure.value.code == "solver_crash"
    assert failure.value.best is not None
    solution, verdict = failure.value.best
    assert solution.allocations
    assert verdict.is_feasible, verdict.violations
    assert solution.run.stopped_by == "found"


def test_a_solver_that_does_not_end_is_ended_at_the_wall() -> None:
    began = time.monotonic()
    with pytest.raises(SolveFailed, match="solver_time"):
        solve_and_judge(order(), Limits(2, 2000), goes_on, solver=SOLVERS + "never_ends")
    assert 2 < time.monotonic() - began < 2 * STARVED_TIMES + 2
    assert solvers_at_work() == set()


def test_a_solver_that_gets_no_processor_is_given_longer_but_not_for_ever() -> None:
    limit_s = 2  # more than the processor seconds that a child needs to begin
    began = time.monotonic()
    with pytest.raises(SolveFailed, match="solver_time"):
        solve_and_judge(order(), Limits(limit_s, 2000), goes_on, solver=SOLVERS + "sleeps")
    assert time.monotonic() - began > limit_s * STARVED_TIMES
    assert solvers_at_work() == set()


def test_a_solver_that_eats_memory_is_ended_by_what_it_holds() -> None:
    with pytest.raises(SolveFailed) as failure:
        solve_and_judge(order(), Limits(60, 300), goes_on, solver=SOLVERS + "eats_memory")
    assert (failure.value.code, failure.value.params["limit_mb"]) == ("solver_memory", 300)
    assert solvers_at_work() == set()


def test_cancel_ends_the_child_and_what_it_started_within_a_second() -> None:
    told: list[float] = []
    grandchildren: list[int] = []

    def stop(progress: dict[str, Any]) -> bool:
        if progress["stage"] != "route":
            return True
        grandchildren.append(progress["done"])
        told.append(time.monotonic())
        return False

    with pytest.raises(Stopped):
        solve_and_judge(order(), ROOMY, stop, solver=SOLVERS + "starts_another")
    assert time.monotonic() - told[0] < 1
    _wait_for(lambda: _is_gone(grandchildren[0]))
    assert solvers_at_work() == set()


def test_a_child_does_not_outlive_whoever_started_it(tmp_path: Path) -> None:
    script = (
        "from tests.planning.test_solving import order, ROOMY, SOLVERS\n"
        "from supplyops.planning.solving import solve_and_judge\n"
        f"note = open({str(tmp_path / 'pid')!r}, 'w')\n"
        "import multiprocessing\n"
        "def report(progress):\n"
        "    if progress['stage'] == 'route' and not note.closed:\n"
        "        note.write(str(multiprocessing.active_children()[0].pid)); note.close()\n"
        "    return True\n"
        "solve_and_judge(order(), ROOMY, report, solver=SOLVERS + 'never_ends')\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    pid = _wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    child = psutil.Process(int(pid))
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    _wait_for(lambda: _is_gone(child.pid))


def _is_gone(pid: int) -> bool:
    """Ended; whoever adopts orphans here may not have taken note of it yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _wait_for(condition: Any) -> Any:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_the_wall_leaves_the_solver_its_time_and_ten_seconds() -> None:
    assert limits_for(order(seconds=8, iterations=None), 600, 500) == Limits(18, 500)
    assert limits_for(order(), 600, 500) == Limits(610, 500)
