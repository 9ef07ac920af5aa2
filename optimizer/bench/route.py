"""Routing measured: every engine on every file and seed, each answer judged by the checker, never by the engine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from optimizer.bench.instances import Instance, read
from optimizer.bench.peers import ENGINES
from optimizer.vrp.check import check
from optimizer.vrp.engine import warm_up
from optimizer.vrp.problem import VehicleRoute


def measure(
    files: Sequence[Path], *, seconds: float, seeds: Sequence[int], engine: str, form: str | None
) -> Iterator[dict[str, Any]]:
    """One row per file and seed: cost in the file's convention, feasible, processor seconds, routes.

    Compiling our search is done before the clock starts. Raises UnreadableInstance, OSError or CannotSay.
    """
    solve = ENGINES[engine]
    if engine == "supplyops":
        warm_up()
    for path in files:
        instance = read(path, form)
        for seed in seeds:
            began, wall = time.process_time(), time.perf_counter()
            routes = solve(instance.problem, seconds, seed)
            row: dict[str, Any] = {
                "file": str(path),
                "instance": instance.name,
                "engine": engine,
                "seed": seed,
                "seconds": seconds,
                "cpu_seconds": round(time.process_time() - began, 3),
                "wall_seconds": round(time.perf_counter() - wall, 3),
                "cost": None,
                "feasible": False,
                "faults": [],
                "routes": [],
            }
            if routes is not None:
                verdict = check(instance.problem, routes)
                row |= {
                    "cost": in_file_units(instance, verdict.cost),
                    "feasible": verdict.is_feasible,
                    "faults": list(verdict.faults[:20]),
                    "routes": [_route(instance, route) for route in routes],
                }
            yield row


def in_file_units(instance: Instance, cost: int) -> int | float:
    """A cost as the file's best known values are stated."""
    value = Fraction(cost, instance.scale)
    return int(value) if value.denominator == 1 else float(value)


def _route(instance: Instance, route: VehicleRoute) -> dict[str, Any]:
    """A vehicle's trips in the file's client numbers, with what each visit brings."""
    kind = instance.problem.fleet[route.kind]
    return {
        "vehicle_type": route.kind + 1,
        "depot": instance.numbers[kind.start],
        "trips": [[instance.numbers[visit.client] for visit in trip] for trip in route.trips],
        "delivered": [[visit.quantity // instance.load_scale for visit in trip] for trip in route.trips],
    }
