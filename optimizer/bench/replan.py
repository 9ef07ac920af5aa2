"""Planning anew measured: a county, something happens, and the plan made near the older one beside one made from nothing."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from optimizer.assemble import Draft
from optimizer.bench.county import HOUR, county
from optimizer.budget import Budget
from optimizer.check import check
from optimizer.model import Problem
from optimizer.replan import Objective, Stability, delta, freeze, objective, replan
from optimizer.solution import Solution
from optimizer.solve import solve

FIRST_STEPS = 2
NEW_OF_LINES = 0.05


def replanned(lines: int, seed: int, event: str, *, seconds: float) -> dict[str, Any]:
    """One row: seconds, what share of the plan had to change and was chosen to, figures beside those of planning from nothing."""
    older = county(lines, seed)
    before = solve(older, Budget(iterations=FIRST_STEPS), seed=seed)
    newer, what = EVENTS[event](older, before, seed)
    stability = Stability()
    began, cpu = time.perf_counter(), time.process_time()
    problem = freeze(newer, before, stability)
    froze = time.perf_counter() - began
    found = replan(problem, before, Budget(seconds=seconds), stability, seed=seed, with_bounds=False)
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    began = time.perf_counter()
    fresh = solve(newer, Budget(iterations=FIRST_STEPS), seed=seed)
    fresh_wall = time.perf_counter() - began
    verdict = check(problem, found.solution)
    return {
        "lines": len(older.lines), "seed": seed, "event": event, "what": what, "trips": len(before.trips),
        "standing": len(problem.standing), "load": round(os.getloadavg()[0], 1),
        "budget_seconds": seconds, "freeze_seconds": round(froze, 3), "wall_seconds": round(wall, 3), "cpu_seconds": round(used, 3),
        "assignments": found.delta.assignments, "changed_permille": found.delta.changed_permille,
        "forced_permille": found.delta.forced_permille, "chosen_permille": found.delta.chosen_permille,
        "could_not_stay_permille": -(-1000 * len(found.forced) // max(found.delta.assignments, 1)),
        "before": _plain(objective(older, _bare(before))), "incumbent": _plain(found.incumbent), "after": _plain(found.stable),
        "fresh": _plain(objective(newer, _bare(fresh))), "fresh_wall_seconds": round(fresh_wall, 3),
        "fresh_changed_permille": delta(before, fresh, tolerance_s=stability.tolerance_s).changed_permille,
        "violations": [violation.code for violation in verdict.violations],
    }  # fmt: skip


def _bare(plan: Solution) -> Draft:
    return Draft(plan.allocations, plan.trips)


def _plain(found: Objective) -> dict[str, Any]:
    return asdict(found)


def _closure(problem: Problem, plan: Solution, seed: int) -> tuple[Problem, str]:
    """The road that most deliveries are driven over is closed."""
    driven: Counter[str] = Counter()
    for trip in plan.trips:
        ahead = sum(bool(stop.loads) for stop in trip.stops[1:])
        for stop in trip.stops:
            driven.update(dict.fromkeys(stop.edges, ahead))
            ahead -= bool(stop.loads)
    closed = min(driven, key=lambda edge: (-driven[edge], edge))
    edges = tuple(replace(edge, is_open=edge.is_open and edge.id != closed) for edge in problem.edges)
    return replace(problem, edges=edges), f"{closed} closed"


def _truck(problem: Problem, plan: Solution, seed: int) -> tuple[Problem, str]:
    """The vehicle with the most deliveries breaks down."""
    stops = Counter(trip.vehicle_id for trip in plan.trips for stop in trip.stops[1:] if stop.loads)
    broken = min(stops, key=lambda name: (-stops[name], name))
    return replace(problem, vehicles=tuple(v for v in problem.vehicles if v.id != broken)), f"{broken} broken"


def _request(problem: Problem, plan: Solution, seed: int) -> tuple[Problem, str]:
    """One line in twenty comes in late, of the first class and urgent."""
    draw = np.random.default_rng(seed + 1)
    like = draw.choice(len(problem.lines), max(1, int(len(problem.lines) * NEW_OF_LINES)), replace=False).tolist()
    late = [
        replace(problem.lines[n], id=f"late-{n}", class_rank=1, due_at=max(problem.lines[n].due_at, 12 * HOUR))
        for n in like
    ]
    return replace(problem, lines=(*problem.lines, *late)), f"{len(late)} lines more"


def _stock(problem: Problem, plan: Solution, seed: int) -> tuple[Problem, str]:
    """Of the lot that most lines are served from, a third is not there."""
    drawn = Counter(row.source_id for row in plan.allocations)
    short = min(drawn, key=lambda name: (-drawn[name], name))
    lots = tuple(replace(lot, quantity=lot.quantity * 2 // 3) if lot.id == short else lot for lot in problem.lots)
    return replace(problem, lots=lots), f"a third of {short} is missing"


EVENTS: dict[str, Callable[[Problem, Solution, int], tuple[Problem, str]]] = {
    "closure": _closure,
    "truck": _truck,
    "request": _request,
    "stock": _stock,
}
