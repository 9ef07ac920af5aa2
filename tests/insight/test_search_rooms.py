"""The documents of every room are found by their number, within reach, and lead to their page; the box works by keys."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from supplyops.counts import commands as counts
from supplyops.counts.rules import CountInput, CountKind
from supplyops.demo.founding import complete_parameters
from supplyops.insight.search import search
from supplyops.kernel.access import Role
from supplyops.recoveries import commands as recoveries
from supplyops.recoveries import queries as recovery_queries
from supplyops.recoveries.queries import DueFilter
from supplyops.recoveries.rules import RecoveredInput, RecoveryInput
from supplyops.rotations import commands as rotations
from supplyops.rotations.rules import RotationChoice, RotationInput
from supplyops.runtime import Runtime
from supplyops.transfers import commands as transfers
from tests.arrivals.test_arrivals import Gate
from tests.conftest import Clock
from tests.house import CITY, CITY_QUARANTINE, CITY_SHELF, CITY_STORE, FARM, QUILT, TENT, VILLAGE, House
from tests.kits.store import Store
from tests.recoveries.conftest import give_out
from tests.scraps.city import City
from tests.transfers.town import STREET, STREET_SHELF, Town, order
from tests.web.site import Site


def found(house: House, text: str, role: Role = Role.KEEPER, organisation: str = CITY) -> dict[str, str]:
    """kind -> number of what is found."""
    return {hit.kind.value: hit.key for hit in house.runtime.read(search, house.actor(role, organisation), text)}


def leads_somewhere(site: Site, text: str, kinds: set[str], organisation: str = CITY) -> None:
    """Each of these kinds is offered under the box with an address that answers."""
    browser = site.browser(Role.KEEPER, organisation)
    addresses = {row["title"]: row["address"] for row in browser.client.get(f"/search/suggest?text={text}").get_json()}
    hits = found(site.house, text, Role.KEEPER, organisation)
    assert kinds <= set(hits)
    for kind in kinds:
        assert hits[kind] in browser.get(addresses[hits[kind]])


def test_of_the_store(runtime: Runtime, clock: Clock, tmp_path: Path) -> None:
    city = City(runtime, clock)
    city.house.stock(city.house.lot(number="T-1"), 40, CITY_SHELF)
    city.house.stock(city.house.lot(number="T-2", expires_on=date(2026, 2, 1)), 20, CITY_QUARANTINE)
    city.house.stock(city.house.lot(QUILT, number="Q-1", expires_on=date(2026, 2, 1)), 20, CITY_SHELF)
    complete_parameters(runtime)
    city.apply(5, "T-2")
    note = give_out(city, 12, "中心学校")
    [due] = runtime.read(recovery_queries.recovery_dues, city.keeper, DueFilter(document_number=note))
    back = RecoveryInput(
        note, CITY_STORE, "校长", clock.now, (RecoveredInput(due.id, usable=3),), is_cleaned=True, is_disinfected=True
    )
    runtime.run(recoveries.recover, city.keeper, back)
    wish = RotationInput("Q-1", CITY_SHELF, 5, RotationChoice.DOWNGRADE, "临期")
    runtime.run(rotations.propose, city.keeper, wish)
    runtime.run(counts.start, city.keeper, CountInput(CountKind.SPECIAL, CITY_STORE, witness_name="王平"))
    Gate(city.house)
    kinds = {"scrap", "recovery", "rotation", "count", "arrival"}
    assert kinds <= set(found(city.house, "654004-20260112")), "by a part of the number"
    assert not kinds & set(found(city.house, "654004-20260112", organisation=VILLAGE))
    site = Site(city.house, tmp_path)
    for kind in kinds:
        number = found(city.house, "654004-20260112")[kind]
        assert found(city.house, number)[kind] == number
        leads_somewhere(site, number, {kind})


def test_of_kits(runtime: Runtime, tmp_path: Path) -> None:
    store = Store(runtime)
    store.part(TENT, 10)
    store.part(QUILT, 20)
    store.build(2)
    leads_somewhere(Site(store.house, tmp_path), "ZT-654004-20260112-0001", {"kit_work"})
    assert "kit_work" not in found(store.house, "ZT-654004", organisation=VILLAGE)


def test_of_transfers_and_what_is_owed(runtime: Runtime, tmp_path: Path) -> None:
    town = Town(runtime)
    town.house.stock(town.house.lot(owner=STREET, number="S-1"), 20, STREET_SHELF)
    number = town.draft(order(), town.actor(Role.CLERK, VILLAGE))
    runtime.run(transfers.approve, town.actor(Role.APPROVER), number)
    town.send(number, town.actor(Role.KEEPER, STREET))
    town.arrive(number, town.actor(Role.KEEPER, VILLAGE))
    site = Site(town.house, tmp_path)
    leads_somewhere(site, number, {"transfer"}, VILLAGE)
    leads_somewhere(site, town.transfer(number).obligation, {"obligation"}, STREET)
    assert "transfer" not in found(town.house, number, organisation=FARM)


@pytest.fixture
def address(runtime: Runtime, tmp_path: Path) -> Iterator[tuple[Site, str]]:
    """A site with one lot of tents on a port of its own."""
    store = Store(runtime)
    store.part(TENT, 10, number="T-77")
    site = Site(store.house, tmp_path)
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.e2e
def test_the_box_is_worked_by_keys(address: tuple[Site, str], chromium: Browser) -> None:
    site, home = address
    cookie = site.browser(Role.KEEPER).client.get_cookie("supplyops")
    assert cookie is not None
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    try:
        context.add_cookies([{"name": "supplyops", "value": cookie.value, "url": home}])
        page, complaints = context.new_page(), []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{home}/stock")
        page.keyboard.press("/")
        box = page.locator("#search")
        assert page.evaluate("document.activeElement.id") == "search"
        page.keyboard.type("T-77")
        page.wait_for_selector("#search-list li")
        assert box.get_attribute("aria-expanded") == "true"
        page.keyboard.press("ArrowDown")
        chosen = page.locator("#search-list li[aria-selected=true]")
        assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
        assert "T-77" in chosen.inner_text()
        page.keyboard.press("Escape")
        assert (box.get_attribute("aria-expanded"), page.locator("#search-list").is_hidden()) == ("false", True)
        page.keyboard.type("x")
        page.wait_for_timeout(400)
        assert page.locator("#search-list").is_hidden(), "nothing fits any more"
        page.keyboard.press("Backspace")
        page.wait_for_selector("#search-list li")
        page.keyboard.press("ArrowUp")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == f"{home}/stock/lots/T-77"
        assert complaints == []
    finally:
        context.close()
