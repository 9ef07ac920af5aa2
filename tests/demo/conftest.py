"""A house with the whole demo city in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from argon2 import PasswordHasher

from supplyops.demo import city, founding
from supplyops.demo.scenarios import DEFAULT, scenario
from supplyops.people.secret import Passwords
from supplyops.runtime import Runtime, random_id
from tests.conftest import Clock
from tests.once import copy_database, put_in_place

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
    kept = str(request.getfixturevalue("fast_folder") / f"{COPY}.db") if database.is_sqlite else COPY
    if engine_name in copied:
        put_in_place(kept, database)
    elif database.is_sqlite:
        shutil.copyfile(name, kept)
    else:
        copy_database(database.url, name, kept)
    copied.add(engine_name)
    clock.now = scenario(DEFAULT).starts_at
    return runtime
