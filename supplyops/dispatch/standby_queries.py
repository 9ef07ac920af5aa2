"""Which lots could stand in for those of an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from supplyops.dispatch.closing import lines_of
from supplyops.dispatch.holding import other_lots
from supplyops.dispatch.tables import Consignment
from supplyops.kernel.access import Permission
from supplyops.runtime import Context, query
from supplyops.stock.tables import Lot


@dataclass(frozen=True, slots=True)
class StandbyRow:
    """Free stock that may stand in for a line's lot; a line's own lot is among them. First to expire first."""

    line_id: UUID
    line_no: int
    lot_number: str
    location_code: str
    location_name: str
    expires_on: date | None
    available: int


@query(Permission.ORDERS_SEE)
def standby_lots(ctx: Context, consignment_id: UUID) -> list[StandbyRow]:
    """For every line of an order that is not loaded yet, the lots that may be reserved for it."""
    row = ctx.get(Consignment, consignment_id)
    if row.loaded_at is not None or row.call_off_id is not None:
        return []
    return [
        StandbyRow(
            line.id,
            line.line_no,
            lot.number,
            place.code,
            place.name,
            lot.expires_on,
            balance.on_hand - balance.reserved,
        )
        for line in lines_of(ctx, row)
        if line.lot_id is not None
        for balance, lot, place in other_lots(ctx, row, line, ctx.session.get_one(Lot, line.lot_id))
    ]
