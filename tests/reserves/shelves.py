"""The tests' house with every figure that reserves are reckoned by, norms for tents and water, and ways to fill its shelves."""

from __future__ import annotations

from datetime import date
from typing import Any

from supplyops.catalogue import commands as catalogue
from supplyops.catalogue.queries import items
from supplyops.catalogue.rules import ItemInput
from supplyops.contracts import commands as contracts
from supplyops.contracts.rules import ContractInput, ContractLineInput, ContractType
from supplyops.demo.founding import complete_parameters
from supplyops.kernel.access import SYSTEM
from supplyops.norms import commands as norms
from supplyops.norms.rules import DayRule, Driver, NeedNormInput, ParameterInput, ReserveNormInput, Season
from supplyops.people import commands as people
from supplyops.people.rules import Level, OrganisationInput, OrganisationKind
from supplyops.places import commands as places
from supplyops.places.rules import LocationInput, SiteInput, SiteKind
from supplyops.runtime import Runtime
from tests.house import CITY, QUILT, TENT, WATER, House, build_house

STREET, STREET_STORE, STREET_SHELF = "654004001", "street-store", "street-shelf"


def build_reserves(runtime: Runtime) -> House:
    """A city that plans for 1,000 people and each township for 100: 100 tents and 2,000 boxes, 10 tents a township."""
    house = build_house(runtime)
    complete_parameters(runtime)
    run = runtime.run
    run(
        places.save_sites,
        SYSTEM,
        [SiteInput(STREET_STORE, "卡拉苏储备点", SiteKind.RESERVE_POINT, STREET, STREET, Level.TOWNSHIP)],
    )
    run(places.save_locations, SYSTEM, [LocationInput(STREET_SHELF, "街道库", STREET_STORE)])
    with runtime.database.read() as session:
        from sqlalchemy import select

        from supplyops.places.tables import Location, Site

        house.locations = {row.code: row.id for row in session.scalars(select(Location))}
        house.sites = {row.code: row.id for row in session.scalars(select(Site))}
    set_parameters(house, **{"reserve.persons.city": "1000", "reserve.persons.township": "100", "reserve.persons.prefecture": "0"})  # fmt: skip
    save_norms(house)
    change_item(house, TENT, hazard_tags=("生活保障",), reference_price_fen=3_200_00)
    change_item(house, WATER, hazard_tags=("应急供水", "生活保障"), reference_price_fen=28_00)
    return house


def save_norms(house: House) -> None:
    """100 tents per thousand people in the city and the townships, 2,000 boxes of water in the city, 3 l of it a day."""
    run = house.runtime.run
    run(
        norms.save_reserve_norms,
        SYSTEM,
        [
            ReserveNormInput("tent-city", TENT, Level.CITY, 100, 200, source_mark="[A]"),
            ReserveNormInput("tent-township", TENT, Level.TOWNSHIP, 100, 200, source_mark="[A]"),
            ReserveNormInput("water-city", WATER, Level.CITY, 2000, 200, source_mark="[A]"),
        ],
    )
    run(
        norms.save_need_norms,
        SYSTEM,
        [
            NeedNormInput("tent", TENT, Season.WINTER, Driver.TENTS, 1, 1, DayRule.ONCE, source_mark="P24"),
            NeedNormInput(
                "water", WATER, Season.ALL, Driver.PERSONS, 3_000, 1, DayRule.FIRST_THREE, source_mark="P26a"
            ),
            NeedNormInput(
                "water-later", WATER, Season.ALL, Driver.PERSONS, 6_000, 1, DayRule.AFTER_THREE, source_mark="P26a"
            ),
        ],
    )


def set_parameters(house: House, **values: str) -> None:
    """Figures by key, from long ago on."""
    house.runtime.run(
        norms.save_parameters,
        SYSTEM,
        [ParameterInput(key, value, "", "[A]", date(2020, 1, 1)) for key, value in values.items()],
    )


def change_item(house: House, sku: str, **changes: object) -> None:
    """The item with some fields changed."""
    row = next(each for each in house.runtime.read(items, SYSTEM) if each.sku == sku)
    values = {name: getattr(row, name) for name in ItemInput.__dataclass_fields__}
    house.runtime.run(catalogue.save_items, SYSTEM, [ItemInput(**values | changes)])


__all__ = [
    "CITY",
    "QUILT",
    "STREET",
    "STREET_SHELF",
    "TENT",
    "WATER",
    "build_reserves",
    "change_item",
    "set_parameters",
]


def contract(house: House, lines: list[ContractLineInput], **more: Any) -> None:
    """What the city has signed for with a supplier."""
    run = house.runtime.run
    run(people.save_organisations, SYSTEM, [OrganisationInput("sup", "供应商", OrganisationKind.ENTERPRISE, Level.OUTSIDE, "654004", CITY, in_chain=False)])  # fmt: skip
    head = {"type": ContractType.CAPACITY, "valid_from": date(2026, 1, 1), "valid_to": date(2026, 12, 31)} | more
    run(contracts.save_contracts, SYSTEM, [ContractInput("HT-1", "供货", supplier_code="sup", buyer_code=CITY, **head)])
    run(contracts.save_contract_lines, SYSTEM, lines)
