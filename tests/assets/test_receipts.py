"""Goods that are numbered one by one come in with their serial numbers, and are assets from then on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from supplyops.kernel.access import Actor, Role
from supplyops.kernel.errors import InvalidInput
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location
from supplyops.stock import commands, receiving, undoing
from supplyops.stock.documents import QuickReceiptInput, QuickReceiptLine, ReceiptInput, ReceiptKind, ReceiptLineInput
from supplyops.stock.tables import Asset, AssetEvent, Lot, StockDocument, StockMove
from supplyops.verify.books import verify
from tests.assets.conftest import GENERATOR, PHONE, Depot
from tests.conftest import START
from tests.house import CITY, CITY_SHELF, CITY_STORE, TENT


@pytest.fixture
def keeper(depot: Depot) -> Actor:
    return depot.actor(Role.KEEPER)


def receipt(*lines: ReceiptLineInput, **more: Any) -> ReceiptInput:
    given: dict[str, Any] = {
        "kind": ReceiptKind.PURCHASE, "site_code": CITY_STORE, "owner_code": CITY, "source": "某厂", "fund_source": "市级财政",
        "arrived_at": START, "lines": lines,
    }  # fmt: skip
    return ReceiptInput(**given | more)


def numbered(*serials: str, sku: str = GENERATOR, **more: Any) -> ReceiptLineInput:
    return ReceiptLineInput(sku, len(serials), len(serials), serial_numbers=serials, **more)


def rows(depot: Depot, kind: type[Any]) -> list[Any]:
    with depot.runtime.database.read() as session:
        return list(session.scalars(select(kind)))


def state(depot: Depot) -> tuple[int, ...]:
    return tuple(len(rows(depot, kind)) for kind in (StockDocument, Lot, StockMove, Asset, AssetEvent))


def violations(depot: Depot) -> list[Any]:
    return [finding for finding in verify(depot.runtime.database) if not finding.is_clean]


def test_units_are_registered_with_their_receipt(depot: Depot, keeper: Actor) -> None:
    made = depot.runtime.run(commands.receive, keeper, receipt(numbered("G-1", "G-2"), numbered("T-9", sku=PHONE)))
    assets = {asset.serial_number: asset for asset in rows(depot, Asset)}
    assert sorted(assets) == ["G-1", "G-2", "T-9"]
    assert {asset.location_id for asset in assets.values()} == {depot.locations[CITY_SHELF]}
    assert {asset.owner_id for asset in assets.values()} == {depot.organisations[CITY]}
    assert assets["G-1"].lot_id == assets["G-2"].lot_id != assets["T-9"].lot_id
    (document,) = rows(depot, StockDocument)
    assert {(event.document_id, event.document_number) for event in rows(depot, AssetEvent)} == {
        (made, document.number)
    }
    assert violations(depot) == []


def test_goods_without_numbers_for_now_still_come_in(depot: Depot, keeper: Actor) -> None:
    depot.runtime.run(commands.receive, keeper, receipt(ReceiptLineInput(GENERATOR, 2, 2)))
    assert rows(depot, Asset) == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (lambda: ReceiptLineInput(GENERATOR, 3, 3, serial_numbers=("G-1", "G-2")), "serials_not_as_pieces"),
        (lambda: numbered("G-1", "G-1"), "named_twice"),
        (lambda: numbered("G-1", "x" * 61), "too_long"),
        (lambda: numbered("G-1", " "), "required"),
        (lambda: numbered("Z-1", sku=TENT), "not_serial_tracked"),
        (lambda: numbered("OLD"), "serial_taken"),
    ],
)
def test_numbers_that_do_not_fit(depot: Depot, keeper: Actor, line: Any, code: str) -> None:
    depot.lot_of(1)
    depot.register("OLD")
    before = state(depot)
    with pytest.raises(InvalidInput) as refusal:
        depot.runtime.run(commands.receive, keeper, receipt(line()))
    assert [(each.field, each.code) for each in refusal.value.fields] == [("lines.0.serial_numbers", code)]
    assert state(depot) == before


def test_a_number_stands_once_in_a_receipt(depot: Depot, keeper: Actor) -> None:
    before = state(depot)
    with pytest.raises(InvalidInput) as refusal:
        depot.runtime.run(commands.receive, keeper, receipt(numbered("G-1"), numbered("G-1", maker_batch="B2")))
    assert [(each.field, each.code) for each in refusal.value.fields] == [("lines.1.serial_numbers", "serial_taken")]
    assert state(depot) == before


def test_taken_back_they_leave_with_the_goods_and_may_come_again(depot: Depot, keeper: Actor) -> None:
    made = depot.runtime.run(commands.receive, keeper, receipt(numbered("G-1", "G-2")))
    depot.runtime.run(undoing.undo_document, keeper, made)
    with depot.runtime.database.read() as session:
        kinds = {session.get_one(Location, asset.location_id).kind for asset in session.scalars(select(Asset))}
    assert kinds == {LocationKind.SUPPLIER}
    numbers = {asset.serial_number: asset.number for asset in rows(depot, Asset)}
    depot.runtime.run(commands.receive, keeper, receipt(numbered("G-1", "G-2")))
    again = {asset.serial_number: (asset.number, asset.location_id) for asset in rows(depot, Asset)}
    assert again == {serial: (number, depot.locations[CITY_SHELF]) for serial, number in numbers.items()}
    assert violations(depot) == []


def test_the_quick_form_takes_them_too(depot: Depot, keeper: Actor) -> None:
    line = QuickReceiptLine(GENERATOR, 2, serial_numbers=("G-1", "G-2"))
    depot.runtime.run(receiving.receive_quickly, keeper, QuickReceiptInput(CITY_STORE, "红十字会", (line,)))
    assert [asset.serial_number for asset in rows(depot, Asset)] == ["G-1", "G-2"]
    with pytest.raises(InvalidInput, match="serials_not_as_pieces"):
        QuickReceiptInput(CITY_STORE, "红十字会", (QuickReceiptLine(GENERATOR, 3, serial_numbers=("G-1", "G-2")),))
