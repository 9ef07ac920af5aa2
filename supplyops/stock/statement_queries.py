"""Which moves make a number: every balance on a stock page opens the moves whose sum it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Subquery, and_, case, func, select, union_all
from sqlalchemy.orm import aliased

from supplyops.catalogue.tables import Item
from supplyops.kernel.access import Permission
from supplyops.places.tables import Location, Site
from supplyops.runtime import Context, also_showing, query
from supplyops.stock.narrowing import Asked, asked
from supplyops.stock.queries import move_row
from supplyops.stock.tables import Lot, StockBalance, StockDocument, StockMove
from supplyops.stock.views import PAGE, MoveRow, StockFilter


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One move as it changed the number, and the number after it."""

    move: MoveRow
    change: int
    balance: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A balance and the moves that make it: `came` less `went` is `on_hand`, or the books are wrong."""

    on_hand: int
    came: int
    went: int
    moves: int
    rows: tuple[StatementRow, ...]
    next_before: int | None
    """Where the next page begins; None on the last."""

    @property
    def total(self) -> int:
        """The sum of all moves."""
        return self.came - self.went


@query(Permission.STOCK_SEE)
def statement(ctx: Context, where: StockFilter, before_seq: int | None = None, limit: int = PAGE) -> Statement:
    """The balance that a filter leaves, with its moves, newest first, each with the balance after it.

    Moves from one of its places to another change nothing and are left out. Empty lots count: their moves are a part.
    """
    pairs = _pairs(asked(ctx, replace(where, include_empty=True)))
    net = _net(pairs)
    on_hand = int(ctx.session.scalar(also_showing(select(func.sum(pairs.c.on_hand)), Site)) or 0)
    totals = select(
        func.count(),
        func.sum(case((net.c.change > 0, net.c.change), else_=0)),
        func.sum(case((net.c.change < 0, -net.c.change), else_=0)),
    )
    count, came, went = ctx.session.execute(also_showing(totals, Site)).one()
    page = select(net.c.seq, net.c.change).order_by(net.c.seq.desc()).limit(limit + 1)
    newer = 0
    if before_seq is not None:
        page = page.where(net.c.seq < before_seq)
        behind = select(func.sum(net.c.change)).where(net.c.seq >= before_seq)
        newer = int(ctx.session.scalar(also_showing(behind, Site)) or 0)
    found = [(int(seq), int(change)) for seq, change in ctx.session.execute(also_showing(page, Site))]
    rows = _rows(ctx, found[:limit], on_hand - newer)
    more = found[limit - 1][0] if len(found) > limit else None
    return Statement(on_hand, int(came or 0), int(went or 0), int(count), rows, more)


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


def _rows(ctx: Context, found: Sequence[tuple[int, int]], balance: int) -> tuple[StatementRow, ...]:
    moves = {row.seq: row for row in _moves(ctx, [seq for seq, _ in found])}
    rows = []
    for seq, change in found:
        rows.append(StatementRow(moves[seq], change, balance))
        balance -= change
    return tuple(rows)


def _moves(ctx: Context, seqs: Sequence[int]) -> list[MoveRow]:
    source, target = aliased(Location), aliased(Location)
    statement = (
        select(StockMove, Lot.number, Item, source.name, target.name, StockDocument.is_late)
        .join(Lot, Lot.id == StockMove.lot_id)
        .join(Item, Item.id == StockMove.item_id)
        .join(source, source.id == StockMove.source_id)
        .join(target, target.id == StockMove.target_id)
        .outerjoin(StockDocument, StockDocument.id == StockMove.document_id)
        .where(StockMove.seq.in_(seqs))
    )
    rows: Any = ctx.session.execute(also_showing(statement, StockDocument))
    return [move_row(*row) for row in rows]
