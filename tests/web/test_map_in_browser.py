"""The map in a real browser, under the site's own policy: a road is closed by clicking it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from supplyops.kernel.access import SYSTEM, Role
from supplyops.places import queries as places
from tests.web.site import Site
from tests.web.story import Story

pytestmark = pytest.mark.e2e


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The browser; what a test opens in it is closed with the test."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """The site on a port of its own."""
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def open_page(site: Site, browser: Browser, address: str, path: str) -> tuple[Page, list[str]]:
    """A page signed in as a commander, and what the browser complained of."""
    cookie = site.browser(Role.COMMANDER).client.get_cookie("supplyops")
    assert cookie is not None
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": "supplyops", "value": cookie.value, "url": address}])
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda sent: complaints.append(sent.url) if not sent.url.startswith((address, "data:")) else None
    )
    page.goto(address + path)
    return page, complaints


def test_a_road_is_closed_on_the_map(site: Site, story: Story, browser: Browser, address: str) -> None:
    page, complaints = open_page(site, browser, address, f"/incidents/{story.incident_number}/map")
    page.wait_for_selector(".leaflet-overlay-pane path")
    assert page.locator(".leaflet-overlay-pane path[stroke='#c0392b'][stroke-width='5']").count() == 2
    assert "示意图,WGS-84" in page.inner_text(".leaflet-control-attribution")
    assert page.locator(".graticule-name").count() > 3
    # Open roads are drawn first, in the order of their codes: r-around is the first of them.
    target = page.locator(".leaflet-overlay-pane path[stroke-width='18']").first
    target.dispatch_event("click", {"bubbles": True, "clientX": 600, "clientY": 400})
    popup = page.locator(".leaflet-popup .popup")
    popup.wait_for()
    assert popup.locator("[data-name]").inner_text() == "市区—六十一团"
    popup.locator("select").select_option("closed")
    popup.locator("[name=reason]").fill("雪崩")
    with page.expect_navigation():  # by the key: the popup may still be gliding into view under a pointer
        popup.locator("[name=reason]").press("Enter")
    assert "市区—六十一团 阻" in page.inner_text(".notice")
    states = {
        road.code: (road.status.value, road.reason) for road in site.house.runtime.read(places.road_states, SYSTEM)
    }
    assert states["r-around"] == ("closed", "雪崩")
    assert complaints == []


def test_a_row_is_added_to_a_form_without_losing_what_was_typed(
    site: Site, story: Story, browser: Browser, address: str
) -> None:
    page, complaints = open_page(site, browser, address, f"/requests/{story.drafts[0]}/edit")
    page.fill("[name='lines-0-note']", "先送")
    page.click("[data-add-row=lines]")
    assert page.locator("[name='lines-5-sku']").count() == 1
    assert page.input_value("[name='lines-0-note']") == "先送"
    page.click("form button[type=submit].btn-primary")
    page.wait_for_selector(".notice")
    assert "先送" in page.inner_text("table")
    assert complaints == []
