"""Rows that leave no seal of their own are compared with what the journal or the moves tell."""

from __future__ import annotations

import pytest

from supplyops.database.base import table_of
from supplyops.kernel.access import SYSTEM
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Runtime
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason
from supplyops.stock.tables import StockBalance
from tests.exchange.city import ROWS, build_city, load
from tests.house import CITY_SHELF, VILLAGE_SHELF, build_house
from tests.stock.test_ledger import posting
from tests.verify.test_tampering import violated, without_guards

PLANTED = {
    "a file that was longer": "UPDATE import_file SET rows = rows + 1, unchanged = unchanged + 1 WHERE kind = 'lots'",
    "a file of another name": "UPDATE import_file SET file = 'x.csv' WHERE kind = 'lots'",
    "other bytes": "UPDATE import_file SET sha256 = '0' WHERE kind = 'lots'",
    "somebody else's file": "UPDATE import_file SET organisation_id = (SELECT id FROM organisation ORDER BY code LIMIT 1) WHERE kind = 'lots'",
    "a file of tomorrow": "UPDATE import_file SET imported_at = '2099-01-01 00:00:00.000000' WHERE kind = 'lots'",
    "figures that do not add up": "UPDATE import_file SET unchanged = unchanged + 1 WHERE kind = 'lots'",
    "a file that was never imported": "DELETE FROM import_file WHERE kind = 'lots'",
    "a copy that nobody confirmed": (
        "INSERT INTO restored_copy (restored_at, backup_hash, confirmed_at)"
        " VALUES ('2026-01-12 00:00:00.000000', 'x', '2026-01-12 01:00:00.000000')"
    ),
}


@pytest.mark.every_engine
@pytest.mark.parametrize("planted", PLANTED)
def test_what_the_journal_does_not_tell_is_found(runtime: Runtime, planted: str) -> None:
    build_city(runtime)
    load(runtime, "lots", [{**ROWS["lots"][0], "批次号": "L-9"}])
    assert violated(runtime.database) == set()
    without_guards(runtime.database, PLANTED[planted])
    assert violated(runtime.database) == {"I37"}


def test_every_balance_that_is_gone_is_missed(runtime: Runtime) -> None:
    """Those of what has left again too: they say who may see that it was there."""
    house = build_house(runtime)
    lot, all_gone = house.lot(number="T-1"), house.lot(number="T-2")
    for each in (lot, all_gone):
        house.stock(each, 10)
    here, there = house.locations[CITY_SHELF], house.locations[VILLAGE_SHELF]
    runtime.run(ledger.post, SYSTEM, posting(900, MoveReason.TRANSFER, Leg(lot, here, there, 3)))
    used = virtual_location_id(LocationKind.CONSUMED)
    runtime.run(ledger.post, SYSTEM, posting(901, MoveReason.ISSUE, Leg(all_gone, here, used, 10)))
    assert violated(runtime.database) == set()
    table = table_of(StockBalance)
    with runtime.database.reader.connect() as connection:
        kept = [dict(row) for row in connection.execute(table.select()).mappings()]
    assert sorted(row["on_hand"] for row in kept) == [0, 3, 7]
    for row in kept:
        own = (table.c.location_id == row["location_id"], table.c.lot_id == row["lot_id"])
        with runtime.database.writer.begin() as connection:
            connection.execute(table.delete().where(*own))
        assert "I16" in violated(runtime.database), row["on_hand"]
        with runtime.database.writer.begin() as connection:
            connection.execute(table.insert().values(row))
    assert violated(runtime.database) == set()
