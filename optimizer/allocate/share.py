"""Who gets how much within a network part: every class in its order, and inside a class the neediest first.

The quantities the lines can get from a network form a polymatroid. On one, handing out unit by unit, each time the first
unit of a fixed order that can still be given, is optimal for that order whatever the weights (Edmonds 1970; for shares
as even as possible Federgruen and Groenevelt 1986). The order here is: higher class; within it more persons for a unit,
which maximises Σ persons × fill; then the unit that starts from the lowest fill ÷ weight, which raises the poorest first.
Only the order matters, so the solver is given small whole numbers for it, and its answers are whole and exact.

Units are not handed out one by one: pieces of a line stand for many units at first and are halved down to single ones,
around the best found before (scaling). An answer that touches no edge of its window is the best everywhere, as the rewards
fall along every line.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from optimizer.allocate.lp import Program, SolverError
from optimizer.allocate.part import SEGMENTS, Part
from optimizer.emphasis import Emphasis
from optimizer.model import DemandLine

COARSE_TRIES = 6
"""Windows of one coarse piece: they only lead the way, single units decide."""


def share(part: Part, program: Program) -> list[int]:
    """What each line of a network part gets in time, in `scale`s. Leaves the program's columns bound to that."""
    asked = [part.asked(place) for place in range(len(part.lines))]
    got = _all_that_can_be(part, program)
    if got != asked:
        got = _fair(part, program, asked, got)
    _hold(part, program, got)
    return got


def level_unit(line: DemandLine, asked: int, weight_max: int) -> Fraction:
    """What one more unit adds to a line's level, fill ÷ weight; weights relative to the heaviest line's."""
    return Fraction(weight_max, asked * line.weight_permille)


def _all_that_can_be(part: Part, program: Program) -> list[int]:
    costs = np.zeros(program.columns)
    costs[part.base : part.base + len(part.lines)] = 1.0
    found = program.maximise(costs)
    if found is None:
        raise SolverError("nothing, where giving nothing is possible")
    return part.gets(found)


def _fair(part: Part, program: Program, asked: list[int], got: list[int]) -> list[int]:
    order = _Order(part)
    piece = max(1, 1 << max(0, (max(asked) // SEGMENTS).bit_length() - 1))
    tries = 0
    while True:
        got, touched = _window(part, program, asked, got, piece, order)
        tries += 1
        if touched and (piece == 1 or tries < COARSE_TRIES):
            continue
        if piece == 1:
            return got
        piece, tries = max(1, piece // (SEGMENTS // 2)), 0


class _Order:
    """Compares units of lines: which is handed out first."""

    def __init__(self, part: Part) -> None:
        self.is_fair = part.net.emphasis is Emphasis.FAIR
        lines = [part.net.problem.lines[line] for line in part.lines]
        heaviest: dict[int, int] = {}
        for line in lines:
            heaviest[line.class_rank] = max(heaviest.get(line.class_rank, 0), line.weight_permille)
        self.first = [(line.class_rank, -Fraction(line.persons, line.quantity)) for line in lines]
        self.asked = [Fraction(part.offer.asked[line], part.scale) for line in part.lines]
        self.unit = [level_unit(line, line.quantity, heaviest[line.class_rank]) for line in lines]

    def key(self, place: int, before: int, size: int) -> tuple[int, Fraction, Fraction, Fraction, int]:
        """Lower goes first: the piece that follows so many units of a line. Between equals the larger raise, then the place.

        A fair plan looks at how full a line is before it looks at how many persons a unit serves: still the same order of units
        all along, and so still the best for it.
        """
        unit, (rank, gain) = self.unit[place], self.first[place]
        part_used = min(Fraction(1), self.asked[place] - before) if size == 1 else 1
        level = (before + Fraction(size - 1, 2)) * unit
        if self.is_fair:
            return rank, level, gain * part_used, -unit, place
        return rank, gain * part_used, level, -unit, place


def _window(
    part: Part, program: Program, asked: list[int], got: list[int], piece: int, order: _Order
) -> tuple[list[int], bool]:
    """The best within a few pieces of what there is; and whether it ran into the window's edge."""
    count = len(asked)
    lower, upper = program.lower.copy(), program.upper.copy()
    starts = [max(0, had - SEGMENTS // 2 * piece) for had in got]
    keys: dict[int, tuple[int, Fraction, Fraction, Fraction, int]] = {}
    ends = list(starts)
    for place in range(count):
        lower[part.base + place] = upper[part.base + place] = starts[place]
        for k in range(SEGMENTS):
            size = max(0, min(piece, asked[place] - ends[place]))
            column = part.segment(place, k)
            lower[column], upper[column] = 0, size
            if size:
                keys[column] = order.key(place, ends[place], size)
            ends[place] += size
    ranked = sorted(keys, key=keys.__getitem__)
    costs = np.zeros(program.columns)
    costs[ranked] = np.arange(len(ranked), 0, -1)
    program.bound(lower, upper)
    found = program.maximise(costs)
    if found is None:
        raise SolverError("nothing, where what was had before is possible")
    moved = part.gets(found)
    touched = any(
        (new == start and start > 0) or (new == end and end < most)
        for new, start, end, most in zip(moved, starts, ends, asked, strict=True)
    )
    return moved, touched and moved != got


def _hold(part: Part, program: Program, got: list[int]) -> None:
    """Let every line get exactly that from now on."""
    lower, upper = program.lower.copy(), program.upper.copy()
    count = len(part.lines)
    lower[part.base : part.base + count] = upper[part.base : part.base + count] = got
    lower[part.base + count : part.locks] = upper[part.base + count : part.locks] = 0
    program.bound(lower, upper)
