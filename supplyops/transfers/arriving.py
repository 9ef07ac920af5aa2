"""A transfer at the other end: all at once, or in several arrivals with the rest on the road in between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select

from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.papers.commands import next_slip_number
from supplyops.places.commands import virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, command, unscoped
from supplyops.stock import ledger
from supplyops.stock.rules import Leg, MoveReason, Posting
from supplyops.stock.writing import storage_of
from supplyops.transfers import papers
from supplyops.transfers.lots import lots_of, reference
from supplyops.transfers.owning import convert, settle
from supplyops.transfers.rules import ON_THE_ROAD, ArrivedLine, ArriveInput, TransferFinding, TransferState
from supplyops.transfers.steps import locked, step
from supplyops.transfers.tables import (
    Transfer,
    TransferArrival,
    TransferArrivalLine,
    TransferDifference,
    TransferLot,
)


@command(Permission.TRANSFERS_MOVE)
def arrive(ctx: Context, arrival: ArriveInput) -> None:
    """Receive a transfer or a part of it. Good goods go on the shelf, damaged ones into quarantine; differences need a cause.

    What is missing stays on the road where more follows, and is lost where nothing does. Where the owner changes, what came is a
    child lot of the new owner from now on. With the last arrival what is owed back is written down; what was owed is settled.

    Raises NotFound, Forbidden, WrongState for a transfer that is not on the road, InvalidInput naming the lines: more than is on
    the road, a difference without a cause, a moment before the last step, no quarantine for damaged goods.
    """
    row = locked(ctx, arrival.transfer)
    ctx.require(Permission.TRANSFERS_MOVE, row.to_organisation_id)
    if row.state not in ON_THE_ROAD:
        raise WrongState("transfer", row.state.value, becomes=TransferState.RECEIVED.value)
    lots = lots_of(ctx, row)
    found = _found(ctx, row, arrival, lots)
    is_last = not arrival.more_follows or all(
        found[each.id].good + found[each.id].damaged == each.on_the_road for each in lots
    )
    step(row, TransferState.RECEIVED if is_last else TransferState.PARTLY)
    shelf, quarantine = _shelf(ctx, row, arrival), _quarantine(ctx, row, found)
    note = _note(ctx, row, arrival, is_last)
    came = [_came(note, each, found[each.id], shelf, quarantine) for each in lots if each.on_the_road]
    came = [line for line in came if line.good or line.damaged or line.short]
    _post_all(ctx, row, note, {each.id: each for each in lots}, came, quarantine)
    by_lot = {line.line_id: line for line in came}
    for each in lots:
        if each.id in by_lot:
            _add_up(ctx, row, each, by_lot[each.id], arrival.cause)
    places = {
        each.id: ((shelf, by_lot[each.id].good), (quarantine, by_lot[each.id].damaged)) if each.id in by_lot else ()
        for each in lots
    }
    convert(ctx, row, lots, places, arrival_no=note.arrival_no)
    row.receiver, row.is_seal_intact, row.arrived_at = arrival.receiver, arrival.is_seal_intact, arrival.arrived_at
    if is_last:
        row.closed_at = ctx.now
        settle(ctx, row, lots)
    ctx.session.add_all(came)
    ctx.session.flush()  # the note is written from the rows
    papers.issue_arriving(ctx, row, note, by_lot)
    ctx.about("transfer", row.id, row.number, arrival=note.arrival_no, short=sum(line.short for line in came))


def _found(ctx: Context, row: Transfer, arrival: ArriveInput, lots: Sequence[TransferLot]) -> dict[UUID, ArrivedLine]:
    """What was found of each lot. Of a lot that nobody named all has come, or nothing where more follows."""
    named = {line.line_id: line for line in arrival.lines}
    check = Checks()
    check.that(set(named) <= {each.id for each in lots}, "lines", "unknown_reference")
    check.that(len(named) == len(arrival.lines), "lines", "repeated_line")
    found = {
        each.id: named.get(each.id, ArrivedLine(each.id, 0 if arrival.more_follows else each.on_the_road))
        for each in lots
    }
    places = {line.line_id: place for place, line in enumerate(arrival.lines)}
    for each in lots:
        total = found[each.id].good + found[each.id].damaged
        field = f"lines.{places.get(each.id, 0)}.good"
        check.that(total <= each.on_the_road, field, "more_than_loaded", value=total, maximum=each.on_the_road)
    differs = any(
        found[each.id].damaged or (not arrival.more_follows and found[each.id].good < each.on_the_road) for each in lots
    )
    check.text("cause", arrival.cause, length_max=400, required=differs)
    if arrival.more_follows:
        check.that(any(line.good or line.damaged for line in found.values()), "lines", "nothing_received")
    check.that(arrival.arrived_at <= ctx.now, "arrived_at", "in_the_future")
    last = max(moment for moment in (row.sent_at, row.arrived_at) if moment is not None)
    check.that(arrival.arrived_at >= last, "arrived_at", "before_last_step", last=f"{beijing(last):%m-%d %H:%M}")
    check.done()
    return found


def _shelf(ctx: Context, row: Transfer, arrival: ArriveInput) -> UUID:
    if not arrival.location_code:
        return storage_of(ctx, row.to_site_id).id
    found = ctx.session.scalars(select(Location).where(Location.code == arrival.location_code)).one_or_none()
    if found is None or found.site_id != row.to_site_id or found.kind is not LocationKind.STORAGE:
        raise InvalidInput(fields=(FieldError("location_code", "other_site", {"value": arrival.location_code}),))
    return found.id


def _quarantine(ctx: Context, row: Transfer, found: Mapping[UUID, ArrivedLine]) -> UUID | None:
    if not any(line.damaged for line in found.values()):
        return None
    try:
        return storage_of(ctx, row.to_site_id, LocationKind.QUARANTINE).id
    except NotFound:
        raise InvalidInput(fields=(FieldError("lines", "no_quarantine"),)) from None


def _note(ctx: Context, row: Transfer, arrival: ArriveInput, is_last: bool) -> TransferArrival:
    before = select(func.count()).select_from(TransferArrival).where(TransferArrival.transfer_id == row.id)
    target = ctx.session.scalars(
        unscoped(
            select(Site).where(Site.id == row.to_site_id), "the receipt note is numbered in the series of its store"
        )
    ).one()
    note = TransferArrival(
        id=ctx.new_id(),
        transfer_id=row.id,
        arrival_no=int(ctx.session.scalar(before) or 0) + 1,
        receipt_number=next_slip_number(ctx, "receipt_note", target.area_code),
        arrived_at=arrival.arrived_at,
        receiver=arrival.receiver,
        is_seal_intact=arrival.is_seal_intact,
        cause=arrival.cause,
        is_last=is_last,
        recorded_at=ctx.now,
        recorded_by_id=ctx.principal.user_id,
        recorded_by_name=ctx.principal.name,
    )
    ctx.session.add(note)
    ctx.session.flush()  # its lines refer to it
    return note


def _came(
    note: TransferArrival, each: TransferLot, seen: ArrivedLine, shelf: UUID, quarantine: UUID | None
) -> TransferArrivalLine:
    missing = each.on_the_road - seen.good - seen.damaged
    return TransferArrivalLine(
        arrival_id=note.id,
        line_id=each.id,
        good=seen.good,
        damaged=seen.damaged,
        short=missing if note.is_last else 0,
        target_id=shelf if seen.good else quarantine if seen.damaged else None,
    )


def _post_all(
    ctx: Context,
    row: Transfer,
    note: TransferArrival,
    lots: Mapping[UUID, TransferLot],
    came: Sequence[TransferArrivalLine],
    quarantine: UUID | None,
) -> None:
    lost = virtual_location_id(LocationKind.LOST)
    assert row.transit_id is not None
    parts: dict[MoveReason, list[Leg]] = defaultdict(list)
    for line in came:
        for reason, target, amount in (
            (MoveReason.DELIVERY, line.target_id, line.good),
            (MoveReason.DELIVERY, quarantine, line.damaged),
            (MoveReason.LOSS, lost, line.short),
        ):
            if amount and target is not None:
                parts[reason].append(Leg(lots[line.line_id].lot_id, row.transit_id, target, amount))
    for reason, legs in sorted(parts.items()):
        posting = Posting(
            derived_id("transfer", row.id, f"arrive_{reason.value}", str(note.arrival_no)),
            reason,
            tuple(legs),
            reference(row),
            note.arrived_at,
            note=note.cause[:200],
            incident_id=row.incident_id,
        )
        ledger.post(ctx, posting)


def _add_up(ctx: Context, row: Transfer, each: TransferLot, line: TransferArrivalLine, cause: str) -> None:
    """Add one arrival to what the lot's line says, and note its differences."""
    each.good, each.damaged, each.short = each.good + line.good, each.damaged + line.damaged, each.short + line.short
    each.target_id = line.target_id or each.target_id
    for finding, amount in ((TransferFinding.SHORT, line.short), (TransferFinding.DAMAGED, line.damaged)):
        if amount:
            ctx.session.add(
                TransferDifference(
                    transfer_id=row.id,
                    line_id=each.id,
                    finding=finding,
                    quantity=amount,
                    cause=cause,
                    recorded_at=ctx.now,
                    recorded_by_id=ctx.principal.user_id,
                )
            )
