"""A city that has given out twenty tents: twelve to a school, eight to a village."""

from __future__ import annotations

from datetime import date

import pytest

from supplyops.kernel.access import SYSTEM
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock import document_queries
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from tests.conftest import Clock
from tests.house import CITY, CITY_SHELF, CITY_STORE, TENT
from tests.once import once
from tests.scraps.city import City


def give_out(city: City, quantity: int, to: str, kind: IssueKind = IssueKind.DISTRIBUTION) -> str:
    """Issue tents for use; gives the note's number."""
    wanted = IssueInput(kind, CITY_STORE, CITY, to, "安置群众", (IssueLineInput(TENT, quantity),))
    made = city.runtime.run(stock.issue, city.keeper, wanted)
    return city.runtime.read(document_queries.document_by_id, SYSTEM, made).number


@pytest.fixture
@once
def city(runtime: Runtime, clock: Clock) -> City:
    """With forty tents on the shelf before, and six months as the rule."""
    city = City(runtime, clock)
    city.house.stock(city.house.lot(number="T-1"), 40, CITY_SHELF)
    rule = ParameterInput("recovery.months", "6", "月", "A", date(2020, 1, 1), name="回收期限")
    runtime.run(norms.save_parameters, SYSTEM, [rule])
    return city


@pytest.fixture
def note(city: City) -> str:
    """Twelve tents to the school."""
    return give_out(city, 12, "中心学校安置点")
