"""What the books say becomes what the optimizer is asked: each rule by its own small fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest

from optimizer.model import Carriage, Terrain
from supplyops.catalogue import commands as catalogue
from supplyops.catalogue.rules import SubstituteInput
from supplyops.contracts.rules import Carrier, ContractType, Ramp
from supplyops.fleet import commands as fleet
from supplyops.fleet.rules import VehicleInput, VehicleState
from supplyops.incidents import commands as incidents
from supplyops.incidents.rules import AreaFigures, ReportInput, ReportKind
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, InvalidInput, NotFound
from supplyops.norms import commands as norms
from supplyops.norms.rules import ReserveNormInput, Season
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import RoadReportInput, RoadStatus
from supplyops.planning import commands as planning
from supplyops.planning import queries
from supplyops.planning.figures import PlanFigures
from supplyops.planning.rules import FloorReleaseInput, Lock, LockMode, lot_source
from supplyops.planning.supply import contract_vehicle_type
from supplyops.requests import commands as requests
from supplyops.requests.rules import LetterInput, LetterState, RequestLineInput
from supplyops.runtime import Runtime
from tests.conftest import START, Clock
from tests.house import (
    CITY,
    CITY_QUARANTINE,
    CITY_SHELF,
    CITY_STORE,
    FARM,
    PREFECTURE,
    PREFECTURE_SHELF,
    PREFECTURE_STORE,
    QUILT,
    TENT,
    VILLAGE,
    VILLAGE_SHELF,
    VILLAGE_STORE,
    WATER,
)
from tests.planning.town import (
    PARAMETERS,
    SITES,
    STREET,
    STREET_POINT,
    VILLAGE_POINT,
    YARD,
    Town,
    at,
    build_town,
    hours,
)

APPROVAL = 1800
VILLAGE_SITE = next(site for site in SITES if site.code == VILLAGE_STORE)


@pytest.fixture
def town(runtime: Runtime) -> Town:
    return build_town(runtime)


def stock(town: Town, quantity: int = 50, *, shelf: str = CITY_SHELF, **lot: object) -> UUID:
    lot_id = town.house.lot(**lot)  # type: ignore[arg-type]
    town.house.stock(lot_id, quantity, shelf)
    return lot_id


def source(town: Town, lot_id: UUID, shelf: str = CITY_SHELF) -> str:
    return lot_source(town.house.locations[shelf], lot_id)


def test_a_line_says_who_where_how_much_and_by_when(town: Town) -> None:
    wanted = RequestLineInput(TENT, 40, at(12), 160, severity=2, protected_permille=300, minimum_fill=10)
    line_id, quilts = town.request(wanted, (QUILT, 100), vehicle_class_max=4)
    line, other = town.problem().lines
    assert (line.id, line.site_id, line.item_id, line.quantity) == (str(line_id), VILLAGE_POINT, TENT, 40)
    assert (line.class_rank, line.persons, line.severity, line.protected_permille) == (1, 160, 2, 300)
    assert (line.minimum_fill, line.size_class_max) == (10, 4)
    assert line.due_at == hours(12) - APPROVAL, "the plan begins when approval and picking are done"
    assert (other.id, other.class_rank, other.due_at) == (str(quilts), 3, hours(24) - APPROVAL)


def test_a_place_that_opens_later_is_asked_for_no_sooner(town: Town) -> None:
    town.request((TENT, 40), receives_from=at(6))
    town.request((TENT, 40), receives_from=at(-6))
    town.request((TENT, 40))
    assert sorted(line.opens_at for line in town.problem().lines) == [0, 0, hours(6) - APPROVAL]


def test_nothing_may_be_due_before_the_place_opens(town: Town) -> None:
    with pytest.raises(InvalidInput) as refused:
        town.request((TENT, 40), hours=3, receives_from=at(4))
    assert [(each.field, each.code) for each in refused.value.fields] == [
        ("lines.0.latest_arrival_at", "window_closed")
    ]


def test_a_place_with_a_registered_capacity_takes_in_what_is_left_of_it(town: Town) -> None:
    town.request((TENT, 500), site=VILLAGE_STORE)
    town.request((TENT, 5))
    stock(town, 50)
    stock(town, 2, owner=VILLAGE, shelf=VILLAGE_SHELF)
    rooms = {site.id: site.takes_cm3_max for site in town.problem().sites}
    assert rooms == dict.fromkeys(rooms), "nobody said what the places hold"
    town.runtime.run(places.save_sites, SYSTEM, [replace(VILLAGE_SITE, capacity_cm3=10**7)])
    problem = town.problem()
    tent = next(item for item in problem.items if item.id == TENT)
    rooms = {site.id: site.takes_cm3_max for site in problem.sites}
    assert rooms.pop(VILLAGE_STORE) == 10**7 - 2 * tent.unit_volume_cm3
    assert rooms == dict.fromkeys(rooms)
    town.runtime.run(places.save_sites, SYSTEM, [replace(VILLAGE_SITE, capacity_cm3=1)])
    assert {site.takes_cm3_max for site in town.problem().sites} == {None, 0}


def test_nothing_to_plan_is_said_and_leaves_no_plan(town: Town) -> None:
    town.request((TENT, 5), accept=False)
    with pytest.raises(Conflict, match="no_lines_to_plan"):
        town.start()
    assert town.runtime.read(queries.plans, town.commander) == []


def test_a_request_to_a_higher_level_is_for_that_level_to_plan(town: Town) -> None:
    own = town.request((TENT, 5))
    upward = town.request((TENT, 7), body=CITY, addressee=PREFECTURE, site=VILLAGE_POINT)
    assert [line.id for line in town.problem().lines] == [str(own[0])]
    above = town.house.actor(Role.COMMANDER, PREFECTURE)
    assert [line.id for line in town.problem(above).lines] == [str(upward[0])]


def test_free_stock_of_the_chain_is_there_with_owner_and_rung(town: Town) -> None:
    town.request((TENT, 500))
    own = stock(town, 50)
    delegated = stock(town, 30, owner=PREFECTURE)
    asking = stock(town, 8, owner=VILLAGE, shelf=VILLAGE_SHELF)
    above = stock(town, 70, owner=PREFECTURE, shelf=PREFECTURE_SHELF)
    lots = {lot.id: lot for lot in town.problem().lots}
    assert {name: (lot.owner_id, lot.quantity, lot.precedence, lot.site_id) for name, lot in lots.items()} == {
        source(town, own): (CITY, 50, 0, CITY_STORE),
        source(town, asking, VILLAGE_SHELF): (VILLAGE, 8, 0, VILLAGE_STORE),
        source(town, delegated): (PREFECTURE, 30, 1, CITY_STORE),
        source(town, above, PREFECTURE_SHELF): (PREFECTURE, 70, 3, PREFECTURE_STORE),
    }


def test_a_township_that_does_not_ask_helps_out_after_the_city(town: Town) -> None:
    town.request((TENT, 5), body=STREET, site=STREET_POINT)
    stock(town, 8, owner=VILLAGE, shelf=VILLAGE_SHELF)
    assert [lot.precedence for lot in town.problem().lots] == [2]
    town.parameter("plan.order_of_use", "own=neighbour,delegated,prefecture,region,contract,social")
    assert [lot.precedence for lot in town.problem().lots] == [0]


def test_held_quarantined_expired_and_exercise_stock_is_not_there(town: Town) -> None:
    lines = town.request((WATER, 500))
    good = stock(town, 50, sku=WATER, expires_on=date(2026, 1, 12))
    stock(town, 20, sku=WATER, shelf=CITY_QUARANTINE)
    stock(town, 30, sku=WATER, expires_on=date(2026, 1, 11))
    stock(town, 40, sku=WATER, is_exercise=True)
    (lot,) = town.problem().lots
    assert (lot.id, lot.quantity) == (source(town, good), 50)
    assert lot.expires_at == hours(14) - APPROVAL, "good until the end of its last day in Beijing"
    plan_id = town.start()
    aside = town.runtime.read(queries.head, town.commander, str(plan_id)).summary["aside"][str(lines[0])]
    assert sorted((entry["code"], entry["params"]["quantity"]) for entry in aside) == [
        ("expired_stock", 30),
        ("quarantine", 20),
    ]


def test_an_exercise_is_planned_with_exercise_stock_alone(town: Town) -> None:
    exercise = town.open_incident(is_exercise=True)
    town.request((TENT, 10), incident=exercise)
    stock(town, 50)
    drill = stock(town, 5, is_exercise=True)
    town.runtime.run(norms.save_reserve_norms, SYSTEM, [ReserveNormInput("t", TENT, Level.CITY, 100, 200, "A")])
    problem = town.problem(incident=exercise)
    assert [lot.id for lot in problem.lots] == [source(town, drill)]
    assert problem.floors == ()


def test_outsiders_give_only_by_recorded_consent(town: Town) -> None:
    town.request((TENT, 10))
    theirs = stock(town, 12, owner=FARM)
    assert town.problem().lots == ()
    letter = LetterInput(town.incident, CITY, FARM, "请支援帐篷", "请支援帐篷", at(3), "张伟", "0999-1")
    letter_id = town.runtime.run(requests.send_letter, town.commander, letter)
    assert town.problem().lots == (), "asked is not given"
    town.runtime.run(requests.answer_letter, town.commander, letter_id, LetterState.GRANTED, "同意")
    (lot,) = town.problem().lots
    assert (lot.id, lot.precedence) == (source(town, theirs), 6)


def test_goods_already_given_for_the_incident_are_not_taken_away_again(town: Town) -> None:
    town.request((TENT, 10))
    lot_id = town.house.lot()
    town.house.locations["point"] = location_of(town, f"{VILLAGE_POINT}-store")
    town.house.stock(lot_id, 5, "point")
    assert town.problem().lots == ()


def location_of(town: Town, code: str) -> UUID:
    from sqlalchemy import select

    from supplyops.places.tables import Location

    with town.runtime.database.read() as session:
        return session.scalars(select(Location.id).where(Location.code == code)).one()


def test_goods_that_lie_where_they_are_asked_for_need_no_vehicle(town: Town) -> None:
    (line,) = town.request((TENT, 10), site=VILLAGE_STORE)
    lot_id = stock(town, 8, owner=VILLAGE, shelf=VILLAGE_SHELF)
    (lock,) = town.problem().locks
    assert (lock.source_id, lock.line_id, lock.mode.value) == (source(town, lot_id, VILLAGE_SHELF), str(line), "forbid")


def test_floors_stay_until_their_owner_releases_them(town: Town) -> None:
    town.request((TENT, 500))
    stock(town, 50)
    town.runtime.run(norms.save_reserve_norms, SYSTEM, [ReserveNormInput("t", TENT, Level.CITY, 100, 200, "A")])
    (floor,) = town.problem().floors
    assert (floor.site_id, floor.item_id, floor.owner_id, floor.quantity) == (CITY_STORE, TENT, CITY, 20)
    release = FloorReleaseInput(town.incident, CITY_STORE, TENT, CITY, 15, "市长令")
    town.runtime.run(planning.release_floor, town.house.actor(Role.APPROVER), release)
    (floor,) = town.problem().floors
    assert floor.quantity == 5
    with pytest.raises(InvalidInput, match="above_floor"):
        town.runtime.run(planning.release_floor, town.house.actor(Role.APPROVER), release)


def test_contracts_in_force_give_what_is_left_when_the_supplier_can(town: Town) -> None:
    town.request((TENT, 500))
    town.contract(quantity=100, minimum_order=10, ramp=(Ramp(24, 200), Ramp(48, 1000)))
    town.contract("HT-2", valid_to=date(2026, 1, 11))
    town.contract("HT-3", sku=QUILT)
    (contract,) = town.problem().contracts
    assert (contract.item_id, contract.owner_id, contract.site_id, contract.minimum_order) == (TENT, CITY, YARD, 10)
    assert (contract.precedence, contract.vehicle_type_id, contract.unit_price_fen) == (5, "V4", 500_00)
    confirmed = 30 * 60
    assert [(step.at, step.quantity) for step in contract.steps] == [
        (confirmed + hours(24), 20),
        (confirmed + hours(48), 100),
    ]


def test_a_contract_whose_goods_we_fetch_is_a_source_at_the_suppliers_yard(town: Town) -> None:
    town.request((TENT, 500))
    town.contract(carrier=Carrier.FLEET, lead_time_hours=6, minimum_order=10)
    problem = town.problem()
    (contract,) = problem.contracts
    assert (contract.carriage, contract.site_id, contract.vehicle_type_id) == (Carriage.FLEET, YARD, "")
    assert (contract.minimum_order, contract.precedence) == (10, 5)
    assert [(step.at, step.quantity) for step in contract.steps] == [(30 * 60 + hours(6), 100)]
    assert YARD in {site.id for site in problem.sites}


@pytest.mark.parametrize("carrier", list(Carrier))
def test_a_contract_that_names_no_site_is_left_out_and_named(town: Town, carrier: Carrier) -> None:
    (line,) = town.request((TENT, 500))
    town.contract(carrier=carrier, site="")
    plan_id = town.start()
    row = town.runtime.read(queries.head, town.commander, str(plan_id))
    assert row.summary["aside"][str(line)] == [
        {
            "code": "contract_no_site",
            "params": {"quantity": 100, "contract": "HT-1", "item": "12m²棉帐篷", "unit": "顶"},
        }
    ]


def test_substitutes_go_to_lines_that_allow_them(town: Town) -> None:
    town.runtime.run(catalogue.save_substitutes, SYSTEM, [SubstituteInput(TENT, QUILT, 1, 4)])
    strict = RequestLineInput(TENT, 7, at(9), 20, allows_substitutes=False)
    town.request((TENT, 5))
    town.request(strict, body=STREET, site=STREET_POINT)
    quilts = stock(town, 40, sku=QUILT)
    problem = town.problem()
    assert [
        [(s.item_id, s.item_quantity, s.substitute_quantity) for s in line.substitutes] for line in problem.lines
    ] in (
        [[(QUILT, 1, 4)], []],
        [[], [(QUILT, 1, 4)]],
    )
    assert [lot.id for lot in problem.lots] == [source(town, quilts)]


def test_donors_keep_goods_for_their_place(town: Town) -> None:
    town.request((TENT, 5))
    town.request((TENT, 5), body=STREET, site=STREET_POINT)
    restricted(town, "654004001")
    (lot,) = town.problem().lots
    assert lot.only_sites == (STREET_POINT,)


def restricted(town: Town, area: str) -> None:
    from sqlalchemy import select

    from supplyops.catalogue.tables import Item
    from supplyops.kernel.access import Permission
    from supplyops.kernel.reference import DocumentRef
    from supplyops.people.tables import Organisation
    from supplyops.runtime import Context, command
    from supplyops.stock.lots import make_lot
    from supplyops.stock.rules import LotInput

    @command(Permission.INTERNAL)
    def given(ctx: Context) -> UUID:
        item = ctx.session.scalars(select(Item).where(Item.sku == TENT)).one()
        owner = ctx.session.scalars(select(Organisation).where(Organisation.code == CITY)).one()
        lot = LotInput(TENT, CITY, "捐赠", restriction="定向卡拉苏街道", restricted_area=area)
        return make_lot(ctx, item, owner, lot, DocumentRef("test", ctx.new_id())).id

    town.house.stock(town.runtime.run(given, SYSTEM), 9)


def test_vehicles_are_there_when_ready_and_not_when_out(town: Town) -> None:
    town.request((TENT, 5))
    assert [(v.id, v.type_id, v.base_site_id, v.available_at, v.drivers) for v in town.problem().vehicles] == [
        ("新F10001", "V4", CITY_STORE, 0, 1),
        ("新F10002", "V7", CITY_STORE, 0, 2),
        ("新F20001", "V4", PREFECTURE_STORE, 1800, 1),
    ]
    out = VehicleInput("新F10001", "V4", CITY, CITY_STORE, state=VehicleState.OUT)
    farm = VehicleInput("新F30001", "V4", FARM, CITY_STORE)
    away = VehicleInput("新F10002", "V7", CITY, CITY_STORE, state=VehicleState.ON_TRIP)
    town.runtime.run(fleet.save_vehicles, SYSTEM, [out, farm, away])
    assert [(v.id, v.available_at) for v in town.problem().vehicles] == [
        ("新F10002", hours(2) - APPROVAL),
        ("新F20001", 1800),
    ]


def test_hired_vehicles_come_with_their_transport_contract(town: Town) -> None:
    town.request((TENT, 5))
    hired = VehicleInput("新F40001", "V4", "supplier", YARD, contract_number="YS-1")
    town.runtime.run(fleet.save_vehicles, SYSTEM, [hired])
    assert "新F40001" not in {vehicle.id for vehicle in town.problem().vehicles}
    town.contract("YS-1", type=ContractType.TRANSPORT, vehicle_type="V4", lead_time_hours=2)
    assert [v.available_at for v in town.problem().vehicles if v.id == "新F40001"] == [hours(2.5) - APPROVAL]


def test_winter_slows_by_the_snow_column_and_the_roads_factor_only(town: Town, clock: Clock) -> None:
    town.request((TENT, 5), hours=24 * 400)
    edges = {edge.id: edge for edge in town.problem().edges}
    assert (edges["R-VILLAGE"].terrain, edges["R-VILLAGE"].factor_permille) == (Terrain.SNOW, 600)
    assert (edges["R-FORK"].terrain, edges["R-FORK"].factor_permille) == (Terrain.PLAIN, 600)
    clock.advance(days=180)
    edges = {edge.id: edge for edge in town.problem().edges}
    assert (edges["R-VILLAGE"].terrain, edges["R-VILLAGE"].factor_permille) == (Terrain.MOUNTAIN, 1000)


def test_the_newest_report_in_force_says_how_a_road_is(town: Town) -> None:
    town.request((TENT, 5))
    report = town.house.actor(Role.CLERK)
    town.runtime.run(places.report_road, report, RoadReportInput("R-FORK", RoadStatus.CLOSED, "雪崩"))
    limited = RoadReportInput("R-VILLAGE", RoadStatus.LIMITED, "积雪", vehicle_class_max=3, snow_vehicles_only=True)
    town.runtime.run(places.report_road, report, limited)
    edges = {edge.id: edge for edge in town.problem().edges}
    assert not edges["R-FORK"].is_open
    assert (edges["R-VILLAGE"].is_open, edges["R-VILLAGE"].size_class_max, edges["R-VILLAGE"].snow_vehicles_only) == (
        True,
        3,
        True,
    )
    town.runtime.run(places.report_road, report, RoadReportInput("R-FORK", RoadStatus.OPEN, ""))
    assert {edge.id: edge for edge in town.problem().edges}["R-FORK"].is_open


def test_rules_are_parameters_and_a_wrong_one_is_named(town: Town) -> None:
    town.request((TENT, 5))
    rules = town.problem().rules
    assert (rules.stop_fixed_s, rules.packs_per_minute, rules.drive_s_max_single, rules.drive_s_max_double) == (
        1200,
        10,
        hours(8),
        hours(16),
    )
    assert (rules.horizon_s, rules.late_s_max, rules.is_freezing) == (hours(14 * 24), hours(48), True)
    assert rules.incompatible_groups == (("food", "chemical"), ("food", "fuel"))
    with pytest.raises(InvalidInput, match="parameter_value"):
        town.parameter("plan.stop_minutes", "twenty")
    town.parameter("plan.order_of_use", "own,delegated")
    with pytest.raises(Conflict, match=r"bad_parameter.*plan\.order_of_use"):
        town.start()
    town.parameter("plan.order_of_use", PARAMETERS["plan.order_of_use"])
    town.parameter("plan.incompatible_groups", "food+fuel,food+food")  # nothing to eat could ever be loaded
    with pytest.raises(Conflict, match=r"bad_parameter.*plan\.incompatible_groups"):
        town.start()
    town.parameter("plan.incompatible_groups", "none")
    town.parameter("plan.snow_months", "none")
    assert town.problem().rules.incompatible_groups == ()


def test_without_a_named_type_suppliers_come_with_the_houses_middle_one(town: Town) -> None:
    town.request((TENT, 10))
    town.contract(quantity=100)
    town.parameter("plan.contract_vehicle_type", "middle")
    problem = town.problem()
    payloads = sorted(problem.vehicle_types, key=lambda each: (each.payload_g, each.id))
    assert {each.vehicle_type_id for each in problem.contracts} == {payloads[len(payloads) // 2].id}


def test_a_supplier_comes_with_nothing_where_no_type_is_known() -> None:
    figures = SimpleNamespace(contract_vehicle_type="middle")
    assert contract_vehicle_type(cast(PlanFigures, figures), ()) is None


def test_the_reported_night_says_whether_goods_freeze(town: Town) -> None:
    town.request((TENT, 5))
    figures = (AreaFigures("654004200", VILLAGE_POINT, moved=10),)
    mild = ReportInput(ReportKind.FOLLOW_UP, Season.WINTER, 3, figures, night_temperature_c=4)
    town.runtime.run(incidents.report, town.commander, town.incident, mild)
    assert not town.problem().rules.is_freezing


def test_a_missing_parameter_is_named(runtime: Runtime) -> None:
    town = build_town(runtime)
    town.request((TENT, 5))
    with runtime.database.write() as session:
        from sqlalchemy import delete

        from supplyops.norms.tables import Parameter

        session.execute(delete(Parameter).where(Parameter.key == "plan.late_hours"))
    with pytest.raises(NotFound) as refusal:
        town.start()
    assert refusal.value.params["key"] == "plan.late_hours"


def test_locks_have_to_make_sense(town: Town) -> None:
    line, _ = town.request((TENT, 5), (QUILT, 5))
    own, quilts = stock(town, 50), stock(town, 50, sku=QUILT)
    good = Lock(source(town, own), line, LockMode.EXACTLY, 3)
    (lock,) = town.problem(locks=(good,)).locks
    assert (lock.source_id, lock.line_id, lock.mode.value, lock.quantity) == (good.source, str(line), "exactly", 3)
    for bad, code in (
        (Lock(source(town, own), UUID(int=1), LockMode.EXACTLY, 3), "lock_line_not_open"),
        (Lock(source(town, UUID(int=2)), line, LockMode.EXACTLY, 3), "lock_source_not_free"),
        (Lock(source(town, quilts), line, LockMode.EXACTLY, 3), "lock_other_item"),
        (Lock(source(town, own), line, LockMode.AT_LEAST, 51), "lock_too_much"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            town.start(locks=(good, bad) if bad.source != good.source else (bad,))
        assert [field.code for field in refusal.value.fields] == [code]
    assert [plan.state.value for plan in town.runtime.read(queries.plans, town.commander)] == ["cancelled"]


def test_the_plan_remembers_where_the_ledgers_stood(town: Town) -> None:
    town.request((TENT, 5))
    stock(town, 50)
    plan_id = town.start()
    with town.runtime.database.read() as session:
        from supplyops.planning.tables import Plan

        plan = session.get(Plan, plan_id)
        assert plan is not None
        (head,) = plan.heads.values()
        assert head["seq"] == 1
        assert len(head["hash"]) == len(plan.problem_hash) == 64
        assert plan.starts_at == START + timedelta(seconds=APPROVAL)
