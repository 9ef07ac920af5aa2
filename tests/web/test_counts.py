"""Counting on the pages: blind on every page, place by place, then differences and their decision; plain forms throughout."""

from __future__ import annotations

import re

from sqlalchemy import select

from supplyops.demo.founding import complete_parameters
from supplyops.kernel.access import SYSTEM, Role
from supplyops.places import commands as places
from supplyops.places.rules import LocationInput
from supplyops.places.tables import Location
from tests.house import CITY_SHELF, TENT, House
from tests.web.site import Site


def number_in(text: str) -> str:
    found = re.search(r"PD-[0-9]+-[0-9]+-[0-9]+", text)
    assert found
    return found.group()


def test_a_count_from_the_first_figure_to_the_books(site: Site, house: House) -> None:
    complete_parameters(house.runtime)
    lot = house.lot(number="L-1")
    house.stock(lot, 1_237)
    keeper, clerk, approver = (site.browser(role) for role in (Role.KEEPER, Role.CLERK, Role.APPROVER))
    keeper.get("/counts/new?site=city-store")
    sent = keeper.post(
        "/counts/new", site_code="city-store", kind="special", witness_name="王平", is_blind="1", skus="", is_frozen="1"
    )
    number = number_in(sent.headers["Location"])
    for browser in (keeper, clerk, approver):
        for address in (f"/counts/{number}", f"/counts/{number}/places/{CITY_SHELF}", "/counts"):
            assert "1,237" not in browser.get(address)
    assert not re.search(
        r"\b1237\b", keeper.get(f"/counts/{number}/places/{CITY_SHELF}")
    )  # a key of the form may hold it
    keeper.post(f"/counts/{number}/places/{CITY_SHELF}", 422, **{"quantity-1": "-5"})
    keeper.post(
        f"/counts/{number}/places/{CITY_SHELF}", **{"quantity-1": "1200", "quality-1": "damp", "note-1": "外箱湿"}
    )
    keeper.get(f"/counts/{number}")
    keeper.post(f"/counts/{number}/submit")
    assert "1,237" not in keeper.get(f"/counts/{number}")
    clerk.get(f"/counts/{number}/places/{CITY_SHELF}")
    clerk.post(f"/counts/{number}/places/{CITY_SHELF}", **{"quantity-1": "1230"})
    clerk.get(f"/counts/{number}")
    clerk.post(f"/counts/{number}/submit")
    page = clerk.get(f"/counts/{number}")
    assert "1,237" in page
    assert "-7" in page
    clerk.post(f"/counts/{number}/explain", **{"reason-1": "issuing", "reason_note-1": "多发一箱"})
    approver.get(f"/counts/{number}")
    approver.post(f"/counts/{number}/approve", note="同意")
    assert "已过账" in approver.get(f"/counts/{number}")
    assert house.balance(lot) == (1_230, 0)


def test_a_frozen_place_gives_goods_out_only_for_a_reason(site: Site, house: House) -> None:
    complete_parameters(house.runtime)
    lot = house.lot(number="L-1")
    house.stock(lot, 10)
    keeper = site.browser(Role.KEEPER)
    keeper.get("/counts/new")
    keeper.post("/counts/new", site_code="city-store", kind="special", witness_name="王平", is_frozen="1")
    given = {
        "site_code": "city-store",
        "kind": "distribution",
        "owner_code": "654004",
        "recipient": "卡拉苏街道",
        "purpose": "安置",
        "lines-0-sku": TENT,
        "lines-0-quantity": "3",
    }
    keeper.get("/stock/issue")
    keeper.post("/stock/issue", 409, **given)
    assert 'name="freeze_bypass"' in keeper.page
    assert 'name="lines-0-quantity" value="3"' in keeper.page, "the form is sent again as it was"
    assert house.balance(lot) == (10, 0)
    keeper.post("/stock/issue", **given, freeze_bypass="雪中转移")
    assert house.balance(lot) == (7, 0)
    house.runtime.run(places.save_locations, SYSTEM, [LocationInput("city-b", "市库B区", "city-store")])
    with house.runtime.database.read() as session:
        house.locations["city-b"] = session.scalars(select(Location.id).where(Location.code == "city-b")).one()
    house.stock(lot, 5, "city-b")
    keeper.get("/stock/issue")
    made = keeper.post("/stock/issue", **given)
    assert (house.balance(lot), house.balance(lot, "city-b")) == ((7, 0), (2, 0))
    page = keeper.get(made.location)
    assert "盘点冻结,未取用" in page
    assert "市库A区(PD-" in page


def test_an_empty_figure_is_not_a_zero(site: Site, house: House) -> None:
    complete_parameters(house.runtime)
    house.stock(house.lot(number="L-1"), 10)
    keeper = site.browser(Role.KEEPER)
    keeper.get("/counts/new")
    number = number_in(
        keeper.post("/counts/new", site_code="city-store", kind="special", witness_name="王平").headers["Location"]
    )
    keeper.get(f"/counts/{number}/places/{CITY_SHELF}")
    keeper.post(f"/counts/{number}/places/{CITY_SHELF}", 422, **{"quantity-1": ""})
    keeper.post(f"/counts/{number}/submit", 409)
    assert "还有 1 行没有填写实盘数" in keeper.page
