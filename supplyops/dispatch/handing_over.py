"""Handing over: the receiver signs for what came, and for what came damaged, short, or was refused."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from supplyops.dispatch.closing import close_if_done, lines_of
from supplyops.dispatch.consignments import lot_of, reference_of, step
from supplyops.dispatch.holding import served
from supplyops.dispatch.owing import note_owed
from supplyops.dispatch.rules import ConsignmentState, DiscrepancyKind, HandoverInput, HandoverLine
from supplyops.dispatch.tables import Consignment, ConsignmentLine, Discrepancy
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import NotFound
from supplyops.kernel.ids import derived_id
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.requests.commands import record_fulfilment
from supplyops.runtime import Context, command
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason, Posting
from supplyops.stock.writing import storage_of


@command(Permission.ORDERS_DELIVER)
def deliver(ctx: Context, handover: HandoverInput) -> None:
    """Hand a consignment over. Good goods enter the place's stock; damaged ones its quarantine, or are lost where it has
    none; short ones are lost; refused ones stay on the vehicle until they are returned. Differences need a cause. Raises
    WrongState unless it is on the road, and InvalidInput for what cannot have been found.
    """
    row = ctx.get(Consignment, handover.consignment_id, lock=True)
    ctx.require(Permission.ORDERS_DELIVER, row.receiver_organisation_id)
    step(row, ConsignmentState.DELIVERED)
    lines = lines_of(ctx, row)
    found = _found(ctx, handover, row, lines)
    store = storage_of(ctx, row.delivery_site_id)
    damaged_to, damage_reason = _place_of_damaged(ctx, row.delivery_site_id)
    lost = virtual_location_id(LocationKind.LOST)
    _post(ctx, row, "good", MoveReason.DELIVERY, [(line, store.id, found[line.id].good) for line in lines], handover)
    _post(ctx, row, "damaged", damage_reason, [(line, damaged_to, found[line.id].damaged) for line in lines], handover)
    short = {
        line.id: line.loaded - found[line.id].good - found[line.id].damaged - found[line.id].refused for line in lines
    }
    _post(ctx, row, "short", MoveReason.LOSS, [(line, lost, short[line.id]) for line in lines], handover)
    for line in lines:
        seen = found[line.id]
        line.good, line.damaged, line.refused, line.short = seen.good, seen.damaged, seen.refused, short[line.id]
        arrived = served(line, seen.good)
        record_fulfilment(ctx, line.request_line_id, delivered=arrived, approved=arrived - served(line, line.loaded))
        _note_differences(ctx, row, line, handover.cause)
    row.arrived_at, row.delivered_at = handover.arrived_at, ctx.now
    row.receiver, row.receiver_position, row.receiver_phone = handover.receiver, handover.position, handover.phone
    row.is_seal_intact = handover.is_seal_intact
    note_owed(ctx, row, lines)
    close_if_done(ctx, row)
    ctx.about("consignment", row.id, row.number, short=sum(short.values()))


def _found(
    ctx: Context, handover: HandoverInput, row: Consignment, lines: Sequence[ConsignmentLine]
) -> dict[UUID, HandoverLine]:
    """What was found of each line; one that was not named came as it was loaded. Raises InvalidInput for more than was
    loaded, a line named twice, a difference without a cause, an hour in the future or before the vehicle left."""
    named = {line.line_id: line for line in handover.lines}
    check = Checks()
    check.that(set(named) <= {line.id for line in lines}, "lines", "unknown_reference")
    check.that(len(named) == len(handover.lines), "lines", "repeated_line")
    found = {line.id: named.get(line.id, HandoverLine(line.id, line.loaded)) for line in lines}
    differs = False
    for line in lines:
        seen = found[line.id]
        total = seen.good + seen.damaged + seen.refused
        check.that(
            total <= line.loaded, f"lines.{line.line_no - 1}.good", "more_than_loaded", value=total, maximum=line.loaded
        )
        differs = differs or seen.good < line.loaded
    check.text("cause", handover.cause, length_max=400, required=differs)
    assert row.departed_at is not None
    check.that(handover.arrived_at <= ctx.now, "arrived_at", "in_the_future")
    check.that(
        handover.arrived_at >= row.departed_at,
        "arrived_at",
        "before_last_step",
        last=f"{beijing(row.departed_at):%m-%d %H:%M}",
    )
    check.done()
    return found


def _place_of_damaged(ctx: Context, site_id: UUID) -> tuple[UUID, MoveReason]:
    """Where damaged goods go, and as what."""
    try:
        return storage_of(ctx, site_id, LocationKind.QUARANTINE).id, MoveReason.DELIVERY
    except NotFound:
        return virtual_location_id(LocationKind.LOST), MoveReason.LOSS


def _post(
    ctx: Context,
    row: Consignment,
    what: str,
    reason: MoveReason,
    parts: Sequence[tuple[ConsignmentLine, UUID, int]],
    handover: HandoverInput,
) -> None:
    """Post each line's amount (base units) from the road to its place; nothing where all of them are 0."""
    legs = tuple(Leg(lot_of(line), row.transit_id, target, amount) for line, target, amount in parts if amount)
    if legs:
        posting = Posting(
            derived_id("deliver", row.id, what), reason, legs, reference_of(row), handover.arrived_at,
            note=handover.cause[:200], incident_id=row.incident_id,
        )  # fmt: skip
        ledger.post(ctx, posting)


def _note_differences(ctx: Context, row: Consignment, line: ConsignmentLine, cause: str) -> None:
    """A row for each way in which a line did not come as it was loaded."""
    amounts = {
        DiscrepancyKind.SHORT: line.short,
        DiscrepancyKind.DAMAGED: line.damaged,
        DiscrepancyKind.REFUSED: line.refused,
    }
    ctx.session.add_all(
        Discrepancy(
            consignment_id=row.id,
            line_id=line.id,
            kind=kind,
            quantity=amount,
            cause=cause,
            recorded_at=ctx.now,
            recorded_by_id=ctx.principal.user_id,
        )
        for kind, amount in amounts.items()
        if amount
    )
