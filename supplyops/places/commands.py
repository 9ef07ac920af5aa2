"""Keeping areas, sites, locations and roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select

from supplyops.database.registry import CHUNK, References, Saved, refuse_repeats, save_rows
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput
from supplyops.kernel.ids import derived_id
from supplyops.kernel.keeping import StorageClass
from supplyops.people.tables import Organisation
from supplyops.places.rules import (
    VIRTUAL_KINDS,
    AreaInput,
    LocationInput,
    LocationKind,
    Point,
    RoadInput,
    RoadNodeInput,
    RoadReportInput,
    SiteInput,
)
from supplyops.places.tables import Area, Location, Road, RoadNode, RoadReport, Site
from supplyops.runtime import Context, command


def virtual_location_id(kind: LocationKind) -> UUID:
    """There is one virtual place of each kind, with an id that never differs."""
    assert kind in VIRTUAL_KINDS, kind
    return derived_id("location", kind.value)


@command(Permission.INTERNAL)
def make_virtual_locations(ctx: Context) -> None:
    """Make the places where stock comes from and goes to, unless they exist."""
    rows = [
        {
            "id": virtual_location_id(kind),
            "code": f"virtual-{kind.value}",
            "name": kind.value,
            "kind": kind,
            "site_id": None,
            "shard": "",
            "zone": "",
            "shelf": "",
            "bin": "",
            "capacity_cm3": None,
            "storage_class": None,
            "is_receiving": False,
            "walk_rank": None,
            "document_kind": None,
            "document_id": None,
        }
        for kind in sorted(VIRTUAL_KINDS)
    ]
    save_rows(ctx.session, Location, rows, by=("id",), new_id=None)


@command(Permission.PLACES_EDIT)
def save_areas(ctx: Context, inputs: Sequence[AreaInput]) -> Saved:
    """Add or change areas by code; parents must exist or stand in the same list."""
    refuse_repeats([(item.code,) for item in inputs], "code")
    own = {item.code for item in inputs}
    parents = References(ctx.session, Area, [item.parent_code for item in inputs if item.parent_code not in own])
    for place, item in enumerate(inputs):
        if item.parent_code and item.parent_code not in own:
            parents.find(place, "parent_code", item.parent_code)
    parents.done()
    return save_rows(ctx.session, Area, [asdict(item) for item in inputs], by=("code",), new_id=None)


@command(Permission.PLACES_EDIT)
def save_sites(ctx: Context, inputs: Sequence[SiteInput]) -> Saved:
    """Add or change sites by code."""
    refuse_repeats([(item.code,) for item in inputs], "code")
    keepers = References(ctx.session, Organisation, [item.organisation_code for item in inputs])
    areas = References(ctx.session, Area, [item.area_code for item in inputs])
    nodes = References(ctx.session, RoadNode, [item.road_node for item in inputs])
    for place, item in enumerate(inputs):
        keepers.find(place, "organisation_code", item.organisation_code)
        areas.find(place, "area_code", item.area_code)
        if item.road_node:
            nodes.find(place, "road_node", item.road_node)
    keepers.done(areas, nodes)
    rows = []
    for item in inputs:
        row = asdict(item)
        row["organisation_id"] = keepers[row.pop("organisation_code")].id
        ctx.require(Permission.PLACES_EDIT, row["organisation_id"])
        rows.append(row)
    return save_rows(ctx.session, Site, rows, by=("code",), new_id=ctx.new_id)


@command(Permission.PLACES_EDIT)
def save_locations(ctx: Context, inputs: Sequence[LocationInput]) -> Saved:
    """Add or change storage locations by code. A location never moves to another site."""
    refuse_repeats([(item.code,) for item in inputs], "code")
    sites = References(ctx.session, Site, [item.site_code for item in inputs])
    for place, item in enumerate(inputs):
        sites.find(place, "site_code", item.site_code)
    sites.done()
    rows = []
    for item in inputs:
        site = sites[item.site_code]
        ctx.require(Permission.PLACES_EDIT, site.organisation_id)
        row = asdict(item) | {
            "site_id": site.id,
            "shard": stock_shard(site.id),
            "document_kind": None,
            "document_id": None,
        }
        del row["site_code"]
        rows.append(row)
    saved = save_rows(ctx.session, Location, rows, by=("code",), new_id=ctx.new_id, on_change=_stay_in_place)
    _refuse_mixed_zones(ctx, inputs, sites)
    return saved


def _refuse_mixed_zones(ctx: Context, inputs: Sequence[LocationInput], sites: References[Site]) -> None:
    """Different conditions, separate zones: all storage of one zone of a site offers the same."""
    zones = {(sites[item.site_code].id, item.zone) for item in inputs if item.zone}
    site_ids = sorted({site_id for site_id, _ in zones})
    offered: dict[tuple[UUID | None, str], set[StorageClass]] = {}
    for start in range(0, len(site_ids), CHUNK):
        statement = select(Location.site_id, Location.zone, Location.storage_class).where(
            Location.site_id.in_(site_ids[start : start + CHUNK]), Location.storage_class.is_not(None)
        )
        for site_id, zone, storage_class in ctx.session.execute(statement):
            if storage_class is not None:
                offered.setdefault((site_id, zone), set()).add(storage_class)
    errors = [
        FieldError(f"{place}.storage_class", "zone_mixed", {"zone": item.zone, "value": item.code})
        for place, item in enumerate(inputs)
        if item.zone and len(offered.get((sites[item.site_code].id, item.zone), ())) > 1
    ]
    if errors:
        raise InvalidInput(fields=tuple(errors))


def _stay_in_place(location: Location, differing: object) -> None:
    assert isinstance(differing, dict)
    if {"site_id", "kind"} & set(differing):
        raise InvalidInput(fields=(FieldError("site_code", "location_moved", {"code": location.code}),))


def stock_shard(site_id: UUID) -> str:
    """The ledger shard of a warehouse."""
    return f"stock:{site_id}"


@command(Permission.INTERNAL)
def open_transit(ctx: Context, document_kind: str, document_id: UUID, number: str, origin_site_id: UUID) -> UUID:
    """Make the place that stands for one consignment on the road. Its shard is that of the warehouse it leaves."""
    row = Location(
        id=derived_id("transit", document_id),
        code=f"transit-{number}",
        name=number,
        kind=LocationKind.TRANSIT,
        site_id=None,
        shard=stock_shard(origin_site_id),
        zone="",
        shelf="",
        bin="",
        capacity_cm3=None,
        storage_class=None,
        is_receiving=False,
        walk_rank=None,
        document_kind=document_kind,
        document_id=document_id,
    )
    ctx.session.add(row)
    return row.id


@command(Permission.PLACES_EDIT)
def save_road_nodes(ctx: Context, inputs: Sequence[RoadNodeInput]) -> Saved:
    """Add or change points of the road graph by code."""
    refuse_repeats([(item.code,) for item in inputs], "code")
    return save_rows(ctx.session, RoadNode, [asdict(item) for item in inputs], by=("code",), new_id=None)


@command(Permission.PLACES_EDIT)
def save_roads(ctx: Context, inputs: Sequence[RoadInput]) -> Saved:
    """Add or change roads by code. A road cannot be shorter than the great circle between its ends."""
    refuse_repeats([(item.code,) for item in inputs], "code")
    nodes = References(ctx.session, RoadNode, [code for item in inputs for code in (item.from_code, item.to_code)])
    errors = []
    for place, item in enumerate(inputs):
        start, end = nodes.find(place, "from_code", item.from_code), nodes.find(place, "to_code", item.to_code)
        if start is None or end is None:
            continue
        straight_m = Point(start.lat_e6, start.lon_e6).distance_m(Point(end.lat_e6, end.lon_e6))
        if item.length_m < straight_m:
            errors.append(
                FieldError(
                    f"{place}.length_m",
                    "shorter_than_straight",
                    {"value": item.length_m, "minimum": straight_m, "unit": "米"},
                )
            )
    nodes.done()
    if errors:
        raise InvalidInput(fields=tuple(errors))
    rows = [asdict(item) | {"closed_months": list(item.closed_months)} for item in inputs]
    return save_rows(ctx.session, Road, rows, by=("code",), new_id=ctx.new_id)


@command(Permission.ROADS_REPORT)
def report_road(ctx: Context, report: RoadReportInput) -> int:
    """Say how a road is, from now or from a given moment; plans made afterwards heed it. Returns the report's number."""
    road = ctx.session.scalars(select(Road).where(Road.code == report.road_code)).one_or_none()
    if road is None:
        raise InvalidInput(fields=(FieldError("road_code", "unknown_reference", {"value": report.road_code}),))
    row = _report_row(ctx, road.id, report)
    ctx.session.add(row)
    ctx.session.flush()  # the database gives the number
    ctx.about("road", road.id, road.code, status=report.status.value)
    return row.seq


@command(Permission.ROADS_REPORT)
def save_road_reports(ctx: Context, inputs: Sequence[RoadReportInput]) -> Saved:
    """Take over reports that are not in the books yet. One without a first moment counts as known when the road's newest says the same."""
    roads = References(ctx.session, Road, [item.road_code for item in inputs])
    for place, item in enumerate(inputs):
        roads.find(place, "road_code", item.road_code)
    roads.done()
    known: dict[UUID, list[RoadReport]] = {}
    ids = sorted({roads[item.road_code].id for item in inputs})
    for start in range(0, len(ids), CHUNK):
        statement = (
            select(RoadReport).where(RoadReport.road_id.in_(ids[start : start + CHUNK])).order_by(RoadReport.seq)
        )
        for row in ctx.session.scalars(statement):
            known.setdefault(row.road_id, []).append(row)
    added = 0
    for item in inputs:
        before = known.setdefault(roads[item.road_code].id, [])
        candidates = before if item.valid_from is not None else before[-1:]
        if any(_says_the_same(row, item) for row in candidates):
            continue
        row = _report_row(ctx, roads[item.road_code].id, item)
        ctx.session.add(row)
        ctx.session.flush()  # reports are numbered in the order of the list
        before.append(row)
        added += 1
    return Saved(added, 0, len(inputs) - added)


def _says_the_same(row: RoadReport, report: RoadReportInput) -> bool:
    same = ("status", "vehicle_class_max", "snow_vehicles_only", "reason", "valid_to")
    return all(getattr(row, name) == getattr(report, name) for name in same) and report.valid_from in (
        None,
        row.valid_from,
    )


def _report_row(ctx: Context, road_id: UUID, report: RoadReportInput) -> RoadReport:
    return RoadReport(
        road_id=road_id,
        status=report.status,
        vehicle_class_max=report.vehicle_class_max,
        snow_vehicles_only=report.snow_vehicles_only,
        reason=report.reason,
        valid_from=report.valid_from or ctx.now,
        valid_to=report.valid_to,
        reported_at=ctx.now,
        reporter_id=ctx.principal.user_id,
    )
