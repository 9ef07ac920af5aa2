"""Figures that are written up later than they were found on the shelf, and what approving them would mean."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.counts.deciding import approve
from supplyops.counts.tables import StockCount, StockCountLine
from supplyops.kernel.access import Permission
from supplyops.runtime import Context, command
from supplyops.stock.late_entries import LateEffect, effect_of


@command(Permission.COUNTS_APPROVE)
def try_approve(ctx: Context, count_id: UUID, note: str = "", cut_holds: bool = False) -> LateEffect:
    """What approving a count would do to the books, then and now; to be rehearsed, not run. Raises as `approve`."""
    approve(ctx, count_id, note, cut_holds)
    lines = ctx.session.scalars(select(StockCountLine).where(StockCountLine.count_id == count_id)).all()
    late = [line.final_at for line in lines if line.is_late and line.difference and line.final_at is not None]
    count = ctx.session.get_one(StockCount, count_id)
    return effect_of(ctx, count.id, min(late, default=ctx.now), is_late=bool(late))
