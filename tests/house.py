"""A small house for tests: three levels of government, two warehouses, a village, a few goods and people.

Everything goes through commands; a test shows its own data by keyword.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue import commands as catalogue
from supplyops.catalogue.rules import GbMajor, ItemInput, NeedClassInput, Purpose
from supplyops.catalogue.tables import Item
from supplyops.kernel.access import SYSTEM, Actor, Permission, Role
from supplyops.kernel.reference import DocumentRef
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput
from supplyops.people import commands as people
from supplyops.people.rules import Level, OrganisationInput, OrganisationKind, RoleInput, UserInput
from supplyops.people.tables import Organisation, User
from supplyops.places import commands as places
from supplyops.places.rules import AreaInput, LocationInput, LocationKind, SiteInput, SiteKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, Runtime, command
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason, Posting
from supplyops.stock.tables import Lot, StockBalance
from tests.once import once

PREFECTURE, CITY, OFFICE, VILLAGE, FARM = "6540", "654004", "654004-yj", "654004200", "x61"
CITY_STORE, CITY_SHELF, CITY_QUARANTINE = "city-store", "city-shelf", "city-quarantine"
PREFECTURE_STORE, PREFECTURE_SHELF = "pref-store", "pref-shelf"
VILLAGE_STORE, VILLAGE_SHELF = "village-store", "village-shelf"
TENT, QUILT, WATER = "A01002", "A02003", "B01001"


@dataclass
class House:
    """The ids of what was made, by code."""

    runtime: Runtime
    organisations: dict[str, UUID] = field(default_factory=dict)
    sites: dict[str, UUID] = field(default_factory=dict)
    locations: dict[str, UUID] = field(default_factory=dict)
    items: dict[str, UUID] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)

    def actor(self, role: Role, organisation: str = CITY) -> Actor:
        """A person who holds the role at the organisation; made when first asked for."""
        name = f"{role.value}.{organisation}".replace("_", "-").lower()
        if name not in self.people:
            self.people[name] = Actor(self.runtime.run(_let_in, SYSTEM, name, role, organisation), via="test")
        return self.people[name]

    def lot(
        self,
        sku: str = TENT,
        *,
        owner: str = CITY,
        expires_on: date | None = None,
        number: str = "",
        is_exercise: bool = False,
    ) -> UUID:
        """A lot without any stock yet."""
        return self.runtime.run(_make_lot, SYSTEM, sku, owner, expires_on, number, is_exercise)

    def stock(self, lot_id: UUID, quantity: int, location: str = CITY_SHELF) -> UUID:
        """Put so much of a lot on a shelf as an opening balance; returns the posting's id."""
        return self.runtime.run(_open_stock, SYSTEM, lot_id, self.locations[location], quantity)

    def balance(self, lot_id: UUID, location: str = CITY_SHELF) -> tuple[int, int]:
        """(on hand, reserved)."""
        with self.runtime.database.read() as session:
            row = session.get(StockBalance, (self.locations[location], lot_id))
            return (row.on_hand, row.reserved) if row else (0, 0)


@once
def build_house(runtime: Runtime) -> House:
    """Make the house on an empty database."""
    house = House(runtime)
    run = runtime.run
    run(people.found_house, SYSTEM, dict.fromkeys(people.ADMINISTRATORS, "unused"))
    run(people.save_organisations, SYSTEM, ORGANISATIONS)
    run(places.make_virtual_locations, SYSTEM)
    run(places.save_areas, SYSTEM, AREAS)
    run(places.save_sites, SYSTEM, SITES)
    run(places.save_locations, SYSTEM, LOCATIONS)
    run(
        catalogue.save_need_classes,
        SYSTEM,
        [
            NeedClassInput("life", "生命保障", 1),
            NeedClassInput("food", "应急食品", 2),
            NeedClassInput("bedding", "被服寝具", 3),
        ],
    )
    run(catalogue.save_items, SYSTEM, ITEMS)
    run(norms.save_parameters, SYSTEM, PARAMETERS)
    with runtime.database.read() as session:
        house.organisations = {row.code: row.id for row in session.scalars(select(Organisation))}
        house.sites = {row.code: row.id for row in session.scalars(select(Site))}
        house.locations = {row.code: row.id for row in session.scalars(select(Location))}
        house.items = {row.sku: row.id for row in session.scalars(select(Item))}
    return house


_K = OrganisationKind
ORGANISATIONS = [
    OrganisationInput(PREFECTURE, "伊犁哈萨克自治州人民政府", _K.GOVERNMENT, Level.PREFECTURE, "6540"),
    OrganisationInput("6540-lc", "州粮食和物资储备局", _K.DEPARTMENT, Level.PREFECTURE, "6540", PREFECTURE),
    OrganisationInput(
        CITY, "霍尔果斯市人民政府", _K.GOVERNMENT, Level.CITY, "654004", PREFECTURE, document_prefix="霍政"
    ),
    OrganisationInput(
        OFFICE, "霍尔果斯市应急管理局", _K.DEPARTMENT, Level.CITY, "654004", CITY, document_prefix="霍应急"
    ),
    OrganisationInput(VILLAGE, "伊车嘎善乡", _K.TOWNSHIP, Level.TOWNSHIP, "654004200", CITY),
    OrganisationInput("654004001", "卡拉苏街道", _K.TOWNSHIP, Level.TOWNSHIP, "654004001", CITY),
    OrganisationInput(FARM, "兵团六十一团", _K.XPCC, Level.OUTSIDE, "654004505", in_chain=False),
]
AREAS = [
    AreaInput("6540", "伊犁哈萨克自治州", Level.PREFECTURE),
    AreaInput("654004", "霍尔果斯市", Level.CITY, "6540", 64_800),
    AreaInput("654004200", "伊车嘎善乡", Level.TOWNSHIP, "654004", 9_000),
    AreaInput("654004001", "卡拉苏街道", Level.TOWNSHIP, "654004", 12_000),
    AreaInput("654004505", "兵团六十一团", Level.OUTSIDE, "654004", 4_300),
]
SITES = [
    SiteInput(PREFECTURE_STORE, "州储备库", SiteKind.WAREHOUSE, "6540-lc", "6540", Level.PREFECTURE),
    SiteInput(CITY_STORE, "霍尔果斯市库", SiteKind.WAREHOUSE, CITY, "654004", Level.CITY),
    SiteInput(VILLAGE_STORE, "伊车嘎善乡储备点", SiteKind.RESERVE_POINT, VILLAGE, "654004200", Level.TOWNSHIP),
]
LOCATIONS = [
    LocationInput(PREFECTURE_SHELF, "州库A区", PREFECTURE_STORE),
    LocationInput(CITY_SHELF, "市库A区", CITY_STORE),
    LocationInput(CITY_QUARANTINE, "市库待检区", CITY_STORE, LocationKind.QUARANTINE),
    LocationInput(VILLAGE_SHELF, "乡库", VILLAGE_STORE),
]
UPKEEP = {
    "inspection": "7", "ventilation": "7", "damp": "30", "rodents": "30", "fire_check": "30", "fire_training": "182",
    "fire_drill": "365", "restack": "365", "sampling": "365",
}  # fmt: skip
PARAMETERS = [
    ParameterInput("acceptance.report_working_days", "5", "个工作日", "P44", date(2000, 1, 1)),
    ParameterInput("warehouse.turnover_days", "90", "天", "A", date(2000, 1, 1)),
    ParameterInput("calendar.holidays", "none", "日期", "A", date(2000, 1, 1)),
    ParameterInput("calendar.made_up_days", "none", "日期", "A", date(2000, 1, 1)),
    *(
        ParameterInput(key, value, "", "A", date(2000, 1, 1))
        for key, value in {
            "count.tolerance": "default=0",
            "count.approval_permille": "10",
            "count.approval_basis": "item",
            "count.value_classes": "700,900",
            "count.cycle_months": "1",
            "count.cycle_goods": "load_group:food",
            "count.full_months": "3",
            "count.annual_month": "12",
            **{f"upkeep.{name}_days": days for name, days in UPKEEP.items()},
            "upkeep.sampling_age_days": "1095",
            "morning.expiry_days": "30",
        }.items()
    ),
]
"""What receiving goods cannot do without."""
_ITEM = {"gb_major": GbMajor.BASIC_LIVING, "purpose": Purpose.PEOPLE}
ITEMS = [
    ItemInput(TENT, "12m²棉帐篷", "顶", need_class="life", unit_mass_g=125_000, unit_volume_cm3=480_000, **_ITEM),
    ItemInput(QUILT, "棉被", "床", need_class="bedding", unit_mass_g=3_200, unit_volume_cm3=22_000, pack_quantity=5, **_ITEM),
    ItemInput(
        WATER, "瓶装饮用水 550ml×24", "箱", need_class="life", unit_mass_g=13_800, unit_volume_cm3=21_000, shelf_life_days=365,
        content_quantity=13_200, content_unit="ml", is_splittable=False, **_ITEM,
    ),
]  # fmt: skip


@command(Permission.INTERNAL)
def _let_in(ctx: Context, name: str, role: Role, organisation: str) -> UUID:
    """An account, its role, and no password to change: in one transaction, for a thousand tests begin with it."""
    user_id = people.add_user(ctx, UserInput(name, name, organisation), "unused")
    user = ctx.session.get(User, user_id)
    assert user is not None
    user.must_change_password = False
    people.grant_role(ctx, RoleInput(name, role, organisation))
    return user_id


@command(Permission.INTERNAL)
def _make_lot(ctx: Context, sku: str, owner: str, expires_on: date | None, number: str, is_exercise: bool) -> UUID:
    item = ctx.session.scalars(select(Item).where(Item.sku == sku)).one()
    owner_id = ctx.session.scalars(select(Organisation.id).where(Organisation.code == owner)).one()
    lot_id = ctx.new_id()
    ctx.session.add(
        Lot(
            id=lot_id, number=number or f"{sku}-{lot_id.int & 0xFFFFFF:06d}", item_id=item.id, owner_id=owner_id, fund_source="市级财政", produced_on=None,
            expires_on=expires_on, unit_price_fen=100_00, manufacturer="", maker_batch="", restriction="", restricted_area="", parent_lot_id=None,
            is_exercise=is_exercise, document_kind="test", document_id=lot_id, document_number="", source_mark="", created_at=ctx.now,
        )
    )  # fmt: skip
    return lot_id


@command(Permission.INTERNAL)
def _open_stock(ctx: Context, lot_id: UUID, location_id: UUID, quantity: int) -> UUID:
    posting_id = ctx.new_id()
    leg = Leg(lot_id, places.virtual_location_id(LocationKind.OPENING), location_id, quantity)
    ledger.post(ctx, Posting(posting_id, MoveReason.OPENING, (leg,), DocumentRef("test", posting_id), ctx.now))
    return posting_id
