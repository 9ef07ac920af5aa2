"""Goods fetched at a supplier's on pages: the plan says so, the supplier answers, whoever is there loads, mistakes are told in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplyops.contracts.rules import CallOffState
from supplyops.dispatch import queries
from supplyops.dispatch.rules import ConsignmentState
from supplyops.dispatch.views import OrderFilter
from supplyops.kernel.access import SYSTEM, Role
from supplyops.runtime import Runtime
from supplyops.stock.tables import Lot
from tests.dispatch.test_fetching import CONTRACT, Errand, build_errand
from tests.planning.town import SUPPLIER
from tests.web.site import Site


@pytest.fixture
def errand(runtime: Runtime) -> Errand:
    return build_errand(runtime)


@pytest.fixture
def site(errand: Errand, tmp_path: Path) -> Site:
    return Site(errand.town.house, tmp_path)


def test_the_plan_page_says_who_fetches_where(site: Site, errand: Errand) -> None:
    page = site.browser(Role.COMMANDER).get(f"/plans/{errand.town.head(errand.plan_id).number}")
    assert f'合同 {CONTRACT} · 伊犁应急物资有限公司 <span class="badge bg-azure-lt">自提</span>' in page
    assert "供方送货" not in page
    assert "车次 1" in page


def test_from_the_call_off_to_the_vehicle(site: Site, errand: Errand) -> None:
    errand.approve()
    number, order = errand.call_off.number, errand.order
    supplier = site.browser(Role.SUPPLIER, SUPPLIER)
    page = supplier.get(f"/call-offs/{number}")
    assert f"供应商库房 · {order.plate}" in page
    assert "已发货" not in page
    (item,) = errand.call_off.items
    supplier.post(f"/call-offs/{number}/confirm", **{f"promised-{item.id.hex}": "35", "by": "李强"})
    page = supplier.get(f"/call-offs/{number}")
    assert "已发货" not in page
    assert "来车时间" in page
    address = f"/orders/consignments/{order.number}"
    office = site.browser(Role.DISPATCHER)
    page = office.get(address)
    assert f'<a href="/call-offs/{number}">{number}</a>' in page
    assert "装车时登记批次" in page
    assert "换批次" not in page
    (line,) = order.lines
    amount = f"loaded-{line.id.hex}"
    told = {"goods-0-line_id": str(line.id), "goods-0-produced_on": "2025-12-01", "goods-0-maker_batch": "Y-12"}
    page = office.get(f"{address}/load")
    assert f'name="{amount}" type="number" value="35"' in page
    assert "装后到期批次的原因" not in page
    for wrong, words in (
        ({amount: "30"}, "必填"),
        ({amount: "36"}, "不能大于 35"),
        ({amount: "35", "goods-0-expires_on": "2025-11-01"}, "早于生产日期"),
        ({amount: "35", "goods-0-produced_on": "2024-01-01", "goods-0-expires_on": "2025-01-01"}, "已过期,不能装车"),
    ):
        answer = office.post(f"{address}/load", 422, **{**told, **wrong}).get_data(as_text=True)
        assert words in answer, wrong
        assert 'value="Y-12"' in answer
    assert errand.on_hand() == 0
    office.post(f"{address}/load", **{amount: "30", "short_reason": "只有30顶", **told})
    assert (errand.on_hand(), errand.call_off.state) == (30, CallOffState.RECEIVED)
    (lot,) = errand.rows(Lot)
    assert isinstance(lot, Lot)
    assert (lot.maker_batch, lot.fund_source) == ("Y-12", "采购")
    (shipment,) = errand.runtime.read(queries.shipments, SYSTEM, OrderFilter())
    supplier.get(f"/orders/shipments/{shipment.number}")
    supplier.post(f"/orders/shipments/{shipment.number}/depart")
    assert errand.order.state is ConsignmentState.IN_TRANSIT
    assert "退回供方" in office.get(address)
