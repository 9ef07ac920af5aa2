"""Bands of expiry: how long goods are still good, in steps that an office can set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from supplyops.kernel.clock import business_day
from supplyops.norms.figures import text_or_shipped
from supplyops.runtime import Context
from supplyops.stock.views import StockFilter

EXPIRED, LATER, NO_DATE = "expired", "later", "none"


@dataclass(frozen=True, slots=True)
class Band:
    """Days from which and up to which goods of the band are good; None has no end."""

    code: str
    first: date | None
    last: date | None

    def holds(self, expires_on: date | None) -> bool:
        """Do goods with this date belong to the band?"""
        if expires_on is None:
            return self.code == NO_DATE
        return (
            self.code != NO_DATE
            and (self.first is None or expires_on >= self.first)
            and (self.last is None or expires_on <= self.last)
        )


def bands_of(steps: Sequence[int], today: date) -> tuple[Band, ...]:
    """Expired, then a band for each step of days, then later, then without a date; none overlap, none is left out."""
    bands = [Band(EXPIRED, None, today - timedelta(days=1))]
    first = today
    for days in sorted(set(steps)):
        last = today + timedelta(days=days)
        bands.append(Band(str(days), first, last))
        first = last + timedelta(days=1)
    return (*bands, Band(LATER, first, None), Band(NO_DATE, None, None))


def bands_today(ctx: Context) -> tuple[Band, ...]:
    """The bands by the office's steps, as of today."""
    return bands_of(band_days(ctx), business_day(ctx.now))


def band_days(ctx: Context) -> tuple[int, ...]:
    """The steps of the bands: by default 30, 90 and 180 days."""
    return tuple(int(part) for part in text_or_shipped(ctx, "expiry.band_days").replace("，", ",").split(","))


def with_band(ctx: Context, where: StockFilter) -> StockFilter:
    """The filter with its band's days; a band that there is none of does not narrow."""
    if where.band in {"", NO_DATE}:
        return where
    band = next((each for each in bands_today(ctx) if each.code == where.band), None)
    return where if band is None else replace(where, expires_from=band.first, expires_by=band.last)
