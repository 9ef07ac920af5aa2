"""Goods fetched at a supplier's over the API, from the plan to the loaded vehicle."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from tests.api.test_dispatch_side import Program
from tests.dispatch.test_fetching import CONTRACT, Errand, build_errand
from tests.planning.town import SUPPLIER
from tests.web.site import Site


@pytest.fixture
def errand(runtime: Runtime) -> Errand:
    return build_errand(runtime)


@pytest.fixture
def site(errand: Errand, tmp_path: Path) -> Site:
    return Site(errand.town.house, tmp_path)


def test_planned_confirmed_and_loaded(site: Site, errand: Errand) -> None:
    office, supplier = Program(site, Role.DISPATCHER), Program(site, Role.SUPPLIER, SUPPLIER)
    (line,) = office.get(f"/plans/{errand.town.head(errand.plan_id).number}")["lines"]
    assert (line["is_fetched"], line["contract_number"], line["trip_no"]) == (True, CONTRACT, 1)
    errand.approve()
    (call_off,) = supplier.get("/call-offs/")
    assert (call_off["is_fetched"], call_off["state"]) == (True, "notified")
    (order,) = supplier.get("/consignments/")
    assert (order["call_off_number"], order["steps"], order["lines"][0]["held_until"]) == (call_off["number"], [], None)
    loading = {"loaded": {}, "goods": [{"line_id": order["lines"][0]["id"], "lot_number": "PC-7"}]}
    office.post(f"/consignments/{order['number']}/load", loading, 409)
    office.post(f"/consignments/{order['number']}/accept", status=403)
    supplier.post(f"/call-offs/{call_off['number']}/ship", status=409)
    promised = {"promised": {call_off["items"][0]["id"]: 40}, "by": "李强"}
    assert supplier.post(f"/call-offs/{call_off['number']}/confirm", promised)["state"] == "confirmed"
    supplier.post(f"/call-offs/{call_off['number']}/ship", status=409)
    loaded = supplier.post(f"/consignments/{order['number']}/load", loading)
    assert (loaded["state"], loaded["lines"][0]["lot_number"], loaded["lines"][0]["loaded"]) == ("loaded", "PC-7", 40)
    assert supplier.get(f"/call-offs/{call_off['number']}")["state"] == "received"
    assert errand.is_clean()
