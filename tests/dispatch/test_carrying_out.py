"""From the order to the signature: the custodian accepts, the store loads, the vehicle leaves, the receiver signs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from supplyops.dispatch import commands, handing_over
from supplyops.dispatch.rules import (
    ConsignmentState,
    DiscrepancyKind,
    HandoverInput,
    HandoverLine,
    InstructionState,
    LoadInput,
    ShipmentState,
)
from supplyops.dispatch.tables import Discrepancy, ReleaseInstruction, Shipment
from supplyops.fleet.rules import VehicleState
from supplyops.fleet.tables import Vehicle
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SupplyError, WrongState
from supplyops.papers.rules import PaperState
from supplyops.runtime import Command, Runtime
from supplyops.stock import commands as stock
from supplyops.stock import ledger
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.rules import InsufficientStock
from supplyops.verify.books import verify
from tests.conftest import Clock
from tests.dispatch.world import OTHER_PLATE, PLATE, World, build_world
from tests.house import CITY, CITY_SHELF, FARM, TENT, VILLAGE, VILLAGE_SHELF
from tests.once import once

State = ConsignmentState


class Story:
    """One approved order of 40 tents, told step by step."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world, self.clock = world, clock
        line = world.tents(40)
        assert line.lot_id is not None
        self.lot = line.lot_id
        self.instruction_id = world.approve(world.plan(line))
        self.order = world.consignment()

    def run(self, command: Command, role: Role, *arguments: object, at: str = CITY) -> object:
        return self.world.runtime.run(command, self.world.actor(role, at), *arguments)

    def accept(self) -> None:
        self.run(commands.accept, Role.KEEPER, self.order.id)

    def load(self, loaded: int = 40, reason: str = "") -> None:
        (line,) = self.world.lines()
        amounts = {} if loaded == 40 else {line.id: loaded}
        self.run(commands.load, Role.KEEPER, LoadInput(self.order.id, amounts, "F-1", reason))

    def depart(self) -> None:
        self.clock.advance(minutes=30)
        self.run(commands.depart, Role.KEEPER, self.order.shipment_id)

    def deliver(self, good: int = 40, damaged: int = 0, refused: int = 0, cause: str = "") -> None:
        self.clock.advance(hours=1)
        (line,) = self.world.lines()
        self.run(
            handing_over.deliver,
            Role.CUSTODIAN,
            self.handover(HandoverLine(line.id, good, damaged, refused), cause=cause),
            at=VILLAGE,
        )

    def handover(self, *lines: HandoverLine, cause: str = "", minutes_ago: int = 5) -> HandoverInput:
        arrived = self.clock.now - timedelta(minutes=minutes_ago)
        return HandoverInput(self.order.id, "古丽", "村主任", "13900000009", arrived, lines, cause=cause)

    def refused(self, do: Callable[[], object]) -> SupplyError:
        """What was refused; fails unless the books are as before."""
        before = self.world.books()
        with pytest.raises(SupplyError) as refusal:
            do()
        assert self.world.books() == before
        return refusal.value

    @property
    def state(self) -> ConsignmentState:
        return self.world.consignment().state

    @property
    def on_the_road(self) -> int:
        return sum(
            row.on_hand for row in self.world.rows(stock.StockBalance) if row.location_id == self.order.transit_id
        )

    def shelf(self, location: str = CITY_SHELF) -> tuple[int, int]:
        return self.world.house.balance(self.lot, location)

    def check(self) -> None:
        findings = [finding for finding in verify(self.world.runtime.database) if not finding.is_clean]
        assert not [finding for finding in findings if finding.violations], findings


@pytest.fixture
@once
def story(runtime: Runtime, clock: Clock) -> Story:
    return Story(build_world(runtime), clock)


def vehicle(world: World) -> VehicleState:
    return next(row.state for row in world.rows(Vehicle) if row.plate == PLATE)


def test_the_straight_way(story: Story) -> None:
    world = story.world
    story.accept()
    assert story.state is State.ACCEPTED
    assert (story.shelf(), story.on_the_road) == ((100, 40), 0)
    story.load()
    assert (story.state, world.shipment().state, world.shipment().seal_number) == (
        State.LOADED,
        ShipmentState.LOADING,
        "F-1",
    )
    assert (story.shelf(), story.on_the_road) == ((60, 0), 40)
    assert world.asked() == (40, 40, 0)
    story.depart()
    assert (story.state, world.shipment().state, vehicle(world)) == (
        State.IN_TRANSIT,
        ShipmentState.DEPARTED,
        VehicleState.ON_TRIP,
    )
    story.deliver()
    assert (story.state, world.shipment().state, vehicle(world)) == (
        State.DELIVERED,
        ShipmentState.CLOSED,
        VehicleState.READY,
    )
    assert (story.on_the_road, story.shelf(VILLAGE_SHELF)) == (0, (40, 0))
    assert world.asked() == (40, 40, 40)
    assert world.rows(ReleaseInstruction)[0].state is InstructionState.DONE
    assert world.rows(Discrepancy) == []
    assert (world.consignment().receiver, world.consignment().is_seal_intact) == ("古丽", True)
    assert [paper.form for paper in world.papers()][1:] == [
        "allocation_slip",
        "release_instruction",
        "issue_note",
        "shipment_handover",
    ]
    story.check()


def test_loading_short_needs_a_reason_and_frees_the_rest(story: Story) -> None:
    story.accept()
    error = story.refused(lambda: story.load(30))
    assert [field.field for field in error.fields] == ["short_reason"]  # type: ignore[attr-defined]
    story.load(30, "10 顶受潮")
    assert (story.shelf(), story.on_the_road) == ((70, 0), 30)
    assert story.world.asked() == (30, 30, 0)
    (note,) = story.world.papers("issue_note")
    assert (note.content["lines"][0]["issued"], note.content["note"]) == (30, "10 顶受潮")
    story.check()


@pytest.mark.parametrize("loaded", [41, -1])
def test_more_than_was_approved_is_not_loaded(story: Story, loaded: int) -> None:
    story.accept()
    assert isinstance(story.refused(lambda: story.load(loaded, "多装")), InvalidInput)


def test_nothing_at_all_is_not_a_load(story: Story) -> None:
    story.accept()
    error = story.refused(lambda: story.load(0, "没有货"))
    assert [field.code for field in error.fields] == ["nothing_loaded"]  # type: ignore[attr-defined]


def test_lines_of_other_orders_are_not_loaded(story: Story) -> None:
    story.accept()
    stranger = LoadInput(story.order.id, {UUID(int=5): 1})
    assert isinstance(story.refused(lambda: story.run(commands.load, Role.KEEPER, stranger)), InvalidInput)


def test_the_order_of_steps_cannot_be_changed(story: Story) -> None:
    assert isinstance(story.refused(story.load), WrongState)
    assert isinstance(story.refused(story.depart), WrongState)
    assert isinstance(story.refused(story.deliver), WrongState)
    story.accept()
    assert isinstance(story.refused(story.accept), WrongState)
    story.load()
    assert isinstance(story.refused(story.load), WrongState)
    assert isinstance(story.refused(story.deliver), WrongState)


def test_each_step_belongs_to_its_own_body(story: Story) -> None:
    assert isinstance(story.refused(lambda: story.run(commands.accept, Role.KEEPER, story.order.id, at=FARM)), NotFound)
    village = story.refused(lambda: story.run(commands.accept, Role.CUSTODIAN, story.order.id, at=VILLAGE))
    assert (type(village), village.code) == (Forbidden, "not_permitted_here")
    clerk = story.refused(lambda: story.run(commands.accept, Role.CLERK, story.order.id))
    assert (type(clerk), clerk.code) == (Forbidden, "not_permitted")
    story.accept()
    story.load()
    story.depart()
    handover = story.handover()
    farm = story.refused(lambda: story.run(handing_over.deliver, Role.CUSTODIAN, handover, at=FARM))
    assert isinstance(farm, NotFound)


def test_a_hold_that_ran_out_is_loaded_from_what_is_free(story: Story) -> None:
    story.accept()
    story.clock.advance(hours=25)
    story.world.runtime.run(ledger.expire_due, SYSTEM)
    assert story.shelf() == (100, 0)
    story.load(35, "破损")
    assert (story.shelf(), story.on_the_road) == ((65, 0), 35)
    story.check()


def test_goods_given_to_others_after_the_hold_ran_out_are_not_loaded(story: Story) -> None:
    story.accept()
    story.clock.advance(hours=25)
    story.world.runtime.run(ledger.expire_due, SYSTEM)
    given = IssueInput(IssueKind.DISTRIBUTION, "city-store", CITY, "群众", "发放", (IssueLineInput(TENT, 80),))
    story.run(stock.issue, Role.KEEPER, given)
    error = story.refused(story.load)
    assert isinstance(error, InsufficientStock)
    assert error.params["available"] == 20


def test_an_issue_note_never_takes_the_number_of_another(story: Story) -> None:
    given = IssueInput(IssueKind.DISTRIBUTION, "city-store", CITY, "群众", "发放", (IssueLineInput(TENT, 5),))
    story.run(stock.issue, Role.KEEPER, given)
    story.accept()
    story.load()
    notes = story.world.papers("issue_note")
    assert [(note.number[-4:], note.version, note.state) for note in notes] == [
        ("0001", 1, PaperState.VALID),
        ("0002", 1, PaperState.VALID),
    ]


def test_cancelling_before_loading_gives_everything_back(story: Story) -> None:
    story.accept()
    dispatcher = Role.DISPATCHER
    error = story.refused(lambda: story.run(commands.cancel, dispatcher, story.order.id, ""))
    assert isinstance(error, InvalidInput)
    story.run(commands.cancel, dispatcher, story.order.id, "需求已解决")
    assert (story.state, story.shelf(), story.world.asked()) == (State.CANCELLED, (100, 0), (0, 0, 0))
    assert story.world.shipment().state is ShipmentState.CANCELLED
    (instruction,) = story.world.rows(ReleaseInstruction)
    assert (instruction.state, instruction.ended_because) == (InstructionState.CANCELLED, "需求已解决")
    ended = {paper.form: paper.state for paper in story.world.papers()}
    assert (ended["allocation_slip"], ended["release_instruction"]) == (PaperState.VOID, PaperState.VOID)
    story.check()
    again = story.world.plan(story.world.tents(40, lot=story.lot))
    story.world.approve(again)
    assert story.shelf() == (100, 40)


def test_a_loaded_order_is_not_cancelled_any_more(story: Story) -> None:
    story.accept()
    story.load()
    cancel = lambda: story.run(commands.cancel, Role.DISPATCHER, story.order.id, "不要了")  # noqa: E731
    assert isinstance(story.refused(cancel), WrongState)


def test_a_cancelled_owner_part_does_not_stop_the_vehicle(world: World, clock: Clock) -> None:
    plan = world.plan(world.tents(5), world.tents(7, owner=FARM))
    world.approve(plan)
    world.approve(plan, FARM)
    mine = next(row for row in world.consignments() if row.owner_id == world.house.organisations[CITY])
    theirs = next(row for row in world.consignments() if row.id != mine.id)
    keeper = world.actor(Role.KEEPER)
    world.runtime.run(commands.accept, keeper, mine.id)
    world.runtime.run(commands.load, keeper, LoadInput(mine.id, {}))
    before = world.books()
    with pytest.raises(Conflict, match="not_all_loaded") as refusal:
        world.runtime.run(commands.depart, keeper, mine.shipment_id)
    assert refusal.value.params["numbers"] == theirs.number
    assert world.books() == before
    world.runtime.run(commands.cancel, world.actor(Role.APPROVER, FARM), theirs.id, "自用")
    world.runtime.run(commands.depart, keeper, mine.shipment_id)
    assert world.rows(Shipment)[0].state is ShipmentState.DEPARTED


def test_short_damaged_and_refused_goods_each_go_where_they_belong(story: Story) -> None:
    story.accept()
    story.load()
    story.depart()
    no_cause = story.refused(lambda: story.deliver(30, 4, 3))
    assert [field.field for field in no_cause.fields] == ["cause"]  # type: ignore[attr-defined]
    story.deliver(30, 4, 3, cause="翻车")
    (line,) = story.world.lines()
    assert (line.good, line.damaged, line.refused, line.short) == (30, 4, 3, 3)
    assert story.shelf(VILLAGE_SHELF) == (30, 0)
    assert story.on_the_road == 3
    assert story.world.asked() == (30, 40, 30)
    found = {row.kind: (row.quantity, row.cause) for row in story.world.rows(Discrepancy)}
    assert found == {
        DiscrepancyKind.SHORT: (3, "翻车"),
        DiscrepancyKind.DAMAGED: (4, "翻车"),
        DiscrepancyKind.REFUSED: (3, "翻车"),
    }
    assert story.world.shipment().state is ShipmentState.DEPARTED
    story.run(commands.take_back, Role.KEEPER, story.order.id, "拒收退回")
    assert (story.on_the_road, story.shelf()) == (0, (63, 0))
    assert (story.state, story.world.shipment().state) == (State.DELIVERED, ShipmentState.CLOSED)
    assert story.world.rows(ReleaseInstruction)[0].state is InstructionState.DONE
    again = story.refused(lambda: story.run(commands.take_back, Role.KEEPER, story.order.id, "再退"))
    assert isinstance(again, WrongState)
    story.check()


def test_more_than_was_loaded_cannot_arrive(story: Story) -> None:
    story.accept()
    story.load()
    story.depart()
    error = story.refused(lambda: story.deliver(39, 1, 1, cause="数错"))
    assert [(field.field, field.code) for field in error.fields] == [("lines.0.good", "more_than_loaded")]  # type: ignore[attr-defined]


def test_a_line_that_is_named_twice_is_not_handed_over(story: Story) -> None:
    story.accept()
    story.load()
    story.depart()
    (line,) = story.world.lines()
    handover = story.handover(HandoverLine(line.id, 40), HandoverLine(line.id, 30), cause="数错", minutes_ago=0)
    error = story.refused(lambda: story.run(handing_over.deliver, Role.CUSTODIAN, handover, at=VILLAGE))
    assert [(field.field, field.code) for field in error.fields] == [("lines", "repeated_line")]  # type: ignore[attr-defined]


def test_an_arrival_lies_between_departure_and_now(story: Story) -> None:
    story.accept()
    story.load()
    story.depart()
    story.clock.advance(minutes=10)
    for minutes_ago, code in ((-1, "in_the_future"), (11, "before_last_step")):
        handover = story.handover(minutes_ago=minutes_ago)
        error = story.refused(
            lambda handover=handover: story.run(handing_over.deliver, Role.CUSTODIAN, handover, at=VILLAGE)
        )
        assert [(field.field, field.code) for field in error.fields] == [("arrived_at", code)]  # type: ignore[attr-defined]


def test_returned_goods_are_on_their_shelf_and_needed_again(story: Story) -> None:
    story.accept()
    story.load(38, "破损")
    story.depart()
    assert isinstance(
        story.refused(lambda: story.run(commands.take_back, Role.KEEPER, story.order.id, "")), InvalidInput
    )
    story.run(commands.take_back, Role.KEEPER, story.order.id, "道路中断")
    assert (story.state, story.shelf(), story.on_the_road) == (State.RETURNED, (100, 0), 0)
    assert story.world.asked() == (0, 0, 0)
    assert (story.world.shipment().state, vehicle(story.world)) == (ShipmentState.CLOSED, VehicleState.READY)
    story.check()


def test_goods_unloaded_before_departure_leave_the_trip_open_for_nothing(story: Story) -> None:
    story.accept()
    story.load()
    story.run(commands.take_back, Role.KEEPER, story.order.id, "车辆故障")
    assert (story.shelf(), story.world.shipment().state) == ((100, 0), ShipmentState.CANCELLED)
    assert isinstance(story.refused(story.depart), WrongState)


def test_goods_on_the_road_are_sent_elsewhere_on_new_papers(story: Story) -> None:
    reroute = lambda site, because="道路中断": story.run(  # noqa: E731
        commands.reroute, Role.DISPATCHER, story.order.id, site, because
    )
    assert isinstance(story.refused(lambda: reroute("city-store")), WrongState)
    story.accept()
    story.load()
    story.depart()
    assert isinstance(story.refused(lambda: reroute("nowhere")), InvalidInput)
    assert isinstance(story.refused(lambda: reroute("village-store")), InvalidInput)
    assert isinstance(story.refused(lambda: reroute("city-store", "")), InvalidInput)
    reroute("city-store")
    order = story.world.consignment()
    assert (order.state, order.rerouted_from_id) == (State.IN_TRANSIT, story.world.house.sites["village-store"])
    slips = [(paper.version, paper.state) for paper in story.world.papers("allocation_slip")]
    assert slips == [(1, PaperState.SUPERSEDED), (2, PaperState.VALID)]
    first, second = story.world.papers("shipment_handover")
    said = [second.content[name] for name in ("depart_at", "left_at")]
    assert said == [moment.isoformat() for moment in (order.load_by, story.world.shipment().departed_at) if moment]
    assert (first.state, second.content["stops"][0]["point"]["name"]) == (PaperState.SUPERSEDED, "霍尔果斯市库")
    assert second.content["note"] == f"{order.number}改派:道路中断"
    (line,) = story.world.lines()
    story.clock.advance(hours=1)
    story.run(handing_over.deliver, Role.KEEPER, story.handover(HandoverLine(line.id, 40)))
    assert story.shelf() == (100, 0)
    story.check()


def test_damaged_goods_wait_in_quarantine_where_there_is_one(story: Story) -> None:
    story.accept()
    story.load()
    story.depart()
    story.run(commands.reroute, Role.DISPATCHER, story.order.id, "city-store", "道路中断")
    (line,) = story.world.lines()
    story.clock.advance(hours=1)
    story.run(handing_over.deliver, Role.KEEPER, story.handover(HandoverLine(line.id, 36, 4), cause="淋雨"))
    assert (story.shelf(), story.shelf("city-quarantine")) == ((96, 0), (4, 0))


def test_a_step_sent_twice_under_one_key_is_done_once(story: Story) -> None:
    keeper = story.world.actor(Role.KEEPER)
    story.accept()
    for _ in range(2):
        story.world.runtime.run(commands.load, keeper.keyed("load-1"), LoadInput(story.order.id, {}))
    assert story.on_the_road == 40


def test_two_plans_may_use_one_lot_until_it_is_empty(world: World, clock: Clock) -> None:
    line = world.tents(30, on_shelf=50)
    world.approve(world.plan(line))
    world.approve(world.plan(world.tents(20, lot=line.lot_id), plate=OTHER_PLATE))
    assert line.lot_id is not None
    assert world.house.balance(line.lot_id) == (50, 50)
