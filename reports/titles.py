"""Breaking the title of a document: whole words, and lines of fitting length (GB/T 9704-2012, 7.3.1)."""

from __future__ import annotations

import re
from functools import cache

_WORD_EDGE = re.compile(
    r"(?=支援|用于|商请|协助|有关|抢险|受灾|“|《)|(?<=关于)|(?<=调拨)|(?<=、)|(?<=”)|(?<=》)|(?<=的)(?!通知|函|请示|命令)"
)
_LINE_MIN = 2
"""No line is shorter than this."""


def title_lines(title: str, width_max: float = 20) -> list[str]:
    """The lines of a title, no wider than so many characters. A line break in the title is kept.

    As few lines as possible; of those the breaks that split the fewest words; of those the shortest longest line.
    """
    if "\n" in title:
        return [line for line in title.split("\n") if line]
    edges = {match.start() for match in _WORD_EDGE.finditer(title)}

    @cache
    def split(start: int, lines: int) -> tuple[int, float, tuple[str, ...]] | None:
        """The best way to set the rest in so many lines: words split, width of the longest line, the lines."""
        if lines == 1:
            rest = title[start:]
            return (0, _width(rest), (rest,)) if _width(rest) <= width_max else None
        best: tuple[int, float, tuple[str, ...]] | None = None
        for end in range(start + _LINE_MIN, len(title) - _LINE_MIN + 1):
            line = title[start:end]
            if _width(line) > width_max:
                break
            if rest_set := split(end, lines - 1):
                words, longest, rest_lines = rest_set
                found = (words + (end not in edges), max(longest, _width(line)), (line, *rest_lines))
                best = found if best is None else min(best, found, key=lambda way: way[:2])
        return best

    ways = (split(0, lines) for lines in range(1, len(title) + 1))
    return next((list(way[2]) for way in ways if way), [title])


def _width(text: str) -> float:
    return sum(0.55 if character.isascii() else 1 for character in text)
