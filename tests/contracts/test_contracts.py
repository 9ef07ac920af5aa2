"""Keeping contracts, drawing on them, and what is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from supplyops.cli.failure import Failure
from supplyops.cli.nouns import quantities
from supplyops.contracts import commands, queries
from supplyops.contracts.drawing import ContractUsedUp
from supplyops.contracts.rules import (
    CallOffInput,
    CallOffLine,
    CallOffState,
    ContractInput,
    ContractLineInput,
    ContractType,
    Ramp,
    available_from,
    served,
)
from supplyops.contracts.tables import CallOff
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SupplyError, WrongState
from supplyops.kernel.reference import DocumentRef
from supplyops.people import commands as people
from supplyops.people.rules import Level, OrganisationInput, OrganisationKind
from supplyops.runtime import Runtime
from tests.conftest import START, Clock
from tests.copies import copied_up_to
from tests.house import CITY, CITY_STORE, FARM, QUILT, TENT, VILLAGE, VILLAGE_STORE, build_house
from tests.once import once

SUPPLIER, RIVAL = "sup-a", "sup-b"
HEAD = ContractInput("HT-1", "帐篷应急供货", ContractType.CAPACITY, SUPPLIER, CITY, date(2026, 1, 1), date(2026, 1, 31))
TENTS = ContractLineInput("HT-1", 1, 100, 980_00, sku=TENT, minimum_order=10, ramp=(Ramp(24, 200), Ramp(48, 1000)))
QUILTS = ContractLineInput("HT-1", 2, 50, 90_00, sku=QUILT)
CAUSE = DocumentRef("test", UUID(int=1), "DL-1")


class Desk:
    """A buyer with one contract of two lines."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.house = runtime, build_house(runtime)
        bodies = [
            OrganisationInput(
                code, f"供应商{code}", OrganisationKind.ENTERPRISE, Level.OUTSIDE, "654004", in_chain=False
            )
            for code in (SUPPLIER, RIVAL)
        ]
        runtime.run(people.save_organisations, SYSTEM, bodies)
        runtime.run(commands.save_contracts, SYSTEM, [HEAD])
        runtime.run(commands.save_contract_lines, SYSTEM, [TENTS, QUILTS])

    @property
    def contract(self) -> queries.ContractRow:
        return self.runtime.read(queries.contract, SYSTEM, "HT-1")

    @property
    def remaining(self) -> list[int]:
        return [line.remaining for line in self.contract.lines]

    def order(self, *quantities: int) -> CallOffInput:
        site = self.house.sites[VILLAGE_STORE]
        lines = tuple(
            CallOffLine(line.id, quantity, site, START + timedelta(days=1))
            for line, quantity in zip(self.contract.lines, quantities, strict=False)
            if quantity
        )
        return CallOffInput(self.contract.id, "抗震救灾", lines, CAUSE)

    def call(self, *quantities: int, role: Role = Role.APPROVER, at: str = CITY) -> UUID:
        return self.runtime.run(commands.call_off, self.house.actor(role, at), self.order(*quantities))

    def snapshot(self) -> tuple[object, ...]:
        return self.contract, tuple(self.runtime.read(queries.call_offs, SYSTEM))

    def refused(self, do: Callable[[], object]) -> SupplyError:
        before = self.snapshot()
        with pytest.raises(SupplyError) as refusal:
            do()
        assert self.snapshot() == before
        return refusal.value


@pytest.fixture
@once
def desk(runtime: Runtime) -> Desk:
    return Desk(runtime)


def test_a_call_off_lowers_what_remains_and_has_a_time_to_answer(desk: Desk) -> None:
    call_off_id = desk.call(60, 50)
    assert desk.remaining == [40, 0]
    row = desk.runtime.read(queries.call_off, SYSTEM, call_off_id)
    assert (row.number, row.state, row.confirm_by) == (
        "QY-654004-20260112-0001",
        CallOffState.NOTIFIED,
        START + timedelta(minutes=30),
    )
    assert [(item.item_name, item.quantity, item.serves) for item in row.items] == [
        ("12m²棉帐篷", 60, 60),
        ("棉被", 50, 50),
    ]


def test_a_call_off_is_taken_whole_or_not_at_all(desk: Desk) -> None:
    error = desk.refused(lambda: desk.call(20, 51))
    assert isinstance(error, ContractUsedUp)
    assert error.params == {"contract": "HT-1", "line_no": 2, "requested": 51, "remaining": 50}


def test_lines_of_one_order_count_together(desk: Desk) -> None:
    order = desk.order(60)
    twice = replace(order, lines=order.lines * 2)
    actor = desk.house.actor(Role.APPROVER)
    assert isinstance(desk.refused(lambda: desk.runtime.run(commands.call_off, actor, twice)), ContractUsedUp)


def test_small_orders_and_strange_lines_are_refused(desk: Desk) -> None:
    assert isinstance(desk.refused(lambda: desk.call(9)), InvalidInput)
    order = desk.order(20)
    strange = replace(order, lines=(replace(order.lines[0], contract_line_id=UUID(int=9)),))
    actor = desk.house.actor(Role.APPROVER)
    error = desk.refused(lambda: desk.runtime.run(commands.call_off, actor, strange))
    assert [field.field for field in error.fields] == ["lines.0.contract_line_id"]  # type: ignore[attr-defined]


def test_a_contract_holds_from_its_first_to_its_last_day(desk: Desk, clock: Clock) -> None:
    clock.advance(days=19)
    desk.call(20)
    clock.advance(days=1)
    assert isinstance(desk.refused(lambda: desk.call(20)), WrongState)


def test_only_the_buyer_calls(desk: Desk) -> None:
    assert isinstance(desk.refused(lambda: desk.call(20, at=FARM)), NotFound)
    assert isinstance(desk.refused(lambda: desk.call(20, at=VILLAGE)), Forbidden)
    assert isinstance(desk.refused(lambda: desk.call(20, role=Role.CLERK)), Forbidden)


def test_a_supplier_sees_its_own_and_nothing_else(desk: Desk) -> None:
    desk.call(20)
    own, rival = desk.house.actor(Role.SUPPLIER, SUPPLIER), desk.house.actor(Role.SUPPLIER, RIVAL)
    assert [row.number for row in desk.runtime.read(queries.contracts, own)] == ["HT-1"]
    assert len(desk.runtime.read(queries.call_offs, own)) == 1
    assert desk.runtime.read(queries.contracts, rival) == []
    assert desk.runtime.read(queries.call_offs, rival) == []
    with pytest.raises(NotFound):
        desk.runtime.read(queries.contract, rival, "HT-1")


def test_what_is_not_promised_can_be_called_again(desk: Desk) -> None:
    call_off_id = desk.call(60)
    (item,) = desk.runtime.read(queries.call_off, SYSTEM, call_off_id).items
    supplier = desk.house.actor(Role.SUPPLIER, SUPPLIER)
    for answer in ({item.id: 61}, {item.id: -1}, {UUID(int=3): 1}):
        refuse = lambda answer=answer: desk.runtime.run(  # noqa: E731
            commands.confirm_call_off, supplier, call_off_id, answer, "张"
        )
        assert isinstance(desk.refused(refuse), InvalidInput)
    desk.runtime.run(commands.confirm_call_off, supplier, call_off_id, {item.id: 45}, "张")
    assert desk.remaining == [55, 50]
    desk.runtime.run(commands.cancel_call_off, desk.house.actor(Role.APPROVER), call_off_id, "不需要")
    assert desk.remaining == [100, 50]


def test_one_contract_line_for_two_places_is_two_lines_of_the_call_off_with_numbers_of_their_own(desk: Desk) -> None:
    (tents, _) = desk.contract.lines
    due = START + timedelta(days=1)
    places = (desk.house.sites[VILLAGE_STORE], desk.house.sites[CITY_STORE])
    lines = tuple(CallOffLine(tents.id, 20, site, due) for site in places)
    order = CallOffInput(desk.contract.id, "抗震救灾", lines, CAUSE)
    call_off_id = desk.runtime.run(commands.call_off, desk.house.actor(Role.APPROVER), order)
    items = desk.runtime.read(queries.call_off, SYSTEM, call_off_id).items
    assert [(item.line_no, item.quantity) for item in items] == [(1, 20), (2, 20)]
    assert quantities(["2=5"], items, "--promise") == {items[1].id: 5}
    with pytest.raises(Failure, match="2 行符合"):
        quantities([f"{TENT}=5"], items, "--promise")


def test_received_goods_count_up_to_what_was_promised(desk: Desk) -> None:
    call_off_id = desk.call(60)
    (item,) = desk.runtime.read(queries.call_off, SYSTEM, call_off_id).items
    receive = lambda quantity: desk.runtime.run(commands.note_received, SYSTEM, item.id, quantity)  # noqa: E731
    assert isinstance(desk.refused(lambda: receive(1)), WrongState)
    desk.runtime.run(commands.confirm_call_off, desk.house.actor(Role.CLERK), call_off_id, {item.id: 50}, "张")
    receive(20)
    assert desk.runtime.read(queries.call_off, SYSTEM, call_off_id).state is CallOffState.CONFIRMED
    assert isinstance(desk.refused(lambda: receive(31)), InvalidInput)
    cancel = lambda: desk.runtime.run(  # noqa: E731
        commands.cancel_call_off, desk.house.actor(Role.APPROVER), call_off_id, "不需要"
    )
    assert isinstance(desk.refused(cancel), Conflict)
    receive(30)
    row = desk.runtime.read(queries.call_off, SYSTEM, call_off_id)
    assert (row.state, row.items[0].received) == (CallOffState.RECEIVED, 50)
    assert isinstance(desk.refused(lambda: receive(1)), WrongState)


def test_a_line_never_falls_below_what_was_called(desk: Desk) -> None:
    desk.call(60)
    fewer = lambda: desk.runtime.run(  # noqa: E731
        commands.save_contract_lines,
        SYSTEM,
        [replace(QUILTS, guaranteed_quantity=70), replace(TENTS, guaranteed_quantity=59)],
    )
    error = desk.refused(fewer)
    assert [(field.field, field.code) for field in error.fields] == [("1.guaranteed_quantity", "below_called")]  # type: ignore[attr-defined]
    desk.runtime.run(commands.save_contract_lines, SYSTEM, [replace(TENTS, guaranteed_quantity=60)])
    assert desk.remaining == [0, 50]


def test_contracts_are_kept_by_their_buyer_and_name_what_exists(desk: Desk) -> None:
    save = lambda role, at, head: desk.runtime.run(  # noqa: E731
        commands.save_contracts, desk.house.actor(role, at), [head]
    )
    changed = replace(HEAD, title="改名")
    assert isinstance(desk.refused(lambda: save(Role.CLERK, VILLAGE, changed)), Forbidden)
    assert isinstance(desk.refused(lambda: save(Role.APPROVER, CITY, changed)), Forbidden)
    strange = desk.refused(lambda: save(Role.CLERK, CITY, replace(HEAD, supplier_code="nobody")))
    assert [field.field for field in strange.fields] == ["0.supplier_code"]  # type: ignore[attr-defined]
    save(Role.CLERK, CITY, changed)
    assert desk.contract.title == "改名"


def test_a_ramp_gives_shares_of_the_guarantee_capped_by_what_remains() -> None:
    hours = lambda n: timedelta(hours=n)  # noqa: E731
    ramp = (Ramp(24, 200), Ramp(48, 500), Ramp(72, 1000))
    assert available_from(12, (), 70, 100) == ((hours(12), 70),)
    assert available_from(12, ramp, 100, 100) == ((hours(24), 20), (hours(48), 50), (hours(72), 100))
    assert available_from(30, ramp, 45, 100) == ((hours(30), 20), (hours(48), 45))


def test_a_part_of_a_substitute_stands_for_whole_units() -> None:
    assert [served(100, 50, part) for part in (0, 1, 2, 81, 100)] == [0, 0, 1, 40, 50]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ramp": (Ramp(24, 500), Ramp(24, 600))}, "bad_ramp"),
        ({"ramp": (Ramp(24, 500), Ramp(48, 400))}, "bad_ramp"),
        ({"vehicle_type": "V3"}, "item_or_vehicle"),
        ({"minimum_order": 101}, "too_large"),
    ],
)
def test_impossible_lines_are_not_even_written_down(change: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        replace(TENTS, **change)  # type: ignore[arg-type]


def test_years_of_call_offs_are_read_by_pages_and_one_by_its_number(desk: Desk) -> None:
    call_off_id = desk.call(20)
    copied_up_to(desk.runtime, CallOff, 130)
    first, last = (desk.runtime.read(queries.call_offs, SYSTEM, offset=offset, limit=50) for offset in (0, 100))
    assert (len(first), len(last), desk.runtime.read(queries.count_call_offs, SYSTEM)) == (50, 30, 130)
    assert not {row.id for row in first} & {row.id for row in last}
    assert desk.runtime.read(queries.call_offs, SYSTEM, state=CallOffState.REFUSED) == []
    assert desk.runtime.read(queries.count_call_offs, SYSTEM, CallOffState.REFUSED) == 0
    own = desk.runtime.read(queries.call_off, SYSTEM, call_off_id)
    for reference in (own.number, str(own.id)):
        assert desk.runtime.read(queries.call_off_named, SYSTEM, reference) == own
    with pytest.raises(NotFound):
        desk.runtime.read(queries.call_off_named, desk.house.actor(Role.SUPPLIER, RIVAL), own.number)
