"""The objective of some lines, class by class, in whole numbers for the solver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from math import lcm

from optimizer.emphasis import Emphasis
from optimizer.model import DemandLine

WORTH_MAX = 2**52
"""More than this no line is worth to the solver, whose sums are whole numbers of 64 bits."""
LEVELS_MAX = 5
"""Lines of a class up to which every level is raised; with more, the least one."""

Weights = list[dict[str, int]]
"""A stage: the least of some sums over lines of what they get."""


def stages(lines: Sequence[DemandLine], emphasis: Emphasis) -> Iterator[Weights]:
    """Persons × fill, then the least level, the two least together, and so on, which is the strict order of levels; where all is
    to be fair the levels first."""
    for rank in sorted({line.class_rank for line in lines}):
        mine = [line for line in lines if line.class_rank == rank]
        most = max(line.quantity for line in mine)
        service = [_whole({line.id: (line.persons, line.quantity) for line in mine}, most)]
        level = _whole({line.id: (1, line.quantity * line.weight_permille) for line in mine}, most)
        counts = range(1, len(mine)) if len(mine) <= LEVELS_MAX else (1,)
        levels: list[Weights] = [
            [{line_id: level[line_id] for line_id in some} for some in combinations(level, count)] for count in counts
        ]
        yield from [*levels, [level], service] if emphasis is Emphasis.FAIR else [service, *levels]


def least(weights: Weights, got: Mapping[str, int]) -> int:
    """What a stage is worth with this for each line."""
    return min(sum(each * got[line_id] for line_id, each in one.items()) for one in weights)


def _whole(fractions: dict[str, tuple[int, int]], quantity: int) -> dict[str, int]:
    """Fractions as whole numbers in the same proportion, nearly so where so many of them would be too large for the solver."""
    over = lcm(*(below for _, below in fractions.values()))
    most = max(-(-above * over // below) for above, below in fractions.values()) * quantity
    if most > WORTH_MAX:
        over = WORTH_MAX * over // most
    return {name: max(above * over // below, 1) for name, (above, below) in fractions.items()}
