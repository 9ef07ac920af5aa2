"""A house with the whole demo city in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
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


@pytest.fixture(scope="session")
def city_copy(fast_folder: Path) -> Iterator[Path]:
    """Where the loaded city is kept on SQLite once a test has loaded it."""
    path = fast_folder / "city.db"
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def peopled(request: pytest.FixtureRequest, runtime: Runtime, clock: Clock, city_copy: Path) -> Runtime:
    """A house with the whole city. On SQLite it is loaded once and copied after that."""
    database = runtime.database
    if not database.is_sqlite or not city_copy.exists():
        request.getfixturevalue("founded")
        city.load_city(runtime)
        if not database.is_sqlite:
            return runtime
        database.dispose()
        shutil.copyfile(str(database.url.database), city_copy)
    database.dispose()
    shutil.copyfile(city_copy, str(database.url.database))
    clock.now = scenario(DEFAULT).starts_at
    return runtime
