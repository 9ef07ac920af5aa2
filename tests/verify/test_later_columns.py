"""A later revision adds a column to tables whose rows are hashed: nothing is sealed again, and tampering is found as before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Integer, MetaData, String, Table, inspect, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from supplyops.audit import chain
from supplyops.cli.compose import metadata
from supplyops.database import schema
from supplyops.database.base import LATER, Base, Sealed, later_columns
from supplyops.database.engine import Database
from supplyops.kernel.access import SYSTEM, Permission
from supplyops.runtime import Context, Runtime, command
from supplyops.stock import ledger
from supplyops.verify import later, written
from supplyops.verify.books import verify
from tests.house import TENT, House, build_house

pytestmark = pytest.mark.every_engine

REVISED = {"thing": frozenset({"colour"}), "stock_move": frozenset({"weight_g"})}


class _Before(DeclarativeBase):
    """The tables as they were first released."""


class _After(DeclarativeBase):
    """The tables after the revision."""


class OldThing(_Before, Sealed):
    __tablename__ = "thing"
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))


class NewThing(_After, Sealed):
    __tablename__ = "thing"
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20))
    colour: Mapped[str | None] = mapped_column(String(20), info=LATER)


@command(Permission.INTERNAL)
def write(ctx: Context, *things: Any) -> None:
    ctx.session.add_all(things)


@command(Permission.INTERNAL)
def paint(ctx: Context, number: int, colour: str | None) -> None:
    ctx.session.get_one(NewThing, number).colour = colour


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@pytest.fixture
def books(runtime: Runtime, house: House, monkeypatch: pytest.MonkeyPatch) -> Runtime:
    """Books with rows from before a revision, then with the revision, then with rows from after it."""
    database = runtime.database
    with database.writer.begin() as connection:
        _Before.metadata.create_all(connection)
    runtime.run(
        write, SYSTEM, OldThing(number=1, name="旧"), OldThing(number=2, name="旧"), OldThing(number=3, name="旧")
    )
    lot = house.lot(TENT)
    house.stock(lot, 5)
    with database.writer.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        for table, column in (("thing", Column("colour", String(20))), ("stock_move", Column("weight_g", Integer()))):
            operations.add_column(table, column)
    monkeypatch.setattr(written, "LATER", {**later.LATER, **REVISED})
    moves = Base.metadata.tables["stock_move"]
    weight = Column("weight_g", Integer(), info=LATER)
    revised = Table("stock_move", MetaData(), *(column._copy() for column in moves.columns), weight)
    weighing = {"weight_g": 125_000}
    monkeypatch.setattr(chain, "later_columns", lambda table: later_columns(revised if table is moves else table))
    house.stock(lot, 6)  # the new code may leave the column empty
    monkeypatch.setattr(ledger, "_ADD_MOVES", ledger.adding(revised))
    whole = ledger._row
    monkeypatch.setattr(ledger, "_row", lambda *given: {**whole(*given), **weighing})
    house.stock(lot, 7)
    runtime.run(write, SYSTEM, NewThing(number=4, name="新", colour="红"), NewThing(number=5, name="新"))
    runtime.run(paint, SYSTEM, 2, "绿")
    return runtime


def found(database: Database) -> set[str]:
    """The invariants that are broken."""
    return {finding.id for finding in verify(database) if not finding.is_clean}


def test_rows_from_before_and_after_verify_side_by_side(books: Runtime) -> None:
    with books.database.read() as session:
        assert session.execute(select(NewThing.number, NewThing.colour).order_by(NewThing.number)).all() == [
            (1, None), (2, "绿"), (3, None), (4, "红"), (5, None),
        ]  # fmt: skip
        assert session.scalars(text("SELECT weight_g FROM stock_move ORDER BY seq")).all() == [None, None, 125_000]
    assert found(books.database) == set()
    books.run(paint, SYSTEM, 4, None)
    assert found(books.database) == set()


def test_who_does_not_know_of_the_column_takes_the_rows_for_changed(
    books: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "LATER", {})
    assert {"I7", "I21"} <= found(books.database)


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE thing SET colour = '蓝' WHERE number = 1", "I21"),
        ("UPDATE thing SET colour = '' WHERE number = 1", "I21"),
        ("UPDATE thing SET colour = NULL WHERE number = 2", "I21"),
        ("UPDATE thing SET colour = NULL WHERE number = 4", "I21"),
        ("UPDATE thing SET colour = '蓝' WHERE number = 4", "I21"),
        ("UPDATE thing SET name = 'x' WHERE number = 3", "I21"),
        ("DELETE FROM thing WHERE number = 3", "I21"),
        ("UPDATE stock_move SET weight_g = 1 WHERE quantity = 5", "I7"),
        ("UPDATE stock_move SET weight_g = 0 WHERE quantity = 6", "I7"),
        ("UPDATE stock_move SET weight_g = NULL WHERE quantity = 7", "I7"),
        ("UPDATE stock_move SET note = 'x' WHERE quantity = 5", "I7"),
    ],
)
def test_tampering_is_found_in_old_rows_and_new_ones(books: Runtime, change: str, broken: str) -> None:
    by_force(books.database, change)
    assert broken in found(books.database)


def by_force(database: Database, change: str) -> None:
    """Change a row past the triggers, which are put back: only hashes can tell."""
    with database.writer.begin() as connection:
        if database.is_sqlite:
            kept = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'stock_move'")
            ).all()
            for name, _ in kept:
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text(change))
            for _, sql in kept:
                connection.execute(text(sql))
        else:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(change))
            connection.execute(text("SET session_replication_role = DEFAULT"))


def first_columns(database: Database) -> dict[str, set[str]]:
    """What tables whose rows are hashed had when they were first released."""
    schema.downgrade(database, "0001")
    sealed = {mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Sealed)}
    with database.reader.connect() as connection:
        there = inspect(connection)
        hashed = (sealed | {"stock_move", "journal_entry", "request_key"}) & set(there.get_table_names())
        return {name: {column["name"] for column in there.get_columns(name)} for name in sorted(hashed)}


def unprepared(
    tables: Mapping[str, Table], first: Mapping[str, set[str]], known: Mapping[str, frozenset[str]]
) -> list[str]:
    """Columns that came after the first revision to tables that are hashed, without what old rows need."""
    wrong = [
        f"{table}.{column.name}"
        for table, names in first.items()
        for column in tables[table].columns
        if (column.name in names) == (column.name in known.get(table, ()))
        or (column.name not in names and not (column.nullable and column.info.get("later")))
    ]
    return wrong + [f"{table}.{name}" for table in known for name in known[table] if name not in tables[table].columns]


def test_each_column_that_comes_later_is_marked_for_writing_and_for_verifying(database: Database) -> None:
    tables = metadata().tables
    first = first_columns(database)
    assert unprepared(tables, first, later.LATER) == []
    forgotten = {**first, "lot": first["lot"] - {"manufacturer"}}
    assert unprepared(tables, forgotten, later.LATER) == ["lot.manufacturer"]
    told = {**later.LATER, "lot": later.LATER["lot"] | {"manufacturer"}}
    assert unprepared(tables, forgotten, told) == ["lot.manufacturer"], "not marked"
    unknown = {**later.LATER, "lot": later.LATER["lot"] | {"colour"}}
    assert unprepared(tables, first, unknown) == ["lot.colour"]
