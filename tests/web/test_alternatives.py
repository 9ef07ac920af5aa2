"""Pages of alternatives: asked for, watched, laid side by side, adopted."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import SYSTEM, Role
from supplyops.planning import queries
from supplyops.runtime import Runtime
from tests.house import TENT
from tests.planning.test_alternatives import work
from tests.planning.town import STREET, STREET_POINT, Town, build_town
from tests.web.site import Browser, Site


@pytest.fixture
def town(runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 60))
    town.request((TENT, 20), body=STREET, site=STREET_POINT)
    town.house.stock(town.house.lot(), 50)
    return town


@pytest.fixture
def commander(town: Town, tmp_path: Path) -> Browser:
    return Site(town.house, tmp_path).browser(Role.COMMANDER)


def test_asked_for_watched_compared_and_adopted(town: Town, commander: Browser, tmp_path: Path) -> None:
    plan_id = town.plan()
    number = town.head(plan_id).number
    where = f"/plans/{number}/alternatives"
    assert where in commander.get(f"/plans/{number}")
    assert "还没有备选方案" in commander.get(where)
    commander.post(where, 422, seconds="soon")
    assert "“soon”不是整数" in commander.page
    commander.post(where, seconds="1")
    assert commander.client.get(where).headers["Refresh"] == "2"
    assert "排队等待" in commander.get(where)
    commander.post(where, 409, seconds="1")
    commander.get(where)
    commander.post(f"{where}/cancel")
    assert "已取消" in commander.get(where)
    commander.post(where, seconds="1")
    row = work(town, plan_id)
    page = commander.get(where)
    for text in (
        "满足最差的接收点",
        "谁多得、谁少得",
        "快速",
        "均衡",
        "节约",
        "采用均衡方案",
        "卡拉苏体育馆 100.0% → ",
        "+11.6",
    ):
        assert text in page, text
    fair = row.variants[1]
    assert "与原方案比较" in commander.get(f"/plans/{number}/variants/{fair.id}")
    commander.post(f"/plans/{number}/variants/{fair.id}/adopt")
    newest = town.runtime.read(queries.plans, SYSTEM)[0]
    assert newest.options["adopted"]["base"] == number
    page = commander.get(f"/plans/{newest.number}")
    assert f"采用自 {number}" in page
    commander.get(f"/plans/{number}/variants/{fair.id}")
    commander.post(f"/plans/{number}/variants/{fair.id}/adopt", 409)
    assert f"编号 {newest.number}" in commander.page
    auditor = Site(town.house, tmp_path).browser(Role.AUDITOR)
    assert "求解备选方案" not in auditor.get(where)
    commander.get(f"/plans/{number}/variants/{row.id}", 404)
