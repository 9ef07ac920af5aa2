"""Making plans, and deciding on their parts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from optimizer.codec import problem_hash, to_json
from optimizer.solution import Solution, Verdict
from supplyops.catalogue.tables import Item
from supplyops.incidents.commands import lock_open
from supplyops.jobs import commands as jobs
from supplyops.jobs.rules import OPEN_STATES, JobState
from supplyops.jobs.tables import Job
from supplyops.kernel import codec
from supplyops.kernel.access import Permission
from supplyops.kernel.canonical import plain
from supplyops.kernel.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound, WrongState
from supplyops.papers.commands import next_in_series
from supplyops.people.tables import Organisation
from supplyops.places.tables import Site
from supplyops.planning.drafting import become_draft
from supplyops.planning.floors import floors_of
from supplyops.planning.nearness import near
from supplyops.planning.refusals import refused_since
from supplyops.planning.rules import (
    JOB_KIND,
    SERIES,
    FloorReleaseInput,
    Lock,
    PartState,
    PlanOptions,
    PlanState,
)
from supplyops.planning.saving import booked, booked_verdict
from supplyops.planning.snapshot import KeptLocks, take_snapshot
from supplyops.planning.tables import FloorRelease, Plan, PlanPart, PlanTrip
from supplyops.runtime import Context, command, unscoped


@command(Permission.PLANS_MAKE)
def start_plan(ctx: Context, incident_id: UUID, options: PlanOptions) -> UUID:
    """Read the books once, write the problem down, queue the work. Returns the plan's id.

    Raises Conflict `plan_running` while another plan for the incident is being solved, `no_lines_to_plan` when nothing is
    outstanding; InvalidInput for locks that cannot be kept; WrongState to stay near a plan that came to no result.
    """
    incident = lock_open(ctx, incident_id)
    ctx.require(Permission.PLANS_MAKE, incident.organisation_id)
    _refuse_second(ctx, incident_id)
    older = _older_locks(ctx, incident_id, options)
    number = next_in_series(ctx, SERIES, incident.area_code)
    refused = refused_since(ctx, options.based_on) if options.without_refused else {}
    snapshot = take_snapshot(ctx, incident, number, KeptLocks(options.locks, older), refused)
    close = (
        near(ctx, options.based_on, snapshot.problem, snapshot.starts_at) if options.near and options.based_on else None
    )
    problem, calm = (close.problem, close.options) if close else (snapshot.problem, {})
    plan_id = ctx.new_id()
    kept = plain(codec.to_json(list(snapshot.locks)))
    plan = Plan(
        id=plan_id,
        number=number,
        incident_id=incident.id,
        organisation_id=snapshot.organisation_id,
        state=PlanState.SOLVING,
        job_id=jobs.enqueue(ctx, JOB_KIND, {"plan_id": plan_id}, key=f"{JOB_KIND}:{plan_id}"),
        options={
            **plain(codec.to_json(options)),
            **calm,
            "locks": kept,
            "let_go": len(older) + len(options.locks) - len(kept),
        },
        problem=to_json(problem),
        problem_hash=problem_hash(problem),
        heads=snapshot.heads,
        starts_at=snapshot.starts_at,
        solution={},
        verdict={},
        summary={"aside": snapshot.aside},
        error={},
        created_at=ctx.now,
        created_by_id=ctx.principal.user_id,
        solved_at=None,
    )
    ctx.session.add(plan)
    ctx.about("plan", plan.id, plan.number, incident=incident.number)
    return plan.id


def _refuse_second(ctx: Context, incident_id: UUID) -> None:
    """One plan at a time; one whose worker is lost does not stand in the way."""
    rows = ctx.session.execute(
        unscoped(
            select(Plan, Job.state)
            .outerjoin(Job, Job.id == Plan.job_id)
            .where(Plan.incident_id == incident_id, Plan.state == PlanState.SOLVING),
            "whoever plans for the incident",
        )
    )
    for plan, job_state in rows:
        if job_state in OPEN_STATES:
            raise Conflict("plan_running", number=plan.number)
        plan.state = PlanState.CANCELLED if job_state is JobState.CANCELLED else PlanState.FAILED
        plan.error = {"code": "worker_lost", "params": {}}


def _older_locks(ctx: Context, incident_id: UUID, options: PlanOptions) -> tuple[Lock, ...]:
    if options.based_on is None:
        return ()
    older = ctx.get(Plan, options.based_on)
    if older.incident_id != incident_id:
        raise NotFound("plan")
    if not options.keep_locks:
        return ()
    given = {(lock.source, lock.request_line_id) for lock in options.locks}
    kept = codec.from_json(tuple[Lock, ...], older.options.get("locks", []))
    return tuple(lock for lock in kept if (lock.source, lock.request_line_id) not in given)


@command(Permission.PLANS_MAKE)
def cancel_plan(ctx: Context, plan_id: UUID) -> None:
    """Stop solving. The plan is cancelled at once; whoever solves it hears of it within a second and may save nothing."""
    plan = ctx.get(Plan, plan_id, lock=True)
    ctx.require(Permission.PLANS_MAKE, plan.organisation_id)
    if plan.state is not PlanState.SOLVING:
        raise WrongState("plan", plan.state.value, PlanState.SOLVING.value)
    if plan.job_id is not None:
        jobs.cancel(ctx, plan.job_id)
    plan.state = PlanState.CANCELLED
    ctx.about("plan", plan.id, plan.number)


@command(Permission.INTERNAL)
def save_solution(
    ctx: Context,
    plan_id: UUID,
    job_id: UUID,
    attempt: int,
    solution: Solution,
    verdict: Verdict,
    broken: dict[str, Any] | None = None,
    calm: dict[str, Any] | None = None,
) -> bool:
    """Write down what a solve found. False, and nothing changes, when the job is not this attempt's any more.

    What the checker refuses becomes a failed plan without lines, so that nobody can approve it; a good one a draft, and the
    incident's older drafts are superseded. `broken` says why the solve ended before its time, where this is the best it had.
    `calm` has the figures of a plan made near an older one beside those of others.
    """
    plan = _solving(ctx, plan_id, job_id, attempt)
    if plan is None:
        return False
    plan.solution, plan.verdict, plan.solved_at = booked(solution), booked_verdict(verdict), ctx.now
    ctx.about("plan", plan.id, plan.number)
    if not verdict.is_feasible:
        plan.state, plan.error = PlanState.FAILED, _checker(verdict)
        return True
    become_draft(ctx, plan, solution, verdict)
    if calm:
        plan.summary = {**plan.summary, "calm": plain(calm)}
    plan.error = plain(broken or {})
    return True


def _checker(verdict: Verdict) -> dict[str, Any]:
    return {"code": "checker", "params": {"violations": len(verdict.violations)}}


@command(Permission.INTERNAL)
def fail_plan(ctx: Context, plan_id: UUID, job_id: UUID, attempt: int, error: dict[str, Any]) -> bool:
    """Note why no plan came out. False, and nothing changes, when the job is not this attempt's any more."""
    plan = _solving(ctx, plan_id, job_id, attempt)
    if plan is None:
        return False
    plan.state, plan.error, plan.solved_at = PlanState.FAILED, plain(error), ctx.now
    ctx.about("plan", plan.id, plan.number, code=error["code"])
    return True


def _solving(ctx: Context, plan_id: UUID, job_id: UUID, attempt: int) -> Plan | None:
    """The plan, locked, if this attempt may still write to it."""
    plan = ctx.get(Plan, plan_id, lock=True)
    mine = jobs.still_mine(ctx, job_id, attempt)
    return plan if mine and plan.state is PlanState.SOLVING and plan.job_id == job_id else None


@command(Permission.INTERNAL)
def decide_part(ctx: Context, part_id: UUID, state: PartState, note: str) -> None:
    """Note what an owner said; when every owner has spoken the plan is decided."""
    part = ctx.session.get(PlanPart, part_id)
    assert part is not None
    part.state, part.decided_at, part.decided_by_id, part.note = state, ctx.now, ctx.principal.user_id, note
    ctx.session.flush()  # the query below counts this one
    waiting = select(PlanPart.id).where(PlanPart.plan_id == part.plan_id, PlanPart.state == PartState.PROPOSED).limit(1)
    plan = ctx.session.get(Plan, part.plan_id, execution_options={"unscoped": True})
    assert plan is not None
    if ctx.session.scalar(waiting) is None:
        plan.state = PlanState.DECIDED


@command(Permission.INTERNAL)
def end_trip(ctx: Context, plan_id: UUID, trip_no: int) -> None:
    """Dispatch says that a trip is over, or will not take place: its vehicle is free for the next plan."""
    trip = ctx.session.scalars(
        select(PlanTrip).where(PlanTrip.plan_id == plan_id, PlanTrip.trip_no == trip_no)
    ).one_or_none()
    if trip is not None and trip.ended_at is None:
        trip.ended_at = ctx.now


@command(Permission.PLANS_APPROVE)
def release_floor(ctx: Context, release: FloorReleaseInput) -> int:
    """Let plans for an incident use stock below a floor, by order of the owner's own approver. Returns the entry's sequence.

    Raises InvalidInput where there is no floor, or for more than the floor still keeps back. Entries are never taken back:
    what was released and not used is free for this incident only.
    """
    incident = lock_open(ctx, release.incident_id)
    owner = ctx.session.scalars(select(Organisation).where(Organisation.code == release.owner_code)).one_or_none()
    item = ctx.session.scalars(select(Item).where(Item.sku == release.sku)).one_or_none()
    site = ctx.session.scalars(
        unscoped(
            select(Site).where(Site.code == release.site_code), "the owner's goods may lie in another body's store"
        )
    ).one_or_none()
    for name, found in (("owner_code", owner), ("sku", item), ("site_code", site)):
        if found is None:
            raise InvalidInput(fields=(FieldError(name, "unknown_reference", {"value": getattr(release, name)[:40]}),))
    assert owner is not None
    assert item is not None
    assert site is not None
    if not ctx.principal.decides_for(Permission.PLANS_APPROVE, owner.id):
        raise Forbidden("not_owner")
    floors = floors_of(ctx, incident.id, owner.id, [(site.id, item.id)])
    left = floors[0].quantity if floors else 0
    if release.quantity > left:
        raise InvalidInput(
            fields=(FieldError("quantity", "above_floor", {"value": release.quantity, "maximum": left}),)
        )
    row = FloorRelease(
        incident_id=incident.id,
        site_id=site.id,
        item_id=item.id,
        owner_id=owner.id,
        quantity=release.quantity,
        basis=release.basis,
        ordered_at=ctx.now,
        ordered_by_id=ctx.user_id(),
    )
    ctx.session.add(row)
    ctx.session.flush()  # the database numbers it
    ctx.about("incident", incident.id, incident.number, owner=owner.code, sku=item.sku, quantity=release.quantity)
    return row.seq
