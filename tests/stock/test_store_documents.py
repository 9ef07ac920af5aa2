"""What a store does by itself: goods in, goods out, goods moved, mistakes taken back; and that a refusal leaves nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supplyops.audit.tables import JournalEntry
from supplyops.kernel.access import Actor, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.papers.tables import NumberSeries, Paper
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Runtime
from supplyops.stock import commands, document_queries, opening
from supplyops.stock.document_queries import DocumentFilter
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
from supplyops.stock.rules import InsufficientStock, LotInput, MoveReason, OpeningInput, StockDocumentKind
from supplyops.stock.tables import Lot, StockBalance, StockDocument, StockDocumentLine, StockMove
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.house import (
    CITY,
    CITY_QUARANTINE,
    CITY_SHELF,
    CITY_STORE,
    QUILT,
    TENT,
    VILLAGE,
    VILLAGE_SHELF,
    VILLAGE_STORE,
    WATER,
    House,
    build_house,
)

TABLES = (StockMove, StockBalance, StockDocument, StockDocumentLine, Lot, Paper, NumberSeries)


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@pytest.fixture
def keeper(house: House) -> Actor:
    return house.actor(Role.KEEPER)


def receipt(*lines: ReceiptLineInput, **more: Any) -> ReceiptInput:
    given = {
        "kind": ReceiptKind.PURCHASE,
        "site_code": CITY_STORE,
        "owner_code": CITY,
        "source": "新疆某帐篷厂",
        "fund_source": "市级财政",
        "arrived_at": START,
        "shortage_handling": "联系厂家补货",
    }
    return ReceiptInput(lines=lines or (ReceiptLineInput(TENT, 10, 10),), **given | more)


def issue(*lines: IssueLineInput, **more: Any) -> IssueInput:
    given = {"kind": IssueKind.DISTRIBUTION, "site_code": CITY_STORE, "owner_code": CITY, "recipient": "卡拉苏街道", "purpose": "安置"}  # fmt: skip
    return IssueInput(lines=lines, **given | more)


def counts(runtime: Runtime) -> dict[str, Any]:
    """How many rows each table has, and the totals of the balances."""
    with runtime.database.read() as session:
        rows = {kind.__tablename__: session.scalar(select(func.count()).select_from(kind)) for kind in TABLES}
        rows["on_hand"] = session.scalar(select(func.sum(StockBalance.on_hand)))
        rows["last"] = session.scalar(select(func.sum(NumberSeries.last)))
        rows["done"] = session.scalar(
            select(func.count()).select_from(JournalEntry).where(JournalEntry.outcome == "done")
        )
        return rows


def rows(runtime: Runtime, kind: Any) -> list[Any]:
    with runtime.database.read() as session:
        return list(session.scalars(select(kind).order_by(*kind.__table__.primary_key.columns)))


def lot_of(runtime: Runtime, **by: Any) -> Lot:
    with runtime.database.read() as session:
        return session.scalars(select(Lot).filter_by(**by)).one()


def test_goods_in_become_a_lot_on_the_shelf_and_what_is_bad_waits_apart(
    house: House, runtime: Runtime, keeper: Actor
) -> None:
    line = ReceiptLineInput(WATER, 100, 90, 8, produced_on=date(2026, 1, 1), unit_price_fen=2_400, maker_batch="B1")
    document_id = runtime.run(commands.receive, keeper, receipt(line))
    lot = lot_of(runtime, maker_batch="B1")
    assert lot.number == "B01001-260112-001"
    assert lot.expires_on == date(2027, 1, 1), "365 days of shelf life from the day it was made"
    assert (lot.unit_price_fen, lot.fund_source, lot.owner_id) == (2_400, "市级财政", house.organisations[CITY])
    assert house.balance(lot.id) == (90, 0)
    assert house.balance(lot.id, CITY_QUARANTINE) == (8, 0)
    supplier = virtual_location_id(LocationKind.SUPPLIER)
    moves = rows(runtime, StockMove)
    assert [(move.source_id, move.quantity, move.reason, move.document_id) for move in moves] == [
        (supplier, 90, MoveReason.RECEIPT, document_id),
        (supplier, 8, MoveReason.RECEIPT, document_id),
    ]
    (paper,) = rows(runtime, Paper)
    assert (paper.form, paper.number) == ("receipt_note", "RK-654004-20260112-0001")
    assert [finding for finding in verify(runtime.database) if not finding.is_clean] == []


@pytest.mark.parametrize(
    ("kind", "source", "reason"),
    [
        (ReceiptKind.DONATION, LocationKind.DONOR, MoveReason.DONATION),
        (ReceiptKind.RECOVERY, LocationKind.CONSUMED, MoveReason.RECOVERY),
        (ReceiptKind.ALLOCATION, LocationKind.SUPPLIER, MoveReason.RECEIPT),
    ],
)
def test_where_goods_come_from_decides_their_way(
    house: House, runtime: Runtime, keeper: Actor, kind: ReceiptKind, source: LocationKind, reason: MoveReason
) -> None:
    runtime.run(commands.receive, keeper, receipt(kind=kind))
    (move,) = rows(runtime, StockMove)
    assert (move.source_id, move.reason) == (virtual_location_id(source), reason)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"site_code": "nowhere"}, "site_code"),
        ({"owner_code": "nobody"}, "owner_code"),
        ({"lines": (ReceiptLineInput("ZZZZZZ", 1, 1),)}, "lines.0.sku"),
        ({"lines": (ReceiptLineInput(TENT, 1, 1, location_code=VILLAGE_SHELF),)}, "lines.0.location_code"),
        ({"lines": (ReceiptLineInput(TENT, 1, 1), ReceiptLineInput(TENT, 1, 1, location_code="x"))}, "lines.1.location_code"),
    ],
)  # fmt: skip
def test_a_receipt_that_names_what_is_not_there_leaves_nothing(
    house: House, runtime: Runtime, keeper: Actor, more: dict[str, Any], field: str
) -> None:
    before = counts(runtime)
    given = receipt(*more.get("lines", ()), **{name: value for name, value in more.items() if name != "lines"})
    with pytest.raises(InvalidInput) as refusal:
        runtime.run(commands.receive, keeper, given)
    assert [each.field for each in refusal.value.fields] == [field]
    assert counts(runtime) == before


def test_rejected_goods_need_a_quarantine(house: House, runtime: Runtime) -> None:
    before = counts(runtime)
    with pytest.raises(InvalidInput) as refusal:
        runtime.run(
            commands.receive,
            house.actor(Role.KEEPER, VILLAGE),
            receipt(ReceiptLineInput(TENT, 3, 2, 1), site_code=VILLAGE_STORE),
        )
    assert [(each.field, each.code) for each in refusal.value.fields] == [("lines.0.rejected", "no_quarantine")]
    assert counts(runtime)["stock_move"] == before["stock_move"]


@pytest.mark.parametrize(
    ("lines", "more", "code"),
    [
        ((ReceiptLineInput(TENT, 10, 9),), {"shortage_handling": " "}, "difference_unexplained"),
        ((ReceiptLineInput(TENT, 10, 0),), {}, "nothing_received"),
        ((ReceiptLineInput(TENT, 10, -1),), {}, "too_small"),
        (
            (ReceiptLineInput(WATER, 1, 1, produced_on=date(2026, 2, 1), expires_on=date(2026, 1, 1)),),
            {},
            "expires_before_made",
        ),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_before_anything_else(
    lines: tuple[ReceiptLineInput, ...], more: dict[str, Any], code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        receipt(*lines, **more)
    assert code in {each.code for each in refusal.value.fields}


def test_what_expires_first_goes_out_first_and_expired_goods_never(
    house: House, runtime: Runtime, keeper: Actor
) -> None:
    late = house.lot(WATER, expires_on=date(2026, 9, 1), number="LATE")
    soon = house.lot(WATER, expires_on=date(2026, 2, 1), number="SOON")
    gone = house.lot(WATER, expires_on=date(2026, 1, 11), number="GONE")
    last_day = house.lot(WATER, expires_on=date(2026, 1, 12), number="TODAY")
    for lot in (late, soon, gone, last_day):
        house.stock(lot, 10)
    document_id = runtime.run(commands.issue, keeper, issue(IssueLineInput(WATER, 25)))
    assert [house.balance(lot)[0] for lot in (gone, last_day, soon, late)] == [10, 0, 0, 5]
    lines = [row for row in rows(runtime, StockDocumentLine) if row.document_id == document_id]
    assert {row.lot_id: row.actual for row in lines} == {last_day: 10, soon: 10, late: 5}
    before = counts(runtime)
    with pytest.raises(Conflict) as refusal:
        runtime.run(commands.issue, keeper, issue(IssueLineInput(WATER, 6)))
    told = {"goods": "霍尔果斯市人民政府的瓶装饮用水 550ml×24", "requested": 6, "available": 5}
    assert (refusal.value.code, refusal.value.params) == ("not_enough_to_pick", told)
    assert counts(runtime) == before


def test_a_lot_out_of_turn_needs_a_reason(house: House, runtime: Runtime, keeper: Actor) -> None:
    late = house.lot(WATER, expires_on=date(2026, 9, 1), number="LATE")
    soon = house.lot(WATER, expires_on=date(2026, 2, 1), number="SOON")
    for lot in (late, soon):
        house.stock(lot, 10)
    with pytest.raises(InvalidInput) as refusal:
        runtime.run(commands.issue, keeper, issue(IssueLineInput(WATER, 1, "LATE")))
    assert [(each.field, each.code) for each in refusal.value.fields] == [("lines.0.reason", "out_of_turn")]
    assert house.balance(late) == (10, 0)
    runtime.run(commands.issue, keeper, issue(IssueLineInput(WATER, 1, "LATE", "先发的一批在货架最里侧")))
    runtime.run(commands.issue, keeper, issue(IssueLineInput(WATER, 2, "SOON")))
    assert (house.balance(late), house.balance(soon)) == ((9, 0), (8, 0))


def test_two_lines_of_one_item_do_not_take_the_same_goods(house: House, runtime: Runtime, keeper: Actor) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    before = counts(runtime)
    with pytest.raises(Conflict, match="not_enough_to_pick"):
        runtime.run(commands.issue, keeper, issue(IssueLineInput(TENT, 6), IssueLineInput(TENT, 5)))
    assert counts(runtime) == before
    runtime.run(commands.issue, keeper, issue(IssueLineInput(TENT, 6), IssueLineInput(TENT, 4)))
    assert house.balance(lot) == (0, 0)


def test_goods_of_another_owner_and_in_quarantine_are_not_picked(house: House, runtime: Runtime, keeper: Actor) -> None:
    others, bad = house.lot(owner=VILLAGE), house.lot()
    house.stock(others, 10)
    house.stock(bad, 10, CITY_QUARANTINE)
    with pytest.raises(Conflict, match="not_enough_to_pick"):
        runtime.run(commands.issue, keeper, issue(IssueLineInput(TENT, 1)))


def test_a_transfer_moves_within_the_store_and_in_and_out_of_quarantine(
    house: House, runtime: Runtime, keeper: Actor
) -> None:
    lot = house.lot(number="L1")
    house.stock(lot, 10)
    to = TransferLineInput("L1", CITY_SHELF, CITY_QUARANTINE, 4)
    runtime.run(commands.transfer, keeper, TransferInput(CITY_STORE, "受潮待检", (to,)))
    assert (house.balance(lot), house.balance(lot, CITY_QUARANTINE)) == ((6, 0), (4, 0))
    assert rows(runtime, StockMove)[-1].reason is MoveReason.QUARANTINE
    back = TransferLineInput("L1", CITY_QUARANTINE, CITY_SHELF, 3)
    runtime.run(commands.transfer, keeper, TransferInput(CITY_STORE, "检验合格", (back,)))
    assert (house.balance(lot), house.balance(lot, CITY_QUARANTINE)) == ((9, 0), (1, 0))
    assert [row.number for row in rows(runtime, StockDocument)] == ["YK-city-store-00001", "YK-city-store-00002"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (TransferLineInput("L1", CITY_SHELF, VILLAGE_SHELF, 1), InvalidInput),
        (TransferLineInput("L1", CITY_SHELF, CITY_QUARANTINE, 11), InsufficientStock),
        (TransferLineInput("none", CITY_SHELF, CITY_QUARANTINE, 1), InvalidInput),
        (TransferLineInput("L1", "none", CITY_QUARANTINE, 1), InvalidInput),
    ],
)
def test_a_transfer_that_cannot_be_leaves_nothing(
    house: House, runtime: Runtime, keeper: Actor, line: TransferLineInput, error: type[Exception]
) -> None:
    house.stock(house.lot(number="L1"), 10)
    good = TransferLineInput("L1", CITY_SHELF, CITY_QUARANTINE, 1)
    before = counts(runtime)
    with pytest.raises(error):
        runtime.run(commands.transfer, keeper, TransferInput(CITY_STORE, "x", (good, line)))
    assert counts(runtime) == before


def test_a_document_is_taken_back_once_with_its_paper(house: House, runtime: Runtime, keeper: Actor) -> None:
    document_id = runtime.run(commands.receive, keeper, receipt(ReceiptLineInput(TENT, 10, 8, 2)))
    lot = rows(runtime, Lot)[0]
    runtime.run(commands.reverse_document, keeper, document_id, "录错仓库")
    assert (house.balance(lot.id), house.balance(lot.id, CITY_QUARANTINE)) == ((0, 0), (0, 0))
    (document,) = rows(runtime, StockDocument)
    (paper,) = rows(runtime, Paper)
    assert (document.state.value, document.reversed_at, paper.state.value, paper.ended_because) == (
        "reversed",
        START,
        "void",
        "录错仓库",
    )
    with pytest.raises(WrongState):
        runtime.run(commands.reverse_document, keeper, document_id, "再来一次")
    assert [finding for finding in verify(runtime.database) if not finding.is_clean] == []


def test_goods_that_went_on_keep_their_document(house: House, runtime: Runtime, keeper: Actor) -> None:
    document_id = runtime.run(commands.receive, keeper, receipt())
    runtime.run(commands.issue, keeper, issue(IssueLineInput(TENT, 1)))
    before = counts(runtime)
    with pytest.raises(InsufficientStock):
        runtime.run(commands.reverse_document, keeper, document_id, "录错")
    with pytest.raises(InvalidInput):
        runtime.run(commands.reverse_document, keeper, document_id, " ")
    with pytest.raises(NotFound):
        runtime.run(commands.reverse_document, keeper, UUID(int=404), "x")
    assert counts(runtime) == before


def test_the_same_key_is_one_receipt_and_another_content_is_refused(
    house: House, runtime: Runtime, keeper: Actor
) -> None:
    keyed = keeper.keyed("k-1")
    first = runtime.run(commands.receive, keyed, receipt())
    before = counts(runtime)
    assert runtime.run(commands.receive, keyed, receipt()) == first
    with pytest.raises(InvalidInput, match="key_reused"):
        runtime.run(commands.receive, keyed, receipt(source="别的厂"))
    assert counts(runtime) == before


@pytest.mark.parametrize("role", [Role.CLERK, Role.COMMANDER, Role.AUDITOR, Role.APPROVER])
def test_only_the_store_moves_its_stock(house: House, runtime: Runtime, role: Role) -> None:
    before = counts(runtime)
    actor = house.actor(role)
    with pytest.raises(Forbidden):
        runtime.run(commands.receive, actor, receipt())
    with pytest.raises(Forbidden):
        runtime.run(commands.issue, actor, issue(IssueLineInput(TENT, 1)))
    assert counts(runtime)["stock_move"] == before["stock_move"]


def test_a_keeper_of_another_place_is_refused(house: House, runtime: Runtime) -> None:
    keeper = house.actor(Role.KEEPER, VILLAGE)
    with pytest.raises((Forbidden, InvalidInput)):
        runtime.run(commands.receive, keeper, receipt())
    assert rows(runtime, StockMove) == []


def test_goods_stamped_later_than_now_arrive_now(house: House, runtime: Runtime, keeper: Actor, clock: Clock) -> None:
    runtime.run(commands.receive, keeper, receipt(arrived_at=START + timedelta(hours=5)))
    runtime.run(commands.receive, keeper, receipt(arrived_at=START - timedelta(hours=5)))
    assert [move.occurred_at for move in rows(runtime, StockMove)] == [START, START - timedelta(hours=5)]


def test_numbers_of_a_day_count_up_and_begin_again_on_the_next(
    house: House, runtime: Runtime, keeper: Actor, clock: Clock
) -> None:
    runtime.run(commands.receive, keeper, receipt())
    with pytest.raises(InvalidInput):
        runtime.run(commands.receive, keeper, receipt(owner_code="nobody"))
    runtime.run(commands.receive, keeper, receipt())
    clock.advance(hours=14)
    runtime.run(commands.receive, keeper, receipt())
    assert [row.number for row in rows(runtime, StockDocument)] == [
        "RK-654004-20260112-0001",
        "RK-654004-20260112-0002",
        "RK-654004-20260113-0001",
    ]


def test_quilts_and_tents_in_one_note(house: House, runtime: Runtime, keeper: Actor) -> None:
    runtime.run(commands.receive, keeper, receipt(ReceiptLineInput(TENT, 5, 5), ReceiptLineInput(QUILT, 50, 50)))
    runtime.run(commands.issue, keeper, issue(IssueLineInput(QUILT, 20), IssueLineInput(TENT, 2)))
    assert sorted(balance.on_hand for balance in rows(runtime, StockBalance)) == [3, 30]


@pytest.mark.parametrize(
    ("line", "more", "wrong"),
    [
        ({"produced_on": date(2026, 1, 13)}, {}, ("lines.0.produced_on", "made_later")),
        ({"produced_on": date(2025, 1, 11)}, {}, ("lines.0.accepted", "expired_already")),
        ({"expires_on": date(2026, 1, 11)}, {}, ("lines.0.accepted", "expired_already")),
        ({}, {"arrived_at": START + timedelta(days=30)}, ("arrived_at", "in_the_future")),
    ],
)
def test_goods_of_days_that_cannot_be_are_not_taken_in(
    runtime: Runtime, house: House, keeper: Actor, line: dict[str, Any], more: dict[str, Any], wrong: tuple[str, str]
) -> None:
    before = counts(runtime)
    with pytest.raises(InvalidInput) as refusal:
        runtime.run(commands.receive, keeper, receipt(ReceiptLineInput(WATER, 10, 10, **line), **more))
    assert [(each.field, each.code) for each in refusal.value.fields] == [wrong]
    assert counts(runtime) == before


def test_goods_past_their_day_wait_apart(runtime: Runtime, house: House, keeper: Actor) -> None:
    line = ReceiptLineInput(WATER, 10, 0, 10, expires_on=date(2026, 1, 11), maker_batch="B2")
    runtime.run(commands.receive, keeper, receipt(line))
    assert house.balance(lot_of(runtime, maker_batch="B2").id, CITY_QUARANTINE) == (10, 0)
    last_day = ReceiptLineInput(WATER, 10, 10, expires_on=date(2026, 1, 12), maker_batch="B3")
    runtime.run(commands.receive, keeper, receipt(last_day))
    assert house.balance(lot_of(runtime, maker_batch="B3").id) == (10, 0)


def test_a_named_lot_that_cannot_go_out_says_why(runtime: Runtime, house: House, keeper: Actor, clock: Clock) -> None:
    house.stock(house.lot(WATER, number="PAST", expires_on=date(2026, 1, 20)), 10)
    house.stock(house.lot(WATER, number="GOOD", expires_on=date(2026, 6, 1)), 10)
    house.stock(house.lot(WATER, number="MORE", expires_on=date(2026, 7, 1)), 10)
    house.stock(house.lot(WATER, number="APART", expires_on=date(2026, 6, 1)), 10, CITY_QUARANTINE)
    clock.advance(days=10)
    for lot, code in (("PAST", "lot_expired"), ("APART", "lot_not_there"), ("NONE", "lot_not_there")):
        with pytest.raises(InvalidInput) as refusal:
            runtime.run(commands.issue, keeper, issue(IssueLineInput(WATER, 2, lot, "指定")))
        assert [(each.field, each.code) for each in refusal.value.fields] == [("lines.0.lot_number", code)]
    with pytest.raises(Conflict, match="not_enough_to_pick") as short:
        runtime.run(commands.issue, keeper, issue(IssueLineInput(WATER, 11, "GOOD", "指定")))
    assert "GOOD" in str(short.value.params["goods"])


def test_an_opening_balance_says_what_it_opened(runtime: Runtime, house: House, keeper: Actor) -> None:
    opened = [
        OpeningInput(LotInput(sku, CITY, "市级财政", number, produced_on=date(2025, 1, 1)), CITY_SHELF, quantity)
        for sku, number, quantity in ((TENT, "Q-1", 5), (QUILT, "Q-2", 7))
    ]
    clerk = house.actor(Role.CLERK)
    runtime.run(opening.open_stock, clerk, opened)
    [listed] = runtime.read(document_queries.documents, keeper, DocumentFilter(kind=StockDocumentKind.OPENING))
    assert listed.line_count == 2
    shown = runtime.read(document_queries.document, keeper, listed.number)
    assert [(line.sku, line.lot_number, line.actual) for line in shown.lines] == [(TENT, "Q-1", 5), (QUILT, "Q-2", 7)]
    made = OpeningInput(LotInput(TENT, CITY, "市级财政", "Q-3", produced_on=date(2026, 1, 13)), CITY_SHELF, 1)
    with pytest.raises(InvalidInput, match="made_later"):
        runtime.run(opening.open_stock, clerk, [made])
