"""Taking over map files, and reporting every road of a region at once."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from supplyops.database.registry import Saved
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.networks.regions import roads_touching
from supplyops.networks.rules import FILE_BYTES_MAX, RegionInput, RoadFileInput, RoadFileState, Snap
from supplyops.networks.tables import RoadFile
from supplyops.networks.taking import Snapped, Taken, Wish, taken
from supplyops.places import commands as places
from supplyops.places.rules import RoadReportInput
from supplyops.places.tables import Site
from supplyops.planning.figures import snow_months
from supplyops.runtime import Context, command

KEPT = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Effect:
    """What taking a file over does: points and roads added, changed, unchanged, and where sites come to stand."""

    nodes: Saved
    roads: Saved
    snapped: tuple[Snapped, ...]
    stretches: int
    islands: int


@command(Permission.PLACES_EDIT)
def keep_road_file(ctx: Context, given: RoadFileInput) -> UUID:
    """Keep a map file until its owner takes it over or discards it. One that cannot be used is refused at once."""
    home = ctx.principal.organisation_id
    if home is None:
        raise Forbidden("person_required")
    data = _bytes(given)
    _forget_old(ctx)
    row = RoadFile(
        id=ctx.new_id(),
        organisation_id=home,
        user_id=ctx.user_id(),
        state=RoadFileState.OPEN,
        file=given.file,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        content=data,
        prefix=given.prefix,
        detail=given.detail,
        snap=given.snap,
        snap_metres_max=given.snap_metres_max,
        result={},
        uploaded_at=ctx.now,
        ended_at=None,
    )
    _taken(ctx, row, data)
    ctx.session.add(row)
    ctx.about("road_file", row.id, row.file[:80], sha256=row.sha256)
    return row.id


@command(Permission.PLACES_EDIT)
def take_over_road_file(ctx: Context, file_id: UUID) -> Effect:
    """Write what a file gives: points, roads, and on which point each site stands. All or nothing."""
    row = _open(ctx, file_id)
    assert row.content is not None, "an open file has its content"
    found = _taken(ctx, row, row.content)
    effect = _write(ctx, found)
    row.state, row.content, row.ended_at = RoadFileState.TAKEN, None, ctx.now
    row.result = {"nodes": asdict(effect.nodes), "roads": asdict(effect.roads)}
    ctx.about("road_file", row.id, row.file[:80], nodes=len(found.nodes), roads=len(found.roads))
    return effect


@command(Permission.PLACES_EDIT)
def discard_road_file(ctx: Context, file_id: UUID) -> None:
    """Forget a file that waits."""
    row = _open(ctx, file_id)
    row.state, row.content, row.ended_at = RoadFileState.DISCARDED, None, ctx.now
    ctx.about("road_file", row.id, row.file[:80])


@command(Permission.PLACES_EDIT)
def import_roads(ctx: Context, given: RoadFileInput) -> Effect:
    """The whole way at once."""
    data = _bytes(given)
    effect = _write(ctx, _taken(ctx, given, data))
    digest = hashlib.sha256(data).hexdigest()
    ctx.about(
        "road_file", ctx.new_id(), given.file[:80], sha256=digest, roads=effect.roads.added + effect.roads.changed
    )
    return effect


@command(Permission.ROADS_REPORT)
def report_region(ctx: Context, region: RegionInput) -> tuple[str, ...]:
    """Report every road that touches a region; the codes of those roads. Raises InvalidInput where there is none."""
    found = roads_touching(ctx, region.corners)
    if not found:
        raise InvalidInput(fields=(FieldError("corners", "region_touches_nothing"),))
    reports = [
        RoadReportInput(
            road.code,
            region.status,
            region.reason,
            vehicle_class_max=region.vehicle_class_max,
            valid_from=region.valid_from,
            valid_to=region.valid_to,
        )
        for road in found
    ]
    places.save_road_reports(ctx, reports)
    return tuple(road.code for road in found)


def _bytes(given: RoadFileInput) -> bytes:
    try:
        data = base64.b64decode(given.content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput(fields=(FieldError("content", "not_base64"),)) from None
    if len(data) > FILE_BYTES_MAX:
        raise InvalidInput(fields=(FieldError("file", "file_over_limit", {"maximum_mb": FILE_BYTES_MAX >> 20}),))
    return data


def _open(ctx: Context, file_id: UUID) -> RoadFile:
    row = ctx.get(RoadFile, file_id, lock=True)
    if row.user_id != ctx.principal.user_id:
        raise NotFound("road_file")
    if row.state is not RoadFileState.OPEN:
        raise WrongState("road_file", row.state.value, RoadFileState.OPEN.value)
    return row


def _forget_old(ctx: Context) -> None:
    is_old = (RoadFile.state == RoadFileState.OPEN, RoadFile.uploaded_at < ctx.now - KEPT)
    for row in ctx.session.scalars(select(RoadFile).where(*is_old)):
        row.state, row.content, row.ended_at = RoadFileState.DISCARDED, None, ctx.now


def _taken(ctx: Context, asked: RoadFile | RoadFileInput, data: bytes) -> Taken:
    wishes = [
        Wish(site.code, site.name, site.lat_e6, site.lon_e6)
        for site in ctx.session.scalars(select(Site).order_by(Site.code))
        if site.lat_e6 is not None
        and site.lon_e6 is not None
        and asked.snap is not Snap.NONE
        and (asked.snap is Snap.EVERY or not site.road_node)
        and ctx.may(Permission.PLACES_EDIT, site.organisation_id)
    ]
    return taken(
        asked.file, data, asked.prefix, asked.detail, wishes, asked.snap_metres_max, tuple(sorted(snow_months(ctx)))
    )


def _write(ctx: Context, found: Taken) -> Effect:
    nodes = places.save_road_nodes(ctx, found.nodes)
    ctx.session.flush()  # roads refer to them
    roads = places.save_roads(ctx, found.roads)
    stand = {one.site_code: one.node_code for one in found.snapped if one.node_code}
    for site in ctx.session.scalars(select(Site).order_by(Site.code)):
        if site.code in stand:
            site.road_node = stand[site.code]
    return Effect(nodes, roads, found.snapped, found.stretches, found.islands)
