"""Building kits and taking them apart: nothing is lost, owners and funds stay, a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from supplyops.catalogue import commands as catalogue
from supplyops.catalogue import queries as catalogue_queries
from supplyops.catalogue.kits import KitInput, KitPartInput, PartInput
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.kits import commands, queries
from supplyops.kits.rules import KitBreakInput, KitWorkState, batches
from supplyops.kits.tables import KitContent, KitWork
from supplyops.papers.tables import NumberSeries, Paper
from supplyops.runtime import Runtime
from supplyops.stock import ledger
from supplyops.stock.rules import Hold, InsufficientStock, Pick
from supplyops.stock.tables import Lot, StockBalance, StockMove
from supplyops.verify.books import verify
from tests.conftest import START
from tests.house import CITY, CITY_QUARANTINE, CITY_SHELF, PREFECTURE, QUILT, TENT, VILLAGE, VILLAGE_SHELF, WATER
from tests.kits.store import KIT, Store
from tests.once import once
from tests.stock.test_freezing import frozen, second_shelf
from tests.verify.test_tampering import violated, without_guards

TABLES = (StockMove, StockBalance, Lot, KitWork, KitContent, Paper, NumberSeries)
LATER = date(2027, 1, 1)


@pytest.fixture
@once
def store(runtime: Runtime) -> Store:
    return Store(runtime)


def counts(runtime: Runtime) -> list[Any]:
    with runtime.database.read() as session:
        found: list[Any] = [session.scalar(select(func.count()).select_from(kind)) for kind in TABLES]
        return [
            *found,
            session.scalar(select(func.sum(StockBalance.on_hand))),
            session.scalar(select(func.sum(NumberSeries.last))),
        ]


def unclean(runtime: Runtime) -> list[str]:
    return [f"{each.id} {each.examples}" for each in verify(runtime.database) if not each.is_clean]


def test_parts_become_kits_that_last_as_long_as_their_first_part(store: Store) -> None:
    tents = store.part(TENT, 10)
    soon, late = store.part(QUILT, 13, LATER), store.part(QUILT, 20, LATER + timedelta(100))
    work = store.build(10)
    assert (store.on_hand(tents), store.on_hand(soon), store.on_hand(late)) == (0, 0, 13)
    lots = store.kit_lots()
    assert [(store.on_hand(lot.id), lot.expires_on) for lot in lots] == [
        (6, LATER), (1, LATER), (3, LATER + timedelta(100)),
    ]  # fmt: skip
    assert {(lot.owner_id, lot.fund_source) for lot in lots} == {(store.house.organisations[CITY], "市级财政")}
    assert [lot.unit_price_fen for lot in lots] == [300_00] * 3, "a tent and two quilts at 100 yuan each"
    mixed = store.runtime.read(queries.contents, store.keeper, lots[1].number)
    assert sorted((row.sku, row.quantity) for row in mixed) == [(TENT, 1), (QUILT, 1), (QUILT, 1)]
    row = store.runtime.read(queries.work_by_id, store.keeper, work)
    assert (row.number, row.quantity, row.state) == ("ZT-654004-20260112-0001", 10, KitWorkState.POSTED)
    assert [(line.sku, line.quantity, line.is_out) for line in row.lines] == [
        (TENT, 10, True), (QUILT, 13, True), (QUILT, 7, True), (KIT, 6, False), (KIT, 1, False), (KIT, 3, False),
    ]  # fmt: skip
    with store.runtime.database.read() as session:
        (paper,) = session.scalars(select(Paper))
        assert (paper.form, paper.number, len(paper.content["used"]), len(paper.content["made"])) == (
            "kit_note", row.number, 3, 3,
        )  # fmt: skip
    assert unclean(store.runtime) == []


def test_taking_apart_gives_back_the_very_lots(store: Store) -> None:
    tents, quilts = store.part(TENT, 10), store.part(QUILT, 30, LATER)
    store.build(10)
    (lot,) = store.kit_lots()
    store.take_apart(lot.number, 4)
    assert (store.on_hand(lot.id), store.on_hand(tents), store.on_hand(quilts)) == (6, 4, 18)
    store.take_apart(lot.number, 6, to_code=CITY_SHELF)
    assert (store.on_hand(lot.id), store.on_hand(tents), store.on_hand(quilts)) == (0, 10, 30)
    assert unclean(store.runtime) == []
    with pytest.raises(InsufficientStock):
        store.take_apart(lot.number, 1)


def test_parts_that_stand_still_are_passed_over_where_the_rest_is_enough(store: Store) -> None:
    other = second_shelf(store.house)
    tents = store.part(TENT, 10, location=other)
    soon, late = store.part(QUILT, 10, LATER), store.part(QUILT, 6, LATER + timedelta(100), other)
    frozen(store.house, CITY_SHELF)
    store.build(3, location_code=other)
    assert (store.on_hand(soon), store.on_hand(late, other), store.on_hand(tents, other)) == (10, 0, 7)
    before = counts(store.runtime)
    with pytest.raises(Conflict, match="place_frozen"):
        store.build(1, location_code=other)
    assert counts(store.runtime) == before
    with pytest.raises(Conflict, match="kit_parts_missing"):
        store.build(8, location_code=other)


def test_work_is_taken_back_once_and_its_paper_with_it(store: Store) -> None:
    tents = store.part(TENT, 5)
    store.part(QUILT, 10)
    work = store.build(5)
    run, keeper = store.runtime.run, store.keeper
    with pytest.raises(InvalidInput):
        run(commands.reverse_kit_work, keeper, work, " ")
    run(commands.reverse_kit_work, keeper, work, "录错")
    assert store.on_hand(tents) == 5
    assert [store.on_hand(lot.id) for lot in store.kit_lots()] == [0]
    with store.runtime.database.read() as session:
        assert [paper.state.value for paper in session.scalars(select(Paper))] == ["void"]
    with pytest.raises(WrongState):
        run(commands.reverse_kit_work, keeper, work, "再次")
    assert unclean(store.runtime) == []
    again = store.build(5)
    (_, lot) = store.kit_lots()
    store.take_apart(lot.number, 1)
    before = counts(store.runtime)
    with pytest.raises(InsufficientStock):
        run(commands.reverse_kit_work, keeper, again, "已拆走")
    assert counts(store.runtime) == before


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda s: s.build(6), Conflict),
        (lambda s: s.build(1, fund_source="省级财政"), Conflict),
        (lambda s: s.build(1, owner_code=PREFECTURE), Conflict),
        (lambda s: s.build(1, owner_code="nobody"), InvalidInput),
        (lambda s: s.build(1, site_code="nowhere"), InvalidInput),
        (lambda s: s.build(1, sku=TENT), InvalidInput),
        (lambda s: s.build(1, sku="Z99999"), InvalidInput),
        (lambda s: s.build(1, location_code=CITY_QUARANTINE), InvalidInput),
        (lambda s: s.build(1, location_code=VILLAGE_SHELF), InvalidInput),
        (lambda s: s.build(0), InvalidInput),
        (lambda s: s.take_apart("nothing", 1), InvalidInput),
        (lambda s: s.take_apart("T-1", 1), InvalidInput),
        (lambda s: s.take_apart("T-1", 1, location_code="nowhere"), InvalidInput),
    ],
)
def test_a_refusal_leaves_nothing(store: Store, spoil: Callable[[Store], UUID], error: type[Exception]) -> None:
    store.part(TENT, 5, number="T-1")
    store.part(QUILT, 10)
    before = counts(store.runtime)
    with pytest.raises(error):
        spoil(store)
    assert counts(store.runtime) == before


def test_what_is_spoken_for_spoilt_or_given_for_a_purpose_is_no_part(store: Store) -> None:
    tents = store.part(TENT, 10)
    store.part(QUILT, 100)
    store.part(TENT, 10, date(2026, 1, 11))
    store.part(TENT, 10, location=CITY_QUARANTINE)
    store.part(TENT, 10, is_exercise=True)
    hold = Hold(
        derived_id("t", tents),
        DocumentRef("t", tents),
        store.house.locations[CITY_SHELF],
        tents,
        4,
        START + timedelta(9),
    )
    store.runtime.run(ledger.reserve, SYSTEM, hold)
    found = store.runtime.read(queries.buildable, store.keeper)
    assert [(each.sku, each.quantity, each.short_of) for each in found] == [(KIT, 6, "12m²棉帐篷")]
    with pytest.raises(Conflict) as refused:
        store.build(7)
    assert (refused.value.code, refused.value.params["parts"]) == ("kit_parts_missing", "12m²棉帐篷 6/7 顶")
    store.build(6)


def test_who_may_not(store: Store) -> None:
    store.part(TENT, 5)
    store.part(QUILT, 10)
    work = store.build(2)
    (lot,) = store.kit_lots()
    before = counts(store.runtime)
    clerk, other = store.house.actor(Role.CLERK), store.house.actor(Role.KEEPER, VILLAGE)
    wanted = KitBreakInput(lot.number, CITY_SHELF, 1, "试")
    for actor, error in ((clerk, Forbidden), (other, InvalidInput)):
        with pytest.raises(error):
            store.runtime.run(commands.break_kits, actor, wanted)
    with pytest.raises(NotFound):
        store.runtime.run(commands.reverse_kit_work, other, work, "试")
    with pytest.raises(NotFound):
        store.runtime.read(queries.work_by_id, other, work)
    assert store.runtime.read(queries.contents, other, lot.number) == []
    assert store.runtime.read(queries.works, other) == []
    assert counts(store.runtime) == before


def test_a_double_click_builds_once(store: Store) -> None:
    store.part(TENT, 5)
    store.part(QUILT, 10)
    keeper = store.keeper
    store.house.people["keeper.654004"] = keeper.keyed("once")
    assert store.build(2) == store.build(2)
    assert [store.on_hand(lot.id) for lot in store.kit_lots()] == [2]


def test_a_kit_is_what_its_rows_say_and_nothing_nested(store: Store) -> None:
    run, read = store.runtime.run, store.runtime.read
    saved = run(catalogue.save_kits, SYSTEM, [KitPartInput(KIT, TENT, 1), KitPartInput(KIT, WATER, 3)])
    assert (saved.added, saved.changed, saved.unchanged) == (1, 1, 0)
    assert [(part.sku, part.quantity) for part in read(catalogue_queries.kit_parts, SYSTEM)] == [(TENT, 1), (WATER, 3)]
    for wrong, field in (
        ([KitPartInput(TENT, KIT, 1)], "0.part_sku"),
        ([KitPartInput(QUILT, TENT, 1), KitPartInput(WATER, QUILT, 1)], "0.kit_sku"),
        ([KitPartInput(KIT, "Z99999", 1)], "0.part_sku"),
    ):
        with pytest.raises(InvalidInput) as refused:
            run(catalogue.save_kits, SYSTEM, wrong)
        assert refused.value.fields[0].field == field
    with pytest.raises(InvalidInput):
        KitPartInput(KIT, KIT, 1)
    run(catalogue.define_kit, store.house.actor(Role.CLERK), KitInput(KIT, (PartInput(QUILT, 2),)))
    assert [part.sku for part in read(catalogue_queries.kit_parts, SYSTEM)] == [QUILT]
    with pytest.raises(InvalidInput) as refused:
        run(catalogue.define_kit, SYSTEM, KitInput(KIT, (PartInput(QUILT, 2), PartInput("Z99999", 1))))
    assert refused.value.fields[0].field == "parts.1.sku"


def test_kits_built_before_keep_what_they_were(store: Store) -> None:
    tents, quilts = store.part(TENT, 2), store.part(QUILT, 4)
    store.build(2)
    store.runtime.run(catalogue.save_kits, SYSTEM, [KitPartInput(KIT, WATER, 1)])
    (lot,) = store.kit_lots()
    store.take_apart(lot.number, 2)
    assert (store.on_hand(tents), store.on_hand(quilts)) == (2, 4)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(1, 40),
    st.lists(
        st.tuples(st.integers(1, 5), st.lists(st.integers(1, 30), min_size=1, max_size=6)), min_size=1, max_size=4
    ),
)
def test_batches_use_exactly_what_was_picked(quantity: int, shape: list[tuple[int, list[int]]]) -> None:
    parts = []
    for place, (per_kit, sizes) in enumerate(shape):
        picks, left = [], per_kit * quantity
        for number, size in enumerate(sizes):
            taken = min(size, left) if number < len(sizes) - 1 else left
            if taken:
                picks.append(Pick(UUID(int=1), UUID(int=100 * place + number + 2), taken))
                left -= taken
        parts.append((per_kit, picks))
    made = batches(quantity, parts)
    assert sum(batch.quantity for batch in made) == quantity
    for per_kit, picks in parts:
        lots = {pick.lot_id for pick in picks}
        for batch in made:
            assert sum(amount for lot, amount in batch.contents.items() if lot in lots) == per_kit
        for pick in picks:
            assert sum(batch.quantity * batch.contents.get(pick.lot_id, 0) for batch in made) == pick.quantity


@pytest.mark.parametrize(
    ("statement", "invariant"),
    [
        ("UPDATE kit_work SET quantity = quantity + 1", "I70"),
        ("UPDATE kit_work SET state = 'reversed'", "I70"),
        ("UPDATE lot SET expires_on = '2030-01-01' WHERE number LIKE 'A03004%'", "I71"),
        ("UPDATE lot SET fund_source = 'x' WHERE number LIKE 'A03004%'", "I71"),
    ],
)
def test_a_planted_violation_is_found(store: Store, statement: str, invariant: str) -> None:
    store.part(TENT, 5, LATER)
    store.part(QUILT, 10)
    store.build(5)
    assert unclean(store.runtime) == []
    without_guards(store.runtime.database, statement)
    assert invariant in violated(store.runtime.database)
