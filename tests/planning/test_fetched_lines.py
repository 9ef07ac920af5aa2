"""Plans that send vehicles to a supplier's yard: a late request is served from there too."""

from __future__ import annotations

import pytest

from optimizer.offered import Way
from supplyops.contracts.rules import Carrier
from supplyops.dispatch import approving
from supplyops.dispatch.rules import ApprovalInput
from supplyops.kernel.access import Role
from supplyops.planning import variants
from supplyops.runtime import Runtime
from tests.dispatch.test_fetching import CONTRACT, Errand
from tests.house import CITY, TENT
from tests.planning.test_inserting import found
from tests.planning.town import STREET, STREET_POINT, build_town


@pytest.fixture
def errand(runtime: Runtime) -> Errand:
    """As `build_errand`, and all the contract gives is ready at once."""
    town = build_town(runtime)
    (line,) = town.request((TENT, 30))
    town.contract(CONTRACT, carrier=Carrier.FLEET, lead_time_hours=1)
    return Errand(town, town.plan(), line)


def test_a_late_request_is_offered_the_suppliers_goods_by_our_vehicles_and_approved(errand: Errand) -> None:
    town = errand.town
    (late,) = town.request((TENT, 10), body=STREET, site=STREET_POINT)
    offers = found(town, errand.plan_id, late)
    assert all(offer.is_feasible for offer in offers)
    pieces = [piece for offer in offers for piece in offer.pieces]
    assert {piece.contract_number for piece in pieces} == {CONTRACT}
    assert all(piece.plate and piece.way in {Way.DETOUR, Way.NEW_TRIP} for piece in pieces)
    whole = next(offer for offer in offers if offer.serves == 10)
    made = town.runtime.run(variants.adopt, town.commander, errand.plan_id, whole.variant_id)
    lines = town.read(made).lines
    assert all(line.is_fetched for line in lines)
    assert sum(line.quantity for line in lines) == 40
    town.runtime.run(approving.approve, town.house.actor(Role.APPROVER), ApprovalInput(made, CITY))
    assert (errand.remaining(), sum(line.quantity for order in errand.orders for line in order.lines)) == (60, 40)
    assert errand.is_clean()
