"""Taking stock over for what is more urgent, and letting holds run out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.dispatch.parties import parties_of
from supplyops.dispatch.tables import Consignment, ConsignmentLine
from supplyops.incidents.rules import IncidentState
from supplyops.incidents.tables import Incident
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Conflict, FieldError, InvalidInput, NotFound, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.kernel.quantity import with_unit
from supplyops.kernel.reference import DocumentRef
from supplyops.norms.figures import number_or_shipped, text_or_shipped
from supplyops.notices.commands import tell
from supplyops.notices.rules import NoticeInput, NoticeKind
from supplyops.requests.rules import RequestState
from supplyops.requests.tables import SupplyRequest, SupplyRequestLine
from supplyops.reservations.ranking import order_in_force, rank_of_claim, rank_of_hold
from supplyops.reservations.rules import NOT_FOR_USE, TakeOverInput
from supplyops.reservations.tables import TakeOver
from supplyops.runtime import Context, command, unscoped
from supplyops.stock import ledger
from supplyops.stock.keeping import KEPT
from supplyops.stock.rules import Hold
from supplyops.stock.tables import Lot, Reservation, StockBalance

ALWAYS_TOLD = timedelta(days=2)
"""How long after its end a hold that ran out is still told of, should the timer have stood still."""


@command(Permission.RESERVATIONS_TAKE)
def take_over(ctx: Context, wish: TakeOverInput) -> UUID:
    """Take a hold or a part of it for a request line that outranks it; the loser is told. Returns the take-over's id.

    Raises Forbidden where the person does not decide over the owner's goods; Conflict `not_outranked`, or
    `hold_not_for_use` where the goods are lent, broken or to be scrapped; InvalidInput for other goods, more than is held
    or more than is still needed; WrongState for a request or an event that has ended.
    """
    hold = _hold(ctx, wish.reservation_id)
    ledger.lock_places(ctx, [hold.location_id])
    ctx.session.refresh(hold)
    lot = ctx.session.get_one(Lot, hold.lot_id)
    ctx.require(Permission.RESERVATIONS_TAKE, lot.owner_id)
    if hold.document_kind in NOT_FOR_USE:
        raise Conflict("hold_not_for_use", document=hold.document_number)
    line, request = _claim(ctx, wish.request_line_id)
    if line.item_id != lot.item_id:
        raise InvalidInput(fields=(FieldError("request_line_id", "other_goods"),))
    most = min(hold.open_quantity, line.accepted - line.approved)
    if wish.quantity > most:
        raise InvalidInput(fields=(FieldError("quantity", "too_large", {"value": wish.quantity, "maximum": most}),))
    order = order_in_force(ctx)
    ours, theirs = rank_of_claim(ctx, line, lot.owner_id), rank_of_hold(ctx, hold)
    if not ours.outranks(theirs, order):
        raise Conflict("not_outranked", document=hold.document_number)
    about, bodies = parties_of(ctx, hold)
    ledger.take_away(ctx, hold.id, wish.quantity)
    won = Hold(
        ctx.new_id(),
        DocumentRef(KEPT, request.id, request.number),
        hold.location_id,
        hold.lot_id,
        wish.quantity,
        ctx.now + timedelta(hours=number_or_shipped(ctx, "takeover.hours")),
        request.incident_id,
    )
    ledger.reserve(ctx, won)
    row = TakeOver(
        id=ctx.new_id(),
        organisation_id=lot.owner_id,
        loser_reservation_id=hold.id,
        loser_number=about.number,
        loser_rank=asdict(theirs),
        winner_reservation_id=won.id,
        winner_line_id=line.id,
        winner_number=request.number,
        winner_rank=asdict(ours),
        ranked_by=text_or_shipped(ctx, "takeover.order"),
        quantity=wish.quantity,
        because=wish.because,
        taken_at=ctx.now,
        taken_by_id=ctx.principal.user_id,
        taken_by_name=ctx.principal.name,
    )
    ctx.session.add(row)
    item = ctx.session.get_one(Item, lot.item_id)
    params: dict[str, str | int] = {
        "document": about.number,
        "item": item.name,
        "lot": lot.number,
        "quantity": with_unit(wish.quantity, item.unit),
        "winner": request.number,
        "because": wish.because,
    }
    told = [
        NoticeInput(derived_id("hold_taken", row.id, body), body, NoticeKind.HOLD_TAKEN, about, params)
        for body in bodies
    ]
    tell(ctx, told)
    ctx.about("reservation", hold.id, about.number, quantity=wish.quantity, winner=request.number)
    return row.id


@command(Permission.INTERNAL)
def expire(ctx: Context) -> int:
    """Release every hold whose time is up and tell the orders that still count on one; returns how many ended. For the timer."""
    ended = ledger.expire_due(ctx)
    rows = ctx.session.execute(
        unscoped(
            select(Reservation, Lot, Item)
            .join(ConsignmentLine, ConsignmentLine.reservation_id == Reservation.id)
            .join(Consignment, Consignment.id == ConsignmentLine.consignment_id)
            .join(Lot, Lot.id == Reservation.lot_id)
            .join(Item, Item.id == Lot.item_id)
            .where(
                Reservation.closed_at >= Reservation.expires_at,
                Reservation.closed_at > ctx.now - ALWAYS_TOLD,
                Reservation.fulfilled == 0,
                Consignment.loaded_at.is_(None),
                Consignment.ended_because == "",
            )
            .order_by(Reservation.id),
            "the timer tells everybody",
        )
    ).all()
    notices = []
    for hold, lot, item in rows:
        about, bodies = parties_of(ctx, hold)
        lost = with_unit(hold.released - hold.taken, item.unit)
        params: dict[str, str | int] = {
            "document": about.number,
            "item": item.name,
            "lot": lot.number,
            "quantity": lost,
        }
        notices += [
            NoticeInput(derived_id("hold_expired", hold.id, body), body, NoticeKind.HOLD_EXPIRED, about, params)
            for body in bodies
        ]
    tell(ctx, notices)
    return ended


def _hold(ctx: Context, reservation_id: UUID) -> Reservation:
    """An open hold on stock in reach."""
    visible = select(StockBalance.lot_id).where(
        StockBalance.lot_id == Reservation.lot_id, StockBalance.location_id == Reservation.location_id
    )
    found = ctx.session.scalars(
        select(Reservation).where(Reservation.id == reservation_id, visible.exists())
    ).one_or_none()
    if found is None:
        raise NotFound("reservation")
    if found.closed_at is not None or found.expires_at <= ctx.now:
        raise Conflict("hold_over", document=found.document_number)
    return found


def _claim(ctx: Context, line_id: UUID) -> tuple[SupplyRequestLine, SupplyRequest]:
    """An accepted line of a request in reach, of an open event, that is not satisfied yet."""
    line = ctx.session.get(SupplyRequestLine, line_id)
    if line is None:
        raise NotFound("supply_request_line")
    request = ctx.get(SupplyRequest, line.request_id)
    incident = ctx.session.get_one(Incident, request.incident_id, execution_options={"unscoped": True})
    if request.state is not RequestState.ACCEPTED:
        raise WrongState("supply_request", request.state.value, RequestState.ACCEPTED.value)
    if incident.state is not IncidentState.OPEN:
        raise WrongState("incident", incident.state.value, IncidentState.OPEN.value)
    return line, request
