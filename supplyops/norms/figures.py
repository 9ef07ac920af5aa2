"""Parameters as numbers, for rules that need them."""

from __future__ import annotations

from fractions import Fraction

from supplyops.kernel.calendar import Calendar, days_of
from supplyops.kernel.errors import NotFound
from supplyops.norms.queries import parameters
from supplyops.runtime import Context


def text(ctx: Context, key: str) -> str:
    """A parameter as it is kept. Raises NotFound when nobody has set it."""
    found = next((row for row in parameters(ctx) if row.key == key), None)
    if found is None:
        raise NotFound("parameter", key=key)
    return found.value


def fraction(ctx: Context, key: str) -> Fraction:
    """A parameter as an exact number such as `3.2` or `7/2`."""
    return Fraction(text(ctx, key))


def number(ctx: Context, key: str) -> int:
    """A parameter as a whole number."""
    return int(fraction(ctx, key))


def calendar(ctx: Context) -> Calendar:
    """The days offices work."""
    return Calendar(days_of(text(ctx, "calendar.holidays")), days_of(text(ctx, "calendar.made_up_days")))
