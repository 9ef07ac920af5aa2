"""Keeping lots back and letting them go: one by one, or a maker's whole batch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import FieldError, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.kernel.reference import DocumentRef
from supplyops.lots.inside import lots_with
from supplyops.lots.rules import LotHoldInput, RecallInput
from supplyops.lots.telling import tell_holders, tell_outsiders
from supplyops.notices.rules import NoticeKind
from supplyops.papers.commands import next_in_series
from supplyops.people.tables import Organisation
from supplyops.runtime import Context, command, unscoped
from supplyops.stock.blocking import set_state, statuses_of
from supplyops.stock.rules import LotState, RecallState
from supplyops.stock.tables import Lot, LotStatus, Recall, StockBalance

EVERYWHERE = "goods that must not be used are kept back wherever they lie"


@command(Permission.LOTS_HOLD)
def hold_lot(ctx: Context, hold: LotHoldInput) -> None:
    """Keep a lot back from now on. Whoever keeps some of it, or its owner, may; orders that count on it are told.

    Raises NotFound for a lot out of reach, WrongState when it is recalled or kept back for the same cause already.
    """
    lot = _lot(ctx, hold.lot_number)
    if not any(ctx.may(Permission.LOTS_HOLD, body) for body in _bodies(ctx, lot)):
        ctx.require(Permission.LOTS_HOLD, lot.owner_id)
    state = _state(ctx, lot)
    if state in {hold.state, LotState.RECALLED}:
        raise WrongState("lot", state.value, becomes=hold.state.value)
    _say(ctx, lot, hold.state, hold.reason)


@command(Permission.LOTS_RELEASE)
def release_lot(ctx: Context, lot_number: str, reason: str) -> None:
    """Let a lot be used again, by an approver of its owner who is not the one that kept it back.

    Raises Forbidden `own_document`; WrongState for a lot that is not kept back, or that a recall keeps back.
    """
    lot = _lot(ctx, lot_number)
    ctx.require(Permission.LOTS_RELEASE, lot.owner_id)
    check = Checks()
    check.text("reason", reason)
    check.done()
    status = statuses_of(ctx, [lot.id]).get(lot.id)
    if status is None or status.state in {LotState.NORMAL, LotState.RECALLED}:
        raise WrongState("lot", (status.state if status else LotState.NORMAL).value, LotState.HELD.value)
    if status.actor_id is not None and status.actor_id == ctx.principal.user_id:
        raise Forbidden("own_document")
    _say(ctx, lot, LotState.NORMAL, reason)


@command(Permission.LOTS_RECALL)
def recall_batch(ctx: Context, recall: RecallInput) -> UUID:
    """Recall a maker's batch: every lot of it that the body or anybody below owns or keeps is kept back, also what comes
    in later, and kits that have some of it in them. Bodies outside that have goods of the batch are told. Returns the
    recall's id.
    """
    body = _body(ctx, recall.organisation_code)
    ctx.require(Permission.LOTS_RECALL, body.id)
    item = ctx.session.scalars(select(Item).where(Item.sku == recall.sku)).one_or_none()
    if item is None:
        raise InvalidInput(fields=(FieldError("sku", "unknown_reference", {"value": recall.sku}),))
    row = Recall(
        id=ctx.new_id(),
        number=next_in_series(ctx, "ZH", body.area_code),
        organisation_id=body.id,
        item_id=item.id,
        manufacturer=recall.manufacturer.strip(),
        maker_batch=recall.maker_batch.strip(),
        reason=recall.reason,
        notice_number=recall.notice_number,
        state=RecallState.OPEN,
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        created_by_name=ctx.principal.name,
        ended_at=None,
        ended_by_name="",
        ended_because="",
    )
    ctx.session.add(row)
    amounts = lots_with(ctx, _batch(ctx, row))
    inside, outside = _sides(ctx, body, amounts)
    reference = DocumentRef("recall", row.id, row.number)
    for lot in inside:
        _say(ctx, lot, LotState.RECALLED, recall.reason, reference)
    tell_outsiders(ctx, row, item, body, {lot.id: amounts[lot.id] for lot in outside})
    ctx.about("recall", row.id, row.number, lots=len(inside))
    return row.id


@command(Permission.LOTS_RELEASE)
def end_recall(ctx: Context, recall_id: UUID, because: str) -> None:
    """End a recall: what it kept back is as it was before, unless another recall keeps it back still. By an approver who did
    not order it.
    """
    row = ctx.get(Recall, recall_id, lock=True)
    ctx.require(Permission.LOTS_RELEASE, row.organisation_id)
    check = Checks()
    check.text("because", because)
    check.done()
    if row.state is not RecallState.OPEN:
        raise WrongState("recall", row.state.value, RecallState.OPEN.value)
    if row.created_by_id is not None and row.created_by_id == ctx.principal.user_id:
        raise Forbidden("own_document")
    row.state, row.ended_at, row.ended_by_name, row.ended_because = (
        RecallState.ENDED,
        ctx.now,
        ctx.principal.name,
        because,
    )
    touched = select(LotStatus.lot_id).where(LotStatus.document_id == row.id).distinct()
    lots = ctx.session.scalars(select(Lot).where(Lot.id.in_(touched)).order_by(Lot.number)).all()
    newest = statuses_of(ctx, [lot.id for lot in lots])
    for lot in lots:
        if newest[lot.id].document_id != row.id:
            continue
        before = _still_said(ctx, lot)
        if before is None:
            _say(ctx, lot, LotState.NORMAL, because, DocumentRef("recall", row.id, row.number))
        else:
            reference = DocumentRef(before.document_kind, before.document_id, before.document_number)
            _say(ctx, lot, before.state, before.reason, reference)
    ctx.about("recall", row.id, row.number)


def _still_said(ctx: Context, lot: Lot) -> LotStatus | None:
    """The newest word on a lot that holds without the recalls that have ended; None where that is none, or that it may be used."""
    open_ones = set(
        ctx.session.scalars(unscoped(select(Recall.id).where(Recall.state == RecallState.OPEN), EVERYWHERE))
    )
    words = ctx.session.scalars(select(LotStatus).where(LotStatus.lot_id == lot.id).order_by(LotStatus.seq.desc()))
    standing = (word for word in words if word.document_kind != "recall" or word.document_id in open_ones)
    newest = next(standing, None)
    return None if newest is None or newest.state is LotState.NORMAL else newest


def _say(ctx: Context, lot: Lot, state: LotState, reason: str, document: DocumentRef | None = None) -> None:
    """A new word on a lot, and a notice to every order that counts on it."""
    before = _state(ctx, lot)
    set_state(ctx, lot.id, state, reason, document or DocumentRef("lot", lot.id, lot.number))
    kind = NoticeKind.LOT_FREED if state is LotState.NORMAL else NoticeKind.LOT_BLOCKED
    told = tell_holders(ctx, lot, kind, state, reason) if state is not before else 0
    ctx.about("lot", lot.id, lot.number, before=before.value, after=state.value, told=told)


def _lot(ctx: Context, number: str) -> Lot:
    """The lot of that number, if any of it lies within reach."""
    visible = select(StockBalance.lot_id).where(StockBalance.lot_id == Lot.id).exists()
    lot = ctx.session.scalars(select(Lot).where(Lot.number == number, visible)).one_or_none()
    if lot is None:
        raise NotFound("lot", number=number)
    return lot


def _bodies(ctx: Context, lot: Lot) -> list[UUID]:
    """The owner, and who keeps some of it in the reader's reach."""
    rows = select(StockBalance.custodian_id).where(StockBalance.lot_id == lot.id).distinct()
    return [lot.owner_id, *(body for body in ctx.session.scalars(rows) if body is not None)]


def _state(ctx: Context, lot: Lot) -> LotState:
    status = statuses_of(ctx, [lot.id]).get(lot.id)
    return status.state if status else LotState.NORMAL


def _body(ctx: Context, code: str) -> Organisation:
    if not code:
        home = ctx.principal.organisation_id
        body = ctx.session.get(Organisation, home) if home else None
        if body is None:
            raise InvalidInput(fields=(FieldError("organisation_code", "required"),))
        return body
    found = ctx.session.scalars(select(Organisation).where(Organisation.code == code)).one_or_none()
    if found is None:
        raise InvalidInput(fields=(FieldError("organisation_code", "unknown_reference", {"value": code}),))
    return found


def _batch(ctx: Context, recall: Recall) -> Sequence[UUID]:
    """The lots of the batch, whoever has them."""
    return ctx.session.scalars(
        select(Lot.id).where(
            Lot.item_id == recall.item_id,
            func.lower(Lot.manufacturer) == recall.manufacturer.lower(),
            func.lower(Lot.maker_batch) == recall.maker_batch.lower(),
        )
    ).all()


def _sides(ctx: Context, body: Organisation, lot_ids: Collection[UUID]) -> tuple[list[Lot], list[Lot]]:
    """Of some lots those that the body or anybody below owns or keeps, and the others."""
    lots = ctx.session.scalars(select(Lot).where(Lot.id.in_(lot_ids)).order_by(Lot.number)).all()
    below = select(Organisation.id).where(Organisation.path.startswith(body.path, autoescape=True))
    mine = set(ctx.session.scalars(below))
    kept = unscoped(
        select(StockBalance.lot_id, StockBalance.custodian_id).where(StockBalance.lot_id.in_(lot_ids)), EVERYWHERE
    )
    inside = {lot_id for lot_id, keeper in ctx.session.execute(kept) if keeper in mine}
    inside |= {lot.id for lot in lots if lot.owner_id in mine}
    return [lot for lot in lots if lot.id in inside], [lot for lot in lots if lot.id not in inside]
