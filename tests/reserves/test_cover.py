"""How long stock lasts for so many people."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from supplyops.kernel.access import Role
from supplyops.kernel.errors import InvalidInput, NotFound
from supplyops.norms.rules import Season
from supplyops.people.rules import Level
from supplyops.reserves.cover import CoverInput, cover
from supplyops.reserves.views import CoverRow
from supplyops.runtime import Runtime
from tests.house import PREFECTURE, TENT, VILLAGE, VILLAGE_SHELF, WATER, House
from tests.once import once
from tests.reserves.shelves import STREET, build_reserves


@pytest.fixture
@once
def house(runtime: Runtime) -> House:
    return build_reserves(runtime)


def asked(house: House, persons: int = 100, **more: Any) -> dict[str, CoverRow]:
    given = {"level": Level.CITY, "area_code": "654004", "season": Season.WINTER} | more
    found = house.runtime.read(cover, house.actor(Role.CLERK), CoverInput(persons=persons, **given))
    return {each.sku: each for each in found}


def test_water_by_the_hour_and_tents_at_once(house: House) -> None:
    """100 people drink 300 l a day, 600 l after the third; a box holds 13.2 l."""
    house.stock(house.lot(WATER, expires_on=date(2027, 1, 1)), 34)
    house.stock(house.lot(TENT), 25)
    rows = asked(house)
    assert rows[WATER].hours == 35, "34 × 13.2 l = 448.8 l at 12.5 l an hour"
    assert (rows[WATER].needed_first_day, rows[WATER].needed_at_once) == (23, 0)
    assert (rows[TENT].hours, rows[TENT].needed_at_once) == (None, 25), "4 people a tent"
    house.stock(house.lot(WATER, expires_on=date(2027, 1, 1)), 100)
    assert asked(house)[WATER].hours == 106, "900 l for three days, 868.8 l at 25 l an hour"
    assert asked(house, 101)[TENT].hours == 0
    assert asked(house, 100, sheltered=99)[TENT].hours is None
    assert TENT not in asked(house, season=Season.SUMMER), "nobody needs it in summer"


def test_the_levels_below_help_and_nothing_counts_twice(house: House) -> None:
    lot = house.lot(WATER, owner=PREFECTURE, expires_on=date(2027, 1, 1))
    house.stock(lot, 10)
    house.stock(house.lot(WATER, owner=VILLAGE, expires_on=date(2027, 1, 1)), 5, VILLAGE_SHELF)
    house.stock(house.lot(WATER, expires_on=date(2027, 1, 1)), 7, VILLAGE_SHELF)
    assert asked(house)[WATER].usable == 22
    assert asked(house, with_below=False)[WATER].usable == 17
    assert asked(house, level=Level.TOWNSHIP, area_code="654004200")[WATER].usable == 12


@pytest.mark.parametrize("more", [{"persons": 0}, {"season": Season.ALL}, {"sheltered": 101}, {"livestock": -1}])
def test_questions_without_sense_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        CoverInput(**{"level": Level.CITY, "area_code": "654004", "persons": 100, "season": Season.WINTER} | more)


def test_others_stock_is_not_told(house: House) -> None:
    wanted = CoverInput(Level.TOWNSHIP, STREET, 10, Season.WINTER)
    with pytest.raises(NotFound):
        house.runtime.read(cover, house.actor(Role.CLERK, VILLAGE), wanted)
