"""What people see of lots kept back, recalls and notices: pages, API and command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from tests.dispatch.world import World, build_world
from tests.house import CITY, TENT, WATER
from tests.lots.test_lots import receipt
from tests.web.site import ORIGIN, Browser, Site


@pytest.fixture
def world(runtime: Runtime) -> World:
    return build_world(runtime)


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    return Site(world.house, tmp_path)


def answer(browser: Browser, address: str, body: dict[str, object], key: str) -> tuple[int, dict[str, object]]:
    token = browser.page.split('name="form_token" value="')[1].split('"')[0]
    sent = browser.client.post(
        f"/api/v1{address}", json=body, headers={**ORIGIN, "Idempotency-Key": key, "X-Form-Token": token}
    )
    return sent.status_code, sent.get_json() or {}


def test_a_keeper_holds_a_lot_and_the_approver_lets_it_go(site: Site, world: World) -> None:
    lot = world.house.lot(TENT, number="T1")
    world.house.stock(lot, 100)
    world.approve(world.plan(world.tents(10, lot=lot)))
    keeper, approver = site.browser(Role.KEEPER), site.browser(Role.APPROVER)
    page = keeper.get("/stock/lots/T1")
    assert "封存" in page
    assert "恢复可用" not in page
    keeper.post("/stock/lots/T1/hold", 422, because=" ")
    keeper.post("/stock/lots/T1/hold", because="发霉待查")
    page = keeper.get("/stock/lots/T1")
    assert "发霉待查" in page
    assert world.consignment().number in page
    assert "发霉待查" in keeper.get("/notices")
    assert "知道了" in keeper.get("/")
    page = keeper.get("/stock/lots?state=held")
    assert "/stock/lots/T1" in page
    assert "/stock/lots/T1" not in keeper.get("/stock/lots?state=normal")
    approver.get("/stock/lots/T1")
    approver.post("/stock/lots/T1/release", because="复检合格")
    assert "复检合格" in approver.get("/stock/lots/T1")
    notice = keeper.get("/notices").split("/notices/")[1].split("/acknowledge")[0]
    keeper.post(f"/notices/{notice}/acknowledge")
    assert notice not in keeper.get("/notices")
    assert "已确认" in keeper.get("/notices?all=1")


def test_a_recall_shows_where_the_goods_went(site: Site, world: World) -> None:
    world.runtime.run(stock.receive, world.actor(Role.KEEPER), receipt(quantity=30))
    clerk = site.browser(Role.CLERK)
    clerk.get(f"/stock/recalls/new?sku={WATER}&manufacturer=甲厂&maker_batch=B1")
    clerk.post("/stock/recalls/new", 422, sku=WATER, manufacturer="甲厂", maker_batch="", reason="超标")
    made = clerk.post("/stock/recalls/new", sku=WATER, manufacturer="甲厂", maker_batch="B1", reason="超标")
    page = clerk.get(made.headers["Location"])
    assert "在库" in page
    assert "30" in page
    assert "结束召回" not in page
    approver = site.browser(Role.APPROVER)
    address = made.headers["Location"]
    assert "结束召回" in approver.get(address)
    approver.post(f"{address}/end", because="误报")
    assert "误报" in approver.get(address)
    assert "已结束" in approver.get("/stock/recalls")


def test_a_list_of_stock_counts_by_band(site: Site, world: World) -> None:
    world.house.stock(world.house.lot(WATER, number="NEVER"), 3)
    keeper = site.browser(Role.KEEPER)
    for address in ("/stock", "/stock/lots", "/stock/lots?band=none"):
        assert "无有效期 <b>1</b>" in keeper.get(address)
    assert "NEVER" not in keeper.get("/stock/lots?band=30")


def test_programs_do_the_same(site: Site, world: World) -> None:
    world.house.stock(world.house.lot(TENT, number="T1"), 10)
    keeper, approver, clerk = (site.browser(role) for role in (Role.KEEPER, Role.APPROVER, Role.CLERK))
    for browser in (keeper, approver, clerk):
        browser.get("/stock")
    body = {"lot_number": "T1", "reason": "发霉", "state": "held"}
    status, row = answer(keeper, "/stock/lots/hold", body, "k1")
    assert (status, row.get("state"), row.get("state_reason")) == (200, "held", "发霉"), row
    assert answer(keeper, "/stock/lots/hold", body, "k1")[0] == 200, "sent twice is once"
    assert answer(keeper, "/stock/lots/hold", body, "k2")[0] == 409
    assert answer(keeper, "/stock/lots/T1/release", {"because": "好了"}, "k3")[0] == 403
    assert answer(approver, "/stock/lots/T1/release", {"because": "好了"}, "k4")[0] == 200
    assert len(keeper.client.get("/api/v1/stock/lots/T1/statuses").get_json()) == 2
    recall = {"sku": TENT, "manufacturer": "甲厂", "maker_batch": "B1", "reason": "超标", "organisation_code": CITY}
    status, row = answer(clerk, "/recalls/", recall, "k5")
    assert (status, row.get("parts")) == (201, []), row
    assert len(clerk.client.get("/api/v1/recalls/?state=open").get_json()) == 1
    assert answer(approver, f"/recalls/{row['number']}/end", {"because": "误报"}, "k6")[0] == 200
    bands = clerk.client.get("/api/v1/stock/expiry").get_json()
    assert [band["code"] for band in bands] == ["expired", "30", "90", "180", "later", "none"]
    assert clerk.client.get("/api/v1/notices/").get_json() == []
