"""What a plan can drive with and on: vehicles that are free, roads as they are when the plan begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from optimizer.model import Edge, Node, Terrain, Vehicle, VehicleType
from supplyops.contracts.rules import ContractType
from supplyops.contracts.tables import Contract
from supplyops.fleet.rules import VehicleState
from supplyops.fleet.tables import Vehicle as VehicleRow
from supplyops.fleet.tables import VehicleType as TypeRow
from supplyops.kernel.clock import beijing, business_day
from supplyops.people.tables import Organisation
from supplyops.places.queries import RoadState, road_states
from supplyops.places.rules import RoadStatus
from supplyops.places.tables import RoadNode, Site
from supplyops.planning.demand import BECAUSE
from supplyops.planning.figures import PlanFigures
from supplyops.planning.rules import PartState
from supplyops.planning.supply import Chain, is_outside
from supplyops.planning.tables import Plan, PlanLine, PlanPart, PlanTrip
from supplyops.runtime import Context, unscoped


@dataclass(frozen=True, slots=True)
class Transport:
    """Vehicles with their types and the yards they stand in; the road graph."""

    vehicle_types: tuple[VehicleType, ...]
    vehicles: tuple[Vehicle, ...]
    bases: dict[UUID, Site]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def transport_of(ctx: Context, chain: Chain, figures: PlanFigures, starts_at: datetime) -> Transport:
    """All vehicles that may be sent, when each is free, and the roads in the state they are reported to be in."""
    types = list(ctx.session.scalars(select(TypeRow).order_by(TypeRow.code)))
    vehicles, bases = vehicles_of(ctx, chain, figures, starts_at)
    nodes, edges = network_of(ctx, figures.snow_months, starts_at)
    return Transport(tuple(vehicle_type(row) for row in types), tuple(vehicles), bases, nodes, edges)


def network_of(ctx: Context, snow_months: frozenset[int], at: datetime) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """The road graph as it is at a moment: season and reports are settled."""
    return _graph(ctx, at, is_snow_time=beijing(at).month in snow_months)


def _graph(ctx: Context, at: datetime, *, is_snow_time: bool) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    nodes = tuple(
        Node(row.code, row.lat_e6, row.lon_e6) for row in ctx.session.scalars(select(RoadNode).order_by(RoadNode.code))
    )
    return nodes, tuple(_edge(road, is_snow_time=is_snow_time) for road in road_states(ctx, at))


def roads_in_season(
    ctx: Context, *, is_snow_time: bool
) -> tuple[tuple[VehicleType, ...], tuple[Node, ...], tuple[Edge, ...]]:
    """Types of vehicles and the road graph as it is reported today, with snow or without."""
    types = tuple(vehicle_type(row) for row in ctx.session.scalars(select(TypeRow).order_by(TypeRow.code)))
    return types, *_graph(ctx, ctx.now, is_snow_time=is_snow_time)


def vehicle_type(row: TypeRow) -> VehicleType:
    """A type as the optimizer knows it. What can tow counts as towing: no trip goes where its trailer could not pass."""
    return VehicleType(
        id=row.code,
        name=row.name,
        size_class=row.size_class,
        payload_g=row.payload_g,
        volume_cm3=row.volume_cm3,
        gross_mass_kg=row.gross_mass_kg,
        speed_kmh={
            Terrain.URBAN: row.speed_urban_kmh,
            Terrain.PLAIN: row.speed_plain_kmh,
            Terrain.MOUNTAIN: row.speed_mountain_kmh,
            Terrain.SNOW: row.speed_snow_kmh,
        },
        is_snow_capable=row.is_snow_capable,
        height_cm=row.height_cm,
        can_ford=row.can_ford,
        is_towing=row.tow_capacity_g > 0,
        is_refrigerated=row.is_refrigerated,
        is_heated=row.is_heated,
        tow_capacity_g=row.tow_capacity_g,
        fixed_cost_fen=row.fixed_cost_fen,
        cost_per_km_fen=row.cost_per_km_fen,
        cost_per_hour_fen=row.cost_per_hour_fen,
    )


def _edge(road: RoadState, *, is_snow_time: bool) -> Edge:
    """One rule for winter: the snow column where snow lies, times the road's own factor. Nothing else slows a vehicle."""
    terrain = Terrain.SNOW if is_snow_time and road.is_snow_prone else Terrain(road.terrain.value)
    return Edge(
        id=road.code,
        start=road.from_code,
        end=road.to_code,
        length_m=road.length_m,
        terrain=terrain,
        factor_permille=road.winter_factor_permille if is_snow_time else 1000,
        is_two_way=road.is_two_way,
        is_open=road.status is not RoadStatus.CLOSED,
        size_class_max=road.vehicle_class_max,
        bridge_limit_kg=road.bridge_limit_kg,
        snow_vehicles_only=road.snow_vehicles_only,
        height_limit_cm=road.height_limit_cm,
        is_ford=road.is_ford,
        is_towing_barred=road.is_towing_barred,
        is_convoy_only=road.is_convoy_only,
    )


def vehicles_of(
    ctx: Context, chain: Chain, figures: PlanFigures, starts_at: datetime
) -> tuple[list[Vehicle], dict[UUID, Site]]:
    """All vehicles that may be sent, when each is free, and the yards they stand in."""
    busy = _busy_until(ctx)
    lead = _hired(ctx, chain)
    rows = ctx.session.execute(
        unscoped(
            select(VehicleRow, TypeRow.code, Organisation, Site)
            .join(TypeRow, TypeRow.id == VehicleRow.type_id)
            .join(Organisation, Organisation.id == VehicleRow.organisation_id)
            .join(Site, Site.id == VehicleRow.base_site_id)
            .where(VehicleRow.state != VehicleState.OUT)
            .order_by(VehicleRow.plate),
            BECAUSE,
        )
    )
    found = []
    bases = {}
    for row, type_code, body, base in rows:
        if row.contract_number:
            if row.contract_number not in lead:
                continue
            ready_at = ctx.now + lead[row.contract_number] + timedelta(minutes=row.ready_minutes)
        elif not is_outside(body) and (body.path.startswith(chain.body.path) or chain.is_above(body)):
            ready_at = ctx.now + timedelta(minutes=row.ready_minutes)
        else:
            continue
        if row.state is VehicleState.ON_TRIP:
            back_at = max(busy.get(row.id, ctx.now), ctx.now + timedelta(seconds=figures.overdue_s))
            ready_at = max(ready_at, back_at)
        elif row.id in busy:
            ready_at = max(ready_at, busy[row.id])
        bases[base.id] = base
        available_at = max(0, int((ready_at - starts_at).total_seconds()))
        found.append(Vehicle(row.plate, type_code, base.code, available_at, drivers=2 if row.second_driver else 1))
    return found, bases


def _busy_until(ctx: Context) -> dict[UUID, datetime]:
    """When each vehicle is back from the last trip that somebody approved goods for and that is not over."""
    approved = (
        select(PlanLine.id)
        .join(PlanPart, (PlanPart.plan_id == PlanLine.plan_id) & (PlanPart.owner_id == PlanLine.owner_id))
        .where(
            PlanLine.plan_id == PlanTrip.plan_id,
            PlanLine.trip_no == PlanTrip.trip_no,
            PlanPart.state == PartState.APPROVED,
        )
        .exists()
    )
    rows = ctx.session.execute(
        unscoped(
            select(PlanTrip.vehicle_id, func.max(PlanTrip.returns_at))
            .join(Plan, Plan.id == PlanTrip.plan_id)
            .where(PlanTrip.ended_at.is_(None), PlanTrip.returns_at > ctx.now, approved)
            .group_by(PlanTrip.vehicle_id),
            "a vehicle goes one way at a time, whoever sent it",
        )
    )
    return dict(rows.all())


def _hired(ctx: Context, chain: Chain) -> dict[str, timedelta]:
    """Transport contracts in force that may be called on, and how long their vehicles take to come."""
    today = business_day(ctx.now)
    rows = ctx.session.execute(
        unscoped(
            select(Contract, Organisation)
            .join(Organisation, Organisation.id == Contract.buyer_id)
            .where(Contract.type == ContractType.TRANSPORT, Contract.valid_from <= today, Contract.valid_to >= today),
            BECAUSE,
        )
    )
    return {
        contract.number: timedelta(hours=contract.lead_time_hours)
        for contract, buyer in rows
        if buyer.path.startswith(chain.body.path) or chain.is_above(buyer)
    }
