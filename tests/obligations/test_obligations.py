"""What is owed is given back in parts, in kind or in money, never more than is owed, and only by what is real."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from supplyops.kernel.access import SYSTEM, Actor, Role
from supplyops.kernel.errors import Forbidden, InvalidInput, NotFound, SupplyError
from supplyops.obligations import commands, queries
from supplyops.obligations.queries import ObligationFilter, ObligationRow
from supplyops.obligations.rules import (
    AgeBand,
    SettlementInput,
    SettlementKind,
    Standing,
    age_band,
    owes_for,
)
from supplyops.obligations.tables import ObligationSettlement
from supplyops.people.rules import Level
from supplyops.stock import commands as stock
from supplyops.stock import document_queries
from supplyops.stock.documents import ReceiptInput, ReceiptKind, ReceiptLineInput
from supplyops.transfers import commands as transfers
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.house import QUILT, TENT, VILLAGE
from tests.transfers.town import STREET, STREET_SHELF, STREET_STORE, Town, order
from tests.verify.test_tampering import without_guards


@pytest.fixture
def creditor(town: Town) -> Actor:
    """The street's clerk."""
    return town.actor(Role.CLERK, STREET)


def received(town: Town, quantity: int = 8, owner: str = STREET, sku: str = TENT) -> str:
    """A receipt of the street's store."""
    line = ReceiptLineInput(sku, quantity, quantity)
    made = town.runtime.run(
        stock.receive,
        town.actor(Role.KEEPER, STREET),
        ReceiptInput(ReceiptKind.PURCHASE, STREET_STORE, owner, "乡政府购还", "乡财政", START, (line,)),
    )
    return town.runtime.read(document_queries.document_by_id, SYSTEM, made).number


def lent_again(town: Town) -> str:
    """A second debt of the village to the street."""
    before = {each.number for each in town.runtime.read(queries.obligations, SYSTEM)}
    town.house.stock(town.house.lot(owner=STREET, number="S-2"), 20, STREET_SHELF)
    number = town.draft(order(), town.actor(Role.CLERK, VILLAGE))
    town.runtime.run(transfers.approve, town.actor(Role.APPROVER), number)
    town.send(number, town.actor(Role.KEEPER, STREET))
    town.arrive(number, town.actor(Role.KEEPER, VILLAGE))
    return next(each.number for each in town.runtime.read(queries.obligations, SYSTEM) if each.number not in before)


def row(town: Town) -> ObligationRow:
    return town.runtime.read(queries.obligations, SYSTEM)[0]


def money(debt: str, quantity: int, **more: Any) -> SettlementInput:
    own = {"amount_fen": quantity * 90_00, "voucher": "记-0042", **more}
    return SettlementInput(debt, TENT, quantity, SettlementKind.MONEY, **own)


def kind(debt: str, quantity: int, receipt: str, sku: str = TENT) -> SettlementInput:
    return SettlementInput(debt, sku, quantity, SettlementKind.IN_KIND, receipt)


def test_in_parts_in_kind_and_in_money(town: Town, debt: str, creditor: Actor) -> None:
    receipt = received(town)
    town.runtime.run(commands.settle, creditor, kind(debt, 5, receipt))
    assert (row(town).standing, row(town).lines[0].outstanding) == (Standing.PARTLY, 7)
    town.runtime.run(commands.settle, creditor, money(debt, 4))
    town.runtime.run(commands.settle, creditor, kind(debt, 3, receipt))
    assert (row(town).standing, row(town).outstanding_fen) == (Standing.SETTLED, 0)
    assert [(each.kind.value, each.quantity) for each in row(town).settlements] == [
        ("in_kind", 5),
        ("money", 4),
        ("in_kind", 3),
    ]
    assert town.unclean() == []
    assert town.runtime.read(queries.ageing, creditor) == []


def test_a_receipt_shows_no_more_than_it_holds_and_only_the_creditors_goods(
    town: Town, debt: str, creditor: Actor
) -> None:
    receipt, others, quilts = received(town, 8), received(town, 8, owner=VILLAGE), received(town, 8, sku=QUILT)
    town.runtime.run(commands.settle, creditor, kind(debt, 6, receipt))
    for wanted, field, code in (
        (kind(debt, 3, receipt), "receipt_number", "not_that_receipt"),
        (kind(debt, 1, others), "receipt_number", "not_that_receipt"),
        (kind(debt, 1, quilts), "receipt_number", "not_that_receipt"),
        (kind(debt, 1, "RK-none"), "receipt_number", "unknown_reference"),
        (kind(debt, 1, receipt, QUILT), "sku", "unknown_reference"),
        (money(debt, 7), "quantity", "more_than_owed"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            town.runtime.run(commands.settle, creditor, wanted)
        assert [(each.field, each.code) for each in refusal.value.fields] == [(field, code)]
    assert len(town.rows(ObligationSettlement)) == 1


def test_one_receipt_shown_for_two_debts_at_once_counts_once(
    town: Town, debt: str, creditor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = lent_again(town)
    receipt = received(town, 8)
    has_read, writing = threading.Event(), commands._write

    def slowly(*arguments: Any) -> None:
        if not has_read.is_set():
            has_read.set()
            time.sleep(0.5)  # the other one asks meanwhile what the receipt has left
        writing(*arguments)

    monkeypatch.setattr(commands, "_write", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(town.runtime.run, commands.settle, creditor, kind(debt, 8, receipt))
        assert has_read.wait(10)
        second = pool.submit(town.runtime.run, commands.settle, creditor, kind(other, 8, receipt))
        first.result()
        with pytest.raises(InvalidInput) as refused:
            second.result()
    assert [(field.field, field.code) for field in refused.value.fields] == [("receipt_number", "not_that_receipt")]
    rows = town.runtime.read(queries.obligations, SYSTEM)
    assert {each.number: each.lines[0].settled for each in rows} == {debt: 8, other: 0}


def test_what_a_reversed_receipt_showed_no_longer_counts(town: Town, debt: str, creditor: Actor) -> None:
    receipt = received(town)
    town.runtime.run(commands.settle, creditor, kind(debt, 8, receipt))
    document = town.runtime.read(document_queries.document, SYSTEM, receipt)
    town.runtime.run(stock.reverse_document, town.actor(Role.KEEPER, STREET), document.id, "录错")
    assert (row(town).standing, row(town).settlements[0].counts) == (Standing.OPEN, False)
    town.runtime.run(commands.settle, creditor, money(debt, 12))
    assert row(town).standing is Standing.SETTLED
    assert town.unclean() == []


@pytest.mark.parametrize(
    ("role", "organisation", "refused"),
    [(Role.CLERK, VILLAGE, Forbidden), (Role.KEEPER, STREET, Forbidden), (Role.CLERK, "x61", NotFound)],
)
def test_only_the_creditor_says_it_was_given_back(
    town: Town, debt: str, role: Role, organisation: str, refused: type[SupplyError]
) -> None:
    with pytest.raises(refused):
        town.runtime.run(commands.settle, town.actor(role, organisation), money(debt, 1))
    assert town.rows(ObligationSettlement) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: money("QH-1", 1, voucher=""),
        lambda: money("QH-1", 1, amount_fen=0),
        lambda: money("QH-1", 0),
        lambda: money("QH-1", 1, receipt_number="RK-1"),
        lambda: kind("QH-1", 1, ""),
        lambda: SettlementInput("QH-1", TENT, 1, SettlementKind.IN_KIND, "RK-1", amount_fen=5),
    ],
)
def test_goods_have_a_receipt_and_money_a_voucher(make: Callable[[], SettlementInput]) -> None:
    with pytest.raises(InvalidInput):
        make()


def test_it_ages(town: Town, debt: str, creditor: Actor, clock: Clock) -> None:
    due = date(2026, 1, 12) + timedelta(days=180)
    assert row(town).due_on == due
    late = ObligationFilter(only_overdue=True)
    assert town.runtime.read(queries.obligations, creditor, late) == []
    for days, band in ((181, AgeBand.TO_30), (30, AgeBand.TO_90), (60, AgeBand.OVER_90)):
        clock.advance(days=days)
        assert [each.band for each in town.runtime.read(queries.obligations, creditor, late)] == [band]
    [summed] = town.runtime.read(queries.ageing, creditor)
    assert (summed.over_90_fen, summed.total_fen, summed.count) == (12 * 100_00, 12 * 100_00, 1)


def test_bands_change_on_their_days() -> None:
    today = date(2026, 7, 1)
    found = [age_band(today - timedelta(days=late), today) for late in (-1, 0, 1, 30, 31, 90, 91)]
    assert found == [
        AgeBand.NOT_DUE,
        AgeBand.NOT_DUE,
        AgeBand.TO_30,
        AgeBand.TO_30,
        AgeBand.TO_90,
        AgeBand.TO_90,
        AgeBand.OVER_90,
    ]
    assert age_band(None, today) is AgeBand.NOT_DUE


def test_who_owes_whom() -> None:
    city, town_, other = "/r/p/c/", "/r/p/c/t/", "/r/p/c/u/"
    owes = owes_for
    assert owes(Level.TOWNSHIP, town_, Level.CITY, city, other, same_house=False)
    assert not owes(Level.TOWNSHIP, town_, Level.CITY, city, town_ + "v/", same_house=False), "its own people got them"
    assert not owes(Level.PREFECTURE, "/r/p/", Level.CITY, city, town_, same_house=False), "support from above"
    assert not owes(Level.CITY, city + "o/", Level.CITY, city, town_, same_house=True)
    assert owes(Level.CITY, "/r/p/d/", Level.CITY, city, town_, same_house=False), "a neighbouring city"
    assert owes(Level.OUTSIDE, "/r/x/", Level.CITY, city, town_, same_house=False)


PLANTED = {
    "more settled than owed": "UPDATE obligation_line SET quantity = 4",
    "a receipt that is none": "UPDATE obligation_settlement SET document_id = line_id WHERE kind = 'in_kind'",
    "money without a voucher": "UPDATE obligation_settlement SET voucher = '' WHERE kind = 'money'",
    "a debt for nothing": "UPDATE obligation SET basis_id = creditor_id",
}


@pytest.mark.parametrize("violation", PLANTED)
def test_a_planted_violation_is_found(town: Town, debt: str, creditor: Actor, violation: str) -> None:
    town.runtime.run(commands.settle, creditor, kind(debt, 5, received(town)))
    town.runtime.run(commands.settle, creditor, money(debt, 2))
    assert town.unclean() == []
    without_guards(town.runtime.database, PLANTED[violation])
    assert "I51" in {finding.id for finding in verify(town.runtime.database) if not finding.is_clean}
