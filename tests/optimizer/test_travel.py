"""Travel times are those of the model's words, exact, and the way given is the way timed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.model import Edge, Problem, Site, Terrain, VehicleType
from optimizer.passing import NEVER
from optimizer.travel import Roads, drive_s
from tests.optimizer.routing import SPEEDS, edge, kind, problem, seconds


def roads(edges: list[Edge], *, sites: str = "abcd", types: list[VehicleType] | None = None) -> Roads:
    return Roads(problem(list(sites), edges, kinds=types or [kind()]))


def test_an_edge_takes_its_length_over_speed_times_factor_rounded_up() -> None:
    # 1001 m at 60 km/h × 0.6 = 10 m/s: 100.1 s
    assert drive_s(edge("a", "b", length_m=1001, factor_permille=600), kind()) == 101
    assert drive_s(edge("a", "b", length_m=1000, factor_permille=600), kind()) == 100
    assert drive_s(edge("a", "b", length_m=1000, terrain=Terrain.SNOW), kind()) == 180


def test_each_edge_is_rounded_up_by_itself() -> None:
    way = [edge("a", "b", length_m=1), edge("b", "c", length_m=1)]
    assert roads(way).time_s("van", "a", "c") == 2
    assert roads(way).distance_m("van", "a", "c") == 2


def test_the_faster_way_is_taken_even_when_longer() -> None:
    found = roads([edge("a", "b", 30, terrain=Terrain.MOUNTAIN), edge("a", "c", 25), edge("c", "b", 25)])
    assert found.time_s("van", "a", "b") == 50 * 60
    assert found.distance_m("van", "a", "b") == 50_000
    assert found.edges("van", "a", "b") == ("a-c", "c-b")
    assert found.edges("van", "b", "a") == ("c-b", "a-c")


def test_one_way_streets_lead_one_way() -> None:
    found = roads([edge("a", "b", 10, is_two_way=False)])
    assert found.time_s("van", "a", "b") == 600
    assert found.time_s("van", "b", "a") is None
    assert found.edges("van", "b", "a") is None
    assert found.distance_m("van", "b", "a") is None
    assert not found.reaches("van", "b", "a")


@pytest.mark.parametrize(
    ("facts", "passes", "refused"),
    [
        ({"size_class_max": 3}, kind(size_class=3), kind(size_class=4)),
        ({"bridge_limit_kg": 8000}, kind(gross_mass_kg=8000), kind(gross_mass_kg=8001)),
        ({"snow_vehicles_only": True}, kind(is_snow_capable=True), kind()),
        ({"bridge_limit_kg": 0}, None, kind()),
        ({"height_limit_cm": 350}, kind(height_cm=350), kind(height_cm=351)),
        ({"is_ford": True}, kind(can_ford=True), kind()),
        ({"is_towing_barred": True}, kind(), kind(is_towing=True)),
        ({"is_convoy_only": True}, kind(is_in_convoy=True), kind()),
        ({"is_open": False}, None, kind(is_snow_capable=True)),
    ],
)
def test_limits_turn_back_what_is_one_unit_over(
    facts: dict[str, int], passes: VehicleType | None, refused: VehicleType
) -> None:
    way = [edge("a", "b", 10, **facts)]
    assert roads(way, types=[refused]).time_s("van", "a", "b") is None
    if passes is not None:
        assert roads(way, types=[passes]).time_s("van", "a", "b") == 600


def test_parallel_roads_are_not_added_up() -> None:
    found = roads([edge("a", "b", 20, id="slow"), edge("a", "b", 10, id="fast"), edge("b", "a", 15, id="back")])
    assert found.time_s("van", "a", "b") == 600
    assert found.edges("van", "a", "b") == ("fast",)


def test_sites_on_one_node_are_no_way_apart_and_sites_without_node_are_nowhere() -> None:
    places = [Site("a", "a", "a"), Site("shed", "shed", "a"), Site("nowhere", "nowhere", ""), Site("b", "b", "b")]
    found = Roads(problem(places, [edge("a", "b", 10)], kinds=[kind(size_class=3)]))
    assert (found.time_s("van", "a", "shed"), found.distance_m("van", "a", "shed")) == (0, 0)
    assert found.edges("van", "a", "shed") == ()
    assert found.time_s("van", "nowhere", "a") is None
    assert found.time_s("van", "a", "nowhere") is None
    assert found.time_s("van", "nowhere", "nowhere") is None
    assert not found.may_enter("van", "nowhere")
    assert found.table("van", ["a", "nowhere", "b"]) == [[0, NEVER, 600], [NEVER] * 3, [600, NEVER, 0]]


def test_a_yard_turns_back_what_is_one_class_too_large() -> None:
    places = [Site("a", "a", "a", size_class_max=3)]
    types = [kind("fits", size_class=3), kind("large", size_class=4)]
    found = Roads(problem(places, [], kinds=types))
    assert found.may_enter("fits", "a")
    assert not found.may_enter("large", "a")


def test_no_roads_at_all() -> None:
    found = roads([])
    assert found.time_s("van", "a", "b") is None
    assert found.edges("van", "a", "a") == ()
    assert found.distance_m("van", "a", "a") == 0


def test_a_road_of_a_million_million_metres_is_timed_exactly() -> None:
    found = roads([edge("a", "b", length_m=10**12 + 1)])
    assert found.time_s("van", "a", "b") == -(-(10**12 + 1) * 60 // 1000)


def test_the_order_of_edges_in_the_problem_does_not_choose_the_way() -> None:
    ways = [edge("a", m, 10) for m in "bcd"] + [edge(m, "e", 10) for m in "bcd"]
    chosen = {roads(random.Random(n).sample(ways, len(ways)), sites="abcde").edges("van", "a", "e") for n in range(20)}
    assert chosen == {("a-b", "b-e")}


TYPES = [kind("van"), kind("truck", size_class=5, gross_mass_kg=12_000), kind("snow", is_snow_capable=True)]


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[Edge], str]:
    names = "abcdefg"[: draw(st.integers(2, 7))]
    edges = [
        Edge(
            id=f"e{n}", start=draw(st.sampled_from(names)), end=draw(st.sampled_from(names)),
            length_m=draw(st.integers(1, 40)) * 50, terrain=draw(st.sampled_from(list(Terrain))),
            factor_permille=draw(st.sampled_from([1000, 600, 1])), is_two_way=draw(st.booleans()),
            is_open=draw(st.integers(0, 5)) > 0, size_class_max=draw(st.sampled_from([9, 3])),
            bridge_limit_kg=draw(st.sampled_from([None, 5000])), snow_vehicles_only=draw(st.integers(0, 4)) == 0,
        )
        for n in range(draw(st.integers(0, 18)))
    ]  # fmt: skip
    return edges, names


def floyd_warshall(edges: list[Edge], names: str, vehicle_type: VehicleType) -> dict[tuple[str, str], int]:
    far = 10**15
    best = {(a, b): 0 if a == b else far for a in names for b in names}
    for road in edges:
        time = seconds(road, vehicle_type)
        if time is None:
            continue
        best[road.start, road.end] = min(best[road.start, road.end], time)
        if road.is_two_way:
            best[road.end, road.start] = min(best[road.end, road.start], time)
    for middle in names:
        for a in names:
            for b in names:
                best[a, b] = min(best[a, b], best[a, middle] + best[middle, b])
    return {pair: time for pair, time in best.items() if time < far}


@given(networks())
@settings(max_examples=60, deadline=None)
def test_times_equal_floyd_and_warshall_and_ways_are_real(network: tuple[list[Edge], str]) -> None:
    edges, names = network
    found = roads(edges, sites=names, types=TYPES)
    by_id = {road.id: road for road in edges}
    for vehicle_type in TYPES:
        expected = floyd_warshall(edges, names, vehicle_type)
        for a in names:
            for b in names:
                assert found.time_s(vehicle_type.id, a, b) == expected.get((a, b))
                way = found.edges(vehicle_type.id, a, b)
                if way is None:
                    assert (a, b) not in expected
                    continue
                at, driven = a, 0
                for edge_id in way:
                    road = by_id[edge_id]
                    assert at == road.start or (at == road.end and road.is_two_way)
                    at = road.end if at == road.start else road.start
                    driven += seconds(road, vehicle_type) or 0
                assert (at, driven) == (b, expected[a, b])
                assert found.distance_m(vehicle_type.id, a, b) == sum(by_id[e].length_m for e in way)


def answers(found: Roads, names: str) -> list[object]:
    return [
        (found.time_s(t.id, a, b), found.distance_m(t.id, a, b), found.edges(t.id, a, b))
        for t in TYPES
        for a in names
        for b in names
    ]


def changed(edges: list[Edge], dice: random.Random) -> list[Edge]:
    """Some roads closed, opened, slower, faster, longer, gone, turned or new."""
    result = []
    for road in edges:
        what = dice.randrange(12)
        if what == 0:
            road = replace(road, is_open=not road.is_open)
        elif what == 1:
            road = replace(road, factor_permille=dice.choice([1000, 500, 10]))
        elif what == 2:
            road = replace(road, length_m=road.length_m + dice.choice([-1, 1, 500]))
        elif what == 3:
            road = replace(road, is_two_way=not road.is_two_way)
        elif what == 4:
            road = replace(road, start=road.end, end=road.start)
        elif what == 5:
            continue
        result.append(road)
    if dice.random() < 0.5:
        result.insert(0, edge(edges[0].start, edges[-1].end, 1, id=dice.choice("afz") + str(dice.random())))
    return [road for road in result if road.length_m > 0]


@given(networks().filter(lambda network: bool(network[0])), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_updated_roads_equal_roads_made_afresh(network: tuple[list[Edge], str], dice: random.Random) -> None:
    edges, names = network
    before = problem(list(names), edges, kinds=TYPES)
    old = Roads(before)
    answers(old, names)
    for _ in range(2):
        edges = changed(edges, dice) or edges
        after = replace(before, edges=tuple(edges))
        assert all(end in {n.id for n in before.nodes} for e in edges for end in (e.start, e.end))
        old = old.updated(after)
        assert answers(old, names) == answers(Roads(after), names)


def kept(old: Roads, new: Roads) -> int:
    """Rows of the first kind of vehicle that were taken over."""
    (was,), (now,) = old._profiles.values(), new._profiles.values()
    return sum(now.rows[node].seconds is row.seconds for node, row in was.rows.items() if node in now.rows)


def test_a_closure_keeps_the_rows_that_did_not_use_the_road() -> None:
    edges = [edge("a", "b", 10), edge("b", "c", 10), edge("a", "d", 10), edge("d", "c", 50)]
    before = problem(list("abcd"), edges)
    old = Roads(before)
    answers_of = [(a, b) for a in "abcd" for b in "abcd"]
    for a, b in answers_of:
        old.time_s("van", a, b)
    unused = old.updated(replace(before, edges=(*edges[:3], replace(edges[3], is_open=False))))
    assert kept(old, unused) == 4
    used = old.updated(replace(before, edges=(*edges[:2], replace(edges[2], is_open=False), edges[3])))
    assert kept(old, used) == 0
    assert used.time_s("van", "a", "d") == 70 * 60


def test_in_a_region_of_ten_thousand_roads_each_place_reaches_each_other() -> None:
    dice = random.Random(1)
    side = 70
    name = [[f"n{x}-{y}" for y in range(side)] for x in range(side)]
    edges = []
    for x in range(side):
        for y in range(side):
            for dx, dy in ((1, 0), (0, 1)):
                if x + dx < side and y + dy < side:
                    edges.append(
                        edge(name[x][y], name[x + dx][y + dy], id=f"e{len(edges)}", length_m=dice.randrange(200, 5000))
                    )
    sites = [name[dice.randrange(side)][dice.randrange(side)] for _ in range(50)]
    asked: Problem = problem(
        sorted(set(sites)), edges, kinds=[kind(), kind("slow", speed_kmh=dict.fromkeys(SPEEDS, 25))]
    )
    found = Roads(asked)
    for vehicle_type in ("van", "slow"):
        table = found.table(vehicle_type, sorted(set(sites)))
        assert all(row.count(0) == 1 and max(row) < NEVER for row in table)
