"""What a keeper can choose from: stores before the places where goods are handed out, owners of what lies there first, people by name."""

from __future__ import annotations

import re

from supplyops.demo.founding import complete_parameters
from supplyops.kernel.access import SYSTEM, Role
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import SiteInput, SiteKind
from supplyops.scraps import commands as scraps
from supplyops.scraps import queries as scrap_queries
from supplyops.scraps.rules import ScrapInput, ScrapLineInput, ScrapReason
from tests.house import CITY, CITY_SHELF, TENT, VILLAGE, House
from tests.web.site import Site


def options(page: str, name: str) -> list[str]:
    """The values that a list offers, as they stand in it."""
    (inside,) = re.findall(rf'<select[^>]* name="{name}"[^>]*>(.*?)</select>', page, re.DOTALL)
    return re.findall(r'<option value="([^"]*)"', inside)


def test_a_store_and_the_owner_of_what_lies_in_it_stand_first(site: Site, house: House) -> None:
    complete_parameters(house.runtime)
    square = SiteInput("a-square", "中心广场", SiteKind.DELIVERY_POINT, CITY, "654004", Level.CITY)
    house.runtime.run(places.save_sites, SYSTEM, [square])
    house.stock(house.lot(TENT, owner=VILLAGE, number="L-1"), 5)
    keeper = site.browser(Role.KEEPER)
    page = keeper.get("/stock/issue")
    assert options(page, "site")[0] == "city-store"
    assert options(page, "site").index("a-square") > 0
    assert options(page, "owner_code")[0] == VILLAGE


def test_a_hold_shows_the_way_to_its_document_and_colleagues_are_offered_by_name(site: Site, house: House) -> None:
    complete_parameters(house.runtime)
    house.stock(house.lot(TENT, number="L-1"), 5)
    keeper, auditor = site.browser(Role.KEEPER), house.actor(Role.AUDITOR)
    line = ScrapLineInput("L-1", CITY_SHELF, 2, ScrapReason.DAMAGED)
    made = house.runtime.run(scraps.apply, house.actor(Role.KEEPER), ScrapInput("city-store", (line,)))
    number = house.runtime.read(scrap_queries.scrap_by_id, SYSTEM, made).number
    for address in ("/stock/reservations", "/stock/lots/L-1"):
        assert f'<a href="/scraps/{number}">{number}</a>' in keeper.get(address)
    (name,) = (name for name, known in house.people.items() if known == auditor)
    assert name in options(keeper.get("/counts/new"), "witness")
    assert name in options(keeper.get("/duty/new"), "incoming")
