"""Which moves make a number: every balance on a stock page opens the moves whose sum it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, select, union_all
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.database.counting import counted
from supplyops.database.registry import CHUNK
from supplyops.kernel.access import Permission
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.narrowing import Asked, asked
from supplyops.stock.queries import move_row
from supplyops.stock.tables import Lot, StockBalance, StockDocument, StockMove
from supplyops.stock.views import PAGE, MoveRow, StockFilter

SUMMED_MAX = 20_000
"""Where the lots in question have more moves than this, they are not added up: the newest are read from the end of the books back."""
WALKED, WALKED_MAX = 1_000, 64_000
"""So many moves are looked through at a time at first, then twice as many each time."""
WALKED_FOR_ROW = 200
"""So many moves are looked through for each row of a page."""


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One move as it changed the number, and the number after it."""

    move: MoveRow
    change: int
    balance: int | None
    """None where the number is of several items: pieces and boxes have no sum."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A balance and the moves that make it: `came` less `went` is `on_hand`, or the books are wrong.

    The sums and `moves` are None where there are more moves than a page adds up; `verify` does.
    """

    on_hand: int
    came: int | None
    went: int | None
    moves: int | None
    rows: tuple[StatementRow, ...]
    next_before: int | None
    """Where the next page begins; None on the last."""
    is_mixed: bool = False
    """It is of several items: the sums only tell whether balances and moves agree."""

    @property
    def total(self) -> int | None:
        """The sum of all moves."""
        return None if self.came is None or self.went is None else self.came - self.went


@query(Permission.STOCK_SEE)
def statement(ctx: Context, where: StockFilter, before_seq: int | None = None, limit: int = PAGE) -> Statement:
    """The balance that a filter leaves, with its moves, newest first, each with the balance after it.

    Moves from one of its places to another change nothing and are left out. Empty lots count: their moves are a part.
    """
    wanted = asked(ctx, replace(where, include_empty=True))
    pairs = _pairs(wanted)
    is_mixed = _is_mixed(ctx, wanted)
    on_hand = int(ctx.session.scalar(also_showing(select(func.sum(pairs.c.on_hand)), Site)) or 0)
    if _are_many(ctx, pairs):
        found, newer, reached = _walked(ctx, wanted, before_seq, limit)
        return Statement(
            on_hand, None, None, None, _rows(ctx, found, None if is_mixed else on_hand - newer), reached, is_mixed
        )
    net = _net(pairs)
    totals = select(
        func.coalesce(func.sum(case((net.c.change > 0, net.c.change), else_=0)), 0),
        func.coalesce(func.sum(case((net.c.change < 0, -net.c.change), else_=0)), 0),
        func.count(),
    )
    came, went, moves = ctx.session.execute(also_showing(totals, Site)).one()
    page = select(net.c.seq, net.c.change).order_by(net.c.seq.desc()).limit(limit + 1)
    newer = 0
    if before_seq is not None:
        page = page.where(net.c.seq < before_seq)
        behind = select(func.sum(net.c.change)).where(net.c.seq >= before_seq)
        newer = int(ctx.session.scalar(also_showing(behind, Site)) or 0)
    found = [(int(seq), int(change)) for seq, change in ctx.session.execute(also_showing(page, Site))]
    rows = _rows(ctx, found[:limit], None if is_mixed else on_hand - newer)
    older = found[limit - 1][0] if len(found) > limit else None
    return Statement(on_hand, int(came), int(went), int(moves), rows, older, is_mixed)


def _is_mixed(ctx: Context, wanted: Asked) -> bool:
    two = select(StockBalance.item_id).where(*wanted.of_balances()).distinct().limit(2)
    return len(ctx.session.scalars(also_showing(two, Site)).all()) > 1


def _pairs(wanted: Asked) -> Subquery:
    """Places and lots that the filter leaves, empty ones too."""
    columns = (StockBalance.location_id, StockBalance.lot_id, StockBalance.on_hand)
    return select(*columns).where(*wanted.of_balances()).subquery()


def _net(pairs: Subquery) -> Subquery:
    """seq -> by how much a move changed the sum of these places, where it did."""
    # Found by their lots: a place has very many moves, so the indexes of places are kept out of it.
    target, source = (func.coalesce(each, StockMove.lot_id) for each in (StockMove.target_id, StockMove.source_id))
    came = select(StockMove.seq, StockMove.quantity.label("change")).join(
        pairs, and_(pairs.c.lot_id == StockMove.lot_id, pairs.c.location_id == target)
    )
    went = select(StockMove.seq, (-StockMove.quantity).label("change")).join(
        pairs, and_(pairs.c.lot_id == StockMove.lot_id, pairs.c.location_id == source)
    )
    legs = union_all(came, went).subquery()
    change = func.sum(legs.c.change)
    return select(legs.c.seq, change.label("change")).group_by(legs.c.seq).having(change != 0).subquery()


def _are_many(ctx: Context, pairs: Subquery) -> bool:
    """Have these lots more moves, wherever, than are looked through to add up those of a page?"""
    moves = counted(select(StockMove.seq).where(StockMove.lot_id.in_(select(pairs.c.lot_id))), SUMMED_MAX)
    return int(ctx.session.scalar(also_showing(moves, Site)) or 0) > SUMMED_MAX


def _walked(
    ctx: Context, wanted: Asked, before_seq: int | None, limit: int
) -> tuple[list[tuple[int, int]], int, int | None]:
    """(seq, change) of the newest moves that change the sum, what changed it after them, and where older ones begin, if there are.

    Read from the newest move of all back, for a page no further than some hundred moves for each row: where goods only go round
    inside, a page may be short, or empty, and older ones follow.
    """
    newest = int(ctx.session.scalar(select(func.max(StockMove.seq))) or 0)
    last, newer = newest + 1, 0
    if before_seq is not None:
        last = min(last, before_seq)
        changes = _changes(wanted, last, newest + 1).subquery()
        newer = int(ctx.session.scalar(also_showing(select(func.sum(changes.c.change)), Site)) or 0)
    end = max(last - limit * WALKED_FOR_ROW, 0)
    found: list[tuple[int, int]] = []
    step = WALKED
    while last > end and len(found) <= limit:
        first = max(last - step, end)
        newest_first = _changes(wanted, first, last).order_by(StockMove.seq.desc())
        found += [(int(seq), int(change)) for seq, change in ctx.session.execute(also_showing(newest_first, Site))]
        last, step = first, min(2 * step, WALKED_MAX)
    if len(found) > limit:
        return found[:limit], newer, found[limit - 1][0]
    return found, newer, last if last > 0 else None


def _changes(wanted: Asked, first: int, last: int) -> Select[int, int]:
    """seq, change of moves from `first` on and before `last` that change the sum: read one by one."""
    target, source = _pairs(wanted), _pairs(wanted)
    came, went = target.c.lot_id.is_not(None), source.c.lot_id.is_not(None)
    return (
        select(StockMove.seq, case((came, StockMove.quantity), else_=-StockMove.quantity).label("change"))
        .outerjoin(target, and_(target.c.lot_id == StockMove.lot_id, target.c.location_id == StockMove.target_id))
        .outerjoin(source, and_(source.c.lot_id == StockMove.lot_id, source.c.location_id == StockMove.source_id))
        .where(StockMove.seq >= first, StockMove.seq < last, came != went)
    )


def _rows(ctx: Context, found: Sequence[tuple[int, int]], balance: int | None) -> tuple[StatementRow, ...]:
    moves = {row.seq: row for row in _moves(ctx, [seq for seq, _ in found])}
    rows = []
    for seq, change in found:
        rows.append(StatementRow(moves[seq], change, balance))
        balance = None if balance is None else balance - change
    return tuple(rows)


def _moves(ctx: Context, seqs: Sequence[int]) -> Iterator[MoveRow]:
    source, target = aliased(Location), aliased(Location)
    statement = (
        select(StockMove, Lot.number, Item, source.name, target.name, StockDocument.is_late)
        .join(Lot, Lot.id == StockMove.lot_id)
        .join(Item, Item.id == StockMove.item_id)
        .join(source, source.id == StockMove.source_id)
        .join(target, target.id == StockMove.target_id)
        .outerjoin(StockDocument, StockDocument.id == StockMove.document_id)
    )
    for start in range(0, len(seqs), CHUNK):
        some = statement.where(StockMove.seq.in_(seqs[start : start + CHUNK]))
        rows: Any = ctx.session.execute(also_showing(some, StockDocument))
        yield from (move_row(*row) for row in rows)
