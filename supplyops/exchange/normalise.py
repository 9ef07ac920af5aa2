"""Full-width characters made narrow, blanks cut off, and the mark that keeps a text from both."""

from __future__ import annotations

from decimal import Decimal

VERBATIM = "'"
"""Before a text: take what follows letter by letter. Spreadsheets use it the same way."""
MARKS_HEADER = "错误说明(不导入)"
"""The column that the copy of a refused file has more than the file; it is passed over when the copy is handed in."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet compute or run a text; a Chinese one takes the wide signs for the narrow ones."""

_WIDE = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20, 0x00A0: 0x20}
_KEPT = {0xFF0C, 0xFF1B, 0xFF1A}
"""Comma, semicolon, colon: separators are understood in either width, so they stay."""
_NARROW = {wide: narrow for wide, narrow in _WIDE.items() if wide not in _KEPT}


def narrow(text: str) -> str:
    """Wide letters, digits, signs and blanks as narrow ones."""
    return text.translate(_NARROW)


def trimmed(text: str) -> str:
    """Without blanks around, wide and hard ones included."""
    return text.strip(" \t\r\n\u3000\u00a0\ufeff")


def plain_header(text: str) -> str:
    """A column's name as it is compared: no blanks, narrow, small letters, without the star that marks what is required."""
    return "".join(narrow(text).split()).casefold().rstrip("*")


def needs_mark(text: str, *, is_free_text: bool) -> bool:
    """Would this text be read otherwise, or be computed by a spreadsheet, if it stood alone in a cell?"""
    if text.startswith((*FORMULA_STARTS, VERBATIM)):
        return True
    return trimmed(text if is_free_text else narrow(text)) != text


def plain_decimal(number: Decimal) -> str:
    """Without exponent and trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
