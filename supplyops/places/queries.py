"""Reading areas, sites, locations and the state of roads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from supplyops.kernel.access import Permission
from supplyops.kernel.clock import beijing
from supplyops.kernel.errors import NotFound
from supplyops.kernel.keeping import StorageClass
from supplyops.people.rules import Level
from supplyops.people.tables import Organisation, User
from supplyops.places.rules import LocationKind, RoadInput, RoadStatus, SiteKind, Terrain
from supplyops.places.tables import Area, Location, Road, RoadNode, RoadReport, Site
from supplyops.runtime import Context, query, unscoped


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An administrative division."""

    code: str
    name: str
    level: Level
    parent_code: str
    population: int | None
    elevation_m: int | None
    lat_e6: int | None
    lon_e6: int | None
    source_mark: str
    note: str


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A place with an address and the body that keeps it."""

    id: UUID
    code: str
    name: str
    kind: SiteKind
    organisation_id: UUID
    organisation_code: str
    organisation_name: str
    area_code: str
    level: Level
    road_node: str
    address: str
    lat_e6: int | None
    lon_e6: int | None
    capacity_cm3: int | None
    loading_bays: int
    vehicle_class_max: int
    is_heated: bool
    contact: str
    phone: str
    shelter_capacity: int
    has_water: bool
    has_power: bool
    has_sewage: bool
    has_toilets: bool
    source_mark: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class LocationRow:
    """A place that can hold stock."""

    id: UUID
    code: str
    name: str
    kind: LocationKind
    site_id: UUID | None
    site_code: str
    zone: str
    shelf: str
    bin: str
    capacity_cm3: int | None
    storage_class: StorageClass | None
    is_receiving: bool
    walk_rank: int | None


@dataclass(frozen=True, slots=True)
class RoadState:
    """A road and how it is now."""

    id: UUID
    code: str
    name: str
    from_code: str
    to_code: str
    length_m: int
    terrain: Terrain
    is_two_way: bool
    winter_factor_permille: int
    is_snow_prone: bool
    vehicle_class_max: int
    bridge_limit_kg: int | None
    closed_months: tuple[int, ...]
    height_limit_cm: int | None
    is_ford: bool
    is_towing_barred: bool
    is_convoy_only: bool
    shape: str
    source_mark: str
    note: str
    status: RoadStatus
    snow_vehicles_only: bool
    reason: str
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoadReportRow:
    """What somebody reported of a road."""

    seq: int
    road_code: str
    status: RoadStatus
    reason: str
    vehicle_class_max: int | None
    snow_vehicles_only: bool
    valid_from: datetime
    valid_to: datetime | None
    reported_at: datetime
    reporter_name: str = ""


@query(Permission.SIGNED_IN)
def areas(ctx: Context) -> list[AreaRow]:
    """All areas by code."""
    rows = ctx.session.scalars(select(Area).order_by(Area.code))
    return [AreaRow(**{name: getattr(row, name) for name in AreaRow.__dataclass_fields__}) for row in rows]


@query(Permission.SIGNED_IN)
def sites(ctx: Context) -> list[SiteRow]:
    """Sites in reach, by code."""
    rows = ctx.session.execute(
        select(Site, Organisation).join(Organisation, Organisation.id == Site.organisation_id).order_by(Site.code)
    )
    return [site_row(site, keeper) for site, keeper in rows]


@query(Permission.SIGNED_IN)
def site(ctx: Context, code: str) -> SiteRow:
    """One site by code."""
    row = ctx.session.execute(
        select(Site, Organisation).join(Organisation, Organisation.id == Site.organisation_id).where(Site.code == code)
    ).one_or_none()
    if row is None:
        raise NotFound("site", code=code)
    return site_row(*row)


def site_row(site: Site, keeper: Organisation) -> SiteRow:
    """Table rows as a plain value."""
    own = {
        name: getattr(site, name)
        for name in SiteRow.__dataclass_fields__
        if name not in {"organisation_code", "organisation_name"}
    }
    return SiteRow(**own, organisation_code=keeper.code, organisation_name=keeper.name)


@query(Permission.STOCK_SEE)
def locations(ctx: Context, site_id: UUID | None = None) -> list[LocationRow]:
    """Storage locations of the sites in reach, by code."""
    statement = select(Location, Site.code).join(Site, Site.id == Location.site_id).order_by(Location.code)
    if site_id is not None:
        statement = statement.where(Location.site_id == site_id)
    return [
        LocationRow(
            **{name: getattr(row, name) for name in LocationRow.__dataclass_fields__ if name != "site_code"},
            site_code=code,
        )
        for row, code in ctx.session.execute(statement)
    ]


@query(Permission.SIGNED_IN)
def road_nodes(ctx: Context) -> list[RoadNode]:
    """Points of the road graph by code (detached rows)."""
    return list(ctx.session.scalars(select(RoadNode).order_by(RoadNode.code)))


@query(Permission.SIGNED_IN)
def roads(ctx: Context) -> list[RoadInput]:
    """Every road as it was built, whatever is reported of it, by code."""
    taken = {"closed_months"}
    return [
        RoadInput(
            **{name: getattr(row, name) for name in RoadInput.__dataclass_fields__ if name not in taken},
            closed_months=tuple(row.closed_months),
        )
        for row in ctx.session.scalars(select(Road).order_by(Road.code))
    ]


@query(Permission.SIGNED_IN)
def road_reports(ctx: Context, road_code: str = "") -> list[RoadReportRow]:
    """What was reported of roads, in the order of reporting."""
    statement = (
        select(RoadReport, Road.code, User.display_name)
        .join(Road, Road.id == RoadReport.road_id)
        .outerjoin(User, User.id == RoadReport.reporter_id)
        .order_by(RoadReport.seq)
    )
    if road_code:
        statement = statement.where(Road.code == road_code)
    rows = ctx.session.execute(unscoped(statement, "whoever reads of a road may know who said so"))
    return [
        RoadReportRow(
            row.seq,
            code,
            row.status,
            row.reason,
            row.vehicle_class_max,
            row.snow_vehicles_only,
            row.valid_from,
            row.valid_to,
            row.reported_at,
            reporter or "",
        )
        for row, code, reporter in rows
    ]


@query(Permission.SIGNED_IN)
def road_states(ctx: Context, at: datetime | None = None) -> list[RoadState]:
    """Every road and how it is at a moment (now, if none is given): the newest report in force, else the season's rule."""
    moment = at or ctx.now
    in_force = (
        select(func.max(RoadReport.seq))
        .where(RoadReport.valid_from <= moment, (RoadReport.valid_to.is_(None)) | (RoadReport.valid_to > moment))
        .group_by(RoadReport.road_id)
    )
    newest = {row.road_id: row for row in ctx.session.scalars(select(RoadReport).where(RoadReport.seq.in_(in_force)))}
    month = beijing(moment).month
    return [_state(road, newest.get(road.id), month) for road in ctx.session.scalars(select(Road).order_by(Road.code))]


def _state(road: Road, report: RoadReport | None, month: int) -> RoadState:
    own = {
        name: getattr(road, name)
        for name in RoadState.__dataclass_fields__
        if name not in {"status", "snow_vehicles_only", "reason", "reported_at", "closed_months", "vehicle_class_max"}
    }
    class_max = road.vehicle_class_max
    if report is not None:
        status, reason, only_snow = report.status, report.reason, report.snow_vehicles_only
        class_max = min(class_max, report.vehicle_class_max or class_max)
    elif month in road.closed_months:
        status, reason, only_snow = RoadStatus.CLOSED, "season", False
    else:
        status, reason, only_snow = RoadStatus.OPEN, "", False
    return RoadState(
        **own,
        vehicle_class_max=class_max,
        closed_months=tuple(road.closed_months),
        status=status,
        snow_vehicles_only=only_snow,
        reason=reason,
        reported_at=report.reported_at if report else None,
    )
