"""A transfer that comes in several arrivals, and which lots it may take."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from supplyops.counts import commands as counts
from supplyops.counts.rules import CountInput, CountKind
from supplyops.demo.founding import complete_parameters
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.errors import Conflict, InvalidInput, WrongState
from supplyops.lots import commands as lots
from supplyops.lots.rules import LotHoldInput
from supplyops.obligations import queries as obligations
from supplyops.papers.tables import Paper
from supplyops.stock.rules import LotBlocked
from supplyops.stock.tables import Lot
from supplyops.transfers import carrying, commands
from supplyops.transfers.rules import ArrivedLine, SendInput, TransferGoods, TransferKind, TransferState
from tests.conftest import Clock
from tests.house import CITY, CITY_SHELF, CITY_STORE, TENT, VILLAGE, VILLAGE_SHELF
from tests.transfers.town import STREET, STREET_SHELF, VILLAGE_QUARANTINE, Town, order
from tests.verify.test_tampering import without_guards


@pytest.fixture
def sender(town: Town) -> Actor:
    """The street's storekeeper."""
    return town.actor(Role.KEEPER, STREET)


@pytest.fixture
def receiver(town: Town) -> Actor:
    """The village's storekeeper."""
    return town.actor(Role.KEEPER, VILLAGE)


def under_way(town: Town, sender: Actor) -> tuple[str, UUID]:
    """Twelve tents on the road from the street to the village, owed back; with the id of their lot's line."""
    town.house.stock(town.house.lot(owner=STREET, number="S-1"), 20, STREET_SHELF)
    number = town.draft(order(), town.actor(Role.CLERK, VILLAGE))
    town.runtime.run(commands.approve, town.actor(Role.APPROVER), number)
    town.send(number, sender)
    return number, town.transfer(number).lots[0].id


def on_the_road(town: Town, number: str) -> int:
    return sum(line.on_the_road for line in town.transfer(number).lots)


def test_a_transfer_comes_in_three_arrivals(town: Town, sender: Actor, receiver: Actor, clock: Clock) -> None:
    number, line = under_way(town, sender)
    town.arrive(number, receiver, ArrivedLine(line, 5), more=True)
    assert (town.transfer(number).state, on_the_road(town, number)) == (TransferState.PARTLY, 7)
    assert (town.owned_at(VILLAGE, VILLAGE_SHELF), town.transfer(number).differences) == (5, ())
    assert town.runtime.read(obligations.obligations, SYSTEM) == [], "what is owed is written down when all is known"
    assert town.unclean() == []
    clock.advance(hours=1)
    town.arrive(number, receiver, ArrivedLine(line, 3, 1), cause="一顶破损", more=True)
    assert (on_the_road(town, number), town.owned_at(VILLAGE, VILLAGE_QUARANTINE)) == (3, 1)
    clock.advance(hours=1)
    before = town.books()
    with pytest.raises(InvalidInput):
        town.arrive(number, receiver, ArrivedLine(line, 2))
    assert town.books() == before, "what is missing at the end needs a cause"
    town.arrive(number, receiver, ArrivedLine(line, 2), cause="途中遗失一顶")
    row = town.transfer(number)
    assert (row.state, on_the_road(town, number)) == (TransferState.RECEIVED, 0)
    assert [(one.arrival_no, one.is_last, one.lines[0].good) for one in row.arrivals] == [
        (1, False, 5), (2, False, 3), (3, True, 2),
    ]  # fmt: skip
    assert [(each.finding.value, each.quantity) for each in row.differences] == [("damaged", 1), ("short", 1)]
    assert len([lot for lot in town.rows(Lot) if lot.parent_lot_id is not None]) == 1, "one child lot for all arrivals"
    assert town.owned_at(VILLAGE, VILLAGE_SHELF) == 10
    [debt] = town.runtime.read(obligations.obligations, SYSTEM)
    assert debt.lines[0].quantity == 12
    notes = [paper for paper in town.rows(Paper) if paper.form == "receipt_note"]
    assert sorted(note.content["note"] for note in notes) == [
        "第1次到货,尚在途:12m²棉帐篷 7 顶", "第2次到货,尚在途:12m²棉帐篷 3 顶", "第3次到货,全部到齐",
    ]  # fmt: skip
    assert {note.number for note in notes} == {one.receipt_number for one in row.arrivals}
    assert town.unclean() == []


def test_all_that_is_left_ends_it_whatever_was_ticked(town: Town, sender: Actor, receiver: Actor) -> None:
    number, line = under_way(town, sender)
    town.arrive(number, receiver, ArrivedLine(line, 12), more=True)
    assert town.transfer(number).state is TransferState.RECEIVED


def test_what_a_part_may_not_be(town: Town, sender: Actor, receiver: Actor, clock: Clock) -> None:
    number, line = under_way(town, sender)
    clock.advance(hours=1)
    town.arrive(number, receiver, ArrivedLine(line, 5), more=True)
    before = town.books()
    for found, cause, code in (
        ((), "", "nothing_received"),
        ((ArrivedLine(line, 0),), "", "nothing_received"),
        ((ArrivedLine(line, 8),), "", "more_than_loaded"),
        ((ArrivedLine(line, 2, 1),), "", "required"),
        ((ArrivedLine(line, 2), ArrivedLine(line, 1)), "", "repeated_line"),
        ((ArrivedLine(town.house.sites[CITY_STORE], 2),), "", "unknown_reference"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            town.arrive(number, receiver, *found, cause=cause, more=True)
        assert code in {each.code for each in refusal.value.fields}, code
        assert town.books() == before
    clock.advance(hours=-1)
    with pytest.raises(InvalidInput) as refusal:
        town.arrive(number, receiver, ArrivedLine(line, 2), more=True)
    assert [each.code for each in refusal.value.fields] == ["before_last_step"]


def test_the_rest_comes_back_and_the_part_that_came_is_owed(town: Town, sender: Actor, receiver: Actor) -> None:
    number, line = under_way(town, sender)
    town.arrive(number, receiver, ArrivedLine(line, 5), more=True)
    town.runtime.run(carrying.take_back, sender, number, "道路中断")
    row = town.transfer(number)
    assert (row.state, row.lots[0].returned, row.ended_because) == (TransferState.RECEIVED, 7, "道路中断")
    assert (town.owned_at(STREET, STREET_SHELF), town.owned_at(VILLAGE, VILLAGE_SHELF)) == (15, 5)
    [debt] = town.runtime.read(obligations.obligations, SYSTEM)
    assert debt.lines[0].quantity == 5
    for again in (
        lambda: town.arrive(number, receiver),
        lambda: town.runtime.run(carrying.take_back, sender, number, "x"),
    ):
        with pytest.raises(WrongState):
            again()
    assert town.unclean() == []


def test_verify_sees_an_arrival_that_does_not_add_up(town: Town, sender: Actor, receiver: Actor) -> None:
    number, line = under_way(town, sender)
    town.arrive(number, receiver, ArrivedLine(line, 5), more=True)
    without_guards(town.runtime.database, "UPDATE transfer_arrival_line SET good = 4")
    assert "各次到货合计" in str(town.unclean())


def test_a_carrier_of_the_register_or_by_name(town: Town, sender: Actor, clock: Clock) -> None:
    town.house.stock(town.house.lot(owner=STREET, number="S-1"), 20, STREET_SHELF)
    number = town.draft(order(), town.actor(Role.CLERK, VILLAGE))
    town.runtime.run(commands.approve, town.actor(Role.APPROVER), number)
    going: dict[str, Any] = {"transfer": number, "vehicle": "新F1", "driver": "马", "expected_at": order().arrive_by}
    for wrong, code in (
        ({}, "required"),
        ({"carrier": "车队", "carrier_code": CITY}, "carrier_twice"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            SendInput(**going, **wrong)
        assert [each.code for each in refusal.value.fields] == [code]
    before = town.books()
    with pytest.raises(InvalidInput):
        town.runtime.run(carrying.send, sender, SendInput(**going, carrier_code="none"))
    assert town.books() == before
    town.runtime.run(carrying.send, sender, SendInput(**going, carrier_code=CITY))
    row = town.transfer(number)
    assert (row.carrier, row.carrier_code) == ("霍尔果斯市人民政府", CITY)


def approve(town: Town, *goods: TransferGoods) -> str:
    number = town.draft(order(TransferKind.PEER, *goods), town.actor(Role.CLERK, VILLAGE))
    town.runtime.run(commands.approve, town.actor(Role.APPROVER), number)
    return number


def test_what_may_not_be_used_is_passed_over(town: Town) -> None:
    """Held, recalled and damaged goods, those that expire on the way, and those on a shelf that is being counted."""
    for name, day in (("HELD", date(2026, 3, 1)), ("OLD", date(2026, 1, 11)), ("GOOD", date(2027, 1, 1))):
        town.house.stock(town.house.lot(owner=STREET, number=name, expires_on=day), 20, STREET_SHELF)
    town.runtime.run(lots.hold_lot, town.actor(Role.KEEPER, STREET), LotHoldInput("HELD", "受潮待检"))
    number = approve(town, TransferGoods(TENT, 5))
    assert [line.lot_number for line in town.transfer(number).lots] == ["GOOD"]
    before = town.books()
    with pytest.raises(Conflict) as refusal:
        approve(town, TransferGoods(TENT, 16))
    assert refusal.value.code == "not_enough_usable"
    assert {name: refusal.value.params[name] for name in ("available", "blocked", "expired", "frozen")} == {
        "available": 15, "blocked": 20, "expired": 20, "frozen": 0,
    }  # fmt: skip
    with pytest.raises(LotBlocked):
        approve(town, TransferGoods(TENT, 5, "HELD", "先用完"))
    with pytest.raises(Conflict, match="not_enough_usable"):
        approve(town, TransferGoods(TENT, 5, "OLD", "先用完"))
    assert town.books()[:3] == before[:3]


def test_goods_under_a_count_wait_for_its_end(town: Town) -> None:
    town.house.stock(town.house.lot(number="C-1"), 30, CITY_SHELF)
    complete_parameters(town.runtime)
    town.runtime.run(
        counts.start,
        town.actor(Role.KEEPER),
        CountInput(CountKind.SPECIAL, CITY_STORE, witness_name="监盘人", is_frozen=True),
    )
    wanted = order(TransferKind.AGENCY, from_site_code=CITY_STORE, owner_code=CITY)
    number = town.draft(wanted, town.actor(Role.CLERK))
    with pytest.raises(Conflict) as refusal:
        town.runtime.run(commands.approve, town.actor(Role.APPROVER), number)
    assert refusal.value.params["frozen"] == 30


def test_a_lot_out_of_turn_stands_on_the_slip_with_its_reason(town: Town) -> None:
    for name, day in (("SOON", date(2026, 6, 1)), ("LATE", date(2028, 6, 1))):
        town.house.stock(town.house.lot(owner=STREET, number=name, expires_on=day), 20, STREET_SHELF)
    number = approve(town, TransferGoods(TENT, 3, "LATE", "整包发运"))
    assert town.transfer(number).lines[0].reason == "整包发运"
    [slip] = town.rows(Paper)
    assert slip.content["lines"][0]["note"] == "指定批次:整包发运"
