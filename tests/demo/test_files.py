"""What the files hold, read as files: the city must make sense before anything is loaded."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from math import asin, cos, radians, sin, sqrt

from supplyops.demo.city import DATA, SOURCES
from tests.demo import oracle
from tests.demo.oracle import YES, rows


def test_every_file_has_a_source_and_every_source_a_file() -> None:
    assert sorted(source.file for source in SOURCES) == sorted(path.name for path in DATA.glob("*.csv"))


def test_the_catalogue_has_the_75_items_with_mass_volume_life_and_content() -> None:
    items = rows("items")
    assert len({row["物资编码"] for row in items}) == len(items) == 75
    for row in items:
        assert Fraction(row["单位毛重(kg)"]) > 0, row
        assert Fraction(row["单位体积(m³)"]) > 0, row
        assert int(row["每包装数量"]) >= 1, row
    by_sku = {row["物资编码"]: row for row in items}
    assert (by_sku["B01001"]["单位内含量"], by_sku["B01001"]["含量单位"]) == ("13200", "ml")
    lifeless = {row["物资编码"] for row in items if not row["保质期(天)"] and not row["使用年限(月)"]}
    assert lifeless == {"A03003"}, "coal alone does not age"
    packed = {sku: (row["单位毛重(kg)"], row["单位体积(m³)"], row["每包装数量"]) for sku, row in by_sku.items()}
    assert packed["A01002"] == ("125", "0.48", "1")
    assert packed["A02003"] == ("3.2", "0.022", "5")
    assert packed["D01001"] == ("0.09", "0.0002", "100")


def test_every_figure_says_where_it_comes_from() -> None:
    nouns = (
        "items",
        "need-norms",
        "reserve-norms",
        "thresholds",
        "parameters",
        "vehicle-types",
        "areas",
        "roads",
        "road-nodes",
    )
    for noun in (*nouns, "organisations", "sites", "contracts", "teams", "lots"):
        for row in rows(noun):
            assert re.fullmatch(r"(\[[ADU]\]|P\d+[a-c]?)( \[[ADU]\])?", row["来源标记"]), (noun, row)


def test_there_are_contracts_of_every_type_and_one_has_run_out() -> None:
    kinds = Counter(row["合同类型"] for row in rows("contracts"))
    assert set(kinds) == {"预签合同", "协议储备", "产能储备", "运输保障协议", "救援服务协议"}
    assert sum(count for kind, count in kinds.items() if kind != "救援服务协议") >= 12
    ended = [row["合同编号"] for row in rows("contracts") if date.fromisoformat(row["截止日期"]) < date(2026, 1, 12)]
    assert ended == ["HC-2023-004"]
    promised = {row["合同编号"] for row in rows("contract-lines")}
    assert {row["合同编号"] for row in rows("contracts")} - promised == {"HC-2025-012"}, "a service has no goods"


def test_there_is_a_team_of_every_type_and_the_uninsured_one_is_known() -> None:
    assert len({row["队伍类别"] for row in rows("teams")}) == 12
    assert [row["队伍代码"] for row in rows("teams") if not row["保险有效期至"]] == ["T11-01"]


def test_people_add_up() -> None:
    people = {row["区划代码"]: int(row["人口"] or 0) for row in rows("areas")}
    below: dict[str, int] = defaultdict(int)
    for row in rows("areas"):
        below[row["上级区划代码"]] += int(row["人口"] or 0)
    assert people["654004"] == below["654004"] == 64_800
    for row in rows("areas"):
        if row["层级"] == "乡场街道":
            assert below[row["区划代码"]] == people[row["区划代码"]], row
    invented = [row["区划名称"] for row in rows("areas") if row["层级"] == "村社区" and "代码为示例" in row["备注"]]
    assert len(invented) == 7
    assert all("示例村" in name for name in invented)


def test_the_farms_stand_outside_the_chain_of_command() -> None:
    by_code = {row["单位代码"]: row for row in rows("organisations")}
    for code in ("654004505", "654004506"):
        assert (by_code[code]["在指挥体系内"], by_code[code]["单位类别"]) == ("否", "兵团")
        assert not by_code[code]["上级单位代码"].startswith("654004")
    assert by_code["654004"]["在指挥体系内"] == YES


def test_no_road_is_shorter_than_the_straight_line() -> None:
    nodes = {row["节点代码"]: (float(row["纬度"]), float(row["经度"])) for row in rows("road-nodes")}
    assert len(rows("roads")) >= 50
    for row in rows("roads"):
        straight = _straight_km(*nodes[row["起点节点"]], *nodes[row["终点节点"]])
        assert float(row["里程(km)"]) >= straight * 1.05, row


def _straight_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    a, b, c, d = map(radians, (lat1, lon1, lat2, lon2))
    return 2 * 6371.0 * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2))


def test_every_place_can_be_reached_in_summer_and_the_mountain_road_is_shut_in_winter() -> None:
    summer, winter = oracle.kilometres(7, "n-horgos"), oracle.kilometres(1, "n-horgos")
    assert set(summer) == set(winter) == {row["节点代码"] for row in rows("road-nodes")}
    for site in rows("sites"):
        assert site["路网节点"] in summer, site
    communities = {row["区划代码"] for row in rows("areas") if row["层级"] == "村社区"}
    points = {row["区划代码"] for row in rows("sites") if row["场所类别"] == "接收安置点"}
    assert len(communities) == 19
    assert communities < points
    assert summer["n-zhaosu"] == 215
    assert winter["n-zhaosu"] == 275, "by 特克斯, since 伊昭公路 is shut"
    assert summer["n-yining"] == 90


def test_several_hundred_lots_with_owners_apart_from_places() -> None:
    lots = rows("lots")
    assert len(lots) >= 300
    city_shelves = {row["库位代码"] for row in rows("locations") if row["场所代码"] == "wh-city"}
    kept = {row["物资编码"] for row in lots if row["库位代码"] in city_shelves and row["物权单位代码"] == "654000"}
    assert {"A01002", "A02003", "A02008"} <= kept, "the prefecture's goods in the city's store"
    bound = [row for row in lots if row["限用区划代码"]]
    assert [(row["资金来源"], row["物资编码"]) for row in bound] == [("社会捐赠", "A02003")]
    owners = {row["物权单位代码"] for row in lots}
    assert {"654000", "654004", "654004200", "654004901"} <= owners


def test_dates_of_lots_fit_the_stories() -> None:
    first_day = date(2026, 1, 12)
    soon = 0
    for row in rows("lots"):
        made = date.fromisoformat(row["生产日期"])
        assert made <= date.fromisoformat(row["入库日期"]) < first_day, row
        expires = date.fromisoformat(row["有效期至"]) if row["有效期至"] else date.max
        assert expires > first_day, row
        soon += expires < date(2026, 3, 15)
    assert soon >= 6, "some must go first"
    for name in ("winter-earthquake", "flash-flood", "snow-cutoff"):
        day = date.fromisoformat(oracle.story(name)["starts_at"][:10])
        usable = {sku for _, _, sku in oracle.stock(day)}
        assert {"B01001", "B01005", "A02003", "A02008"} <= usable, name


def test_stores_hold_what_lies_in_them() -> None:
    items = {row["物资编码"]: Fraction(row["单位体积(m³)"]) for row in rows("items")}
    filled: dict[str, Fraction] = defaultdict(Fraction)
    for row in rows("lots"):
        filled[row["库位代码"]] += int(row["数量"]) * items[row["物资编码"]]
    for row in rows("locations"):
        if row["容积(m³)"]:
            assert filled[row["库位代码"]] <= Fraction(row["容积(m³)"]), row


def test_every_store_can_also_set_goods_aside() -> None:
    kinds: dict[str, set[str]] = defaultdict(set)
    for row in rows("locations"):
        kinds[row["场所代码"]].add(row["库位类别"])
    for site in rows("sites"):
        if site["场所类别"] in {"储备库", "储备点", "接收安置点"}:
            assert len(kinds[site["场所代码"]]) == 2, site["场所代码"]
            assert "存储" in kinds[site["场所代码"]]


def test_telephones_are_made_up() -> None:
    for noun, names in (
        ("organisations", ("联系电话", "值班电话")),
        ("users", ("电话",)),
        ("sites", ("联系电话",)),
        ("vehicles", ("驾驶员电话",)),
        ("teams", ("值班电话",)),
        ("contracts", ("值班电话",)),
    ):
        for row in rows(noun):
            for name in names:
                assert re.fullmatch(r"0999-0000\d{3}|100-0000-\d{4}", row[name]), (noun, row)


def test_every_parameter_that_rules_ask_for_is_set() -> None:
    """Keys named in the code by whole words; the reserve targets are named by level."""
    asked: set[str] = set()
    for path in sorted((oracle.DEMO.parent).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        asked |= set(re.findall(r"(?<![a-z_])(?:number|fraction|text)\(\s*ctx,\s*\"([a-z_.]+)\"", text))
        asked |= {f"plan.{key}" for key in re.findall(r"\bfigure\(\"([a-z_]+)\"", text)}
    given = {row["参数"] for row in rows("parameters")}
    assert len(asked) >= 10
    assert asked <= given, asked - given
    levels = {"自治州": "prefecture", "市": "city", "乡场街道": "township", "村社区": "community"}
    assert {f"reserve.persons.{levels[row['层级']]}" for row in rows("reserve-norms")} <= given


def test_vehicles_of_every_type_stand_somewhere_and_a_tanker_takes_no_boxes() -> None:
    kinds = {row["车型代码"]: row for row in rows("vehicle-types")}
    assert list(kinds) == [f"V{number}" for number in range(1, 11)]
    assert {row["车型代码"] for row in rows("vehicles")} == set(kinds)
    assert (kinds["V9"]["容积(m³)"], kinds["V10"]["载重(kg)"]) == ("0", "0")
    assert [code for code, row in kinds.items() if row["雪地车辆"] == YES] == ["V7"]
    yards = {row["场所代码"] for row in rows("sites")}
    hired = {row["合同编号"] for row in rows("contracts") if row["合同类型"] == "运输保障协议"}
    for row in rows("vehicles"):
        assert row["驻地场所代码"] in yards, row
        assert row["驾驶员"], row
        assert (row["合同编号"] in hired) == row["所属单位代码"].startswith("sup-"), row
