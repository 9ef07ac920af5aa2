"""How much expires when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select

from supplyops.kernel.access import Permission
from supplyops.places.tables import Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.expiry import bands_today
from supplyops.stock.queries import conditions_of, joined
from supplyops.stock.tables import Lot, StockBalance
from supplyops.stock.views import StockFilter


@dataclass(frozen=True, slots=True)
class BandRow:
    """A band of expiry: its days, how many rows of the stock list and how many lots lie in it."""

    code: str
    first: date | None
    last: date | None
    rows: int
    lots: int


@query(Permission.STOCK_SEE)
def expiry_bands(ctx: Context, where: StockFilter) -> list[BandRow]:
    """The stock that a filter shows, by how long it is still good; the filter's own band does not narrow."""
    wide = replace(where, band="", expires_by=None, expires_from=None)
    statement = joined(
        select(Lot.expires_on, func.count(), func.count(Lot.id.distinct())).select_from(StockBalance), wide
    )
    statement = statement.where(*conditions_of(wide)).group_by(Lot.expires_on)
    found = ctx.session.execute(also_showing(statement, Site)).all()
    return [
        BandRow(
            band.code,
            band.first,
            band.last,
            sum(rows for day, rows, _ in found if band.holds(day)),
            sum(lots for day, _, lots in found if band.holds(day)),
        )
        for band in bands_today(ctx)
    ]
