"""Is a plan's part still true? Every line is compared with the books as they are now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.contracts.tables import Contract, ContractLine
from supplyops.dispatch.rules import ChangedLine, ShipmentState
from supplyops.dispatch.tables import Shipment
from supplyops.fleet.rules import VehicleState
from supplyops.fleet.tables import Vehicle
from supplyops.kernel.clock import business_day
from supplyops.people.tables import Organisation
from supplyops.places.worse_roads import roads_worse_since
from supplyops.planning.floors import floors_of
from supplyops.planning.rules import SourceKind, read_at
from supplyops.planning.tables import Plan, PlanLine, PlanTrip
from supplyops.requests.rules import RequestState
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.runtime import Context, unscoped
from supplyops.stock.blocking import states_of
from supplyops.stock.keeping import kept_for
from supplyops.stock.ledger import lock_places
from supplyops.stock.rules import LotState
from supplyops.stock.tables import Lot, StockBalance


def changed_lines(ctx: Context, plan: Plan, owner: Organisation, lines: Sequence[PlanLine]) -> list[ChangedLine]:
    """The lines that can no longer be done as planned: stock, expiry, floor, request, contract, vehicle, road."""
    lot_lines = [line for line in lines if line.source_kind is SourceKind.LOT]
    lock_places(ctx, [line.location_id for line in lot_lines if line.location_id is not None])
    found: dict[int, ChangedLine] = {}
    checks = (
        _stock(ctx, plan, lot_lines),
        _floors(ctx, plan, owner, lot_lines),
        _requests(ctx, lines),
        _contracts(ctx, [line for line in lines if line.source_kind is SourceKind.CONTRACT]),
        _trips(ctx, plan, lines),
    )
    names = {
        item.id: item.name
        for item in ctx.session.scalars(select(Item).where(Item.id.in_({line.item_id for line in lines})))
    }
    for check in checks:
        for line, code, available in check:
            found.setdefault(
                line.line_no, ChangedLine(line.line_no, names[line.item_id], code, line.quantity, available)
            )
    return [found[line_no] for line_no in sorted(found)]


Change = tuple[PlanLine, str, int]


def _stock(ctx: Context, plan: Plan, lines: Sequence[PlanLine]) -> Iterator[Change]:
    kept = kept_for(ctx, plan.incident_id)
    keys = {(line.location_id, line.lot_id) for line in lines}
    rows = ctx.session.execute(
        unscoped(
            select(StockBalance, Lot.expires_on)
            .join(Lot, Lot.id == StockBalance.lot_id)
            .where(
                StockBalance.location_id.in_({key[0] for key in keys}),
                StockBalance.lot_id.in_({key[1] for key in keys}),
            )
            .execution_options(populate_existing=True),
            "the owner decides on goods wherever they are kept",
        )
    )
    left: dict[tuple[UUID | None, UUID | None], int] = {}
    expiry = {}
    for balance, expires_on in rows:
        key = (balance.location_id, balance.lot_id)
        left[key] = balance.on_hand - balance.reserved + kept.get(key, 0)
        expiry[balance.lot_id] = expires_on
    states = states_of(ctx, {line.lot_id for line in lines if line.lot_id is not None})
    blocked = {lot_id for lot_id, state in states.items() if state is not LotState.NORMAL}
    for line in lines:
        wanted = (line.location_id, line.lot_id)
        available = left.get(wanted, 0)
        if available < line.quantity:
            yield line, "stock", available
        left[wanted] = max(available - line.quantity, 0)
        expires_on = expiry.get(line.lot_id) if line.lot_id else None
        if expires_on is not None and expires_on < business_day(line.arrives_at):
            yield line, "expired", 0
        if line.lot_id in blocked:
            yield line, "blocked", 0


def _floors(ctx: Context, plan: Plan, owner: Organisation, lines: Sequence[PlanLine]) -> Iterator[Change]:
    """Stock below a floor may not be used without an order, whoever lowered it since."""
    wanted: dict[tuple[UUID, UUID], list[PlanLine]] = defaultdict(list)
    for line in lines:
        wanted[line.origin_site_id, line.item_id].append(line)
    for floor in floors_of(ctx, plan.incident_id, owner.id, list(wanted)):
        usable = floor.available - floor.quantity
        for line in wanted[floor.site_id, floor.item_id]:
            if line.quantity > usable:
                yield line, "floor", max(usable, 0)
            usable -= line.quantity


def _requests(ctx: Context, lines: Sequence[PlanLine]) -> Iterator[Change]:
    ids = {line.request_line_id for line in lines}
    rows = ctx.session.execute(
        unscoped(
            select(SupplyRequestLine, SupplyRequest.state)
            .join(SupplyRequest, SupplyRequest.id == SupplyRequestLine.request_id)
            .where(SupplyRequestLine.id.in_(ids))
            .order_by(SupplyRequestLine.id)
            .with_for_update()
            .execution_options(populate_existing=True),
            "a plan's lines were asked for by others",
        )
    )
    open_quantity = {row.id: (max(row.accepted - row.approved, 0), state) for row, state in rows}
    for line in lines:
        left, state = open_quantity[line.request_line_id]
        if state is not RequestState.ACCEPTED:
            yield line, "request_ended", 0
        elif left < line.serves:
            yield line, "request_met", left
        open_quantity[line.request_line_id] = (max(left - line.serves, 0), state)


def _contracts(ctx: Context, lines: Sequence[PlanLine]) -> Iterator[Change]:
    today = business_day(ctx.now)
    left: dict[UUID, int] = {}
    for line in lines:
        assert line.contract_line_id is not None
        contract_line = ctx.session.get(ContractLine, line.contract_line_id, with_for_update=True)
        assert contract_line is not None
        contract = ctx.session.get(Contract, contract_line.contract_id, execution_options={"unscoped": True})
        assert contract is not None
        remaining = left.setdefault(contract_line.id, contract_line.remaining)
        if not contract.valid_from <= today <= contract.valid_to:
            yield line, "contract_ended", 0
        elif remaining < line.quantity:
            yield line, "contract", remaining
        left[contract_line.id] = max(remaining - line.quantity, 0)


def _trips(ctx: Context, plan: Plan, lines: Sequence[PlanLine]) -> Iterator[Change]:
    """The vehicle must still be free for the trip, and every road of the trip still be open."""
    numbers = {line.trip_no for line in lines if line.trip_no is not None}
    trips = ctx.session.scalars(select(PlanTrip).where(PlanTrip.plan_id == plan.id, PlanTrip.trip_no.in_(numbers)))
    problems = {
        trip.trip_no: _trip_problem(ctx, plan, trip) for trip in sorted(trips, key=lambda trip: str(trip.vehicle_id))
    }
    for line in lines:
        problem = problems.get(line.trip_no) if line.trip_no is not None else None
        if problem:
            yield line, problem, 0


def _trip_problem(ctx: Context, plan: Plan, trip: PlanTrip) -> str:
    """What keeps a trip from going. The vehicle is locked: two plans may not both find it free."""
    locked = select(Vehicle).where(Vehicle.id == trip.vehicle_id).with_for_update()
    vehicle = ctx.session.scalars(
        unscoped(locked.execution_options(populate_existing=True), "a plan may borrow vehicles")
    ).one()
    if vehicle.state is VehicleState.OUT:
        return "vehicle_out"
    own = select(Shipment.state).where(Shipment.plan_id == plan.id, Shipment.trip_no == trip.trip_no)
    state = ctx.session.scalar(unscoped(own, "another owner's part may have made it already"))
    if state not in {None, ShipmentState.PLANNED, ShipmentState.LOADING}:
        return "trip_over"
    others = select(Shipment.id).where(
        Shipment.vehicle_id == trip.vehicle_id,
        Shipment.plan_id != plan.id,
        Shipment.state.in_([ShipmentState.PLANNED, ShipmentState.LOADING, ShipmentState.DEPARTED]),
        Shipment.planned_departure_at < trip.returns_at,
        Shipment.planned_return_at > trip.departs_at,
    )
    if ctx.session.scalar(unscoped(others.limit(1), "a vehicle goes one way at a time")) is not None:
        return "vehicle_busy"
    driven = {code for stop in trip.stops for code in stop["roads"]}
    return "" if driven.isdisjoint(roads_worse_since(ctx, read_at(plan.options, plan.created_at))) else "road"
