"""A town for each test."""

from __future__ import annotations

import pytest

from supplyops.runtime import Runtime
from tests.once import once
from tests.transfers.town import Town


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    """Two townships, a city, a prefecture."""
    return Town(runtime)
