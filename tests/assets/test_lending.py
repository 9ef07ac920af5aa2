"""Handing out and taking back: who has what, what the ledger says of it, what is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from supplyops.assets import due_queries, lending, loan_queries, queries, upkeep
from supplyops.assets.rules import (
    AssetCondition,
    AssetDueKind,
    AssetWorkInput,
    AssetWorkKind,
    HandBackInput,
    HandBackLine,
    OutOfOrderInput,
)
from supplyops.assets.views import AssetFilter
from supplyops.kernel.access import Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.papers.tables import Paper
from supplyops.runtime import Runtime
from supplyops.stock import commands as store
from supplyops.stock.documents import IssueLineInput
from supplyops.stock.rules import AssetState
from supplyops.stock.tables import Asset
from tests.assets.conftest import PHONE, TEAM, TEAM_PLACE, TODAY, Depot, handing
from tests.assets.test_carrying import assert_clean, everything, where
from tests.conftest import Clock
from tests.house import CITY, CITY_SHELF, FARM, VILLAGE
from tests.stock.test_store_documents import issue


def back(number: str, *lines: HandBackLine, **more: Any) -> HandBackInput:
    return HandBackInput(number, "马志强", lines, **more)


def states(runtime: Runtime) -> dict[str, AssetState]:
    with runtime.database.read() as session:
        return {row.serial_number: row.state for row in session.scalars(select(Asset))}


def test_what_a_person_has_stays_in_the_books_and_nobody_else_gets_it(depot: Depot, runtime: Runtime) -> None:
    lot = depot.lot_of(2)
    depot.register("S1", "S2")
    keeper = depot.actor(Role.KEEPER)
    depot.hand_out("S1")
    assert (where(runtime), depot.balance(lot)) == ({"S1": CITY_SHELF, "S2": CITY_SHELF}, (2, 1))
    assert states(runtime) == {"S1": "lent", "S2": "ready"}
    with pytest.raises(Conflict, match="not_enough_to_pick"):
        runtime.run(store.issue, keeper, issue(IssueLineInput("C01001", 2)))
    runtime.run(store.issue, keeper, issue(IssueLineInput("C01001", 1)))
    assert where(runtime) == {"S1": CITY_SHELF, "S2": "virtual-consumed"}, "the one that is free went"
    (loan,) = runtime.read(loan_queries.asset_loans, keeper, only_open=True)
    assert (loan.number, loan.out, loan.holder_name) == ("LY-654004-20260112-0001", 1, "霍尔果斯市应急管理局")
    runtime.run(lending.take_back, keeper, back(loan.number, HandBackLine("S1", meter_hours=40)))
    assert (states(runtime)["S1"], depot.balance(lot)) == ("ready", (1, 0))
    (loan,) = runtime.read(loan_queries.asset_loans, keeper)
    assert (loan.out, loan.closed_at is not None, loan.lines[0].meter_in) == (0, True, 40)
    with runtime.database.read() as session:
        papers = session.execute(select(Paper.form, Paper.number, Paper.version).order_by(Paper.version)).all()
    slips = [tuple(row) for row in papers if row.form == "asset_handout"]
    assert slips == [("asset_handout", loan.number, 1), ("asset_handout", loan.number, 2)]
    kinds = [row.kind.value for row in runtime.read(queries.asset_history, keeper, "S1")]
    assert kinds == ["handed_back", "handed_out", "registered"]
    assert_clean(runtime)


def test_a_team_with_a_place_of_its_own_gets_the_goods_and_brings_them_back(depot: Depot, runtime: Runtime) -> None:
    lot = depot.lot_of(3)
    depot.register("S1", "S2", "S3")
    keeper = depot.actor(Role.KEEPER)
    depot.hand_out("S2", "S3", organisation_code=CITY, team_code=TEAM)
    assert where(runtime) == {"S1": CITY_SHELF, "S2": TEAM_PLACE, "S3": TEAM_PLACE}
    assert (depot.balance(lot), depot.balance(lot, TEAM_PLACE)) == ((1, 0), (2, 2))
    (loan,) = runtime.read(loan_queries.asset_loans, keeper)
    rows = runtime.read(queries.assets, keeper, AssetFilter(team_code=TEAM))
    assert [(row.serial_number, row.team_name, row.due_on) for row in rows] == [
        ("S2", "消防救援大队", loan.due_on),
        ("S3", "消防救援大队", loan.due_on),
    ]
    runtime.run(lending.take_back, keeper, back(loan.number, HandBackLine("S3")))
    assert where(runtime) == {"S1": CITY_SHELF, "S2": TEAM_PLACE, "S3": CITY_SHELF}
    broken = HandBackLine("S2", AssetCondition.DAMAGED, "启动绳断裂")
    runtime.run(lending.take_back, keeper, back(loan.number, broken))
    assert (states(runtime)["S2"], depot.balance(lot)) == ("out_of_order", (3, 1))
    (due,) = [row for row in runtime.read(due_queries.assets_due, keeper) if row.kind is AssetDueKind.REPAIR]
    assert (due.serial_number, due.what, due.is_overdue) == ("S2", "启动绳断裂", True)
    assert_clean(runtime)


def test_a_loan_past_its_day_is_overdue(depot: Depot, runtime: Runtime, clock: Clock) -> None:
    depot.lot_of(1)
    depot.register("S1")
    depot.hand_out("S1")
    keeper = depot.actor(Role.KEEPER)
    assert runtime.read(due_queries.assets_due, keeper, only_overdue=True) == []
    clock.advance(days=8)
    (due,) = runtime.read(due_queries.assets_due, keeper, only_overdue=True)
    assert (due.kind, due.serial_number, due.loan_number) == (AssetDueKind.LOAN, "S1", "LY-654004-20260112-0001")
    assert [row.is_overdue for row in runtime.read(loan_queries.asset_loans, keeper, only_overdue=True)] == [True]


def _lent(depot: Depot) -> None:
    depot.hand_out("S1")


def _broken(depot: Depot) -> None:
    depot.runtime.run(upkeep.put_out_of_order, depot.actor(Role.KEEPER), OutOfOrderInput("S1", "漏油"))


def _spoken_for(depot: Depot) -> None:
    depot.hand_out("S2")
    depot.hand_out("S3")
    depot.runtime.run(store.issue, depot.actor(Role.KEEPER), issue(IssueLineInput("C01001", 1)))


@pytest.mark.parametrize(
    ("before", "change", "error", "code"),
    [
        (_lent, {}, WrongState, "wrong_state"),
        (_broken, {}, WrongState, "wrong_state"),
        (_spoken_for, {}, InvalidInput, "not_in_a_store"),
        (None, {"organisation_code": "nobody"}, InvalidInput, "unknown_reference"),
        (None, {"team_code": "nobody"}, InvalidInput, "unknown_reference"),
        (None, {"team_code": TEAM, "organisation_code": FARM}, InvalidInput, "team_of_other_body"),
        (None, {"due_on": TODAY - timedelta(days=1)}, InvalidInput, "in_the_past"),
        (None, {"serials": ("S1", "none")}, InvalidInput, "unknown_reference"),
        (None, {"serials": ("S1", "ZC-654004-20260112-0001")}, InvalidInput, "named_twice"),
    ],
)
def test_a_hand_out_that_cannot_be_leaves_nothing(
    depot: Depot, runtime: Runtime, before: Any, change: dict[str, Any], error: type[Exception], code: str
) -> None:
    depot.lot_of(3)
    depot.register("S1", "S2", "S3")
    if before:
        before(depot)
    then = everything(runtime)
    words = dict(change)
    serials = words.pop("serials", ("S1",))
    with pytest.raises(error) as refusal:
        depot.hand_out(*serials, **words)
    codes = {each.code for each in getattr(refusal.value, "fields", ())} | {refusal.value.code}  # type: ignore[attr-defined]
    assert code in codes
    assert everything(runtime) == then
    assert_clean(runtime)


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        (handing, InvalidInput, "required"),
        (lambda: handing("A", "A"), InvalidInput, "named_twice"),
        (lambda: handing("A", condition=AssetCondition.LOST), InvalidInput, "unfit_goes_nowhere"),
        (lambda: handing("A", received_by=" "), InvalidInput, "required"),
        (lambda: HandBackLine("A", AssetCondition.DAMAGED), InvalidInput, "required"),
        (lambda: back("L"), InvalidInput, "required"),
        (lambda: back("L", HandBackLine("A"), HandBackLine("A")), InvalidInput, "named_twice"),
    ],
)
def test_what_a_slip_must_say(given: Any, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as refusal:
        given()
    assert code in {each.code for each in refusal.value.fields}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("lines", "more", "error", "code"),
    [
        ((HandBackLine("S2"),), {}, InvalidInput, "not_on_slip"),
        (
            (HandBackLine("S1"), HandBackLine("ZC-654004-20260112-0001", AssetCondition.LOST, "找不到")),
            {},
            InvalidInput,
            "named_twice",
        ),
        ((HandBackLine("S1", meter_hours=1),), {}, InvalidInput, "meter_backwards"),
        ((HandBackLine("S1"),), {"location_code": "village-shelf"}, InvalidInput, "unknown_reference"),
        ((HandBackLine("S1"),), {"number": "LY-none"}, NotFound, "not_found"),
    ],
)
def test_a_return_that_cannot_be_leaves_nothing(
    depot: Depot, runtime: Runtime, lines: Any, more: dict[str, Any], error: type[Exception], code: str
) -> None:
    depot.lot_of(2)
    depot.register("S1", "S2")
    keeper = depot.actor(Role.KEEPER)
    work = AssetWorkInput("S1", AssetWorkKind.MAINTENANCE, TODAY, "本库", meter_hours=30)
    runtime.run(upkeep.record_work, keeper, work)
    depot.hand_out("S1")
    then = everything(runtime)
    words = {"number": "LY-654004-20260112-0001", **more}
    with pytest.raises(error) as refusal:
        runtime.run(lending.take_back, keeper, back(words.pop("number"), *lines, **words))
    codes = {each.code for each in getattr(refusal.value, "fields", ())} | {refusal.value.code}  # type: ignore[attr-defined]
    assert code in codes
    assert everything(runtime) == then


def test_a_unit_comes_back_once(depot: Depot, runtime: Runtime) -> None:
    depot.lot_of(2)
    depot.register("S1", "S2")
    depot.hand_out("S1", "S2")
    keeper = depot.actor(Role.KEEPER)
    number = "LY-654004-20260112-0001"
    runtime.run(lending.take_back, keeper, back(number, HandBackLine("S1")))
    then = everything(runtime)
    with pytest.raises(InvalidInput) as refusal:
        runtime.run(lending.take_back, keeper, back(number, HandBackLine("S2"), HandBackLine("S1")))
    assert [(each.field, each.code) for each in refusal.value.fields] == [
        ("lines.1.asset_number", "handed_back_already")
    ]
    assert everything(runtime) == then
    assert states(runtime) == {"S1": "ready", "S2": "lent"}


def test_a_serial_number_that_two_units_of_a_slip_bear_names_neither(depot: Depot, runtime: Runtime) -> None:
    depot.lot_of(1)
    depot.lot_of(1, PHONE, number="P1")
    depot.register("S1")
    depot.register("S1", lot="P1", sku=PHONE)
    numbers = ("ZC-654004-20260112-0001", "ZC-654004-20260112-0002")
    depot.hand_out(*numbers)
    then = everything(runtime)
    slip, keeper = "LY-654004-20260112-0001", depot.actor(Role.KEEPER)
    with pytest.raises(InvalidInput) as refusal:
        runtime.run(lending.take_back, keeper, back(slip, HandBackLine("S1")))
    assert [each.code for each in refusal.value.fields] == ["serial_not_unique"]
    assert everything(runtime) == then
    runtime.run(lending.take_back, keeper, back(slip, *map(HandBackLine, numbers)))
    assert_clean(runtime)


def test_a_second_sending_does_it_once(depot: Depot, runtime: Runtime) -> None:
    depot.lot_of(1)
    depot.register("S1")
    keeper = depot.actor(Role.KEEPER).keyed("k1")
    first = runtime.run(lending.hand_out, keeper, handing("S1"))
    assert runtime.run(lending.hand_out, keeper, handing("S1")) == first
    assert runtime.read(loan_queries.count_asset_loans, keeper) == 1


def test_who_does_not_keep_the_store_hands_out_nothing_and_sees_nothing(depot: Depot, runtime: Runtime) -> None:
    depot.lot_of(1)
    depot.register("S1")
    stranger = depot.actor(Role.KEEPER, VILLAGE)
    with pytest.raises(InvalidInput):
        runtime.run(lending.hand_out, stranger, handing("S1"))
    with pytest.raises(NotFound):
        runtime.read(queries.asset, stranger, "S1")
    assert runtime.read(queries.assets, stranger, AssetFilter()) == []
    assert runtime.read(due_queries.assets_due, stranger) == []
    depot.hand_out("S1", organisation_code=VILLAGE)
    assert [row.serial_number for row in runtime.read(queries.assets, stranger, AssetFilter())] == ["S1"], "it has it"
    with pytest.raises(Forbidden):
        runtime.run(lending.take_back, stranger, back("LY-654004-20260112-0001", HandBackLine("S1")))
    assert states(runtime) == {"S1": "lent"}
