"""Keeping vehicles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select

from supplyops.database.registry import References, Saved, refuse_repeats, save_rows
from supplyops.fleet.rules import VehicleInput, VehicleState, VehicleTypeInput
from supplyops.fleet.tables import Vehicle, VehicleType
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound, WrongState
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, command


@command(Permission.FLEET_EDIT)
def save_vehicle_types(ctx: Context, inputs: Sequence[VehicleTypeInput]) -> Saved:
    """Add or change vehicle types by code."""
    refuse_repeats([(item.code,) for item in inputs], "code")
    return save_rows(ctx.session, VehicleType, [asdict(item) for item in inputs], by=("code",), new_id=ctx.new_id)


@command(Permission.FLEET_EDIT)
def save_vehicles(ctx: Context, inputs: Sequence[VehicleInput]) -> Saved:
    """Add or change vehicles by plate."""
    refuse_repeats([(item.plate,) for item in inputs], "plate")
    types = References(ctx.session, VehicleType, [item.type_code for item in inputs])
    owners = References(ctx.session, Organisation, [item.organisation_code for item in inputs])
    bases = References(ctx.session, Site, [item.base_site_code for item in inputs])
    for place, item in enumerate(inputs):
        types.find(place, "type_code", item.type_code)
        owners.find(place, "organisation_code", item.organisation_code)
        bases.find(place, "base_site_code", item.base_site_code)
    types.done(owners, bases)
    rows = []
    for item in inputs:
        row = asdict(item)
        row["type_id"] = types[row.pop("type_code")].id
        row["organisation_id"] = owners[row.pop("organisation_code")].id
        row["base_site_id"] = bases[row.pop("base_site_code")].id
        ctx.require(Permission.FLEET_EDIT, row["organisation_id"])
        rows.append(row)
    return save_rows(ctx.session, Vehicle, rows, by=("plate",), new_id=ctx.new_id)


@command(Permission.FLEET_EDIT)
def set_availability(ctx: Context, plate: str, state: VehicleState) -> None:
    """Say that a vehicle can be sent, or is out of service. A vehicle on a trip comes back from it first."""
    vehicle = ctx.session.scalars(select(Vehicle).where(Vehicle.plate == plate).with_for_update()).one_or_none()
    if vehicle is None:
        raise NotFound("vehicle", plate=plate)
    ctx.require(Permission.FLEET_EDIT, vehicle.organisation_id)
    if VehicleState.ON_TRIP in (state, vehicle.state):
        raise WrongState("vehicle", vehicle.state.value, becomes=state.value)
    vehicle.state = state
    ctx.about("vehicle", vehicle.id, vehicle.plate, state=state.value)


@command(Permission.INTERNAL)
def set_vehicle_state(ctx: Context, vehicle_id: UUID, state: VehicleState) -> None:
    """Note where a vehicle stands in its work; trips do this."""
    vehicle = ctx.session.get(Vehicle, vehicle_id, execution_options={"unscoped": True})
    assert vehicle is not None, "trips name vehicles that exist"
    vehicle.state = state
