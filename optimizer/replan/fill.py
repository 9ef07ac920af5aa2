"""What an older plan no longer brings, and what is newly asked: goods found for it and put on trips, the rest left as it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from optimizer.budget import Budget
from optimizer.model import DemandLine
from optimizer.replan.better import Price
from optimizer.replan.carry import bring, ways_of_suppliers
from optimizer.replan.purse import Purse
from optimizer.replan.warm import Warm, whole_step
from optimizer.rides import Book
from optimizer.route.build import Manner, insert
from optimizer.route.plan import Timed
from optimizer.shipment import Shipment, Shipper
from optimizer.solution import Solution

SOURCES_TRIED = 5
"""So many sources of a line that have something are offered to the trips, the first in the order of use that could be there;
of a contract every step that gives more than the one before."""
SHARES = 8
SPARE = 40
"""So many shipments that found no place stay on offer while the plan is made better."""
BESIDE = Manner(is_thorough=True, goes_before=False)
"""New trips come after a vehicle's others: nobody who was told a time waits for them."""


Named = tuple[str, str, bool, int]
"""Of an offer: source, line, whether it can be in time, from when on it can be loaded."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A shipment that could serve a line: its place among the warm plan's shipments."""

    index: int
    source_id: str
    line_id: str
    is_in_time: bool
    available_at: int


def missing_lines(book: Book, previous: Solution | None) -> tuple[list[DemandLine], list[DemandLine]]:
    """Lines that miss something: those for which something changed since the older plan, and the others; the neediest first."""
    had: dict[str, int] = defaultdict(int)
    known: set[str] = set()
    for row in previous.allocations if previous else ():
        known.add(row.line_id)
        had[row.line_id] += row.serves
    known |= {gap.line_id for gap in previous.gaps} if previous else set()
    missing = [line for line in book.problem.lines if sum(book.got(line.id)) < line.quantity]
    locked = {lock.line_id for lock in book.problem.locks}
    changed: list[DemandLine] = []
    others: list[DemandLine] = []
    for line in missing:
        is_new = line.id not in known or sum(book.got(line.id)) < had[line.id] or line.id in locked
        (changed if is_new else others).append(line)
    return _neediest_first(book, changed), _neediest_first(book, others)


def _neediest_first(book: Book, lines: Iterable[DemandLine]) -> list[DemandLine]:
    def key(line: DemandLine) -> tuple[int, float, int, str]:
        fill = book.got(line.id)[0] / (line.quantity * line.weight_permille)
        return line.class_rank, fill, line.due_at, line.id

    return sorted(lines, key=key)


def bring_more(book: Book, lines: Sequence[DemandLine]) -> None:
    """What suppliers can still bring these lines in time without a vehicle of ours."""
    purse, ways = Purse(book), ways_of_suppliers(book)
    for line in lines:
        rows: list[tuple[int, int, str]] = []  # in the order of use, the soonest first
        for source_id in sorted(book.usable[line.id] & book.suppliers_bring):
            rows += [(book.sources[source_id].precedence, at, source_id) for at in ways.get((source_id, line.id), ())]
        for _, at, source_id in sorted(rows):
            quantity, serves = purse.most(source_id, line.id)
            if quantity and at <= line.due_at:
                purse.take(source_id, line.id, *bring(book, at, source_id, line.id, quantity, serves))


def fair_shares(book: Book, lines: Sequence[DemandLine]) -> dict[str, int]:
    """What each of these lines may have at first, so that a shortage is shared as far as goods go: in turns, an eighth at a time."""
    purse, got = Purse(book), {line.id: 0 for line in lines}
    asked = {line.id: purse.missing[line.id] for line in lines}
    for turn in range(1, SHARES + 1):
        for line in lines:
            wanted = -(-asked[line.id] * turn // SHARES)
            for source_id in sorted(book.usable[line.id] - book.suppliers_bring):
                if got[line.id] >= wanted:
                    break
                quantity, serves = purse.most(source_id, line.id)
                short = min(serves, wanted - got[line.id])
                if short > 0:
                    quantity = min(quantity, book.least(source_id, line.id, short))
                    purse.take(source_id, line.id, quantity, short)
                    got[line.id] += short
    return got


def offers_for(book: Book, lines: Sequence[DemandLine]) -> tuple[list[Shipment], list[Named]]:
    """Shipments that could serve these lines, each by itself as much as there is; several may mean the same goods."""
    purse, shipper = Purse(book), Shipper(book.problem)
    arcs: dict[str, dict[tuple[str, int], tuple[bool, int, int, int]]] = defaultdict(dict)
    wanted = {line.id for line in lines}
    for arc in book.net.arcs:
        line, supply = book.problem.lines[arc.line], book.net.supplies[arc.supply]
        if line.id in wanted and supply.needs_vehicle:
            order = (not arc.is_in_time, supply.precedence, arc.arrives_at, supply.unit_price_fen)
            arcs[line.id][supply.source_id, supply.available_at] = order
    shipments, named = [], []
    due = set(purse.due())
    for line in lines:
        ways = sorted(arcs[line.id].items(), key=lambda way: ((way[0][0], line.id) not in due, way[1], way[0]))
        tried: dict[str, int] = {}  # how much of each, by the steps so far of a contract
        for (source_id, available_at), order in ways:
            if len(tried) == SOURCES_TRIED and source_id not in tried:
                continue
            quantity, serves = purse.most(source_id, line.id, available_at)
            if serves > tried.get(source_id, 0):
                tried[source_id] = serves
                step = whole_step(book, source_id, line.id)
                step = step if quantity >= step else quantity
                shipments.append(shipper.shipment(source_id, line.id, quantity, step, available_at))
                named.append((source_id, line.id, not order[0], available_at))
    return shipments, named


def fill(
    warm: Warm,
    plan: Timed,
    named: Sequence[Named],
    lines: Sequence[DemandLine],
    budget: Budget,
    price: Price,
    *,
    counted: int,
    least_s: float,
    manner: Manner = BESIDE,
) -> tuple[Timed, list[int]]:
    """The plan with as much of the offers as finds room, and what of each piece is left.

    The first `counted` offers, those for `lines`, are tried whatever the number of steps, and share a shortage.
    """
    left, aboard = [0] * len(warm.shipments), [0] * len(warm.shipments)
    purse = Purse(warm.book)
    offers = [Offer(warm.first_more + place, *name) for place, name in enumerate(named)]
    asked = dict(purse.missing)
    shares = fair_shares(warm.book, lines)
    hand = _Hand(warm, purse, price, manner, left, aboard)
    for quiet in (True, False):
        for offer in offers[:counted]:
            room = shares[offer.line_id] - asked[offer.line_id] + purse.missing[offer.line_id]
            if offer.is_in_time and room > 0 and budget.allows_until(least_s):
                plan = hand.put(plan, offer, in_time=True, quiet=quiet, serves_max=room)
    for in_time, quiet in ((True, True), (True, False), (False, True)):
        for place, offer in enumerate(offers):
            if place >= counted and not (quiet and budget.allows()):
                break
            if not budget.allows_until(least_s):
                break
            if offer.is_in_time or not in_time:
                plan = hand.put(plan, offer, in_time=in_time, quiet=quiet)
    for offer in offers[:SPARE]:
        quantity, serves = purse.most(offer.source_id, offer.line_id, offer.available_at)
        one = warm.case.cargos[offer.index]
        quantity = min(quantity, one.quantity) // one.step * one.step
        if serves and quantity and offer.is_in_time:
            left[offer.index] = quantity
            warm.count_no_more(offer.index, warm.counts(offer.index, aboard[offer.index]) + serves)
            purse.take(offer.source_id, offer.line_id, quantity, serves, offer.available_at)
    return plan, left


@dataclass(slots=True)
class _Hand:
    """Puts offers on trips, and keeps account of what is left of each, aboard, and free."""

    warm: Warm
    purse: Purse
    price: Price
    manner: Manner
    left: list[int]
    aboard: list[int]
    vain: dict[tuple[int, bool], Timed] = field(default_factory=dict)
    """By offer, in time or late: the plan in which not a step of it found room."""

    def put(self, plan: Timed, offer: Offer, *, in_time: bool, quiet: bool, serves_max: int | None = None) -> Timed:
        """The plan with as much of an offer as finds room; quietly, or with no more changes for others than there may be."""
        warm, index = self.warm, offer.index
        if self.vain.get((index, in_time)) is plan:
            return plan
        quantity, serves = self.purse.most(offer.source_id, offer.line_id, offer.available_at)
        if serves_max is not None and serves > serves_max:
            serves = max(serves_max, 0)
            quantity = min(quantity, warm.book.least(offer.source_id, offer.line_id, serves))
        one = warm.case.cargos[index]
        self.left[index] = before = min(quantity, one.quantity - self.aboard[index]) // one.step * one.step
        if before:
            had = warm.counts(index, self.aboard[index])
            warm.count_no_more(index, had + serves)
            new = insert(warm.case, plan, self.left, index, in_time=in_time, manner=self.manner)
            chosen = warm.changes(plan).chosen
            most = chosen if quiet else max(chosen, self.price.chosen_max)
            placed = before - self.left[index]
            if not placed:
                self.vain[index, in_time] = plan
            elif warm.changes(new).chosen <= most:
                plan = new
                self.aboard[index] += placed
                counts = warm.counts(index, self.aboard[index]) - had
                self.purse.take(offer.source_id, offer.line_id, placed, counts, offer.available_at)
        self.left[index] = 0
        return plan
