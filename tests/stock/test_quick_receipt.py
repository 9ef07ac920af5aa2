"""A receipt in a few fields: a source is always named, what is not said is as at the store's last receipt."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from supplyops.kernel.access import Actor, Role
from supplyops.kernel.errors import Conflict, InvalidInput
from supplyops.runtime import Runtime
from supplyops.stock import commands, late_entries, receiving
from supplyops.stock.documents import QuickReceiptInput, QuickReceiptLine, ReceiptKind
from supplyops.stock.rules import MoveReason
from supplyops.stock.tables import Acceptance, Lot, StockDocument, StockMove
from tests.conftest import START
from tests.house import (
    CITY,
    CITY_STORE,
    PREFECTURE,
    QUILT,
    TENT,
    VILLAGE,
    VILLAGE_SHELF,
    VILLAGE_STORE,
    House,
    build_house,
)
from tests.stock.test_store_documents import receipt, rows


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@pytest.fixture
def keeper(house: House) -> Actor:
    return house.actor(Role.KEEPER)


def quick(*lines: QuickReceiptLine, **more: Any) -> QuickReceiptInput:
    given = {"site_code": CITY_STORE, "source": "红十字会"} | more
    return QuickReceiptInput(lines=lines or (QuickReceiptLine(TENT, 20),), **given)


def test_goods_come_in_with_three_fields(house: House, runtime: Runtime) -> None:
    custodian = house.actor(Role.CUSTODIAN, VILLAGE)
    given = quick(QuickReceiptLine(TENT, 20), QuickReceiptLine(QUILT, 40, date(2025, 11, 1)), site_code=VILLAGE_STORE)
    runtime.run(receiving.receive_quickly, custodian, given)
    lots = {lot.item_id: lot for lot in rows(runtime, Lot)}
    tents, quilts = lots[house.items[TENT]], lots[house.items[QUILT]]
    assert (house.balance(tents.id, VILLAGE_SHELF), house.balance(quilts.id, VILLAGE_SHELF)) == ((20, 0), (40, 0))
    assert (tents.owner_id, tents.fund_source, quilts.produced_on) == (
        house.organisations[VILLAGE],
        "捐赠",
        date(2025, 11, 1),
    )
    assert {move.reason for move in rows(runtime, StockMove)} == {MoveReason.DONATION}
    (document,) = rows(runtime, StockDocument)
    assert (document.counterpart, document.number) == ("红十字会", "RK-654004200-20260112-0001")
    assert rows(runtime, Acceptance)[0].inspected_at is None


def test_what_is_not_said_is_as_last_time(house: House, runtime: Runtime, keeper: Actor) -> None:
    runtime.run(commands.receive, keeper, receipt(owner_code=PREFECTURE, fund_source="州级财政"))
    purchase, donation = quick(kind=ReceiptKind.PURCHASE), quick()
    for given in (purchase, donation, quick(owner_code=CITY, fund_source="市级财政")):
        runtime.run(receiving.receive_quickly, keeper, given)
    names = {body: code for code, body in house.organisations.items()}
    assert [
        (names[lot.owner_id], lot.fund_source) for lot in sorted(rows(runtime, Lot), key=lambda lot: lot.number)
    ] == [
        (PREFECTURE, "州级财政"),
        (PREFECTURE, "州级财政"),
        (PREFECTURE, "捐赠"),
        (CITY, "市级财政"),
    ]


@pytest.mark.parametrize(
    ("lines", "more", "field"),
    [
        ((), {"source": " "}, "source"),
        ((QuickReceiptLine(TENT, 0),), {}, "lines.0.quantity"),
        ((QuickReceiptLine(TENT, 1, date(2026, 1, 2), date(2026, 1, 1)),), {}, "lines.0.expires_on"),
    ],
)
def test_a_quick_receipt_that_cannot_be_is_refused(
    lines: tuple[QuickReceiptLine, ...], more: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        quick(*lines, **more)
    assert [each.field for each in refusal.value.fields] == [field]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (quick(site_code="nowhere"), "site_code"),
        (quick(owner_code="nobody"), "owner_code"),
        (quick(QuickReceiptLine("ZZZZZZ", 1)), "lines.0.sku"),
        (quick(inspected_by="keeper.654004"), "inspected_by"),
    ],
)
def test_a_quick_receipt_that_names_what_is_not_there_leaves_nothing(
    house: House, runtime: Runtime, keeper: Actor, given: QuickReceiptInput, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        runtime.run(receiving.receive_quickly, keeper, given)
    assert [each.field for each in refusal.value.fields] == [field]
    assert rows(runtime, StockMove) == rows(runtime, StockDocument) == rows(runtime, Lot) == []


def test_a_late_one_shows_its_effect_first_and_has_both_dates(house: House, runtime: Runtime, keeper: Actor) -> None:
    runtime.run(receiving.receive_quickly, keeper, quick())
    arrived = START - timedelta(hours=5)
    given = quick(arrived_at=arrived)
    effect = runtime.rehearse(late_entries.try_quick_receipt, keeper, given)
    assert effect.is_late
    assert [(row.change, row.then_before, row.now_after) for row in effect.rows] == [(20, 0, 20)]
    assert len(rows(runtime, StockDocument)) == 1, "a rehearsal writes nothing"
    runtime.run(receiving.receive_quickly, keeper, given)
    late = next(document for document in rows(runtime, StockDocument) if document.is_late)
    assert (late.occurred_at, late.created_at) == (arrived, START)
    (move,) = [move for move in rows(runtime, StockMove) if move.document_id == late.id]
    assert (move.occurred_at, move.recorded_at) == (arrived, START)


def test_one_too_long_ago_needs_a_permit(runtime: Runtime, keeper: Actor) -> None:
    with pytest.raises(Conflict, match="late_needs_permit"):
        runtime.run(receiving.receive_quickly, keeper, quick(arrived_at=START - timedelta(days=40)))
    with pytest.raises(InvalidInput, match="no_time_zone"):
        quick(arrived_at=START.replace(tzinfo=None))
    assert rows(runtime, StockDocument) == []
