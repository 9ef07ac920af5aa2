"""Altering any column, dropping, swapping, re-dating, cutting off and forging, each tried on moves, holds, orders, documents and
the journal: verify finds all of them.

The guards are off and the row's own figures are plausible; nothing else is covered up. What covers itself up needs an anchor: see
tests/anchors.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from copy import copy
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Connection, Table, UniqueConstraint, delete, insert, update
from sqlalchemy.exc import IntegrityError

from supplyops.cli.compose import metadata
from supplyops.database.types import Code, Instant
from supplyops.dispatch import commands as dispatch
from supplyops.kernel.access import SYSTEM, Role
from supplyops.runtime import Runtime
from supplyops.stock import ledger, opening
from supplyops.stock.rules import Leg, LotInput, MoveReason, OpeningInput
from supplyops.verify import chains, seals
from supplyops.verify.books import examine
from supplyops.verify.effects import Part, told
from supplyops.verify.report import Finding
from supplyops.verify.rows import Books
from tests.anchors.attacks import take_guards_off
from tests.conftest import START
from tests.dispatch.world import OTHER_PLATE, PLATE, World, build_world
from tests.house import CITY, CITY_SHELF, QUILT, VILLAGE_SHELF
from tests.stock.test_ledger import hold, posting

CHAINED = {"stock_move": "seq", "journal_entry": "seq"}
SEALED = {
    "reservation": "created_at",
    "consignment": "number",
    "consignment_line": "id",
    "release_instruction": "number",
    "stock_document": "number",
    "lot": "number",
    "paper": "number",
}
NOUNS = {**CHAINED, **SEALED}
"""Table: what its rows are in order of."""
ANOTHER = UUID(int=4711)


@pytest.fixture
def world(runtime: Runtime) -> World:
    """Two orders that were accepted, goods that went forth and back, holds."""
    world = build_world(runtime)
    for quantity, plate in ((40, PLATE), (10, OTHER_PLATE)):
        world.approve(world.plan(world.tents(quantity), plate=plate))
    for order in world.consignments():
        runtime.run(dispatch.accept, world.actor(Role.KEEPER), order.id)
    house = world.house
    lot = house.lot(QUILT, number="Q1")
    house.stock(lot, 20)
    here, there = house.locations[CITY_SHELF], house.locations[VILLAGE_SHELF]
    for number, (source, target) in enumerate(((here, there), (there, here)), start=900):
        runtime.run(ledger.post, SYSTEM, posting(number, MoveReason.TRANSFER, Leg(lot, source, target, 3)))
    for opened, shelf in (("O-1", CITY_SHELF), ("O-2", VILLAGE_SHELF)):
        runtime.run(opening.open_stock, SYSTEM, [OpeningInput(LotInput(QUILT, CITY, "市级财政", opened), shelf, 5)])
    for number in (950, 951):
        runtime.run(ledger.reserve, SYSTEM, hold(house, number, lot, 1))
    return world


def rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    found = connection.execute(table.select().order_by(table.c[NOUNS[table.name]], *table.primary_key)).mappings()
    return [dict(row) for row in found]


def key_of(table: Table) -> Any:
    return next(iter(table.primary_key))


def own_places(table: Table) -> set[str]:
    """Columns by which a row is told from the others: two rows that are swapped keep them."""
    kept = {column.name for column in table.c if column.primary_key or column.unique}
    kept |= {column.name for each in table.constraints if isinstance(each, UniqueConstraint) for column in each.columns}
    return kept | {column.name for each in table.indexes if each.unique for column in each.columns} | {"hash"}


def different(column: Column[Any], value: Any) -> Any:
    """Another value that the column can hold."""
    kind = column.type
    if isinstance(kind, Code):
        return next(member for member in kind.kind if member is not value)
    if value is None:
        if isinstance(kind, Instant):
            return START
        return {UUID: ANOTHER, date: START.date(), int: 7, bool: True, str: "x"}.get(kind.python_type, {"x": 1})
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, datetime | date):
        return value - timedelta(days=3)
    if isinstance(value, str):
        return f"{value[:10]}x"
    return ANOTHER if isinstance(value, UUID) else {"forged": 1} if isinstance(value, dict) else [["forged", "x", None]]


def alterations(table: Table) -> Iterator[tuple[str, Callable[[Connection], None]]]:
    """Each column of the table's last row, re-dating among them."""
    for column in table.c:
        if table.name in CHAINED and column.name == "seq":
            continue

        def alter(connection: Connection, column: Column[Any] = column) -> None:
            key, last = key_of(table), rows(connection, table)[-1]
            changed = {column.name: different(column, last[column.name])}
            connection.execute(update(table).where(key == last[key.name]).values(changed))

        yield f"{column.name} altered", alter


def drop(connection: Connection, table: Table) -> None:
    found = rows(connection, table)
    key, row = key_of(table), found[len(found) // 2]
    connection.execute(delete(table).where(key == row[key.name]))


def swap(connection: Connection, table: Table) -> None:
    """Each row says what the other one said. Of links of a chain, each takes the other's place as well."""
    key, kept = key_of(table), own_places(table)
    pairs = itertools.pairwise(rows(connection, table))
    if table.name in CHAINED:
        one, other = next(pair for pair in pairs if pair[0]["shard"] == pair[1]["shard"])
        for seq, number in ((one["seq"], -1), (other["seq"], one["shard_seq"]), (one["seq"], other["shard_seq"])):
            connection.execute(update(table).where(table.c.seq == seq).values(shard_seq=number))
        return
    said = [{name: value for name, value in row.items() if name not in kept} for row in rows(connection, table)]
    place = next(number for number, (one, other) in enumerate(itertools.pairwise(said)) if one != other)
    keys = [row[key.name] for row in rows(connection, table)]
    for number, other in ((place, place + 1), (place + 1, place)):
        connection.execute(update(table).where(key == keys[number]).values(said[other]))


def cut_off(connection: Connection, table: Table) -> None:
    key, last = key_of(table), rows(connection, table)[-1]
    connection.execute(delete(table).where(key == last[key.name]))


def forge(connection: Connection, table: Table) -> None:
    """One row more, like the last one, with a place of its own."""
    last = rows(connection, table)[-1]
    own = {
        column.name: different(column, last[column.name])
        for column in table.c
        if column.name in own_places(table) - {"shard"} and column.name != "hash" and not column.foreign_keys
    }
    connection.execute(insert(table).values({**last, **own}))


WHOLE = {"dropped": drop, "swapped": swap, "cut off": cut_off, "forged": forge}


def finds(books: Books, table: str) -> bool:
    """Does verify find something wrong with a table? Only what looks at its rows is asked: there are two hundred attacks."""
    books = copy(books)
    books._known = {}  # what another look remembered
    finding = Finding("", "")
    if table in CHAINED:
        chains.hashes(books, finding)
    else:
        part = Part(frozenset({table}))
        seals._compare(books, finding, table, told(books, part).seals[table], part)
    assert finding.checked
    return not finding.is_clean


def is_found(books: Books, table: Table, attack: Callable[[Connection], None]) -> bool | None:
    """Is an attack found, which is taken back? None where the database itself refused it."""
    point = books.connection.begin_nested()
    try:
        attack(books.connection)
        return finds(books, table.name)
    except IntegrityError:
        return None
    finally:
        point.rollback()


def test_verify_finds_every_tampering_with_every_kind_of_row(world: World) -> None:
    database = world.runtime.database
    assert examine(database).is_clean
    missed, refused, tried = [], [], 0
    with database.writer.connect() as connection:
        transaction = connection.begin()
        take_guards_off(connection)
        books = Books(connection)
        for name in NOUNS:
            table = metadata().tables[name]
            assert not finds(books, name), f"each attack on the tables before {name} was taken back"
            attacks = [*alterations(table), *((what, partial(do, table=table)) for what, do in WHOLE.items())]
            for what, attack in attacks:
                found = is_found(books, table, attack)
                tried += 1
                if found is None:
                    refused.append((name, what))
                elif not found:
                    missed.append((name, what))
        transaction.rollback()
    assert not missed, missed
    assert tried > 150
    assert len(refused) < 12, refused
