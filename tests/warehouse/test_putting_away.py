"""Goods first lie in the receiving area, then in the bin where they will be found; a full or wrong bin needs a reason."""

from __future__ import annotations

from typing import Any

import pytest

from supplyops.catalogue import commands as catalogue
from supplyops.catalogue.rules import ItemInput
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.errors import Forbidden, InvalidInput, NotFound, SupplyError
from supplyops.kernel.keeping import StorageClass
from supplyops.places import commands as places
from supplyops.places.rules import LocationInput
from supplyops.places.tables import Location
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock.documents import IssueLineInput, ReceiptLineInput
from supplyops.stock.rules import InsufficientStock, MoveReason, StockDocumentKind
from supplyops.stock.tables import Lot, StockBalance, StockDocument, StockMove
from supplyops.verify.books import verify
from supplyops.warehouse import commands, queries
from supplyops.warehouse.rules import PutAwayInput, Turnover
from tests.conftest import START, Clock
from tests.house import (
    _ITEM,
    CITY_QUARANTINE,
    CITY_STORE,
    FARM,
    QUILT,
    TENT,
    VILLAGE,
    VILLAGE_SHELF,
    WATER,
    House,
    build_house,
)
from tests.once import once
from tests.stock.test_store_documents import issue, receipt, rows

RECEIVING, DRY_1, DRY_2, CELLAR = "city-r", "city-b-01-1", "city-b-01-2", "city-h-01-1"
PETROL = "C01001"
BINS = [
    LocationInput(RECEIVING, "收货区", CITY_STORE, zone="R", is_receiving=True),
    LocationInput(DRY_1, "B区1架1位", CITY_STORE, zone="B", shelf="01", bin="1", capacity_cm3=1_000_000, storage_class=StorageClass.DRY, walk_rank=1),
    LocationInput(DRY_2, "B区1架2位", CITY_STORE, zone="B", shelf="01", bin="2", capacity_cm3=4_800_000, storage_class=StorageClass.DRY, walk_rank=9),
    LocationInput(CELLAR, "危险品间", CITY_STORE, zone="H", shelf="01", bin="1", capacity_cm3=9_000_000, storage_class=StorageClass.HAZARDOUS),
]  # fmt: skip


class Store:
    """The city's store with a receiving area, two dry bins of 1 and 4.8 m³ and a cellar for dangerous goods."""

    def __init__(self, house: House) -> None:
        self.house, self.runtime = house, house.runtime
        self.keeper = house.actor(Role.KEEPER)
        self.runtime.run(places.save_locations, SYSTEM, BINS)
        petrol = ItemInput(
            PETROL, "汽油", "桶", need_class="life", unit_mass_g=20_000, unit_volume_cm3=30_000, storage_class=StorageClass.HAZARDOUS, **_ITEM
        )  # fmt: skip
        self.runtime.run(catalogue.save_items, SYSTEM, [petrol])
        with self.runtime.database.read() as session:
            from sqlalchemy import select

            house.locations |= {row.code: row.id for row in session.scalars(select(Location))}

    def take_in(self, sku: str = TENT, quantity: int = 10, **more: Any) -> Lot:
        """Goods in; returns the lot."""
        self.runtime.run(stock.receive, self.keeper, receipt(ReceiptLineInput(sku, quantity, quantity, **more)))
        return rows(self.runtime, Lot)[-1]

    def put(
        self, lot: Lot, to: str, quantity: int, reason: str = "", *, actor: Actor | None = None, source: str = RECEIVING
    ) -> Any:
        """Into a bin."""
        move = PutAwayInput(lot.number, source, to, quantity, reason)
        return self.runtime.run(commands.put_away, actor or self.keeper, move)

    def refused(self, error: type[SupplyError], code: str, do: Any, *arguments: Any, **named: Any) -> SupplyError:
        """Refused with that code, and nothing has moved."""
        seen = lambda: (len(rows(self.runtime, StockMove)), len(rows(self.runtime, StockDocument)), [(row.location_id, row.on_hand) for row in rows(self.runtime, StockBalance)])  # noqa: E731 # fmt: skip
        before = seen()
        with pytest.raises(error) as refusal:
            do(*arguments, **named)
        codes = {each.code for each in getattr(refusal.value, "fields", ())} | {refusal.value.code}
        assert code in codes, refusal.value
        assert seen() == before
        return refusal.value

    def waiting(self) -> list[queries.WaitingRow]:
        return self.runtime.read(queries.waiting, self.keeper)


@pytest.fixture
@once
def store(runtime: Runtime) -> Store:
    return Store(build_house(runtime))


def test_goods_lie_in_the_receiving_area_until_they_are_put_away(store: Store, clock: Clock) -> None:
    lot = store.take_in()
    assert store.house.balance(lot.id, RECEIVING) == (10, 0)
    (row,) = store.waiting()
    assert (row.stock.lot_number, row.stock.on_hand, row.since, row.volume_cm3) == (lot.number, 10, START, 4_800_000)
    assert [(each.code, each.quantity) for each in row.placements] == [(DRY_2, 10)]
    clock.advance(hours=2)
    store.put(lot, DRY_2, 8)
    assert (store.house.balance(lot.id, RECEIVING), store.house.balance(lot.id, DRY_2)) == ((2, 0), (8, 0))
    document = rows(store.runtime, StockDocument)[-1]
    move = rows(store.runtime, StockMove)[-1]
    assert (document.kind, move.reason, move.note) == (StockDocumentKind.TRANSFER, MoveReason.TRANSFER, "上架")
    (row,) = store.waiting()
    assert [(each.code, each.quantity) for each in row.placements] == [(DRY_2, 2)], "beside the rest of the lot"
    store.put(lot, DRY_2, 2)
    assert store.waiting() == []
    assert [finding for finding in verify(store.runtime.database) if not finding.is_clean] == []


def test_a_bin_without_room_is_refused_unless_a_reason_is_given(store: Store) -> None:
    lot = store.take_in()
    store.put(lot, DRY_1, 2)
    error = store.refused(InvalidInput, "over_capacity", store.put, lot, DRY_1, 1)
    (field,) = error.fields  # type: ignore[attr-defined]
    assert (field.field, field.params) == ("reason", {"location": "B区1架1位", "free": "0.040", "needed": "0.480"})
    store.put(lot, DRY_1, 1, "应急临时堆放")
    assert rows(store.runtime, StockMove)[-1].note == "上架 应急临时堆放"
    row = store.runtime.read(queries.bin_named, store.keeper, DRY_1)
    assert (row.used_cm3, row.free_cm3, row.is_over) == (1_440_000, 0, True)


def test_the_room_counts_what_every_owner_keeps_there(store: Store) -> None:
    """What another body's goods take is taken, whoever may see them."""
    store.house.stock(store.house.lot(owner=VILLAGE), 2, DRY_1)
    store.refused(InvalidInput, "over_capacity", store.put, store.take_in(), DRY_1, 1)


def test_dangerous_goods_lie_apart(store: Store) -> None:
    petrol, tents = store.take_in(PETROL), store.take_in()
    assert [[each.code for each in row.placements] for row in store.waiting() if row.stock.sku == PETROL] == [[CELLAR]]
    error = store.refused(InvalidInput, "storage_differs", store.put, petrol, DRY_2, 1)
    assert error.fields[0].field == "reason"  # type: ignore[attr-defined]
    store.refused(InvalidInput, "storage_differs", store.put, tents, CELLAR, 1)
    store.put(petrol, CELLAR, 10)
    store.put(tents, CELLAR, 1, "库满,隔开存放")


@pytest.mark.parametrize(
    ("to", "quantity", "source", "error", "code"),
    [
        (VILLAGE_SHELF, 1, RECEIVING, InvalidInput, "other_site"),
        (CITY_QUARANTINE, 1, RECEIVING, InvalidInput, "not_a_bin"),
        ("nowhere", 1, RECEIVING, InvalidInput, "unknown_reference"),
        (DRY_2, 11, RECEIVING, InvalidInput, "over_capacity"),
        (DRY_1, 1, DRY_2, InvalidInput, "not_receiving"),
    ],
)
def test_goods_are_put_away_only_from_the_receiving_area_into_a_bin(
    store: Store, to: str, quantity: int, source: str, error: type[SupplyError], code: str
) -> None:
    store.refused(error, code, store.put, store.take_in(), to, quantity, source=source)


def test_no_more_is_put_away_than_there_is(store: Store) -> None:
    lot = store.take_in(QUILT)
    store.refused(InsufficientStock, "insufficient_stock", store.put, lot, DRY_2, 11)
    store.refused(InvalidInput, "unknown_reference", store.put, Lot(number="none"), DRY_2, 1)


def test_only_the_store_puts_away(store: Store) -> None:
    lot = store.take_in()
    store.refused(Forbidden, "not_permitted", store.put, lot, DRY_2, 1, actor=store.house.actor(Role.CLERK))
    store.refused(InvalidInput, "other_site", store.put, lot, DRY_2, 1, actor=store.house.actor(Role.KEEPER, FARM))
    assert store.runtime.read(queries.waiting, store.house.actor(Role.KEEPER, FARM)) == []
    with pytest.raises(NotFound):
        store.runtime.read(queries.bin_named, store.house.actor(Role.KEEPER, VILLAGE), DRY_1)


def test_goods_received_straight_into_a_bin_need_room_too(store: Store) -> None:
    line = lambda **more: receipt(ReceiptLineInput(TENT, 3, 3, location_code=DRY_1, **more))  # noqa: E731
    receive = lambda given: store.runtime.run(stock.receive, store.keeper, given)  # noqa: E731
    error = store.refused(InvalidInput, "over_capacity", receive, line())
    assert error.fields[0].field == "lines.0.placing_reason"  # type: ignore[attr-defined]
    two = receipt(*[ReceiptLineInput(TENT, 2, 2, location_code=DRY_1)] * 2)
    assert store.refused(InvalidInput, "over_capacity", receive, two).fields[0].field == "lines.1.placing_reason"  # type: ignore[attr-defined]
    petrol = receipt(ReceiptLineInput(PETROL, 1, 1, location_code=DRY_2))
    store.refused(InvalidInput, "storage_differs", receive, petrol)
    receive(line(placing_reason="临时"))
    assert store.waiting() == []


def test_what_is_fetched_often_lies_near(store: Store) -> None:
    tents = store.take_in(TENT, 2)
    store.put(tents, DRY_2, 2)
    for _ in range(2):
        store.runtime.run(stock.issue, store.keeper, issue(IssueLineInput(TENT, 1)))
    store.take_in(TENT, 1)
    quilts = store.take_in(QUILT, 1)
    found = {row.stock.sku: row for row in store.waiting()}
    assert (found[TENT].turnover, found[QUILT].turnover) == (Turnover.FAST, Turnover.SLOW)
    assert [each.code for each in found[TENT].placements] == [DRY_1]
    assert [each.code for each in found[QUILT].placements] == [DRY_2]
    assert quilts.number == found[QUILT].stock.lot_number


def test_the_room_suggested_for_one_lot_is_not_suggested_for_the_next(store: Store) -> None:
    first, second = store.take_in(TENT, 8), store.take_in(TENT, 3)
    found = {row.stock.lot_number: row for row in store.waiting()}
    assert [(each.code, each.quantity) for each in found[first.number].placements] == [(DRY_2, 8)]
    assert [(each.code, each.quantity) for each in found[second.number].placements] == [(DRY_2, 2), (DRY_1, 1)]


def test_a_zone_offers_one_thing(store: Store) -> None:
    mixed = LocationInput("city-b-02-1", "B区冷藏", CITY_STORE, zone="B", storage_class=StorageClass.REFRIGERATED)
    with pytest.raises(InvalidInput) as refusal:
        store.runtime.run(places.save_locations, SYSTEM, [mixed])
    assert [(each.field, each.code) for each in refusal.value.fields] == [("0.storage_class", "zone_mixed")]
    assert "city-b-02-1" not in {row.code for row in rows(store.runtime, Location)}
    apart = LocationInput("city-c-01-1", "C区冷藏", CITY_STORE, zone="C", storage_class=StorageClass.REFRIGERATED)
    store.runtime.run(places.save_locations, SYSTEM, [apart])


def test_a_scanned_code_opens_what_it_stands_for(store: Store) -> None:
    lot = store.take_in(WATER)
    scan = lambda code, actor=store.keeper: [(row.kind, row.code) for row in store.runtime.read(queries.scan, actor, code)]  # noqa: E731 # fmt: skip
    assert scan(DRY_1) == [("location", DRY_1)]
    assert scan(lot.number) == [("lot", lot.number)]
    assert scan(WATER.lower()) == [("item", WATER)]
    assert scan("nothing") == []
    stranger = store.house.actor(Role.KEEPER, FARM)
    assert scan(DRY_1, stranger) == scan(lot.number, stranger) == []


def test_the_same_key_puts_away_once(store: Store) -> None:
    lot = store.take_in()
    for _ in range(2):
        store.put(lot, DRY_2, 3, actor=store.keeper.keyed("k"))
    assert store.house.balance(lot.id, DRY_2) == (3, 0)
