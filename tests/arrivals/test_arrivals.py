"""A delivery from its announcement to the report: in one go, in several, refused at the gate, taken back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from supplyops.arrivals import commands, queries
from supplyops.arrivals.queries import ArrivalFilter, ArrivalRow
from supplyops.arrivals.rules import (
    ArrivalAcceptance,
    ArrivalAcceptanceLine,
    ArrivalInspection,
    ArrivalNotice,
    ArrivalNoticeLine,
    ArrivalState,
)
from supplyops.arrivals.tables import Arrival, ArrivalLine, ArrivalLoad, ArrivalReceipt
from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, SupplyError, WrongState
from supplyops.papers.tables import Paper
from supplyops.runtime import Runtime
from supplyops.stock import acceptance
from supplyops.stock import commands as stock
from supplyops.stock.documents import AcceptanceReport, ReceiptKind
from supplyops.stock.tables import Acceptance, Lot, StockBalance, StockDocument, StockMove
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.house import (
    CITY,
    CITY_QUARANTINE,
    CITY_SHELF,
    CITY_STORE,
    FARM,
    PREFECTURE,
    QUILT,
    TENT,
    VILLAGE,
    House,
    build_house,
)
from tests.once import once
from tests.stock.test_store_documents import rows

DUE = date(2026, 1, 14)
TABLES = (
    Arrival,
    ArrivalLine,
    ArrivalLoad,
    ArrivalReceipt,
    StockDocument,
    StockMove,
    StockBalance,
    Lot,
    Acceptance,
    Paper,
)


def notice(*lines: ArrivalNoticeLine, **more: Any) -> ArrivalNotice:
    given = {
        "kind": ReceiptKind.ALLOCATION,
        "site_code": CITY_STORE,
        "owner_code": CITY,
        "source": "州粮食和物资储备局",
        "fund_source": "州级财政",
        "expected_on": DUE,
        "source_document": "伊州应急〔2026〕2号",
    }
    tents = ArrivalNoticeLine(TENT, 100, 3_200_00, "新疆某帐篷厂")
    return ArrivalNotice(lines=lines or (tents, ArrivalNoticeLine(QUILT, 400)), **given | more)


class Gate:
    """One delivery, and the two people who meet it."""

    def __init__(self, house: House) -> None:
        self.house, self.runtime = house, house.runtime
        self.clerk, self.keeper = house.actor(Role.CLERK), house.actor(Role.KEEPER)
        self.id = self.runtime.run(commands.announce, self.clerk, notice())

    @property
    def row(self) -> ArrivalRow:
        return self.runtime.read(queries.arrival_by_id, SYSTEM, self.id)

    def inspect(self, actor: Actor | None = None, **more: Any) -> UUID:
        inspection = ArrivalInspection(**{"arrived_at": START, "seal_number": "FH-1", "is_seal_intact": True, **more})
        return self.runtime.run(commands.inspect, actor or self.clerk, self.id, inspection)

    def accept(self, *lines: ArrivalAcceptanceLine, actor: Actor | None = None, **more: Any) -> UUID:
        return self.runtime.run(
            commands.accept, actor or self.keeper, self.id, ArrivalAcceptance(lines or (ArrivalAcceptanceLine(1, 100, 100), ArrivalAcceptanceLine(2, 400, 400)), **more)
        )  # fmt: skip

    def refused(self, error: type[SupplyError], code: str, do: Any, *arguments: Any, **named: Any) -> SupplyError:
        """Refused with that code; not one row has changed."""
        before = self.books()
        with pytest.raises(error) as refusal:
            do(*arguments, **named)
        codes = {each.code for each in getattr(refusal.value, "fields", ())} | {refusal.value.code}
        assert code in codes, refusal.value
        assert self.books() == before
        return refusal.value

    def books(self) -> list[Any]:
        return [
            [tuple(getattr(row, column.name) for column in kind.__table__.columns) for row in rows(self.runtime, kind)]
            for kind in TABLES
        ]

    def check(self) -> None:
        assert [finding for finding in verify(self.runtime.database) if not finding.is_clean] == []


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@pytest.fixture
@once
def gate(runtime: Runtime) -> Gate:
    return Gate(build_house(runtime))


def test_announced_inspected_accepted_reported(gate: Gate, clock: Clock) -> None:
    row = gate.row
    assert (row.number, row.state, row.is_late) == ("DH-654004-20260112-0001", ArrivalState.ANNOUNCED, False)
    assert [(line.sku, line.quantity, line.outstanding) for line in row.lines] == [(TENT, 100, 100), (QUILT, 400, 400)]
    gate.inspect()
    assert gate.row.state is ArrivalState.INSPECTED
    assert gate.row.waiting_load.inspector_name == "clerk.654004"  # type: ignore[union-attr]
    clock.advance(hours=1)
    document_id = gate.accept(conclusion="合格")
    row = gate.row
    assert (row.state, row.waiting_load, [line.outstanding for line in row.lines]) == (
        ArrivalState.ACCEPTED,
        None,
        [0, 0],
    )
    (document,) = rows(gate.runtime, StockDocument)
    assert (document.id, row.loads[0].document_number) == (document_id, document.number)
    (paper,) = rows(gate.runtime, Paper)
    told = paper.content
    assert (told["receipt_kind"], told["source_document"], told["seal_number"], told["is_seal_intact"]) == (
        "上级划转", "伊州应急〔2026〕2号", "FH-1", True,
    )  # fmt: skip
    assert (told["inspected"]["name"], told["stored"]["name"]) == ("clerk.654004", "keeper.654004")
    lots = {lot.item_id: lot for lot in rows(gate.runtime, Lot)}
    tents = lots[gate.house.items[TENT]]
    assert (tents.unit_price_fen, tents.manufacturer, tents.fund_source) == (3_200_00, "新疆某帐篷厂", "州级财政")
    assert gate.house.balance(tents.id) == (100, 0)
    report = AcceptanceReport("霍尔果斯市应急管理局")
    gate.runtime.run(acceptance.report_acceptance, gate.keeper, document_id, report)
    assert gate.row.state is ArrivalState.REPORTED
    gate.refused(WrongState, "wrong_state", gate.inspect)
    gate.check()


def test_it_may_come_in_several_goes(gate: Gate) -> None:
    gate.inspect()
    gate.accept(ArrivalAcceptanceLine(1, 60, 55, 5, maker_batch="A"), shortage_handling="5 顶破损退换")
    row = gate.row
    assert (row.state, [line.outstanding for line in row.lines]) == (ArrivalState.PARTLY, [45, 400])
    assert (row.lines[0].accepted, row.lines[0].rejected) == (55, 5)
    gate.refused(WrongState, "wrong_state", gate.accept)
    gate.inspect(vehicle="新F20001")
    gate.accept(
        ArrivalAcceptanceLine(1, 45, 20, produced_on=date(2025, 11, 1)),
        ArrivalAcceptanceLine(1, 0, 25, produced_on=date(2025, 12, 1)),
        ArrivalAcceptanceLine(2, 400, 400),
        shortage_handling="清单合并写了一行",
    )
    row = gate.row
    assert (row.state, [line.accepted for line in row.lines]) == (ArrivalState.ACCEPTED, [100, 400])
    assert [load.load_no for load in row.loads] == [1, 2]
    tents = [lot.id for lot in rows(gate.runtime, Lot) if lot.item_id == gate.house.items[TENT]]
    assert sorted(gate.house.balance(lot, CITY_SHELF)[0] for lot in tents) == [20, 25, 55]
    assert sum(gate.house.balance(lot, CITY_QUARANTINE)[0] for lot in tents) == 5
    gate.check()


def test_the_rest_may_stay_away(gate: Gate) -> None:
    close = lambda because: gate.runtime.run(commands.close, gate.clerk, gate.id, because)  # noqa: E731
    gate.refused(WrongState, "wrong_state", close, "不来了")
    gate.inspect()
    gate.refused(WrongState, "wrong_state", close, "不来了")
    gate.accept(ArrivalAcceptanceLine(1, 60, 60))
    gate.refused(InvalidInput, "required", close, " ")
    close("州库调整")
    assert (gate.row.state, gate.row.ended_because) == (ArrivalState.ACCEPTED, "州库调整")
    gate.refused(WrongState, "wrong_state", gate.inspect)
    gate.check()


def test_an_announcement_is_taken_back_only_before_anything_came(gate: Gate) -> None:
    cancel = lambda because: gate.runtime.run(commands.cancel, gate.clerk, gate.id, because)  # noqa: E731
    gate.refused(InvalidInput, "required", cancel, "")
    gate.inspect()
    gate.refused(WrongState, "wrong_state", cancel, "改期")
    gate.inspect(is_refused=True, finding="封签被撬")
    assert gate.row.state is ArrivalState.ANNOUNCED
    cancel("退回发货单位")
    assert gate.row.state is ArrivalState.CANCELLED
    gate.refused(WrongState, "wrong_state", gate.inspect)
    gate.refused(WrongState, "wrong_state", cancel, "再来")


def test_a_load_sent_back_is_not_taken_in_and_another_may_come(gate: Gate) -> None:
    gate.inspect(is_refused=True, finding="与清单不符", matches_list=False)
    gate.refused(WrongState, "wrong_state", gate.accept)
    gate.inspect()
    gate.accept()
    assert [(load.is_refused, bool(load.document_number)) for load in gate.row.loads] == [(True, False), (False, True)]


def test_looking_anew_replaces_what_was_found(gate: Gate) -> None:
    gate.inspect(seal_number="写错")
    gate.inspect(gate.keeper, seal_number="FH-2")
    assert [load.ended_at is None for load in gate.row.loads] == [False, True]
    gate.refused(Conflict, "same_signer", gate.accept)
    gate.inspect(seal_number="FH-2")
    gate.accept()
    assert rows(gate.runtime, Paper)[0].content["seal_number"] == "FH-2"


@pytest.mark.parametrize(
    "fault", [{"is_seal_intact": False}, {"is_appearance_good": False}, {"matches_list": False}, {"is_refused": True}]
)
def test_what_is_wrong_with_a_load_is_written_down(gate: Gate, fault: dict[str, bool]) -> None:
    error = gate.refused(InvalidInput, "required", gate.inspect, **fault)
    assert [each.field for each in error.fields] == ["finding"]  # type: ignore[attr-defined]
    gate.inspect(**fault, finding="如实记录")


def test_two_people_meet_a_load(gate: Gate) -> None:
    gate.inspect(gate.keeper)
    gate.refused(Conflict, "same_signer", gate.accept)
    gate.inspect()
    document_id = gate.accept()
    (row,) = rows(gate.runtime, Acceptance)
    assert (row.id, row.inspector_id, row.keeper_id) == (document_id, gate.clerk.user_id, gate.keeper.user_id)


def test_nothing_is_taken_in_unseen(gate: Gate) -> None:
    gate.refused(WrongState, "wrong_state", gate.accept)
    gate.refused(InvalidInput, "in_the_future", gate.inspect, arrived_at=START + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("lines", "more", "code"),
    [
        ((ArrivalAcceptanceLine(3, 1, 1),), {}, "unknown_reference"),
        ((ArrivalAcceptanceLine(1, 100, 99),), {}, "difference_unexplained"),
        ((ArrivalAcceptanceLine(1, 101, 101),), {}, "more_than_announced"),
        ((ArrivalAcceptanceLine(1, 60, 60), ArrivalAcceptanceLine(1, 60, 60)), {}, "more_than_announced"),
        ((ArrivalAcceptanceLine(1, 0, 0),), {"shortage_handling": "x"}, "nothing_received"),
        ((ArrivalAcceptanceLine(1),), {}, "nothing_received"),
        ((ArrivalAcceptanceLine(1, 1, 1, location_code="village-shelf"),), {}, "unknown_reference"),
    ],
)
def test_a_load_that_does_not_fit_is_refused_whole(
    gate: Gate, lines: tuple[ArrivalAcceptanceLine, ...], more: dict[str, str], code: str
) -> None:
    gate.inspect()
    gate.refused(InvalidInput, code, gate.accept, *lines, **more)
    assert gate.row.state is ArrivalState.INSPECTED


def test_lines_of_which_nothing_came_are_left_out_and_errors_keep_their_place(gate: Gate) -> None:
    gate.inspect()
    bad = ArrivalAcceptanceLine(2, 5, 5, location_code="nowhere")
    error = gate.refused(InvalidInput, "unknown_reference", gate.accept, ArrivalAcceptanceLine(1), bad)
    assert [each.field for each in error.fields] == ["lines.1.location_code"]  # type: ignore[attr-defined]
    gate.accept(ArrivalAcceptanceLine(1), ArrivalAcceptanceLine(2, 5, 5))
    assert [line.accepted for line in gate.row.lines] == [0, 5]


def test_a_surplus_is_taken_in_with_a_word_on_it(gate: Gate) -> None:
    gate.inspect()
    gate.accept(ArrivalAcceptanceLine(1, 102, 102), shortage_handling="多发两顶,按实收入账")
    assert [(line.accepted, line.outstanding) for line in gate.row.lines] == [(102, 0), (0, 400)]


def test_a_receipt_taken_back_is_expected_again(gate: Gate) -> None:
    gate.inspect()
    document_id = gate.accept()
    gate.runtime.run(stock.reverse_document, gate.keeper, document_id, "录错")
    row = gate.row
    assert (row.state, [line.outstanding for line in row.lines]) == (ArrivalState.ANNOUNCED, [100, 400])
    gate.inspect()
    gate.accept()
    assert gate.row.state is ArrivalState.ACCEPTED
    gate.check()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"site_code": "nowhere"}, "site_code"),
        ({"owner_code": "nobody"}, "owner_code"),
        ({"lines": (ArrivalNoticeLine("ZZZZZZ", 1),)}, "lines.0.sku"),
        ({"lines": ()}, "lines"),
        ({"source": " "}, "source"),
    ],
)
def test_an_announcement_names_what_is_there(gate: Gate, more: dict[str, Any], field: str) -> None:
    lines = more.get("lines", (ArrivalNoticeLine(TENT, 1),))
    rest = {name: value for name, value in more.items() if name != "lines"}
    given = {"kind": ReceiptKind.DONATION, "site_code": CITY_STORE, "owner_code": CITY, "source": "某企业", "fund_source": "捐赠", "expected_on": DUE}  # fmt: skip
    error = gate.refused(
        InvalidInput, "invalid_input", lambda: gate.runtime.run(commands.announce, gate.clerk, ArrivalNotice(lines=lines, **given | rest))
    )  # fmt: skip
    assert [each.field for each in error.fields] == [field]  # type: ignore[attr-defined]


def test_who_may_do_what(gate: Gate) -> None:
    run = gate.runtime.run
    for role in (Role.COMMANDER, Role.APPROVER):
        gate.refused(Forbidden, "not_permitted", run, commands.announce, gate.house.actor(role), notice())
    for place in (VILLAGE, FARM):
        stranger = gate.house.actor(Role.KEEPER, place)
        gate.refused(NotFound, "not_found", gate.inspect, stranger)
        gate.refused((Forbidden, InvalidInput), "unknown_reference", run, commands.announce, stranger, notice())  # type: ignore[arg-type]
        assert gate.runtime.read(queries.arrivals, stranger, ArrivalFilter()) == []
        with pytest.raises(NotFound):
            gate.runtime.read(queries.arrival, stranger, gate.row.number)
    higher = gate.house.actor(Role.CLERK, PREFECTURE)
    run(commands.announce, higher, notice())
    assert gate.runtime.read(queries.count_arrivals, gate.keeper, ArrivalFilter()) == 2


def test_a_list_narrows_by_what_a_delivery_waits_for(gate: Gate, clock: Clock) -> None:
    second = gate.runtime.run(
        commands.announce, gate.clerk, notice(kind=ReceiptKind.DONATION, source="红十字会", expected_on=DUE + timedelta(days=9))
    )  # fmt: skip
    ask = lambda **where: [row.id for row in gate.runtime.read(queries.arrivals, gate.keeper, ArrivalFilter(**where))]  # noqa: E731
    assert ask() == [second, gate.id]
    assert ask(kind=ReceiptKind.DONATION) == ask(text="红十字") == [second]
    gate.inspect()
    assert ask(state=ArrivalState.INSPECTED) == [gate.id]
    clock.advance(days=3)
    assert ask(only_late=True) == [gate.id]
    assert gate.row.is_late
    gate.accept()
    assert (ask(only_late=True), ask(only_open=True)) == ([], [second])
    assert ask(site_code="pref-store") == []


def test_the_owner_follows_its_goods_in_another_bodys_store(house: House) -> None:
    """The prefecture's goods go into the city's store: its clerk sees the delivery and how much has come."""
    gate = Gate(house)
    gate.id = gate.runtime.run(commands.announce, gate.clerk, notice(owner_code=PREFECTURE))
    gate.inspect()
    gate.accept(ArrivalAcceptanceLine(1, 60, 60))
    owner = house.actor(Role.KEEPER, PREFECTURE)
    (row,) = [row for row in gate.runtime.read(queries.arrivals, owner, ArrivalFilter()) if row.id == gate.id]
    assert (row.state, row.lines[0].accepted, row.site_name) == (ArrivalState.PARTLY, 60, "霍尔果斯市库")
