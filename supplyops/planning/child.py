"""The process that solves: reads one problem, writes progress and the solution, ends when whoever started it ends.

The solver is named `module:function`, with the signature of `optimizer.solve.solve`, or, where the order has a plan, of
`optimizer.remedies.advise`, or, where it has a late line besides, of `optimizer.insertions.insertions`; or, by the kind of the order,
of `optimizer.teams.solve` or `optimizer.reserve.advise_reserve`. What its module has to `make_ready` is no part of its time. One message
in JSON comes in; messages go out: {"ready": true} when its time begins, {"progress": ...} and {"found": ...}, a better plan, as often as
it likes, then {"solution": ...}, {"advice": ...}, {"insertions": [...]}, {"answer": ...} or {"faults": [...]}. What solvers print goes
to the file of errors.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any

from optimizer.budget import Budget, Progress
from optimizer.codec import from_json, offers_from_json, plain, rebuilt_from, to_json
from optimizer.emphasis import Emphasis
from optimizer.model import DemandLine, Problem, ProblemError
from optimizer.offered import Since
from optimizer.solution import Solution

FREE_STEPS = 30
"""So many steps are spent on what a plan would be like if changes cost nothing."""
ORPHANED = 3
"""Exit code when the starter is gone."""


def make_ready() -> None:
    """Compile what solvers compile, before anybody asks for a plan."""
    import_module("optimizer.route.ready").make_ready()


def main(solver: str, line: Connection, errors: str) -> None:
    """Solve what comes in over the line; what is printed goes to the end of the file `errors`."""
    _print_to(errors)
    order = json.loads(line.recv_bytes())
    threading.Thread(target=_end_with_starter, args=(line,), daemon=True).start()
    say = _speaker(line)
    module, _, name = solver.partition(":")
    solvers = import_module(module)
    work: Callable[..., Any] = getattr(solvers, name)
    try:
        if order["kind"] != "plan":
            answers = {"teams": _teams, "reserve": _reserve}
            say({"answer": answers[order["kind"]](work, _budget(order, say), order)})
            return
        problem = from_json(Problem, order["problem"])
        getattr(solvers, "make_ready", int)()
        budget = _budget(order, say)
        if order.get("previous") is not None:
            say(_near(problem, budget, order))
        elif "line" in order:
            say(_insertions(problem, budget, order, work))
        elif "plan" in order:
            plan, offers = from_json(Solution, order["plan"]), offers_from_json(order["offers"])
            say({"advice": to_json(work(problem, plan, budget, offers=offers, seed=order["seed"]))})
        else:
            stressed = {} if order["emphasis"] == Emphasis.USUAL else {"emphasis": Emphasis(order["emphasis"])}
            say({"solution": to_json(work(problem, budget, seed=order["seed"], **stressed))})
    except ProblemError as error:
        say({"faults": error.faults})


def _budget(order: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> Budget:
    """The order's time, from now on."""
    say({"ready": True})
    return Budget(
        seconds=order["seconds"],
        iterations=order["iterations"],
        on_progress=lambda progress: say({"progress": _whole(progress)}),
        on_found=lambda found: say({"found": to_json(found)}),
    )


def _insertions(problem: Problem, budget: Budget, order: dict[str, Any], work: Callable[..., Any]) -> dict[str, Any]:
    """Plans with a late line in them, the best first. What they change is read off them by whoever asked."""
    plan, line = from_json(Solution, order["plan"]), from_json(DemandLine, order["line"])
    found = work(problem, plan, line, since=rebuilt_from(Since, order["since"]), budget=budget)
    return {"insertions": [to_json(one.solution) for one in found]}


def _teams(work: Callable[..., Any], budget: Budget, order: dict[str, Any]) -> dict[str, Any]:
    """Which teams to send."""
    from optimizer.teams import TeamProblem  # noqa: PLC0415  whoever starts a child does not need the solvers

    made: dict[str, Any] = plain(work(rebuilt_from(TeamProblem, order["problem"]), budget, seed=order["seed"]))
    return made


def _reserve(work: Callable[..., Any], budget: Budget, order: dict[str, Any]) -> dict[str, Any]:
    """What to hold where, and what today's stock and the fixed norms come to beside it."""
    from optimizer.reserve import ReserveProblem, evaluate  # noqa: PLC0415  whoever starts a child does not need the solvers

    problem = rebuilt_from(ReserveProblem, order["problem"]["reserve"])
    budget.say("reserve", 0, 3)
    advice = plain(work(problem))
    budget.say("reserve", 1, 3)
    as_is = {option.id: option.most for option in problem.options}
    norms = {(site, item): lacking for site, item, lacking in order["problem"]["norms"]}
    valued = []
    for place, additions in enumerate(({}, norms), start=2):
        one = evaluate(problem, additions, as_is)
        valued.append({"unmet_e6": one.unmet_e6, "cost_fen": one.cost_fen, "outcomes": plain(one.outcomes)})
        budget.say("reserve", place, 3)
    return {"advice": advice, "today": valued[0], "norm": valued[1]}


def _near(problem: Problem, budget: Budget, order: dict[str, Any]) -> dict[str, Any]:
    """The plan near an older one, and its figures beside those of others."""
    from optimizer.replan import Stability, replan  # noqa: PLC0415  whoever starts a child does not need the solvers

    previous, stability = from_json(Solution, order["previous"]), Stability(**order["stability"])
    found = replan(problem, previous, budget, stability, seed=order["seed"], free_steps=FREE_STEPS)
    calm = {name: plain(getattr(found, name)) for name in ("incumbent", "stable", "free")}
    calm["free_changed_permille"] = found.free_changed_permille
    calm["forced"] = [list(key) for key in found.forced]
    return {"solution": to_json(found.solution), "calm": calm}


def _print_to(errors: str) -> None:
    """From now on everything printed by anybody, native code too, goes to that file."""
    file = os.open(errors, os.O_WRONLY | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _speaker(line: Connection) -> Callable[[dict[str, Any]], None]:
    lock = threading.Lock()

    def say(value: dict[str, Any]) -> None:
        message = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        with lock:
            line.send_bytes(message)

    return say


def _end_with_starter(line: Connection) -> None:
    """The starter keeps its end of the line open as long as it lives; a solver in native code would not notice otherwise."""
    with suppress(EOFError, OSError):
        line.recv_bytes()
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
