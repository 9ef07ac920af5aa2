"""Papers on pages: every step has its paper, the paper has the right figures, and only those concerned see it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from supplyops.dispatch import commands
from supplyops.dispatch.rules import LoadInput
from supplyops.incidents import commands as incidents
from supplyops.incidents import queries as incident_queries
from supplyops.kernel.access import SYSTEM, Role
from supplyops.papers.rules import check_code
from supplyops.requests import commands as requests
from supplyops.requests.rules import LetterInput
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock.documents import ReceiptInput, ReceiptKind, ReceiptLineInput
from supplyops.teams import commands as teams
from tests.conftest import START, Clock
from tests.dispatch.world import World, build_world
from tests.documents.printing import outline, qr_texts, texts
from tests.house import CITY, CITY_STORE, FARM, TENT, VILLAGE
from tests.teams.test_missions import MISSION, TEAM
from tests.web.site import ORIGIN, Browser, Site


@pytest.fixture
def world(runtime: Runtime) -> World:
    return build_world(runtime)


@pytest.fixture
def site(world: World, tmp_path: Path) -> Site:
    return Site(world.house, tmp_path)


def pdf(browser: Browser, address: str) -> bytes:
    answer = browser.client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.get_data(as_text=True)[:500]
    return answer.data


def every_paper(world: World, clock: Clock) -> None:
    """One of each: a request is there; then letter, approval, loading, departure, receipt, mobilisation."""
    world.approve(world.plan(world.tents(40), world.water(20)))
    order, keeper = world.consignment(), world.actor(Role.KEEPER)
    world.runtime.run(commands.accept, keeper, order.id)
    (line,) = world.lines()
    world.runtime.run(commands.load, keeper, LoadInput(order.id, {line.id: 38}, "F-7", "两顶破损"))
    world.runtime.run(commands.depart, keeper, order.shipment_id)
    letter = LetterInput(world.incident_id, CITY, FARM, "支援挖掘机", "商请支援挖掘机2台。", START, "赵", "0999-1")
    world.runtime.run(requests.send_letter, world.actor(Role.COMMANDER), letter)
    receipt = ReceiptInput(
        ReceiptKind.PURCHASE, CITY_STORE, CITY, "帐篷厂", "市级财政", START, (ReceiptLineInput(TENT, 10, 10, unit_price_fen=980_00),),
        incident_id=world.incident_id,
    )  # fmt: skip
    world.runtime.run(stock.receive, keeper, receipt)
    world.runtime.run(teams.save_teams, SYSTEM, [TEAM])
    world.runtime.run(incidents.mobilise_team, world.actor(Role.COMMANDER), world.incident_id, MISSION)


SAYS = {
    "release_instruction": [
        "霍应急〔2026〕1号",
        "调拨12m²棉帐篷40顶",
        "另启用预签合同供货瓶装饮用水550ml×24（20箱）",
        "霍尔果斯5.8级地震",
    ],
    "allocation_slip": ["12m²棉帐篷", "肆仟元整", "伊车嘎善乡储备点", "DB-654004-20260112-0001"],
    "issue_note": ["CK-654004-20260112-0001", "38", "两顶破损", "叁仟捌佰元整"],
    "shipment_handover": ["新F10001", "马建国", "F-7", "38", "实际出发2026年1月12日"],
    "calloff_notice": ["伊犁甘泉饮品有限公司", "HT-2026-01", "20箱", "肆佰捌拾元整"],
    "mobilisation_order": ["霍尔果斯市地震灾害救援队", "废墟搜救", "20"],
    "supply_request": ["12m²棉帐篷", "60", "伊车嘎善乡", "特急"],
    "coordination_letter": ["关于商请支援挖掘机的函", "兵团六十一团"],
    "receipt_note": ["帐篷厂", "玖仟捌佰元整", "RK-654004-20260112-0001"],
}


def test_every_step_has_its_paper_with_the_right_figures(site: Site, world: World, clock: Clock) -> None:
    every_paper(world, clock)
    clerk = site.browser(Role.CLERK)
    papers = {paper.form: paper for paper in world.papers()}
    assert set(papers) == set(SAYS)
    for form, words in SAYS.items():
        body = pdf(clerk, f"/papers/{papers[form].id}.pdf")
        said = "".join(texts(body))
        for word in words:
            assert word in said, (form, word, said[:600])
        assert "查阅件" in said
        marks = [mark for page in range(len(texts(body))) for mark, _ in qr_texts(body, page, 4.0)]
        assert marks, form
        assert all(f"/q/{papers[form].number}#" in mark for mark in marks)


def test_anybody_checks_a_paper_by_what_is_printed_on_it_however_it_is_typed(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    (slip,) = world.papers("allocation_slip")
    code = check_code(slip.number, slip.content_hash)
    anybody = site.browser()
    assert 'href="/q"' in anybody.get("/sign-in")
    assert 'name="number"' in anybody.get("/q")
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' — ')} "):
        for address in (f"/q/{slip.number}?", f"/q?number={slip.number.lower()}&"):
            page = anybody.get(f"{address}code={quote(typed)}")
            assert "此单据由本单位签发,目前有效" in page, (address, typed)
            assert slip.number in page
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    assert "核验码与单据不符" in anybody.get(f"/q?number={slip.number}&code={wrong}")


def test_the_papers_of_an_incident_in_one_file(site: Site, world: World, clock: Clock) -> None:
    every_paper(world, clock)
    commander = site.browser(Role.COMMANDER)
    number = world.runtime.read(incident_queries.incidents, SYSTEM)[0].number
    answer = commander.client.get(f"/incidents/{number}/papers.pdf")
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert "object-src 'self'" in answer.headers["Content-Security-Policy"]
    titles = [title.split()[0] for title, _ in outline(answer.data)]
    assert titles == [
        "救灾物资动用指令", "救灾物资调拨单", "出库单", "运输交接单", "合同启用通知", "救援队伍调动命令", "应急物资需求申请单", "协调函",
        "入库单(验收单)",
    ]  # fmt: skip
    site.browser(Role.CUSTODIAN, FARM).get(f"/incidents/{number}/papers.pdf", 404)
    commander.get(f"/papers?incident={number}")
    printed = commander.post(f"/incidents/{number}/papers/print", 200)
    assert len(outline(printed.data)) == 9
    assert "查阅件" not in "".join(texts(printed.data))


def test_printing_is_noted_once_a_click_and_marked_the_second_time(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    (slip,) = world.papers("allocation_slip")
    clerk, address = site.browser(Role.CLERK), f"/papers/{slip.id}"
    page = clerk.get(address)
    fields = dict(re.findall(r'name="(form_token|request_key)" value="([^"]*)"', page))
    first = clerk.client.post(f"{address}/print", data=fields, headers=ORIGIN)
    again = clerk.client.post(f"{address}/print", data=fields, headers=ORIGIN)
    assert (first.status_code, first.data == again.data) == (200, True)
    assert len(texts(first.data)) == 5
    assert "补打" not in "".join(texts(first.data))
    assert "已打印过" in clerk.get(address)
    second = clerk.post(f"{address}/print", 200, copies="承运(黄)")
    (only,) = texts(second.data)
    assert "补打" in only
    assert "第三联承运(黄)" in only
    clerk.get(address)
    clerk.post(f"{address}/print", 422, copies="粉")


def test_only_those_concerned_see_a_paper(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    (slip,) = world.papers("allocation_slip")
    for role, at, status in (
        (Role.KEEPER, CITY, 200),
        (Role.CUSTODIAN, VILLAGE, 200),
        (Role.CUSTODIAN, FARM, 404),
        (Role.TEAM_LEADER, FARM, 404),
    ):
        browser = site.browser(role, at)
        assert browser.client.get(f"/papers/{slip.id}.pdf").status_code == status, (role, at)
    auditor = site.browser(Role.AUDITOR)
    assert "/print" not in auditor.get(f"/papers/{slip.id}")
    auditor.post(f"/papers/{slip.id}/print", 403)


def test_a_cancelled_orders_paper_says_so(site: Site, world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    world.runtime.run(commands.cancel, world.actor(Role.DISPATCHER), world.consignment().id, "需求已解决")
    (slip,) = world.papers("allocation_slip")
    clerk = site.browser(Role.CLERK)
    assert "需求已解决" in clerk.get(f"/papers/{slip.id}")
    assert "作废" in "".join(texts(pdf(clerk, f"/papers/{slip.id}.pdf")))
    assert slip.number not in clerk.get("/papers")
    assert slip.number in clerk.get("/papers?all=1")


def test_a_character_that_no_font_has_stops_the_printing_and_is_named(site: Site, world: World) -> None:
    letter = LetterInput(world.incident_id, CITY, FARM, "支援挖掘机", "联系人\U0003134a。", START, "赵", "0999-1")
    world.runtime.run(requests.send_letter, world.actor(Role.COMMANDER), letter)
    (paper,) = world.papers("coordination_letter")
    commander = site.browser(Role.COMMANDER)
    assert "没有字体能显示这些字" in commander.get(f"/papers/{paper.id}.pdf", 409)
    page = commander.get(f"/papers/{paper.id}")
    commander.post(f"/papers/{paper.id}/print", 409)
    assert "U+3134A" in commander.page
    assert "已打印过" not in page + commander.get(f"/papers/{paper.id}")
