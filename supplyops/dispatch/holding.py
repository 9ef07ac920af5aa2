"""What order lines hold: how much may still be loaded, which other lots could serve, what should go out first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from supplyops.dispatch.tables import Consignment, ConsignmentLine
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location
from supplyops.runtime import Context, unscoped
from supplyops.stock.blocking import blocked_lots
from supplyops.stock.tables import Lot, Reservation, StockBalance

OWNERS = "an approved order draws on its owner's goods"


def served(line: ConsignmentLine, quantity: int) -> int:
    """How many units of what was asked for a quantity of the line stands for; whole units, rounded down."""
    return quantity * line.serves // line.quantity


def left_to_load(ctx: Context, lines: Sequence[ConsignmentLine]) -> dict[UUID, int]:
    """The most that may be loaded of each line: what is due, less what was taken over and not reserved again."""
    kept = {hold_id: hold.quantity - hold.taken for hold_id, hold in holds_of(ctx, lines).items()}
    return {line.id: min(line.due, kept.get(line.reservation_id, line.due)) for line in lines}


def holds_of(ctx: Context, lines: Sequence[ConsignmentLine]) -> dict[UUID | None, Reservation]:
    """The holds of lines; what is fetched at a supplier's has none."""
    ids = [line.reservation_id for line in lines if line.reservation_id is not None]
    return {row.id: row for row in ctx.session.scalars(select(Reservation).where(Reservation.id.in_(ids)))}


def other_lots(
    ctx: Context, row: Consignment, line: ConsignmentLine, lot: Lot
) -> list[tuple[StockBalance, Lot, Location]]:
    """Free stock that may stand in for a line's lot, first to expire first: same goods, owner and store, good on arrival."""
    restriction = (lot.restriction, lot.restricted_area)
    rows = ctx.session.execute(
        unscoped(
            select(StockBalance, Lot, Location)
            .join(Lot, Lot.id == StockBalance.lot_id)
            .join(Location, Location.id == StockBalance.location_id)
            .where(
                StockBalance.site_id == row.origin_site_id,
                StockBalance.item_id == line.item_id,
                StockBalance.owner_id == row.owner_id,
                StockBalance.on_hand > StockBalance.reserved,
                Location.kind == LocationKind.STORAGE,
                Lot.is_exercise == lot.is_exercise,
                Lot.id.not_in(blocked_lots()),
                func.coalesce(Lot.expires_on, date.max) >= business_day(row.planned_arrival_at),
            )
            .order_by(func.coalesce(Lot.expires_on, date.max), Lot.number, Location.code),
            OWNERS,
        )
    )
    return [
        (balance, other, place)
        for balance, other, place in rows
        if (other.restriction, other.restricted_area) in {("", ""), restriction}
    ]


def refuse_out_of_turn(
    ctx: Context, row: Consignment, lines: Sequence[ConsignmentLine], reason: str
) -> frozenset[UUID]:
    """The lines that take later goods while earlier ones lie free; raises InvalidInput `later_lot` where no reason is given."""
    found = ctx.session.scalars(select(Lot).where(Lot.id.in_([line.lot_id for line in lines])))
    lots: dict[UUID | None, Lot] = {lot.id: lot for lot in found}
    late: dict[UUID, Lot] = {}
    for line in lines:
        own = lots[line.lot_id]
        earlier = [
            other
            for _, other, _ in other_lots(ctx, row, line, own)
            if other.id not in lots and (other.expires_on or date.max) < (own.expires_on or date.max)
        ]
        if earlier:
            late[line.id] = earlier[0]
    if late and not reason.strip():
        raise InvalidInput(
            fields=tuple(
                FieldError(
                    "turn_reason",
                    "later_lot",
                    {
                        "lot": lots[line.lot_id].number,
                        "earlier": late[line.id].number,
                        "expires": str(late[line.id].expires_on),
                    },
                )
                for line in lines
                if line.id in late
            )[:1]
        )
    return frozenset(late)
