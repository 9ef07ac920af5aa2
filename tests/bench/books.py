"""Measures of the ledger, the stock page and the import."""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from supplyops.cli.compose import metadata
from supplyops.database import schema
from supplyops.database.engine import Database, sqlite_mode
from supplyops.exchange.importing import import_data
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.reference import DocumentRef
from supplyops.people import queries as people
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Runtime
from supplyops.stock import ledger
from supplyops.stock.rules import LEGS_MAX, Leg, MoveReason, Posting
from tests.bench.report import Measure
from tests.conftest import START, Clock
from tests.house import CITY, CITY_SHELF, VILLAGE_SHELF, House, build_house
from tests.once import administer
from tests.postgres import Server
from tests.web.site import Site

LOTS = 50
FEW, MANY = 1_000, 100_000
POSTINGS = 200
ROUNDS, ROUND = 25, 20
BESIDE_BARE = {"SQLite": 0.3, "PostgreSQL": 0.2}
"""How many postings there are to be for each bare commit of two small rows at the least, on a disk that syncs a page in less than
a millisecond.

Measured on a busy machine; where commits took twenty milliseconds there were 0.7 postings and more for each.
"""
BESIDE_SAME_ROWS = {"SQLite": 0.5, "PostgreSQL": 0.2}
"""The same beside a commit of nothing but the two rows that a posting cannot do without: its move, with all its columns and indexes,
and its balance."""
WRITERS = 4
ROWS = 10_000


def make_house(folder: Path, name: str) -> House:
    """A small house on a fresh SQLite file on the real disk."""
    return house_on(Database(f"sqlite:///{folder / name}"))


def house_on(database: Database) -> House:
    """A small house on an empty database."""
    return build_house(bench_runtime(database))


def bench_runtime(database: Database) -> Runtime:
    """The tables on an empty database, a clock that stands still, and ids that count up."""
    metadata()
    schema.upgrade(database)
    counter = itertools.count(1)
    return Runtime(database, people.principal, clock=Clock(), new_id=lambda _: UUID(int=(1 << 92) + next(counter)))


def stock_page(folder: Path) -> list[Measure]:
    """The same 50 rows with few and with many moves behind them, asked for in turn."""
    browsers = {}
    for moves in (FEW, MANY):
        house = make_house(folder, f"moves-{moves}.db")
        _fill(house, moves)
        (folder / f"site-{moves}").mkdir()
        browsers[moves] = Site(house, folder / f"site-{moves}", shares=False).browser(Role.KEEPER)
    times: dict[int, list[float]] = {FEW: [], MANY: []}
    for turn in range(45):
        for moves, browser in browsers.items():
            start = time.perf_counter()
            page = browser.get("/stock/lots")
            if turn >= 5:
                times[moves].append(time.perf_counter() - start)
            assert page.count("/stock/lots/") >= LOTS
    few, many = (statistics.median(times[moves]) for moves in (FEW, MANY))
    said = f"stock page, 50 rows: {many * 1000:.1f} ms with {MANY:,} moves, {few * 1000:.1f} ms with {FEW:,}"
    return [Measure(said, many / few, "x", maximum=1.5)]


def _fill(house: House, moves: int) -> None:
    lots = [house.lot(number=f"L{number:03d}") for number in range(LOTS)]
    for lot in lots:
        house.stock(lot, 1_000)
    here, there = house.locations[CITY_SHELF], house.locations[VILLAGE_SHELF]
    forth = [Leg(lot, here, there, 1) for lot in lots]
    back = [Leg(lot, there, here, 1) for lot in lots]
    legs = list(itertools.islice(itertools.cycle([*forth, *back]), moves - LOTS))
    for number, start in enumerate(range(0, len(legs), LEGS_MAX)):
        part = tuple(legs[start : start + LEGS_MAX])
        posting = Posting(
            UUID(int=10_000 + number), MoveReason.TRANSFER, part, DocumentRef("bench", UUID(int=1)), START
        )
        house.runtime.run(ledger.post, SYSTEM, posting)


def ledger_speed(folder: Path) -> list[Measure]:
    """Postings a second beside a bare INSERT + UPDATE + commit on the same disk with the same durability, in turn."""
    house, other = make_house(folder, "ledger.db"), make_house(folder, "bare.db")
    _one_posting(other)
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as bare:
        wal = sqlite_mode() == "wal"
        bare.execute(f"PRAGMA journal_mode={'WAL' if wal else 'PERSIST'}")
        bare.execute(f"PRAGMA synchronous={'FULL' if wal else 'EXTRA'}")
        bare.execute("PRAGMA foreign_keys=ON")
        measures = _beside_bare(house, "SQLite", "?", bare.execute, "BEGIN IMMEDIATE")
    said = f"fsync of one page on this disk {fsync_ms(folder):.2f} ms"
    return [*measures, Measure(said, fsync_ms(folder), "ms")]


def ledger_speed_on_postgres(folder: Path) -> list[Measure]:
    """The same on a PostgreSQL server whose commits are synced to the real disk; then several writers at once."""
    with durable_postgres() as server:
        administer(server.url("postgres"), "CREATE DATABASE ledger")
        administer(server.url("postgres"), "CREATE DATABASE bare")
        house = house_on(Database(server.url("ledger")))
        other = house_on(Database(server.url("bare")))
        _one_posting(other)
        other.runtime.database.dispose()
        bare_url = server.url("bare").replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(bare_url, autocommit=True) as bare:
            measures = _beside_bare(house, "PostgreSQL", "%s", bare.execute, "BEGIN")
        measures += _writers(house)
        house.runtime.database.dispose()
    return measures


@contextlib.contextmanager
def durable_postgres() -> Iterator[Server]:
    """A PostgreSQL server whose commits are synced to the real disk."""
    # Not in the given folder: the server's own user has to reach it.
    server = Server(durable_in=Path("/var/tmp"))
    try:
        yield server
    finally:
        server.stop()


def counted_anew(database: Database) -> None:
    """Let the server count its rows now, as it does by itself some time after so many were put in."""
    with database.writer.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def _one_posting(house: House) -> None:
    """So that there is a move whose columns can be written again."""
    house.stock(house.lot(), 1_000_000)


def _beside_bare(house: House, name: str, mark: str, execute: Callable[..., Any], begin: str) -> list[Measure]:
    """Rounds of bare commits and of postings in turn: whatever else the machine does meets all of them."""
    lot, shelf = house.lot(), house.locations[CITY_SHELF]
    house.stock(lot, ROUNDS * ROUND * 2)
    execute("CREATE TABLE move (id INTEGER PRIMARY KEY, lot TEXT, quantity INTEGER)")
    execute("CREATE TABLE balance (lot TEXT PRIMARY KEY, on_hand INTEGER)")
    execute("INSERT INTO balance VALUES ('a', 1000000)")

    def write(number: int) -> None:
        execute(begin)
        execute(f"INSERT INTO move VALUES ({mark}, 'a', 1)", (number,))
        execute("UPDATE balance SET on_hand = on_hand - 1 WHERE lot = 'a'")
        execute("COMMIT")

    def post(number: int) -> None:
        legs = (Leg(lot, shelf, virtual_location_id(LocationKind.CONSUMED), 1),)
        posting = Posting(UUID(int=500_000 + number), MoveReason.ISSUE, legs, DocumentRef("bench", UUID(int=1)), START)
        house.runtime.run(ledger.post, SYSTEM.keyed(f"bench-{number}"), posting)

    works = {"bare": write, "same": _same_rows(mark, execute, begin), "ours": post}
    times: dict[str, list[float]] = {kind: [] for kind in works}
    cpu_s = []
    for number in range(ROUNDS):
        for kind, work in works.items():
            wall, cpu = _seconds(work, range(number * ROUND, (number + 1) * ROUND))
            if number:  # the first round warms up
                times[kind].append(wall)
        cpu_s.append(cpu)
    ratio = {
        kind: statistics.median(each / ours for each, ours in zip(times[kind], times["ours"], strict=True))
        for kind in works
    }
    rate = {kind: ROUND / statistics.median(taken) for kind, taken in times.items()}
    said = f"{name}: {rate['ours']:,.0f} postings/s with key, journal and hashes;"
    return [
        Measure(f"{said} bare commits {rate['bare']:,.0f}/s", ratio["bare"], "of bare", minimum=BESIDE_BARE[name]),
        Measure(f"{said} bare commits of the same move and balance {rate['same']:,.0f}/s", ratio["same"], "of same",
                minimum=BESIDE_SAME_ROWS[name]),
        Measure(f"{name}: processor time of a posting in our process", min(cpu_s) / ROUND * 1000, "ms"),
    ]  # fmt: skip


def _same_rows(mark: str, execute: Callable[..., Any], begin: str) -> Callable[[int], None]:
    """Writes what is the least of a posting: one row of `stock_move` and its balance, as the driver does it with values at hand."""
    found = execute("SELECT * FROM stock_move ORDER BY seq DESC LIMIT 1")
    columns = [column[0] for column in found.description]
    last = dict(zip(columns, found.fetchone(), strict=True))
    insert = f"INSERT INTO stock_move ({','.join(columns)}) VALUES ({','.join([mark] * len(columns))})"
    change = f"UPDATE stock_balance SET on_hand = on_hand + {mark} WHERE location_id = {mark} AND lot_id = {mark}"

    def write(number: int) -> None:
        place = {"seq": last["seq"] + 1 + number, "shard_seq": last["shard_seq"] + 1 + number}
        posting_id = UUID(int=500_000 + number)
        row = {**last, **place, "posting_id": posting_id.hex if mark == "?" else posting_id}
        execute(begin)
        execute(insert, tuple(row.values()))
        execute(change, (1, last["target_id"], last["lot_id"]))
        execute("COMMIT")

    return write


def _seconds(work: Callable[[int], None], turn: range) -> tuple[float, float]:
    """Wall clock and processor time for each of a turn."""
    start, cpu = time.perf_counter(), time.process_time()
    for number in turn:
        work(number)
    return time.perf_counter() - start, time.process_time() - cpu


def fsync_ms(folder: Path) -> float:
    """How long this disk takes to sync one small write: what every commit waits for at least once."""
    times = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(50):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def write_together(url: str, number: int, shelf: UUID, lot: UUID, postings: int) -> None:
    """One of several processes that write into the same warehouse."""
    metadata()
    runtime = Runtime(Database(url), people.principal, clock=lambda: START)
    legs = (Leg(lot, shelf, virtual_location_id(LocationKind.CONSUMED), 1),)
    for turn in range(postings):
        posting_id = UUID(int=(number << 64) + turn)
        posting = Posting(posting_id, MoveReason.ISSUE, legs, DocumentRef("bench", UUID(int=1)), START)
        runtime.run(ledger.post, SYSTEM.keyed(f"{number}-{turn}"), posting)
    runtime.database.dispose()


def writers_together(folder: Path) -> list[Measure]:
    """Four processes write at once; each posting with its key, journal entry and hashes."""
    return _writers(make_house(folder, "writers.db"))


def _writers(house: House) -> list[Measure]:
    lot = house.lot()
    house.stock(lot, 10_000)
    url, shelf = house.runtime.database.url.render_as_string(), house.locations[CITY_SHELF]
    house.runtime.database.dispose()
    with multiprocessing.get_context("spawn").Pool(WRITERS) as pool:
        pool.starmap(write_together, [(url, 100 + number, shelf, lot, 1) for number in range(WRITERS)])  # imports done
        start = time.perf_counter()
        pool.starmap(write_together, [(url, number, shelf, lot, POSTINGS) for number in range(1, WRITERS + 1)])
        seconds = time.perf_counter() - start
    name = "SQLite" if house.runtime.database.is_sqlite else "PostgreSQL"
    return [Measure(f"{name}: {WRITERS} processes writing at once", WRITERS * POSTINGS / seconds, "/s")]


def verify_measures(house: House, moves: int) -> list[Measure]:
    """Every invariant on very many moves, in a process of its own whose memory is read at its end."""
    house.runtime.database.dispose()
    url = house.runtime.database.url.render_as_string(hide_password=False)
    alone = subprocess.run([sys.executable, "-m", "tests.bench.alone", url], capture_output=True, text=True, check=True)
    seconds, cpu_s, checked, memory_mb = json.loads(alone.stdout)
    most = max(120 * moves / 1_000_000, 30)
    return [
        Measure(f"verify of {moves:,} moves, {checked:,} things checked", seconds, "s", maximum=most),
        Measure("its processor time", cpu_s, "s"),
        Measure("its largest size", memory_mb, "MB", maximum=500),
    ]


def import_speed(folder: Path) -> list[Measure]:
    """Ten thousand opening lots from one CSV file, in one transaction."""
    house = make_house(folder, "import.db")
    head = "批次号,物资编码,库位代码,数量,物权单位代码,资金来源,生产日期,有效期至\n"
    rows = "".join(
        f"B-{number:05d},A01002,{CITY_SHELF},5,{CITY},市级财政,2025-06-01,2030-06-01\n" for number in range(ROWS)
    )
    start = time.perf_counter()
    done = import_data(house.runtime, house.actor(Role.CLERK), "lots", "lots.csv", (head + rows).encode())
    seconds = time.perf_counter() - start
    assert done.saved.added == ROWS
    return [Measure(f"import of {ROWS:,} lots: {ROWS / seconds:,.0f} rows/s", seconds, "s", maximum=20)]
