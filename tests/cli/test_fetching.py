"""Goods fetched at a supplier's as they are typed."""

from __future__ import annotations

import pytest

from supplyops.kernel.access import Role
from supplyops.runtime import Runtime
from supplyops.stock.tables import Lot
from tests.cli.conftest import Line
from tests.dispatch.test_fetching import CONTRACT, Errand, build_errand
from tests.planning.town import SUPPLIER


@pytest.fixture
def errand(line: Line, runtime: Runtime) -> Errand:
    return build_errand(runtime)


def name_of(errand: Errand, role: Role, organisation: str = "654004") -> str:
    errand.actor(role, organisation)
    return f"{role.value}.{organisation}".replace("_", "-")


def test_planned_confirmed_and_loaded(errand: Errand, line: Line) -> None:
    office, supplier = name_of(errand, Role.DISPATCHER), name_of(errand, Role.SUPPLIER, SUPPLIER)
    plan = line("plan", "show", errand.town.head(errand.plan_id).number, "--as", office)
    assert f"合同 {CONTRACT} 自提" in plan
    errand.approve()
    number, call_off = errand.order.number, errand.call_off.number
    shown = line("order", "show", number, "--as", supplier)
    assert f"伊犁应急物资有限公司 合同 {CONTRACT} {call_off}" in shown
    line("call-off", "confirm", call_off, "--by", "李强", "--as", supplier)
    assert "应写成" in line("order", "load", number, "--goods", "1:colour=red", "--as", office, code=3)
    assert "“昨天”不是日期" in line("order", "load", number, "--goods", "1:produced_on=昨天", "--as", office, code=3)
    assert errand.on_hand() == 0
    line(
        "order", "load", number, "--loaded", "1=30", "--short-reason", "只有30顶", "--fund", "市级财政",
        "--goods", "1:produced_on=2025-12-01,maker_batch=Y-12", "--as", office,
    )  # fmt: skip
    (lot,) = errand.rows(Lot)
    assert isinstance(lot, Lot)
    assert (lot.maker_batch, lot.fund_source, errand.on_hand()) == ("Y-12", "市级财政", 30)
    assert line.json("call-off", "show", call_off, "--as", supplier)["is_fetched"] is True
