"""Work by plan: when it is due, what it cost, what fails, what is mended."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from sqlalchemy import select

from supplyops.assets import commands, due_queries, queries, upkeep
from supplyops.assets.papers import issue_card
from supplyops.assets.rules import (
    AssetDueKind,
    AssetPlanInput,
    AssetWorkInput,
    AssetWorkKind,
    OutOfOrderInput,
    months_after,
    next_due,
)
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, InvalidInput, WrongState
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput
from supplyops.papers.tables import Paper
from supplyops.stock.tables import Asset
from tests.assets.conftest import GENERATOR, TODAY, Depot
from tests.assets.test_carrying import assert_clean, everything
from tests.conftest import Clock
from tests.house import TENT


def work(kind: AssetWorkKind = AssetWorkKind.MAINTENANCE, **more: Any) -> AssetWorkInput:
    given: dict[str, Any] = {"asset_number": "S1", "kind": kind, "done_on": TODAY, "done_by": "示例机电厂"}
    return AssetWorkInput(**given | more)


def dues(depot: Depot, *, only_overdue: bool = False) -> list[tuple[str, str, date | None, int | None, bool]]:
    rows = depot.runtime.read(due_queries.assets_due, depot.actor(Role.KEEPER), only_overdue=only_overdue)
    return [(row.kind.value, row.what, row.due_on, row.due_at_hours, row.is_overdue) for row in rows]


@pytest.fixture
def unit(depot: Depot) -> Depot:
    depot.lot_of(1)
    depot.register("S1")
    depot.runtime.run(
        norms.save_parameters,
        SYSTEM,
        [
            ParameterInput("asset.due_days", "30", "天", "test", date(2020, 1, 1)),
            ParameterInput("asset.due_hours", "20", "小时", "test", date(2020, 1, 1)),
        ],
    )
    return depot


def test_work_is_due_by_months_or_by_hours_whichever_comes_first(unit: Depot, clock: Clock) -> None:
    keeper = unit.actor(Role.KEEPER)
    assert dues(unit) == []
    clock.advance(days=152)
    assert dues(unit) == [("maintenance", "更换机油", date(2026, 7, 12), 100, False)]
    today = TODAY + timedelta(days=152)
    unit.runtime.run(upkeep.record_work, keeper, work(done_on=today, meter_hours=35, cost_fen=18_000))
    assert dues(unit) == []
    unit.runtime.run(upkeep.record_work, keeper, work(AssetWorkKind.REPAIR, done_on=today, meter_hours=120))
    assert dues(unit) == [("maintenance", "更换机油", months_after(today, 6), 135, False)]
    unit.runtime.run(upkeep.record_work, keeper, work(AssetWorkKind.REPAIR, done_on=today, meter_hours=135))
    assert [row[-1] for row in dues(unit)] == [True], "the meter says so, whatever the calendar says"
    (row,) = [row for row in unit.runtime.read(queries.asset_works, keeper, "S1") if row.cost_fen]
    assert (row.plan_name, row.meter_hours, row.cost_fen) == ("更换机油", 35, 18_000)
    assert_clean(unit.runtime)


def test_a_certificate_says_until_when_and_what_ran_out_does_not_go_without_a_reason(unit: Depot, clock: Clock) -> None:
    keeper = unit.actor(Role.KEEPER)
    until = TODAY + timedelta(days=90)
    calibration = work(AssetWorkKind.CALIBRATION, certificate="JD-2026-8", valid_until=until)
    unit.runtime.run(upkeep.record_work, keeper, calibration)
    clock.advance(days=91)
    assert ("calibration", "绝缘检定 JD-2026-8", until, None, True) in dues(unit)
    before = everything(unit.runtime)
    with pytest.raises(Conflict, match="calibration_overdue"):
        unit.hand_out("S1", due_on=TODAY + timedelta(days=100))
    assert everything(unit.runtime) == before
    unit.hand_out("S1", due_on=TODAY + timedelta(days=100), despite="险情紧急,归还后补检")
    assert_clean(unit.runtime)


def test_work_that_was_not_passed_takes_the_unit_out_until_it_is_mended(unit: Depot) -> None:
    keeper = unit.actor(Role.KEEPER)
    failed = work(AssetWorkKind.CALIBRATION, is_passed=False, defect="绝缘电阻不合格")
    unit.runtime.run(upkeep.record_work, keeper, failed)
    assert [row[:2] for row in dues(unit) if row[0] == "repair"] == [("repair", "绝缘电阻不合格")]
    with pytest.raises(WrongState):
        unit.hand_out("S1")
    unit.runtime.run(upkeep.record_work, keeper, work(AssetWorkKind.REPAIR, cost_fen=52_000, back_in_service=True))
    assert [row for row in dues(unit) if row[0] == "repair"] == []
    unit.hand_out("S1")
    kinds = [row.kind.value for row in unit.runtime.read(queries.asset_history, keeper, "S1")]
    assert kinds == ["handed_out", "back_in_service", "repair", "out_of_order", "calibration", "registered"]
    assert_clean(unit.runtime)


def test_a_follow_up_day_is_when_a_defect_becomes_overdue(unit: Depot, clock: Clock) -> None:
    day = TODAY + timedelta(days=5)
    unit.runtime.run(upkeep.put_out_of_order, unit.actor(Role.KEEPER), OutOfOrderInput("S1", "等配件", day))
    assert dues(unit) == [("repair", "等配件", day, None, False)]
    clock.advance(days=6)
    assert dues(unit, only_overdue=True) == [("repair", "等配件", day, None, True)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"done_on": TODAY + timedelta(days=1)}, "in_the_future"),
        ({"plan_name": "没有这项"}, "unknown_reference"),
        ({"asset_number": "none"}, "unknown_reference"),
        ({"meter_hours": 0}, "meter_backwards"),
    ],
)
def test_work_that_cannot_be_leaves_nothing(unit: Depot, change: dict[str, Any], code: str) -> None:
    unit.runtime.run(upkeep.record_work, unit.actor(Role.KEEPER), work(meter_hours=10))
    before = everything(unit.runtime)
    with pytest.raises(InvalidInput) as refusal:
        unit.runtime.run(upkeep.record_work, unit.actor(Role.KEEPER), work(**change))
    assert code in {each.code for each in refusal.value.fields}
    assert everything(unit.runtime) == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_passed": False}, "required"),
        ({"is_passed": False, "defect": "x", "back_in_service": True}, "not_passed"),
        ({"done_by": " "}, "required"),
        ({"cost_fen": -1}, "too_small"),
        ({"valid_until": TODAY - timedelta(days=1)}, "ends_before_start"),
    ],
)
def test_what_work_must_say(change: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        work(**change)
    assert code in {each.code for each in refusal.value.fields}


def test_with_two_plans_of_a_kind_it_has_to_be_said_which(unit: Depot) -> None:
    second = AssetPlanInput(GENERATOR, AssetWorkKind.MAINTENANCE, "更换火花塞", 12)
    unit.runtime.run(commands.save_asset_plans, SYSTEM, [second])
    with pytest.raises(InvalidInput) as refusal:
        unit.runtime.run(upkeep.record_work, unit.actor(Role.KEEPER), work())
    assert refusal.value.fields[0].params == {"plans": "更换机油、更换火花塞"}
    unit.runtime.run(upkeep.record_work, unit.actor(Role.KEEPER), work(plan_name="更换火花塞"))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (lambda: AssetPlanInput(GENERATOR, AssetWorkKind.MAINTENANCE, "x"), "no_interval"),
        (lambda: AssetPlanInput(GENERATOR, AssetWorkKind.REPAIR, "x", 1), "repair_not_planned"),
        (lambda: AssetPlanInput(GENERATOR, AssetWorkKind.MAINTENANCE, "x", 0, 5), "not_positive"),
    ],
)
def test_what_a_plan_must_say(given: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        given()
    assert code in {each.code for each in refusal.value.fields}


def test_goods_without_numbers_have_no_plan(depot: Depot) -> None:
    with pytest.raises(InvalidInput, match="not_serial_tracked"):
        depot.runtime.run(
            commands.save_asset_plans, SYSTEM, [AssetPlanInput(TENT, AssetWorkKind.MAINTENANCE, "晾晒", 12)]
        )


def test_a_card_is_issued_once_and_again_when_something_on_it_changed(unit: Depot) -> None:
    keeper = unit.actor(Role.KEEPER)
    first = unit.runtime.run(issue_card, keeper, "S1")
    assert unit.runtime.run(issue_card, keeper, "S1") == first
    unit.runtime.run(upkeep.record_work, keeper, work(meter_hours=10))
    assert unit.runtime.run(issue_card, keeper, "S1") != first
    with unit.runtime.database.read() as session:
        rows = session.execute(select(Paper.number, Paper.version).order_by(Paper.version)).all()
        number = session.scalar(select(Asset.number))
    assert [tuple(row) for row in rows] == [(number, 1), (number, 2)]
    assert_clean(unit.runtime)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_months_end_where_months_end(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


@examples(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 600))
def test_months_go_forward_by_that_many(day: date, months: int) -> None:
    then = months_after(day, months)
    assert (then.year * 12 + then.month) - (day.year * 12 + day.month) == months
    assert then.day <= day.day


@examples(st.integers(0, 1000), st.integers(1, 500), st.integers(0, 1500))
def test_hours_are_due_when_the_meter_reaches_them(last: int, every: int, meter: int) -> None:
    due = next_due(TODAY, last, None, every)
    assert due.is_overdue(TODAY, meter) == (meter - last >= every)
    assert due.is_near(TODAY, meter, 0, 0) == due.is_overdue(TODAY, meter)


def test_kinds_of_work_are_kinds_of_what_is_due() -> None:
    assert {kind.value for kind in AssetWorkKind} < {kind.value for kind in AssetDueKind}
