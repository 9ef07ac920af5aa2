"""Figures written up later than they were found: admitted like any late entry, shown before they count, moves with both dates."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from supplyops.counts import late
from supplyops.counts.rules import CountState
from supplyops.kernel.access import Actor, Role
from supplyops.kernel.errors import Conflict
from supplyops.stock import commands as stock
from supplyops.stock import late_entries
from supplyops.stock.documents import IssueInput, IssueKind, IssueLineInput, LatePermitInput
from supplyops.stock.rules import LateKind, LatePermitState, MoveReason
from supplyops.stock.tables import LatePermit, StockMove
from tests.api.test_basics import with_token
from tests.conftest import START, Clock
from tests.counts.conftest import Store
from tests.house import CITY, CITY_SHELF, CITY_STORE, TENT
from tests.web.site import Site

COUNTED = START + timedelta(hours=1)


def counted_earlier(store: Store, clock: Clock, figure: int = 98, after: timedelta = timedelta(hours=7)) -> UUID:
    """A hundred tents, counted on paper an hour later, ten of them given out after that, written up in the evening."""
    lot = store.house.lot()
    store.house.stock(lot, 100)
    clock.advance(hours=2)
    lines = (IssueLineInput(TENT, 10),)
    store.runtime.run(
        stock.issue, store.keeper, IssueInput(IssueKind.DISTRIBUTION, CITY_STORE, CITY, "街道", "安置", lines)
    )
    clock.now += after
    count_id = store.start(base_at=START + timedelta(minutes=30))
    store.enter(count_id, {1: figure}, counted_at=COUNTED)
    return count_id


def to_approve(store: Store, count_id: UUID) -> None:
    if store.submit(count_id) is CountState.RECOUNTING:
        store.enter(count_id, {1: store.shown(count_id).lines[0].base_quantity or 98}, store.clerk, counted_at=COUNTED)
        store.submit(count_id)
    store.explain(count_id, 1)


def moves(store: Store) -> list[StockMove]:
    with store.runtime.database.read() as session:
        return list(session.scalars(select(StockMove).where(StockMove.reason == MoveReason.COUNT)))


def test_a_late_count_is_shown_first_and_moves_at_its_own_time(store: Store, clock: Clock) -> None:
    store.set("count.tolerance", "default=99")
    count_id = counted_earlier(store, clock)
    to_approve(store, count_id)
    (line,) = store.shown(count_id).lines
    assert (line.book, line.difference, line.is_late) == (100, -2, True), "the books of the time it was counted"
    before = store.rows()
    effect = store.runtime.rehearse(late.try_approve, store.approver, count_id, "")
    assert (effect.is_late, effect.occurred_at) == (True, COUNTED)
    (row,) = effect.rows
    assert (row.change, row.then_before, row.then_after, row.now_before, row.now_after) == (-2, 100, 98, 90, 88)
    assert store.rows() == before
    store.approve(count_id)
    (move,) = moves(store)
    assert (move.quantity, move.occurred_at, move.recorded_at) == (2, COUNTED, clock.now)
    assert store.rows()["on_hand"] == 88
    assert store.violations() == []


def test_a_prompt_count_counts_from_its_approval(store: Store, clock: Clock) -> None:
    store.set("count.tolerance", "default=99")
    store.house.stock(store.house.lot(), 100)
    count_id = store.start()
    store.enter(count_id, {1: 98})
    clock.advance(hours=9)
    to_approve(store, count_id)
    assert store.runtime.rehearse(late.try_approve, store.approver, count_id, "").is_late is False
    store.approve(count_id)
    (move,) = moves(store)
    assert move.occurred_at == clock.now


def test_what_was_given_out_since_cannot_have_been_missing(store: Store, clock: Clock) -> None:
    store.set("count.tolerance", "default=99")
    count_id = counted_earlier(store, clock, figure=4)
    to_approve(store, count_id)
    before = store.rows()
    with pytest.raises(Conflict, match="would_have_been_negative"):
        store.approve(count_id)
    assert store.rows() == before


def test_one_from_too_long_ago_needs_a_permit_once_for_all_its_figures(store: Store, clock: Clock) -> None:
    store.house.stock(store.house.lot(), 100)
    store.house.stock(store.house.lot(number="T-2"), 50)
    clock.advance(days=40)
    count_id = store.start(base_at=START + timedelta(minutes=30))
    before = store.rows()
    with pytest.raises(Conflict, match="late_needs_permit"):
        store.enter(count_id, {1: 100}, counted_at=COUNTED)
    assert store.rows() == before
    permit(store, store.keeper, COUNTED)
    store.enter(count_id, {1: 100}, counted_at=COUNTED)
    store.enter(count_id, {2: 50}, counted_at=COUNTED)
    with store.runtime.database.read() as session:
        (row,) = session.scalars(select(LatePermit)).all()
    assert (row.state, row.used_by_document_id) == (LatePermitState.USED, count_id)
    with pytest.raises(Conflict, match="late_needs_permit"):
        store.enter(count_id, {2: 50}, counted_at=COUNTED - timedelta(minutes=20))


def permit(store: Store, keeper: Actor, earliest: datetime) -> None:
    asked = store.runtime.run(
        late_entries.ask_late, keeper, LatePermitInput(CITY_STORE, LateKind.COUNT, earliest, "盘点表漏录")
    )
    store.runtime.run(late_entries.decide_late, store.approver, asked, True)


def test_the_pages_and_programs_show_it_first(store: Store, clock: Clock, tmp_path: Path) -> None:
    store.set("count.tolerance", "default=99")
    store.house.stock(store.house.lot(), 100)
    clock.advance(hours=9)
    count_id = store.start(base_at=START + timedelta(minutes=30))
    number = store.shown(count_id).row.number
    site = Site(store.house, tmp_path)
    keeper, approver = site.browser(Role.KEEPER), site.browser(Role.APPROVER)
    keeper.get(f"/counts/{number}/places/{CITY_SHELF}")
    keeper.post(f"/counts/{number}/places/{CITY_SHELF}", 422, **{"quantity-1": "98", "counted_at": "昨天"})
    keeper.post(f"/counts/{number}/places/{CITY_SHELF}", **{"quantity-1": "98", "counted_at": "2026-01-12T11:00"})
    to_approve(store, count_id)
    approver.get(f"/counts/{number}")
    approver.post(f"/counts/{number}/approve", 200, note="同意")
    assert "这是补录,请先核对影响" in approver.page
    assert 'name="note" value="同意"' in approver.page
    client, headers = site.app.test_client(), {**with_token(site, Role.APPROVER), "Idempotency-Key": "e1"}
    effect = client.post(f"/api/v1/counts/{number}/approve/effect", json={}, headers=headers).get_json()
    assert (effect["is_late"], effect["rows"][0]["now_after"]) == (True, 98)
    assert moves(store) == []
    approver.post(f"/counts/{number}/approve", note="同意", step="confirm")
    (move,) = moves(store)
    assert move.occurred_at == COUNTED
