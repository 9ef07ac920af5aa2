"""The process that solves: reads one problem, writes progress and the solution, ends when whoever started it ends.

Started as `python -m supplyops.planning.child SOLVER`, where SOLVER is `module:function` with the signature of
`optimizer.solve.solve`, or, where the order has a plan, of `optimizer.remedies.advise`. One JSON line comes in; lines go out:
{"progress": ...} and {"found": ...}, a better plan, as often as it likes, then {"solution": ...}, {"advice": ...} or
{"faults": [...]}. What solvers print themselves goes to the error stream.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, TextIO

from optimizer.budget import Budget, Progress
from optimizer.codec import from_json, offers_from_json, plain, to_json
from optimizer.emphasis import Emphasis
from optimizer.model import Problem, ProblemError
from optimizer.replan import Stability, replan
from optimizer.solution import Solution

FREE_STEPS = 30
"""So many steps are spent on what a plan would be like if changes cost nothing."""
ORPHANED = 3
"""Exit code when the starter is gone."""


def main(solver: str) -> None:
    """Solve what comes in."""
    answers = _own_answers()
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_starter, daemon=True).start()
    say = _speaker(answers)
    module, _, name = solver.partition(":")
    work: Callable[..., Any] = getattr(import_module(module), name)
    budget = Budget(
        seconds=order["seconds"],
        iterations=order["iterations"],
        on_progress=lambda progress: say({"progress": _whole(progress)}),
        on_found=lambda found: say({"found": to_json(found)}),
    )
    try:
        problem = from_json(Problem, order["problem"])
        if order.get("previous") is not None:
            say(_near(problem, budget, order))
        elif "plan" in order:
            plan, offers = from_json(Solution, order["plan"]), offers_from_json(order["offers"])
            say({"advice": to_json(work(problem, plan, budget, offers=offers, seed=order["seed"]))})
        else:
            stressed = {} if order["emphasis"] == Emphasis.USUAL else {"emphasis": Emphasis(order["emphasis"])}
            say({"solution": to_json(work(problem, budget, seed=order["seed"], **stressed))})
    except ProblemError as error:
        say({"faults": error.faults})


def _near(problem: Problem, budget: Budget, order: dict[str, Any]) -> dict[str, Any]:
    """The plan near an older one, and its figures beside those of others."""
    previous, stability = from_json(Solution, order["previous"]), Stability(**order["stability"])
    found = replan(problem, previous, budget, stability, seed=order["seed"], free_steps=FREE_STEPS)
    calm = {name: plain(getattr(found, name)) for name in ("incumbent", "stable", "free")}
    calm["free_changed_permille"] = found.free_changed_permille
    calm["forced"] = [list(key) for key in found.forced]
    return {"solution": to_json(found.solution), "calm": calm}


def _own_answers() -> TextIO:
    """The stream for answers; from now on everything printed by anybody goes to the error stream instead."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    return answers


def _speaker(answers: TextIO) -> Callable[[dict[str, Any]], None]:
    lock = threading.Lock()

    def say(value: dict[str, Any]) -> None:
        line = json.dumps(value, ensure_ascii=False, allow_nan=False)
        with lock:
            answers.write(line + "\n")
            answers.flush()

    return say


def _end_with_starter() -> None:
    """The starter keeps its end of the pipe open as long as it lives; a solver in native code would not notice otherwise."""
    sys.stdin.read()
    os._exit(ORPHANED)


def _whole(progress: Progress) -> dict[str, Any]:
    """Progress as the books can keep it: no fractions."""
    return {
        "stage": progress.stage,
        "done": progress.done,
        "total": progress.total,
        "incumbent": progress.incumbent,
        "bound": progress.bound,
        "milliseconds": round(progress.seconds * 1000),
    }


if __name__ == "__main__":
    main(sys.argv[1])
