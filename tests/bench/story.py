"""Measures of the demonstration: from a warm environment to printed orders."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from supplyops.database.engine import Database
from tests.bench.report import Measure


def demo(folder: Path) -> list[Measure]:
    """The whole story as a newcomer starts it, and the slowest plan in it as the books have it."""
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
        Measure("demo plan, from order to draft", slowest_plan_s(folder / "demo" / "supplyops.db"), "s", maximum=10),
        Measure("largest process of the demo", memory_mb, "MB", maximum=500),
    ]


def slowest_plan_s(path: Path) -> float:
    """How long the slowest plan of a database took."""
    database = Database(f"sqlite:///{path}")
    try:
        with database.reader.connect() as connection:
            took = "max((julianday(finished_at) - julianday(started_at)) * 86400)"
            found = connection.execute(text(f"SELECT {took} FROM job WHERE kind = 'plan' AND state = 'done'")).scalar()
    finally:
        database.dispose()
    if found is None:
        raise RuntimeError("the demo made no plan")
    return float(found)
