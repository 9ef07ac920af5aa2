"""Every kind of event there is, on the same shelves: goods on the road, gifts, losses, scrap, differences found by counting, kits made and
taken apart, goods brought back, takings-over, recalls, places that stand still, and what is written up late.

Which ways goods may go is written down here once more, by hand, so that a slip in the ledger's own table shows.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from supplyops.kernel.access import SYSTEM
from supplyops.kernel.errors import InvalidInput
from supplyops.kernel.reference import DocumentRef
from supplyops.stock import blocking, freezing, ledger
from supplyops.stock.rules import LotState, MoveReason, Posting
from supplyops.stock.tables import Reservation
from tests.property.ledger_machine import (
    DIFFERENCE,
    DONOR,
    LOST,
    MADE,
    OUTSIDE,
    OWNER,
    QUARANTINE,
    ROAD,
    SHELF,
    USED,
    VILLAGE,
    LedgerMachine,
    Legs,
    lots,
    places,
    quantities,
)

_SHELVES, _LYING = (SHELF, VILLAGE), (SHELF, VILLAGE, QUARANTINE)
WAYS: dict[MoveReason, set[tuple[int, int]]] = {
    MoveReason.RECEIPT: {(OUTSIDE, place) for place in _LYING},
    MoveReason.DONATION: {(DONOR, place) for place in _LYING},
    MoveReason.REQUISITION: {(OWNER, SHELF), (OWNER, VILLAGE), (SHELF, OWNER), (VILLAGE, OWNER)},
    MoveReason.TRANSFER: {(SHELF, VILLAGE), (VILLAGE, SHELF)},
    MoveReason.QUARANTINE: {(SHELF, QUARANTINE), (VILLAGE, QUARANTINE), (QUARANTINE, SHELF), (QUARANTINE, VILLAGE)},
    MoveReason.DISPATCH: {(SHELF, ROAD), (VILLAGE, ROAD)},
    MoveReason.DELIVERY: {(ROAD, place) for place in _LYING},
    MoveReason.RETURN: {(ROAD, place) for place in _LYING} | {(place, OUTSIDE) for place in _LYING},
    MoveReason.RECOVERY: {(USED, place) for place in _LYING},
    MoveReason.ISSUE: {(SHELF, USED), (VILLAGE, USED)},
    MoveReason.LOSS: {(place, LOST) for place in (*_LYING, ROAD)},
    MoveReason.SCRAP: {(place, LOST) for place in _LYING},
    MoveReason.COUNT: {(DIFFERENCE, place) for place in _LYING} | {(place, DIFFERENCE) for place in _LYING},
    MoveReason.CONVERSION: {(MADE, place) for place in _LYING} | {(place, MADE) for place in _LYING},
}
"""Opening balances are left out: they are where everything begins."""
ANYWHERE = [*range(ROAD + 1), *range(-1, OWNER - 1, -1)]
reasons = st.sampled_from(sorted(WAYS))


class BusinessMachine(LedgerMachine):
    """The ledger beside a dictionary that knows of everything that happens to goods."""

    leaves_open = frozenset({"I4", "I15", "I63"})
    """There is no document behind what is on the road, behind what changes hands, or behind a taking-over."""

    @initialize()
    def open(self) -> None:
        super().open()
        self.blocked: set[int] = set()
        self.frozen: dict[int, DocumentRef] = {}
        self.course: dict[tuple[int, int], list[tuple[datetime, int]]] = {
            key: [(self.clock.now, count)] for key, count in self.on_hand.items()
        }

    # --- what the dictionary says ---

    def refusals(self, reason: MoveReason, legs: Legs, settled: Counter[tuple[int, int]], at: datetime) -> set[str]:
        found = super().refusals(reason, legs, settled, at)
        if not hasattr(self, "frozen"):
            return found
        if any((source, target) not in WAYS[reason] for _, source, target, _ in legs):
            found.add("wrong_direction")
        if reason in {MoveReason.ISSUE, MoveReason.DISPATCH} and self.blocked & {lot for lot, *_ in legs}:
            found.add("lot_blocked")
        if at < self.clock.now and any(self.lowest(key, at) + change < 0 for key, change in self.changes(legs).items() if change < 0):  # fmt: skip
            found.add("would_have_been_negative")
        return found | self.at_a_frozen_place(legs)

    def at_a_frozen_place(self, legs: Legs) -> set[str]:
        touched = {place for _, *ends, _ in legs for place in ends}
        return {"place_frozen"} if touched & self.frozen.keys() else set()

    def lowest(self, key: tuple[int, int], at: datetime) -> int:
        """The least that lay there from a moment on."""
        entries = self.course.get(key, [])
        moments = {at, *(moment for moment, _ in entries if moment > at)}
        return min(sum(change for moment, change in entries if moment <= each) for each in moments)

    def note(self, posting: Posting, legs: Legs) -> None:
        super().note(posting, legs)
        self.follow(legs, posting.occurred_at)

    def follow(self, legs: Legs, at: datetime) -> None:
        if hasattr(self, "course"):
            for key, change in self.changes(legs).items():
                self.course.setdefault(key, []).append((at, change))

    def refusals_of_a_reversal(self, legs: Legs) -> set[str]:
        return super().refusals_of_a_reversal(legs) | self.at_a_frozen_place(legs)

    def note_reversal(self, legs: Legs) -> None:
        super().note_reversal(legs)
        self.follow(legs, self.clock.now)

    # --- telling both ---

    @rule(data=st.data(), reason=reasons, lot=lots, quantity=quantities)
    def something_happens(self, data: st.DataObject, reason: MoveReason, lot: int, quantity: int) -> None:
        source, target = data.draw(st.sampled_from(sorted(WAYS[reason])))
        self.tell(reason, [(lot, source, target, quantity)])

    @rule(reason=reasons, lot=lots, quantity=quantities, ends=st.lists(st.sampled_from(ANYWHERE), min_size=2, max_size=2, unique=True))  # fmt: skip
    def something_goes_any_way(self, reason: MoveReason, lot: int, quantity: int, ends: list[int]) -> None:
        source, target = ends
        if max(ends) >= 0:
            self.tell(reason, [(lot, source, target, quantity)])

    @rule(parts=st.tuples(quantities, quantities), kits=quantities, place=places, apart=st.booleans())
    def kits_are_made(self, parts: tuple[int, int], kits: int, place: int, apart: bool) -> None:
        legs = [(0, place, MADE, parts[0]), (1, place, MADE, parts[1]), (2, MADE, place, kits)]
        turned = [(lot, target, source, quantity) for lot, source, target, quantity in legs]
        self.tell(MoveReason.CONVERSION, turned if apart else legs)

    @rule(lot=lots, quantity=quantities, hours=st.integers(1, 60))
    def issue_written_up_late(self, lot: int, quantity: int, hours: int) -> None:
        self.tell(MoveReason.ISSUE, [(lot, SHELF, USED, quantity)], at=self.clock.now - timedelta(hours=hours))

    @precondition(lambda self: self.open_holds())
    @rule(data=st.data(), part=quantities)
    def something_more_urgent_takes_over(self, data: st.DataObject, part: int) -> None:
        hold_id = data.draw(st.sampled_from(self.open_holds()))
        held = self.holds[hold_id]
        try:
            self.runtime.run(ledger.take_away, SYSTEM, hold_id, part)
        except InvalidInput:
            assert part > held.left
            return
        assert part <= held.left
        held.left -= part
        with self.database.read() as session:
            assert session.get_one(Reservation, hold_id).taken >= part, "the loser is told what was taken"

    @rule(lot=lots, quantity=quantities)
    def hold(self, lot: int, quantity: int, place: int = SHELF, days: int = 2) -> None:
        if hasattr(self, "blocked") and lot in self.blocked:
            return
        super().hold(lot, quantity, place, days)

    @precondition(lambda self: not self.blocked)
    @rule(lot=lots)
    def recall(self, lot: int) -> None:
        self.say(lot, LotState.HELD)
        self.blocked.add(lot)

    @precondition(lambda self: self.blocked)
    @rule()
    def end_the_recall(self) -> None:
        self.say(self.blocked.pop(), LotState.NORMAL)

    def say(self, lot: int, state: LotState) -> None:
        lot_id = self.stocked.lots[lot]
        self.runtime.run(blocking.set_state, SYSTEM, lot_id, state, "reason", DocumentRef("lot", lot_id, f"L{lot}"))

    @precondition(lambda self: not self.frozen)
    @rule(place=st.sampled_from(_LYING))
    def a_place_stands_still(self, place: int) -> None:
        self.frozen[place] = DocumentRef("test", UUID(int=next(self.numbers)))
        self.runtime.run(freezing.freeze, SYSTEM, [self.stocked.places[place]], self.frozen[place])

    @precondition(lambda self: self.frozen)
    @rule()
    def it_moves_again(self) -> None:
        _, document = self.frozen.popitem()
        assert self.runtime.run(freezing.lift, SYSTEM, document.id) == 1
