"""How Chinese names are spelt in Latin letters, for whoever looks them up by sound."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product

_READINGS = 3
"""So many readings of one character count, the usual first: 单 is dan, chan and shan."""
_SPELLINGS = 12
"""So many ways to read a name are kept."""


@lru_cache(maxsize=20_000)
def spelled(name: str) -> tuple[str, str]:
    """A name's pinyin and its initials, in small letters and without tones; where it can be read in several ways, all of them
    with a blank between, the usual one first. Words that the dictionary knows (重庆) have the one reading they have there."""
    # Its dictionary takes more than a second to load, and few processes spell anything.
    from pypinyin import Style, lazy_pinyin, pinyin  # noqa: PLC0415

    known = pinyin(name, style=Style.NORMAL, heteronym=True)
    usual, letters = lazy_pinyin(name), lazy_pinyin(name, style=Style.FIRST_LETTER)
    if len(known) != len(usual):
        readings = [[one] for one in usual]
    else:
        readings = [list(dict.fromkeys([one, *others]))[:_READINGS] for one, others in zip(usual, known, strict=True)]
    # What is not Chinese stands as it is, and whole.
    firsts = [
        [letter] if len(letter) > 1 else [one[:1] for one in each]
        for letter, each in zip(letters, readings, strict=True)
    ]
    return _ways(readings), _ways([list(dict.fromkeys(each)) for each in firsts])


def _ways(readings: list[list[str]]) -> str:
    ways = ("".join(way).lower().replace(" ", "") for way in islice(product(*readings), _SPELLINGS))
    return " ".join(dict.fromkeys(ways))
