"""In which encoding a text file is written, decided once for the whole file or not at all."""

from __future__ import annotations

import codecs
import io
import unicodedata
from collections import Counter
from collections.abc import Callable

from supplyops.exchange.problems import FileRefused, Problem

ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "utf-16": "utf-16",
    "utf16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "big5": "big5hkscs",
}
"""What may be named, and the reading used. GB18030 reads everything that GBK and GB2312 write."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PLAUSIBLE_PERCENT = 90
"""So much of what is not ASCII must be everyday Chinese for a reading to make sense; names may hold rare characters."""


def decode(file: str, data: bytes, encoding: str | None, knows_header: Callable[[str], bool]) -> tuple[str, str]:
    """The text and the name of its encoding. Raises FileRefused when it cannot be decided or is not what was named.

    `knows_header` says whether a first line holds column names that are known.
    """
    if encoding is not None:
        return _as_named(file, data, encoding)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strictly(file, data, name, name.removesuffix("-sig").upper()), name.removesuffix("-sig")
    if data.isascii() and b"\0" not in data:
        return data.decode("ascii"), "utf-8"
    if b"\0" in data[:2000]:
        wide = [name for name in ("utf-16-le", "utf-16-be") if _reads(data, name) is not None]
        sound = [name for name in wide if _makes_sense(str(_reads(data, name)), knows_header)]
        if len(sound) != 1:
            raise FileRefused(file, [Problem("encoding_undecidable")])
        return str(_reads(data, sound[0])), sound[0]
    readings = {name: text for name in ("utf-8", "gb18030") if (text := _reads(data, name)) is not None}
    by_header = [name for name, text in readings.items() if not _first_line(text).isascii() and knows_header(text)]
    if len(by_header) == 1:
        return readings[by_header[0]], by_header[0]
    sensible = [name for name, text in readings.items() if _makes_sense(text, knows_header)]
    if len(sensible) != 1:
        raise FileRefused(file, [Problem("encoding_undecidable")])
    return readings[sensible[0]], sensible[0]


def _as_named(file: str, data: bytes, encoding: str) -> tuple[str, str]:
    known = ENCODINGS.get(encoding.strip().lower().replace("_", "-"))
    if known is None:
        raise FileRefused(file, [Problem("unknown_encoding", value=encoding)])
    if known == "utf-8" and data.startswith(codecs.BOM_UTF8):
        known = "utf-8-sig"
    return _strictly(file, data, known, encoding), known.removesuffix("-sig")


def _strictly(file: str, data: bytes, encoding: str, shown: str) -> str:
    text = _reads(data, encoding)
    if text is None:
        raise FileRefused(file, [Problem("encoding_wrong", value=shown)])
    return text


def _reads(data: bytes, encoding: str) -> str | None:
    """The reading, or None where the bytes are not that encoding's or give characters that no text holds."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    rest = {character for character in set(text) if character not in "\r\n\t"}
    return None if any(unicodedata.category(character) in {"Cc", "Cn", "Co", "Cs"} for character in rest) else text


def _first_line(text: str) -> str:
    lines = io.StringIO(text, newline=None)
    return next((line for line in lines if line.strip()), "")


def _makes_sense(text: str, knows_header: Callable[[str], bool]) -> bool:
    """Is it what people here write: everyday Chinese, or Uyghur, Kazakh and Latin letters?"""
    counts = {character: count for character, count in Counter(text).items() if not character.isascii()}
    others = sum(counts.values())
    everyday = sum(count for character, count in counts.items() if _is_everyday(character))
    return everyday * 100 >= PLAUSIBLE_PERCENT * others or (
        not _first_line(text).isascii() and knows_header(text) and everyday * 2 >= others
    )


def _is_everyday(character: str) -> bool:
    if character in "²³℃·—–…“”‘’°±×÷√㎡㎥№":
        return True
    if character.isalpha() and not "\u4e00" <= character <= "\u9fff":
        return unicodedata.name(character, "").split(" ")[0] in {"ARABIC", "CYRILLIC", "LATIN"}
    if not (
        "\u3000" <= character <= "\u303f" or "\u4e00" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"
    ):
        return False
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
