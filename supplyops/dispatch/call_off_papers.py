"""What a supplier is told: the call-off notice F8."""

from __future__ import annotations

from uuid import UUID

from supplyops.contracts import queries as contracts
from supplyops.contracts.queries import CallOffRow
from supplyops.contracts.tables import Contract
from supplyops.dispatch.paper_rows import consignments_where, issue_about, oral_order, sites_of
from supplyops.dispatch.tables import Consignment, Shipment
from supplyops.fleet import queries as fleet
from supplyops.incidents.papers import incident_ref
from supplyops.incidents.tables import Incident
from supplyops.kernel.clock import business_day
from supplyops.papers.contents import (
    CallOffLine,
    CallOffNotice,
    Contact,
    Instalment,
    Pickup,
    Signed,
)
from supplyops.people.offices import issuing_office
from supplyops.people.tables import Organisation
from supplyops.runtime import Context
from supplyops.wording.labels import label


def issue_call_off(ctx: Context, call_off_id: UUID, incident: Incident, buyer: Organisation) -> None:
    """Issue F8 to a supplier."""
    ctx.session.flush()  # the notice is written from the rows
    row = contracts.call_off(ctx, call_off_id)
    contract = ctx.session.get(Contract, row.contract_id, execution_options={"unscoped": True})
    assert contract is not None
    remaining = {line.id: line.remaining for line in contracts.contract(ctx, row.contract_number).lines}
    office = issuing_office(ctx, buyer)
    content = CallOffNotice(
        buyer=office.name,
        supplier=row.supplier_name,
        supplier_contact=Contact(contract.contact, contract.duty_phone),
        contract_number=row.contract_number,
        contract_title=row.contract_title,
        contract_type=label(row.contract_type),
        incident=incident_ref(incident),
        lines=tuple(
            CallOffLine(
                item.item_name,
                item.unit,
                item.quantity,
                item.delivery_site_name,
                (Instalment(item.quantity, item.due_at),),
                spec=item.spec,
                unit_price_fen=item.unit_price_fen,
                remaining_after=remaining.get(item.contract_line_id),
            )
            for item in row.items
        ),
        confirm_by=row.confirm_by,
        signed_on=business_day(ctx.now),
        instruction_number=row.cause_number,
        acceptance="装车时由双方当面清点,送达后由接收单位签收"
        if row.is_fetched
        else f"到货后{contract.acceptance_days}个工作日内验收",
        penalty=f"逾期每日按货款{contract.late_penalty_permille / 10:g}%计" if contract.late_penalty_permille else "",
        notice_method={"system": "系统", "phone": "电话", "paper": "书面"}.get(row.notice_method, row.notice_method),
        notified_at=row.notified_at,
        buyer_contact=Contact(ctx.principal.name, office.duty_phone or office.phone),
        oral=oral_order(row.oral, None),
        approved=Signed(ctx.principal.name, ctx.now),
        pickup=_pickup(ctx, row) if row.is_fetched else None,
    )
    issue_about(
        ctx,
        "calloff_notice",
        row.number,
        f"{row.supplier_name} {row.contract_number}",
        content,
        ("call_off", row.id),
        office.id,
        incident,
        row.supplier_id,
    )


def _pickup(ctx: Context, row: CallOffRow) -> Pickup:
    """The vehicle whose order fetches the goods."""
    (order,) = consignments_where(ctx, Consignment.call_off_id == row.id)
    shipment = ctx.session.get_one(Shipment, order.shipment_id, execution_options={"unscoped": True})
    vehicle = fleet.vehicles_by_id(ctx, [shipment.vehicle_id])[shipment.vehicle_id]
    site = sites_of(ctx, [order.origin_site_id])[order.origin_site_id]
    return Pickup(
        place=site.name,
        vehicle=vehicle.plate,
        driver=Contact(vehicle.driver, vehicle.driver_phone),
        comes_at=min(item.due_at for item in row.items),
        address=site.address,
        vehicle_type=vehicle.type_name,
        carrier=vehicle.organisation_name,
    )
