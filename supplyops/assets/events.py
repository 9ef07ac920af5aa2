"""The history of a unit: everything but its moves, which the ledger writes."""

from __future__ import annotations

from datetime import datetime

from supplyops.kernel.reference import DocumentRef
from supplyops.runtime import Context
from supplyops.stock.rules import AssetEventKind
from supplyops.stock.tables import Asset, AssetEvent


def note(
    ctx: Context,
    asset: Asset,
    kind: AssetEventKind,
    text: str = "",
    document: DocumentRef | None = None,
    happened_at: datetime | None = None,
) -> None:
    """Write down that something happened to a unit."""
    ctx.session.add(
        AssetEvent(
            asset_id=asset.id,
            kind=kind,
            lot_id=asset.lot_id,
            location_id=asset.location_id,
            posting_id=None,
            line_no=None,
            document_kind=document.kind if document else "",
            document_id=document.id if document else None,
            document_number=document.number if document else "",
            happened_at=min(happened_at, ctx.now) if happened_at else ctx.now,
            recorded_at=ctx.now,
            actor_id=ctx.principal.user_id,
            actor_name=ctx.principal.name,
            note=text[:200],
        )
    )
