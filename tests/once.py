"""What many tests begin with is built by commands once in a process; after that the same database is put in place."""

from __future__ import annotations

import copy
import itertools
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy.engine import URL, make_url

from supplyops.database.engine import Database
from supplyops.runtime import Runtime

START = datetime(2026, 1, 12, 2, 0, tzinfo=UTC)
"""10:00 on a winter Monday in Beijing."""
Made = TypeVar("Made")


class Clock:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> datetime:
        """Move on by days, hours, minutes."""
        self.now += timedelta(**parts)
        return self.now


class CountedIds:
    """Ids that count up, valid as UUIDs."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, _: datetime) -> UUID:
        self.count += 1
        return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + self.count)


@dataclass(frozen=True)
class _Kept:
    """A database as it was when it was built, what the builder returned, and where clock and ids stood."""

    place: str
    result: Any
    runtime: Runtime
    now: datetime
    ids: int


KEPT_MAX = 16
"""So many databases are kept, those used last: a file's own serve its tests and no others."""
_kept: dict[tuple[str, str, str], _Kept] = {}
_numbers = itertools.count(1)


def once(build: Callable[..., Made]) -> Callable[..., Made]:
    """Build on a fresh test database; the second time in a process, put a copy of the first one in its place.

    Same ids, same clock, same rows. Any other runtime than that of the tests is simply built on. A fixture may be built so:
    one that asks for the runtime, and for the clock at most.
    """

    @wraps(build)
    def made(runtime: Runtime, **asked: Clock) -> Made:
        clock, ids = runtime.clock, runtime._new_id
        assert all(each is clock for each in asked.values()), "a copy knows the runtime and its clock"
        fresh = isinstance(clock, Clock) and isinstance(ids, CountedIds) and clock.now == START and ids.count == 0
        if not fresh or not runtime.database.url.database:
            return build(runtime, **asked)
        assert isinstance(clock, Clock) and isinstance(ids, CountedIds)
        key = (runtime.database.url.get_backend_name(), build.__module__, build.__qualname__)
        if key not in _kept:
            result = build(runtime, **asked)
            own = {id(runtime): runtime, id(clock): clock}
            _kept[key] = _Kept(_keep(runtime.database), copy.deepcopy(result, own), runtime, clock.now, ids.count)
            if len(_kept) > KEPT_MAX:
                _forget(_kept.pop(next(iter(_kept))))
            return result
        kept = _kept[key] = _kept.pop(key)
        put_in_place(kept.place, runtime.database)
        clock.now, ids.count = kept.now, kept.ids
        return copy.deepcopy(kept.result, {id(kept.runtime): runtime, id(kept.runtime.clock): clock})

    return made


def _keep(database: Database) -> str:
    """Copy the database aside; where it is."""
    database.dispose()
    if database.is_sqlite:
        source = Path(str(database.url.database))
        place = Path(tempfile.mkdtemp(prefix="kept-", dir=source.parent)) / "kept.db"
        shutil.copyfile(source, place)
        return str(place)
    name = f"kept_{next(_numbers)}"
    copy_database(database.url, str(database.url.database), name)
    return name


def _forget(kept: _Kept) -> None:
    """Give the room of a database that was kept back."""
    database = kept.runtime.database
    if database.is_sqlite:
        shutil.rmtree(Path(kept.place).parent, ignore_errors=True)
    else:
        administer(database.url, f"DROP DATABASE {kept.place}")


def put_in_place(place: str, database: Database) -> None:
    """Let a database be a copy of one that was kept: of a file, or of another on its server."""
    database.dispose()
    name = str(database.url.database)
    if database.is_sqlite:
        shutil.copyfile(place, name)
        return
    if name in AWAITED:
        AWAITED.discard(name)
    else:
        administer(database.url, f"DROP DATABASE {name} WITH (FORCE)")
    copy_database(database.url, place, name)


TEMPLATE = "template_supplyops"
AWAITED: set[str] = set()
"""Names of databases of a test server that nobody has connected to yet: most tests put one that was built before in their place."""


def make_sure(url: URL | str) -> None:
    """Make an awaited database, an empty one."""
    name = str(make_url(url).database)
    if name in AWAITED:
        AWAITED.discard(name)
        copy_database(url, TEMPLATE, name)


FILES_CAN_BE_COPIED = 15_00_00
"""Since this version a server can be told to copy a database's files, which takes half the time of writing them anew."""


def copy_database(url: URL | str, source: str, target: str) -> None:
    """Make a database of a test server as another one is that nobody is connected to."""
    with _administrator(url) as connection:
        how = " STRATEGY FILE_COPY" if connection.info.server_version >= FILES_CAN_BE_COPIED else ""
        connection.execute(f"CREATE DATABASE {target} TEMPLATE {source}{how}".encode())


def administer(url: URL | str, statement: str) -> None:
    """Run a statement on a test server that stands outside any transaction, such as making a database."""
    with _administrator(url) as connection:
        connection.execute(statement.encode())


def _administrator(url: URL | str) -> psycopg.Connection:
    server = make_url(url)
    return psycopg.connect(host=str(server.query["host"]), user=server.username, dbname="postgres", autocommit=True)
