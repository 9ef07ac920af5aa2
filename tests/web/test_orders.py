"""Orders on pages: who sees what, each step through its form, mistakes told in place, twice is once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from supplyops.contracts.tables import CallOff, CallOffItem
from supplyops.dispatch import supplying
from supplyops.dispatch.rules import ConsignmentState, DiscrepancyKind
from supplyops.dispatch.tables import Discrepancy
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.oral import OralOrder
from supplyops.people import commands as people
from supplyops.people.rules import Level, OrganisationInput, OrganisationKind
from supplyops.people.tables import Organisation
from supplyops.planning.tables import Plan
from supplyops.runtime import Runtime
from supplyops.stock.tables import Asset, StockMove
from tests.conftest import START, Clock
from tests.dispatch.world import PLATE, SUPPLIER, World, build_world, number_one_by_one
from tests.house import CITY, CITY_SHELF, FARM, VILLAGE, VILLAGE_SHELF
from tests.web.site import ORIGIN, Browser, Site

S = ConsignmentState


@pytest.fixture
def world(runtime: Runtime) -> World:
    return build_world(runtime)


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    """A site on the house after the earthquake."""
    return Site(world.house, tmp_path)


def accept(world: World, keeper: Browser) -> str:
    """Accept the only consignment; returns its address."""
    address = f"/orders/consignments/{world.consignment().number}"
    keeper.get(address)
    keeper.post(f"{address}/accept")
    return address


def test_the_straight_way_from_order_to_signature(site: Site, world: World, clock: Clock) -> None:
    tents = world.tents(40)
    world.approve(world.plan(tents))
    keeper = site.browser(Role.KEEPER)
    assert PLATE in keeper.get("/orders/consignments?open=1")
    address = accept(world, keeper)
    page = keeper.get(f"{address}/load")
    (line,) = world.lines()
    assert f'name="loaded-{line.id.hex}" type="number" value="40"' in page
    keeper.post(f"{address}/load", **{f"loaded-{line.id.hex}": "38", "short_reason": "破损", "seal_number": "F-9"})
    trip = f"/orders/shipments/{world.shipment().number}"
    assert "发车" in keeper.get(trip)
    keeper.post(f"{trip}/depart")
    assert world.consignment().state is S.IN_TRANSIT
    clock.advance(hours=1)
    village = site.browser(Role.CUSTODIAN, VILLAGE)
    village.get(f"{address}/deliver")
    village.post(
        f"{address}/deliver",
        **{
            "lines-0-line_id": str(line.id), "lines-0-good": "35", "lines-0-damaged": "２", "lines-0-refused": "0",
            "cause": "途中颠簸", "receiver": "古丽", "position": "村主任", "phone": "139", "arrived_at": "2026-01-12T10:59",
            "is_seal_intact": "1",
        },
    )  # fmt: skip
    assert world.consignment().state is S.DELIVERED
    assert tents.lot_id is not None
    assert world.house.balance(tents.lot_id, VILLAGE_SHELF) == (35, 0)
    found = {row.kind: row.quantity for row in world.rows(Discrepancy)}
    assert found == {DiscrepancyKind.SHORT: 1, DiscrepancyKind.DAMAGED: 2}
    page = village.get(address)
    assert "途中颠簸" in page
    assert "古丽 村主任" in page


def test_mistakes_are_told_where_they_were_made_and_nothing_is_done(site: Site, world: World, clock: Clock) -> None:
    world.approve(world.plan(world.tents(40)))
    keeper = site.browser(Role.KEEPER)
    address = accept(world, keeper)
    (line,) = world.lines()
    name = f"loaded-{line.id.hex}"
    keeper.get(f"{address}/load")
    before = world.books()
    for given, told in (
        ({name: "30"}, "必填"),
        ({name: "41"}, "不能大于 40"),
        ({name: ""}, "必填"),
        ({name: "三十"}, "“三十”不是整数"),
        ({name: "0", "short_reason": "没有"}, "没有装车数量"),
        ({}, "必填"),
    ):
        page = keeper.post(f"{address}/load", 422, **given).get_data(as_text=True)
        assert told in page, given
        if given.get(name):
            assert f'value="{given[name]}"' in page
    assert world.books() == before
    keeper.get(f"{address}/deliver", 200)
    answer = keeper.post(f"/orders/shipments/{world.shipment().number}/depart", 409).get_data(as_text=True)
    assert "当前状态为" in answer


def test_a_double_click_loads_once(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    keeper = site.browser(Role.KEEPER)
    address = accept(world, keeper)
    (line,) = world.lines()
    page = keeper.get(f"{address}/load")
    fields = dict(re.findall(r'name="(form_token|request_key)" value="([^"]*)"', page)) | {
        f"loaded-{line.id.hex}": "40"
    }
    for _ in range(2):
        assert keeper.client.post(f"{address}/load", data=fields, headers=ORIGIN).status_code == 303
    assert len([row for row in world.rows(StockMove) if row.reason.value == "dispatch"]) == 1


def test_others_are_told_that_there_is_nothing(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    farm = site.browser(Role.CUSTODIAN, FARM)
    number = world.consignment().number
    assert number not in farm.get("/orders/consignments")
    farm.get(f"/orders/consignments/{number}", 404)
    farm.get(f"/orders/consignments/{number}/load", 404)
    farm.get(f"/orders/shipments/{world.shipment().number}", 404)
    farm.get("/orders/consignments")
    farm.post(f"/orders/consignments/{number}/accept", 404)
    assert world.consignment().state is S.ORDERED


def test_buttons_are_shown_to_those_who_may_press_them(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    address = f"/orders/consignments/{world.consignment().number}"
    keeper, village, dispatcher = (
        site.browser(Role.KEEPER),
        site.browser(Role.CUSTODIAN, VILLAGE),
        site.browser(Role.DISPATCHER),
    )
    assert f"{address}/accept" in keeper.get(address)
    assert f"{address}/accept" not in village.get(address)
    assert f"{address}/cancel" in dispatcher.get(address)
    village.post(f"{address}/accept", 403)
    accept(world, keeper)
    assert f"{address}/load" in keeper.get(address)


def test_cancelling_and_sending_elsewhere_need_a_reason(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    dispatcher, address = site.browser(Role.DISPATCHER), f"/orders/consignments/{world.consignment().number}"
    dispatcher.get(address)
    page = dispatcher.post(f"{address}/cancel", 422, because=" ").get_data(as_text=True)
    assert "必填" in page
    dispatcher.post(f"{address}/reroute", 409, because="路断", site_code="city-store")
    dispatcher.post(f"{address}/cancel", because="需求已解决")
    assert world.consignment().state is S.CANCELLED
    assert "需求已解决" in dispatcher.get(address)
    dispatcher.post(f"{address}/cancel", 409, because="再次")
    dispatcher.post(f"{address}/explode", 404)


def test_an_oral_approval_waits_for_its_signature(site: Site, world: World, clock: Clock) -> None:
    world.approve(world.plan(world.tents(40)), oral=OralOrder("王市长", "市库", START, "赵"))
    approver = site.browser(Role.APPROVER)
    page = approver.get("/orders/instructions")
    number = re.findall(r"/orders/instructions/(DL-[0-9-]+)", page)[0]
    clock.advance(minutes=20)
    assert "补办书面手续" in approver.get(f"/orders/instructions/{number}")
    approver.post(f"/orders/instructions/{number}/sign")
    assert "按时" in approver.get(f"/orders/instructions/{number}")
    approver.post(f"/orders/instructions/{number}/sign", 422)


def test_the_plan_behind_the_orders_opens_with_its_routes(site: Site, world: World) -> None:
    plan = world.plan(world.tents(5))
    world.approve(plan)
    commander = site.browser(Role.COMMANDER)
    (row,) = world.rows(Plan)
    assert row.number in commander.get(f"/plans/{plan}")
    (route,) = json.loads(commander.get(f"/plans/{plan}/routes"))["routes"]
    assert route["points"] == [[44.21, 80.42], [44.15, 80.56]]


def test_a_supplier_reads_the_notices_of_its_own_call_offs_and_no_other_paper(site: Site, world: World) -> None:
    world.approve(world.plan(world.water(100), world.tents(5)))
    (notice,) = world.papers("calloff_notice")
    others = [paper for paper in world.papers() if paper.id != notice.id]
    assert {"release_instruction", "allocation_slip"} <= {paper.form for paper in others}
    supplier = site.browser(Role.SUPPLIER, SUPPLIER)
    number = re.findall(r"/call-offs/(QY-[0-9-]+)", supplier.get("/call-offs"))[0]
    page = supplier.get(f"/call-offs/{number}")
    assert f'href="/papers/{notice.id}.pdf"' in page
    assert f'action="/papers/{notice.id}/print"' not in page
    assert notice.number in supplier.get(f"/papers/{notice.id}")
    assert supplier.client.get(f"/papers/{notice.id}.pdf").data.startswith(b"%PDF")
    assert set(re.findall(r'href="/papers/([0-9a-f-]{36})"', supplier.get("/papers?all=1"))) == {str(notice.id)}
    for paper in others:
        supplier.get(f"/papers/{paper.id}", 404)
        supplier.get(f"/papers/{paper.number}.pdf", 404)
    supplier.get(f"/call-offs/{number}")
    supplier.post(f"/papers/{notice.id}/print", 403)
    rival = OrganisationInput(
        "sup-other", "另一家供应商", OrganisationKind.ENTERPRISE, Level.OUTSIDE, "654004", in_chain=False
    )
    world.runtime.run(people.save_organisations, SYSTEM, [rival])
    world.house.organisations |= {row.code: row.id for row in world.rows(Organisation)}
    stranger = site.browser(Role.SUPPLIER, "sup-other")
    stranger.get(f"/papers/{notice.id}", 404)
    assert notice.number not in stranger.get("/papers?all=1")


def test_a_suppliers_goods_are_taken_in_at_the_gate(site: Site, world: World) -> None:
    world.approve(world.plan(world.water(100)))
    supplier = site.browser(Role.SUPPLIER, SUPPLIER)
    number = re.findall(r"/call-offs/(QY-[0-9-]+)", supplier.get("/call-offs"))[0]
    page = supplier.get(f"/call-offs/{number}")
    name = re.findall(r'name="(promised-[0-9a-f]+)"', page)[0]
    assert "必填" in supplier.post(f"/call-offs/{number}/confirm", 422, **{name: "80"}).get_data(as_text=True)
    supplier.post(f"/call-offs/{number}/confirm", 422, **{name: "许多", "by": "李强"})
    supplier.post(f"/call-offs/{number}/confirm", **{name: "80", "by": "李强"})
    supplier.get(f"/call-offs/{number}")
    supplier.post(f"/call-offs/{number}/ship")
    village = site.browser(Role.CUSTODIAN, VILLAGE)
    assert "伊犁甘泉饮品有限公司" in village.get("/orders/expected")
    address = f"/orders/expected/{number}/village-store"
    page = village.get(address)
    item = re.findall(r'name="lines-0-item_id" value="([^"]+)"', page)[0]
    given = {
        "lines-0-item_id": item, "lines-0-accepted": "81", "lines-0-rejected": "0", "lines-0-produced_on": "2026-01-02",
        "fund_source": "应急资金", "arrived_at": "2026-01-12T09:50", "is_appearance_good": "1", "matches_list": "1",
    }  # fmt: skip
    assert "不能大于 80" in village.post(address, 422, **given).get_data(as_text=True)
    village.get(address)
    village.post(address, **{**given, "lines-0-accepted": "80"})
    assert "RK-" in village.get("/stock/documents")
    assert world.asked("B01001") == (80, 0, 80)
    site.browser(Role.CUSTODIAN, FARM).get(address, 404)


def test_a_suppliers_numbered_goods_are_typed_in_at_the_gate(site: Site, world: World) -> None:
    number_one_by_one(world)
    world.approve(world.plan(world.water(10)))
    (called,), (item,) = world.rows(CallOff), world.rows(CallOffItem)
    world.runtime.run(
        supplying.confirm_call_off, world.actor(Role.SUPPLIER, SUPPLIER), called.id, {item.id: 10}, "李强"
    )
    village = site.browser(Role.CUSTODIAN, VILLAGE)
    address = f"/orders/expected/{called.number}/village-store"
    assert 'name="lines-0-serial_numbers"' in village.get(address)
    given = {
        "lines-0-item_id": str(item.id), "lines-0-accepted": "2", "lines-0-rejected": "0", "lines-0-produced_on": "2026-01-02",
        "fund_source": "应急资金", "arrived_at": "2026-01-12T09:50", "is_appearance_good": "1", "matches_list": "1",
    }  # fmt: skip
    refused = village.post(address, 422, **given, **{"lines-0-serial_numbers": "W-1"}).get_data(as_text=True)
    assert 'value="W-1"' in refused
    assert world.rows(Asset) == []
    village.get(address)
    village.post(address, **given, **{"lines-0-serial_numbers": "W-1、W-2"})
    assert sorted(asset.serial_number for asset in world.rows(Asset)) == ["W-1", "W-2"]


def test_lists_narrow_and_say_how(site: Site, world: World, clock: Clock) -> None:
    world.approve(world.plan(world.tents(40)))
    commander = site.browser(Role.COMMANDER)
    number = world.consignment().number
    for address, seen in (
        ("/orders/consignments?state=ordered", True),
        ("/orders/consignments?state=delivered", False),
        ("/orders/consignments?overdue=1", False),
        ("/orders/consignments?text=village", False),
        ("/orders/consignments?text=伊车", True),
    ):
        assert (number in commander.get(address)) is seen, address
    for _ in range(5):
        clock.advance(minutes=25)
        commander.get("/orders/consignments")
    page = commander.get("/orders/consignments?overdue=1")
    assert number in page
    assert "已超时" in page
    assert commander.client.get("/orders").location == "/orders/consignments"
    assert world.rows(StockMove)[0].target_id == world.house.locations[CITY_SHELF]


@pytest.mark.parametrize(
    "address",
    [
        "/orders/instructions", "/orders/consignments", "/orders/shipments", "/orders/expected", "/papers", "/contracts",
        "/contracts/HT-2026-01", "/contracts/HT-2026-01/call", "/call-offs", "/teams", "/missions", "/fleet", "/fleet/types",
        "/jobs", "/stock/documents", "/stock/receive", "/stock/issue", "/stock/transfer",
    ],
)  # fmt: skip
def test_every_page_opens_empty_and_asks_visitors_to_sign_in(site: Site, world: World, address: str) -> None:
    assert site.browser().client.get(address).location.startswith("/sign-in?next=")
    page = site.browser(Role.APPROVER, CITY).get(address, 200)
    assert "style=" not in page
    assert "Undefined" not in page


@pytest.mark.parametrize(
    ("role", "at", "address", "status"),
    [
        (Role.SUPPLIER, SUPPLIER, "/contracts", 200),
        (Role.SUPPLIER, SUPPLIER, "/orders/consignments", 403),
        (Role.SUPPLIER, SUPPLIER, "/fleet", 403),
        (Role.TEAM_LEADER, CITY, "/teams", 200),
        (Role.TEAM_LEADER, CITY, "/contracts", 403),
        (Role.CUSTODIAN, VILLAGE, "/jobs", 403),
        (Role.CUSTODIAN, VILLAGE, "/orders/shipments", 200),
        (Role.SYSTEM_ADMIN, CITY, "/orders/consignments", 403),
        (Role.AUDITOR, CITY, "/papers", 200),
    ],
)
def test_pages_by_role(site: Site, role: Role, at: str, address: str, status: int) -> None:
    site.browser(role, at).get(address, status)
