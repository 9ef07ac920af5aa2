"""The morning list of a store: everything that is due, comes, goes, runs out or is missing, gathered from every room."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from supplyops.insight.morning_rows import MorningKind, MorningList
from supplyops.insight.morning_sources import SOURCES
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.errors import NotFound
from supplyops.norms.queries import parameters
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.runtime import Context, query
from supplyops.upkeep import queries as upkeep


@query(Permission.STOCK_SEE)
def morning(ctx: Context, site_code: str) -> MorningList:
    """What a store has before it today. Raises NotFound for a store out of reach."""
    site = ctx.session.scalars(select(Site).where(Site.code == site_code)).one_or_none()
    if site is None:
        raise NotFound("site", code=site_code)
    keeper = ctx.session.get(Organisation, site.organisation_id)
    assert keeper is not None
    figures = {row.key: row.value for row in parameters(ctx)}
    duty = upkeep.on_duty(ctx, site_code)
    lines = [line for source in SOURCES for line in source(ctx, site, figures)]
    order = list(MorningKind)
    lines.sort(key=lambda line: (order.index(line.kind), not line.is_overdue, line.due_on or date.max, line.title))
    return MorningList(
        site.id,
        site.code,
        site.name,
        site.organisation_id,
        keeper.name,
        business_day(ctx.now),
        duty.incoming_name if duty else "",
        tuple(lines),
    )
