"""Engines for SQLite and PostgreSQL with the same promises: atomic, durable when answered, read-only readers."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from supplyops.database.ways import Way
from supplyops.database.writing import Writers, Writing

BUSY_TIMEOUT_MS = 10_000
BEGIN = "BEGIN IMMEDIATE"
"""A deferred BEGIN that later upgrades fails at once under contention; IMMEDIATE waits its turn."""
ONLY_READS = "only_reads"
"""In the `info` of a session that sees the books of one moment: what it was told once stays true to its end."""
JOURNAL_KEPT = 1 << 22
"""So many bytes of a rollback journal stay on the disk; what a large import needed is given back."""
TRUSTED_FOR_S = 1.0
"""So long a connection that was just given back is used again without asking whether it still stands."""


class Database:
    """A read-write and a read-only way into one database."""

    def __init__(self, url: str | URL) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.writer = _sqlite_engine(self.url, read_only=False)
            self.reader = _sqlite_engine(self.url, read_only=True)
        else:
            self.writer = _postgresql_engine(self.url)
            self.reader = self.writer.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")
        self.write_sessions = sessionmaker(self.writer, expire_on_commit=False)
        self.read_sessions = sessionmaker(self.reader, expire_on_commit=False, autoflush=False, info={ONLY_READS: True})
        self._write_lock = (
            _FileLock(Path(f"{self.url.database}.lock")) if self.is_sqlite and self.url.database else None
        )
        self._writers = Writers(self.writer, BEGIN if self.is_sqlite else "", self._stands)

    def write(self) -> AbstractContextManager[Session]:
        """One transaction: commits at the end, rolls back on any error. Writers on SQLite queue in order of arrival."""
        return Writing(self._writers, self._turn())

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One read-only transaction that sees the books of one moment; the engine refuses a write."""
        with self.read_sessions() as session:
            yield session

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes an SQLite file meanwhile."""
        with self._turn():
            yield

    def _turn(self) -> AbstractContextManager[None]:
        return self._write_lock or nullcontext()

    def _stands(self, connection: Connection, seen_at: float) -> bool:
        if self.is_sqlite:
            return connection.info.get("file") == _identity(self.url.database or "")
        return _answers(self.writer, connection.connection.dbapi_connection, seen_at) is None

    def dispose(self) -> None:
        """Close every pooled connection."""
        self._writers.let_go()
        self.writer.dispose()
        if self.is_sqlite:
            self.reader.dispose()


class _FileLock:
    """One writer at a time across threads and processes; waiters are served in turn by the kernel."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._local = threading.local()

    def __enter__(self) -> None:
        if getattr(self._local, "handle", None) is not None:
            raise RuntimeError("a write transaction is already open in this thread")
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except BaseException:
            os.close(handle)
            raise
        self._local.handle = handle

    def __exit__(self, *_: object) -> None:
        handle, self._local.handle = self._local.handle, None
        os.close(handle)


def sqlite_mode() -> Literal["wal", "persist"]:
    """WAL where this SQLite is free of the WAL-reset corruption (fixed in 3.51.3, 3.50.7, 3.44.6), else a rollback journal.

    Its file stays: what ends it is a synced header of zeros, so a commit need not wait for the file system to give it blocks again.
    """
    version = sqlite3.sqlite_version_info
    fixed = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "wal" if fixed else "persist"


def _postgresql_engine(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_size=10, max_overflow=20, isolation_level="READ COMMITTED")

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        # What a page asks ends after a few rows; the server would compile for seconds what it believes to read whole tables.
        connection.autocommit = True
        connection.execute("SET jit = off")
        connection.autocommit = False

    @event.listens_for(engine, "checkin")
    def _checkin(_: Any, record: Any) -> None:
        record.info["seen_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _checkout(connection: Any, record: Any, __: Any) -> None:
        if error := _answers(engine, connection, record.info.get("seen_at", 0.0)):
            raise DisconnectionError("the server has let go of the connection") from error

    return engine


def _answers(engine: Engine, driver: Any, seen_at: float) -> Exception | None:
    """A server may have gone away meanwhile; asking it each time would cost every command a round trip. What it says, if not yes."""
    if time.monotonic() - seen_at < TRUSTED_FOR_S:
        return None
    try:
        engine.dialect.do_ping(driver)
    except engine.dialect.loaded_dbapi.Error as error:
        return error
    return None


def _sqlite_engine(url: URL, *, read_only: bool) -> Engine:
    # Connections are kept: opening one reads the whole schema. One that is given back holds no lock (it is rolled back),
    # and is not used again when another file has been put in its place.
    # Errors do not carry the parameters of their statement: a log is no place for hashes of passwords.
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=5,
        max_overflow=60,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )
    path = url.database or ""

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        elif sqlite_mode() == "wal":
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        else:
            cursor.execute("PRAGMA journal_mode=PERSIST")
            cursor.execute(f"PRAGMA journal_size_limit={JOURNAL_KEPT}")
            cursor.execute("PRAGMA synchronous=EXTRA")
        cursor.close()
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def _checkout(_: Any, record: Any, __: Any) -> None:
        if record.info.get("file") != _identity(path):
            raise DisconnectionError("another file has taken the database's place")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        way = Way(connection)
        if not way.driver.in_transaction:  # a session may join one that has begun
            way.say("BEGIN" if read_only else BEGIN)

    return engine


def _identity(path: str) -> tuple[int, int] | None:
    """Which file this is, whatever its name."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino


_TRANSIENT_SQLSTATES = {"40001", "40P01", "55P03"}
KEY_CONSTRAINTS = (
    "request_key",
    "chain_head",
    "pk_anchor",
    "anchor.number",
    "uq_stock_move_posting",
    "stock_move.posting_id",
    "uq_job_key",
    "job.key",
)
"""Unique constraints whose violation means: somebody sent the same thing first. The retry then finds it."""


def is_transient(error: DBAPIError) -> bool:
    """Did the transaction only lose a race, so that running it again can succeed?"""
    state = getattr(error.orig, "sqlstate", None)
    if state in _TRANSIENT_SQLSTATES:
        return True
    text = str(error.orig)
    if isinstance(error, OperationalError) and ("database is locked" in text or "database is busy" in text):
        return True
    return isinstance(error, IntegrityError) and any(name in text for name in KEY_CONSTRAINTS)
