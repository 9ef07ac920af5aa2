"""Pages of plans: by role, from the start form to approval, locks, roads, floors, comparison."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.fleet import commands as fleet
from supplyops.fleet.rules import VehicleState
from supplyops.kernel.access import SYSTEM, Role
from supplyops.norms import commands as norms
from supplyops.norms.rules import ReserveNormInput
from supplyops.people.rules import Level
from supplyops.planning import queries
from supplyops.runtime import Runtime
from tests.conftest import Clock
from tests.house import CITY, PREFECTURE, PREFECTURE_SHELF, TENT
from tests.once import once
from tests.planning.town import Town, build_town
from tests.web.site import Browser, Site


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 120))
    town.house.stock(town.house.lot(), 60)
    town.house.stock(town.house.lot(owner=PREFECTURE), 40, PREFECTURE_SHELF)
    town.runtime.run(norms.save_reserve_norms, SYSTEM, [ReserveNormInput("t", TENT, Level.CITY, 100, 200, "A")])
    return town


@pytest.fixture
def site(town: Town, tmp_path: Path) -> Site:
    return Site(town.house, tmp_path)


@pytest.fixture
def commander(site: Site) -> Browser:
    return site.browser(Role.COMMANDER)


def newest(town: Town) -> str:
    return town.runtime.read(queries.plans, SYSTEM)[0].number


def incident_number(town: Town) -> str:
    from supplyops.incidents import queries as incidents

    return town.runtime.read(incidents.incident, SYSTEM, str(town.incident)).number


def test_started_watched_cancelled(town: Town, commander: Browser) -> None:
    page = commander.get(f"/plans/new?incident={incident_number(town)}")
    assert "开始编制" in page
    commander.post("/plans/new", 422, incident=incident_number(town), seconds="soon", seed="0")
    assert "“soon”不是整数" in commander.page
    commander.post("/plans/new", incident=incident_number(town), seconds="5", seed="7")
    number = newest(town)
    answer = commander.client.get(f"/plans/{number}")
    assert answer.headers["Refresh"] == "2", "the page looks again every two seconds, without any script"
    assert "排队等待" in commander.get(f"/plans/{number}")
    commander.post("/plans/new", 409, incident=incident_number(town), seconds="5", seed="7")
    assert f"方案 {number} 正在求解" in commander.page
    commander.get(f"/plans/{number}")
    commander.post(f"/plans/{number}/cancel")
    page = commander.get(f"/plans/{number}")
    assert "已取消" in page
    assert "Refresh" not in commander.client.get(f"/plans/{number}").headers


def test_a_plan_is_read_locked_and_made_again_and_compared(town: Town, commander: Browser) -> None:
    row = town.read(town.plan())
    first = row.head.number
    page = commander.get(f"/plans/{first}")
    for text in (
        "独立校核通过",
        "生命保障",
        row.trips[0].plate,
        "霍尔果斯市库还有 20 顶,属储备底线",
        "固定为",
        "方案经过的道路",
        "data-routes",
    ):
        assert text in page, text
    routes = commander.client.get(f"/plans/{first}/routes").get_json()["routes"]
    assert [44.23, 80.54] in routes[0]["points"]
    assert commander.client.get(f"/plans/{first}/problem.json").get_json()["id"] == first
    commander.post(f"/plans/{first}/again", 422, **{"lock-1-mode": "exactly", "lock-1-quantity": "999", "seconds": "2"})
    assert "锁定数量 999 超过来源可用量" in commander.page
    commander.post(f"/plans/{first}/again", **{"lock-1-mode": "at_most", "lock-1-quantity": "7", "seconds": "2"})
    head = town.runtime.read(queries.plans, SYSTEM)[0]
    town.solve(head.id)
    assert [lock["quantity"] for lock in head.options["locks"]] == [7]
    page = commander.get(f"/plans/{head.number}/compare?with={first}")
    assert first in page
    assert "有变化的明细" in page
    assert head.number in commander.get(f"/plans?incident={incident_number(town)}&state=draft")
    assert first not in commander.page


def test_a_plan_is_made_near_another_and_says_what_changed(town: Town, commander: Browser) -> None:
    first = town.head(town.plan()).number
    assert "少变动重新编制" in commander.get(f"/plans/{first}")
    commander.get(f"/plans/{first}/changes", 404)
    town.request((TENT, 5))
    commander.get(f"/plans/{first}")
    commander.post(f"/plans/{first}/again", seconds="1", near="1")
    head = town.runtime.read(queries.plans, SYSTEM)[0]
    assert head.options["near"] is True
    town.solve(head.id)
    assert f"/plans/{head.number}/changes" in commander.get(f"/plans/{head.number}")
    page = commander.get(f"/plans/{head.number}/changes")
    for text in ("变更对照", first, head.number, "少变动的代价", "不计改动时可达到", "物资的变化", "车辆到点的变化"):
        assert text in page, text


def test_changes_that_had_to_be_are_told_from_those_by_choice(town: Town, commander: Browser) -> None:
    first = town.plan()
    broken = town.read(first).trips[0].plate
    town.runtime.run(fleet.set_availability, SYSTEM, broken, VehicleState.OUT)
    second = town.plan(based_on=first, near=True)
    page = commander.get(f"/plans/{town.head(second).number}/changes")
    for text in ("项不得不改", "项主动调整", "不得不改", "原安排行不通", "调整和新增换来"):
        assert text in page, text
    assert '<div class="sub">主动调整</div>' not in page


def test_a_closed_road_comes_back_to_the_plan(town: Town, commander: Browser) -> None:
    number = town.head(town.plan()).number
    commander.get(f"/plans/{number}")
    answer = commander.post(f"/roads/R-VILLAGE?plan={number}", status="closed", reason="雪崩")
    assert answer.headers["Location"] == f"/plans/{number}"


def test_owners_approve_and_refuse_their_parts(town: Town, site: Site, commander: Browser, clock: Clock) -> None:
    number = town.head(town.plan()).number
    assert "批准并下达" not in commander.get(f"/plans/{number}")
    city, above = site.browser(Role.APPROVER), site.browser(Role.APPROVER, PREFECTURE)
    assert city.get(f"/plans/{number}").count("批准并下达") == 1
    city.post(f"/plans/{number}/parts/{PREFECTURE}/approve", 403)
    clock.advance(minutes=1)
    commander.get(f"/plans/{number}")
    commander.post(f"/roads/R-FORK?plan={number}", status="closed", reason="雪崩")
    city.get(f"/plans/{number}")
    city.post(f"/plans/{number}/parts/{CITY}/approve", 409, document_number="")
    assert "道路情况变化" in city.page
    assert "方案编制后情况有变" in city.page
    above.get(f"/plans/{number}")
    above.post(f"/plans/{number}/parts/{PREFECTURE}/refuse", 422, note=" ")
    above.post(f"/plans/{number}/parts/{PREFECTURE}/refuse", note="另有安排")
    assert "另有安排" in above.get(f"/plans/{number}")


def test_an_oral_approval_is_written_down_with_its_witness(town: Town, site: Site) -> None:
    number = town.head(town.plan()).number
    city = site.browser(Role.APPROVER)
    city.get(f"/plans/{number}")
    oral = {"oral-by": "市长", "oral-to": "张伟", "oral-at": "2026-01-12T09:55", "oral-witness": "李强"}
    city.post(f"/plans/{number}/parts/{CITY}/approve", document_number="霍应急〔2026〕3号", **oral)
    assert "已批准" in city.get(f"/plans/{number}")
    assert "霍应急〔2026〕3号" in city.get("/orders/instructions")


def test_an_oral_approval_of_a_later_hour_is_refused_at_its_field_and_a_second_decision_in_the_words_of_the_page(
    town: Town, site: Site
) -> None:
    number = town.head(town.plan()).number
    city = site.browser(Role.APPROVER)
    city.get(f"/plans/{number}")
    oral = {"oral-by": "市长", "oral-to": "张伟", "oral-at": "2026-01-12T19:55", "oral-witness": "李强"}
    city.post(f"/plans/{number}/parts/{CITY}/approve", 422, **oral)
    assert "时间不能晚于现在" in city.page
    city.post(f"/plans/{number}/parts/{CITY}/approve")
    city.get(f"/plans/{number}")
    city.post(f"/plans/{number}/parts/{CITY}/refuse", 409, note="不同意")
    assert "方案中该单位的部分当前状态为“已批准”,不能执行此步骤(需要“待批准”)。" in city.page


def test_goods_whose_owner_refused_are_spared_by_a_tick(town: Town, site: Site, commander: Browser) -> None:
    number = town.head(town.plan()).number
    assert "without_refused" not in commander.get(f"/plans/{number}")
    city = site.browser(Role.APPROVER)
    city.get(f"/plans/{number}")
    city.post(f"/plans/{number}/parts/{CITY}/refuse", note="留作机动")
    assert "物权单位没有批准的物资不再提请" in commander.get(f"/plans/{number}")
    commander.post(f"/plans/{number}/again", seconds="1", seed="0", without_refused="1")
    newest = town.runtime.read(queries.plans, SYSTEM)[0]
    assert (newest.number != number, newest.options["without_refused"]) == (True, True)


def test_floors_are_released_on_the_page_by_their_owner(town: Town, site: Site, commander: Browser) -> None:
    number = town.head(town.plan()).number
    assert "由物权单位批准人释放" in commander.get(f"/plans/{number}")
    city = site.browser(Role.APPROVER)
    city.get(f"/plans/{number}")
    fields = {"site_code": "city-store", "sku": TENT, "owner_code": CITY, "quantity": "20"}
    city.post(f"/plans/{number}/floors", 422, **fields)
    city.get(f"/plans/{number}")
    city.post(f"/plans/{number}/floors", **fields, basis="市长令")
    assert town.problem().floors == ()


def test_whoever_has_no_business_with_plans_sees_none(town: Town, site: Site, commander: Browser) -> None:
    number = town.head(town.plan()).number
    keeper = site.browser(Role.KEEPER)
    for address in ("/plans", f"/plans/{number}", f"/plans/{number}/routes", "/plans/new"):
        keeper.get(address, 403)
    auditor = site.browser(Role.AUDITOR)
    assert "重新编制" not in auditor.get(f"/plans/{number}")
    auditor.get("/plans/new", 403)
    commander.get(f"/plans/{number}")
    commander.post(f"/plans/{number}/set-aside")
    assert "已取消" in commander.get(f"/plans/{number}")


def test_what_would_help_is_tried_watched_and_read(town: Town, site: Site, commander: Browser) -> None:
    number = town.head(town.plan()).number
    assert "怎样才能满足" in commander.get(f"/plans/{number}")
    assert "开始试算" in commander.get(f"/plans/{number}/advice")
    commander.post(f"/plans/{number}/advice", 422, seconds="soon")
    commander.post(f"/plans/{number}/advice", seconds="20")
    answer = commander.client.get(f"/plans/{number}/advice")
    assert answer.headers["Refresh"] == "2"
    assert "排队等待" in commander.get(f"/plans/{number}/advice")
    commander.post(f"/plans/{number}/advice/cancel")
    assert "已取消" in commander.get(f"/plans/{number}/advice")
    commander.post(f"/plans/{number}/advice", seconds="20")
    town.advise(number)
    page = commander.get(f"/plans/{number}/advice")
    assert "储备底线下调 20 顶(由霍尔果斯市人民政府批准)" in page
    assert "已证实" in page
    assert "已核实" in page
    assert "重新试算" not in site.browser(Role.AUDITOR).get(f"/plans/{number}/advice")
