"""A place that is being counted stands still: nothing moves there, unless somebody says why, and that is kept."""

from __future__ import annotations

import threading
import time
from uuid import UUID

import pytest
from sqlalchemy import func, select

from supplyops.audit.tables import JournalEntry
from supplyops.kernel.access import SYSTEM, Actor, Permission, Role
from supplyops.kernel.errors import Conflict, InvalidInput
from supplyops.kernel.reference import DocumentRef
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Context, Runtime, command
from supplyops.stock import commands, freezing, ledger
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.rules import Hold, Leg, MoveReason, Posting
from supplyops.stock.tables import FreezeBypass, LocationFreeze, StockBalance, StockMove
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
