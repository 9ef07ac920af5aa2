"""Which lots a transfer takes, and that they are held until they go."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.kernel.checks import Checks
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput
from supplyops.kernel.ids import derived_id
from supplyops.kernel.reference import DocumentRef
from supplyops.norms.figures import number_or_none
from supplyops.places.rules import LocationKind
from supplyops.places.tables import Location
from supplyops.runtime import Context, unscoped
from supplyops.stock import ledger
from supplyops.stock.blocking import refuse_blocked, states_of
from supplyops.stock.freezing import frozen_now
from supplyops.stock.rules import Candidate, Hold, LotState, Pick, fefo, pick
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
    """Choose the lots and hold them. Raises Conflict `not_enough_usable`, or InvalidInput for a lot out of turn without a reason."""
    hours = number_or_none(ctx, "hold.hours") or HOLD_HOURS
    taken: dict[tuple[UUID, UUID], int] = defaultdict(int)
    line_no = 0
    for place, line in enumerate(lines_of(ctx, row)):
        for chosen in _picks(ctx, row, line, place, taken):
            line_no += 1
            _hold(ctx, row, line, chosen, line_no, hours)
    ctx.session.flush()  # the slip is written from these rows


def check_lots(ctx: Context, row: Transfer) -> None:
    """A lot that a draft names is one of the owner's goods, and one that is not the next to go has its reason: who decides cannot add it.

    Raises InvalidInput naming the lines.
    """
    check = Checks()
    for place, line in enumerate(lines_of(ctx, row)):
        if not line.lot_number:
            continue
        wanted = select(Lot).where(
            Lot.number == line.lot_number, Lot.item_id == line.item_id, Lot.owner_id == row.owner_id
        )
        lot = ctx.session.scalars(unscoped(wanted, "who drafts may name goods of another body's store")).one_or_none()
        if lot is None:
            check.refuse(f"lines.{place}.lot_number", "unknown_reference", value=line.lot_number)
        elif not line.reason.strip():
            usable = _shelf(ctx, row, line.item_id, defaultdict(int)).usable
            in_turn = _in_turn(usable, line.quantity)
            check.that(in_turn <= {lot.id}, f"lines.{place}.reason", "out_of_turn")
    check.done()


def _in_turn(usable: Sequence[Candidate], quantity: int) -> set[UUID]:
    """The lots that would go: first to expire first, all of them where there is less."""
    found, left = set(), quantity
    for each in fefo(usable):
        if left > 0 and each.available > 0:
            found.add(each.lot_id)
            left -= each.available
    return found


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
            returned=0,
            target_id=None,
            new_lot_id=None,
        )
    )


def _picks(
    ctx: Context, row: Transfer, line: TransferLine, place: int, taken: dict[tuple[UUID, UUID], int]
) -> tuple[Pick, ...]:
    shelf = _shelf(ctx, row, line.item_id, taken)
    candidates = shelf.usable
    if line.lot_number:
        refuse_blocked(ctx, ctx.session.scalars(select(Lot).where(Lot.number == line.lot_number)))
        candidates = [each for each in candidates if each.lot_number == line.lot_number]
        in_turn = {each.lot_id for each in _pick(shelf, shelf.usable, line.quantity)}
        if not line.reason.strip() and in_turn != {each.lot_id for each in candidates}:
            raise InvalidInput(fields=(FieldError(f"lines.{place}.reason", "out_of_turn"),))
    picks = _pick(shelf, candidates, line.quantity)
    for chosen in picks:
        taken[chosen.location_id, chosen.lot_id] += chosen.quantity
    return picks


@dataclass(slots=True)
class _Shelf:
    """What lies at the site that the goods leave: what may go, and how much may not, and why."""

    goods: str
    """What they are, for whoever is refused."""
    day: date
    """Goods have to be good when they arrive."""
    usable: list[Candidate] = field(default_factory=list)
    blocked: int = 0
    expired: int = 0
    frozen: int = 0


def _pick(shelf: _Shelf, candidates: Sequence[Candidate], quantity: int) -> tuple[Pick, ...]:
    """First to expire first. Raises Conflict `not_enough_usable`, which says what else lies there and why it stays."""
    available = sum(max(each.available, 0) for each in candidates)
    if available < quantity:
        apart = {"blocked": shelf.blocked, "expired": shelf.expired, "frozen": shelf.frozen}
        raise Conflict("not_enough_usable", goods=shelf.goods, requested=quantity, available=available, **apart)
    return pick(candidates, quantity, shelf.day)


def _shelf(ctx: Context, row: Transfer, item_id: UUID, taken: dict[tuple[UUID, UUID], int]) -> _Shelf:
    """The owner's goods on the shelves of the site they leave; goods for exercises stay for exercises."""
    rows = ctx.session.execute(
        unscoped(
            select(StockBalance, Lot, Location.id.in_(frozen_now()))
            .join(Lot, Lot.id == StockBalance.lot_id)
            .join(Location, Location.id == StockBalance.location_id)
            .where(
                StockBalance.site_id == row.from_site_id,
                StockBalance.item_id == item_id,
                StockBalance.owner_id == row.owner_id,
                StockBalance.on_hand > StockBalance.reserved,
                Location.kind == LocationKind.STORAGE,
                Lot.is_exercise.is_(False),
            ),
            "who approves decides for goods that lie at another body's store",
        )
    ).all()
    states = states_of(ctx, {lot.id for _, lot, _ in rows})
    goods = ctx.session.get_one(Item, item_id).name
    found = _Shelf(goods, max(business_day(ctx.now), business_day(row.arrive_by)))
    for balance, lot, is_frozen in rows:
        free = balance.on_hand - balance.reserved - taken[balance.location_id, lot.id]
        if states[lot.id] is not LotState.NORMAL:
            found.blocked += free
        elif lot.expires_on is not None and lot.expires_on < found.day:
            found.expired += free
        elif is_frozen:
            found.frozen += free
        else:
            found.usable.append(
                Candidate(balance.location_id, lot.id, lot.number, free, lot.expires_on, lot.produced_on, lot.came_on)
            )
    return found


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
