"""Goods fetched at a supplier's: planned, approved, loaded there by our vehicle or its keeper, delivered; less, refused, cancelled, returned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from supplyops.contracts import queries as contracts
from supplyops.contracts.queries import CallOffRow
from supplyops.contracts.rules import CallOffState, Carrier, Ramp
from supplyops.dispatch import commands, handing_over, queries, relining, supplying
from supplyops.dispatch.approving import approve, refuse
from supplyops.dispatch.rules import (
    ApprovalInput,
    ArrivalInput,
    ArrivalLine,
    ConsignmentState,
    FetchedGoods,
    HandoverInput,
    HandoverLine,
    InstructionState,
    LoadInput,
    OrderStep,
    ShipmentState,
    ShorteningInput,
)
from supplyops.dispatch.tables import ReleaseInstruction
from supplyops.dispatch.views import ConsignmentRow, OrderFilter
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SupplyError, WrongState
from supplyops.papers.tables import Paper
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.planning import judging
from supplyops.planning.rules import PlanState
from supplyops.planning.tables import Plan, PlanVariant
from supplyops.requests import queries as requests
from supplyops.runtime import Runtime
from supplyops.stock.rules import MoveReason
from supplyops.stock.tables import Lot, StockBalance, StockMove
from supplyops.verify.books import INVARIANTS, verify
from supplyops.verify.report import run
from supplyops.verify.rows import Books
from tests.conftest import Clock
from tests.house import CITY, TENT, VILLAGE
from tests.once import once
from tests.planning.town import SUPPLIER, YARD, Town, build_town
from tests.verify.test_documents import take_guards_off

CONTRACT = "HT-1"


class Errand:
    """A plan in which a truck of ours fetches tents at the supplier's yard, and what people do with it."""

    def __init__(self, town: Town, plan_id: UUID, request_line: UUID) -> None:
        self.town, self.plan_id, self.request_line = town, plan_id, request_line
        self.runtime = town.runtime

    def actor(self, role: Role, organisation: str = CITY) -> Actor:
        return self.town.house.actor(role, organisation)

    def approve(self) -> None:
        approval = ApprovalInput(self.plan_id, CITY, "霍应急〔2026〕1号")
        self.runtime.run(approve, self.actor(Role.APPROVER), approval)

    @property
    def orders(self) -> list[ConsignmentRow]:
        return self.runtime.read(queries.consignments, SYSTEM, OrderFilter())

    @property
    def order(self) -> ConsignmentRow:
        (row,) = self.orders
        return row

    @property
    def call_off(self) -> CallOffRow:
        (row,) = self.runtime.read(contracts.call_offs, SYSTEM)
        return row

    def confirm(self, promised: int | None = None, who: Actor | None = None) -> None:
        (item,) = self.call_off.items
        amount = item.quantity if promised is None else promised
        who = who or self.actor(Role.SUPPLIER, SUPPLIER)
        self.runtime.run(supplying.confirm_call_off, who, self.call_off.id, {item.id: amount}, "库房李强")

    def load(self, amount: int | None = None, *, who: Actor | None = None, **more: object) -> None:
        order = self.order
        amounts = {} if amount is None else {order.lines[0].id: amount}
        who = who or self.actor(Role.DISPATCHER)
        self.runtime.run(commands.load, who, LoadInput(order.id, amounts, **more))  # type: ignore[arg-type]

    def depart(self, who: Actor | None = None) -> None:
        (shipment,) = self.runtime.read(queries.shipments, SYSTEM, OrderFilter())
        self.runtime.run(commands.depart, who or self.actor(Role.DISPATCHER), shipment.id)

    def deliver(self, clock: Clock, *lines: HandoverLine, cause: str = "") -> None:
        clock.advance(hours=4)
        given = HandoverInput(
            self.order.id, "艾合买提", "村委会主任", "13900000000", clock() - timedelta(hours=1), lines, cause=cause
        )
        self.runtime.run(handing_over.deliver, self.actor(Role.CUSTODIAN, VILLAGE), given)

    def remaining(self) -> int:
        return self.runtime.read(contracts.contract, SYSTEM, CONTRACT).lines[0].remaining

    def asked(self) -> tuple[int, int, int]:
        (request,) = self.runtime.read(requests.requests, SYSTEM)
        (line,) = request.lines
        return line.approved, line.loaded, line.delivered

    def rows(self, kind: type) -> list[object]:
        with self.runtime.database.read() as session:
            return list(session.scalars(select(kind)))

    def papers(self, form: str) -> list[Paper]:
        found = [row for row in self.rows(Paper) if isinstance(row, Paper) and row.form == form]
        return sorted(found, key=lambda row: row.version)

    def on_hand(self) -> int:
        return sum(row.on_hand for row in self.rows(StockBalance) if isinstance(row, StockBalance))

    def out_of_supplier(self) -> list[tuple[MoveReason, int]]:
        outside = virtual_location_id(LocationKind.SUPPLIER)
        moves = [row for row in self.rows(StockMove) if isinstance(row, StockMove)]
        return [
            (row.reason, row.quantity if row.source_id == outside else -row.quantity)
            for row in sorted(moves, key=lambda row: row.seq)
            if outside in {row.source_id, row.target_id}
        ]

    def refused(self, act: Callable[[], object], kind: type[SupplyError] = WrongState) -> SupplyError:
        """What an act is refused with; nothing has changed by it."""
        before = self.state()
        with pytest.raises(kind) as info:
            act()
        assert self.state() == before
        return info.value

    def state(self) -> object:
        return (
            self.orders, self.runtime.read(contracts.call_offs, SYSTEM), self.remaining(), self.asked(), self.on_hand(),
            len(self.rows(Lot)), len(self.rows(Paper)), self.town.head(self.plan_id).state,
        )  # fmt: skip

    def is_clean(self) -> bool:
        assert [finding.violations for finding in verify(self.runtime.database) if finding.violations] == []
        return True


@once
def build_errand(runtime: Runtime) -> Errand:
    """The town with a plan that fetches forty tents; the contract gives half of its hundred after two hours, all after four."""
    town = build_town(runtime)
    (line,) = town.request((TENT, 40))
    ramp = (Ramp(2, 500), Ramp(4, 1000))
    town.contract(CONTRACT, carrier=Carrier.FLEET, lead_time_hours=1, minimum_order=20, ramp=ramp)
    return Errand(town, town.plan(), line)


@pytest.fixture
def errand(runtime: Runtime) -> Iterator[Errand]:
    found = build_errand(runtime)
    yield found
    assert found.is_clean()


def test_the_plan_sends_a_vehicle_to_the_supplier(errand: Errand) -> None:
    plan = errand.town.read(errand.plan_id)
    assert (plan.head.state, plan.gaps, plan.findings) == (PlanState.DRAFT, (), ())
    (line,) = plan.lines
    (trip,) = plan.trips
    assert (line.contract_number, line.lot_number, line.quantity) == (CONTRACT, "", 40)
    assert (line.origin_site_name, line.trip_no) == ("供应商库房", trip.trip_no)
    (stop,) = [stop for stop in trip.stops if stop["site_code"] == YARD]
    assert stop["loads"] == [{"line_no": 1, "quantity": 40}]
    assert stop["departs_at"] >= (plan.head.starts_at + timedelta(hours=2)).isoformat(), "before that nothing is ready"
    assert line.arrives_at.isoformat() > stop["departs_at"]


def test_approval_calls_off_and_orders_the_vehicle(errand: Errand) -> None:
    errand.approve()
    call_off, order = errand.call_off, errand.order
    (item,) = call_off.items
    assert (call_off.state, call_off.is_fetched, item.quantity, item.request_line_id) == (
        CallOffState.NOTIFIED, True, 40, None,
    )  # fmt: skip
    assert (order.state, order.call_off_number, order.contract_number) == (
        ConsignmentState.ORDERED, call_off.number, CONTRACT,
    )  # fmt: skip
    assert (order.origin_name, order.custodian_name) == ("供应商库房", "伊犁应急物资有限公司")
    (line,) = order.lines
    assert (line.lot_number, line.location_name, line.due, line.left, line.uncovered) == ("", "", 40, 40, 0)
    assert (errand.remaining(), errand.asked(), errand.on_hand()) == (60, (40, 0, 0), 0)
    (notice,) = errand.papers("calloff_notice")
    stops = errand.town.read(errand.plan_id).trips[0].stops
    comes_at = next(stop["arrives_at"] for stop in stops if stop["site_code"] == YARD)
    assert notice.content["pickup"]["place"] == "供应商库房"
    assert notice.content["pickup"]["vehicle"] == order.plate
    assert item.due_at.isoformat() == comes_at
    (slip,) = errand.papers("allocation_slip")
    assert (slip.content["from_site"], slip.content["transport_mode"]) == ("供应商库房", "公路(我方自提)")
    assert slip.content["lines"][0]["unit_price_fen"] == 500_00
    assert call_off.number in slip.content["note"]
    (instruction,) = errand.papers("release_instruction")
    assert instruction.content["goods"] == []
    assert [each["quantity"] for each in instruction.content["call_off_goods"]] == [40]
    assert [each["origin"] for each in instruction.content["trips"]] == ["供应商库房"]


def test_from_the_supplier_to_the_people(errand: Errand, clock: Clock) -> None:
    errand.approve()
    errand.confirm()
    order = errand.order
    assert (order.state, order.accepted_by_name) == (ConsignmentState.ACCEPTED, "库房李强")
    clock.advance(hours=3)
    written = FetchedGoods(order.lines[0].id, "PC-7", date(2025, 12, 1), date(2030, 12, 1), "伊犁帐篷厂", "Y-12")
    errand.load(goods=(written,), fund_source="中央救灾资金", seal_number="F-1")
    (lot,) = errand.rows(Lot)
    assert isinstance(lot, Lot)
    owner = errand.town.house.organisations[CITY]
    assert (lot.number, lot.unit_price_fen, lot.owner_id, lot.fund_source) == ("PC-7", 500_00, owner, "中央救灾资金")
    assert (lot.maker_batch, lot.document_kind, lot.document_number) == ("Y-12", "consignment", order.number)
    assert (errand.out_of_supplier(), errand.on_hand()) == ([(MoveReason.DISPATCH, 40)], 40)
    (item,) = errand.call_off.items
    assert (errand.call_off.state, item.promised, item.received) == (CallOffState.RECEIVED, 40, 40)
    assert errand.asked() == (40, 40, 0)
    (note,) = errand.papers("issue_note")
    assert (note.content["issue_kind"], note.content["warehouse"]) == ("供方自提", "供应商库房")
    errand.depart()
    errand.deliver(clock)
    assert (errand.order.state, errand.asked()) == (ConsignmentState.DELIVERED, (40, 40, 40))
    assert errand.order.lines[0].lot_number == "PC-7"
    (shipment,) = errand.runtime.read(queries.shipments, SYSTEM, OrderFilter())
    assert shipment.state is ShipmentState.CLOSED
    (instruction,) = errand.rows(ReleaseInstruction)
    assert isinstance(instruction, ReleaseInstruction)
    assert instruction.state is InstructionState.DONE
    errand.runtime.run(supplying.close_call_off, errand.actor(Role.APPROVER), errand.call_off.id, "")
    assert (errand.call_off.state, errand.remaining()) == (CallOffState.CLOSED, 60)


def test_less_is_taken_than_was_ordered(errand: Errand, clock: Clock) -> None:
    errand.approve()
    errand.confirm()
    clock.advance(hours=3)
    errand.refused(lambda: errand.load(30), InvalidInput)
    errand.refused(lambda: errand.load(41, short_reason="x"), InvalidInput)
    errand.load(30, short_reason="供方只备好30顶")
    (item,) = errand.call_off.items
    assert (errand.call_off.state, item.quantity, item.promised, item.received) == (CallOffState.RECEIVED, 40, 30, 30)
    assert (errand.remaining(), errand.asked(), errand.on_hand()) == (70, (30, 30, 0), 30)
    (note,) = errand.papers("issue_note")
    assert (note.content["note"], note.content["lines"][0]["ordered"]) == ("供方只备好30顶", 40)
    assert [line.quantity for line in errand.town.problem().lines] == [10], "the rest is asked for again"


def test_the_supplier_promises_less(errand: Errand, clock: Clock) -> None:
    errand.approve()
    errand.confirm(25)
    order = errand.order
    assert (order.state, order.lines[0].due, order.lines[0].shortened) == (ConsignmentState.ACCEPTED, 25, 15)
    assert (errand.remaining(), errand.asked()) == (75, (25, 0, 0))
    assert [paper.content["lines"][0]["quantity"] for paper in errand.papers("allocation_slip")] == [40, 25]
    errand.refused(lambda: errand.load(26, short_reason="x"), InvalidInput)
    errand.load()
    assert (errand.on_hand(), errand.asked()) == (25, (25, 25, 0))


def test_the_supplier_refuses(errand: Errand) -> None:
    errand.approve()
    errand.confirm(0)
    assert (errand.call_off.state, errand.order.state) == (CallOffState.REFUSED, ConsignmentState.CANCELLED)
    assert (errand.remaining(), errand.asked(), errand.on_hand()) == (100, (0, 0, 0), 0)
    assert {paper.state.value for form in ("calloff_notice", "allocation_slip", "release_instruction") for paper in errand.papers(form)} == {"void"}  # fmt: skip
    (shipment,) = errand.runtime.read(queries.shipments, SYSTEM, OrderFilter())
    assert shipment.state is ShipmentState.CANCELLED
    errand.refused(errand.load)


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("by", ["order", "call_off"])
def test_cancelled_before_loading(errand: Errand, by: str, *, confirmed: bool) -> None:
    errand.approve()
    if confirmed:
        errand.confirm(30)
    if by == "order":
        errand.runtime.run(commands.cancel, errand.actor(Role.DISPATCHER), errand.order.id, "道路中断")
    else:
        errand.runtime.run(supplying.cancel_call_off, errand.actor(Role.APPROVER), errand.call_off.id, "道路中断")
    assert (errand.call_off.state, errand.order.state) == (CallOffState.CANCELLED, ConsignmentState.CANCELLED)
    assert (errand.remaining(), errand.asked(), errand.on_hand()) == (100, (0, 0, 0), 0)
    assert {paper.state.value for paper in errand.papers("calloff_notice")} == {"void"}
    assert errand.papers("allocation_slip")[-1].state.value == "void"
    errand.refused(errand.load)
    errand.refused(errand.confirm)


def test_nothing_is_loaded_before_the_supplier_has_answered(errand: Errand) -> None:
    errand.approve()
    error = errand.refused(errand.load)
    assert error.params["noun"] == "call_off"
    keeper = errand.actor(Role.KEEPER, SUPPLIER)
    errand.refused(lambda: errand.runtime.run(commands.accept, keeper, errand.order.id), Conflict)


def test_who_may_load(errand: Errand) -> None:
    errand.approve()
    errand.confirm()
    stranger = errand.actor(Role.CUSTODIAN, VILLAGE)
    errand.refused(lambda: errand.load(who=stranger), Forbidden)
    approver = errand.actor(Role.APPROVER)
    errand.refused(lambda: errand.load(who=approver), Forbidden)
    supplier = errand.actor(Role.SUPPLIER, SUPPLIER)
    row = errand.runtime.read(queries.consignment, supplier, errand.order.number)
    assert row.steps == (OrderStep.LOAD,)
    errand.load(who=supplier)
    errand.depart(supplier)
    assert errand.order.state is ConsignmentState.IN_TRANSIT


def test_goods_past_their_date_and_strange_lines_are_not_loaded(errand: Errand) -> None:
    errand.approve()
    errand.confirm()
    line = errand.order.lines[0].id
    old = FetchedGoods(line, expires_on=date(2025, 1, 1))
    error = errand.refused(lambda: errand.load(goods=(old,)), InvalidInput)
    assert [field.field for field in error.fields] == ["goods.0.expires_on"]  # type: ignore[attr-defined]
    new = FetchedGoods(line, produced_on=date(2027, 1, 1))
    error = errand.refused(lambda: errand.load(goods=(new,)), InvalidInput)
    told = [(field.field, field.code) for field in error.fields]  # type: ignore[attr-defined]
    assert told == [("goods.0.produced_on", "made_later")]
    errand.refused(lambda: errand.load(goods=(FetchedGoods(UUID(int=5)),)), InvalidInput)
    errand.refused(lambda: errand.load(goods=(FetchedGoods(line), FetchedGoods(line))), InvalidInput)
    with pytest.raises(InvalidInput):
        replace(LoadInput(errand.order.id, {}), goods=(replace(old, produced_on=date(2026, 1, 1)),))


def test_what_is_fetched_is_not_received_at_a_gate_nor_held(errand: Errand) -> None:
    errand.approve()
    errand.confirm()
    call_off = errand.call_off
    custodian = errand.actor(Role.CUSTODIAN, VILLAGE)
    assert errand.runtime.read(queries.expected, custodian) == []
    arrival = ArrivalInput(call_off.id, "village-point", "采购", errand.runtime.clock(), (ArrivalLine(call_off.items[0].id, 5),))  # fmt: skip
    errand.refused(lambda: errand.runtime.run(supplying.receive_call_off, custodian, arrival), NotFound)
    office = errand.actor(Role.DISPATCHER)
    errand.refused(lambda: errand.runtime.run(supplying.ship_call_off, office, call_off.id))
    approver = errand.actor(Role.APPROVER)
    errand.refused(lambda: errand.runtime.run(supplying.close_call_off, approver, call_off.id, "算了"))
    less = ShorteningInput(errand.order.lines[0].id, 5, "少装")
    errand.refused(lambda: errand.runtime.run(relining.shorten, office, less), Conflict)


def test_the_vehicle_turns_back_to_the_supplier(errand: Errand) -> None:
    errand.approve()
    errand.confirm()
    errand.load()
    errand.depart()
    errand.runtime.run(commands.take_back, errand.actor(Role.DISPATCHER), errand.order.id, "道路中断,退回供方")
    assert errand.order.state is ConsignmentState.RETURNED
    assert errand.out_of_supplier() == [(MoveReason.DISPATCH, 40), (MoveReason.RETURN, -40)]
    assert (errand.call_off.state, errand.remaining()) == (CallOffState.CLOSED, 100)
    assert (errand.asked(), errand.on_hand()) == ((0, 0, 0), 0)


def test_refused_at_the_door_goes_back_to_the_contract(errand: Errand, clock: Clock) -> None:
    errand.approve()
    errand.confirm()
    errand.load()
    errand.depart()
    errand.deliver(clock, HandoverLine(errand.order.lines[0].id, 33, 2, 4), cause="受潮,拒收4顶")
    assert errand.asked() == (33, 40, 33)
    errand.runtime.run(commands.take_back, errand.actor(Role.DISPATCHER), errand.order.id, "拒收退回供方")
    (item,) = errand.call_off.items
    assert (errand.call_off.state, item.promised, item.received) == (CallOffState.RECEIVED, 36, 36)
    assert (errand.remaining(), errand.on_hand()) == (64, 33)


def test_the_owner_refuses_and_nothing_has_changed(errand: Errand) -> None:
    errand.runtime.run(refuse, errand.actor(Role.APPROVER), errand.plan_id, CITY, "改用储备")
    assert (errand.runtime.read(contracts.call_offs, SYSTEM), errand.orders) == ([], [])
    assert (errand.remaining(), errand.asked(), errand.on_hand()) == (100, (0, 0, 0), 0)


def test_an_approval_that_comes_too_late_leaves_nothing_behind(errand: Errand) -> None:
    other = errand.town.plan()
    errand.runtime.run(approve, errand.actor(Role.APPROVER), ApprovalInput(other, CITY))
    errand.refused(errand.approve, Conflict)
    assert (errand.remaining(), errand.asked()) == (60, (40, 0, 0))


def test_a_plan_made_anew_leaves_what_is_ordered_alone(errand: Errand) -> None:
    errand.approve()
    errand.confirm()
    errand.load()
    (first,) = errand.town.read(errand.plan_id).trips
    errand.town.request((TENT, 30))
    again = errand.town.plan(based_on=errand.plan_id, near=True)
    plan = errand.town.read(again)
    assert [line.quantity for line in plan.lines] == [30]
    (trip,) = plan.trips
    assert trip.vehicle_id != first.vehicle_id or trip.departs_at >= first.returns_at
    assert errand.town.head(again).verdict["is_feasible"]
    assert (errand.order.state, errand.remaining()) == (ConsignmentState.LOADED, 60)
    (kept,) = [row for row in errand.rows(Plan) if isinstance(row, Plan) and row.id == again]
    assert kept.options["issued"] == [CITY]


def test_sent_twice_it_is_loaded_once(errand: Errand) -> None:
    errand.approve()
    errand.confirm()
    once_only = errand.actor(Role.DISPATCHER).keyed("load-1")
    errand.load(who=once_only)
    errand.load(who=once_only)
    assert (errand.on_hand(), len(errand.rows(Lot))) == (40, 1)


PLANTED = {
    "more received than left the supplier": "UPDATE call_off_item SET received = received - 1, promised = promised - 1",
    "goods that left without having been promised": "UPDATE call_off_item SET promised = promised - 1",
    "an order whose call-off is taken away": "UPDATE call_off SET is_fetched = false",
    "a call-off without its order": "UPDATE consignment SET call_off_id = NULL",
    "a line without its line": "UPDATE consignment_line SET call_off_item_id = NULL, reservation_id = id",
    "a line of another quantity": "UPDATE call_off_item SET quantity = 50",
    "states that do not agree": "UPDATE call_off SET state = 'cancelled'",
    "a load made larger": "UPDATE consignment_line SET loaded = loaded - 1",
}


def test_each_planted_violation_is_found(errand: Errand) -> None:
    errand.approve()
    errand.confirm()
    errand.load()
    with errand.runtime.database.writer.connect() as connection:
        for what, statement in PLANTED.items():
            with connection.begin() as transaction:
                take_guards_off(connection)
                connection.exec_driver_sql(statement)
                found = {finding.id for finding in run(INVARIANTS, Books(connection)) if not finding.is_clean}
                transaction.rollback()
            assert "I36" in found, what


def test_a_sheet_of_the_plan_comes_back_as_it_went_and_one_without_the_vehicle_does_not(errand: Errand) -> None:
    number = errand.town.head(errand.plan_id).number
    rows = [line.row for line in errand.runtime.read(judging.sheet, errand.town.commander, number)]
    judged = errand.runtime.run(judging.judge_rows, errand.town.commander, errand.plan_id, rows)
    brought = [replace(row, trip_no=None, plate="", stop_no=0) for row in rows]
    wrong = errand.runtime.run(judging.judge_rows, errand.town.commander, errand.plan_id, brought)
    verdicts = {row.id: row.verdict for row in errand.rows(PlanVariant) if isinstance(row, PlanVariant)}
    assert verdicts[judged]["is_feasible"]
    assert "wrong_carriage" in {violation["code"] for violation in verdicts[wrong]["violations"]}
