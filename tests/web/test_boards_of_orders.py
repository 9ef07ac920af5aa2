"""The boards while goods are on their way: what waits for whom, each number with the rows behind it."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from supplyops.insight import queries
from supplyops.kernel.access import Role
from supplyops.kernel.oral import OralOrder
from supplyops.runtime import Runtime
from tests.conftest import START, Clock
from tests.dispatch.world import World, build_world
from tests.house import VILLAGE
from tests.web.site import Browser, Site
from tests.web.test_boards import TILE


@pytest.fixture
def world(runtime: Runtime) -> World:
    """The house after the earthquake."""
    return build_world(runtime)


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    """A site on it."""
    return Site(world.house, tmp_path)


def board(browser: Browser) -> dict[str, int]:
    """Numbers by tile; each is compared with the rows behind it, and each row's link is followed."""
    found = {}
    for address, code, number in TILE.findall(browser.get("/")):
        page = browser.get(unescape(address))
        told = re.search(r"共 ([\d,]+) 行", page)
        rows = int(told.group(1)) if told else page.count("data-row")
        assert rows == int(number), code
        found[code] = int(number)
        if address.startswith("/duties/"):
            for link in re.findall(r'<tr data-row><td class="whole"><a href="([^"]*)"', page):
                if not link.startswith("/plans/"):  # this world's plan is written by hand, without what a solver found
                    browser.get(link)
    return found


def test_an_order_moves_from_one_number_to_the_next(site: Site, world: World, clock: Clock) -> None:
    commander, approver = site.browser(Role.COMMANDER), site.browser(Role.APPROVER)
    plan = world.plan(world.tents(40))
    assert (board(commander)["parts_waiting"], board(approver)["parts_waiting"]) == (1, 1)
    world.approve(plan, oral=OralOrder("石局长", "白库管", START, "萧小玲"))
    assert board(commander)["parts_waiting"] == 0
    assert board(approver)["oral_unsigned"] == 1
    keeper = site.browser(Role.KEEPER)
    assert board(keeper)["orders_to_accept"] == 1
    address = f"/orders/consignments/{world.consignment().number}"
    keeper.get(address)
    keeper.post(f"{address}/accept")
    assert {code: number for code, number in board(keeper).items() if code.startswith("orders")} == {
        "orders_to_accept": 0,
        "orders_to_load": 1,
    }
    keeper.get(f"{address}/load")
    keeper.post(f"{address}/load", **{f"loaded-{world.lines()[0].id.hex}": "40"})
    numbers = board(keeper)
    assert (numbers["orders_to_load"], numbers["consignments_underway"]) == (0, 1)
    late = site.browser(Role.DISPATCHER)
    assert board(late)["consignments_late"] == 0
    clock.now = world.consignment().planned_arrival_at + timedelta(minutes=90)
    late = site.browser(Role.DISPATCHER)
    assert board(late)["consignments_late"] == 1
    assert "超时 1 小时 30 分" in late.get("/duties/consignments_late")


def test_a_village_counts_only_what_comes_to_it(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    village = site.house.actor(Role.CUSTODIAN, VILLAGE)
    other = site.house.actor(Role.CUSTODIAN, "654004001")
    counted = [
        {tile.code: tile.number for section in site.house.runtime.read(queries.board, who) for tile in section.tiles}
        for who in (village, other)
    ]
    assert [found["orders_to_accept"] for found in counted] == [1, 0]
