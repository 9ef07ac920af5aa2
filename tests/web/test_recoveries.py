"""The pages of goods that come back and of goods that are scrapped."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from supplyops.kernel.access import SYSTEM, Role
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput
from supplyops.runtime import Runtime
from supplyops.scraps.rules import ScrapBody
from tests.conftest import Clock
from tests.house import CITY_SHELF, CITY_STORE, TENT
from tests.once import once
from tests.recoveries.conftest import give_out
from tests.scraps.city import EXPERTS, SIGNING, City
from tests.web.site import Site
from web.view import local


@pytest.fixture
@once
def city(runtime: Runtime, clock: Clock) -> City:
    """Twelve of forty tents given out."""
    city = City(runtime, clock)
    city.house.stock(city.house.lot(number="T-1"), 40, CITY_SHELF)
    rule = ParameterInput("recovery.months", "6", "月", "A", date(2020, 1, 1), name="回收期限")
    runtime.run(norms.save_parameters, SYSTEM, [rule])
    return city


@pytest.fixture
def site(city: City, tmp_path: Path) -> Site:
    """A site on the city."""
    return Site(city.house, tmp_path)


def test_goods_come_back_are_mended_and_scrapped(site: Site, city: City) -> None:
    note = give_out(city, 12, "中心学校安置点")
    keeper = site.browser(Role.KEEPER)
    page = keeper.get("/recoveries")
    assert all(text in page for text in (note, "中心学校安置点", "2026-07-12"))
    assert note not in keeper.get("/recoveries?overdue=1")
    page = keeper.get(f"/recoveries/new/{note}")
    line = re.findall(r'name="lines-0-due_id" value="([^"]+)"', page)[0]
    sent = {
        "site_code": CITY_STORE, "returned_by": "王校长", "recovered_at": local(city.clock.now),
        "lines-0-due_id": line, "lines-0-usable": "6", "lines-0-repair": "3", "lines-0-scrap": "1",
    }  # fmt: skip
    refused = keeper.post(f"/recoveries/new/{note}", 422, **sent)
    assert "清洗" in refused.get_data(as_text=True)
    answer = keeper.post(f"/recoveries/new/{note}", **sent, is_cleaned="1")
    number = answer.location.rsplit("/", 1)[1]
    page = keeper.get(f"/recoveries/{number}")
    assert "待修 3" in re.sub(r"\s+", " ", page)
    keeper.post(f"/recoveries/{number}/repair", 422, line_no="2", repaired="4", repaired_by="厂")
    keeper.post(
        f"/recoveries/{number}/repair", line_no="2", repaired="2", condemned="1", repaired_by="厂", cost_fen="150"
    )
    assert "150.00" in keeper.get(f"/recoveries/{number}")
    assert number in keeper.get("/recoveries/done")
    assert number not in keeper.get("/recoveries/done?repair=1")
    assert "回收登记表" in keeper.get(f"/recoveries/{number}")
    assert len(re.findall(r"/scraps/(BF-[0-9-]+)\"", keeper.get("/scraps"))) == 2


def test_a_register_that_was_a_mistake_is_undone_or_reversed(site: Site, city: City) -> None:
    note = give_out(city, 12, "中心学校安置点")
    keeper = site.browser(Role.KEEPER)

    def register() -> str:
        line = re.findall(r'name="lines-0-due_id" value="([^"]+)"', keeper.get(f"/recoveries/new/{note}"))[0]
        sent = {"lines-0-due_id": line, "lines-0-usable": "6", "lines-0-repair": "0", "lines-0-scrap": "1"}
        more = {"site_code": CITY_STORE, "returned_by": "王校长", "recovered_at": local(city.clock.now)}
        answer = keeper.post(f"/recoveries/new/{note}", **sent, **more, is_cleaned="1", is_disinfected="1")
        return str(answer.location.rsplit("/", 1)[1])

    first = register()
    assert f"/recoveries/{first}/undo" in keeper.get(f"/recoveries/{first}")
    keeper.post(f"/recoveries/{first}/undo")
    page = keeper.get(f"/recoveries/{first}")
    assert all(text in page for text in ("已冲销", "本人撤销"))
    assert f"/recoveries/{first}/undo" not in page
    assert f"/recoveries/{first}/reverse" not in page
    keeper.post(f"/recoveries/{first}/undo", 409)
    second = register()
    city.clock.advance(minutes=11)
    keeper.get(f"/recoveries/{second}")
    assert "不能撤销" in keeper.post(f"/recoveries/{second}/undo", 409).get_data(as_text=True)
    keeper.post(f"/recoveries/{second}/reverse", 422, because=" ")
    keeper.post(f"/recoveries/{second}/reverse", because="清点有误")
    assert "清点有误" in keeper.get(f"/recoveries/{second}")
    assert keeper.get("/recoveries/done").count("已冲销") == 2
    assert city.unclean() == []


def test_a_limit_is_set_by_the_clerk(site: Site) -> None:
    clerk = site.browser(Role.CLERK)
    clerk.get("/recoveries/limits")
    limit = {"sku": TENT, "months": "12", "effective_from": "2026-02-01", "source_mark": "P14"}
    clerk.post("/recoveries/limits", 422, **{**limit, "months": "0"})
    clerk.post("/recoveries/limits", **limit)
    assert "P14" in clerk.get("/recoveries/limits")
    keeper = site.browser(Role.KEEPER)
    keeper.get("/recoveries/limits")
    keeper.post("/recoveries/limits", 403, **limit)


def test_scrapping_step_by_step(site: Site, city: City) -> None:
    keeper = site.browser(Role.KEEPER)
    assert "2026-10-31" in keeper.get("/scraps")
    page = keeper.get("/scraps/new")
    assert f'value="T-1|{CITY_SHELF}"' in page
    sent = {"site_code": CITY_STORE, "lines-0-goods": f"T-1|{CITY_SHELF}", "lines-0-reason": "expired"}
    more = {"lines-1-goods": "", "lines-1-reason": "expired", "lines-1-quantity": ""}
    keeper.post("/scraps/new", 422, **sent, **more)
    answer = keeper.post("/scraps/new", **sent, **more, **{"lines-0-quantity": "4"})
    number = answer.location.rsplit("/", 1)[1]
    own = f"/scraps/{number}"
    assert "登记技术鉴定" in keeper.get(own)
    look = {"conclusion": "不可修复", "appraised_on": "2026-01-12"}
    refused = keeper.post(f"{own}/appraise", 422, **look, experts="\n".join(EXPERTS[:4]))
    assert "专家" in refused.get_data(as_text=True)
    keeper.post(f"{own}/appraise", **look, experts="、".join(EXPERTS))
    for body in ScrapBody:
        browser = site.browser(Role.APPROVER, SIGNING[body])
        assert "签署单位" in browser.get(own)
        browser.post(f"{own}/decide", body=body.value, organisation_code=SIGNING[body], word="agree")
    keeper.get(own)
    keeper.post(f"{own}/publicise", place="公告栏", from_on="2026-01-12", to_on="2026-01-16")
    keeper.get(own)
    done = {"method": "auction", "witness": "周某", "buyer": "再生公司", "agreement_number": "X-1", "income_fen": "300"}
    keeper.post(f"{own}/dispose", 409, **done, disposed_at=local(city.clock.now))
    city.clock.advance(days=6)
    keeper = site.browser(Role.KEEPER)
    keeper.get(own)
    keeper.post(f"{own}/dispose", **done, disposed_at=local(city.clock.now))
    page = keeper.get(own)
    assert all(text in page for text in ("已处置", "300.00", "再生公司", "报废申请单", "出库单"))
    assert city.unclean() == []


def test_refusing_and_taking_back(site: Site, city: City) -> None:
    number = city.apply(2, location=CITY_SHELF)
    keeper = site.browser(Role.KEEPER)
    keeper.get(f"/scraps/{number}")
    keeper.post(f"/scraps/{number}/nonsense", 404)
    keeper.post(f"/scraps/{number}/cancel", 422)
    keeper.post(f"/scraps/{number}/cancel", because="可修")
    assert "已撤回" in keeper.get(f"/scraps/{number}")
    second = city.apply(2, location=CITY_SHELF)
    city.appraise(second)
    office = site.browser(Role.APPROVER, SIGNING[ScrapBody.EMERGENCY])
    office.get(f"/scraps/{second}")
    said = {"body": "emergency", "organisation_code": SIGNING[ScrapBody.EMERGENCY], "word": "refuse"}
    office.post(f"/scraps/{second}/decide", 422, **said)
    office.post(f"/scraps/{second}/decide", **said, note="还能用")
    assert "还能用" in office.get(f"/scraps/{second}")


def test_pages_speak_english_too(site: Site, city: City) -> None:
    note, number = give_out(city, 2, "school"), city.apply(2, location=CITY_SHELF)
    clerk = site.browser(Role.KEEPER)
    clerk.client.set_cookie("language", "en")
    for address in ("/recoveries", "/recoveries/done", "/recoveries/limits", f"/recoveries/new/{note}", "/scraps",
                    "/scraps/new", f"/scraps/{number}"):  # fmt: skip
        page = clerk.get(address)
        heads = re.findall(r"<th[^>]*>([^<]*)</th>|<label[^>]*>([^<]*)</label>", page)
        chinese = {text for pair in heads for text in pair if re.search("[\u4e00-\u9fff]", text)}
        assert not chinese, f"{address}: {chinese}"
