"""Rounds, duty and the morning list on the pages, by plain forms."""

from __future__ import annotations

import re

from supplyops.demo.founding import complete_parameters
from supplyops.kernel.access import Role
from tests.conftest import Clock
from tests.house import House
from tests.web.site import Site


def test_a_keepers_morning(site: Site, house: House, clock: Clock) -> None:
    complete_parameters(house.runtime)
    house.stock(house.lot(number="T-1"), 10)
    clock.advance(days=8)
    keeper, clerk = site.browser(Role.KEEPER), site.browser(Role.CLERK)
    assert "库房巡检" in keeper.get("/stores/city-store/morning")
    keeper.get("/stores")
    keeper.get("/upkeep/record?kind=inspection&site=city-store")
    keeper.post("/upkeep/record", 422, site_code="city-store", kind="inspection", result="finding")
    keeper.post(
        "/upkeep/record", site_code="city-store", kind="inspection", result="finding", finding="屋面漏雨",
        responsible="王平", finding_due_on="2026-01-20",
    )  # fmt: skip
    page = keeper.get("/stores/city-store/morning")
    assert "屋面漏雨" in page
    assert "库房巡检" not in page
    address = re.search(r"/upkeep/findings/[0-9a-f-]+/mend", keeper.get("/upkeep?site=city-store"))
    assert address
    keeper.post(address.group(), note="已补漏")
    assert "已补漏" in keeper.get("/upkeep/rounds")
    keeper.get("/duty/new")
    sent = keeper.post("/duty/new", site_code="city-store", incoming="clerk.654004", open_matters="无", keys="6把")
    number = sent.headers["Location"].rpartition("/")[2]
    clerk.get(f"/duty/{number}")
    clerk.post(f"/duty/{number}/take", note="")
    assert "已接班" in clerk.get(f"/duty/{number}")
    clerk.get("/upkeep/intervals")
    clerk.post("/upkeep/intervals", site_code="city-store", kind="fire_check", interval_days="10")
    assert "消防检查" in clerk.get("/upkeep/intervals")
    keeper.get("/stores/city-store/morning")
    assert keeper.post("/stores/city-store/morning.pdf", 200).mimetype == "application/pdf"
