"""Each solver asked one tiny question whose answer is known, in a process of its own: a solver that crashes takes nothing with it."""

from __future__ import annotations

import importlib.metadata
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

TIME_LIMIT_S = 60


@dataclass(frozen=True, slots=True)
class Probe:
    """What one solver answered: its version, or why it cannot be used."""

    package: str
    version: str
    fault: str


def ask_solvers() -> tuple[Probe, ...]:
    """Every solver in turn, each with its fault if it has one."""
    return tuple(_ask(package, question) for package, question in QUESTIONS.items())


def _ask(package: str, question: Callable[[], int]) -> Probe:
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return Probe(package, "", "not installed")
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_be_quiet)
    try:
        answer = _answer(pool.submit(question))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return Probe(package, version, answer)


def _be_quiet() -> None:
    """Solvers greet on the standard output, below Python's reach; ours may be a JSON document."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _answer(future: Future[int]) -> str:
    try:
        answer = future.result(timeout=TIME_LIMIT_S)
    except TookTooLong:
        return f"no answer in {TIME_LIMIT_S} s"
    except BrokenProcessPool:
        return "its process died"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "" if answer == RIGHT_ANSWER else f"answered {answer}, not {RIGHT_ANSWER}"


RIGHT_ANSWER = 7


def _cp_sat() -> int:
    """The largest x below 8 that is not 0 mod 8."""
    from ortools.sat.python import cp_model  # noqa: PLC0415

    model = cp_model.CpModel()
    x = model.new_int_var(0, 8, "x")
    model.add(x != 8)
    model.maximize(x)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    return int(solver.value(x)) if solver.solve(model) == cp_model.OPTIMAL else -1


def _highs() -> int:
    """Maximise x + y with x at most 3 and y at most 4."""
    import highspy  # noqa: PLC0415

    highs = highspy.Highs()
    highs.silent()
    x, y = highs.addVariable(ub=3), highs.addVariable(ub=4)
    highs.maximize(x + y)
    return int(round(highs.getObjectiveValue()))  # noqa: RUF046  highspy has no types


def _pyvrp() -> int:
    """There and back again, one client: 3 out and 4 home."""
    import pyvrp  # noqa: PLC0415
    from pyvrp.stop import MaxIterations  # noqa: PLC0415

    model = pyvrp.Model()
    store, village = model.add_location(0, 0), model.add_location(1, 1)
    depot = model.add_depot(store)
    model.add_client(village, delivery=[1])
    model.add_vehicle_type(1, capacity=[1], start_depot=depot, end_depot=depot)
    model.add_edge(store, village, distance=3)
    model.add_edge(village, store, distance=4)
    return int(model.solve(MaxIterations(5), seed=1, display=False).cost())


QUESTIONS: dict[str, Callable[[], int]] = {"ortools": _cp_sat, "highspy": _highs, "pyvrp": _pyvrp}
