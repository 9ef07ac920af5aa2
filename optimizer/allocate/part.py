"""A part of the allocation that stands alone: items no line connects to other items, laid out as arrays for the solver.

Columns: whole units on every arc; what they count for, where a unit is not one of what is asked for (of a contract for a line all
steps together, as what is left of one may come with the next); for each line what it gets,
as a base and up to `SEGMENTS` further pieces (see `share`); for each lock what it falls short of; whether a line with a
smallest useful quantity gets anything, and a contract with a smallest order is called off.

When every arc moves the same unit and counts one for one, quantities are divided by that unit and the matrix is that of a
network: rows on the side of the stock are nested in each other, and so are those on the side of the lines, so every corner
of every program, and of the best answers of any stage, is whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import gcd

import numpy as np

from optimizer.allocate.arcs import Arc, Network
from optimizer.allocate.lp import Program, Reals, Rows
from optimizer.model import LockMode

SEGMENTS = 8
INFINITE = np.inf


@dataclass(frozen=True, slots=True)
class Fixing:
    """A lock, by the place of its line: so much at least (as far as can be), and so much at most."""

    source_id: str
    line: int
    least: int
    most: int | None


Room = tuple[bool, str]
"""What a site can send (True), in grams, or take in (False), in cubic centimetres."""


@dataclass(slots=True)
class Offer:
    """What may still be given and is still asked for, in base units. Places are those of the network."""

    left: list[int]
    """Of each supply."""
    pools: dict[tuple[str, str, str], int]
    """Above the floor, of each (site, item, owner) that has one."""
    asked: list[int]
    minimum_fill: list[int]
    minimum_order: dict[str, int]
    rooms: dict[Room, int] = field(default_factory=dict)
    """What stores can still send and places still take in, where there is a limit to it."""
    limits: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """What vehicles can bring at most, by (origin, item, line id)."""
    fixings: list[Fixing] = field(default_factory=list)


@dataclass(slots=True)
class _Entries:
    """A matrix in the making."""

    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def add(self, terms: list[tuple[int, float]], lower: float, upper: float) -> int:
        place = len(self.lower)
        for column, value in terms:
            self.row.append(place)
            self.column.append(column)
            self.value.append(value)
        self.lower.append(lower)
        self.upper.append(upper)
        return place


class Part:
    """Arcs of items that have no line in common with other items, over an offer."""

    def __init__(self, net: Network, arcs: list[Arc], offer: Offer) -> None:
        self.net, self.arcs, self.offer = net, arcs, offer
        self.lines = sorted({arc.line for arc in arcs})
        self.supplies = sorted({arc.supply for arc in arcs})
        self._row_of_line = {line: place for place, line in enumerate(self.lines)}
        units = {arc.unit for arc in arcs}
        self.burdens = [burdens(net, arc, offer.rooms) for arc in arcs]
        plain = not any(self.burdens) and all(arc.gives == arc.takes == 1 for arc in arcs)
        even = len(units) == 1 and plain
        self.scale = units.pop() if even else 1
        self._least = {line: -(-offer.minimum_fill[line] // self.scale) for line in self.lines}
        sources = {net.supplies[place].source_id: net.supplies[place].step for place in self.supplies}
        self._orders = {
            name: least for name, step in sources.items() if (least := offer.minimum_order.get(name, 0)) > step
        }
        self.is_network = even and not self._orders and all(least <= 1 for least in self._least.values())
        self._lay_out()

    # --- what the solver sees ---------------------------------------------------------------------------------------

    def program(self, seed: int) -> Program:
        """A program over these arrays; whole columns are asked for only where the matrix does not give them by itself."""
        return Program(self.rows, whole=None if self.is_network else self.whole, seed=seed)

    def relaxed(self, seed: int) -> Program:
        """The same without asking for whole columns: what it reaches bounds every plan."""
        return Program(self.rows, seed=seed)

    def is_whole(self, found: Reals) -> bool:
        """Are the columns that must be whole numbers such?"""
        wanted = found[self.whole]
        return bool(np.all(np.abs(wanted - np.round(wanted)) < 1e-7))

    def gets(self, found: Reals) -> list[int]:
        """What each line gets in time, in `scale`s, from the columns found."""
        pieces = found[self.base : self.locks].reshape(1 + SEGMENTS, len(self.lines))
        got: list[int] = np.rint(pieces).astype(np.int64).sum(axis=0).tolist()
        return got

    def segment(self, place: int, k: int) -> int:
        """Column of a line's k-th further piece."""
        return self.base + len(self.lines) * (1 + k) + place

    def asked(self, place: int) -> int:
        """What a line of the part asks for, in `scale`s; the last pack may hold more than that, and counts for less."""
        return -(-self.offer.asked[self.lines[place]] // self.scale)

    def supply_of(self, arc: Arc) -> str:
        """Id of the source behind an arc."""
        return self.net.supplies[arc.supply].source_id

    def _lay_out(self) -> None:
        arcs, count = self.arcs, len(self.arcs)
        together: dict[object, list[int]] = {}
        for place, arc in enumerate(arcs):
            if self.scale == 1 and arc.unit * arc.gives != arc.takes:
                of_steps = self.net.supplies[arc.supply].contract is not None
                key = (self.supply_of(arc), arc.line, arc.is_in_time) if of_steps else place
                together.setdefault(key, []).append(place)
        self._together = list(together.values())
        self._counts = {place: count + k for k, places in enumerate(self._together) for place in places}
        self._shared = {count + k for k, places in enumerate(self._together) if len(places) > 1}
        self.base = count + len(self._together)
        self.locks = self.base + len(self.lines) * (1 + SEGMENTS)
        fixings = [fixing for fixing in self.offer.fixings if fixing.line in self._row_of_line]
        self.fixings = [fixing for fixing in fixings if fixing.source_id in {self.supply_of(arc) for arc in arcs}]
        self.switches = self.locks + len(self.fixings)
        entries = _Entries()
        self._stock_rows(entries)
        self._line_rows(entries)
        self._lock_rows(entries)
        self._limit_rows(entries)
        columns = self.switches + self._switch_rows(entries)
        lower, upper = np.zeros(columns), np.full(columns, INFINITE)
        for place, arc in enumerate(arcs):
            upper[place] = self.offer.left[arc.supply] // arc.unit
        for place in range(len(self.lines)):
            upper[self.base + place] = self.asked(place)
        upper[self.base + len(self.lines) : self.locks] = 0
        for place, fixing in enumerate(self.fixings):
            upper[self.locks + place] = -(-fixing.least // self.scale)
        upper[self.switches :] = 1
        self.whole = np.ones(columns, dtype=np.bool_)
        self.whole[self.base : self.switches] = False
        self.rows = Rows(
            np.array(entries.row, dtype=np.int64), np.array(entries.column, dtype=np.int64), np.array(entries.value),
            np.array(entries.lower, dtype=np.float64), np.array(entries.upper, dtype=np.float64), lower, upper,
        )  # fmt: skip

    def amounts(self, found: Reals) -> list[tuple[int, int]]:
        """Of each arc: quantity and what it counts for, in base units."""
        units = np.rint(found[: len(self.arcs)]).astype(np.int64).tolist()
        amounts = [(some * arc.unit, some * self.scale) for some, arc in zip(units, self.arcs, strict=True)]
        for places in self._together:
            counts = round(float(found[self._counts[places[0]]]))
            used = sorted((place for place in places if units[place]), key=lambda place: self.arcs[place].arrives_at)
            quantities = [amounts[place][0] for place in used]
            for place in places:
                amounts[place] = 0, 0
            for place, amount in zip(used, self._in_steps(used, quantities, counts), strict=True):
                amounts[place] = amount
        return amounts

    def _in_steps(self, places: list[int], quantities: list[int], counts: int) -> list[tuple[int, int]]:
        """What is left of each of a contract's steps comes with the next: as much as can be at once, as long as all of it counts."""
        arcs = [self.arcs[place] for place in places]
        found: list[tuple[int, int]] = []
        for whole in (False, True):
            left, rest, found = 0, counts, []
            for arc, quantity in zip(arcs, quantities, strict=True):
                there = left + quantity
                if whole and len(found) < len(arcs) - 1:
                    there -= there % (arc.unit * arc.takes // gcd(arc.unit * arc.gives, arc.takes))
                serves = min(arc.serves(there), rest)
                some = -(-serves * arc.takes // (arc.gives * arc.unit)) * arc.unit
                found.append((some, serves))
                left, rest = left + quantity - some, rest - serves
            if not rest:
                break
        return found

    def _takes(self, place: int) -> tuple[int, float]:
        """What an arc takes from its supply."""
        return place, self.arcs[place].unit / self.scale

    def _gives(self, places: Iterable[int]) -> list[tuple[int, float]]:
        """What arcs count for their line."""
        return [(column, 1.0) for column in dict.fromkeys(self._counts.get(place, place) for place in places)]

    def worth_of(self, place: int) -> tuple[int, float]:
        """The column that says what an arc's goods count for, and how much one of it does; of steps counted together each by its units."""
        column = self._counts.get(place, place)
        if column in self._shared:
            return place, self.arcs[place].unit * self.arcs[place].gives / self.arcs[place].takes
        return column, 1.0

    def _stock_rows(self, entries: _Entries) -> None:
        by_supply: dict[int, list[int]] = {}
        by_pool: dict[tuple[str, str, str], list[int]] = {}
        for place, arc in enumerate(self.arcs):
            supply = self.net.supplies[arc.supply]
            by_supply.setdefault(arc.supply, []).append(place)
            pool = (supply.site_id, supply.item_id, supply.owner_id)
            if supply.contract is None and pool in self.offer.pools:
                by_pool.setdefault(pool, []).append(place)
        for supply_place, places in by_supply.items():
            entries.add([self._takes(place) for place in places], 0, self.offer.left[supply_place] // self.scale)
        for pool, places in by_pool.items():
            entries.add([self._takes(place) for place in places], 0, self.offer.pools[pool] // self.scale)
        self._room_rows(entries)
        for places in self._together:
            arc = self.arcs[places[0]]
            gives = arc.unit * arc.gives
            terms = [(self._counts[places[0]], float(arc.takes)), *((place, -float(gives)) for place in places)]
            entries.add(terms, 1 - gives, 0)  # no unit more than it takes

    def _room_rows(self, entries: _Entries) -> None:
        """Limits of sites, in parts of the whole room, so that grams and tonnes are alike to the solver."""
        by_room: dict[Room, list[tuple[int, float]]] = {}
        for place, (arc, found) in enumerate(zip(self.arcs, self.burdens, strict=True)):
            for room, each in found:
                by_room.setdefault(room, []).append((place, float(each * arc.unit)))
        for room, terms in by_room.items():
            whole = float(max(self.offer.rooms[room], 1))
            entries.add([(place, each / whole) for place, each in terms], 0, self.offer.rooms[room] / whole)

    def _line_rows(self, entries: _Entries) -> None:
        """What a line gets is the sum of its pieces; with what is late it is never more than asked."""
        in_time: dict[int, list[int]] = {line: [] for line in self.lines}
        late: dict[int, list[int]] = {}
        for place, arc in enumerate(self.arcs):
            if arc.is_in_time:
                in_time[arc.line].append(place)
            else:
                late.setdefault(arc.line, []).append(place)
        self.line_row = len(entries.lower)
        for place, line in enumerate(self.lines):
            pieces = [(self.base + place, -1.0), *((self.segment(place, k), -1.0) for k in range(SEGMENTS))]
            entries.add([*self._gives(in_time[line]), *pieces], 0, 0)
        for line, places in late.items():
            terms = self._gives([*in_time[line], *places])
            entries.add(terms, 0, self.asked(self._row_of_line[line]))

    def _lock_rows(self, entries: _Entries) -> None:
        for place, fixing in enumerate(self.fixings):
            terms = [
                self._takes(arc_place)
                for arc_place, arc in enumerate(self.arcs)
                if arc.line == fixing.line and self.supply_of(arc) == fixing.source_id
            ]
            most = INFINITE if fixing.most is None else fixing.most // self.scale
            entries.add(terms, 0, most)
            if fixing.least:
                entries.add([*terms, (self.locks + place, 1.0)], -(-fixing.least // self.scale), INFINITE)

    def _limit_rows(self, entries: _Entries) -> None:
        limited: dict[tuple[str, str, str], list[int]] = {}
        for place, arc in enumerate(self.arcs):
            supply = self.net.supplies[arc.supply]
            key = (supply.site_id, supply.item_id, self.net.problem.lines[arc.line].id)
            if supply.needs_vehicle and key in self.offer.limits:
                limited.setdefault(key, []).append(place)
        for key, places in limited.items():
            entries.add([self._takes(place) for place in places], 0, self.offer.limits[key] // self.scale)

    def _switch_rows(self, entries: _Entries) -> int:
        """Lines that need a least quantity to be of use, contracts with a smallest order: all of that, or nothing."""
        if self.is_network:
            return 0
        column = self.switches
        for place, line in enumerate(self.lines):
            if (least := self._least[line]) > 1:
                pieces = [(self.base + place, 1.0), *((self.segment(place, k), 1.0) for k in range(SEGMENTS))]
                entries.add([*pieces, (column, -float(least))], 0, INFINITE)
                entries.add([*pieces, (column, -float(self.asked(place)))], -INFINITE, 0)
                column += 1
        by_contract: dict[str, list[int]] = {}
        for place, arc in enumerate(self.arcs):
            if self.supply_of(arc) in self._orders:
                by_contract.setdefault(self.supply_of(arc), []).append(place)
        for contract_id, places in by_contract.items():
            least = -(-self._orders[contract_id] // self.scale)
            most = sum(self.offer.left[p] for p in self.supplies if self.net.supplies[p].source_id == contract_id)
            entries.add([*(self._takes(place) for place in places), (column, -float(least))], 0, INFINITE)
            entries.add([*(self._takes(place) for place in places), (column, -float(most))], -INFINITE, 0)
            column += 1
        return column - self.switches


def burdens(net: Network, arc: Arc, rooms: dict[Room, int]) -> list[tuple[Room, int]]:
    """Which limits of sites a base unit on an arc counts against, and how much."""
    if not rooms:
        return []
    supply, line = net.supplies[arc.supply], net.problem.lines[arc.line]
    item = net.items[supply.item_id]
    found = [((False, line.site_id), item.unit_volume_cm3)]
    if supply.needs_vehicle:
        found.append(((True, supply.site_id), item.unit_mass_g))
    return [(room, each) for room, each in found if room in rooms]


def groups(net: Network, arcs: list[Arc], offer: Offer) -> list[list[Arc]]:
    """Split the arcs into parts that have neither stock, lines nor limits of sites in common, in a fixed order."""
    root: dict[str, str] = {}

    def find(name: str) -> str:
        while root.setdefault(name, name) != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    open_arcs = [arc for arc in arcs if offer.left[arc.supply] >= arc.unit and offer.asked[arc.line] > 0]
    for arc in open_arcs:
        item, line = f"i{net.supplies[arc.supply].item_id}", f"l{arc.line}"
        root[find(item)] = find(line)
        for (sends, site_id), _ in burdens(net, arc, offer.rooms):
            root[find(f"{sends}{site_id}")] = find(line)
    grouped: dict[str, list[Arc]] = {}
    for arc in open_arcs:
        grouped.setdefault(find(f"l{arc.line}"), []).append(arc)
    return list(grouped.values())


def look_of(net: Network, arcs: list[Arc], offer: Offer) -> tuple[object, ...]:
    """Everything of an offer that a part over these arcs depends on: parts that look alike have the same answer."""
    lines = {arc.line for arc in arcs}
    supplies = [net.supplies[place] for place in sorted({arc.supply for arc in arcs})]
    pools = {(supply.site_id, supply.item_id, supply.owner_id) for supply in supplies}
    pairs = {
        (net.supplies[arc.supply].site_id, net.supplies[arc.supply].item_id, net.problem.lines[arc.line].id)
        for arc in arcs
    }
    sources = {supply.source_id for supply in supplies}
    return (
        tuple(arcs),
        tuple(sorted((place, offer.left[place]) for place in {arc.supply for arc in arcs})),
        tuple(sorted((line, offer.asked[line], offer.minimum_fill[line]) for line in lines)),
        tuple(sorted((pool, offer.pools[pool]) for pool in pools if pool in offer.pools)),
        tuple(sorted((pair, offer.limits[pair]) for pair in pairs if pair in offer.limits)),
        tuple(sorted((source, offer.minimum_order[source]) for source in sources if source in offer.minimum_order)),
        tuple(fixing for fixing in offer.fixings if fixing.line in lines),
        tuple(sorted({(room, offer.rooms[room]) for arc in arcs for room, _ in burdens(net, arc, offer.rooms)})),
    )


def fixings(net: Network) -> list[Fixing]:
    """The problem's locks that ask for a quantity, by place."""
    place = {line.id: at for at, line in enumerate(net.problem.lines)}
    found = []
    for lock in net.problem.locks:
        if lock.mode is LockMode.FORBID:
            continue
        least = 0 if lock.mode is LockMode.AT_MOST else lock.quantity
        most = None if lock.mode is LockMode.AT_LEAST else lock.quantity
        found.append(Fixing(lock.source_id, place[lock.line_id], least, most))
    return found
