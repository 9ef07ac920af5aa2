"""Reading map files that wait, roads of a region, and travel times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer.barred import Barriers
from optimizer.model import Problem, VehicleType
from optimizer.model import Site as Stop
from optimizer.passing import NEVER
from optimizer.travel import Roads
from supplyops.fleet.tables import VehicleType as TypeRow
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import FieldError, InvalidInput, NotFound
from supplyops.networks.regions import roads_touching
from supplyops.networks.rules import Detail, RoadFileState, Snap, TravelInput
from supplyops.networks.tables import RoadFile
from supplyops.places.queries import RoadState
from supplyops.places.tables import Site
from supplyops.planning.figures import snow_months
from supplyops.planning.transport import network_of, vehicle_type
from supplyops.runtime import Context, query

BARRIERS_MAX = 8
QUESTION = "travel"
UNREACHED_MAX = 400


@dataclass(frozen=True, slots=True)
class RoadFileRow:
    """A map file of the reader's own."""

    id: UUID
    state: RoadFileState
    file: str
    sha256: str
    size: int
    prefix: str
    detail: Detail
    snap: Snap
    snap_metres_max: int
    result: dict[str, Any]
    uploaded_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class BarrierRow:
    """What stands in the way: the cause, and the road or site it lies with."""

    cause: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """A pair of sites between which the vehicle cannot drive, and why."""

    from_code: str
    from_name: str
    to_code: str
    to_name: str
    barriers: tuple[BarrierRow, ...]


@dataclass(frozen=True, slots=True)
class TravelTable:
    """Seconds from each site (rows) to each (columns); None where no way leads, and then `unreached` says why."""

    vehicle_type: str
    vehicle_name: str
    from_codes: tuple[str, ...]
    from_names: tuple[str, ...]
    to_codes: tuple[str, ...]
    to_names: tuple[str, ...]
    seconds: tuple[tuple[int | None, ...], ...]
    unreached: tuple[Unreached, ...]
    unreached_count: int


@query(Permission.PLACES_EDIT)
def road_files(ctx: Context) -> list[RoadFileRow]:
    """The reader's own map files, the newest first."""
    statement = select(RoadFile).where(RoadFile.user_id == ctx.user_id()).order_by(RoadFile.uploaded_at.desc())
    return [_file_row(row) for row in ctx.session.scalars(statement.limit(50))]


@query(Permission.PLACES_EDIT)
def road_file(ctx: Context, file_id: UUID) -> RoadFileRow:
    """One map file of the reader's own."""
    row = ctx.get(RoadFile, file_id)
    if row.user_id != ctx.principal.user_id:
        raise NotFound("road_file")
    return _file_row(row)


def _file_row(row: RoadFile) -> RoadFileRow:
    return RoadFileRow(**{name: getattr(row, name) for name in RoadFileRow.__dataclass_fields__})


@query(Permission.SIGNED_IN)
def region_roads(ctx: Context, corners: str) -> list[RoadState]:
    """Roads that touch a region, to be looked at before they are reported."""
    return roads_touching(ctx, corners)


@query(Permission.SIGNED_IN)
def travel_times(ctx: Context, asked: TravelInput) -> TravelTable:
    """How long the vehicle drives between sites in reach, on the roads as they are at the moment asked for."""
    row = ctx.session.scalars(select(TypeRow).where(TypeRow.code == asked.vehicle_type)).one_or_none()
    if row is None:
        raise InvalidInput(
            fields=(FieldError("vehicle_type", "unknown_reference", {"value": asked.vehicle_type[:40]}),)
        )
    kind = replace(vehicle_type(row), is_in_convoy=asked.in_convoy, is_towing=asked.is_towing)
    starts, ends = _sites(ctx, "from_codes", asked.from_codes), _sites(ctx, "to_codes", asked.to_codes)
    nodes, edges = network_of(ctx, snow_months(ctx), asked.at or ctx.now)
    known = {node.id for node in nodes}
    stops = {
        site.code: Stop(site.code, site.name, site.road_node if site.road_node in known else "", site.vehicle_class_max)
        for site in (*starts, *ends)
    }
    problem = Problem(QUESTION, "", (), tuple(stops.values()), (), (), (kind,), (), nodes, edges)
    return _table(problem, kind, starts, ends)


def _table(problem: Problem, kind: VehicleType, starts: Sequence[Site], ends: Sequence[Site]) -> TravelTable:
    roads = Roads(problem)
    codes = [site.id for site in problem.sites]
    whole = roads.table(kind.id, codes)
    at = {code: place for place, code in enumerate(codes)}
    seconds = tuple(
        tuple(
            found if (found := whole[at[a.code]][at[b.code]]) < NEVER and roads.may_enter(kind.id, b.code) else None
            for b in ends
        )
        for a in starts
    )
    lost = [(a, b) for a, row in zip(starts, seconds, strict=True) for b, s in zip(ends, row, strict=True) if s is None]
    return TravelTable(
        kind.id,
        kind.name,
        tuple(site.code for site in starts),
        tuple(site.name for site in starts),
        tuple(site.code for site in ends),
        tuple(site.name for site in ends),
        seconds,
        tuple(_unreached(problem, kind.id, lost[:UNREACHED_MAX])),
        len(lost),
    )


def _unreached(problem: Problem, type_id: str, lost: Sequence[tuple[Site, Site]]) -> list[Unreached]:
    if not lost:
        return []
    barriers = Barriers(problem)
    names = {site.id: site.name for site in problem.sites}
    return [
        Unreached(
            a.code,
            a.name,
            b.code,
            b.name,
            tuple(
                BarrierRow(found.cause.value, found.where, names.get(found.where, ""))
                for found in barriers.between(type_id, a.code, b.code)[:BARRIERS_MAX]
            ),
        )
        for a, b in lost
    ]


def _sites(ctx: Context, field: str, codes: Sequence[str]) -> list[Site]:
    found = {site.code: site for site in ctx.session.scalars(select(Site).where(Site.code.in_(codes)))}
    missing = [code for code in codes if code not in found]
    if missing:
        raise InvalidInput(fields=(FieldError(field, "unknown_reference", {"value": missing[0][:40]}),))
    return [found[code] for code in dict.fromkeys(codes)]
