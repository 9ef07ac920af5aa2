"""The engines that can be measured side by side: ours and the best of the field, each within processor seconds of one thread."""

from __future__ import annotations

import datetime
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from optimizer.vrp import engine
from optimizer.vrp.late import late_acceptance
from optimizer.vrp.problem import NEVER, RoutingPlan, RoutingProblem, VehicleRoute, whole
from optimizer.vrp.split import in_pieces, joined

Solve = Callable[[RoutingProblem, float, int], "tuple[VehicleRoute, ...] | None"]


class CannotSay(ValueError):
    """An engine has no words for a part of the problem, or is not installed."""


def supplyops(problem: RoutingProblem, seconds: float, seed: int) -> tuple[VehicleRoute, ...] | None:
    """Our own."""
    return engine.solve(problem, seconds=seconds, seed=seed).routes


def pyvrp(problem: RoutingProblem, seconds: float, seed: int) -> tuple[VehicleRoute, ...] | None:
    """PyVRP's own search with its own settings; split deliveries by pieces cut beforehand."""
    end = time.process_time() + seconds
    return _in_pieces(problem, lambda work: _pyvrp(work, end, seed))


def _in_pieces(
    problem: RoutingProblem, solve: Callable[[RoutingProblem], tuple[VehicleRoute, ...] | None]
) -> tuple[VehicleRoute, ...] | None:
    """An engine that cannot split is given pieces."""
    if not problem.may_split:
        return solve(problem)
    pieces = in_pieces(problem)
    routes = solve(pieces.problem)
    return None if routes is None else joined(problem, pieces, RoutingPlan(routes, (), 0, 0)).routes


def _pyvrp(problem: RoutingProblem, end: float, seed: int) -> tuple[VehicleRoute, ...] | None:
    made = late_acceptance(problem, lambda: time.process_time() < end, seed)
    return None if made is None else tuple(whole(problem, trips, kind) for kind, trips in made)


def _vehicles(problem: RoutingProblem) -> list[int]:
    """The kind of each single vehicle; of kinds without end no more than could ever be of use."""
    if any(kind.trips_max > 1 for kind in problem.fleet):
        raise CannotSay("several trips of a vehicle are not modelled for this engine")
    asked = problem.demand.sum(axis=0)
    found: list[int] = []
    for at, kind in enumerate(problem.fleet):
        enough = max(
            (math.ceil(amount / room * 1.25) + 3 for amount, room in zip(asked, kind.capacity, strict=True) if room),
            default=1,
        )
        found += [at] * (min(kind.count, enough) if kind.count >= len(problem.clients) else kind.count)
    return found


def ortools(problem: RoutingProblem, seconds: float, seed: int) -> tuple[VehicleRoute, ...] | None:
    """OR-Tools' routing library: parallel cheapest insertion, then guided local search. It takes no seed."""
    end = time.process_time() + seconds
    return _in_pieces(problem, lambda work: _ortools(work, end, seconds))


def _ortools(problem: RoutingProblem, end: float, seconds: float) -> tuple[VehicleRoute, ...] | None:
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    if problem.release.any():
        raise CannotSay("release times are not modelled for this engine")
    vehicles = _vehicles(problem)
    kinds = [problem.fleet[at] for at in vehicles]
    manager = pywrapcp.RoutingIndexManager(
        problem.nodes, len(kinds), [kind.start for kind in kinds], [kind.end for kind in kinds]
    )
    model = pywrapcp.RoutingModel(manager)
    evaluators: dict[int, int] = {}
    for at, kind in enumerate(kinds):
        if kind.per_distance not in evaluators:
            matrix = problem.distance[kind.profile].astype(np.int64) * kind.per_distance
            evaluators[kind.per_distance] = model.RegisterTransitMatrix(matrix.tolist())
        model.SetArcCostEvaluatorOfVehicle(evaluators[kind.per_distance], at)
        model.SetFixedCostOfVehicle(kind.fixed, at)
    for dimension in range(problem.demand.shape[1]):
        call = model.RegisterUnaryTransitVector(problem.demand[:, dimension].tolist())
        rooms = [kind.capacity[dimension] for kind in kinds]
        model.AddDimensionWithVehicleCapacity(call, 0, rooms, True, f"load {dimension}")
    if problem.allowed is not None:
        for client in problem.clients:
            able = [at for at, number in enumerate(vehicles) if problem.allowed[number, client]]
            model.VehicleVar(manager.NodeToIndex(client)).SetValues([-1, *able])
    _ortools_time(problem, kinds, manager, model)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromTimedelta(
        datetime.timedelta(seconds=8 * seconds)
    )  # a guard; processor time ends the search
    model.AddSearchMonitor(model.solver().CustomLimit(lambda: time.process_time() >= end))
    answer = model.SolveWithParameters(parameters)
    if answer is None:
        return None
    routes = []
    for at, number in enumerate(vehicles):
        index, trip = answer.Value(model.NextVar(model.Start(at))), []
        while not model.IsEnd(index):
            trip.append(manager.IndexToNode(index))
            index = answer.Value(model.NextVar(index))
        if trip:
            routes.append(whole(problem, [trip], number))
    return tuple(routes)


def _ortools_time(problem: RoutingProblem, kinds: list[Any], manager: Any, model: Any) -> None:
    """Windows and duration limits, where there are any."""
    clients = list(problem.clients)
    bounded = problem.late[clients] < NEVER
    if not bounded.any() and all(kind.duration_max >= NEVER for kind in kinds):
        return
    drive = problem.duration[0].astype(np.int64) + problem.service[:, None]
    ends = [int(value) for value in problem.late[: problem.depots]] + [kind.closes for kind in kinds]
    horizon = max((end for end in ends if end < NEVER), default=0)
    latest = int(problem.late[clients][bounded].max()) if bounded.any() else 0
    horizon = max(
        horizon,
        latest + int(drive.max()),
        *(min(k.duration_max, NEVER - 1) for k in kinds if k.duration_max < NEVER),
        1,
    )
    model.AddDimension(model.RegisterTransitMatrix(drive.tolist()), horizon, horizon, False, "time")
    time_of = model.GetDimensionOrDie("time")
    for client in clients:
        window = int(problem.early[client]), min(horizon, int(problem.late[client]))
        time_of.CumulVar(manager.NodeToIndex(client)).SetRange(*window)
    for at, kind in enumerate(kinds):
        opens = max(kind.opens, int(problem.early[kind.start]))
        closes = min(kind.closes, int(problem.late[kind.end]), horizon)
        time_of.CumulVar(model.Start(at)).SetRange(opens, closes)
        time_of.CumulVar(model.End(at)).SetRange(opens, closes)
        if kind.duration_max < NEVER:
            time_of.SetSpanUpperBoundForVehicle(kind.duration_max, at)


def vroom(problem: RoutingProblem, seconds: float, seed: int) -> tuple[VehicleRoute, ...] | None:
    """VROOM at its most thorough; it keeps wall time, takes no seed and stops by itself when it has converged."""
    return _in_pieces(problem, lambda work: _vroom(work, seconds))


def _vroom(problem: RoutingProblem, seconds: float) -> tuple[VehicleRoute, ...] | None:
    try:
        import vroom as peer
    except ImportError:
        raise CannotSay("VROOM is not installed (pyvroom)") from None
    if problem.release.any() or any(k.duration_max < NEVER for k in problem.fleet):
        raise CannotSay("release times and limits of duration are not modelled for this engine")
    vehicles = _vehicles(problem)
    dearest = max(kind.per_distance for kind in problem.fleet)
    scale = 1
    while int(problem.distance[0].max()) * dearest * problem.nodes // scale > 200_000_000 and scale < 10_000:
        scale *= 10  # it keeps 32 bits and multiplies inside
    model = peer.Input()
    for price in {kind.per_distance for kind in problem.fleet}:
        model.set_durations_matrix(f"at {price}", problem.duration[0].astype("uint32"))
        costs = np.round(problem.distance[0].astype(np.int64) * price / scale)
        model.set_costs_matrix(f"at {price}", costs.astype("uint32"))
    for at, number in enumerate(vehicles):
        kind = problem.fleet[number]
        words: dict[str, Any] = {"start": kind.start, "end": kind.end, "profile": f"at {kind.per_distance}"}
        words["capacity"] = list(kind.capacity)
        closes = min(kind.closes, int(problem.late[kind.start]))
        if closes < NEVER:
            words["time_window"] = peer.TimeWindow(max(kind.opens, int(problem.early[kind.start])), closes)
        if kind.fixed:
            words["costs"] = peer.VehicleCosts(fixed=round(kind.fixed / scale))
        if problem.allowed is not None:
            words["skills"] = {number + 1}
        model.add_vehicle(peer.Vehicle(at, **words))
    if problem.allowed is not None:
        raise CannotSay("which vehicle may come to whom is not modelled for this engine")
    jobs = []
    for client in problem.clients:
        more: dict[str, Any] = {}
        if problem.late[client] < NEVER:
            more["time_windows"] = [peer.TimeWindow(int(problem.early[client]), int(problem.late[client]))]
        amount = peer.Amount([int(part) for part in problem.demand[client]])
        jobs.append(
            peer.Job(client, location=client, default_service=int(problem.service[client]), delivery=amount, **more)
        )
    model.add_job(jobs)
    answer = model.solve(exploration_level=5, nb_threads=1, timeout=datetime.timedelta(seconds=seconds))
    if len(answer.unassigned):
        return None
    routes = []
    for at, steps in answer.routes.groupby("vehicle_id"):
        trip = [int(number) for number, what in zip(steps["id"], steps["type"], strict=True) if what == "job"]
        routes.append(whole(problem, [trip], vehicles[int(at)]))
    return tuple(routes)


ENGINES: dict[str, Solve] = {"supplyops": supplyops, "pyvrp": pyvrp, "vroom": vroom, "ortools": ortools}
