"""Reading consignments: goods of one owner from one place to another, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.contracts.tables import CallOff, Contract
from supplyops.database.counting import COUNTED_MAX
from supplyops.database.parts import by_parts
from supplyops.database.registry import named
from supplyops.dispatch.narrowing import EVERYTHING, OPEN, PAGE, Rows, count, paths_of_bodies
from supplyops.dispatch.reach import loaders
from supplyops.dispatch.rules import (
    CONSIGNMENT_STEPS,
    Clock,
    ClockKind,
    ConsignmentState,
    OrderStep,
    clock,
)
from supplyops.dispatch.tables import Consignment, ConsignmentLine, ReleaseInstruction, Shipment
from supplyops.dispatch.views import (
    ConsignmentLineRow,
    ConsignmentRow,
    OrderFilter,
)
from supplyops.fleet import queries as fleet
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.blocking import statuses_of
from supplyops.stock.rules import LotState
from supplyops.stock.tables import Lot, Reservation

_Owner, _Custodian, _Receiver, _Supplier = (aliased(Organisation) for _ in range(4))


_Origin, _Delivery, _Former = aliased(Site), aliased(Site), aliased(Site)


_S = ConsignmentState


_SHOWN = (Incident, ReleaseInstruction, Shipment, Site, CallOff, Contract)


_WHO: dict[OrderStep, tuple[Permission, ConsignmentState]] = {
    OrderStep.ACCEPT: (Permission.ORDERS_ACCEPT, _S.ACCEPTED),
    OrderStep.LOAD: (Permission.ORDERS_LOAD, _S.LOADED),
    OrderStep.DELIVER: (Permission.ORDERS_DELIVER, _S.DELIVERED),
    OrderStep.TAKE_BACK: (Permission.ORDERS_LOAD, _S.RETURNED),
    OrderStep.CANCEL: (Permission.ORDERS_CANCEL, _S.CANCELLED),
}


@query(Permission.ORDERS_SEE)
def consignments(
    ctx: Context, where: OrderFilter = EVERYTHING, offset: int = 0, limit: int = PAGE
) -> list[ConsignmentRow]:
    """Consignments in reach with their lines: those due first."""
    statement = (
        _consignments(ctx, where)
        .order_by(Consignment.planned_arrival_at.desc(), Consignment.number.desc())
        .offset(offset)
        .limit(limit)
    )
    return _consignment_rows(ctx, statement)


@query(Permission.ORDERS_SEE)
def count_consignments(ctx: Context, where: OrderFilter = EVERYTHING, most: int = COUNTED_MAX) -> int:
    """How many there are; one more than `most` where there are more."""
    return count(ctx, _consignments(ctx, where), most, *_SHOWN)


@query(Permission.ORDERS_SEE)
def consignment(ctx: Context, reference: str) -> ConsignmentRow:
    """One consignment by number or id."""
    found = _consignment_rows(ctx, _consignments(ctx, EVERYTHING).where(named(Consignment, reference)))
    if not found:
        raise NotFound("consignment", reference=reference)
    return found[0]


@query(Permission.ORDERS_SEE)
def pickup_of(ctx: Context, call_off_id: UUID) -> ConsignmentRow | None:
    """The order of the vehicle that fetches a call-off; None for what a supplier brings, and for who may not see the order."""
    return next(
        iter(_consignment_rows(ctx, _consignments(ctx, EVERYTHING).where(Consignment.call_off_id == call_off_id))), None
    )


def _consignments(ctx: Context, where: OrderFilter) -> Rows:
    """Consignments by number; a paper names everybody it concerns."""
    statement: Rows = (
        select(
            Consignment, ReleaseInstruction, Shipment, Incident, _Owner, _Custodian, _Receiver, _Origin, _Delivery,
            _Former.name, CallOff.number, Contract.number, _Supplier.name,
        )
        .join(ReleaseInstruction, ReleaseInstruction.id == Consignment.instruction_id)
        .outerjoin(Shipment, Shipment.id == Consignment.shipment_id)
        .join(Incident, Incident.id == Consignment.incident_id)
        .join(_Owner, _Owner.id == Consignment.owner_id)
        .join(_Custodian, _Custodian.id == Consignment.custodian_id)
        .join(_Receiver, _Receiver.id == Consignment.receiver_organisation_id)
        .join(_Origin, _Origin.id == Consignment.origin_site_id)
        .join(_Delivery, _Delivery.id == Consignment.delivery_site_id)
        .outerjoin(_Former, _Former.id == Consignment.rerouted_from_id)
        .outerjoin(CallOff, CallOff.id == Consignment.call_off_id)
        .outerjoin(Contract, Contract.id == CallOff.contract_id)
        .outerjoin(_Supplier, _Supplier.id == CallOff.supplier_id)
    )  # fmt: skip
    for column, value in (
        (Consignment.incident_id, where.incident_id),
        (Consignment.instruction_id, where.instruction_id),
        (Consignment.shipment_id, where.shipment_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if where.state in set(ConsignmentState):
        statement = statement.where(Consignment.state == where.state)
    if where.only_open:
        statement = statement.where(Consignment.state.in_(OPEN))
    if where.only_overdue:
        unloaded = Consignment.state.in_((_S.ORDERED, _S.ACCEPTED)) & (Consignment.load_by < ctx.now)
        unarrived = Consignment.state.in_(OPEN) & (Consignment.planned_arrival_at < ctx.now)
        statement = statement.where(or_(unloaded, unarrived))
    if where.site_code:
        statement = statement.where(or_(_Origin.code == where.site_code, _Delivery.code == where.site_code))
    if where.text:
        statement = statement.where(
            or_(*(c.contains(where.text, autoescape=True) for c in (Consignment.number, _Origin.name, _Delivery.name)))
        )
    return statement


def _consignment_rows(ctx: Context, statement: Rows) -> list[ConsignmentRow]:
    return by_parts(partial(_whole, ctx), ctx.session.execute(also_showing(statement, *_SHOWN)).all())


def _whole(ctx: Context, rows: Sequence[Any]) -> list[ConsignmentRow]:
    lines = _lines(ctx, [row[0].id for row in rows])
    vehicles = fleet.vehicles_by_id(ctx, [row[2].vehicle_id for row in rows if row[2] is not None])
    paths = paths_of_bodies(ctx)
    taken = {"lines", "clocks", "steps", "plate", "driver", "driver_phone", "rerouted_from_name"}
    prefixes: tuple[str, ...] = (
        "incident_n",
        "instruction_n",
        "instruction_d",
        "shipment_n",
        "owner_",
        "custodian_",
        "origin_",
    )
    prefixes += ("receiver_organisation_", "delivery_", "call_off_n", "contract_", "supplier_")
    own = [name for name in ConsignmentRow.__dataclass_fields__ if name not in taken and not name.startswith(prefixes)]
    found = []
    for row, head, shipment, incident, owner, custodian, receiver, origin, delivery, former, *called in rows:
        vehicle = vehicles.get(shipment.vehicle_id) if shipment else None
        goods = tuple(lines.get(row.id, ()))
        found.append(
            ConsignmentRow(
                **{name: getattr(row, name) for name in own},
                instruction_number=head.number,
                instruction_document_number=head.document_number,
                shipment_number=shipment.number if shipment else "",
                plate=vehicle.plate if vehicle else "",
                driver=vehicle.driver if vehicle else "",
                driver_phone=vehicle.driver_phone if vehicle else "",
                incident_number=incident.number,
                incident_name=incident.name,
                owner_name=owner.name,
                custodian_name=custodian.name,
                receiver_organisation_name=receiver.name,
                origin_code=origin.code,
                origin_name=origin.name,
                delivery_code=delivery.code,
                delivery_name=delivery.name,
                delivery_contact=delivery.contact,
                delivery_phone=delivery.phone,
                rerouted_from_name=former or "",
                call_off_number=called[0] or "",
                contract_number=called[1] or "",
                supplier_name=called[2] or "",
                lines=goods,
                clocks=_consignment_clocks(ctx, row),
                steps=_consignment_steps(ctx, row, goods, paths),
            )
        )
    return found


def _consignment_clocks(ctx: Context, row: Consignment) -> tuple[Clock, ...]:
    if row.state in {_S.CANCELLED, _S.RETURNED}:
        return ()
    return (
        clock(ClockKind.LOAD, row.load_by, row.loaded_at, ctx.now),
        clock(ClockKind.ARRIVE, row.planned_arrival_at, row.arrived_at, ctx.now),
    )


def _consignment_steps(
    ctx: Context, row: Consignment, lines: Sequence[ConsignmentLineRow], paths: dict[UUID, str]
) -> tuple[OrderStep, ...]:
    """What the reader may do with it now; the commands decide again."""
    bodies = {
        OrderStep.ACCEPT: () if row.call_off_id else (row.custodian_id,),  # the supplier's answer to the call-off does
        OrderStep.LOAD: loaders(row),
        OrderStep.DELIVER: (row.receiver_organisation_id,),
        OrderStep.TAKE_BACK: loaders(row),
        OrderStep.CANCEL: (row.incident_organisation_id, row.owner_id),
        OrderStep.REROUTE: (row.incident_organisation_id,),
    }

    def may(step: OrderStep, permission: Permission) -> bool:
        return any(ctx.principal.holds_at(permission, paths[body]) for body in bodies[step])

    steps = [
        step
        for step, (permission, target) in _WHO.items()
        if target in CONSIGNMENT_STEPS[row.state] and may(step, permission)
    ]
    if row.state is _S.DELIVERED and not row.ended_because and any(line.refused for line in lines):
        steps += [OrderStep.TAKE_BACK] if may(OrderStep.TAKE_BACK, Permission.ORDERS_LOAD) else []
    if row.state in {_S.LOADED, _S.IN_TRANSIT} and may(OrderStep.REROUTE, Permission.ORDERS_CANCEL):
        steps.append(OrderStep.REROUTE)
    return tuple(steps)


def _ran_out(hold: Reservation | None) -> bool:
    return hold is not None and hold.closed_at is not None and hold.closed_at >= hold.expires_at and not hold.fulfilled


def _lines(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[ConsignmentLineRow]]:
    """Their lines with lot, item and shelf, in order."""
    rows = ctx.session.execute(
        select(ConsignmentLine, Lot, Item, Location.name, Reservation)
        .outerjoin(Reservation, Reservation.id == ConsignmentLine.reservation_id)
        .outerjoin(Lot, Lot.id == ConsignmentLine.lot_id)
        .join(Item, Item.id == ConsignmentLine.item_id)
        .join(Location, Location.id == ConsignmentLine.location_id)
        .where(ConsignmentLine.consignment_id.in_(ids))
        .order_by(ConsignmentLine.consignment_id, ConsignmentLine.line_no)
    )
    own = {
        "id",
        "line_no",
        "quantity",
        "shortened",
        "due",
        "turn_reason",
        "loaded",
        "good",
        "damaged",
        "refused",
        "short",
    }
    found: dict[UUID, list[ConsignmentLineRow]] = {}
    listed: list[Any] = list(rows)
    said = statuses_of(ctx, {row[1].id for row in listed if row[1] is not None})
    for line, lot, item, place, hold in listed:
        status = said.get(lot.id) if lot is not None else None
        is_fetched = line.call_off_item_id is not None
        found.setdefault(line.consignment_id, []).append(
            ConsignmentLineRow(
                **{name: getattr(line, name) for name in own},
                sku=item.sku,
                item_name=item.name,
                spec=item.spec,
                unit=item.unit,
                pack_quantity=item.pack_quantity,
                lot_number=lot.number if lot else "",
                expires_on=lot.expires_on if lot else None,
                location_name="" if is_fetched else place,
                lot_state=status.state if status else LotState.NORMAL,
                lot_reason=status.reason if status else "",
                quantity_held=hold.quantity if hold else line.quantity,
                held=hold.open_quantity if hold else line.due,
                taken=hold.taken if hold else 0,
                held_until=hold.expires_at if hold else None,
                is_expired=_ran_out(hold),
            )
        )
    return found
