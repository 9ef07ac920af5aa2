"""The sheet of a count: its lines, what they are worth, and what the books say of each."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue.tables import Item
from supplyops.counts.balances import books_at
from supplyops.counts.tables import StockCount, StockCountLine
from supplyops.kernel.reference import DocumentRef
from supplyops.runtime import Context
from supplyops.stock.tables import Lot


def reckon(ctx: Context, lines: Sequence[StockCountLine]) -> list[int]:
    """Write into each line what the books say of the moment it was counted; returns the numbers of lines that changed."""
    moments = {
        (line.location_id, line.lot_id): line.final_at
        for line in lines
        if line.lot_id is not None and line.final_at is not None
    }
    books = books_at(ctx, moments)
    changed = []
    for line in lines:
        book = max(books[line.location_id, line.lot_id], 0) if line.lot_id is not None else 0
        if line.book != book:
            changed.append(line.line_no)
        line.book = book
    return changed


def lines_of(ctx: Context, count: StockCount) -> list[StockCountLine]:
    """The lines of a count, in order."""
    statement = select(StockCountLine).where(StockCountLine.count_id == count.id).order_by(StockCountLine.line_no)
    return list(ctx.session.scalars(statement))


def items_of(ctx: Context, lines: Sequence[StockCountLine]) -> dict[UUID, Item]:
    """The goods of some lines by id."""
    wanted = {line.item_id for line in lines}
    return {row.id: row for row in ctx.session.scalars(select(Item).where(Item.id.in_(wanted)))}


def prices_of(ctx: Context, lines: Sequence[StockCountLine]) -> dict[UUID, int]:
    """line id -> price of a unit: the lot's, or what was said of found goods."""
    wanted = {line.lot_id for line in lines if line.lot_id is not None}
    rows = ctx.session.execute(select(Lot.id, Lot.unit_price_fen).where(Lot.id.in_(wanted)))
    known: dict[UUID | None, int] = {row.id: row.unit_price_fen for row in rows}
    return {
        line.id: known[line.lot_id] if line.lot_id is not None else int(line.found.get("unit_price_fen", 0))
        for line in lines
    }


def reference(count: StockCount) -> DocumentRef:
    """The count as the document behind its postings."""
    return DocumentRef("stock_count", count.id, count.number)
