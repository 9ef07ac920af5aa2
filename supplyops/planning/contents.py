"""What is in a plan, with the names of everything: parts, lines, trips, gaps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.contracts.tables import Contract, ContractLine
from supplyops.fleet.tables import Vehicle, VehicleType
from supplyops.people.tables import Organisation, User
from supplyops.places.tables import Location, Site
from supplyops.planning.rules import PartState, SourceKind, contract_source, lot_source
from supplyops.planning.tables import Plan, PlanGap, PlanLine, PlanPart, PlanTrip
from supplyops.planning.whynot import Explainer
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, unscoped
from supplyops.stock.tables import Lot

BECAUSE = "who may see a plan sees what it names"


@dataclass(frozen=True, slots=True)
class PartRow:
    """What belongs to one owner, and what the owner said."""

    id: UUID
    owner_id: UUID
    owner_code: str
    owner_name: str
    state: PartState
    decided_at: datetime | None
    decided_by: str
    note: str
    lines: int


@dataclass(frozen=True, slots=True)
class PlanLineRow:
    """So much of one source for one request line."""

    id: UUID
    line_no: int
    owner_id: UUID
    owner_code: str
    owner_name: str
    source: str
    source_kind: SourceKind
    lot_number: str
    location_name: str
    expires_on: date | None
    contract_number: str
    supplier_name: str
    origin_site_id: UUID
    origin_site_name: str
    delivery_site_id: UUID
    delivery_site_name: str
    item_id: UUID
    sku: str
    item_name: str
    unit: str
    request_line_id: UUID
    request_number: str
    request_line_no: int
    class_rank: int
    asked_item_name: str
    asked_unit: str
    quantity: int
    serves: int
    mass_g: int
    volume_cm3: int
    trip_no: int | None
    arrives_at: datetime
    is_late: bool
    is_fetched: bool
    """One of our vehicles fetches it at the supplier's (自提)."""


@dataclass(frozen=True, slots=True)
class TripRow:
    """One vehicle's trip: stops with times, roads and loads, and how full the vehicle is."""

    trip_no: int
    vehicle_id: UUID
    plate: str
    vehicle_type: str
    driver: str
    driver_phone: str
    departs_at: datetime
    returns_at: datetime
    distance_m: int
    mass_g: int
    payload_g: int
    volume_cm3: int
    capacity_cm3: int
    stops: list[Any]
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class GapRow:
    """What a request line does not get in time, and why."""

    request_line_id: UUID
    request_number: str
    request_line_no: int
    class_rank: int
    item_name: str
    unit: str
    delivery_site_name: str
    latest_arrival_at: datetime
    asked: int
    quantity: int
    late: int
    reasons: list[Any]
    sentences: tuple[str, ...]
    """The reasons as people say them."""


def parts_of(ctx: Context, plan_id: UUID) -> tuple[PartRow, ...]:
    """Parts by owner."""
    counts = dict(
        ctx.session.execute(
            select(PlanLine.owner_id, func.count()).where(PlanLine.plan_id == plan_id).group_by(PlanLine.owner_id)
        ).all()
    )
    rows = ctx.session.execute(
        unscoped(
            select(PlanPart, Organisation, User.display_name)
            .join(Organisation, Organisation.id == PlanPart.owner_id)
            .outerjoin(User, User.id == PlanPart.decided_by_id)
            .where(PlanPart.plan_id == plan_id)
            .order_by(Organisation.code),
            BECAUSE,
        )
    )
    return tuple(
        PartRow(
            part.id,
            owner.id,
            owner.code,
            owner.name,
            part.state,
            part.decided_at,
            decided_by or "",
            part.note,
            counts.get(owner.id, 0),
        )
        for part, owner, decided_by in rows
    )


def lines_of(ctx: Context, plan_id: UUID) -> tuple[PlanLineRow, ...]:
    """Lines in their order."""
    asked, origin, delivery, supplier = aliased(Item), aliased(Site), aliased(Site), aliased(Organisation)
    rows = ctx.session.execute(
        unscoped(
            select(
                PlanLine,
                Organisation,
                Item,
                asked,
                SupplyRequestLine,
                SupplyRequest.number,
                origin,
                delivery,
                Lot,
                Location.name,
                Contract.number,
                supplier.name,
            )
            .join(Organisation, Organisation.id == PlanLine.owner_id)
            .join(Item, Item.id == PlanLine.item_id)
            .join(SupplyRequestLine, SupplyRequestLine.id == PlanLine.request_line_id)
            .join(asked, asked.id == SupplyRequestLine.item_id)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .join(origin, origin.id == PlanLine.origin_site_id)
            .join(delivery, delivery.id == PlanLine.delivery_site_id)
            .outerjoin(Lot, Lot.id == PlanLine.lot_id)
            .outerjoin(Location, Location.id == PlanLine.location_id)
            .outerjoin(ContractLine, ContractLine.id == PlanLine.contract_line_id)
            .outerjoin(Contract, Contract.id == ContractLine.contract_id)
            .outerjoin(supplier, supplier.id == Contract.supplier_id)
            .where(PlanLine.plan_id == plan_id)
            .order_by(PlanLine.line_no),
            BECAUSE,
        )
    )
    return tuple(_line(row) for row in rows)


def _line(row: Any) -> PlanLineRow:
    line, owner, item, asked, request_line, request_number, origin, delivery, lot, place, contract, supplier = row
    if line.source_kind is SourceKind.LOT:
        source = lot_source(line.location_id, line.lot_id)
    else:
        source = contract_source(line.contract_line_id)
    return PlanLineRow(
        id=line.id,
        line_no=line.line_no,
        owner_id=owner.id,
        owner_code=owner.code,
        owner_name=owner.name,
        source=source,
        source_kind=line.source_kind,
        lot_number=lot.number if lot else "",
        location_name=place or "",
        expires_on=lot.expires_on if lot else None,
        contract_number=contract or "",
        supplier_name=supplier or "",
        origin_site_id=origin.id,
        origin_site_name=origin.name,
        delivery_site_id=delivery.id,
        delivery_site_name=delivery.name,
        item_id=item.id,
        sku=item.sku,
        item_name=item.name,
        unit=item.unit,
        request_line_id=request_line.id,
        request_number=request_number,
        request_line_no=request_line.line_no,
        class_rank=request_line.class_rank,
        asked_item_name=asked.name,
        asked_unit=asked.unit,
        quantity=line.quantity,
        serves=line.serves,
        mass_g=line.quantity * item.unit_mass_g,
        volume_cm3=line.quantity * item.unit_volume_cm3,
        trip_no=line.trip_no,
        arrives_at=line.arrives_at,
        is_late=line.is_late,
        is_fetched=line.source_kind is SourceKind.CONTRACT and line.trip_no is not None,
    )


def trips_of(ctx: Context, plan_id: UUID) -> tuple[TripRow, ...]:
    """Trips by number."""
    rows = ctx.session.execute(
        unscoped(
            select(PlanTrip, Vehicle, VehicleType)
            .join(Vehicle, Vehicle.id == PlanTrip.vehicle_id)
            .join(VehicleType, VehicleType.id == Vehicle.type_id)
            .where(PlanTrip.plan_id == plan_id)
            .order_by(PlanTrip.trip_no),
            BECAUSE,
        )
    )
    return tuple(
        TripRow(
            trip.trip_no,
            vehicle.id,
            vehicle.plate,
            kind.name,
            vehicle.driver,
            vehicle.driver_phone,
            trip.departs_at,
            trip.returns_at,
            trip.distance_m,
            trip.mass_g,
            kind.payload_g,
            trip.volume_cm3,
            kind.volume_cm3,
            list(trip.stops),
            trip.ended_at,
        )
        for trip, vehicle, kind in rows
    )


def gaps_of(ctx: Context, plan_id: UUID) -> tuple[GapRow, ...]:
    """Gaps, the highest class first."""
    rows = ctx.session.execute(
        unscoped(
            select(PlanGap, SupplyRequestLine, SupplyRequest.number, Item, Site.name)
            .join(SupplyRequestLine, SupplyRequestLine.id == PlanGap.request_line_id)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .join(Item, Item.id == SupplyRequestLine.item_id)
            .join(Site, Site.id == SupplyRequest.delivery_site_id)
            .where(PlanGap.plan_id == plan_id)
            .order_by(SupplyRequestLine.class_rank, SupplyRequest.number, SupplyRequestLine.line_no),
            BECAUSE,
        )
    ).all()
    if not rows:
        return ()
    found = unscoped(select(Plan.problem, Plan.starts_at).where(Plan.id == plan_id), BECAUSE)
    problem, starts_at = ctx.session.execute(found).one()
    asked = {line["id"]: line["quantity"] for line in problem["lines"]}
    explainer = Explainer(ctx, problem, starts_at)
    return tuple(
        GapRow(
            line.id,
            request_number,
            line.line_no,
            line.class_rank,
            item.name,
            item.unit,
            site_name,
            line.latest_arrival_at,
            asked.get(str(line.id), gap.quantity),
            gap.quantity,
            gap.late,
            list(gap.reasons),
            explainer.sentences(str(line.id), gap.reasons),
        )
        for gap, line, request_number, item, site_name in rows
    )
