"""Solving in a child process, watched from outside: wall time, resident memory, cancel. Then the checker judges."""

from __future__ import annotations

import json
import multiprocessing
import os
import queue
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import IO, Any

import psutil

from optimizer.check import check
from optimizer.codec import from_json
from optimizer.model import Problem, ProblemError
from optimizer.offered import OWN_TIMES, Offer, offer_of
from optimizer.remedy import Advice
from optimizer.solution import Solution, Verdict
from supplyops.kernel.errors import SupplyError
from supplyops.planning import child

SOLVER = "optimizer.solve:solve"
ADVISER = "optimizer.remedies:advise"
INSERTER = "optimizer.insertions:insertions"
GRACE_S = 10.0
"""So much longer than it was given may a solver take to start, to tidy up and to hand its answer over."""
STARVED_TIMES = 3
"""A child that did not get the processor is given so many times its wall limit before it is ended all the same."""
READY_S = 600.0
"""So long may a solver compile itself before its time begins: a minute once on a machine, with others at work on it longer."""
LOOK_EVERY_S = 0.1
ERROR_TAIL = 2000
READY = multiprocessing.get_context("forkserver")
"""Children come out of a process that has imported the solvers once and does nothing else; it is there from the first order on and
ends with us. Where it cannot find the modules they are imported by each child, a second later."""
READY.set_forkserver_preload(
    [
        "supplyops.planning.child",
        "optimizer.replan",
        "optimizer.route.ready",
        "optimizer.solve",
        "optimizer.remedies",
        "optimizer.insertions",
        "optimizer.teams",
        "optimizer.reserve",
    ]
)


def make_ready_meanwhile() -> None:
    """Have the solvers compiled beside us, so that the first plan does not wait for it: a minute once on a machine."""
    READY.Process(target=child.make_ready, name="ready", daemon=True).start()


@dataclass(frozen=True, slots=True)
class Order:
    """What the child is asked: a problem as JSON and how long to work on it."""

    problem: dict[str, Any]
    seconds: int | None
    iterations: int | None
    seed: int
    plan: dict[str, Any] | None = None
    """A plan to be advised on; without one the problem is solved."""
    offers: tuple[Any, ...] = ()
    previous: dict[str, Any] | None = None
    """The plan to stay near, and how near."""
    stability: dict[str, Any] | None = None
    emphasis: str = "usual"
    """What the plan is to stress."""
    line: dict[str, Any] | None = None
    """A late line that is to be taken along with the plan,"""
    since: dict[str, Any] | None = None
    """and what has changed since the plan was made."""
    kind: str = "plan"
    """Or the problem is which `teams` to send, or what to hold in `reserve`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Enforced from outside: an address-space limit would break solvers that reserve more than they use."""

    wall_s: float
    memory_mb: int


class Stopped(Exception):
    """Nobody waits for the answer any more; the child has been ended."""


class SolveFailed(SupplyError):
    """The solve did not end as it should: too slow, too large, crashed, or the problem makes no sense.

    `best` is the best plan it had handed over by then, judged by the checker; None where there was none.
    """

    family = "conflict"
    best: tuple[Solution, Verdict] | None = None


def limits_for(order: Order, seconds_max: int, memory_mb: int) -> Limits:
    """The wall limit of an order: its own seconds, or the longest allowed where it counts iterations, and the grace."""
    return Limits((order.seconds if order.seconds is not None else seconds_max) + GRACE_S, memory_mb)


def solve_and_judge(
    order: Order,
    limits: Limits,
    report: Callable[[dict[str, Any]], bool],
    *,
    solver: str = SOLVER,
    calm: dict[str, Any] | None = None,
) -> tuple[Solution, Verdict]:
    """Solve in a child and have the checker judge what comes back. `report` is told how it goes; False ends the child.
    What the child says of a plan made near an older one goes into `calm`.

    Raises Stopped, or SolveFailed saying why no plan came out, with the best plan that had been handed over by then.
    """
    watch = _Watch(limits, report)
    try:
        answer = _answer(order, watch, solver)
        if "faults" in answer:
            raise SolveFailed("solver_refused", faults=";".join(answer["faults"][:10]))
        report({"stage": "check", "done": 0, "total": 1})
        if calm is not None:
            calm.update(answer.get("calm", {}))
        return _judged(order, answer["solution"])
    except SolveFailed as failure:
        if watch.best is not None:
            with suppress(SolveFailed):  # what cannot be read is no plan
                failure.best = _judged(order, watch.best)
        raise


def advise_in_child(
    order: Order, limits: Limits, report: Callable[[dict[str, Any]], bool], *, adviser: str = ADVISER
) -> Advice:
    """Have a child find what would help the order's plan. Raises Stopped, or SolveFailed saying why nothing came out."""
    answer = _answer(order, _Watch(limits, report), adviser)
    if "faults" in answer:
        raise SolveFailed("solver_refused", faults=";".join(answer["faults"][:10]))
    try:
        return from_json(Advice, answer["advice"])
    except ProblemError as error:
        raise SolveFailed("solver_refused", faults=";".join(error.faults[:10])) from None


def insert_in_child(
    order: Order, limits: Limits, report: Callable[[dict[str, Any]], bool], *, inserter: str = INSERTER
) -> tuple[tuple[Offer, Solution, Verdict], ...]:
    """Have a child find ways to take a late line along; the checker judges each, and what it changes is read off it here.
    Raises Stopped, or SolveFailed saying why nothing came out."""
    assert order.plan is not None
    assert order.line is not None
    answer = _answer(order, _Watch(limits, report), inserter)
    if OWN_TIMES in answer.get("faults", ()):
        raise SolveFailed("plan_own_times")
    if "faults" in answer:
        raise SolveFailed("solver_refused", faults=";".join(answer["faults"][:10]))
    problem, before = from_json(Problem, order.problem), from_json(Solution, order.plan)
    found = []
    for plain in answer["insertions"]:
        solution, verdict = _judged(order, plain)
        offer = offer_of(problem, before, solution, order.line["id"])
        if offer is None:
            raise SolveFailed("checker", violations=1)
        found.append((offer, solution, verdict))
    return tuple(found)


def solve_in_child(
    order: Order, limits: Limits, report: Callable[[dict[str, Any]], bool], *, solver: str
) -> dict[str, Any]:
    """Have a child solve what is no plan; the answer as JSON. Raises Stopped, or SolveFailed saying why nothing came out."""
    said = _answer(order, _Watch(limits, report), solver)
    if "faults" in said:
        raise SolveFailed("solver_refused", faults=";".join(said["faults"][:10]))
    answer: dict[str, Any] = said["answer"]
    return answer


def _judged(order: Order, plain: dict[str, Any]) -> tuple[Solution, Verdict]:
    try:
        solution = from_json(Solution, plain)
    except ProblemError as error:
        raise SolveFailed("solver_refused", faults=";".join(error.faults[:10])) from None
    return solution, check(from_json(Problem, order.problem), solution)


def _answer(order: Order, watch: _Watch, solver: str) -> dict[str, Any]:
    """What the child says in the end; SolveFailed when it ends without a word."""
    with tempfile.NamedTemporaryFile() as errors, _started(solver, errors) as (process, line):
        answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(line, answers), daemon=True).start()
        threading.Thread(target=_hand_over, args=(line, order), daemon=True).start()
        answer = watch.wait(process, answers)
        if answer is None:
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - ERROR_TAIL))
            said = errors.read().decode(errors="replace")
            raise SolveFailed("solver_crash", exit_code=process.exitcode, said=said)
    return answer


@contextmanager
def _started(solver: str, errors: IO[bytes]) -> Iterator[tuple[BaseProcess, Connection]]:
    """A child and the line to it; when all is said, nothing of it is left."""
    ours, theirs = READY.Pipe()
    process = READY.Process(target=child.main, args=(solver, theirs, errors.name), name="solver")
    try:
        with theirs:
            process.start()
        try:
            yield process, ours
        finally:
            _end(process)
    finally:
        ours.close()


def _hand_over(line: Connection, order: Order) -> None:
    """Write the order; the line stays open, its end tells the child that we are gone."""
    given: dict[str, Any] = {
        "problem": order.problem,
        "seconds": order.seconds,
        "iterations": order.iterations,
        "seed": order.seed,
        "previous": order.previous,
        "stability": order.stability,
        "emphasis": order.emphasis,
        "kind": order.kind,
    }
    if order.line is not None:
        given |= {"plan": order.plan, "line": order.line, "since": order.since}
    elif order.plan is not None:
        given |= {"plan": order.plan, "offers": list(order.offers)}
    with suppress(ValueError, OSError):  # a child that could not start is found to be gone below
        line.send_bytes(json.dumps(given, ensure_ascii=False).encode())


def _listen(line: Connection, answers: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    with suppress(ValueError, OSError, EOFError):  # the line is closed when the child is ended
        while True:
            answers.put(json.loads(line.recv_bytes()))
    answers.put(None)


@dataclass(slots=True)
class _Watch:
    """Listens to a child until it has answered or has to be ended, and keeps the best plan it has handed over."""

    limits: Limits
    report: Callable[[dict[str, Any]], bool]
    best: dict[str, Any] | None = None

    def wait(self, process: BaseProcess, answers: queue.SimpleQueue[dict[str, Any] | None]) -> dict[str, Any] | None:
        """The child's answer; None when it ended without one. Its time begins when it is ready."""
        started_at, used_s, limits = time.monotonic(), 0.0, replace(self.limits, wall_s=READY_S)
        progress: dict[str, Any] = {"stage": "start", "done": 0, "total": 0}
        while True:
            try:
                said = answers.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                said = {}
            if said is None:
                process.join(2)  # its exit code is what it ended with, not our end of it
                return None
            if not said.keys().isdisjoint({"solution", "advice", "insertions", "answer", "faults"}):
                return said
            self.best = said.get("found", self.best)
            memory_mb, worked_s = _used(process.pid)
            if "ready" in said:
                started_at, used_s, limits = time.monotonic(), worked_s, self.limits
            progress = {**said.get("progress", progress), "memory_mb": memory_mb}
            if memory_mb > self.limits.memory_mb:
                raise SolveFailed("solver_memory", limit_mb=self.limits.memory_mb)
            if _is_over(limits, time.monotonic() - started_at, worked_s - used_s):
                raise SolveFailed("solver_time", seconds=round(self.limits.wall_s))
            if not self.report(progress):
                raise Stopped


def _is_over(limits: Limits, wall_s: float, worked_s: float) -> bool:
    """Has the child had its time? On a machine that is busy with other things it may have had the wall clock's only."""
    return wall_s > limits.wall_s and (worked_s > limits.wall_s or wall_s > limits.wall_s * STARVED_TIMES)


def _used(pid: int | None) -> tuple[int, float]:
    """What the child and whatever it started hold in memory (MB), and the processor seconds they have had."""
    resident, seconds = 0, 0.0
    with suppress(psutil.NoSuchProcess):
        child = psutil.Process(pid)
        for each in (child, *child.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                resident += each.memory_info().rss
                times = each.cpu_times()
                seconds += times.user + times.system
    return resident // 1_048_576, seconds


def _end(process: BaseProcess) -> None:
    """Nothing of the child is left, nor of what it started: it has said all it had to say, or nobody listens any more."""
    with suppress(psutil.NoSuchProcess):
        started = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        for each in started:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(started, timeout=0.3)
    process.join()
