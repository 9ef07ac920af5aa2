"""Every number opens the moves that make it; stock as of any moment is what the moves up to then add up to."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supplyops.kernel.access import SYSTEM, Permission, Role
from supplyops.kernel.errors import Conflict
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.people.rules import Level
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location
from supplyops.runtime import Context, Runtime, command
from supplyops.stock import as_of_queries, ledger, queries, statement_queries
from supplyops.stock.as_of_queries import AsOf, StockClock
from supplyops.stock.rules import Leg, MoveReason, Posting
from supplyops.stock.statement_queries import Statement, statement
from supplyops.stock.tables import Lot, StockMove
from supplyops.stock.views import MoveFilter, StockFilter
from tests.conftest import START, Clock
from tests.house import (
    CITY_QUARANTINE,
    CITY_SHELF,
    CITY_STORE,
    PREFECTURE,
    PREFECTURE_SHELF,
    QUILT,
    TENT,
    VILLAGE,
    VILLAGE_SHELF,
    WATER,
    House,
    build_house,
)
from tests.once import once

REASONS = {
    ("opening", CITY_SHELF): MoveReason.OPENING,
    (CITY_SHELF, CITY_QUARANTINE): MoveReason.QUARANTINE,
    (CITY_QUARANTINE, CITY_SHELF): MoveReason.QUARANTINE,
    (CITY_SHELF, "consumed"): MoveReason.ISSUE,
}
ENDS = {"opening": LocationKind.OPENING, "consumed": LocationKind.CONSUMED}


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_history(runtime)


@once
def build_history(runtime: Runtime) -> House:
    """A hundred moves of five lots over two weeks, some recorded days after they happened."""
    house, clock = build_house(runtime), runtime.clock
    assert isinstance(clock, Clock)
    chance = random.Random(7)
    lots = [house.lot(TENT if n % 2 else WATER, number=f"L{n}") for n in range(5)]
    for lot in lots:
        house.stock(lot, 50)
    house.stock(house.lot(owner=VILLAGE, number="V1"), 7, VILLAGE_SHELF)
    house.stock(house.lot(owner=PREFECTURE, number="P1"), 9, PREFECTURE_SHELF)
    for turn in range(100):
        clock.advance(hours=3)
        way = chance.choice(list(REASONS))
        ids = [virtual_location_id(ENDS[end]) if end in ENDS else house.locations[end] for end in way]
        leg = Leg(chance.choice(lots), ids[0], ids[1], chance.randint(1, 9))
        document = DocumentRef("test", derived_id("paper", turn % 10), f"T-{turn % 10}")
        occurred = clock.now - timedelta(hours=chance.choice([0, 0, 30]))
        try:
            runtime.run(
                ledger.post, SYSTEM, Posting(derived_id("turn", turn), REASONS[way], (leg,), document, occurred)
            )
        except Conflict:  # too little there, now or then
            continue
    return house


def oracle(runtime: Runtime, as_of: AsOf) -> dict[tuple[str, str], int]:
    """(lot, place) -> what the moves up to a moment add up to, at real places, read row by row."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    with runtime.database.read() as session:
        codes = {row.id: row.code for row in session.scalars(select(Location)) if row.site_id is not None}
        lots = {row.id: row.number for row in session.scalars(select(Lot))}
        for move in session.scalars(select(StockMove)):
            time = move.recorded_at if as_of.by is StockClock.RECORDED else move.occurred_at
            if time <= as_of.moment:
                found[lots[move.lot_id], codes.get(move.target_id, "")] += move.quantity
                found[lots[move.lot_id], codes.get(move.source_id, "")] -= move.quantity
    return {key: amount for key, amount in found.items() if key[1] and amount}


@pytest.mark.parametrize("by", list(StockClock))
def test_stock_as_of_any_moment_is_what_the_moves_say(
    house: House, runtime: Runtime, clock: Clock, by: StockClock
) -> None:
    everything = StockFilter(include_exercise=True)
    moments = [START - timedelta(days=1), START, *(START + timedelta(hours=31 * n) for n in range(1, 10)), clock.now]
    seen = set()
    for moment in moments:
        as_of = AsOf(moment, by)
        rows = runtime.read(as_of_queries.stock_rows_as_of, SYSTEM, everything, as_of, 0, 1000)
        expected = oracle(runtime, as_of)
        assert {(row.lot_number, row.location_code): row.on_hand for row in rows} == expected
        assert runtime.read(as_of_queries.count_stock_rows_as_of, SYSTEM, everything, as_of) == len(expected)
        items = runtime.read(as_of_queries.item_stock_as_of, SYSTEM, everything, as_of)
        shelves = sum(amount for (_, place), amount in expected.items() if place != CITY_QUARANTINE)
        assert sum(row.on_hand for row in items) == shelves
        assert sum(row.quarantined for row in items) == sum(expected.values()) - shelves
        assert all(sum(row.by_owner.values()) == row.on_hand for row in items)
        seen.add(sum(expected.values()))
    assert len(seen) > 5, "the moments differ"


def test_a_move_recorded_late_is_there_by_the_one_time_and_not_by_the_other(runtime: Runtime, clock: Clock) -> None:
    house = build_house(runtime)
    lot = house.lot(number="L1")
    house.stock(lot, 10)
    happened = clock.now + timedelta(hours=1)
    clock.advance(days=3)
    leg = Leg(lot, house.locations[CITY_SHELF], virtual_location_id(LocationKind.CONSUMED), 4)
    document = DocumentRef("test", derived_id("late"), "T-1")
    runtime.run(ledger.post, SYSTEM, Posting(derived_id("p"), MoveReason.ISSUE, (leg,), document, happened))
    between = happened + timedelta(hours=1)
    keeper = house.actor(Role.KEEPER)
    for by, there in ((StockClock.RECORDED, 10), (StockClock.OCCURRED, 6)):
        (row,) = runtime.read(as_of_queries.stock_rows_as_of, keeper, StockFilter(), AsOf(between, by))
        assert (row.on_hand, row.on_hand_now) == (there, 6)


def walked(runtime: Runtime, actor: Any, where: StockFilter, limit: int) -> list[Statement]:
    """A statement page by page."""
    pages = [runtime.read(statement, actor, where, None, limit)]
    while pages[-1].next_before is not None:
        pages.append(runtime.read(statement, actor, where, pages[-1].next_before, limit))
    return pages


STATED = [
    StockFilter(lot_number="L1", location_code=CITY_SHELF),
    StockFilter(lot_number="L1"),
    StockFilter(sku=TENT),
    StockFilter(sku=TENT, place_kinds=(LocationKind.QUARANTINE,)),
    StockFilter(site_code=CITY_STORE, place_kinds=(LocationKind.STORAGE, LocationKind.TEAM)),
    StockFilter(owner_level=Level.CITY),
    StockFilter(),
]


@pytest.mark.parametrize("where", STATED)
def test_the_moves_behind_a_number_add_up_to_it_with_the_balance_after_each(
    house: House, runtime: Runtime, where: StockFilter
) -> None:
    number = sum(row.on_hand for row in runtime.read(queries.stock_rows, SYSTEM, where, 0, 1000))
    pages = walked(runtime, SYSTEM, where, 7)
    rows = [row for page in pages for row in page.rows]
    assert {(page.on_hand, page.total, page.moves) for page in pages} == {(number, number, len(rows))}
    assert sum(row.change for row in rows) == number
    is_mixed = len({row.sku for row in runtime.read(queries.stock_rows, SYSTEM, where, 0, 1000)}) > 1
    assert {page.is_mixed for page in pages} == {is_mixed}
    balance = 0
    for row in reversed(rows):
        balance += row.change
        assert row.balance == (None if is_mixed else balance)
    assert balance == number
    seqs = [row.move.seq for row in rows]
    assert seqs == sorted(set(seqs), reverse=True)
    assert all(abs(row.change) == row.move.quantity for row in rows)


@pytest.mark.parametrize("where", STATED)
@pytest.mark.parametrize("actor", [SYSTEM, None])
def test_very_many_moves_are_the_same_moves_but_not_added_up(
    house: House, runtime: Runtime, where: StockFilter, actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = actor or house.actor(Role.KEEPER, VILLAGE)
    summed = walked(runtime, reader, where, 7)
    monkeypatch.setattr(statement_queries, "SUMMED_MAX", 0)
    monkeypatch.setattr(statement_queries, "CHUNK", 4)
    monkeypatch.setattr(statement_queries, "WALKED", 3)
    monkeypatch.setattr(statement_queries, "WALKED_MAX", 12)
    many = walked(runtime, reader, where, 7)
    assert many == [
        replace(page, **({"came": None, "went": None, "moves": None} if page.moves else {})) for page in summed
    ]
    monkeypatch.setattr(statement_queries, "WALKED_FOR_ROW", 2)
    short = walked(runtime, reader, where, 3)
    assert [row for page in short for row in page.rows] == [row for page in summed for row in page.rows]
    assert all(len(page.rows) <= 3 for page in short)


def test_what_is_counted_in_different_units_is_not_added_up(runtime: Runtime) -> None:
    house = build_house(runtime)
    for sku, amount in ((TENT, 3), (QUILT, 40)):
        house.stock(house.lot(sku, number=f"N-{sku}"), amount)
    both = runtime.read(statement, SYSTEM, StockFilter())
    assert (both.is_mixed, both.moves, both.on_hand == both.total) == (True, 2, True)
    assert [row.balance for row in both.rows] == [None, None]
    one = runtime.read(statement, SYSTEM, StockFilter(sku=QUILT))
    assert (one.is_mixed, one.on_hand, [row.balance for row in one.rows]) == (False, 40, [40])


def test_a_statement_is_of_what_the_reader_sees(house: House, runtime: Runtime) -> None:
    village = house.actor(Role.KEEPER, VILLAGE)
    account = runtime.read(statement, village, StockFilter())
    assert (account.on_hand, account.total, account.moves) == (7, 7, 1)
    rows = runtime.read(as_of_queries.stock_rows_as_of, village, StockFilter(), AsOf(START))
    assert [(row.lot_number, row.on_hand) for row in rows] == [("V1", 7)]
    assert runtime.read(statement, village, StockFilter(lot_number="L1")) == Statement(0, 0, 0, 0, (), None)


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        ({"sku": TENT}, lambda row: row.sku == TENT),
        ({"lot_number": "L2"}, lambda row: row.lot_number == "L2"),
        ({"location_code": CITY_QUARANTINE}, lambda row: "市库待检区" in (row.source_name, row.target_name)),
        ({"site_code": CITY_STORE}, lambda row: {"市库A区", "市库待检区"} & {row.source_name, row.target_name}),
        ({"document_number": "T-3"}, lambda row: row.document_number == "T-3"),
        ({"reason": MoveReason.ISSUE}, lambda row: row.reason is MoveReason.ISSUE),
        ({"since": START + timedelta(days=3)}, lambda row: row.recorded_at >= START + timedelta(days=3)),
        ({"until": START + timedelta(days=3), "by_occurred": True}, lambda row: row.occurred_at <= START + timedelta(days=3)),
        ({"sku": WATER, "reason": MoveReason.QUARANTINE}, lambda row: (row.sku, row.reason) == (WATER, MoveReason.QUARANTINE)),
        ({"actor": "系统"}, lambda row: "系统" in row.actor_name),
    ],
)  # fmt: skip
def test_history_is_narrowed_by_everything_at_once(
    house: House, runtime: Runtime, where: dict[str, Any], fits: Any
) -> None:
    everything = runtime.read(queries.history, SYSTEM, MoveFilter(limit=1000))
    found = runtime.read(queries.history, SYSTEM, MoveFilter(limit=1000, **where))
    assert [row.seq for row in found] == [row.seq for row in everything if fits(row)]
    assert 0 < len(found) < len(everything) or where == {"actor": "系统"}


def test_the_moment_itself_counts(house: House, runtime: Runtime, clock: Clock) -> None:
    last = max(row.recorded_at for row in runtime.read(queries.history, SYSTEM, MoveFilter(limit=1000)))
    at: datetime = last
    for moment, counts in ((at, True), (at - timedelta(microseconds=1), False)):
        rows = runtime.read(as_of_queries.stock_rows_as_of, SYSTEM, StockFilter(), AsOf(moment), 0, 1000)
        same = all(row.on_hand == row.on_hand_now for row in rows)
        assert same is counts


@command(Permission.SIGNED_IN)
def take_one(ctx: Context, number: int, lot_id: UUID, source_id: UUID) -> None:
    leg = Leg(lot_id, source_id, virtual_location_id(LocationKind.CONSUMED), 1)
    ledger.post(
        ctx, Posting(derived_id("one", number), MoveReason.ISSUE, (leg,), DocumentRef("test", derived_id(1)), ctx.now)
    )


def paged(house: House, where: MoveFilter, size: int) -> list[int]:
    """All moves of a filter, asked for page by page as people do."""
    found: list[int] = []
    while True:
        before = found[-1] if found else None
        page = house.runtime.read(queries.history, SYSTEM, replace(where, before_seq=before, limit=size))
        found += [row.seq for row in page]
        if len(page) < size:
            return found


@pytest.mark.parametrize("code", [CITY_SHELF, CITY_QUARANTINE, VILLAGE_SHELF, "no-such-place"])
def test_the_moves_of_a_place_are_those_out_of_it_and_into_it_the_newest_first(house: House, code: str) -> None:
    every = house.runtime.read(queries.history, SYSTEM, MoveFilter(limit=1000))
    place = house.locations.get(code)
    wanted = [row.seq for row in every if place in {row.source_id, row.target_id}]
    assert bool(wanted) == (place is not None) and len(every) > len(wanted)
    assert paged(house, MoveFilter(location_code=code), 7) == wanted
    if place is not None:
        assert paged(house, MoveFilter(location_id=place, location_code=code), 7) == wanted
        assert paged(house, MoveFilter(location_id=house.locations[PREFECTURE_SHELF], location_code=code), 7) == []


def test_the_moves_of_everybody_whose_name_has_the_words_in_it(house: House) -> None:
    lot, shelf = house.lot(number="A1"), house.locations[CITY_SHELF]
    house.stock(lot, 30)
    roles = [Role.KEEPER, Role.CLERK, Role.COMMANDER, Role.AUDITOR, Role.APPROVER, Role.TEAM_LEADER, Role.SYSTEM_ADMIN]
    for number in range(21):
        house.runtime.run(take_one, house.actor(roles[number % 7]), number, lot, shelf)
    every = house.runtime.read(queries.history, SYSTEM, MoveFilter(limit=1000))
    names = {row.actor_name for row in every}
    assert len(names) == 8 and "system" in names
    for words in ("keeper", "er", "e", "sys", "system", ".6540", "%", "nobody"):
        wanted = [row.seq for row in every if words in row.actor_name]
        assert paged(house, MoveFilter(actor=words), 5) == wanted, words
        here = [row.seq for row in every if words in row.actor_name and shelf in {row.source_id, row.target_id}]
        assert paged(house, MoveFilter(actor=words, location_code=CITY_SHELF), 5) == here, words
