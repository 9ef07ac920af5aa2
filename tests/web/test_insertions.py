"""Pages of a late request and the plan that stands: reached from the plan and from the request, watched, one way adopted."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from supplyops.dispatch import approving
from supplyops.dispatch.rules import ApprovalInput
from supplyops.kernel.access import SYSTEM, Role
from supplyops.papers.tables import Paper
from supplyops.planning import queries
from supplyops.runtime import Runtime
from tests.house import CITY, QUILT, TENT
from tests.once import once
from tests.planning.test_inserting import named, work
from tests.planning.town import STREET, STREET_POINT, Town, build_town
from tests.web.site import Browser, Site


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 20))
    town.house.stock(town.house.lot(), 60)
    town.house.stock(town.house.lot(sku=QUILT), 200)
    return town


@pytest.fixture
def commander(town: Town, tmp_path: Path) -> Browser:
    return Site(town.house, tmp_path).browser(Role.COMMANDER)


def rows(town: Town, kind: type[Paper]) -> list[Paper]:
    with town.runtime.database.read() as session:
        return list(session.scalars(select(kind).where(kind.form == "plan_study")))


def test_reached_from_plan_and_request_watched_and_adopted(town: Town, commander: Browser, tmp_path: Path) -> None:
    plan_id = town.plan()
    number = town.head(plan_id).number
    (late,) = town.request((QUILT, 40), body=STREET, site=STREET_POINT)
    request_number, line_no = named(town, late)
    listing, where = f"/plans/{number}/insertions", f"/plans/{number}/insertions/{request_number}/{line_no}"
    assert listing in commander.get(f"/plans/{number}")
    assert where in commander.get(listing)
    assert f"追加进方案 {number}" in commander.get(f"/requests/{request_number}")
    assert "还没有查找过" in commander.get(where)
    commander.post(where, 422, seconds="soon")
    assert "“soon”不是整数" in commander.page
    commander.post(where, seconds="5")
    assert commander.client.get(where).headers["Refresh"] == "2"
    assert "排队等待" in commander.get(where)
    commander.post(where, 409, seconds="5")
    commander.get(where)
    commander.post(f"{listing}/cancel", request_number=request_number, line_no=str(line_no))
    assert "已取消" in commander.get(where)
    commander.post(where, seconds="5")
    row = work(town, plan_id, late)
    page = commander.get(where)
    for text in (
        "顺路绕行 · 第 1 车次",
        "加开车次",
        "独立校核通过",
        "按时",
        "霍尔果斯市库 → 卡拉苏体育馆",
        "多行 8.0 km",
        "不影响其他接收点",
    ):
        assert text in page, text
    assert f"{len(row.offers)} 个办法" in commander.get(listing)
    printed = commander.post(
        f"/plans/{number}/study.pdf", 200, kind="late", request_number=request_number, line_no=str(line_no)
    )
    assert printed.data.startswith(b"%PDF")
    (paper,) = rows(town, Paper)
    assert (paper.form, paper.content["title"], len(paper.content["lines"])) == (
        "plan_study",
        "追加需求办法表",
        len(row.offers),
    )
    assert paper.content["lines"][0]["cells"][2:4] == ["霍尔果斯市库", "棉被 40 床"]
    commander.get(where)
    commander.post(f"/plans/{number}/study.pdf", 404, kind="nonsense")
    commander.get(where)
    commander.post(f"/plans/{number}/study.pdf", 404, kind="changes")
    auditor = Site(town.house, tmp_path).browser(Role.AUDITOR)
    seen = auditor.get(where)
    assert "查找追加办法" not in seen and "采用这个办法" not in seen
    commander.get(where)
    commander.post(f"/plans/{number}/variants/{row.offers[0].variant_id}/adopt")
    newest = town.runtime.read(queries.plans, SYSTEM)[0]
    assert (newest.options["adopted"]["base"], newest.options["adopted"]["origin"]) == (number, "late")
    assert "没有可追加的" in commander.get(f"/plans/{newest.number}/insertions")
    assert "已采用为" in commander.get(where)
    commander.get(f"/plans/{number}/insertions/{request_number}/9", 404)
    commander.get(f"/plans/{number}/insertions/nothing/1", 404)


def test_pieces_are_told_one_by_one_and_a_decided_plan_says_what_to_do_next(town: Town, commander: Browser) -> None:
    plan_id = town.plan()
    number = town.head(plan_id).number
    approve = ApprovalInput(plan_id, CITY, "", None, "")
    town.runtime.run(approving.approve, town.house.actor(Role.APPROVER), approve)
    town.house.stock(town.house.lot(), 150)
    (late,) = town.request((TENT, 180), body=STREET, site=STREET_POINT, hours=36)
    request_number, line_no = named(town, late)
    where = f"/plans/{number}/insertions/{request_number}/{line_no}"
    commander.get(where)
    commander.post(where, seconds="5")
    row = work(town, plan_id, late)
    assert row.offers[0].way.value == "pieces"
    page = commander.get(where)
    for text in ("分批送达 · ", "1. 加开车次", "2. ", "到齐", "不一定是最好的", "下一步", "连同这条需求重新编制"):
        assert text in page, text
    assert "采用这个办法" not in page
    printed = commander.post(
        f"/plans/{number}/study.pdf", 200, kind="late", request_number=request_number, line_no=str(line_no)
    )
    assert printed.data.startswith(b"%PDF")
    (paper,) = rows(town, Paper)
    assert "；" in paper.content["lines"][0]["cells"][1]
    commander.get(where)
    commander.post(f"/plans/{number}/again", near="1")
    newest = town.runtime.read(queries.plans, SYSTEM)[0]
    assert (newest.options["near"], newest.options["based_on"]) == (True, str(plan_id))
