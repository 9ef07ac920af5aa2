"""Call-offs from the order to the receipt, and what the needs they serve hear of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest

from supplyops.contracts.rules import CallOffInput, CallOffLine, CallOffState
from supplyops.contracts.tables import CallOff, CallOffItem
from supplyops.dispatch import supplying
from supplyops.dispatch.rules import ArrivalInput, ArrivalLine, InstructionState
from supplyops.dispatch.tables import ReleaseInstruction
from supplyops.kernel.access import Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SupplyError, WrongState
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.rules import PaperState
from supplyops.runtime import Command, Runtime
from supplyops.stock.tables import Asset, Lot, StockBalance
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.dispatch.world import SUPPLIER, World, build_world, number_one_by_one
from tests.house import CITY, FARM, VILLAGE, VILLAGE_SHELF, VILLAGE_STORE, WATER
from tests.once import once


class Order:
    """One call-off of 100 boxes of water for the village."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.approve(world.plan(world.water(100)))
        (row,) = world.rows(CallOff)
        (item,) = world.rows(CallOffItem)
        self.id, self.item_id = row.id, item.id

    def run(self, command: Command, role: Role, *arguments: object, at: str = CITY) -> object:
        return self.world.runtime.run(command, self.world.actor(role, at), *arguments)

    def confirm(self, promised: int = 100, by: str = "李强", at: str = SUPPLIER, role: Role = Role.SUPPLIER) -> object:
        return self.run(
            supplying.confirm_call_off, role, self.id, {self.item_id: promised} if promised else {}, by, at=at
        )

    def receive(
        self,
        accepted: int,
        rejected: int = 0,
        *,
        at: str = VILLAGE,
        site: str = VILLAGE_STORE,
        serials: tuple[str, ...] = (),
    ) -> object:
        line = ArrivalLine(
            self.item_id, accepted, rejected, produced_on=date(2026, 1, 2), maker_batch="B7", serial_numbers=serials
        )
        arrival = ArrivalInput(self.id, site, "应急资金", START, (line,), shortage_handling="退换" if rejected else "")
        return self.run(supplying.receive_call_off, Role.CUSTODIAN, arrival, at=at)

    @property
    def state(self) -> CallOffState:
        return self.world.rows(CallOff)[0].state

    def refused(self, do: Callable[[], object]) -> SupplyError:
        before = self.world.books(), self.state
        with pytest.raises(SupplyError) as refusal:
            do()
        assert (self.world.books(), self.state) == before
        return refusal.value

    def check(self) -> None:
        assert not [found for found in verify(self.world.runtime.database) if found.violations]


@pytest.fixture
@once
def order(runtime: Runtime) -> Order:
    return Order(build_world(runtime))


def test_the_straight_way(order: Order) -> None:
    world = order.world
    assert (order.state, world.remaining(), world.asked(WATER)) == (CallOffState.NOTIFIED, 300, (100, 0, 0))
    assert order.confirm() is CallOffState.CONFIRMED
    order.run(supplying.ship_call_off, Role.SUPPLIER, order.id, at=SUPPLIER)
    order.receive(60)
    assert (order.state, world.asked(WATER)) == (CallOffState.SHIPPED, (100, 0, 60))
    assert world.rows(ReleaseInstruction)[0].state is InstructionState.ISSUED
    order.receive(40)
    assert (order.state, world.asked(WATER)) == (CallOffState.RECEIVED, (100, 0, 100))
    assert world.rows(ReleaseInstruction)[0].state is InstructionState.DONE
    lots = [lot for lot in world.rows(Lot) if lot.item_id == world.house.items[WATER]]
    assert {(lot.owner_id, lot.unit_price_fen, lot.maker_batch, lot.expires_on) for lot in lots} == {
        (world.house.organisations[CITY], 24_00, "B7", date(2027, 1, 2))
    }
    assert sum(world.house.balance(lot.id, VILLAGE_SHELF)[0] for lot in lots) == 100
    notes = world.papers("receipt_note")
    assert [note.content["source"] for note in notes] == ["伊犁甘泉饮品有限公司"] * 2
    order.run(supplying.close_call_off, Role.APPROVER, order.id)
    assert order.state is CallOffState.CLOSED
    order.check()


def test_what_is_not_promised_returns_to_the_contract_and_the_need(order: Order) -> None:
    order.confirm(70)
    assert (order.world.remaining(), order.world.asked(WATER)) == (330, (70, 0, 0))
    order.check()


def test_a_refusal_gives_everything_back_and_ends_the_instruction(order: Order) -> None:
    assert order.confirm(0) is CallOffState.REFUSED
    assert (order.world.remaining(), order.world.asked(WATER)) == (400, (0, 0, 0))
    assert order.world.rows(ReleaseInstruction)[0].state is InstructionState.CANCELLED
    assert order.world.papers("calloff_notice")[0].state is PaperState.VOID
    assert isinstance(order.refused(order.confirm), WrongState)
    order.check()


@pytest.mark.parametrize("promised", [101, -1])
def test_no_more_is_promised_than_was_asked(order: Order, promised: int) -> None:
    assert isinstance(order.refused(lambda: order.confirm(promised)), InvalidInput)


def test_an_answer_names_who_gave_it(order: Order) -> None:
    assert isinstance(order.refused(lambda: order.confirm(by="")), InvalidInput)


def test_the_buyer_may_write_down_the_answer_and_nobody_else(order: Order) -> None:
    assert isinstance(order.refused(lambda: order.confirm(at=FARM, role=Role.CLERK)), NotFound)
    assert isinstance(order.refused(lambda: order.confirm(at=VILLAGE, role=Role.CLERK)), NotFound)
    assert isinstance(order.refused(lambda: order.confirm(at=CITY, role=Role.APPROVER)), Forbidden)
    assert order.confirm(at=CITY, role=Role.CLERK) is CallOffState.CONFIRMED


def test_cancelling_gives_everything_back(order: Order) -> None:
    cancel = lambda because: order.run(supplying.cancel_call_off, Role.APPROVER, order.id, because)  # noqa: E731
    assert isinstance(order.refused(lambda: cancel("")), InvalidInput)
    order.confirm(70)
    cancel("已有捐赠")
    assert (order.state, order.world.remaining(), order.world.asked(WATER)) == (CallOffState.CANCELLED, 400, (0, 0, 0))
    assert order.world.papers("calloff_notice")[0].state is PaperState.VOID
    assert isinstance(order.refused(lambda: cancel("再次")), WrongState)
    order.check()


def test_nothing_is_cancelled_after_goods_came_but_it_can_be_settled_short(order: Order) -> None:
    order.confirm()
    order.receive(60)
    cancel = lambda: order.run(supplying.cancel_call_off, Role.APPROVER, order.id, "不要了")  # noqa: E731
    error = order.refused(cancel)
    assert (type(error), error.code) == (Conflict, "already_received")
    close = lambda because: order.run(supplying.close_call_off, Role.APPROVER, order.id, because)  # noqa: E731
    assert isinstance(order.refused(lambda: close("")), InvalidInput)
    close("供方停产")
    assert (order.state, order.world.remaining(), order.world.asked(WATER)) == (CallOffState.CLOSED, 340, (60, 0, 60))
    assert order.world.rows(ReleaseInstruction)[0].state is InstructionState.DONE
    order.check()


def test_goods_are_received_only_after_the_supplier_confirmed_and_never_more(order: Order) -> None:
    assert isinstance(order.refused(lambda: order.receive(10)), WrongState)
    order.confirm(70)
    error = order.refused(lambda: order.receive(71))
    assert [(field.field, field.code) for field in error.fields] == [("lines.0.accepted", "too_large")]  # type: ignore[attr-defined]


def test_numbered_goods_are_taken_in_under_their_numbers(order: Order) -> None:
    number_one_by_one(order.world)
    order.confirm()
    order.receive(2, serials=("W-1", "W-2"))
    order.receive(1)
    found = {(asset.serial_number, asset.location_id) for asset in order.world.rows(Asset)}
    shelf = order.world.house.locations[VILLAGE_SHELF]
    assert found == {("W-1", shelf), ("W-2", shelf)}
    assert [note.content["lines"][0]["serials"] for note in order.world.papers("receipt_note")] == ["W-1、W-2", ""]
    for pieces, serials, code in (
        (1, ("W-2",), "serial_taken"),
        (2, ("W-3",), "serials_not_as_pieces"),
        (2, ("W-3", "W-3"), "named_twice"),
    ):
        error = order.refused(lambda: order.receive(pieces, serials=serials))  # noqa: B023
        assert [(field.field, field.code) for field in error.fields] == [("lines.0.serial_numbers", code)]  # type: ignore[attr-defined]
    assert len(order.world.rows(Asset)) == 2
    order.check()


def test_goods_without_numbers_take_none(order: Order) -> None:
    order.confirm()
    error = order.refused(lambda: order.receive(1, serials=("W-1",)))
    assert [(field.field, field.code) for field in error.fields] == [("lines.0.serial_numbers", "not_serial_tracked")]  # type: ignore[attr-defined]


def test_rejected_goods_are_not_received(order: Order) -> None:
    order.confirm()
    error = order.refused(lambda: order.receive(90, 10))
    assert [(field.field, field.code) for field in error.fields] == [("lines.0.rejected", "no_quarantine")]  # type: ignore[attr-defined]


def test_only_the_place_of_delivery_receives(order: Order) -> None:
    order.confirm()
    assert isinstance(order.refused(lambda: order.receive(10, at=FARM)), NotFound)
    assert isinstance(order.refused(lambda: order.receive(10, at=CITY, site="city-store")), NotFound)
    stranger = ArrivalInput(order.id, VILLAGE_STORE, "应急资金", START, (ArrivalLine(UUID(int=4), 1),))
    bad = order.refused(lambda: order.run(supplying.receive_call_off, Role.CUSTODIAN, stranger, at=VILLAGE))
    assert isinstance(bad, InvalidInput)


def test_a_substitute_counts_for_what_it_stands_for(world: World) -> None:
    world.approve(world.plan(world.water(100, serves=50)))
    (row,), (item,) = world.rows(CallOff), world.rows(CallOffItem)
    assert world.asked(WATER) == (50, 0, 0)
    supplier = world.actor(Role.SUPPLIER, SUPPLIER)
    world.runtime.run(supplying.confirm_call_off, supplier, row.id, {item.id: 81}, "李强")
    assert world.asked(WATER) == (40, 0, 0)
    line = ArrivalLine(item.id, 31)
    arrival = ArrivalInput(row.id, VILLAGE_STORE, "应急资金", START, (line,))
    world.runtime.run(supplying.receive_call_off, world.actor(Role.CUSTODIAN, VILLAGE), arrival)
    assert world.asked(WATER) == (40, 0, 15)
    assert not [found for found in verify(world.runtime.database) if found.violations]


def by_hand(world: World, quantity: int, **more: object) -> CallOffInput:
    line = CallOffLine(
        world.contract_line,
        quantity,
        world.house.sites[VILLAGE_STORE],
        START + timedelta(days=1),
        world.request_lines[WATER],
    )
    (contract_id,) = {row.contract_id for row in world.rows(supplying.ContractLine)}
    cause = DocumentRef("incident", world.incident_id, "SJ")
    given: dict[str, object] = {"incident_id": world.incident_id, **more}
    return CallOffInput(contract_id, "地震应急", (line,), cause, **given)  # type: ignore[arg-type]


def test_an_order_by_hand_is_told_to_the_need_and_has_its_notice(world: World) -> None:
    world.runtime.run(supplying.call_off, world.actor(Role.APPROVER), by_hand(world, 50))
    assert (world.remaining(), world.asked(WATER)) == (350, (50, 0, 0))
    (notice,) = world.papers("calloff_notice")
    assert notice.content["lines"][0]["quantity"] == 50
    assert notice.content["lines"][0]["remaining_after"] == 350


def test_an_order_by_hand_is_refused_whole(world: World, clock: Clock) -> None:
    approver = world.actor(Role.APPROVER)
    before = world.books()
    for order, code in (
        (by_hand(world, 401), "contract_used_up"),
        (by_hand(world, 9), "invalid_input"),
        (by_hand(world, 50, incident_id=None), "invalid_input"),
    ):
        with pytest.raises(SupplyError) as refusal:
            world.runtime.run(supplying.call_off, approver, order)
        assert refusal.value.code == code
    with pytest.raises(Forbidden):
        world.runtime.run(supplying.call_off, world.actor(Role.CLERK), by_hand(world, 50))
    clock.advance(days=400)
    with pytest.raises(WrongState):
        world.runtime.run(supplying.call_off, approver, by_hand(world, 50))
    assert world.books() == before
    assert world.rows(StockBalance) == []
