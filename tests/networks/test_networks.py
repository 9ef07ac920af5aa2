"""Map files become roads, sites stand on them, a region closes what it touches, and who cannot be reached is told why."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from supplyops.fleet import commands as fleet
from supplyops.fleet.rules import VehicleTypeInput
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Forbidden, InvalidInput, NotFound, SupplyError, WrongState
from supplyops.networks import commands, queries
from supplyops.networks.commands import Effect
from supplyops.networks.rules import Detail, RegionInput, RoadFileInput, RoadFileState, Snap, TravelInput
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places import queries as place_queries
from supplyops.places.rules import RoadInput, RoadNodeInput, RoadStatus, SiteInput, SiteKind, Terrain
from supplyops.runtime import Runtime
from tests.conftest import Clock
from tests.house import CITY, build_house
from tests.once import once

LORRY = VehicleTypeInput("V4", "厢货", 5, 9_000_000, 38_000_000, 16_000, 40, 60, 30, 20, height_cm=380)
"""A kilometre of plain road is a minute."""


def feature(points: list[tuple[float, float]], **said: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": said, "geometry": {"type": "LineString", "coordinates": points}}


ROAD = [
    feature([(80.40, 44.20), (80.41, 44.20), (80.42, 44.20)], highway="primary", name="亚欧路", id="a"),
    feature([(80.42, 44.20), (80.42, 44.22)], highway="tertiary", maxheight="3.5", id="b"),
    feature([(80.42, 44.20), (80.44, 44.20)], highway="tertiary", oneway="yes", id="c"),
    feature([(80.40, 44.20), (80.40, 44.18)], highway="track", ford="yes", id="d"),
    feature([(81.40, 44.20), (81.41, 44.20)], highway="primary", id="far"),
]


def file(*features: dict[str, Any], name: str = "town.geojson", **how: Any) -> RoadFileInput:
    data = json.dumps({"type": "FeatureCollection", "features": features or ROAD}).encode()
    return RoadFileInput(name, base64.b64encode(data).decode(), **{"prefix": "m", **how})


def spot(code: str, lat_e6: int, lon_e6: int, **facts: Any) -> SiteInput:
    return SiteInput(
        code, code, SiteKind.DELIVERY_POINT, CITY, CITY, Level.CITY, lat_e6=lat_e6, lon_e6=lon_e6, **facts
    )  # fmt: skip


class Town:
    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self.runtime, self.clock, self.house = runtime, clock, build_house(runtime)
        self.clerk = self.house.actor(Role.CLERK)
        runtime.run(fleet.save_vehicle_types, SYSTEM, [LORRY])
        sites = [
            spot("west", 44_200_100, 80_400_000),
            spot("north", 44_220_000, 80_420_100),
            spot("east", 44_200_000, 80_440_000),
            spot("south", 44_180_000, 80_400_000),
            spot("desert", 45_000_000, 80_400_000),
            spot("beside-the-island", 44_200_000, 81_400_000),
        ]
        runtime.run(places.save_sites, SYSTEM, sites)

    def do(self, command: Any, *given: Any, by: Any = None) -> Any:
        return self.runtime.run(command, by or self.clerk, *given)

    def nodes_of_sites(self) -> dict[str, str]:
        return {row.code: row.road_node for row in self.runtime.read(place_queries.sites, SYSTEM) if row.road_node}

    def roads(self) -> dict[str, Any]:
        return {row.code: row for row in self.runtime.read(place_queries.road_states, SYSTEM)}

    def books(self) -> Any:
        nodes = [node.code for node in self.runtime.read(place_queries.road_nodes, SYSTEM)]
        return (self.roads(), nodes, self.nodes_of_sites(), self.runtime.read(place_queries.road_reports, SYSTEM))

    def refused(self, kind: type[SupplyError], do: Any) -> SupplyError:
        before = self.books()
        with pytest.raises(kind) as refusal:
            do()
        assert self.books() == before
        return refusal.value

    def times(self, *codes: str, **how: Any) -> queries.TravelTable:
        return self.runtime.read(queries.travel_times, self.clerk, TravelInput("V4", codes, codes, **how))


@pytest.fixture
@once
def town(runtime: Runtime, clock: Clock) -> Town:
    return Town(runtime, clock)


def test_a_file_becomes_roads_and_sites_stand_on_them(town: Town) -> None:
    before = town.books()
    file_id = town.do(commands.keep_road_file, file(detail=Detail.ALL))
    assert town.books() == before, "a file that waits changes nothing"
    foreseen = town.runtime.rehearse(commands.take_over_road_file, town.clerk, file_id)
    assert town.books() == before
    effect: Effect = town.do(commands.take_over_road_file, file_id)
    assert effect == foreseen
    assert (effect.roads.added, effect.nodes.added, effect.stretches, effect.islands) == (5, 7, 6, 1)
    by_name = {road.name: road for road in town.roads().values()}
    main = by_name["亚欧路"]
    assert (main.is_two_way, main.terrain, main.shape) == (True, Terrain.PLAIN, "44200000,80410000")
    roads = town.roads()
    assert roads["m-gb-00000"].height_limit_cm == 350
    assert (roads["m-gc-00000"].is_two_way, roads["m-gd-00000"].is_ford, roads["m-gd-00000"].terrain) == (
        False,
        True,
        Terrain.MOUNTAIN,
    )
    stand = town.nodes_of_sites()
    assert {"west", "north", "east", "south"} <= set(stand)
    assert not {"desert", "beside-the-island"} & set(stand)
    far = {one.site_code: one for one in effect.snapped if not one.node_code}
    assert far["desert"].metres == pytest.approx(86_500, abs=2_500)
    assert town.runtime.read(queries.road_file, town.clerk, file_id).state is RoadFileState.TAKEN
    again: Effect = town.do(commands.import_roads, file(detail=Detail.ALL, snap=Snap.EVERY))
    assert (again.roads.added, again.roads.changed, again.roads.unchanged, again.nodes.unchanged) == (0, 0, 5, 7)


def test_only_the_classes_asked_for_are_taken(town: Town) -> None:
    effect: Effect = town.do(commands.import_roads, file(detail=Detail.MAIN, snap=Snap.NONE))
    assert (effect.roads.added, effect.snapped) == (4, ())
    assert town.nodes_of_sites() == {}


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.osm", b"<!DOCTYPE x><osm/>", "road_file_has_document_type"),
        ("a.osm", b"<osm/>", "road_file_no_roads"),
        ("a.pbf", b"nonsense", "road_file_broken_pbf"),
        ("a.geojson", b"{", "road_file_broken_json"),
        ("a.doc", b"", "road_file_unknown_ending"),
    ],
)
def test_a_file_that_is_none_is_refused_when_it_comes(town: Town, name: str, data: bytes, code: str) -> None:
    given = RoadFileInput(name, base64.b64encode(data).decode())
    for command in (commands.keep_road_file, commands.import_roads):
        refusal = town.refused(InvalidInput, lambda command=command: town.do(command, given))
        assert [each.code for each in refusal.fields] == [code]
    assert town.runtime.read(queries.road_files, town.clerk) == []
    refusal = town.refused(InvalidInput, lambda: town.do(commands.import_roads, replace(given, content="***")))
    assert refusal.fields[0].code == "not_base64"


def test_a_file_is_its_owners_alone_and_goes_once(town: Town) -> None:
    file_id = town.do(commands.keep_road_file, file())
    other = town.house.actor(Role.CLERK, "6540")
    town.refused(NotFound, lambda: town.do(commands.take_over_road_file, file_id, by=other))
    with pytest.raises(NotFound):
        town.runtime.read(queries.road_file, other, file_id)
    town.do(commands.discard_road_file, file_id)
    town.refused(WrongState, lambda: town.do(commands.take_over_road_file, file_id))
    town.refused(WrongState, lambda: town.do(commands.discard_road_file, file_id))
    town.refused(Forbidden, lambda: town.do(commands.keep_road_file, file(), by=town.house.actor(Role.COMMANDER)))


def test_a_region_reports_every_road_it_touches_and_no_other(town: Town) -> None:
    town.do(commands.import_roads, file(detail=Detail.ALL))
    bend = "44.1995, 80.4095\n44.1995,80.4105\n44.2005 80.4105"  # round the bend, far from both ends
    assert [row.name for row in town.runtime.read(queries.region_roads, town.clerk, bend)] == ["亚欧路"]
    commander = town.house.actor(Role.COMMANDER)
    closed = town.do(commands.report_region, RegionInput(bend, reason="塌方"), by=commander)
    states = {code: row.status for code, row in town.roads().items()}
    assert {code for code, status in states.items() if status is RoadStatus.CLOSED} == set(closed)
    why = {(one.from_code, one.to_code): one.barriers for one in town.times("west", "east").unreached}
    assert [barrier.cause for barrier in why["west", "east"]] == ["closed"]
    assert [barrier.cause for barrier in why["east", "west"]] == ["one_way", "closed"]
    shape = {"type": "Polygon", "coordinates": [[[80.3, 44.1], [80.6, 44.1], [80.6, 44.3], [80.3, 44.3], [80.3, 44.1]]]}
    whole = RegionInput(json.dumps(shape), RoadStatus.OPEN)
    assert len(town.do(commands.report_region, whole, by=commander)) == 4
    assert all(row.status is RoadStatus.OPEN for row in town.roads().values())


@pytest.mark.parametrize(
    ("corners", "code"),
    [
        ("44.2, 80.4\n44.3, 80.4", "road_file_too_few_corners"),
        ("44.2, 80.4\nhere\n44.3, 80.4", "bad_corner"),
        ("44.2, 80.4\n99.3, 80.4\n1,1", "bad_corner"),
        ("10, 10\n10, 11\n11, 11", "region_touches_nothing"),
        ("{}", "road_file_not_geojson"),
    ],
)
def test_a_region_that_is_none_is_refused(town: Town, corners: str, code: str) -> None:
    town.do(commands.import_roads, file())
    given = RegionInput(corners, reason="塌方")
    refusal = town.refused(InvalidInput, lambda: town.do(commands.report_region, given))
    assert [each.code for each in refusal.fields] == [code]


def test_times_and_why_there_are_none(town: Town) -> None:
    town.do(commands.import_roads, file(detail=Detail.ALL))
    table = town.times("west", "north", "east", "south", "desert")
    seconds = dict(
        zip(table.from_codes, (dict(zip(table.to_codes, row, strict=True)) for row in table.seconds), strict=True)
    )
    assert seconds["west"]["west"] == 0
    assert seconds["west"]["east"] == pytest.approx(3190 * 60 / 1000, abs=3)
    why = {(one.from_code, one.to_code): [(b.cause, b.code) for b in one.barriers] for one in table.unreached}
    assert why["west", "north"] == [("height", "m-gb-00000")]
    assert why["east", "west"] == [("one_way", "m-gc-00000")]
    assert why["west", "south"] == [("ford", "m-gd-00000")]
    assert why["west", "desert"] == [("no_node", "desert")]
    assert table.unreached_count == len(why) == sum(row.count(None) for row in table.seconds)


def test_convoys_and_trailers_and_yards(town: Town) -> None:
    town.runtime.run(places.save_road_nodes, SYSTEM, [RoadNodeInput(c, c, 44_000_000, 80_000_000) for c in "abc"])
    roads = [
        RoadInput("ab", "ab", "a", "b", 1000, Terrain.PLAIN, is_convoy_only=True),
        RoadInput("bc", "bc", "b", "c", 1000, Terrain.PLAIN, is_towing_barred=True),
    ]
    town.runtime.run(places.save_roads, SYSTEM, roads)
    stands = [replace(spot(f"at-{c}", 44_000_000, 80_000_000), road_node=c) for c in "abc"]
    town.runtime.run(places.save_sites, SYSTEM, [*stands[:2], replace(stands[2], vehicle_class_max=4)])

    def causes(**how: Any) -> set[tuple[str, str, str]]:
        table = town.times("at-a", "at-b", "at-c", **how)
        return {(one.from_code[-1], one.to_code[-1], one.barriers[0].cause) for one in table.unreached}

    yard = {("a", "c", "yard_too_small"), ("b", "c", "yard_too_small"), ("c", "c", "yard_too_small")}
    assert causes(in_convoy=True) == yard
    assert causes() == yard | {("a", "b", "convoy"), ("b", "a", "convoy"), ("c", "a", "convoy")}
    assert causes(in_convoy=True, is_towing=True) == yard | {("c", "a", "towing"), ("c", "b", "towing")}


def test_times_are_those_of_the_moment_asked_for(town: Town) -> None:
    town.do(commands.import_roads, file(detail=Detail.ALL))
    later = town.clock.now + timedelta(hours=3)
    region = RegionInput("44.1995,80.4095\n44.1995,80.4105\n44.2005,80.4105", reason="爆破", valid_from=later)
    town.do(commands.report_region, region)
    assert town.times("west", "east").seconds[0][1] is not None
    assert town.times("west", "east", at=later).seconds[0][1] is None


def test_unknown_vehicles_and_sites_are_refused(town: Town) -> None:
    for asked in (TravelInput("V9", ("west",), ("west",)), TravelInput("V4", ("nowhere",), ("west",))):
        with pytest.raises(InvalidInput) as refusal:
            town.runtime.read(queries.travel_times, town.clerk, asked)
        assert refusal.value.fields[0].code == "unknown_reference"
