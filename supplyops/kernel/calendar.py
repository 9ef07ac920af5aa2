"""Working days: Monday to Friday, without public holidays, with the days that are worked to make up for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

SPAN = ".."
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. `made_up` are weekend days that are worked in exchange for a long holiday (调休)."""

    holidays: frozenset[date] = frozenset()
    made_up: frozenset[date] = frozenset()

    def is_worked(self, day: date) -> bool:
        """Do offices work on this day?"""
        return day in self.made_up or (day.weekday() < 5 and day not in self.holidays)

    def after(self, day: date, working_days: int) -> date:
        """The last of so many working days after a day, which itself does not count."""
        while working_days > 0:
            day += _ONE_DAY
            working_days -= self.is_worked(day)
        return day


def days_of(text: str) -> frozenset[date]:
    """`2026-10-01..2026-10-07, 2026-05-01` as days; `none` is no day. Raises ValueError for anything else."""
    found: set[date] = set()
    for part in text.split(",") if text.strip() not in {"", "none"} else ():
        first, _, last = part.strip().partition(SPAN)
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        if end < day or (end - day).days > 60:
            raise ValueError(f"{part} is no span of days")
        while day <= end:
            found.add(day)
            day += _ONE_DAY
    return frozenset(found)
