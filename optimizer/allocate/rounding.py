"""Parts too large for integer programs: broken quantities first, then rounded down, then topped up unit by unit.

The linear relaxation is settled in the order of the objective, with fairness by pieces of each line that are worth less the
fuller it is. What is rounded away goes, class by class and the poorest line first, to whoever can still use a whole unit of
it, so no line of a lower class is given goods that one of a higher class could still use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from optimizer.allocate.arcs import Arc
from optimizer.allocate.lp import Program, Reals
from optimizer.allocate.part import SEGMENTS, Part
from optimizer.allocate.share import level_unit
from optimizer.emphasis import Emphasis
from optimizer.model import DemandLine

CHUNKS = 64
"""A line takes what is left in so many chunks at most, so that others have their turn."""

Amounts = list[tuple[int, int]]
"""Of each arc: quantity, and what it counts for."""


def settle_rounded(part: Part, program: Program, later: Callable[[Part, int], Iterable[Reals]]) -> Amounts:
    """A good allocation of a part in whole units. `program` is its relaxation, `later` the stages after who gets how much."""
    found = _relaxed(part, program, later)
    hands = Hands(part)
    for place, arc in enumerate(part.arcs):
        hands.give(place, int(found[place] + 1e-6) * arc.unit)
    hands.keep_locks()
    hands.top_up()
    while hands.drop_useless():
        hands.top_up()
    return hands.amounts


def _relaxed(part: Part, program: Program, later: Callable[[Part, int], Iterable[Reals]]) -> Reals:
    lines = [part.net.problem.lines[line] for line in part.lines]
    upper = program.upper.copy()
    for place in range(len(lines)):
        upper[part.base + place] = 0
        for k in range(SEGMENTS):
            upper[part.segment(place, k)] = part.asked(place) / SEGMENTS
    program.bound(upper=upper)
    found: Reals = np.zeros(program.columns)
    for rank in sorted({line.class_rank for line in lines}):
        places = [place for place, line in enumerate(lines) if line.class_rank == rank]
        first = (_service(part, places, program.columns), _evenness(part, places, program.columns))
        for costs in reversed(first) if part.net.emphasis is Emphasis.FAIR else first:
            better = program.maximise(costs)
            if better is None:
                return found
            program.stay_best(better, costs)
            found = better
    for costs in later(part, program.columns):
        better = program.maximise(costs)
        if better is None:
            break
        program.stay_best(better, costs)
        found = better
    return found


def _service(part: Part, places: list[int], columns: int) -> Reals:
    costs = np.zeros(columns)
    lines = {place: part.net.problem.lines[part.lines[place]] for place in places}
    most = max(line.persons / line.quantity for line in lines.values())
    for place, line in lines.items():
        for k in range(SEGMENTS):
            costs[part.segment(place, k)] = line.persons / line.quantity / most
    return costs


def _evenness(part: Part, places: list[int], columns: int) -> Reals:
    costs = np.zeros(columns)
    lines = {place: part.net.problem.lines[part.lines[place]] for place in places}
    heaviest = max(line.weight_permille for line in lines.values())
    full = {
        place: float(level_unit(line, line.quantity, heaviest)) * part.asked(place) for place, line in lines.items()
    }
    top = max(full.values())
    for place in places:
        for k in range(SEGMENTS):
            costs[part.segment(place, k)] = 1.0 - full[place] * k / SEGMENTS / top
    return costs


class Hands:
    """Gives whole units as long as there are any, and takes them back."""

    def __init__(self, part: Part) -> None:
        self.part, self.offer = part, part.offer
        self.amounts: Amounts = [(0, 0)] * len(part.arcs)
        self.left = {place: part.offer.left[place] for place in part.supplies}
        self.pools = dict(part.offer.pools)
        self.limits = dict(part.offer.limits)
        self.rooms = dict(part.offer.rooms)
        self.asked = {line: part.offer.asked[line] for line in part.lines}
        self.in_time = dict.fromkeys(part.lines, 0)
        self.locks = {(fixing.source_id, fixing.line): fixing for fixing in part.fixings}
        self.given: dict[tuple[str, int], int] = defaultdict(int)
        self.barred_lines: set[int] = set()
        self.barred_sources: set[str] = set()
        self.by_line: dict[int, list[int]] = defaultdict(list)
        for place, arc in enumerate(part.arcs):
            self.by_line[arc.line].append(place)
        for places in self.by_line.values():
            places.sort(key=self._first_used)

    def room(self, place: int) -> int:
        """The most in whole units that an arc could still bring, whatever the line misses."""
        arc = self.part.arcs[place]
        source = self.part.supply_of(arc)
        if arc.line in self.barred_lines or source in self.barred_sources:
            return 0
        most = self.left[arc.supply]
        for key, amounts in ((self._pool(arc), self.pools), (self.pair(arc), self.limits)):
            if key is not None and key in amounts:
                most = min(most, amounts[key])
        for room, each in self.part.burdens[place]:
            most = min(most, self.rooms[room] // each)
        lock = self.locks.get((source, arc.line))
        if lock is not None and lock.most is not None:
            most = min(most, lock.most - self.given[source, arc.line])
        return max(most, 0) // arc.unit * arc.unit

    def give(self, place: int, quantity: int) -> int:
        """Give up to so much by an arc, as far as there is room and the line misses any; what it counted for."""
        arc = self.part.arcs[place]
        had, counted = self.amounts[place]
        misses = self.asked[arc.line]
        enough = -(-(misses + counted) * arc.takes // (arc.gives * arc.unit)) * arc.unit - had
        quantity = max(min(quantity // arc.unit * arc.unit, self.room(place), enough), 0)
        serves = min(arc.serves(had + quantity) - counted, misses)
        if quantity == 0 or serves <= 0:
            return 0
        quantity = (
            -(-(counted + serves) * arc.takes // (arc.gives * arc.unit)) * arc.unit - had
        )  # no unit more than it takes
        self._move(place, quantity, serves)
        return serves

    def keep_locks(self) -> None:
        """Bring the commander's pairs up to their quantity."""
        for (source, line), lock in self.locks.items():
            for place in self.by_line[line]:
                wanted = lock.least - self.given[source, line]
                unit = self.part.arcs[place].unit
                if wanted > 0 and self.part.supply_of(self.part.arcs[place]) == source:
                    self.give(place, -(-wanted // unit) * unit)

    def top_up(self) -> None:
        """Give what is left, the first line in order first, until nobody can use a whole unit."""
        open_lines = {line for line in self.part.lines if self.asked[line] > 0}
        while open_lines:
            line = min(open_lines, key=self._order)
            chunk = max(1, self._line(line).quantity // CHUNKS)
            need = self.offer.minimum_fill[line] - self.in_time[line]
            if not self._raise(line, max(chunk, need), need) or self.asked[line] == 0:
                open_lines.discard(line)

    def drop_useless(self) -> bool:
        """Take back what is below a smallest quantity; says whether there was any."""
        orders: dict[str, int] = defaultdict(int)
        for place, arc in enumerate(self.part.arcs):
            orders[self.part.supply_of(arc)] += self.amounts[place][0]
        small = {source for source, total in orders.items() if 0 < total < self.offer.minimum_order.get(source, 0)}
        poor = {line for line, got in self.in_time.items() if 0 < got < self.offer.minimum_fill[line]}
        for place, arc in enumerate(self.part.arcs):
            quantity, serves = self.amounts[place]
            if quantity and (self.part.supply_of(arc) in small or (arc.line in poor and arc.is_in_time)):
                self._move(place, -quantity, -serves)
        self.barred_lines |= poor
        self.barred_sources |= small
        return bool(small or poor)

    def _raise(self, line: int, wanted: int, need: int) -> bool:
        """Bring a line so much further; nothing at all where that stays below what it needs to be of use."""
        done: list[tuple[int, int, int]] = []
        total = 0
        for place in self.by_line[line]:
            arc = self.part.arcs[place]
            if not arc.is_in_time or total >= wanted:
                continue
            before = self.amounts[place]
            units = -(-(wanted - total) * arc.takes // (arc.gives * arc.unit)) * arc.unit
            total += self.give(place, units)
            after = self.amounts[place]
            done.append((place, after[0] - before[0], after[1] - before[1]))
        if total and total >= need:
            return True
        for place, quantity, serves in done:
            self._move(place, -quantity, -serves)
        return False

    def _move(self, place: int, quantity: int, serves: int) -> None:
        arc = self.part.arcs[place]
        had, counted = self.amounts[place]
        self.amounts[place] = had + quantity, counted + serves
        self.left[arc.supply] -= quantity
        self.asked[arc.line] -= serves
        if arc.is_in_time:
            self.in_time[arc.line] += serves
        self.given[self.part.supply_of(arc), arc.line] += quantity
        for room, each in self.part.burdens[place]:
            self.rooms[room] -= each * quantity
        for key, amounts in ((self._pool(arc), self.pools), (self.pair(arc), self.limits)):
            if key is not None and key in amounts:
                amounts[key] -= quantity

    def _line(self, line: int) -> DemandLine:
        return self.part.net.problem.lines[line]

    def _order(self, line: int) -> tuple[int, float, float, int]:
        asked = self._line(line)
        level = self.in_time[line] / (asked.quantity * asked.weight_permille)
        return asked.class_rank, -asked.persons / asked.quantity, level, line

    def _first_used(self, place: int) -> tuple[bool, int, int, int, int]:
        arc = self.part.arcs[place]
        supply = self.part.net.supplies[arc.supply]
        return arc.gives != arc.takes, supply.precedence, arc.arrives_at, supply.expires_at or 2**62, place

    def _pool(self, arc: Arc) -> tuple[str, str, str] | None:
        supply = self.part.net.supplies[arc.supply]
        return None if supply.contract is not None else (supply.site_id, supply.item_id, supply.owner_id)

    def pair(self, arc: Arc) -> tuple[str, str, str] | None:
        """Whose vehicles' limit an arc counts against."""
        supply = self.part.net.supplies[arc.supply]
        return (supply.site_id, supply.item_id, self._line(arc.line).id) if supply.needs_vehicle else None
