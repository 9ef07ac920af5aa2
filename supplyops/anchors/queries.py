"""Questions about anchors."""

from __future__ import annotations

from sqlalchemy import func, select

from supplyops.anchors.rules import Due
from supplyops.anchors.tables import AnchorRow
from supplyops.audit.tables import ChainHead
from supplyops.kernel.access import Permission
from supplyops.runtime import Context, query


@query(Permission.INTERNAL)
def due(ctx: Context) -> Due:
    """How much has been written since the last anchor."""
    rows = ctx.session.scalar(select(func.sum(ChainHead.seq - ChainHead.anchored_seq)))
    last_at = ctx.session.scalar(select(AnchorRow.made_at).order_by(AnchorRow.number.desc()).limit(1))
    return Due(int(rows or 0), last_at)
