"""A plan that takes a township's tents for another place owes them back; one that takes the city's own owes nothing."""

from __future__ import annotations

from supplyops.dispatch import commands, handing_over
from supplyops.dispatch.rules import HandoverInput, HandoverLine, LoadInput
from supplyops.kernel.access import SYSTEM, Role
from supplyops.obligations import queries
from supplyops.obligations.queries import ObligationRow
from supplyops.verify.books import verify
from tests.conftest import START
from tests.dispatch.world import World
from tests.house import CITY, FARM, PREFECTURE, VILLAGE

STREET = "654004001"


def delivered(world: World, owner: str) -> list[ObligationRow]:
    """Twenty tents of an owner's from the city's store: 18 good, one damaged, one missing."""
    world.approve(world.plan(world.tents(20, owner=owner)), owner)
    order = world.consignment()
    world.runtime.run(commands.accept, world.actor(Role.KEEPER), order.id)
    world.runtime.run(commands.load, world.actor(Role.KEEPER), LoadInput(order.id, {}))
    world.runtime.run(commands.depart, world.actor(Role.KEEPER), world.shipment().id)
    found = HandoverLine(world.lines()[0].id, 17, 1, 1)
    handover = HandoverInput(order.id, "古丽", "干事", "1390", START, (found,), cause="途中")
    world.runtime.run(handing_over.deliver, world.actor(Role.CUSTODIAN, VILLAGE), handover)
    assert [finding for finding in verify(world.runtime.database) if not finding.is_clean] == []
    return world.runtime.read(queries.obligations, SYSTEM)


def test_a_township_that_gives_to_another_is_owed(world: World) -> None:
    [debt] = delivered(world, STREET)
    assert (debt.creditor_code, debt.debtor_code, debt.basis_kind) == (STREET, CITY, "consignment")
    assert debt.basis_number == world.consignment().number
    assert [(line.quantity, line.value_fen) for line in debt.lines] == [(19, 19 * 100_00)], "one refused comes back"
    assert debt.due_on is None, "nobody has set a time"


def test_what_stays_with_its_owners_people_is_not_owed(world: World) -> None:
    assert delivered(world, VILLAGE) == []


def test_the_citys_own_goods_are_not_owed(world: World) -> None:
    assert delivered(world, CITY) == []


def test_support_from_above_is_not_owed(world: World) -> None:
    assert delivered(world, PREFECTURE) == []


def test_help_from_outside_the_chain_is_owed(world: World) -> None:
    [debt] = delivered(world, FARM)
    assert (debt.creditor_code, debt.debtor_code) == (FARM, CITY)
