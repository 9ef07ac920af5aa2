"""Carrying a transfer out: loading and leaving, and coming back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import WrongState
from supplyops.kernel.ids import derived_id
from supplyops.people.tables import Organisation
from supplyops.places.commands import open_transit
from supplyops.runtime import Context, command
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason, Posting
from supplyops.stock.writing import organisation_named
from supplyops.transfers import papers
from supplyops.transfers.lots import lots_of, reference, release_holds, still_held
from supplyops.transfers.owning import settle
from supplyops.transfers.rules import ON_THE_ROAD, SendInput, TransferKind, TransferState
from supplyops.transfers.steps import locked, need_reason, step
from supplyops.transfers.tables import TransferLot


@command(Permission.TRANSFERS_MOVE)
def send(ctx: Context, sending: SendInput) -> None:
    """Load the goods and let them go: they leave the shelf for the road. What is not loaded is free again.

    Raises InvalidInput for more than was approved, or for less without a reason; InsufficientStock where the hold has
    run out and somebody else was given the goods.
    """
    row = locked(ctx, sending.transfer)
    ctx.require(Permission.TRANSFERS_MOVE, row.from_organisation_id)
    if row.kind is TransferKind.OWNERSHIP:
        raise WrongState("transfer", row.state.value, becomes=TransferState.SENT.value)
    step(row, TransferState.SENT)
    lots = lots_of(ctx, row)
    amounts = _loaded(ctx, sending, lots)
    carrier = _carrier(ctx, sending)
    row.transit_id = open_transit(ctx, "transfer", row.id, row.number, row.from_site_id)
    ctx.session.flush()  # the posting goes there
    legs = tuple(
        Leg(each.lot_id, each.location_id, row.transit_id, amounts[each.id]) for each in lots if amounts[each.id]
    )
    posting = Posting(
        derived_id("transfer_send", row.id),
        MoveReason.DISPATCH,
        legs,
        reference(row),
        ctx.now,
        incident_id=row.incident_id,
    )
    ledger.post(ctx, posting, still_held(ctx, amounts, lots))
    release_holds(ctx, lots)
    for each in lots:
        each.loaded = amounts[each.id]
    for name in ("vehicle", "driver", "driver_phone", "escort", "seal_number", "expected_at"):
        setattr(row, name, getattr(sending, name))
    row.carrier, row.carrier_id = (carrier.name, carrier.id) if carrier else (sending.carrier, None)
    row.sent_at = ctx.now
    ctx.session.flush()  # the papers are written from the rows
    papers.issue_leaving(ctx, row, sending.short_reason)
    ctx.about("transfer", row.id, row.number, short=sum(each.quantity - each.loaded for each in lots))


def _loaded(ctx: Context, sending: SendInput, lots: Sequence[TransferLot]) -> dict[UUID, int]:
    given = sending.loaded
    check = Checks()
    check.that(set(given) <= {each.id for each in lots}, "loaded", "unknown_reference")
    amounts = {each.id: given.get(each.id, each.quantity) for each in lots}
    for each in lots:
        check.whole(f"loaded.{each.id}", amounts[each.id], maximum=each.quantity)
    check.that(any(amounts.values()), "loaded", "nothing_loaded")
    is_short = any(amounts[each.id] < each.quantity for each in lots)
    check.text("short_reason", sending.short_reason, required=is_short)
    check.that(sending.expected_at > ctx.now, "expected_at", "in_the_past")
    check.done()
    return amounts


def _carrier(ctx: Context, sending: SendInput) -> Organisation | None:
    """The registered body that carries, if one was named."""
    if not sending.carrier_code:
        return None
    body = organisation_named(ctx, "carrier_code", sending.carrier_code)
    check = Checks()
    check.that(body.is_active, "carrier_code", "unknown_reference", value=sending.carrier_code)
    check.done()
    return body


@command(Permission.TRANSFERS_MOVE)
def take_back(ctx: Context, number: str, because: str) -> None:
    """What could not be delivered comes back to the shelves it left. Where a part has arrived, the transfer ends with that part."""
    row = locked(ctx, number)
    ctx.require(Permission.TRANSFERS_MOVE, row.from_organisation_id)
    need_reason(because)
    if row.state not in ON_THE_ROAD:
        raise WrongState("transfer", row.state.value, becomes=TransferState.RETURNED.value)
    has_come = row.state is TransferState.PARTLY
    step(row, TransferState.RECEIVED if has_come else TransferState.RETURNED)
    assert row.transit_id is not None
    lots = lots_of(ctx, row)
    legs = tuple(
        Leg(each.lot_id, row.transit_id, each.location_id, each.on_the_road) for each in lots if each.on_the_road
    )
    posting = Posting(
        derived_id("transfer", row.id, "return"),
        MoveReason.RETURN,
        legs,
        reference(row),
        ctx.now,
        note=because,
        incident_id=row.incident_id,
    )
    ledger.post(ctx, posting)
    for each in lots:
        each.returned = each.on_the_road
    row.ended_because, row.closed_at = because, ctx.now
    if has_come:
        settle(ctx, row, lots)
    ctx.about("transfer", row.id, row.number)
