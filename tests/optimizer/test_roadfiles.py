"""Road files: what is read, what is refused, and that taking out bends changes no way."""

from __future__ import annotations

import contextlib
import json
import random
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.roadfiles import Limits, Net, Region, RoadFileError, Spot, Stretch, read, read_region
from optimizer.roadfiles.net import Nature
from optimizer.roadfiles.tags import height_cm, mass_kg

NODES = {1: (44.2, 80.4), 2: (44.21, 80.4), 3: (44.22, 80.41), 4: (44.2, 80.42), 5: (44.0, 80.0), -7: (44.23, 80.42)}
WAYS: list[tuple[int, list[int], dict[str, str]]] = [
    (10, [1, 2, 3], {"highway": "primary", "name": "亚欧路", "maxweight": "8"}),
    (11, [3, 4, 1], {"highway": "residential", "oneway": "yes"}),
    (12, [3, -7], {"highway": "track", "ford": "yes", "maxheight": "3.5"}),
    (13, [4, 5], {"highway": "footway"}),
    (14, [4, 99], {"highway": "primary"}),
    (15, [2, 5], {"highway": "service", "access": "private"}),
]


def xml() -> bytes:
    nodes = "".join(f'<node id="{n}" lat="{lat}" lon="{lon}"/>' for n, (lat, lon) in NODES.items())
    ways = "".join(
        f'<way id="{way}">'
        + "".join(f'<nd ref="{p}"/>' for p in points)
        + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in said.items())
        + "</way>"
        for way, points, said in WAYS
    )
    return f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}<relation id="1"/></osm>'.encode()


def number(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def signed(value: int) -> bytes:
    return number(value << 1 if value >= 0 else (-value << 1) - 1)


def content(key: int, body: bytes) -> bytes:
    return number(key << 3 | 2) + number(len(body)) + body


def steps(values: list[int]) -> bytes:
    return b"".join(signed(b - a) for a, b in zip([0, *values], values, strict=False))


def blob(kind: str, block: bytes, *, packed: bytes | None = None) -> bytes:
    body = number(2 << 3) + number(len(block)) + content(3, packed if packed is not None else zlib.compress(block))
    head = content(1, kind.encode()) + number(3 << 3) + number(len(body))
    return len(head).to_bytes(4, "big") + head + body


def pbf(*, is_dense: bool = True) -> bytes:
    texts = ["", *sorted({word for _, _, said in WAYS for pair in said.items() for word in pair})]
    scaled = {n: (round(lat * 1e7), round(lon * 1e7)) for n, (lat, lon) in NODES.items()}
    if is_dense:
        columns = [list(scaled), [lat for lat, _ in scaled.values()], [lon for _, lon in scaled.values()]]
        nodes = content(2, b"".join(content(key, steps(c)) for key, c in zip((1, 8, 9), columns, strict=True)))
    else:
        nodes = b"".join(
            content(1, number(8) + signed(n) + number(64) + signed(lat) + number(72) + signed(lon))
            for n, (lat, lon) in scaled.items()
        )
    ways = b"".join(
        content(
            3,
            number(8) + number(way) + content(2, b"".join(number(texts.index(k)) for k in said))
            + content(3, b"".join(number(texts.index(v)) for v in said.values())) + content(8, steps(points)),
        )
        for way, points, said in WAYS
    )  # fmt: skip
    table = content(1, b"".join(content(1, text.encode()) for text in texts))
    header = content(4, b"OsmSchema-V0.6") + content(4, b"DenseNodes")
    return blob("OSMHeader", header) + blob("OSMData", table + content(2, nodes) + content(2, ways))


def geojson(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def line(*points: tuple[float, float], **said: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": said, "geometry": {"type": "LineString", "coordinates": points}}


def test_xml_and_pbf_say_the_same() -> None:
    net = read("town.osm", xml())
    assert net == read("TOWN.osm.pbf", pbf()) == read("town.pbf", pbf(is_dense=False))
    assert [one.id for one in net.stretches] == ["w10-00000", "w10-00001", "w11-00000", "w11-00001", "w12-00000"]
    first, _, third, _, last = net.stretches
    assert (first.name, first.nature) == ("亚欧路", Nature("primary", mass_limit_kg=8000))
    assert first.length_m == pytest.approx(1112, abs=1)
    assert third.nature == Nature("residential", backward=False)
    assert (last.end, last.nature) == ("-7", Nature("track", is_ford=True, height_limit_cm=350))
    assert {node.id: (node.lat_e6, node.lon_e6) for node in net.nodes}["-7"] == (44_230_000, 80_420_000)


def test_lines_of_geojson_meet_where_their_points_are_the_same() -> None:
    net = read(
        "a.geojson", geojson(line((80, 44), (80.1, 44)), line((80.1, 44), (80.1, 44.1), highway="motorway", name="G30"))
    )
    assert len(net.nodes) == 3
    assert [one.nature for one in net.stretches] == [Nature("road"), Nature("motorway", backward=False)]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.osm", b'<!DOCTYPE osm [<!ENTITY a "aaa">]><osm><node id="1" lat="&a;" lon="1"/></osm>', "has_document_type"),
        ("a.osm", b"<osm><node", "broken_xml"),
        ("a.osm", b"<gpx></gpx>", "not_osm"),
        ("a.osm", b"", "broken_xml"),
        ("a.osm", b'<osm><node id="x" lat="1" lon="1"/></osm>', "broken_xml"),
        ("a.osm", b'<osm><node id="1" lat="nan" lon="1"/></osm>', "off_the_earth"),
        ("a.osm", b'<osm><node id="1" lat="91" lon="1"/></osm>', "off_the_earth"),
        ("a.txt", b"", "unknown_ending"),
        ("a.pbf", b"PK\3\4", "broken_pbf"),
        ("a.pbf", blob("OSMHeader", content(4, b"HistoricalInformation")), "needs_more"),
        ("a.pbf", blob("OSMData", b"", packed=zlib.compress(b"0" * 40_000_000)), "broken_pbf"),
        ("a.pbf", blob("OSMData", b"", packed=b"no zlib"), "broken_pbf"),
        ("a.pbf", blob("OSMData", content(2, content(2, content(1, b"\x80")))), "broken_pbf"),
        ("a.json", b"{", "broken_json"),
        ("a.json", b"[" * 100_000, "broken_json"),
        ("a.json", b'{"type": "LineString", "coordinates": [[NaN, 1]]}', "broken_json"),
        ("a.json", b'{"type": "LineString", "coordinates": [["1", 1], [2, 2]]}', "not_geojson"),
        ("a.json", b'{"type": "LineString", "coordinates": [[1], [2, 2]]}', "not_geojson"),
        ("a.json", b'{"type": "LineString", "coordinates": [[181, 1], [2, 2]]}', "off_the_earth"),
        ("a.json", b'{"type": "Topology"}', "not_geojson"),
        ("a.json", b'{"type": "FeatureCollection", "features": [1]}', "not_geojson"),
    ],
)  # fmt: skip
def test_what_is_no_road_file_is_refused_by_name(name: str, data: bytes, code: str) -> None:
    with pytest.raises(RoadFileError) as refused:
        read(name, data)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(points_max=3), "too_many_points"),
        (Limits(lines_max=1), "too_many_lines"),
        (Limits(line_points_max=1), "line_too_long"),
        (Limits(bytes_max=100), "too_large"),
    ],
)
def test_a_file_with_more_than_its_share_is_refused(limits: Limits, code: str) -> None:
    for name, data in (("a.osm", xml()), ("a.pbf", pbf())):
        with pytest.raises(RoadFileError) as refused:
            read(name, data, limits)
        assert refused.value.code == code


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_damaged_files_are_refused_or_read_and_never_break_the_reader(seed: int) -> None:
    dice = random.Random(seed)
    for name, whole in (("a.osm", xml()), ("a.pbf", pbf()), ("a.json", geojson(line((80, 44), (80.1, 44))))):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        with contextlib.suppress(RoadFileError):
            read(name, bytes(data[: dice.randint(1, len(data))]))


@pytest.mark.parametrize(
    ("text", "cm"), [("3.5", 350), ("4 m", 400), ("380cm", 380), ("12'6\"", 381), ("none", None), ("", None), ("0", None), ("3 t", None)]
)  # fmt: skip
def test_heights(text: str, cm: int | None) -> None:
    assert height_cm(text) == cm


@pytest.mark.parametrize(("text", "kg"), [("7.5", 7500), ("7.5 t", 7500), ("900 kg", 900), ("no", None), ("3 m", None)])
def test_masses(text: str, kg: int | None) -> None:
    assert mass_kg(text) == kg


@given(st.integers(0, 2**32))
@settings(max_examples=80, deadline=None)
def test_taking_out_bends_keeps_every_distance(seed: int) -> None:
    dice = random.Random(seed)
    spots = [Spot(str(n), dice.randrange(1000), dice.randrange(1000)) for n in range(9)]
    natures = [Nature("primary"), Nature("primary", backward=False), Nature("primary", forward=False), Nature("track")]
    stretches = []
    for n in range(dice.randint(1, 14)):
        a, b = dice.sample(spots, 2)
        stretches.append(
            Stretch(f"s{n:02}", "", a.id, b.id, dice.randint(1, 50), dice.choice(natures[: dice.randint(1, 4)]))
        )
    whole = Net(tuple(spots), tuple(stretches))
    keep = frozenset(spot.id for spot in spots[:3])
    short = whole.contracted(keep)
    left = {node.id for node in short.nodes}
    used = {end for one in stretches for end in (one.start, one.end)}
    assert keep & used <= left
    assert all(one.start != one.end for one in short.stretches)
    assert len({one.id for one in short.stretches}) == len(short.stretches)
    assert sum(one.length_m for one in short.stretches) == sum(one.length_m for one in stretches)
    before, after = distances(whole), distances(short)
    assert {pair: d for pair, d in before.items() if set(pair) <= left} == {
        p: d for p, d in after.items() if set(p) <= left
    }
    for one in short.stretches:
        assert [spot.id for spot in short.shape(one)] == list(one.between)


def distances(net: Net) -> dict[tuple[str, str], float]:
    names = [node.id for node in net.nodes]
    best = {(a, a): 0.0 for a in names}
    for one in net.stretches:
        for a, b, may in ((one.start, one.end, one.nature.forward), (one.end, one.start, one.nature.backward)):
            if may:
                best[a, b] = min(best.get((a, b), 1e9), one.length_m)
    for m in names:
        for a in names:
            for b in names:
                if (a, m) in best and (m, b) in best:
                    best[a, b] = min(best.get((a, b), 1e9), best[a, m] + best[m, b])
    return best


SQUARE = Region.of([[(0, 0), (0, 10), (10, 10), (10, 0), (0, 0)]])


@pytest.mark.parametrize(
    ("points", "touches"),
    [
        ([(5, 5), (6, 6)], True),
        ([(-5, 5), (15, 5)], True),
        ([(-5, 10), (15, 10)], True),
        ([(10, 10), (20, 20)], True),
        ([(-5, -4), (4, -5)], False),
        ([(11, -5), (11, 15)], False),
        ([(-1, 12), (12, -1)], True),
        ([(-3, 12), (-1, 30)], False),
        ([], False),
    ],
)
def test_a_road_touches_a_region_inside_across_and_on_its_border(points: list[tuple[int, int]], touches: bool) -> None:
    assert SQUARE.touches(points) is touches
    assert SQUARE.touches(points[::-1]) is touches


def test_a_hole_is_outside() -> None:
    ring = Region.of([[(0, 0), (0, 30), (30, 30), (30, 0)], [(10, 10), (10, 20), (20, 20), (20, 10)]])
    assert not ring.touches([(14, 14), (16, 16)])
    assert ring.touches([(14, 14), (25, 14)])


def test_regions_come_from_polygons() -> None:
    shape = {"type": "Polygon", "coordinates": [[[80, 44], [80.1, 44], [80.1, 44.1], [80, 44]]]}
    region = read_region(json.dumps(shape).encode())
    assert region.rings == (((44_000_000, 80_000_000), (44_000_000, 80_100_000), (44_100_000, 80_100_000)),)
    for data, code in (
        (geojson(line((1, 1), (2, 2))), "no_region"),
        (json.dumps({"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [1, 1]]]}).encode(), "too_few_corners"),
        (b"{}", "not_geojson"),
    ):
        with pytest.raises(RoadFileError) as refused:
            read_region(data)
        assert refused.value.code == code
