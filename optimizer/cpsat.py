"""CP-SAT with one worker, ended when somebody says so."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ortools.sat.python import cp_model

LOOK_S = 0.05
"""So often is it asked whether to go on."""


def solve_while(
    solver: cp_model.CpSolver, model: cp_model.CpModel, keep_going: Callable[[], bool]
) -> cp_model.CpSolverStatus:
    """The solver's word on the model; another thread asks meanwhile whether to go on, and ends it where not."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(LOOK_S):
            if not keep_going():
                solver.stop_search()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return solver.solve(model)
    finally:
        done.set()
        watcher.join()
