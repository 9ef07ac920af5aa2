"""Reading vehicles."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from supplyops.fleet.rules import VehicleState
from supplyops.fleet.tables import Vehicle, VehicleType
from supplyops.kernel.access import Permission
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, also_showing, query, unscoped


@dataclass(frozen=True, slots=True)
class VehicleTypeRow:
    """A type of vehicle."""

    id: UUID
    code: str
    name: str
    size_class: int
    payload_g: int
    volume_cm3: int
    gross_mass_kg: int
    speed_urban_kmh: int
    speed_plain_kmh: int
    speed_mountain_kmh: int
    speed_snow_kmh: int
    is_snow_capable: bool
    height_cm: int
    can_ford: bool
    is_refrigerated: bool
    is_heated: bool
    tow_capacity_g: int
    fixed_cost_fen: int
    cost_per_km_fen: int
    cost_per_hour_fen: int
    source_mark: str
    note: str


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """A vehicle with its base and driver."""

    id: UUID
    plate: str
    type_code: str
    type_name: str
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    base_site_id: UUID
    base_site_code: str
    base_site_name: str
    driver: str
    driver_phone: str
    second_driver: str
    state: VehicleState
    ready_minutes: int
    contract_number: str
    note: str


@query(Permission.SIGNED_IN)
def vehicle_types(ctx: Context) -> list[VehicleTypeRow]:
    """All types by code."""
    rows = ctx.session.scalars(select(VehicleType).order_by(VehicleType.code))
    return [
        VehicleTypeRow(**{name: getattr(row, name) for name in VehicleTypeRow.__dataclass_fields__}) for row in rows
    ]


@query(Permission.FLEET_SEE)
def vehicles(ctx: Context, state: VehicleState | None = None) -> list[VehicleRow]:
    """Vehicles in reach, by plate."""
    statement = (
        select(Vehicle, VehicleType, Organisation, Site.code, Site.name)
        .join(VehicleType, VehicleType.id == Vehicle.type_id)
        .join(Organisation, Organisation.id == Vehicle.organisation_id)
        .join(Site, Site.id == Vehicle.base_site_id)
        .order_by(Vehicle.plate)
    )
    if state is not None:
        statement = statement.where(Vehicle.state == state)
    return [_row(*row) for row in ctx.session.execute(also_showing(statement, Site))]


@query(Permission.FLEET_SEE)
def vehicles_by_id(ctx: Context, vehicle_ids: list[UUID]) -> dict[UUID, VehicleRow]:
    """Vehicles that an order names, whoever they belong to."""
    statement = (
        select(Vehicle, VehicleType, Organisation, Site.code, Site.name)
        .join(VehicleType, VehicleType.id == Vehicle.type_id)
        .join(Organisation, Organisation.id == Vehicle.organisation_id)
        .join(Site, Site.id == Vehicle.base_site_id)
        .where(Vehicle.id.in_(vehicle_ids))
    )
    rows = [_row(*row) for row in ctx.session.execute(unscoped(statement, "an order in reach names them"))]
    return {row.id: row for row in rows}


def _row(vehicle: Vehicle, kind: VehicleType, owner: Organisation, base_code: str, base_name: str) -> VehicleRow:
    return VehicleRow(
        vehicle.id,
        vehicle.plate,
        kind.code,
        kind.name,
        vehicle.organisation_id,
        owner.code,
        owner.name,
        vehicle.base_site_id,
        base_code,
        base_name,
        vehicle.driver,
        vehicle.driver_phone,
        vehicle.second_driver,
        vehicle.state,
        vehicle.ready_minutes,
        vehicle.contract_number,
        vehicle.note,
    )
