"""Rounds, duty and the morning list on the pages, by plain forms."""

from __future__ import annotations

import html
import re
from datetime import timedelta

from supplyops.arrivals import commands as arrivals
from supplyops.arrivals.rules import ArrivalNotice, ArrivalNoticeLine
from supplyops.demo.founding import complete_parameters
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.clock import business_day
from supplyops.stock import commands as stock
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput, ReceiptKind
from supplyops.transfers import commands as transfers
from supplyops.transfers import queries as transfer_queries
from supplyops.transfers.rules import TransferGoods, TransferKind, TransferOrderInput
from tests.conftest import Clock
from tests.house import CITY, TENT, House
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


def test_every_line_of_the_morning_leads_to_its_page(site: Site, house: House, clock: Clock) -> None:
    complete_parameters(house.runtime)
    house.stock(house.lot(TENT, number="L-1"), 20)
    run, keeper = house.runtime.run, house.actor(Role.KEEPER)
    line = TransferGoods(TENT, 5)
    until = clock.now + timedelta(hours=2)
    order = TransferOrderInput(
        TransferKind.AGENCY, "city-store", "village-store", CITY, "前置代储", until, until, (line,)
    )
    made = run(transfers.draft, keeper, order)
    number = house.runtime.read(transfer_queries.transfer_by_id, SYSTEM, made).number
    run(transfers.approve, house.actor(Role.APPROVER), number)
    notice = ArrivalNotice(
        ReceiptKind.DONATION,
        "city-store",
        CITY,
        "红十字会",
        "捐赠",
        business_day(clock.now),
        (ArrivalNoticeLine(TENT, 3),),
    )
    run(arrivals.announce, keeper, notice)
    given = IssueInput(IssueKind.DRILL, "city-store", CITY, "民兵连", "演练", (IssueLineInput(TENT, 1),))
    run(stock.issue, keeper, given)
    browser = site.browser(Role.KEEPER)
    page = browser.get("/stores/city-store/morning")
    links = set(re.findall(r'<td class="name"[^>]*><a href="([^"]+)"', page))
    assert f"/transfers/{number}" in links
    assert any(link.startswith("/arrivals/DH-") for link in links)
    for link in links:
        browser.get(html.unescape(link))
