"""Whom a hold on stock concerns."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from supplyops.dispatch.tables import Consignment, ConsignmentLine
from supplyops.kernel.reference import DocumentRef
from supplyops.people.tables import User
from supplyops.requests.tables import SupplyRequest
from supplyops.runtime import Context, unscoped
from supplyops.stock.keeping import KEPT
from supplyops.stock.tables import Reservation

BECAUSE = "those who count on goods have to know what became of them"


def parties_of(ctx: Context, hold: Reservation) -> tuple[DocumentRef, tuple[UUID, ...]]:
    """The order that a hold stands for, and who has to know of its fate: store, owner, who commands; else who placed it."""
    order = ctx.session.scalars(
        unscoped(
            select(Consignment)
            .join(ConsignmentLine, ConsignmentLine.consignment_id == Consignment.id)
            .where(ConsignmentLine.reservation_id == hold.id),
            BECAUSE,
        )
    ).one_or_none()
    if order is not None:
        bodies = (order.custodian_id, order.owner_id, order.incident_organisation_id)
        return DocumentRef("consignment", order.id, order.number), tuple(dict.fromkeys(bodies))
    request = ctx.session.get(SupplyRequest, hold.document_id, execution_options={"unscoped": True})
    if hold.document_kind == KEPT and request is not None:
        return DocumentRef("supply_request", request.id, request.number), (
            request.addressee_id,
            request.organisation_id,
        )
    return DocumentRef(hold.document_kind, hold.document_id, hold.document_number), tuple(_home(ctx, hold))


def _home(ctx: Context, hold: Reservation) -> Iterator[UUID]:
    if hold.created_by_id is not None:
        user = ctx.session.get(User, hold.created_by_id, execution_options={"unscoped": True})
        if user is not None:
            yield user.organisation_id
