"""Who sees a trip: those whose scope names it, and those who see a consignment on it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select

from supplyops.dispatch.tables import Consignment, Shipment
from supplyops.kernel.errors import NotFound
from supplyops.runtime import Context, in_reach, unscoped


def loaders(row: Consignment) -> tuple[UUID, ...]:
    """Who may load a consignment and let it go: the store that keeps the goods; at a supplier's, also whoever bought them."""
    return (row.custodian_id,) if row.call_off_id is None else (row.custodian_id, row.owner_id)


def trips_in_reach(ctx: Context) -> ColumnElement[bool]:
    """A condition for selects that are told to show trips: in the reader's scope, or carrying a consignment that is."""
    carrying = exists().where(Consignment.shipment_id == Shipment.id, in_reach(ctx, Consignment))
    return or_(in_reach(ctx, Shipment), carrying)


def shipment_in_reach(ctx: Context, shipment_id: UUID, *, lock: bool = False) -> Shipment:
    """The trip, or NotFound. A store sees the vehicle it loads, whoever the vehicle belongs to."""
    statement = select(Shipment).where(Shipment.id == shipment_id, trips_in_reach(ctx))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = ctx.session.scalars(unscoped(statement, "a consignment in reach shows its trip")).one_or_none()
    if row is None:
        raise NotFound("shipment")
    return row
