"""What counts write verifies, and each planted violation is found."""

from __future__ import annotations

from supplyops.verify.books import INVARIANTS
from supplyops.verify.report import run
from supplyops.verify.rows import Books
from tests.counts.conftest import Store
from tests.house import CITY_QUARANTINE, CITY_SHELF
from tests.verify.test_documents import take_guards_off

POSTED = "(SELECT id FROM stock_count WHERE state = 'posted')"
PLANTED = {
    "more posted than found": ("UPDATE stock_count_line SET counted = counted - 1 WHERE counted < book", {"I40"}),
    "posted without a decision": (
        "UPDATE stock_count SET state = 'submitted' WHERE state = 'posted'",
        {"I40"},
    ),
    "a move nobody counted": ("DELETE FROM stock_count_line WHERE counted < book", {"I40"}),
    "the keeper approved": ("UPDATE stock_count SET decided_by_id = created_by_id WHERE state = 'posted'", {"I40"}),
    "the counter was the witness": ("UPDATE stock_count SET witness_id = counter_id", {"I40"}),
    "a difference without a reason": (f"UPDATE stock_count_line SET reason = NULL WHERE count_id = {POSTED}", {"I40"}),
    "a freeze that outlived its count": ("UPDATE location_freeze SET lifted_at = NULL", {"I41"}),
    "a freeze that ended too early": ("UPDATE location_freeze SET lifted_at = frozen_at", {"I41"}),
    "two freezes of one place": (
        "UPDATE location_freeze SET lifted_at = NULL, location_id = (SELECT location_id FROM location_freeze ORDER BY frozen_at LIMIT 1)",
        {"I41"},
    ),
}


def test_each_planted_violation_is_found(store: Store) -> None:
    lot = store.house.lot()
    store.house.stock(lot, 100)
    store.set("count.tolerance", "default=10")
    store.approve(store.to_decide({1: 95}, is_frozen=True, location_codes=(CITY_SHELF,)))
    store.start(is_frozen=True, location_codes=(CITY_QUARANTINE,))
    assert store.violations() == []
    missed = {}
    with store.runtime.database.writer.connect() as connection:
        for what, (statement, expected) in PLANTED.items():
            with connection.begin() as transaction:
                take_guards_off(connection)
                connection.exec_driver_sql(statement)
                found = {finding.id for finding in run(INVARIANTS, Books(connection)) if not finding.is_clean}
                transaction.rollback()
            if not expected <= found:
                missed[what] = found
    assert missed == {}
