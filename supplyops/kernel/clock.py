"""Time: instants are aware UTC datetimes; the business day is the Beijing calendar day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

# China has kept one offset without daylight saving since 1992, so a fixed offset needs no zone database.
BEIJING = timezone(timedelta(hours=8), "北京时间")


YEARS = range(1900, 3000)
"""What lies outside is a slip of the pen; near the ends of the calendar no other clock could show it."""


def instant(moment: datetime) -> datetime:
    """A moment as an instant in UTC; without an offset it is Beijing time. Raises ValueError outside of `YEARS`."""
    if moment.year not in YEARS:
        raise ValueError(f"{moment.year} is no year of ours")
    return (moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).astimezone(UTC)


def business_day(instant: datetime) -> date:
    """The Beijing calendar day an instant belongs to: decides expiry and document numbers."""
    return instant.astimezone(BEIJING).date()


def start_of_day(day: date) -> datetime:
    """The instant at which a business day begins, in UTC."""
    return datetime.combine(day, time(0), tzinfo=BEIJING).astimezone(UTC)


def beijing(instant: datetime) -> datetime:
    """The same instant on a Beijing clock."""
    return instant.astimezone(BEIJING)


def told_after(told: datetime, earlier: datetime) -> datetime:
    """What people tell to the minute, in the minute of the step before it, is not before that step."""
    return max(told, earlier) if told >= earlier.replace(second=0, microsecond=0) else told
