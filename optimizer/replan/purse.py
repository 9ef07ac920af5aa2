"""What may still be given, what is still missing and what room sites have left, while a plan is put together piece by piece."""

from __future__ import annotations

from collections import defaultdict

from optimizer.allocate.arcs import exchange
from optimizer.allocate.part import Room
from optimizer.model import Contract, LockMode, Lot
from optimizer.rides import Book, unclaimed

Pool = tuple[str, str, str]


class Purse:
    """Free goods, missing goods and room of a book, brought down by what is taken; what the commander fixed is kept for its line.

    Trips that are facts do not ask for room (`asks_for_room`).
    """

    def __init__(self, book: Book, *, asks_for_room: bool = True) -> None:
        self.book = book
        burden = book.burden() if book.rooms else {}
        self._rooms = {room: most - burden.get(room, 0) for room, most in book.rooms.items() if asks_for_room}
        self._claims: dict[str, list[tuple[int, int]]] = defaultdict(list)
        """Of each contract that the fleet fetches: from when on how much of it is claimed."""
        for ride in book.rides:
            for cargo in ride.cargos:
                if isinstance(book.sources[cargo.source_id], Contract):
                    self._claims[cargo.source_id].append((ride.starts_at, cargo.quantity))
        taken = book.taken()
        self.left = {name: source.quantity - taken.get(name, 0) for name, source in book.sources.items()}
        self.missing = {name: line.quantity - sum(book.got(name)) for name, line in book.lines.items()}
        self._pools: dict[Pool, int] = defaultdict(int)
        for lot in book.problem.lots:
            self._pools[_pool(lot)] += self.left[lot.id]
        for floor in book.problem.floors:
            pool = (floor.site_id, floor.item_id, floor.owner_id)
            if pool in self._pools:
                self._pools[pool] -= floor.quantity
        given: dict[tuple[str, str], int] = defaultdict(int)
        for source_id, line_id, quantity in _rows(book):
            given[source_id, line_id] += quantity
        self._most: dict[tuple[str, str], int] = {}
        self._due: dict[tuple[str, str], int] = {}
        for lock in book.problem.locks:
            key = (lock.source_id, lock.line_id)
            if lock.mode in {LockMode.EXACTLY, LockMode.AT_MOST}:
                self._most[key] = lock.quantity - given[key]
            if lock.mode in {LockMode.EXACTLY, LockMode.AT_LEAST}:
                self._due[key] = max(lock.quantity - given[key], 0)

    def most(self, source_id: str, line_id: str, at: int | None = None) -> tuple[int, int]:
        """How much of a source the line could get now in whole packs, and what that counts for; (0, 0) for nothing.

        With an instant: of what a contract gives the fleet, no more than may be loaded from then on.
        """
        book, source = self.book, self.book.sources[source_id]
        key = (source_id, line_id)
        quantity = self.left[source_id]
        if isinstance(source, Lot):
            quantity = min(quantity, self._pools[_pool(source)])
        elif at is not None:
            quantity = min(quantity, unclaimed(source, self._claims[source_id], at))
        for room, each in self._needs(source_id, line_id):
            if each:
                quantity = min(quantity, self._rooms[room] // each)
        quantity -= sum(due for other, due in self._due.items() if other[0] == source_id and other != key)
        gives, takes = exchange(book.lines[line_id], source.item_id)
        missing = self.missing[line_id] - sum(
            self._counts(other, due) for other, due in self._due.items() if other[1] == line_id and other != key
        )
        if missing <= 0:
            return 0, 0
        quantity = min(quantity, self._most.get(key, quantity), book.least(source_id, line_id, missing))
        quantity = quantity // book.step_of(source_id) * book.step_of(source_id)
        serves = min(quantity * gives // takes, missing)
        return (quantity, serves) if quantity > 0 and serves > 0 else (0, 0)

    def take(self, source_id: str, line_id: str, quantity: int, serves: int, at: int | None = None) -> None:
        """Note that so much is given, of a contract's goods for loading from that instant on."""
        source, key = self.book.sources[source_id], (source_id, line_id)
        if at is not None and isinstance(source, Contract):
            self._claims[source_id].append((at, quantity))
        for room, each in self._needs(source_id, line_id):
            self._rooms[room] -= each * quantity
        self.left[source_id] -= quantity
        self.missing[line_id] -= serves
        if isinstance(source, Lot):
            self._pools[_pool(source)] -= quantity
        if key in self._most:
            self._most[key] -= quantity
        if key in self._due:
            self._due[key] = max(self._due[key] - quantity, 0)

    def due(self) -> list[tuple[str, str]]:
        """What the commander fixed and is not given yet: source and line."""
        return sorted(key for key, due in self._due.items() if due)

    def _needs(self, source_id: str, line_id: str) -> list[tuple[Room, int]]:
        """The limited rooms that goods of a source take up on their way to a line, and how much a unit takes."""
        if not self._rooms:
            return []
        book, item = self.book, self.book.item_of(source_id)
        needs = [((False, book.lines[line_id].site_id), item.unit_volume_cm3)]
        if source_id not in book.suppliers_bring:
            needs.append(((True, book.sources[source_id].site_id), item.unit_mass_g))
        return [(room, each) for room, each in needs if room in self._rooms]

    def _counts(self, key: tuple[str, str], quantity: int) -> int:
        gives, takes = exchange(self.book.lines[key[1]], self.book.sources[key[0]].item_id)
        return quantity * gives // takes


def _pool(lot: Lot) -> Pool:
    return lot.site_id, lot.item_id, lot.owner_id


def _rows(book: Book) -> list[tuple[str, str, int]]:
    rows = [(row.source_id, row.line_id, row.quantity) for row in book.brought]
    return rows + [(cargo.source_id, cargo.line_id, cargo.quantity) for ride in book.rides for cargo in ride.cargos]
