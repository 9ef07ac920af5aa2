"""Postings that touch two warehouses hold both: what another command has read of the second one stays true until its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import pytest

from supplyops.kernel.access import SYSTEM, Permission
from supplyops.kernel.errors import Conflict
from supplyops.kernel.reference import DocumentRef
from supplyops.people import queries as people
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Context, Runtime, command
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason, Posting
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.house import CITY_SHELF, PREFECTURE_SHELF, House, build_house

CONSUMED = virtual_location_id(LocationKind.CONSUMED)
PATIENCE_S = 20
A_MOMENT_S = 0.5
"""Whoever is not held up has long done its work by then."""


@pytest.fixture
def house(runtime: Runtime) -> House:
    return build_house(runtime)


def busy(house: House, clock: Clock) -> Runtime:
    return Runtime(house.runtime.database, people.principal, clock=clock)


def begun(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    answer: list[object] = []

    def do() -> None:
        try:
            answer.append(work())
        except Conflict as refusal:
            answer.append(refusal.code)

    thread = threading.Thread(target=do)
    thread.start()
    return thread, answer


def test_whoever_reads_a_warehouse_under_its_lock_is_waited_for_by_goods_from_another(
    house: House, clock: Clock
) -> None:
    runtime, lot = busy(house, clock), house.lot()
    house.stock(lot, 10)
    here, there = house.locations[CITY_SHELF], house.locations[PREFECTURE_SHELF]
    is_read, may_end = threading.Event(), threading.Event()

    @command(Permission.INTERNAL)
    def look_twice(ctx: Context) -> tuple[int, int]:
        ledger.lock_places(ctx, [there])
        before = house.balance(lot, PREFECTURE_SHELF)[0]
        is_read.set()
        may_end.wait(PATIENCE_S)
        return before, house.balance(lot, PREFECTURE_SHELF)[0]

    reader, seen = begun(lambda: runtime.run(look_twice, SYSTEM))
    assert is_read.wait(PATIENCE_S)
    move = Posting(
        UUID(int=1), MoveReason.TRANSFER, (Leg(lot, here, there, 4),), DocumentRef("test", UUID(int=2)), START
    )
    writer, done = begun(lambda: runtime.run(ledger.post, SYSTEM, move))
    writer.join(A_MOMENT_S)
    too_early = list(done)
    may_end.set()
    for thread in (reader, writer):
        thread.join(PATIENCE_S)
    assert (too_early, seen) == ([], [(0, 0)]), "the goods arrived under the reader's eyes"
    assert house.balance(lot, PREFECTURE_SHELF) == (4, 0)
    assert [finding for finding in verify(house.runtime.database) if not finding.is_clean] == []


def test_two_late_postings_do_not_both_take_what_lay_there_then(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five lay there two days ago, ten do now; one late posting begins in another warehouse. Each alone is right."""
    lot, aside = house.lot(), house.lot()
    house.stock(aside, 1)
    start = clock.now
    house.stock(lot, 5, PREFECTURE_SHELF)
    clock.advance(days=2)
    house.stock(lot, 5, PREFECTURE_SHELF)
    runtime = busy(house, clock)
    here, there = house.locations[CITY_SHELF], house.locations[PREFECTURE_SHELF]
    meeting = threading.Barrier(2)
    look = ledger.refuse_negative

    def look_and_wait(*given: object) -> None:
        look(*given)  # type: ignore[arg-type]
        with suppress(threading.BrokenBarrierError):  # the other one is kept out, as it should be
            meeting.wait(2 * A_MOMENT_S)

    monkeypatch.setattr(ledger, "refuse_negative", look_and_wait)
    late = start + timedelta(days=1)
    ways = ((Leg(aside, here, CONSUMED, 1), Leg(lot, there, CONSUMED, 5)), (Leg(lot, there, CONSUMED, 5),))
    postings = [
        Posting(UUID(int=number), MoveReason.ISSUE, legs, DocumentRef("test", UUID(int=number)), late)
        for number, legs in enumerate(ways, start=1)
    ]
    begun_both = [begun(lambda posting=posting: runtime.run(ledger.post, SYSTEM, posting)) for posting in postings]  # type: ignore[misc] # fmt: skip
    for thread, _ in begun_both:
        thread.join(PATIENCE_S)
    answers = [answer for _, each in begun_both for answer in each]
    assert len(answers) == 2
    assert answers.count("would_have_been_negative") == 1, answers
    assert house.balance(lot, PREFECTURE_SHELF) == (5, 0)
    assert [finding for finding in verify(house.runtime.database) if not finding.is_clean] == []
