"""An order line that lost its hold or its lot: reserved again, from another lot, or less of it; and what goes out first."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from supplyops.dispatch import commands, relining, standby_queries
from supplyops.dispatch.rules import LoadInput, ReliningInput, ShorteningInput
from supplyops.dispatch.tables import ConsignmentLine
from supplyops.kernel.access import SYSTEM, Actor, Permission, Role
from supplyops.kernel.errors import Forbidden, InvalidInput, WrongState
from supplyops.lots import commands as lots
from supplyops.lots.rules import LotHoldInput
from supplyops.runtime import Context, command
from supplyops.stock import ledger
from supplyops.stock import queries as stock
from supplyops.stock.tables import Reservation, StockMove
from supplyops.stock.views import MoveFilter
from supplyops.verify.books import verify
from tests.conftest import Clock
from tests.dispatch.world import World
from tests.house import TENT, VILLAGE


@command(Permission.INTERNAL)
def take_away(ctx: Context, reservation_id: UUID, quantity: int) -> None:
    ledger.take_away(ctx, reservation_id, quantity)


@pytest.fixture
def keeper(world: World) -> Actor:
    return world.actor(Role.KEEPER)


def ordered(world: World, quantity: int = 40, expires: date | None = date(2027, 1, 1)) -> ConsignmentLine:
    """An order for tents of the lot T1 with 100 on the shelf."""
    lot = world.house.lot(TENT, number="T1", expires_on=expires)
    world.house.stock(lot, 100)
    world.approve(world.plan(world.tents(quantity, lot=lot)))
    return world.lines()[0]


def clean(world: World) -> bool:
    """Nothing is wrong but that these tests take stock away without the document of a take-over."""
    return [
        f"{each.id} {each.examples}"
        for each in verify(world.runtime.database)
        if not each.is_clean and each.id != "I63"
    ] == []


def go(world: World, keeper: Actor, line: ConsignmentLine, loaded: int | None = None, **more: str) -> None:
    amounts = {} if loaded is None else {line.id: loaded}
    world.runtime.run(commands.load, keeper, LoadInput(line.consignment_id, amounts, **more))


def test_what_was_taken_over_is_loaded_only_after_it_is_reserved_again(world: World, keeper: Actor) -> None:
    line = ordered(world)
    run = world.runtime.run
    run(take_away, SYSTEM, line.reservation_id, 15)
    run(commands.accept, keeper, line.consignment_id)
    before = world.books()
    with pytest.raises(InvalidInput) as refusal:
        go(world, keeper, line, 40)
    assert refusal.value.fields[0].params["maximum"] == 25
    assert world.books() == before
    run(relining.reline, keeper, ReliningInput(line.id, "库存尚足"))
    (after,) = world.lines()
    assert after.reservation_id != line.reservation_id
    held = {row.id: row.open_quantity for row in world.rows(Reservation)}
    assert held == {line.reservation_id: 0, after.reservation_id: 40}
    go(world, keeper, line)
    assert world.lines()[0].loaded == 40
    assert len(world.papers("allocation_slip")) == 2
    assert clean(world)


def test_what_was_taken_over_may_be_left_out_at_loading(world: World, keeper: Actor) -> None:
    line = ordered(world)
    world.runtime.run(take_away, SYSTEM, line.reservation_id, 15)
    world.runtime.run(commands.accept, keeper, line.consignment_id)
    go(world, keeper, line, short_reason="15 顶被接管")
    assert (world.lines()[0].loaded, world.asked()) == (25, (25, 25, 0))
    assert clean(world)


def test_a_line_may_be_shortened_and_the_need_is_open_again(world: World, keeper: Actor, clock: Clock) -> None:
    line = ordered(world)
    run, dispatcher = world.runtime.run, world.actor(Role.DISPATCHER)
    run(take_away, SYSTEM, line.reservation_id, 15)
    run(relining.shorten, dispatcher, ShorteningInput(line.id, 25, "15 顶被接管"))
    (after,) = world.lines()
    assert (after.quantity, after.due, world.asked()) == (40, 25, (25, 0, 0))
    assert clean(world)
    run(relining.shorten, dispatcher, ShorteningInput(line.id, 20, "再减"))
    assert world.house.balance(line.lot_id) == (100, 20), "what is no longer due is free"
    run(commands.accept, keeper, line.consignment_id)
    go(world, keeper, line)
    assert (world.lines()[0].loaded, world.asked()) == (20, (20, 20, 0))
    assert world.papers("issue_note")[0].content["lines"][0]["ordered"] == 20
    assert clean(world)


def test_a_cancelled_order_gives_back_what_it_still_stood_for(world: World) -> None:
    line = ordered(world)
    dispatcher = world.actor(Role.DISPATCHER)
    world.runtime.run(relining.shorten, dispatcher, ShorteningInput(line.id, 25, "少要"))
    world.runtime.run(commands.cancel, dispatcher, line.consignment_id, "不需要了")
    assert world.asked() == (0, 0, 0)
    assert clean(world)


def test_a_hold_that_ran_out_is_placed_again(world: World, keeper: Actor, clock: Clock) -> None:
    line = ordered(world)
    clock.advance(hours=25)
    world.runtime.run(ledger.expire_due, SYSTEM)
    assert world.house.balance(line.lot_id) == (100, 0)
    world.runtime.run(relining.reline, keeper, ReliningInput(line.id, "占用到期"))
    assert world.house.balance(line.lot_id) == (100, 40)
    assert clean(world)


def test_another_lot_stands_in_for_one_on_hold(world: World, keeper: Actor) -> None:
    line = ordered(world)
    other = world.house.lot(TENT, number="T2", expires_on=date(2027, 6, 1))
    world.house.stock(other, 50)
    run = world.runtime.run
    run(lots.hold_lot, keeper, LotHoldInput("T1", "发霉"))
    rows = world.runtime.read(standby_queries.standby_lots, keeper, line.consignment_id)
    assert [(row.lot_number, row.available) for row in rows] == [("T2", 50)]
    run(relining.reline, keeper, ReliningInput(line.id, "T1 已封存", "T2"))
    (after,) = world.lines()
    assert (after.lot_id, world.house.balance(line.lot_id), world.house.balance(other)) == (other, (100, 0), (50, 40))
    run(commands.accept, keeper, line.consignment_id)
    go(world, keeper, after)
    assert world.house.balance(other) == (10, 0)
    assert clean(world)


@pytest.mark.parametrize("lot", ["OTHER OWNER", "EXPIRES ON THE ROAD", "TOO LITTLE", "HELD", "NONE"])
def test_what_cannot_stand_in_leaves_the_line_as_it_was(world: World, keeper: Actor, lot: str) -> None:
    line = ordered(world)
    house = world.house
    house.stock(house.lot(TENT, number="OTHER OWNER", owner=VILLAGE), 50)
    house.stock(house.lot(TENT, number="EXPIRES ON THE ROAD", expires_on=date(2026, 1, 11)), 50)
    house.stock(house.lot(TENT, number="TOO LITTLE"), 39)
    house.stock(house.lot(TENT, number="HELD"), 50)
    world.runtime.run(lots.hold_lot, keeper, LotHoldInput("HELD", "x"))
    before = world.books()
    with pytest.raises(InvalidInput) as refusal:
        world.runtime.run(relining.reline, keeper, ReliningInput(line.id, "换", lot))
    assert [each.code for each in refusal.value.fields] == ["no_such_lot"]
    assert world.books() == before


def test_who_may_and_when(world: World, keeper: Actor) -> None:
    line = ordered(world)
    run = world.runtime.run
    for role in (Role.CLERK, Role.AUDITOR):
        with pytest.raises(Forbidden):
            run(relining.reline, world.actor(role), ReliningInput(line.id, "x"))
    with pytest.raises(Forbidden):
        run(relining.shorten, keeper, ShorteningInput(line.id, 1, "x"))
    for quantity, code in ((40, "too_large"), (0, "nothing_left")):
        with pytest.raises(InvalidInput) as refusal:
            run(relining.shorten, world.actor(Role.DISPATCHER), ShorteningInput(line.id, quantity, "x"))
        assert [each.code for each in refusal.value.fields] == [code]
    run(commands.accept, keeper, line.consignment_id)
    go(world, keeper, line)
    with pytest.raises(WrongState):
        run(relining.reline, keeper, ReliningInput(line.id, "x"))
    with pytest.raises(WrongState):
        run(relining.shorten, world.actor(Role.DISPATCHER), ShorteningInput(line.id, 1, "x"))


def test_goods_that_expire_later_go_out_before_others_only_with_a_reason(world: World, keeper: Actor) -> None:
    line = ordered(world)
    sooner = world.house.lot(TENT, number="SOONER", expires_on=date(2026, 3, 1))
    world.house.stock(sooner, 5)
    world.runtime.run(commands.accept, keeper, line.consignment_id)
    before = world.books()
    with pytest.raises(InvalidInput) as refusal:
        go(world, keeper, line)
    (error,) = refusal.value.fields
    assert (error.field, error.code, error.params["earlier"]) == ("turn_reason", "later_lot", "SOONER")
    assert world.books() == before
    go(world, keeper, line, turn_reason="先到期的在货架最里侧")
    assert world.lines()[0].turn_reason == "先到期的在货架最里侧"
    assert world.papers("issue_note")[0].content["lines"][0]["note"] == "先到期的在货架最里侧"
    (move, *_) = world.runtime.read(stock.history, keeper, MoveFilter(lot_id=line.lot_id))
    assert move.note == "先到期的在货架最里侧"
    assert clean(world)


def test_an_earlier_lot_that_is_promised_held_or_others_asks_for_no_reason(world: World, keeper: Actor) -> None:
    line = ordered(world)
    house = world.house
    house.stock(house.lot(TENT, number="HELD", expires_on=date(2026, 3, 1)), 5)
    world.runtime.run(lots.hold_lot, keeper, LotHoldInput("HELD", "x"))
    house.stock(house.lot(TENT, number="GONE", expires_on=date(2026, 1, 11)), 5)
    house.stock(house.lot(TENT, number="VILLAGE", owner=VILLAGE, expires_on=date(2026, 3, 1)), 5)
    world.runtime.run(commands.accept, keeper, line.consignment_id)
    go(world, keeper, line)
    assert world.rows(StockMove)[-1].note == ""
