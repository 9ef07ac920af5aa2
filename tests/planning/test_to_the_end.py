"""From a request to signed delivery through a real plan: two owners, a supplier, papers, trucks, clean books."""

from __future__ import annotations

from datetime import timedelta

import pytest

from supplyops.contracts import queries as contracts
from supplyops.dispatch import commands as dispatch
from supplyops.dispatch import handing_over, printing
from supplyops.dispatch import queries as orders
from supplyops.dispatch.approving import approve
from supplyops.dispatch.rules import ApprovalInput, ConsignmentState, HandoverInput, LoadInput, ShipmentState
from supplyops.dispatch.views import OrderFilter
from supplyops.kernel.access import Role
from supplyops.planning.rules import PlanState
from supplyops.requests import queries as requests
from supplyops.runtime import Runtime
from supplyops.verify.books import verify
from tests.conftest import Clock
from tests.house import CITY, PREFECTURE, PREFECTURE_SHELF, QUILT, TENT, VILLAGE
from tests.planning.town import STREET, STREET_POINT, Town, build_town


@pytest.fixture
def town(runtime: Runtime) -> Town:
    return build_town(runtime)


def test_from_a_request_to_delivery(town: Town, clock: Clock) -> None:
    house, run, read = town.house, town.runtime.run, town.runtime.read
    town.request((TENT, 50), (QUILT, 100))
    town.request((TENT, 10), body=STREET, site=STREET_POINT)
    house.stock(house.lot(), 25)
    house.stock(house.lot(QUILT), 200)
    house.stock(house.lot(owner=PREFECTURE), 20, PREFECTURE_SHELF)
    town.contract(quantity=15)
    plan_id = town.plan()
    plan = town.read(plan_id)
    assert (plan.head.state, plan.gaps) == (PlanState.DRAFT, ())
    assert sorted({part.owner_code for part in plan.parts}) == [PREFECTURE, CITY]

    run(approve, house.actor(Role.APPROVER), ApprovalInput(plan_id, CITY, "霍应急〔2026〕1号"))
    assert town.head(plan_id).state is PlanState.DRAFT, "the prefecture has not spoken yet"
    run(approve, house.actor(Role.APPROVER, PREFECTURE), ApprovalInput(plan_id, PREFECTURE))
    assert town.head(plan_id).state is PlanState.DECIDED

    viewer = house.actor(Role.DISPATCHER)
    consignments = read(orders.consignments, viewer, OrderFilter())
    forms = sorted({paper.form for paper in read(printing.list_papers, viewer, incident_id=town.incident)})
    assert forms == ["allocation_slip", "calloff_notice", "release_instruction", "supply_request"]
    (call_off,) = read(contracts.call_offs, viewer)
    assert sum(item.quantity for item in call_off.items) == 15

    deliver(town, clock)
    after = read(orders.consignments, viewer, OrderFilter())
    assert {row.state for row in after} == {ConsignmentState.DELIVERED}
    assert len(after) == len(consignments)
    assert {row.state for row in read(orders.shipments, viewer, OrderFilter())} == {ShipmentState.CLOSED}
    assert all(trip.ended_at is not None for trip in town.read(plan_id).trips)

    lines = [line for request in read(requests.requests, viewer) for line in request.lines]
    delivered = {(line.sku, line.quantity): line.delivered for line in lines}
    assert sum(delivered.values()) == 25 + 20 + 100
    assert all(line.outstanding == 0 for line in lines)
    findings = verify(town.runtime.database)
    assert [finding.id for finding in findings if finding.violations] == []

    town.request((TENT, 5), body=STREET, site=STREET_POINT)
    later = town.problem()
    assert [lot for lot in later.lots if lot.item_id == TENT] == [], "what was given is not taken away again"
    assert {vehicle.available_at for vehicle in later.vehicles} == {0, 1800}


def deliver(town: Town, clock: Clock) -> None:
    """Accept, load, depart and hand over everything that was ordered."""
    house, run, read = town.house, town.runtime.run, town.runtime.read
    viewer = house.actor(Role.DISPATCHER)
    keepers = {"city-store": house.actor(Role.KEEPER), "pref-store": house.actor(Role.KEEPER, PREFECTURE)}
    receivers = {
        "伊车嘎善乡中学": house.actor(Role.CUSTODIAN, VILLAGE),
        "卡拉苏体育馆": house.actor(Role.CUSTODIAN, STREET),
    }
    rows = read(orders.consignments, viewer, OrderFilter())
    for row in rows:
        keeper = keepers[row.origin_code]
        run(dispatch.accept, keeper, row.id)
        run(dispatch.load, keeper, LoadInput(row.id, {}, turn_reason="按批准的方案"))
    for shipment in read(orders.shipments, viewer, OrderFilter()):
        keeper = next(keepers[row.origin_code] for row in rows if row.shipment_number == shipment.number)
        run(dispatch.depart, keeper, shipment.id)
    clock.advance(hours=6)
    for row in rows:
        handover = HandoverInput(row.id, "艾合买提", "村委会主任", "13900000000", clock() - timedelta(hours=1))
        run(handing_over.deliver, receivers[row.delivery_name], handover)
