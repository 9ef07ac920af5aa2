"""The tests' house with a kit of one tent and two quilts, and a keeper who builds and breaks it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue import commands as catalogue
from supplyops.catalogue.kits import KitPartInput
from supplyops.catalogue.rules import GbMajor, ItemInput, Purpose
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kits import commands
from supplyops.kits.rules import KitBreakInput, KitBuildInput
from supplyops.runtime import Runtime
from supplyops.stock.tables import Lot
from tests.house import CITY, CITY_SHELF, CITY_STORE, QUILT, TENT, build_house

KIT = "A03004"


class Store:
    """A city store and its keeper."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.house = runtime, build_house(runtime)
        item = ItemInput(
            KIT,
            "家庭应急包",
            "套",
            GbMajor.BASIC_LIVING,
            Purpose.PEOPLE,
            "life",
            3_500,
            18_000,
            pack_quantity=4,
            pack_unit="箱",
        )
        runtime.run(catalogue.save_items, SYSTEM, [item])
        runtime.run(catalogue.save_kits, SYSTEM, [KitPartInput(KIT, TENT, 1), KitPartInput(KIT, QUILT, 2)])

    @property
    def keeper(self) -> Actor:
        return self.house.actor(Role.KEEPER)

    def part(
        self, sku: str, quantity: int, expires_on: date | None = None, location: str = CITY_SHELF, **more: Any
    ) -> UUID:
        lot = self.house.lot(sku, expires_on=expires_on, **more)
        self.house.stock(lot, quantity, location)
        return lot

    def build(self, quantity: int, **more: Any) -> UUID:
        given = {"site_code": CITY_STORE, "owner_code": CITY, "fund_source": "市级财政", "sku": KIT} | more
        return self.runtime.run(commands.build_kits, self.keeper, KitBuildInput(quantity=quantity, **given))

    def take_apart(self, lot_number: str, quantity: int, **more: Any) -> UUID:
        given = {"location_code": CITY_SHELF, "because": "急需单件"} | more
        return self.runtime.run(commands.break_kits, self.keeper, KitBreakInput(lot_number, quantity=quantity, **given))

    def kit_lots(self) -> list[Lot]:
        with self.runtime.database.read() as session:
            found = session.scalars(select(Lot).where(Lot.number.startswith(KIT)).order_by(Lot.number)).all()
            session.expunge_all()
            return list(found)

    def on_hand(self, lot_id: UUID, location: str = CITY_SHELF) -> int:
        return self.house.balance(lot_id, location)[0]


__all__ = ["CITY", "CITY_SHELF", "CITY_STORE", "KIT", "QUILT", "TENT", "Store"]
