"""A site for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.runtime import Runtime
from tests.house import House, build_house
from tests.web.site import Site


@pytest.fixture
def house(runtime: Runtime) -> House:
    """The small house."""
    return build_house(runtime)


@pytest.fixture
def site(house: House, tmp_path: Path) -> Site:
    """A site on the small house."""
    return Site(house, tmp_path)
