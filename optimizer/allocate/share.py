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
    """Compares units of lines: which is handed out first. Fractions are compared as whole numbers (`whole`)."""

    def __init__(self, part: Part) -> None:
        self.is_fair = part.net.emphasis is Emphasis.FAIR
        lines = [part.net.problem.lines[line] for line in part.lines]
        heaviest: dict[int, int] = {}
        for line in lines:
            heaviest[line.class_rank] = max(heaviest.get(line.class_rank, 0), line.weight_permille)
        asked = [part.offer.asked[line] for line in part.lines]
        self._units = [level_unit(line, line.quantity, heaviest[line.class_rank]) for line in lines]
        self._bits = 2 * max((2 * unit.denominator).bit_length() for unit in self._units)
        self._by_raise = [-whole(unit.numerator, unit.denominator, self._bits) for unit in self._units]
        self._ranks = [line.class_rank for line in lines]
        bits = 2 * max((line.quantity * part.scale).bit_length() for line in lines)
        self._gain = [whole(-line.persons, line.quantity, bits) for line in lines]
        self._part_at = [some // part.scale if some % part.scale else -1 for some in asked]
        """After so many units comes one of which only a part is asked for,"""
        self._part_gain = [
            whole(-line.persons * (some % part.scale), line.quantity * part.scale, bits)
            for line, some in zip(lines, asked, strict=True)
        ]
        """and which serves only so much."""

    def key(self, place: int, before: int, size: int) -> tuple[int, int, int, int, int]:
        """Lower goes first: the piece that follows so many units of a line. Between equals the larger raise, then the place.

        A fair plan looks at how full a line is before it looks at how many persons a unit serves: still the same order of units
        all along, and so still the best for it.
        """
        unit = self._units[place]
        is_part = size == 1 and before == self._part_at[place]
        gain = self._part_gain[place] if is_part else self._gain[place]
        level = whole((2 * before + size - 1) * unit.numerator, 2 * unit.denominator, self._bits)
        first, second = (level, gain) if self.is_fair else (gain, level)
        return self._ranks[place], first, second, self._by_raise[place], place


def whole(above: int, below: int, bits: int) -> int:
    """A fraction as a whole number that compares as the fraction does, with others over no more than 2 ** (bits / 2): two that differ
    do so by 2 ** -bits or more."""
    return (above << bits) // below


def _window(
    part: Part, program: Program, asked: list[int], got: list[int], piece: int, order: _Order
) -> tuple[list[int], bool]:
    """The best within a few pieces of what there is; and whether it ran into the window's edge."""
    count = len(asked)
    lower, upper = program.lower.copy(), program.upper.copy()
    starts = [max(0, had - SEGMENTS // 2 * piece) for had in got]
    keys: dict[int, tuple[int, int, int, int, int]] = {}
    ends = np.array(starts, dtype=np.int64)
    lower[part.base : part.base + count] = upper[part.base : part.base + count] = ends
    for k in range(SEGMENTS):
        sizes = np.clip(np.array(asked, dtype=np.int64) - ends, 0, piece)
        first = part.segment(0, k)
        lower[first : first + count], upper[first : first + count] = 0, sizes
        for place in np.flatnonzero(sizes).tolist():
            keys[first + place] = order.key(place, int(ends[place]), int(sizes[place]))
        ends += sizes
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
        for new, start, end, most in zip(moved, starts, ends.tolist(), asked, strict=True)
    )
    return moved, touched and moved != got


def _hold(part: Part, program: Program, got: list[int]) -> None:
    """Let every line get exactly that from now on."""
    lower, upper = program.lower.copy(), program.upper.copy()
    count = len(part.lines)
    lower[part.base : part.base + count] = upper[part.base : part.base + count] = got
    lower[part.base + count : part.locks] = upper[part.base + count : part.locks] = 0
    program.bound(lower, upper)
