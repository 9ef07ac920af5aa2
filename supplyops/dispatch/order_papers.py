"""What the papers of a decision say: the release instruction F1 with its slips F2."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.contracts.tables import CallOff, CallOffItem, Contract, ContractLine
from supplyops.dispatch.orders import departure
from supplyops.dispatch.paper_rows import (
    BECAUSE,
    PaperLine,
    bodies_of,
    consignments_where,
    issue_about,
    lines_of,
    names_of,
    oral_order,
    sites_of,
)
from supplyops.dispatch.tables import Consignment, ReleaseInstruction, Shipment
from supplyops.fleet import queries as fleet
from supplyops.incidents.papers import incident_ref
from supplyops.incidents.tables import Incident
from supplyops.kernel.clock import business_day
from supplyops.kernel.quantity import packages
from supplyops.papers.contents import (
    AllocationLine,
    AllocationSlip,
    Contact,
    DeliveryPoint,
    Goods,
    PlannedTrip,
    Signed,
)
from supplyops.papers.contents import (
    ReleaseInstruction as InstructionContent,
)
from supplyops.people.offices import issuing_office
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.planning.tables import Plan, PlanTrip
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, unscoped


def issue_instruction(
    ctx: Context, row: ReleaseInstruction, plan: Plan, incident: Incident, owner: Organisation
) -> None:
    """Issue F1 and a slip F2 for each of its consignments."""
    consignments = consignments_where(ctx, Consignment.instruction_id == row.id)
    # What others fetch at suppliers' stands among the goods called off.
    stored = [each for each in consignments if each.call_off_id is None]
    for consignment in consignments:
        issue_slip(ctx, consignment)
    calls = _call_offs(ctx, row.id)
    office = issuing_office(ctx, owner)
    sites = sites_of(
        ctx,
        [
            *(site for each in consignments for site in (each.origin_site_id, each.delivery_site_id)),
            *(item.delivery_site_id for _, item, _, _ in calls),
        ],
    )
    bodies = bodies_of(
        ctx,
        [
            *(body for each in consignments for body in (each.custodian_id, each.receiver_organisation_id)),
            *(call.supplier_id for call, _, _, _ in calls),
            *(site.organisation_id for site in sites.values()),
        ],
    )
    custodians = names_of([bodies[each.custodian_id] for each in stored])
    suppliers = names_of([bodies[call.supplier_id] for call, _, _, _ in calls])
    targets = [sites[each.delivery_site_id] for each in consignments] + [
        sites[item.delivery_site_id] for _, item, _, _ in calls
    ]
    places = names_of(targets)
    asked = _requests(
        ctx,
        [each.line.request_line_id for each in lines_of(ctx, consignments)]
        + [item.request_line_id for _, item, _, _ in calls if item.request_line_id],
    )
    content = InstructionContent(
        issuer=office.name,
        addressees=tuple(
            dict.fromkeys((*custodians, *suppliers, *(bodies[site.organisation_id].name for site in targets)))
        ),
        incident=incident_ref(incident),
        destination=places[0] if len(places) == 1 else f"{places[0]}等{len(places)}处",
        goods=_goods(ctx, stored),
        custodian="、".join(custodians),
        load_by=row.load_by,
        arrive_by=row.arrive_by,
        signed_on=business_day(ctx.now),
        urgency="特急" if incident.response_level else "",
        owner=owner.name,
        requester="、".join(names_of(list(bodies_of(ctx, [each.organisation_id for each in asked]).values()))),
        request_number="、".join(each.number for each in asked),
        contacts=(Contact(row.approved_by_name, office.duty_phone or office.phone),),
        oral=oral_order(row.oral, row.paper_due_at),
        slip_numbers=tuple(each.number for each in consignments),
        call_off_goods=_summed(
            (item.sku, item.name, item.unit, item.spec, part.quantity) for _, part, _, item in calls if item is not None
        ),
        call_off_numbers=tuple(dict.fromkeys(call.number for call, _, _, _ in calls)),
        trips=_trips(ctx, plan, consignments, sites),
        delivery_points=tuple(
            DeliveryPoint(
                site.name, site.address, site.contact, site.phone, f"{site.vehicle_class_max}级及以下车型可达"
            )
            for site in dict.fromkeys(targets)
        ),
        note=row.note,
        printed_by=office.name,
        printed_on=business_day(ctx.now),
    )
    issue_about(
        ctx,
        "release_instruction",
        row.number,
        content.full_title,
        content,
        ("release_instruction", row.id),
        office.id,
        incident,
        owner.id,
        row.document_number,
    )


def issue_slip(ctx: Context, consignment: Consignment, note: str = "") -> None:
    """Issue F2 for a consignment; a later version replaces the one before."""
    instruction = ctx.session.get(ReleaseInstruction, consignment.instruction_id, execution_options={"unscoped": True})
    incident = ctx.session.get(Incident, consignment.incident_id, execution_options={"unscoped": True})
    assert instruction is not None
    assert incident is not None
    sites = sites_of(ctx, [consignment.origin_site_id, consignment.delivery_site_id])
    bodies = bodies_of(ctx, [consignment.owner_id, consignment.custodian_id, consignment.receiver_organisation_id])
    rows = lines_of(ctx, [consignment])
    content = AllocationSlip(
        issuer=issuing_office(ctx, bodies[consignment.owner_id]).name,
        instruction_number=instruction.document_number,
        allocated_on=business_day(instruction.approved_at),
        incident=incident_ref(incident),
        from_organisation=bodies[consignment.custodian_id].name,
        from_site=sites[consignment.origin_site_id].name,
        to_organisation=bodies[consignment.receiver_organisation_id].name,
        to_site=sites[consignment.delivery_site_id].name,
        load_by=consignment.load_by,
        arrive_by=consignment.planned_arrival_at,
        owner=bodies[consignment.owner_id].name,
        lines=tuple(_allocation(each) for each in rows if each.line.due),
        transport_mode="公路(我方自提)" if consignment.call_off_id else "公路",
        fund_source="、".join(dict.fromkeys(each.lot.fund_source for each in rows if each.lot)),
        approved=Signed(instruction.approved_by_name, instruction.approved_at),
        note=";".join(filter(None, (_fetched_note(ctx, consignment), note))),
    )
    title = f"{sites[consignment.origin_site_id].name}→{sites[consignment.delivery_site_id].name}"
    issue_about(
        ctx,
        "allocation_slip",
        consignment.number,
        title,
        content,
        ("consignment", consignment.id),
        consignment.custodian_id,
        incident,
        consignment.owner_id,
    )


def _allocation(each: PaperLine) -> AllocationLine:
    line, item = each.line, each.item
    return AllocationLine(
        item.sku,
        item.name,
        item.unit,
        line.due,
        spec=item.spec,
        gb_code=item.gb_code,
        lot=each.label,
        packages=packages(line.due, item.pack_quantity),
        mass_g=line.due * item.unit_mass_g,
        volume_cm3=line.due * item.unit_volume_cm3,
        unit_price_fen=each.price_fen,
        is_recoverable=item.is_recoverable,
        note=each.lot.restriction if each.lot else "",
    )


def _fetched_note(ctx: Context, consignment: Consignment) -> str:
    """Where goods are fetched at a supplier's: under which contract and call-off, and that their lots are told there."""
    if consignment.call_off_id is None:
        return ""
    found = select(CallOff.number, Contract.number, Organisation.name).where(
        CallOff.id == consignment.call_off_id,
        Contract.id == CallOff.contract_id,
        Organisation.id == CallOff.supplier_id,
    )
    call_off, contract, supplier = ctx.session.execute(unscoped(found, BECAUSE)).one()
    return f"到供方自提:{supplier},合同{contract},启用通知{call_off},批次装车时登记"


def _goods(ctx: Context, consignments: Sequence[Consignment]) -> tuple[Goods, ...]:
    return _summed(
        (each.item.sku, each.item.name, each.item.unit, each.item.spec, each.line.quantity)
        for each in lines_of(ctx, consignments)
    )


def _summed(parts: Iterable[tuple[str, str, str, str, int]]) -> tuple[Goods, ...]:
    totals: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for sku, name, unit, spec, quantity in parts:
        totals[sku, name, unit, spec] += quantity
    return tuple(Goods(name, unit, quantity, spec) for (_, name, unit, spec), quantity in sorted(totals.items()))


def _call_offs(ctx: Context, instruction_id: UUID) -> list[tuple[CallOff, CallOffItem, ContractLine, Item | None]]:
    rows = ctx.session.execute(
        unscoped(
            select(CallOff, CallOffItem, ContractLine, Item)
            .join(CallOffItem, CallOffItem.call_off_id == CallOff.id)
            .join(ContractLine, ContractLine.id == CallOffItem.contract_line_id)
            .outerjoin(Item, Item.id == ContractLine.item_id)
            .where(CallOff.cause_id == instruction_id)
            .order_by(CallOff.number, ContractLine.line_no),
            BECAUSE,
        )
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _requests(ctx: Context, lines: Sequence[UUID]) -> list[SupplyRequest]:
    rows = (
        select(SupplyRequest)
        .join(SupplyRequestLine, SupplyRequestLine.request_id == SupplyRequest.id)
        .where(SupplyRequestLine.id.in_(lines))
        .order_by(SupplyRequest.number)
    )
    return list(dict.fromkeys(ctx.session.scalars(unscoped(rows, BECAUSE))))


def _trips(
    ctx: Context, plan: Plan, consignments: Sequence[Consignment], sites: dict[UUID, Site]
) -> tuple[PlannedTrip, ...]:
    shipments = {
        row.id: row
        for row in ctx.session.scalars(
            unscoped(select(Shipment).where(Shipment.id.in_([each.shipment_id for each in consignments])), BECAUSE)
        )
    }
    vehicles = fleet.vehicles_by_id(ctx, [row.vehicle_id for row in shipments.values()])
    trips = {trip.trip_no: trip for trip in ctx.session.scalars(select(PlanTrip).where(PlanTrip.plan_id == plan.id))}
    loads: dict[UUID, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for row in lines_of(ctx, consignments):
        loads[row.line.consignment_id][row.item.name, row.item.unit] += row.line.quantity
    found = []
    for each in consignments:
        assert each.shipment_id is not None
        shipment = shipments[each.shipment_id]
        vehicle = vehicles[shipment.vehicle_id]
        found.append(
            PlannedTrip(
                vehicle=vehicle.plate,
                vehicle_type=vehicle.type_name,
                origin=sites[each.origin_site_id].name,
                destination=sites[each.delivery_site_id].name,
                depart_at=departure(trips[shipment.trip_no].stops, each.origin_site_id),
                arrive_at=each.planned_arrival_at,
                load="、".join(Goods(name, unit, quantity).phrase for (name, unit), quantity in loads[each.id].items()),
                driver=vehicle.driver,
                driver_phone=vehicle.driver_phone,
            )
        )
    return tuple(found)
