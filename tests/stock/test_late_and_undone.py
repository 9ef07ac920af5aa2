"""Written up late: shown first, refused where it could not have been. Undone in time: by who posted it, while nobody used it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from supplyops.dispatch import commands as dispatch
from supplyops.dispatch.rules import LoadInput
from supplyops.dispatch.tables import ReleaseInstruction
from supplyops.kernel.access import Actor, Role
from supplyops.kernel.errors import Conflict, Forbidden, InvalidInput, WrongState
from supplyops.papers.tables import Paper
from supplyops.runtime import Runtime
from supplyops.stock import commands, document_queries, late_entries, queries, undoing
from supplyops.stock.documents import IssueLineInput, LatePermitInput, TransferInput, TransferLineInput
from supplyops.stock.rules import LateKind, LatePermitState
from supplyops.stock.tables import LatePermit, Lot, StockDocument, StockMove
from supplyops.stock.views import MoveFilter
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.dispatch.test_supplying import Order
from tests.dispatch.world import World, build_world
from tests.house import CITY_QUARANTINE, CITY_SHELF, CITY_STORE, PREFECTURE, TENT, VILLAGE
from tests.stock.test_store_documents import counts, issue, receipt


@pytest.fixture
def world(runtime: Runtime) -> World:
    return build_world(runtime)


@pytest.fixture
def keeper(world: World) -> Actor:
    return world.actor(Role.KEEPER)


def wrong(runtime: Runtime) -> list[str]:
    return [f"{each.id} {each.examples}" for each in verify(runtime.database) if not each.is_clean]


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


def stocked(world: World, clock: Clock) -> UUID:
    """10 tents at START, 6 of them issued five hours later, 20 more ten hours later; then it is the next morning."""
    lot = world.house.lot(TENT, number="T1")
    world.house.stock(lot, 10)
    clock.advance(hours=5)
    world.runtime.run(commands.issue, world.actor(Role.KEEPER), issue(IssueLineInput(TENT, 6)))
    clock.advance(hours=5)
    world.house.stock(lot, 20)
    clock.advance(hours=14)
    return lot


def test_a_late_issue_shows_what_it_changes_and_keeps_both_dates(world: World, keeper: Actor, clock: Clock) -> None:
    lot = stocked(world, clock)
    wanted = issue(IssueLineInput(TENT, 3), issued_at=hours(2))
    before = world.books()
    effect = world.runtime.rehearse(late_entries.try_issue, keeper, wanted)
    assert world.books() == before, "looking changes nothing"
    (row,) = effect.rows
    assert effect.is_late
    assert (row.change, row.then_before, row.then_after) == (-3, 10, 7)
    assert (row.lowest_after, row.lowest_at, row.moves_since) == (1, hours(5), 2)
    assert (row.now_before, row.now_after) == (24, 21)
    document_id = world.runtime.run(commands.issue, keeper, wanted)
    (document,) = [each for each in world.rows(StockDocument) if each.id == document_id]
    assert (document.is_late, document.occurred_at, document.created_at) == (True, hours(2), hours(24))
    move = world.rows(StockMove)[-1]
    assert (move.occurred_at, move.recorded_at) == (hours(2), hours(24))
    assert world.runtime.read(queries.history, keeper, MoveFilter(lot_id=lot))[0].is_late
    paper = world.rows(Paper)[-1]
    assert paper.content["note"] == "补录:发生于 2026-01-12 12:00,记账于 2026-01-13 10:00"
    listed = world.runtime.read(document_queries.documents, keeper, document_queries.DocumentFilter(only_late=True))
    assert [each.id for each in listed] == [document_id]
    assert wrong(world.runtime) == []


@pytest.mark.parametrize(("quantity", "at"), [(5, 2.0), (11, 0.0), (1, -1.0)])
def test_what_could_not_have_been_is_refused(
    world: World, keeper: Actor, clock: Clock, quantity: int, at: float
) -> None:
    """5 at 12:00 would have left less than nothing when six more went out; at 9:00 nothing was there yet."""
    stocked(world, clock)
    before = counts(world.runtime)
    with pytest.raises(Conflict, match="would_have_been_negative"):
        world.runtime.run(commands.issue, keeper, issue(IssueLineInput(TENT, quantity), issued_at=hours(at)))
    assert counts(world.runtime) == before
    world.runtime.run(commands.issue, keeper, issue(IssueLineInput(TENT, 4), issued_at=hours(2)))
    assert wrong(world.runtime) == []


def test_a_late_issue_takes_of_what_lay_there_then(world: World, keeper: Actor, clock: Clock) -> None:
    """What came since and expires sooner did not go out before it came; nor is it what an issue of then had to take."""
    world.house.stock(world.house.lot(TENT, number="OLD", expires_on=date(2028, 1, 1)), 10)
    clock.advance(hours=5)
    world.house.stock(world.house.lot(TENT, number="NEW", expires_on=date(2027, 1, 1)), 10)
    clock.advance(hours=5)
    run = world.runtime.run
    run(commands.issue, keeper, issue(IssueLineInput(TENT, 3), IssueLineInput(TENT, 2, "OLD"), issued_at=hours(2)))
    run(commands.issue, keeper, issue(IssueLineInput(TENT, 4), issued_at=hours(6)))
    numbers = {lot.id: lot.number for lot in world.rows(Lot)}
    went = [(numbers[move.lot_id], move.quantity) for move in world.rows(StockMove) if move.document_kind == "issue"]
    assert went == [("OLD", 3), ("OLD", 2), ("NEW", 4)]
    with pytest.raises(Conflict, match="would_have_been_negative"):
        run(commands.issue, keeper, issue(IssueLineInput(TENT, 6), issued_at=hours(2)))
    assert wrong(world.runtime) == []


def test_a_late_transfer_and_a_late_receipt_are_marked_too(world: World, keeper: Actor, clock: Clock) -> None:
    stocked(world, clock)
    run = world.runtime.run
    apart = TransferLineInput("T1", CITY_SHELF, CITY_QUARANTINE, 4)
    run(commands.transfer, keeper, TransferInput(CITY_STORE, "受潮", (apart,), hours(1)))
    with pytest.raises(Conflict, match="would_have_been_negative"):
        run(commands.transfer, keeper, TransferInput(CITY_STORE, "受潮", (apart,), hours(1)))
    run(commands.receive, keeper, receipt(arrived_at=hours(3)))
    run(commands.receive, keeper, receipt(arrived_at=hours(23.5)))
    assert [each.is_late for each in world.rows(StockDocument)] == [False, True, True, False]
    assert wrong(world.runtime) == []


def test_nothing_is_written_up_before_it_happens(world: World, keeper: Actor, clock: Clock) -> None:
    stocked(world, clock)
    with pytest.raises(InvalidInput) as refusal:
        world.runtime.run(commands.issue, keeper, issue(IssueLineInput(TENT, 1), issued_at=hours(25)))
    assert [(each.field, each.code) for each in refusal.value.fields] == [("issued_at", "in_the_future")]


def test_long_ago_needs_an_approver_and_the_permit_serves_once(world: World, keeper: Actor, clock: Clock) -> None:
    stocked(world, clock)
    clock.advance(days=5)
    run = world.runtime.run
    late = issue(IssueLineInput(TENT, 1), issued_at=hours(6))
    before = counts(world.runtime)
    with pytest.raises(Conflict, match="late_needs_permit"):
        run(commands.issue, keeper, late)
    assert counts(world.runtime) == before
    permit_id = run(late_entries.ask_late, keeper, LatePermitInput(CITY_STORE, LateKind.ISSUE, hours(6), "纸单遗漏"))
    with pytest.raises(Conflict, match="late_needs_permit"):
        run(commands.issue, keeper, late)
    with pytest.raises(Forbidden):
        run(late_entries.decide_late, keeper, permit_id, True)
    approver = world.actor(Role.APPROVER)
    with pytest.raises(InvalidInput):
        run(late_entries.decide_late, approver, permit_id, False, "")
    run(late_entries.decide_late, approver, permit_id, True)
    with pytest.raises(WrongState):
        run(late_entries.decide_late, approver, permit_id, True)
    with pytest.raises(Conflict, match="late_needs_permit"):
        run(commands.issue, keeper, issue(IssueLineInput(TENT, 1), issued_at=hours(5)))
    with pytest.raises(Conflict, match="late_needs_permit"):
        run(commands.issue, world.actor(Role.KEEPER, PREFECTURE), late)
    document_id = run(commands.issue, keeper, late)
    (permit,) = world.rows(LatePermit)
    assert (permit.state, permit.used_by_document_id) == (LatePermitState.USED, document_id)
    with pytest.raises(Conflict, match="late_needs_permit"):
        run(commands.issue, keeper, late)
    (row,) = world.runtime.read(late_entries.late_permits, keeper)
    assert row.document_number.startswith("CK-")
    assert wrong(world.runtime) == []


def test_a_permit_is_asked_for_where_one_works(world: World) -> None:
    given = LatePermitInput(CITY_STORE, LateKind.ISSUE, START, "x")
    with pytest.raises((Forbidden, InvalidInput)):
        world.runtime.run(late_entries.ask_late, world.actor(Role.KEEPER, VILLAGE), given)
    assert world.rows(LatePermit) == []


@pytest.mark.parametrize("what", ["receipt", "issue", "transfer"])
def test_who_posted_it_undoes_it_in_time(world: World, keeper: Actor, clock: Clock, what: str) -> None:
    lot = world.house.lot(TENT, number="T1")
    world.house.stock(lot, 10)
    moved = TransferInput(CITY_STORE, "受潮", (TransferLineInput("T1", CITY_SHELF, CITY_QUARANTINE, 4),))
    write: dict[str, tuple[Any, Any]] = {
        "receipt": (commands.receive, receipt()),
        "issue": (commands.issue, issue(IssueLineInput(TENT, 3))),
        "transfer": (commands.transfer, moved),
    }
    document_id = world.runtime.run(write[what][0], keeper, write[what][1])
    clock.advance(minutes=9)
    state = world.runtime.read(undoing.undo_of, keeper, document_id)
    assert (state.is_possible, state.until) == (True, START + timedelta(minutes=10))
    world.runtime.run(undoing.undo_document, keeper, document_id)
    assert world.house.balance(lot) == (10, 0)
    assert all(each.state.value == "void" for each in world.rows(Paper) if each.subject_id == document_id)
    with pytest.raises(WrongState):
        world.runtime.run(undoing.undo_document, keeper, document_id)
    assert wrong(world.runtime) == []


def refused(world: World, actor: Actor, document_id: UUID) -> tuple[str, dict[str, Any]]:
    before = world.books()
    with pytest.raises((Conflict, Forbidden)) as refusal:
        world.runtime.run(undoing.undo_document, actor, document_id)
    assert world.books() == before
    state = world.runtime.read(undoing.undo_of, actor, document_id)
    assert (state.is_possible, state.code) == (False, refusal.value.code)
    return refusal.value.code, refusal.value.params


def test_too_late_and_somebody_elses(world: World, keeper: Actor, clock: Clock) -> None:
    document_id = world.runtime.run(commands.receive, keeper, receipt())
    assert refused(world, world.actor(Role.CUSTODIAN), document_id)[0] == "undo_not_yours"
    clock.advance(minutes=10, seconds=1)
    assert refused(world, keeper, document_id) == ("undo_too_late", {"minutes": 10})


def test_goods_somebody_else_has_used_since(world: World, keeper: Actor) -> None:
    document_id = world.runtime.run(commands.receive, keeper, receipt())
    other = world.actor(Role.CUSTODIAN)
    used = world.runtime.run(commands.issue, other, issue(IssueLineInput(TENT, 1)))
    number = next(row.number for row in world.rows(StockDocument) if row.id == used)
    code, params = refused(world, keeper, document_id)
    assert (code, params["document"], params["who"]) == ("undo_used", number, "custodian.654004")
    world.runtime.run(undoing.undo_document, other, used)
    world.runtime.run(undoing.undo_document, keeper, document_id)
    assert wrong(world.runtime) == []


def test_goods_one_has_used_oneself_are_undone_first(world: World, keeper: Actor) -> None:
    first = world.runtime.run(commands.receive, keeper, receipt())
    second = world.runtime.run(commands.issue, keeper, issue(IssueLineInput(TENT, 1)))
    third = world.runtime.run(commands.issue, keeper, issue(IssueLineInput(TENT, 1)))
    assert refused(world, keeper, first)[0] == "undo_used"
    world.runtime.run(undoing.undo_document, keeper, second)
    world.runtime.run(undoing.undo_document, keeper, third)
    world.runtime.run(undoing.undo_document, keeper, first)
    assert wrong(world.runtime) == []


def test_goods_on_a_vehicle_and_goods_that_are_promised(world: World, keeper: Actor, clock: Clock) -> None:
    document_id = world.runtime.run(commands.receive, keeper, receipt())
    lot = next(row.id for row in world.rows(Lot) if row.document_id == document_id)
    world.approve(world.plan(world.tents(4, lot=lot)))
    code, params = refused(world, keeper, document_id)
    assert (code, params["document"]) == ("undo_reserved", world.rows(ReleaseInstruction)[0].number)
    order = world.consignment()
    world.runtime.run(dispatch.accept, keeper, order.id)
    world.runtime.run(dispatch.load, keeper, LoadInput(order.id, {}))
    code, params = refused(world, keeper, document_id)
    assert (code, params["document"]) == ("undo_loaded", order.number)


def test_a_supplier_delivery_is_not_undone_behind_the_contract(world: World) -> None:
    order = Order(world)
    order.confirm()
    document_id = order.receive(60)
    assert isinstance(document_id, UUID)
    assert refused(world, world.actor(Role.CUSTODIAN, VILLAGE), document_id)[0] == "undo_call_off"
