"""Backups taken under load are whole, damaged ones are refused, and a restored copy writes nothing until it is confirmed."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from supplyops.backups.archive import TRAILER, Damaged, read_archive
from supplyops.cli.anchoring import ANCHOR_FILE
from supplyops.cli.main import main
from supplyops.database import schema
from supplyops.database.engine import Database
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Busy
from supplyops.people import queries as people
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason
from supplyops.verify.books import verify
from tests.conftest import START
from tests.house import CITY_SHELF, TENT, House, build_house
from tests.once import administer, once
from tests.stock.test_ledger import hold, posting
from tests.stock.test_store_documents import receipt
from tests.web.site import PASSWORD, Browser, Site

DAMAGES = 50


@pytest.fixture
@once
def house(runtime: Runtime) -> House:
    house = build_house(runtime)
    lot = house.lot(number="STORED")
    house.stock(lot, 500)
    runtime.run(ledger.reserve, SYSTEM, hold(house, 50, lot, 3))
    runtime.run(stock.receive, house.actor(Role.KEEPER).keyed("k"), receipt())
    return house


class Place:
    """A data directory and a database, told to the command line."""

    def __init__(self, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.url, self._patch = folder, url, monkeypatch

    def run(self, *words: str) -> Result:
        self._patch.setenv("SUPPLYOPS_DATA_DIR", str(self.folder))
        self._patch.setenv("SUPPLYOPS_DATABASE_URL", self.url)
        return CliRunner().invoke(main, list(words))


@pytest.fixture
def here(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return Place(tmp_path / "here", house.runtime.database.url.render_as_string(hide_password=False), monkeypatch)


@pytest.fixture
def there(here: Place, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    """An empty place of the same kind."""
    if house.runtime.database.is_sqlite:
        yield Place(tmp_path / "there", f"sqlite:///{tmp_path / 'there' / 'books.db'}", monkeypatch)
        return
    server = request.getfixturevalue("postgres")
    name = f"restored_{make_url(here.url).database}"
    administer(server.url("postgres"), f"CREATE DATABASE {name}")
    yield Place(tmp_path / "there", server.url(name), monkeypatch)
    administer(server.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    database = Database(url)
    try:
        with database.reader.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]
    finally:
        database.dispose()


def test_backups_taken_while_others_write_are_of_one_moment(
    house: House, here: Place, there: Place, tmp_path: Path
) -> None:
    runtime = Runtime(house.runtime.database, people.principal, clock=lambda: START)
    lot, shelf, used = house.lot(number="BUSY"), house.locations[CITY_SHELF], virtual_location_id(LocationKind.CONSUMED)
    house.stock(lot, 10_000)
    stop = threading.Event()
    written = [0]

    def write() -> None:
        while not stop.is_set():
            runtime.run(ledger.post, SYSTEM, posting(10_000 + written[0], MoveReason.ISSUE, Leg(lot, shelf, used, 1)))
            written[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        before = written[0]
        taken = [here.run("backup", str(tmp_path / f"b{number}")) for number in range(3)]
    finally:
        stop.set()
        writer.join()
    assert [each.exit_code for each in taken] == [0, 0, 0], [each.output for each in taken]
    assert written[0] > before, "somebody wrote meanwhile"
    restored = there.run("restore", str(tmp_path / "b2"))
    assert restored.exit_code == 0, restored.output
    assert re.search(r"已恢复 \d{4}-\d\d-\d\d \d\d:\d\d\(北京时间\)的备份", restored.output)
    moves = rows(there.url, "SELECT count(*) FROM stock_move")
    assert 0 < moves[0][0] <= rows(here.url, "SELECT count(*) FROM stock_move")[0][0]  # type: ignore[operator]
    assert there.run("verify").exit_code == 0
    assert here.run("verify").exit_code == 0


def test_a_backup_is_never_written_over_a_file_nor_restored_over_books(
    house: House, here: Place, there: Place, tmp_path: Path
) -> None:
    file = tmp_path / "books.backup"
    assert here.run("backup", str(file)).exit_code == 0
    kept = file.read_bytes()
    assert here.run("backup", str(file)).exit_code == 5
    assert file.read_bytes() == kept
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["books.backup"]
    moves = rows(here.url, "SELECT count(*), max(hash) FROM stock_move")
    refused = here.run("restore", str(file))
    assert (refused.exit_code, "--replace" in refused.output) == (5, True)
    house.stock(house.lot(number="LATER"), 1)
    house.runtime.database.dispose()
    replaced = here.run("restore", str(file), "--replace")
    assert replaced.exit_code == 0, replaced.output
    assert rows(here.url, "SELECT count(*), max(hash) FROM stock_move") == moves
    assert there.run("restore", "--confirm").exit_code != 0, "there is nothing to confirm"


def test_books_that_do_not_verify_are_no_backup(house: House, here: Place, tmp_path: Path) -> None:
    with house.runtime.database.writer.begin() as connection:
        connection.execute(text("UPDATE stock_balance SET on_hand = on_hand + 1"))
    told = here.run("backup", str(tmp_path / "b"))
    assert (told.exit_code, "I16" in told.output) == (1, True)
    assert not (tmp_path / "b").exists()


def test_a_damaged_backup_is_refused_whatever_byte_it_is(
    house: House, here: Place, there: Place, tmp_path: Path
) -> None:
    file = tmp_path / "good"
    assert here.run("backup", str(file)).exit_code == 0
    good = file.read_bytes()
    chance = random.Random(7)
    places = [0, 100, 256, 511, 512, 1030, len(good) - 1, len(good) - 40, len(good) - 74, len(good) - 2_000]
    places += [chance.randrange(len(good)) for _ in range(DAMAGES - len(places))]
    for number, place in enumerate(places):
        damaged = bytearray(good)
        damaged[place] ^= 1 << chance.randrange(8)
        bad = tmp_path / "bad"
        bad.write_bytes(bytes(damaged))
        (tmp_path / f"out{number}").mkdir()
        with pytest.raises(Damaged):
            read_archive(bad, tmp_path / f"out{number}")
    for bad_bytes in (b"", good[:-1], good[: len(good) // 2], good + b"x", good[1:]):
        (tmp_path / "bad").write_bytes(bad_bytes)
        told = there.run("restore", str(tmp_path / "bad"))
        assert (told.exit_code, "没有恢复" in told.output) == (3, True)
    _sign_off(good, tmp_path / "bad")
    told = there.run("restore", str(tmp_path / "bad"))
    assert (told.exit_code, "签名" in told.output) == (3, True), "whoever changes it cannot sign it"
    assert there.run("verify").exit_code == 2, "no books have come out of all this"


def _sign_off(good: bytes, path: Path) -> None:
    """Change the manifest and close the file with a hash that fits."""
    body = good[: good.rindex(TRAILER)].replace(b'"made_at": "20', b'"made_at": "19', 1)
    path.write_bytes(body + TRAILER + hashlib.sha256(body).hexdigest().encode() + b"\n")


def test_a_restored_copy_is_read_only_until_it_is_confirmed(
    house: House, here: Place, there: Place, tmp_path: Path
) -> None:
    site = Site(house, here.folder, shares=False)
    browser = site.browser(Role.KEEPER)
    assert browser.get("/stock/lots")
    assert here.run("backup", str(tmp_path / "b")).exit_code == 0
    assert there.run("restore", str(tmp_path / "b")).exit_code == 0
    assert rows(there.url, "SELECT count(*) FROM user_session WHERE ended_at IS NULL") == [(0,)]
    copy = Runtime(Database(there.url), people.principal, clock=lambda: START)
    restored = House(copy, locations=house.locations, people=house.people)
    keeper = house.actor(Role.KEEPER)
    with pytest.raises(Busy) as refusal:
        copy.run(stock.receive, keeper, receipt())
    assert refusal.value.code == "read_only"
    (tmp_path / "site").mkdir()
    page = Browser(Site(restored, tmp_path / "site", shares=False).app.test_client())
    page.sign_in(next(name for name, known in house.people.items() if known == keeper), f"{PASSWORD} staple")
    assert "从备份恢复的副本" in page.get("/stock/lots")
    assert verify(copy.database)
    before = rows(there.url, "SELECT count(*) FROM journal_entry")
    assert there.run("anchor").exit_code == 75
    assert rows(there.url, "SELECT count(*) FROM journal_entry") == before
    confirmed = there.run("restore", "--confirm")
    assert confirmed.exit_code == 0, confirmed.output
    copy.run(stock.receive, keeper, receipt())
    assert "从备份恢复的副本" not in page.get("/stock/lots")
    assert there.run("verify").exit_code == 0
    assert json.loads((there.folder / ANCHOR_FILE).read_text())["number"] == 2
    copy.database.dispose()
    assert TENT


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Call it, and this code needs one revision more than it does."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema._CHECKED_OUT, folder)
    (folder / "versions" / "0002_a_table_more.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision, down_revision = 'next', '{schema.head()}'\n"
        "def upgrade():\n    op.create_table('later', sa.Column('id', sa.Integer, primary_key=True))\n"
    )

    def released() -> None:
        monkeypatch.setattr(schema, "_CHECKED_OUT", folder)
        schema.head.cache_clear()

    yield released
    monkeypatch.undo()
    schema.head.cache_clear()


def test_a_backup_of_an_older_schema_comes_back_as_the_new_one(
    here: Place, there: Place, tmp_path: Path, next_release: Callable[[], None]
) -> None:
    assert here.run("backup", str(tmp_path / "old")).exit_code == 0
    next_release()
    restored = there.run("restore", str(tmp_path / "old"))
    assert restored.exit_code == 0, restored.output
    assert rows(there.url, "SELECT version_num FROM alembic_version") == [("next",)]
    assert rows(there.url, "SELECT id FROM later") == []
    assert there.run("verify").exit_code == 0


def test_a_backup_of_a_newer_schema_is_refused_with_what_to_do(
    house: House,
    here: Place,
    there: Place,
    tmp_path: Path,
    next_release: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = schema._CHECKED_OUT
    next_release()
    schema.upgrade(house.runtime.database)
    taken = here.run("backup", str(tmp_path / "new"))
    assert taken.exit_code == 0, taken.output
    monkeypatch.setattr(schema, "_CHECKED_OUT", ours)
    schema.head.cache_clear()
    refused = there.run("restore", str(tmp_path / "new"))
    assert refused.exit_code == 3
    assert "请先升级程序" in refused.output
    assert rows_or_nothing(there.url) == []


def rows_or_nothing(url: str) -> list[tuple[object, ...]]:
    """Moves in a database that may not even have a table for them."""
    try:
        return rows(url, "SELECT seq FROM stock_move")
    except DBAPIError:
        return []


def test_an_older_backup_in_place_of_newer_books_shows_by_the_anchor(house: House, here: Place, tmp_path: Path) -> None:
    assert here.run("backup", str(tmp_path / "old")).exit_code == 0
    house.stock(house.lot(number="LATER"), 7)
    assert here.run("anchor").exit_code == 0
    house.runtime.database.dispose()
    told = here.run("restore", str(tmp_path / "old"), "--replace")
    assert (told.exit_code, "其间的记录不在此副本里" in told.output) == (0, True)
    checked = here.run("verify")
    assert (checked.exit_code, "账簿被截短或换成了旧的" in checked.output) == (1, True)
