"""A plan made near an older one: what stands, what is under orders, what changes and what that costs, on the books."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from optimizer.replan import Change
from supplyops.dispatch.approving import approve
from supplyops.dispatch.rules import ApprovalInput
from supplyops.fleet import commands as fleet
from supplyops.fleet.rules import VehicleState
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, InvalidInput, NotFound, WrongState
from supplyops.planning import changes as changing
from supplyops.planning import commands as planning
from supplyops.planning.rules import PlanOptions, PlanState
from supplyops.planning.tables import Plan
from supplyops.runtime import Runtime
from tests.conftest import START, Clock
from tests.house import CITY, PREFECTURE, PREFECTURE_SHELF, QUILT, TENT
from tests.once import once
from tests.planning.town import Town, build_town


@pytest.fixture
@once
def town(runtime: Runtime) -> Town:
    town = build_town(runtime)
    town.request((TENT, 40), (QUILT, 100))
    town.house.stock(town.house.lot(), 60)
    town.house.stock(town.house.lot(QUILT), 300)
    return town


def test_a_late_request_is_added_and_nothing_else_changes(town: Town) -> None:
    first = town.plan()
    late = town.request((TENT, 10))
    second = town.plan(based_on=first, near=True)
    row = town.read(second)
    assert row.head.state is PlanState.DRAFT
    assert row.head.verdict["is_feasible"] is True
    assert sum(line.quantity for line in row.lines if line.request_line_id == late[0]) == 10
    found = town.runtime.read(changing.changes, town.commander, str(second))
    assert (found.before.id, found.after.id) == (first, second)
    assert found.changed == 0
    added = [line for line in found.goods if line.what is Change.ADDED]
    assert [(line.item_name, line.quantity_before, line.quantity_after) for line in added] == [("12m²棉帐篷", 0, 10)]
    assert found.counts["added"] == 1
    assert found.reached is not None and found.left is not None and found.free is not None
    assert found.reached.served_permille == {"1": 1000, "3": 1000}


def test_what_leaves_within_the_lock_time_stands(town: Town) -> None:
    town.parameter("plan.lock_minutes", "600")
    first = town.plan()
    town.request((TENT, 10))
    second = town.plan(based_on=first, near=True)
    found = town.runtime.read(changing.changes, town.commander, str(second))
    assert {line.what for line in found.goods} == {Change.FROZEN, Change.ADDED}
    old, new = town.read(first), town.read(second)
    times = {(trip.plate, trip.departs_at, trip.returns_at) for trip in new.trips}
    assert {(trip.plate, trip.departs_at, trip.returns_at) for trip in old.trips} <= times


def test_a_broken_truck_gives_its_goods_to_another(town: Town) -> None:
    first = town.plan()
    broken = town.read(first).trips[0].plate
    town.runtime.run(fleet.set_availability, SYSTEM, broken, VehicleState.OUT)
    second = town.plan(based_on=first, near=True)
    found = town.runtime.read(changing.changes, town.commander, str(second))
    moved = [line for line in found.goods if line.what is Change.MOVED]
    assert {line.plate_before for line in moved} == {broken}
    assert all(line.is_forced for line in moved), "its truck is broken"
    assert (found.forced, found.chosen) == (found.changed, 0)
    assert found.forced_permille == found.changed_permille
    assert found.gains is not None
    assert min(found.gains.served_permille.values()) > 0, "what the truck left behind comes after all"
    assert found.gains.waiting_person_h > 0


def test_what_an_owner_approved_is_under_orders_and_not_planned_again(town: Town) -> None:
    town.house.stock(town.house.lot(owner=PREFECTURE), 60, PREFECTURE_SHELF)
    town.request((TENT, 50))
    first = town.plan()
    assert {part.owner_code for part in town.read(first).parts} == {CITY, PREFECTURE}
    town.runtime.run(approve, town.house.actor(Role.APPROVER), ApprovalInput(first, CITY, "霍应急〔2026〕9号"))
    second = town.plan(based_on=first, near=True)
    assert {line.owner_code for line in town.read(second).lines} == {PREFECTURE}
    found = town.runtime.read(changing.changes, town.commander, str(second))
    assert len(found.issued) == 1
    assert {line.origin_site_name for line in found.goods} == {"州储备库"}


def test_time_passes_and_the_older_plan_is_seen_from_the_new_beginning(town: Town, clock: Clock) -> None:
    first = town.plan()
    clock.now = START + timedelta(minutes=5)
    second = town.plan(based_on=first, near=True)
    found = town.runtime.read(changing.changes, town.commander, str(second))
    old = {line.arrives_at for line in town.read(first).lines}
    assert {line.arrives_before for line in found.goods if line.quantity_before} == old
    assert found.changed == 0, "five minutes are within what counts as the same time"


def test_near_nothing_is_refused_and_nothing_is_written(town: Town) -> None:
    with pytest.raises(InvalidInput, match="required"):
        PlanOptions(near=True)
    running = town.start(iterations=3)
    with pytest.raises(Conflict, match="plan_running"):
        town.start(based_on=running, near=True)
    town.runtime.run(planning.cancel_plan, town.commander, running)
    with pytest.raises(WrongState):
        town.start(based_on=running, near=True)
    with pytest.raises(NotFound):
        town.runtime.read(changing.changes, town.commander, str(running))
    with town.runtime.database.read() as session:
        assert session.scalars(select(Plan.id)).all() == [running]


def test_a_plan_from_nothing_changes_nothing(town: Town) -> None:
    with pytest.raises(NotFound):
        town.runtime.read(changing.changes, town.commander, str(town.plan()))
