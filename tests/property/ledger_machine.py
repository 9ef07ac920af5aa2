"""Any sequence of events on stocked shelves, told to the ledger and to a plain dictionary: the two must agree after each step.

Starting from stocked shelves matters: on empty ones nearly everything is refused, and a ledger without its guards would pass.
"""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from supplyops.database import schema
from supplyops.database.engine import Database
from supplyops.kernel.access import SYSTEM
from supplyops.kernel.errors import Conflict, InvalidInput, SupplyError
from supplyops.kernel.reference import DocumentRef
from supplyops.people import queries as people
from supplyops.places.commands import open_transit, virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.runtime import Runtime
from supplyops.stock import ledger
from supplyops.stock.rules import AlreadyReversed, Hold, InsufficientStock, Leg, MoveReason, Posting, PostingConflict
from supplyops.stock.tables import Reservation, StockBalance, StockMove
from supplyops.verify.books import verify
from tests.conftest import START, Clock
from tests.house import CITY_QUARANTINE, CITY_SHELF, CITY_STORE, VILLAGE_SHELF, build_house

LOTS = 3
SHELF, VILLAGE, QUARANTINE, ROAD = range(4)
DOCUMENT = DocumentRef("test", UUID(int=77))
FOLDER = "/dev/shm" if Path("/dev/shm").is_dir() else None

quantities = st.integers(1, 12)
lots = st.integers(0, LOTS - 1)
places = st.sampled_from([SHELF, VILLAGE])
Legs = list[tuple[int, int, int, int]]
"""(lot, source, target, quantity); places below 0 are outside."""
OUTSIDE, USED, DONOR, LOST, DIFFERENCE, MADE, OWNER = range(-1, -8, -1)
BEYOND = {
    OUTSIDE: LocationKind.SUPPLIER, USED: LocationKind.CONSUMED, DONOR: LocationKind.DONOR, LOST: LocationKind.LOST,
    DIFFERENCE: LocationKind.COUNT_DIFFERENCE, MADE: LocationKind.CONVERSION, OWNER: LocationKind.OWNER,
}  # fmt: skip


@dataclass(frozen=True)
class Stocked:
    """A database with stocked shelves, to be copied."""

    path: Path
    places: tuple[UUID, ...]
    lots: tuple[UUID, ...]


@cache
def stocked() -> Stocked:
    """Three lots: plenty and little on the city's shelf, some in the village."""
    folder = Path(tempfile.mkdtemp(prefix="supplyops-machine-", dir=FOLDER))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = Database(f"sqlite:///{folder / 'stocked.db'}")
    schema.upgrade(database)
    counter = itertools.count(1)
    house = build_house(
        Runtime(database, people.principal, clock=Clock(), new_id=lambda _: UUID(int=(1 << 90) + next(counter)))
    )
    made = tuple(house.lot(number=f"L{number}") for number in range(LOTS))
    for lot, quantity in zip(made, (20, 6, 10), strict=True):
        house.stock(lot, quantity)
    house.stock(made[0], 5, VILLAGE_SHELF)
    road = house.runtime.run(open_transit, SYSTEM, "test", UUID(int=88), "road", house.sites[CITY_STORE])
    database.dispose()
    shelves = tuple(house.locations[code] for code in (CITY_SHELF, VILLAGE_SHELF, CITY_QUARANTINE))
    return Stocked(folder / "stocked.db", (*shelves, road), made)


@dataclass
class Held:
    """A hold as the dictionary knows it."""

    place: int
    lot: int
    left: int
    expires_at: datetime


class LedgerMachine(RuleBasedStateMachine):
    """The ledger beside a dictionary."""

    verifies = True
    """Are the books verified at the end of each sequence? That takes longer than all its steps."""
    leaves_open: frozenset[str] = frozenset()
    """Invariants about documents, which the sequences do without."""

    @initialize()
    def open(self) -> None:
        self.stocked = stocked()
        self.folder = Path(tempfile.mkdtemp(prefix="supplyops-example-", dir=FOLDER))
        shutil.copyfile(self.stocked.path, self.folder / "books.db")
        self.database = Database(f"sqlite:///{self.folder / 'books.db'}")
        self.clock = Clock()
        counter = itertools.count(1)
        self.runtime = Runtime(
            self.database, people.principal, clock=self.clock, new_id=lambda _: UUID(int=(1 << 91) + next(counter)), pause=lambda _: None
        )  # fmt: skip
        self.on_hand = Counter({(SHELF, 0): 20, (SHELF, 1): 6, (SHELF, 2): 10, (VILLAGE, 0): 5})
        self.holds: dict[UUID, Held] = {}
        self.posted: dict[UUID, Posting] = {}
        self.reversed: set[UUID] = set()
        self.numbers = itertools.count(1)
        for lot, quantity, days in ((0, 4, 1), (2, 3, 2)):
            self.hold(lot, quantity, SHELF, days)
        self.tell(MoveReason.ISSUE, [(0, VILLAGE, USED, 1)])

    def teardown(self) -> None:
        if hasattr(self, "database"):
            try:
                if self.verifies:
                    found = [finding for finding in verify(self.database) if not finding.is_clean]
                    wrong = {each.id: each.examples for each in found if each.id not in self.leaves_open}
                    assert not wrong, wrong
            finally:
                self.database.dispose()
                shutil.rmtree(self.folder, ignore_errors=True)

    # --- what the dictionary says ---

    def reserved(self, place: int, lot: int) -> int:
        return sum(held.left for held in self.holds.values() if (held.place, held.lot) == (place, lot))

    def changes(self, legs: Legs) -> Counter[tuple[int, int]]:
        changes: Counter[tuple[int, int]] = Counter()
        for lot, source, target, quantity in legs:
            changes[source, lot] -= quantity
            changes[target, lot] += quantity
        return Counter({key: change for key, change in changes.items() if key[0] >= 0})

    def fits(self, legs: Legs, settled: Counter[tuple[int, int]]) -> bool:
        return all(
            self.on_hand[key] + change >= self.reserved(*key) - settled[key]
            for key, change in self.changes(legs).items()
        )

    # --- telling both ---

    @property
    def ids(self) -> dict[int, UUID]:
        beyond = {place: virtual_location_id(kind) for place, kind in BEYOND.items()}
        return {**beyond, **dict(enumerate(self.stocked.places))}

    def posting(self, reason: MoveReason, legs: Legs, at: datetime | None = None) -> Posting:
        told = tuple(
            Leg(self.stocked.lots[lot], self.ids[source], self.ids[target], quantity)
            for lot, source, target, quantity in legs
        )
        return Posting(UUID(int=next(self.numbers)), reason, told, DOCUMENT, at or self.clock.now)

    def refusals(self, reason: MoveReason, legs: Legs, settled: Counter[tuple[int, int]], at: datetime) -> set[str]:
        """Every reason not to take a posting."""
        assert reason
        assert at <= self.clock.now
        return set() if self.fits(legs, settled) else {"insufficient_stock"}

    def tell(
        self, reason: MoveReason, legs: Legs, fulfils: dict[UUID, int] | None = None, at: datetime | None = None
    ) -> None:
        settled: Counter[tuple[int, int]] = Counter()
        for hold_id, quantity in (fulfils or {}).items():
            settled[self.holds[hold_id].place, self.holds[hold_id].lot] += quantity
        posting = self.posting(reason, legs, at)
        reasons = self.refusals(reason, legs, settled, posting.occurred_at)
        try:
            result = self.runtime.run(ledger.post, SYSTEM, posting, fulfils or {})
        except SupplyError as refusal:
            code = refusal.fields[0].code if isinstance(refusal, InvalidInput) else refusal.code
            assert code in reasons, f"refused as {code} what was right but for {reasons}"
            return
        assert not reasons, f"took what was not right: {reasons}"
        assert result.is_new
        for hold_id, quantity in (fulfils or {}).items():
            self.holds[hold_id].left -= quantity
        self.note(posting, legs)

    def note(self, posting: Posting, legs: Legs) -> None:
        """What the dictionary keeps of a posting that was taken."""
        self.on_hand.update(self.changes(legs))
        self.posted[posting.id] = posting

    @rule(parts=st.lists(st.tuples(lots, quantities), min_size=1, max_size=3), place=places)
    def receive(self, parts: list[tuple[int, int]], place: int) -> None:
        self.tell(MoveReason.RECEIPT, [(lot, OUTSIDE, place, quantity) for lot, quantity in parts])

    @rule(parts=st.lists(st.tuples(lots, quantities), min_size=1, max_size=3), place=places)
    def issue(self, parts: list[tuple[int, int]], place: int) -> None:
        self.tell(MoveReason.ISSUE, [(lot, place, USED, quantity) for lot, quantity in parts])

    @rule(parts=st.lists(st.tuples(lots, quantities, st.booleans()), min_size=1, max_size=3))
    def transfer(self, parts: list[tuple[int, int, bool]]) -> None:
        ways = {True: (SHELF, VILLAGE), False: (VILLAGE, SHELF)}
        self.tell(MoveReason.TRANSFER, [(lot, *ways[forth], quantity) for lot, quantity, forth in parts])

    @rule(lot=lots, quantity=quantities, out=st.booleans())
    def quarantine(self, lot: int, quantity: int, out: bool) -> None:
        way = (QUARANTINE, SHELF) if out else (SHELF, QUARANTINE)
        self.tell(MoveReason.QUARANTINE, [(lot, *way, quantity)])

    @rule(lot=lots, quantity=quantities)
    def go_the_wrong_way(self, lot: int, quantity: int) -> None:
        try:
            self.runtime.run(ledger.post, SYSTEM, self.posting(MoveReason.ISSUE, [(lot, SHELF, VILLAGE, quantity)]))
        except InvalidInput as refusal:
            assert refusal.fields[0].code == "wrong_direction"
        else:
            raise AssertionError("an issue goes to people, not to another shelf")

    @rule(lot=lots, quantity=quantities, place=places, days=st.integers(1, 4))
    def hold(self, lot: int, quantity: int, place: int, days: int) -> None:
        self.end_what_is_due(place, lot)
        hold_id = UUID(int=next(self.numbers))
        wish = Hold(
            hold_id, DOCUMENT, self.stocked.places[place], self.stocked.lots[lot], quantity, self.clock.now + timedelta(days=days)
        )  # fmt: skip
        free = self.on_hand[place, lot] - self.reserved(place, lot)
        try:
            self.runtime.run(ledger.reserve, SYSTEM, wish)
            self.runtime.run(ledger.reserve, SYSTEM, wish)
        except InsufficientStock:
            assert quantity > free, "refused a hold on what was free"
            return
        assert quantity <= free, "held what was not free"
        self.holds[hold_id] = Held(place, lot, quantity, wish.expires_at)

    def end_what_is_due(self, place: int, lot: int) -> None:
        free = self.on_hand[place, lot] - self.reserved(place, lot)
        assert free >= 0
        for held in self.holds.values():
            if (held.place, held.lot) == (place, lot) and held.expires_at <= self.clock.now:
                held.left = 0

    def open_holds(self) -> list[UUID]:
        return [hold_id for hold_id, held in self.holds.items() if held.left]

    @precondition(lambda self: self.open_holds())
    @rule(data=st.data(), part=quantities)
    def release(self, data: st.DataObject, part: int) -> None:
        hold_id = data.draw(st.sampled_from(self.open_holds()))
        held = self.holds[hold_id]
        try:
            assert self.runtime.run(ledger.release, SYSTEM, hold_id, part) == part
        except InvalidInput:
            assert part > held.left
            return
        assert part <= held.left
        held.left -= part

    @precondition(lambda self: self.open_holds())
    @rule(data=st.data(), more=st.integers(0, 3))
    def use_a_hold(self, data: st.DataObject, more: int) -> None:
        hold_id = data.draw(st.sampled_from(self.open_holds()))
        held = self.holds[hold_id]
        used = data.draw(st.integers(1, held.left))
        self.tell(MoveReason.ISSUE, [(held.lot, held.place, USED, used + more)], {hold_id: used})

    @precondition(lambda self: self.open_holds())
    @rule(data=st.data())
    def overuse_a_hold(self, data: st.DataObject) -> None:
        hold_id = data.draw(st.sampled_from(self.open_holds()))
        held = self.holds[hold_id]
        legs = [(held.lot, held.place, USED, held.left + 1)]
        try:
            self.runtime.run(ledger.post, SYSTEM, self.posting(MoveReason.ISSUE, legs), {hold_id: held.left + 1})
        except (InvalidInput, Conflict):
            return
        raise AssertionError("a hold was used for more than it held")

    @rule(days=st.integers(1, 3))
    def days_pass(self, days: int) -> None:
        self.clock.advance(days=days)
        self.runtime.run(ledger.expire_due, SYSTEM)
        for held in self.holds.values():
            if held.expires_at <= self.clock.now:
                held.left = 0

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        posting = data.draw(st.sampled_from(list(self.posted.values())))
        assert not self.runtime.run(ledger.post, SYSTEM, posting).is_new
        leg = posting.legs[0]
        other = Posting(
            posting.id, posting.reason, (Leg(leg.lot_id, leg.source_id, leg.target_id, leg.quantity + 1), *posting.legs[1:]),
            posting.document, posting.occurred_at,
        )  # fmt: skip
        try:
            self.runtime.run(ledger.post, SYSTEM, other)
        except PostingConflict:
            return
        raise AssertionError("the same id was taken for other content")

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        posting = data.draw(st.sampled_from(list(self.posted.values())))
        places = {place_id: place for place, place_id in self.ids.items()}
        legs = [
            (self.stocked.lots.index(leg.lot_id), places[leg.target_id], places[leg.source_id], leg.quantity)
            for leg in posting.legs
        ]
        new_id = UUID(int=next(self.numbers))
        reasons = self.refusals_of_a_reversal(legs)
        try:
            self.runtime.run(ledger.reverse, SYSTEM, posting.id, new_id, "mistake")
        except AlreadyReversed:
            assert posting.id in self.reversed
        except Conflict as refusal:
            assert refusal.code in reasons
            assert posting.id not in self.reversed
        else:
            assert not reasons
            assert posting.id not in self.reversed
            self.reversed.add(posting.id)
            self.note_reversal(legs)

    def refusals_of_a_reversal(self, legs: Legs) -> set[str]:
        return set() if self.fits(legs, Counter()) else {"insufficient_stock"}

    def note_reversal(self, legs: Legs) -> None:
        self.on_hand.update(self.changes(legs))

    # --- after each step ---

    @invariant()
    def the_books_agree_with_the_dictionary(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.read() as session:
            rows = session.execute(select(StockBalance.location_id, StockBalance.lot_id, StockBalance.on_hand, StockBalance.reserved)).all()  # fmt: skip
            holds = {row.id: row for row in session.scalars(select(Reservation))}
            seq = session.scalars(select(StockMove.shard_seq).order_by(StockMove.shard, StockMove.shard_seq)).all()
        told = {
            (self.stocked.places.index(place), self.stocked.lots.index(lot)): (on_hand, reserved)
            for place, lot, on_hand, reserved in rows
        }
        wanted = {key: (self.on_hand[key], self.reserved(*key)) for key in told}
        assert told == wanted
        assert all(not count or key in told for key, count in self.on_hand.items())
        assert {hold_id: row.open_quantity for hold_id, row in holds.items()} == {
            hold_id: held.left for hold_id, held in self.holds.items()
        }
        assert all((row.closed_at is None) == (row.open_quantity > 0) for row in holds.values())
        assert all(later in (1, earlier + 1) for earlier, later in itertools.pairwise(seq))
        assert self.clock.now >= START
