"""Stock that may become parts of kits."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location
from supplyops.runtime import Context
from supplyops.stock.blocking import blocked_lots
from supplyops.stock.rules import Candidate
from supplyops.stock.tables import Lot, StockBalance


def candidates_for(ctx: Context, site_id: UUID, owner_id: UUID, fund_source: str, item_id: UUID) -> list[Candidate]:
    """Free stock of an item in one store, of one owner and fund source. Goods with a donor's restriction stay as they are."""
    rows = ctx.session.execute(
        select(StockBalance, Lot)
        .join(Lot, Lot.id == StockBalance.lot_id)
        .join(Location, Location.id == StockBalance.location_id)
        .where(
            StockBalance.site_id == site_id,
            StockBalance.item_id == item_id,
            StockBalance.owner_id == owner_id,
            Lot.fund_source == fund_source,
            Lot.is_exercise.is_(False),
            Lot.restriction == "",
            Lot.restricted_area == "",
            Lot.id.not_in(blocked_lots()),
            Location.kind == LocationKind.STORAGE,
        )
    )
    return [
        Candidate(
            balance.location_id,
            lot.id,
            lot.number,
            balance.on_hand - balance.reserved,
            lot.expires_on,
            lot.produced_on,
            lot.came_on,
        )
        for balance, lot in rows
    ]
