"""Night and frost: when they are, by the parameters in force and the newest report of the incident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select

from optimizer.teams import Condition
from supplyops.deployments.rules import DeploymentNote
from supplyops.incidents.tables import IncidentReport
from supplyops.kernel.clock import beijing
from supplyops.norms.figures import text_or_shipped
from supplyops.runtime import Context

NIGHT, FROST = "night", "frost"
HOUR_S = 3600


def rest_seconds(ctx: Context) -> int:
    """How long a team rests at its base between two shifts."""
    return int(Fraction(text_or_shipped(ctx, "teams.rest_hours")) * HOUR_S)


def conditions_of(
    ctx: Context, incident_id: UUID, until_s: int
) -> tuple[tuple[Condition, ...], tuple[DeploymentNote, ...]]:
    """Every night until then, in seconds from now, with frost where the newest report says that nights are so cold; what nobody
    has reported is noted, not assumed. Of the temperature by day nothing is reported."""
    nights = list(_nights(ctx, until_s))
    found = [Condition(NIGHT, since, until) for since, until in nights]
    newest = (
        select(IncidentReport.night_temperature_c)
        .where(IncidentReport.incident_id == incident_id)
        .order_by(IncidentReport.version.desc())
        .limit(1)
    )
    temperature = ctx.session.scalar(newest)
    if temperature is None:
        return tuple(found), (DeploymentNote("no_temperature"),)
    if temperature < int(text_or_shipped(ctx, "teams.frost_below_c")):
        found += [Condition(FROST, since, until) for since, until in nights]
    return tuple(found), ()


def _nights(ctx: Context, until_s: int) -> Iterator[tuple[int, int]]:
    begins, ends = (int(text_or_shipped(ctx, f"teams.night_{name}")) for name in ("from", "to"))
    if begins == ends:
        return
    local = beijing(ctx.now)
    day = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    while (since := _seconds(ctx.now, day + timedelta(hours=begins))) < until_s:
        length = (ends - begins) % 24 * HOUR_S
        if since + length > 0:
            yield since, since + length
        day += timedelta(days=1)


def _seconds(now: datetime, moment: datetime) -> int:
    return int((moment - now).total_seconds())
