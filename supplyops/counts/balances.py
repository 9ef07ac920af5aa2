"""What the books say of a place at a moment: what lies there now, less everything that happened since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from supplyops.runtime import Context, unscoped
from supplyops.stock.tables import StockBalance, StockMove

Key = tuple[UUID, UUID]
"""(location, lot)"""
_BECAUSE = "a count covers everything that lies at its places, whoever owns it"


def on_hand(ctx: Context, location_ids: Sequence[UUID]) -> dict[Key, StockBalance]:
    """What lies at these places now, with what is reserved."""
    statement = (
        select(StockBalance)
        .where(StockBalance.location_id.in_(location_ids))
        .order_by(StockBalance.location_id, StockBalance.lot_id)
        .execution_options(populate_existing=True)
    )
    return {(row.location_id, row.lot_id): row for row in ctx.session.scalars(unscoped(statement, _BECAUSE))}


def moved_since(ctx: Context, location_ids: Sequence[UUID], moment: datetime) -> list[StockMove]:
    """Moves into and out of these places that happened after a moment, in order.

    What counts is when goods moved, not when that was written down: a slip that was booked late still belongs to the
    time before a count, if the goods had left by then.
    """
    statement = (
        select(StockMove)
        .where(
            or_(StockMove.source_id.in_(location_ids), StockMove.target_id.in_(location_ids)),
            StockMove.occurred_at > moment,
        )
        .order_by(StockMove.seq)
    )
    return list(ctx.session.scalars(statement))


def books_at(ctx: Context, moments: Mapping[Key, datetime]) -> dict[Key, int]:
    """What lay at each place of each lot at its own moment, as far as the books know now."""
    if not moments:
        return {}
    places = sorted({key[0] for key in moments})
    held = on_hand(ctx, places)
    changed: dict[Key, int] = defaultdict(int)
    for move in moved_since(ctx, places, min(moments.values())):
        for place, change in ((move.source_id, -move.quantity), (move.target_id, move.quantity)):
            key = (place, move.lot_id)
            if key in moments and move.occurred_at > moments[key]:
                changed[key] += change
    return {key: (held[key].on_hand if key in held else 0) - changed[key] for key in moments}
