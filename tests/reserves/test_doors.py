"""Reserves on pages, over the API and on the command line: the same figures everywhere."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from supplyops.demo.scenarios import people_of
from supplyops.kernel.access import Role
from supplyops.norms.rules import Season
from supplyops.reserves import queries
from supplyops.reserves.views import AdequacyFilter
from supplyops.runtime import Runtime
from tests.api.test_basics import with_token
from tests.cli.conftest import Line, line, settings
from tests.house import OFFICE, TENT, VILLAGE, WATER, House
from tests.once import once
from tests.reserves.shelves import build_reserves
from tests.web.site import Site

__all__ = ["line", "settings"]
DETAIL = f"/reserves/items/city/654004/{TENT}"


@pytest.fixture
@once
def house(runtime: Runtime) -> House:
    found = build_reserves(runtime)
    found.stock(found.lot(), 60)
    found.stock(found.lot(WATER, expires_on=date(2027, 1, 1)), 1500)
    return found


@pytest.fixture
def site(house: House, tmp_path: Path) -> Site:
    return Site(house, tmp_path)


def test_the_board_says_colours_in_words_and_its_numbers_lead_on(site: Site) -> None:
    clerk = site.browser(Role.CLERK)
    board = clerk.get("/reserves")
    for said in ("应急供水", "内涝", "生命线抢修", "生活保障", "67.5%", "75.0%", "基本达标", "不足", "无目标"):
        assert said in board, said
    links = set(re.findall(r'href="(/reserves/[^"]+)"', board))
    assert len(links) > 20
    for link in sorted(links):
        clerk.get(link.replace("&amp;", "&"))
    listed = clerk.get("/reserves/items?level=city&colour=red")
    assert (listed.count("12m²棉帐篷"), listed.count("瓶装饮用水 550ml×24")) == (1, 0)
    assert f"{DETAIL}?season=summer" in clerk.get("/reserves/items?level=city&season=summer")
    assert "夏季" in clerk.get(f"{DETAIL}?season=summer")
    behind = clerk.get(DETAIL)
    assert "夏季" not in behind
    assert "60.0%" in behind
    assert f"/stock/lots?sku={TENT}" in behind


def test_a_village_sees_its_own_and_nobody_else_anything(site: Site) -> None:
    village = site.browser(Role.KEEPER, VILLAGE)
    assert "67.5%" not in village.get("/reserves")
    village.get(DETAIL, 404)
    village.get(f"/reserves/items/nowhere/654004/{TENT}", 404)
    site.browser(Role.SUPPLIER, VILLAGE).get("/reserves", 403)


def test_cover_on_a_page(site: Site) -> None:
    clerk = site.browser(Role.CLERK)
    assert "36m²" not in clerk.get("/reserves/cover")
    asked = clerk.get("/reserves/cover?place=city:654004&persons=100&season=winter&with_below=1")
    assert "828 小时" in asked, "19,800 l: 900 l in three days, then 18,900 l at 25 l an hour"
    assert "足够" in asked
    wrong = clerk.get("/reserves/cover?place=city:654004&persons=ten&season=winter", 422)
    assert "“ten”不是整数" in wrong
    story = clerk.get("/reserves/cover?story=winter-earthquake")
    assert 'value="1516"' in story


def test_stories_tell_their_people() -> None:
    people = people_of("winter-earthquake")
    assert (people.persons, people.sheltered, people.season) == (1516, 1356, Season.WINTER)


def test_the_api_says_the_same(site: Site) -> None:
    client, headers = site.app.test_client(), with_token(site)
    found = client.get("/api/v1/reserves/adequacy?level=city", headers=headers).json or []
    assert [(row["sku"], row["target"], row["usable"], row["coverage_permille"], row["colour"], row["gap"]) for row in found] == [
        (TENT, 100, 60, 600, "red", 40), (WATER, 2000, 1500, 750, "amber", 500),
    ]  # fmt: skip
    groups = client.get("/api/v1/reserves/groups?by=tag&level=city", headers=headers).json or []
    assert {row["key"]: row["coverage_permille"] for row in groups}["生活保障"] == 675
    detail = client.get(f"/api/v1/reserves/adequacy/city/654004/{TENT}", headers=headers).json or {}
    assert [each["counted"] for each in detail["stock"]] == [60]
    assert (detail["season"], detail["society"]) == ("winter", [])
    summer = client.get(f"/api/v1/reserves/adequacy/city/654004/{TENT}?season=summer", headers=headers).json or {}
    assert summer["season"] == "summer"
    hours = (
        client.get("/api/v1/reserves/cover?level=city&area=654004&persons=100&season=winter", headers=headers).json
        or []
    )
    assert {row["sku"]: row["hours"] for row in hours} == {WATER: 828, TENT: None}
    for address, status in (
        ("adequacy?level=moon", 422), ("cover?persons=1", 422), ("cover?level=city&area=654004&persons=x&season=winter", 422),
        (f"adequacy/moon/654004/{TENT}", 422), (f"adequacy/city/1/{TENT}", 404), ("adequacy/city/654004/Z99999", 404),
    ):  # fmt: skip
        assert client.get(f"/api/v1/reserves/{address}", headers=headers).status_code == status, address


def test_who_sees_no_place_is_told_what_makes_one(house: House, line: Line) -> None:
    office = house.actor(Role.CLERK, OFFICE)
    assert house.runtime.read(queries.adequacy, office, AdequacyFilter()) == []
    for asked in ("adequacy", "below"):
        told = line("reserve", asked, "--as", f"clerk.{OFFICE}")
        assert "须在当地政府或其上级单位任职" in told
    assert line.json("reserve", "adequacy", "--as", f"clerk.{OFFICE}") == []


def test_the_command_line_says_the_same(house: House, line: Line) -> None:
    house.actor(Role.CLERK)
    user = f"clerk.{'654004'}"
    rows = line.json("reserve", "adequacy", "--level", "市", "--as", user)
    assert [(row["sku"], row["usable"], row["gap"]) for row in rows] == [(TENT, 60, 40), (WATER, 1500, 500)]
    assert "67.5%" in line("reserve", "adequacy", "--by", "层级", "--as", user)
    shown = line("reserve", "show", "市", "654004", TENT, "--as", user)
    assert "不足" in shown
    assert "冬季" in shown
    assert line.json("reserve", "show", "市", "654004", TENT, "--season", "夏季", "--as", user)["season"] == "summer"
    assert "现用" in line("reserve", "methods", "--as", user)
    assert line.json("reserve", "below", "--as", user)[0]["gap"] == 10
    told = line.json(
        "reserve", "cover", "--level", "市", "--area", "654004", "--persons", "100", "--season", "冬季", "--as", user
    )
    assert {row["sku"]: row["hours"] for row in told} == {WATER: 828, TENT: None}
    story = line.json(
        "reserve", "cover", "--level", "市", "--area", "654004", "--scenario", "winter-earthquake", "--as", user
    )
    assert {row["sku"]: row["hours"] for row in story}[TENT] == 0
    assert "--persons" in line("reserve", "cover", "--level", "市", "--area", "654004", "--as", user, code=2)
