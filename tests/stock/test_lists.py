"""The lists of stock say what reading every lot says, whatever narrows them, for every reader; pages follow one another without a gap.

What the lists are made from (copies, totals, spans) is compared with the plainest reckoning, row by row.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from supplyops.kernel.access import Actor, Role
from supplyops.kernel.clock import business_day
from supplyops.lots import commands as lots
from supplyops.lots.rules import LotHoldInput
from supplyops.people.rules import Level
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Runtime
from supplyops.stock import expiry_queries, narrowing, queries
from supplyops.stock.expiry import bands_of
from supplyops.stock.rules import LotState
from supplyops.stock.views import PAGE, StockFilter, StockRow
from supplyops.verify.books import verify
from tests.conftest import START
from tests.house import (
    CITY,
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
from tests.stock.test_ledger import hold, posting

TODAY = business_day(START)
EXERCISE = "X-"
ALL = 1_000


@once
def build_stores(runtime: Runtime) -> House:
    """A hundred and more lots of three items and owners on four shelves; some kept back, some held, some gone, some of an exercise."""
    from supplyops.kernel.access import SYSTEM
    from supplyops.stock import ledger
    from supplyops.stock.rules import Leg, MoveReason

    house, chance = build_house(runtime), random.Random(3)
    for number in range(120):
        owner, shelf = chance.choice(
            [(CITY, CITY_SHELF), (CITY, CITY_SHELF), (CITY, CITY_QUARANTINE), (VILLAGE, VILLAGE_SHELF), (PREFECTURE, PREFECTURE_SHELF)]
        )  # fmt: skip
        days = chance.choice([None, None, -400, -1, 0, 29, 30, 31, 90, 91, 180, 181, 700])
        lot = house.lot(
            chance.choice([TENT, TENT, QUILT, WATER]),
            owner=owner,
            expires_on=None if days is None else TODAY + timedelta(days=days),
            number=f"{EXERCISE if number % 17 == 0 else 'K-' if number % 2 else 'M-'}{number:03d}",
            is_exercise=number % 17 == 0,
        )
        house.stock(lot, chance.randint(5, 90), shelf)
        if shelf == CITY_SHELF and number % 5 == 0:
            leg = Leg(lot, house.locations[CITY_SHELF], house.locations[CITY_QUARANTINE], 2)
            runtime.run(ledger.post, SYSTEM, posting(1_000 + number, MoveReason.QUARANTINE, leg))
        if shelf == CITY_SHELF and number % 3 == 0:
            runtime.run(ledger.reserve, SYSTEM, hold(house, 2_000 + number, lot, 3))
        if number % 11 == 0:
            left = house.balance(lot, shelf)
            leg = Leg(lot, house.locations[shelf], virtual_location_id(LocationKind.LOST), left[0] - left[1])
            runtime.run(ledger.post, SYSTEM, posting(3_000 + number, MoveReason.LOSS, leg))
    keeper = house.actor(Role.KEEPER)
    kept = runtime.read(queries.stock_rows, keeper, StockFilter(), limit=ALL)[::9]
    for number, state in zip(
        sorted({row.lot_number for row in kept}), [LotState.HELD, LotState.DAMAGED] * 9, strict=False
    ):
        runtime.run(lots.hold_lot, keeper, LotHoldInput(number, "x", state))
    return house


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_stores(runtime)


Test = Callable[[StockRow], bool]


def days(row: StockRow) -> int:
    return ((row.expires_on or date.max) - TODAY).days


FILTERS: dict[str, tuple[StockFilter, Test]] = {
    "all": (StockFilter(), lambda row: True),
    "an item": (StockFilter(sku=TENT), lambda row: row.sku == TENT),
    "an owner": (StockFilter(owner_code=VILLAGE), lambda row: row.owner_code == VILLAGE),
    "a level": (StockFilter(owner_level=Level.CITY), lambda row: row.owner_level is Level.CITY),
    "a level of places": (StockFilter(site_level=Level.TOWNSHIP), lambda row: row.site_level is Level.TOWNSHIP),
    "a store": (StockFilter(site_code=CITY_STORE), lambda row: row.site_code == CITY_STORE),
    "a place": (StockFilter(location_code=CITY_QUARANTINE), lambda row: row.location_code == CITY_QUARANTINE),
    "a kind of place": (StockFilter(place_kinds=(LocationKind.STORAGE,)), lambda row: row.location_kind is LocationKind.STORAGE),
    "a lot": (StockFilter(lot_number="M-010"), lambda row: row.lot_number == "M-010"),
    "an item by its initials": (StockFilter(text="mzp"), lambda row: row.sku == TENT),
    "a part of a number": (StockFilter(text="K-0"), lambda row: "K-0" in row.lot_number),
    "what nothing is called": (StockFilter(text="nothing"), lambda row: False),
    "soon": (StockFilter(expires_by=TODAY + timedelta(days=90)), lambda row: days(row) <= 90),
    "soon, though it never expires": (StockFilter(expires_by=TODAY, band="none"), lambda row: False),
    "expired": (StockFilter(band="expired"), lambda row: days(row) < 0),
    "in a month": (StockFilter(band="30"), lambda row: 0 <= days(row) <= 30),
    "later": (StockFilter(band="later"), lambda row: days(row) > 180 and row.expires_on is not None),
    "later, of an item": (StockFilter(band="later", text="mzp"), lambda row: days(row) > 180 and row.expires_on is not None and row.sku == TENT),
    "never": (StockFilter(band="none"), lambda row: row.expires_on is None),
    "usable": (StockFilter(lot_state=LotState.NORMAL), lambda row: row.lot_state is LotState.NORMAL),
    "usable later": (StockFilter(lot_state=LotState.NORMAL, band="later"), lambda row: row.lot_state is LotState.NORMAL and days(row) > 180 and row.expires_on is not None),
    "usable, never": (StockFilter(lot_state=LotState.NORMAL, band="none"), lambda row: row.lot_state is LotState.NORMAL and row.expires_on is None),
    "on hold": (StockFilter(lot_state=LotState.HELD), lambda row: row.lot_state is LotState.HELD),
    "many at once": (StockFilter(sku=TENT, site_code=CITY_STORE, band="none", lot_state=LotState.NORMAL), lambda row: row.sku == TENT and row.site_code == CITY_STORE and row.expires_on is None and row.lot_state is LotState.NORMAL),
}  # fmt: skip
READERS = ((Role.KEEPER, CITY), (Role.KEEPER, VILLAGE), (Role.AUDITOR, PREFECTURE))


def readers(house: House) -> Iterator[Actor]:
    for role, body in READERS:
        yield house.actor(role, body)


def everything(house: House, reader: Actor, *, exercise: bool = False) -> list[StockRow]:
    """Every row there is within a reader's reach, by no list but lot by lot."""
    from sqlalchemy import select

    from supplyops.stock.tables import Lot

    with house.runtime.database.read() as session:
        numbers = list(session.scalars(select(Lot.number)))
    rows: list[StockRow] = []
    for number in numbers:
        if exercise or not number.startswith(EXERCISE):
            where = StockFilter(lot_number=number, include_empty=True, include_exercise=True)
            rows += [row for row in house.runtime.read(queries.stock_rows, reader, where) if row.on_hand]
    return rows


def key(row: StockRow) -> tuple[Any, ...]:
    return row.sku, row.expires_on or date.max, row.lot_number, row.location_code


def sums(rows: list[StockRow]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, list[Any]] = defaultdict(lambda: [0, 0, 0, 0, defaultdict(int), defaultdict(int)])
    for row in rows:
        each = found[row.sku]
        if row.location_kind is LocationKind.STORAGE:
            each[0] += row.on_hand
            each[1] += row.reserved
            if row.lot_state is not LotState.NORMAL or days(row) < 0:
                each[3] += row.on_hand - row.reserved
            each[4][row.owner_level] += row.on_hand
            each[5][row.site_level] += row.on_hand
        elif row.location_kind is LocationKind.QUARANTINE:
            each[2] += row.on_hand
    return {sku: (*each[:4], *({level: n for level, n in part.items() if n} for part in each[4:])) for sku, each in found.items()}  # fmt: skip


def test_each_list_says_what_reading_every_lot_says(runtime: Runtime, house: House) -> None:
    for reader in readers(house):
        known = everything(house, reader)
        for what, (where, fits) in FILTERS.items():
            expected = sorted(filter(fits, known), key=key)
            count = runtime.read(queries.count_stock_rows, reader, where)
            paged = [
                row
                for offset in range(0, len(expected) + PAGE, PAGE)
                for row in runtime.read(queries.stock_rows, reader, where, offset)
            ]
            shown = runtime.read(queries.stock_page, reader, where, 2)
            first = (shown.page - 1) * PAGE
            assert (shown.total, shown.page, shown.rows) == (
                len(expected),
                shown.pages if len(expected) <= PAGE else 2,
                expected[first : first + PAGE],
            ), what
            whole = runtime.read(queries.stock_rows, reader, where, limit=ALL)
            assert (count, paged, whole) == (len(expected), expected, expected), what
            items = runtime.read(queries.item_stock, reader, where)
            assert [row.sku for row in items] == sorted({row.sku for row in expected}), what
            assert {
                row.sku: (
                    row.on_hand, row.reserved, row.quarantined, row.unusable,
                    {level: n for level, n in row.by_owner.items() if n}, {level: n for level, n in row.by_place.items() if n},
                )
                for row in items
            } == sums(expected), what  # fmt: skip


def test_bands_count_what_the_list_of_each_has(runtime: Runtime, house: House) -> None:
    for reader in readers(house):
        known = everything(house, reader)
        for what, (where, fits) in FILTERS.items():
            if where.band or where.expires_by:
                continue
            rows = [row for row in known if fits(row)]
            found = {row.code: row.rows for row in runtime.read(expiry_queries.expiry_bands, reader, where)}
            assert found == {
                band.code: sum(band.holds(row.expires_on) for row in rows) for band in bands_of((30, 90, 180), TODAY)
            }, what


def test_small_pages_follow_one_another(runtime: Runtime, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of seven rows, so that items begin and end in the middle of pages and several stand on one."""
    monkeypatch.setattr(queries, "PAGE", 7)
    reader = house.actor(Role.KEEPER)
    known = sorted(everything(house, reader), key=key)
    paged = [
        row
        for offset in range(0, len(known), 7)
        for row in runtime.read(queries.stock_rows, reader, StockFilter(), offset, 7)
    ]
    assert paged == known


def test_spans_of_a_page() -> None:
    one, two, three, four = (UUID(int=number) for number in range(4))
    counts = {one: 3, two: 2, three: 1, four: 9}
    assert narrowing.spans(counts, 0, 50) == [([one, two, three, four], 0, None)]
    assert narrowing.spans(counts, 1, 6) == [([one], 1, 2), ([two, three], 0, None), ([four], 0, 1)]
    assert narrowing.spans(counts, 8, 4) == [([four], 2, 4)]
    assert narrowing.spans(counts, 15, 4) == []


def test_a_text_in_very_many_numbers_is_found_all_the_same(
    runtime: Runtime, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrowing, "NUMBERS_MAX", 3)
    reader = house.actor(Role.KEEPER)
    expected = sorted((row for row in everything(house, reader) if "K-0" in row.lot_number), key=key)
    assert runtime.read(queries.stock_rows, reader, StockFilter(text="K-0"), limit=ALL) == expected
    assert runtime.read(queries.count_stock_rows, reader, StockFilter(text="K-0")) == len(expected)
    assert len(expected) > 3


def test_exercises_are_shown_to_whoever_asks(runtime: Runtime, house: House) -> None:
    reader = house.actor(Role.KEEPER)
    rows = runtime.read(queries.stock_rows, reader, StockFilter(include_exercise=True), limit=ALL)
    assert rows == sorted(everything(house, reader, exercise=True), key=key)
    assert any(row.lot_number.startswith(EXERCISE) for row in rows)


def test_books_with_all_this_in_them_verify(house: House) -> None:
    found = {finding.id: finding for finding in verify(house.runtime.database)}
    assert [finding.id for finding in found.values() if not finding.is_clean] == []
    assert found["I34"].checked > 100
    assert found["I35"].checked > 10
