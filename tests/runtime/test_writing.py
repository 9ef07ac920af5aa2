"""A write transaction in the driver's own words: what a session and prepared statements do in it is done together or not at all."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import DateTime, event, func, select, text
from sqlalchemy.exc import IntegrityError

from supplyops.audit.tables import ChainHead
from supplyops.database.engine import Database
from supplyops.database.types import Instant
from supplyops.database.ways import PARTS_MAX, together
from supplyops.database.writing import KEPT, last_words
from tests.conftest import START
from tests.runtime.test_prepared import ADD_HEAD, BY_SHARD, RAISE, head


def heads(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {row.shard: row.seq for row in session.scalars(select(ChainHead))}


@pytest.mark.parametrize("changes", [1, 2, PARTS_MAX, PARTS_MAX + 1])
def test_changes_of_a_block_are_each_told_how_many_rows_they_changed(database: Database, changes: int) -> None:
    heard: list[str] = []
    event.listen(database.writer, "before_cursor_execute", lambda *said: heard.append(said[2]))
    with database.write() as session:
        ADD_HEAD.run_each(session, [head(number) for number in range(changes)])
        heard.clear()
        with together(session):
            sent = [RAISE.send(session, which=f"x{number}", more=number + 1) for number in range(changes)]
            sent.append(RAISE.send(session, which="nobody", more=1))
        assert [each.count for each in sent] == [*[1] * changes, 0]
        assert len(heard) == (1 if not database.is_sqlite and changes < PARTS_MAX else changes + 1)
    assert heads(database) == {f"x{number}": number + 1 for number in range(changes)}


@pytest.mark.postgresql_only
def test_no_statement_is_compiled_that_a_page_reads_the_beginning_of(database: Database) -> None:
    for session_of in (database.read, database.write):
        with session_of() as session:
            assert session.scalar(text("SHOW jit")) == "off"


@pytest.mark.postgresql_only
def test_a_change_that_has_not_gone_over_is_not_answered(database: Database) -> None:
    with database.write() as session, together(session):
        sent = ADD_HEAD.send(session, **head(1))
        with pytest.raises(RuntimeError, match="when its block has ended"):
            _ = sent.count


def test_one_bad_change_in_a_block_undoes_the_others(database: Database) -> None:
    with pytest.raises(IntegrityError, match="chain_head"), database.write() as session:
        with together(session):
            ADD_HEAD.run_each(session, [head(1), head(2)])
        with together(session):
            ADD_HEAD.run_each(session, [head(3), head(1)])
    assert heads(database) == {}


def test_a_session_that_comes_late_joins_what_has_begun(database: Database) -> None:
    with database.write() as session:
        ADD_HEAD.run(session, head(1))
        assert session.scalar(select(func.count()).select_from(ChainHead)) == 1
        session.add(ChainHead(**head(2)))
    assert heads(database) == {"x1": 0, "x2": 0}
    with pytest.raises(ZeroDivisionError), database.write() as session:
        ADD_HEAD.run(session, head(3))
        session.add(ChainHead(**head(4)))
        session.flush()
        _ = 1 // 0
    assert heads(database) == {"x1": 0, "x2": 0}


@pytest.mark.parametrize("asks_for_rows", [False, True])
def test_last_words_go_with_the_rest_or_take_it_back(database: Database, *, asks_for_rows: bool) -> None:
    def write(*numbers: int) -> None:
        with database.write() as session:
            if asks_for_rows:
                session.scalar(select(func.count()).select_from(ChainHead))
            last_words(session, lambda: [ADD_HEAD.send(session, **head(number)) for number in numbers])
            ADD_HEAD.run(session, head(9))

    with pytest.raises(IntegrityError):
        write(1, 9)
    assert heads(database) == {}
    write(1, 2)
    assert heads(database) == {"x1": 0, "x2": 0, "x9": 0}


def test_a_commit_that_fails_leaves_nothing_and_the_connection_is_good(database: Database) -> None:
    class Cut(Exception):
        pass

    def cut(_: object) -> None:
        raise Cut

    event.listen(database.writer, "commit", cut)
    with pytest.raises(Cut), database.write() as session:
        ADD_HEAD.run(session, head(1))
    event.remove(database.writer, "commit", cut)
    with database.write() as session:
        assert BY_SHARD.all(session, shards=["x1"]) == []
        ADD_HEAD.run(session, head(2))
    assert heads(database) == {"x2": 0}


@pytest.mark.postgresql_only
def test_a_server_that_let_go_meanwhile_is_noticed_before_writing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as session:
        own = session.scalar(text("SELECT pg_backend_pid()"))
    with database.reader.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
    monkeypatch.setattr("supplyops.database.engine.TRUSTED_FOR_S", 0.0)
    with database.write() as session:
        ADD_HEAD.run(session, head(1))
    assert heads(database) == {"x1": 0}


def test_another_file_in_the_place_of_the_database_is_written_to(tmp_path: Path) -> None:
    own, other = tmp_path / "own.db", tmp_path / "other.db"
    for path in (own, other):
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE note (text)")
        connection.close()
    database = Database(f"sqlite:///{own}")
    with database.write() as session:
        session.execute(text("INSERT INTO note VALUES ('first')"))
    shutil.move(other, own)
    with database.write() as session:
        session.execute(text("INSERT INTO note VALUES ('second')"))
        assert session.scalars(text("SELECT text FROM note")).all() == ["second"]
    database.dispose()


def test_connections_that_are_not_waited_for_go_back(database: Database) -> None:
    turns = 3 * KEPT
    for _ in range(turns):
        with database.write() as session:
            session.execute(text("SELECT 1"))
    assert database.writer.pool.checkedout() == 1  # type: ignore[attr-defined]
    database.dispose()
    assert database.writer.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "moment",
    [
        START,
        datetime(2026, 1, 2, 3, 4, 5, 6, UTC),
        datetime(1999, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_instants_are_kept_as_sqlalchemy_keeps_them(moment: datetime) -> None:
    dialect = Database("sqlite://").writer.dialect
    theirs = DateTime(timezone=True).dialect_impl(dialect).bind_processor(dialect)
    assert theirs is not None
    kept = Instant().bind_processor(dialect)(moment)
    assert kept == theirs(moment.astimezone(UTC).replace(tzinfo=None))
    assert Instant().result_processor(dialect, None)(kept) == moment
    with pytest.raises(ValueError, match="offset"):
        Instant().bind_processor(dialect)(moment.replace(tzinfo=None))
