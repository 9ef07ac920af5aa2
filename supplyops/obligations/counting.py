"""How much of each line has been settled: what a reversed receipt had shown counts for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select

from supplyops.obligations.tables import ObligationSettlement
from supplyops.runtime import Context, unscoped
from supplyops.stock.rules import StockDocumentState
from supplyops.stock.tables import StockDocument

_BECAUSE = "a settlement counts for both sides, whoever keeps the store that received the goods"


def reversed_documents(ctx: Context, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these receipts were reversed."""
    rows = select(StockDocument.id).where(StockDocument.id.in_(ids), StockDocument.state == StockDocumentState.REVERSED)
    return set(ctx.session.scalars(unscoped(rows, _BECAUSE)))


def settled_of(ctx: Context, line_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Line -> how much of it counts as given back."""
    gone = select(StockDocument.id).where(StockDocument.state == StockDocumentState.REVERSED)
    rows = (
        select(ObligationSettlement.line_id, func.sum(ObligationSettlement.quantity))
        .where(
            ObligationSettlement.line_id.in_(line_ids),
            or_(ObligationSettlement.document_id.is_(None), ObligationSettlement.document_id.not_in(gone)),
        )
        .group_by(ObligationSettlement.line_id)
    )
    return {line_id: int(total) for line_id, total in ctx.session.execute(unscoped(rows, _BECAUSE))}
