"""Real threads at one gate and one bin: a load is taken in once, a bin is filled once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from supplyops.arrivals import commands as arrivals
from supplyops.arrivals.rules import ArrivalAcceptance, ArrivalAcceptanceLine
from supplyops.kernel.errors import Busy, InvalidInput, SupplyError, WrongState
from supplyops.people import queries as people
from supplyops.runtime import Runtime
from supplyops.stock import commands as stock
from supplyops.stock.documents import TransferInput, TransferLineInput
from supplyops.stock.tables import StockDocument
from supplyops.verify.books import verify
from supplyops.warehouse import commands
from supplyops.warehouse.rules import PutAwayInput
from tests.arrivals.test_arrivals import Gate
from tests.conftest import Clock
from tests.house import build_house
from tests.stock.test_store_documents import rows
from tests.warehouse.test_putting_away import DRY_1, RECEIVING, Store

THREADS = 6


def together(work: Callable[[], object]) -> list[object]:
    """The same piece of work from many threads at the same moment; what each answered or raised."""
    barrier = threading.Barrier(THREADS)
    answers: list[object] = [None] * THREADS

    def do(place: int) -> None:
        barrier.wait()
        try:
            answers[place] = work()
        except SupplyError as refusal:
            answers[place] = refusal

    threads = [threading.Thread(target=do, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def refused(answers: list[object], *kinds: type[SupplyError]) -> int:
    return sum(isinstance(answer, kinds) for answer in answers)


def test_two_keepers_do_not_fill_the_last_room_twice(runtime: Runtime, clock: Clock) -> None:
    store = Store(build_house(runtime))
    busy = Runtime(runtime.database, people.principal, clock=clock)
    for _ in range(5):
        lot = store.take_in(quantity=2 * THREADS)
        answers = together(lambda lot=lot: busy.run(commands.put_away, store.keeper, PutAwayInput(lot.number, RECEIVING, DRY_1, 2)))  # type: ignore[misc] # fmt: skip
        assert refused(answers, InvalidInput, Busy) == THREADS - 1, answers
        assert store.house.balance(lot.id, DRY_1) == (2, 0)
        busy.run(commands.put_away, store.keeper, PutAwayInput(lot.number, RECEIVING, "city-shelf", 2 * THREADS - 2))
        back = TransferLineInput(lot.number, DRY_1, "city-shelf", 2)
        busy.run(stock.transfer, store.keeper, TransferInput("city-store", "腾空", (back,)))


def test_a_load_is_taken_in_once(runtime: Runtime, clock: Clock) -> None:
    gate = Gate(build_house(runtime))
    gate.inspect()
    busy = Runtime(runtime.database, people.principal, clock=clock)
    load = ArrivalAcceptance((ArrivalAcceptanceLine(1, 60, 60),))
    answers = together(lambda: busy.run(arrivals.accept, gate.keeper, gate.id, load))
    assert refused(answers, WrongState, Busy) == THREADS - 1, answers
    assert len(rows(runtime, StockDocument)) == 1
    assert [line.accepted for line in gate.row.lines] == [60, 0]
    assert [finding for finding in verify(runtime.database) if not finding.is_clean] == []
