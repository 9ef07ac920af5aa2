"""Tents handed over to a place have to come back too; what is issued there on is out by that issue, not twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from supplyops.catalogue import commands as catalogue
from supplyops.catalogue.rules import ItemInput
from supplyops.dispatch import commands as dispatch
from supplyops.dispatch import handing_over
from supplyops.dispatch.rules import HandoverInput, LoadInput
from supplyops.kernel.access import SYSTEM, Role
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput
from supplyops.recoveries import commands, queries, undoing
from supplyops.recoveries.dues import Due
from supplyops.recoveries.queries import DueFilter
from supplyops.recoveries.rules import RecoveredInput, RecoveryInput
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.verify.books import verify
from tests.conftest import START
from tests.dispatch.world import World, build_world
from tests.house import CITY, CITY_SHELF, CITY_STORE, ITEMS, TENT, VILLAGE, VILLAGE_SHELF, VILLAGE_STORE


@pytest.fixture
def world(runtime: Runtime) -> World:
    """Twenty of the city's tents handed over to the village."""
    world = build_world(runtime)
    tent = next(item for item in ITEMS if item.sku == TENT)
    own = {name: getattr(tent, name) for name in ItemInput.__dataclass_fields__}
    runtime.run(catalogue.save_items, SYSTEM, [ItemInput(**{**own, "is_recoverable": True})])
    rule = ParameterInput("recovery.months", "6", "月", "A", date(2020, 1, 1), name="回收期限")
    runtime.run(norms.save_parameters, SYSTEM, [rule])
    world.approve(world.plan(world.tents(20)))
    order = world.consignment()
    keeper = world.actor(Role.KEEPER)
    runtime.run(dispatch.accept, keeper, order.id)
    runtime.run(dispatch.load, keeper, LoadInput(order.id, {}))
    runtime.run(dispatch.depart, keeper, world.shipment().id)
    handover = HandoverInput(order.id, "古丽", "干事", "1390", START)
    runtime.run(handing_over.deliver, world.actor(Role.CUSTODIAN, VILLAGE), handover)
    return world


def out(world: World, **where: Any) -> list[Due]:
    return world.runtime.read(queries.recovery_dues, SYSTEM, DueFilter(**where))


def test_handed_over_given_on_and_brought_back(world: World) -> None:
    [due] = out(world)
    assert (due.document_number, due.holder, due.outstanding) == (world.consignment().number, "伊车嘎善乡储备点", 20)
    assert due.due_on == date(2026, 7, 12)
    wanted = IssueInput(
        IssueKind.DISTRIBUTION, VILLAGE_STORE, CITY, "马家", "安置", (IssueLineInput(TENT, 5),)
    )  # fmt: skip
    world.runtime.run(stock.issue, world.actor(Role.KEEPER, VILLAGE), wanted)
    assert sorted((due.holder, due.outstanding) for due in out(world)) == [("伊车嘎善乡储备点", 15), ("马家", 5)]
    line = RecoveredInput(due.id, usable=6)
    given = RecoveryInput(due.document_number, CITY_STORE, "古丽", START, (line,), is_cleaned=True)
    taken = world.runtime.run(commands.recover, world.actor(Role.KEEPER), given)
    lot = due.lot_id
    assert (world.house.balance(lot, CITY_SHELF)[0], world.house.balance(lot, VILLAGE_SHELF)[0]) == (86, 9)
    assert sorted((due.recovered, due.outstanding) for due in out(world)) == [(0, 5), (6, 9)]
    assert [finding for finding in verify(world.runtime.database) if not finding.is_clean] == []
    number = world.runtime.read(queries.recovery_by_id, SYSTEM, taken).number
    world.runtime.run(undoing.undo_recovery, world.actor(Role.KEEPER), number)
    assert (world.house.balance(lot, CITY_SHELF)[0], world.house.balance(lot, VILLAGE_SHELF)[0]) == (80, 15)
    assert sorted((due.recovered, due.outstanding) for due in out(world)) == [(0, 5), (0, 15)]
    assert [finding for finding in verify(world.runtime.database) if not finding.is_clean] == []


def test_the_citys_keeper_sees_what_lies_at_the_village(world: World) -> None:
    assert len(world.runtime.read(queries.recovery_dues, world.actor(Role.KEEPER))) == 1
    assert len(world.runtime.read(queries.recovery_dues, world.actor(Role.CUSTODIAN, VILLAGE))) == 1
    assert world.runtime.read(queries.recovery_dues, world.actor(Role.KEEPER, "x61")) == []
