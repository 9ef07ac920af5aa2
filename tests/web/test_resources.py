"""Store documents, contracts, teams, vehicles and jobs through their forms: done, refused in place, done once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from supplyops.fleet.rules import VehicleState
from supplyops.fleet.tables import Vehicle
from supplyops.jobs import commands as jobs
from supplyops.kernel.access import SYSTEM, Permission, Role
from supplyops.runtime import Context, Runtime, command
from supplyops.stock.rules import StockDocumentState
from supplyops.stock.tables import Lot, StockDocument
from supplyops.teams import commands as teams
from supplyops.teams import queries as team_queries
from tests.dispatch.world import CONTRACT, PLATE, SUPPLIER, World, build_world
from tests.house import CITY, FARM, TENT
from tests.teams.test_missions import TEAM
from tests.web.site import ORIGIN, Site

RECEIPT = {
    "site_code": "city-store", "kind": "purchase", "owner_code": CITY, "source": "帐篷厂", "fund_source": "市级财政",
    "arrived_at": "2026-01-12T09:30", "is_appearance_good": "1", "matches_list": "1",
    "lines-1-sku": TENT, "lines-1-expected": "10", "lines-1-accepted": "10", "lines-1-unit_price_fen": "980.50",
}  # fmt: skip


@pytest.fixture
def world(runtime: Runtime) -> World:
    return build_world(runtime)


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    return Site(world.house, tmp_path)


def test_goods_are_received_moved_issued_and_taken_back(site: Site, world: World) -> None:
    keeper = site.browser(Role.KEEPER)
    keeper.get("/stock/receive")
    page = keeper.post("/stock/receive", 422, **{**RECEIPT, "lines-1-accepted": "8"}).get_data(as_text=True)
    assert "请填写短少破损处理" in page
    assert 'name="lines-1-accepted" type="text" value="8"' in page, "a row stays where it was written"
    wrong = keeper.post("/stock/receive", 422, **{**RECEIPT, "lines-1-unit_price_fen": "9.999"}).get_data(as_text=True)
    assert "“9.999”不是整数" in wrong
    assert world.rows(StockDocument) == []
    keeper.get("/stock/receive")
    keeper.post("/stock/receive", **RECEIPT)
    (lot,) = world.rows(Lot)
    assert (lot.unit_price_fen, world.house.balance(lot.id)) == (980_50, (10, 0))
    assert lot.number in keeper.get("/stock/transfer")
    move = {
        "site_code": "city-store", "reason": "抽检", "lines-0-lot_number": lot.number, "lines-0-from_code": "city-shelf",
        "lines-0-to_code": "city-quarantine", "lines-0-quantity": "11",
    }  # fmt: skip
    assert "可用 10" in keeper.post("/stock/transfer", 409, **move).get_data(as_text=True)
    keeper.get("/stock/transfer")
    keeper.post("/stock/transfer", **{**move, "lines-0-quantity": "3"})
    assert world.house.balance(lot.id, "city-quarantine") == (3, 0)
    keeper.get("/stock/issue")
    issue = {
        "site_code": "city-store", "kind": "distribution", "owner_code": CITY, "recipient": "群众", "purpose": "安置",
        "lines-0-sku": TENT, "lines-0-quantity": "７",
    }  # fmt: skip
    keeper.post("/stock/issue", **issue)
    assert world.house.balance(lot.id) == (0, 0)
    number = next(row.number for row in world.rows(StockDocument) if row.kind.value == "issue")
    keeper.get(f"/stock/documents/{number}")
    assert "必填" in keeper.post(f"/stock/documents/{number}/reverse", 422, because=" ").get_data(as_text=True)
    keeper.post(f"/stock/documents/{number}/reverse", because="录错")
    assert world.house.balance(lot.id) == (7, 0)
    assert "已冲销" in keeper.get(f"/stock/documents/{number}")
    keeper.post(f"/stock/documents/{number}/reverse", 409, because="再次")
    site.browser(Role.KEEPER, FARM).get(f"/stock/documents/{number}", 404)
    assert [row.state for row in world.rows(StockDocument)].count(StockDocumentState.REVERSED) == 1


def test_a_double_click_receives_once(site: Site, world: World) -> None:
    keeper = site.browser(Role.KEEPER)
    page = keeper.get("/stock/receive")
    fields = dict(re.findall(r'name="(form_token|request_key)" value="([^"]*)"', page)) | RECEIPT
    for _ in range(2):
        assert keeper.client.post("/stock/receive", data=fields, headers=ORIGIN).status_code == 303
    assert len(world.rows(StockDocument)) == 1


def test_a_contract_is_called_by_hand(site: Site, world: World) -> None:
    approver = site.browser(Role.APPROVER)
    address = f"/contracts/{CONTRACT}"
    page = approver.get(f"{address}/call")
    line = re.findall(r'name="lines-0-contract_line_id" value="([^"]+)"', page)[0]
    order = {
        "incident_id": str(world.incident_id), "basis": "抗震", "notice_method": "phone", "lines-0-contract_line_id": line,
        "lines-0-quantity": "401", "lines-0-delivery_site_id": str(world.house.sites["village-store"]),
        "lines-0-due_at": "2026-01-13T10:00",
    }  # fmt: skip
    assert "剩余 400" in approver.post(f"{address}/call", 409, **order).get_data(as_text=True)
    assert "必填" in approver.post(f"{address}/call", 422, **{**order, "incident_id": ""}).get_data(as_text=True)
    approver.get(f"{address}/call")
    approver.post(f"{address}/call", **{**order, "lines-0-quantity": "50"})
    assert world.remaining() == 350
    number = re.findall(r"/call-offs/(QY-[0-9-]+)", approver.get(address))[0]
    supplier = site.browser(Role.SUPPLIER, SUPPLIER)
    assert number in supplier.get("/call-offs")
    supplier.get(f"/call-offs/{number}")
    supplier.post(f"/call-offs/{number}/confirm", by="李强", refuse="1")
    assert world.remaining() == 400
    site.browser(Role.CLERK, FARM).get(f"/call-offs/{number}", 404)


def test_a_team_is_sent_and_tells_how_it_goes(site: Site, world: World) -> None:
    world.runtime.run(teams.save_teams, SYSTEM, [TEAM])
    commander, address = site.browser(Role.COMMANDER), f"/teams/{TEAM.code}"
    page = commander.get(f"{address}/mobilise")
    incident = re.findall(r'<option value="(SJ-[0-9-]+)"', page)[0]
    order = {
        "incident": incident, "persons": "25", "task": "搜救", "place": "伊车嘎善乡", "muster_place": "院内",
        "muster_at": "2026-01-12T10:30", "arrive_by": "2026-01-12T12:00", "command_relation": "归现场指挥部指挥", "duration_hours": "24",
    }  # fmt: skip
    for many, said in (("25", "不能大于 24"), ("9" * 19, "位数过多"), ("9" * 25, "位数过多")):
        assert said in commander.post(f"{address}/mobilise", 422, **{**order, "persons": many}).get_data(as_text=True)
    commander.get(f"{address}/mobilise")
    commander.post(f"{address}/mobilise", **{**order, "persons": "20"})
    leader = site.browser(Role.TEAM_LEADER)
    number = re.findall(r"/missions/(DD-[0-9-]+)", leader.get("/missions"))[0]
    leader.get(f"/missions/{number}")
    assert "必填" in leader.post(f"/missions/{number}/report", 422, state="declined").get_data(as_text=True)
    leader.post(f"/missions/{number}/report", 422, state="flying")
    leader.post(f"/missions/{number}/report", 422, state="confirmed", happened_at="昨天")
    leader.post(f"/missions/{number}/report", state="confirmed")
    assert "已确认" in leader.get(f"/missions/{number}")
    clerk = site.browser(Role.CLERK)
    clerk.get(address)
    clerk.post(f"{address}/state", 409, state="rest")
    clerk.post(f"{address}/readiness", works_at_night="unknown", works_at_minus_30="no")
    kept = world.runtime.read(team_queries.team, SYSTEM, TEAM.code)
    assert (kept.works_at_night, kept.works_at_minus_30) == (None, False)
    assert "夜间作业 <span" in clerk.get(address)
    for junk in ("maybe", ""):
        clerk.post(f"{address}/readiness", 422, works_at_night="yes", works_at_minus_30=junk)
    assert world.runtime.read(team_queries.team, SYSTEM, TEAM.code) == kept
    assert "未登记" in clerk.get("/teams?as=csv")
    assert TEAM.name in clerk.get("/teams?type=T07&capability=search")
    assert TEAM.name not in clerk.get("/teams?state=ready")


def test_a_vehicle_is_taken_out_and_put_back(site: Site, world: World) -> None:
    clerk = site.browser(Role.CLERK)
    clerk.get("/fleet")
    clerk.post(f"/fleet/{PLATE}/state", state="out")
    assert PLATE in clerk.get("/fleet?state=out")
    assert next(row.state for row in world.rows(Vehicle) if row.plate == PLATE) is VehicleState.OUT
    clerk.post(f"/fleet/{PLATE}/state", 422, state="flying")
    clerk.post(f"/fleet/{PLATE}/state", 409, state="on_trip")
    clerk.post(f"/fleet/{PLATE}/state", state="ready")
    keeper = site.browser(Role.KEEPER)
    keeper.get("/fleet")
    keeper.post(f"/fleet/{PLATE}/state", 403, state="out")


@command(Permission.JOBS_SEE)
def _ask(ctx: Context) -> str:
    return str(jobs.enqueue(ctx, "plan", {}))


def test_a_job_is_watched_and_stopped(site: Site, world: World) -> None:
    job_id = world.runtime.run(_ask, world.actor(Role.CLERK))
    clerk = site.browser(Role.CLERK)
    assert job_id in clerk.get("/jobs")
    assert clerk.client.get(f"/jobs/{job_id}").headers["Refresh"] == "3"
    clerk.get(f"/jobs/{job_id}")
    clerk.post(f"/jobs/{job_id}/cancel")
    assert "已取消" in clerk.get(f"/jobs/{job_id}")
    assert "Refresh" not in clerk.client.get(f"/jobs/{job_id}").headers
    site.browser(Role.CLERK, FARM).get(f"/jobs/{job_id}", 404)
