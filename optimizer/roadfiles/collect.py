"""From points and lines to a net: lines are cut where they meet, points nobody drives over are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.roadfiles.net import Nature, Net, Spot, Stretch


@dataclass(frozen=True, slots=True)
class Line:
    """A road as drawn in the file: points one after the other."""

    id: str
    name: str
    nature: Nature
    points: Sequence[str]


def net_of(lines: Sequence[Line], spots: Mapping[str, Spot]) -> Net:
    """One stretch for each piece between two points of a line; pieces with a point the file does not have are left out."""
    stretches = []
    used: dict[str, Spot] = {}
    for line in lines:
        for place, (a, b) in enumerate(zip(line.points, line.points[1:], strict=False)):
            if a == b or a not in spots or b not in spots:
                continue
            start, end = spots[a], spots[b]
            used[a], used[b] = start, end
            stretches.append(Stretch(f"{line.id}-{place:05}", line.name, a, b, start.metres(end), line.nature))
    return Net(tuple(used[name] for name in sorted(used)), tuple(stretches))
