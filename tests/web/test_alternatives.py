"""Pages of alternatives: asked for, watched, laid side by side, adopted."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from supplyops.kernel.access import SYSTEM, Role
from supplyops.papers.tables import Paper
from supplyops.planning import queries, variants
from supplyops.runtime import Runtime
from tests.house import TENT
from tests.once import once
from tests.planning.test_alternatives import work
from tests.planning.town import STREET, STREET_POINT, Town, build_town
from tests.web.site import Browser, Site


@pytest.fixture
@once
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
    commander.post(f"/plans/{number}/study.pdf", 200, kind="alternatives")
    with town.runtime.database.read() as session:
        (paper,) = session.scalars(select(Paper).where(Paper.form == "plan_study"))
    cells = {line["cells"][0]: line["cells"][1:] for line in paper.content["lines"]}
    assert cells["满足最差的接收点 %"][2] == "61.6 伊车嘎善乡中学 +11.6"
    assert cells["伊车嘎善乡中学 12m²棉帐篷（顶）按时"][0::2] == ["30", "37"]
    commander.get(where)
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


def test_an_edited_plan_is_brought_back_judged_and_told_what_is_wrong(town: Town, commander: Browser) -> None:
    plan_id = town.plan()
    number = town.head(plan_id).number
    where = f"/plans/{number}/edited"
    assert where in commander.get(f"/plans/{number}")
    commander.get(where)
    text = commander.client.get(f"/plans/{number}/sheet.csv").get_data().decode("utf-8-sig")
    assert commander.client.get(f"/plans/{number}/sheet.xlsx").get_data()[:2] == b"PK"
    wrong = text.replace("新F1", "新X9")
    commander.post(where, 422, file=(BytesIO(wrong.encode()), "改.csv"))
    assert "改.csv 第 2 行“车牌”列" in commander.page
    assert commander.page.count("“车牌”列") == text.count("新F1"), (
        "each problem is told once, with the row of the sheet"
    )
    assert "第 3 行" not in commander.page.split("<li>")[1]
    commander.get(where)
    head, *rows = text.splitlines()
    column = head.split(",").index("需求行")
    stray = [*rows[0].split(",")[:column], "77", *rows[0].split(",")[column + 1 :]]
    commander.post(where, 422, file=(BytesIO("\n".join([head, ",".join(stray)]).encode()), "行.csv"))
    assert "行.csv 第 2 行“需求行”列(G 列):“77”不在方案的问题里" in commander.page
    commander.get(where)
    commander.post(where, file=(BytesIO(text.encode()), "同.csv"))
    page = commander.get(where)
    assert "同.csv" in page
    assert "独立校核通过" in page
    head, *rows = text.splitlines()
    column = head.split(",").index("数量")
    first = rows[0].split(",")
    first[column] = "4000"
    commander.post(where, file=(BytesIO("\n".join([head, ",".join(first), *rows[1:]]).encode()), "超.csv"))
    (faulty,) = [row for row in town.runtime.read(variants.variants, SYSTEM, number) if row.note == "超.csv"]
    page = commander.get(f"/plans/{number}/variants/{faulty.id}")
    assert re.search(r"霍尔果斯市库的12m²棉帐篷\(批号 A01002-\d+\):用量超过现有数量\(用了 4,\d+ 顶,只有 50 顶\)", page)
    assert "给的比要的多" in page
    assert "已满足的需求写成了缺口" not in page, "nobody wrote that"
    commander.client.set_cookie("language", "en")
    assert re.search(
        r"12m²棉帐篷 at 霍尔果斯市库 \(lot A01002-\d+\): More used than there is",
        commander.get(f"/plans/{number}/variants/{faulty.id}"),
    )
    commander.client.set_cookie("language", "zh")
    page = commander.get(f"/plans/{number}/variants/{faulty.id}")
    assert "采用为新方案" not in page
    commander.post(f"/plans/{number}/variants/{faulty.id}/adopt", 409)
    assert "不能采用" in commander.page
    solution = commander.client.get(f"/plans/{number}/solution.json").get_data()
    commander.get(where)
    commander.post(where, file=(BytesIO(solution), "解.json"))
    assert "解.json" in commander.get(where)
