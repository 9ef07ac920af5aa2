"""Numbers that offices give themselves may hold a slash, a question mark or a percent sign: every link to them leads to their page."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import quote

import pytest

from supplyops.contracts import commands as contracts
from supplyops.contracts.rules import ContractInput, ContractType
from supplyops.kernel.access import SYSTEM, Role
from tests.api.test_basics import with_token
from tests.house import CITY, House
from tests.web.site import Site

NUMBERS = ["霍采/2026-12号", "2026/05#1?%2F", "/开头和末尾/", "a//b"]


@pytest.mark.every_engine
@pytest.mark.parametrize("number", NUMBERS)
def test_a_lot_with_a_slash_in_its_number_has_a_page(site: Site, house: House, number: str) -> None:
    house.stock(house.lot(number=number), 3)
    keeper = site.browser(Role.KEEPER)
    link = next(each for each in re.findall(r'href="(/stock/lots/[^"]+)"', keeper.get("/stock/lots")))
    assert number in keeper.get(link)
    label = f"/scan/lot/{quote(number, safe='')}"  # as labels are printed
    assert keeper.client.get(label).headers["Location"] == link
    answer = site.app.test_client().get(
        f"/api/v1/stock/lots/{quote(number, safe='')}", headers=with_token(site, Role.KEEPER)
    )
    assert answer.json["number"] == number


def test_a_contract_with_a_slash_in_its_number_has_a_page(site: Site, house: House) -> None:
    head = {"type": ContractType.PRESIGNED, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)}
    inputs = [ContractInput(number, "供货", supplier_code=CITY, buyer_code=CITY, **head) for number in NUMBERS]
    house.runtime.run(contracts.save_contracts, SYSTEM, inputs)
    clerk = site.browser(Role.CLERK)
    links = re.findall(r'href="(/contracts/[^"]+)"', clerk.get("/contracts"))
    shown = [(clerk.get(link), clerk.get(f"{link}/call")) for link in links]
    assert all(number in page for number, pages in zip(sorted(NUMBERS), shown, strict=True) for page in pages)
