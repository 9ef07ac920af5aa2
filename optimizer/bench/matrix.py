"""Travel times measured: a matrix, a closure, the matrix again; every figure beside scipy's and equal to it, or it is a failure."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.matrix import Network, Times
from optimizer.passing import NEVER

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Case:
    """A network to be measured on."""

    name: str
    nodes: int
    tail: Whole
    head: Whole
    seconds: Whole
    spots: NDArray[np.float64]


def drawn(nodes: int, seed: int) -> Case:
    """A town plan: a grid out of true with gaps, one-way streets, and every twelfth street a fast road."""
    draw = np.random.default_rng(seed)
    side = max(2, int(np.sqrt(nodes)))
    number = np.arange(side * side).reshape(side, side)
    across, along = (grid.ravel() for grid in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))
    spots = np.column_stack([across, along]) + draw.normal(0, 0.2, (side * side, 2))
    ends = np.vstack([
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ])  # fmt: skip
    ends = ends[draw.random(len(ends)) < 0.85]
    is_fast = ((ends // side) % 12 == 0).all(1) | ((ends % side) % 12 == 0).all(1)
    metres = np.linalg.norm(spots[ends[:, 0]] - spots[ends[:, 1]], axis=1) * 100
    seconds = np.maximum(1, np.ceil(metres / np.where(is_fast, 25, 9))).astype(np.int64)
    both = draw.random(len(ends)) < 0.9
    tail = np.concatenate([ends[:, 0], ends[both, 1]])
    head = np.concatenate([ends[:, 1], ends[both, 0]])
    return Case(f"grid-{side * side}", side * side, tail, head, np.concatenate([seconds, seconds[both]]), spots)


def matrix(case: Case, *, points: int, seed: int) -> dict[str, Any]:
    """The figures of one network: seconds of processor time, differences from the peer (none are allowed)."""
    _warm_up()
    draw = np.random.default_rng(seed)
    at = np.sort(draw.choice(case.nodes, min(points, case.nodes), replace=False))
    marks = [time.process_time()]
    network = Network(case.nodes, case.tail, case.head, case.spots)
    marks.append(time.process_time())
    times = network.weighed(case.seconds)
    marks.append(time.process_time())
    table = times.between(at, at)
    marks.append(time.process_time())
    peer, peer_s = _peer(case, case.seconds, at)
    closed = _busiest(case, table, times, at)
    after = case.seconds.copy()
    after[closed] = NEVER
    marks.append(time.process_time())
    times.change(closed, after[closed])
    again = times.between(at, at)
    marks.append(time.process_time())
    peer_again, peer_again_s = _peer(case, after, at)
    return {
        "case": case.name, "nodes": case.nodes, "roads": len(case.tail), "points": len(at), "seed": seed,
        "order_seconds": round(marks[1] - marks[0], 3), "weigh_seconds": round(marks[2] - marks[1], 3),
        "matrix_seconds": round(marks[3] - marks[2], 3), "whole_seconds": round(marks[3] - marks[0], 3),
        "closure_seconds": round(marks[5] - marks[4], 3), "pairs_changed": int((again != table).sum()),
        "unreachable": int((table == NEVER).sum()), "peer": "scipy.sparse.csgraph.dijkstra",
        "peer_seconds": round(peer_s, 3), "peer_closure_seconds": round(peer_again_s, 3),
        "differences": int((table != peer).sum()), "differences_closed": int((again != peer_again).sum()),
        "load": round(os.getloadavg()[0], 2),
    }  # fmt: skip


def _busiest(case: Case, table: Whole, times: Times, at: Whole) -> Whole:
    """Both directions of a road that the fastest ways from the first of the points to many of the others share."""
    row = times.row(int(at[0]))
    usable = (row[case.tail] < NEVER) & (case.seconds < NEVER)
    tight = usable & (row[case.tail] + case.seconds == row[case.head]) & (case.tail != case.head)
    entered = np.full(case.nodes, -1, np.int64)
    entered[case.head[tight]] = np.flatnonzero(tight)
    used = np.zeros(len(case.tail), np.int64)
    for node in at[table[0] < NEVER].tolist():
        here, steps = node, 0
        while entered[here] >= 0 and row[here] > 0 and steps < case.nodes:
            used[entered[here]] += 1
            here, steps = int(case.tail[entered[here]]), steps + 1
    road = int(np.argmax(used))
    a, b = case.tail[road], case.head[road]
    return np.flatnonzero(((case.tail == a) & (case.head == b)) | ((case.tail == b) & (case.head == a)))


def _peer(case: Case, seconds: Whole, at: Whole) -> tuple[Whole, float]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    usable = np.flatnonzero((seconds < NEVER) & (case.tail != case.head))
    usable = usable[np.lexsort((seconds[usable], case.head[usable], case.tail[usable]))]
    pair = case.tail[usable] * case.nodes + case.head[usable]
    usable = usable[np.concatenate([[True], pair[1:] != pair[:-1]])] if len(usable) else usable
    weight = seconds[usable].astype(np.float64)
    graph = csr_array((weight, (case.tail[usable], case.head[usable])), shape=(case.nodes, case.nodes))
    began = time.process_time()
    found = np.vstack([dijkstra(graph, indices=at[n : n + 50])[:, at] for n in range(0, len(at), 50)])
    spent = time.process_time() - began
    return np.where(np.isinf(found), NEVER, np.where(np.isinf(found), 0, found).astype(np.int64)), spent


def _warm_up() -> None:
    """Compile, or load what is compiled, before any clock starts."""
    small = drawn(400, 1)
    times = Network(small.nodes, small.tail, small.head, small.spots).weighed(small.seconds)
    times.change([0], [NEVER])
    times.between(np.arange(3), np.arange(3))
    times.row(0)


def from_file(path: Path) -> Case:
    """A road file (.osm, .osm.pbf, .geojson) at the speeds of a lorry. Raises RoadFileError for a file that is none."""
    from optimizer.roadfiles import read

    net = read(path.name, path.read_bytes()).contracted(frozenset())
    at = {node.id: n for n, node in enumerate(net.nodes)}
    arcs = [(at[a], at[b], s) for one in net.stretches for a, b, s in one.ways()]
    columns = np.array(arcs, np.int64).reshape(-1, 3)
    spots = np.array([[node.lat_e6, node.lon_e6] for node in net.nodes], np.float64).reshape(-1, 2)
    return Case(path.name, len(net.nodes), columns[:, 0], columns[:, 1], columns[:, 2], spots)
