"""What the papers of dispatch say: F1 with its slips F2, F4 at loading, F5 at departure, F8 to suppliers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.contracts import queries as contracts
from supplyops.contracts.tables import CallOff, CallOffItem, Contract, ContractLine
from supplyops.dispatch.orders import departure
from supplyops.dispatch.tables import Consignment, ConsignmentLine, ReleaseInstruction, Shipment
from supplyops.fleet import queries as fleet
from supplyops.incidents.papers import incident_ref
from supplyops.incidents.tables import Incident
from supplyops.kernel.clock import business_day
from supplyops.kernel.quantity import packages
from supplyops.kernel.reference import DocumentRef
from supplyops.papers.commands import PaperInput, issue, next_slip_number
from supplyops.papers.contents import (
    AllocationLine,
    AllocationSlip,
    CallOffLine,
    CallOffNotice,
    Contact,
    DeliveryPoint,
    Goods,
    HandoverStop,
    Instalment,
    IssueLine,
    IssueNote,
    LoadLine,
    LotLabel,
    OralOrder,
    PlannedTrip,
    ShipmentHandover,
    Signed,
    to_plain,
)
from supplyops.papers.contents import (
    ReleaseInstruction as InstructionContent,
)
from supplyops.people.offices import issuing_office
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.planning.tables import Plan, PlanTrip
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, unscoped
from supplyops.stock.tables import Lot
from supplyops.wording.labels import label

BECAUSE = "a paper names everybody it concerns"


def issue_instruction(
    ctx: Context, row: ReleaseInstruction, plan: Plan, incident: Incident, owner: Organisation
) -> None:
    """Issue F1 and a slip F2 for each of its consignments."""
    consignments = _consignments(ctx, Consignment.instruction_id == row.id)
    for consignment in consignments:
        issue_slip(ctx, consignment)
    calls = _call_offs(ctx, row.id)
    office = issuing_office(ctx, owner)
    sites = _sites(
        ctx,
        [
            *(site for each in consignments for site in (each.origin_site_id, each.delivery_site_id)),
            *(item.delivery_site_id for _, item, _, _ in calls),
        ],
    )
    bodies = _bodies(
        ctx,
        [
            *(body for each in consignments for body in (each.custodian_id, each.receiver_organisation_id)),
            *(call.supplier_id for call, _, _, _ in calls),
            *(site.organisation_id for site in sites.values()),
        ],
    )
    custodians = _names([bodies[each.custodian_id] for each in consignments])
    suppliers = _names([bodies[call.supplier_id] for call, _, _, _ in calls])
    targets = [sites[each.delivery_site_id] for each in consignments] + [
        sites[item.delivery_site_id] for _, item, _, _ in calls
    ]
    places = _names(targets)
    asked = _requests(
        ctx,
        [line.request_line_id for line, _, _, _ in _lines(ctx, consignments)]
        + [item.request_line_id for _, item, _, _ in calls if item.request_line_id],
    )
    content = InstructionContent(
        issuer=office.name,
        addressees=tuple(
            dict.fromkeys((*custodians, *suppliers, *(bodies[site.organisation_id].name for site in targets)))
        ),
        incident=incident_ref(incident),
        destination=places[0] if len(places) == 1 else f"{places[0]}等{len(places)}处",
        goods=_goods(ctx, consignments),
        custodian="、".join(custodians),
        load_by=row.load_by,
        arrive_by=row.arrive_by,
        signed_on=business_day(ctx.now),
        urgency="特急" if incident.response_level else "",
        owner=owner.name,
        requester="、".join(_names(list(_bodies(ctx, [each.organisation_id for each in asked]).values()))),
        request_number="、".join(each.number for each in asked),
        contacts=(Contact(row.approved_by_name, office.duty_phone or office.phone),),
        oral=_oral(row.oral, row.paper_due_at),
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
    _issue(
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
    sites = _sites(ctx, [consignment.origin_site_id, consignment.delivery_site_id])
    bodies = _bodies(ctx, [consignment.owner_id, consignment.custodian_id, consignment.receiver_organisation_id])
    rows = _lines(ctx, [consignment])
    load_by, arrive_by = _limits(ctx, consignment, instruction)
    content = AllocationSlip(
        issuer=issuing_office(ctx, bodies[consignment.owner_id]).name,
        instruction_number=instruction.document_number,
        allocated_on=business_day(instruction.approved_at),
        incident=incident_ref(incident),
        from_organisation=bodies[consignment.custodian_id].name,
        from_site=sites[consignment.origin_site_id].name,
        to_organisation=bodies[consignment.receiver_organisation_id].name,
        to_site=sites[consignment.delivery_site_id].name,
        load_by=load_by,
        arrive_by=arrive_by,
        owner=bodies[consignment.owner_id].name,
        lines=tuple(
            AllocationLine(
                item.sku,
                item.name,
                item.unit,
                line.quantity,
                spec=item.spec,
                gb_code=item.gb_code,
                lot=LotLabel(lot.number, lot.produced_on, lot.expires_on),
                packages=packages(line.quantity, item.pack_quantity),
                mass_g=line.quantity * item.unit_mass_g,
                volume_cm3=line.quantity * item.unit_volume_cm3,
                unit_price_fen=lot.unit_price_fen or None,
                is_recoverable=item.is_recoverable,
                note=lot.restriction,
            )
            for line, lot, item, _ in rows
        ),
        transport_mode="公路",
        fund_source="、".join(dict.fromkeys(lot.fund_source for _, lot, _, _ in rows)),
        approved=Signed(instruction.approved_by_name, instruction.approved_at),
        note=note,
    )
    title = f"{sites[consignment.origin_site_id].name}→{sites[consignment.delivery_site_id].name}"
    _issue(
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


def issue_issue_note(ctx: Context, consignment: Consignment, note: str) -> None:
    """Issue F4 when a consignment has been loaded."""
    incident = ctx.session.get(Incident, consignment.incident_id, execution_options={"unscoped": True})
    shipment = ctx.session.get(Shipment, consignment.shipment_id, execution_options={"unscoped": True})
    assert incident is not None
    assert shipment is not None
    vehicle = fleet.vehicles_by_id(ctx, [shipment.vehicle_id])[shipment.vehicle_id]
    sites = _sites(ctx, [consignment.origin_site_id, consignment.delivery_site_id])
    bodies = _bodies(ctx, [consignment.owner_id, consignment.custodian_id, consignment.receiver_organisation_id])
    content = IssueNote(
        organisation=bodies[consignment.custodian_id].name,
        warehouse=sites[consignment.origin_site_id].name,
        issue_kind="调拨",
        recipient=f"{bodies[consignment.receiver_organisation_id].name}({sites[consignment.delivery_site_id].name})",
        lines=tuple(
            IssueLine(
                item.name,
                item.unit,
                line.quantity,
                spec=item.spec,
                sku=item.sku,
                lot=LotLabel(lot.number, lot.produced_on, lot.expires_on),
                location=place.name,
                issued=line.loaded,
                packages=packages(line.loaded, item.pack_quantity),
                unit_price_fen=lot.unit_price_fen or None,
            )
            for line, lot, item, place in _lines(ctx, [consignment])
        ),
        slip_number=consignment.number,
        purpose=incident.name,
        vehicle=vehicle.plate,
        carrier=vehicle.organisation_name,
        issued_at=ctx.now,
        owner=bodies[consignment.owner_id].name,
        stored=Signed(ctx.principal.name, ctx.now),
        note=note,
    )
    number = next_slip_number(ctx, "issue_note", sites[consignment.origin_site_id].area_code)
    title = f"{sites[consignment.origin_site_id].name} {vehicle.plate}"
    _issue(
        ctx,
        "issue_note",
        number,
        title,
        content,
        ("consignment", consignment.id),
        consignment.custodian_id,
        incident,
        consignment.owner_id,
    )


def issue_handover(ctx: Context, shipment: Shipment, loaded: Signed | None, note: str = "") -> None:
    """Issue F5 when a vehicle leaves, and again when it is sent elsewhere: what is on it, stop by stop."""
    incident = ctx.session.get(Incident, shipment.incident_id, execution_options={"unscoped": True})
    assert incident is not None
    vehicle = fleet.vehicles_by_id(ctx, [shipment.vehicle_id])[shipment.vehicle_id]
    consignments = [
        each for each in _consignments(ctx, Consignment.shipment_id == shipment.id) if each.departed_at is not None
    ]
    sites = _sites(ctx, [site for each in consignments for site in (each.origin_site_id, each.delivery_site_id)])
    bodies = _bodies(ctx, [each.custodian_id for each in consignments])
    stops = tuple(
        _stop(ctx, each, sites[each.delivery_site_id])
        for each in sorted(consignments, key=lambda each: each.planned_arrival_at)
    )
    content = ShipmentHandover(
        shipper="、".join(_names([bodies[each.custodian_id] for each in consignments])),
        carrier=vehicle.organisation_name,
        plate=vehicle.plate,
        vehicle_type=vehicle.type_name,
        driver=Contact(vehicle.driver, vehicle.driver_phone),
        origin="、".join(_names([sites[each.origin_site_id] for each in consignments])),
        stops=stops,
        incident=incident_ref(incident),
        escort=Contact(vehicle.second_driver) if vehicle.second_driver else None,
        seal_number=shipment.seal_number,
        depart_at=shipment.departed_at,
        route=" → ".join(dict.fromkeys(str(stop["site_name"]) for stop in shipment.stops)),
        distance_m=shipment.distance_m,
        loaded=loaded,
        note=note,
    )
    title = f"{vehicle.plate} {len(stops)}站"
    _issue(
        ctx,
        "shipment_handover",
        shipment.number,
        title,
        content,
        ("shipment", shipment.id),
        shipment.incident_organisation_id,
        incident,
        shipment.vehicle_organisation_id,
    )


def _stop(ctx: Context, consignment: Consignment, site: Site) -> HandoverStop:
    return HandoverStop(
        DeliveryPoint(site.name, site.address, site.contact, site.phone),
        tuple(
            LoadLine(
                item.name,
                item.unit,
                line.loaded,
                spec=item.spec,
                lot=lot.number,
                packages=packages(line.loaded, item.pack_quantity),
                mass_g=line.loaded * item.unit_mass_g,
                volume_cm3=line.loaded * item.unit_volume_cm3,
            )
            for line, lot, item, _ in _lines(ctx, [consignment])
            if line.loaded
        ),
        planned_at=consignment.planned_arrival_at,
        slip_number=consignment.number,
    )


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
        acceptance=f"到货后{contract.acceptance_days}个工作日内验收",
        penalty=f"逾期每日按货款{contract.late_penalty_permille / 10:g}%计" if contract.late_penalty_permille else "",
        notice_method={"system": "系统", "phone": "电话", "paper": "书面"}.get(row.notice_method, row.notice_method),
        notified_at=row.notified_at,
        buyer_contact=Contact(ctx.principal.name, office.duty_phone or office.phone),
        oral=_oral(row.oral, None),
        approved=Signed(ctx.principal.name, ctx.now),
    )
    _issue(
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


def _issue(
    ctx: Context,
    form: str,
    number: str,
    title: str,
    content: Any,
    subject: tuple[str, UUID],
    organisation_id: UUID,
    incident: Incident,
    addressee_id: UUID,
    document_number: str = "",
) -> None:
    issue(
        ctx,
        PaperInput(
            form=form,
            number=number,
            title=title[:120],
            content=to_plain(content),
            subject=DocumentRef(subject[0], subject[1], number),
            organisation_id=organisation_id,
            addressee_id=addressee_id,
            incident_id=incident.id,
            document_number=document_number,
            is_exercise=incident.is_exercise,
        ),
    )


def _consignments(ctx: Context, condition: Any) -> list[Consignment]:
    ctx.session.flush()  # those just written count
    return list(
        ctx.session.scalars(unscoped(select(Consignment).where(condition).order_by(Consignment.number), BECAUSE))
    )


def _lines(ctx: Context, consignments: Sequence[Consignment]) -> list[tuple[ConsignmentLine, Lot, Item, Location]]:
    ctx.session.flush()  # those just written count
    rows = ctx.session.execute(
        select(ConsignmentLine, Lot, Item, Location)
        .join(Lot, Lot.id == ConsignmentLine.lot_id)
        .join(Item, Item.id == ConsignmentLine.item_id)
        .join(Location, Location.id == ConsignmentLine.location_id)
        .where(ConsignmentLine.consignment_id.in_([each.id for each in consignments]))
        .order_by(ConsignmentLine.consignment_id, ConsignmentLine.line_no)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _goods(ctx: Context, consignments: Sequence[Consignment]) -> tuple[Goods, ...]:
    return _summed(
        (item.sku, item.name, item.unit, item.spec, line.quantity) for line, _, item, _ in _lines(ctx, consignments)
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


def _limits(ctx: Context, consignment: Consignment, instruction: ReleaseInstruction) -> tuple[datetime, datetime]:
    """By when the goods of a slip leave and arrive: as planned, or, approved after the vehicle should have left, as much later."""
    trip = ctx.session.scalars(
        select(PlanTrip)
        .join(Shipment, (Shipment.plan_id == PlanTrip.plan_id) & (Shipment.trip_no == PlanTrip.trip_no))
        .where(Shipment.id == consignment.shipment_id)
        .execution_options(unscoped=True)
    ).one()
    leaves = departure(trip, consignment.origin_site_id)
    delay = instruction.load_by - leaves if leaves < instruction.approved_at else timedelta()
    return leaves + delay, consignment.planned_arrival_at + delay


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
    for line, _, item, _ in _lines(ctx, consignments):
        loads[line.consignment_id][item.name, item.unit] += line.quantity
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
                depart_at=departure(trips[shipment.trip_no], each.origin_site_id),
                arrive_at=each.planned_arrival_at,
                load="、".join(Goods(name, unit, quantity).phrase for (name, unit), quantity in loads[each.id].items()),
                driver=vehicle.driver,
                driver_phone=vehicle.driver_phone,
            )
        )
    return tuple(found)


def _sites(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Site]:
    return {site.id: site for site in ctx.session.scalars(unscoped(select(Site).where(Site.id.in_(set(ids))), BECAUSE))}


def _bodies(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, Organisation]:
    return {body.id: body for body in ctx.session.scalars(select(Organisation).where(Organisation.id.in_(set(ids))))}


def _names(rows: Sequence[Site] | Sequence[Organisation]) -> list[str]:
    return list(dict.fromkeys(row.name for row in rows))


def _oral(oral: dict[str, Any], due_at: datetime | None) -> OralOrder | None:
    if not oral:
        return None
    return OralOrder(oral["by"], oral["to"], datetime.fromisoformat(oral["at"]), oral["witness"], due_at)
