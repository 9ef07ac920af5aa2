"""Stock that was taken over for an event and waits for the plan or the issue that uses it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.runtime import Context
from supplyops.stock import ledger
from supplyops.stock.tables import Reservation

KEPT = "supply_request"
"""The kind of document that such a hold names: the request it was taken over for."""
Key = tuple[UUID, UUID]


def kept_holds(ctx: Context, incident_id: UUID | None) -> list[Reservation]:
    """Open holds that were taken over for an event, the first to end first."""
    if incident_id is None:
        return []
    return list(
        ctx.session.scalars(
            select(Reservation)
            .where(
                Reservation.document_kind == KEPT,
                Reservation.incident_id == incident_id,
                Reservation.closed_at.is_(None),
                Reservation.expires_at > ctx.now,
            )
            .order_by(Reservation.expires_at, Reservation.id)
            .execution_options(populate_existing=True)
        )
    )


def kept_for(ctx: Context, incident_id: UUID | None) -> dict[Key, int]:
    """(place, lot) -> how much is kept there for an event: reserved against everybody else, free for it."""
    found: dict[Key, int] = {}
    for hold in kept_holds(ctx, incident_id):
        key = (hold.location_id, hold.lot_id)
        found[key] = found.get(key, 0) + hold.open_quantity
    return found


def use_kept(ctx: Context, incident_id: UUID | None, location_id: UUID, lot_id: UUID, quantity: int) -> None:
    """Let go of what is kept for the event at a place, as far as it is needed now; the caller takes it in the same breath."""
    left = quantity
    for hold in kept_holds(ctx, incident_id):
        if left and (hold.location_id, hold.lot_id) == (location_id, lot_id):
            left -= ledger.release(ctx, hold.id, min(left, hold.open_quantity))
