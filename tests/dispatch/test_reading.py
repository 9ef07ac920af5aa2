"""Reading orders: who sees which, their deadlines, what can be done next, their papers in printing order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from supplyops.contracts.tables import CallOff, CallOffItem
from supplyops.dispatch import commands, handing_over, printing, queries, supplying
from supplyops.dispatch.orders import departure
from supplyops.dispatch.rules import ClockKind, ClockState, HandoverInput, HandoverLine, LoadInput, OrderStep
from supplyops.dispatch.views import OrderFilter
from supplyops.kernel.access import Actor, Role
from supplyops.kernel.errors import NotFound
from supplyops.kernel.oral import OralOrder
from supplyops.planning.tables import PlanTrip
from tests.conftest import START, Clock
from tests.dispatch.world import OTHER_PLATE, PLATE, SUPPLIER, World
from tests.house import CITY, FARM, PREFECTURE, VILLAGE

C, S = ClockKind, ClockState


def loaded(world: World) -> None:
    order, keeper = world.consignment(), world.actor(Role.KEEPER)
    world.runtime.run(commands.accept, keeper, order.id)
    world.runtime.run(commands.load, keeper, LoadInput(order.id, {}))


def clocks(world: World, actor: Actor) -> list[tuple[ClockKind, ClockState]]:
    (row,) = world.runtime.read(queries.consignments, actor)
    return [(each.kind, each.state) for each in row.clocks]


def test_everybody_concerned_sees_the_order_and_nobody_else(world: World) -> None:
    world.approve(world.plan(world.tents(5)))
    for role, at, seen in (
        (Role.KEEPER, CITY, 1),
        (Role.CUSTODIAN, VILLAGE, 1),
        (Role.COMMANDER, CITY, 1),
        (Role.CLERK, PREFECTURE, 1),
        (Role.CUSTODIAN, FARM, 0),
        (Role.CLERK, FARM, 0),
        (Role.CUSTODIAN, "654004001", 0),
    ):
        actor = world.actor(role, at)
        for query in (queries.consignments, queries.shipments):
            assert len(world.runtime.read(query, actor)) == seen, (role, at)
        for count in (queries.count_consignments, queries.count_shipments):
            assert world.runtime.read(count, actor) == seen
    number = world.consignment().number
    assert world.runtime.read(queries.consignment, world.actor(Role.KEEPER), number).number == number
    with pytest.raises(NotFound):
        world.runtime.read(queries.consignment, world.actor(Role.CUSTODIAN, FARM), number)
    with pytest.raises(NotFound):
        world.runtime.read(queries.shipment, world.actor(Role.CUSTODIAN, FARM), world.shipment().number)


def test_a_row_says_what_people_ask_for(world: World) -> None:
    instruction_id = world.approve(world.plan(world.tents(5)))
    keeper = world.actor(Role.KEEPER)
    (row,) = world.runtime.read(queries.consignments, keeper)
    assert (row.plate, row.driver, row.origin_name, row.delivery_name) == (
        PLATE,
        "马建国",
        "霍尔果斯市库",
        "伊车嘎善乡储备点",
    )
    assert [(line.item_name, line.quantity, line.location_name) for line in row.lines] == [("12m²棉帐篷", 5, "市库A区")]
    head = world.runtime.read(queries.instruction, world.actor(Role.COMMANDER), str(instruction_id))
    assert (head.owner_name, head.consignments, head.delivered) == ("霍尔果斯市人民政府", 1, 0)
    assert (
        world.runtime.read(queries.instruction, world.actor(Role.COMMANDER), head.document_number).id == instruction_id
    )


def test_filters_narrow(world: World, clock: Clock) -> None:
    world.approve(world.plan(world.tents(5)))
    world.approve(world.plan(world.tents(6), plate=OTHER_PLATE))
    first, second = world.consignments()
    world.runtime.run(commands.cancel, world.actor(Role.DISPATCHER), first.id, "不需要")
    actor = world.actor(Role.COMMANDER)

    def found(**where: object) -> list[str]:
        return [row.number for row in world.runtime.read(queries.consignments, actor, OrderFilter(**where))]  # type: ignore[arg-type]

    assert found() == [second.number, first.number]
    assert found(only_open=True) == [second.number]
    assert found(state="cancelled") == [first.number]
    assert found(text=first.number[-6:]) == [first.number]
    assert found(instruction_id=second.instruction_id) == [second.number]
    assert found(shipment_id=first.shipment_id) == [first.number]
    assert found(site_code="village-store") == [second.number, first.number]
    assert found(site_code="pref-store") == found(only_overdue=True) == found(incident_id=first.id) == []
    clock.advance(hours=5)
    assert found(only_overdue=True) == [second.number]
    trips = world.runtime.read(queries.shipments, actor, OrderFilter(text=OTHER_PLATE))
    assert [row.plate for row in trips] == [OTHER_PLATE]
    instructions = world.runtime.read(queries.instructions, actor, OrderFilter(only_open=True))
    assert [row.id for row in instructions] == [second.instruction_id]


def test_clocks_run_are_met_or_missed(world: World, clock: Clock) -> None:
    world.approve(world.plan(world.tents(5)))
    keeper = world.actor(Role.KEEPER)
    assert clocks(world, keeper) == [(C.LOAD, S.RUNNING), (C.ARRIVE, S.RUNNING)]
    order = world.runtime.read(queries.consignment, keeper, world.consignment().number)
    (trip,) = world.rows(PlanTrip)
    assert order.load_by == departure(trip.stops, world.consignment().origin_site_id), "as its slip says"
    assert [each.due_at for each in order.clocks] == [order.load_by, order.planned_arrival_at]
    clock.advance(seconds=(order.load_by - world.runtime.clock()).total_seconds())
    assert clocks(world, keeper) == [(C.LOAD, S.RUNNING), (C.ARRIVE, S.RUNNING)]
    clock.advance(minutes=1)
    assert clocks(world, keeper) == [(C.LOAD, S.OVERDUE), (C.ARRIVE, S.RUNNING)]
    clock.advance(hours=3)
    loaded(world)
    assert clocks(world, keeper) == [(C.LOAD, S.LATE), (C.ARRIVE, S.OVERDUE)]


def test_a_clock_that_was_kept_stays_kept(world: World, clock: Clock) -> None:
    world.approve(world.plan(world.tents(5)))
    loaded(world)
    clock.advance(hours=50)
    assert clocks(world, world.actor(Role.KEEPER))[0] == (C.LOAD, S.MET)


def test_the_paper_of_an_oral_approval_is_waited_for(world: World, clock: Clock) -> None:
    instruction_id = world.approve(world.plan(world.tents(5)), oral=OralOrder("王", "库", START, "赵"))
    approver, commander = world.actor(Role.APPROVER), world.actor(Role.COMMANDER)
    read = lambda who: world.runtime.read(queries.instruction, who, str(instruction_id))  # noqa: E731
    assert (read(approver).steps, read(commander).steps) == ((OrderStep.SIGN_PAPER,), ())
    assert [(each.kind, each.due_at, each.state) for each in read(commander).clocks] == [
        (C.PAPER, START + timedelta(hours=24), S.RUNNING)
    ]
    clock.advance(hours=25)
    assert read(commander).clocks[0].state is S.OVERDUE


def test_steps_are_offered_to_those_who_may_take_them(world: World) -> None:
    world.approve(world.plan(world.tents(5)))
    order = world.consignment()

    def steps(role: Role, at: str = CITY) -> set[str]:
        row = world.runtime.read(queries.consignment, world.actor(role, at), str(order.id))
        trip = world.runtime.read(queries.shipment, world.actor(role, at), str(order.shipment_id))
        return {step.value for step in (*row.steps, *trip.steps)}

    assert (steps(Role.KEEPER), steps(Role.DISPATCHER)) == ({"accept"}, {"cancel"})
    assert (steps(Role.CUSTODIAN, VILLAGE), steps(Role.CLERK)) == (set(), set())
    loaded(world)
    assert (steps(Role.KEEPER), steps(Role.DISPATCHER)) == ({"take_back", "depart"}, {"take_back", "reroute", "depart"})
    world.runtime.run(commands.depart, world.actor(Role.KEEPER), order.shipment_id)
    assert steps(Role.CUSTODIAN, VILLAGE) == {"deliver"}


def test_the_papers_of_an_incident_come_in_the_order_they_are_used(world: World, clock: Clock) -> None:
    world.approve(world.plan(world.tents(5), world.water(20)))
    world.approve(world.plan(world.tents(6), plate=OTHER_PLATE))
    order = world.consignments()[0]
    keeper = world.actor(Role.KEEPER)
    world.runtime.run(commands.accept, keeper, order.id)
    world.runtime.run(commands.load, keeper, LoadInput(order.id, {}))
    world.runtime.run(commands.depart, keeper, order.shipment_id)
    found = world.runtime.read(printing.incident_papers, world.actor(Role.COMMANDER), world.incident_id)
    assert [each.row.form for each in found] == [
        "release_instruction",
        "allocation_slip",
        "release_instruction",
        "allocation_slip",
        "issue_note",
        "shipment_handover",
        "calloff_notice",
        "supply_request",
    ]
    assert found[1].content["instruction_number"] == found[0].row.document_number
    assert found[3].content["instruction_number"] == found[2].row.document_number


def test_whoever_sees_an_order_sees_its_papers(world: World) -> None:
    world.approve(world.plan(world.tents(5)))
    loaded(world)
    order = world.consignment()
    world.runtime.run(commands.depart, world.actor(Role.KEEPER), order.shipment_id)
    forms = lambda role, at: {  # noqa: E731
        row.form for row in world.runtime.read(printing.list_papers, world.actor(role, at))
    }
    assert forms(Role.CUSTODIAN, VILLAGE) == {"allocation_slip", "issue_note", "shipment_handover", "supply_request"}
    assert forms(Role.CUSTODIAN, FARM) == set()
    (handover,) = world.papers("shipment_handover")
    world.runtime.run(printing.note_prints, world.actor(Role.CUSTODIAN, VILLAGE), [handover.id], [])
    with pytest.raises(NotFound):
        world.runtime.read(printing.paper, world.actor(Role.CUSTODIAN, FARM), str(handover.id))
    with pytest.raises(NotFound):
        world.runtime.run(printing.note_prints, world.actor(Role.CUSTODIAN, FARM), [handover.id], [])
    assert world.runtime.read(printing.paper, world.actor(Role.KEEPER), handover.number).row.prints == 1


def test_a_place_sees_what_suppliers_are_to_bring(world: World, clock: Clock) -> None:
    world.approve(world.plan(world.water(20)))
    (head,), (item,) = world.rows(CallOff), world.rows(CallOffItem)
    custodian = world.actor(Role.CUSTODIAN, VILLAGE)
    assert world.runtime.read(queries.expected, custodian) == []
    supplier = world.actor(Role.SUPPLIER, SUPPLIER)
    world.runtime.run(supplying.confirm_call_off, supplier, head.id, {item.id: 15}, "李")
    (row,) = world.runtime.read(queries.expected, custodian)
    assert (row.supplier_name, row.promised, row.outstanding, row.site_code) == (
        "伊犁甘泉饮品有限公司",
        15,
        15,
        "village-store",
    )
    assert world.runtime.read(queries.expected, world.actor(Role.CUSTODIAN, FARM)) == []


def test_differences_are_listed_with_their_cause(world: World, clock: Clock) -> None:
    world.approve(world.plan(world.tents(5)))
    loaded(world)
    order, (line,) = world.consignment(), world.lines()
    world.runtime.run(commands.depart, world.actor(Role.KEEPER), order.shipment_id)
    clock.advance(hours=1)
    handover = HandoverInput(order.id, "古丽", "", "", clock.now, (HandoverLine(line.id, 4),), cause="途中丢失")
    world.runtime.run(handing_over.deliver, world.actor(Role.CUSTODIAN, VILLAGE), handover)
    (row,) = world.runtime.read(queries.discrepancies, world.actor(Role.COMMANDER), incident_id=world.incident_id)
    assert (row.item_name, row.kind.value, row.quantity, row.cause) == ("12m²棉帐篷", "short", 1, "途中丢失")
    assert world.runtime.read(queries.discrepancies, world.actor(Role.CUSTODIAN, FARM)) == []
