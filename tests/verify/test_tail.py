"""A check of the tail looks at what is new, says so, and finds what was planted there; older books in place of newer are found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from supplyops.cli.books import MARK_FILE
from supplyops.cli.main import main
from supplyops.database.engine import Database
from supplyops.database.snapshot import snapshot
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.codec import from_json, to_json
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Runtime
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason
from supplyops.verify.books import examine
from supplyops.verify.rows import Mark
from tests.house import CITY_SHELF, PREFECTURE_SHELF, House, build_house
from tests.stock.test_ledger import hold, posting
from tests.verify.test_tampering import without_guards

pytestmark = pytest.mark.every_engine

CONSUMED = virtual_location_id(LocationKind.CONSUMED)
TAIL = {f"I{number}" for number in (1, 2, 3, 6, 7, 8, 13, 14, 15, 16, 19, 21, 23, 34, 61, 62)}


@pytest.fixture
def house(runtime: Runtime) -> House:
    """Twenty of one lot that rests, twenty of one that moves."""
    house = build_house(runtime)
    for number in ("RESTS", "MOVES"):
        house.stock(house.lot(number=number), 20)
    return house


def lot_named(house: House, number: str) -> str:
    with house.runtime.database.reader.connect() as connection:
        return str(connection.execute(text("SELECT id FROM lot WHERE number = :n"), {"n": number}).scalar())


def go_on(house: House, number: int = 1) -> None:
    """One more issue of the lot that moves, and a hold on it."""
    from uuid import UUID

    lot = UUID(lot_named(house, "MOVES"))
    issue = posting(number, MoveReason.ISSUE, Leg(lot, house.locations[CITY_SHELF], CONSUMED, 2))
    house.runtime.run(ledger.post, SYSTEM, issue)
    house.runtime.run(ledger.reserve, SYSTEM, hold(house, 100 + number, lot, 1))


def test_the_tail_is_what_came_after_the_mark(house: House) -> None:
    mark = examine(house.runtime.database).mark
    go_on(house)
    tail = examine(house.runtime.database, mark)
    checked = {finding.id: finding.checked for finding in tail.findings}
    assert tail.is_clean
    assert set(checked) == TAIL
    assert checked["I7"] == 4, "one new move, two new commands, and the link that one of them tells"
    assert checked["I21"] == 1, "the hold is the only sealed row they touched"
    assert checked["I16"] == 1, "the balance of the one lot that moved"
    again = examine(house.runtime.database, tail.mark)
    assert again.is_clean
    assert {finding.id: finding.checked for finding in again.findings}["I7"] == 0


PLANTED = {
    "a new move changed": ("UPDATE stock_move SET quantity = 3 WHERE reason = 'issue'", {"I7", "I16"}),
    "a new move dropped": ("DELETE FROM stock_move WHERE reason = 'issue'", {"I7", "I16"}),
    "a balance of a lot that moved": ("UPDATE stock_balance SET on_hand = 17 WHERE on_hand = 18", {"I16", "I1"}),
    "a hold": ("UPDATE reservation SET quantity = 2, released = 0", {"I3", "I21"}),
    "the newest journal entry": ("UPDATE journal_entry SET actor_name = 'x' WHERE seq = (SELECT max(seq) FROM journal_entry)", {"I7"}),
    "no reason": ("UPDATE stock_move SET actor_name = '' WHERE reason = 'issue'", {"I7", "I8"}),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_planted_in_the_tail_is_found(house: House, what: str) -> None:
    mark = examine(house.runtime.database).mark
    go_on(house)
    statement, expected = PLANTED[what]
    without_guards(house.runtime.database, statement)
    found = {finding.id for finding in examine(house.runtime.database, mark).findings if not finding.is_clean}
    assert expected <= found, f"{what}: found {found}"


def test_what_lies_before_the_mark_is_left_to_the_full_check(house: House) -> None:
    mark = examine(house.runtime.database).mark
    go_on(house)
    statement = "UPDATE stock_balance SET on_hand = 21 WHERE on_hand = 20"
    without_guards(house.runtime.database, statement)
    assert examine(house.runtime.database, mark).is_clean
    assert not examine(house.runtime.database).is_clean


def test_older_books_in_place_of_newer_are_found(house: House) -> None:
    go_on(house)
    mark = examine(house.runtime.database).mark
    without_guards(
        house.runtime.database,
        "DELETE FROM stock_move WHERE reason = 'issue'",
        "UPDATE stock_balance SET on_hand = 20, reserved = 0",
        "DELETE FROM reservation",
        "UPDATE chain_head SET seq = seq - 1 WHERE shard LIKE 'stock:%'",
    )
    found = {finding.id: finding.examples for finding in examine(house.runtime.database, mark).findings}
    assert any("上次核对时不同" in example for example in found["I7"])


def test_a_new_warehouse_belongs_to_the_tail(house: House) -> None:
    mark = examine(house.runtime.database).mark
    house.stock(house.lot(number="NEW"), 3, PREFECTURE_SHELF)
    tail = examine(house.runtime.database, mark)
    assert tail.is_clean
    checked = {finding.id: finding.checked for finding in tail.findings}
    assert (checked["I7"], checked["I8"]) == (4, 1), (
        "a lot and a posting were written down, with the link it tells; one row moved"
    )


def test_a_mark_survives_being_written_down(house: House) -> None:
    mark = examine(house.runtime.database).mark
    assert from_json(Mark, json.loads(json.dumps(to_json(mark)))) == mark


def test_reading_a_snapshot_does_not_keep_writers_out(house: House) -> None:
    with snapshot(house.runtime.database) as connection:
        before = connection.execute(text("SELECT count(*) FROM stock_move")).scalar()
        go_on(house)
        assert connection.execute(text("SELECT count(*) FROM stock_move")).scalar() == before
    with snapshot(house.runtime.database) as connection:
        assert connection.execute(text("SELECT count(*) FROM stock_move")).scalar() == (before or 0) + 1


def test_a_snapshot_leaves_no_file(house: House, tmp_path: Path) -> None:
    if not house.runtime.database.is_sqlite:
        return
    original = Path(str(house.runtime.database.url.database))
    shutil.copy(original, tmp_path / "own.db")
    with snapshot(Database(f"sqlite:///{tmp_path / 'own.db'}")):
        assert len(list(tmp_path.iterdir())) == 2
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")] == ["own.db"]


def test_the_command_keeps_its_mark_and_says_what_it_checked(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPLYOPS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SUPPLYOPS_DATABASE_URL", house.runtime.database.url.render_as_string(hide_password=False))
    first = CliRunner().invoke(main, ["verify", "--tail"])
    assert first.exit_code == 0
    assert "没有上次核对的标记,改为全部核对。" in first.output
    go_on(house)
    told = json.loads(CliRunner().invoke(main, ["verify", "--tail", "--json"]).output)
    assert (told["clean"], told["scope"]) == (True, "tail")
    assert {each["id"] for each in told["invariants"]} == TAIL
    kept = (tmp_path / MARK_FILE).read_text()
    go_on(house, 2)
    without_guards(house.runtime.database, "UPDATE stock_balance SET on_hand = 1, reserved = 0 WHERE reserved = 2")
    broken = CliRunner().invoke(main, ["verify", "--tail"])
    assert broken.exit_code == 1
    assert "账簿存在问题" in broken.output
    assert (tmp_path / MARK_FILE).read_text() == kept, "a check that failed moves no mark"
    (tmp_path / MARK_FILE).write_text("{")
    assert CliRunner().invoke(main, ["verify", "--tail"]).exit_code == 2
    assert CliRunner().invoke(main, ["verify", "--full"]).exit_code == 1
