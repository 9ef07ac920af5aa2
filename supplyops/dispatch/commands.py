"""Carrying orders out: the custodian accepts, the store loads, the vehicle leaves; or the goods go elsewhere, or come back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.dispatch import fetching, order_papers, transport_papers
from supplyops.dispatch.closing import close_if_done, consignments_on, lines_of, shipment_of
from supplyops.dispatch.consignments import lot_of, reference_of, step
from supplyops.dispatch.holding import holds_of, left_to_load, refuse_out_of_turn, served
from supplyops.dispatch.reach import loaders, shipment_in_reach
from supplyops.dispatch.rules import (
    ConsignmentState,
    LoadInput,
    ShipmentState,
)
from supplyops.dispatch.tables import Consignment, ConsignmentLine
from supplyops.fleet.commands import set_vehicle_state
from supplyops.fleet.rules import VehicleState
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.papers.commands import void
from supplyops.papers.contents import Signed
from supplyops.places.tables import Site
from supplyops.requests.commands import record_fulfilment
from supplyops.runtime import Context, command
from supplyops.stock import ledger
from supplyops.stock.blocking import refuse_blocked
from supplyops.stock.rules import Leg, MoveReason, Posting
from supplyops.stock.tables import Lot
from supplyops.stock.writing import storage_of


@command(Permission.ORDERS_ACCEPT)
def accept(ctx: Context, consignment_id: UUID) -> None:
    """The custodian takes the order; picking may start. Where goods are fetched at a supplier's, its answer to the call-off does."""
    row = _consignment(ctx, consignment_id)
    ctx.require(Permission.ORDERS_ACCEPT, row.custodian_id)
    if row.call_off_id is not None:
        raise Conflict("answered_by_supplier", number=row.number)
    step(row, ConsignmentState.ACCEPTED)
    row.accepted_at, row.accepted_by_name = ctx.now, ctx.principal.name
    ctx.about("consignment", row.id, row.number)


@command(Permission.ORDERS_LOAD)
def load(ctx: Context, loading: LoadInput) -> None:
    """Put a consignment on its vehicle: the goods leave the shelf for the road, the rest of the hold is given back.

    Never more than was approved. What could not be loaded needs a reason and is open again for the next plan. Where the
    hold has run out the goods come from what is free: InsufficientStock if somebody else was given them.

    At a supplier's the goods become lots of the buyer's as they are loaded, by its keepers or dispatchers or by the supplier.
    """
    row = _consignment(ctx, loading.consignment_id)
    _require_loader(ctx, row)
    fetching.require_confirmed(ctx, row)
    step(row, ConsignmentState.LOADED)
    lines = lines_of(ctx, row)
    amounts = _checked_amounts(ctx, row, loading, lines)
    going = [line for line in lines if amounts[line.id]]
    if not going:
        raise InvalidInput(fields=(FieldError("loaded", "nothing_loaded"),))
    late: frozenset[UUID] = frozenset()
    if row.call_off_id is not None:
        fetching.take_over(ctx, row, loading, lines, amounts)
    else:
        late = refuse_out_of_turn(ctx, row, going, loading.turn_reason)
    legs = tuple(Leg(lot_of(line), line.location_id, row.transit_id, amounts[line.id]) for line in going)
    fulfils = _still_held(ctx, lines, amounts)
    posting = Posting(
        derived_id("load", row.id), MoveReason.DISPATCH, legs, reference_of(row), ctx.now,
        note=loading.turn_reason if late else "", incident_id=row.incident_id,
    )  # fmt: skip
    ledger.post(ctx, posting, fulfils)
    for line in lines:
        line.loaded = amounts[line.id]
        line.turn_reason = loading.turn_reason if line.id in late else ""
        part = served(line, line.loaded)
        record_fulfilment(ctx, line.request_line_id, loaded=part, approved=part - served(line, line.due))
        if line.loaded < line.quantity and line.reservation_id is not None:
            ledger.release(ctx, line.reservation_id)
    row.loaded_at = ctx.now
    shipment = shipment_of(ctx, row)
    shipment.state = ShipmentState.LOADING
    shipment.seal_number = loading.seal_number or shipment.seal_number
    ctx.session.flush()  # the note is written from the rows
    transport_papers.issue_issue_note(ctx, row, loading.short_reason)
    ctx.about("consignment", row.id, row.number, short=sum(line.due - line.loaded for line in lines))


def _still_held(ctx: Context, lines: Sequence[ConsignmentLine], amounts: dict[UUID, int]) -> dict[UUID, int]:
    """How much of what is loaded the holds still cover; a hold that has run out covers nothing."""
    holds = holds_of(ctx, lines)
    covered = {
        hold.id: min(hold.open_quantity, amounts[line.id])
        for line in lines
        if (hold := holds.get(line.reservation_id)) is not None
    }
    return {reservation_id: amount for reservation_id, amount in covered.items() if amount}


def _require_loader(ctx: Context, row: Consignment) -> None:
    """Raise Forbidden unless one of the bodies that may load is the actor's."""
    if not any(ctx.may(Permission.ORDERS_LOAD, body) for body in loaders(row)):
        ctx.require(Permission.ORDERS_LOAD, row.custodian_id)


def _checked_amounts(
    ctx: Context, row: Consignment, loading: LoadInput, lines: Sequence[ConsignmentLine]
) -> dict[UUID, int]:
    left = left_to_load(ctx, lines)
    check = Checks()
    known = {line.id for line in lines}
    check.that(set(loading.loaded) <= known, "loaded", "unknown_reference")
    described = {each.line_id for each in loading.goods}
    right = (
        described <= known and len(described) == len(loading.goods) and (row.call_off_id is not None or not described)
    )
    check.that(right, "goods", "unknown_reference")
    amounts = {line.id: loading.loaded.get(line.id, left[line.id]) for line in lines}
    for line in lines:
        check.whole(f"loaded.{line.id}", amounts[line.id], maximum=left[line.id])
    is_short = any(amounts[line.id] < line.due for line in lines)
    check.text("short_reason", loading.short_reason, required=is_short)
    check.done()
    return amounts


@command(Permission.ORDERS_LOAD)
def depart(ctx: Context, shipment_id: UUID) -> None:
    """The vehicle leaves with everything that is on it. What was ordered for it and is not loaded must be cancelled first.

    Any store that has loaded it may let it go. Raises WrongState with nothing on it, Conflict `not_all_loaded`.
    """
    shipment = shipment_in_reach(ctx, shipment_id, lock=True)
    consignments = consignments_on(ctx, shipment)
    waiting = [row.number for row in consignments if row.state in {ConsignmentState.ORDERED, ConsignmentState.ACCEPTED}]
    loaded = [row for row in consignments if row.state is ConsignmentState.LOADED]
    if shipment.state is not ShipmentState.LOADING or not loaded:
        raise WrongState("shipment", shipment.state.value, ShipmentState.LOADING.value)
    if not any(ctx.may(Permission.ORDERS_LOAD, body) for row in loaded for body in loaders(row)):
        ctx.require(Permission.ORDERS_LOAD, loaded[0].custodian_id)
    if waiting:
        raise Conflict("not_all_loaded", numbers="、".join(waiting))
    on_board = [line.lot_id for row in loaded for line in lines_of(ctx, row) if line.loaded]
    refuse_blocked(ctx, ctx.session.scalars(select(Lot).where(Lot.id.in_(on_board))))
    shipment.state, shipment.departed_at = ShipmentState.DEPARTED, ctx.now
    set_vehicle_state(ctx, shipment.vehicle_id, VehicleState.ON_TRIP)
    for row in loaded:
        step(row, ConsignmentState.IN_TRANSIT)
        row.departed_at = ctx.now
    ctx.session.flush()  # the paper is written from the rows
    transport_papers.issue_handover(ctx, shipment, Signed(ctx.principal.name, ctx.now))
    ctx.about("shipment", shipment.id, shipment.number)


@command(Permission.ORDERS_LOAD)
def take_back(ctx: Context, consignment_id: UUID, because: str) -> None:
    """Goods come back to the store they left, or to the supplier: a whole consignment that was not delivered, or what was refused."""
    row = _consignment(ctx, consignment_id)
    _require_loader(ctx, row)
    _need_reason(because)
    lines = lines_of(ctx, row)
    if row.state is ConsignmentState.DELIVERED:
        amounts = {line.id: line.refused for line in lines}
        if not any(amounts.values()) or row.ended_because:
            raise WrongState("consignment", row.state.value, ConsignmentState.IN_TRANSIT.value)
    else:
        step(row, ConsignmentState.RETURNED)
        amounts = {line.id: line.loaded for line in lines}
        for line in lines:
            part = served(line, line.loaded)
            record_fulfilment(ctx, line.request_line_id, approved=-part, loaded=-part)
    legs = tuple(
        Leg(lot_of(line), row.transit_id, line.location_id, amounts[line.id]) for line in lines if amounts[line.id]
    )
    if row.call_off_id is not None:
        fetching.give_back(ctx, row, lines, amounts, because)
    posting_id = derived_id("return", row.id, row.state.value)
    ledger.post(
        ctx,
        Posting(
            posting_id, MoveReason.RETURN, legs, reference_of(row), ctx.now, note=because, incident_id=row.incident_id
        ),
    )
    row.ended_because = because
    close_if_done(ctx, row)
    ctx.about("consignment", row.id, row.number)


@command(Permission.ORDERS_CANCEL)
def reroute(ctx: Context, consignment_id: UUID, site_code: str, because: str) -> None:
    """Send a loaded consignment somewhere else (改派). Its slip, and on the road the vehicle's paper, get a new version."""
    row = _consignment(ctx, consignment_id)
    ctx.require(Permission.ORDERS_CANCEL, row.incident_organisation_id)
    _need_reason(because)
    if row.state not in {ConsignmentState.LOADED, ConsignmentState.IN_TRANSIT}:
        raise WrongState("consignment", row.state.value, ConsignmentState.IN_TRANSIT.value)
    site = ctx.session.scalars(select(Site).where(Site.code == site_code)).one_or_none()
    if site is None or site.id == row.delivery_site_id:
        raise InvalidInput(fields=(FieldError("site_code", "unknown_reference", {"value": site_code}),))
    storage_of(ctx, site.id)
    row.rerouted_from_id = row.rerouted_from_id or row.delivery_site_id
    row.delivery_site_id, row.receiver_organisation_id = site.id, site.organisation_id
    ctx.session.flush()  # the slip is written from the row
    order_papers.issue_slip(ctx, row, note=f"改派:{because}")
    if row.state is ConsignmentState.IN_TRANSIT:
        transport_papers.issue_handover(ctx, shipment_of(ctx, row), None, note=f"{row.number}改派:{because}")
    ctx.about("consignment", row.id, row.number, to=site.code)


@command(Permission.ORDERS_CANCEL)
def cancel(ctx: Context, consignment_id: UUID, because: str) -> None:
    """Cancel an order that is not loaded yet: the stock or the contract is free again, the need is open again, the slip is void."""
    row = _consignment(ctx, consignment_id)
    if not ctx.may(Permission.ORDERS_CANCEL, row.incident_organisation_id):
        ctx.require(Permission.ORDERS_CANCEL, row.owner_id)
    _need_reason(because)
    step(row, ConsignmentState.CANCELLED)
    if row.call_off_id is not None:
        fetching.drop(ctx, row, because)
    for line in lines_of(ctx, row):
        if line.reservation_id is not None:
            ledger.release(ctx, line.reservation_id)
        record_fulfilment(ctx, line.request_line_id, approved=-served(line, line.due))
    row.ended_because = because
    void(ctx, row.id, because)
    close_if_done(ctx, row)
    ctx.about("consignment", row.id, row.number)


def _consignment(ctx: Context, consignment_id: UUID) -> Consignment:
    return ctx.get(Consignment, consignment_id, lock=True)


def _need_reason(because: str) -> None:
    check = Checks()
    check.text("because", because)
    check.done()
