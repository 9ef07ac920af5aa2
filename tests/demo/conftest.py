"""A house with the whole demo city in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from supplyops.demo import city, founding
from supplyops.demo.scenarios import DEFAULT, scenario
from supplyops.people.secret import Passwords
from supplyops.runtime import Runtime, random_id
from tests.conftest import Clock
from tests.once import administer, copy_database
from tests.postgres import Server

CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def new_id() -> Callable[[datetime], UUID]:
    """Ids as in production: a copied city already has the counted ones."""
    return random_id


@pytest.fixture
def founded(runtime: Runtime, clock: Clock) -> Runtime:
    """A house with its administrators and nothing else, at the hour when the first story begins."""
    clock.now = scenario(DEFAULT).starts_at
    founding.found(runtime, CHEAP)
    return runtime


COPY = "city_copy"


@pytest.fixture(scope="session")
def copied() -> set[str]:
    """Engines on which the loaded city has been kept for the tests that follow."""
    return set()


@pytest.fixture
def peopled(
    request: pytest.FixtureRequest, runtime: Runtime, clock: Clock, engine_name: str, copied: set[str]
) -> Runtime:
    """A house with the whole city: loaded once on each engine, copied after that."""
    database = runtime.database
    name = str(database.url.database)
    if engine_name not in copied:
        request.getfixturevalue("founded")
        city.load_city(runtime)
    database.dispose()
    if engine_name == "sqlite":
        kept: Path = request.getfixturevalue("fast_folder") / f"{COPY}.db"
        shutil.copyfile(*((kept, name) if engine_name in copied else (name, kept)))
    else:
        server: Server = request.getfixturevalue("postgres")
        if engine_name in copied:
            administer(server.url("postgres"), f"DROP DATABASE {name}")
        source, target = (COPY, name) if engine_name in copied else (name, COPY)
        copy_database(server.url("postgres"), source, target)
    copied.add(engine_name)
    clock.now = scenario(DEFAULT).starts_at
    return runtime
