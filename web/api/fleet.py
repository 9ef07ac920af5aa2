"""Vehicles over the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from supplyops.fleet import commands, queries
from supplyops.fleet.queries import VehicleRow, VehicleTypeRow
from supplyops.fleet.rules import VehicleState
from supplyops.kernel.errors import NotFound
from web import view
from web.api.base import answers, asks, authenticated, body, choice, noun, run, writes

blueprint = noun("vehicles", "车辆与车型")


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a vehicle can be sent."""

    state: VehicleState


@blueprint.get("/")
@asks(blueprint, state="状态")
@answers(blueprint, VehicleRow, many=True)
@authenticated
def vehicles() -> Any:
    """可见的车辆。"""
    return view.read(queries.vehicles, choice(VehicleState, "state"))


@blueprint.get("/types")
@answers(blueprint, VehicleTypeRow, many=True)
@authenticated
def types() -> Any:
    """车型。"""
    return view.read(queries.vehicle_types)


@blueprint.get("/<plate>")
@answers(blueprint, VehicleRow)
@authenticated
def vehicle(plate: str) -> Any:
    """一辆车。"""
    return _vehicle(plate)


@blueprint.post("/<plate>/state")
@writes(blueprint, Availability)
@answers(blueprint, VehicleRow)
@authenticated
def set_state(plate: str) -> Any:
    """停用或恢复待命;在途的车辆先归队。"""
    run(commands.set_availability, plate, body(Availability).state)
    return _vehicle(plate)


def _vehicle(plate: str) -> VehicleRow:
    found = next((row for row in view.read(queries.vehicles) if row.plate == plate), None)
    if found is None:
        raise NotFound("vehicle", plate=plate)
    return found
