"""A site for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.runtime import Runtime
from tests.house import House, build_house
from tests.once import once
from tests.web.site import Site
from tests.web.story import Story, tell


@pytest.fixture
@once
def story(runtime: Runtime) -> Story:
    """The earthquake."""
    return tell(build_house(runtime))


@pytest.fixture
def house(request: pytest.FixtureRequest, runtime: Runtime) -> House:
    """The small house; after the earthquake for those who ask for the story."""
    if "story" in request.fixturenames:
        return request.getfixturevalue("story").house  # type: ignore[no-any-return]
    return build_house(runtime)


@pytest.fixture
def site(house: House, tmp_path: Path) -> Site:
    """A site on the small house."""
    return Site(house, tmp_path)
