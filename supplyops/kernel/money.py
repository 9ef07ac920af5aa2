"""Money is whole fen. How it is written: figures for columns, capitals (大写) for totals nobody may alter by pen."""

from __future__ import annotations

FEN_MAX = 10**16 - 1
"""Below a hundred million million yuan: far above any order, and as far as the section words below reach."""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_SECTIONS = ("", "万", "亿", "万亿")


def figures(fen: int) -> str:
    """`1005050` -> `10,050.50`."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan:,}.{rest:02d}"


def capitals(fen: int) -> str:
    """The amount in RMB capitals: `1005050` -> `壹万零伍拾元伍角整`.

    Raises ValueError for a negative amount or one above FEN_MAX: no paper carries either.
    """
    if not 0 <= fen <= FEN_MAX:
        raise ValueError(f"{fen} fen cannot be written in capitals")
    yuan, cents = divmod(fen, 100)
    jiao, odd_fen = divmod(cents, 10)
    text = _whole(yuan) + "元" if yuan else ""
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif odd_fen and yuan:
        text += "零"
    if odd_fen:
        return text + _DIGITS[odd_fen] + "分"
    return (text or "零元") + "整"


def _whole(number: int) -> str:
    """A positive number in capitals, four digits at a time, one 零 for any run of empty places between digits."""
    text = ""
    for power in range(len(_SECTIONS) - 1, -1, -1):
        section = number // 10_000**power % 10_000
        if not section:
            continue
        if text and (section < 1000 or number // 10_000 ** (power + 1) % 10_000 == 0):
            text += "零"
        text += _section(section) + _SECTIONS[power]
        if power == 3 and number // 10_000**2 % 10_000:
            text = text[:-1]  # 壹万贰仟亿, not 壹万亿贰仟亿
    return text


def _section(number: int) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if not digit:
            gap = True
            continue
        text += ("零" if gap and text else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text
