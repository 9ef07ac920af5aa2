"""A region drawn on the map, and whether a road touches it: in whole numbers, so that no rounding decides."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.roadfiles.net import RoadFileError

Point = tuple[int, int]
CORNERS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Region:
    """What rings enclose, by the even-odd rule: a ring inside a ring is a hole. Points are latitude and longitude in millionths."""

    rings: tuple[tuple[Point, ...], ...]

    @classmethod
    def of(cls, rings: Sequence[Sequence[Point]]) -> Region:
        """Rings with their repeated last corner taken off. Raises RoadFileError for one with fewer than three corners."""
        plain = []
        for ring in rings:
            corners = [corner for place, corner in enumerate(ring) if place == 0 or corner != ring[place - 1]]
            if len(corners) > 1 and corners[0] == corners[-1]:
                corners.pop()
            if len(set(corners)) < 3:
                raise RoadFileError("too_few_corners", corners=len(set(corners)))
            plain.append(tuple(corners))
        if sum(map(len, plain)) > CORNERS_MAX:
            raise RoadFileError("too_many_corners", maximum=CORNERS_MAX)
        return cls(tuple(plain))

    def holds(self, point: Point) -> bool:
        """Is the point inside, or on the line?"""
        inside = False
        for a, b in self.sides():
            if _turn(a, b, point) == 0 and _within(a, b, point):
                return True
            if (a[0] > point[0]) != (b[0] > point[0]) and (_turn(a, b, point) > 0) == (b[0] > a[0]):
                inside = not inside
        return inside

    def sides(self) -> list[tuple[Point, Point]]:
        """Every side of every ring."""
        return [(ring[n - 1], corner) for ring in self.rings for n, corner in enumerate(ring)]

    def touches(self, line: Sequence[Point]) -> bool:
        """Does any point of the line lie in the region or on its border?"""
        if not line:
            return False
        sides = self._sides_near(line)
        return (
            any(_cross(a, b, c, d) for a, b in itertools.pairwise(line) for c, d in sides)
            or self.holds(line[0])
        )  # fmt: skip

    def _sides_near(self, line: Sequence[Point]) -> list[tuple[Point, Point]]:
        south, north = min(p[0] for p in line), max(p[0] for p in line)
        west, east = min(p[1] for p in line), max(p[1] for p in line)
        return [
            (a, b)
            for a, b in self.sides()
            if max(a[0], b[0]) >= south and min(a[0], b[0]) <= north and max(a[1], b[1]) >= west and min(a[1], b[1]) <= east
        ]  # fmt: skip


def _turn(a: Point, b: Point, c: Point) -> int:
    value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (value > 0) - (value < 0)


def _within(a: Point, b: Point, c: Point) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Do the two pieces have a point in common?"""
    one, two, three, four = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if one != two and three != four:
        return True
    return (
        (one == 0 and _within(a, b, c)) or (two == 0 and _within(a, b, d))
        or (three == 0 and _within(c, d, a)) or (four == 0 and _within(c, d, b))
    )  # fmt: skip
