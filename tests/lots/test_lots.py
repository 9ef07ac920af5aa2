"""Lots on hold, damaged, recalled: kept back from everything that goes out, told to those who count on them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from supplyops.dispatch import commands as dispatch
from supplyops.dispatch.rules import LoadInput, StalePlan
from supplyops.kernel.access import Actor, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.lots import commands, queries
from supplyops.lots.queries import Whereabouts
from supplyops.lots.rules import LotHoldInput, RecallInput
from supplyops.notices import commands as notice_commands
from supplyops.notices import queries as notice_queries
from supplyops.notices.rules import NoticeKind
from supplyops.notices.tables import Notice
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock import queries as stock_queries
from supplyops.stock.documents import (
    IssueInput,
    IssueKind,
    IssueLineInput,
    ReceiptInput,
    ReceiptKind,
    ReceiptLineInput,
    TransferInput,
    TransferLineInput,
)
from supplyops.stock.rules import LotBlocked, LotState, RecallState
from supplyops.stock.tables import Lot, LotStatus, Recall
from supplyops.stock.views import StockFilter
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.dispatch.world import World, build_world
from tests.house import (
    CITY,
    CITY_QUARANTINE,
    CITY_SHELF,
    CITY_STORE,
    PREFECTURE,
    TENT,
    VILLAGE,
    WATER,
)
from tests.verify.test_tampering import violated, without_guards


@pytest.fixture
def world(runtime: Runtime) -> World:
    return build_world(runtime)


@pytest.fixture
def keeper(world: World) -> Actor:
    return world.actor(Role.KEEPER)


def wrong(runtime: Runtime) -> list[str]:
    return [f"{each.id} {each.examples}" for each in verify(runtime.database) if not each.is_clean]


def issue(*lines: IssueLineInput) -> IssueInput:
    return IssueInput(IssueKind.DISTRIBUTION, CITY_STORE, CITY, "卡拉苏街道", "安置", lines)


def receipt(maker: str = "甲厂", batch: str = "B1", *, owner: str = CITY, quantity: int = 10) -> ReceiptInput:
    line = ReceiptLineInput(
        WATER, quantity, quantity, produced_on=date(2026, 1, 1), manufacturer=maker, maker_batch=batch
    )
    return ReceiptInput(ReceiptKind.PURCHASE, CITY_STORE, owner, "甲厂", "市级财政", START, (line,))


def number_of(world: World, lot_id: UUID) -> str:
    return next(row.number for row in world.rows(Lot) if row.id == lot_id)


def test_a_lot_on_hold_is_neither_picked_nor_promised_and_the_rest_goes_on(world: World, keeper: Actor) -> None:
    held, other = world.house.lot(number="HELD"), world.house.lot(number="OTHER")
    for lot in (held, other):
        world.house.stock(lot, 10)
    run = world.runtime.run
    run(commands.hold_lot, keeper, LotHoldInput("HELD", "发霉待查"))
    run(stock.issue, keeper, issue(IssueLineInput(TENT, 10)))
    assert (world.house.balance(held), world.house.balance(other)) == ((10, 0), (0, 0))
    before = world.books()
    with pytest.raises(Conflict, match="not_enough_to_pick"):
        run(stock.issue, keeper, issue(IssueLineInput(TENT, 1)))
    with pytest.raises(LotBlocked) as refusal:
        run(stock.issue, keeper, issue(IssueLineInput(TENT, 1, "HELD", "就要这批")))
    assert refusal.value.params["because"] == "发霉待查"
    assert world.books() == before
    (row,) = world.runtime.read(stock_queries.item_stock, keeper, StockFilter(sku=TENT))
    assert (row.on_hand, row.unusable, row.available) == (10, 10, 0)
    apart = TransferInput(CITY_STORE, "隔离", (TransferLineInput("HELD", CITY_SHELF, CITY_QUARANTINE, 4),))
    run(stock.transfer, keeper, apart)
    assert world.house.balance(held, CITY_QUARANTINE) == (4, 0), "what is kept back may still be put apart"
    assert wrong(world.runtime) == []


def test_a_hold_reaches_plans_orders_and_those_who_count_on_the_lot(world: World, keeper: Actor) -> None:
    lot = world.house.lot(TENT, number="T1")
    world.house.stock(lot, 100)
    plan, later = world.plan(world.tents(10, lot=lot)), world.plan(world.tents(5, lot=lot), plate="新F10002")
    world.approve(plan)
    run = world.runtime.run
    run(commands.hold_lot, keeper, LotHoldInput("T1", "抽检不合格"))
    with pytest.raises(StalePlan) as stale:
        world.approve(later)
    assert [line.code for line in stale.value.lines] == ["blocked"]
    order = world.consignment()
    told = [row for row in world.rows(Notice) if row.kind is NoticeKind.LOT_BLOCKED]
    assert {row.organisation_id for row in told} == {world.house.organisations[CITY]}
    assert told[0].subject_number == order.number
    assert told[0].params["quantity"] == "10 顶"
    run(dispatch.accept, keeper, order.id)
    before = world.books()
    with pytest.raises(LotBlocked):
        run(dispatch.load, keeper, LoadInput(order.id, {}))
    assert world.books() == before
    run(commands.release_lot, world.actor(Role.APPROVER), "T1", "复检合格")
    run(dispatch.load, keeper, LoadInput(order.id, {}))
    assert world.house.balance(lot) == (90, 0)
    assert [row.kind for row in world.rows(Notice)] == [NoticeKind.LOT_BLOCKED, NoticeKind.LOT_FREED]
    assert wrong(world.runtime) == []


def test_what_is_on_the_vehicle_does_not_leave_once_it_is_on_hold(world: World, keeper: Actor) -> None:
    lot = world.house.lot(TENT, number="T1")
    world.house.stock(lot, 100)
    world.approve(world.plan(world.tents(10, lot=lot)))
    run, order = world.runtime.run, world.consignment()
    run(dispatch.accept, keeper, order.id)
    run(dispatch.load, keeper, LoadInput(order.id, {}))
    run(commands.hold_lot, keeper, LotHoldInput("T1", "抽检不合格"))
    with pytest.raises(LotBlocked):
        run(dispatch.depart, keeper, world.shipment().id)
    run(dispatch.take_back, keeper, order.id, "退回封存")
    assert world.house.balance(lot) == (100, 0)
    assert wrong(world.runtime) == []


def test_a_hold_is_lifted_by_an_approver_who_did_not_place_it(world: World, keeper: Actor) -> None:
    world.house.stock(world.house.lot(number="T1"), 10)
    run, approver = world.runtime.run, world.actor(Role.APPROVER)
    run(commands.hold_lot, approver, LotHoldInput("T1", "来文封存"))
    with pytest.raises(Forbidden, match="own_document"):
        run(commands.release_lot, approver, "T1", "可以用")
    with pytest.raises(Forbidden):
        run(commands.release_lot, keeper, "T1", "可以用")
    with pytest.raises(WrongState):
        run(commands.hold_lot, keeper, LotHoldInput("T1", "再封一次"))
    assert len(world.rows(LotStatus)) == 1
    other = world.actor(Role.APPROVER, PREFECTURE)
    with pytest.raises(InvalidInput):
        run(commands.release_lot, other, "T1", " ")
    run(commands.release_lot, other, "T1", "检验合格")
    with pytest.raises(WrongState):
        run(commands.release_lot, other, "T1", "再来")
    rows = world.runtime.read(queries.lot_statuses, keeper, "T1")
    assert [(row.state, row.reason) for row in rows] == [(LotState.NORMAL, "检验合格"), (LotState.HELD, "来文封存")]


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.COMMANDER, Role.AUDITOR])
def test_who_may_not_keep_back_may_not(world: World, role: Role) -> None:
    world.house.stock(world.house.lot(number="T1"), 10)
    with pytest.raises(Forbidden):
        world.runtime.run(commands.hold_lot, world.actor(role), LotHoldInput("T1", "x"))
    assert world.rows(LotStatus) == []


def test_a_lot_out_of_reach_is_not_there(world: World) -> None:
    world.house.stock(world.house.lot(number="T1"), 10)
    with pytest.raises(NotFound):
        world.runtime.run(commands.hold_lot, world.actor(Role.KEEPER, VILLAGE), LotHoldInput("T1", "x"))
    assert world.rows(LotStatus) == []


def test_only_hold_and_damage_are_said_by_hand() -> None:
    for state in (LotState.NORMAL, LotState.RECALLED):
        with pytest.raises(InvalidInput):
            LotHoldInput("T1", "x", state)


def recalled(world: World, keeper: Actor) -> tuple[str, UUID]:
    """One batch in the city's store, some issued, some on the road; the prefecture has some too. Then it is recalled."""
    run = world.runtime.run
    run(stock.receive, keeper, receipt(quantity=30))
    run(stock.issue, keeper, issue(IssueLineInput(WATER, 7)))
    elsewhere = run(stock.receive, world.house.actor(Role.KEEPER, "6540-lc"), _prefecture_receipt())
    assert elsewhere
    recall = RecallInput(WATER, " 甲厂 ", "b1", "微生物超标", "市监〔2026〕3号")
    recall_id = run(commands.recall_batch, world.actor(Role.CLERK), recall)
    return next(row.number for row in world.rows(Recall)), recall_id


def _prefecture_receipt() -> ReceiptInput:
    line = ReceiptLineInput(WATER, 50, 50, manufacturer="甲厂", maker_batch="B1")
    return ReceiptInput(ReceiptKind.PURCHASE, "pref-store", PREFECTURE, "甲厂", "州级财政", START, (line,))


def test_a_recall_finds_the_batch_wherever_it_went_and_tells_others(world: World, keeper: Actor) -> None:
    number, recall_id = recalled(world, keeper)
    row = world.runtime.read(queries.recall, keeper, number)
    assert (row.total(Whereabouts.IN_STORE), row.total(Whereabouts.ISSUED)) == (23, 7)
    (gone,) = [part for part in row.parts if part.whereabouts is Whereabouts.ISSUED]
    assert (gone.recipient, gone.document_number[:2]) == ("卡拉苏街道", "CK")
    outside = [each for each in world.rows(Notice) if each.kind is NoticeKind.LOT_RECALLED_ELSEWHERE]
    bodies = {world.house.organisations[code] for code in (PREFECTURE, "6540-lc")}
    assert {each.organisation_id for each in outside} == bodies
    with pytest.raises(Conflict, match="not_enough_to_pick"):
        world.runtime.run(stock.issue, keeper, issue(IssueLineInput(WATER, 1)))
    lots = {row.lot_id for row in world.rows(LotStatus)}
    assert len(lots) == 1, "the prefecture decides on its own goods"
    with pytest.raises(WrongState):
        world.runtime.run(commands.release_lot, world.actor(Role.APPROVER), gone.lot_number, "x")
    world.runtime.run(stock.receive, keeper, receipt(quantity=5))
    states = {row.lot_id: row.state for row in world.rows(LotStatus)}
    assert list(states.values()) == [LotState.RECALLED, LotState.RECALLED], "what comes in later is recalled too"
    assert wrong(world.runtime) == []
    world.runtime.run(commands.end_recall, world.actor(Role.APPROVER), recall_id, "复检合格")
    assert [each.state for each in world.rows(Recall)] == [RecallState.ENDED]
    world.runtime.run(stock.issue, keeper, issue(IssueLineInput(WATER, 28)))
    assert wrong(world.runtime) == []


def test_a_recall_ends_once_and_not_by_who_ordered_it(world: World, keeper: Actor) -> None:
    run, approver = world.runtime.run, world.actor(Role.APPROVER)
    run(stock.receive, keeper, receipt())
    recall_id = run(commands.recall_batch, approver, RecallInput(WATER, "甲厂", "B1", "超标"))
    with pytest.raises(Forbidden, match="own_document"):
        run(commands.end_recall, approver, recall_id, "没事")
    with pytest.raises(Forbidden):
        run(commands.end_recall, keeper, recall_id, "没事")
    other = world.actor(Role.APPROVER, PREFECTURE)
    run(commands.end_recall, other, recall_id, "没事")
    with pytest.raises(WrongState):
        run(commands.end_recall, other, recall_id, "没事")


@pytest.mark.parametrize(
    ("more", "field"), [({"sku": "ZZZZZZ"}, "sku"), ({"organisation_code": "nobody"}, "organisation_code")]
)
def test_a_recall_of_what_is_not_there_leaves_nothing(world: World, more: dict[str, Any], field: str) -> None:
    given = RecallInput(**{"sku": WATER, "manufacturer": "甲厂", "maker_batch": "B1", "reason": "超标", **more})
    with pytest.raises(InvalidInput) as refusal:
        world.runtime.run(commands.recall_batch, world.actor(Role.CLERK), given)
    assert [each.field for each in refusal.value.fields] == [field]
    assert world.rows(Recall) == []


def test_a_township_does_not_recall_for_the_city(world: World) -> None:
    given = RecallInput(WATER, "甲厂", "B1", "超标", organisation_code=CITY)
    with pytest.raises(Forbidden):
        world.runtime.run(commands.recall_batch, world.actor(Role.CLERK, VILLAGE), given)
    assert world.rows(Recall) == []


def test_a_notice_stays_until_somebody_who_works_there_has_noted_it(world: World, keeper: Actor, clock: Clock) -> None:
    recalled(world, keeper)
    store = world.house.actor(Role.KEEPER, "6540-lc")
    (row,) = world.runtime.read(notice_queries.notices, store)
    assert (row.params["quantity"], row.is_own) == ("50 箱", True)
    assert world.runtime.read(notice_queries.notices, keeper) == []
    with pytest.raises(NotFound):
        world.runtime.run(notice_commands.acknowledge, keeper, row.id)
    above = world.actor(Role.CLERK, PREFECTURE)
    with pytest.raises(Forbidden, match="not_told_to_you"):
        world.runtime.run(notice_commands.acknowledge, above, row.id)
    clock.advance(minutes=3)
    world.runtime.run(notice_commands.acknowledge, store, row.id)
    world.runtime.run(notice_commands.acknowledge, store, row.id)
    assert world.runtime.read(notice_queries.count_notices, store) == 0


def test_goods_that_left_while_kept_back_are_found(world: World, keeper: Actor) -> None:
    """A planted violation: the word on the lot is put before the move that had been allowed."""
    world.house.stock(world.house.lot(number="T1"), 10)
    world.runtime.run(stock.issue, keeper, issue(IssueLineInput(TENT, 1)))
    world.runtime.run(commands.hold_lot, keeper, LotHoldInput("T1", "x"))
    assert wrong(world.runtime) == []
    without_guards(world.runtime.database, "UPDATE lot_status SET after_seq = 0")
    assert "I61" in violated(world.runtime.database)


def test_stock_is_told_by_band_and_state(world: World, keeper: Actor) -> None:
    from supplyops.stock.expiry_queries import expiry_bands

    days = {"GONE": date(2026, 1, 11), "TODAY": date(2026, 1, 12), "M": date(2026, 2, 11), "N": date(2026, 2, 12)}
    days |= {"Q": date(2026, 4, 12), "H": date(2026, 7, 11), "L": date(2026, 7, 12)}
    for number, day in days.items():
        world.house.stock(world.house.lot(WATER, expires_on=day, number=number), 1)
    world.house.stock(world.house.lot(TENT, number="NEVER"), 1)
    rows = world.runtime.read(expiry_bands, keeper, StockFilter())
    assert [(row.code, row.rows) for row in rows] == [
        ("expired", 1), ("30", 2), ("90", 2), ("180", 1), ("later", 1), ("none", 1),
    ]  # fmt: skip
    found = world.runtime.read(stock_queries.stock_rows, keeper, StockFilter(band="90"))
    assert [row.lot_number for row in found] == ["N", "Q"]
    assert [
        row.lot_number for row in world.runtime.read(stock_queries.stock_rows, keeper, StockFilter(band="none"))
    ] == ["NEVER"]
    world.runtime.run(commands.hold_lot, keeper, LotHoldInput("N", "x"))
    held = world.runtime.read(stock_queries.stock_rows, keeper, StockFilter(lot_state=LotState.HELD))
    assert [(row.lot_number, row.available) for row in held] == [("N", 0)]
    assert world.runtime.read(stock_queries.count_stock_rows, keeper, StockFilter(lot_state=LotState.NORMAL)) == 7
