"""Which lots a transfer takes, and that they are held until they go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.norms.figures import number_or_none
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location
from supplyops.runtime import Context, unscoped
from supplyops.stock import ledger
from supplyops.stock.rules import Candidate, Hold, Pick, pick
from supplyops.stock.tables import Lot, Reservation, StockBalance
from supplyops.transfers.tables import Transfer, TransferLine, TransferLot

HOLD_HOURS = 72
"""Where the house has not set `hold.hours`."""


def lines_of(ctx: Context, row: Transfer) -> list[TransferLine]:
    """What was asked for, in order."""
    found = select(TransferLine).where(TransferLine.transfer_id == row.id).order_by(TransferLine.line_no)
    return list(ctx.session.scalars(found))


def lots_of(ctx: Context, row: Transfer) -> list[TransferLot]:
    """The lots it takes, in order."""
    found = select(TransferLot).where(TransferLot.transfer_id == row.id).order_by(TransferLot.line_no)
    return list(ctx.session.scalars(found))


def reference(row: Transfer) -> DocumentRef:
    """The transfer as the document behind its postings."""
    return DocumentRef("transfer", row.id, row.number)


def hold_lots(ctx: Context, row: Transfer) -> None:
    """Choose the lots and hold them. Raises Conflict `not_enough_to_pick`, or InvalidInput for a lot out of turn without a reason."""
    hours = number_or_none(ctx, "hold.hours") or HOLD_HOURS
    taken: dict[tuple[UUID, UUID], int] = defaultdict(int)
    line_no = 0
    for place, line in enumerate(lines_of(ctx, row)):
        for chosen in _picks(ctx, row, line, place, taken):
            line_no += 1
            _hold(ctx, row, line, chosen, line_no, hours)
    ctx.session.flush()  # the slip is written from these rows


def _hold(ctx: Context, row: Transfer, line: TransferLine, chosen: Pick, line_no: int, hours: int) -> None:
    hold_id = derived_id("transfer_hold", row.id, str(line_no))
    expires_at = max(row.send_by, ctx.now) + timedelta(hours=hours)
    ledger.reserve(
        ctx,
        Hold(
            hold_id,
            reference(row),
            chosen.location_id,
            chosen.lot_id,
            chosen.quantity,
            expires_at,
            incident_id=row.incident_id,
        ),
    )
    ctx.session.add(
        TransferLot(
            id=ctx.new_id(),
            transfer_id=row.id,
            line_no=line_no,
            item_id=line.item_id,
            lot_id=chosen.lot_id,
            location_id=chosen.location_id,
            reservation_id=hold_id,
            quantity=chosen.quantity,
            loaded=0,
            good=0,
            damaged=0,
            short=0,
            target_id=None,
            new_lot_id=None,
        )
    )


def _picks(
    ctx: Context, row: Transfer, line: TransferLine, place: int, taken: dict[tuple[UUID, UUID], int]
) -> tuple[Pick, ...]:
    candidates = _candidates(ctx, row, line.item_id, taken)
    today = business_day(ctx.now)
    if line.lot_number:
        named = [each for each in candidates if each.lot_number == line.lot_number]
        in_turn = {each.lot_id for each in pick(candidates, line.quantity, today)}
        if not line.reason.strip() and in_turn != {each.lot_id for each in named}:
            raise InvalidInput(fields=(FieldError(f"lines.{place}.reason", "out_of_turn"),))
        candidates = named
    picks = pick(candidates, line.quantity, today)
    for chosen in picks:
        taken[chosen.location_id, chosen.lot_id] += chosen.quantity
    return picks


def _candidates(ctx: Context, row: Transfer, item_id: UUID, taken: dict[tuple[UUID, UUID], int]) -> list[Candidate]:
    """The owner's goods on the shelves of the site they leave; goods for exercises stay for exercises."""
    rows = ctx.session.execute(
        unscoped(
            select(StockBalance, Lot)
            .join(Lot, Lot.id == StockBalance.lot_id)
            .join(Location, Location.id == StockBalance.location_id)
            .where(
                StockBalance.site_id == row.from_site_id,
                StockBalance.item_id == item_id,
                StockBalance.owner_id == row.owner_id,
                Location.kind == LocationKind.STORAGE,
                Lot.is_exercise.is_(False),
            ),
            "who approves decides for goods that lie at another body's store",
        )
    )
    return [
        Candidate(
            balance.location_id,
            lot.id,
            lot.number,
            balance.on_hand - balance.reserved - taken[balance.location_id, lot.id],
            lot.expires_on,
            lot.produced_on,
        )
        for balance, lot in rows
    ]


def release_holds(ctx: Context, lots: Sequence[TransferLot]) -> None:
    """Give back what is still held for these lots."""
    for line in lots:
        ledger.release(ctx, line.reservation_id)


def still_held(ctx: Context, amounts: dict[UUID, int], lots: Sequence[TransferLot]) -> dict[UUID, int]:
    """How much of what goes the holds still cover; a hold that has run out covers nothing."""
    rows = ctx.session.scalars(select(Reservation).where(Reservation.id.in_([each.reservation_id for each in lots])))
    held = {row.id: row.open_quantity for row in rows}
    covered = {each.reservation_id: min(held[each.reservation_id], amounts[each.id]) for each in lots}
    return {hold_id: amount for hold_id, amount in covered.items() if amount}
