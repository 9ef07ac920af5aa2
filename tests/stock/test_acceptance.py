"""Two people answer for a receipt, and its result is reported in five working days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.calendar import Calendar, days_of
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SupplyError, WrongState
from supplyops.norms import commands as norms
from supplyops.norms.rules import ParameterInput
from supplyops.papers.tables import Paper
from supplyops.runtime import Runtime
from supplyops.stock import acceptance, acceptance_queries, commands
from supplyops.stock.acceptance_queries import AcceptanceFilter, AcceptanceRow
from supplyops.stock.documents import AcceptanceReport, AcceptanceState, IssueLineInput
from supplyops.stock.tables import Acceptance
from tests.conftest import START, Clock
from tests.house import CITY, FARM, TENT, VILLAGE, House, build_house
from tests.stock.test_store_documents import issue, receipt, rows

REPORT = AcceptanceReport("霍尔果斯市应急管理局", "霍粮储〔2026〕3号")


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@pytest.fixture
def keeper(house: House) -> Actor:
    return house.actor(Role.KEEPER)


@pytest.fixture
def inspector(house: House) -> Actor:
    return house.actor(Role.CLERK)


def take_in(runtime: Runtime, keeper: Actor, **more: Any) -> UUID:
    return runtime.run(commands.receive, keeper, receipt(**more))


def acceptance_of(runtime: Runtime, document_id: UUID) -> AcceptanceRow:
    return next(
        row for row in runtime.read(acceptance_queries.acceptances, SYSTEM, AcceptanceFilter()) if row.id == document_id
    )


def refused(runtime: Runtime, error: type[SupplyError], code: str, do: Any, *arguments: Any) -> None:
    """It is refused with that code, and neither the acceptance nor the papers have changed."""
    seen = lambda: [  # noqa: E731
        [tuple(getattr(row, column.name) for column in kind.__table__.columns) for row in rows(runtime, kind)]
        for kind in (Acceptance, Paper)
    ]
    before = seen()
    with pytest.raises(error) as refusal:
        runtime.run(do, *arguments)
    codes = {each.code for each in getattr(refusal.value, "fields", ())} | {refusal.value.code}
    assert code in codes
    assert seen() == before


def test_the_keeper_signs_by_receiving_and_the_inspector_afterwards(
    house: House, runtime: Runtime, keeper: Actor, inspector: Actor, clock: Clock
) -> None:
    document_id = take_in(runtime, keeper)
    row = acceptance_of(runtime, document_id)
    assert (row.state, row.keeper_name, row.accepted_at) == (AcceptanceState.UNSIGNED, "keeper.654004", START)
    assert (row.inspector_name, row.inspected_at) == ("", None)
    later = clock.advance(hours=3)
    runtime.run(acceptance.sign_inspection, inspector, document_id)
    row = acceptance_of(runtime, document_id)
    assert (row.inspector_name, row.inspected_at, row.state) == ("clerk.654004", later, AcceptanceState.UNREPORTED)
    first, second = rows(runtime, Paper)
    assert (first.version, first.state.value, second.version, second.state.value) == (1, "superseded", 2, "valid")
    assert (first.number, first.content["inspected"]) == (second.number, None)
    assert second.content["inspected"]["name"] == "clerk.654004"
    assert second.content["stored"] == first.content["stored"]


def test_one_person_never_signs_twice(house: House, runtime: Runtime, keeper: Actor, inspector: Actor) -> None:
    document_id = take_in(runtime, keeper)
    refused(runtime, Conflict, "same_signer", acceptance.sign_inspection, keeper, document_id)
    refused(runtime, InvalidInput, "same_signer", commands.receive, keeper, receipt(inspected_by="keeper.654004 "))
    runtime.run(acceptance.sign_inspection, inspector, document_id)
    refused(runtime, Conflict, "signed_already", acceptance.sign_inspection, inspector, document_id)


def test_an_inspector_may_have_signed_on_paper(house: House, runtime: Runtime, keeper: Actor, inspector: Actor) -> None:
    before = START - timedelta(hours=1)
    document_id = take_in(runtime, keeper, inspected_by="质检所 王工", inspected_at=before)
    row = acceptance_of(runtime, document_id)
    assert (row.inspector_id, row.inspector_name, row.inspected_at) == (None, "质检所 王工", before)
    assert row.state is AcceptanceState.UNREPORTED
    refused(runtime, Conflict, "signed_already", acceptance.sign_inspection, inspector, document_id)
    late = START + timedelta(minutes=1)
    refused(
        runtime,
        InvalidInput,
        "in_the_future",
        commands.receive,
        keeper,
        receipt(inspected_by="王工", inspected_at=late),
    )
    with pytest.raises(InvalidInput):
        receipt(inspected_at=before)


def test_the_result_is_reported_once_and_only_after_both_signed(
    house: House, runtime: Runtime, keeper: Actor, inspector: Actor, clock: Clock
) -> None:
    document_id = take_in(runtime, keeper)
    refused(runtime, Conflict, "unsigned", acceptance.report_acceptance, keeper, document_id, REPORT)
    runtime.run(acceptance.sign_inspection, inspector, document_id)
    at = clock.advance(days=1)
    runtime.run(acceptance.report_acceptance, keeper, document_id, REPORT)
    row = acceptance_of(runtime, document_id)
    assert (row.state, row.reported_at, row.reported_by_name) == (AcceptanceState.REPORTED, at, "keeper.654004")
    assert (row.reported_to, row.report_number) == (REPORT.reported_to, REPORT.report_number)
    refused(runtime, Conflict, "reported_already", acceptance.report_acceptance, keeper, document_id, REPORT)
    with pytest.raises(InvalidInput):
        AcceptanceReport(" ")


def test_a_reversed_receipt_is_neither_signed_nor_reported_nor_late(
    house: House, runtime: Runtime, keeper: Actor, inspector: Actor, clock: Clock
) -> None:
    document_id = take_in(runtime, keeper)
    runtime.run(commands.reverse_document, keeper, document_id, "录错")
    refused(runtime, WrongState, "wrong_state", acceptance.sign_inspection, inspector, document_id)
    refused(runtime, WrongState, "wrong_state", acceptance.report_acceptance, keeper, document_id, REPORT)
    clock.advance(days=30)
    row = acceptance_of(runtime, document_id)
    assert (row.state, row.is_overdue) == (AcceptanceState.REVERSED, False)
    assert runtime.read(acceptance_queries.count_acceptances, SYSTEM, AcceptanceFilter(only_overdue=True)) == 0


def test_other_documents_have_no_acceptance(house: House, runtime: Runtime, keeper: Actor, inspector: Actor) -> None:
    house.stock(house.lot(), 5)
    document_id = runtime.run(commands.issue, keeper, issue(IssueLineInput(TENT, 1)))
    refused(runtime, NotFound, "not_found", acceptance.sign_inspection, inspector, document_id)


def test_who_may_sign_and_who_sees(house: House, runtime: Runtime, keeper: Actor) -> None:
    document_id = take_in(runtime, keeper)
    number = acceptance_of(runtime, document_id).number
    for role in (Role.COMMANDER, Role.APPROVER, Role.AUDITOR):
        refused(runtime, Forbidden, "not_permitted", acceptance.sign_inspection, house.actor(role), document_id)
    for place in (VILLAGE, FARM):
        stranger = house.actor(Role.CUSTODIAN, place)
        refused(runtime, NotFound, "not_found", acceptance.sign_inspection, stranger, document_id)
        with pytest.raises(NotFound):
            runtime.read(acceptance_queries.acceptance, stranger, number)
        assert runtime.read(acceptance_queries.acceptances, stranger, AcceptanceFilter()) == []


def test_a_report_is_late_after_five_working_days(
    house: House, runtime: Runtime, keeper: Actor, inspector: Actor, clock: Clock
) -> None:
    """Monday the 12th: Tuesday is the first day, the Monday after it the fifth."""
    document_id = take_in(runtime, keeper)
    assert acceptance_of(runtime, document_id).report_due_on == date(2026, 1, 19)
    clock.now = START.replace(day=19, hour=15, minute=59)
    assert not acceptance_of(runtime, document_id).is_overdue, "23:59 on the last day in Beijing"
    clock.advance(minutes=1)
    assert acceptance_of(runtime, document_id).is_overdue
    late = AcceptanceFilter(only_overdue=True)
    assert [row.id for row in runtime.read(acceptance_queries.acceptances, keeper, late)] == [document_id]
    runtime.run(acceptance.sign_inspection, inspector, document_id)
    assert acceptance_of(runtime, document_id).is_overdue, "signed is not reported"
    runtime.run(acceptance.report_acceptance, inspector, document_id, REPORT)
    assert runtime.read(acceptance_queries.count_acceptances, keeper, late) == 0


def test_holidays_and_the_days_worked_for_them_count(house: House, runtime: Runtime, keeper: Actor) -> None:
    figures = (("acceptance.report_working_days", "3"), ("calendar.holidays", "2026-01-13..2026-01-16"), ("calendar.made_up_days", "2026-01-18"))  # fmt: skip
    given = [ParameterInput(key, value, "", "U", date(2026, 1, 1)) for key, value in figures]
    runtime.run(norms.save_parameters, SYSTEM, given)
    document_id = take_in(runtime, keeper)
    assert acceptance_of(runtime, document_id).report_due_on == date(2026, 1, 20), "Sunday 18, Monday 19, Tuesday 20"


def test_working_days() -> None:
    plain = Calendar()
    friday = date(2026, 1, 16)
    assert plain.after(friday, 1) == date(2026, 1, 19)
    assert plain.after(friday, 5) == date(2026, 1, 23)
    assert plain.after(date(2026, 1, 17), 1) == date(2026, 1, 19), "a Saturday's first working day is the Monday"
    assert days_of("none") == frozenset()
    assert days_of("2026-10-01..2026-10-03, 2026-05-01") == {date(2026, 10, day) for day in (1, 2, 3)} | {date(2026, 5, 1)}  # fmt: skip


@pytest.mark.parametrize("value", ["2026-02-30", "2026-10-07..2026-10-01", "x", "2026-01-01..2027-01-01", "2026/1/1"])
def test_a_calendar_that_cannot_be_read_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ParameterInput("calendar.holidays", value, "", "A", date(2026, 1, 1))
    assert [each.code for each in refusal.value.fields] == ["parameter_value"]


def test_the_list_narrows_and_counts(house: House, runtime: Runtime, keeper: Actor, inspector: Actor) -> None:
    first, second = take_in(runtime, keeper), take_in(runtime, keeper, source="红十字会")
    runtime.run(acceptance.sign_inspection, inspector, first)
    ask = lambda **where: {row.id for row in runtime.read(acceptance_queries.acceptances, keeper, AcceptanceFilter(**where))}  # noqa: E731 # fmt: skip
    assert ask() == {first, second}
    assert ask(state=AcceptanceState.UNSIGNED) == {second}
    assert ask(text="红十字") == {second}
    assert ask(site_code="pref-store") == set()
    assert runtime.read(acceptance_queries.count_acceptances, keeper, AcceptanceFilter()) == 2
    assert [house.organisations[CITY]] * 2 == [row.organisation_id for row in rows(runtime, Acceptance)]
