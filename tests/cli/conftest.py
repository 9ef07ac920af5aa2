"""The command line on a real database, on the day the tests' world plays."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from supplyops.cli.compose import set_demo_clock
from supplyops.cli.main import main
from supplyops.config import Settings
from supplyops.runtime import Runtime
from tests.conftest import START
from tests.dispatch.world import World, build_world
from tests.exchange.city import build_city


class Line:
    """Types commands and reads what comes back."""

    def __init__(self) -> None:
        self._runner = CliRunner()

    def __call__(self, *words: str, code: int = 0) -> str:
        """Run a command that must end with this exit code; gives what it printed, errors included."""
        result = self.run(*words)
        assert result.exit_code == code, (words, result.exit_code, result.output, result.exception)
        return result.output

    def run(self, *words: str) -> Result:
        """Run a command, however it ends."""
        return self._runner.invoke(main, [str(word) for word in words])

    def json(self, *words: str) -> Any:
        """What a command prints with --json."""
        return json.loads(self(*words, "--json"))


@pytest.fixture
def settings(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A data directory whose clock goes on from the tests' first moment."""
    monkeypatch.setenv("SUPPLYOPS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SUPPLYOPS_DATABASE_URL", database_url)
    found = Settings.from_env(os.environ)
    set_demo_clock(found, START)
    return found


@pytest.fixture
def line(settings: Settings) -> Line:
    """The command line on an empty database."""
    return Line()


@pytest.fixture
def city(line: Line, runtime: Runtime) -> Line:
    """The command line on the city of the import tests."""
    build_city(runtime)
    return line


@pytest.fixture
def world(line: Line, runtime: Runtime) -> World:
    """The house after an earthquake."""
    return build_world(runtime)


@pytest.fixture
def name_of(runtime: Runtime, world: World) -> Callable[..., str]:
    """The user name of a person who holds a role at an organisation."""

    def name(role: Any, organisation: str = "654004") -> str:
        world.actor(role, organisation)
        return f"{role.value}.{organisation}".replace("_", "-")

    return name
