"""How many rows a list says it has is how many it shows, to every reader: what is out of reach is not counted either."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from supplyops.dispatch import consignment_queries, instruction_queries, printing
from supplyops.kernel.access import Role
from supplyops.kernel.errors import Forbidden
from supplyops.requests import queries as requests
from supplyops.runtime import Runtime
from supplyops.stock import queries as stock
from supplyops.stock.views import StockFilter
from tests.dispatch.world import World, build_world
from tests.house import CITY, FARM, PREFECTURE, VILLAGE

LISTS: dict[str, tuple[Any, Any, Any]] = {
    "requests": (requests.page_of_requests, requests.count_requests, requests.RequestFilter()),
    "lines": (requests.page_of_lines, requests.count_lines, requests.LineFilter()),
    "papers": (printing.page_of_papers, printing.count_papers, printing.PaperFilter()),
    "instructions": (instruction_queries.instructions, instruction_queries.count_instructions, None),
    "consignments": (consignment_queries.consignments, consignment_queries.count_consignments, None),
    "stock": (stock.stock_rows, stock.count_stock_rows, StockFilter()),
}


@pytest.fixture
def world(runtime: Runtime) -> World:
    """An approved plan on its way."""
    built = build_world(runtime)
    built.approve(built.plan(built.tents(40)))
    return built


def test_a_list_counts_what_it_shows_and_nothing_out_of_reach(world: World) -> None:
    seen: dict[str, set[int]] = {name: set() for name in LISTS}
    for role in (Role.COMMANDER, Role.CLERK, Role.KEEPER, Role.AUDITOR):
        for body in (PREFECTURE, CITY, VILLAGE, FARM):
            actor = world.house.actor(role, body)
            for name, (page, count, where) in LISTS.items():
                asked = () if where is None else (where,)
                with suppress(Forbidden):
                    shown = len(world.runtime.read(page, actor, *asked, limit=1000))
                    assert world.runtime.read(count, actor, *asked) == shown, (name, role, body)
                    seen[name].add(shown)
    for name, numbers in seen.items():
        assert len(numbers) > 1, f"{name}: every reader sees the same, so that reach is not looked at"
