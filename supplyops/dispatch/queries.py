"""Reading orders: instructions, consignments, shipments, differences, what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.contracts.rules import CallOffState
from supplyops.contracts.tables import CallOff, CallOffItem, ContractLine
from supplyops.dispatch.reach import trips_in_reach
from supplyops.dispatch.rules import (
    CONSIGNMENT_STEPS,
    Clock,
    ClockKind,
    ConsignmentState,
    InstructionState,
    OrderStep,
    ShipmentState,
    clock,
)
from supplyops.dispatch.tables import Consignment, ConsignmentLine, Discrepancy, ReleaseInstruction, Shipment
from supplyops.dispatch.views import (
    ConsignmentLineRow,
    ConsignmentRow,
    DiscrepancyRow,
    ExpectedRow,
    InstructionRow,
    OrderFilter,
    ShipmentRow,
)
from supplyops.fleet import queries as fleet
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation
from supplyops.places.tables import Location, Site
from supplyops.planning.tables import Plan
from supplyops.runtime import ORGANISATION, Context, also_showing, query, unscoped
from supplyops.stock.tables import Lot

PAGE = 50
Rows = Select[*tuple[Any, ...]]
EVERYTHING = OrderFilter()

_Owner, _Custodian, _Receiver = aliased(Organisation), aliased(Organisation), aliased(Organisation)
_Origin, _Delivery, _Former = aliased(Site), aliased(Site), aliased(Site)
_S = ConsignmentState
_OPEN = (_S.ORDERED, _S.ACCEPTED, _S.LOADED, _S.IN_TRANSIT)
_OPEN_TRIPS = (ShipmentState.PLANNED, ShipmentState.LOADING, ShipmentState.DEPARTED)


@query(Permission.ORDERS_SEE)
def instructions(
    ctx: Context, where: OrderFilter = EVERYTHING, offset: int = 0, limit: int = PAGE
) -> list[InstructionRow]:
    """Release instructions in reach, newest first."""
    statement = (
        _instructions(ctx, where)
        .order_by(ReleaseInstruction.approved_at.desc(), ReleaseInstruction.number.desc())
        .offset(offset)
        .limit(limit)
    )
    rows = ctx.session.execute(also_showing(statement, Incident, Plan)).all()
    counts = _deliveries(ctx, [row[0].id for row in rows])
    return [_instruction_row(ctx, *row, *counts.get(row[0].id, (0, 0, True))) for row in rows]


@query(Permission.ORDERS_SEE)
def count_instructions(ctx: Context, where: OrderFilter = EVERYTHING) -> int:
    """How many there are."""
    return _count(ctx, _instructions(ctx, where), Incident, Plan)


@query(Permission.ORDERS_SEE)
def instruction(ctx: Context, reference: str) -> InstructionRow:
    """One release instruction by number, document number or id."""
    known = _instructions(ctx, EVERYTHING).where(
        or_(
            _named(ReleaseInstruction, reference),
            ReleaseInstruction.document_number == reference,
        )
    )
    row = ctx.session.execute(also_showing(known, Incident, Plan)).one_or_none()
    if row is None:
        raise NotFound("release_instruction", reference=reference)
    return _instruction_row(ctx, *row, *_deliveries(ctx, [row[0].id]).get(row[0].id, (0, 0, True)))


def _instructions(ctx: Context, where: OrderFilter) -> Rows:
    statement: Rows = (
        select(ReleaseInstruction, Incident, Plan.number, _Owner)
        .join(Incident, Incident.id == ReleaseInstruction.incident_id)
        .join(Plan, Plan.id == ReleaseInstruction.plan_id)
        .join(_Owner, _Owner.id == ReleaseInstruction.owner_id)
    )
    table = ReleaseInstruction
    conditions: list[ColumnElement[bool]] = []
    if where.incident_id is not None:
        conditions.append(table.incident_id == where.incident_id)
    if where.state:
        conditions.append(table.state == where.state)
    if where.only_open:
        conditions.append(table.state == InstructionState.ISSUED)
    if where.only_overdue:
        waiting = (
            select(Consignment.id)
            .where(Consignment.instruction_id == table.id, Consignment.state.in_(_OPEN))
            .correlate(table)
        )
        late_goods = (table.arrive_by < ctx.now) & (table.state == InstructionState.ISSUED) & waiting.exists()
        late_paper = (table.paper_due_at < ctx.now) & table.paper_signed_at.is_(None)
        conditions.append(or_(late_goods, late_paper))
    if where.text:
        conditions.append(
            or_(
                table.number.contains(where.text, autoescape=True),
                table.document_number.contains(where.text, autoescape=True),
                _Owner.name.contains(where.text, autoescape=True),
            )
        )
    return statement.where(*conditions)


def _deliveries(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int, bool]]:
    """Instruction -> (consignments, delivered ones, all loaded)."""
    found: dict[UUID, tuple[int, int, bool]] = {}
    rows = unscoped(
        select(Consignment.instruction_id, Consignment.state).where(Consignment.instruction_id.in_(ids)),
        "the instructions are in reach",
    )
    for instruction_id, state in ctx.session.execute(rows):
        total, delivered, loaded = found.get(instruction_id, (0, 0, True))
        found[instruction_id] = (
            total + 1,
            delivered + (state is _S.DELIVERED),
            loaded and state not in {_S.ORDERED, _S.ACCEPTED},
        )
    return found


def _instruction_row(
    ctx: Context, row: ReleaseInstruction, incident: Incident, plan_number: str, owner: Organisation, *counts: Any
) -> InstructionRow:
    total, delivered, _ = counts
    clocks: list[Clock] = []
    if row.paper_due_at is not None:
        clocks.append(clock(ClockKind.PAPER, row.paper_due_at, row.paper_signed_at, ctx.now))
    signs = (
        row.paper_due_at is not None
        and row.paper_signed_at is None
        and ctx.principal.decides_for(Permission.PLANS_APPROVE, row.owner_id)
    )
    taken = {"plan_number", "incident_number", "incident_name", "owner_code", "owner_name", "consignments"}
    taken |= {"delivered", "clocks", "steps"}
    return InstructionRow(
        **{name: getattr(row, name) for name in InstructionRow.__dataclass_fields__ if name not in taken},
        plan_number=plan_number,
        incident_number=incident.number,
        incident_name=incident.name,
        owner_code=owner.code,
        owner_name=owner.name,
        consignments=total,
        delivered=delivered,
        clocks=tuple(clocks),
        steps=(OrderStep.SIGN_PAPER,) if signs else (),
    )


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
def count_consignments(ctx: Context, where: OrderFilter = EVERYTHING) -> int:
    """How many there are."""
    return _count(ctx, _consignments(ctx, where), *_SHOWN)


@query(Permission.ORDERS_SEE)
def consignment(ctx: Context, reference: str) -> ConsignmentRow:
    """One consignment by number or id."""
    found = _consignment_rows(ctx, _consignments(ctx, EVERYTHING).where(_named(Consignment, reference)))
    if not found:
        raise NotFound("consignment", reference=reference)
    return found[0]


_SHOWN = (Incident, ReleaseInstruction, Shipment, Site)


def _consignments(ctx: Context, where: OrderFilter) -> Rows:
    statement: Rows = (
        select(
            Consignment, ReleaseInstruction, Shipment, Incident, _Owner, _Custodian, _Receiver, _Origin, _Delivery,
            _Former.name,
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
    )  # fmt: skip
    for column, value in (
        (Consignment.incident_id, where.incident_id),
        (Consignment.instruction_id, where.instruction_id),
        (Consignment.shipment_id, where.shipment_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if where.state:
        statement = statement.where(Consignment.state == where.state)
    if where.only_open:
        statement = statement.where(Consignment.state.in_(_OPEN))
    if where.only_overdue:
        unloaded = Consignment.state.in_((_S.ORDERED, _S.ACCEPTED)) & (ReleaseInstruction.load_by < ctx.now)
        unarrived = Consignment.state.in_(_OPEN) & (Consignment.planned_arrival_at < ctx.now)
        statement = statement.where(or_(unloaded, unarrived))
    if where.site_code:
        statement = statement.where(or_(_Origin.code == where.site_code, _Delivery.code == where.site_code))
    if where.text:
        statement = statement.where(
            or_(*(c.contains(where.text, autoescape=True) for c in (Consignment.number, _Origin.name, _Delivery.name)))
        )
    return statement


def _consignment_rows(ctx: Context, statement: Rows) -> list[ConsignmentRow]:
    rows = ctx.session.execute(also_showing(statement, *_SHOWN)).all()
    lines = _lines(ctx, [row[0].id for row in rows])
    vehicles = fleet.vehicles_by_id(ctx, [row[2].vehicle_id for row in rows if row[2] is not None])
    paths = _paths(ctx)
    taken = {"lines", "clocks", "steps", "load_by", "plate", "driver", "driver_phone", "rerouted_from_name"}
    prefixes: tuple[str, ...] = (
        "incident_n",
        "instruction_n",
        "instruction_d",
        "shipment_n",
        "owner_",
        "custodian_",
        "origin_",
    )
    prefixes += ("receiver_organisation_", "delivery_")
    own = [name for name in ConsignmentRow.__dataclass_fields__ if name not in taken and not name.startswith(prefixes)]
    found = []
    for row, head, shipment, incident, owner, custodian, receiver, origin, delivery, former in rows:
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
                load_by=head.load_by,
                lines=goods,
                clocks=_consignment_clocks(ctx, row, head),
                steps=_consignment_steps(ctx, row, goods, paths),
            )
        )
    return found


def _consignment_clocks(ctx: Context, row: Consignment, head: ReleaseInstruction) -> tuple[Clock, ...]:
    if row.state in {_S.CANCELLED, _S.RETURNED}:
        return ()
    return (
        clock(ClockKind.LOAD, head.load_by, row.loaded_at, ctx.now),
        clock(ClockKind.ARRIVE, row.planned_arrival_at, row.arrived_at, ctx.now),
    )


_WHO: dict[OrderStep, tuple[Permission, ConsignmentState]] = {
    OrderStep.ACCEPT: (Permission.ORDERS_ACCEPT, _S.ACCEPTED),
    OrderStep.LOAD: (Permission.ORDERS_LOAD, _S.LOADED),
    OrderStep.DELIVER: (Permission.ORDERS_DELIVER, _S.DELIVERED),
    OrderStep.TAKE_BACK: (Permission.ORDERS_LOAD, _S.RETURNED),
    OrderStep.CANCEL: (Permission.ORDERS_CANCEL, _S.CANCELLED),
}


def _consignment_steps(
    ctx: Context, row: Consignment, lines: Sequence[ConsignmentLineRow], paths: dict[UUID, str]
) -> tuple[OrderStep, ...]:
    """What the reader may do with it now; the commands decide again."""
    bodies = {
        OrderStep.ACCEPT: (row.custodian_id,),
        OrderStep.LOAD: (row.custodian_id,),
        OrderStep.DELIVER: (row.receiver_organisation_id,),
        OrderStep.TAKE_BACK: (row.custodian_id,),
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


def _lines(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, list[ConsignmentLineRow]]:
    rows = ctx.session.execute(
        select(ConsignmentLine, Lot, Item, Location.name)
        .join(Lot, Lot.id == ConsignmentLine.lot_id)
        .join(Item, Item.id == ConsignmentLine.item_id)
        .join(Location, Location.id == ConsignmentLine.location_id)
        .where(ConsignmentLine.consignment_id.in_(ids))
        .order_by(ConsignmentLine.consignment_id, ConsignmentLine.line_no)
    )
    own = {"id", "line_no", "quantity", "loaded", "good", "damaged", "refused", "short"}
    found: dict[UUID, list[ConsignmentLineRow]] = {}
    for line, lot, item, place in rows:
        found.setdefault(line.consignment_id, []).append(
            ConsignmentLineRow(
                **{name: getattr(line, name) for name in own},
                sku=item.sku,
                item_name=item.name,
                spec=item.spec,
                unit=item.unit,
                pack_quantity=item.pack_quantity,
                lot_number=lot.number,
                expires_on=lot.expires_on,
                location_name=place,
            )
        )
    return found


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
def count_shipments(ctx: Context, where: OrderFilter = EVERYTHING) -> int:
    """How many there are."""
    return _count(ctx, _shipments(ctx, where), Shipment, Incident)


@query(Permission.ORDERS_SEE)
def shipment(ctx: Context, reference: str) -> ShipmentRow:
    """One trip by number or id."""
    found = _shipment_rows(ctx, _shipments(ctx, EVERYTHING).where(_named(Shipment, reference)))
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
    if where.state:
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
    rows = ctx.session.execute(also_showing(statement, Shipment, Incident)).all()
    vehicles = fleet.vehicles_by_id(ctx, [row[0].vehicle_id for row in rows])
    paths, loaded = _paths(ctx), _loaded_on(ctx, [row[0].id for row in rows])
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
    """Shipment -> custodians that have loaded something onto it."""
    rows = select(Consignment.shipment_id, Consignment.custodian_id).where(
        Consignment.shipment_id.in_(ids), Consignment.state == _S.LOADED
    )
    found: dict[UUID | None, list[UUID]] = {}
    for shipment_id, custodian_id in ctx.session.execute(unscoped(rows, "the trips are in reach")):
        found.setdefault(shipment_id, []).append(custodian_id)
    return found


@query(Permission.ORDERS_SEE)
def discrepancies(
    ctx: Context, *, incident_id: UUID | None = None, consignment_id: UUID | None = None
) -> list[DiscrepancyRow]:
    """Differences found at handover of consignments in reach, newest first."""
    statement = (
        select(Discrepancy, Consignment.number, Site.name, Item, Lot.number)
        .join(Consignment, Consignment.id == Discrepancy.consignment_id)
        .join(Site, Site.id == Consignment.delivery_site_id)
        .join(ConsignmentLine, ConsignmentLine.id == Discrepancy.line_id)
        .join(Item, Item.id == ConsignmentLine.item_id)
        .join(Lot, Lot.id == ConsignmentLine.lot_id)
        .order_by(Discrepancy.seq.desc())
    )
    if incident_id is not None:
        statement = statement.where(Consignment.incident_id == incident_id)
    if consignment_id is not None:
        statement = statement.where(Consignment.id == consignment_id)
    return [
        DiscrepancyRow(
            row.seq, row.consignment_id, number, place, item.name, item.unit, lot, row.kind, row.quantity, row.cause,
            row.recorded_at,
        )
        for row, number, place, item, lot in ctx.session.execute(also_showing(statement, Site))
    ]  # fmt: skip


@query(Permission.STOCK_SEE)
def expected(ctx: Context) -> list[ExpectedRow]:
    """What suppliers have promised and not yet brought to the places in reach, the next first."""
    return _coming(
        ctx,
        CallOff.state.in_((CallOffState.CONFIRMED, CallOffState.SHIPPED)),
        CallOffItem.received < CallOffItem.promised,
    )


@query(Permission.STOCK_SEE)
def expected_of(ctx: Context, number: str) -> list[ExpectedRow]:
    """What one call-off brings, or has brought, to the places in reach, whatever its state. Raises NotFound."""
    rows = _coming(ctx, CallOff.number == number)
    if not rows:
        raise NotFound("call_off", reference=number)
    return rows


def _coming(ctx: Context, *which: ColumnElement[bool]) -> list[ExpectedRow]:
    reach = ctx.session.scalars(select(Site.id)).all()
    rows = ctx.session.execute(
        unscoped(
            select(CallOff, CallOffItem, Item, Site, Organisation.name)
            .join(CallOffItem, CallOffItem.call_off_id == CallOff.id)
            .join(ContractLine, ContractLine.id == CallOffItem.contract_line_id)
            .join(Item, Item.id == ContractLine.item_id)
            .join(Site, Site.id == CallOffItem.delivery_site_id)
            .join(Organisation, Organisation.id == CallOff.supplier_id)
            .where(CallOffItem.delivery_site_id.in_(reach), *which)
            .order_by(CallOffItem.due_at, CallOff.number),
            "a place sees what comes to it, whoever ordered it",
        )
    )
    return [
        ExpectedRow(
            head.id, head.number, row.id, head.state, supplier, item.sku, item.name, item.unit, site.code, site.name,
            row.promised, row.received, row.due_at,
        )
        for head, row, item, site, supplier in rows
    ]  # fmt: skip


def _named(kind: Any, reference: str) -> ColumnElement[bool]:
    try:
        return or_(kind.number == reference, kind.id == UUID(reference))
    except ValueError:
        return kind.number == reference  # type: ignore[no-any-return]


def _count(ctx: Context, statement: Rows, *shown: Any) -> int:
    inner = statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return int(ctx.session.scalar(also_showing(inner, *shown)) or 0)


def _paths(ctx: Context) -> dict[UUID, str]:
    return {row.id: row.path for row in ctx.session.execute(select(ORGANISATION.c.id, ORGANISATION.c.path))}
