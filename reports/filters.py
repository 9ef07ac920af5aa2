"""How values are written on paper: Chinese dates without padding, Beijing time, figures, capitals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from supplyops.kernel.clock import BEIJING
from supplyops.kernel.money import capitals, figures

_TENS = ("", "十", "二十", "三十", "四十", "五十", "六十", "七十", "八十", "九十")
_ONES = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九")


def day(value: date) -> str:
    """`2026年1月4日`."""
    return f"{value.year}年{value.month}月{value.day}日"


def instant(value: datetime) -> str:
    """`2026年1月14日5时30分`, on a Beijing clock; a full hour without minutes."""
    local = value.astimezone(BEIJING)
    return f"{day(local)}{local.hour}时" + (f"{local.minute}分" if local.minute else "")


def moment(value: datetime) -> str:
    """`1月14日5:30`, on a Beijing clock, for narrow columns."""
    local = value.astimezone(BEIJING)
    return f"{local.month}月{local.day}日{local.hour}:{local.minute:02d}"


def iso_day(value: date) -> str:
    """`2026-01-14`, for columns of dates."""
    return value.isoformat()


def number(value: int) -> str:
    """`1,500`."""
    return f"{value:,}"


def kilograms(mass_g: int) -> str:
    """Grams as kilograms, exactly: `1,250.5`."""
    return _scaled(mass_g, 3)


def cubic_metres(volume_cm3: int) -> str:
    """Cubic centimetres as cubic metres, exactly: `3.24`."""
    return _scaled(volume_cm3, 6)


def kilometres(distance_m: int) -> str:
    """Metres as kilometres, exactly: `16.4`."""
    return _scaled(distance_m, 3)


def ordinal(value: int) -> str:
    """`一` to `九十九`, for headings."""
    tens, ones = divmod(value, 10)
    return (_TENS[tens].removeprefix("一") if tens else "") + _ONES[ones]


def masthead_size(text: str, width_pt: int = 440, largest_pt: int = 40) -> int:
    """The size in points at which a red masthead fills, and does not overflow, its width: the type area of 156 mm."""
    return min(largest_pt, width_pt // max(len(text), 1))


def joined(parts: Any, mark: str = "、") -> str:
    """The parts that say something, with a mark between."""
    return mark.join(str(part) for part in parts if part)


FILTERS: dict[str, Callable[..., object]] = {
    "day": day,
    "instant": instant,
    "moment": moment,
    "iso_day": iso_day,
    "number": number,
    "kg": kilograms,
    "m3": cubic_metres,
    "km": kilometres,
    "ordinal": ordinal,
    "joined": joined,
    "masthead_size": masthead_size,
    "yuan": figures,
    "capitals": capitals,
}


def _scaled(value: int, places: int) -> str:
    whole, rest = divmod(value, 10**places)
    return f"{whole:,}" + (f".{rest:0{places}d}".rstrip("0") if rest else "")
