"""Counting a store: what is on the sheet, who may count, what a blind count tells, what happens meanwhile, what is posted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supplyops.counts import commands, deciding, due_queries, queries
from supplyops.counts.queries import CountFilter
from supplyops.counts.rules import (
    CountKind,
    CountReason,
    CountState,
    ExplanationInput,
    FoundInput,
    GoodsQuality,
    ValueClass,
)
from supplyops.kernel.access import SYSTEM, Role
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.tables import Paper
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.stock import commands as stock
from supplyops.stock import freezing, ledger
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput
from supplyops.stock.rules import Hold, InsufficientStock, Leg, MoveReason, Posting
from supplyops.stock.tables import Lot, Reservation, StockMove
from tests.conftest import START, Clock
from tests.counts.conftest import Store
from tests.house import CITY, CITY_QUARANTINE, CITY_SHELF, CITY_STORE, QUILT, TENT, VILLAGE, VILLAGE_STORE, WATER

CONSUMED = virtual_location_id(LocationKind.CONSUMED)


def issue(quantity: int) -> IssueInput:
    lines = (IssueLineInput(TENT, quantity),)
    return IssueInput(IssueKind.DISTRIBUTION, CITY_STORE, CITY, "卡拉苏街道", "安置", lines)


def stocked(store: Store, quantity: int = 100, **more: Any) -> UUID:
    lot = store.house.lot(**more)
    store.house.stock(lot, quantity)
    return lot


def test_a_count_that_finds_what_the_books_say_is_over_at_once(store: Store) -> None:
    stocked(store)
    count_id = store.start()
    assert store.enter(count_id, {1: 100}) == 0
    before = store.rows()
    assert store.submit(count_id) is CountState.POSTED
    after = store.rows()
    assert (after["stock_move"], after["on_hand"]) == (before["stock_move"], before["on_hand"])
    row = store.shown(count_id).row
    assert (row.share_permille, row.differing, row.decided_by_name) == (0, 0, "")
    assert store.violations() == []


def test_nobody_is_told_what_the_books_say_while_a_blind_count_goes_on(store: Store) -> None:
    stocked(store, 97)
    count_id = store.start(witness=store.name_of(store.auditor), witness_name="")
    for who in (store.keeper, store.approver, store.auditor):
        (line,) = store.shown(count_id, who).lines
        assert (line.base_quantity, line.moved, line.book, line.difference, line.amount_fen) == (None,) * 5
    store.enter(count_id, {1: 90})
    store.runtime.run(commands.witness, store.auditor, count_id)
    assert store.submit(count_id) is CountState.RECOUNTING
    detail = store.shown(count_id)
    assert (detail.row.differing, detail.row.share_permille, detail.lines[0].book) == (None, None, None)
    with store.runtime.database.read() as session:
        papers = session.scalars(select(Paper).order_by(Paper.version)).all()
        assert "97" not in str(papers[0].content["lines"])
    store.enter(count_id, {1: 95}, store.clerk)
    assert store.submit(count_id) is CountState.SUBMITTED
    (line,) = store.shown(count_id).lines
    assert (line.base_quantity, line.book, line.difference, line.amount_fen) == (97, 97, -2, -2 * 100_00)
    assert (line.counted, line.recounted, line.recounted_by_name) == (90, 95, "clerk.654004")


def test_an_open_count_shows_the_books_with_what_happened_since(store: Store, clock: Clock) -> None:
    stocked(store, 100)
    count_id = store.start(is_blind=False)
    clock.advance(hours=1)
    store.runtime.run(stock.issue, store.keeper, issue(30))
    clock.advance(hours=1)
    (line,) = store.shown(count_id).lines
    assert (line.base_quantity, line.moved, line.book) == (100, -30, 70)


def test_what_moves_during_a_count_is_added_to_the_book_figure(store: Store, clock: Clock) -> None:
    lot = stocked(store, 100)
    late = stocked(store, 10, expires_on=date(2027, 1, 1))
    count_id = store.start()
    clock.advance(hours=1)
    store.enter(count_id, {1: 99, 2: 10})
    clock.advance(hours=1)
    store.runtime.run(stock.issue, store.keeper, issue(20))
    clock.advance(hours=1)
    store.submit(count_id)
    lines = {line.lot_number: line for line in store.shown(count_id).lines}
    assert store.shown(count_id).row.state is CountState.RECOUNTING
    short = next(line for line in store.shown(count_id).lines if line.needs_recount)
    clock.advance(hours=1)
    taken = {lot: store.house.balance(lot)[0] for lot in (lot, late)}
    again = {row.line_no: taken[lot] - 1 for row in store.shown(count_id).lines if row.line_no == short.line_no}
    store.enter(count_id, again, store.clerk)
    assert store.submit(count_id) is CountState.SUBMITTED
    line = store.shown(count_id).lines[short.line_no - 1]
    assert line.book == line.base_quantity + line.moved == taken[lot], lines
    assert line.difference == -1, "the goods given out during the count are no shortage"
    store.explain(count_id, short.line_no)
    store.approve(count_id)
    assert store.house.balance(lot)[0] == taken[lot] - 1
    assert store.violations() == []


def test_goods_counted_before_they_left_are_compared_with_the_books_of_that_time(store: Store, clock: Clock) -> None:
    """Paper first: counted at nine, given out at ten, keyed in at noon."""
    lot = stocked(store, 100)
    count_id = store.start()
    counted_at = clock.advance(hours=1)
    clock.advance(hours=1)
    store.runtime.run(stock.issue, store.keeper, issue(40))
    clock.advance(hours=2)
    store.enter(count_id, {1: 100}, counted_at=counted_at)
    assert store.submit(count_id) is CountState.POSTED
    assert store.house.balance(lot) == (60, 0)


def test_a_slip_booked_late_that_would_change_the_figure_stops_the_approval(store: Store, clock: Clock) -> None:
    lot = stocked(store, 100)
    left_at = clock.advance(hours=1)
    clock.advance(hours=1)
    count_id = store.to_decide({1: 95})
    leg = Leg(lot, store.house.locations[CITY_SHELF], CONSUMED, 5)
    late = Posting(UUID(int=9), MoveReason.ISSUE, (leg,), DocumentRef("test", UUID(int=9)), left_at)
    store.runtime.run(ledger.post, SYSTEM, late)
    before = store.rows()
    with pytest.raises(Conflict, match="books_moved"):
        store.approve(count_id)
    assert store.rows() == before
    store.runtime.run(deciding.send_back, store.reviewer, count_id, "补记了出库")
    store.enter(count_id, {1: 95}, store.keeper)
    assert store.submit(count_id) is CountState.POSTED, "the books now say what was found"
    assert store.house.balance(lot) == (95, 0)


def test_a_base_time_in_the_past_counts_from_there(store: Store, clock: Clock) -> None:
    stocked(store, 100)
    base = clock.advance(hours=1)
    clock.advance(hours=1)
    store.runtime.run(stock.issue, store.keeper, issue(100))
    clock.advance(hours=1)
    count_id = store.start(base_at=base)
    (line,) = store.shown(count_id).lines
    assert line.base_quantity is None
    store.enter(count_id, {1: 0})
    assert store.submit(count_id) is CountState.POSTED
    (line,) = store.shown(count_id).lines
    assert (line.base_quantity, line.moved, line.book) == (100, -100, 0)
    with pytest.raises(InvalidInput, match="in_the_future"):
        store.start(base_at=clock.now + timedelta(minutes=1))


def test_differences_are_posted_both_ways_and_the_sheet_says_so(store: Store) -> None:
    tents, quilts = stocked(store, 1000), stocked(store, 500, sku=QUILT)
    count_id = store.to_decide({1: 995, 2: 503})
    assert store.shown(count_id).row.share_permille == 6
    store.approve(count_id, store.reviewer)
    assert (store.house.balance(tents), store.house.balance(quilts)) == ((995, 0), (503, 0))
    with store.runtime.database.read() as session:
        moves = session.scalars(select(StockMove).where(StockMove.document_id == count_id)).all()
        assert {(move.reason, move.quantity) for move in moves} == {(MoveReason.COUNT, 5), (MoveReason.COUNT, 3)}
        paper = session.scalars(select(Paper).order_by(Paper.version.desc())).first()
        assert paper is not None
        assert [(line["book"], line["counted"], line["reason"]) for line in paper.content["lines"]] == [
            (1000, 995, "记账差错"),
            (500, 503, "记账差错"),
        ]
        assert paper.content["approved"]["name"] == "reviewer.654004"
    assert store.violations() == []
    with pytest.raises(WrongState):
        store.approve(count_id, store.approver)


@pytest.mark.parametrize(("found", "who", "passes"), [(990, "reviewer", True), (989, "reviewer", False), (989, "approver", True), (1011, "reviewer", False)])  # fmt: skip
def test_the_higher_office_decides_about_more_than_one_per_cent(
    store: Store, found: int, who: str, passes: bool
) -> None:
    stocked(store, 1000)
    count_id = store.to_decide({1: found})
    before = store.rows()
    if passes:
        store.approve(count_id, getattr(store, who))
        assert store.rows()["on_hand"] == found
    else:
        with pytest.raises(Forbidden, match="too_large_to_approve"):
            store.approve(count_id, getattr(store, who))
        assert store.rows() == before


def test_the_limit_is_a_parameter(store: Store) -> None:
    stocked(store, 1000)
    store.set("count.approval_permille", "50")
    count_id = store.to_decide({1: 960})
    store.approve(count_id, store.reviewer)


def test_who_had_a_hand_in_a_count_does_not_approve_it_and_a_keeper_never_does(store: Store) -> None:
    stocked(store, 1000)
    both = store.house.actor(Role.APPROVER, VILLAGE)
    count_id = store.to_decide({1: 999})
    before = store.rows()
    for who in (store.keeper, store.clerk, store.auditor, both):
        with pytest.raises((Forbidden, NotFound)):
            store.approve(count_id, who)
    assert store.rows() == before
    store.grant(store.reviewer, Role.KEEPER)
    with pytest.raises(Forbidden, match="keeper_approves"):
        store.approve(count_id, store.reviewer)
    store.grant(store.approver, Role.CLERK)
    store.explain(count_id, 1, who=store.approver)
    with pytest.raises(Forbidden, match="own_document"):
        store.approve(count_id, store.approver)
    assert store.rows()["on_hand"] == 1000


def test_a_line_too_far_off_is_counted_again_by_somebody_else(store: Store) -> None:
    stocked(store, 100)
    stocked(store, 100, sku=WATER)
    store.set("count.tolerance", "default=0, life=5‰, bedding=2")
    store.set("count.tolerance", "life=50‰, default=0")
    count_id = store.start()
    store.enter(count_id, {1: 94, 2: 95})
    assert store.submit(count_id) is CountState.RECOUNTING
    lines = store.shown(count_id).lines
    assert [line.needs_recount for line in lines] == [True, False], "6 of 100 is too far off, 5 is not"
    with pytest.raises(InvalidInput, match="no_recount_needed"):
        store.enter(count_id, {2: 95}, store.clerk)
    with pytest.raises(Forbidden, match="recount_by_another"):
        store.enter(count_id, {1: 94})
    with pytest.raises(Conflict, match="lines_left"):
        store.submit(count_id)
    store.enter(count_id, {1: 100}, store.clerk)
    assert store.submit(count_id) is CountState.SUBMITTED
    assert [line.difference for line in store.shown(count_id).lines] == [0, -5]


def test_two_people_are_two_people(store: Store) -> None:
    stocked(store, 10)
    before = store.rows()
    for fields in (
        {"witness": store.name_of(store.keeper), "witness_name": ""},
        {"witness_name": store.name_of(store.keeper)},
        {"counter": store.name_of(store.clerk), "witness": store.name_of(store.clerk), "witness_name": ""},
        {"witness": "nobody", "witness_name": ""},
    ):
        with pytest.raises(InvalidInput) as refusal:
            store.start(**fields)
        assert refusal.value.fields[0].field == "witness"
    with pytest.raises(InvalidInput, match="required"):
        store.start(witness="", witness_name=" ")
    assert store.rows() == before
    count_id = store.start(witness=store.name_of(store.clerk), witness_name="")
    with pytest.raises(Forbidden, match="witness_enters"):
        store.enter(count_id, {1: 10}, store.clerk)
    with pytest.raises(Forbidden, match="not_the_witness"):
        store.runtime.run(commands.witness, store.auditor, count_id)
    store.enter(count_id, {1: 10})
    with pytest.raises(Conflict, match="witness_missing"):
        store.submit(count_id)
    store.runtime.run(commands.witness, store.clerk, count_id)
    assert store.submit(count_id) is CountState.POSTED


def test_frozen_places_stand_still_until_the_count_is_over(store: Store) -> None:
    lot = stocked(store, 10)
    count_id = store.start(is_frozen=True)
    with pytest.raises(Conflict, match="place_frozen"):
        store.runtime.run(stock.issue, store.keeper, issue(1))
    store.runtime.run(stock.issue, store.keeper.bypassing("雪中转移"), issue(2))
    (bypass,) = store.shown(count_id).bypasses
    assert (bypass.because, bypass.bypassed_by_name) == ("雪中转移", "keeper.654004")
    store.enter(count_id, {1: 7})
    store.submit(count_id)
    store.enter(count_id, {1: 7}, store.clerk)
    store.submit(count_id)
    store.explain(count_id, 1)
    store.approve(count_id)
    assert store.house.balance(lot) == (7, 0), "the count itself may post"
    with store.runtime.database.read() as session:
        paper = session.scalars(select(Paper).where(Paper.form == "count_sheet").order_by(Paper.version.desc())).first()
        assert paper is not None
        assert paper.content["bypasses"][0].endswith("(keeper.654004:雪中转移)")
    store.runtime.run(stock.issue, store.keeper, issue(1))
    assert store.violations() == []


def test_a_place_is_counted_once_at_a_time(store: Store) -> None:
    stocked(store, 10)
    first = store.start(location_codes=(CITY_SHELF,))
    before = store.rows()
    with pytest.raises(Conflict, match="being_counted"):
        store.start()
    assert store.rows() == before
    second = store.start(location_codes=(CITY_QUARANTINE,), is_frozen=True)
    store.runtime.run(commands.cancel, store.keeper, first, "改期")
    store.runtime.run(commands.cancel, store.keeper, second, "改期")
    with pytest.raises(WrongState):
        store.enter(first, {1: 10})
    places = [store.house.locations[CITY_QUARANTINE]]
    assert store.runtime.read(freezing.frozen_places, store.keeper, places) == []
    store.start(is_frozen=True)
    assert store.violations() == []


def test_found_goods_become_a_lot_or_join_theirs(store: Store, clock: Clock) -> None:
    lot = stocked(store, 10, number="T-1")
    store.house.stock(lot, 5, CITY_QUARANTINE)
    other = store.house.lot(sku=QUILT, number="Q-1")
    store.house.stock(other, 5, CITY_SHELF)
    count_id = store.start(location_codes=(CITY_SHELF,))
    found = FoundInput(
        CITY_SHELF, WATER, 12, produced_on=date(2025, 12, 1), unit_price_fen=2_800, quality=GoodsQuality.DAMP
    )
    with pytest.raises(InvalidInput, match="on_the_sheet"):
        store.runtime.run(commands.add_found, store.keeper, count_id, FoundInput(CITY_SHELF, TENT, 1, lot_number="T-1"))
    with pytest.raises(InvalidInput, match="location_code"):
        store.runtime.run(commands.add_found, store.keeper, count_id, FoundInput(CITY_QUARANTINE, WATER, 1))
    with pytest.raises(InvalidInput) as refusal:
        tomorrow = replace(found, produced_on=business_day(clock.now) + timedelta(days=1))
        store.runtime.run(commands.add_found, store.keeper, count_id, tomorrow)
    assert [(field.field, field.code) for field in refusal.value.fields] == [("produced_on", "made_later")]
    assert store.runtime.run(commands.add_found, store.keeper, count_id, found) == 3
    store.enter(count_id, {1: 10, 2: 5})
    assert store.submit(count_id) is CountState.RECOUNTING
    store.enter(count_id, {3: 12}, store.clerk, quality=GoodsQuality.DAMP)
    store.submit(count_id)
    assert store.shown(count_id).row.share_permille == 1000
    store.explain(count_id, 3)
    store.approve(count_id)
    with store.runtime.database.read() as session:
        new = session.scalars(select(Lot).where(Lot.document_id == count_id)).one()
    assert (new.fund_source, new.owner_id, new.expires_on, new.unit_price_fen) == (
        "盘盈",
        store.house.organisations[CITY],
        date(2026, 12, 1),
        2_800,
    )
    assert store.house.balance(new.id) == (12, 0)
    assert store.violations() == []


def test_a_lot_found_at_another_place_joins_itself(store: Store) -> None:
    lot = stocked(store, 10, number="T-1")
    count_id = store.start()
    store.runtime.run(
        commands.add_found, store.keeper, count_id, FoundInput(CITY_QUARANTINE, TENT, 3, lot_number="T-1")
    )
    store.enter(count_id, {1: 7})
    store.submit(count_id)
    store.enter(count_id, {1: 7, 2: 3}, store.clerk)
    store.submit(count_id)
    store.explain(count_id, 1, 2)
    store.approve(count_id)
    assert (store.house.balance(lot), store.house.balance(lot, CITY_QUARANTINE)) == ((7, 0), (3, 0))


def hold(store: Store, number: int, lot: UUID, quantity: int) -> None:
    store.runtime.run(
        ledger.reserve,
        SYSTEM,
        Hold(
            UUID(int=number),
            DocumentRef("test", UUID(int=1), f"DB-{number}"),
            store.house.locations[CITY_SHELF],
            lot,
            quantity,
            START + timedelta(days=9),
        ),
    )


def test_a_count_says_which_orders_it_hits_before_it_touches_what_is_reserved(store: Store, clock: Clock) -> None:
    lot = stocked(store, 100)
    hold(store, 1, lot, 50)
    clock.advance(minutes=1)
    hold(store, 2, lot, 30)
    count_id = store.to_decide({1: 75})
    before = store.rows()
    with pytest.raises(Conflict) as refusal:
        store.approve(count_id)
    assert (refusal.value.code, refusal.value.params["orders"]) == ("orders_hit", "DB-2(第1行,少5)")
    assert store.rows() == before
    store.approve(count_id, cut_holds=True)
    assert store.house.balance(lot) == (75, 75)
    with store.runtime.database.read() as session:
        assert [row.open_quantity for row in session.scalars(select(Reservation).order_by(Reservation.id))] == [50, 25]
    (hit,) = store.shown(count_id).hits
    assert (hit.document_number, hit.quantity, hit.line_no) == ("DB-2", 5, 1)
    assert store.violations() == []


def test_a_count_above_what_is_reserved_hits_nobody(store: Store) -> None:
    lot = stocked(store, 100)
    hold(store, 1, lot, 50)
    store.approve(store.to_decide({1: 50}))
    assert store.house.balance(lot) == (50, 50)


def test_goods_that_left_after_they_were_counted_cannot_be_short_once_more(store: Store, clock: Clock) -> None:
    lot = stocked(store, 10)
    count_id = store.to_decide({1: 5})
    clock.advance(hours=1)
    store.runtime.run(stock.issue, store.keeper, issue(8))
    before = store.rows()
    with pytest.raises(InsufficientStock):
        store.approve(count_id)
    assert (store.rows(), store.house.balance(lot)) == (before, (2, 0))


def test_a_mistake_that_a_count_has_put_right_is_not_taken_back_as_well(store: Store, clock: Clock) -> None:
    """Ten were written up that never left; the count finds them. Reversing the note now would put them in twice."""
    lot = stocked(store, 1000)
    early = store.runtime.run(stock.issue, store.keeper, issue(10))
    clock.advance(hours=1)
    store.approve(store.to_decide({1: 1000}))
    later = store.runtime.run(stock.issue, store.keeper, issue(20))
    assert store.house.balance(lot) == (980, 0)
    before = store.rows()
    with pytest.raises(Conflict, match="counted_since") as refusal:
        store.runtime.run(stock.reverse_document, store.keeper, early, "没有发出")
    assert refusal.value.params["document"].startswith("PD-")
    assert (store.rows(), store.house.balance(lot)) == (before, (980, 0))
    store.runtime.run(stock.reverse_document, store.keeper, later, "没有发出")
    assert store.house.balance(lot) == (1000, 0)
    assert store.violations() == []


def test_differences_need_a_reason(store: Store) -> None:
    stocked(store, 10)
    count_id = store.start()
    store.enter(count_id, {1: 9})
    store.submit(count_id)
    store.enter(count_id, {1: 9}, store.clerk)
    store.submit(count_id)
    with pytest.raises(Conflict, match="unexplained"):
        store.approve(count_id)
    with pytest.raises(InvalidInput, match="required"):
        from supplyops.counts.rules import ExplanationsInput

        ExplanationsInput((ExplanationInput(1, CountReason.OTHER),))
    with pytest.raises(InvalidInput, match="unknown_reference"):
        store.explain(count_id, 2)
    assert store.explain(count_id, 1) == 0
    store.approve(count_id)


def test_sent_back_lines_are_counted_by_yet_another_hand(store: Store) -> None:
    stocked(store, 10)
    count_id = store.to_decide({1: 9})
    store.runtime.run(deciding.send_back, store.reviewer, count_id, "再数一遍")
    (line,) = store.shown(count_id).lines
    assert (line.book, line.counted, line.recounted, line.reason) == (None, None, None, None), "hidden again"
    with pytest.raises(Forbidden, match="recount_by_another"):
        store.enter(count_id, {1: 10}, store.clerk)
    store.enter(count_id, {1: 10})
    assert store.submit(count_id) is CountState.POSTED
    assert store.violations() == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"site_code": "nowhere"}, "site_code"),
        ({"location_codes": (CITY_SHELF, "x")}, "location_codes.1"),
        ({"zones": ("Z",)}, "zones.0"),
        ({"skus": ("A99999",)}, "skus.0"),
        ({"counter": "nobody"}, "counter"),
    ],
)
def test_a_count_of_what_is_not_there_leaves_nothing(store: Store, fields: dict[str, Any], field: str) -> None:
    stocked(store, 10)
    before = store.rows()
    with pytest.raises(InvalidInput) as refusal:
        store.start(**fields)
    assert ([each.field for each in refusal.value.fields], store.rows()) == ([field], before)


def test_a_full_count_leaves_nothing_out(store: Store) -> None:
    with pytest.raises(InvalidInput, match="full_count_narrowed"):
        store.start(kind=CountKind.QUARTERLY, skus=(TENT,))


def test_goods_are_chosen_by_item_and_by_value(store: Store) -> None:
    stocked(store, 1000)
    stocked(store, 1, sku=QUILT)
    count_id = store.start(skus=(QUILT,))
    assert [line.sku for line in store.shown(count_id).lines] == [QUILT]
    store.runtime.run(commands.cancel, store.keeper, count_id, "x")
    count_id = store.start(value_classes=(ValueClass.A,))
    assert [line.sku for line in store.shown(count_id).lines] == [TENT]


def test_the_same_key_is_one_count(store: Store) -> None:
    stocked(store, 10)
    keyed = store.keeper.keyed("k-1")
    first = store.start(who=keyed)
    before = store.rows()
    assert store.start(who=keyed) == first
    assert store.rows() == before


def test_others_neither_see_nor_count(store: Store) -> None:
    stocked(store, 10)
    count_id = store.start()
    stranger = store.house.actor(Role.KEEPER, VILLAGE)
    assert store.runtime.read(queries.counts, stranger, CountFilter()) == []
    with pytest.raises(NotFound):
        store.shown(count_id, stranger)
    with pytest.raises(NotFound):
        store.enter(count_id, {1: 10}, stranger)
    with pytest.raises((InvalidInput, Forbidden)):
        store.start(who=stranger)
    with pytest.raises(Forbidden):
        store.start(who=store.auditor)


def test_figures_are_whole_numbers_of_this_sheet_and_not_of_tomorrow(store: Store, clock: Clock) -> None:
    stocked(store, 10)
    count_id = store.start()
    before = store.rows()
    with pytest.raises(InvalidInput, match="too_small"):
        store.enter(count_id, {1: -1})
    with pytest.raises(InvalidInput, match="unknown_reference"):
        store.enter(count_id, {1: 10, 2: 1})
    with pytest.raises(InvalidInput, match="in_the_future"):
        store.enter(count_id, {1: 10}, counted_at=clock.now + timedelta(hours=1))
    with pytest.raises(InvalidInput, match="before_base"):
        store.enter(count_id, {1: 10}, counted_at=clock.now - timedelta(hours=1))
    with pytest.raises(Conflict, match="lines_left"):
        store.submit(count_id)
    assert store.rows() == before


def test_what_is_due(store: Store, clock: Clock) -> None:
    stocked(store, 10)
    stocked(store, 10, sku=WATER)
    store.set("count.cycle_goods", "sku:B")

    def due() -> list[tuple[CountKind, tuple[str, ...], date]]:
        rows = store.runtime.read(due_queries.due_counts, store.keeper)
        return [(each.kind, each.skus, each.due_on) for each in rows]

    assert due() == []
    clock.advance(days=31)
    assert due() == [(CountKind.CYCLE, (WATER,), date(2026, 2, 12))]
    count_id = store.start(skus=(WATER,))
    store.enter(count_id, {1: 10})
    store.submit(count_id)
    assert due() == []
    clock.advance(days=59)
    assert [kind for kind, *_ in due()] == [CountKind.CYCLE, CountKind.QUARTERLY]
    clock.now = clock.now.replace(month=12, day=3)
    assert CountKind.ANNUAL in {kind for kind, *_ in due()}
    full = store.start(kind=CountKind.ANNUAL)
    store.enter(full, {1: 10, 2: 10})
    store.submit(full)
    assert due() == []
    assert store.runtime.read(due_queries.due_counts, store.house.actor(Role.KEEPER, VILLAGE), VILLAGE_STORE) == []
