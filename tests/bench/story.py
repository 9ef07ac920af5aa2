"""Measures of the demonstration: from a warm environment to printed orders."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from supplyops.cli.compose import build_runtime
from supplyops.config import Settings
from supplyops.kernel.access import SYSTEM
from supplyops.planning import queries
from supplyops.planning.solving import Order, limits_for, solve_and_judge
from tests.bench.report import Measure


def demo(folder: Path) -> list[Measure]:
    """The whole story as a newcomer starts it, and the plan in it once more."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SUPPLYOPS_")}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "supplyops", "demo", "--no-serve"],
        env={**environ, "SUPPLYOPS_DATA_DIR": str(folder / "demo")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"demo ended with {done.returncode}: {done.stderr[-2000:]}")
    memory_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        Measure("demo to printed orders", seconds, "s", maximum=60),
        Measure("demo plan, solved and judged", plan_s(folder / "demo"), "s", maximum=10),
        Measure("largest process of the demo", memory_mb, "MB", maximum=500),
    ]


def plan_s(folder: Path) -> float:
    """How long the demo's plan takes in its watched child, judged by the checker: the story's own clock stands still meanwhile."""
    settings = Settings(data_dir=folder)
    runtime = build_runtime(settings)
    try:
        (head,) = runtime.read(queries.plans, SYSTEM)
        asked = runtime.read(queries.solve_order, SYSTEM, head.id)
        order = Order(asked.problem, asked.seconds, asked.iterations, asked.seed)
        limits = limits_for(order, settings.solver_seconds_max, settings.solver_memory_mb)
        start = time.perf_counter()
        _, verdict = solve_and_judge(order, limits, lambda _: True)
        seconds = time.perf_counter() - start
    finally:
        runtime.database.dispose()
    if not verdict.is_feasible:
        raise RuntimeError("the demo's plan is not feasible")
    return seconds
