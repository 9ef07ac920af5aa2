"""A city with twenty spoiled tents in quarantine."""

from __future__ import annotations

import pytest

from supplyops.runtime import Runtime
from tests.conftest import Clock
from tests.house import CITY_QUARANTINE
from tests.once import once
from tests.scraps.city import City


@pytest.fixture
@once
def city(runtime: Runtime, clock: Clock) -> City:
    """With the bureaus that have to agree."""
    city = City(runtime, clock)
    city.house.stock(city.house.lot(number="T-1"), 20, CITY_QUARANTINE)
    return city
