"""How much expires when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from supplyops.kernel.access import Permission
from supplyops.places.tables import Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.expiry import LATER, NO_DATE, bands_today
from supplyops.stock.narrowing import Asked, asked, without_dates
from supplyops.stock.rules import NEVER
from supplyops.stock.tables import StockBalance, StockTotal
from supplyops.stock.views import StockFilter


@dataclass(frozen=True, slots=True)
class BandRow:
    """A band of expiry: its days, and how many rows of the stock list lie in it."""

    code: str
    first: date | None
    last: date | None
    rows: int


@query(Permission.STOCK_SEE)
def expiry_bands(ctx: Context, where: StockFilter) -> list[BandRow]:
    """The stock that a filter shows, by how long it is still good; the filter's own band does not narrow.

    What is good for long is most of it: it is not read but comes out of the totals, less what expires sooner.
    """
    wide, bands = without_dates(asked(ctx, where)), bands_today(ctx)
    until = max(band.last for band in bands if band.last is not None)
    days = _days(ctx, wide, until if wide.is_of_totals else NEVER)
    rows = {band.code: sum(count for day, count in days.items() if band.holds(day)) for band in bands}
    if wide.is_of_totals:
        dated, rows[NO_DATE] = _dated(ctx, wide)
        rows[LATER] = dated - sum(days.values())
    return [BandRow(band.code, band.first, band.last, rows[band.code]) for band in bands]


def _days(ctx: Context, wide: Asked, until: date) -> dict[date | None, int]:
    """Day -> how many rows are good until then; None for those that do not expire."""
    conditions = [*wide.of_balances(), StockBalance.good_until <= until]
    counted = select(StockBalance.good_until, func.count()).where(*conditions).group_by(StockBalance.good_until)
    found: Sequence[tuple[date, int]] = ctx.session.execute(also_showing(counted, Site)).all()
    return {None if day == NEVER else day: count for day, count in found}


def _dated(ctx: Context, wide: Asked) -> tuple[int, int]:
    """How many rows expire one day, and how many never."""
    summed = (
        select(StockTotal.is_dated, func.sum(StockTotal.lots)).where(*wide.of_totals()).group_by(StockTotal.is_dated)
    )
    found = {bool(is_dated): int(count) for is_dated, count in ctx.session.execute(also_showing(summed, Site))}
    off = wide.taken_off()
    if off is not None:
        never = (StockBalance.good_until == NEVER).label("never")
        less = select(never, func.count()).where(off).group_by(never)
        for is_never, count in ctx.session.execute(also_showing(less, Site)):
            found[not is_never] = found.get(not is_never, 0) - count
    return found.get(True, 0), found.get(False, 0)
