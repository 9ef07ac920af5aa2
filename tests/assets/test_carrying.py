"""Numbered units go where their goods go: every way that goods move, and each refusal leaves everything as it was."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supplyops.assets import commands, upkeep
from supplyops.assets.rules import AssetInput, OutOfOrderInput
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput
from supplyops.kernel.reference import DocumentRef
from supplyops.places.tables import Location
from supplyops.runtime import Runtime
from supplyops.stock import commands as store
from supplyops.stock import ledger
from supplyops.stock.documents import IssueLineInput, TransferInput, TransferLineInput
from supplyops.stock.rules import InsufficientStock, Leg, MoveReason, Posting
from supplyops.stock.tables import Asset, AssetEvent, StockMove
from supplyops.verify.books import verify
from tests.assets.conftest import GENERATOR, PHONE, Depot
from tests.conftest import START
from tests.house import CITY_QUARANTINE, CITY_SHELF, CITY_STORE, VILLAGE, VILLAGE_SHELF
from tests.stock.test_store_documents import counts, issue


def where(runtime: Runtime) -> dict[str, str]:
    """serial number -> code of the place."""
    with runtime.database.read() as session:
        rows = session.execute(
            select(Asset.serial_number, Location.code).join(Location, Location.id == Asset.location_id)
        )
        return {row[0]: row[1] for row in rows}


def everything(runtime: Runtime) -> dict[str, Any]:
    """What a refusal must leave alone."""
    with runtime.database.read() as session:
        events = session.scalar(select(func.count()).select_from(AssetEvent))
    return counts(runtime) | where(runtime) | {"events": events}


def move(source: str, target: str, quantity: int, lot: str = "G1") -> TransferInput:
    return TransferInput(CITY_STORE, "移动", (TransferLineInput(lot, source, target, quantity),))


def assert_clean(runtime: Runtime) -> None:
    assert [finding for finding in verify(runtime.database) if not finding.is_clean] == []


def test_units_are_registered_up_to_what_lies_there(depot: Depot, runtime: Runtime) -> None:
    depot.lot_of(3)
    depot.register("S1", "S2")
    before = everything(runtime)
    with pytest.raises(InvalidInput) as refusal:
        depot.register("S3", "S4")
    assert [(each.field, each.code) for each in refusal.value.fields] == [("1.serial_number", "more_assets_than_stock")]
    assert refusal.value.fields[0].params == {"lying": 3, "registered": 2, "more": 2}
    assert everything(runtime) == before
    depot.register("S3")
    depot.register("S1", "S2", "S3")
    with runtime.database.read() as session:
        rows = session.scalars(select(Asset).order_by(Asset.number)).all()
    assert [row.serial_number for row in rows] == ["S1", "S2", "S3"]
    assert rows[0].number == "ZC-654004-20260112-0001"
    assert_clean(runtime)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"sku": "A01002"}, "0.sku", "not_serial_tracked"),
        ({"sku": PHONE}, "0.lot_number", "lot_of_other_item"),
        ({"location_code": "nowhere"}, "0.location_code", "unknown_reference"),
        ({"location_code": "virtual-consumed"}, "0.location_code", "not_in_a_store"),
        ({"lot_number": "none"}, "0.lot_number", "unknown_reference"),
        ({"serial_number": "OLD", "location_code": CITY_QUARANTINE}, "0.serial_number", "asset_elsewhere"),
        ({"serial_number": "OLD", "meter_hours": -1}, "meter_hours", "too_small"),
    ],
)
def test_a_registration_that_cannot_be_leaves_nothing(
    depot: Depot, runtime: Runtime, change: dict[str, Any], field: str, code: str
) -> None:
    depot.lot_of(3)
    depot.register("OLD")
    before = everything(runtime)
    given = {"sku": GENERATOR, "serial_number": "NEW", "lot_number": "G1", "location_code": CITY_SHELF} | change
    with pytest.raises(InvalidInput) as refusal:
        runtime.run(commands.save_assets, depot.actor(Role.KEEPER), [AssetInput(**given)])
    assert (field, code) in {(each.field, each.code) for each in refusal.value.fields}
    assert everything(runtime) == before


def test_units_without_a_number_go_first_and_then_somebody_has_to_say_which(depot: Depot, runtime: Runtime) -> None:
    depot.lot_of(4)
    depot.register("S1", "S2", "S3")
    keeper = depot.actor(Role.KEEPER)
    runtime.run(store.transfer, keeper, move(CITY_SHELF, CITY_QUARANTINE, 1))
    assert set(where(runtime).values()) == {CITY_SHELF}, "one unit had no number"
    before = everything(runtime)
    with pytest.raises(Conflict) as refusal:
        runtime.run(store.transfer, keeper, move(CITY_SHELF, CITY_QUARANTINE, 1))
    assert refusal.value.code == "assets_not_named"
    assert refusal.value.params == {"lot": "G1", "location": "市库A区", "quantity": 1, "registered": 3, "missing": 1}
    assert everything(runtime) == before
    runtime.run(commands.pick_assets, keeper, ["S2"], "送检")
    runtime.run(store.transfer, keeper, move(CITY_SHELF, CITY_QUARANTINE, 1))
    assert where(runtime) == {"S1": CITY_SHELF, "S2": CITY_QUARANTINE, "S3": CITY_SHELF}
    assert_clean(runtime)


def test_everything_that_is_left_goes_without_being_named_and_a_reversal_brings_back_what_went(
    depot: Depot, runtime: Runtime
) -> None:
    depot.lot_of(3)
    depot.register("S1", "S2")
    keeper = depot.actor(Role.KEEPER)
    document_id = runtime.run(store.issue, keeper, issue(IssueLineInput(GENERATOR, 3)))
    assert set(where(runtime).values()) == {"virtual-consumed"}
    runtime.run(store.reverse_document, keeper, document_id, "开错")
    assert where(runtime) == {"S1": CITY_SHELF, "S2": CITY_SHELF}
    assert_clean(runtime)


def test_a_reversal_takes_the_very_units_back(depot: Depot, runtime: Runtime) -> None:
    depot.lot_of(3)
    depot.register("S1", "S2", "S3")
    keeper = depot.actor(Role.KEEPER)
    runtime.run(commands.pick_assets, keeper, ["S2"], "送检")
    document_id = runtime.run(store.transfer, keeper, move(CITY_SHELF, CITY_QUARANTINE, 1))
    runtime.run(commands.pick_assets, keeper, ["S3"], "送检")
    runtime.run(store.transfer, keeper, move(CITY_SHELF, CITY_QUARANTINE, 1))
    runtime.run(store.reverse_document, keeper, document_id, "不送了")
    assert where(runtime) == {"S1": CITY_SHELF, "S2": CITY_SHELF, "S3": CITY_QUARANTINE}
    assert_clean(runtime)


def test_a_unit_used_up_and_found_again_is_registered_once_more_and_keeps_its_history(
    depot: Depot, runtime: Runtime
) -> None:
    depot.lot_of(1)
    depot.register("S1")
    runtime.run(store.issue, depot.actor(Role.KEEPER), issue(IssueLineInput(GENERATOR, 1)))
    depot.lot_of(1, number="G2")
    depot.register("S1", lot="G2")
    with runtime.database.read() as session:
        (row,) = session.scalars(select(Asset)).all()
        kinds = Counter(session.scalars(select(AssetEvent.kind)))
    assert where(runtime) == {"S1": CITY_SHELF}
    assert row.number == "ZC-654004-20260112-0001"
    assert kinds == {"registered": 2, "moved": 1}
    assert_clean(runtime)


def test_what_is_out_of_order_is_held_until_it_is_mended(depot: Depot, runtime: Runtime) -> None:
    lot = depot.lot_of(2)
    depot.register("S1")
    keeper = depot.actor(Role.KEEPER)
    runtime.run(upkeep.put_out_of_order, keeper, OutOfOrderInput("S1", "不能启动"))
    assert depot.balance(lot) == (2, 1)
    before = everything(runtime)
    with pytest.raises(InsufficientStock):
        runtime.run(store.transfer, keeper, move(CITY_SHELF, CITY_QUARANTINE, 2))
    assert everything(runtime) == before
    runtime.run(upkeep.put_back_in_service, keeper, "S1", "换了火花塞")
    assert depot.balance(lot) == (2, 0)
    assert_clean(runtime)


def test_a_broken_unit_that_is_moved_is_held_where_it_comes_to_lie(depot: Depot, runtime: Runtime) -> None:
    lot = depot.lot_of(2)
    depot.register("S1", "S2")
    keeper = depot.actor(Role.KEEPER)
    runtime.run(upkeep.put_out_of_order, keeper, OutOfOrderInput("S1", "不能启动"))
    runtime.run(commands.pick_assets, keeper, ["S1"], "送修")
    runtime.run(store.transfer, keeper, move(CITY_SHELF, CITY_QUARANTINE, 1))
    assert where(runtime) == {"S1": CITY_QUARANTINE, "S2": CITY_SHELF}
    assert (depot.balance(lot), depot.balance(lot, CITY_QUARANTINE)) == ((1, 0), (1, 1))
    assert_clean(runtime)


def test_another_body_does_not_register_or_pick_what_it_does_not_keep(depot: Depot, runtime: Runtime) -> None:
    depot.lot_of(2)
    depot.register("S1")
    stranger = depot.actor(Role.KEEPER, VILLAGE)
    before = where(runtime)
    with pytest.raises(Forbidden, match="not_permitted_here"):
        runtime.run(commands.save_assets, stranger, [AssetInput(GENERATOR, "S2", "G1", CITY_SHELF)])
    with pytest.raises(InvalidInput) as refusal:
        runtime.run(commands.pick_assets, stranger, ["S1"], "送检")
    assert [(each.field, each.code) for each in refusal.value.fields] == [("asset_numbers.0", "unknown_reference")]
    assert where(runtime) == before
    with runtime.database.read() as session:
        assert session.scalars(select(Asset.picked_at)).all() == [None]


def test_a_posting_may_name_its_units_and_only_such_as_go(depot: Depot, runtime: Runtime) -> None:
    lot = depot.lot_of(3)
    depot.register("S1", "S2", "S3")
    with runtime.database.read() as session:
        ids = {row.serial_number: row.id for row in session.scalars(select(Asset))}

    def posting(number: int, quantity: int, *serials: str, source: str = CITY_SHELF) -> Posting:
        leg = Leg(lot, depot.locations[source], depot.locations[CITY_QUARANTINE], quantity)
        document = DocumentRef("test", UUID(int=1), "T-1")
        return Posting(
            UUID(int=number), MoveReason.QUARANTINE, (leg,), document, START, asset_ids=tuple(ids[s] for s in serials)
        )

    runtime.run(ledger.post, SYSTEM, posting(10, 1, "S3"))
    assert where(runtime) == {"S1": CITY_SHELF, "S2": CITY_SHELF, "S3": CITY_QUARANTINE}
    before = everything(runtime)
    for wrong in (posting(11, 1, "S3"), posting(12, 1, "S1", "S2")):
        with pytest.raises((InvalidInput, Conflict)):
            runtime.run(ledger.post, SYSTEM, wrong)
    assert everything(runtime) == before
    with runtime.database.read() as session:
        assert session.scalar(select(func.count()).select_from(StockMove)) == 2
    assert_clean(runtime)


def test_what_lies_in_another_store_is_another_stores(depot: Depot, runtime: Runtime) -> None:
    depot.lot_of(1)
    depot.stock(depot.lot(GENERATOR, number="V1", owner=VILLAGE), 1, VILLAGE_SHELF)
    depot.register("S1")
    with pytest.raises(InvalidInput):
        runtime.run(commands.save_assets, depot.actor(Role.KEEPER), [AssetInput(GENERATOR, "S1", "V1", VILLAGE_SHELF)])
    assert where(runtime) == {"S1": CITY_SHELF}
