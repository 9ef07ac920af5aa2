"""Matrices equal Dijkstra's algorithm, before and after any change, on networks of every shape."""

from __future__ import annotations

import heapq
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer import matrix, travel
from optimizer.bench.__main__ import main
from optimizer.bench.matrix import drawn
from optimizer.matrix import Network
from optimizer.passing import NEVER
from optimizer.travel import Roads
from tests.optimizer.routing import edge, kind, problem

Arc = tuple[int, int, int]


def plain(nodes: int, arcs: list[Arc], source: int) -> list[int]:
    """Dijkstra as in the book."""
    best = [NEVER] * nodes
    best[source] = 0
    heap = [(0, source)]
    while heap:
        time, here = heapq.heappop(heap)
        if time > best[here]:
            continue
        for tail, head, seconds in arcs:
            if tail == here and seconds < NEVER and time + seconds < best[head]:
                best[head] = time + seconds
                heapq.heappush(heap, (best[head], head))
    return best


@st.composite
def networks(draw: st.DrawFn) -> tuple[int, list[Arc]]:
    """One-way roads, parallel ones, loops, roads of no length, closed ones, parts apart from each other."""
    nodes = draw(st.integers(1, 14))
    node = st.integers(0, nodes - 1)
    time = st.one_of(st.integers(0, 9), st.just(0), st.just(NEVER), st.just(2**40))
    return nodes, draw(st.lists(st.tuples(node, node, time), max_size=45))


def split(arcs: list[Arc]) -> tuple[list[int], list[int], list[int]]:
    return [a for a, _, _ in arcs], [b for _, b, _ in arcs], [s for _, _, s in arcs]


@given(networks(), st.booleans(), st.data())
@settings(max_examples=150, deadline=None)
def test_incremental_equals_fresh_equals_dijkstra(
    network: tuple[int, list[Arc]], is_drawn: bool, data: st.DataObject
) -> None:
    nodes, arcs = network
    tail, head, seconds = split(arcs)
    spots = data.draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=nodes, max_size=nodes))
    net = Network(nodes, tail, head, np.array(spots, float) if is_drawn else None)
    times = net.weighed(seconds)
    everywhere = list(range(nodes))
    for _ in range(3):
        expected = [plain(nodes, arcs, n) for n in everywhere]
        assert times.between(everywhere, everywhere).tolist() == expected
        assert [times.row(n).tolist() for n in everywhere] == expected
        assert net.weighed([s for _, _, s in arcs]).between(everywhere, everywhere).tolist() == expected
        if not arcs:
            break
        which = data.draw(st.lists(st.integers(0, len(arcs) - 1), unique=True, max_size=4))
        new = data.draw(st.lists(st.sampled_from([0, 1, 5, 2**41, NEVER]), min_size=len(which), max_size=len(which)))
        kept = times.copy()
        times.change(which, new)
        assert kept.between(everywhere, everywhere).tolist() == expected, "a copy stays as it was"
        for place, value in zip(which, new, strict=True):
            arcs[place] = (*arcs[place][:2], value)


@given(networks())
@settings(max_examples=40, deadline=None)
def test_networks_that_are_not_put_in_order_give_the_same(network: tuple[int, list[Arc]]) -> None:
    nodes, arcs = network
    tail, head, seconds = split(arcs)
    net = Network(nodes, tail, head)
    net.tree = None
    times = net.weighed(seconds)
    times.change([], [])
    assert times.between(range(nodes), range(nodes)).tolist() == [plain(nodes, arcs, n) for n in range(nodes)]


def test_a_network_that_is_no_map_is_searched_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "ARCS_A_NODE", 1)
    dice = np.random.default_rng(1)
    tail, head = dice.integers(0, 600, 40_000), dice.integers(0, 600, 40_000)
    net = Network(600, tail, head)
    assert net.tree is None
    seconds = dice.integers(0, 900, 40_000)
    times = net.weighed(seconds)
    times.change(np.flatnonzero(tail == 3), np.full(int((tail == 3).sum()), NEVER))
    found = times.between([3, 4], [3, 4, 5])
    assert found[0].tolist() == [0, NEVER, NEVER]
    assert (found[1] < 900).all()


def test_long_lines_and_stars_stay_shallow() -> None:
    count = 5_000
    line = Network(count, np.arange(count - 1), np.arange(1, count))
    assert line.tree is not None
    assert line.tree.depth.max() < 60
    assert line.weighed(np.ones(count - 1)).between([0], [count - 1]).tolist() == [[count - 1]]
    star = Network(count, np.zeros(count - 1, np.int64), np.arange(1, count))
    assert star.tree is not None
    assert star.tree.depth.max() <= 2


def test_a_change_works_out_few_nodes_again() -> None:
    case = drawn(10_000, 3)
    times = Network(case.nodes, case.tail, case.head, case.spots).weighed(case.seconds)
    assert 0 < times.change([len(case.tail) // 2], [NEVER]) < case.nodes // 10
    assert times.change([len(case.tail) // 2], [NEVER]) == 0, "nothing is different"


@pytest.mark.parametrize(
    ("tail", "head", "seconds"),
    [([0], [2], [1]), ([-1], [0], [1]), ([0], [1], [-1]), ([0], [1], [1, 2]), ([0, 1], [1, 0], [2**57, 2**57])],
)
def test_what_is_no_network_is_refused(tail: list[int], head: list[int], seconds: list[int]) -> None:
    with pytest.raises(ValueError, match="road"):
        Network(2, tail, head).weighed(seconds)


def test_a_refused_change_changes_nothing() -> None:
    times = Network(2, [0], [1]).weighed([5])
    for roads, seconds in (([3], [1]), ([0], [-1]), ([0], [2**59])):
        with pytest.raises(ValueError, match="road"):
            times.change(roads, seconds)
    assert times.between([0], [1]).tolist() == [[5]]


def test_tables_of_a_large_network_equal_those_of_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    case = drawn(900, 4)
    edges = [
        edge(str(a), str(b), id=f"e{n}", length_m=int(s) * 30, is_two_way=n % 3 > 0, size_class_max=3 + n % 4)
        for n, (a, b, s) in enumerate(zip(case.tail, case.head, case.seconds, strict=True))
    ]
    kinds = [kind("van"), kind("lorry", size_class=5)]
    names = sorted({str(a) for a in case.tail[:40]})
    asked = problem([*names], edges, kinds=kinds)
    changed = replace(asked, edges=tuple(replace(e, is_open=n % 17 > 0) for n, e in enumerate(edges)))
    slow = [[Roads(p).table(t, names) for t in ("van", "lorry")] for p in (asked, changed)]
    monkeypatch.setattr(travel, "LARGE", 10)
    roads = Roads(asked)
    first = [roads.table(t, names) for t in ("van", "lorry")]
    updated = roads.updated(changed)
    assert updated._network is roads._network, "the order is kept"
    assert [first, [updated.table(t, names) for t in ("van", "lorry")]] == slow
    assert [roads.table(t, names) for t in ("van", "lorry")] == slow[0]


def test_the_bench_measures_beside_scipy_and_says_whether_it_is_equal(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    assert main(["matrix", "--nodes", "900", "--points", "20", "--seed", "2", "--json", str(out)]) == 0
    row = json.loads(out.read_text())
    assert (row["differences"], row["differences_closed"], row["points"], row["nodes"]) == (0, 0, 20, 900)
    assert row["pairs_changed"] > 0, "the road closed was used"
