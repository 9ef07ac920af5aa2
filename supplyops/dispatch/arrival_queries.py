"""Reading what arrives: differences found at handover, and what suppliers are still to bring."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, select

from supplyops.catalogue.tables import Item
from supplyops.contracts.rules import CallOffState
from supplyops.contracts.tables import CallOff, CallOffItem, ContractLine
from supplyops.dispatch.tables import Consignment, ConsignmentLine, Discrepancy
from supplyops.dispatch.views import (
    DiscrepancyRow,
    ExpectedRow,
)
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, also_showing, query, unscoped
from supplyops.stock.tables import Lot


@query(Permission.ORDERS_SEE)
def discrepancies(
    ctx: Context, *, incident_id: UUID | None = None, consignment_id: UUID | None = None
) -> list[DiscrepancyRow]:
    """Differences found at handover of consignments in reach, newest first."""
    statement = (
        select(Discrepancy, Consignment.number, Site.name, Item, Lot.number)
        .join(Consignment, Consignment.id == Discrepancy.consignment_id)
        .join(Site, Site.id == Consignment.delivery_site_id)
        .join(ConsignmentLine, ConsignmentLine.id == Discrepancy.line_id)
        .join(Item, Item.id == ConsignmentLine.item_id)
        .join(Lot, Lot.id == ConsignmentLine.lot_id)
        .order_by(Discrepancy.seq.desc())
    )
    if incident_id is not None:
        statement = statement.where(Consignment.incident_id == incident_id)
    if consignment_id is not None:
        statement = statement.where(Consignment.id == consignment_id)
    return [
        DiscrepancyRow(
            row.seq, row.consignment_id, number, place, item.name, item.unit, lot, row.kind, row.quantity, row.cause,
            row.recorded_at,
        )
        for row, number, place, item, lot in ctx.session.execute(also_showing(statement, Site))
    ]  # fmt: skip


@query(Permission.STOCK_SEE)
def expected(ctx: Context) -> list[ExpectedRow]:
    """What suppliers have promised and not yet brought to the places in reach, the next first."""
    return _coming(
        ctx,
        CallOff.state.in_((CallOffState.CONFIRMED, CallOffState.SHIPPED)),
        CallOffItem.received < CallOffItem.promised,
    )


@query(Permission.STOCK_SEE)
def expected_of(ctx: Context, number: str) -> list[ExpectedRow]:
    """What one call-off brings, or has brought, to the places in reach, whatever its state. Raises NotFound."""
    rows = _coming(ctx, CallOff.number == number)
    if not rows:
        raise NotFound("call_off", reference=number)
    return rows


def _coming(ctx: Context, *which: ColumnElement[bool]) -> list[ExpectedRow]:
    reach = ctx.session.scalars(select(Site.id)).all()
    rows = ctx.session.execute(
        unscoped(
            select(CallOff, CallOffItem, Item, Site, Organisation.name)
            .join(CallOffItem, CallOffItem.call_off_id == CallOff.id)
            .join(ContractLine, ContractLine.id == CallOffItem.contract_line_id)
            .join(Item, Item.id == ContractLine.item_id)
            .join(Site, Site.id == CallOffItem.delivery_site_id)
            .join(Organisation, Organisation.id == CallOff.supplier_id)
            .where(CallOffItem.delivery_site_id.in_(reach), CallOff.is_fetched.is_(False), *which)
            .order_by(CallOffItem.due_at, CallOff.number),
            "a place sees what comes to it, whoever ordered it",
        )
    )
    return [
        ExpectedRow(
            head.id, head.number, row.id, head.state, supplier, item.sku, item.name, item.unit, site.code, site.name,
            row.promised, row.received, row.due_at,
        )
        for head, row, item, site, supplier in rows
    ]  # fmt: skip
