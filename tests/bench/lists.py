"""Lists and searches over few lots and over very many, on SQLite and PostgreSQL.

The lots, their balances, their first moves and their orders are copies of rows that commands wrote, put in by bulk inserts:
what a page reads of them is all there, but their hashes are those of the rows they were copied from.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select

from supplyops.database.engine import Database
from supplyops.dispatch.tables import Consignment
from supplyops.kernel.access import Role
from supplyops.stock.tables import Lot, Reservation, StockBalance, StockMove
from tests.bench.books import bench_runtime, counted_anew, durable_postgres
from tests.bench.pages import browser_on, ratio
from tests.bench.report import Measure
from tests.bench.totals import make_totals
from tests.dispatch.world import World, build_world
from tests.house import ITEMS
from tests.once import administer

FEW, MANY = 1_000, 50_000
TURNS = 15
EACH = 5
"""One order and one hold for so many lots."""
FIRST_DAY = date(2026, 2, 1)
ADDRESSES = (
    "/stock",
    "/stock/lots",
    "/stock/lots?page=15",
    "/stock/lots?sku=A01002&expires_in=90",
    "/stock/lots/M-000007",
    "/stock/moves",
    "/stock/reservations",
    "/orders/consignments",
    "/search?text=zp",
    *(f"/search/suggest?text={text}" for text in ("M", "M-00", "M-0004", "00042", "zp", "棉", "DB-0")),
)
"""Lists, one lot, and the box as somebody types: a lot's number, a part of one, an item's initials, a word, an order."""


def lists(folder: Path) -> list[Measure]:
    """Each page over many lots beside the same page over few, on both databases."""
    worlds = [_filled(Database(f"sqlite:///{folder / f'lots-{lots}.db'}"), lots) for lots in (FEW, MANY)]
    measures = _compared("SQLite", worlds, folder)
    with durable_postgres() as server:
        worlds = []
        for lots in (FEW, MANY):
            administer(server.url("postgres"), f"CREATE DATABASE lots{lots}")
            worlds.append(_filled(Database(server.url(f"lots{lots}")), lots))
            counted_anew(worlds[-1].runtime.database)
        measures += _compared("PostgreSQL", worlds, folder)
        for world in worlds:
            world.runtime.database.dispose()
    return measures


def _compared(name: str, worlds: list[World], folder: Path) -> list[Measure]:
    few, many = (
        browser_on(world.house, folder / f"{name}-{number}", Role.KEEPER) for number, world in enumerate(worlds)
    )
    return [
        ratio(f"{name} {address}", few, many, address, said=(f"{FEW:,} lots", f"{MANY:,}"), turns=TURNS)
        for address in ADDRESSES
    ]


def _filled(database: Database, lots: int) -> World:
    world = build_world(bench_runtime(database))
    world.approve(world.plan(world.tents(1, on_shelf=1_000_000)))
    with database.write() as session:
        _copy(session.connection(), world, lots)
    return world


def _copy(connection: Connection, world: World, lots: int) -> None:
    items = [world.house.items[each.sku] for each in ITEMS]
    ids = [UUID(int=(0x4C << 120) + number) for number in range(lots)]
    hold_ids, order_ids = ([UUID(int=(mark << 120) + number) for number in range(lots)] for mark in (0x52, 0x43))
    item = [items[number % len(items)] for number in range(lots)]
    many(connection, Lot, (
        {"id": ids[n], "number": f"M-{n:06d}", "item_id": item[n], "expires_on": FIRST_DAY + timedelta(days=n % 2_000), "parent_lot_id": None}
        for n in range(lots)
    ))  # fmt: skip
    many(connection, StockBalance, (
        {
            "lot_id": ids[n], "item_id": item[n], "on_hand": 100, "reserved": 0, "lot_number": f"M-{n:06d}",
            "good_until": FIRST_DAY + timedelta(days=n % 2_000),
        }
        for n in range(lots)
    ))  # fmt: skip
    last = connection.scalar(select(StockMove.shard_seq).order_by(StockMove.seq.desc()).limit(1)) or 0
    many(connection, StockMove, (
        {"posting_id": UUID(int=(0x4D << 120) + n), "lot_id": ids[n], "item_id": item[n], "shard_seq": last + 1 + n, "seq": None}
        for n in range(lots)
    ))  # fmt: skip
    some = range(0, lots, EACH)
    many(connection, Reservation, ({"id": hold_ids[n], "lot_id": ids[n], "document_id": order_ids[n]} for n in some))
    many(connection, Consignment, ({"id": order_ids[n], "number": f"DB-{n:06d}"} for n in some))
    make_totals(connection)


def many(connection: Connection, kind: Any, changes: Iterator[dict[str, Any]]) -> None:
    """Copies of the first row there is of a kind, each with some columns of its own; the database numbers those without a number."""
    model = dict(connection.execute(select(kind.__table__).limit(1)).mappings().one())
    rows = [{**model, **change} for change in changes]
    for row in rows:
        if "seq" in row:
            del row["seq"]
    connection.execute(insert(kind.__table__).inline(), rows)
