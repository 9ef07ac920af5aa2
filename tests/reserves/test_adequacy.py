"""How full reserves are: what counts, what does not, for whom, in which colour, and what is missing."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from supplyops.contracts.rules import ContractLineInput, Ramp
from supplyops.kernel.access import SYSTEM, Permission, Role
from supplyops.kernel.errors import Forbidden, InvalidInput, NotFound
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.norms import commands as norms
from supplyops.norms.rules import ReserveMethod, ReserveNormInput, Season, ThresholdInput
from supplyops.people import commands as people
from supplyops.people.rules import Level, OrganisationInput, OrganisationKind
from supplyops.places import commands as places
from supplyops.places.rules import LocationInput, SiteInput, SiteKind
from supplyops.planning.floors import Floor, floors_of
from supplyops.reserves import queries
from supplyops.reserves.rules import Adequacy, Grouping, Use, gap_of, pallets_of, permille_of
from supplyops.reserves.views import AdequacyFilter, AdequacyRow
from supplyops.runtime import Context, Runtime, query
from supplyops.stock import ledger
from supplyops.stock.rules import Hold
from tests.conftest import START
from tests.house import (
    CITY,
    CITY_QUARANTINE,
    CITY_SHELF,
    CITY_STORE,
    PREFECTURE,
    PREFECTURE_SHELF,
    QUILT,
    TENT,
    VILLAGE,
    VILLAGE_SHELF,
    WATER,
    House,
)
from tests.once import once
from tests.planning.town import Town, build_town
from tests.reserves.shelves import STREET, STREET_SHELF, build_reserves, contract, set_parameters

TODAY = date(2026, 1, 12)


@pytest.fixture
@once
def house(runtime: Runtime) -> House:
    return build_reserves(runtime)


def row(house: House, sku: str = TENT, level: Level = Level.CITY, area: str = "654004", **more: Any) -> AdequacyRow:
    """One figure as the city's clerk sees it."""
    where = AdequacyFilter(level=level, area_code=area, sku=sku, **more)
    (found,) = house.runtime.read(queries.adequacy, house.actor(Role.CLERK), where)
    return found


def test_the_target_is_norm_times_people_and_full_is_full(house: House) -> None:
    assert (row(house).target, row(house).floor, row(house).persons) == (100, 20, 1000)
    house.stock(house.lot(), 99)
    short = row(house)
    assert (short.usable, short.coverage_permille, short.colour, short.gap) == (99, 990, Adequacy.AMBER, 1)
    house.stock(house.lot(), 1)
    full = row(house)
    assert (full.coverage_permille, full.colour, full.gap, full.gap_cost_fen, full.gap_pallets) == (
        1000, Adequacy.GREEN, 0, 0, 0,
    )  # fmt: skip


def test_the_gap_has_cost_volume_and_pallet_places(house: House) -> None:
    house.stock(house.lot(), 60)
    short = row(house)
    assert (short.colour, short.gap) == (Adequacy.RED, 40)
    assert short.gap_cost_fen == 40 * 3_200_00
    assert short.gap_volume_cm3 == 40 * 480_000
    assert short.gap_pallets == 13, "19.2 m³ on pallet places of 1.5 m³"


def test_what_does_not_count_is_said(house: House) -> None:
    good, soon, last = (
        house.lot(),
        house.lot(expires_on=TODAY + timedelta(30)),
        house.lot(expires_on=TODAY + timedelta(31)),
    )
    house.stock(good, 50)
    house.stock(soon, 7)
    house.stock(last, 5)
    house.stock(house.lot(expires_on=TODAY - timedelta(1)), 3)
    house.stock(house.lot(), 4, CITY_QUARANTINE)
    house.stock(house.lot(is_exercise=True), 90)
    hold = Hold(
        derived_id("t", good), DocumentRef("test", good), house.locations[CITY_SHELF], good, 10, START + timedelta(9)
    )
    house.runtime.run(ledger.reserve, SYSTEM, hold)
    found = row(house)
    assert (found.usable, found.reserved, found.expiring, found.expired, found.quarantined) == (45, 10, 7, 3, 4)
    behind = house.runtime.read(queries.detail, house.actor(Role.CLERK), Level.CITY, "654004", TENT)
    assert sum(each.counted for each in behind.stock) == found.usable, "the list behind a number comes to the number"
    assert sorted((each.why_not, each.on_hand) for each in behind.stock) == [
        ("", 5), ("", 50), ("expired", 3), ("expiring", 7), ("quarantined", 4),
    ]  # fmt: skip
    set_parameters(house, **{"reserve.horizon_days": "29"})
    assert row(house).usable == 52, "the horizon is a parameter"


def test_owned_or_kept_for_a_higher_level(house: House) -> None:
    """代储: the prefecture's goods in the city's store count for the city; a township's goods there do not."""
    house.stock(house.lot(), 10)
    house.stock(house.lot(owner=PREFECTURE), 30)
    house.stock(house.lot(owner=VILLAGE), 5)
    house.stock(house.lot(owner=PREFECTURE), 1000, PREFECTURE_SHELF)
    house.stock(house.lot(owner=CITY), 2, VILLAGE_SHELF)
    city, village = row(house), row(house, level=Level.TOWNSHIP, area="654004200")
    assert (city.own, city.delegated, city.usable) == (12, 30, 42)
    assert (village.own, village.delegated) == (5, 2)
    above = house.runtime.read(
        queries.adequacy, house.actor(Role.CLERK, PREFECTURE), AdequacyFilter(level=Level.PREFECTURE)
    )
    assert [(each.sku, each.own, each.colour) for each in above] == [(TENT, 1030, Adequacy.GREY)]


def test_a_contract_counts_half_of_what_can_come_in_time(house: House) -> None:
    house.stock(house.lot(), 50)
    ramp = (Ramp(12, 300), Ramp(24, 600), Ramp(25, 1000))
    contract(house, [ContractLineInput("HT-1", 1, 100, 980_00, sku=TENT, ramp=ramp)], lead_time_hours=6)
    found = row(house)
    assert (found.contract, found.coverage_permille, found.colour, found.gap) == (60, 800, Adequacy.AMBER, 20)
    set_parameters(house, **{"reserve.contract_hours": "25", "reserve.contract_permille": "1000"})
    found = row(house)
    assert (found.contract, found.coverage_permille, found.gap) == (100, 1500, 0)


@pytest.mark.parametrize(
    "more",
    [
        {"valid_to": date(2026, 1, 11), "valid_from": date(2025, 1, 1)},
        {"valid_from": date(2026, 1, 13)},
        {"lead_time_hours": 25},
        {"is_exercise": True},
    ],
)
def test_a_contract_that_cannot_help_counts_nothing(house: House, more: dict[str, Any]) -> None:
    contract(house, [ContractLineInput("HT-1", 1, 100, 980_00, sku=TENT)], **more)
    assert row(house).contract == 0


def test_society_counts_a_fifth(house: House) -> None:
    run = house.runtime.run
    run(people.save_organisations, SYSTEM, [OrganisationInput("red", "红十字会", OrganisationKind.SOCIAL, Level.OUTSIDE, "654004", CITY, in_chain=False)])  # fmt: skip
    run(
        places.save_sites,
        SYSTEM,
        [SiteInput("red-store", "红十字会库", SiteKind.WAREHOUSE, "red", "654004", Level.OUTSIDE)],
    )
    run(places.save_locations, SYSTEM, [LocationInput("red-shelf", "库", "red-store")])
    from sqlalchemy import select

    from supplyops.places.tables import Location

    with house.runtime.database.read() as session:
        house.locations["red-shelf"] = session.scalars(select(Location.id).where(Location.code == "red-shelf")).one()
    house.stock(house.lot(owner="red"), 50, "red-shelf")
    found = row(house)
    assert (found.usable, found.social, found.coverage_permille, found.gap) == (0, 50, 100, 90)
    behind = house.runtime.read(queries.detail, house.actor(Role.CLERK), Level.CITY, "654004", TENT)
    assert behind.stock == ()
    assert [(each.site_code, each.counted, each.why_not) for each in behind.society] == [("red-store", 50, "")]


def test_the_methods_differ_and_the_one_in_force_is_shown(house: House) -> None:
    thresholds = [ThresholdInput(3, "moved_or_aid", 500, "P"), ThresholdInput(2, "moved_or_aid", 1500, "P")]
    house.runtime.run(norms.save_thresholds, SYSTEM, thresholds)
    clerk = house.actor(Role.CLERK)

    def persons() -> dict[ReserveMethod, int | None]:
        return {
            each.method: each.persons for each in house.runtime.read(queries.methods, clerk) if each.level is Level.CITY
        }

    assert persons() == {
        ReserveMethod.SET: 1000, ReserveMethod.MOVED: 6000, ReserveMethod.SHARE: 648, ReserveMethod.RESPONSE: 1499,
    }  # fmt: skip
    for method, target in (("moved", 600), ("share", 65), ("response", 150), ("set", 100)):
        set_parameters(house, **{"reserve.method.city": method})
        found = row(house)
        assert (found.target, found.method) == (target, ReserveMethod(method))
    assert row(house).source_marks == ("[A]",)


def test_a_norm_may_count_its_own_way(house: House) -> None:
    house.runtime.run(
        norms.save_reserve_norms,
        SYSTEM,
        [
            ReserveNormInput("tent-city", TENT, Level.CITY, 0, 200, "[U]", "", ReserveMethod.FIXED, 33),
            ReserveNormInput("water-city", WATER, Level.CITY, 2000, 200, "[A]", "", ReserveMethod.MOVED),
        ],
    )
    fixed, moved = row(house), row(house, WATER)
    assert (fixed.target, fixed.floor, fixed.persons, fixed.method) == (33, 7, 0, ReserveMethod.FIXED)
    assert (moved.target, moved.persons, moved.source_marks) == (12_000, 6000, ("P12", "[A]"))


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"fixed_quantity": 5}, "fixed_quantity"),
        ({"method": ReserveMethod.FIXED}, "fixed_quantity"),
        ({"winter_permille": 10_001}, "winter_permille"),
        ({"summer_permille": -1}, "summer_permille"),
    ],
)
def test_norms_that_make_no_sense_are_refused(more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ReserveNormInput("x", TENT, Level.CITY, 100, source_mark="A", **more)
    assert [each.field for each in refused.value.fields] == [field]


def test_winter_asks_for_more(house: House, runtime: Runtime) -> None:
    norm = ReserveNormInput(
        "tent-city", TENT, Level.CITY, 100, 200, summer_permille=500, winter_permille=1250, source_mark="A"
    )
    runtime.run(norms.save_reserve_norms, SYSTEM, [norm])
    assert (row(house).target, row(house).floor) == (125, 25), "January"
    assert row(house, season=Season.SUMMER).target == 50
    assert row(house, season=Season.ALL).target == 125
    clerk = house.actor(Role.CLERK)
    taken_apart = runtime.read(queries.detail, clerk, Level.CITY, "654004", TENT, Season.SUMMER)
    assert (taken_apart.season, taken_apart.row.target) == (Season.SUMMER, 50)
    set_parameters(house, **{"reserve.winter_months": "12"})
    assert row(house).target == 50


def test_colours_follow_their_parameters(house: House) -> None:
    house.stock(house.lot(), 70)
    assert row(house).colour is Adequacy.AMBER
    set_parameters(house, **{"reserve.amber_permille": "701"})
    assert row(house).colour is Adequacy.RED
    set_parameters(house, **{"reserve.green_permille": "700"})
    assert row(house).colour is Adequacy.GREEN
    house.stock(house.lot(QUILT), 5)
    grey = row(house, QUILT)
    assert (grey.colour, grey.coverage_permille, grey.target, grey.gap, grey.usable) == (Adequacy.GREY, None, 0, 0, 5)


def test_groups_by_tier_tag_class_and_place(house: House) -> None:
    house.stock(house.lot(), 60)
    house.stock(house.lot(WATER, expires_on=date(2027, 1, 1)), 2000)
    clerk = house.actor(Role.CLERK)

    def grouped(by: Grouping) -> dict[str, tuple[int | None, Adequacy, int, int]]:
        found = house.runtime.read(queries.groups, clerk, by, AdequacyFilter())
        return {each.key: (each.coverage_permille, each.colour, each.green, each.red) for each in found}

    assert grouped(Grouping.TIER) == {
        "city": (800, Adequacy.AMBER, 1, 1),
        "township": (0, Adequacy.RED, 0, 2),
    }
    assert grouped(Grouping.TAG) == {
        "内涝": (None, Adequacy.GREY, 0, 0),
        "生命线抢修": (None, Adequacy.GREY, 0, 0),
        "应急供水": (1000, Adequacy.GREEN, 1, 0),
        "生活保障": (400, Adequacy.RED, 1, 3),
    }
    assert grouped(Grouping.PLACE)["township:654004001"] == (0, Adequacy.RED, 0, 1)
    assert grouped(Grouping.NEED_CLASS)["life"] == (400, Adequacy.RED, 1, 3)
    assert grouped(Grouping.GB_MAJOR) == {"1": (400, Adequacy.RED, 1, 3)}
    board = house.runtime.read(queries.board, clerk, AdequacyFilter())
    by_tag = next(each for each in board.crossings if each.by is Grouping.TAG)
    assert by_tag.keys == ("内涝", "生命线抢修", "应急供水", "生活保障")
    assert [[cell.coverage_permille if cell else None for cell in cells] for cells in by_tag.rows] == [
        [None, None, 1000, 800],
        [None, None, None, 0],
    ]


def test_one_items_plenty_fills_no_other_items_gap(house: House) -> None:
    house.stock(house.lot(), 5000)
    city = house.runtime.read(queries.groups, house.actor(Role.CLERK), Grouping.TIER, AdequacyFilter(level=Level.CITY))
    assert [each.coverage_permille for each in city] == [500]


def test_others_reserves_are_invisible(house: House) -> None:
    house.stock(house.lot(owner=VILLAGE), 5, VILLAGE_SHELF)
    house.stock(house.lot(owner=STREET), 5, STREET_SHELF)
    read = house.runtime.read
    seen = read(queries.adequacy, house.actor(Role.KEEPER, VILLAGE), AdequacyFilter())
    assert [(each.area_code, each.usable) for each in seen] == [("654004200", 5)]
    with pytest.raises(NotFound):
        read(queries.detail, house.actor(Role.KEEPER, VILLAGE), Level.TOWNSHIP, STREET, TENT)
    with pytest.raises(Forbidden):
        read(queries.adequacy, house.actor(Role.SUPPLIER, VILLAGE), AdequacyFilter())


def test_what_is_below_comes_the_emptiest_first(house: House) -> None:
    house.stock(house.lot(), 60)
    found = house.runtime.read(queries.below, house.actor(Role.CLERK))
    assert [(each.area_code, each.sku, each.is_below_floor) for each in found] == [
        ("654004", WATER, True), ("654004001", TENT, True), ("654004200", TENT, True), ("654004", TENT, False),
    ]  # fmt: skip


@query(Permission.STOCK_SEE)
def _floors(ctx: Context, incident: Any, owner: Any, key: Any) -> list[Floor]:
    return floors_of(ctx, incident, owner, [key])


def test_plans_keep_the_floor_that_the_board_shows(runtime: Runtime, tmp_path: Any) -> None:
    town: Town = build_town(runtime)
    house = town.house
    from supplyops.demo.founding import complete_parameters

    complete_parameters(runtime)
    house.runtime.run(
        norms.save_reserve_norms,
        SYSTEM,
        [ReserveNormInput("tent-city", TENT, Level.CITY, 101, 333, winter_permille=1301, source_mark="A")],
    )
    shown = row(house)
    (floor,) = runtime.read(
        _floors, SYSTEM, town.incident, house.organisations[CITY], (house.sites[CITY_STORE], house.items[TENT])
    )
    assert shown.floor == floor.norm_quantity == 44, "101 × 1.301 = 131.401, × 0.333 = 43.76"
    set_parameters(house, **{"reserve.method.city": "share"})
    (floor,) = runtime.read(
        _floors, SYSTEM, town.incident, house.organisations[CITY], (house.sites[CITY_STORE], house.items[TENT])
    )
    assert row(house).floor == floor.norm_quantity == 29


def test_use_by_the_hour() -> None:
    none = Fraction(0)
    assert Use(none, Fraction(24), none, none).hours(Fraction(10)) == 10
    assert Use(Fraction(5), Fraction(24), none, none).hours(Fraction(10)) == 5
    assert Use(Fraction(11), Fraction(24), none, none).hours(Fraction(10)) == 0
    assert Use(Fraction(10), none, none, none).hours(Fraction(10)) is None
    later = Use(none, none, Fraction(24), Fraction(48))
    assert (later.hours(Fraction(71)), later.hours(Fraction(72)), later.hours(Fraction(75))) == (71, 72, 73)
    assert later.by_hour(Fraction(80)) == 72 + 16
    only_first = Use(none, none, Fraction(24), none)
    assert (only_first.hours(Fraction(71)), only_first.hours(Fraction(72))) == (71, None)


def test_rounding_favours_no_one() -> None:
    assert permille_of(Fraction(9999, 10_000)) == 999
    assert gap_of(Fraction(199, 2), 100) == 1
    assert gap_of(Fraction(100), 100) == 0
    assert pallets_of(11, 5, 1, 1) == 3
    assert pallets_of(0, None, 10, 3) == 0
    assert pallets_of(1, None, 10, 3) == 4


def test_a_department_that_names_no_area_keeps_for_the_place_above_it(house: House) -> None:
    run = house.runtime.run
    centre = OrganisationInput("654004-cb", "物资储备中心", OrganisationKind.DEPARTMENT, Level.CITY, parent_code=CITY)
    village = OrganisationInput("654004-cx", "无代码乡", OrganisationKind.TOWNSHIP, Level.TOWNSHIP, parent_code=CITY)
    run(people.save_organisations, SYSTEM, [centre, village])
    house.stock(house.lot(owner="654004-cb"), 40)
    house.stock(house.lot(owner="654004-cx"), 3)
    assert row(house).usable == 40, "the township's three are in nobody's reserve, and certainly not in the city's"
