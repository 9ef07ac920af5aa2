"""What every test may ask for: a database of its own on each engine, a clock that moves when told, counted ids."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine

from supplyops.cli.compose import metadata
from supplyops.database import schema, snapshot
from supplyops.database.engine import Database
from supplyops.kernel.memory import collect_seldom
from supplyops.people import queries as people
from supplyops.runtime import Runtime
from supplyops.verify.custody import OUTSIDE
from tests.browser import launched
from tests.once import AWAITED, START, TEMPLATE, Clock, CountedIds, administer, make_sure
from tests.postgres import NoPostgres, Server
from tests.sharing import TOGETHER, ByShare, share_of

__all__ = ["START", "Clock"]

metadata()
OUTSIDE.add("test")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db", choices=("sqlite", "postgresql", "all"), default="sqlite", help="databases that tests run on"
    )
    parser.addoption(
        "--doors-on-all", action="store_true", help="with --db all: doors and every case on PostgreSQL too"
    )
    parser.addoption("--require-postgres", action="store_true", help="fail where PostgreSQL cannot be started")
    parser.addoption("--require-browser", action="store_true", help="fail where there is no Chromium")


DOORS, BY_A_DOOR = {"web", "api", "cli"}, {"site", "line"}
"""Folders of tests that go through pages, API and command line, and what other tests ask for that do. The commands and queries
behind them have their own tests on each engine, and those marked `every_engine` open every page, list and operation on each;
all on each is for the night."""
CASES = 2
"""Of a test with many cases all are tried on SQLite, and so many on PostgreSQL: what differs between cases are
words and figures that commands judge by themselves, not what they ask a database. Where it is the database that judges, or
statements of its own are looked for, the test is marked `every_engine`; every case on each is for the night."""


CASE = pytest.StashKey[int]()
_cases: defaultdict[tuple[str, str], Iterator[int]] = defaultdict(lambda: itertools.count(1))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Cases are counted in the order in which they are written down."""
    item.stash[CASE] = next(_cases[item.nodeid.partition("[")[0], engine_of(item)])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes long comes first, the shortest last, so that no process is left with it while the others are done."""
    left_out = [item for item in items if item.get_closest_marker("postgresql_only") and engine_of(item) == "sqlite"]
    if config.getoption("--db") == "all" and not config.getoption("--doors-on-all"):
        left_out += [item for item in items if is_one_case_more(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
    shares = {item: share_of(item.nodeid) for item in items}
    size, long = (
        Counter(shares.values()),
        {*TOGETHER, *(shares[item] for item in items if item.get_closest_marker("slow"))},
    )
    items.sort(key=lambda item: (shares[item] not in long, -size[shares[item]]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """Files are given to processes whole."""
    return ByShare(config, log) if config.getoption("dist") == "loadfile" else None


def engine_of(item: pytest.Item) -> str:
    """The engine of a test that uses a database."""
    return (
        str(item.callspec.params.get("engine_name", ""))
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else ""
    )


def is_one_case_more(item: pytest.Item) -> bool:
    """Is it a case that the second database need not be tried with?"""
    return engine_of(item) == "postgresql" and item.stash[CASE] > CASES and not item.get_closest_marker("every_engine")


def pytest_collection_finish() -> None:
    """What importing and collecting left stays to the end: looking it through for garbage again and again costs a sixth of the run."""
    collect_seldom()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--db")
        engines = ("sqlite", "postgresql") if chosen == "all" else (chosen,)
        is_door = Path(metafunc.module.__file__).parent.name in DOORS or BY_A_DOOR & set(metafunc.fixturenames)
        everywhere = metafunc.config.getoption("--doors-on-all") or metafunc.definition.get_closest_marker(
            "every_engine"
        )
        if chosen == "all" and is_door and not everywhere:
            engines = ("sqlite",)
        metafunc.parametrize("engine_name", engines, scope="session")


@pytest.fixture
def engine_name() -> str:
    """Which engine a test runs on; replaced by the parameter of tests that use a database."""
    return "sqlite"


@pytest.fixture
def clock() -> Clock:
    """A clock at START."""
    return Clock()


@pytest.fixture
def new_id() -> CountedIds:
    """Ids that count up, valid as UUIDs."""
    return CountedIds()


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One browser for all tests of a process: two drivers in one process get into each other's way."""
    yield from launched(request.config)


@pytest.fixture(scope="session")
def fast_folder() -> Iterator[Path]:
    """A folder in memory where there is one: tests sync to disk thousands of times."""
    base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="supplyops-test-", dir=base))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(fast_folder: Path) -> Path:
    """An empty SQLite database at the newest revision, to be copied."""
    path = fast_folder / "template.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A PostgreSQL server with a template database at the newest revision."""
    try:
        server = Server()
    except NoPostgres as error:
        if request.config.getoption("--require-postgres"):
            pytest.fail(f"PostgreSQL is required: {error}")
        pytest.skip(f"NOT TESTED ON POSTGRESQL: {error}")
    administer(server.url("postgres"), f"CREATE DATABASE {TEMPLATE}")
    template = Database(server.url(TEMPLATE))
    schema.upgrade(template)
    template.dispose()
    yield server
    server.stop()


_numbers = itertools.count(1)


@pytest.fixture
def awaited_url(request: pytest.FixtureRequest, engine_name: str) -> Iterator[str]:
    """The URL of a fresh database at the newest revision, on a server made only when somebody connects to it."""
    number = next(_numbers)
    if engine_name == "sqlite":
        folder: Path = request.getfixturevalue("fast_folder")
        path = folder / f"test-{number}.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        for leftover in folder.glob(f"test-{number}.db*"):
            leftover.unlink()
        return
    server: Server = request.getfixturevalue("postgres")
    name = f"test_{number}"
    AWAITED.add(name)
    yield server.url(name)
    if name in AWAITED:
        AWAITED.discard(name)
    else:
        administer(server.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(awaited_url: str) -> str:
    """The URL of a fresh database at the newest revision."""
    make_sure(awaited_url)
    return awaited_url


@pytest.fixture
def database(awaited_url: str) -> Iterator[Database]:
    """A fresh database at the newest revision."""
    database = Database(awaited_url)
    if not database.is_sqlite:
        event.listen(database.writer, "do_connect", lambda *_: make_sure(awaited_url))
    compile_once(database)
    yield database
    database.dispose()


_first: dict[tuple[str, str], Engine] = {}


def compile_once(database: Database) -> None:
    """Statements compiled in one test serve the next: every engine of a kind speaks through the first one's dialect and cache."""
    for way in ("writer", "reader"):
        engine = getattr(database, way)
        first = _first.setdefault((engine.name, way), engine)
        if first is engine:
            engine.connect().close()  # a dialect gets to know its server with its own engine's first connection
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache


class _Copied(Database):
    """What a verification reads from on SQLite: another file each time, asked the same questions."""

    def __init__(self, url: str | URL) -> None:
        super().__init__(url)
        compile_once(self)


snapshot.Database = _Copied  # type: ignore[misc]


@pytest.fixture
def runtime(database: Database, clock: Clock, new_id: CountedIds) -> Runtime:
    """A runtime on the fresh database, with the tests' clock and ids."""
    return Runtime(database, people.principal, clock=clock, new_id=new_id, pause=lambda _: None)
