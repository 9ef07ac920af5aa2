"""Roads that have become worse since somebody reckoned with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select

from supplyops.places.rules import RoadStatus
from supplyops.places.tables import Road, RoadReport
from supplyops.runtime import Context


def roads_worse_since(ctx: Context, moment: datetime) -> set[str]:
    """Codes of the roads whose last word is younger than a moment, and not that they are open."""
    newest = (
        select(func.max(RoadReport.seq))
        .where(or_(RoadReport.valid_to.is_(None), RoadReport.valid_to > ctx.now))
        .group_by(RoadReport.road_id)
    )
    changed = (
        select(Road.code)
        .join(RoadReport, RoadReport.road_id == Road.id)
        .where(RoadReport.seq.in_(newest), RoadReport.reported_at > moment, RoadReport.status != RoadStatus.OPEN)
    )
    return set(ctx.session.scalars(changed))
