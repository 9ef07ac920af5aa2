"""The owner's decision: all or nothing, against the books as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from supplyops.dispatch import approving
from supplyops.dispatch.rules import ApprovalInput, ConsignmentState, InstructionState, ShipmentState, StalePlan
from supplyops.dispatch.tables import ReleaseInstruction, Shipment
from supplyops.fleet import commands as fleet
from supplyops.fleet.rules import VehicleInput, VehicleState
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SupplyError, WrongState
from supplyops.kernel.oral import OralOrder
from supplyops.kernel.reference import DocumentRef
from supplyops.norms import commands as norms
from supplyops.norms.rules import ReserveNormInput
from supplyops.people.rules import Level
from supplyops.places import commands as places
from supplyops.places.rules import RoadReportInput, RoadStatus
from supplyops.planning.rules import PartState, PlanState
from supplyops.planning.tables import Plan, PlanPart
from supplyops.stock import ledger
from supplyops.stock.rules import Hold
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.dispatch.world import OTHER_PLATE, PLATE, ROAD, World
from tests.house import CITY, CITY_SHELF, CITY_STORE, FARM, PREFECTURE, TENT, WATER

ORAL = OralOrder("王市长", "市库", START, "值班员赵")


def refused(world: World, *arguments: object, **more: object) -> SupplyError:
    """What an approval was refused with; fails unless the books are as before."""
    before = world.books()
    with pytest.raises(SupplyError) as refusal:
        world.approve(*arguments, **more)  # type: ignore[arg-type]
    assert world.books() == before
    return refusal.value


def changes(world: World, plan_id: object) -> list[tuple[int, str, int]]:
    """The lines a stale plan names: (line, why, what is left)."""
    error = refused(world, plan_id)
    assert isinstance(error, StalePlan)
    return [(line.line_no, line.code, line.available) for line in error.lines]


def test_approval_holds_the_stock_and_writes_every_order(world: World) -> None:
    tents = world.tents(40)
    plan = world.plan(tents, world.water(100))
    instruction_id = world.approve(plan, note="速办")
    assert tents.lot_id is not None
    assert world.house.balance(tents.lot_id) == (100, 40)
    (instruction,) = world.rows(ReleaseInstruction)
    assert (instruction.id, instruction.state, instruction.number) == (
        instruction_id,
        InstructionState.ISSUED,
        "DL-654004-20260112-0001",
    )
    assert instruction.document_number == "霍应急〔2026〕1号"
    assert instruction.paper_due_at is None
    order = world.consignment()
    assert (instruction.load_by, instruction.arrive_by) == (order.load_by, order.planned_arrival_at), "as its slip says"
    assert (order.state, order.number) == (ConsignmentState.ORDERED, "DB-654004-20260112-0001")
    assert world.shipment().state is ShipmentState.PLANNED
    assert world.asked(TENT) == (40, 0, 0)
    assert world.asked(WATER) == (100, 0, 0)
    assert world.remaining() == 300
    (part,) = world.rows(PlanPart)
    assert (part.state, part.note) == (PartState.APPROVED, "速办")
    assert world.rows(Plan)[0].state is PlanState.DECIDED
    assert sorted(paper.form for paper in world.papers() if paper.form != "supply_request") == [
        "allocation_slip",
        "calloff_notice",
        "release_instruction",
    ]
    assert all(finding.is_clean for finding in verify(world.runtime.database))


def test_a_part_is_approved_wholly_or_not_at_all(world: World) -> None:
    enough, scarce = world.tents(10), world.tents(20, on_shelf=19)
    assert changes(world, world.plan(enough, scarce)) == [(2, "stock", 19)]


def test_two_lines_on_the_same_lot_count_together(world: World) -> None:
    first = world.tents(60, on_shelf=100)
    second = world.tents(41, lot=first.lot_id)
    assert ("stock", 40) in [(code, left) for _, code, left in changes(world, world.plan(first, second))]


def test_what_somebody_else_holds_is_not_there(world: World) -> None:
    line = world.tents(50)
    plan = world.plan(line)
    assert line.lot_id is not None
    hold = Hold(
        plan, DocumentRef("test", plan), world.house.locations[CITY_SHELF], line.lot_id, 70, START + timedelta(days=1)
    )
    world.runtime.run(ledger.reserve, SYSTEM, hold)
    assert changes(world, plan) == [(1, "stock", 30)]


def test_goods_that_expire_before_they_arrive_are_named(world: World) -> None:
    lot = world.house.lot(TENT, expires_on=date(2026, 1, 11))
    world.house.stock(lot, 100)
    assert changes(world, world.plan(world.tents(5, lot=lot))) == [(1, "expired", 0)]


def test_a_floor_raised_after_the_plan_is_respected(world: World) -> None:
    plan = world.plan(world.tents(50))
    norm = ReserveNormInput("r1", TENT, Level.CITY, 10, 600, "test")
    world.runtime.run(norms.save_reserve_norms, SYSTEM, [norm])
    assert changes(world, plan) == [(1, "floor", 40)]


def test_a_request_met_or_ended_meanwhile_is_named(world: World) -> None:
    first, second = world.plan(world.tents(40)), world.plan(world.tents(30), plate=OTHER_PLATE)
    world.approve(first)
    assert changes(world, second) == [(1, "request_met", 20)]


def test_a_contract_drawn_on_meanwhile_is_named(world: World) -> None:
    first, second = world.plan(world.water(300)), world.plan(world.water(200))
    world.approve(first)
    assert changes(world, second) == [(1, "contract", 100)]


def test_a_contract_that_has_run_out_is_named(world: World, clock: Clock) -> None:
    plan = world.plan(world.water(50))
    clock.advance(days=400)
    assert changes(world, plan) == [(1, "contract_ended", 0)]


def test_a_vehicle_taken_out_is_named(world: World) -> None:
    plan = world.plan(world.tents(5))
    out = VehicleInput(PLATE, "V3", CITY, CITY_STORE, state=VehicleState.OUT)
    world.runtime.run(fleet.save_vehicles, SYSTEM, [out])
    assert changes(world, plan) == [(1, "vehicle_out", 0)]


def test_a_vehicle_goes_one_way_at_a_time(world: World) -> None:
    first, second, later = world.plan(world.tents(5)), world.plan(world.tents(5)), world.plan(world.tents(5), hours=9)
    world.approve(first)
    assert changes(world, second) == [(1, "vehicle_busy", 0)]
    world.approve(later)
    assert len(world.rows(Shipment)) == 2


def test_a_road_closed_after_the_plan_is_named_until_it_is_open_again(world: World, clock: Clock) -> None:
    plan = world.plan(world.tents(5))
    clock.advance(minutes=5)
    keeper = world.actor(Role.KEEPER)
    world.runtime.run(places.report_road, keeper, RoadReportInput(ROAD, RoadStatus.CLOSED, "塌方"))
    assert changes(world, plan) == [(1, "road", 0)]
    clock.advance(minutes=5)
    world.runtime.run(places.report_road, keeper, RoadReportInput(ROAD, RoadStatus.OPEN, ""))
    world.approve(plan)


def test_a_road_closed_before_the_plan_was_heeded_by_it(world: World, clock: Clock) -> None:
    closed = RoadReportInput(ROAD, RoadStatus.CLOSED, "塌方")
    world.runtime.run(places.report_road, world.actor(Role.KEEPER), closed)
    clock.advance(minutes=5)
    world.approve(world.plan(world.tents(5)))


def test_every_changed_line_is_named_with_its_own_reason(world: World) -> None:
    scarce, expired = world.tents(20, on_shelf=19), world.house.lot(TENT, expires_on=date(2026, 1, 1))
    world.house.stock(expired, 50)
    first = world.plan(world.water(350))
    plan = world.plan(world.tents(1), scarce, world.tents(2, lot=expired), world.water(60), plate=OTHER_PLATE)
    world.approve(first)
    assert changes(world, plan) == [(2, "stock", 19), (3, "expired", 0), (4, "contract", 50)]


def test_nobody_approves_a_plan_of_their_own(world: World) -> None:
    plan = world.plan(world.tents(5), author=Role.APPROVER)
    error = refused(world, plan)
    assert (type(error), error.code) == (Forbidden, "own_document")


@pytest.mark.parametrize("office", [PREFECTURE, "654004-yj", "654004200"])
def test_only_the_owner_itself_decides(world: World, office: str) -> None:
    plan = world.plan(world.tents(5))
    before = world.books()
    with pytest.raises(Forbidden, match="not_owner"):
        world.runtime.run(approving.approve, world.actor(Role.APPROVER, office), ApprovalInput(plan, CITY))
    assert world.books() == before


def test_an_owner_outside_the_chain_of_command_decides_on_its_part(world: World) -> None:
    plan = world.plan(world.tents(5, owner=FARM), world.tents(7))
    world.approve(plan, FARM)
    assert world.rows(Plan)[0].state is PlanState.DRAFT
    world.approve(plan)
    assert world.rows(Plan)[0].state is PlanState.DECIDED
    (shipment,) = world.rows(Shipment)
    assert {row.shipment_id for row in world.consignments()} == {shipment.id}


def test_a_plan_that_is_not_there_or_has_no_such_part(world: World) -> None:
    plan = world.plan(world.tents(5))
    assert isinstance(refused(world, plan, PREFECTURE), NotFound)
    assert isinstance(refused(world, world.incident_id), NotFound)


def test_what_was_decided_is_not_decided_again(world: World) -> None:
    plan = world.plan(world.tents(5))
    world.approve(plan)
    assert isinstance(refused(world, plan), WrongState)


def test_refusing_needs_a_reason_and_changes_nothing_but_the_part(world: World) -> None:
    plan = world.plan(world.tents(5))
    approver = world.actor(Role.APPROVER)
    before = world.books()
    with pytest.raises(InvalidInput, match="reason_required"):
        world.runtime.run(approving.refuse, approver, plan, CITY, " ")
    assert world.books() == before
    world.runtime.run(approving.refuse, approver, plan, CITY, "留作机动")
    assert [(part.state, part.note) for part in world.rows(PlanPart)] == [(PartState.REFUSED, "留作机动")]
    assert world.rows(ReleaseInstruction) == []
    assert world.asked() == (0, 0, 0)
    assert isinstance(refused(world, plan), WrongState)


def test_an_oral_approval_has_a_deadline_for_its_paper_and_is_signed_once(world: World, clock: Clock) -> None:
    instruction_id = world.approve(world.plan(world.tents(5)), oral=ORAL)
    (row,) = world.rows(ReleaseInstruction)
    assert (row.paper_due_at, row.paper_signed_at) == (START + timedelta(hours=24), None)
    assert row.oral["by"] == "王市长"
    (paper,) = world.papers("release_instruction")
    assert paper.content["oral"]["witness"] == "值班员赵"
    clock.advance(hours=3)
    with pytest.raises(Forbidden, match="not_owner"):
        world.runtime.run(approving.sign_paper, world.actor(Role.APPROVER, PREFECTURE), instruction_id)
    world.runtime.run(approving.sign_paper, world.actor(Role.APPROVER), instruction_id)
    assert world.rows(ReleaseInstruction)[0].paper_signed_at == clock.now
    with pytest.raises(InvalidInput, match="nothing_to_sign"):
        world.runtime.run(approving.sign_paper, world.actor(Role.APPROVER), instruction_id)


@pytest.mark.parametrize("late", (0, 3))
def test_an_instruction_wants_goods_loaded_before_they_are_there(world: World, clock: Clock, late: int) -> None:
    plan = world.plan(world.tents(40))
    clock.advance(hours=late)
    world.approve(plan)
    (paper,) = world.papers("release_instruction")
    order = world.consignment()
    assert (paper.content["load_by"], paper.content["arrive_by"]) == tuple(
        moment.isoformat() for moment in (order.load_by, order.planned_arrival_at)
    )
    assert clock.now <= order.load_by < order.planned_arrival_at


def test_an_order_given_by_word_of_mouth_was_given_before_it_is_written_down(world: World) -> None:
    plan = world.plan(world.tents(5))
    before = world.books()
    with pytest.raises(InvalidInput) as refusal:
        world.approve(plan, oral=replace(ORAL, at=START + timedelta(hours=5)))
    assert [(field.field, field.code) for field in refusal.value.fields] == [("oral.at", "in_the_future")]
    assert world.books() == before


def test_an_approval_on_paper_has_nothing_to_sign(world: World) -> None:
    instruction_id = world.approve(world.plan(world.tents(5)))
    with pytest.raises(InvalidInput, match="nothing_to_sign"):
        world.runtime.run(approving.sign_paper, world.actor(Role.APPROVER), instruction_id)


def test_the_office_may_enter_its_own_document_number_once(world: World) -> None:
    world.approve(world.plan(world.tents(5)), document_number="霍政〔2026〕7号")
    assert world.rows(ReleaseInstruction)[0].document_number == "霍政〔2026〕7号"
    error = refused(world, world.plan(world.tents(5), plate=OTHER_PLATE), document_number="霍政〔2026〕7号")
    assert (type(error), error.code) == (Conflict, "document_number_taken")


def test_a_trip_that_has_left_takes_no_more_goods(world: World) -> None:
    from supplyops.dispatch import commands
    from supplyops.dispatch.rules import LoadInput

    plan = world.plan(world.tents(5), world.tents(7, owner=FARM))
    world.approve(plan)
    order, keeper = world.consignment(), world.actor(Role.KEEPER)
    world.runtime.run(commands.accept, keeper, order.id)
    world.runtime.run(commands.load, keeper, LoadInput(order.id, {}))
    world.runtime.run(commands.depart, keeper, order.shipment_id)
    error = refused(world, plan, FARM)
    assert isinstance(error, StalePlan)
    assert [(line.line_no, line.code) for line in error.lines] == [(2, "trip_over")]


def test_the_same_request_twice_approves_once(world: World) -> None:
    plan, approver = world.plan(world.tents(5)), world.actor(Role.APPROVER)
    first = world.runtime.run(approving.approve, approver.keyed("k1"), ApprovalInput(plan, CITY))
    again = world.runtime.run(approving.approve, approver.keyed("k1"), ApprovalInput(plan, CITY))
    assert first == again
    assert len(world.rows(ReleaseInstruction)) == 1
