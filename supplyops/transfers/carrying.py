"""Carrying a transfer out: loading and leaving, arriving, coming back, changing the owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.obligations import commands as obligations
from supplyops.obligations.rules import Debt, Owed
from supplyops.people.tables import Organisation
from supplyops.places.commands import open_transit, virtual_location_id
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location
from supplyops.runtime import Context, command
from supplyops.stock import ledger
from supplyops.stock.lots import make_lot
from supplyops.stock.rules import Leg, LotInput, MoveReason, Posting
from supplyops.stock.tables import Lot
from supplyops.stock.writing import storage_of
from supplyops.transfers import papers
from supplyops.transfers.lots import lots_of, reference, release_holds, still_held
from supplyops.transfers.rules import (
    ArrivedLine,
    ArriveInput,
    SendInput,
    TransferFinding,
    TransferKind,
    TransferState,
)
from supplyops.transfers.steps import locked, need_reason, step
from supplyops.transfers.tables import Transfer, TransferDifference, TransferLot


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
    for name in ("carrier", "vehicle", "driver", "driver_phone", "escort", "seal_number", "expected_at"):
        setattr(row, name, getattr(sending, name))
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


@command(Permission.TRANSFERS_MOVE)
def arrive(ctx: Context, arrival: ArriveInput) -> None:
    """Receive a transfer. Good goods go on the shelf, damaged ones into quarantine, what is missing is lost; differences need a cause.

    Where the owner changes, what came is a child lot of the new owner from now on. What is owed back is written down;
    what was owed is settled.
    """
    row = locked(ctx, arrival.transfer)
    ctx.require(Permission.TRANSFERS_MOVE, row.to_organisation_id)
    if row.state is not TransferState.SENT:
        raise WrongState("transfer", row.state.value, becomes=TransferState.RECEIVED.value)
    step(row, TransferState.RECEIVED)
    lots = lots_of(ctx, row)
    found = _found(ctx, row, arrival, lots)
    shelf = _shelf(ctx, row, arrival)
    quarantine = _quarantine(ctx, row, found)
    lost = virtual_location_id(LocationKind.LOST)
    assert row.transit_id is not None
    parts: dict[MoveReason, list[Leg]] = defaultdict(list)
    for each in lots:
        seen = found[each.id]
        each.good, each.damaged, each.short = seen.good, seen.damaged, each.loaded - seen.good - seen.damaged
        each.target_id = shelf if each.good else quarantine if each.damaged else None
        for reason, target, amount in (
            (MoveReason.DELIVERY, shelf, each.good),
            (MoveReason.DELIVERY, quarantine, each.damaged),
            (MoveReason.LOSS, lost, each.short),
        ):
            if amount and target is not None:
                parts[reason].append(Leg(each.lot_id, row.transit_id, target, amount))
        _note_differences(ctx, row, each, arrival.cause)
    for reason, legs in sorted(parts.items()):
        _post(ctx, row, f"arrive_{reason.value}", reason, legs, arrival)
    places = {each.id: ((shelf, each.good), (quarantine, each.damaged)) for each in lots}
    _convert(ctx, row, lots, places, {})
    row.receiver, row.is_seal_intact = arrival.receiver, arrival.is_seal_intact
    row.arrived_at, row.closed_at = arrival.arrived_at, ctx.now
    _settle(ctx, row, lots)
    ctx.session.flush()  # the note is written from the rows
    papers.issue_arriving(ctx, row, arrival.cause)
    ctx.about("transfer", row.id, row.number, short=sum(each.short for each in lots))


def _found(ctx: Context, row: Transfer, arrival: ArriveInput, lots: Sequence[TransferLot]) -> dict[UUID, ArrivedLine]:
    named = {line.line_id: line for line in arrival.lines}
    check = Checks()
    check.that(set(named) <= {each.id for each in lots}, "lines", "unknown_reference")
    found = {each.id: named.get(each.id, ArrivedLine(each.id, each.loaded)) for each in lots}
    for place, each in enumerate(lots):
        total = found[each.id].good + found[each.id].damaged
        check.that(total <= each.loaded, f"lines.{place}.good", "more_than_loaded", value=total, maximum=each.loaded)
    differs = any(found[each.id].good < each.loaded for each in lots)
    check.text("cause", arrival.cause, length_max=400, required=differs)
    assert row.sent_at is not None
    check.that(arrival.arrived_at <= ctx.now, "arrived_at", "in_the_future")
    check.that(
        arrival.arrived_at >= row.sent_at, "arrived_at", "before_last_step", last=f"{beijing(row.sent_at):%m-%d %H:%M}"
    )
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


def _note_differences(ctx: Context, row: Transfer, line: TransferLot, cause: str) -> None:
    for finding, amount in ((TransferFinding.SHORT, line.short), (TransferFinding.DAMAGED, line.damaged)):
        if amount:
            ctx.session.add(
                TransferDifference(
                    transfer_id=row.id,
                    line_id=line.id,
                    finding=finding,
                    quantity=amount,
                    cause=cause,
                    recorded_at=ctx.now,
                    recorded_by_id=ctx.principal.user_id,
                )
            )


def _post(
    ctx: Context, row: Transfer, what: str, reason: MoveReason, legs: Sequence[Leg], arrival: ArriveInput
) -> None:
    ledger.post(
        ctx,
        Posting(
            derived_id("transfer", row.id, what),
            reason,
            tuple(legs),
            reference(row),
            arrival.arrived_at,
            note=arrival.cause[:200],
            incident_id=row.incident_id,
        ),
    )


Places = Mapping[UUID, Sequence[tuple[UUID | None, int]]]


def _convert(
    ctx: Context, row: Transfer, lots: Sequence[TransferLot], places: Places, fulfils: Mapping[UUID, int]
) -> None:
    """Where the owner changes: what lies at these places becomes a child lot of the new owner."""
    if row.new_owner_id is None:
        return
    new_owner = ctx.session.get(Organisation, row.new_owner_id)
    assert new_owner is not None
    between = virtual_location_id(LocationKind.CONVERSION)
    legs: list[Leg] = []
    for each in lots:
        here = [(place, amount) for place, amount in places[each.id] if place is not None and amount]
        if not here:
            continue
        child = _child_lot(ctx, row, each, new_owner)
        each.new_lot_id = child.id
        for place, amount in here:
            legs += [Leg(each.lot_id, place, between, amount), Leg(child.id, between, place, amount)]
    if legs:
        ctx.session.flush()  # the posting names the new lots
        posting = Posting(
            derived_id("transfer", row.id, "ownership"),
            MoveReason.CONVERSION,
            tuple(legs),
            reference(row),
            ctx.now,
            note=row.reason,
            incident_id=row.incident_id,
        )
        ledger.post(ctx, posting, fulfils)


def _child_lot(ctx: Context, row: Transfer, line: TransferLot, new_owner: Organisation) -> Lot:
    lot, item = ctx.session.get(Lot, line.lot_id), ctx.session.get(Item, line.item_id)
    assert lot is not None
    assert item is not None
    own = {
        name: getattr(lot, name)
        for name in (
            "fund_source",
            "produced_on",
            "expires_on",
            "unit_price_fen",
            "manufacturer",
            "maker_batch",
            "restriction",
            "restricted_area",
            "is_exercise",
        )
    }
    made = LotInput(sku=item.sku, owner_code=new_owner.code, **own)
    return make_lot(ctx, item, new_owner, made, reference(row), parent_lot_id=lot.id)


def _settle(ctx: Context, row: Transfer, lots: Sequence[TransferLot]) -> None:
    """What left the owner's hands is owed back, the short part too; what was given back settles what came."""
    if row.settles_id is not None:
        came: dict[UUID, int] = defaultdict(int)
        for each in lots:
            came[each.item_id] += each.good
        obligations.settle_in_kind(ctx, row.settles_id, came, reference(row))
    if row.is_owed_back and row.new_owner_id is not None:
        debt = Debt(
            row.owner_id,
            row.new_owner_id,
            reference(row),
            owed_for(ctx, lots),
            due_on=row.due_on,
            incident_id=row.incident_id,
            note=row.reason,
        )
        obligations.owe(ctx, debt)


def owed_for(ctx: Context, lots: Sequence[TransferLot]) -> tuple[Owed, ...]:
    """What was taken, item by item, with its price."""
    quantity: dict[UUID, int] = defaultdict(int)
    value: dict[UUID, int] = defaultdict(int)
    for each in lots:
        taken = each.good + each.damaged + each.short
        lot = ctx.session.get(Lot, each.lot_id)
        assert lot is not None
        quantity[each.item_id] += taken
        value[each.item_id] += taken * lot.unit_price_fen
    return tuple(Owed(item, amount, value[item]) for item, amount in quantity.items() if amount)


@command(Permission.TRANSFERS_MOVE)
def take_back(ctx: Context, number: str, because: str) -> None:
    """A transfer that could not be delivered comes back to the shelves it left."""
    row = locked(ctx, number)
    ctx.require(Permission.TRANSFERS_MOVE, row.from_organisation_id)
    need_reason(because)
    step(row, TransferState.RETURNED)
    assert row.transit_id is not None
    legs = tuple(
        Leg(each.lot_id, row.transit_id, each.location_id, each.loaded) for each in lots_of(ctx, row) if each.loaded
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
    row.ended_because, row.closed_at = because, ctx.now
    ctx.about("transfer", row.id, row.number)


@command(Permission.TRANSFERS_MOVE)
def change_owner(ctx: Context, number: str) -> None:
    """Carry out a change of owner without a road: the goods stay on their shelves as child lots of the new owner."""
    row = locked(ctx, number)
    ctx.require(Permission.TRANSFERS_MOVE, row.from_organisation_id)
    if row.kind is not TransferKind.OWNERSHIP:
        raise WrongState("transfer", row.state.value, becomes=TransferState.RECEIVED.value)
    step(row, TransferState.RECEIVED)
    lots = lots_of(ctx, row)
    amounts = {each.id: each.quantity for each in lots}
    held = still_held(ctx, amounts, lots)
    for each in lots:
        each.loaded, each.good, each.target_id = each.quantity, each.quantity, each.location_id
    _convert(ctx, row, lots, {each.id: ((each.location_id, each.quantity),) for each in lots}, held)
    row.arrived_at, row.closed_at = ctx.now, ctx.now
    ctx.about("transfer", row.id, row.number)
