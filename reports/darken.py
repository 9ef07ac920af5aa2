"""Thicker strokes for a title face that is not there.

The packaged serif comes in text weight only. Set large it looks thin beside what offices print, so its outlines are
stroked as well as filled: the text stays text, can be searched and copied, and no second font is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

STROKE_EM = 0.028
_FONT = re.compile(rb"/(\S+) ([\d.]+) Tf")
_FILL = re.compile(rb"(.*) (rg|g|k|sc|scn)")
_STROKE_OF = {b"rg": b"RG", b"g": b"G", b"k": b"K", b"sc": b"SC", b"scn": b"SCN"}


def darkened(operators: Iterable[bytes], resource_names: frozenset[bytes]) -> list[bytes]:
    """The operators of a content stream, with text in the named font resources filled and stroked in one colour."""
    result: list[bytes] = []
    fill, text_start, is_dark = b"0 g", -1, False
    for operator in operators:
        if match := _FILL.fullmatch(operator):
            fill = operator
        elif operator == b"BT":
            text_start = len(result)
        result.append(operator)
        if match := _FONT.fullmatch(operator):
            if match[1] in resource_names:
                if not is_dark:
                    result.insert(text_start, b"q")  # the stroke's colour and mode end with this text
                is_dark = True
                result += [_stroke(fill), b"%.3f w" % (float(match[2]) * STROKE_EM), b"2 Tr"]
            elif is_dark:
                result.append(b"0 Tr")
        elif operator == b"ET" and is_dark:
            result.append(b"Q")
            is_dark = False
    return result


def _stroke(fill: bytes) -> bytes:
    colour, operator = fill.rsplit(b" ", 1)
    return colour + b" " + _STROKE_OF[operator]
