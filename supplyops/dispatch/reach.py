"""Who sees a trip: those whose scope names it, and those who see a consignment on it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from supplyops.dispatch.tables import Consignment, Shipment
from supplyops.kernel.errors import NotFound
from supplyops.runtime import Context, unscoped


def shipments_in_reach(ctx: Context) -> ColumnElement[bool]:
    """A condition on shipments: in the reader's scope, or carrying a consignment that is."""
    own = ctx.session.scalars(select(Shipment.id)).all()
    carried = ctx.session.scalars(
        select(Consignment.shipment_id).where(Consignment.shipment_id.is_not(None)).distinct()
    ).all()
    return or_(Shipment.id.in_(own), Shipment.id.in_(carried))


def shipment_in_reach(ctx: Context, shipment_id: UUID, *, lock: bool = False) -> Shipment:
    """The trip, or NotFound. A store sees the vehicle it loads, whoever the vehicle belongs to."""
    statement = select(Shipment).where(Shipment.id == shipment_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = ctx.session.scalars(unscoped(statement, "a consignment in reach shows its trip")).one_or_none()
    own = select(Shipment.id).where(Shipment.id == shipment_id)
    carried = select(Consignment.id).where(Consignment.shipment_id == shipment_id).limit(1)
    if row is None or (ctx.session.scalar(own) is None and ctx.session.scalar(carried) is None):
        raise NotFound("shipment")
    return row
