"""A village that owes twelve tents to the street."""

from __future__ import annotations

import pytest

from supplyops.kernel.access import SYSTEM, Role
from supplyops.obligations import queries
from supplyops.runtime import Runtime
from supplyops.transfers import commands
from tests.house import VILLAGE
from tests.once import once
from tests.transfers.town import STREET, STREET_SHELF, Town, order


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    """After the help has arrived."""
    town = Town(runtime)
    town.house.stock(town.house.lot(owner=STREET, number="S-1"), 20, STREET_SHELF)
    number = town.draft(order(), town.actor(Role.CLERK, VILLAGE))
    runtime.run(commands.approve, town.actor(Role.APPROVER), number)
    town.send(number, town.actor(Role.KEEPER, STREET))
    town.arrive(number, town.actor(Role.KEEPER, VILLAGE))
    return town


@pytest.fixture
def debt(town: Town) -> str:
    """Its number."""
    return town.runtime.read(queries.obligations, SYSTEM)[0].number
