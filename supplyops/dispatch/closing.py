"""Orders end with the last thing that was ordered: a shipment with its last consignment, an instruction with its last
consignment and call-off."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from supplyops.contracts.rules import CallOffState
from supplyops.contracts.tables import CallOff
from supplyops.dispatch.rules import ConsignmentState, InstructionState, ShipmentState
from supplyops.dispatch.tables import Consignment, ConsignmentLine, ReleaseInstruction, Shipment
from supplyops.fleet.commands import set_vehicle_state
from supplyops.fleet.rules import VehicleState
from supplyops.papers.commands import void
from supplyops.planning import commands as planning
from supplyops.runtime import Context, unscoped

_ENDED = (ConsignmentState.DELIVERED, ConsignmentState.RETURNED, ConsignmentState.CANCELLED)
_CALL_OFF_ENDED = (CallOffState.RECEIVED, CallOffState.CLOSED, CallOffState.REFUSED, CallOffState.CANCELLED)
_NOTHING_CAME = (CallOffState.REFUSED, CallOffState.CANCELLED)


def shipment_of(ctx: Context, row: Consignment) -> Shipment:
    """The trip a consignment travels on."""
    shipment = (
        ctx.session.get(Shipment, row.shipment_id, execution_options={"unscoped": True}) if row.shipment_id else None
    )
    assert shipment is not None, "stock travels on a vehicle"
    return shipment


def consignments_on(ctx: Context, shipment: Shipment) -> list[Consignment]:
    """Everything that was ordered for a trip, whoever owns it."""
    rows = unscoped(
        select(Consignment).where(Consignment.shipment_id == shipment.id).order_by(Consignment.number),
        "owners share a trip",
    )
    return list(ctx.session.scalars(rows))


def lines_of(ctx: Context, row: Consignment) -> list[ConsignmentLine]:
    """A consignment's lines in order."""
    found = select(ConsignmentLine).where(ConsignmentLine.consignment_id == row.id).order_by(ConsignmentLine.line_no)
    return list(ctx.session.scalars(found))


def close_if_done(ctx: Context, row: Consignment) -> None:
    """Close the trip and the instruction of a consignment that has just ended, if it was their last."""
    ctx.session.flush()  # this consignment's new state counts
    shipment = shipment_of(ctx, row)
    if shipment.closed_at is None and all(_is_over(ctx, other) for other in consignments_on(ctx, shipment)):
        went = shipment.departed_at is not None
        shipment.state, shipment.closed_at = (ShipmentState.CLOSED if went else ShipmentState.CANCELLED), ctx.now
        if went:
            set_vehicle_state(ctx, shipment.vehicle_id, VehicleState.READY)
        planning.end_trip(ctx, shipment.plan_id, shipment.trip_no)
    close_instruction_if_done(ctx, row.instruction_id, row.ended_because)


def close_instruction_if_done(ctx: Context, instruction_id: UUID, because: str) -> None:
    """End an instruction when nothing of it is still to come; its paper is void when nothing of it was done."""
    ctx.session.flush()  # what has just ended counts
    instruction = ctx.session.get(ReleaseInstruction, instruction_id, execution_options={"unscoped": True})
    assert instruction is not None
    goods = list(
        ctx.session.scalars(
            unscoped(
                select(Consignment).where(Consignment.instruction_id == instruction.id),
                "an instruction has many consignees",
            )
        )
    )
    calls = list(
        ctx.session.scalars(
            unscoped(select(CallOff.state).where(CallOff.cause_id == instruction.id), "and many suppliers")
        )
    )
    if not all(_is_over(ctx, other) for other in goods) or not all(state in _CALL_OFF_ENDED for state in calls):
        return
    nothing_done = all(other.state is ConsignmentState.CANCELLED for other in goods) and all(
        state in _NOTHING_CAME for state in calls
    )
    instruction.state = InstructionState.CANCELLED if nothing_done else InstructionState.DONE
    if nothing_done:
        instruction.ended_because = because
        void(ctx, instruction.id, because)


def _is_over(ctx: Context, row: Consignment) -> bool:
    """Nothing more can happen to it; refused goods that are still on the vehicle keep it open."""
    if row.state is ConsignmentState.DELIVERED and not row.ended_because:
        return not any(line.refused for line in lines_of(ctx, row))
    return row.state in _ENDED
