"""Who gets how much where quantities do not come out whole by themselves: mixed packs, substitutes, smallest quantities.

The same order as `share`, by integer programs: for each class the most persons × fill, then the highest least level, then as
few lines as possible left at it, then the next level, and so on. Each program is small, since parts are; where one is too
hard for its node limit the best found stands, and the bounds, which come from the linear relaxation, stay true.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.allocate.lp import Program, Reals, Rows, SolverError
from optimizer.allocate.part import Part
from optimizer.allocate.share import level_unit
from optimizer.emphasis import Emphasis

LEVELS_MAX = 12
"""Lines of a class up to which every level is settled in turn; with more, only the least one is raised."""
SLACK = 1e-7


@dataclass(slots=True)
class _Program:
    """A part with further columns and rows, built anew for each question."""

    part: Part
    seed: int
    lower: Reals
    upper: Reals
    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    more: list[tuple[float, float, bool]] = field(default_factory=list)

    def add_column(self, lower: float, upper: float, *, whole: bool) -> int:
        self.more.append((lower, upper, whole))
        return len(self.lower) + len(self.more) - 1

    def add_row(self, terms: list[tuple[int, float]], lower: float, upper: float = np.inf) -> None:
        place = len(self.part.rows.row_lower) + len(self.row_lower)
        for column, value in terms:
            self.row.append(place)
            self.column.append(column)
            self.value.append(value)
        self.row_lower.append(lower)
        self.row_upper.append(upper)

    def maximise(self, terms: list[tuple[int, float]]) -> Reals:
        if self.part.net.hurries():
            raise SolverError("nothing in the time there was")
        rows = self.part.rows
        more = np.array([(lower, upper) for lower, upper, _ in self.more], dtype=np.float64).reshape(-1, 2)
        whole = np.concatenate([self.part.whole, np.array([flag for _, _, flag in self.more], dtype=np.bool_)])
        built = Rows(
            np.concatenate([rows.row, np.array(self.row, dtype=np.int64)]),
            np.concatenate([rows.column, np.array(self.column, dtype=np.int64)]),
            np.concatenate([rows.value, np.array(self.value)]),
            np.concatenate([rows.row_lower, np.array(self.row_lower)]),
            np.concatenate([rows.row_upper, np.array(self.row_upper)]),
            np.concatenate([self.lower, more[:, 0]]),
            np.concatenate([self.upper, more[:, 1]]),
        )
        costs = np.zeros(len(built.column_lower))
        for column, value in terms:
            costs[column] += value
        found = Program(built, whole=whole, seed=self.seed).maximise(costs)
        if found is None:
            raise SolverError("nothing, where giving nothing is possible")
        return found


def share_whole(part: Part, lower: Reals, upper: Reals, seed: int) -> list[int]:
    """What each line of the part gets in time, in `scale`s, within these bounds of the columns."""
    asked = [part.asked(place) for place in range(len(part.lines))]
    everything = _Program(part, seed, lower, upper)
    got = part.gets(everything.maximise([(part.base + place, 1.0) for place in range(len(asked))]))
    if got == asked:
        return got
    lines = [part.net.problem.lines[line] for line in part.lines]
    program = _Program(part, seed, lower.copy(), upper.copy())
    found = None
    for rank in sorted({line.class_rank for line in lines}):
        places = [place for place, line in enumerate(lines) if line.class_rank == rank]
        found = _class(part, program, places)
        if len(places) == 1 or len(lines) > LEVELS_MAX:
            for place in places:
                column = part.base + place
                program.lower[column] = program.upper[column] = round(found[column])
    assert found is not None, "a part has lines"
    return [round(found[part.base + place]) for place in range(len(asked))]


def gains(part: Part, places: list[int]) -> list[tuple[int, float]]:
    """Persons × fill of these lines, by column, scaled so that the greatest gain of a unit is 1."""
    lines = [part.net.problem.lines[part.lines[place]] for place in places]
    each = [line.persons / line.quantity for line in lines]
    return [(part.base + place, gain / max(each)) for place, gain in zip(places, each, strict=True)]


def _class(part: Part, program: _Program, places: list[int]) -> Reals:
    """The best for a class; the program keeps to it from then on, without saying which of equal lines gets what."""
    service = gains(part, places)
    if part.net.emphasis is Emphasis.FAIR and len(places) > 1:
        _level(part, program, places)
        found = program.maximise(service)
        _keep(program, service, found)
        return found
    found = program.maximise(service)
    if len(places) == 1:
        return found
    _keep(program, service, found)
    return _level(part, program, places)


def _keep(program: _Program, service: list[tuple[int, float]], found: Reals) -> None:
    """Persons × fill of a class may not fall again."""
    value = sum(gain * found[column] for column, gain in service)
    least = min(gain for _, gain in service)
    program.add_row(service, value - min(SLACK * max(1.0, value), least / 4))


def _level(part: Part, program: _Program, places: list[int]) -> Reals:
    """Raise the least level, leave as few lines as can be at it, and go on with the others."""
    lines = {place: part.net.problem.lines[part.lines[place]] for place in places}
    heaviest = max(line.weight_permille for line in lines.values())
    unit = {place: float(level_unit(line, line.quantity, heaviest)) * part.scale for place, line in lines.items()}
    left: dict[int, list[int]] = {place: [] for place in places}
    """Columns that say a line stays at one of the levels settled so far."""
    found: Reals = np.zeros(0)
    for _ in range(min(len(places), LEVELS_MAX)):
        top = max(unit[place] * part.asked(place) for place in places)
        height = program.add_column(0, top, whole=False)
        for place in places:
            settled = [(column, top) for column in left[place]]
            program.add_row([(part.base + place, unit[place]), (height, -1.0), *settled], 0)
        found = program.maximise([(height, 1.0)])
        free = [place for place in places if not any(found[column] > 0.5 for column in left[place])]
        if not free:
            return found
        level = min(unit[place] * round(found[part.base + place]) for place in free)
        ends = {}
        for place in places:
            here = int(np.ceil(level / unit[place] - 1e-9))
            above = int(np.floor(level / unit[place] + 1e-9)) + 1
            stays = program.add_column(0, 1, whole=True)
            ends[place] = stays
            before = left[place]
            program.add_row([(part.base + place, 1.0), *((column, float(here)) for column in before)], here)
            program.add_row([(part.base + place, 1.0), *((column, float(above)) for column in (stays, *before))], above)
            left[place].append(stays)
        found = program.maximise([(column, -1.0) for column in ends.values()])
        count = sum(round(found[column]) for column in ends.values())
        program.add_row([(column, 1.0) for column in ends.values()], 0, count)
        for place in places:
            if len(left[place]) > 1:
                program.add_row([(column, 1.0) for column in left[place]], 0, 1)
        if all(any(found[column] > 0.5 for column in left[place]) for place in places):
            return found
    return found
