"""Opening balances: the day on which goods came in decides what goes first, and is seen wherever the goods are."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from supplyops.kernel.access import SYSTEM, Role
from supplyops.runtime import Runtime
from supplyops.stock import commands, queries
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.opening import open_stock
from supplyops.stock.rules import LotInput, OpeningInput
from supplyops.stock.tables import Lot, StockMove
from supplyops.stock.views import StockFilter
from supplyops.verify.books import verify
from supplyops.warehouse import label_queries
from tests.house import CITY, CITY_SHELF, CITY_STORE, TENT, House, build_house
from tests.once import once


@pytest.fixture
@once
def house(runtime: Runtime) -> House:
    house = build_house(runtime)
    opened = [
        OpeningInput(LotInput(TENT, CITY, "市级财政", number, produced_on=made, stored_on=stored), CITY_SHELF, 10)
        for number, made, stored in (
            ("A-YOUNG", date(2024, 1, 1), date(2024, 6, 1)),
            ("B-SAME", date(2023, 1, 1), date(2023, 9, 1)),
            ("C-OLD", date(2023, 1, 1), date(2023, 2, 1)),
            ("D-UNKNOWN", None, date(2022, 12, 1)),
            ("E-TODAY", None, None),
        )
    ]
    runtime.run(open_stock, SYSTEM, opened)
    return house


def test_goods_without_a_date_go_out_by_age_then_by_the_day_they_came(house: House, runtime: Runtime) -> None:
    wanted = IssueInput(
        IssueKind.DISTRIBUTION, CITY_STORE, CITY, "卡拉苏街道", "安置", (IssueLineInput(TENT, 45),)
    )  # fmt: skip
    document_id = runtime.run(commands.issue, house.actor(Role.KEEPER), wanted)
    with runtime.database.read() as session:
        rows = session.execute(
            select(Lot.number, StockMove.quantity)
            .join(Lot, Lot.id == StockMove.lot_id)
            .where(StockMove.document_id == document_id)
            .order_by(StockMove.seq)
        )
        assert [tuple(row) for row in rows] == [
            ("D-UNKNOWN", 10), ("C-OLD", 10), ("B-SAME", 10), ("A-YOUNG", 10), ("E-TODAY", 5),
        ]  # fmt: skip
    assert [each.id for each in verify(runtime.database) if not each.is_clean] == []


def test_the_day_is_seen_in_lists_and_on_bin_cards(house: House, runtime: Runtime) -> None:
    keeper = house.actor(Role.KEEPER)
    rows = runtime.read(queries.stock_rows, keeper, StockFilter())
    assert {row.lot_number: row.came_on for row in rows} == {
        "A-YOUNG": date(2024, 6, 1),
        "B-SAME": date(2023, 9, 1),
        "C-OLD": date(2023, 2, 1),
        "D-UNKNOWN": date(2022, 12, 1),
        "E-TODAY": date(2026, 1, 12),
    }
    cards = runtime.read(label_queries.bin_cards, keeper, location_code=CITY_SHELF)
    assert [card.stored_on for card in cards][2:] == [date(2023, 2, 1), date(2022, 12, 1), None]
    assert all(card.stored_at is not None for card in cards)
