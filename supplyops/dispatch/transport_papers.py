"""What the papers of transport say: the issue note F4 at loading, the handover F5 at departure."""

from __future__ import annotations

from supplyops.dispatch.paper_rows import (
    PaperLine,
    bodies_of,
    consignments_where,
    issue_about,
    lines_of,
    names_of,
    sites_of,
)
from supplyops.dispatch.tables import Consignment, Shipment
from supplyops.fleet import queries as fleet
from supplyops.incidents.papers import incident_ref
from supplyops.incidents.tables import Incident
from supplyops.kernel.quantity import packages
from supplyops.papers.commands import next_slip_number
from supplyops.papers.contents import (
    Contact,
    DeliveryPoint,
    HandoverStop,
    IssueLine,
    IssueNote,
    LoadLine,
    ShipmentHandover,
    Signed,
)
from supplyops.places.tables import Site
from supplyops.runtime import Context


def issue_issue_note(ctx: Context, consignment: Consignment, note: str) -> None:
    """Issue F4 when a consignment has been loaded."""
    incident = ctx.session.get(Incident, consignment.incident_id, execution_options={"unscoped": True})
    shipment = ctx.session.get(Shipment, consignment.shipment_id, execution_options={"unscoped": True})
    assert incident is not None
    assert shipment is not None
    vehicle = fleet.vehicles_by_id(ctx, [shipment.vehicle_id])[shipment.vehicle_id]
    sites = sites_of(ctx, [consignment.origin_site_id, consignment.delivery_site_id])
    bodies = bodies_of(ctx, [consignment.owner_id, consignment.custodian_id, consignment.receiver_organisation_id])
    content = IssueNote(
        organisation=bodies[consignment.custodian_id].name,
        warehouse=sites[consignment.origin_site_id].name,
        issue_kind="供方自提" if consignment.call_off_id else "调拨",
        recipient=f"{bodies[consignment.receiver_organisation_id].name}({sites[consignment.delivery_site_id].name})",
        lines=tuple(_issued(each) for each in lines_of(ctx, [consignment])),
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
    issue_about(
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
        each for each in consignments_where(ctx, Consignment.shipment_id == shipment.id) if each.departed_at is not None
    ]
    sites = sites_of(ctx, [site for each in consignments for site in (each.origin_site_id, each.delivery_site_id)])
    bodies = bodies_of(ctx, [each.custodian_id for each in consignments])
    stops = tuple(
        _stop(ctx, each, sites[each.delivery_site_id])
        for each in sorted(consignments, key=lambda each: each.planned_arrival_at)
    )
    content = ShipmentHandover(
        shipper="、".join(names_of([bodies[each.custodian_id] for each in consignments])),
        carrier=vehicle.organisation_name,
        plate=vehicle.plate,
        vehicle_type=vehicle.type_name,
        driver=Contact(vehicle.driver, vehicle.driver_phone),
        origin="、".join(names_of([sites[each.origin_site_id] for each in consignments])),
        stops=stops,
        incident=incident_ref(incident),
        escort=Contact(vehicle.second_driver) if vehicle.second_driver else None,
        seal_number=shipment.seal_number,
        depart_at=max(each.load_by for each in consignments),
        route=" → ".join(dict.fromkeys(str(stop["site_name"]) for stop in shipment.stops)),
        distance_m=shipment.distance_m,
        loaded=loaded,
        note=note,
        left_at=shipment.departed_at,
    )
    title = f"{vehicle.plate} {len(stops)}站"
    issue_about(
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
        tuple(_loaded(each) for each in lines_of(ctx, [consignment]) if each.line.loaded),
        planned_at=consignment.planned_arrival_at,
        slip_number=consignment.number,
    )


def _issued(each: PaperLine) -> IssueLine:
    line, item = each.line, each.item
    return IssueLine(
        item.name,
        item.unit,
        line.due,
        spec=item.spec,
        sku=item.sku,
        lot=each.label,
        location=each.shelf,
        issued=line.loaded,
        packages=packages(line.loaded, item.pack_quantity),
        unit_price_fen=each.price_fen,
        note=line.turn_reason,
    )


def _loaded(each: PaperLine) -> LoadLine:
    line, item = each.line, each.item
    return LoadLine(
        item.name,
        item.unit,
        line.loaded,
        spec=item.spec,
        lot=each.label.number,
        packages=packages(line.loaded, item.pack_quantity),
        mass_g=line.loaded * item.unit_mass_g,
        volume_cm3=line.loaded * item.unit_volume_cm3,
    )
