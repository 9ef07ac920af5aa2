"""Parameters as numbers, for rules that need them."""

from __future__ import annotations

import csv
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from supplyops.kernel.calendar import Calendar, days_of
from supplyops.kernel.errors import NotFound
from supplyops.norms.queries import parameters
from supplyops.runtime import Context

DEFAULTS = Path(__file__).parent / "defaults" / "parameters.csv"


def text(ctx: Context, key: str) -> str:
    """A parameter as it is kept. Raises NotFound when nobody has set it."""
    found = next((row for row in parameters(ctx) if row.key == key), None)
    if found is None:
        raise NotFound("parameter", key=key)
    return found.value


@lru_cache
def _shipped() -> dict[str, str]:
    """The figures the house is delivered with, for a key that nobody has set."""
    with DEFAULTS.open(encoding="utf-8-sig", newline="") as file:
        return {row["参数"]: row["数值"] for row in csv.DictReader(file)}


def text_or_shipped(ctx: Context, key: str) -> str:
    """A parameter as it is kept, or as the house is delivered with where nobody has set it."""
    found = next((row for row in parameters(ctx) if row.key == key), None)
    return _shipped()[key] if found is None else found.value


def number_or_shipped(ctx: Context, key: str) -> int:
    """A parameter as a whole number, or the figure the house is delivered with."""
    return int(Fraction(text_or_shipped(ctx, key)))


def fraction(ctx: Context, key: str) -> Fraction:
    """A parameter as an exact number such as `3.2` or `7/2`."""
    return Fraction(text(ctx, key))


def number(ctx: Context, key: str) -> int:
    """A parameter as a whole number."""
    return int(fraction(ctx, key))


def calendar(ctx: Context) -> Calendar:
    """The days offices work."""
    return Calendar(days_of(text(ctx, "calendar.holidays")), days_of(text(ctx, "calendar.made_up_days")))


def number_or_none(ctx: Context, key: str) -> int | None:
    """A parameter as a whole number, or None where nobody has set it."""
    try:
        return number(ctx, key)
    except NotFound:
        return None
