"""Whoever changes the books outside the system is found out; clean books are clean; nothing is checked in vain."""

from __future__ import annotations

import sqlite3
from uuid import UUID

import pytest
from sqlalchemy import text

from supplyops.database.engine import Database
from supplyops.kernel.access import SYSTEM
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Runtime
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason
from supplyops.verify.books import INVARIANTS, verify
from supplyops.verify.export import ledger_lines
from supplyops.verify.report import Finding, Invariant, run
from supplyops.verify.rows import Books
from tests.house import CITY_SHELF, VILLAGE_SHELF, House, build_house
from tests.stock.test_ledger import hold, posting

pytestmark = pytest.mark.every_engine


@pytest.fixture
def house(runtime: Runtime) -> House:
    """Two lots, a few moves, one hold."""
    house = build_house(runtime)
    lots = [house.lot(), house.lot()]
    for lot in lots:
        house.stock(lot, 20)
    shelf = house.locations[CITY_SHELF]
    consumed = virtual_location_id(LocationKind.CONSUMED)
    for number, lot in enumerate((*lots, *lots), start=1):
        runtime.run(ledger.post, SYSTEM, posting(number, MoveReason.ISSUE, Leg(lot, shelf, consumed, number)))
    runtime.run(
        ledger.post, SYSTEM, posting(9, MoveReason.TRANSFER, Leg(lots[0], shelf, house.locations[VILLAGE_SHELF], 2))
    )
    runtime.run(ledger.reserve, SYSTEM, hold(house, 50, lots[1], 3))
    return house


def without_guards(database: Database, *statements: str) -> None:
    """Do what somebody with the database's own password could do: take the triggers off first, and put them on again."""
    if database.is_sqlite:
        raw = sqlite3.connect(str(database.url.database))
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
        for _, sql in triggers:
            raw.execute(sql)
        raw.commit()
        raw.close()
        return
    with database.writer.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))


def violated(database: Database) -> set[str]:
    return {finding.id for finding in verify(database) if not finding.is_clean}


def test_untouched_books_are_clean_and_something_was_checked(house: House) -> None:
    findings = verify(house.runtime.database)
    assert [finding for finding in findings if not finding.is_clean] == []
    checked = {finding.id: finding.checked for finding in findings}
    assert checked["I15"] == 7
    assert all(checked[f"I{number}"] > 0 for number in (1, 2, 3, 6, 7, 8, 13, 15, 16, 20, 21))


TAMPERING = {
    "a move's quantity": ("UPDATE stock_move SET quantity = quantity + 1 WHERE seq = 3", {"I7"}),
    "a move's quantity with its balance": (
        (
            "UPDATE stock_move SET quantity = quantity + 1 WHERE seq = 3;"
            "UPDATE stock_balance SET on_hand = on_hand - 1 WHERE lot_id = (SELECT lot_id FROM stock_move WHERE seq = 3) AND reserved < on_hand AND location_id = (SELECT source_id FROM stock_move WHERE seq = 3)"
        ),
        {"I7"},
    ),
    "a move's time": ("UPDATE stock_move SET recorded_at = '2025-01-01 00:00:00.000000' WHERE seq = 4", {"I6", "I7"}),
    "when it happened": ("UPDATE stock_move SET occurred_at = '2025-01-01 00:00:00.000000' WHERE seq = 4", {"I7"}),
    "who did it": ("UPDATE stock_move SET actor_name = 'somebody else' WHERE seq = 4", {"I7"}),
    "a move dropped": ("DELETE FROM stock_move WHERE seq = 4", {"I6", "I7", "I16"}),
    "the last move dropped": ("DELETE FROM stock_move WHERE seq = (SELECT max(seq) FROM stock_move)", {"I7"}),
    "two moves swapped": (
        "UPDATE stock_move SET shard_seq = 1000 WHERE seq = 3; UPDATE stock_move SET shard_seq = 3 WHERE seq = 4; UPDATE stock_move SET shard_seq = 4 WHERE seq = 3",
        {"I7"},
    ),
    "a balance": ("UPDATE stock_balance SET on_hand = on_hand + 5 WHERE reserved > 0", {"I1", "I16"}),
    "a balance dropped": ("DELETE FROM stock_balance WHERE reserved = 0", {"I16"}),
    "a chain's time": (
        "UPDATE chain_head SET recorded_at = '2027-01-01 00:00:00.000000' WHERE shard LIKE 'stock:%' AND seq > 0",
        {"I7"},
    ),
    "the journal's time": (
        "UPDATE chain_head SET recorded_at = '2025-01-01 00:00:00.000000' WHERE shard LIKE 'journal:%' AND seq > 0",
        {"I7"},
    ),
    "another number for a lot where it lies": ("UPDATE stock_balance SET lot_number = 'x' WHERE reserved > 0", {"I34"}),
    "goods that keep longer where they lie": ("UPDATE stock_balance SET good_until = '2099-01-01'", {"I34"}),
    "a total": ("UPDATE stock_total SET on_hand = on_hand + 1 WHERE reserved > 0", {"I35"}),
    "a count of lots": ("UPDATE stock_total SET lots = lots + 1 WHERE reserved > 0", {"I35"}),
    "a count of holds": ("UPDATE stock_total SET holds = holds - 1 WHERE reserved > 0", {"I35"}),
    "a total dropped": ("DELETE FROM stock_total WHERE reserved > 0", {"I35"}),
    "reserved stock": ("UPDATE stock_balance SET reserved = reserved - 1 WHERE reserved > 0", {"I3"}),
    "a hold": ("UPDATE reservation SET quantity = quantity - 1, released = released", {"I3", "I21"}),
    "a hold's end": ("UPDATE reservation SET expires_at = '2030-01-01 00:00:00.000000'", {"I21"}),
    "a hold dropped with its balance": ("DELETE FROM reservation; UPDATE stock_balance SET reserved = 0", {"I21"}),
    "a lot's fund": ("UPDATE lot SET fund_source = 'other'", {"I13", "I21"}),
    "a new organisation from nowhere": ("UPDATE organisation SET name = 'x' WHERE code = '654004'", {"I21"}),
    "a journal entry": ("UPDATE journal_entry SET command = 'nothing' WHERE seq = 5", {"I7"}),
    "a journal entry's effects": ("UPDATE journal_entry SET effects = '[]' WHERE seq = 5", {"I7"}),
    "a journal entry dropped": ("DELETE FROM journal_entry WHERE seq = 5", {"I6", "I7"}),
    "the journal truncated": ("DELETE FROM journal_entry WHERE seq > 5", {"I7"}),
    "more taken out early than there was": (
        "UPDATE stock_move SET quantity = 21 WHERE reason = 'issue' AND seq = 3",
        {"I2", "I7", "I16"},
    ),
    "nobody did it": ("UPDATE stock_move SET actor_name = '' WHERE seq = 4", {"I7", "I8"}),
    "a document that is nowhere": ("UPDATE stock_move SET document_kind = 'issue' WHERE seq = 4", {"I7", "I8"}),
    "another owner's move": (
        "UPDATE stock_move SET owner_id = (SELECT id FROM organisation WHERE code = '6540') WHERE seq = 4",
        {"I7", "I13", "I15"},
    ),
    "goods taken to another keeper": (
        "UPDATE stock_move SET document_kind = 'transfer' WHERE reason = 'transfer'",
        {"I7", "I8", "I15"},
    ),
    "expired goods handed out": ("UPDATE lot SET expires_on = '2025-12-31'", {"I13", "I14"}),
    "goods handed out from quarantine": (
        "UPDATE location SET kind = 'quarantine' WHERE code = 'city-shelf'",
        {"I14", "I21"},
    ),
    "rows behind a refusal": (
        "UPDATE journal_entry SET outcome = 'refused' WHERE command = 'people.save_organisations'",
        {"I7", "I19"},
    ),
    "another revision": ("UPDATE alembic_version SET version_num = '0000'", {"I20"}),
    "a dangling reference": ("DELETE FROM app_user; DELETE FROM location WHERE code = 'city-shelf'", {"I20"}),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_found(house: House, what: str) -> None:
    statements, expected = TAMPERING[what]
    without_guards(house.runtime.database, *filter(None, (statement.strip() for statement in statements.split(";"))))
    found = violated(house.runtime.database)
    assert expected <= found, f"{what}: found {found}"


def test_a_database_that_lets_history_be_changed_is_found(house: House) -> None:
    database = house.runtime.database
    drop = "DROP TRIGGER lot_no_delete" if database.is_sqlite else "ALTER TABLE lot DISABLE TRIGGER ALL"
    with database.writer.begin() as connection:
        connection.execute(text(drop))
    assert violated(database) == {"I6"}


def test_a_check_that_looked_at_nothing_is_an_error_on_a_database_with_rows(house: House) -> None:
    def blind(books: Books, finding: Finding) -> None:
        assert books
        assert finding

    with house.runtime.database.reader.connect() as connection:
        found = list(run((Invariant("X", "x", ("stock_move",), blind),), Books(connection)))
    assert (found[0].is_vacuous, found[0].is_clean) == (True, False)


def test_every_invariant_has_its_own_name() -> None:
    assert len({invariant.id for invariant in INVARIANTS}) == len(INVARIANTS)


def test_the_exported_ledger_has_every_row_in_sequence(house: House) -> None:
    import json

    lines = [json.loads(line) for line in ledger_lines(house.runtime.database)]
    moves = [line for line in lines if line["kind"] == "move"]
    assert [move["shard_seq"] for move in moves if move["shard"] == moves[0]["shard"]] == list(range(1, 8))
    assert UUID(moves[0]["lot_id"])
    assert len([line for line in lines if line["kind"] == "reservation"]) == 1
    assert [line["seq"] for line in lines if line["kind"] == "journal"] == sorted(
        line["seq"] for line in lines if line["kind"] == "journal"
    )
