"""The power fails at any moment while an SQLite database is written to: what was answered is found, and the books are sound.

Both ways to keep a database are tried, whichever this SQLite would use. A disk that holds less than it says, and settings that
sync less, must lose what was answered in the same test; otherwise it could not fail.
"""

from __future__ import annotations

import itertools
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from sqlalchemy import event

from supplyops.database.engine import Database
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.reference import DocumentRef
from supplyops.people import queries as people
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock import ledger
from supplyops.stock.documents import IssueLineInput, TransferInput, TransferLineInput
from supplyops.stock.rules import Hold
from supplyops.verify.books import verify
from tests.conftest import START, compile_once
from tests.crash.power import Disk, NoRecorder, Op, recorded
from tests.house import CITY_QUARANTINE, CITY_SHELF, CITY_STORE, TENT, House, build_house
from tests.once import Clock, CountedIds
from tests.stock.test_store_documents import issue, receipt

pytestmark = pytest.mark.slow
Mode = Literal["wal", "persist"]
TURNS = 16
CUTS = 120
CUTS_LONG = 3_000
VERIFIED = 1
"""So many of the cuts are followed by a whole verification, and by sending everything once more."""
PAGES_TO_CHECKPOINT = 60
"""Far fewer than SQLite's 1,000, so that cuts meet the write-ahead log being emptied."""


@dataclass
class Played:
    """What was done, and the tape of it."""

    path: Path
    base: dict[str, bytes]
    ops: list[Op]
    house: House
    acts: dict[str, Callable[[Runtime], object]]
    answers: dict[str, object]


def acts_of(house: House, keeper: Actor, lot: UUID) -> dict[str, Callable[[Runtime], object]]:
    """Goods in, goods out, to another shelf, and held; each under a key of its own."""
    shelf = house.locations[CITY_SHELF]
    there = TransferInput(CITY_STORE, "倒垛", (TransferLineInput("KEPT", CITY_SHELF, CITY_QUARANTINE, 1),))

    def hold(number: int) -> Hold:
        return Hold(UUID(int=number), DocumentRef("test", UUID(int=1)), shelf, lot, 1, START + timedelta(days=9))

    ways: tuple[Callable[[Runtime, Actor, int], object], ...] = (
        lambda runtime, actor, _: runtime.run(stock.receive, actor, receipt()),
        lambda runtime, actor, _: runtime.run(stock.issue, actor, issue(IssueLineInput(TENT, 3))),
        lambda runtime, actor, _: runtime.run(stock.transfer, actor, there),
        lambda runtime, actor, number: runtime.run(ledger.reserve, SYSTEM.keyed(actor.key or ""), hold(number)),
    )
    return {
        f"key-{turn}": (lambda runtime, turn=turn: ways[turn % len(ways)](runtime, keeper.keyed(f"key-{turn}"), turn))
        for turn in range(1, TURNS + 1)
    }


def play(path: Path, template: Path, pragmas: tuple[str, ...] = ()) -> Played:
    """A stocked house in a file, and then so many acts on the tape."""
    shutil.copyfile(template, path)
    before = Database(f"sqlite:///{path}")
    house = build_house(Runtime(before, people.principal, clock=Clock(), new_id=CountedIds()))
    keeper = house.actor(Role.KEEPER)
    lot = house.lot(number="KEPT")
    house.stock(lot, 500)
    before.dispose()
    base = {str(file): file.read_bytes() for file in path.parent.glob(f"{path.name}*") if file.suffix != ".lock"}
    acts, answers = acts_of(house, keeper, lot), {}
    with recorded() as tape:
        runtime = runtime_on(path, pragmas)
        for key, act in acts.items():
            answers[key] = act(runtime)
            tape.acknowledge(key)
        runtime.database.dispose()
    return Played(path, base, tape.ops, house, acts, answers)


def runtime_on(path: Path, pragmas: tuple[str, ...] = ()) -> Runtime:
    database = Database(f"sqlite:///{path}")

    @event.listens_for(database.writer, "connect")
    def _connect(connection: sqlite3.Connection, _: Any) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    compile_once(database)
    ids = CountedIds()
    ids.count = next(_numbers) * 10**6
    return Runtime(database, people.principal, clock=Clock(), new_id=ids, pause=lambda _: None)


def after_cuts(played: Played, cuts: int, seed: int, *, lies: bool = False) -> Iterator[tuple[int, set[str]]]:
    """Cut the power so many times; each time the disk lies in the folder. Yields where, and what had been answered by then."""
    chance = random.Random(seed)
    disk, last = Disk(played.base, lies=lies), 0
    for place in sorted(chance.randrange(1, len(played.ops) + 1) for _ in range(cuts)):
        disk.play(played.ops[last:place])
        last = place
        clear(played.path)
        for name, content in disk.after_a_cut(chance).items():
            Path(name).write_bytes(content)
        yield place, set(disk.acknowledged)


def clear(path: Path) -> None:
    for leftover in path.parent.glob(f"{path.name}*"):
        leftover.unlink()


def found_in(path: Path) -> set[str]:
    """The keys of what is in the books; raises where the file is broken."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {key for (key,) in connection.execute("SELECT key FROM request_key WHERE key LIKE 'key-%'")}


def cut_and_look(played: Played, cuts: int, seed: int, verified: int = VERIFIED) -> None:
    in_order = list(played.acts)
    whole = {*random.Random(seed).sample(range(cuts), verified), cuts - 1}
    in_between = 0
    for number, (place, answered) in enumerate(after_cuts(played, cuts, seed)):
        found = found_in(played.path)
        assert answered <= found, f"the cut at {place} of seed {seed} took what was answered: {answered - found}"
        assert found <= set(in_order[: len(answered) + 1]), "nothing but what was being done can be there besides"
        in_between += found != answered
        if number in whole:
            send_again(played)
    assert in_between, "no cut fell between the commit and the answer: the tape is too coarse"


def send_again(played: Played) -> None:
    """The books are sound as they were found; whoever was not answered sends again, and so does everybody else."""
    runtime = runtime_on(played.path)
    assert [finding for finding in verify(runtime.database) if not finding.is_clean] == []
    found = found_in(played.path)
    for key, act in played.acts.items():
        again = act(runtime)
        assert key not in found or again == played.answers[key]
    assert [finding for finding in verify(runtime.database) if not finding.is_clean] == []
    with runtime.database.reader.connect() as connection:
        kept = connection.exec_driver_sql("SELECT kind, count(*) FROM stock_document GROUP BY kind ORDER BY kind")
        assert [tuple(row) for row in kept] == [
            ("issue", TURNS // 4),
            ("receipt", TURNS // 4),
            ("transfer", TURNS // 4),
        ]
    runtime.database.dispose()


def losses(played: Played, cuts: int, *, lies: bool = False) -> int:
    """After how many cuts something that was answered is missing, or the file broken."""
    lost = 0
    for _, answered in after_cuts(played, cuts, 5, lies=lies):
        try:
            lost += not answered <= found_in(played.path)
        except (sqlite3.DatabaseError, AssertionError):
            lost += 1
    return lost


_numbers = itertools.count(1)


@pytest.fixture
def record(
    request: pytest.FixtureRequest, fast_folder: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Played]]:
    path = fast_folder / f"power-{next(_numbers)}.db"

    def recorded_play(mode: Mode, *pragmas: str) -> Played:
        monkeypatch.setattr("supplyops.database.engine.sqlite_mode", lambda: mode)
        try:
            return play(path, sqlite_template, (f"wal_autocheckpoint={PAGES_TO_CHECKPOINT}", *pragmas))
        except NoRecorder as error:
            if request.config.getoption("--require-postgres"):  # a run that may leave nothing out
                pytest.fail(f"power cuts are required: {error}")
            pytest.skip(f"POWER CUTS NOT TRIED: {error}")

    yield recorded_play
    clear(path)


@pytest.mark.parametrize("mode", ["wal", "persist"])
def test_what_was_answered_outlives_the_power(mode: Mode, record: Callable[..., Played]) -> None:
    played = record(mode)
    emptied = [op for op in played.ops if op.file.endswith(".db") and op.what == "sync"]
    assert len(emptied) > 3, "the database itself was written to many times"
    cut_and_look(played, CUTS, seed=1)
    assert losses(played, CUTS // 2, lies=True) > CUTS // 20, "a disk that lies about syncing loses what was answered"


@pytest.mark.parametrize(
    ("mode", "pragma"), [("wal", "synchronous=NORMAL"), ("wal", "synchronous=OFF"), ("persist", "synchronous=OFF")]
)
def test_settings_that_sync_less_lose_what_was_answered(mode: Mode, pragma: str, record: Callable[..., Played]) -> None:
    assert losses(record(mode, pragma), CUTS // 2) > CUTS // 20


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", ["wal", "persist"])
def test_very_many_cuts(mode: Mode, record: Callable[..., Played]) -> None:
    played = record(mode)
    for seed in range(CUTS_LONG // 300):
        cut_and_look(played, 300, seed)
