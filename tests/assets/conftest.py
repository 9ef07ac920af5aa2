"""A house with generators and satellite phones that have numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supplyops.assets import commands, lending
from supplyops.assets.rules import AssetInput, AssetPlanInput, AssetWorkKind, HandOutInput
from supplyops.catalogue import commands as catalogue
from supplyops.catalogue.rules import GbMajor, ItemInput, Purpose
from supplyops.catalogue.tables import Item
from supplyops.kernel.access import SYSTEM, Role
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import LocationInput, LocationKind, SiteInput, SiteKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Runtime
from supplyops.teams import commands as teams
from supplyops.teams.rules import Employment, TeamInput, TeamType
from tests.conftest import START
from tests.house import CITY, CITY_SHELF, OFFICE, House, build_house
from tests.once import once

GENERATOR, PHONE = "C01001", "C01007"
TEAM, TEAM_PLACE = "t-1", "team-shelf"
TODAY = (START + timedelta(hours=8)).date()


def item(sku: str, name: str, **more: Any) -> ItemInput:
    given = {"unit": "台", "gb_major": GbMajor("2"), "purpose": Purpose("rescue"), "need_class": "life"}
    return ItemInput(sku, name, unit_mass_g=80_000, unit_volume_cm3=200_000, is_serial_tracked=True, **given | more)


class Depot(House):
    """The house, with what tests of assets ask for again and again."""

    def lot_of(self, quantity: int, sku: str = GENERATOR, *, number: str = "G1", location: str = CITY_SHELF) -> UUID:
        lot = self.lot(sku, number=number)
        self.stock(lot, quantity, location)
        return lot

    def register(self, *serials: str, lot: str = "G1", sku: str = GENERATOR, location: str = CITY_SHELF) -> None:
        self.runtime.run(
            commands.save_assets,
            self.actor(Role.KEEPER),
            [AssetInput(sku, serial, lot, location) for serial in serials],
        )

    def hand_out(self, *serials: str, **more: Any) -> UUID:
        return self.runtime.run(lending.hand_out, self.actor(Role.KEEPER), handing(*serials, **more))


def handing(*serials: str, **more: Any) -> HandOutInput:
    given: dict[str, Any] = {
        "organisation_code": OFFICE,
        "received_by": "马志强",
        "purpose": "抗洪值守",
        "due_on": TODAY + timedelta(days=7),
    }
    return HandOutInput(asset_numbers=serials, **given | more)


@pytest.fixture
@once
def depot(runtime: Runtime) -> Depot:
    house = build_house(runtime)
    run = runtime.run
    run(catalogue.save_items, SYSTEM, [item(GENERATOR, "汽油发电机5kW"), item(PHONE, "卫星电话", unit="部")])
    run(
        places.save_sites,
        SYSTEM,
        [SiteInput("team-base", "消防站", SiteKind.TEAM_BASE, CITY, "654004", Level.CITY)],
    )
    run(places.save_locations, SYSTEM, [LocationInput(TEAM_PLACE, "随队装备", "team-base", LocationKind.TEAM)])
    team = TeamInput(
        TEAM, "消防救援大队", TeamType.FIRE, next(iter(Employment)), CITY, "654004", "team-base",
        strength_authorised=20, strength_present=20,
    )  # fmt: skip
    run(teams.save_teams, SYSTEM, [team])
    run(
        commands.save_asset_plans,
        SYSTEM,
        [
            AssetPlanInput(GENERATOR, AssetWorkKind.MAINTENANCE, "更换机油", 6, 100),
            AssetPlanInput(GENERATOR, AssetWorkKind.CALIBRATION, "绝缘检定", 12),
        ],
    )
    depot = Depot(runtime, house.organisations, house.sites, house.locations, house.items, house.people)
    with runtime.database.read() as session:
        depot.locations.update({row.code: row.id for row in session.scalars(select(Location))})
        depot.sites.update({row.code: row.id for row in session.scalars(select(Site))})
        depot.items.update({row.sku: row.id for row in session.scalars(select(Item))})
    return depot
