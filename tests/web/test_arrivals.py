"""A delivery on the pages and over the API: announced, inspected on a phone, taken in by somebody else."""

from __future__ import annotations

import pytest

from supplyops.arrivals.tables import Arrival, ArrivalLoad
from supplyops.kernel.access import Role
from supplyops.stock.tables import Lot
from tests.api.test_basics import with_token
from tests.house import CITY, FARM, QUILT, TENT, House
from tests.stock.test_store_documents import rows
from tests.web.site import Site

NUMBER = "DH-654004-20260112-0001"
NOTICE = {
    "site_code": "city-store", "kind": "donation", "owner_code": CITY, "source": "红十字会", "fund_source": "捐赠", "expected_on": "2026-01-13",
    "lines-1-sku": TENT, "lines-1-quantity": "10", "lines-2-sku": QUILT, "lines-2-quantity": "40",
}  # fmt: skip


def test_from_the_announcement_to_the_shelf(site: Site, house: House) -> None:
    clerk, keeper = site.browser(Role.CLERK), site.browser(Role.KEEPER)
    clerk.get("/arrivals/new")
    page = clerk.post("/arrivals/new", 422, **{**NOTICE, "source": " "}).get_data(as_text=True)
    assert "必填" in page and 'value="40"' in page
    assert rows(house.runtime, Arrival) == []
    clerk.get("/arrivals/new")
    clerk.post("/arrivals/new", **NOTICE)
    assert NUMBER in keeper.get("/arrivals?open=1")
    assert NUMBER in keeper.get("/duties/arrivals_open")
    clerk.get(f"/arrivals/{NUMBER}/inspect")
    look = {
        "arrived_at": "2026-01-12T09:30",
        "is_seal_intact": "0",
        "seal_number": "FH-9",
        "is_appearance_good": "1",
        "matches_list": "1",
    }
    assert "必填" in clerk.post(f"/arrivals/{NUMBER}/inspect", 422, **look).get_data(as_text=True)
    clerk.post(f"/arrivals/{NUMBER}/inspect", **look, finding="封签断裂,逐件核对无缺")
    (load,) = rows(house.runtime, ArrivalLoad)
    assert (load.is_seal_intact, load.seal_number, load.is_refused) == (False, "FH-9", False)
    assert "您已质检签字" not in keeper.get(f"/arrivals/{NUMBER}")
    page = keeper.get(f"/arrivals/{NUMBER}/accept")
    assert 'name="lines-0-accepted" type="number" value="10"' in page
    taken = {
        "lines-0-line_no": "1", "lines-0-listed": "10", "lines-0-accepted": "9", "lines-0-rejected": "1", "lines-1-line_no": "1", "lines-1-rejected": "0",
        "lines-2-line_no": "2", "lines-2-listed": "0", "lines-2-accepted": "0", "lines-2-rejected": "0", "lines-3-line_no": "2", "lines-3-rejected": "0",
    }  # fmt: skip
    wrong = keeper.post(f"/arrivals/{NUMBER}/accept", 422, **taken).get_data(as_text=True)
    assert "请填写短少破损处理" in wrong
    keeper.post(f"/arrivals/{NUMBER}/accept", **taken, shortage_handling="一顶破损退回")
    (lot,) = rows(house.runtime, Lot)
    assert (house.balance(lot.id), house.balance(lot.id, "city-quarantine")) == ((9, 0), (1, 0))
    page = clerk.get(f"/arrivals/{NUMBER}")
    assert "部分入库" in page and "封签断裂" in page
    assert "必填" in clerk.post(f"/arrivals/{NUMBER}/close", 422, because="").get_data(as_text=True)
    clerk.post(f"/arrivals/{NUMBER}/close", because="棉被改送乡镇")
    assert "棉被改送乡镇" in clerk.get(f"/arrivals/{NUMBER}")
    clerk.post(f"/arrivals/{NUMBER}/cancel", 409, because="x")
    stranger = site.browser(Role.KEEPER, FARM)
    stranger.get(f"/arrivals/{NUMBER}", 404)
    assert NUMBER not in stranger.get("/arrivals")
    site.browser(Role.APPROVER).get("/arrivals/new", 403)


@pytest.fixture
def notice() -> dict[str, object]:
    line = {"sku": TENT, "quantity": 10}
    return {
        "kind": "purchase", "site_code": "city-store", "owner_code": CITY, "source": "帐篷厂", "fund_source": "市级财政", "expected_on": "2026-01-13",
        "lines": [line],
    }  # fmt: skip


def test_a_program_announces_and_takes_in(site: Site, house: House, notice: dict[str, object]) -> None:
    client = site.app.test_client()
    clerk, keeper = with_token(site), with_token(site, Role.KEEPER)
    send = lambda who, address, key, **body: client.post(f"/api/v1/arrivals/{address}", json=body, headers={**who, "Idempotency-Key": key})  # noqa: E731 # fmt: skip
    for _ in range(2):
        made = send(clerk, "", "a1", **notice)
        assert (made.status_code, made.get_json()["number"], made.get_json()["state"]) == (201, NUMBER, "announced")
    lines = [{"line_no": 1, "listed": 10, "accepted": 10}]
    early = send(keeper, f"{NUMBER}/receipts", "r0", lines=lines)
    assert (early.status_code, early.get_json()["code"]) == (409, "wrong_state")
    look = send(clerk, f"{NUMBER}/loads", "l1", arrived_at="2026-01-12T09:30:00+08:00")
    assert (look.status_code, look.get_json()["state"]) == (201, "inspected")
    taken = send(keeper, f"{NUMBER}/receipts", "r1", lines=lines)
    assert (taken.status_code, taken.get_json()["lines"][0]["actual"]) == (201, 10)
    row = client.get(f"/api/v1/arrivals/{NUMBER}", headers=clerk).get_json()
    assert (row["state"], row["lines"][0]["outstanding"]) == ("accepted", 0)
    assert [each["number"] for each in client.get("/api/v1/arrivals/?state=accepted", headers=clerk).get_json()] == [
        NUMBER
    ]
    assert send(clerk, f"{NUMBER}/cancel", "c1", because="x").status_code == 409
    assert len(rows(house.runtime, Arrival)) == 1
