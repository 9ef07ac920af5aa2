"""Opening incidents, reporting, deciding the response."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from supplyops.incidents.access import may_see_class
from supplyops.incidents.papers import incident_ref
from supplyops.incidents.rules import IncidentInput, IncidentState, ReportInput, ResponseInput
from supplyops.incidents.tables import Incident, IncidentReport, IncidentResponse
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.codec import to_json
from supplyops.kernel.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.norms.figures import number
from supplyops.papers.commands import next_in_series
from supplyops.people.tables import Organisation
from supplyops.places.tables import Area, Site
from supplyops.runtime import Context, command, unscoped
from supplyops.teams import commands as teams
from supplyops.teams.rules import MissionInput


@command(Permission.INCIDENTS_REPORT)
def open_incident(ctx: Context, incident: IncidentInput) -> UUID:
    """Open an incident. It cannot have happened in the future."""
    body = ctx.session.scalars(
        select(Organisation).where(Organisation.code == incident.organisation_code)
    ).one_or_none()
    errors = []
    if body is None:
        errors.append(FieldError("organisation_code", "unknown_reference", {"value": incident.organisation_code}))
    if ctx.session.get(Area, incident.area_code) is None:
        errors.append(FieldError("area_code", "unknown_reference", {"value": incident.area_code}))
    if incident.occurred_at > ctx.now + timedelta(minutes=5):
        errors.append(FieldError("occurred_at", "in_the_future"))
    if errors:
        raise InvalidInput(fields=tuple(errors))
    assert body is not None
    ctx.require(Permission.INCIDENTS_REPORT, body.id)
    if not may_see_class(ctx, incident.event_class):
        raise Forbidden("event_class_restricted")
    row = Incident(
        id=ctx.new_id(),
        number=next_in_series(ctx, "SJ", body.area_code),
        name=incident.name,
        event_class=incident.event_class,
        hazard=incident.hazard,
        occurred_at=incident.occurred_at,
        area_code=incident.area_code,
        place=incident.place,
        lat_e6=incident.lat_e6,
        lon_e6=incident.lon_e6,
        organisation_id=body.id,
        is_exercise=incident.is_exercise,
        state=IncidentState.OPEN,
        response_level=None,
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        closed_at=None,
    )
    ctx.session.add(row)
    ctx.about("incident", row.id, row.number)
    return row.id


@command(Permission.INCIDENTS_REPORT)
def report(ctx: Context, incident_id: UUID, figures: ReportInput) -> int:
    """Add a version to the report; returns its number. The first one is late after the time the rules give."""
    row = lock_open(ctx, incident_id)
    ctx.require(Permission.INCIDENTS_REPORT, row.organisation_id)
    _check_places(ctx, figures)
    version = 1 + int(
        ctx.session.scalar(
            select(func.coalesce(func.max(IncidentReport.version), 0)).where(IncidentReport.incident_id == row.id)
        )
        or 0
    )
    due = row.occurred_at + timedelta(hours=number(ctx, "first_report_hours"))
    report_id = ctx.new_id()
    ctx.session.add(
        IncidentReport(
            id=report_id,
            incident_id=row.id,
            version=version,
            kind=figures.kind,
            season=figures.season,
            days_of_cover=figures.days_of_cover,
            is_forecast=figures.is_forecast,
            night_temperature_c=figures.night_temperature_c,
            source=figures.source,
            summary=figures.summary,
            measures=figures.measures,
            areas=plain(to_json(list(figures.areas))),
            reported_at=ctx.now,
            reported_by_id=ctx.principal.user_id,
            is_late=version == 1 and ctx.now > due,
        )
    )
    ctx.about("incident", row.id, row.number, version=version)
    return version


def _check_places(ctx: Context, figures: ReportInput) -> None:
    errors = []
    for place, area in enumerate(figures.areas):
        if ctx.session.get(Area, area.area_code) is None:
            errors.append(FieldError(f"areas.{place}.area_code", "unknown_reference", {"value": area.area_code}))
        site = unscoped(select(Site.id).where(Site.code == area.delivery_site_code), "any delivery point may be named")
        if area.delivery_site_code and ctx.session.scalar(site) is None:
            errors.append(
                FieldError(f"areas.{place}.delivery_site_code", "unknown_reference", {"value": area.delivery_site_code})
            )
    if errors:
        raise InvalidInput(fields=tuple(errors))


@command(Permission.INCIDENTS_RESPOND)
def decide_response(ctx: Context, incident_id: UUID, response: ResponseInput) -> None:
    """Start a response, change its level, or end it (level None)."""
    row = lock_open(ctx, incident_id)
    ctx.require(Permission.INCIDENTS_RESPOND, row.organisation_id)
    if response.level is None and row.response_level is None:
        raise WrongState("response", "none", "running")
    row.response_level = response.level
    ctx.session.add(
        IncidentResponse(
            incident_id=row.id,
            level=response.level,
            basis=response.basis,
            measures=response.measures,
            expected_until=response.expected_until,
            is_on_forecast=response.is_on_forecast,
            decided_at=ctx.now,
            decided_by_id=ctx.principal.user_id,
        )
    )
    ctx.about("incident", row.id, row.number, level=response.level)


@command(Permission.INCIDENTS_RESPOND)
def close_incident(ctx: Context, incident_id: UUID) -> None:
    """Close an incident. Raises Conflict `response_running` as long as its response has not ended."""
    row = lock_open(ctx, incident_id)
    ctx.require(Permission.INCIDENTS_RESPOND, row.organisation_id)
    if row.response_level is not None:
        raise Conflict("response_running", incident=row.name)
    row.state, row.closed_at = IncidentState.CLOSED, ctx.now
    ctx.about("incident", row.id, row.number)


def lock_open(ctx: Context, incident_id: UUID) -> Incident:
    """The incident, locked; it must be open and of a class the actor may see."""
    row = ctx.get(Incident, incident_id, lock=True)
    if not may_see_class(ctx, row.event_class):
        raise NotFound("incident")
    if row.state is not IncidentState.OPEN:
        raise WrongState("incident", row.state.value, IncidentState.OPEN.value)
    return row


@command(Permission.TEAMS_MOBILISE)
def mobilise_team(ctx: Context, incident_id: UUID, mission: MissionInput) -> UUID:
    """Order a team out for an incident, by the body that commands it. See teams.commands.mobilise for refusals."""
    row = lock_open(ctx, incident_id)
    return teams.mobilise(ctx, row.id, incident_ref(row), row.organisation_id, mission, is_exercise=row.is_exercise)
