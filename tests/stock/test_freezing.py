"""A place that is being counted stands still: nothing moves there, unless somebody says why, and that is kept."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supplyops.audit.tables import JournalEntry
from supplyops.kernel.access import SYSTEM, Actor, Permission, Role
from supplyops.kernel.errors import Conflict, InvalidInput
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.tables import Paper
from supplyops.places import commands as places
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationInput, LocationKind
from supplyops.places.tables import Location
from supplyops.runtime import Context, Runtime, command
from supplyops.stock import commands, document_queries, freezing, ledger
from supplyops.stock.document_queries import StockDocumentRow
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.rules import Hold, Leg, MoveReason, Posting
from supplyops.stock.tables import FreezeBypass, LocationFreeze, StockBalance, StockMove
from supplyops.verify.books import verify
from tests.conftest import START
from tests.house import CITY, CITY_QUARANTINE, CITY_SHELF, CITY_STORE, TENT, VILLAGE_SHELF, House, build_house

COUNT = DocumentRef("stock_count", UUID(int=77), "PD-654004-20260112-0001")
ISSUE = IssueInput(IssueKind.DISTRIBUTION, CITY_STORE, CITY, "卡拉苏街道", "安置", (IssueLineInput(TENT, 2),))


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


@pytest.fixture
def keeper(house: House) -> Actor:
    return house.actor(Role.KEEPER)


def frozen(house: House, *codes: str) -> None:
    house.runtime.run(freezing.freeze, SYSTEM, [house.locations[code] for code in codes], COUNT)


def number_of(runtime: Runtime, kind: type) -> int:
    with runtime.database.read() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_nothing_leaves_or_enters_a_frozen_place(house: House, runtime: Runtime, keeper: Actor) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    frozen(house, CITY_SHELF)
    before = number_of(runtime, StockMove)
    with pytest.raises(Conflict) as refusal:
        runtime.run(commands.issue, keeper, ISSUE)
    assert (refusal.value.code, refusal.value.params) == (
        "place_frozen",
        {"location": "市库A区", "document": COUNT.number},
    )
    with pytest.raises(Conflict, match="place_frozen"):
        house.stock(lot, 1)
    with pytest.raises(Conflict, match="place_frozen"):
        leg = Leg(lot, house.locations[CITY_SHELF], house.locations[CITY_QUARANTINE], 1)
        runtime.run(
            ledger.post,
            SYSTEM,
            Posting(UUID(int=5), MoveReason.QUARANTINE, (leg,), DocumentRef("test", UUID(int=5)), START),
        )
    assert (number_of(runtime, StockMove), house.balance(lot)) == (before, (10, 0))


def test_other_places_of_the_store_go_on(house: House, runtime: Runtime, keeper: Actor) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    frozen(house, CITY_QUARANTINE)
    runtime.run(commands.issue, keeper, ISSUE)
    assert house.balance(lot) == (8, 0)


def test_goods_may_still_be_held(house: House, runtime: Runtime) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    frozen(house, CITY_SHELF)
    hold = Hold(
        UUID(int=1), DocumentRef("test", UUID(int=1)), house.locations[CITY_SHELF], lot, 4, START.replace(year=2027)
    )
    runtime.run(ledger.reserve, SYSTEM, hold)
    assert house.balance(lot) == (10, 4)


def test_the_document_itself_may_post(house: House, runtime: Runtime) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    frozen(house, CITY_SHELF)
    leg = Leg(lot, house.locations[CITY_SHELF], virtual_location_id(LocationKind.COUNT_DIFFERENCE), 1)
    runtime.run(ledger.post, SYSTEM, Posting(UUID(int=6), MoveReason.COUNT, (leg,), COUNT, START))
    assert house.balance(lot) == (9, 0)


def test_a_reason_lets_goods_go_and_is_kept(house: House, runtime: Runtime, keeper: Actor) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    frozen(house, CITY_SHELF)
    with pytest.raises(Conflict, match="place_frozen"):
        runtime.run(commands.issue, keeper.bypassing("  "), ISSUE)
    with pytest.raises(InvalidInput, match="too_long"):
        runtime.run(commands.issue, keeper.bypassing("急" * 201), ISSUE)
    document_id = runtime.run(commands.issue, keeper.bypassing("群众在雪中等待").keyed("k"), ISSUE)
    assert runtime.run(commands.issue, keeper.bypassing("群众在雪中等待").keyed("k"), ISSUE) == document_id
    assert house.balance(lot) == (8, 0)
    with runtime.database.read() as session:
        (note,) = session.scalars(select(FreezeBypass)).all()
        entry = session.scalars(
            select(JournalEntry).order_by(JournalEntry.recorded_at.desc(), JournalEntry.seq.desc())
        ).first()
        assert entry is not None
        assert entry.detail["freeze_bypass"] == "群众在雪中等待"
    assert (note.because, note.document_id, note.bypassed_by_name) == ("群众在雪中等待", COUNT.id, "keeper.654004")
    (shown,) = runtime.read(freezing.bypasses, keeper, COUNT.id)
    assert shown.location_id == house.locations[CITY_SHELF]


def second_shelf(house: House) -> str:
    house.runtime.run(places.save_locations, SYSTEM, [LocationInput("city-b", "市库B区", CITY_STORE)])
    with house.runtime.database.read() as session:
        house.locations["city-b"] = session.scalars(select(Location.id).where(Location.code == "city-b")).one()
    return "city-b"


def test_an_issue_passes_over_what_stands_still_where_the_rest_is_enough(
    house: House, runtime: Runtime, keeper: Actor
) -> None:
    other = second_shelf(house)
    soon, late = house.lot(number="SOON", expires_on=date(2026, 3, 1)), house.lot(number="LATE")
    house.stock(soon, 10)
    house.stock(soon, 3, other)
    house.stock(late, 2, other)
    frozen(house, CITY_SHELF)

    def issue(quantity: int, lot: str = "", who: Actor = keeper, **more: Any) -> StockDocumentRow:
        line = IssueLineInput(TENT, quantity, lot, "指定" if lot else "")
        document_id = runtime.run(commands.issue, who, replace(ISSUE, lines=(line,), **more))
        return runtime.read(document_queries.document_by_id, keeper, document_id)

    row = issue(1)
    assert (house.balance(soon), house.balance(soon, other)) == ((10, 0), (2, 0))
    assert row.details["passed_over"] == f"市库A区({COUNT.number})"
    with runtime.database.read() as session:
        (paper,) = session.scalars(select(Paper).where(Paper.form == "issue_note"))
        assert paper.content["note"] == f"盘点冻结,未取用:市库A区({COUNT.number})"
    issue(1, "SOON")
    issue(2, issued_at=START)
    assert (house.balance(soon, other), house.balance(late, other)) == ((0, 0), (1, 0))
    before = number_of(runtime, StockMove)
    for asked in ((2, ""), (1, "SOON")):
        with pytest.raises(Conflict, match="place_frozen"):
            issue(*asked)
    with pytest.raises(Conflict, match="not_enough_to_pick"):
        issue(12)
    assert number_of(runtime, StockMove) == before
    issue(2, who=keeper.bypassing("群众在雪中等待"))
    assert house.balance(soon) == (8, 0), "then first to expire goes first"
    assert [each.id for each in verify(runtime.database) if not each.is_clean] == ["I22"], "the count is made up"


def test_an_issue_that_needs_nothing_of_what_stands_still_says_nothing_of_it(
    house: House, runtime: Runtime, keeper: Actor
) -> None:
    other = second_shelf(house)
    house.stock(house.lot(number="LATE"), 10)
    house.stock(house.lot(number="SOON", expires_on=date(2026, 3, 1)), 3, other)
    frozen(house, CITY_SHELF)
    row = runtime.read(document_queries.document_by_id, keeper, runtime.run(commands.issue, keeper, ISSUE))
    assert "passed_over" not in row.details


def test_lifted_goods_move_again(house: House, runtime: Runtime, keeper: Actor) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    frozen(house, CITY_SHELF, CITY_QUARANTINE)
    with pytest.raises(Conflict, match="place_frozen"):
        frozen(house, CITY_SHELF)
    assert number_of(runtime, LocationFreeze) == 2
    assert runtime.run(freezing.lift, SYSTEM, COUNT.id) == 2
    assert runtime.run(freezing.lift, SYSTEM, COUNT.id) == 0
    runtime.run(commands.issue, keeper, ISSUE)
    assert house.balance(lot) == (8, 0)
    frozen(house, CITY_SHELF)


@command(Permission.INTERNAL)
def _freeze_and_wait(ctx: Context, location_id: UUID, go: threading.Event, seconds: int) -> int:
    freezing.freeze(ctx, [location_id], COUNT)
    seen = ctx.session.scalar(
        select(func.coalesce(func.sum(StockBalance.on_hand), 0)).where(StockBalance.location_id == location_id)
    )
    go.set()
    time.sleep(seconds / 10)
    return int(seen or 0)


def test_goods_from_another_store_do_not_slip_in_while_a_place_is_being_frozen(house: House, runtime: Runtime) -> None:
    """The two write under different shards: the rows of the places are what they meet at."""
    lot = house.lot()
    house.stock(lot, 10)
    go = threading.Event()
    refused: list[str] = []

    def send() -> None:
        go.wait(10)
        leg = Leg(lot, house.locations[CITY_SHELF], house.locations[VILLAGE_SHELF], 3)
        posting = Posting(UUID(int=8), MoveReason.TRANSFER, (leg,), DocumentRef("test", UUID(int=8)), START)
        try:
            runtime.run(ledger.post, SYSTEM, posting)
        except Conflict as error:
            refused.append(error.code)

    sender = threading.Thread(target=send)
    sender.start()
    seen = runtime.run(_freeze_and_wait, SYSTEM, house.locations[VILLAGE_SHELF], go, 5)
    sender.join(30)
    assert (seen, refused, house.balance(lot, VILLAGE_SHELF)) == (0, ["place_frozen"], (0, 0))
