"""Statements put together once: the same values in and out as SQLAlchemy's own way, the same errors, the same listeners."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Table, bindparam, event, exists, func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from supplyops.audit.tables import ChainHead, JournalEntry, RequestKey
from supplyops.database.engine import Database
from supplyops.database.prepared import Prepared, adding
from supplyops.kernel.canonical import GENESIS
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location
from supplyops.runtime import Runtime
from tests.conftest import START
from tests.house import CITY_SHELF, House, build_house

pytestmark = pytest.mark.every_engine

HEADS, KEYS, ENTRIES = ChainHead.__table__, RequestKey.__table__, JournalEntry.__table__
assert isinstance(HEADS, Table) and isinstance(KEYS, Table) and isinstance(ENTRIES, Table)
ADD_HEAD = adding(HEADS)
BY_SHARD = Prepared(
    select(HEADS.c.shard, HEADS.c.seq, HEADS.c.recorded_at)
    .where(HEADS.c.shard.in_(bindparam("shards", expanding=True)), HEADS.c.seq < 9)
    .order_by(HEADS.c.shard),
    lists=("shards",),
)
RAISE = Prepared(update(HEADS).where(HEADS.c.shard == bindparam("which")).values(seq=HEADS.c.seq + bindparam("more")))


def head(number: int, seq: int = 0) -> dict[str, object]:
    return {"shard": f"x{number}", "seq": seq, "hash": GENESIS, "recorded_at": START, "anchored_seq": 0, "anchored_hash": ""}  # fmt: skip


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 9])
def test_a_list_of_any_length(database: Database, count: int) -> None:
    with database.write() as session:
        ADD_HEAD.run_each(session, [head(number) for number in range(9)])
        found = BY_SHARD.all(session, shards=[f"x{number}" for number in range(count)])
    assert [row.shard for row in found] == [f"x{number}" for number in range(count)]
    assert all(row.recorded_at == START for row in found)


def test_a_value_that_stands_in_the_statement_itself(database: Database) -> None:
    with database.write() as session:
        ADD_HEAD.run_each(session, [head(1, 8), head(2, 9)])
        assert [row.seq for row in BY_SHARD.all(session, shards=["x1", "x2"])] == [8]
        assert RAISE.run(session, {"which": "x1", "more": 1}) == 1
        assert RAISE.run(session, {"which": "nobody", "more": 1}) == 0
        assert BY_SHARD.first(session, shards=["x1", "x2"]) is None


def test_a_value_left_out_is_an_error_and_no_null(database: Database) -> None:
    lacking = {name: value for name, value in head(1).items() if name != "anchored_hash"}
    with database.write() as session:
        ADD_HEAD.run(session, head(2))
        with pytest.raises(KeyError, match="anchored_hash"):
            ADD_HEAD.run(session, lacking)


def test_every_kind_of_column_comes_back_as_it_went_in(house: House) -> None:
    table = Location.__table__
    assert isinstance(table, Table)
    plain = select(table).where(table.c.code == bindparam("code"))
    with house.runtime.database.read() as session:
        ours = Prepared(plain).first(session, code=CITY_SHELF)
        theirs = session.connection().execute(plain, {"code": CITY_SHELF}).one()
    assert ours is not None and ours._asdict() == dict(theirs._mapping)
    assert ours.kind is LocationKind.STORAGE and isinstance(ours.id, UUID)


def test_json_labels_and_subqueries(house: House) -> None:
    row = {"actor": "a", "operation": "b", "key": "钥", "fingerprint": "f", "answer": {"value": [1, "二", None]}, "recorded_at": START}  # fmt: skip
    find = Prepared(
        select(KEYS.c.answer, exists().where(HEADS.c.shard == KEYS.c.actor).label("is_chain"), func.count().label("many"))
        .where(KEYS.c.key == bindparam("key"))
        .group_by(KEYS.c.actor, KEYS.c.operation, KEYS.c.key)
    )  # fmt: skip
    with house.runtime.database.write() as session:
        adding(KEYS).run(session, row)
        assert find.first(session, key="钥") == ({"value": [1, "二", None]}, False, 1)


def test_a_key_taken_already_is_an_integrity_error(database: Database) -> None:
    with pytest.raises(IntegrityError, match="chain_head") as caught, database.write() as session:
        ADD_HEAD.run(session, head(1))
        ADD_HEAD.run_each(session, [head(1)])
    assert GENESIS not in str(caught.value), "errors do not carry their parameters"
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ChainHead)) == 0


def test_listeners_hear_of_it(database: Database) -> None:
    heard: list[str] = []

    def hear(_: object, __: object, statement: str, *___: object) -> None:
        heard.append(statement.split(maxsplit=1)[0])

    event.listen(database.writer, "before_cursor_execute", hear)
    with database.write() as session:
        ADD_HEAD.run_each(session, [head(1), head(2)])
        BY_SHARD.all(session, shards=["x1"])
    event.remove(database.writer, "before_cursor_execute", hear)
    assert [word for word in heard if word not in {"BEGIN", "COMMIT"}] == ["INSERT", "SELECT"]


def test_readers_cannot_write_that_way_either(database: Database) -> None:
    with pytest.raises(DBAPIError), database.read() as session:
        ADD_HEAD.run(session, head(1))


@pytest.mark.postgresql_only
def test_a_connection_that_was_lost_is_not_used_again(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.write() as session:
        ADD_HEAD.run(session, head(1))
        own = session.scalar(text("SELECT pg_backend_pid()"))
        with database.writer.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        BY_SHARD.all(session, shards=["x1"])
    assert caught.value.connection_invalidated
    with database.write() as session:
        assert BY_SHARD.all(session, shards=["x1"]) == []
        assert session.scalar(text("SELECT pg_backend_pid()")) != own


def test_two_transactions_of_one_session(database: Database) -> None:
    with database.write_sessions() as session:
        ADD_HEAD.run(session, head(1))
        session.commit()
        ADD_HEAD.run(session, head(2))
        session.rollback()
        assert [row.shard for row in BY_SHARD.all(session, shards=["x1", "x2"])] == ["x1"]
