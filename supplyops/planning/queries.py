"""Reading plans: what they found, what not and why, how they differ, the problem for replaying by hand."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import defer

from supplyops.catalogue.tables import NeedClass
from supplyops.database.counting import COUNTED_MAX, counted
from supplyops.incidents.access import may_see_class
from supplyops.incidents.rules import RESTRICTED_CLASSES
from supplyops.incidents.tables import Incident
from supplyops.jobs.rules import OPEN_STATES, JobState
from supplyops.jobs.tables import Job
from supplyops.kernel.access import Permission
from supplyops.kernel.errors import NotFound
from supplyops.people.tables import Organisation, User
from supplyops.planning.contents import (
    BECAUSE,
    GapRow,
    PartRow,
    PlanLineRow,
    TripRow,
    gaps_of,
    lines_of,
    parts_of,
    trips_of,
)
from supplyops.planning.findings import Finding, findings_of
from supplyops.planning.nearness import previous_of
from supplyops.planning.rules import PlanState
from supplyops.planning.saving import unbooked
from supplyops.planning.tables import Plan, PlanPart
from supplyops.runtime import Context, query, unscoped


@dataclass(frozen=True, slots=True)
class PlanHead:
    """A plan in a list."""

    id: UUID
    number: str
    incident_id: UUID
    incident_number: str
    incident_name: str
    organisation_name: str
    state: PlanState
    created_at: datetime
    created_by_id: UUID | None
    created_by: str
    starts_at: datetime
    solved_at: datetime | None
    options: dict[str, Any]
    summary: dict[str, Any]
    verdict: dict[str, Any]
    error: dict[str, Any]
    progress: dict[str, Any]
    job_id: UUID | None
    job_state: JobState | None

    @property
    def is_lost(self) -> bool:
        """Is it still said to be solving although nobody works on it?"""
        return self.state is PlanState.SOLVING and self.job_state not in OPEN_STATES


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one class of needs fares."""

    class_rank: int
    class_name: str
    lines: int
    lines_full: int
    persons: int
    served_permille: int
    least_fill_permille: int
    bound_permille: int | None


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan with everything in it."""

    head: PlanHead
    coverage: tuple[Coverage, ...]
    parts: tuple[PartRow, ...]
    lines: tuple[PlanLineRow, ...]
    trips: tuple[TripRow, ...]
    gaps: tuple[GapRow, ...]
    findings: tuple[Finding, ...] = ()
    """What the independent checker has against it, with names."""


@dataclass(frozen=True, slots=True)
class Delta:
    """One source and request line whose quantity, trip or arrival differs between two plans."""

    source: str
    request_line_id: UUID
    request_number: str
    item_name: str
    unit: str
    origin_site_name: str
    delivery_site_name: str
    before: int
    after: int
    arrived_at: datetime | None
    arrives_at: datetime | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two plans side by side: coverage of both and every line that changed."""

    before: PlanHead
    after: PlanHead
    coverage_before: tuple[Coverage, ...]
    coverage_after: tuple[Coverage, ...]
    changed: tuple[Delta, ...]


@dataclass(frozen=True, slots=True)
class SolveOrder:
    """What the worker needs to solve a plan."""

    state: PlanState
    problem: dict[str, Any]
    seconds: int | None
    iterations: int | None
    seed: int
    previous: dict[str, Any] | None = None
    """The plan to stay near, where there is one."""
    stability: dict[str, Any] | None = None


@query(Permission.INTERNAL)
def solve_order(ctx: Context, plan_id: UUID) -> SolveOrder:
    """The problem of a plan and how long to work on it."""
    plan = ctx.get(Plan, plan_id)
    options = plan.options
    return SolveOrder(
        plan.state,
        plan.problem,
        options["seconds"],
        options["iterations"],
        options["seed"],
        previous_of(ctx, plan),
        options.get("stability"),
    )


@query(Permission.PLANS_SEE)
def plans(
    ctx: Context,
    incident_id: UUID | None = None,
    limit: int = 100,
    offset: int = 0,
    state: PlanState | None = None,
) -> list[PlanHead]:
    """Plans the reader may see, newest first."""
    order = (Plan.created_at.desc(), Plan.number.desc())
    statement = _narrowed(ctx, incident_id, state).order_by(*order).offset(offset).limit(limit)
    return [_head(row) for row in ctx.session.execute(unscoped(statement, BECAUSE))]


@query(Permission.PLANS_SEE)
def count_plans(
    ctx: Context, where: tuple[UUID | None, PlanState | None] = (None, None), most: int = COUNTED_MAX
) -> int:
    """How many there are of an incident and in a state; one more than `most` where there are more."""
    return int(ctx.session.scalar(unscoped(counted(_narrowed(ctx, *where), most), BECAUSE)) or 0)


def _narrowed(ctx: Context, incident_id: UUID | None, state: PlanState | None) -> Any:
    statement = _heads(ctx)
    if incident_id is not None:
        statement = statement.where(Plan.incident_id == incident_id)
    return statement if state is None else statement.where(Plan.state == state)


@query(Permission.PLANS_SEE)
def head(ctx: Context, reference: str) -> PlanHead:
    """One plan by number or id, without its lines."""
    return _head(_found(ctx, reference))


@query(Permission.PLANS_SEE)
def plan(ctx: Context, reference: str) -> PlanRow:
    """One plan by number or id, with its lines, trips, gaps and parts."""
    row = _head(_found(ctx, reference))
    return PlanRow(
        row,
        _coverage(ctx, row.summary),
        parts_of(ctx, row.id),
        lines_of(ctx, row.id),
        trips_of(ctx, row.id),
        gaps_of(ctx, row.id),
        _findings(ctx, row),
    )


def _findings(ctx: Context, row: PlanHead) -> tuple[Finding, ...]:
    wrong = row.verdict.get("violations", ())
    if not wrong:
        return ()
    kept = ctx.session.get_one(Plan, row.id, execution_options={"unscoped": True})
    return findings_of(ctx, kept.problem, kept.solution, kept.starts_at, wrong)


@query(Permission.PLANS_SEE)
def problem_json(ctx: Context, reference: str) -> dict[str, Any]:
    """The problem as it was given to the optimizer: `python -m optimizer solve` takes it."""
    found: Plan = _found(ctx, reference)[0]
    return dict(found.problem)


@query(Permission.PLANS_SEE)
def solution_json(ctx: Context, reference: str) -> dict[str, Any]:
    """The solution as the optimizer gave it: `python -m optimizer check` takes it. Raises NotFound when there is none."""
    found: Plan = _found(ctx, reference)[0]
    if not found.solution:
        raise NotFound("plan")
    return unbooked(found.solution)


@query(Permission.PLANS_SEE)
def compare(ctx: Context, before: str, after: str) -> Comparison:
    """What differs between two plans of one incident."""
    first, second = _head(_found(ctx, before)), _head(_found(ctx, after))
    if first.incident_id != second.incident_id:
        raise NotFound("plan")
    old, new = _by_key(lines_of(ctx, first.id)), _by_key(lines_of(ctx, second.id))
    changed = []
    for key in sorted(old.keys() | new.keys(), key=str):
        was, now = old.get(key, []), new.get(key, [])
        arrivals = _last(was), _last(now)
        amounts = sum(line.quantity for line in was), sum(line.quantity for line in now)
        if amounts[0] != amounts[1] or arrivals[0] != arrivals[1]:
            line = (now or was)[0]
            changed.append(
                Delta(
                    line.source,
                    line.request_line_id,
                    line.request_number,
                    line.item_name,
                    line.unit,
                    line.origin_site_name,
                    line.delivery_site_name,
                    *amounts,
                    *arrivals,
                )
            )
    return Comparison(first, second, _coverage(ctx, first.summary), _coverage(ctx, second.summary), tuple(changed))


def _by_key(lines: tuple[PlanLineRow, ...]) -> dict[tuple[str, UUID], list[PlanLineRow]]:
    found: dict[tuple[str, UUID], list[PlanLineRow]] = {}
    for line in lines:
        found.setdefault((line.source, line.request_line_id), []).append(line)
    return found


def _last(lines: list[PlanLineRow]) -> datetime | None:
    return max((line.arrives_at for line in lines), default=None)


def _heads(ctx: Context) -> Any:
    """Plans of the bodies in reach, and those in which an owner the reader answers for has a part."""
    statement = (
        select(Plan, Incident, Organisation.name, User.display_name, Job.state, Job.progress)
        .options(defer(Plan.problem), defer(Plan.solution))
        .join(Incident, Incident.id == Plan.incident_id)
        .join(Organisation, Organisation.id == Plan.organisation_id)
        .outerjoin(User, User.id == Plan.created_by_id)
        .outerjoin(Job, Job.id == Plan.job_id)
    )
    hidden = [event_class for event_class in RESTRICTED_CLASSES if not may_see_class(ctx, event_class)]
    if hidden:
        statement = statement.where(Incident.event_class.not_in(hidden))
    if ctx.principal.is_system:
        return statement
    mine = {grant.organisation_id for grant in ctx.principal.grants}
    below = [Organisation.path.startswith(grant.path, autoescape=True) for grant in ctx.principal.grants]
    part = exists().where(PlanPart.plan_id == Plan.id, PlanPart.owner_id.in_(mine))
    return statement.where(or_(part, *below))


def _found(ctx: Context, reference: str) -> Any:
    wanted = Plan.number == reference
    with suppress(ValueError):
        wanted = or_(wanted, Plan.id == UUID(reference))
    row = ctx.session.execute(unscoped(_heads(ctx).where(wanted), BECAUSE)).one_or_none()
    if row is None:
        raise NotFound("plan", reference=reference)
    return row


def _head(row: Any) -> PlanHead:
    plan_row, incident, body, author, job_state, progress = row
    taken = {"incident_number", "incident_name", "organisation_name", "created_by", "progress", "job_state"}
    own = {name: getattr(plan_row, name) for name in PlanHead.__dataclass_fields__ if name not in taken}
    return PlanHead(
        **own,
        incident_number=incident.number,
        incident_name=incident.name,
        organisation_name=body,
        created_by=author or "",
        progress=progress or {},
        job_state=job_state,
    )


def _coverage(ctx: Context, summary: dict[str, Any]) -> tuple[Coverage, ...]:
    names = {row.rank: row.name for row in ctx.session.scalars(select(NeedClass))}
    return tuple(
        Coverage(class_name=names.get(each["class_rank"], ""), **each)
        for each in sorted(summary.get("classes", []), key=lambda each: each["class_rank"])
    )


@dataclass(frozen=True, slots=True)
class Route:
    """A trip on the map: the points it passes, in order, in millionths of a degree."""

    trip_no: int
    plate: str
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FloorRow:
    """A floor the plan kept to: what has to stay of an owner's goods in a store, and how much lies there."""

    site_code: str
    site_name: str
    sku: str
    item_name: str
    owner_code: str
    owner_name: str
    quantity: int
    available: int


@query(Permission.PLANS_SEE)
def routes(ctx: Context, reference: str) -> list[Route]:
    """The trips of a plan along the roads as they were when it was made."""
    found: Plan = _found(ctx, reference)[0]
    nodes = {node["id"]: (node["lat_e6"], node["lon_e6"]) for node in found.problem["nodes"]}
    edges = {edge["id"]: (edge["start"], edge["end"]) for edge in found.problem["edges"]}
    at = {site["id"]: site["node"] for site in found.problem["sites"]}
    drawn = []
    for trip in trips_of(ctx, found.id):
        here = at[trip.stops[0]["site_code"]]
        points = [nodes[here]] if here in nodes else []
        for road in (road for stop in trip.stops for road in stop["roads"]):
            start, end = edges[road]
            here = end if here == start else start
            points.append(nodes[here])
        drawn.append(Route(trip.trip_no, trip.plate, tuple(points)))
    return drawn


@query(Permission.PLANS_SEE)
def floors(ctx: Context, reference: str) -> list[FloorRow]:
    """The floors of a plan, by store and item."""
    problem = _found(ctx, reference)[0].problem
    names = dict(ctx.session.execute(select(Organisation.code, Organisation.name)).all())
    sites = {site["id"]: site["name"] for site in problem["sites"]}
    items = {item["id"]: item["name"] for item in problem["items"]}
    there: dict[tuple[str, str, str], int] = {}
    for lot in problem["lots"]:
        key = lot["site_id"], lot["item_id"], lot["owner_id"]
        there[key] = there.get(key, 0) + lot["quantity"]
    return [
        FloorRow(
            floor["site_id"],
            sites[floor["site_id"]],
            floor["item_id"],
            items[floor["item_id"]],
            floor["owner_id"],
            names.get(floor["owner_id"], ""),
            floor["quantity"],
            there.get((floor["site_id"], floor["item_id"], floor["owner_id"]), 0),
        )
        for floor in problem["floors"]
    ]
