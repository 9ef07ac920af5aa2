"""Alerts about late orders on the page, as a file, over the API: what is still open, of which store."""

from __future__ import annotations

from pathlib import Path

from supplyops.dispatch import watching
from supplyops.kernel.access import SYSTEM, Role
from supplyops.runtime import Runtime
from tests.api.test_basics import with_token
from tests.conftest import Clock
from tests.dispatch.world import build_world
from tests.house import FARM
from tests.web.site import Site


def test_a_late_order_is_told_of_store_by_store(runtime: Runtime, clock: Clock, tmp_path: Path) -> None:
    world = build_world(runtime)
    world.approve(world.plan(world.tents(40)))
    order = world.consignment()
    codes = {site_id: code for code, site_id in world.house.sites.items()}
    origin, delivery = codes[order.origin_site_id], codes[order.delivery_site_id]
    site = Site(world.house, tmp_path)
    assert "没有超时告警" in site.browser(Role.DISPATCHER).get("/orders/alerts")
    clock.now = order.load_by
    clock.advance(seconds=1)
    runtime.run(watching.raise_alerts, SYSTEM)
    browser = site.browser(Role.DISPATCHER)
    assert order.number in browser.get(f"/orders/alerts?site={origin}&open=1")
    assert order.number not in browser.get("/orders/alerts?site=none")
    assert order.number in browser.client.get("/orders/alerts?as=csv").data.decode("utf-8-sig")
    client, headers = site.app.test_client(), with_token(site, Role.DISPATCHER)
    [row] = client.get(f"/api/v1/consignments/alerts?site={delivery}", headers=headers).get_json()
    assert (row["consignment_number"], row["kind"], row["is_open"]) == (order.number, "load", True)
    stranger = with_token(site, Role.DISPATCHER, FARM)
    assert client.get("/api/v1/consignments/alerts", headers=stranger).get_json() == []
