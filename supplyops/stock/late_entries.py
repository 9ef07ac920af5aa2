"""Permits to write up what happened too long ago, and what a late entry would mean before it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import FieldError, Forbidden, InvalidInput, WrongState
from supplyops.papers.commands import next_in_series
from supplyops.places.rules import REAL_KINDS
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, command, query
from supplyops.stock import backdating, commands
from supplyops.stock.documents import IssueInput, LatePermitInput, QuickReceiptInput, ReceiptInput, TransferInput
from supplyops.stock.receiving import receive_quickly
from supplyops.stock.rules import LateKind, LatePermitState
from supplyops.stock.tables import LatePermit, Lot, StockDocument, StockMove

_MAY_POST = {
    LateKind.RECEIPT: Permission.STOCK_RECEIVE,
    LateKind.ISSUE: Permission.STOCK_ISSUE,
    LateKind.TRANSFER: Permission.STOCK_MOVE,
    LateKind.COUNT: Permission.STOCK_MOVE,
}


@command(Permission.STOCK_UNDO)
def ask_late(ctx: Context, wish: LatePermitInput) -> UUID:
    """Ask to write something up that happened longer ago than the office allows. Returns the permit's id."""
    site = ctx.session.scalars(select(Site).where(Site.code == wish.site_code)).one_or_none()
    if site is None:
        raise InvalidInput(fields=(FieldError("site_code", "unknown_reference", {"value": wish.site_code}),))
    ctx.require(_MAY_POST[wish.kind], site.organisation_id)
    if wish.earliest_at > ctx.now:
        raise InvalidInput(fields=(FieldError("earliest_at", "in_the_future"),))
    row = LatePermit(
        id=ctx.new_id(),
        number=next_in_series(ctx, "BL", site.area_code),
        organisation_id=site.organisation_id,
        site_id=site.id,
        kind=wish.kind,
        earliest_at=wish.earliest_at,
        reason=wish.reason,
        state=LatePermitState.ASKED,
        asked_at=ctx.now,
        asked_by_id=ctx.principal.user_id,
        asked_by_name=ctx.principal.name,
        decided_at=None,
        decided_by_id=None,
        decided_by_name="",
        decision_note="",
        used_by_document_id=None,
    )
    ctx.session.add(row)
    ctx.about("late_permit", row.id, row.number)
    return row.id


@command(Permission.STOCK_LATE)
def decide_late(ctx: Context, permit_id: UUID, allowed: bool, note: str = "") -> None:
    """Allow a late entry or refuse it, with a reason. Never by who asked."""
    row = ctx.get(LatePermit, permit_id, lock=True)
    ctx.require(Permission.STOCK_LATE, row.organisation_id)
    if row.asked_by_id is not None and row.asked_by_id == ctx.principal.user_id:
        raise Forbidden("own_document")
    if row.state is not LatePermitState.ASKED:
        raise WrongState("late_permit", row.state.value, LatePermitState.ASKED.value)
    check = Checks()
    check.text("note", note, required=not allowed)
    check.done()
    row.state = LatePermitState.APPROVED if allowed else LatePermitState.REFUSED
    row.decided_at, row.decided_by_id, row.decided_by_name = ctx.now, ctx.principal.user_id, ctx.principal.name
    row.decision_note = note
    ctx.about("late_permit", row.id, row.number, allowed=allowed)


@dataclass(frozen=True, slots=True)
class LatePermitRow:
    """A permit, and the document it was used for."""

    id: UUID
    number: str
    organisation_id: UUID
    site_code: str
    site_name: str
    kind: LateKind
    earliest_at: datetime
    reason: str
    state: LatePermitState
    asked_at: datetime
    asked_by_id: UUID | None
    asked_by_name: str
    decided_at: datetime | None
    decided_by_name: str
    decision_note: str
    document_number: str


@query(Permission.STOCK_SEE)
def late_permits(ctx: Context, state: LatePermitState | None = None) -> list[LatePermitRow]:
    """Permits in reach, the newest first."""
    statement = (
        select(LatePermit, Site, StockDocument.number)
        .join(Site, Site.id == LatePermit.site_id)
        .outerjoin(StockDocument, StockDocument.id == LatePermit.used_by_document_id)
        .order_by(LatePermit.asked_at.desc(), LatePermit.number.desc())
    )
    if state is not None:
        statement = statement.where(LatePermit.state == state)
    own = [
        name for name in LatePermitRow.__dataclass_fields__ if name not in {"site_code", "site_name", "document_number"}
    ]
    return [
        LatePermitRow(
            **{name: getattr(row, name) for name in own},
            site_code=site.code,
            site_name=site.name,
            document_number=number or "",
        )
        for row, site, number in ctx.session.execute(also_showing(statement, Site))
    ]


@dataclass(frozen=True, slots=True)
class EffectRow:
    """What a late entry means for one lot at one place: then, now, and at its lowest in between."""

    location_name: str
    lot_number: str
    item_name: str
    unit: str
    change: int
    then_before: int
    then_after: int
    lowest_after: int
    lowest_at: datetime
    now_before: int
    now_after: int
    moves_since: int
    """How many moves of the lot at the place happened after it."""


@dataclass(frozen=True, slots=True)
class LateEffect:
    """What a late entry would do."""

    occurred_at: datetime
    is_late: bool
    rows: tuple[EffectRow, ...]


@command(Permission.STOCK_RECEIVE)
def try_receipt(ctx: Context, receipt: ReceiptInput) -> LateEffect:
    """What a receipt would do; to be rehearsed, not run."""
    return _effect(ctx, commands.receive(ctx, receipt))


@command(Permission.STOCK_RECEIVE)
def try_quick_receipt(ctx: Context, given: QuickReceiptInput) -> LateEffect:
    """What a receipt in a few fields would do; to be rehearsed, not run."""
    return _effect(ctx, receive_quickly(ctx, given))


@command(Permission.STOCK_ISSUE)
def try_issue(ctx: Context, request: IssueInput) -> LateEffect:
    """What an issue would do; to be rehearsed, not run."""
    return _effect(ctx, commands.issue(ctx, request))


@command(Permission.STOCK_MOVE)
def try_transfer(ctx: Context, move: TransferInput) -> LateEffect:
    """What a transfer would do; to be rehearsed, not run."""
    return _effect(ctx, commands.transfer(ctx, move))


def _effect(ctx: Context, document_id: UUID) -> LateEffect:
    document = ctx.session.get_one(StockDocument, document_id)
    return effect_of(ctx, document_id, document.occurred_at, is_late=document.is_late)


def effect_of(ctx: Context, document_id: UUID, occurred_at: datetime, *, is_late: bool) -> LateEffect:
    """What the moves of a document mean, at the moment it is about and since."""
    ctx.session.flush()  # the moves it would make are read
    moves = list(ctx.session.scalars(select(StockMove).where(StockMove.document_id == document_id)))
    ends = {place for move in moves for place in (move.source_id, move.target_id)}
    real = {
        place.id: place
        for place in ctx.session.scalars(select(Location).where(Location.id.in_(ends), Location.kind.in_(REAL_KINDS)))
    }
    keys = sorted(
        {(place, move.lot_id) for move in moves for place in (move.source_id, move.target_id) if place in real}
    )
    names = {
        lot.id: (lot.number, item)
        for lot, item in ctx.session.execute(
            select(Lot, Item).join(Item, Item.id == Lot.item_id).where(Lot.id.in_({key[1] for key in keys}))
        )
    }
    rows = []
    for key, line in backdating.course(ctx, keys).items():
        number, item = names[key[1]]
        change = _change(moves, key)
        then, (lowest, at) = (
            backdating.at_moment(line, occurred_at),
            backdating.lowest_since(line, occurred_at),
        )
        now = line[-1][1]
        rows.append(
            EffectRow(
                real[key[0]].name, number, item.name, item.unit, change, then - change, then, lowest, at,
                now - change, now, _since(ctx, key, occurred_at),
            )
        )  # fmt: skip
    return LateEffect(occurred_at, is_late, tuple(rows))


def _change(moves: Sequence[StockMove], key: backdating.Key) -> int:
    came = sum(move.quantity for move in moves if (move.target_id, move.lot_id) == key)
    return came - sum(move.quantity for move in moves if (move.source_id, move.lot_id) == key)


def _since(ctx: Context, key: backdating.Key, moment: datetime) -> int:
    here = or_(StockMove.source_id == key[0], StockMove.target_id == key[0])
    statement = select(func.count()).where(StockMove.lot_id == key[1], here, StockMove.occurred_at > moment)
    return int(ctx.session.scalar(statement) or 0)
