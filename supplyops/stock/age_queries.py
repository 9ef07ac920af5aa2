"""Since when goods are where they are: for the clocks of stores, asked often and answered from indexes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.places.tables import Location
from supplyops.runtime import Context, query, unscoped
from supplyops.stock.rules import MoveReason
from supplyops.stock.tables import StockBalance, StockMove

_BECAUSE = "the stores were found to be in reach"


@query(Permission.STOCK_SEE)
def first_held(ctx: Context, site_ids: Collection[UUID]) -> dict[UUID, date]:
    """The day on which each store's books begin: its chain's first link, or, where it has none, its first delivery."""
    shards = {f"stock:{site_id}": site_id for site_id in site_ids}
    found = {
        shards[shard]: business_day(at)
        for shard, at in ctx.session.execute(
            select(StockMove.shard, StockMove.occurred_at).where(StockMove.shard.in_(shards), StockMove.shard_seq == 1)
        )
    }
    rest = [site_id for site_id in site_ids if site_id not in found]
    rows = ctx.session.execute(
        select(Location.site_id, func.min(StockMove.occurred_at))
        .join(Location, Location.id == StockMove.target_id)
        .where(Location.site_id.in_(rest))
        .group_by(Location.site_id)
    )
    return found | {site_id: business_day(at) for site_id, at in rows if site_id is not None}


@query(Permission.STOCK_SEE)
def came_to_place(ctx: Context, site_ids: Collection[UUID]) -> dict[tuple[UUID, UUID], tuple[date, MoveReason]]:
    """(place, lot) of everything that lies at these stores -> the day it first came there, and by which move."""
    # Found among the moves of its lot, of which there are few; a place has very many, so its index is kept out of it.
    here = func.coalesce(StockMove.target_id, StockMove.lot_id) == StockBalance.location_id
    first = select(func.min(StockMove.seq)).where(StockMove.lot_id == StockBalance.lot_id, here)
    first_one = first.correlate(StockBalance).scalar_subquery()
    rows = ctx.session.execute(
        unscoped(
            select(StockBalance.location_id, StockBalance.lot_id, StockMove.occurred_at, StockMove.reason)
            .join(StockMove, StockMove.seq == first_one)
            .where(StockBalance.site_id.in_(site_ids), StockBalance.on_hand > 0),
            _BECAUSE,
        )
    )
    return {(place, lot): (business_day(at), reason) for place, lot, at, reason in rows}
