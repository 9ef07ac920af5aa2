"""A recall follows goods into kits, and what it gives back is what was there before it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.errors import Conflict
from supplyops.lots import commands, queries
from supplyops.lots.queries import Whereabouts
from supplyops.lots.rules import LotHoldInput, RecallInput
from supplyops.notices.rules import NoticeKind
from supplyops.notices.tables import Notice
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock import opening
from supplyops.stock import queries as stock_queries
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.rules import LotBlocked, LotInput, LotState, OpeningInput
from supplyops.stock.views import StockFilter
from supplyops.verify.books import verify
from tests.house import CITY, CITY_SHELF, CITY_STORE, PREFECTURE, QUILT, TENT
from tests.kits.store import KIT, Store

RECALL = RecallInput(QUILT, "甲厂", "b1", "甲醛超标")


@pytest.fixture
def store(runtime: Runtime) -> Store:
    """Three kits: of two quilts of the batch, of one of them and another, of two others; three quilts of the batch are left."""
    store = Store(runtime)
    store.part(TENT, 3)
    opened(store, "BAD", 6, date(2028, 1, 1))
    opened(store, "GOOD", 3, date(2029, 1, 1), "乙厂")
    runtime.run(stock.issue, store.keeper, issue(QUILT, 3))
    store.build(3)
    return store


def opened(store: Store, number: str, quantity: int, expires_on: date, maker: str = "甲厂") -> None:
    lot = LotInput(QUILT, CITY, "市级财政", number, expires_on=expires_on, manufacturer=maker, maker_batch="B1")
    store.runtime.run(opening.open_stock, SYSTEM, [OpeningInput(lot, CITY_SHELF, quantity)])


def issue(sku: str, quantity: int, lot: str = "", reason: str = "") -> IssueInput:
    line = IssueLineInput(sku, quantity, lot, reason)
    return IssueInput(IssueKind.DISTRIBUTION, CITY_STORE, CITY, "卡拉苏街道", "安置", (line,))


def states(store: Store) -> dict[str, LotState | None]:
    rows = store.runtime.read(stock_queries.stock_rows, store.keeper, StockFilter())
    return {row.lot_number: row.lot_state for row in rows if row.on_hand}


def recall(store: Store, actor: Actor | None = None) -> str:
    who = actor or store.house.actor(Role.CLERK)
    recall_id = store.runtime.run(commands.recall_batch, who, RECALL)
    return next(row.number for row in store.runtime.read(queries.recalls, who) if row.id == recall_id)


def end(store: Store, number: str) -> None:
    approver = store.house.actor(Role.APPROVER, PREFECTURE)
    row = store.runtime.read(queries.recall, approver, number)
    store.runtime.run(commands.end_recall, approver, row.id, "复检合格")


def wrong(runtime: Runtime) -> list[str]:
    return [f"{each.id} {each.examples}" for each in verify(runtime.database) if not each.is_clean]


def test_kits_with_goods_of_a_recalled_batch_are_kept_back_and_named(store: Store, runtime: Runtime) -> None:
    runtime.run(stock.issue, store.keeper, issue(KIT, 1))
    number = recall(store)
    row = runtime.read(queries.recall, store.keeper, number)
    assert (row.total(Whereabouts.IN_STORE), row.total(Whereabouts.ISSUED), row.total(Whereabouts.GONE)) == (1, 5, 0)
    packed = {(part.whereabouts, part.quantity, part.packed_in) for part in row.parts}
    assert packed == {
        (Whereabouts.ISSUED, 3, ""),
        (Whereabouts.ISSUED, 2, "家庭应急包 1 套"),
        (Whereabouts.IN_STORE, 1, "家庭应急包 1 套"),
    }
    runtime.run(stock.issue, store.keeper, issue(KIT, 1))
    with pytest.raises(Conflict, match="not_enough_to_pick"):
        runtime.run(stock.issue, store.keeper, issue(KIT, 1))
    (mixed,) = [part.lot_number for part in row.parts if part.whereabouts is Whereabouts.IN_STORE]
    with pytest.raises(LotBlocked):
        runtime.run(stock.issue, store.keeper, issue(KIT, 1, mixed, "急用"))
    store.take_apart(mixed, 1)
    after = runtime.read(queries.recall, store.keeper, number)
    assert [part.lot_number for part in after.parts if part.whereabouts is Whereabouts.IN_STORE] == ["BAD"]
    runtime.run(stock.issue, store.keeper, issue(TENT, 1))
    assert wrong(runtime) == []
    end(store, number)
    assert states(store)["BAD"] is not LotState.RECALLED
    assert wrong(runtime) == []


def test_who_is_told_of_a_recall_elsewhere_is_told_of_what_is_in_kits(store: Store, runtime: Runtime) -> None:
    runtime.run(commands.recall_batch, store.house.actor(Role.CLERK, "6540-lc"), RECALL)
    with runtime.database.read() as session:
        told = session.scalars(select(Notice).where(Notice.kind == NoticeKind.LOT_RECALLED_ELSEWHERE)).all()
    assert {notice.params["quantity"] for notice in told} == {"3 床"}


def test_what_two_recalls_keep_back_is_kept_back_until_both_have_ended(store: Store, runtime: Runtime) -> None:
    first = recall(store)
    second = recall(store, store.house.actor(Role.CLERK, PREFECTURE))
    assert len(runtime.read(queries.recall, store.keeper, first).parts) == 3
    above = store.house.actor(Role.CLERK, PREFECTURE)
    assert len(runtime.read(queries.recall, above, second).parts) == 3, "the second tells of it as well"
    end(store, second)
    with pytest.raises(Conflict, match="not_enough_to_pick"):
        runtime.run(stock.issue, store.keeper, issue(KIT, 2))
    end(store, first)
    runtime.run(stock.issue, store.keeper, issue(KIT, 3))
    assert wrong(runtime) == []


def test_the_first_of_two_recalls_may_end_first(store: Store, runtime: Runtime) -> None:
    first = recall(store)
    second = recall(store, store.house.actor(Role.CLERK, PREFECTURE))
    end(store, first)
    with pytest.raises(Conflict, match="not_enough_to_pick"):
        runtime.run(stock.issue, store.keeper, issue(KIT, 2))
    end(store, second)
    runtime.run(stock.issue, store.keeper, issue(KIT, 3))


def test_a_recall_that_ends_does_not_lift_a_hold_from_before(store: Store, runtime: Runtime) -> None:
    opened(store, "WET", 4, date(2030, 1, 1))
    runtime.run(commands.hold_lot, store.keeper, LotHoldInput("WET", "受潮待查"))
    number = recall(store)
    assert states(store)["WET"] is LotState.RECALLED
    end(store, number)
    assert states(store)["WET"] is LotState.HELD
    (newest, *_) = runtime.read(queries.lot_statuses, store.keeper, "WET")
    assert newest.reason == "受潮待查"
    runtime.run(commands.release_lot, store.house.actor(Role.APPROVER), "WET", "已晾干")
    assert states(store)["WET"] is not LotState.HELD
    assert wrong(runtime) == []
