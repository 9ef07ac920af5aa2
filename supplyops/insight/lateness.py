"""Goods that should have arrived by now and have not: the clocks of the orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from supplyops.dispatch.rules import ConsignmentState
from supplyops.dispatch.tables import Consignment
from supplyops.kernel.access import Permission
from supplyops.places.tables import Site
from supplyops.runtime import Context, query, unscoped

UNDER_WAY = (
    ConsignmentState.ORDERED,
    ConsignmentState.ACCEPTED,
    ConsignmentState.LOADED,
    ConsignmentState.IN_TRANSIT,
)


@dataclass(frozen=True, slots=True)
class LateRow:
    """A consignment that is late, and by how much."""

    id: UUID
    number: str
    incident_id: UUID
    state: ConsignmentState
    delivery_site_name: str
    planned_arrival_at: datetime
    late_s: int


@query(Permission.ORDERS_SEE)
def late_consignments(ctx: Context, incident_id: UUID | None = None) -> tuple[LateRow, ...]:
    """Consignments under way whose planned arrival has passed, the latest of all first."""
    statement = (
        select(Consignment)
        .where(Consignment.state.in_(UNDER_WAY), Consignment.planned_arrival_at < ctx.now)
        .order_by(Consignment.planned_arrival_at, Consignment.number)
    )
    if incident_id is not None:
        statement = statement.where(Consignment.incident_id == incident_id)
    rows = ctx.session.scalars(statement).all()
    wanted = {row.delivery_site_id for row in rows}
    named = unscoped(select(Site.id, Site.name).where(Site.id.in_(wanted)), "an order names where its goods go")
    names = {site.id: site.name for site in ctx.session.execute(named)}
    return tuple(
        LateRow(
            row.id,
            row.number,
            row.incident_id,
            row.state,
            names[row.delivery_site_id],
            row.planned_arrival_at,
            int((ctx.now - row.planned_arrival_at).total_seconds()),
        )
        for row in rows
    )
