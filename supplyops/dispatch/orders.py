"""Writing the orders that follow from an approval: consignments by origin and consignee, shipments by trip."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from supplyops.dispatch.rules import ConsignmentState, ShipmentState
from supplyops.dispatch.tables import Consignment, ConsignmentLine, ReleaseInstruction, Shipment
from supplyops.fleet.tables import Vehicle
from supplyops.incidents.tables import Incident
from supplyops.kernel.ids import derived_id
from supplyops.norms.figures import number
from supplyops.papers.commands import next_slip_number
from supplyops.places.commands import open_transit, virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Site
from supplyops.planning.tables import Plan, PlanLine, PlanTrip
from supplyops.runtime import Context, unscoped

Key = tuple[int, UUID, UUID]


def write_consignments(
    ctx: Context, plan: Plan, incident: Incident, instruction: ReleaseInstruction, lines: Sequence[PlanLine]
) -> list[Consignment]:
    """One consignment per trip, origin and consignee, each with its place on the road; its trip becomes a shipment."""
    grouped: dict[Key, list[PlanLine]] = defaultdict(list)
    for line in lines:
        assert line.trip_no is not None, "stock travels on a vehicle"
        grouped[line.trip_no, line.origin_site_id, line.delivery_site_id].append(line)
    return [
        write_consignment(ctx, plan, incident, instruction, part)
        for _, part in sorted(grouped.items(), key=lambda entry: (entry[0][0], str(entry[0][1]), str(entry[0][2])))
    ]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The call-off whose goods a consignment fetches, and the line of it that each plan line became."""

    call_off_id: UUID
    items: Mapping[UUID, UUID]


def write_consignment(
    ctx: Context,
    plan: Plan,
    incident: Incident,
    instruction: ReleaseInstruction,
    lines: Sequence[PlanLine],
    fetched: Fetched | None = None,
) -> Consignment:
    """The consignment of lines with one trip, origin and consignee; what is fetched at a supplier's lies in no store yet."""
    first = lines[0]
    assert first.trip_no is not None, "goods travel on a vehicle"
    shipment = _shipment(ctx, plan, incident, first.trip_no)
    row = _consignment(ctx, incident, instruction, shipment, lines, fetched)
    for line_no, line in enumerate(lines, start=1):
        ctx.session.add(_line(ctx, row, line_no, line, fetched))
    return row


def trip_of(ctx: Context, plan: Plan, trip_no: int) -> PlanTrip:
    """A trip of a plan."""
    return ctx.session.scalars(select(PlanTrip).where(PlanTrip.plan_id == plan.id, PlanTrip.trip_no == trip_no)).one()


def coming(stops: Sequence[Mapping[str, Any]], site_id: UUID) -> datetime:
    """When a vehicle comes to a place by the plan's stops."""
    return datetime.fromisoformat(str(next(stop["arrives_at"] for stop in stops if stop["site_id"] == str(site_id))))


def departure(stops: Sequence[Mapping[str, Any]], site_id: UUID) -> datetime:
    """When a vehicle leaves a place by the plan's stops; its base, for a place that they do not name."""
    leaving = (stop["departs_at"] for stop in stops if stop["site_id"] == str(site_id))
    return datetime.fromisoformat(str(next(leaving, stops[0]["departs_at"])))


def delay_of(ctx: Context, leaves: datetime, approved_at: datetime) -> timedelta:
    """How much later than planned everything is when the order comes after the planned departure: loading takes its hours."""
    if leaves >= approved_at:
        return timedelta()
    return approved_at + timedelta(hours=number(ctx, "load_hours")) - leaves


def _shipment(ctx: Context, plan: Plan, incident: Incident, trip_no: int) -> Shipment:
    """The shipment of a trip; made when the first owner approves goods for it."""
    existing = ctx.session.scalars(
        unscoped(
            select(Shipment).where(Shipment.plan_id == plan.id, Shipment.trip_no == trip_no), "owners share a trip"
        )
    ).one_or_none()
    if existing is not None:
        return existing
    trip = trip_of(ctx, plan, trip_no)
    vehicle = ctx.session.get(Vehicle, trip.vehicle_id, execution_options={"unscoped": True})
    assert vehicle is not None
    row = Shipment(
        id=ctx.new_id(),
        number=next_slip_number(ctx, "shipment_handover", incident.area_code),
        plan_id=plan.id,
        incident_id=incident.id,
        incident_organisation_id=incident.organisation_id,
        trip_no=trip_no,
        vehicle_id=vehicle.id,
        vehicle_organisation_id=vehicle.organisation_id,
        state=ShipmentState.PLANNED,
        planned_departure_at=trip.departs_at,
        planned_return_at=trip.returns_at,
        departed_at=None,
        closed_at=None,
        distance_m=trip.distance_m,
        stops=trip.stops,
        seal_number="",
    )
    ctx.session.add(row)
    ctx.session.flush()  # consignments refer to it
    return row


def _consignment(
    ctx: Context,
    incident: Incident,
    instruction: ReleaseInstruction,
    shipment: Shipment,
    lines: Sequence[PlanLine],
    fetched: Fetched | None,
) -> Consignment:
    origin_id, delivery_id = lines[0].origin_site_id, lines[0].delivery_site_id
    sites = unscoped(select(Site).where(Site.id.in_([origin_id, delivery_id])), "an approved order names both ends")
    by_id = {site.id: site for site in ctx.session.scalars(sites)}
    origin, delivery = by_id[origin_id], by_id[delivery_id]
    consignment_id = ctx.new_id()
    leaves = departure(shipment.stops, origin.id)
    delay = delay_of(ctx, leaves, instruction.approved_at)
    slip_number = next_slip_number(ctx, "allocation_slip", origin.area_code)
    row = Consignment(
        id=consignment_id,
        number=slip_number,
        instruction_id=instruction.id,
        shipment_id=shipment.id,
        incident_id=incident.id,
        incident_organisation_id=incident.organisation_id,
        owner_id=instruction.owner_id,
        custodian_id=origin.organisation_id,
        receiver_organisation_id=delivery.organisation_id,
        origin_site_id=origin.id,
        delivery_site_id=delivery.id,
        transit_id=open_transit(ctx, "consignment", consignment_id, slip_number, origin.id),
        call_off_id=fetched.call_off_id if fetched else None,
        state=ConsignmentState.ORDERED,
        load_by=leaves + delay,
        planned_arrival_at=max(line.arrives_at for line in lines) + delay,
        accepted_at=None,
        accepted_by_name="",
        loaded_at=None,
        departed_at=None,
        arrived_at=None,
        delivered_at=None,
        receiver="",
        receiver_position="",
        receiver_phone="",
        is_seal_intact=None,
        rerouted_from_id=None,
        ended_because="",
    )
    ctx.session.flush()  # the place on the road must be there first
    ctx.session.add(row)
    ctx.session.flush()  # its lines refer to it
    return row


def _line(ctx: Context, row: Consignment, line_no: int, line: PlanLine, fetched: Fetched | None) -> ConsignmentLine:
    place = virtual_location_id(LocationKind.SUPPLIER) if fetched else line.location_id
    assert place is not None
    return ConsignmentLine(
        id=ctx.new_id(),
        consignment_id=row.id,
        line_no=line_no,
        plan_line_id=line.id,
        request_line_id=line.request_line_id,
        lot_id=line.lot_id,
        location_id=place,
        item_id=line.item_id,
        reservation_id=None if fetched else derived_id("plan_line", line.id),
        call_off_item_id=fetched.items[line.id] if fetched else None,
        quantity=line.quantity,
        serves=line.serves,
        shortened=0,
        turn_reason="",
        loaded=0,
        good=0,
        damaged=0,
        refused=0,
        short=0,
    )
