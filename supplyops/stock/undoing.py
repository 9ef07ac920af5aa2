"""Taking a document back by opposite entries; and the short time in which who posted it may do so without asking."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from supplyops.kernel.access import Permission
from supplyops.kernel.errors import Conflict, Forbidden, SupplyError, WrongState
from supplyops.kernel.ids import derived_id
from supplyops.norms.figures import number_or_shipped
from supplyops.papers.commands import void
from supplyops.runtime import Context, command, query, unscoped
from supplyops.stock import ledger
from supplyops.stock.rules import MoveReason, StockDocumentState
from supplyops.stock.tables import Lot, Reservation, StockBalance, StockDocument, StockMove

UNDONE = "本人撤销"
_RECOVERED = "recovered"
"""Under this name an issue notes the register under which goods of it came back."""
_Opposite = aliased(StockMove)
Key = tuple[UUID, UUID]
_NOTHING: Mapping[Key, int] = {}


@dataclass(frozen=True, slots=True)
class UndoRow:
    """May the reader undo a document: until when, or why not."""

    until: datetime
    is_possible: bool
    code: str = ""
    params: dict[str, str] = field(default_factory=dict)


@command(Permission.STOCK_UNDO)
def undo_document(ctx: Context, document_id: UUID) -> None:
    """Undo one's own posting within a few minutes, by opposite entries; its papers no longer hold.

    Raises Forbidden `undo_not_yours`; Conflict `undo_too_late`, `undo_loaded`, `undo_used`, `undo_reserved`,
    `undo_call_off`, `issue_recovered`, each saying by whom and in which document; WrongState when it is taken back already.
    """
    document = ctx.get(StockDocument, document_id, lock=True)
    ctx.require(Permission.STOCK_UNDO, document.organisation_id)
    moves = moves_of(ctx, document.id)
    ledger.lock_places(ctx, [place for move in moves for place in (move.source_id, move.target_id)])
    _refuse(ctx, document, moves)
    take_back(ctx, document, UNDONE)
    ctx.about(document.kind.value, document.id, document.number)


@query(Permission.STOCK_SEE)
def undo_of(ctx: Context, document_id: UUID) -> UndoRow:
    """May the reader undo this document now? For the button and what stands instead of it."""
    document = ctx.get(StockDocument, document_id)
    return undo_row(
        ctx,
        document.organisation_id,
        document.created_at,
        lambda: _refuse(ctx, document, moves_of(ctx, document.id)),
    )


def undo_row(ctx: Context, organisation_id: UUID, posted_at: datetime, refuse: Callable[[], None]) -> UndoRow:
    """What is told of undoing something posted then by a body: `refuse` raises what is in the way."""
    until = until_of(ctx, posted_at)
    try:
        if not ctx.may(Permission.STOCK_UNDO, organisation_id):
            raise Forbidden("undo_not_yours")
        refuse()
    except SupplyError as refusal:
        return UndoRow(until, False, refusal.code, {name: str(value) for name, value in refusal.params.items()})
    return UndoRow(until, True)


def lock_issues(ctx: Context, document_ids: Collection[UUID]) -> list[StockDocument]:
    """The issues that goods come back of: whoever would take one back meanwhile waits, and then sees what `note_recovered` wrote."""
    rows = (
        select(StockDocument)
        .where(StockDocument.id.in_(document_ids))
        .order_by(StockDocument.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(
        ctx.session.scalars(unscoped(rows, "goods come back to whichever store, not only the one that gave them"))
    )


def note_recovered(issues: Sequence[StockDocument], register: str) -> None:
    """Note on locked issues the number of the register under which goods of them came back: from then on they stand.

    Without a number nothing of them has come back any more.
    """
    for issue in issues:
        others = {name: value for name, value in issue.details.items() if name != _RECOVERED}
        issue.details = others | {_RECOVERED: register} if register else others


def take_back(ctx: Context, document: StockDocument, because: str) -> None:
    """Post the opposite of everything a document posted, and end its papers.

    Raises Conflict `issue_recovered` where goods of it have come back, `counted_since` where a count has put its goods right
    since: either way they would be reckoned twice.
    """
    _refuse_recovered(document)
    reverse_postings(ctx, document.id, because)
    document.state, document.reversed_at = StockDocumentState.REVERSED, ctx.now
    void(ctx, document.id, because)


def reverse_postings(ctx: Context, document_id: UUID, because: str) -> None:
    """Post the opposite of everything posted under a document. Raises Conflict `counted_since`; as `ledger.reverse`."""
    _refuse_counted(ctx, moves_of(ctx, document_id))
    postings = ctx.session.scalars(
        select(StockMove.posting_id)
        .where(StockMove.document_id == document_id, StockMove.reverses_id.is_(None))
        .distinct()
    ).all()
    for posting_id in sorted(postings):
        ledger.reverse(ctx, posting_id, derived_id("reverse", posting_id), because)


def until_of(ctx: Context, posted_at: datetime) -> datetime:
    """Until when something posted then may be undone."""
    return posted_at + timedelta(minutes=number_or_shipped(ctx, "undo.minutes"))


def moves_of(ctx: Context, document_id: UUID) -> list[StockMove]:
    """All moves under a document, opposite ones among them."""
    return list(ctx.session.scalars(select(StockMove).where(StockMove.document_id == document_id)))


def refuse_not_own(ctx: Context, posted_by_id: UUID | None, posted_at: datetime) -> None:
    """Raise Forbidden `undo_not_yours` for what somebody else posted, Conflict `undo_too_late`."""
    if not ctx.principal.is_system and posted_by_id != ctx.principal.user_id:
        raise Forbidden("undo_not_yours")
    if ctx.now > until_of(ctx, posted_at):
        raise Conflict("undo_too_late", minutes=number_or_shipped(ctx, "undo.minutes"))


def refuse_in_use(ctx: Context, moves: list[StockMove], freed: Mapping[Key, int] = _NOTHING) -> None:
    """Raise Conflict `undo_loaded`, `undo_used` or `undo_reserved` for goods of a document's moves that something else needs.

    `freed`: (place, lot) -> how much will be free again because holds fall away with the document.
    """
    _refuse_used(ctx, moves, freed)
    _refuse_reserved(ctx, moves, freed)


def _refuse(ctx: Context, document: StockDocument, moves: list[StockMove]) -> None:
    if document.state is StockDocumentState.REVERSED:
        raise WrongState("stock_document", document.state.value, StockDocumentState.POSTED.value)
    refuse_not_own(ctx, document.created_by_id, document.created_at)
    if document.details.get("call_off"):
        raise Conflict("undo_call_off", document=document.details["call_off"])
    _refuse_recovered(document)
    refuse_in_use(ctx, moves)


def _refuse_recovered(document: StockDocument) -> None:
    if register := document.details.get(_RECOVERED):
        raise Conflict("issue_recovered", number=document.number, document=register)


def _refuse_counted(ctx: Context, moves: list[StockMove]) -> None:
    """A difference that a count has posted since may be this very mistake."""
    if not moves:
        return
    ends = {(place, move.lot_id) for move in moves for place in (move.source_id, move.target_id)}
    corrections = ctx.session.execute(
        select(StockMove, Lot.number)
        .join(Lot, Lot.id == StockMove.lot_id)
        .where(
            StockMove.reason == MoveReason.COUNT,
            StockMove.lot_id.in_({move.lot_id for move in moves}),
            StockMove.seq > max(move.seq for move in moves),
        )
        .order_by(StockMove.seq)
    )
    for correction, lot in corrections:
        if {(correction.source_id, correction.lot_id), (correction.target_id, correction.lot_id)} & ends:
            raise Conflict("counted_since", lot=lot, document=correction.document_number)


def _refuse_used(ctx: Context, moves: list[StockMove], freed: Mapping[Key, int]) -> None:
    """Goods that somebody else has used since, and goods on a vehicle, stay where they are."""
    taken_back = select(_Opposite.seq).where(_Opposite.reverses_id == StockMove.posting_id).exists()
    later = ctx.session.execute(
        select(StockMove, Lot.number)
        .join(Lot, Lot.id == StockMove.lot_id)
        .where(
            StockMove.lot_id.in_({move.lot_id for move in moves}),
            StockMove.seq > max((move.seq for move in moves), default=0),
            StockMove.document_id.not_in({move.document_id for move in moves}),
            StockMove.reverses_id.is_(None),
            ~taken_back,
        )
        .order_by(StockMove.seq)
    ).all()
    for move, lot in later:
        if move.reason is MoveReason.DISPATCH:
            raise Conflict("undo_loaded", lot=lot, document=move.document_number, who=move.actor_name)
    for move, lot in later:
        if move.actor_id != ctx.principal.user_id or _needs(ctx, moves, move.lot_id, freed):
            raise Conflict("undo_used", lot=lot, document=move.document_number, who=move.actor_name)


def _needs(ctx: Context, moves: list[StockMove], lot_id: UUID, freed: Mapping[Key, int]) -> bool:
    """Would taking the document back leave less than nothing of the lot somewhere?"""
    return any(move.lot_id == lot_id and _free(ctx, move, freed) < 0 for move in moves)


def _free(ctx: Context, move: StockMove, freed: Mapping[Key, int]) -> int:
    """What would be free at a move's target if it were taken back; 0 where no balance is kept."""
    statement = select(StockBalance.on_hand - StockBalance.reserved - move.quantity).where(
        StockBalance.location_id == move.target_id, StockBalance.lot_id == move.lot_id
    )
    free = ctx.session.scalar(unscoped(statement, "the ledger guards every place"))
    return int(free) + freed.get((move.target_id, move.lot_id), 0) if free is not None else 0


def _refuse_reserved(ctx: Context, moves: list[StockMove], freed: Mapping[Key, int]) -> None:
    for move in moves:
        if _free(ctx, move, freed) >= 0:
            continue
        holder = ctx.session.scalars(
            select(Reservation)
            .where(
                Reservation.location_id == move.target_id,
                Reservation.lot_id == move.lot_id,
                Reservation.closed_at.is_(None),
            )
            .order_by(Reservation.created_at.desc())
            .limit(1)
        ).one_or_none()
        if holder is not None:
            lot = ctx.session.scalar(select(func.min(Lot.number)).where(Lot.id == move.lot_id))
            raise Conflict("undo_reserved", lot=lot, document=holder.document_number)
