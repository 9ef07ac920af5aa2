"""A fault at each statement of a command in turn, and at its commit: afterwards nothing has happened, and trying again works.

The loop goes on to the 1st, 2nd, 3rd ... statement until the command gets through without meeting its fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import compress
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select

from supplyops.cli.compose import metadata
from supplyops.database.engine import Database
from supplyops.dispatch import approving
from supplyops.dispatch import commands as dispatch
from supplyops.dispatch.rules import ApprovalInput, LoadInput
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.canonical import digest
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock import ledger
from supplyops.stock.documents import IssueLineInput
from supplyops.stock.rules import Leg, MoveReason
from supplyops.verify.books import verify
from tests.dispatch.world import World, build_world
from tests.house import CITY, CITY_SHELF, TENT, VILLAGE_SHELF
from tests.stock.test_ledger import hold, posting
from tests.stock.test_store_documents import issue, receipt

pytestmark = pytest.mark.slow


class PulledPlug(Exception):
    """The fault: the database has gone away."""


@pytest.fixture
def world(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("supplyops.runtime.OWN_FOR_NS", 10**15)  # the same statements each time: this is asked but once
    return build_world(runtime)


def state(database: Database) -> str:
    """Every row of every table as one hash; rows of a refused attempt would show. Which tables have any is asked in one go."""
    names = list(map(database.reader.dialect.identifier_preparer.format_table, metadata().sorted_tables))
    with database.reader.connect() as connection:
        asked = ", ".join(f"EXISTS (SELECT 1 FROM {name})" for name in names)
        has_rows = connection.exec_driver_sql(f"SELECT {asked}").one()
        found = [
            [name, sorted(str(tuple(row)) for row in connection.exec_driver_sql(f"SELECT * FROM {name}"))]
            for name in compress(names, has_rows)
        ]
    return digest(found)


@contextmanager
def fault_at(database: Database, place: int) -> Iterator[list[int]]:
    """The statement with that number fails; the commit counts as one. Yields how many were seen."""
    seen = [0]

    def strike(*_: Any) -> None:
        seen[0] += 1
        if seen[0] == place:
            raise PulledPlug

    event.listen(database.writer, "before_cursor_execute", strike)
    event.listen(database.writer, "commit", strike)
    try:
        yield seen
    finally:
        event.remove(database.writer, "before_cursor_execute", strike)
        event.remove(database.writer, "commit", strike)


def break_everywhere(database: Database, command: Callable[[], object], statements_min: int) -> None:
    before = state(database)
    place = 0
    while True:
        place += 1
        with fault_at(database, place) as seen:
            try:
                command()
            except PulledPlug:
                assert state(database) == before, f"statement {place} left something behind"
                continue
        break
    assert seen[0] == place - 1 >= statements_min, "every statement was broken once"
    assert state(database) != before
    assert [finding for finding in verify(database) if not finding.is_clean] == []


def test_a_posting_of_two_legs_that_uses_a_hold(world: World) -> None:
    house, runtime = world.house, world.runtime
    lot = house.lot()
    house.stock(lot, 20)
    runtime.run(ledger.reserve, SYSTEM, hold(house, 50, lot, 8))
    shelf, consumed = house.locations[CITY_SHELF], virtual_location_id(LocationKind.CONSUMED)
    two = posting(1, MoveReason.ISSUE, Leg(lot, shelf, consumed, 8), Leg(lot, shelf, consumed, 1))
    break_everywhere(runtime.database, lambda: runtime.run(ledger.post, SYSTEM, two, {UUID(int=50): 8}), 8)
    assert house.balance(lot) == (11, 0)


def test_a_hold(world: World) -> None:
    house, runtime = world.house, world.runtime
    lot = house.lot()
    house.stock(lot, 20)
    wish = hold(house, 50, lot, 8)
    break_everywhere(runtime.database, lambda: runtime.run(ledger.reserve, SYSTEM, wish), 5)
    assert house.balance(lot) == (20, 8)


def test_a_reversal(world: World) -> None:
    house, runtime = world.house, world.runtime
    lot = house.lot()
    house.stock(lot, 20)
    way = Leg(lot, house.locations[CITY_SHELF], house.locations[VILLAGE_SHELF], 5)
    runtime.run(ledger.post, SYSTEM, posting(1, MoveReason.TRANSFER, way))
    break_everywhere(
        runtime.database, lambda: runtime.run(ledger.reverse, SYSTEM, UUID(int=1), UUID(int=2), "mistake"), 5
    )
    assert (house.balance(lot), house.balance(lot, VILLAGE_SHELF)) == ((20, 0), (0, 0))


def test_goods_in_and_goods_out(world: World) -> None:
    keeper, runtime = world.actor(Role.KEEPER), world.runtime
    break_everywhere(runtime.database, lambda: runtime.run(stock.receive, keeper, receipt()), 10)
    lines = issue(IssueLineInput(TENT, 3))
    break_everywhere(runtime.database, lambda: runtime.run(stock.issue, keeper.keyed("k"), lines), 10)
    with world.runtime.database.read() as session:
        numbers = metadata().tables["number_series"]
        last = session.execute(select(func.max(numbers.c.last)).where(numbers.c.series.in_(("RK", "CK")))).scalar()
    assert last == 1, "numbers that were taken by broken attempts were given back"


def test_an_approval_with_stock_and_a_contract(world: World) -> None:
    plan_id = world.plan(world.tents(40), world.water(100))
    approval = ApprovalInput(plan_id, CITY)
    approver = world.actor(Role.APPROVER)
    break_everywhere(world.runtime.database, lambda: world.runtime.run(approving.approve, approver, approval), 40)
    assert world.asked(TENT)[0] == 40
    assert world.remaining() == 300


def test_loading(world: World) -> None:
    world.approve(world.plan(world.tents(40)))
    order = world.consignment()
    keeper = world.actor(Role.KEEPER)
    world.runtime.run(dispatch.accept, keeper, order.id)
    line = world.lines()[0]
    load = LoadInput(order.id, {line.id: 30}, short_reason="车位不足")
    break_everywhere(world.runtime.database, lambda: world.runtime.run(dispatch.load, keeper, load), 15)
    assert world.asked(TENT) == (30, 30, 0)


def test_a_fault_is_really_met(world: World) -> None:
    """Without the rollback the check above must fail: what was written before the fault would be there."""
    database = world.runtime.database
    before = state(database)
    with fault_at(database, 10**9) as seen:
        world.house.lot()
    assert seen[0] > 2
    assert state(database) != before
