"""Numbered units in a store's morning: what is to be worked on, brought back or mended."""

from __future__ import annotations

from supplyops.assets import due_queries
from supplyops.insight.morning_rows import MorningKind, MorningLine
from supplyops.places.tables import Site
from supplyops.runtime import Context
from supplyops.wording.labels import label


def assets_due(ctx: Context, site: Site, _figures: dict[str, str]) -> list[MorningLine]:
    """Maintenance, calibration and inspection that are due, loans to come back, defects to be mended."""
    return [
        MorningLine(
            MorningKind.ASSET,
            f"{row.item_name} {row.serial_number}",
            " ".join(part for part in (label(row.kind), row.what) if part),
            row.asset_number,
            row.due_on,
            None,
            row.is_overdue,
        )
        for row in due_queries.assets_due(ctx, site_code=site.code)
    ]
