"""A commander's night: an incident opened, reported and answered; goods asked for; a plan made, changed and approved."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from supplyops.demo.cast import keeper_of
from supplyops.demo.city import actor
from supplyops.incidents import queries as incidents
from supplyops.kernel.access import SYSTEM
from supplyops.places import queries as places
from supplyops.planning import queries as plans
from supplyops.planning.rules import LockMode
from supplyops.requests import queries as requests
from supplyops.stock import commands as issuing
from supplyops.stock import queries as stock
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.views import StockFilter
from tests.e2e.chapters import ASKED, LOADED, PLANNED
from tests.e2e.town import Town

Start = Callable[..., Town]


def number_of(page: Page) -> str:
    """The number that ends the address of a thing's page."""
    return page.url.rstrip("/").rpartition("/")[2]


def test_from_the_first_call_to_an_accepted_request(start: Start) -> None:
    town = start(LOADED)
    page = town.sign_in("commander.city")
    page.get_by_role("link", name="登记突发事件").click()
    page.get_by_label("名称", exact=True).fill("莫乎尔牧场 5.1 级地震")
    page.get_by_label("事件类别").select_option(label="自然灾害")
    page.get_by_label("灾种").select_option(label="地震")
    page.get_by_label("行政区").select_option(label="莫乎尔牧场")
    page.get_by_label("具体地点").fill("场部以北 2 公里")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("status")).to_contain_text("突发事件已登记")

    page.get_by_label("报告类型").select_option(label="初报")
    page.get_by_label("季节(决定标准)").select_option(label="冬季")
    page.get_by_label("保障天数").fill("三")
    place = page.locator("fieldset.place").first
    place.get_by_label("地点", exact=True).select_option(label="莫乎尔牧场")
    place.get_by_label("接收安置点").select_option(index=1)
    place.get_by_label("紧急转移安置").fill("620")
    page.get_by_role("button", name="提交本版报告").click()
    expect(page.get_by_role("alert")).to_contain_text("保障天数")
    assert place.get_by_label("紧急转移安置").input_value() == "620"
    page.get_by_label("保障天数").fill("3")
    page.get_by_role("button", name="提交本版报告").click()
    expect(page.locator("main")).to_contain_text("620")

    page.locator(".tabs").get_by_role("link", name="应急响应").click()
    page.get_by_label("响应级别").select_option(label="三级")
    page.locator("#basis").fill("转移安置超过 500 人")
    page.get_by_role("button", name="决定").click()
    expect(page.get_by_text("三级响应").first).to_be_visible()

    page.locator(".tabs").get_by_role("link", name="需求测算").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("莫乎尔牧场")
    page.get_by_label("紧急程度").select_option(label="特急")
    page.get_by_role("button", name="起草需求申请").click()
    expect(page.get_by_role("status")).to_be_visible()
    draft = town.runtime.read(requests.requests, SYSTEM)[0]
    page.goto(f"/requests/{draft.number}")
    page.get_by_role("link", name="修改", exact=True).click()
    page.get_by_label("申请理由").fill("夜间零下 20 度,安置点缺被服和取暖物资。")
    page.get_by_label("数量").first.fill("-3")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("数量").first.fill("310")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("tbody tr").first).to_contain_text("310")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".head")).to_contain_text("已提交")

    reviewer = town.sign_in("reviewer.city")
    reviewer.locator("[data-tile=requests_to_review]").click()
    reviewer.get_by_role("link", name=draft.number).click()
    reviewer.get_by_label("受理数量").first.fill("300")
    reviewer.get_by_role("button", name="按以上数量受理").click()
    expect(reviewer.locator(".head")).to_contain_text("已受理")
    accepted = town.runtime.read(requests.request, SYSTEM, draft.number)
    assert (accepted.lines[0].quantity, accepted.lines[0].accepted) == (310, 300)
    town.assert_books_are_right()


def test_a_plan_is_made_changed_and_made_again(start: Start) -> None:
    town = start(ASKED, with_worker=True)
    incident = town.runtime.read(incidents.incidents, SYSTEM)[0]
    page = town.sign_in("dispatcher.city")
    page.goto(f"/incidents/{incident.number}")
    page.get_by_role("link", name="编制方案").click()
    page.get_by_label("求解秒数").fill("")
    page.get_by_text("需要能重复得出同样结果").click()
    page.get_by_label("迭代次数").fill("10")
    page.get_by_role("button", name="开始编制").click()
    expect(page.locator("progress")).to_be_visible()
    expect(page.get_by_text("独立校核通过")).to_be_visible(timeout=90_000)
    first = number_of(page)
    row = town.runtime.read(plans.plan, SYSTEM, first)

    coverage = page.locator("table").first
    assert coverage.locator("[data-row]").count() == len(row.coverage) > 3
    assert row.gaps
    for gap in row.gaps:
        why = page.locator("tr", has=page.get_by_role("link", name=gap.request_number)).filter(has_text=gap.item_name)
        assert gap.sentences[0] in why.first.inner_text()
    page.wait_for_selector(".leaflet-overlay-pane path[stroke-dasharray]", state="attached")
    assert page.locator(".leaflet-overlay-pane path[stroke-dasharray]").count() == len(row.trips)

    line = next(line for line in row.lines if line.trip_no and line.quantity > 10)
    kept = page.locator(f"#line-{line.line_no}")
    kept.get_by_label("锁定方式").select_option(LockMode.AT_MOST.value)
    kept.get_by_label("锁定数量").fill(str(line.quantity - 7))
    page.get_by_role("button", name="按锁定重新编制").click()
    expect(page.get_by_text("独立校核通过")).to_be_visible(timeout=90_000)
    second = number_of(page)
    assert second != first
    again = town.runtime.read(plans.plan, SYSTEM, second)
    taken = sum(
        each.quantity
        for each in again.lines
        if (each.source, each.request_line_id) == (line.source, line.request_line_id)
    )
    assert taken <= line.quantity - 7

    codes = [road.code for road in town.runtime.read(places.road_states, SYSTEM) if road.status.value == "open"]
    used = {code for trip in again.trips for stop in trip.stops for code in stop["roads"]}
    assert close_on_the_map(page, codes.index(next(code for code in codes if code in used)))
    page.get_by_role("button", name="按锁定重新编制").click()
    expect(page.get_by_text("独立校核通过")).to_be_visible(timeout=90_000)
    third = town.runtime.read(plans.plan, SYSTEM, number_of(page))
    closed = {road.code for road in town.runtime.read(places.road_states, SYSTEM) if road.status.value == "closed"}
    assert not closed & {code for trip in third.trips for stop in trip.stops for code in stop["roads"]}
    assert third.head.options["locks"]


def close_on_the_map(page: Page, place: int) -> str:
    """Click a road (open ones are drawn first, in the order of the list) and report it closed; its name."""
    page.wait_for_selector(".leaflet-overlay-pane path[stroke-width='18']", state="attached")
    road = page.locator(".leaflet-overlay-pane path[stroke-width='18']").nth(place)
    road.dispatch_event("click", {"bubbles": True, "clientX": 600, "clientY": 400})
    popup = page.locator(".leaflet-popup .popup")
    name = popup.locator("[data-name]").inner_text()
    popup.get_by_label("状态").select_option("closed")
    popup.get_by_label("原因").fill("塌方")
    popup.get_by_role("button", name="报告路况").click()
    expect(page.get_by_role("status")).to_contain_text(name)
    return name


def test_an_owner_approves_and_a_stale_plan_is_refused_line_by_line(start: Start) -> None:
    town = start(PLANNED)
    head = town.runtime.read(plans.plans, SYSTEM)[0]
    plan = town.runtime.read(plans.plan, SYSTEM, head.number)
    page = town.sign_in("approver.city")
    page.locator("[data-tile=parts_waiting]").click()
    page.get_by_role("link", name=head.number).first.click()
    part = page.locator(".card", has=page.get_by_role("button", name="批准并下达"))
    expect(part).to_have_count(1)
    part.get_by_label("发文字号").fill("霍政发〔2026〕7号")
    part.get_by_label("批示").fill("同意,即刻下达。")
    part.get_by_role("button", name="批准并下达").click()
    expect(page.get_by_role("status")).to_contain_text("已批准")
    page.goto("/orders/instructions")
    page.get_by_role("link", name="霍政发〔2026〕7号").first.click()
    paper = page.get_by_role("link", name="查看").first.get_attribute("href") or ""
    answer = page.request.get(paper)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")

    # The prefecture's goods move away under the plan before the prefecture decides.
    taken = next(line for line in plan.lines if line.owner_code == "654000" and line.lot_number)
    spoil(town, taken.lot_number, taken.origin_site_name)
    other = town.sign_in("approver.prefecture")
    other.goto(f"/plans/{head.number}")
    other.get_by_role("button", name="批准并下达").click()
    refused = other.get_by_role("alert")
    expect(refused).to_be_visible()
    stale = other.locator("table").first
    expect(stale).to_contain_text(taken.item_name)
    expect(stale.get_by_role("link", name=str(taken.line_no), exact=True)).to_be_visible()
    assert town.runtime.read(plans.plan, SYSTEM, head.number).parts != ()
    town.assert_books_are_right()


def spoil(town: Town, lot_number: str, site_name: str) -> None:
    """The keeper hands out all that is left of a lot at a store."""
    where = StockFilter(lot_number=lot_number)
    row = next(row for row in town.runtime.read(stock.stock_rows, SYSTEM, where) if row.site_name == site_name)
    line = IssueLineInput(row.sku, row.available, lot_number, "应急发放")
    issue = IssueInput(
        IssueKind.DISTRIBUTION, row.site_code, row.owner_code, "昭苏县应急管理局", "就近应急发放", (line,)
    )
    town.runtime.run(issuing.issue, actor(town.runtime, keeper_of(row.site_code)), issue)
