"""An order line whose hold was lost, or whose lot may not be used: reserve again, take another lot, or bring less."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.dispatch import order_papers
from supplyops.dispatch.closing import lines_of
from supplyops.dispatch.holding import other_lots, served
from supplyops.dispatch.rules import ConsignmentState, ReliningInput, ShorteningInput
from supplyops.dispatch.tables import Consignment, ConsignmentLine, ReleaseInstruction
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, NotFound, WrongState
from supplyops.kernel.reference import DocumentRef
from supplyops.norms.figures import number
from supplyops.requests.commands import record_fulfilment
from supplyops.runtime import Context, command
from supplyops.stock import ledger
from supplyops.stock.rules import Hold
from supplyops.stock.tables import Lot, Reservation

_OPEN = (ConsignmentState.ORDERED, ConsignmentState.ACCEPTED)


@command(Permission.ORDERS_LOAD)
def reline(ctx: Context, wish: ReliningInput) -> None:
    """Reserve anew for a line that is not loaded yet: the whole of what is due, from its own lot or from another.

    Raises InvalidInput `no_such_lot` for a lot that cannot stand in, `later_lot` when a later one is chosen over an earlier
    one that would do and the reason does not say so; InsufficientStock, and the line keeps what it holds.
    """
    row, line = _line(ctx, wish.line_id)
    ctx.require(Permission.ORDERS_LOAD, row.custodian_id)
    own = ctx.session.get_one(Lot, line.lot_id)
    held = ctx.session.get_one(Reservation, line.reservation_id)
    ledger.release(ctx, held.id)
    found = other_lots(ctx, row, line, own)
    wanted = wish.lot_number or own.number
    chosen = next(
        (
            (lot, place)
            for balance, lot, place in found
            if lot.number == wanted
            and (place.code == wish.location_code if wish.location_code else True)
            and balance.on_hand - balance.reserved >= line.due
        ),
        None,
    )
    if chosen is None:
        free = sum(each.on_hand - each.reserved for each, lot, _ in found if lot.number == wanted)
        raise InvalidInput(
            fields=(FieldError("lot_number", "no_such_lot", {"lot": wanted, "requested": line.due, "available": free}),)
        )
    lot, place = chosen
    instruction = ctx.session.get_one(ReleaseInstruction, row.instruction_id, execution_options={"unscoped": True})
    hold = Hold(
        ctx.new_id(),
        DocumentRef("release_instruction", instruction.id, instruction.number),
        place.id,
        lot.id,
        line.due,
        ctx.now + timedelta(hours=number(ctx, "hold.hours")),
        row.incident_id,
    )
    ledger.reserve(ctx, hold)
    before = own.number
    line.lot_id, line.location_id, line.reservation_id = lot.id, place.id, hold.id
    if (lot.expires_on or date.max) > (own.expires_on or date.max):
        line.turn_reason = wish.because
    ctx.session.flush()  # the slip is written from the rows
    said = f"换批次 {before}→{lot.number}" if lot.number != before else f"{lot.number} 重新占用"
    order_papers.issue_slip(ctx, row, note=f"{said}:{wish.because}")
    ctx.about("consignment", row.id, row.number, line=line.line_no, lot=lot.number, before=before)


@command(Permission.ORDERS_CANCEL)
def shorten(ctx: Context, wish: ShorteningInput) -> None:
    """Order less of a line that is not loaded yet. What it no longer brings is needed again, what it held of it is free.

    Raises InvalidInput when nothing changes, `nothing_left` when nothing of the whole order would be left: cancel it then.
    """
    row, line = _line(ctx, wish.line_id)
    if not ctx.may(Permission.ORDERS_CANCEL, row.incident_organisation_id):
        ctx.require(Permission.ORDERS_CANCEL, row.owner_id)
    if wish.quantity >= line.due:
        raise InvalidInput(
            fields=(FieldError("quantity", "too_large", {"value": wish.quantity, "maximum": line.due - 1}),)
        )
    before = served(line, line.due)
    line.shortened = line.quantity - wish.quantity
    if not any(each.due for each in lines_of(ctx, row)):
        raise InvalidInput(fields=(FieldError("quantity", "nothing_left"),))
    record_fulfilment(ctx, line.request_line_id, approved=served(line, line.due) - before)
    hold = ctx.session.get_one(Reservation, line.reservation_id)
    if hold.open_quantity > line.due:
        ledger.release(ctx, hold.id, hold.open_quantity - line.due)
    ctx.session.flush()  # the slip is written from the rows
    order_papers.issue_slip(ctx, row, note=f"第{line.line_no}行减为 {line.due}:{wish.because}")
    ctx.about("consignment", row.id, row.number, line=line.line_no, due=line.due)


def _line(ctx: Context, line_id: UUID) -> tuple[Consignment, ConsignmentLine]:
    """The line and its order, locked, and not loaded yet. Raises Conflict for goods of a supplier's: nothing of a store is held."""
    line = ctx.session.scalars(select(ConsignmentLine).where(ConsignmentLine.id == line_id)).one_or_none()
    if line is None:
        raise NotFound("consignment")
    row = ctx.get(Consignment, line.consignment_id, lock=True)
    if row.state not in _OPEN:
        raise WrongState("consignment", row.state.value, ConsignmentState.ACCEPTED.value)
    if row.call_off_id is not None:
        raise Conflict("order_fetches", number=row.number)
    ledger.lock_places(ctx, [line.location_id])
    return row, line
