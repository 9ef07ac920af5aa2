"""Public instance files, each read in the convention in which its best known values are stated. See README.md beside this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.vrp.problem import NEVER, RoutingProblem, VehicleType

CAPACITY_SCALE = 1_000
"""Loads of the heterogeneous fleets are scaled up for peers that price overload by the unit; answers are scaled back."""


LONGEST = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Instance:
    """A file as a problem. Costs of the problem divided by `scale` are costs in the file's own convention."""

    name: str
    problem: RoutingProblem
    scale: int = 1
    load_scale: int = 1
    numbers: tuple[int, ...] = ()
    """Of each node the number it has in the file."""


class UnreadableInstance(ValueError):
    """A file is not what its format says."""


def read(path: Path, form: str | None = None) -> Instance:
    """Read a file in the named format, or in that of its folder's name. Raises UnreadableInstance or OSError."""
    name = form or path.parent.name
    if name not in FORMATS:
        raise UnreadableInstance(
            f"{path}: no format is named {name!r}; give --format, one of {', '.join(sorted(FORMATS))}"
        )
    try:
        return FORMATS[name](path)
    except UnicodeDecodeError as error:
        raise UnreadableInstance(f"{path}: not a text file") from error
    except KeyError as error:
        raise UnreadableInstance(f"{path}: not readable as {name}: it has no {error.args[0]}") from error
    except (ValueError, IndexError, TypeError, RuntimeError) as error:
        raise UnreadableInstance(f"{path}: not readable as {name}: {error}") from error


def _euclidean(places: np.ndarray) -> np.ndarray:
    difference = places[:, None, :] - places[None, :, :]
    return np.asarray(np.sqrt((difference**2).sum(axis=-1)))


def _table(values: np.ndarray) -> np.ndarray:
    """Distances as the searches keep them. Raises ValueError for what they cannot."""
    if values.size and not (values.min() >= 0 and values.max() <= LONGEST):
        raise ValueError(f"a distance is negative or above {LONGEST:,} in the format's unit")
    return values.astype(np.int32)


def _windows(nodes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(service, early, late, release) of a problem without time."""
    zero = np.zeros(nodes, np.int64)
    return zero, zero, np.full(nodes, NEVER, np.int64), zero


def _vrplib(rounding: str, scale: int) -> Callable[[Path], Instance]:
    def reader(path: Path) -> Instance:
        import pyvrp

        nodes = _announced(path, LONGEST // _FACTOR[rounding])
        if nodes == 1:
            return Instance(path.stem, _lonely(), scale, numbers=(1,))
        return from_data(path.stem, pyvrp.read(path, rounding), scale)

    return reader


_FACTOR = {"round": 1, "dimacs": 10, "exact": 1_000}
"""By what PyVRP multiplies distances, by the name it has for it."""


def _announced(path: Path, farthest: int) -> int:
    """How many nodes a VRPLIB file has. Raises ValueError where it announces others than it lists, or places out of reach."""
    nodes, section, listed = 0, "", {"NODE_COORD_SECTION": 0, "DEMAND_SECTION": 0}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        words = line.replace(":", " : ").split()
        if words and words[0][0].isalpha():
            section = words[0]
            if section == "DIMENSION":
                nodes = int(words[-1])
        elif words and section in listed:
            listed[section] += 1
            try:
                figures = [float(word) for word in words]
            except ValueError as error:
                raise ValueError(f"line {number}: {line.strip()[:60]!r} are not numbers") from error
            if section == "NODE_COORD_SECTION" and max(map(abs, figures[1:]), default=0) > farthest:
                raise ValueError(f"line {number}: a coordinate is beyond {farthest:,}")
    if nodes < 1:
        raise KeyError("DIMENSION")
    for section, rows in listed.items():
        if rows not in {0, nodes}:
            raise ValueError(f"DIMENSION is {nodes}, but {section} has {rows} lines")
    return nodes


def _lonely() -> RoutingProblem:
    """A depot without any client."""
    table = (np.zeros((1, 1), np.int32),)
    return RoutingProblem(
        1, table, table, np.zeros((1, 1), np.int64), *_windows(1), (VehicleType(1, (1,)),), places=np.zeros((1, 2))
    )


def from_data(name: str, data: Any, scale: int) -> Instance:
    """What PyVRP read from a VRPLIB file."""
    nodes, depots = data.num_locations, data.num_depots
    demand = np.zeros((nodes, data.num_load_dimensions), np.int64)
    service, early, late, release = (column.copy() for column in _windows(nodes))
    for client in data.clients():
        at = client.location
        demand[at], service[at], release[at] = client.delivery, client.service_duration, client.release_time
        early[at], late[at] = client.tw_early, min(client.tw_late, NEVER)
    for depot in data.depots():
        early[depot.location], late[depot.location] = depot.tw_early, min(depot.tw_late, NEVER)
    fleet, allowed = [], []
    base = np.min([data.distance_matrix(k) for k in range(data.num_profiles)], axis=0)
    for kind in data.vehicle_types():
        trips = 1 + min(kind.max_reloads, nodes) if kind.reload_depots else 1
        fleet.append(
            VehicleType(
                count=min(kind.num_available, nodes),
                capacity=tuple(int(room) for room in kind.capacity),
                start=kind.start_depot,
                end=kind.end_depot,
                fixed=kind.fixed_cost,
                per_distance=kind.unit_distance_cost,
                per_duration=kind.unit_duration_cost,
                opens=kind.tw_early,
                closes=min(kind.tw_late, NEVER),
                duration_max=min(kind.shift_duration, NEVER),
                distance_max=min(kind.max_distance, NEVER),
                trips_max=trips,
            )
        )
        # a client that a kind may not visit is put out of its reach in the kind's own table
        allowed.append(data.distance_matrix(kind.profile)[0] <= base[0])
    table = (_table(_within(base)),)
    drive = _table(_within(np.min([data.duration_matrix(k) for k in range(data.num_profiles)], axis=0)))
    problem = RoutingProblem(
        depots=depots,
        distance=table,
        duration=table if np.array_equal(base, drive) else (drive,),
        demand=demand,
        service=service,
        early=early,
        late=late,
        release=release,
        fleet=tuple(fleet),
        allowed=np.array(allowed) if not np.all(allowed) else None,
        places=np.array([(place.x, place.y) for place in data.locations()], float),
    )
    return Instance(name, problem, scale, numbers=tuple(range(1, nodes + 1)))


def _within(values: np.ndarray) -> np.ndarray:
    """PyVRP puts two clients that no kind of vehicle may visit both out of reach of each other: they are as far apart as any."""
    from pyvrp.constants import MAX_VALUE

    reached = values < MAX_VALUE
    return np.where(reached, values, values[reached].max())


def _solomon(path: Path) -> Instance:
    """Distance and time × 10, cut off (DIMACS 2021); the number of vehicles does not count."""
    import vrplib

    raw = vrplib.read_instance(path, instance_format="solomon")
    places = np.array(raw["node_coord"], float)
    table = (_table(10 * _euclidean(places)),)
    window = np.array(raw["time_window"], np.int64) * 10
    demand = np.array(raw["demand"], np.int64).reshape(-1, 1)
    fleet = (VehicleType(int(raw["vehicles"]), (int(raw["capacity"]),), closes=int(window[0, 1])),)
    service = np.array(raw["service_time"], np.int64) * 10
    nodes = len(places)
    problem = RoutingProblem(
        1, table, table, demand, service, window[:, 0].copy(), window[:, 1].copy(), np.zeros(nodes, np.int64), fleet,
        places=places,
    )  # fmt: skip
    return Instance(path.stem, problem, 10, numbers=tuple(range(nodes)))


def _cordeau(path: Path) -> Instance:
    """`type m n t`, t lines `D Q`, n clients, t depots; distances × 1000. D = 0 is no limit of duration, service included.

    Type 2 has several depots; in type 6 each line ends with when its place opens and closes besides. The others ask for more.
    """
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()]
    if rows[0][0] not in {"2", "6"}:
        raise ValueError(
            f"type {rows[0][0]} of Cordeau's files is not read: only 2 (several depots) and 6 (with windows)"
        )
    vehicles, clients, depots = (int(number) for number in rows[0][1:4])
    limits = [(float(row[0]), int(row[1])) for row in rows[1 : 1 + depots]]
    lines = [[float(number) for number in row] for row in rows[1 + depots : 1 + depots + clients + depots]]
    if len(lines) < clients + depots:
        raise ValueError(f"{clients} clients and {depots} depots are announced, {len(lines)} lines follow")
    ordered = lines[clients:] + lines[:clients]
    places = np.array([row[1:3] for row in ordered])
    table = (_table(np.round(1000 * _euclidean(places))),)
    nodes = clients + depots
    demand = np.array([0] * depots + [row[4] for row in lines[:clients]], np.int64).reshape(-1, 1)
    service = np.array([0] * depots + [round(row[3] * 1000) for row in lines[:clients]], np.int64)
    fleet = tuple(
        VehicleType(vehicles, (room,), at, at, duration_max=round(most * 1000) if most > 0 else NEVER)
        for at, (most, room) in enumerate(limits)
    )
    _, early, late, release = _windows(nodes)
    if rows[0][0] == "6":
        if any(len(row) < 9 for row in ordered):
            raise ValueError("a line of type 6 has no window at its end")
        early, late = (np.array([round(row[at] * 1000) for row in ordered], np.int64) for at in (-2, -1))
    problem = RoutingProblem(depots, table, table, demand, service, early, late, release, fleet, places=places)
    numbers = tuple(int(row[0]) for row in ordered)
    return Instance(path.stem, problem, 1000, numbers=numbers)


def _taillard(path: Path) -> Instance:
    """`N T ...`, T lines `count capacity fixed per-distance`, the depot, N clients; distances × 100, prices × 100."""
    rows = [
        line.split() for line in path.read_text().splitlines() if line.strip() and not line.strip().startswith("//")
    ]
    clients, kinds = int(rows[0][0]), int(rows[0][1])
    fleet = tuple(
        VehicleType(
            min(int(row[0]), clients),
            (int(row[1]) * CAPACITY_SCALE,),
            fixed=round(float(row[2]) * 10_000),
            per_distance=round(float(row[3]) * 100),
        )
        for row in rows[1 : 1 + kinds]
    )
    points = [[float(number) for number in row] for row in rows[1 + kinds : 2 + kinds + clients]]
    if len(points) < clients + 1:
        raise ValueError(f"{clients} clients and a depot are announced, {len(points)} lines follow")
    places = np.array([row[:2] for row in points])
    demand = CAPACITY_SCALE * np.array([0] + [row[2] for row in points[1:]], np.int64).reshape(-1, 1)
    table = (_table(np.round(100 * _euclidean(places))),)
    problem = RoutingProblem(1, table, table, demand, *_windows(clients + 1), fleet, places=places)
    return Instance(path.stem, problem, 10_000, CAPACITY_SCALE, tuple(range(clients + 1)))


def _split(path: Path) -> Instance:
    """`n Q`, n demands, n + 1 places, the depot first; distances rounded to whole numbers; as many vehicles as one likes."""
    figures = [float(word) for word in path.read_text().split()]
    clients, room = int(figures[0]), int(figures[1])
    places = np.array(figures[2 + clients : 2 + clients + 2 * (clients + 1)]).reshape(clients + 1, 2)
    demand = np.array([0, *figures[2 : 2 + clients]], np.int64).reshape(-1, 1)
    table = (_table(np.floor(_euclidean(places) + 0.5)),)
    problem = RoutingProblem(
        1, table, table, demand, *_windows(clients + 1), (VehicleType(clients * 2, (room,)),), may_split=True,
        places=places,
    )  # fmt: skip
    return Instance(path.stem, problem, 1, numbers=tuple(range(clients + 1)))


FORMATS: dict[str, Callable[[Path], Instance]] = {
    "cvrp": _vrplib("round", 1),
    "vrptw_gh": _vrplib("dimacs", 10),
    "mtvrptwr": _vrplib("dimacs", 1),
    "hfvrp": _vrplib("exact", 100_000),
    "mdvrptw": _vrplib("exact", 1),
    "sdvrptw_site": _vrplib("exact", 1),
    "vrptw_solomon": _solomon,
    "mdvrp": _cordeau,
    "hfvrp_taillard": _taillard,
    "sdvrp": _split,
}
