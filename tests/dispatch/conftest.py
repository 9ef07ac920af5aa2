"""A small house with an incident, a request, a contract, vehicles, and plans written by hand."""

from __future__ import annotations

import pytest

from supplyops.runtime import Runtime
from tests.dispatch.world import World, build_world


@pytest.fixture
def world(runtime: Runtime) -> World:
    """The house after an earthquake: a village asks for tents, quilts and water."""
    return build_world(runtime)
