"""The pages of transfers and of what is owed: from the draft to the road, received, owed, given back."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from tests.conftest import START
from tests.house import TENT, VILLAGE, VILLAGE_SHELF, VILLAGE_STORE
from tests.once import once
from tests.transfers.town import STREET, STREET_SHELF, STREET_STORE, Town
from tests.web.site import Site
from web.view import local


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    """With twenty tents at the street's store."""
    town = Town(runtime)
    town.house.stock(town.house.lot(owner=STREET, number="S-1"), 20, STREET_SHELF)
    return town


@pytest.fixture
def site(town: Town, tmp_path: Path) -> Site:
    """A site on the town."""
    return Site(town.house, tmp_path)


DRAFT = {
    "kind": "peer",
    "from_site_code": STREET_STORE,
    "to_site_code": VILLAGE_STORE,
    "owner_code": STREET,
    "reason": "帐篷不足",
    "send_by": local(START + timedelta(hours=6)),
    "arrive_by": local(START + timedelta(hours=12)),
    "lines-0-sku": TENT,
    "lines-0-quantity": "１２",
}


def drafted(site: Site) -> str:
    browser = site.browser(Role.CLERK, VILLAGE)
    browser.get("/transfers/new")
    answer = browser.post("/transfers/new", **DRAFT)
    return str(answer.location.rsplit("/", 1)[1])


def test_from_draft_to_settlement(site: Site, town: Town) -> None:
    number = drafted(site)
    approver = site.browser(Role.APPROVER)
    assert "待批准的调剂调拨" in approver.get("/")
    assert number in approver.get("/duties/transfers_to_approve")
    assert "批准" in approver.get(f"/transfers/{number}")
    approver.post(f"/transfers/{number}/approve")
    sender = site.browser(Role.KEEPER, STREET)
    assert number in sender.get("/duties/transfers_to_send")
    page = sender.get(f"/transfers/{number}/send")
    loaded = re.findall(r'name="(loaded-[0-9a-f]+)"', page)
    sent = {
        "carrier": "市车队",
        "vehicle": "新F10001",
        "driver": "马师傅",
        "expected_at": local(START + timedelta(hours=4)),
    }
    refused = sender.post(f"/transfers/{number}/send", 422, **sent, **{loaded[0]: "11"})
    assert "invalid-feedback" in refused.get_data(as_text=True)
    sender.post(f"/transfers/{number}/send", **sent, short_reason="一顶霉变", **{loaded[0]: "11"})
    receiver = site.browser(Role.KEEPER, VILLAGE)
    road = receiver.get("/transfers/road")
    assert all(text in road for text in (number, "马师傅", "新F10001", "12m²棉帐篷"))
    assert number in receiver.get("/transfers?open=1")
    page = receiver.get(f"/transfers/{number}/arrive")
    line = re.findall(r'name="lines-0-line_id" value="([^"]+)"', page)[0]
    part = {"lines-0-line_id": line, "lines-0-good": "4", "lines-0-damaged": "0", "more_follows": "1"}
    receiver.post(f"/transfers/{number}/arrive", receiver="古丽", arrived_at=local(START), is_seal_intact="1", **part)
    page = receiver.get(f"/transfers/{number}")
    assert "部分到货" in page
    assert "第 1 次" in page
    page = receiver.get(f"/transfers/{number}/arrive")
    assert re.findall(r'name="lines-0-good"[^>]* value="(\d+)"', page) == ["7"], "what is still on the road"
    receiver.post(
        f"/transfers/{number}/arrive",
        receiver="古丽",
        arrived_at=local(START),
        cause="途中淋雨",
        is_seal_intact="1",
        **{"lines-0-line_id": line, "lines-0-good": "5", "lines-0-damaged": "1"},
    )
    assert town.owned_at(VILLAGE, VILLAGE_SHELF) == 9
    page = receiver.get(f"/transfers/{number}")
    assert "途中淋雨" in page
    debt = re.findall(r"/obligations/(QH-[0-9-]+)", page)[0]
    clerk = site.browser(Role.CLERK, STREET)
    listed = clerk.get("/obligations")
    assert debt in listed
    assert "1,100.00" in listed
    clerk.get(f"/obligations/{debt}")
    settle = {"sku": TENT, "quantity": "4", "kind": "money", "amount_fen": "360", "voucher": "记-1"}
    refused = clerk.post(f"/obligations/{debt}/settle", 422, **{**settle, "quantity": "40"})
    assert "超过尚欠数量" in refused.get_data(as_text=True)
    clerk.post(f"/obligations/{debt}/settle", **settle)
    assert "部分结清" in clerk.get(f"/obligations/{debt}")
    assert "部分结清" not in clerk.get("/obligations?overdue=1")
    papers = receiver.get(f"/transfers/{number}")
    assert all(form in papers for form in ("物资调剂调拨单", "出库单", "运输交接单", "入库单"))


def test_steps_one_may_not_take_are_not_offered_and_refused(site: Site, town: Town) -> None:
    number = drafted(site)
    village = site.browser(Role.APPROVER, VILLAGE)
    page = village.get(f"/transfers/{number}")
    assert "/approve" not in page
    village.post(f"/transfers/{number}/approve", 403)
    site.browser(Role.APPROVER).get("/transfers/TJ-none", 404)
    browser = site.browser(Role.APPROVER)
    browser.get(f"/transfers/{number}")
    browser.post(f"/transfers/{number}/draft", 404)
    browser.post(f"/transfers/{number}/refuse", 422)
    browser.post(f"/transfers/{number}/refuse", because="库存紧张")
    assert "未批准" in browser.get(f"/transfers/{number}")


def test_calling_off_and_taking_back_ask_for_a_reason(site: Site, town: Town) -> None:
    number = drafted(site)
    clerk = site.browser(Role.CLERK, VILLAGE)
    clerk.get(f"/transfers/{number}")
    clerk.post(f"/transfers/{number}/cancel", because="已解决")
    assert "已取消" in clerk.get(f"/transfers/{number}")
    assert number not in clerk.get("/transfers?open=1")


def test_a_keeper_without_the_right_sees_no_form(site: Site) -> None:
    site.browser(Role.AUDITOR).get("/transfers/new", 403)
    site.browser(Role.SUPPLIER, VILLAGE).get("/transfers", 403)
    site.browser(Role.AUDITOR).get("/transfers")
    site.browser(Role.AUDITOR).get("/obligations")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_speak_one_language(site: Site, language: str) -> None:
    number = drafted(site)
    browser = site.browser(Role.CLERK, VILLAGE)
    browser.client.set_cookie("language", language)
    for address in ("/transfers", "/transfers/new", "/transfers/road", f"/transfers/{number}", "/obligations"):
        page = browser.get(address)
        heads = re.findall(r"<th[^>]*>([^<]*)</th>|<label[^>]*>([^<]*)</label>", page)
        chinese = {text for pair in heads for text in pair if re.search("[\u4e00-\u9fff]", text)}
        assert bool(chinese) == (language == "zh") or address == "/transfers/road", (address, chinese)
