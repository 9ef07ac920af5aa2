"""The ledger: what it records, what it refuses, and that a refusal leaves nothing behind."""

from __future__ import annotations

import itertools
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from supplyops.database.engine import Database
from supplyops.database.guards import AppendOnlyViolation
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.errors import InvalidInput, NotFound
from supplyops.kernel.reference import DocumentRef
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Runtime
from supplyops.stock import ledger
from supplyops.stock.rules import AlreadyReversed, Hold, InsufficientStock, Leg, MoveReason, Posting, PostingConflict
from supplyops.stock.tables import Reservation, StockMove
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.house import CITY_QUARANTINE, CITY_SHELF, PREFECTURE_SHELF, VILLAGE_SHELF, House, build_house

pytestmark = pytest.mark.every_engine

CONSUMED = virtual_location_id(LocationKind.CONSUMED)


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


def posting(number: int, reason: MoveReason, *legs: Leg) -> Posting:
    return Posting(UUID(int=number), reason, legs, DocumentRef("test", UUID(int=9_000 + number)), START)


def hold(house: House, number: int, lot_id: UUID, quantity: int, *, days: float = 1) -> Hold:
    return Hold(
        UUID(int=number),
        DocumentRef("test", UUID(int=1)),
        house.locations[CITY_SHELF],
        lot_id,
        quantity,
        START + timedelta(days=days),
    )


def moves(runtime: Runtime) -> list[StockMove]:
    with runtime.database.read() as session:
        return list(session.scalars(select(StockMove).order_by(StockMove.seq)))


def test_a_transfer_takes_from_one_place_and_gives_to_the_other(runtime: Runtime, house: House) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    leg = Leg(lot, house.locations[CITY_SHELF], house.locations[VILLAGE_SHELF], 4)
    result = runtime.run(ledger.post, SYSTEM, posting(1, MoveReason.TRANSFER, leg))
    assert result.is_new
    assert house.balance(lot) == (6, 0)
    assert house.balance(lot, VILLAGE_SHELF) == (4, 0)
    last = moves(runtime)[-1]
    assert (last.quantity, last.reason, last.owner_id, last.custodian_id) == (
        4,
        MoveReason.TRANSFER,
        house.organisations["654004"],
        house.organisations["654004"],
    )


def test_the_same_posting_again_changes_nothing(runtime: Runtime, house: House) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    issue = posting(1, MoveReason.ISSUE, Leg(lot, house.locations[CITY_SHELF], CONSUMED, 3))
    runtime.run(ledger.post, SYSTEM, issue)
    assert not runtime.run(ledger.post, SYSTEM, issue).is_new
    assert house.balance(lot) == (7, 0)
    assert len(moves(runtime)) == 2


def test_the_same_id_with_other_content_is_refused(runtime: Runtime, house: House) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    runtime.run(ledger.post, SYSTEM, posting(1, MoveReason.ISSUE, Leg(lot, house.locations[CITY_SHELF], CONSUMED, 3)))
    with pytest.raises(PostingConflict):
        runtime.run(
            ledger.post, SYSTEM, posting(1, MoveReason.ISSUE, Leg(lot, house.locations[CITY_SHELF], CONSUMED, 4))
        )
    assert house.balance(lot) == (7, 0)


def test_more_than_there_is_is_refused_and_nothing_is_half_done(runtime: Runtime, house: House) -> None:
    plenty, scarce = house.lot(), house.lot()
    house.stock(plenty, 10)
    house.stock(scarce, 1)
    shelf = house.locations[CITY_SHELF]
    with pytest.raises(InsufficientStock) as refusal:
        runtime.run(
            ledger.post,
            SYSTEM,
            posting(1, MoveReason.ISSUE, Leg(plenty, shelf, CONSUMED, 5), Leg(scarce, shelf, CONSUMED, 2)),
        )
    assert refusal.value.params["requested"] == 2
    assert refusal.value.params["available"] == 1
    assert house.balance(plenty) == (10, 0)
    assert house.balance(scarce) == (1, 0)
    assert len(moves(runtime)) == 2


def test_a_posting_is_judged_at_its_end_not_in_the_middle(runtime: Runtime, house: House) -> None:
    lot = house.lot()
    house.stock(lot, 5)
    shelf, quarantine = house.locations[CITY_SHELF], house.locations[CITY_QUARANTINE]
    there_and_back = (Leg(lot, quarantine, shelf, 5), Leg(lot, shelf, quarantine, 5))
    runtime.run(ledger.post, SYSTEM, posting(1, MoveReason.QUARANTINE, *there_and_back))
    assert house.balance(lot) == (5, 0)
    assert house.balance(lot, CITY_QUARANTINE) == (0, 0)


def test_reserved_stock_cannot_be_taken_by_others(runtime: Runtime, house: House) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    runtime.run(ledger.reserve, SYSTEM, hold(house, 50, lot, 8))
    assert house.balance(lot) == (10, 8)
    with pytest.raises(InsufficientStock):
        runtime.run(
            ledger.post, SYSTEM, posting(1, MoveReason.ISSUE, Leg(lot, house.locations[CITY_SHELF], CONSUMED, 3))
        )
    with pytest.raises(InsufficientStock):
        runtime.run(ledger.reserve, SYSTEM, hold(house, 51, lot, 3))
    assert house.balance(lot) == (10, 8)


def test_fulfilling_a_hold_takes_exactly_what_was_held(runtime: Runtime, house: House) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    runtime.run(ledger.reserve, SYSTEM, hold(house, 50, lot, 8))
    issue = posting(1, MoveReason.ISSUE, Leg(lot, house.locations[CITY_SHELF], CONSUMED, 8))
    runtime.run(ledger.post, SYSTEM, issue, {UUID(int=50): 8})
    assert house.balance(lot) == (2, 0)
    with runtime.database.read() as session:
        reservation = session.get(Reservation, UUID(int=50))
        assert reservation is not None
        assert (reservation.fulfilled, reservation.open_quantity, reservation.closed_at) == (8, 0, START)


def test_a_hold_is_only_settled_by_a_leg_that_matches_it(runtime: Runtime, house: House) -> None:
    lot, other = house.lot(), house.lot()
    house.stock(lot, 10)
    house.stock(other, 10)
    runtime.run(ledger.reserve, SYSTEM, hold(house, 50, lot, 8))
    issue = posting(1, MoveReason.ISSUE, Leg(other, house.locations[CITY_SHELF], CONSUMED, 8))
    with pytest.raises(InvalidInput):
        runtime.run(ledger.post, SYSTEM, issue, {UUID(int=50): 8})
    assert house.balance(lot) == (10, 8)
    assert house.balance(other) == (10, 0)


def test_released_and_expired_holds_give_the_stock_back(runtime: Runtime, house: House, clock: Clock) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    runtime.run(ledger.reserve, SYSTEM, hold(house, 50, lot, 5))
    runtime.run(ledger.reserve, SYSTEM, hold(house, 51, lot, 5, days=3))
    assert runtime.run(ledger.release, SYSTEM, UUID(int=50), 2) == 2
    assert house.balance(lot) == (10, 8)
    clock.advance(days=2)
    assert runtime.run(ledger.expire_due, SYSTEM) == 1
    assert house.balance(lot) == (10, 5)
    runtime.run(
        ledger.reserve,
        SYSTEM,
        Hold(UUID(int=52), DocumentRef("test", UUID(int=1)), house.locations[CITY_SHELF], lot, 5, clock.now),
    )
    with pytest.raises(InvalidInput):
        runtime.run(ledger.release, SYSTEM, UUID(int=51), 6)
    assert house.balance(lot) == (10, 10)


def test_a_new_hold_first_ends_those_whose_time_is_up(runtime: Runtime, house: House, clock: Clock) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    runtime.run(ledger.reserve, SYSTEM, hold(house, 50, lot, 10))
    clock.advance(days=2)
    runtime.run(ledger.reserve, SYSTEM, hold(house, 51, lot, 4, days=9))
    assert house.balance(lot) == (10, 4)


def test_a_reversal_puts_everything_back_once(runtime: Runtime, house: House) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    runtime.run(ledger.post, SYSTEM, posting(1, MoveReason.ISSUE, Leg(lot, house.locations[CITY_SHELF], CONSUMED, 3)))
    runtime.run(ledger.reverse, SYSTEM, UUID(int=1), UUID(int=2), "数量看错")
    assert house.balance(lot) == (10, 0)
    assert not runtime.run(ledger.reverse, SYSTEM, UUID(int=1), UUID(int=2), "数量看错").is_new
    with pytest.raises(AlreadyReversed):
        runtime.run(ledger.reverse, SYSTEM, UUID(int=1), UUID(int=3), "再来一次")
    assert house.balance(lot) == (10, 0)


def test_goods_that_moved_on_cannot_be_reversed_away(runtime: Runtime, house: House) -> None:
    lot = house.lot()
    opening = house.stock(lot, 10)
    runtime.run(ledger.post, SYSTEM, posting(1, MoveReason.ISSUE, Leg(lot, house.locations[CITY_SHELF], CONSUMED, 3)))
    with pytest.raises(InsufficientStock):
        runtime.run(ledger.reverse, SYSTEM, opening, UUID(int=2), "")
    assert house.balance(lot) == (7, 0)


@pytest.mark.parametrize(
    ("reason", "target"),
    [
        (MoveReason.ISSUE, VILLAGE_SHELF),
        (MoveReason.DISPATCH, VILLAGE_SHELF),
        (MoveReason.TRANSFER, CITY_QUARANTINE),
        (MoveReason.RECEIPT, VILLAGE_SHELF),
    ],
)
def test_a_direction_its_reason_does_not_know_is_refused(
    runtime: Runtime, house: House, reason: MoveReason, target: str
) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    with pytest.raises(InvalidInput) as refusal:
        runtime.run(
            ledger.post, SYSTEM, posting(1, reason, Leg(lot, house.locations[CITY_SHELF], house.locations[target], 1))
        )
    assert refusal.value.fields[0].code == "wrong_direction"
    assert house.balance(lot) == (10, 0)


def test_exercise_goods_and_real_goods_do_not_meet_in_one_posting(runtime: Runtime, house: House) -> None:
    real, drill = house.lot(), house.lot(is_exercise=True)
    house.stock(real, 5)
    house.stock(drill, 5)
    shelf = house.locations[CITY_SHELF]
    with pytest.raises(InvalidInput):
        runtime.run(
            ledger.post,
            SYSTEM,
            posting(1, MoveReason.ISSUE, Leg(real, shelf, CONSUMED, 1), Leg(drill, shelf, CONSUMED, 1)),
        )


@pytest.mark.parametrize("quantity", [0, -1, 1.5, True, 10**10])
def test_a_quantity_is_a_positive_whole_number(house: House, quantity: object) -> None:
    with pytest.raises(InvalidInput):
        posting(1, MoveReason.ISSUE, Leg(UUID(int=1), house.locations[CITY_SHELF], CONSUMED, quantity))  # type: ignore[arg-type]


def test_unknown_lots_and_places_are_not_found(runtime: Runtime, house: House) -> None:
    lot = house.lot()
    with pytest.raises(NotFound):
        runtime.run(
            ledger.post,
            SYSTEM,
            posting(1, MoveReason.ISSUE, Leg(UUID(int=404), house.locations[CITY_SHELF], CONSUMED, 1)),
        )
    with pytest.raises(NotFound):
        runtime.run(ledger.post, SYSTEM, posting(1, MoveReason.ISSUE, Leg(lot, UUID(int=404), CONSUMED, 1)))


def test_each_warehouse_has_a_chain_without_gaps(runtime: Runtime, house: House) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    house.stock(lot, 10, PREFECTURE_SHELF)
    for number in range(1, 4):
        runtime.run(
            ledger.post, SYSTEM, posting(number, MoveReason.ISSUE, Leg(lot, house.locations[CITY_SHELF], CONSUMED, 1))
        )
    chains: dict[str, list[StockMove]] = {}
    for move in moves(runtime):
        chains.setdefault(move.shard, []).append(move)
    assert sorted(len(chain) for chain in chains.values()) == [1, 4]
    for chain in chains.values():
        assert [move.shard_seq for move in chain] == list(range(1, len(chain) + 1))
        assert all(later.previous_hash == earlier.hash for earlier, later in itertools.pairwise(chain))


def test_time_in_a_chain_never_runs_backwards(runtime: Runtime, house: House, clock: Clock) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    clock.advance(hours=-3)
    runtime.run(ledger.post, SYSTEM, posting(1, MoveReason.ISSUE, Leg(lot, house.locations[CITY_SHELF], CONSUMED, 1)))
    assert [move.recorded_at for move in moves(runtime)] == [START, START]


def test_who_waited_for_goods_takes_them_after_they_came(runtime: Runtime, house: House, clock: Clock) -> None:
    """A command that began earlier may get the lock later: what it takes had come before, though its clock was read first."""
    lot, shelf, apart = house.lot(), house.locations[CITY_SHELF], house.locations[CITY_QUARANTINE]
    house.stock(lot, 5, CITY_QUARANTINE)
    began = clock.advance(seconds=1)
    came = clock.advance(seconds=2)
    document = DocumentRef("test", UUID(int=9))
    brought = Posting(UUID(int=1), MoveReason.QUARANTINE, (Leg(lot, apart, shelf, 5),), document, came)
    runtime.run(ledger.post, SYSTEM, brought)
    clock.now = began
    taken = Posting(UUID(int=2), MoveReason.ISSUE, (Leg(lot, shelf, CONSUMED, 5),), document, began)
    runtime.run(ledger.post, SYSTEM, taken)
    last = moves(runtime)[-1]
    assert (last.occurred_at, last.recorded_at) == (came, came)
    assert {each.id for each in verify(runtime.database) if not each.is_clean}.isdisjoint({"I62"})


def test_a_clock_that_once_ran_ahead_does_not_take_later_goods_along(
    runtime: Runtime, house: House, clock: Clock
) -> None:
    lot, shelf = house.lot(), house.locations[CITY_SHELF]
    clock.advance(days=365)
    house.stock(lot, 10)
    right = clock.advance(days=-365)
    taken = Posting(UUID(int=2), MoveReason.ISSUE, (Leg(lot, shelf, CONSUMED, 5),), DocumentRef("test", lot), right)
    runtime.run(ledger.post, SYSTEM, taken)
    last = moves(runtime)[-1]
    assert last.occurred_at == right
    assert last.recorded_at == right + timedelta(days=365), "the time of a chain never runs backwards"


def test_history_is_refused_to_change_by_session_and_by_database(database: Database, house: House) -> None:
    lot = house.lot()
    house.stock(lot, 10)
    with pytest.raises(AppendOnlyViolation), database.write() as session:
        session.scalars(select(StockMove)).one().quantity = 99
    for statement in (
        "UPDATE stock_move SET quantity = 99",
        "DELETE FROM stock_move",
        "DELETE FROM journal_entry",
        "UPDATE lot SET number = 'x'",
    ):
        with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
            session.execute(text(statement))
    assert house.balance(lot) == (10, 0)
