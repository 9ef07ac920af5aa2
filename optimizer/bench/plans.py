"""The routes of plans measured: the same goods carried by the plan's own search and, reduced to their terms, by other engines, at the
same processor seconds; and whole plans. Every answer is worth what the plan's own objective says."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.allocate import Limits, allocate, open_network
from optimizer.assemble import Draft, cost_fen, draft, served_in_time, served_late, shipments
from optimizer.bench.county import HOUR, county
from optimizer.bench.filed import as_problem, length
from optimizer.bench.instances import read
from optimizer.bench.peers import pyvrp, supplyops
from optimizer.bench.reduced import Engine, by_engine
from optimizer.budget import Budget
from optimizer.check import check
from optimizer.model import Problem, VehicleType
from optimizer.route import route
from optimizer.route.answer import routed
from optimizer.route.build import natural_order
from optimizer.route.case import Case
from optimizer.route.ready import make_ready
from optimizer.shipment import Routed, Shipment
from optimizer.solve import solve
from optimizer.travel import Roads
from optimizer.vrp.engine import warm_up
from optimizer.worth import waiting_person_s

SMALL_ROADS, OPENING = 0.15, 0.3
LORRY = 6
VAN = 2


def rugged(lines: int, seed: int, waiting_fen: int | None = 100) -> Problem:
    """A county (`county.py`) of which some roads and yards are for small vehicles only and some places open in the morning;
    a few vehicles are lorries, some are free for two days only."""
    problem = county(lines, seed)
    draw = np.random.default_rng(seed + 1_000)
    edges = tuple(
        replace(edge, size_class_max=VAN) if edge.terrain == "mountain" and draw.random() < SMALL_ROADS else edge
        for edge in problem.edges
    )
    opens = {site.id: int(draw.integers(6, 10)) * HOUR for site in problem.sites if draw.random() < OPENING}
    asked = tuple(replace(line, opens_at=opens.get(line.site_id, 0)) for line in problem.lines)
    lorry = VehicleType(
        "lorry", "lorry", LORRY, 15_000_000, 60_000_000, 25_000, problem.vehicle_types[0].speed_kmh,
        fixed_cost_fen=20_000, cost_per_km_fen=500, cost_per_hour_fen=8_000,
    )  # fmt: skip
    vehicles = tuple(
        replace(
            vehicle,
            type_id="lorry" if draw.random() < 0.2 else vehicle.type_id,
            free_until=48 * HOUR if draw.random() < 0.2 else None,
        )
        for vehicle in problem.vehicles
    )
    return replace(
        problem, id=f"rugged-{lines}-{seed}", edges=edges, lines=asked, vehicle_types=(*problem.vehicle_types, lorry),
        vehicles=vehicles, rules=replace(problem.rules, waiting_fen_per_person_hour=waiting_fen),
    )  # fmt: skip


Carry = Callable[[Problem, Roads, list[Shipment], float, int], Routed]


def _own(problem: Problem, roads: Roads, shipped: list[Shipment], seconds: float, seed: int) -> Routed:
    return route(problem, roads, shipped, Budget(seconds=seconds, clock=time.process_time), seed=seed)


def _other(engine: Engine) -> Carry:
    def carry(problem: Problem, roads: Roads, shipped: list[Shipment], seconds: float, seed: int) -> Routed:
        case = Case(problem, roads, shipped)
        return routed(case, by_engine(case, engine, seconds, seed, natural_order(case)))

    return carry


CARRIERS: dict[str, Carry] = {"plan": _own, "vrp": _other(supplyops), "pyvrp": _other(pyvrp)}


def carried(problem: Problem, engine: str, *, seconds: float, seed: int) -> dict[str, Any]:
    """One row: what is given out in the first round, carried by an engine."""
    roads = Roads(problem)
    net = open_network(problem, roads)
    allotment = allocate(net, Limits(), seed=seed)
    granted = [*allotment.in_time, *allotment.late]
    shipped = shipments(net, granted)
    make_ready()
    if engine == "vrp":
        warm_up()
    load = os.getloadavg()[0]
    began, wall = time.process_time(), time.perf_counter()
    found = CARRIERS[engine](problem, roads, [one for _, one in shipped], seconds, seed)
    used, took = time.process_time() - began, time.perf_counter() - wall
    made = draft(net, granted, shipped, found)
    return {"engine": engine, **_row(problem, made, seed, seconds, used, took, load)}


def planned(problem: Problem, *, seconds: float, seed: int) -> dict[str, Any]:
    """One row: the whole plan, as a commander gets it."""
    make_ready()
    load = os.getloadavg()[0]
    budget = Budget(seconds=seconds, clock=time.process_time)
    began, wall = time.process_time(), time.perf_counter()
    found = solve(problem, budget, seed=seed)
    used, took = time.process_time() - began, time.perf_counter() - wall
    made = Draft(found.allocations, found.trips)
    row = _row(problem, made, seed, seconds, used, took, load)
    violations = [violation.code for violation in check(problem, found).violations]
    return {"engine": "solve", **row, "steps": found.run.iterations, "violations": violations}


def _row(
    problem: Problem, made: Draft, seed: int, seconds: float, used: float, wall: float, load: float
) -> dict[str, Any]:
    soon, late = served_in_time(problem, made), served_late(problem, made)
    ranks = sorted({line.class_rank for line in problem.lines})

    def permille(got: dict[str, int], rank: int) -> float:
        lines = [line for line in problem.lines if line.class_rank == rank]
        whole = sum(line.persons for line in lines)
        return float(1000 * sum(Fraction(line.persons * got[line.id], line.quantity) for line in lines) / whole)

    waiting, cost = waiting_person_s(problem, made) / 3600, cost_fen(problem, made.trips)
    price = problem.rules.waiting_fen_per_person_hour
    return {
        "problem": problem.id, "lines": len(problem.lines), "seed": seed, "seconds": seconds,
        "cpu_seconds": round(used, 2), "wall_seconds": round(wall, 2), "load": round(load, 1),
        "in_time_permille": {rank: round(permille(soon, rank), 2) for rank in ranks},
        "late_permille": {rank: round(permille(late, rank), 2) for rank in ranks},
        "waiting_person_h": int(waiting), "cost_fen": cost, "money_fen": int(waiting * (price or 0)) + cost,
        "metres": sum(trip.distance_m for trip in made.trips), "trips": len(made.trips),
        "vehicles": len({trip.vehicle_id for trip in made.trips}),
    }  # fmt: skip


def planned_from(path: Path, form: str | None, *, seconds: float, seed: int) -> dict[str, Any]:
    """One row: a public routing file planned like any problem. Raises UnreadableInstance, NotAPlan or OSError."""
    instance = read(path, form)
    problem = as_problem(instance)
    row = planned(problem, seconds=seconds, seed=seed)
    return {**row, "length": round(length(instance, row["metres"]), 2)}
