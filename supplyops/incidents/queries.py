"""Reading incidents and what people need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from supplyops.catalogue import queries as catalogue
from supplyops.incidents.access import may_see_class
from supplyops.incidents.rules import (
    RESTRICTED_CLASSES,
    AreaFigures,
    Assumptions,
    EventClass,
    Hazard,
    IncidentState,
    ReportKind,
    criteria_totals,
    drivers_of,
    level_of,
    protected_permille,
)
from supplyops.incidents.tables import Incident, IncidentReport, IncidentResponse
from supplyops.kernel.access import Permission
from supplyops.kernel.clock import business_day
from supplyops.kernel.codec import from_json
from supplyops.kernel.errors import NotFound
from supplyops.norms import queries as norms
from supplyops.norms.figures import fraction, number
from supplyops.norms.rules import Drivers, Season, needs
from supplyops.people.tables import Organisation
from supplyops.places.tables import Area
from supplyops.runtime import Context, query


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident."""

    id: UUID
    number: str
    name: str
    event_class: EventClass
    hazard: Hazard
    occurred_at: datetime
    area_code: str
    area_name: str
    place: str
    lat_e6: int | None
    lon_e6: int | None
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    is_exercise: bool
    state: IncidentState
    response_level: int | None
    created_at: datetime
    created_by_id: UUID | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One version of a report."""

    version: int
    kind: ReportKind
    season: Season
    days_of_cover: int
    is_forecast: bool
    night_temperature_c: int | None
    source: str
    summary: str
    measures: str
    areas: tuple[AreaFigures, ...]
    reported_at: datetime
    is_late: bool

    @property
    def totals(self) -> Mapping[str, int]:
        """Figures of all places together."""
        names = (
            "affected",
            "dead",
            "missing",
            "injured",
            "moved",
            "evacuated",
            "urgent_aid",
            "sheltered",
            "rooms_collapsed",
            "livestock",
        )
        return {name: sum(getattr(area, name) or 0 for area in self.areas) for name in names}


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """One decision on the response."""

    level: int | None
    basis: str
    measures: str
    expected_until: datetime | None
    is_on_forecast: bool
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class GrossNeed:
    """What one place needs of one item by the norms: as computed, and in whole packages."""

    area_code: str
    area_name: str
    delivery_site_code: str
    sku: str
    item_id: UUID
    item_name: str
    unit: str
    need_class: str
    class_rank: int
    raw: int
    packed: int
    pack_quantity: int
    persons: int
    protected_permille: int
    source_marks: tuple[str, ...]


@query(Permission.INCIDENTS_SEE)
def incidents(ctx: Context, state: IncidentState | None = None) -> list[IncidentRow]:
    """Incidents in reach, newest first."""
    statement = (
        select(Incident, Organisation, Area.name)
        .join(Organisation, Organisation.id == Incident.organisation_id)
        .join(Area, Area.code == Incident.area_code)
        .order_by(Incident.occurred_at.desc(), Incident.number.desc())
    )
    hidden = [event_class for event_class in RESTRICTED_CLASSES if not may_see_class(ctx, event_class)]
    if hidden:
        statement = statement.where(Incident.event_class.not_in(hidden))
    if state is not None:
        statement = statement.where(Incident.state == state)
    taken = {"area_name", "organisation_code", "organisation_name"}
    return [
        IncidentRow(
            **{name: getattr(row, name) for name in IncidentRow.__dataclass_fields__ if name not in taken},
            area_name=area_name,
            organisation_code=body.code,
            organisation_name=body.name,
        )
        for row, body, area_name in ctx.session.execute(statement)
    ]


@query(Permission.INCIDENTS_SEE)
def incident(ctx: Context, reference: str) -> IncidentRow:
    """One incident by number or id."""
    found = next((row for row in incidents(ctx) if reference in {row.number, str(row.id)}), None)
    if found is None:
        raise NotFound("incident", reference=reference)
    return found


@query(Permission.INCIDENTS_SEE)
def reports(ctx: Context, incident_id: UUID) -> list[ReportRow]:
    """All versions of an incident's report, newest first."""
    incident(ctx, str(incident_id))
    rows = ctx.session.scalars(
        select(IncidentReport).where(IncidentReport.incident_id == incident_id).order_by(IncidentReport.version.desc())
    )
    return [
        ReportRow(
            **{name: getattr(row, name) for name in ReportRow.__dataclass_fields__ if name != "areas"},
            areas=from_json(tuple[AreaFigures, ...], row.areas),
        )
        for row in rows
    ]


@query(Permission.INCIDENTS_SEE)
def report(ctx: Context, incident_id: UUID, version: int | None = None) -> ReportRow:
    """One version of an incident's report; the newest if none is named."""
    found = [row for row in reports(ctx, incident_id) if version is None or row.version == version]
    if not found:
        raise NotFound("incident_report")
    return found[0]


@query(Permission.INCIDENTS_SEE)
def responses(ctx: Context, incident_id: UUID) -> list[ResponseRow]:
    """Decisions on the response, newest first."""
    incident(ctx, str(incident_id))
    rows = ctx.session.scalars(
        select(IncidentResponse)
        .where(IncidentResponse.incident_id == incident_id)
        .order_by(IncidentResponse.seq.desc())
    )
    return [ResponseRow(**{name: getattr(row, name) for name in ResponseRow.__dataclass_fields__}) for row in rows]


@query(Permission.INCIDENTS_SEE)
def suggested_level(ctx: Context, incident_id: UUID) -> int | None:
    """The response level the thresholds give for the newest report; None when none is reached."""
    thresholds: dict[int, dict[str, int]] = {}
    for row in norms.thresholds(ctx):
        thresholds.setdefault(row.response_level, {})[row.criterion] = row.minimum
    return level_of(thresholds, criteria_totals(report(ctx, incident_id).areas))


@query(Permission.INCIDENTS_SEE)
def gross_need(ctx: Context, incident_id: UUID, version: int | None = None) -> list[GrossNeed]:
    """What the people of each place need by the norms in force, from one version of the report."""
    head = incident(ctx, str(incident_id))
    figures = report(ctx, incident_id, version)
    in_force = norms.norms_in_force(ctx, figures.season, head.hazard.value, business_day(head.occurred_at))
    persons_per_tent = fraction(ctx, "persons_per_tent")
    areas = {row.code: row for row in ctx.session.scalars(select(Area))}
    items = {row.sku: row for row in catalogue.items(ctx)}
    ranks = {row.code: row.rank for row in catalogue.need_classes(ctx)}
    found = []
    for place in figures.areas:
        drivers = place_drivers(ctx, place, areas[place.area_code].elevation_m or 0)
        for need in needs(in_force, drivers, figures.days_of_cover, persons_per_tent):
            item = items[need.sku]
            found.append(
                GrossNeed(
                    place.area_code,
                    areas[place.area_code].name,
                    place.delivery_site_code,
                    need.sku,
                    item.id,
                    item.name,
                    item.unit,
                    item.need_class,
                    ranks[item.need_class],
                    need.raw,
                    need.packed,
                    item.pack_quantity,
                    drivers.persons,
                    protected_permille(place, drivers),
                    need.source_marks,
                )
            )
    return sorted(found, key=lambda need: (need.area_code, need.class_rank, need.sku))


def place_drivers(ctx: Context, place: AreaFigures, elevation_m: int) -> Drivers:
    """What needs grow with at one place, with the parameters in force."""
    assumptions = Assumptions(
        fraction(ctx, "household_size"),
        number(ctx, "infant_permille"),
        number(ctx, "elderly_permille"),
        number(ctx, "women_permille"),
    )
    return drivers_of(place, assumptions, elevation_m)
