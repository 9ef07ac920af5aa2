"""Taking a register back by opposite entries: by who wrote it within minutes, later by whoever may reverse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.kernel.access import Permission
from supplyops.kernel.checks import Checks
from supplyops.kernel.errors import Conflict, NotFound
from supplyops.papers.commands import void
from supplyops.recoveries.tables import Recovery, RecoveryLine, RecoveryRepair
from supplyops.runtime import Context, command, query, unscoped
from supplyops.scraps import ending as scraps
from supplyops.scraps.rules import ScrapState
from supplyops.scraps.tables import Scrap
from supplyops.stock import ledger, undoing
from supplyops.stock.tables import StockDocument, StockMove
from supplyops.stock.undoing import UNDONE, UndoRow

_GONE = frozenset({ScrapState.REFUSED, ScrapState.CANCELLED})


@command(Permission.STOCK_UNDO)
def undo_recovery(ctx: Context, number: str) -> None:
    """Undo one's own register within a few minutes, by opposite entries; its papers and the scrap applications it made fall away.

    Raises as `stock.undoing.undo_document`; Conflict `recovery_repaired`, `recovery_scrapped`, `recovery_taken_back`.
    """
    row = _locked(ctx, number)
    ctx.require(Permission.STOCK_UNDO, row.organisation_id)
    issues, applications, moves = _lock(ctx, row)
    _refuse(ctx, row, applications, moves)
    _take_back(ctx, row, issues, applications, UNDONE)


@command(Permission.STOCK_REVERSE)
def reverse_recovery(ctx: Context, number: str, because: str) -> None:
    """Take a register back that was a mistake, by opposite entries; refused when the goods have moved on since.

    Raises InvalidInput without a reason; Conflict `recovery_repaired`, `recovery_scrapped`, `recovery_taken_back`, `counted_since`;
    InsufficientStock.
    """
    row = _locked(ctx, number)
    ctx.require(Permission.STOCK_REVERSE, row.organisation_id)
    check = Checks()
    check.text("because", because)
    check.done()
    issues, applications, _ = _lock(ctx, row)
    _refuse_gone_on(ctx, row, applications)
    _take_back(ctx, row, issues, applications, because.strip())


@query(Permission.STOCK_SEE)
def undo_of(ctx: Context, number: str) -> UndoRow:
    """May the reader undo this register now? For the button and what stands instead of it."""
    row = ctx.session.scalars(select(Recovery).where(Recovery.number == number)).one_or_none()
    if row is None:
        raise NotFound("recovery", reference=number)
    return undoing.undo_row(
        ctx,
        row.organisation_id,
        row.recorded_at,
        lambda: _refuse(ctx, row, scraps.started_by(ctx, row.number), undoing.moves_of(ctx, row.id)),
    )


def _locked(ctx: Context, number: str) -> Recovery:
    statement = select(Recovery).where(Recovery.number == number).with_for_update()
    row = ctx.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("recovery", reference=number)
    return row


def _lock(ctx: Context, row: Recovery) -> tuple[list[StockDocument], list[Scrap], list[StockMove]]:
    """What goes back with a register: the issue that noted it, the applications it started, its moves; nobody changes them meanwhile."""
    issues = undoing.lock_issues(ctx, {row.source_id} if row.source_kind == "issue" else ())
    applications = scraps.started_by(ctx, row.number, lock=True)
    moves = undoing.moves_of(ctx, row.id)
    ledger.lock_places(ctx, [place for move in moves for place in (move.source_id, move.target_id)])
    return issues, applications, moves


def _refuse(ctx: Context, row: Recovery, applications: Sequence[Scrap], moves: list[StockMove]) -> None:
    undoing.refuse_not_own(ctx, row.recorded_by_id, row.recorded_at)
    _refuse_gone_on(ctx, row, applications)
    undoing.refuse_in_use(ctx, moves, _freed(ctx, applications))


def _refuse_gone_on(ctx: Context, row: Recovery, applications: Sequence[Scrap]) -> None:
    """A register stands once something was done on the strength of it."""
    if row.taken_back_at is not None:
        raise Conflict("recovery_taken_back", number=row.number)
    lines = select(RecoveryLine.id).where(RecoveryLine.recovery_id == row.id)
    if ctx.session.scalar(select(RecoveryRepair.id).where(RecoveryRepair.line_id.in_(lines)).limit(1)) is not None:
        raise Conflict("recovery_repaired", number=row.number)
    for each in applications:
        if each.state not in _GONE | {ScrapState.APPLIED}:
            raise Conflict("recovery_scrapped", number=row.number, document=each.number)


def _freed(ctx: Context, applications: Sequence[Scrap]) -> Mapping[undoing.Key, int]:
    """(place, lot) -> how much is free again once the applications have fallen away."""
    found: dict[undoing.Key, int] = defaultdict(int)
    for line in scraps.lines_of(ctx, [each.id for each in applications if each.state not in _GONE]):
        found[line.location_id, line.lot_id] += line.quantity
    return found


def _take_back(
    ctx: Context, row: Recovery, issues: Sequence[StockDocument], applications: Sequence[Scrap], because: str
) -> None:
    for each in applications:
        if each.state not in _GONE:
            scraps.end(ctx, each, ScrapState.CANCELLED, f"{row.number} {because}"[:200])
    undoing.reverse_postings(ctx, row.id, because)
    row.taken_back_at, row.taken_back_because = ctx.now, because
    row.taken_back_by_id, row.taken_back_by_name = ctx.principal.user_id, ctx.principal.name
    ctx.session.flush()  # what still counts is read next
    undoing.note_recovered(issues, _last_register(ctx, row.source_id))
    void(ctx, row.id, because)
    ctx.about("recovery", row.id, row.number, taken_back=because)


def _last_register(ctx: Context, source_id: UUID) -> str:
    """The newest register of an issue that still counts; nothing where none does."""
    rows = (
        select(Recovery.number)
        .where(Recovery.source_id == source_id, Recovery.taken_back_at.is_(None))
        .order_by(Recovery.recorded_at.desc(), Recovery.number.desc())
        .limit(1)
    )
    return ctx.session.scalar(unscoped(rows, "goods come back to whichever store")) or ""
