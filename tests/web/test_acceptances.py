"""A receipt's second signature and its report, on the pages and over the API; the boards count what waits."""

from __future__ import annotations

from supplyops.kernel.access import Role
from supplyops.stock import commands
from supplyops.stock.tables import Acceptance
from tests.api.test_basics import with_token
from tests.conftest import Clock
from tests.house import FARM, House
from tests.stock.test_store_documents import receipt, rows
from tests.web.site import Site

NUMBER = "RK-654004-20260112-0001"


def take_in(house: House) -> None:
    house.runtime.run(commands.receive, house.actor(Role.KEEPER), receipt())


def test_sign_and_report(site: Site, house: House, clock: Clock) -> None:
    take_in(house)
    keeper, clerk = site.browser(Role.KEEPER), site.browser(Role.CLERK)
    assert "/duties/acceptances_unsigned" in keeper.get("/")
    assert "质检须由另一人" in keeper.get(f"/stock/documents/{NUMBER}")
    page = keeper.post(f"/stock/acceptances/{NUMBER}/sign", 409).get_data(as_text=True)
    assert "不能签两次" in page
    assert "质检签字" in clerk.get(f"/stock/documents/{NUMBER}")
    clerk.post(f"/stock/acceptances/{NUMBER}/sign")
    assert "clerk.654004" in clerk.get(f"/stock/documents/{NUMBER}")
    assert "第2版" in clerk.page
    assert "必填" in clerk.post(f"/stock/acceptances/{NUMBER}/report", 422, reported_to=" ").get_data(as_text=True)
    clock.advance(days=8)  # sessions have ended
    clerk = site.browser(Role.CLERK)
    assert "逾期" in clerk.get("/stock/acceptances?overdue=1")
    assert NUMBER in clerk.get("/duties/acceptances_overdue")
    clerk.get(f"/stock/documents/{NUMBER}")
    clerk.post(f"/stock/acceptances/{NUMBER}/report", reported_to="应急管理局", report_number="霍粮储〔2026〕3号")
    assert "霍粮储〔2026〕3号" in clerk.get(f"/stock/documents/{NUMBER}")
    assert NUMBER not in clerk.get("/stock/acceptances?overdue=1")
    assert "没有符合条件" in clerk.get("/duties/acceptances_overdue")
    stranger = site.browser(Role.KEEPER, FARM)
    assert NUMBER not in stranger.get("/stock/acceptances")
    stranger.post(f"/stock/acceptances/{NUMBER}/sign", 404)


def test_a_program_signs_and_reports(site: Site, house: House) -> None:
    take_in(house)
    client, headers = site.app.test_client(), with_token(site)
    address = f"/api/v1/acceptances/{NUMBER}"
    assert client.get(address, headers=headers).get_json()["state"] == "unsigned"
    report = {"reported_to": "应急管理局"}
    key = lambda text: {**headers, "Idempotency-Key": text}  # noqa: E731
    early = client.post(f"{address}/report", json=report, headers=key("r0"))
    assert (early.status_code, early.get_json()["code"]) == (409, "unsigned")
    for _ in range(2):
        assert client.post(f"{address}/sign", headers=key("s1")).get_json()["state"] == "unreported"
    done = client.post(f"{address}/report", json=report, headers=key("r1"))
    assert (done.status_code, done.get_json()["state"]) == (200, "reported")
    assert client.get("/api/v1/acceptances/?state=reported", headers=headers).get_json()[0]["number"] == NUMBER
    assert client.get("/api/v1/acceptances/?state=nonsense", headers=headers).status_code == 422
    assert len(rows(house.runtime, Acceptance)) == 1
