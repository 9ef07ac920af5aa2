"""Every number on every board opens exactly the rows it counts."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from supplyops.insight import queries
from supplyops.insight.rows import WORK
from supplyops.kernel.access import SYSTEM, Role
from supplyops.wording.labels import DUTIES, TILES
from tests.conftest import Clock
from tests.house import CITY, TENT
from tests.web.site import Site
from tests.web.story import Story

TILE = re.compile(r'<a class="tile[^"]*" href="([^"]*)" data-tile="([^"]*)"><b>([\d,]+)</b>')


BOARDS: dict[Role, dict[str, int]] = {
    Role.COMMANDER: {
        "incidents_open": 1, "requests_submitted": 1, "letters_waiting": 1, "roads_closed": 2, "roads_limited": 1,
        "stock_expiring_30": 1, "stock_expiring_90": 2, "lines_unmet": 3,
    },
    Role.CLERK: {"requests_draft": 2, "requests_submitted": 1, "incidents_open": 1, "contracts_ending": 0},
    Role.REVIEWER: {"requests_to_review": 1},
    Role.APPROVER: {"parts_waiting": 0, "oral_unsigned": 0},
    Role.DISPATCHER: {"lines_unmet": 3, "orders_to_load": 0},
    Role.KEEPER: {"orders_to_accept": 0, "stock_expiring_90": 2},
    Role.SUPPLIER: {"calloffs_unconfirmed": 0},
    Role.SYSTEM_ADMIN: {},
}  # fmt: skip


@pytest.mark.every_engine
def test_numbers_are_the_rows_behind_them(site: Site, story: Story) -> None:
    for role, expected in BOARDS.items():
        browser = site.browser(role)
        tiles = [
            (unescape(address), code, int(number.replace(",", "")))
            for address, code, number in TILE.findall(browser.get("/"))
        ]
        assert (tiles != []) is (expected != {})
        totals: dict[str, int] = {}
        for address, code, number in tiles:
            totals[code] = totals.get(code, 0) + number
            page = browser.get(address)
            told = re.search(r"共 ([\d,]+) 行", page)
            rows = int(told.group(1).replace(",", "")) if told else page.count("data-row")
            assert rows == number, f"{role} {code}: {number} on the board, {rows} behind it at {address}"
        for code, number in expected.items():
            assert totals[code] == number, (role, code)


def test_a_person_with_two_duties_sees_both_boards_and_no_number_twice(site: Site, story: Story) -> None:
    from supplyops.people import commands as people
    from supplyops.people.rules import RoleInput

    site.house.actor(Role.CLERK)
    site.house.runtime.run(people.grant_role, SYSTEM, RoleInput(f"clerk.{CITY}", Role.COMMANDER, CITY))
    sections = site.house.runtime.read(queries.board, site.house.actor(Role.CLERK))
    assert [section.duty for section in sections] == ["command", "desk"]
    codes = [(tile.code, tile.of) for section in sections for tile in section.tiles]
    assert len(codes) == len(set(codes))


def test_every_tile_and_duty_has_words(site: Site, story: Story) -> None:
    assert set(queries.DUTIES) == set(DUTIES)
    assert set(WORK) <= set(TILES)
    for role in Role:
        for section in site.house.runtime.read(queries.board, site.house.actor(role)):
            assert {tile.code for tile in section.tiles} <= set(TILES)


def test_deadlines_are_told_relative_to_now(site: Site, story: Story, clock: Clock) -> None:
    browser = site.browser(Role.CLERK)
    assert "还剩 12 小时" in browser.get("/requests")
    clock.advance(minutes=10)
    assert "还剩 11 小时 50 分" in browser.get("/requests")
    clock.now += timedelta(hours=12, minutes=55)
    browser = site.browser(Role.REVIEWER)
    assert "超时 1 小时 5 分" in browser.get("/requests")


def test_goods_of_an_exercise_are_not_counted(site: Site, story: Story) -> None:
    from datetime import date

    site.house.stock(site.house.lot(TENT, expires_on=date(2026, 1, 20), is_exercise=True), 5)
    sections = site.house.runtime.read(queries.board, site.house.actor(Role.COMMANDER))
    found = {tile.code: tile.number for section in sections for tile in section.tiles}
    assert found["stock_expiring_30"] == 1
