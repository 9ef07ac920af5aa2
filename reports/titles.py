"""Breaking the title of a document: whole words, and lines in the shape of a trapezium (GB/T 9704-2012, 7.3.1)."""

from __future__ import annotations

import re

_BEFORE = re.compile(r"(?=支援|用于|商请|协助|有关|等)|(?<=关于)|(?<=、)|(?<=的)(?!通知|函|请示|命令)")
_UNSPLITTABLE_TAIL = 3


def title_lines(title: str, line_max: int = 19) -> list[str]:
    """The lines of a title. A line break in the title is kept; a short title stays whole.

    Breaks fall where a word ends if such a place exists, and the longest line is as short as possible.
    """
    if "\n" in title:
        return [line for line in title.split("\n") if line]
    if len(title) <= line_max:
        return [title]
    wanted = -(-len(title) // line_max)
    places = [
        match.start() for match in _BEFORE.finditer(title) if 2 <= match.start() <= len(title) - _UNSPLITTABLE_TAIL
    ]
    return _split(title, wanted, places, line_max) or _split(title, wanted, list(range(2, len(title) - 2)), line_max)


def _split(title: str, lines: int, places: list[int], line_max: int) -> list[str]:
    if lines == 1:
        return [title] if len(title) <= line_max else []
    best: list[str] = []
    for place in places:
        head, tail = title[:place], title[place:]
        if len(head) > line_max:
            break
        rest = _split(tail, lines - 1, [later - place for later in places if later > place], line_max)
        found = [head, *rest] if rest else []
        if found and (not best or max(map(len, found)) < max(map(len, best))):
            best = found
    return best
