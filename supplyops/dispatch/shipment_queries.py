"""Reading shipments: the trips of vehicles, stop by stop."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from supplyops.database.counting import COUNTED_MAX
from supplyops.database.parts import by_parts
from supplyops.database.registry import named
from supplyops.dispatch.narrowing import EVERYTHING, PAGE, Rows, count, paths_of_bodies
from supplyops.dispatch.reach import loaders, trips_in_reach
from supplyops.dispatch.rules import (
    ClockKind,
    ConsignmentState,
    OrderStep,
    ShipmentState,
    clock,
)
from supplyops.dispatch.tables import Consignment, Shipment
from supplyops.dispatch.views import (
    OrderFilter,
    ShipmentRow,
)
from supplyops.fleet import queries as fleet
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.runtime import Context, also_showing, query, unscoped

_S = ConsignmentState


_OPEN_TRIPS = (ShipmentState.PLANNED, ShipmentState.LOADING, ShipmentState.DEPARTED)


@query(Permission.ORDERS_SEE)
def shipments(ctx: Context, where: OrderFilter = EVERYTHING, offset: int = 0, limit: int = PAGE) -> list[ShipmentRow]:
    """Trips in reach, or carrying a consignment in reach; the next to leave last."""
    statement = (
        _shipments(ctx, where)
        .order_by(Shipment.planned_departure_at.desc(), Shipment.number.desc())
        .offset(offset)
        .limit(limit)
    )
    return _shipment_rows(ctx, statement)


@query(Permission.ORDERS_SEE)
def count_shipments(ctx: Context, where: OrderFilter = EVERYTHING, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    return count(ctx, _shipments(ctx, where), most, Shipment, Incident)


@query(Permission.ORDERS_SEE)
def shipment(ctx: Context, reference: str) -> ShipmentRow:
    """One trip by number or id."""
    found = _shipment_rows(ctx, _shipments(ctx, EVERYTHING).where(named(Shipment, reference)))
    if not found:
        raise NotFound("shipment", reference=reference)
    return found[0]


def _shipments(ctx: Context, where: OrderFilter) -> Rows:
    statement: Rows = (
        select(Shipment, Incident).join(Incident, Incident.id == Shipment.incident_id).where(trips_in_reach(ctx))
    )
    if where.incident_id is not None:
        statement = statement.where(Shipment.incident_id == where.incident_id)
    if where.shipment_id is not None:
        statement = statement.where(Shipment.id == where.shipment_id)
    if where.state in set(ShipmentState):
        statement = statement.where(Shipment.state == where.state)
    if where.only_open:
        statement = statement.where(Shipment.state.in_(_OPEN_TRIPS))
    if where.only_overdue:
        waits = Shipment.state.in_((ShipmentState.PLANNED, ShipmentState.LOADING))
        statement = statement.where(waits, Shipment.planned_departure_at < ctx.now)
    if where.text:
        plates = [row.id for row in fleet.vehicles(ctx) if where.text in row.plate]
        named = Shipment.number.contains(where.text, autoescape=True)
        statement = statement.where(or_(named, Shipment.vehicle_id.in_(plates)))
    return statement


def _shipment_rows(ctx: Context, statement: Rows) -> list[ShipmentRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, Shipment, Incident)).all())


def _whole(ctx: Context, rows: Sequence[Any]) -> list[ShipmentRow]:
    vehicles = fleet.vehicles_by_id(ctx, [row[0].vehicle_id for row in rows])
    paths, loaded = paths_of_bodies(ctx), _loaded_on(ctx, [row[0].id for row in rows])
    taken = {"incident_number", "incident_name", "plate", "vehicle_type", "driver", "driver_phone", "carrier_name"}
    taken |= {"stops", "clocks", "steps"}
    found = []
    for row, incident in rows:
        vehicle = vehicles[row.vehicle_id]
        departs = row.state is ShipmentState.LOADING and any(
            ctx.principal.holds_at(Permission.ORDERS_LOAD, paths[custodian]) for custodian in loaded.get(row.id, ())
        )
        found.append(
            ShipmentRow(
                **{name: getattr(row, name) for name in ShipmentRow.__dataclass_fields__ if name not in taken},
                incident_number=incident.number,
                incident_name=incident.name,
                plate=vehicle.plate,
                vehicle_type=vehicle.type_name,
                driver=vehicle.driver,
                driver_phone=vehicle.driver_phone,
                carrier_name=vehicle.organisation_name,
                stops=tuple(row.stops),
                clocks=()
                if row.state is ShipmentState.CANCELLED
                else (clock(ClockKind.LOAD, row.planned_departure_at, row.departed_at, ctx.now),),
                steps=(OrderStep.DEPART,) if departs else (),
            )
        )
    return found


def _loaded_on(ctx: Context, ids: Sequence[UUID]) -> dict[UUID | None, list[UUID]]:
    """Shipment -> bodies that may have loaded what is on it."""
    rows = select(Consignment).where(Consignment.shipment_id.in_(ids), Consignment.state == _S.LOADED)
    found: dict[UUID | None, list[UUID]] = {}
    for row in ctx.session.scalars(unscoped(rows, "the trips are in reach")):
        found.setdefault(row.shipment_id, []).extend(loaders(row))
    return found
